// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/summary.h"

static const struct sil_cli_option IN[] = {
    {.name = "model",
     .letter = 'm',
     .argument = "MODEL",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, model),
     .help = "A model that fit or synth has kept; - reads the standard input"},
};

static const struct sil_cli_option OUT[] = {
    {.name = "out",
     .letter = 'o',
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, out),
     .help = "Where the synthetic rows go; - writes the standard output"},
};

static const struct sil_cli_group INPUT = SIL_CLI_GROUP("Input:", IN);
static const struct sil_cli_group OUTPUT = SIL_CLI_GROUP("Output:", OUT);

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;
    const struct sil_cli_place input = {"--model", args->model};
    const struct sil_cli_place output = {"--out", args->out};

    SIL_TRY(sil_cli_places_differ(&input, 1, &output, 1, err));
    SIL_TRY(sil_cli_place_try(args->out, err));
    unsigned n_threads = (unsigned)args->threads.value;
    SIL_TRY(sil_cli_try_threads(n_threads, err));
    SIL_TRY(sil_model_read(&model, args->model, n_threads, err));
    struct sil_sample_report report;
    SIL_TRY(sil_cli_draw(model, args, &report, err));
    struct sil_cli_done done = {
        .model = model,
        .n_rows = report.n_rows,
        .drawn = report,
        .order = {args->where, args->rebalance.item, args->rebalance.n, args->fair,
                  report.probability, report.fair_moved},
        .rows_path = args->out,
        .model_path = args->model,
    };
    sil_cli_summarise_sample(&done, args->quiet);

cleanup:
    sil_model_free(model);
    return status;
}

const struct sil_cli_command SIL_CLI_SAMPLE = {
    .name = "sample",
    .summary = "draw synthetic rows from a model",
    .about =
        "Draw rows from a model. It costs no privacy: the rows follow from the model and "
        "the seed alone, the same bytes on every machine. Rows made to order follow the "
        "model given a condition, or with other shares of a column; they stand for no "
        "population.",
    .examples =
        "  silhouette sample --model patients.model --out synthetic.csv\n"
        "  silhouette sample --model patients.model --rows 1000 --seed 7 --out -\n"
        "  silhouette sample --model patients.model --out old.csv \\\n"
        "    --where \"age >= 65 AND sex = 'female'\"",
    .required = {"model",  "out"                     },
    .groups = { &INPUT, &SIL_CLI_OPTIONS_ROWS, &SIL_CLI_OPTIONS_THREADS,
                 &SIL_CLI_OPTIONS_MADE, &OUTPUT, &SIL_CLI_OPTIONS_DELIMITER},
    .run = run,
};
