// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/report.h"
#include "ledger/witness.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option ASK[] = {
    {.name = "old",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(ledger.old_size),
     .least = 0,
     .most = INT64_MAX,
     .help = "How many entries the witness saw last (default: 0, a new witness)"},
    {.name = "add",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.add),
     .help = "Keep the cosignature lines that a witness sent back in FILE"},
};

static const struct sil_cli_option WITNESS[] = {
    {.name = "request",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.request),
     .help = "As the witness: the request that the ledger's owner sent"},
    {.name = "key",
     .argument = "KEY",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.key),
     .help = "As the witness: your secret key"                         },
    {.name = "name",
     .argument = "NAME",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.name),
     .help = "As the witness: your name in cosignatures"               },
    {.name = "passphrase-file",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.passphrase_file),
     .help = "The passphrase of the key is the first line of FILE (default: asked for "
             "on the terminal)"                                        },
};

static const struct sil_cli_group OWNER = SIL_CLI_GROUP("As the owner:", ASK);
static const struct sil_cli_group OTHER = SIL_CLI_GROUP("As a witness:", WITNESS);

/* ---- the owner's side: --old asks, --add keeps ---- */

static sil_status ask(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_bytes request = {0};
    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    SIL_TRY(sil_witness_request(&request, ledger, args->ledger.old_size.value, err));
    SIL_TRY(sil_cli_answer_file("request", &request, args->out, err));
cleanup:
    sil_bytes_clear(&request);
    sil_ledger_close(ledger);
    return status;
}

/* The ledger may have grown since it asked: a cosignature does not say its size. */
static sil_status keep_newest(uint64_t *size, struct sil_ledger *ledger,
                              const struct sil_policy *policy,
                              const struct sil_bytes *lines, struct sil_error *err)
{
    sil_status status = SIL_ERR_CHECK;
    for (*size = sil_ledger_covered(ledger) + 1;
         status == SIL_ERR_CHECK && *size > 1;) {
        --*size;
        status = sil_witness_keep(ledger, policy, (const char *)lines->data,
                                  lines->length, *size, err);
    }
    return status;
}

static sil_status keep(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_policy *policy = NULL;
    struct sil_bytes lines = {0};
    uint64_t size = 0;
    struct sil_bytes words = {0};

    SIL_TRY(sil_cli_policy(&policy, args->operand, args, err));
    if (policy == NULL) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "--policy=FILE must say whose cosignatures are kept");
        goto cleanup;
    }
    SIL_TRY(sil_file_read(&lines, args->ledger.add, SIL_NOTE_BYTES_MAX, err));
    SIL_TRY(sil_cli_ledger_write(&ledger, args->operand, args, err));
    SIL_TRY(keep_newest(&size, ledger, policy, &lines, err));
    SIL_TRY(sil_bytes_printf(
        &words, err, "Kept      cosignatures of the ledger at %" PRIu64 " entries\n",
        size));
    SIL_TRY(
        sil_cli_answer(json_pack("{s:I}", "entries", (json_int_t)size), &words, err));
cleanup:
    sil_bytes_clear(&words);
    sil_bytes_clear(&lines);
    sil_policy_free(policy);
    sil_ledger_close(ledger);
    return status;
}

/* ---- the witness's side ---- */

static sil_status read_key(struct sil_secret_key **out, const struct sil_cli_args *args,
                           struct sil_error *err)
{
    struct sil_passphrase *passphrase = NULL;
    sil_secrets_harden();
    sil_status status =
        sil_passphrase_new(&passphrase, args->ledger.passphrase_file, err);
    if (status == SIL_OK) {
        status = sil_key_read(out, args->ledger.key, passphrase, err);
    }
    if (status == SIL_OK) {
        sil_cli_warn_unlocked(sil_secret_key_is_locked(*out));
    }
    sil_passphrase_free(passphrase);
    return status;
}

static sil_status witness(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_policy *logs = NULL;
    struct sil_secret_key *secret = NULL;
    struct sil_note_key key;
    struct sil_bytes request = {0};
    struct sil_bytes policy = {0};
    struct sil_bytes line = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    char *state = NULL;

    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_file_read(&request, args->ledger.request, SIL_NOTE_BYTES_MAX, err));
    SIL_TRY(sil_file_read(&policy, args->ledger.policy, SIL_POLICY_BYTES_MAX, err));
    SIL_TRY(sil_policy_parse(&logs, (const char *)policy.data, policy.length, err));
    SIL_TRY(read_key(&secret, args, err));
    sil_secret_key_public(public_key, secret);
    SIL_TRY(sil_note_key_make(&key, args->ledger.name, SIL_NOTE_COSIGNATURE, public_key,
                              err));
    SIL_TRY(sil_state_directory(&state, args->ledger.state, err));
    SIL_TRY(sil_witness_cosign(&line, (const char *)request.data, request.length, logs,
                               &key, secret, state, (uint64_t)time(NULL), err));
    SIL_TRY(sil_cli_answer_file("cosignature", &line, args->out, err));
cleanup:
    sil_bytes_clear(&request);
    sil_bytes_clear(&policy);
    sil_bytes_clear(&line);
    sil_policy_free(logs);
    sil_secret_key_free(secret);
    free(state);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    bool is_witness = args->ledger.request != NULL;
    bool is_whole = args->ledger.key != NULL && args->ledger.name != NULL &&
                    args->ledger.policy != NULL;
    if (is_witness && args->operand != NULL) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "a witness has no ledger: leave DIR out, or leave out --request");
    }
    if (is_witness && !is_whole) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "a witness needs --key, --name and --policy, a file with a line "
            "`log KEY' for each ledger that it watches");
    }
    if (!is_witness && args->operand == NULL) {
        return sil_fail(err, SIL_ERR_USAGE, "DIR is missing");
    }
    if (is_witness) {
        return witness(args, err);
    }
    return args->ledger.add != NULL ? keep(args, err) : ask(args, err);
}

const struct sil_cli_command SIL_CLI_LEDGER_COSIGN = {
    .name = "ledger cosign",
    .summary = "have an outsider witness that history was not rewritten",
    .about =
        "Three steps by files, for e-mail or a stick. The owner writes a request; a "
        "witness in another organisation, which remembers what it saw last, answers "
        "with a cosignature only if the ledger has grown from that; the owner keeps it. "
        "Exits with 1 and 404, 403, 409 or 422 in brackets when a witness refuses.",
    .examples =
        "  silhouette ledger cosign patients.ledger --old 5 --out request\n"
        "  silhouette ledger cosign --request request --key w.key \\\n"
        "    --name witness.example --policy logs --out cosignature\n"
        "  silhouette ledger cosign patients.ledger --add cosignature --policy policy",
    .operand = "DIR",
    .operand_is_optional = true,
    .groups = {&OWNER, &OTHER, &SIL_CLI_OPTIONS_POLICY, &SIL_CLI_OPTIONS_TEXT_OUT,
               &SIL_CLI_OPTIONS_STATE, &SIL_CLI_OPTIONS_WRITERS},
    .run = run,
};
