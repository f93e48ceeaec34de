// SPDX-License-Identifier: Apache-2.0
/* data and disclose: what ties a ledger to a table, and to whoever may check it. */
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/report.h"

#include <sodium.h>

#include <string.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option DATA[] = {
    {.name = "add",
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.add_csv),
     .help = "Another table about the same people, or a newer state of it"      },
    {.name = "note",
     .argument = "TEXT",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.reason),
     .help = "What it is, in words that stay in the ledger (default: more data)"},
    {.name = "vault",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.vault),
     .help = "The key of the commitment (default: vault in DIR.keys)"           },
};

static const struct sil_cli_group TABLE = SIL_CLI_GROUP("Data:", DATA);
static const struct sil_cli_group VAULT = {"Data:", &DATA[2], 1};

static sil_status commit(uint8_t out[SIL_DATA_COMMIT_BYTES],
                         const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_keyring *keyring = NULL;
    const struct sil_data_key *key = NULL;
    const struct sil_keyring_options options = {.directory = args->operand,
                                                .vault = args->ledger.vault,
                                                .passphrase_file =
                                                    args->ledger.passphrase_file};

    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    SIL_TRY(sil_keyring_new(&keyring, &options, err));
    SIL_TRY(
        sil_keyring_data_key(&key, keyring, &sil_ledger_chain(ledger)->ledger, err));
    SIL_TRY(sil_data_commit_file(out, args->ledger.add_csv, args->delimiter, key, err));
    if (sil_chain_covers(sil_ledger_chain(ledger), out)) {
        status = sil_fail(err, SIL_ERR_USAGE, "the ledger covers this table already");
    }
cleanup:
    sil_keyring_free(keyring);
    sil_ledger_close(ledger);
    return status;
}

static sil_status run_data(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body body;
    const char *note = args->ledger.reason == NULL ? "more data" : args->ledger.reason;
    sil_body_init(&body, SIL_ENTRY_DATA);
    SIL_TRY(sil_cli_copy(&body.data.note, note, err));
    SIL_TRY(commit(body.data.data_commit, args, err));
    SIL_TRY(sil_cli_propose(&body, args, err));
cleanup:
    sil_body_clear(&body);
    return status;
}

/* One JSON object, for its owner's eyes: with it and the table the commitment can be
 * checked, without the table it says nothing. */
static sil_status disclose(const struct sil_data_key *key, const struct sil_id *ledger,
                           const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    char lid[SIL_ID_TEXT];
    char hex[2 * SIL_DATA_KEY_BYTES + 1];
    sil_id_print(lid, ledger);
    (void)sodium_bin2hex(hex, sizeof hex, key->bytes, sizeof key->bytes);
    SIL_TRY(sil_bytes_printf(&text, err,
                             "{\n  \"silhouette\": \"disclosure/1\",\n"
                             "  \"ledger\": \"%s\",\n  \"data_key\": \"%s\"\n}\n",
                             lid, hex));
    SIL_TRY(sil_cli_write_internal(path, (char *)text.data, text.length, err));
cleanup:
    sodium_memzero(hex, sizeof hex);
    if (text.data != NULL) {
        sodium_memzero(text.data, text.length);
    }
    sil_bytes_clear(&text);
    return status;
}

static sil_status run_disclose(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_keyring *keyring = NULL;
    const struct sil_data_key *key = NULL;
    const struct sil_keyring_options options = {.directory = args->operand,
                                                .vault = args->ledger.vault,
                                                .passphrase_file =
                                                    args->ledger.passphrase_file};

    SIL_TRY(sil_cli_ledger_read(&ledger, args->operand, args, err));
    SIL_TRY(sil_keyring_new(&keyring, &options, err));
    SIL_TRY(
        sil_keyring_data_key(&key, keyring, &sil_ledger_chain(ledger)->ledger, err));
    SIL_TRY(disclose(key, &sil_ledger_chain(ledger)->ledger, args->out, err));
    sil_cli_report_warning(
        "whoever has this file and can guess the whole table can "
        "confirm the guess: it is for an auditor who holds the table");
cleanup:
    sil_keyring_free(keyring);
    sil_ledger_close(ledger);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_DATA = {
    .name = "ledger data",
    .summary = "put another table of the same people under the budget",
    .about = "Propose to the authority that a further table about the same people is "
             "covered: it shares the budget, which does not grow.",
    .examples = "  silhouette ledger data patients.ledger --add patients-q2.csv \\\n"
                "    --note 'second quarter' --body data.body",
    .operand = "DIR",
    .required = {"add"                    },
    .groups = { &TABLE, &SIL_CLI_OPTIONS_DELIMITER, &SIL_CLI_OPTIONS_BODY,
                 &SIL_CLI_OPTIONS_STATE, &SIL_CLI_OPTIONS_SIGNERS},
    .run = run_data,
};

const struct sil_cli_command SIL_CLI_LEDGER_DISCLOSE = {
    .name = "ledger disclose",
    .summary = "give an auditor the key of the data commitment",
    .about =
        "Write the key with which an auditor who holds the table can check that it "
        "is the one that the ledger commits to. For nobody else.",
    .examples = "  silhouette ledger disclose patients.ledger --out disclosure.json",
    .operand = "DIR",
    .required = {"out"                   },
    .groups = { &VAULT, &SIL_CLI_OPTIONS_TEXT_OUT, &SIL_CLI_OPTIONS_STATE,
                 &SIL_CLI_OPTIONS_SIGNERS},
    .run = run_disclose,
};
