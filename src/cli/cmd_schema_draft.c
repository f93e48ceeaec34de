// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/report.h"
#include "codec/csv.h"
#include "table/schema.h"

static const struct sil_cli_option LOOK[] = {
    {.name = "look",
     .kind = SIL_CLI_FLAG,
     .member = offsetof(struct sil_cli_args, look),
     .help =
         "Read the rows as well and guess domains from them. What is guessed is not "
         "private: it is marked \"origin\": \"looked\" for ever, and every claim "
         "lists it"},
};

static const struct sil_cli_group INPUT = SIL_CLI_GROUP("Input:", LOOK);

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    size_t n_doubtful;
    const struct sil_csv_options options = {.delimiter = args->delimiter};
    const struct sil_cli_place input = {"CSV", args->operand};
    const struct sil_cli_place output = {"--out", args->out};

    SIL_TRY(sil_cli_places_differ(&input, 1, &output, 1, err));
    if (args->look) {
        sil_cli_report_warning(
            "--look reads the rows: the domains it guesses say something about real "
            "people, outside any privacy guarantee. Replace each guess by what is public "
            "knowledge (a codebook, a form); what stays is marked \"looked\" and listed "
            "in every claim");
    }
    SIL_TRY(
        sil_schema_draft(&text, &n_doubtful, args->operand, &options, args->look, err));
    if (n_doubtful > 0) {
        sil_cli_report_warning(
            "some names of columns are numbers, dates, empty or repeated: does the file "
            "have a header? Without one a row of the table stands in the draft, where "
            "the names belong, and the names of a schema become public");
    }
    SIL_TRY(args->look || n_doubtful > 0
                ? sil_cli_write_internal(args->out, (char *)text.data, text.length, err)
                : sil_cli_write_text(args->out, (char *)text.data, text.length, err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

const struct sil_cli_command SIL_CLI_SCHEMA_DRAFT = {
    .name = "schema draft",
    .summary = "write a schema to edit, from the header of a table",
    .about = "Write a schema to edit from the header of a CSV file alone. The rows are "
             "not read unless --look says so.",
    .examples = "  silhouette schema draft patients.csv --out patients.json",
    .operand = "CSV",
    .groups = {&INPUT, &SIL_CLI_OPTIONS_DELIMITER, &SIL_CLI_OPTIONS_TEXT_OUT},
    .run = run,
};
