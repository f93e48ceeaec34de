// SPDX-License-Identifier: Apache-2.0
#include "release/tar.h"

#include "base/fail.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct header {
    char name[100];
    char mode[8];
    char owner[8];
    char group[8];
    char size[12];
    char time[12];
    char sum[8];
    char type;
    char link[100];
    char magic[6];
    char version[2];
    char owner_name[32];
    char group_name[32];
    char major[8];
    char minor[8];
    char prefix[155];
    char rest[12];
};

_Static_assert(sizeof(struct header) == SIL_TAR_BLOCK, "a header fills a block");

/* The sum of the block's bytes, those of the sum itself counted as blanks. */
static unsigned sum_of(const struct header *header)
{
    uint8_t block[SIL_TAR_BLOCK];
    unsigned sum = 0;
    (void)memcpy(block, header, sizeof block);
    (void)memset(block + offsetof(struct header, sum), ' ', sizeof header->sum);
    for (size_t i = 0; i < sizeof block; i++) {
        sum += block[i];
    }
    return sum;
}

void sil_tar_header(uint8_t block[SIL_TAR_BLOCK], const char *name, uint64_t size)
{
    struct header header = {
        .mode = "0000644",
        .owner = "0000000",
        .group = "0000000",
        .time = "00000000000",
        .type = '0',
        .magic = "ustar",
        .version = {'0', '0'},
        .major = "0000000",
        .minor = "0000000",
    };
    size_t length = strlen(name);
    SIL_REQUIRE(length > 0 && length <= SIL_TAR_NAME_MAX && size <= SIL_TAR_SIZE_MAX);
    (void)memcpy(header.name, name, length);
    (void)snprintf(header.size, sizeof header.size, "%011" PRIo64, size);
    (void)snprintf(header.sum, sizeof header.sum, "%06o", sum_of(&header));
    header.sum[7] = ' ';
    (void)memcpy(block, &header, sizeof header);
}

static uint64_t read_octal(const char *digits, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n && digits[i] >= '0' && digits[i] <= '7'; i++) {
        value = 8 * value + (uint64_t)(digits[i] - '0');
    }
    return value;
}

bool sil_tar_parse(char name[SIL_TAR_NAME_MAX + 1], uint64_t *size,
                   const uint8_t block[SIL_TAR_BLOCK])
{
    struct header header;
    uint8_t again[SIL_TAR_BLOCK];
    (void)memcpy(&header, block, sizeof header);
    (void)memcpy(name, header.name, SIL_TAR_NAME_MAX);
    name[SIL_TAR_NAME_MAX] = '\0';
    bool is_printable = name[0] != '\0';
    for (char *c = name; *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7e) {
            *c = '?';
            is_printable = false;
        }
    }
    *size = read_octal(header.size, sizeof header.size - 1);
    if (!is_printable) {
        return false;
    }
    sil_tar_header(again, name, *size);
    return memcmp(again, block, sizeof again) == 0;
}

const char *sil_tar_kind(const uint8_t block[SIL_TAR_BLOCK])
{
    struct header header;
    (void)memcpy(&header, block, sizeof header);
    if (memcmp(header.magic, "ustar", 5) != 0) {
        return NULL;
    }
    switch (header.type) {
    case '1':
    case '2': return "a link, and a release has none";
    case '5': return "a folder: release writes files only";
    case 'x':
    case 'g':
    case 'L':
    case 'K': return "an extended header, which release does not write";
    case '0': return "not the header of a regular file as release writes it";
    default: return "neither a regular file nor anything else that release writes";
    }
}

uint64_t sil_tar_padding(uint64_t size)
{
    return (SIL_TAR_BLOCK - size % SIL_TAR_BLOCK) % SIL_TAR_BLOCK;
}
