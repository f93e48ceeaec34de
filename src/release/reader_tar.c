// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "release/reader_internal.h"

#include <inttypes.h>
#include <string.h>

static bool is_zero(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (data[i] != 0) {
            return false;
        }
    }
    return true;
}

static sil_status damaged(const struct sil_reader *reader, struct sil_error *err,
                          const char *name, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "%s: damaged at '%s': %s", reader->path, name,
                    what);
}

/* No header that release writes. A bundle that another program has packed may still be a
 * good one. */
static sil_status other_form(const struct sil_reader *reader, const char *name,
                             const uint8_t block[SIL_TAR_BLOCK], struct sil_error *err)
{
    const char *kind = sil_tar_kind(block);
    if (kind == NULL) {
        return reader->n > 0
                   ? damaged(reader, err, name, "not the header of a file")
                   : sil_fail(err, SIL_ERR_INPUT,
                              "%s is neither a folder nor a tar file", reader->path);
    }
    return sil_fail(err, SIL_ERR_INPUT,
                    "%s: not a tar file as release writes it, or damaged, at '%s': %s; "
                    "what another program has packed can be looked at (tar -tvf), "
                    "unpacked in an empty folder, and verified there",
                    reader->path, name, kind);
}

/* Behind the last file: two blocks of zeros, of which one has been read, and nothing. */
static sil_status check_end(const struct sil_reader *reader, uint64_t at,
                            struct sil_error *err)
{
    uint8_t block[SIL_TAR_BLOCK];
    size_t got = 0;
    sil_status status =
        sil_reader_at(block, sizeof block, &got, reader, at + sizeof block, err);
    if (status != SIL_OK) {
        return status;
    }
    if (got < sizeof block || !is_zero(block, sizeof block) ||
        reader->length != at + SIL_TAR_END) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s: a tar file of a release ends with %d bytes of zeros and "
                        "nothing behind them; this one does not",
                        reader->path, SIL_TAR_END);
    }
    return SIL_OK;
}

static sil_status check_padding(const struct sil_reader *reader,
                                const struct sil_bundle_file *file,
                                struct sil_error *err)
{
    uint8_t zeros[SIL_TAR_BLOCK];
    size_t got = 0;
    uint64_t padding = sil_tar_padding(file->size);
    if (reader->length - file->offset < file->size + padding) {
        return damaged(reader, err, file->name, "the file ends within it");
    }
    sil_status status = sil_reader_at(zeros, (size_t)padding, &got, reader,
                                      file->offset + file->size, err);
    if (status != SIL_OK) {
        return status;
    }
    return got == padding && is_zero(zeros, got)
               ? SIL_OK
               : damaged(reader, err, file->name, "its block is not filled with zeros");
}

/* The file whose header is at `*at`, which is moved behind it. */
static sil_status take_file(struct sil_reader *reader, uint64_t *at,
                            const uint8_t block[SIL_TAR_BLOCK], struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bundle_file file = {.offset = *at + SIL_TAR_BLOCK};
    if (!sil_tar_parse(file.name, &file.size, block)) {
        return other_form(reader, file.name, block, err);
    }
    SIL_TRY(sil_reader_add(reader, &file, err));
    if (reader->n > 1 && strcmp(reader->list[reader->n - 2].name, file.name) > 0) {
        return damaged(reader, err, file.name,
                       "the files are not in the order of "
                       "their names");
    }
    SIL_TRY(check_padding(reader, &file, err));
    *at = file.offset + file.size + sil_tar_padding(file.size);
cleanup:
    return status;
}

sil_status sil_reader_list_tar(struct sil_reader *reader, struct sil_error *err)
{
    uint64_t at = 0;
    for (;;) {
        uint8_t block[SIL_TAR_BLOCK];
        size_t got = 0;
        sil_status status = sil_reader_at(block, sizeof block, &got, reader, at, err);
        if (status == SIL_OK && got < sizeof block) {
            status = sil_fail(err, SIL_ERR_INPUT,
                              at == 0 ? "%s is neither a folder nor a tar file"
                                      : "%s: the tar file ends too early",
                              reader->path);
        }
        if (status == SIL_OK && is_zero(block, sizeof block)) {
            return check_end(reader, at, err);
        }
        if (status == SIL_OK) {
            status = take_file(reader, &at, block, err);
        }
        if (status != SIL_OK) {
            return status;
        }
    }
}
