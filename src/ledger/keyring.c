// SPDX-License-Identifier: Apache-2.0
#include "ledger/keyring.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "ledger/passphrase.h"
#include "ledger/secret_file.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- places ---- */

const char *sil_key_file_name(enum sil_role role)
{
    switch (role) {
    case SIL_ROLE_AUTHORITY: return "authority.key";
    case SIL_ROLE_CURATOR: return "curator.key";
    case SIL_ROLE_LOG: return "log.key";
    case SIL_ROLE_RELEASE: return "release.key";
    case SIL_ROLE_AUDITOR: break;
    }
    return "auditor.key";
}

/* Terminate the text of `bytes` and hand its memory over. */
static sil_status take_text(char **out, struct sil_bytes *bytes, struct sil_error *err)
{
    sil_status status = sil_bytes_append(bytes, "", 1, err);
    if (status == SIL_OK) {
        *out = (char *)bytes->data;
        *bytes = (struct sil_bytes){0};
    }
    return status;
}

/* Of `path` without what names no directory of its own: "DIR/" and "DIR/." are DIR, whose
 * keys are not in it. */
static size_t stem_length(const char *path)
{
    size_t length = strlen(path);
    for (;;) {
        bool is_slash = length > 1 && path[length - 1] == '/';
        bool is_dot = length > 2 && path[length - 1] == '.' && path[length - 2] == '/';
        if (!is_slash && !is_dot) {
            return length;
        }
        length--;
    }
}

/* Does the last part say where to go instead of a name? */
static bool has_no_name(const char *path, size_t length)
{
    size_t last = length;
    while (last > 0 && path[last - 1] != '/') {
        last--;
    }
    size_t n = length - last;
    return (n == 1 || n == 2) && strncmp(path + last, "..", n) == 0;
}

sil_status sil_keys_path(char **out, const char *ledger_directory, const char *name,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes path = {0};
    size_t length = stem_length(ledger_directory);
    char *real = NULL;
    *out = NULL;
    if (has_no_name(ledger_directory, length)) {
        real = realpath(ledger_directory, NULL);
        ledger_directory = real != NULL ? real : ledger_directory;
        length = real != NULL ? strlen(real) : length;
    }
    SIL_TRY(sil_bytes_append(&path, ledger_directory, length, err));
    SIL_TRY(sil_bytes_printf(&path, err, ".keys%s%s", name != NULL ? "/" : "",
                             name != NULL ? name : ""));
    SIL_TRY(take_text(out, &path, err));

cleanup:
    free(real);
    sil_bytes_clear(&path);
    return status;
}

static sil_status home_directory(char *out, size_t size, struct sil_error *err)
{
    char buffer[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    const char *home = getenv("HOME"); // NOLINT(concurrency-mt-unsafe)
    if (home == NULL || home[0] != '/') {
        (void)getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found);
        home = found != NULL ? found->pw_dir : NULL;
    }
    if (home == NULL || home[0] != '/' || strlen(home) >= size) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "there is no home directory to keep watermarks in: name a "
                        "directory (--state DIR)");
    }
    (void)memcpy(out, home, strlen(home) + 1);
    return SIL_OK;
}

sil_status sil_state_directory(char **out, const char *given, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char home[2048];
    struct sil_bytes path = {0};
    const char *base = getenv("XDG_STATE_HOME"); // NOLINT(concurrency-mt-unsafe)
    *out = NULL;
    if (given != NULL) {
        SIL_TRY(sil_bytes_printf(&path, err, "%s", given));
    } else if (base != NULL && base[0] == '/') {
        SIL_TRY(sil_bytes_printf(&path, err, "%s/silhouette", base));
    } else {
        SIL_TRY(home_directory(home, sizeof home, err));
        SIL_TRY(sil_bytes_printf(&path, err, "%s/.local/state/silhouette", home));
    }
    SIL_TRY(take_text(out, &path, err));

cleanup:
    sil_bytes_clear(&path);
    return status;
}

/* ---- all keys of a ledger ---- */

struct sil_keyring {
    char *path[SIL_ROLE_AUDITOR + 1]; ///< by role
    struct sil_secret_key *key[SIL_ROLE_AUDITOR + 1];
    char *vault;
    struct sil_data_key *data_key; ///< NULL: the vault was not opened yet
    struct sil_passphrase *passphrase;
};

static sil_status choose(char **out, const char *given, const char *directory,
                         const char *name, struct sil_error *err)
{
    if (given == NULL) {
        return sil_keys_path(out, directory, name, err);
    }
    *out = strdup(given);
    return *out != NULL ? SIL_OK
                        : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a path");
}

sil_status sil_keyring_new(struct sil_keyring **out,
                           const struct sil_keyring_options *options,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_keyring *made = NULL;
    *out = NULL;
    SIL_TRY(sil_crypto_start(err));
    sil_secrets_harden();
    SIL_TRY(sil_alloc(&made, 1, sizeof *made, "a keyring", err));
    for (int role = SIL_ROLE_AUTHORITY; role <= SIL_ROLE_AUDITOR; role++) {
        SIL_TRY(choose(&made->path[role], options->key[role], options->directory,
                       sil_key_file_name((enum sil_role)role), err));
    }
    SIL_TRY(choose(&made->vault, options->vault, options->directory, "vault", err));
    SIL_TRY(sil_passphrase_new(&made->passphrase, options->passphrase_file, err));
    *out = made;
    made = NULL;

cleanup:
    sil_keyring_free(made);
    return status;
}

void sil_keyring_free(struct sil_keyring *keyring)
{
    if (keyring == NULL) {
        return;
    }
    for (int role = SIL_ROLE_AUTHORITY; role <= SIL_ROLE_AUDITOR; role++) {
        sil_secret_key_free(keyring->key[role]);
        free(keyring->path[role]);
    }
    if (keyring->data_key != NULL) {
        sil_data_key_wipe(keyring->data_key);
    }
    free(keyring->data_key);
    free(keyring->vault);
    sil_passphrase_free(keyring->passphrase);
    free(keyring);
}

/* What is not there was looked for where nobody may have put it. */
static sil_status say_where(sil_status status, const char *what, const char *path,
                            const char *option, struct sil_error *err)
{
    if (status != SIL_ERR_IO || access(path, F_OK) == 0) {
        return status;
    }
    return sil_fail(err, SIL_ERR_IO,
                    "the %s is looked for in %s and is not there: name it (--%s FILE)",
                    what, path, option);
}

static sil_status say_where_key(sil_status status, enum sil_role role, const char *path,
                                struct sil_error *err)
{
    switch ((int)role) {
    case SIL_ROLE_CURATOR:
        return say_where(status, "curator's secret key", path, "curator", err);
    case SIL_ROLE_LOG: return say_where(status, "log's secret key", path, "log", err);
    default: return status; /* no command takes another one by an option */
    }
}

sil_status sil_keyring_key(const struct sil_secret_key **out,
                           struct sil_keyring *keyring, enum sil_role role,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (keyring->key[role] == NULL) {
        status = sil_key_read(&keyring->key[role], keyring->path[role],
                              keyring->passphrase, err);
        status = say_where_key(status, role, keyring->path[role], err);
    }
    *out = keyring->key[role];
    return status;
}

bool sil_keyring_is_locked(const struct sil_keyring *keyring)
{
    for (size_t i = 0; i < sizeof keyring->key / sizeof keyring->key[0]; i++) {
        if (keyring->key[i] != NULL && !sil_secret_key_is_locked(keyring->key[i])) {
            return false;
        }
    }
    return true;
}

bool sil_keyring_has(const struct sil_keyring *keyring, enum sil_role role)
{
    return keyring->key[role] != NULL || access(keyring->path[role], F_OK) == 0;
}

sil_status sil_keyring_data_key(const struct sil_data_key **out,
                                struct sil_keyring *keyring,
                                const struct sil_id *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_data_key *key = NULL;
    *out = NULL;
    if (keyring->data_key == NULL) {
        SIL_TRY(sil_alloc(&key, 1, sizeof *key, "the key of a data commitment", err));
        status = sil_vault_read(key, keyring->vault, ledger, keyring->passphrase, err);
        SIL_TRY(say_where(status, "key of the data commitment", keyring->vault, "vault",
                          err));
        keyring->data_key = key;
        key = NULL;
    }
    *out = keyring->data_key;

cleanup:
    free(key);
    return status;
}

struct sil_passphrase *sil_keyring_passphrase(struct sil_keyring *keyring)
{
    return keyring->passphrase;
}
