// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/run.h"
#include "cli/summary.h"

#include <stdio.h>
#include <string.h>

static const struct sil_cli_option OUT[] = {
    {.name = "out",
     .letter = 'o',
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, out),
     .help = "Where the synthetic rows go; - writes the standard output"},
    {.name = "model-out",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, model_out),
     .help = "Keep the model too, to draw more rows from it without further cost"},
};

static const struct sil_cli_group OUTPUT = SIL_CLI_GROUP("Output:", OUT);

/* What the budget has bought when the rows cannot be written. */
static sil_status rows_failed(sil_status status, const char *kept,
                              struct sil_error *err)
{
    char left[sizeof err->text];
    if (kept == NULL) {
        return sil_cli_spent(status, " and nothing was kept: use --model-out next time",
                             err);
    }
    if (strcmp(kept, "-") == 0) {
        return sil_cli_spent(
            status, "; the model went to the standard output, for silhouette sample",
            err);
    }
    (void)snprintf(left, sizeof left,
                   "; the model is kept in %s: silhouette sample --model %s --out CSV",
                   kept, kept);
    return sil_cli_spent(status, left, err);
}

/* The model goes first: should the rows fail, what the budget bought is not lost. */
static sil_status write_outputs(struct sil_sample_report *drawn,
                                const struct sil_model *model,
                                const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status =
        args->model_out == NULL ? SIL_OK : sil_model_write(model, args->model_out, err);
    if (status != SIL_OK) {
        return sil_cli_spent(status, " and nothing was kept", err);
    }
    status = sil_cli_draw(model, args, drawn, err);
    return status == SIL_OK ? SIL_OK : rows_failed(status, args->model_out, err);
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;
    struct sil_sample_report drawn = {0};

    SIL_TRY(sil_cli_fit(&model, args, args->out, args->model_out, err));
    SIL_TRY(write_outputs(&drawn, model, args, err));
    struct sil_cli_done done = {
        .model = model,
        .n_rows = args->rows.given ? args->rows.value : sil_model_rows(model),
        .rows_path = args->out,
        .model_path = args->model_out,
        .drawn = drawn,
    };
    SIL_TRY(sil_cli_summarise(&done, args->quiet, err));

cleanup:
    sil_model_free(model);
    return status;
}

const struct sil_cli_command SIL_CLI_SYNTH = {
    .name = "synth",
    .summary = "measure a table, infer a model, write synthetic rows",
    .about =
        "Read a sensitive table and its public schema, measure noisy marginals under "
        "an exact privacy budget, infer a model, and write synthetic rows. The whole "
        "table is parsed, and every output tried, before any budget is spent.",
    .examples = "  silhouette synth --data patients.csv --schema patients.json \\\n"
                "    --epsilon 1 --delta 1e-9 --out synthetic.csv",
    .required = {"data",                     "schema",                 "epsilon", "out"},
    .groups = { &SIL_CLI_OPTIONS_TABLE, &SIL_CLI_OPTIONS_CSV, &SIL_CLI_OPTIONS_BUDGET,
                 &SIL_CLI_OPTIONS_SPEND, &SIL_CLI_OPTIONS_LEDGER,
                 &SIL_CLI_OPTIONS_STATE_ALONE, &SIL_CLI_OPTIONS_SIGNERS,
                 &SIL_CLI_OPTIONS_MECHANISM, &SIL_CLI_OPTIONS_THREADS,
                 &SIL_CLI_OPTIONS_ROWS, &OUTPUT},
    .run = run,
};
