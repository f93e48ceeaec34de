// SPDX-License-Identifier: Apache-2.0
#include "audits/verify/tar.h"

#include "audits/ledger/reading.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 512, END_BLOCKS = 2 };

/* The fields of a header: where they begin, and how long they are. */
enum {
    NAME_AT = 0,
    NAME_BYTES = 100,
    SIZE_AT = 124,
    SIZE_BYTES = 12,
    SUM_AT = 148,
    SUM_BYTES = 8,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
    PREFIX_BYTES = 155
};

static const char MAGIC[] = "ustar"; /* its NUL is part of it, then "00" */

static sil_status read_block(uint8_t block[BLOCK], int fd, uint64_t at,
                             struct sil_error *err)
{
    ssize_t got = pread(fd, block, BLOCK, (off_t)at);
    if (got < 0) {
        return sil_fail_errno(err, "cannot read a tar file");
    }
    return got == BLOCK ? SIL_OK
                        : aud_refuse(err, "S1", "the tar file ends within a block");
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Octal digits, filled up with zeros in front, then one NUL or blank. */
static bool read_octal(uint64_t *out, const uint8_t *field, size_t n)
{
    *out = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        if (field[i] < '0' || field[i] > '7') {
            return false;
        }
        *out = *out << 3 | (uint64_t)(field[i] - '0');
    }
    return field[n - 1] == 0 || field[n - 1] == ' ';
}

/* The sum of a header's bytes, its own field taken as blanks: six digits, NUL, blank. */
static bool has_sum(const uint8_t block[BLOCK])
{
    uint64_t said = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        bool is_own = i >= SUM_AT && i < SUM_AT + SUM_BYTES;
        sum += is_own ? (uint8_t)' ' : block[i];
    }
    return read_octal(&said, block + SUM_AT, SUM_BYTES - 1) && said == sum;
}

static void read_name(char name[AUD_NAME_ROOM], const uint8_t block[BLOCK])
{
    size_t n = strnlen((const char *)block + PREFIX_AT, PREFIX_BYTES);
    size_t rest = strnlen((const char *)block + NAME_AT, NAME_BYTES);
    (void)memcpy(name, block + PREFIX_AT, n);
    if (n > 0) {
        name[n++] = '/';
    }
    (void)memcpy(name + n, block + NAME_AT, rest);
    name[n + rest] = '\0';
}

bool aud_stays_below(const char *name)
{
    for (const char *part = name;; part += strcspn(part, "/") + 1) {
        size_t n = strcspn(part, "/");
        if (n == 0 || strspn(part, ".") == n) {
            return false;
        }
        if (part[n] == '\0') {
            return true;
        }
    }
}

/* What is wrong with a member; NULL: nothing. `left` bytes follow its header. */
static const char *fault_of(const struct aud_tar *tar, const struct aud_member *member,
                            const uint8_t block[BLOCK], uint64_t left)
{
    if (memcmp(block + MAGIC_AT, MAGIC, sizeof MAGIC) != 0 || !has_sum(block)) {
        return "a header of another form, or whose sum is wrong";
    }
    if (block[TYPE_AT] != '0') {
        return "something other than a regular file";
    }
    if (!aud_stays_below(member->name)) {
        return "a name that is not below";
    }
    if (tar->n > 0 && strcmp(tar->member[tar->n - 1].name, member->name) >= 0) {
        return "names that do not ascend";
    }
    return member->length > left ? "a file that is cut short" : NULL;
}

static sil_status add_member(struct aud_tar *tar, const uint8_t block[BLOCK],
                             uint64_t at, uint64_t size, struct sil_error *err)
{
    struct aud_member member = {.at = at + BLOCK};
    bool has_size = read_octal(&member.length, block + SIZE_AT, SIZE_BYTES);
    read_name(member.name, block);
    const char *fault =
        has_size ? fault_of(tar, &member, block, size - at - BLOCK) : "no size";
    if (fault != NULL) {
        return aud_refuse(err, "S1", "the tar file has %s", fault);
    }
    if (tar->n == AUD_MEMBERS_MAX) {
        return aud_refuse(err, "S1", "the tar file has more files than a release");
    }
    sil_status status = sil_grow(&tar->member, &tar->room, tar->n + 1,
                                 sizeof *tar->member, "a tar file", err);
    if (status == SIL_OK) {
        tar->member[tar->n++] = member;
    }
    return status;
}

/* What a member's last block has behind its bytes is zero. */
static sil_status check_filling(int fd, uint64_t end, struct sil_error *err)
{
    uint8_t block[BLOCK];
    size_t used = (size_t)(end % BLOCK);
    if (used == 0) {
        return SIL_OK;
    }
    sil_status status = read_block(block, fd, end - used, err);
    if (status == SIL_OK && !is_zero(block + used, BLOCK - used)) {
        status = aud_refuse(err, "S1", "the tar file has bytes behind a file's end");
    }
    return status;
}

static sil_status check_end(int fd, uint64_t at, uint64_t size, struct sil_error *err)
{
    uint8_t block[BLOCK];
    bool is = size == at + (uint64_t)END_BLOCKS * BLOCK;
    for (uint64_t i = 0; i < END_BLOCKS && is; i++) {
        sil_status status = read_block(block, fd, at + i * BLOCK, err);
        if (status != SIL_OK) {
            return status;
        }
        is = is_zero(block, BLOCK);
    }
    return is ? SIL_OK
              : aud_refuse(err, "S1", "the tar file does not end in two empty blocks");
}

sil_status aud_tar_index(struct aud_tar *out, int fd, uint64_t size,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t block[BLOCK];
    uint64_t at = 0;
    *out = (struct aud_tar){0};
    if (size < BLOCK || read_block(block, fd, 0, err) != SIL_OK ||
        memcmp(block + MAGIC_AT, MAGIC, sizeof MAGIC - 1) != 0) {
        return sil_fail(err, SIL_ERR_INPUT, "neither a folder nor a tar file");
    }
    while (size - at >= BLOCK) {
        SIL_TRY(read_block(block, fd, at, err));
        if (is_zero(block, BLOCK)) {
            break;
        }
        SIL_TRY(add_member(out, block, at, size, err));
        const struct aud_member *member = &out->member[out->n - 1];
        uint64_t end = member->at + member->length;
        SIL_TRY(check_filling(fd, end, err));
        at = (end + BLOCK - 1) / BLOCK * BLOCK;
        if (at > size) {
            return aud_refuse(err, "S1", "the tar file ends within a block");
        }
    }
    status = check_end(fd, at, size, err);

cleanup:
    return status;
}

void aud_tar_clear(struct aud_tar *tar)
{
    free(tar->member);
    *tar = (struct aud_tar){0};
}

static int compare_name(const void *name, const void *member)
{
    return strcmp(name, ((const struct aud_member *)member)->name);
}

const struct aud_member *aud_tar_find(const struct aud_tar *tar, const char *name)
{
    return tar->n == 0
               ? NULL
               : bsearch(name, tar->member, tar->n, sizeof *tar->member, compare_name);
}
