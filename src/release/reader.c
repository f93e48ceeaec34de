// SPDX-License-Identifier: Apache-2.0
#include "release/reader.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/refuse.h"
#include "release/reader_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 20 };

sil_status sil_reader_add(struct sil_reader *reader, const struct sil_bundle_file *file,
                          struct sil_error *err)
{
    uint64_t limit;
    if (!sil_bundle_allows(file->name, &limit)) {
        return sil_refuse_ledger(err, "S1", "%s does not belong in a bundle",
                                 file->name);
    }
    if (file->size > limit) {
        return sil_refuse_ledger(
            err, "S1", "%s is larger than the %" PRIu64 " bytes that it may have",
            file->name, limit);
    }
    for (size_t i = 0; i < reader->n; i++) {
        if (strcmp(reader->list[i].name, file->name) == 0) {
            return sil_refuse_ledger(err, "S1", "%s is there twice", file->name);
        }
    }
    if (reader->n == SIL_BUNDLE_FILES_MAX) {
        return sil_refuse_ledger(err, "S1",
                                 "%s is one too many: a bundle has at most "
                                 "%d files",
                                 file->name, SIL_BUNDLE_FILES_MAX);
    }
    sil_status status =
        sil_grow(&reader->list, &reader->capacity, reader->n + 1, sizeof *reader->list,
                 "the list of a bundle's files", err);
    if (status == SIL_OK) {
        reader->list[reader->n++] = *file;
    }
    return status;
}

static int compare_names(const void *a, const void *b)
{
    const struct sil_bundle_file *first = a;
    const struct sil_bundle_file *second = b;
    return strcmp(first->name, second->name);
}

/* ---- opening ---- */

static sil_status reader_new(struct sil_reader **out, const char *path,
                             struct sil_error *err)
{
    sil_status status = sil_alloc(out, 1, sizeof **out, "a reader", err);
    if (status != SIL_OK) {
        return status;
    }
    (*out)->file = -1;
    (*out)->path = strdup(path);
    return (*out)->path != NULL ? SIL_OK
                                : sil_fail(err, SIL_ERR_INTERNAL, "out of memory");
}

/* A pipe cannot be read in place, and one that nobody writes to would keep us waiting. */
static sil_status open_file(struct sil_reader *reader, struct sil_error *err)
{
    struct stat facts;
    reader->file = strcmp(reader->path, "-") == 0
                       ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                       : open(reader->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (reader->file < 0 || fstat(reader->file, &facts) != 0) {
        return sil_fail_errno(err, "cannot open %s", reader->path);
    }
    reader->is_tar = !S_ISDIR(facts.st_mode);
    reader->length = (uint64_t)facts.st_size;
    if (reader->is_tar && !S_ISREG(facts.st_mode)) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s is neither a folder nor a file: a bundle is read in place, "
                        "not from a pipe",
                        reader->path);
    }
    return SIL_OK;
}

static sil_status finish(struct sil_reader **out, struct sil_reader *reader,
                         sil_status status)
{
    if (status != SIL_OK) {
        sil_reader_close(reader);
        return status;
    }
    if (reader->n > 0) {
        qsort(reader->list, reader->n, sizeof *reader->list, compare_names);
    }
    *out = reader;
    return SIL_OK;
}

sil_status sil_reader_open(struct sil_reader **out, const char *path,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_reader *reader = NULL;
    *out = NULL;
    SIL_TRY(reader_new(&reader, path, err));
    SIL_TRY(open_file(reader, err));
    SIL_TRY(reader->is_tar ? sil_reader_list_tar(reader, err)
                           : sil_reader_list_folder(reader, err));
cleanup:
    return finish(out, reader, status);
}

sil_status sil_reader_open_memory(struct sil_reader **out, const uint8_t *data,
                                  size_t length, const char *path,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_reader *reader = NULL;
    *out = NULL;
    SIL_TRY(reader_new(&reader, path, err));
    reader->is_tar = true;
    reader->bytes = data;
    reader->length = length;
    SIL_TRY(sil_reader_list_tar(reader, err));
cleanup:
    return finish(out, reader, status);
}

void sil_reader_close(struct sil_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->file >= 0) {
        (void)close(reader->file);
    }
    free(reader->list);
    free(reader->path);
    free(reader);
}

size_t sil_reader_n_files(const struct sil_reader *reader)
{
    return reader->n;
}

const struct sil_bundle_file *sil_reader_file(const struct sil_reader *reader, size_t i)
{
    return &reader->list[i];
}

const struct sil_bundle_file *sil_reader_find(const struct sil_reader *reader,
                                              const char *name)
{
    for (size_t i = 0; i < reader->n; i++) {
        if (strcmp(reader->list[i].name, name) == 0) {
            return &reader->list[i];
        }
    }
    return NULL;
}

/* ---- bytes ---- */

/* Until `length` bytes are there, or the file ends. */
static sil_status read_at(uint8_t *out, size_t length, size_t *got, int file,
                          uint64_t offset, struct sil_error *err)
{
    *got = 0;
    while (*got < length) {
        ssize_t n = pread(file, out + *got, length - *got, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return sil_fail_errno(err, "cannot read the bundle");
        }
        if (n == 0) {
            break;
        }
        *got += (size_t)n;
    }
    return SIL_OK;
}

sil_status sil_reader_at(uint8_t *out, size_t length, size_t *got,
                         const struct sil_reader *reader, uint64_t offset,
                         struct sil_error *err)
{
    if (reader->bytes == NULL) {
        return read_at(out, length, got, reader->file, offset, err);
    }
    uint64_t left = offset < reader->length ? reader->length - offset : 0;
    *got = left < length ? (size_t)left : length;
    (void)memcpy(out, reader->bytes + (reader->length - left), *got);
    return SIL_OK;
}

/* A file on its way through memory. */
struct passage {
    const struct sil_reader *reader;
    const struct sil_bundle_file *file;
    int opened; ///< of a folder; -1 else
    uint64_t done;
};

static sil_status passage_open(struct passage *passage, const struct sil_reader *reader,
                               const struct sil_bundle_file *file,
                               struct sil_error *err)
{
    *passage = (struct passage){.reader = reader, .file = file, .opened = -1};
    return reader->is_tar ? SIL_OK
                          : sil_reader_open_listed(&passage->opened, reader, file, err);
}

static void passage_close(struct passage *passage)
{
    if (passage->opened >= 0) {
        (void)close(passage->opened);
    }
}

static sil_status passage_next(uint8_t *out, size_t length, struct passage *passage,
                               struct sil_error *err)
{
    size_t got = 0;
    sil_status status =
        passage->reader->is_tar
            ? sil_reader_at(out, length, &got, passage->reader,
                            passage->file->offset + passage->done, err)
            : read_at(out, length, &got, passage->opened, passage->done, err);
    if (status == SIL_OK && got < length) {
        status = sil_refuse_ledger(err, "S1", "%s has been changed while it was read",
                                   passage->file->name);
    }
    passage->done += got;
    return status;
}

sil_status sil_reader_read(struct sil_bytes *out, const struct sil_reader *reader,
                           const struct sil_bundle_file *file, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct passage passage = {.opened = -1};
    *out = (struct sil_bytes){0};
    SIL_TRY(passage_open(&passage, reader, file, err));
    SIL_TRY(sil_alloc(&out->data, (size_t)file->size, 1, file->name, err));
    out->capacity = (size_t)file->size;
    SIL_TRY(passage_next(out->data, (size_t)file->size, &passage, err));
    out->length = (size_t)file->size;
cleanup:
    passage_close(&passage);
    return status;
}

sil_status sil_reader_digest(struct sil_stream_digests *out,
                             const struct sil_reader *reader,
                             const struct sil_bundle_file *file,
                             const struct sil_progress *progress, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct passage passage = {.opened = -1};
    struct sil_stream *stream = NULL;
    uint8_t *piece = NULL;
    SIL_TRY(sil_stream_new(&stream, err));
    SIL_TRY(sil_alloc(&piece, PIECE, 1, "reading", err));
    SIL_TRY(passage_open(&passage, reader, file, err));
    while (passage.done < file->size) {
        uint64_t left = file->size - passage.done;
        size_t length = left < PIECE ? (size_t)left : PIECE;
        SIL_TRY(passage_next(piece, length, &passage, err));
        sil_stream_add(stream, piece, length);
        sil_progress(progress, "reading", passage.done, file->size);
    }
    sil_stream_finish(out, stream);
cleanup:
    passage_close(&passage);
    free(piece);
    sil_stream_free(stream);
    return status;
}
