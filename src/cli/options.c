// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include "silhouette/model.h"

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_choice MECHANISMS[] = {
    {"mosaic",      SIL_MOSAIC     },
    {"aim",         SIL_AIM        },
    {"mst",         SIL_MST        },
    {"independent", SIL_INDEPENDENT},
    {NULL,          0              },
};

/* One above the enumeration: 0 means "not given". */
static const struct sil_cli_choice NEIGHBOURS[] = {
    {"add-remove",  SIL_ADD_REMOVE + 1 },
    {"replace-one", SIL_REPLACE_ONE + 1},
    {NULL,          0                  },
};

static const struct sil_cli_option COMMON[] = {
    {.name = "help",
     .letter = 'h',
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(help),
     .help = "Print this help and exit"},
    {.name = "version",
     .letter = 'V',
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(version),
     .help = "Print the version and exit"},
    {.name = "quiet",
     .letter = 'q',
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(quiet),
     .help = "No progress and no summary; warnings and errors stay"},
    {.name = "json",
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(json),
     .help = "Results, summaries, warnings and errors as JSON"},
};

static const struct sil_cli_option TABLE[] = {
    {.name = "data",
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(data),
     .help = "The sensitive table; - reads the standard input"},
    {.name = "schema",
     .argument = "JSON",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(schema),
     .help = "The public schema; - reads the standard input"  },
};

static const struct sil_cli_option CSV[] = {
    {.name = "delimiter",
     .argument = "CHAR",
     .kind = SIL_CLI_CHARACTER,
     .member = MEMBER(delimiter),
     .help = "What separates the fields of CSV files: one character, or the word tab "
             "(default: a comma)"},
    {.name = "ignore-extra-columns",
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(ignore_extra_columns),
     .help = "Skip the columns of the table that the schema does not name"},
};

#define EPSILON                                                                     \
    {                                                                               \
        .name = "epsilon", .argument = "E", .kind = SIL_CLI_DECIMAL,                \
        .member = MEMBER(epsilon),                                                  \
        .help =                                                                     \
            "The privacy budget, a decimal above 0 and at most 10000; 1 is usual, " \
            "less protects more"                                                    \
    }

#define DELTA(more)                                                                    \
    {                                                                                  \
        .name = "delta", .argument = "D", .kind = SIL_CLI_DECIMAL,                     \
        .member = MEMBER(delta),                                                       \
        .help = "The part of the guarantee that may fail, a decimal between 0 and 1, " \
                "well below one over the number of rows, such as 1e-9" more            \
    }

#define DISCOVERY                                                              \
    {                                                                          \
        .name = "discovery-delta", .argument = "D2", .kind = SIL_CLI_DECIMAL,  \
        .member = MEMBER(ledger.discovery_delta),                              \
        .help = "The part of the delta for finding the values of open fields " \
                "(default: a tenth of it, where the schema has an open field)" \
    }

#define ALIKE                                                                         \
    {                                                                                 \
        .name = "neighbours", .argument = "WORD", .kind = SIL_CLI_CHOICE,             \
        .member = MEMBER(neighbours), .choices = NEIGHBOURS,                          \
        .help = "Which tables must look alike: add-remove (default) or replace-one, " \
                "which makes the number of rows (of people) public"                   \
    }

#define WHOSE(more)                                                                   \
    {                                                                                 \
        .name = "unit", .argument = "UNIT", .kind = SIL_CLI_TEXT,                     \
        .member = MEMBER(ledger.unit),                                                \
        .help = "Whose privacy: row, or id:COLUMN:K, a person: all rows with the "    \
                "same text in COLUMN, a column that the schema leaves out, of which " \
                "K count (default: row" more ")"                                      \
    }

#define MISSING_IDS                                                         \
    {                                                                       \
        .name = "drop-missing-ids", .kind = SIL_CLI_FLAG,                   \
        .member = MEMBER(drop_missing_ids),                                 \
        .help = "Leave out rows without a person's id (default: each is a " \
                "person of its own)"                                        \
    }

static const struct sil_cli_option BUDGET[] = {
    EPSILON,
    DELTA(" (default with a ledger: the ledger's; a larger one spends more)"),
    DISCOVERY,
    ALIKE,
    WHOSE("; with a ledger: the ledger's"),
    MISSING_IDS,
};

static const struct sil_cli_option PLANNED[] = {EPSILON, DELTA(""), DISCOVERY, ALIKE,
                                                WHOSE("")};

static const struct sil_cli_option LEDGER[] = {
    {.name = "no-ledger",
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(no_ledger),
     .help = "Spend the budget without recording it; the model is stamped UNLEDGERED"},
};

static const struct sil_cli_option MECHANISM[] = {
    {.name = "mechanism",
     .argument = "WORD",
     .kind = SIL_CLI_CHOICE,
     .member = MEMBER(mechanism),
     .choices = MECHANISMS,
     .help = "How marginals are chosen: mosaic (default), aim, mst or independent"                        },
    { .name = "workload",
     .argument = "K|FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(workload),
     .help = "What should come out well: all K-way marginals, K from 1 to 8 (default: "
             "3), or a file of weighted marginals"                               },
    {                                                                                         .name = "max-cells",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(max_cells),
     .least = 1,
     .most = UINT32_MAX,
     .help = "Marginals of more than N cells leave the workload (default: 10000)"},
    {                                                                                         .name = "max-model-mb",
     .argument = "M",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(max_model_mb),
     .least = 1,
     .most = 1U << 20,
     .help = "The most memory that the tables of the model may take, in units of 2^20 "
             "bytes (default: 80; mosaic: 4, or 16 for 17 to 40 columns; the rest is "
             "in its rows)"},
};

static const struct sil_cli_option ROWS[] = {
    {.name = "rows",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(rows),
     .least = 1,
     .most = UINT32_MAX,
     .help = "How many rows to write (default: the private estimate)"             },
    {.name = "seed",
     .argument = "S",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(seed),
     .least = 0,
     .most = UINT64_MAX,
     .help = "Seed of the rows, never of the noise (default: from the transcript)"},
};

static const struct sil_cli_option MADE[] = {
    {.name = "where",
     .argument = "CONDITION",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(where),
     .help = "Only rows that meet a condition, such as \"age >= 65 AND sex = 'F'\"; "
             "--rows defaults to as many as the model has of them"      },
    {.name = "rebalance",
     .argument = "SHARES",
     .kind = SIL_CLI_TEXTS,
     .member = MEMBER(rebalance),
     .help = "Give the values of a column these shares of the rows: "
             "COLUMN=VALUE:SHARE,...; for several columns give it again"},
    {.name = "fair",
     .argument = "COLUMNS",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(fair),
     .help =
         "Make an outcome independent of a group: OUTCOME|GROUP, or given admissible "
         "columns: OUTCOME|GROUP:COLUMN,..."                            },
};

static const struct sil_cli_option THREADS[] = {
    {.name = "threads",
     .argument = "T",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(threads),
     .least = 1,
     .most = 1024,
     .help = "Threads to use (default: all); the result does not depend on it"},
};

static const struct sil_cli_option TEXT_OUT[] = {
    {.name = "out",
     .letter = 'o',
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(out),
     .help = "Where to write (default: the standard output)"},
};

const struct sil_cli_group SIL_CLI_COMMON = SIL_CLI_GROUP("Everywhere:", COMMON);
const struct sil_cli_group SIL_CLI_OPTIONS_TABLE = SIL_CLI_GROUP("Input:", TABLE);
const struct sil_cli_group SIL_CLI_OPTIONS_DATA = {"Input:", &TABLE[0], 1};
const struct sil_cli_group SIL_CLI_OPTIONS_SCHEMA = {"Input:", &TABLE[1], 1};
const struct sil_cli_group SIL_CLI_OPTIONS_CSV = SIL_CLI_GROUP(NULL, CSV);
const struct sil_cli_group SIL_CLI_OPTIONS_DELIMITER = {NULL, &CSV[0], 1};
const struct sil_cli_group SIL_CLI_OPTIONS_BUDGET = SIL_CLI_GROUP("Privacy:", BUDGET);
const struct sil_cli_group SIL_CLI_OPTIONS_PLANNED = SIL_CLI_GROUP("Privacy:", PLANNED);
const struct sil_cli_group SIL_CLI_OPTIONS_LEDGER = SIL_CLI_GROUP(NULL, LEDGER);
const struct sil_cli_group SIL_CLI_OPTIONS_MECHANISM =
    SIL_CLI_GROUP("Model:", MECHANISM);
const struct sil_cli_group SIL_CLI_OPTIONS_ROWS = SIL_CLI_GROUP("Rows:", ROWS);
const struct sil_cli_group SIL_CLI_OPTIONS_MADE =
    SIL_CLI_GROUP("Rows made to order:", MADE);
const struct sil_cli_group SIL_CLI_OPTIONS_THREADS = SIL_CLI_GROUP(NULL, THREADS);
const struct sil_cli_group SIL_CLI_OPTIONS_TEXT_OUT =
    SIL_CLI_GROUP("Output:", TEXT_OUT);
