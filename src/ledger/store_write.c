// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "ledger/fs_file.h"
#include "ledger/store.h"
#include "ledger/store_internal.h"

#include <errno.h>
#include <stdio.h>

enum { TEMPORARY_TRIES = 16, QUARANTINED_NAME = 80 };

static sil_status check_writable(const struct sil_store *store, struct sil_error *err)
{
    SIL_REQUIRE(store->lock >= 0);
    return sil_store_check_usable(store, err);
}

/* Fail with errno, and take nothing more. */
static sil_status spend(struct sil_store *store, const char *verb, const char *label,
                        struct sil_error *err)
{
    store->is_spent = true;
    return sil_fail_errno(err, "cannot %s %s", verb, label);
}

static sil_status sync_folder(struct sil_store *store, int folder,
                              struct sil_error *err)
{
    char label[SIL_STORE_LABEL];
    sil_store_label(label, store, sil_store_folder_name(folder), "");
    if (store->fs->sync(store->fs->self, store->folder[folder]) != 0) {
        return spend(store, "make durable the names in", label, err);
    }
    return SIL_OK;
}

static sil_status put_temporary(char name[SIL_FS_NAME], struct sil_store *store,
                                mode_t mode, const struct sil_bytes *data,
                                const char *label, struct sil_error *err)
{
    const struct sil_fs_name file = {store->fs, store->folder[SIL_FOLDER_TMP], name,
                                     label};
    sil_fs_random_name(name);
    sil_status status = sil_fs_put(&file, mode, data, err);
    if (status != SIL_OK) {
        store->is_spent = true;
    }
    return status;
}

static sil_status drop_temporary(struct sil_store *store, const char *name,
                                 struct sil_error *err)
{
    if (store->fs->unlink(store->fs->self, store->folder[SIL_FOLDER_TMP], name) != 0 &&
        errno != ENOENT) {
        char label[SIL_STORE_LABEL];
        sil_store_label(label, store, "tmp", name);
        return spend(store, "remove", label, err);
    }
    return SIL_OK;
}

/* Should the lock ever be lost, another process that cleans up may take our temporary
 * file; nothing was published then, and a fresh one is written. */
static sil_status too_many_tries(struct sil_store *store, const char *label,
                                 struct sil_error *err)
{
    store->is_spent = true;
    return sil_fail(err, SIL_ERR_IO,
                    "cannot publish %s: another process removes the temporary file",
                    label);
}

sil_status sil_store_publish(bool *existed, struct sil_store *store,
                             enum sil_store_kind kind, uint64_t number,
                             const struct sil_bytes *data, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_fs *fs = store->fs;
    char name[SIL_STORE_NUMBER];
    char temporary[SIL_FS_NAME];
    char label[SIL_STORE_LABEL];
    *existed = false;
    SIL_TRY(check_writable(store, err));
    sil_store_number_name(name, number);
    sil_store_number_label(label, store, kind, number);
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        SIL_TRY(put_temporary(temporary, store, SIL_MODE_NUMBERED, data, label, err));
        int linked = fs->link(fs->self, store->folder[SIL_FOLDER_TMP], temporary,
                              store->folder[kind], name);
        if (linked != 0 && errno == ENOENT) {
            continue;
        }
        if (linked != 0 && errno != EEXIST) {
            status = spend(store, "publish", label, err);
            (void)fs->unlink(fs->self, store->folder[SIL_FOLDER_TMP], temporary);
            goto cleanup;
        }
        *existed = linked != 0;
        /* Another's file as well: whoever relies on it needs its name to be durable. */
        SIL_TRY(sync_folder(store, (int)kind, err));
        SIL_TRY(drop_temporary(store, temporary, err));
        return SIL_OK;
    }
    status = too_many_tries(store, label, err);

cleanup:
    return status;
}

/* A temporary file takes a name that may be taken. */
static sil_status put_over(struct sil_store *store, const struct sil_fs_name *target,
                           mode_t mode, const struct sil_bytes *data,
                           struct sil_error *err)
{
    const struct sil_fs *fs = store->fs;
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        char temporary[SIL_FS_NAME];
        sil_status status =
            put_temporary(temporary, store, mode, data, target->label, err);
        if (status != SIL_OK) {
            return status;
        }
        if (fs->rename(fs->self, store->folder[SIL_FOLDER_TMP], temporary,
                       target->directory, target->name) == 0) {
            return SIL_OK;
        }
        if (errno != ENOENT) {
            status = spend(store, "write", target->label, err);
            (void)fs->unlink(fs->self, store->folder[SIL_FOLDER_TMP], temporary);
            return status;
        }
    }
    return too_many_tries(store, target->label, err);
}

sil_status sil_store_rewrite(struct sil_store *store, enum sil_store_kind kind,
                             uint64_t number, const struct sil_bytes *data,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    char digits[SIL_STORE_NUMBER];
    char label[SIL_STORE_LABEL];
    const struct sil_fs_name target = {store->fs, store->folder[kind], digits, label};
    SIL_TRY(check_writable(store, err));
    sil_store_number_name(digits, number);
    sil_store_number_label(label, store, kind, number);
    SIL_TRY(put_over(store, &target, SIL_MODE_NUMBERED, data, err));
    SIL_TRY(sync_folder(store, (int)kind, err));

cleanup:
    return status;
}

sil_status sil_store_set_head(struct sil_store *store, const struct sil_bytes *data,
                              struct sil_error *err)
{
    char label[SIL_STORE_LABEL];
    const struct sil_fs_name target = {store->fs, store->top, "checkpoint", label};
    sil_status status = check_writable(store, err);
    if (status != SIL_OK) {
        return status;
    }
    sil_store_label(label, store, "checkpoint", "");
    /* The name need not be durable: recovery writes it anew when it is stale. */
    return put_over(store, &target, SIL_MODE_HEAD, data, err);
}

struct cleaning {
    const struct sil_store *store;
    struct sil_error *err;
    sil_status status;
};

static int remove_temporary(void *context, const char *name)
{
    struct cleaning *found = context;
    const struct sil_fs *fs = found->store->fs;
    if (fs->unlink(fs->self, found->store->folder[SIL_FOLDER_TMP], name) != 0 &&
        errno != ENOENT) {
        found->status = sil_fail_errno(found->err, "cannot remove %s/tmp/%s",
                                       found->store->path, name);
    }
    return found->status != SIL_OK ? 1 : 0;
}

sil_status sil_store_clean(struct sil_store *store, struct sil_error *err)
{
    struct cleaning found = {.store = store, .err = err};
    sil_status status = check_writable(store, err);
    if (status != SIL_OK) {
        return status;
    }
    if (store->fs->list(store->fs->self, store->folder[SIL_FOLDER_TMP],
                        remove_temporary, &found) != 0) {
        return sil_fail_errno(err, "cannot list %s/tmp", store->path);
    }
    return found.status;
}

sil_status sil_store_quarantine(struct sil_store *store, enum sil_store_kind kind,
                                uint64_t number, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_fs *fs = store->fs;
    char name[SIL_STORE_NUMBER];
    char random[SIL_FS_NAME];
    char target[QUARANTINED_NAME];
    char label[SIL_STORE_LABEL];
    SIL_TRY(check_writable(store, err));
    sil_store_number_name(name, number);
    sil_store_number_label(label, store, kind, number);
    sil_fs_random_name(random);
    (void)snprintf(target, sizeof target, "%s-%s.%s", sil_store_folder_name((int)kind),
                   name, random);
    /* Two steps: a rename between directories may be half durable. */
    if (fs->link(fs->self, store->folder[kind], name,
                 store->folder[SIL_FOLDER_QUARANTINE], target) != 0) {
        status = spend(store, "move to quarantine", label, err);
        goto cleanup;
    }
    SIL_TRY(sync_folder(store, SIL_FOLDER_QUARANTINE, err));
    if (fs->unlink(fs->self, store->folder[kind], name) != 0) {
        status = spend(store, "move to quarantine", label, err);
        goto cleanup;
    }
    SIL_TRY(sync_folder(store, (int)kind, err));

cleanup:
    return status;
}
