// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/terminal.h"

#include "silhouette/simulate.h"

enum { SPEC_BYTES_MAX = 1 << 26 };

static const struct sil_cli_option WHAT[] = {
    {.name = "rows",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = offsetof(struct sil_cli_args, rows),
     .least = 1,
     .most = UINT32_MAX,
     .help = "How many rows to write"},
    {.name = "seed",
     .argument = "S",
     .kind = SIL_CLI_COUNT,
     .member = offsetof(struct sil_cli_args,                  seed),
     .least = 0,
     .most = UINT64_MAX,
     .help = "Another seed makes another population (default: 0)"},
    {.name = "out",
     .letter = 'o',
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = offsetof(struct sil_cli_args,                             out),
     .help = "Where the rows go; - writes the standard output"},
};

static const struct sil_cli_group ROWS = SIL_CLI_GROUP("Rows:", WHAT);

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes spec = {0};
    const struct sil_cli_place input = {"SPEC.json", args->operand};
    const struct sil_cli_place output = {"--out", args->out};
    struct sil_progress progress = sil_cli_progress(args->quiet);

    SIL_TRY(sil_cli_places_differ(&input, 1, &output, 1, err));
    SIL_TRY(sil_cli_place_try(args->out, err));
    SIL_TRY(sil_file_read(&spec, args->operand, SPEC_BYTES_MAX, err));
    SIL_TRY(sil_simulate((const char *)spec.data, spec.length, args->rows.value,
                         args->seed.value, args->out, &progress, err));

cleanup:
    sil_bytes_clear(&spec);
    return status;
}

const struct sil_cli_command SIL_CLI_SIMULATE = {
    .name = "simulate",
    .summary = "make up a population from a specification, without data",
    .about =
        "Draw a made-up table from declared distributions, dependencies and rules: "
        "no data is read and no privacy is spent. The rows follow from the "
        "specification, their number and the seed.",
    .examples =
        "  silhouette simulate hospital.sim.json --rows 10000 --out patients.csv",
    .operand = "SPEC.json",
    .required = {"rows", "out"},
    .groups = {&ROWS     },
    .run = run,
};
