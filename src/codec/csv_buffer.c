// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "codec/csv_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1 << 18 };

static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

sil_status sil_csv_refuse(const struct sil_csv_reader *reader, const char *what,
                          struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT,
                    "%s: record %" PRIu64 " (line %" PRIu64 "), field %zu: %s",
                    reader->path, reader->record, reader->line, reader->field, what);
}

/* Rows pass through the buffer, so an outgrown one is wiped, which realloc would not do. */
static sil_status grow_buffer(struct sil_csv_reader *reader, struct sil_error *err)
{
    if (reader->capacity >= SIL_CSV_RECORD_MAX) {
        return sil_csv_refuse(reader, "the record is too long (is a quote left open?)",
                              err);
    }

    char *larger;
    sil_status status = sil_alloc(&larger, 2 * reader->capacity + 1, 1,
                                  "a buffer for a CSV record", err);
    if (status != SIL_OK) {
        return status;
    }
    (void)memcpy(larger, reader->buffer, reader->end);
    for (size_t i = 0; i < reader->n_fields; i++) {
        reader->fields[i].text = larger + (reader->fields[i].text - reader->buffer);
    }
    explicit_bzero(reader->buffer, reader->capacity);
    free(reader->buffer);
    reader->buffer = larger;
    reader->capacity *= 2;
    return SIL_OK;
}

/* Move the current record to the front of the buffer; its fields follow. */
static void shift_record(struct sil_csv_reader *reader)
{
    (void)memmove(reader->buffer, reader->buffer + reader->start,
                  reader->end - reader->start);
    for (size_t i = 0; i < reader->n_fields; i++) {
        reader->fields[i].text -= reader->start;
    }
    reader->at -= reader->start;
    reader->end -= reader->start;
    reader->start = 0;
}

sil_status sil_csv_refill(struct sil_csv_reader *reader, bool *more,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t before;
    *more = false;

    if (reader->at_eof) {
        return SIL_OK;
    }
    if (reader->start > 0) {
        shift_record(reader);
    } else if (reader->end == reader->capacity) {
        SIL_TRY(grow_buffer(reader, err));
    }

    before = reader->end;
    while (reader->end < reader->capacity && !reader->at_eof) {
        ssize_t n = read(reader->fd, reader->buffer + reader->end,
                         reader->capacity - reader->end);
        if (n < 0 && errno != EINTR) {
            return sil_fail_errno(err, "cannot read %s", reader->path);
        }
        reader->at_eof = n == 0;
        reader->end += n > 0 ? (size_t)n : 0;
    }
    reader->buffer[reader->end] = '\0';
    reader->bytes += reader->end - before;
    *more = reader->end > before;

cleanup:
    return status;
}

static sil_status open_file(struct sil_csv_reader *reader, struct sil_error *err)
{
    struct stat info;

    reader->is_stream = strcmp(reader->path, "-") == 0;
    reader->fd =
        reader->is_stream ? STDIN_FILENO : open(reader->path, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0 || fstat(reader->fd, &info) != 0) {
        return sil_fail_errno(err, "cannot open %s", reader->path);
    }
    if (S_ISDIR(info.st_mode)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is a directory, not a file",
                        reader->path);
    }
    if (S_ISREG(info.st_mode)) {
        reader->size = (uint64_t)info.st_size;
        (void)posix_fadvise(reader->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return SIL_OK;
}

static sil_status set_delimiter(struct sil_csv_reader *reader, char delimiter,
                                struct sil_error *err)
{
    if (delimiter == '\0') {
        delimiter = ',';
    }
    if ((unsigned char)delimiter >= 0x80 || strchr("\"\r\n", delimiter) != NULL) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "the delimiter has to be one ASCII character other than a quote "
            "and a line end");
    }
    reader->delimiter = delimiter;
    reader->stops['\0'] = SIL_CSV_STOPS_PLAIN | SIL_CSV_STOPS_QUOTED;
    reader->stops['"'] = SIL_CSV_STOPS_PLAIN | SIL_CSV_STOPS_QUOTED;
    reader->stops['\n'] = SIL_CSV_STOPS_PLAIN | SIL_CSV_STOPS_QUOTED;
    reader->stops['\r'] = SIL_CSV_STOPS_PLAIN;
    reader->stops[(uint8_t)delimiter] |= SIL_CSV_STOPS_PLAIN;
    return SIL_OK;
}

sil_status sil_csv_open(struct sil_csv_reader **out, const char *path,
                        const struct sil_csv_options *options, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_csv_reader *reader = NULL;
    bool more;
    *out = NULL;

    SIL_TRY(sil_alloc(&reader, 1, sizeof *reader, "a CSV reader", err));
    reader->fd = -1;
    reader->next_line = 1;
    SIL_TRY(set_delimiter(reader, options->delimiter, err));
    reader->observer = options->observer;
    size_t path_bytes = strlen(path) + 1;
    SIL_TRY(sil_alloc(&reader->path, path_bytes, 1, "a file name", err));
    (void)memcpy(reader->path, path, path_bytes);
    reader->capacity = FIRST_CAPACITY;
    SIL_TRY(sil_alloc(&reader->buffer, FIRST_CAPACITY + 1, 1,
                      "a buffer for a CSV record", err));
    SIL_TRY(open_file(reader, err));
    SIL_TRY(sil_csv_refill(reader, &more, err));
    if (reader->end >= 3 && memcmp(reader->buffer, BYTE_ORDER_MARK, 3) == 0) {
        reader->at = 3;
    }
    *out = reader;
    reader = NULL;

cleanup:
    sil_csv_close(reader);
    return status;
}

void sil_csv_close(struct sil_csv_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->fd >= 0 && !reader->is_stream) {
        (void)close(reader->fd);
    }
    if (reader->buffer != NULL) {
        explicit_bzero(reader->buffer, reader->capacity);
    }
    free(reader->buffer);
    free(reader->fields);
    free(reader->path);
    free(reader);
}

uint64_t sil_csv_record(const struct sil_csv_reader *reader)
{
    return reader->record;
}

uint64_t sil_csv_line(const struct sil_csv_reader *reader)
{
    return reader->line;
}

uint64_t sil_csv_bytes(const struct sil_csv_reader *reader)
{
    return reader->bytes;
}

uint64_t sil_csv_size(const struct sil_csv_reader *reader)
{
    return reader->size;
}
