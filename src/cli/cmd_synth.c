// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/run.h"
#include "cli/summary.h"

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

static sil_status keep(const struct sil_model *model, const char *path,
                       struct sil_error *err)
{
    return path == NULL ? SIL_OK : sil_model_write(model, path, err);
}

/* The model goes first: should the rows fail, what the budget bought is not lost. */
static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;

    SIL_TRY(sil_cli_fit(&model, args, args->out, args->model_out, err));
    SIL_TRY(keep(model, args->model_out, err));
    SIL_TRY(sil_cli_draw(model, args, err));
    struct sil_cli_done done = {
        .model = model,
        .n_rows = args->rows.given ? args->rows.value : sil_model_rows(model),
        .rows_path = args->out,
        .model_path = args->model_out,
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
                "    --epsilon 1 --delta 1e-9 --no-ledger --out synthetic.csv",
    .required = {"data",                   "schema", "epsilon",       "delta", "no-ledger", "out"},
    .groups = { &SIL_CLI_OPTIONS_TABLE, &SIL_CLI_OPTIONS_CSV,            &SIL_CLI_OPTIONS_BUDGET,
                 &SIL_CLI_OPTIONS_LEDGER,                                     &SIL_CLI_OPTIONS_MECHANISM,
                 &SIL_CLI_OPTIONS_THREADS,                         &SIL_CLI_OPTIONS_ROWS, &OUTPUT},
    .run = run,
};
