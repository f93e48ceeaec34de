// SPDX-License-Identifier: Apache-2.0
#include "codec/csv.h"

#include "base/fail.h"
#include "base/memory.h"
#include "codec/csv_reader.h"

#include <string.h>

/* Add the field that begins at `begin` (counted from the start of the record). */
static sil_status add_field(struct sil_csv_reader *reader, size_t begin, size_t length,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;

    if (length > SIL_CSV_FIELD_MAX) {
        return sil_csv_refuse(reader, "the field is too long (is a quote left open?)",
                              err);
    }
    if (reader->n_fields == reader->fields_capacity) {
        if (reader->n_fields >= SIL_CSV_FIELDS_MAX) {
            return sil_csv_refuse(reader, "too many fields", err);
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
        while ((reader->stops[(uint8_t)*byte] & SIL_CSV_STOPS_PLAIN) == 0) {
            byte++;
        }
        reader->at = (size_t)(byte - reader->buffer);
        if (reader->at < reader->end) {
            break;
        }
        SIL_TRY(sil_csv_refill(reader, &more, err));
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
        while ((reader->stops[(uint8_t)reader->buffer[reader->at]] &
                SIL_CSV_STOPS_QUOTED) == 0) {
            reader->at++;
        }
        /* The stop may be the end of the buffer, and then an ordinary byte follows, none
         * of the cases below: the scan goes on. */
        SIL_TRY(sil_csv_peek(reader, &more, err));
        if (!more) {
            return sil_csv_refuse(reader, "a quote is never closed", err);
        }
        char stop = reader->buffer[reader->at];
        if (stop == '"') {
            reader->at++;
            SIL_TRY(sil_csv_peek(reader, &more, err));
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
            return sil_csv_refuse(reader, "a NUL byte (is this a text file?)", err);
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

    SIL_TRY(sil_csv_peek(reader, &more, err));
    char stop = '\n';
    if (more) {
        stop = reader->buffer[reader->at];
    }
    *last = stop != reader->delimiter;
    reader->at += more;
    if (stop == '\r') {
        SIL_TRY(sil_csv_peek(reader, &more, err));
        if (!more || reader->buffer[reader->at] != '\n') {
            return sil_csv_refuse(reader, "a carriage return without a line feed", err);
        }
        reader->at++;
        reader->next_line++;
    } else if (stop == '\n') {
        reader->next_line++;
    } else if (stop == '\0') {
        return sil_csv_refuse(reader, "a NUL byte (is this a text file?)", err);
    } else if (stop != reader->delimiter) {
        return sil_csv_refuse(reader,
                              quoted ? "text after a closing quote"
                                     : "a quote inside an unquoted field",
                              err);
    }

cleanup:
    return status;
}

/* What nearly every field is: unquoted, short enough, with its end in the buffer. False
 * when it may be anything else; then nothing has been done. */
static bool take_plain(struct sil_csv_reader *reader, bool *last)
{
    const char *begin = reader->buffer + reader->at;
    const char *end = begin;
    while ((reader->stops[(uint8_t)*end] & SIL_CSV_STOPS_PLAIN) == 0) {
        end++;
    }
    size_t length = (size_t)(end - begin);
    bool is_end = *end == reader->delimiter || *end == '\n';
    if (!is_end || length > SIL_CSV_FIELD_MAX ||
        reader->n_fields == reader->fields_capacity) {
        return false;
    }
    reader->fields[reader->n_fields].text = begin;
    reader->fields[reader->n_fields].length = length;
    reader->n_fields++;
    reader->at += length + 1;
    *last = *end == '\n';
    reader->next_line += *last;
    return true;
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
    SIL_TRY(sil_csv_peek(reader, &more, err));
    if (!more) {
        return SIL_OK;
    }
    reader->record++;
    reader->line = reader->next_line;
    for (reader->field = 1; !last; reader->field++) {
        if (take_plain(reader, &last)) {
            continue;
        }
        SIL_TRY(sil_csv_peek(reader, &more, err));
        bool quoted = more && reader->buffer[reader->at] == '"';
        SIL_TRY(quoted ? read_quoted(reader, err) : read_plain(reader, err));
        SIL_TRY(end_field(reader, quoted, &last, err));
    }
    if (reader->observer.record != NULL) {
        SIL_TRY(reader->observer.record(reader->observer.context, reader->fields,
                                        reader->n_fields, err));
    }
    *fields = reader->fields;
    *n_fields = reader->n_fields;

cleanup:
    return status;
}
