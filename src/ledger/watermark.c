// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "ledger/body.h"
#include "ledger/fs_file.h"
#include "ledger/store.h"

#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODE_WATERMARK = 0600, TEMPORARY_TRIES = 16, NAME_BYTES = 96 };

static void watermark_name(char name[NAME_BYTES], const uint8_t ledger[16])
{
    char hex[SIL_ID_TEXT];
    (void)sodium_bin2hex(hex, sizeof hex, ledger, SIL_ID_BYTES);
    (void)snprintf(name, NAME_BYTES, "%s.watermark", hex);
}

static sil_status read_named(struct sil_bytes *out, bool *present,
                             const struct sil_fs_name *name, struct sil_error *err)
{
    struct sil_fs_open open;
    sil_status status = sil_fs_open_checked(&open, name, O_RDONLY, MODE_WATERMARK, err);
    if (status == SIL_ERR_IO && errno == ENOENT) {
        return SIL_OK;
    }
    if (status != SIL_OK) {
        return status;
    }
    if (open.facts.links > 1) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s has another name (a hard link): refused", name->label);
    } else {
        status = sil_fs_read_all(out, name, &open, SIL_ENTRY_BYTES_MAX, err);
    }
    (void)name->fs->close(name->fs->self, open.file);
    *present = status == SIL_OK;
    return status;
}

sil_status sil_watermark_read(struct sil_bytes *out, bool *present,
                              const struct sil_fs *fs, const char *state,
                              const uint8_t ledger[16], struct sil_error *err)
{
    char text[NAME_BYTES];
    struct sil_fs_name name = {fs, -1, text, text};
    *out = (struct sil_bytes){0};
    *present = false;
    sil_status status = sil_fs_enter(&name.directory, fs, AT_FDCWD, state, state, err);
    if (status == SIL_ERR_IO && errno == ENOENT) {
        return SIL_OK;
    }
    if (status != SIL_OK) {
        return status;
    }
    watermark_name(text, ledger);
    status = read_named(out, present, &name, err);
    (void)fs->close(fs->self, name.directory);
    return status;
}

/* Temporary files of this ledger that a crash left; what cannot be removed may stay. */
static int remove_leftover(void *context, const char *found)
{
    const struct sil_fs_name *name = context;
    size_t length = strlen(name->name);
    if (strncmp(found, name->name, length) == 0 && found[length] == '.') {
        (void)name->fs->unlink(name->fs->self, name->directory, found);
    }
    return 0;
}

static sil_status write_named(struct sil_fs_name *name, const struct sil_bytes *data,
                              struct sil_error *err)
{
    const struct sil_fs *fs = name->fs;
    if (fs->list(fs->self, name->directory, remove_leftover, name) != 0) {
        return sil_fail_errno(err, "cannot list the directory of %s", name->label);
    }
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        char random[SIL_FS_NAME];
        char text[NAME_BYTES + SIL_FS_NAME];
        const struct sil_fs_name temporary = {fs, name->directory, text, name->label};
        sil_fs_random_name(random);
        (void)snprintf(text, sizeof text, "%s.%s", name->name, random);
        sil_status status = sil_fs_put(&temporary, MODE_WATERMARK, data, err);
        if (status != SIL_OK) {
            return status;
        }
        if (fs->rename(fs->self, name->directory, text, name->directory, name->name) ==
            0) {
            return fs->sync(fs->self, name->directory) == 0
                       ? SIL_OK
                       : sil_fail_errno(err, "cannot make %s durable", name->label);
        }
        if (errno != ENOENT) {
            break;
        }
    }
    return sil_fail_errno(err, "cannot write %s", name->label);
}

sil_status sil_watermark_write(const struct sil_fs *fs, const char *state,
                               const uint8_t ledger[16], const struct sil_bytes *data,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    char text[NAME_BYTES];
    struct sil_fs_name name = {fs, -1, text, text};
    bool present = false;
    struct sil_bytes before = {0};
    /* Whoever wrote the first watermark of a ledger has made its directory durable. */
    SIL_TRY(sil_watermark_read(&before, &present, fs, state, ledger, err));
    if (!present) {
        SIL_TRY(sil_fs_make_path(fs, state, err));
    }
    SIL_TRY(sil_fs_enter(&name.directory, fs, AT_FDCWD, state, state, err));
    watermark_name(text, ledger);
    status = write_named(&name, data, err);

cleanup:
    sil_bytes_clear(&before);
    if (name.directory >= 0) {
        (void)fs->close(fs->self, name.directory);
    }
    return status;
}
