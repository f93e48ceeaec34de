// SPDX-License-Identifier: Apache-2.0
/* One person, all roles. Three steps, each of which happens whole or not at all: the keys
 * directory, with everything random in it (keys, vault, the encoded genesis), takes its
 * name in one rename; the ledger is founded from what lies there; the grant is appended.
 * A second call finds out how far the first came and goes on. */
#include "base/fail.h"
#include "base/file.h"
#include "ledger/found.h"
#include "ledger/fs_file.h"
#include "ledger/secret_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char GENESIS_FILE[] = "genesis.body";
static const char PURPOSE[] = "quickstart";

/* Everything that a quickstart can have left in its directory. */
static const char *const FILES[] = {
    "authority.key", "authority.key.pub", "curator.key", "curator.key.pub",
    "log.key",       "log.key.pub",       "release.key", "release.key.pub",
    "vault",         "genesis.body"};

enum { N_FILES = sizeof FILES / sizeof FILES[0], N_ROLES = 4 };

struct sil_quickstart sil_quickstart_defaults(const char *directory)
{
    return (struct sil_quickstart){.place = sil_ledger_place(directory),
                                   .neighbours = SIL_NEIGHBOURS_UNSAID};
}

/* DIRECTORY/NAME, terminated, into an empty buffer. */
static sil_status join(struct sil_bytes *out, const char *directory, const char *name,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    out->length = 0;
    SIL_TRY(sil_bytes_printf(out, err, "%s/%s", directory, name));
    SIL_TRY(sil_bytes_append(out, "", 1, err));

cleanup:
    return status;
}

/* ---- the keys directory ---- */

static sil_status make_keys(struct sil_ledger_key keys[N_ROLES], const char *directory,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes path = {0};
    struct sil_secret_key *key = NULL;

    for (int i = 0; i < N_ROLES; i++) {
        enum sil_role role = (enum sil_role)(SIL_ROLE_AUTHORITY + i);
        SIL_TRY(join(&path, directory, sil_key_file_name(role), err));
        const struct sil_new_key spec = {.path = (const char *)path.data,
                                         .is_unencrypted = true};
        SIL_TRY(sil_key_create(&key, &spec, NULL, err));
        SIL_TRY(sil_ledger_key_of(&keys[i], role, sil_role_name(role), key, err));
        sil_secret_key_free(key);
        key = NULL;
    }

cleanup:
    sil_secret_key_free(key);
    sil_bytes_clear(&path);
    return status;
}

static sil_status build_genesis(struct sil_body *body, const struct sil_quickstart *o,
                                const struct sil_ledger_key keys[N_ROLES],
                                const struct sil_data_key *data_key,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_founding founding = sil_founding_defaults();
    founding.data_label = o->data_label;
    founding.cap_epsilon = o->cap_epsilon;
    founding.cap_delta = o->cap_delta;
    founding.discovery_delta = o->discovery_delta;
    founding.unit = o->unit;
    founding.neighbours = o->neighbours;
    founding.parent = o->parent;
    founding.keys = keys;
    founding.n_keys = N_ROLES;
    founding.roles_shared = true;
    if (o->prefix != NULL) {
        founding.prefix = o->prefix;
    }
    if (o->data != NULL) {
        SIL_TRY(sil_data_commit_file(founding.data_commit, o->data, o->delimiter,
                                     data_key, err));
    }
    SIL_TRY(sil_ledger_genesis_build(body, &founding, err));

cleanup:
    return status;
}

/* Found out before there is half a ledger: where nothing can be remembered. */
static sil_status make_state(const struct sil_quickstart *o, struct sil_error *err)
{
    const struct sil_fs *fs = o->place.fs != NULL ? o->place.fs : &SIL_FS_POSIX;
    if (o->place.state == NULL) {
        return SIL_OK;
    }
    sil_status status = sil_fs_make_path(fs, o->place.state, err);
    return status == SIL_OK
               ? SIL_OK
               : sil_fail_within(err, status,
                                 "no place to remember how far a ledger has come "
                                 "(--state DIR names another)");
}

/* Fill the directory `made`, which does not have its name yet. */
static sil_status fill(const char *made, const struct sil_quickstart *o,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger_key keys[N_ROLES] = {{0}};
    struct sil_data_key data_key;
    struct sil_body body;
    struct sil_bytes encoded = {0};
    struct sil_bytes path = {0};

    sil_body_init(&body, SIL_ENTRY_GENESIS);
    sil_data_key_random(&data_key);
    SIL_TRY(make_keys(keys, made, err));
    SIL_TRY(build_genesis(&body, o, keys, &data_key, err));
    SIL_TRY(sil_body_encode(&encoded, &body, err));
    SIL_TRY(make_state(o, err));
    SIL_TRY(join(&path, made, "vault", err));
    SIL_TRY(
        sil_vault_create((const char *)path.data, &body.ledger, &data_key, NULL, err));
    SIL_TRY(join(&path, made, GENESIS_FILE, err));
    SIL_TRY(sil_secret_file_create((const char *)path.data, &encoded, 0600, err));

cleanup:
    for (int i = 0; i < N_ROLES; i++) {
        free(keys[i].name);
    }
    sil_data_key_wipe(&data_key);
    sil_body_clear(&body);
    sil_bytes_clear(&encoded);
    sil_bytes_clear(&path);
    return status;
}

static void remove_made(const char *made)
{
    struct sil_bytes path = {0};
    for (size_t i = 0; i < N_FILES; i++) {
        if (join(&path, made, FILES[i], NULL) == SIL_OK) {
            (void)unlink((const char *)path.data);
        }
    }
    sil_bytes_clear(&path);
    (void)rmdir(made);
}

/* rename puts a directory over an empty one and over nothing else. */
static sil_status give_name(const char *made, const char *directory,
                            struct sil_error *err)
{
    if (rename(made, directory) == 0) {
        return sil_directory_sync(directory, err);
    }
    if (errno == ENOTEMPTY || errno == EEXIST) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "%s is there already and no quickstart made it: move it away, "
                        "or found the ledger with its keys (silhouette ledger init)",
                        directory);
    }
    return sil_fail_errno(err, "cannot make %s", directory);
}

static sil_status make_directory(const char *directory, const struct sil_quickstart *o,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes made = {0};
    bool exists = false;

    SIL_TRY(sil_bytes_printf(&made, err, "%s.XXXXXX", directory));
    SIL_TRY(sil_bytes_append(&made, "", 1, err));
    exists = mkdtemp((char *)made.data) != NULL;
    if (!exists) {
        status = sil_fail_errno(err, "cannot make %s", directory);
        goto cleanup;
    }
    SIL_TRY(fill((const char *)made.data, o, err));
    SIL_TRY(give_name((const char *)made.data, directory, err));
    exists = false;

cleanup:
    if (exists) {
        remove_made((const char *)made.data);
    }
    sil_bytes_clear(&made);
    return status;
}

/* ---- going on ---- */

/* What was said now must be what the directory was made from; all that is random there
 * stays. */
static sil_status check_same(const struct sil_body *made, const struct sil_body *asked,
                             const char *directory, struct sil_error *err)
{
    const struct sil_genesis *a = &made->genesis;
    const struct sil_genesis *b = &asked->genesis;
    const struct sil_privacy_unit units[] = {sil_genesis_unit(a), sil_genesis_unit(b)};
    if (sil_privacy_unit_equal(&units[0], &units[1]) &&
        strcmp(a->data_label, b->data_label) == 0 && a->neighbours == b->neighbours &&
        mpq_equal(a->cap_rho.v, b->cap_rho.v) != 0 &&
        mpq_equal(a->cap_delta.v, b->cap_delta.v) != 0 &&
        mpq_equal(a->report_delta.v, b->report_delta.v) != 0 &&
        memcmp(a->data_commit, b->data_commit, sizeof a->data_commit) == 0) {
        return SIL_OK;
    }
    return sil_fail(err, SIL_ERR_USAGE,
                    "%s is of a quickstart that was begun with another label, unit, "
                    "cap or table; to begin anew delete it (it has spent nothing)",
                    directory);
}

static sil_status check_words(const struct sil_body *made, struct sil_keyring *keyring,
                              const struct sil_quickstart *o, const char *directory,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_data_key *data_key = NULL;
    struct sil_body asked;

    sil_body_init(&asked, SIL_ENTRY_GENESIS);
    SIL_TRY(sil_keyring_data_key(&data_key, keyring, &made->ledger, err));
    SIL_TRY(build_genesis(&asked, o, made->genesis.keys, data_key, err));
    SIL_TRY(check_same(made, &asked, directory, err));

cleanup:
    sil_body_clear(&asked);
    return status;
}

static sil_status read_genesis(struct sil_bytes *encoded, struct sil_body *body,
                               const char *directory, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes path = {0};
    SIL_TRY(join(&path, directory, GENESIS_FILE, err));
    SIL_TRY(sil_secret_file_read(encoded, (const char *)path.data, SIL_ENTRY_BYTES_MAX,
                                 err));
    SIL_TRY(sil_body_decode(body, encoded->data, encoded->length, err));
    if (body->type != SIL_ENTRY_GENESIS || body->genesis.n_keys != N_ROLES) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s is not the genesis of a quickstart",
                          (const char *)path.data);
    }

cleanup:
    sil_bytes_clear(&path);
    return status;
}

static sil_status is_ledger(const char *directory, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_USAGE,
                    "%s is a ledger already; what is left of it: silhouette ledger "
                    "status %s",
                    directory, directory);
}

static bool has_genesis_entry(const char *directory)
{
    struct sil_bytes path = {0};
    bool has = join(&path, directory, "entries/000000000000", NULL) == SIL_OK &&
               access((const char *)path.data, F_OK) == 0;
    sil_bytes_clear(&path);
    return has;
}

static sil_status found_or_open(struct sil_ledger **out, const struct sil_body *body,
                                const struct sil_bytes *encoded,
                                struct sil_keyring *keyring,
                                const struct sil_quickstart *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_secret_key *authority = NULL;
    struct sil_ledger_signers signers = {0};
    struct sil_approval approval;

    SIL_TRY(sil_keyring_key(&authority, keyring, SIL_ROLE_AUTHORITY, err));
    SIL_TRY(sil_keyring_key(&signers.curator, keyring, SIL_ROLE_CURATOR, err));
    SIL_TRY(sil_keyring_key(&signers.log, keyring, SIL_ROLE_LOG, err));
    if (has_genesis_entry(o->place.directory)) {
        return sil_ledger_open_with(out, &o->place, SIL_LEDGER_WRITE, &signers,
                                    &body->ledger, err);
    }
    SIL_TRY(sil_ledger_check_unseen(&o->place, encoded, err));
    SIL_TRY(sil_ledger_approve_with(&approval, authority, encoded, err));
    SIL_TRY(sil_ledger_found(out, &o->place, encoded, &approval, 1, &signers, err));

cleanup:
    return status;
}

static sil_status grant_all(struct sil_ledger *ledger, struct sil_keyring *keyring,
                            const struct sil_quickstart *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_fs *fs = o->place.fs != NULL ? o->place.fs : &SIL_FS_POSIX;
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    const struct sil_secret_key *authority = NULL;
    struct sil_body body;

    sil_body_init(&body, SIL_ENTRY_GRANT);
    if (chain->n_grants > 0) {
        status = is_ledger(o->place.directory, err);
        goto cleanup;
    }
    body.ledger = chain->ledger;
    sil_id_random(&body.id);
    mpq_set(body.grant.rho.v, chain->genesis.genesis.cap_rho.v);
    mpq_set(body.grant.delta.v, chain->genesis.genesis.cap_delta.v);
    body.grant.expires = fs->now(fs->self) + SIL_QUICKSTART_SECONDS;
    /* As coarse as every other time here. */
    body.grant.expires -= body.grant.expires % chain->genesis.genesis.time_gran;
    body.grant.purpose = strdup(PURPOSE);
    if (body.grant.purpose == NULL) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a grant");
        goto cleanup;
    }
    SIL_TRY(sil_keyring_key(&authority, keyring, SIL_ROLE_AUTHORITY, err));
    SIL_TRY(sil_ledger_append_approved(ledger, &body, authority, err));

cleanup:
    sil_body_clear(&body);
    return status;
}

static sil_status begin(const char *directory, const struct sil_quickstart *o,
                        struct sil_error *err)
{
    return has_genesis_entry(o->place.directory) ? is_ledger(o->place.directory, err)
                                                 : make_directory(directory, o, err);
}

sil_status sil_ledger_quickstart(struct sil_ledger **out,
                                 const struct sil_quickstart *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *directory = NULL;
    struct sil_ledger *ledger = NULL;
    struct sil_keyring *keyring = NULL;
    struct sil_body body = {0};
    struct sil_bytes encoded = {0};
    struct sil_bytes path = {0};
    const struct sil_keyring_options files = {.directory = o->place.directory};

    *out = NULL;
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_keys_path(&directory, o->place.directory, NULL, err));
    SIL_TRY(join(&path, directory, GENESIS_FILE, err));
    if (access((const char *)path.data, F_OK) != 0) {
        SIL_TRY(begin(directory, o, err));
    }
    SIL_TRY(read_genesis(&encoded, &body, directory, err));
    SIL_TRY(sil_keyring_new(&keyring, &files, err));
    SIL_TRY(check_words(&body, keyring, o, directory, err));
    SIL_TRY(found_or_open(&ledger, &body, &encoded, keyring, o, err));
    SIL_TRY(grant_all(ledger, keyring, o, err));
    sil_ledger_own_keyring(ledger, keyring);
    keyring = NULL;
    *out = ledger;
    ledger = NULL;

cleanup:
    sil_ledger_close(ledger);
    sil_keyring_free(keyring);
    sil_body_clear(&body);
    sil_bytes_clear(&encoded);
    sil_bytes_clear(&path);
    free(directory);
    return status;
}
