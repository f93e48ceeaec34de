// SPDX-License-Identifier: Apache-2.0
#include "release/bundle_tar.h"

#include "base/fail.h"
#include "release/names.h"
#include "release/tar.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 16 };

static const uint8_t ZEROS[SIL_TAR_END];

static sil_status copy_bytes(struct sil_folder *folder, int fd, uint64_t size,
                             const char *name, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t piece[PIECE_BYTES];
    while (size > 0 && status == SIL_OK) {
        size_t wanted = size < sizeof piece ? (size_t)size : sizeof piece;
        ssize_t n = read(fd, piece, wanted);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return sil_fail_errno(err, "cannot read %s again", name);
        }
        size -= (uint64_t)n;
        status = sil_folder_write(folder, piece, (size_t)n, err);
    }
    return status;
}

static sil_status add_member(struct sil_folder *folder, const char *name,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t header[SIL_TAR_BLOCK];
    struct stat info;
    int fd = -1;

    SIL_TRY(sil_folder_read(&fd, folder, name, err));
    if (fstat(fd, &info) != 0) {
        status = sil_fail_errno(err, "cannot read %s again", name);
        goto cleanup;
    }
    uint64_t size = (uint64_t)info.st_size;
    sil_tar_header(header, name, size);
    SIL_TRY(sil_folder_write(folder, header, sizeof header, err));
    SIL_TRY(copy_bytes(folder, fd, size, name, err));
    SIL_TRY(sil_folder_write(folder, ZEROS, sil_tar_padding(size), err));

cleanup:
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

sil_status sil_bundle_tar(struct sil_folder *folder, struct sil_sums *sums,
                          struct sil_error *err)
{
    static const uint8_t UNKNOWN[SIL_HASH_BYTES]; /* it lists itself nowhere */
    sil_status status = SIL_OK;

    SIL_TRY(sil_sums_add(sums, SIL_BUNDLE_SUMS, UNKNOWN, err));
    sil_sums_sort(sums);
    SIL_TRY(sil_folder_begin(folder, SIL_BUNDLE_TAR, err));
    for (size_t i = 0; i < sums->n; i++) {
        SIL_TRY(add_member(folder, sums->item[i].name, err));
    }
    SIL_TRY(sil_folder_write(folder, ZEROS, sizeof ZEROS, err));
    SIL_TRY(sil_folder_end(folder, err));

cleanup:
    return status;
}
