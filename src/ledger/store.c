// SPDX-License-Identifier: Apache-2.0
#include "ledger/store.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/fs_file.h"
#include "ledger/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODE_FORMAT = 0444, FORMAT_BYTES_MAX = 64 };

static const char FORMAT[] = "silhouette-ledger 1\n";

static const char *const FOLDERS[SIL_N_FOLDERS] = {"entries", "checkpoints", "cosigned",
                                                   "tmp", "quarantine"};
static const char *const FILES[] = {"format", "lock", "checkpoint"};

const char *sil_store_folder_name(int folder)
{
    return FOLDERS[folder];
}

void sil_store_label(char label[SIL_STORE_LABEL], const struct sil_store *store,
                     const char *folder, const char *name)
{
    (void)snprintf(label, SIL_STORE_LABEL, "%s/%s%s%s", store->path, folder,
                   name[0] == '\0' ? "" : "/", name);
}

/* ---- opening ---- */

struct name_check {
    const struct sil_store *store;
    struct sil_error *err;
    sil_status status;
};

static int check_name(void *context, const char *name)
{
    struct name_check *check = context;
    for (size_t i = 0; i < SIL_N_FOLDERS; i++) {
        if (strcmp(name, FOLDERS[i]) == 0) {
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        if (strcmp(name, FILES[i]) == 0) {
            return 0;
        }
    }
    check->status = sil_fail(check->err, SIL_ERR_INPUT,
                             "%s/%s does not belong in a ledger: refused",
                             check->store->path, name);
    return 1;
}

static sil_status check_names(const struct sil_store *store, struct sil_error *err)
{
    struct name_check check = {.store = store, .err = err};
    if (store->fs->list(store->fs->self, store->top, check_name, &check) != 0) {
        return sil_fail_errno(err, "cannot list %s", store->path);
    }
    return check.status;
}

static sil_status check_kind(struct sil_store *store, struct sil_error *err)
{
    enum sil_fs_kind kind;
    if (store->fs->kind(store->fs->self, store->top, &kind) != 0) {
        return sil_fail_errno(err, "cannot tell the file system of %s", store->path);
    }
    if (kind == SIL_FS_REMOTE) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s is on a network or user-space file system, whose locks and "
                        "writes cannot be relied on: use a local disk",
                        store->path);
    }
    store->is_volatile = kind == SIL_FS_VOLATILE;
    return SIL_OK;
}

/* A handle with its directory open; nothing in it was looked at. */
static sil_status enter(struct sil_store **out, const struct sil_fs *fs,
                        const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_store *store = NULL;
    *out = NULL;
    SIL_TRY(sil_alloc(&store, 1, sizeof *store, "a ledger's directory", err));
    store->fs = fs;
    store->top = -1;
    store->lock = -1;
    for (int i = 0; i < SIL_N_FOLDERS; i++) {
        store->folder[i] = -1;
    }
    store->path = strdup(path);
    if (store->path == NULL) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a path");
        goto cleanup;
    }
    /* With a slash behind it, a symbolic link would be followed. */
    for (size_t n = strlen(store->path); n > 1 && store->path[n - 1] == '/'; n--) {
        store->path[n - 1] = '\0';
    }
    SIL_TRY(sil_fs_enter(&store->top, fs, AT_FDCWD, store->path, store->path, err));
    SIL_TRY(check_kind(store, err));
    SIL_TRY(check_names(store, err));
    *out = store;
    store = NULL;

cleanup:
    sil_store_close(store);
    return status;
}

/* Some ways of copying leave out folders that are empty; these decide nothing. */
static bool may_lack(const struct sil_store *store, int folder)
{
    return store->is_copy && folder != (int)SIL_STORE_ENTRY &&
           folder != (int)SIL_STORE_CHECKPOINT;
}

static sil_status enter_folders(struct sil_store *store, struct sil_error *err)
{
    for (int i = 0; i < SIL_N_FOLDERS; i++) {
        char label[SIL_STORE_LABEL];
        sil_store_label(label, store, FOLDERS[i], "");
        sil_status status = sil_fs_enter(&store->folder[i], store->fs, store->top,
                                         FOLDERS[i], label, err);
        bool is_missing = status == SIL_ERR_IO && errno == ENOENT;
        if (is_missing && may_lack(store, i)) {
            continue;
        }
        if (is_missing) {
            return sil_fail(err, SIL_ERR_INPUT, "%s is missing", label);
        }
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

static sil_status check_format(const struct sil_store *store, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    struct sil_fs_open open;
    char label[SIL_STORE_LABEL];
    const struct sil_fs_name name = {store->fs, store->top, "format", label};
    sil_store_label(label, store, "format", "");

    SIL_TRY(sil_fs_open_checked(&open, &name, O_RDONLY,
                                sil_store_mode(store, MODE_FORMAT), err));
    SIL_TRY(sil_store_check_links(store, &open, label, err));
    SIL_TRY(sil_fs_read_all(&text, &name, &open, FORMAT_BYTES_MAX, err));
    if (text.length != sizeof FORMAT - 1 ||
        memcmp(text.data, FORMAT, text.length) != 0) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "%s is not that of a ledger of version 1", label);
    }

cleanup:
    if (open.file >= 0) {
        (void)store->fs->close(store->fs->self, open.file);
    }
    sil_bytes_clear(&text);
    return status;
}

mode_t sil_store_mode(const struct sil_store *store, mode_t mode)
{
    return store->is_copy ? SIL_FS_ANY_MODE : mode;
}

static sil_status open_store(struct sil_store **out, const struct sil_fs *fs,
                             const char *path, bool is_copy, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_store *store = NULL;
    struct sil_fs_open lock;
    struct sil_fs_facts format;
    *out = NULL;
    SIL_TRY(enter(&store, fs, path, err));
    store->is_copy = is_copy;
    if (fs->facts_at(fs->self, store->top, "format", &format) != 0 && errno == ENOENT) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s is not a ledger: it has no `format`",
                          store->path);
        goto cleanup;
    }
    SIL_TRY(enter_folders(store, err));
    SIL_TRY(check_format(store, err));
    if (!is_copy) {
        /* Looked at only: it is taken when something is written. */
        SIL_TRY(sil_store_open_lock(&lock, store, O_RDONLY, err));
        (void)fs->close(fs->self, lock.file);
    }
    *out = store;
    store = NULL;

cleanup:
    sil_store_close(store);
    return status;
}

sil_status sil_store_open(struct sil_store **out, const struct sil_fs *fs,
                          const char *path, struct sil_error *err)
{
    return open_store(out, fs, path, false, err);
}

sil_status sil_store_open_copy(struct sil_store **out, const struct sil_fs *fs,
                               const char *path, struct sil_error *err)
{
    return open_store(out, fs, path, true, err);
}

void sil_store_close(struct sil_store *store)
{
    if (store == NULL) {
        return;
    }
    sil_store_unlock(store);
    for (int i = 0; i < SIL_N_FOLDERS; i++) {
        if (store->folder[i] >= 0) {
            (void)store->fs->close(store->fs->self, store->folder[i]);
        }
    }
    if (store->top >= 0) {
        (void)store->fs->close(store->fs->self, store->top);
    }
    free(store->path);
    free(store);
}

bool sil_store_is_volatile(const struct sil_store *store)
{
    return store->is_volatile;
}

/* ---- making ---- */

static sil_status make_folders(struct sil_store *store, struct sil_error *err)
{
    for (int i = 0; i < SIL_N_FOLDERS; i++) {
        if (store->fs->make_directory(store->fs->self, store->top, FOLDERS[i], 0700) !=
                0 &&
            errno != EEXIST) {
            return sil_fail_errno(err, "cannot make %s/%s", store->path, FOLDERS[i]);
        }
    }
    return enter_folders(store, err);
}

static int stop_at_first(void *context, const char *name)
{
    (void)name;
    *(bool *)context = true;
    return 1;
}

static sil_status check_empty(const struct sil_store *store, enum sil_store_kind kind,
                              struct sil_error *err)
{
    bool is_used = false;
    if (store->fs->list(store->fs->self, store->folder[kind], stop_at_first,
                        &is_used) != 0) {
        return sil_fail_errno(err, "cannot list %s/%s", store->path, FOLDERS[kind]);
    }
    if (is_used) {
        return sil_fail(err, SIL_ERR_USAGE, "%s is a ledger already", store->path);
    }
    return SIL_OK;
}

static sil_status make_lock(const struct sil_store *store, struct sil_error *err)
{
    const struct sil_fs *fs = store->fs;
    int file = fs->create_file(fs->self, store->top, "lock", SIL_MODE_LOCK);
    if (file < 0) {
        return errno == EEXIST
                   ? SIL_OK
                   : sil_fail_errno(err, "cannot make %s/lock", store->path);
    }
    sil_status status = SIL_OK;
    if (fs->set_mode(fs->self, file, SIL_MODE_LOCK) != 0) {
        status = sil_fail_errno(err, "cannot set the mode of %s/lock", store->path);
    }
    (void)fs->close(fs->self, file);
    return status;
}

/* By rename, so that it is there whole or not at all, and two who make it at once agree. */
static sil_status make_format(const struct sil_store *store, struct sil_error *err)
{
    const struct sil_fs *fs = store->fs;
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    struct sil_fs_facts facts;
    char temporary[SIL_FS_NAME];
    char label[SIL_STORE_LABEL];
    const struct sil_fs_name name = {fs, store->folder[SIL_FOLDER_TMP], temporary,
                                     label};
    if (fs->facts_at(fs->self, store->top, "format", &facts) == 0) {
        return check_format(store, err);
    }
    sil_fs_random_name(temporary);
    sil_store_label(label, store, "format", "");
    SIL_TRY(sil_bytes_append(&text, FORMAT, sizeof FORMAT - 1, err));
    SIL_TRY(sil_fs_put(&name, MODE_FORMAT, &text, err));
    if (fs->rename(fs->self, name.directory, temporary, store->top, "format") != 0) {
        status = sil_fail_errno(err, "cannot make %s", label);
    }

cleanup:
    sil_bytes_clear(&text);
    return status;
}

sil_status sil_store_create(struct sil_store **out, const struct sil_fs *fs,
                            const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_store *store = NULL;
    *out = NULL;
    SIL_TRY(sil_fs_make_directory(fs, path, err));
    SIL_TRY(enter(&store, fs, path, err));
    SIL_TRY(make_folders(store, err));
    SIL_TRY(check_empty(store, SIL_STORE_ENTRY, err));
    SIL_TRY(check_empty(store, SIL_STORE_CHECKPOINT, err));
    SIL_TRY(make_lock(store, err));
    SIL_TRY(make_format(store, err));
    if (fs->sync(fs->self, store->top) != 0) {
        status = sil_fail_errno(err, "cannot make %s durable", store->path);
        goto cleanup;
    }
    SIL_TRY(sil_store_open(out, fs, path, err));

cleanup:
    sil_store_close(store);
    return status;
}
