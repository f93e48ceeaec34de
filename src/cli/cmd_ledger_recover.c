// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"

#include <stdlib.h>

static const struct sil_cli_option REASON[] = {
    {.name = "reason",
     .argument = "TEXT",
     .kind = SIL_CLI_TEXT,
     .member = offsetof(struct sil_cli_args, ledger.reason),
     .help = "What happened, in words that stay in the ledger (printable ASCII)"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Recovery:", REASON);

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body body = {0};
    struct sil_bytes encoded = {0};
    struct sil_ledger_place place = sil_ledger_place(args->operand);
    struct sil_chain chain;
    char *state = NULL;

    sil_chain_init(&chain);
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_cli_ledger_is_there(args->operand, err));
    SIL_TRY(sil_state_directory(&state, args->ledger.state, err));
    place.state = state;
    SIL_TRY(sil_ledger_propose_recovery(&body, &place, args->ledger.reason, err));
    SIL_TRY(sil_ledger_salvage(&chain, &place, err));
    SIL_TRY(sil_body_encode(&encoded, &body, err));
    SIL_TRY(
        sil_cli_write_proposal(&encoded, &body, chain.thresholds.authority, args, err));
cleanup:
    sil_chain_clear(&chain);
    sil_body_clear(&body);
    sil_bytes_clear(&encoded);
    free(state);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_RECOVER = {
    .name = "ledger recover",
    .summary = "bring back a ledger that a damage keeps closed",
    .about =
        "Look at a ledger that is refused and, when the damage is one that can be "
        "set right without forgetting anything that was spent, write what the "
        "authority must approve. What a crash alone leaves needs none of this: the "
        "next run rolls it forward.",
    .examples =
        "  silhouette ledger recover patients.ledger --reason 'disk failure' \\\n"
        "    --body recover.body",
    .operand = "DIR",
    .required = {"reason",               "body"                },
    .groups = { &GROUP, &SIL_CLI_OPTIONS_BODY, &SIL_CLI_OPTIONS_STATE},
    .run = run,
};
