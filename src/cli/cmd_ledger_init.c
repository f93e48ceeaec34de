// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "cli/ledger_open.h"
#include "cli/options.h"
#include "cli/options_ledger.h"
#include "cli/places.h"
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MEMBER(name) offsetof(struct sil_cli_args, name)

static const struct sil_cli_option ROLES[] = {
    {.name = "authority",
     .argument = "PUB",
     .kind = SIL_CLI_LIST,
     .member = MEMBER(ledger.authority),
     .help =
         "The public key of an authority, once for each; minisign's own keys will do"     },
    {.name = "threshold",
     .argument = "M",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(ledger.threshold),
     .least = 1,
     .most = SIL_CLI_LIST_MAX,
     .help = "How many authorities must approve (default: 1)"},
    {.name = "release",
     .argument = "PUB",
     .kind = SIL_CLI_LIST,
     .member = MEMBER(ledger.release_key),
     .help = "The public key that will sign releases"                                                                 },
    {.name = "auditor",
     .argument = "PUB",
     .kind = SIL_CLI_LIST,
     .member = MEMBER(ledger.auditor),
     .help = "The public key of an auditor, once for each"                                                                 },
    {.name = "witnesses",
     .argument = "N",
     .kind = SIL_CLI_COUNT,
     .member = MEMBER(ledger.witnesses),
     .least = 0,
     .most = SIL_CLI_LIST_MAX,
     .help = "How many witnesses a claim should have (default: 0)"},
    {.name = "unencrypted",
     .kind = SIL_CLI_FLAG,
     .member = MEMBER(ledger.unencrypted),
     .help =
         "No passphrase on the vault, the key of the commitment: whoever can read it "
         "can confirm a guess of the whole table"},
    {.name = "data",
     .argument = "CSV",
     .kind = SIL_CLI_FILE,
     .member = MEMBER(data),
     .help = "The table that the budget is for; the ledger holds a keyed commitment to "
             "it and nothing else of it"},
};

static const struct sil_cli_group GROUP = SIL_CLI_GROUP("Roles:", ROLES);

/* Keys of a genesis, in the order of their roles. */
struct keys {
    struct sil_ledger_key item[3 * SIL_CLI_LIST_MAX + 2];
    size_t n;
};

static void clear_keys(struct keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) {
        free(keys->item[i].name);
    }
}

static sil_status read_public(struct keys *keys, enum sil_role role,
                              const struct sil_cli_list *list, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < list->n && status == SIL_OK; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%s-%zu", sil_role_name(role), i + 1);
        status =
            sil_ledger_key_read(&keys->item[keys->n], role, name, list->item[i], err);
        keys->n += status == SIL_OK ? 1 : 0;
    }
    return status;
}

static sil_status read_secret(struct keys *keys, enum sil_role role,
                              struct sil_keyring *keyring, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_secret_key *secret = NULL;
    char name[32];
    (void)snprintf(name, sizeof name, "%s-1", sil_role_name(role));
    SIL_TRY(sil_keyring_key(&secret, keyring, role, err));
    SIL_TRY(sil_ledger_key_of(&keys->item[keys->n], role, name, secret, err));
    keys->n++;
cleanup:
    return status;
}

static sil_status read_keys(struct keys *keys, struct sil_keyring *keyring,
                            const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(read_public(keys, SIL_ROLE_AUTHORITY, &args->ledger.authority, err));
    SIL_TRY(read_secret(keys, SIL_ROLE_CURATOR, keyring, err));
    SIL_TRY(read_secret(keys, SIL_ROLE_LOG, keyring, err));
    SIL_TRY(read_public(keys, SIL_ROLE_RELEASE, &args->ledger.release_key, err));
    SIL_TRY(read_public(keys, SIL_ROLE_AUDITOR, &args->ledger.auditor, err));
cleanup:
    return status;
}

/* The vault is named by the ledger, and the ledger's id follows from the commitment: the
 * key comes first, the genesis second, the vault last. */
static sil_status build(struct sil_bytes *encoded, struct sil_body *body,
                        struct sil_data_key *data_key,
                        const struct sil_founding *founding, const char *csv,
                        char delimiter, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_founding whole = *founding;
    sil_data_key_random(data_key);
    SIL_TRY(sil_data_commit_file(whole.data_commit, csv, delimiter, data_key, err));
    SIL_TRY(sil_ledger_genesis_build(body, &whole, err));
    SIL_TRY(sil_body_encode(encoded, body, err));
cleanup:
    return status;
}

static struct sil_founding founding_of(const struct sil_cli_args *args)
{
    struct sil_founding founding = sil_founding_defaults();
    founding.data_label = args->ledger.data_label;
    founding.cap_epsilon = args->ledger.cap_epsilon;
    founding.cap_delta = args->ledger.cap_delta;
    founding.discovery_delta = args->ledger.discovery_delta;
    founding.unit = args->ledger.unit;
    if (args->ledger.prefix != NULL) {
        founding.prefix = args->ledger.prefix;
    }
    if (args->neighbours != 0) {
        founding.neighbours = (enum sil_neighbours)(args->neighbours - 1);
    }
    if (args->ledger.threshold.given) {
        founding.thresholds.authority = args->ledger.threshold.value;
    }
    founding.thresholds.witness = args->ledger.witnesses.value;
    return founding;
}

static sil_status make_vault(struct sil_keyring *keyring, const struct sil_id *ledger,
                             const struct sil_data_key *key,
                             const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *path = NULL;
    SIL_TRY(sil_keys_path(&path, args->operand, NULL, err));
    if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST) {
        status = sil_fail_errno(err, "cannot make the directory %s", path);
        goto cleanup;
    }
    free(path);
    path = NULL;
    SIL_TRY(sil_keys_path(&path, args->operand, "vault", err));
    SIL_TRY(sil_vault_create(
        path, ledger, key,
        args->ledger.unencrypted ? NULL : sil_keyring_passphrase(keyring), err));
cleanup:
    free(path);
    return status;
}

static sil_status run(const struct sil_cli_args *args, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_keyring *keyring = NULL;
    struct sil_ledger *parent = NULL;
    struct keys keys = {0};
    struct sil_body body;
    struct sil_bytes encoded = {0};
    struct sil_data_key data_key = {{0}};
    struct sil_founding founding = founding_of(args);
    const struct sil_keyring_options options = {
        .directory = args->operand,
        .key = {[SIL_ROLE_CURATOR] = args->ledger.curator,
                [SIL_ROLE_LOG] = args->ledger.log},
        .passphrase_file = args->ledger.passphrase_file
    };

    sil_body_init(&body, SIL_ENTRY_GENESIS);
    struct sil_cli_args whole = *args;
    whole.ledger.body = args->ledger.body != NULL ? args->ledger.body : "genesis.body";
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_keyring_new(&keyring, &options, err));
    SIL_TRY(read_keys(&keys, keyring, args, err));
    sil_cli_warn_unlocked(sil_keyring_is_locked(keyring));
    founding.keys = keys.item;
    founding.n_keys = keys.n;
    if (args->ledger.parent != NULL) {
        SIL_TRY(sil_cli_ledger_read(&parent, args->ledger.parent, args, err));
        founding.parent = sil_ledger_chain(parent);
    }
    SIL_TRY(
        build(&encoded, &body, &data_key, &founding, args->data, args->delimiter, err));
    SIL_TRY(sil_cli_body_is_new(whole.ledger.body, err)); /* before a vault is left */
    SIL_TRY(sil_cli_place_try(whole.ledger.body, err));
    SIL_TRY(make_vault(keyring, &body.ledger, &data_key, args, err));
    SIL_TRY(sil_cli_write_proposal(&encoded, &body, body.genesis.thresholds.authority,
                                   &whole, err));
cleanup:
    sil_data_key_wipe(&data_key);
    sil_body_clear(&body);
    sil_bytes_clear(&encoded);
    clear_keys(&keys);
    sil_ledger_close(parent);
    sil_keyring_free(keyring);
    return status;
}

const struct sil_cli_command SIL_CLI_LEDGER_INIT = {
    .name = "ledger init",
    .summary = "propose a ledger that several people answer for",
    .about =
        "Write the genesis of a ledger for the authorities to approve: the cap, the unit "
        "of privacy, the keys, a commitment to the table; to genesis.body, or where --body says. The ledger itself is made by "
        "`silhouette ledger approve' with their signatures. The key of the commitment "
        "goes to DIR.keys/vault, under a passphrase.",
    .examples =
        "  silhouette ledger init patients.ledger --data-label patients-2026 \\\n"
        "    --cap-epsilon 1 --cap-delta 1e-9 --authority a.pub --authority b.pub \\\n"
        "    --threshold 2 --curator curator.key --log log.key \\\n"
        "    --data patients.csv --body genesis.body",
    .operand = "DIR",
    .required = {"data-label",         "cap-epsilon", "cap-delta",                "authority", "data",                 "body"                  },
    .groups = {&SIL_CLI_OPTIONS_CAP, &GROUP,        &SIL_CLI_OPTIONS_DELIMITER,
                 &SIL_CLI_OPTIONS_BODY,                                                        &SIL_CLI_OPTIONS_STATE, &SIL_CLI_OPTIONS_SIGNERS},
    .run = run,
};
