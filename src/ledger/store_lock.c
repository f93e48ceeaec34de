// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "ledger/fs_file.h"
#include "ledger/store.h"
#include "ledger/store_internal.h"

#include <errno.h>
#include <fcntl.h>

enum { WAIT_MILLISECONDS = 20 };

sil_status sil_store_open_lock(struct sil_fs_open *out, const struct sil_store *store,
                               int flags, struct sil_error *err)
{
    char label[SIL_STORE_LABEL];
    const struct sil_fs_name name = {store->fs, store->top, "lock", label};
    sil_store_label(label, store, "lock", "");
    sil_status status = sil_fs_open_checked(out, &name, flags,
                                            sil_store_mode(store, SIL_MODE_LOCK), err);
    if (status == SIL_ERR_IO && errno == ENOENT) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s is missing", label);
    }
    if (status == SIL_OK && out->facts.links > 1) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s has another name (a hard link): refused", label);
    }
    if (status != SIL_OK && out->file >= 0) {
        (void)store->fs->close(store->fs->self, out->file);
        out->file = -1;
    }
    return status;
}

/* Has the lock file kept its name while we waited? If not, we hold a lock on a file that
 * nobody else will ever look at. */
static bool is_current(const struct sil_store *store, const struct sil_fs_open *lock)
{
    struct sil_fs_facts named;
    return store->fs->facts_at(store->fs->self, store->top, "lock", &named) == 0 &&
           named.device == lock->facts.device && named.inode == lock->facts.inode;
}

/* One try. `*held` false with SIL_OK: somebody else has it, or it was replaced. */
static sil_status try_lock(bool *held, struct sil_store *store, struct sil_error *err)
{
    const struct sil_fs *fs = store->fs;
    struct sil_fs_open lock;
    *held = false;
    sil_status status = sil_store_open_lock(&lock, store, O_RDWR, err);
    if (status != SIL_OK) {
        return status;
    }
    if (fs->lock(fs->self, lock.file) != 0) {
        if (errno != EAGAIN && errno != EINTR) {
            status = sil_fail_errno(err, "cannot lock %s/lock", store->path);
        }
    } else if (is_current(store, &lock)) {
        store->lock = lock.file;
        *held = true;
        return SIL_OK;
    }
    (void)fs->close(fs->self, lock.file);
    return status;
}

sil_status sil_store_lock(struct sil_store *store, unsigned seconds,
                          struct sil_error *err)
{
    const struct sil_fs *fs = store->fs;
    SIL_REQUIRE(store->lock < 0);
    /* Counted in waits and not by the clock, which may jump. */
    const uint64_t tries = (uint64_t)seconds * (1000 / WAIT_MILLISECONDS) + 1;
    for (uint64_t i = 0; i < tries; i++) {
        bool held;
        sil_status status = try_lock(&held, store, err);
        if (status != SIL_OK || held) {
            return status;
        }
        if (i + 1 < tries) {
            fs->wait(fs->self, WAIT_MILLISECONDS);
        }
    }
    return sil_fail(
        err, SIL_ERR_IO,
        "%s is locked by another process for more than %u seconds: wait for "
        "it, or end it",
        store->path, seconds);
}

void sil_store_unlock(struct sil_store *store)
{
    if (store->lock >= 0) {
        (void)store->fs->close(store->fs->self, store->lock);
        store->lock = -1;
    }
}
