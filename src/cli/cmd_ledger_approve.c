// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "cli/ledger_open.h"
#include "cli/ledger_words.h"
#include "cli/options_ledger.h"
#include "ledger/refuse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option APPROVAL[] = {
    {.name = "body",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.body),
     .help = "What was approved, byte for byte"                                     },
    {.name = "sig",
     .argument = "FILE",
     .kind = SIL_CLI_LIST,
     .member = MEMBER(ledger.signature),
     .help = "The minisign signatures of it, one or more, each of another authority"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Approval:", APPROVAL);

static sil_status read_approvals(struct sil_approval *approvals,
                                 const struct sil_bytes *encoded,
                                 const struct sil_chain *chain,
                                 const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < args->ledger.signature.n && status == SIL_OK; i++) {
        status = sil_approval_read(&approvals[i], args->ledger.signature.item[i],
                                   encoded, chain, err);
    }
    sil_approvals_sort(approvals, args->ledger.signature.n);
    return status;
}

/* What is needed before a ledger is opened. */
struct unopened {
    struct sil_keyring *keyring;
    struct sil_ledger_signers signers;
    struct sil_ledger_place place;
    char *state; ///< owned
};

static void close_unopened(struct unopened *unopened)
{
    sil_keyring_free(unopened->keyring);
    free(unopened->state);
}

static sil_status prepare(struct unopened *out, const struct sil_cli_args *args,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_keyring_options keys = {
        .directory = args->operand,
        .key = {[SIL_ROLE_CURATOR] = args->ledger.curator,
                [SIL_ROLE_LOG] = args->ledger.log},
        .passphrase_file = args->ledger.passphrase_file
    };

    *out = (struct unopened){.place = sil_ledger_place(args->operand)};
    SIL_TRY(sil_keyring_new(&out->keyring, &keys, err));
    SIL_TRY(
        sil_keyring_key(&out->signers.curator, out->keyring, SIL_ROLE_CURATOR, err));
    SIL_TRY(sil_keyring_key(&out->signers.log, out->keyring, SIL_ROLE_LOG, err));
    sil_cli_warn_unlocked(sil_keyring_is_locked(out->keyring));
    SIL_TRY(sil_state_directory(&out->state, args->ledger.state, err));
    out->place.state = out->state;
    out->place.accept_clock = args->ledger.accept_clock;
cleanup:
    return status;
}

/* The first approval of all makes the ledger. */
static sil_status found(const struct sil_bytes *encoded,
                        const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_approval approvals[SIL_CLI_LIST_MAX];
    struct sil_ledger *ledger = NULL;
    struct unopened unopened;

    SIL_TRY(prepare(&unopened, args, err));
    SIL_TRY(read_approvals(approvals, encoded, NULL, args, err));
    if (access(args->operand, F_OK) != 0) {
        SIL_TRY(sil_ledger_check_unseen(&unopened.place, encoded, err));
    }
    SIL_TRY(sil_ledger_found(&ledger, &unopened.place, encoded, approvals,
                             args->ledger.signature.n, &unopened.signers, err));
    sil_cli_ledger_warn(ledger);
    SIL_TRY(sil_cli_say_appended(ledger, err));
cleanup:
    sil_ledger_close(ledger);
    close_unopened(&unopened);
    return status;
}

/* Approvals of a recovery are by the authorities of the entries that are still there. */
static sil_status recover(const struct sil_bytes *encoded,
                          const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_approval approvals[SIL_CLI_LIST_MAX];
    struct sil_ledger *ledger = NULL;
    struct sil_chain chain;
    struct unopened unopened;

    sil_chain_init(&chain);
    SIL_TRY(prepare(&unopened, args, err));
    SIL_TRY(sil_ledger_salvage(&chain, &unopened.place, err));
    SIL_TRY(read_approvals(approvals, encoded, &chain, args, err));
    SIL_TRY(sil_ledger_recover(&ledger, &unopened.place, encoded, approvals,
                               args->ledger.signature.n, &unopened.signers, err));
    sil_cli_ledger_warn(ledger);
    SIL_TRY(sil_cli_say_appended(ledger, err));
cleanup:
    sil_ledger_close(ledger);
    sil_chain_clear(&chain);
    close_unopened(&unopened);
    return status;
}

/* Whoever types the same line again is told that the first time was enough. */
static sil_status explain_repetition(const struct sil_cli_args *args,
                                     struct sil_error *err)
{
    char id[16];
    sil_refusal_id(id, err);
    if (strcmp(id, "B6") != 0) {
        return SIL_ERR_CHECK;
    }
    return sil_refuse_ledger(err, "B6",
                             "this is recorded already: silhouette ledger log %s "
                             "shows it",
                             args->operand);
}

static sil_status append(const struct sil_bytes *encoded,
                         const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_approval approvals[SIL_CLI_LIST_MAX];
    struct sil_ledger *ledger = NULL;
    struct unopened unopened = {0};

    SIL_TRY(sil_cli_ledger_is_there(args->operand, err));
    SIL_TRY(prepare(&unopened, args, err));
    /* Who signs is judged with the entry: it may be the one that brings the key. */
    unopened.signers.are_new = true;
    SIL_TRY(sil_ledger_open_with(&ledger, &unopened.place, SIL_LEDGER_WRITE,
                                 &unopened.signers, NULL, err));
    SIL_TRY(read_approvals(approvals, encoded, sil_ledger_chain(ledger), args, err));
    status = sil_ledger_append(ledger, encoded, approvals, args->ledger.signature.n,
                               NULL, err);
    SIL_TRY(status == SIL_ERR_CHECK ? explain_repetition(args, err) : status);
    SIL_TRY(sil_cli_say_appended(ledger, err));
cleanup:
    sil_ledger_close(ledger);
    close_unopened(&unopened);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes encoded = {0};
    struct sil_body body = {0};

    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_file_read(&encoded, args->ledger.body, SIL_ENTRY_BYTES_MAX, err));
    status = sil_body_decode(&body, encoded.data, encoded.length, err);
    if (status == SIL_ERR_CHECK) {
        /* Nothing is wrong with a ledger: this file is no body. */
        status = sil_fail_within(err, SIL_ERR_INPUT, "%s", args->ledger.body);
    }
    SIL_TRY(status);
    if (body.type == SIL_ENTRY_GENESIS) {
        SIL_TRY(found(&encoded, args, err));
    } else if (body.type == SIL_ENTRY_RECOVER) {
        SIL_TRY(recover(&encoded, args, err));
    } else {
        SIL_TRY(append(&encoded, args, err));
    }
cleanup:
    sil_body_clear(&body);
    sil_bytes_clear(&encoded);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_APPROVE = {
    .name = "ledger approve",
    .summary = "record what the authority has approved",
    .about = "Append a body that an authority signed with minisign. Every signature is "
             "checked, its trusted comment too; as many are needed as the ledger asks "
             "for. The approval of a genesis makes the ledger.",
    .examples = "  silhouette ledger approve patients.ledger --body grant.body \\\n"
                "    --sig alice.minisig bob.minisig",
    .operand = "DIR",
    .required = {"body",                  "sig"                   },
    .groups = { &GROUP, &SIL_CLI_OPTIONS_STATE, &SIL_CLI_OPTIONS_SIGNERS},
    .run = run,
};
