// SPDX-License-Identifier: Apache-2.0
#include "codec/csv.h"

#include "base/fail.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FIRST_CAPACITY = 1 << 18,
    STOPS_PLAIN = 1, ///< ends the run of bytes of an unquoted field
    STOPS_QUOTED = 2 ///< the same between quotes
};

static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

/* The current record lies in buffer[start .. at), what is not yet looked at in
 * buffer[at .. end), and buffer[end] is a NUL, so that scanning needs no bound: a NUL stops
 * every scan, and one before `end` is an error of the file. */
struct sil_csv_reader {
    int fd;
    bool is_stream; ///< the standard input: not ours to close
    bool at_eof;
    char delimiter;
    uint8_t stops[256];
    char *path;

    char *buffer;
    size_t capacity;
    size_t start;
    size_t at;
    size_t end;

    struct sil_csv_field *fields;
    size_t n_fields;
    size_t fields_capacity;
    size_t field; ///< number, from 1, of the one being read

    uint64_t size;
    uint64_t bytes;
    uint64_t record;
    uint64_t line;
    uint64_t next_line;
};

static sil_status refuse(const struct sil_csv_reader *reader, const char *what,
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
        return refuse(reader, "the record is too long (is a quote left open?)", err);
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

/* Read more bytes behind `end`; `*more` is false at the end of the file. Positions counted
 * from `start` stay valid, pointers into the buffer do not. */
static sil_status refill(struct sil_csv_reader *reader, bool *more,
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

/* Is there a byte at `at`? Reads on when the buffer is used up. */
static sil_status peek(struct sil_csv_reader *reader, bool *more, struct sil_error *err)
{
    *more = true;
    return reader->at < reader->end ? SIL_OK : refill(reader, more, err);
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
    reader->stops['\0'] = STOPS_PLAIN | STOPS_QUOTED;
    reader->stops['"'] = STOPS_PLAIN | STOPS_QUOTED;
    reader->stops['\n'] = STOPS_PLAIN | STOPS_QUOTED;
    reader->stops['\r'] = STOPS_PLAIN;
    reader->stops[(uint8_t)delimiter] |= STOPS_PLAIN;
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
    size_t path_bytes = strlen(path) + 1;
    SIL_TRY(sil_alloc(&reader->path, path_bytes, 1, "a file name", err));
    (void)memcpy(reader->path, path, path_bytes);
    reader->capacity = FIRST_CAPACITY;
    SIL_TRY(sil_alloc(&reader->buffer, FIRST_CAPACITY + 1, 1,
                      "a buffer for a CSV record", err));
    SIL_TRY(open_file(reader, err));
    SIL_TRY(refill(reader, &more, err));
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

/* Add the field that begins at `begin` (counted from the start of the record). */
static sil_status add_field(struct sil_csv_reader *reader, size_t begin, size_t length,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;

    if (length > SIL_CSV_FIELD_MAX) {
        return refuse(reader, "the field is too long (is a quote left open?)", err);
    }
    if (reader->n_fields == reader->fields_capacity) {
        if (reader->n_fields >= SIL_CSV_FIELDS_MAX) {
            return refuse(reader, "too many fields", err);
        }
        SIL_TRY(sil_grow(&reader->fields, &reader->fields_capacity,
                         reader->n_fields + 1, sizeof *reader->fields,
                         "the fields of a CSV record", err));
    }
    reader->fields[reader->n_fields].text = reader->buffer + reader->start + begin;
    reader->fields[reader->n_fields].length = length;
    reader->n_fields++;

cleanup:
    return status;
}

/* An unquoted field: up to the next byte that cannot belong to one. */
static sil_status read_plain(struct sil_csv_reader *reader, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t begin = reader->at - reader->start;
    size_t length;
    bool more = true;

    while (more) {
        const char *byte = reader->buffer + reader->at;
        while ((reader->stops[(uint8_t)*byte] & STOPS_PLAIN) == 0) {
            byte++;
        }
        reader->at = (size_t)(byte - reader->buffer);
        if (reader->at < reader->end) {
            break;
        }
        SIL_TRY(refill(reader, &more, err));
    }
    length = reader->at - reader->start - begin;
    SIL_TRY(add_field(reader, begin, length, err));

cleanup:
    return status;
}

/* Copy the run of bytes from `from` to `at` down to `to`, behind the text unquoted so far
 * (positions from the start of the record), and return the end of the text. */
static size_t close_gap(struct sil_csv_reader *reader, size_t to, size_t from)
{
    char *record = reader->buffer + reader->start;
    size_t length = reader->at - reader->start - from;
    if (to != from) {
        (void)memmove(record + to, record + from, length);
    }
    return to + length;
}

/* A quoted field, unquoted in place: a doubled quote leaves one byte fewer. */
static sil_status read_quoted(struct sil_csv_reader *reader, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t begin = ++reader->at - reader->start;
    size_t from = begin;
    size_t to = begin;

    for (;;) {
        bool more;
        while ((reader->stops[(uint8_t)reader->buffer[reader->at]] & STOPS_QUOTED) ==
               0) {
            reader->at++;
        }
        /* The stop may be the end of the buffer, and then an ordinary byte follows, none
         * of the cases below: the scan goes on. */
        SIL_TRY(peek(reader, &more, err));
        if (!more) {
            return refuse(reader, "a quote is never closed", err);
        }
        char stop = reader->buffer[reader->at];
        if (stop == '"') {
            reader->at++;
            SIL_TRY(peek(reader, &more, err));
            to = close_gap(reader, to, from) - 1;
            if (!more || reader->buffer[reader->at] != '"') {
                break;
            }
            from = reader->at - reader->start;
            reader->at++;
        } else if (stop == '\n') {
            reader->next_line++;
            reader->at++;
        } else if (stop == '\0') {
            return refuse(reader, "a NUL byte (is this a text file?)", err);
        }
    }
    SIL_TRY(add_field(reader, begin, to - begin, err));

cleanup:
    return status;
}

/* Step over what stands behind a field; `*last` tells that the record ends there. */
static sil_status end_field(struct sil_csv_reader *reader, bool quoted, bool *last,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool more;

    SIL_TRY(peek(reader, &more, err));
    char stop = '\n';
    if (more) {
        stop = reader->buffer[reader->at];
    }
    *last = stop != reader->delimiter;
    reader->at += more;
    if (stop == '\r') {
        SIL_TRY(peek(reader, &more, err));
        if (!more || reader->buffer[reader->at] != '\n') {
            return refuse(reader, "a carriage return without a line feed", err);
        }
        reader->at++;
        reader->next_line++;
    } else if (stop == '\n') {
        reader->next_line++;
    } else if (stop == '\0') {
        return refuse(reader, "a NUL byte (is this a text file?)", err);
    } else if (stop != reader->delimiter) {
        return refuse(reader,
                      quoted ? "text after a closing quote"
                             : "a quote inside an unquoted field",
                      err);
    }

cleanup:
    return status;
}

sil_status sil_csv_next(struct sil_csv_reader *reader,
                        const struct sil_csv_field **fields, size_t *n_fields,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool more;
    bool last = false;

    *fields = NULL;
    *n_fields = 0;
    reader->n_fields = 0;
    reader->start = reader->at;
    SIL_TRY(peek(reader, &more, err));
    if (!more) {
        return SIL_OK;
    }
    reader->record++;
    reader->line = reader->next_line;
    for (reader->field = 1; !last; reader->field++) {
        SIL_TRY(peek(reader, &more, err));
        bool quoted = more && reader->buffer[reader->at] == '"';
        SIL_TRY(quoted ? read_quoted(reader, err) : read_plain(reader, err));
        SIL_TRY(end_field(reader, quoted, &last, err));
    }
    *fields = reader->fields;
    *n_fields = reader->n_fields;

cleanup:
    return status;
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
