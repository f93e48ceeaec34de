// SPDX-License-Identifier: Apache-2.0
/* The one form of headers, against the standard's text and against one changed byte. */
#include "release/tar.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

Test(tar, a_header_says_what_the_standard_says)
{
    uint8_t block[SIL_TAR_BLOCK];
    sil_tar_header(block, "data.csv", 8 * 8 * 3 + 5);
    cr_expect(zero(int, memcmp(block, "data.csv\0", 9)));
    cr_expect(zero(int, memcmp(block + 100, "0000644\0", 8)));
    cr_expect(zero(int, memcmp(block + 124, "00000000305\0", 12)));
    cr_expect(zero(int, memcmp(block + 156, "0", 1)));
    cr_expect(zero(int, memcmp(block + 257, "ustar\00000", 8)));
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof block; i++) {
        sum += i >= 148 && i < 156 ? ' ' : block[i];
    }
    char text[9];
    (void)snprintf(text, sizeof text, "%06o", sum);
    cr_expect(zero(int, memcmp(block + 148, text, 7)),
              "its sum, six digits and a zero");
}

Test(tar, a_header_is_read_back)
{
    static const struct {
        const char *name;
        uint64_t size;
    } CASES[] = {
        {"a",                                      0               },
        {"ledger/tile/entries/x001/023.p/17",      4095            },
        {"0123456789012345678901234567890123456789012345678901234567890123456789"
         "01234567890123456789012345678", SIL_TAR_SIZE_MAX},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        uint8_t block[SIL_TAR_BLOCK];
        char name[SIL_TAR_NAME_MAX + 1];
        uint64_t size = 1;
        sil_tar_header(block, CASES[i].name, CASES[i].size);
        cr_assert(eq(int, sil_tar_parse(name, &size, block), true), "%s",
                  CASES[i].name);
        cr_expect(zero(int, strcmp(name, CASES[i].name)));
        cr_expect(eq(u64, size, CASES[i].size));
    }
}

Test(tar, no_other_byte_will_do)
{
    uint8_t block[SIL_TAR_BLOCK];
    char name[SIL_TAR_NAME_MAX + 1];
    uint64_t size = 0;
    sil_tar_header(block, "keys/release.pub", 113);
    for (size_t at = 0; at < sizeof block; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            block[at] ^= (uint8_t)(1U << bit);
            cr_expect(eq(int, sil_tar_parse(name, &size, block), false),
                      "byte %zu, bit %u", at, bit);
            block[at] ^= (uint8_t)(1U << bit);
        }
    }
    cr_expect(eq(int, sil_tar_parse(name, &size, block), true));
}

Test(tar, a_name_that_fills_its_field_or_is_empty_is_refused)
{
    uint8_t block[SIL_TAR_BLOCK];
    char name[SIL_TAR_NAME_MAX + 1];
    uint64_t size = 0;
    sil_tar_header(block, "x", 0);
    (void)memset(block, 'x', 100);
    cr_expect(eq(int, sil_tar_parse(name, &size, block), false));
    (void)memset(block, 0, SIL_TAR_BLOCK);
    cr_expect(eq(int, sil_tar_parse(name, &size, block), false));
}

Test(tar, files_are_padded_to_whole_blocks)
{
    cr_expect(eq(u64, sil_tar_padding(0), 0));
    cr_expect(eq(u64, sil_tar_padding(1), 511));
    cr_expect(eq(u64, sil_tar_padding(511), 1));
    cr_expect(eq(u64, sil_tar_padding(512), 0));
    cr_expect(eq(u64, sil_tar_padding(SIL_TAR_SIZE_MAX), 1));
}
