// SPDX-License-Identifier: Apache-2.0
/* The table: what each check proves, and how results are entered. */
#include "base/fail.h"
#include "release/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *id;
    const char *proves;
} STEPS[SIL_N_STEPS] = {
    [SIL_STEP_FILES] = {"S1", "the files that belong in a bundle, and no others"       },
    [SIL_STEP_SUMS] = {"S2", "no file differs from its line in SHA256SUMS"            },
    [SIL_STEP_RULES] = {"L1", "the ledger keeps its rules: form, keys, budget"         },
    [SIL_STEP_CHECKPOINT] = {"L2",
                        "the ledger's log has signed for exactly these entries"        },
    [SIL_STEP_EXPORT] = {"L3", "keys and tiles are those of the ledger's entries"       },
    [SIL_STEP_LEDGER_ID] = {"F6", "it is the ledger that you were told of"                 },
    [SIL_STEP_PINNED] = {"W2", "it has grown from the checkpoint that you kept"         },
    [SIL_STEP_ENTRY] = {"R6", "the ledger has an entry of this release"                },
    [SIL_STEP_WITHDRAWN] = {"N1", "no notice in the ledger withdraws the release"          },
    [SIL_STEP_ARTIFACTS] = {"R1", "the files are those that the entry names"               },
    [SIL_STEP_STATEMENT] = {"R2", "the statement is the one that the entry names"          },
    [SIL_STEP_ENVELOPE] = {"R3", "the release key has signed the statement (DSSE)"        },
    [SIL_STEP_SIGNATURES] = {"R4",
                        "the release key has signed for this entry (minisign)"         },
    [SIL_STEP_PROOF] = {"R5", "the proof that the entry is in the ledger holds"        },
    [SIL_STEP_TRANSCRIPT] = {"T1", "the transcript's costs add up to its claim"             },
    [SIL_STEP_RUN] = {"R7", "the ledger bears out the transcript's run, line by line"},
    [SIL_STEP_REPLAY] = {"V1", "data.csv follows from transcript and stated choices"    },
    [SIL_STEP_SCHEMA] = {"C1", "schema.json is the transcript's"                        },
    [SIL_STEP_SHEET_JSON] = {"C2", "datasheet.json says what follows, to the byte"          },
    [SIL_STEP_SHEET_HTML] = {"C3", "datasheet.html says what follows"                       },
    [SIL_STEP_PACKAGE] = {"C4", "datapackage.json says what follows"                     },
    [SIL_STEP_INSTRUCTIONS] = {"C5", "VERIFY.txt says what follows"                           },
    [SIL_STEP_WORDS] = {"C6", "statement.json says what follows, with all its figures" },
};

const char *sil_verify_id(enum sil_verify_step step)
{
    return STEPS[step].id;
}

const char *sil_verify_proves(enum sil_verify_step step)
{
    return STEPS[step].proves;
}

sil_status sil_verify_enter(struct sil_verification *verification,
                            enum sil_verify_step step, enum sil_verify_result result,
                            const char *detail, struct sil_error *err)
{
    struct sil_verify_line *line = &verification->line[step];
    char *copy = strdup(detail);
    if (copy == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory for a table");
    }
    free(line->detail);
    *line = (struct sil_verify_line){result, copy};
    return SIL_OK;
}

/* The limit that was given may have been too low: no verdict, and how to go on. */
static sil_status enter_starved(struct sil_verification *verification,
                                enum sil_verify_step step, struct sil_error *err)
{
    char detail[sizeof err->text + 64];
    (void)snprintf(detail, sizeof detail,
                   "%s; %" PRIu64 " MB were allowed: --memory-mb sets more", err->text,
                   verification->memory_mb);
    return sil_verify_enter(verification, step, SIL_VERIFY_INCONCLUSIVE, detail, err);
}

sil_status sil_verify_judge(struct sil_verification *verification,
                            enum sil_verify_step step, sil_status outcome,
                            struct sil_error *err)
{
    struct sil_error why = *err;
    switch (outcome) {
    case SIL_OK: return sil_verify_enter(verification, step, SIL_VERIFY_OK, "", err);
    case SIL_ERR_IO: return outcome;
    case SIL_ERR_INTERNAL: return enter_starved(verification, step, err);
    case SIL_ERR_UNSUPPORTED:
        return sil_verify_enter(verification, step, SIL_VERIFY_UNSUPPORTED, why.text,
                                err);
    case SIL_ERR_CHECK:
    case SIL_ERR_USAGE:
    case SIL_ERR_INPUT:
    case SIL_ERR_BUDGET: break;
    }
    return sil_verify_enter(verification, step, SIL_VERIFY_FAILED, why.text, err);
}

bool sil_verify_holds(const struct sil_verification *verification,
                      enum sil_verify_step step)
{
    return verification->line[step].result == SIL_VERIFY_OK;
}

sil_status sil_verify_skip(struct sil_verification *verification,
                           enum sil_verify_step step, enum sil_verify_step needs,
                           struct sil_error *err)
{
    char detail[64];
    if (verification->line[step].result != 0) {
        return SIL_OK;
    }
    (void)snprintf(detail, sizeof detail, "it rests on %s", sil_verify_id(needs));
    return sil_verify_enter(verification, step, SIL_VERIFY_NOT_CHECKED, detail, err);
}
