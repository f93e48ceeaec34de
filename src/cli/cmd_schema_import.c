// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/report.h"
#include "table/schema.h"

enum { DOMAIN_BYTES_MAX = 1 << 26 };

static const struct sil_cli_option FORMATS[] = {
    {.name = "mbi",
     .argument = "JSON",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args, mbi),
     .help = "A domain.json: an object of names and numbers of values; - reads the "
             "standard input"},
};

static const struct sil_cli_group INPUT = SIL_CLI_GROUP("Input:", FORMATS);

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes json = {0};
    struct sil_bytes text = {0};
    const struct sil_cli_place input = {"--mbi", args->mbi};
    const struct sil_cli_place output = {"--out", args->out};

    SIL_TRY(sil_cli_places_differ(&input, 1, &output, 1, err));
    SIL_TRY(sil_file_read(&json, args->mbi, DOMAIN_BYTES_MAX, err));
    SIL_TRY(sil_schema_import_mbi(&text, (const char *)json.data, json.length, err));
    SIL_TRY(sil_cli_write_text(args->out, (char *)text.data, text.length, err));

cleanup:
    sil_bytes_clear(&text);
    sil_bytes_clear(&json);
    return status;
}

const struct sil_cli_command SIL_CLI_SCHEMA_IMPORT = {
    .name = "schema import",
    .summary = "turn the domain file of another tool into a schema",
    .about = "Turn the domain file of another tool into a schema to edit.",
    .examples = "  silhouette schema import --mbi domain.json --out table.json",
    .required = {"mbi"                     },
    .groups = { &INPUT, &SIL_CLI_OPTIONS_TEXT_OUT},
    .run = run,
};
