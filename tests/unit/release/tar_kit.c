// SPDX-License-Identifier: Apache-2.0
#include "tar_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

void tar_kit_zeros(struct sil_bytes *tar, size_t n)
{
    static const uint8_t ZEROS[SIL_TAR_END];
    cr_assert(le(sz, n, sizeof ZEROS));
    cr_assert(eq(int, sil_bytes_append(tar, ZEROS, n, NULL), SIL_OK));
}

void tar_kit_add(struct sil_bytes *tar, const char *name, const void *data,
                 size_t length)
{
    uint8_t block[SIL_TAR_BLOCK];
    sil_tar_header(block, name, length);
    cr_assert(eq(int, sil_bytes_append(tar, block, sizeof block, NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(tar, data, length, NULL), SIL_OK));
    tar_kit_zeros(tar, (size_t)sil_tar_padding(length));
}

void tar_kit_seal(struct sil_bytes *tar, size_t at)
{
    uint8_t *block = tar->data + at;
    unsigned sum = 0;
    char text[8];
    (void)memset(block + 148, ' ', 8);
    for (size_t i = 0; i < SIL_TAR_BLOCK; i++) {
        sum += block[i];
    }
    (void)snprintf(text, sizeof text, "%06o", sum);
    (void)memcpy(block + 148, text, 7);
}
