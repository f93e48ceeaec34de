// SPDX-License-Identifier: Apache-2.0
#include "audits/report/report.h"
#include "base/fail.h"

#include <sodium.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe would be waited for, and a device may never end. */
static sil_status open_file(FILE **out, const char *path, struct sil_error *err)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &about) != 0) {
        sil_status status = sil_fail_errno(err, "cannot read %s", path);
        if (fd >= 0) {
            (void)close(fd);
        }
        return status;
    }
    if (!S_ISREG(about.st_mode)) {
        (void)close(fd);
        return sil_fail(err, SIL_ERR_INPUT, "%s is not a regular file", path);
    }
    *out = fdopen(fd, "rb");
    if (*out == NULL) {
        (void)close(fd);
        return sil_fail_errno(err, "cannot read %s", path);
    }
    return SIL_OK;
}

sil_status aud_named_file_hash(struct aud_named_file *file, struct sil_error *err)
{
    enum { PIECE = 1 << 16 };

    sil_status status = SIL_OK;
    uint8_t piece[PIECE];
    crypto_hash_sha256_state state;
    size_t n = 0;
    FILE *stream = NULL;
    SIL_TRY(open_file(&stream, file->path, err));
    (void)crypto_hash_sha256_init(&state);
    while ((n = fread(piece, 1, sizeof piece, stream)) > 0) {
        (void)crypto_hash_sha256_update(&state, piece, n);
        file->bytes += n;
    }
    if (ferror(stream) != 0) {
        status = sil_fail_errno(err, "cannot read %s", file->path);
    }
    (void)crypto_hash_sha256_final(&state, file->sha256);

cleanup:
    if (stream != NULL) {
        (void)fclose(stream);
    }
    return status;
}
