// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/ledger_open.h"
#include "cli/options_ledger.h"
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_choice ROLES[] = {
    {"authority", SIL_ROLE_AUTHORITY  },
    {"curator",   SIL_ROLE_CURATOR    },
    {"log",       SIL_ROLE_LOG        },
    {"release",   SIL_ROLE_RELEASE    },
    {"witness",   SIL_CLI_ROLE_WITNESS},
    {"auditor",   SIL_ROLE_AUDITOR    },
    {NULL,        0                   },
};

static const struct sil_cli_option KEY[] = {
    {.name = "role",
     .argument = "ROLE",
     .kind = SIL_CLI_CHOICE,
     .member = MEMBER(ledger.role),
     .choices = ROLES,
     .help = "What the key is for; one key has one role: authority (approves budgets), "
             "curator (spends them), log (signs the ledger's checkpoints), release, "
             "witness, auditor"},
    {.name = "out",
     .letter = 'o',
     .argument = "KEY",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(out),
     .help =
         "Where the secret key goes, readable by its owner only; the public key goes "
         "to KEY.pub"},
    {.name = "passphrase-file",
     .argument = "FILE",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(ledger.passphrase_file),
     .help =
         "The passphrase is the first line of FILE (default: asked for twice on the "
         "terminal)"                },
    {.name = "unencrypted",
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(ledger.unencrypted),
     .help = "No passphrase: whoever can read the file can use the key"         },
    {.name = "name",
     .argument = "NAME",
     .kind = SIL_CLI_TEXT,
     .member = MEMBER(ledger.name),
     .help = "Of a witness: its name in cosignatures, best a domain name that you own"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Key:", KEY);

static const char *role_name(int role)
{
    return role == SIL_CLI_ROLE_WITNESS ? "witness"
                                        : sil_role_name((enum sil_role)role);
}

/* The line that a policy file holds for a witness. */
static sil_status witness_line(struct sil_bytes *out, const char *name,
                               const struct sil_secret_key *key, struct sil_error *err)
{
    struct sil_note_key note;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    sil_secret_key_public(public_key, key);
    sil_status status =
        sil_note_key_make(&note, name, SIL_NOTE_COSIGNATURE, public_key, err);
    return status == SIL_OK ? sil_note_key_print(out, &note, err) : status;
}

static sil_status answer(const struct sil_cli_args *args,
                         const struct sil_secret_key *key, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes words = {0};
    struct sil_bytes vkey = {0};
    struct sil_id id;
    char text[SIL_ID_TEXT];
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];

    sil_secret_key_public(public_key, key);
    sil_key_id(id.bytes, public_key);
    sil_id_print(text, &id);
    if (args->ledger.name != NULL) {
        SIL_TRY(witness_line(&vkey, args->ledger.name, key, err));
    }
    SIL_TRY(sil_bytes_printf(&words, err,
                             "Key       %s of role %s\nSecret    %s%s\n"
                             "Public    %s.pub\n",
                             text, role_name(args->ledger.role), args->out,
                             args->ledger.unencrypted
                                 ? " (NOT encrypted: whoever reads it has the key)"
                                 : "",
                             args->out));
    if (vkey.length > 0) {
        SIL_TRY(sil_bytes_printf(&words, err,
                                 "Policy    witness %s %.*s\n"
                                 "          (the line for the policy file of whoever "
                                 "believes this witness)\n",
                                 args->ledger.name, (int)vkey.length, vkey.data));
    }
    SIL_TRY(sil_cli_answer(
        json_pack("{s:s, s:s, s:o, s:b, s:o}", "id", text, "role",
                  role_name(args->ledger.role), "secret",
                  sil_cli_report_text(args->out), "encrypted",
                  !args->ledger.unencrypted, "note_key",
                  vkey.length == 0 ? json_null()
                                   : json_stringn((char *)vkey.data, vkey.length)),
        &words, err));
cleanup:
    sil_bytes_clear(&words);
    sil_bytes_clear(&vkey);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_passphrase *passphrase = NULL;
    struct sil_secret_key *key = NULL;
    const struct sil_new_key spec = {.path = args->out,
                                     .is_unencrypted = args->ledger.unencrypted};
    bool is_witness = args->ledger.role == SIL_CLI_ROLE_WITNESS;

    if (is_witness != (args->ledger.name != NULL)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        is_witness ? "a witness needs a name: --name=NAME"
                                   : "--name is for witnesses: the other roles get "
                                     "their name from the ledger");
    }
    if (args->ledger.unencrypted && args->ledger.passphrase_file != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--unencrypted and --passphrase-file exclude each other");
    }
    if (strcmp(args->out, "-") == 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--out: a secret key is not written to the standard output");
    }
    SIL_TRY(sil_crypto_start(err));
    sil_secrets_harden();
    SIL_TRY(sil_passphrase_new(&passphrase, args->ledger.passphrase_file, err));
    SIL_TRY(sil_key_create(&key, &spec, passphrase, err));
    sil_cli_warn_unlocked(sil_secret_key_is_locked(key));
    SIL_TRY(answer(args, key, err));
cleanup:
    sil_secret_key_free(key);
    sil_passphrase_free(passphrase);
    return status;
}

const struct sil_cli_command SIL_CLI_KEY_NEW = {
    .name = "key new",
    .summary = "make a signing key for one role",
    .about =
        "Make an Ed25519 key in the files of minisign: a secret key under a passphrase "
        "and a public key. The stock minisign program can use both. An authority's key "
        "belongs on a machine without a network, and can be made there with `minisign "
        "-G' as well.",
    .examples =
        "  silhouette key new --role curator --out curator.key\n"
        "  silhouette key new --role witness --name witness.example --out w.key",
    .required = {"role", "out"},
    .groups = {&GROUP     },
    .run = run,
};
