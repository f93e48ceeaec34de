// SPDX-License-Identifier: Apache-2.0
#include "cli/options_ledger.h"

#include "silhouette/claim.h"

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option STATE[] = {
    {.name = "state",
     .argument = "DIR",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.state),
     .help = "Where this machine remembers how far each ledger had come, to notice a "
             "ledger that was set back; best on another disk (default: "
             "$XDG_STATE_HOME/silhouette or ~/.local/state/silhouette)"              },
    {.name = "ledger-id",
     .argument = "LID",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.ledger_id),
     .help = "The id that the ledger must have, 32 hex digits, as its owner told you"},
};

static const struct sil_cli_option SIGNERS[] = {
    {.name = "curator",
     .argument = "KEY",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.curator),
     .help = "The curator's secret key (default: curator.key in DIR.keys)"            },
    {.name = "log",
     .argument = "KEY",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.log),
     .help = "The log's secret key (default: log.key in DIR.keys)"                    },
    {.name = "accept-clock",
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(ledger.accept_clock),
     .help =
         "The clock is right although it is more than a day ahead of the last entry"},
    {.name = "passphrase-file",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.passphrase_file),
     .help = "The passphrase of the keys is the first line of FILE (default: asked for "
             "on the terminal)"},
};

static const struct sil_cli_option BODY[] = {
    {.name = "body",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.body),
     .help = "Write what the authority must approve to FILE; needed unless the "
             "authority's key is in DIR.keys"},
};

static const struct sil_cli_choice NEIGHBOURS[] = {
    {"add-remove",  SIL_ADD_REMOVE + 1 },
    {"replace-one", SIL_REPLACE_ONE + 1},
    {NULL,          0                  },
};

static const struct sil_cli_option CAP[] = {
    {.name = "data-label",
     .argument = "LABEL",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.data_label),
     .help = "What the data owner calls these data; the same label in two ledgers is a "
             "warning sign"                                                           },
    {.name = "cap-epsilon",
     .argument = "E",
     .kind = SIL_CLI_DECIMAL,
     .member = MEMBER(ledger.cap_epsilon),
     .help = "The most that all runs together may ever cost"                          },
    {.name = "cap-delta",
     .argument = "D",
     .kind = SIL_CLI_DECIMAL,
     .member = MEMBER(ledger.cap_delta),
     .help = "The delta of that claim, well below one over the number of rows"        },
    {.name = "discovery-delta",
     .argument = "D2",
     .kind = SIL_CLI_DECIMAL,
     .member = MEMBER(ledger.discovery_delta),
     .help = "The part of the delta kept for learning unknown categories (default: 0)"},
    {.name = "unit",
     .argument = "UNIT",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.unit),
     .help =
         "Whose privacy: row, or id:COLUMN:K, a person: all rows with the same text in "
         "COLUMN, of which K count (default: as its parent says, else row)"           },
    {.name = "neighbours",
     .argument = "WORD",
     .kind = SIL_CLI_CHOICE,
     .member = MEMBER(neighbours),
     .choices = NEIGHBOURS,
     .help = "Which tables must look alike: add-remove (default) or replace-one"},
    {.name = "prefix",
     .argument = "NAME",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.prefix),
     .help =
         "The name in front of the ledger's origin, best a domain name that you own "
         "(default: local)"                                                  },
    {.name = "parent",
     .argument = "DIR",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.parent),
     .help =
         "The ledger that this one succeeds: its last checkpoint is cited, its unit and "
         "neighbours hold here, too, unless others are given"                                                  },
};

static const struct sil_cli_option SPEND[] = {
    {.name = "ledger",
     .argument = "DIR",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.directory),
     .help = "The ledger to spend from (default: CSV.ledger beside the table, opened "
             "with exactly this budget when there is none)"},
    {.name = "grant",
     .argument = "ID",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.grant),
     .help =
         "The grant to spend from, or the first digits of its id (default: the only "
         "one with room)"                                  },
    {.name = "vault",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.vault),
     .help = "The key of the ledger's commitment to the data (default: vault in "
             "DIR.keys)"                                   },
};

static const struct sil_cli_option POLICY[] = {
    {.name = "policy",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.policy),
     .help = "Whose cosignatures you believe, as a tlog-policy file (default: "
             "DIR.keys/policy when it exists)"},
};

const struct sil_cli_group SIL_CLI_OPTIONS_STATE = SIL_CLI_GROUP("Ledger:", STATE);
const struct sil_cli_group SIL_CLI_OPTIONS_STATE_ALONE = {NULL, STATE, 1};
const struct sil_cli_group SIL_CLI_OPTIONS_SIGNERS = SIL_CLI_GROUP("Keys:", SIGNERS);
const struct sil_cli_group SIL_CLI_OPTIONS_WRITERS = {"Keys:", SIGNERS, 3};
const struct sil_cli_group SIL_CLI_OPTIONS_BODY = SIL_CLI_GROUP("Approval:", BODY);
const struct sil_cli_group SIL_CLI_OPTIONS_CAP = SIL_CLI_GROUP("Budget:", CAP);
const struct sil_cli_group SIL_CLI_OPTIONS_SPEND = SIL_CLI_GROUP("Ledger:", SPEND);
const struct sil_cli_group SIL_CLI_OPTIONS_POLICY = SIL_CLI_GROUP("Witnesses:", POLICY);
