// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/report.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

static const struct sil_cli_option QUESTION[] = {
    {.name = "rows-guess",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = offsetof(struct sil_cli_args, rows_guess),
     .least = 1,
     .most = UINT32_MAX,
     .help = "Your own guess of the number of rows, to state errors as shares of them"},
    {.name = "target-error",
     .argument = "X",
     .kind = SIL_CLI_DECIMAL,
     .member = offsetof(struct sil_cli_args,                        target_error),
     .help = "Instead of an epsilon: the noise error to reach, a decimal above 0; the "
             "plan then says which epsilon that takes"},
};

static const struct sil_cli_group QUESTIONS = SIL_CLI_GROUP("Question:", QUESTION);

static sil_status check_question(const struct sil_cli_args *args, struct sil_error *err)
{
    if (args->epsilon == NULL && args->target_error == NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "give --epsilon=E to learn its error, or --target-error=X to "
                        "learn its epsilon");
    }
    if (args->epsilon != NULL && args->target_error != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--epsilon and --target-error exclude each other: one follows "
                        "from the other");
    }
    return SIL_OK;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_schema *schema = NULL;
    char *text = NULL;
    const struct sil_cli_place input = {"--schema", args->schema};
    const struct sil_cli_place output = {"--out", args->out};
    struct sil_plan_options options = sil_plan_defaults();
    options.fit = sil_cli_fit_options(args);
    options.rows_guess = args->rows_guess.value;
    options.target_error = args->target_error;
    options.as_json = args->json;

    SIL_TRY(check_question(args, err));
    SIL_TRY(sil_cli_places_differ(&input, 1, &output, 1, err));
    SIL_TRY(sil_schema_read(&schema, args->schema, err));
    SIL_TRY(sil_plan(&text, schema, &options, err));
    SIL_TRY(args->json ? sil_cli_write_text(args->out, text, strlen(text), err)
                       : sil_cli_write_folded(args->out, text, err));

cleanup:
    free(text);
    sil_schema_free(schema);
    return status;
}

const struct sil_cli_command SIL_CLI_PLAN = {
    .name = "plan",
    .summary = "what a budget buys, before any data is read",
    .about = "Say what a budget buys for a schema: the noise on each kind of marginal, "
             "memory, time; or which epsilon a noise error takes. No data is read and "
             "nothing is spent. The error of the model itself is not predicted.",
    .examples =
        "  silhouette plan --schema patients.json --epsilon 1 --delta 1e-9\n"
        "  silhouette plan --schema patients.json --target-error 0.05 --delta 1e-9 \\\n"
        "    --rows-guess 50000",
    .required = {"schema",                  "delta"},
    .groups = { &SIL_CLI_OPTIONS_SCHEMA, &SIL_CLI_OPTIONS_PLANNED, &QUESTIONS,
                 &SIL_CLI_OPTIONS_MECHANISM, &SIL_CLI_OPTIONS_THREADS,
                 &SIL_CLI_OPTIONS_TEXT_OUT},
    .run = run,
};
