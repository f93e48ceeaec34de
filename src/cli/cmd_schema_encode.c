// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "table/table.h"

static const struct sil_cli_option OUT[] = {
    {.name = "out",
     .letter = 'o',
     .argument = "CODES.csv",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, out),
     .help = "Where the codes go, readable by their owner only"},
    {.name = "domain",
     .argument = "DOMAIN.json",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, domain),
     .help = "Where the number of codes of each column goes"},
};

static const struct sil_cli_group OUTPUT = SIL_CLI_GROUP("Output:", OUT);

static sil_status check_places(const struct sil_cli_args *args, struct sil_error *err)
{
    const struct sil_cli_place inputs[] = {
        {"SCHEMA", args->operand},
        {"--data", args->data   }
    };
    const struct sil_cli_place outputs[] = {
        {"--out",    args->out   },
        {"--domain", args->domain}
    };
    return sil_cli_places_differ(inputs, 2, outputs, 2, err);
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_schema *schema = NULL;
    struct sil_table *table = NULL;
    struct sil_output *codes = NULL;
    struct sil_output *domain = NULL;
    const struct sil_csv_options options = {.delimiter = args->delimiter,
                                            .ignore_extra_columns =
                                                args->ignore_extra_columns};
    struct sil_progress progress = sil_cli_progress(args->quiet);

    SIL_TRY(check_places(args, err));
    SIL_TRY(sil_output_open(&codes, args->out, 0600, err));
    SIL_TRY(sil_output_open(&domain, args->domain, 0644, err));
    SIL_TRY(sil_schema_read(&schema, args->operand, err));
    sil_cli_report_warning(
        "the codes are the raw rows in other words: they are internal, "
        "no privacy guarantee covers them, and they must not leave");
    SIL_TRY(sil_table_read(&table, args->data, schema, NULL, &options, &progress, err));
    SIL_TRY(sil_table_write_codes(codes, domain, table, schema, err));

    /* A commit frees its handle, whatever comes of it. */
    struct sil_output *ready = domain;
    domain = NULL;
    SIL_TRY(sil_output_commit(ready, err));
    ready = codes;
    codes = NULL;
    SIL_TRY(sil_output_commit(ready, err));

cleanup:
    sil_output_abandon(domain);
    sil_output_abandon(codes);
    sil_table_free(table);
    sil_schema_free(schema);
    return status;
}

const struct sil_cli_command SIL_CLI_SCHEMA_ENCODE = {
    .name = "schema encode",
    .summary = "integer codes of a table, for yardsticks (internal: raw rows)",
    .about = "Write a table as integer codes under the public bins of its schema, and "
             "the number of codes of each column, for programs that measure how good "
             "synthetic rows are. INTERNAL: it reads raw rows, and its output is those "
             "rows in other words.",
    .examples = "  silhouette schema encode patients.json --data patients.csv \\\n"
                "    --out internal/codes.csv --domain internal/domain.json",
    .operand = "SCHEMA",
    .required = {"data",                "out",                "domain"},
    .groups = {&SIL_CLI_OPTIONS_DATA, &SIL_CLI_OPTIONS_CSV, &OUTPUT },
    .run = run,
};
