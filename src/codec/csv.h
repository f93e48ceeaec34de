// SPDX-License-Identifier: Apache-2.0
/// CSV, RFC 4180, strict: quotes, CRLF or LF, a byte order mark, a chosen delimiter.
///
/// The reader streams: memory does not grow with the file, only with the longest record.
/// Blanks around fields are kept. Refused with record and field: NUL bytes, a quote inside
/// an unquoted field, text after a closing quote, an unclosed quote, a carriage return
/// outside quotes that no line feed follows, a field longer than SIL_CSV_FIELD_MAX, a
/// record of more than SIL_CSV_FIELDS_MAX fields or SIL_CSV_RECORD_MAX bytes. A blank line
/// is a record of one empty field (in a table of one column it is a row, and dropping it
/// would depend on a value).
#ifndef SIL_CODEC_CSV_H
#define SIL_CODEC_CSV_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIL_CSV_FIELD_MAX  ((size_t)1 << 20)
#define SIL_CSV_FIELDS_MAX ((size_t)1 << 17)
#define SIL_CSV_RECORD_MAX ((size_t)1 << 26)

struct sil_csv_field {
    const char *text; ///< unquoted; not terminated; valid until the next record
    size_t length;
};

/// Somebody who sees every record that the reader gives, the header too, once, before its
/// caller does: what is digested is then what is read, in the same pass.
struct sil_csv_observer {
    /// NULL: nobody. What it returns other than SIL_OK ends the reading.
    sil_status (*record)(void *context, const struct sil_csv_field *fields,
                         size_t n_fields, struct sil_error *err);
    void *context;
};

struct sil_csv_options {
    char delimiter; ///< ',' ';' '\t' '|' ...; 0 means ','
    bool
        ignore_extra_columns; ///< columns of the file that the schema lacks are skipped
    struct sil_csv_observer observer;
};

struct sil_csv_reader;

/// Open `path` ("-": standard input). Errors  SIL_ERR_IO, SIL_ERR_INPUT (a directory),
/// SIL_ERR_INTERNAL (memory), SIL_ERR_USAGE (a delimiter that cannot be one).
SIL_MUST_USE sil_status sil_csv_open(struct sil_csv_reader **out, const char *path,
                                     const struct sil_csv_options *options,
                                     struct sil_error *err);

/// Read the next record: its fields (borrowed until the next call) and their number;
/// `*n_fields` = 0 at the end of the file.
/// Errors   SIL_ERR_INPUT with record and field, SIL_ERR_IO, SIL_ERR_INTERNAL (memory);
///          what the observer returns.
SIL_MUST_USE sil_status sil_csv_next(struct sil_csv_reader *reader,
                                     const struct sil_csv_field **fields,
                                     size_t *n_fields, struct sil_error *err);

/// The number of the last record read, from 1 (the header is record 1), its first line
/// in the file, from 1, and bytes taken from the file so far (for progress).
uint64_t sil_csv_record(const struct sil_csv_reader *reader);
uint64_t sil_csv_line(const struct sil_csv_reader *reader);
uint64_t sil_csv_bytes(const struct sil_csv_reader *reader);
/// Size of the file, or 0 when it is not a regular file.
uint64_t sil_csv_size(const struct sil_csv_reader *reader);

/// Wipe the buffer and free; NULL is allowed.
void sil_csv_close(struct sil_csv_reader *reader);

/// Does a field have to be quoted: delimiter, quote, CR or LF in it, a leading or trailing
/// blank, a leading byte order mark?
bool sil_csv_needs_quotes(const char *text, size_t length, char delimiter);

/// Append a field to a line of CSV, quoted when it has to be.
SIL_MUST_USE sil_status sil_csv_append(struct sil_bytes *line, const char *text,
                                       size_t length, char delimiter,
                                       struct sil_error *err);

#endif
