// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/run.h"
#include "cli/summary.h"

static const struct sil_cli_option OUT[] = {
    {.name = "out",
     .letter = 'o',
     .argument = "MODEL",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, out),
     .help = "Where the model goes, readable by its owner only; - writes the standard "
             "output"},
};

static const struct sil_cli_group OUTPUT = SIL_CLI_GROUP("Output:", OUT);

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;

    SIL_TRY(sil_cli_fit(&model, args, NULL, args->out, err));
    status = sil_model_write(model, args->out, err);
    SIL_TRY(status == SIL_OK ? SIL_OK
                             : sil_cli_spent(status, " and nothing was kept", err));
    struct sil_cli_done done = {.model = model, .model_path = args->out};
    SIL_TRY(sil_cli_summarise(&done, args->quiet, err));

cleanup:
    sil_model_free(model);
    return status;
}

const struct sil_cli_command SIL_CLI_FIT = {
    .name = "fit",
    .summary = "measure a table and keep the model",
    .about =
        "Do what synth does up to the model, and keep the model in a file. Rows are "
        "drawn from it with `silhouette sample', as often as you like, at no "
        "further cost in privacy.",
    .examples = "  silhouette fit --data patients.csv --schema patients.json \\\n"
                "    --epsilon 1 --delta 1e-9 --out patients.model\n"
                "  silhouette inspect patients.model",
    .required = {"data",                    "schema", "epsilon",       "out"  },
    .groups = { &SIL_CLI_OPTIONS_TABLE, &SIL_CLI_OPTIONS_CSV, &SIL_CLI_OPTIONS_BUDGET,
                 &SIL_CLI_OPTIONS_SPEND, &SIL_CLI_OPTIONS_LEDGER,
                 &SIL_CLI_OPTIONS_STATE_ALONE, &SIL_CLI_OPTIONS_SIGNERS,
                 &SIL_CLI_OPTIONS_MECHANISM, &SIL_CLI_OPTIONS_THREADS, &OUTPUT},
    .run = run,
};
