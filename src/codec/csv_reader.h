// SPDX-License-Identifier: Apache-2.0
/// The inside of a CSV reader, for src/codec/csv*.c alone: a buffer over the file, which
/// csv_buffer.c fills, and the record in it, which csv.c takes apart.
#ifndef SIL_CODEC_CSV_READER_H
#define SIL_CODEC_CSV_READER_H

#include "codec/csv.h"

enum {
    SIL_CSV_STOPS_PLAIN = 1, ///< ends the run of bytes of an unquoted field
    SIL_CSV_STOPS_QUOTED = 2 ///< the same between quotes
};

/// The current record lies in buffer[start .. at), what is not yet looked at in
/// buffer[at .. end), and buffer[end] is a NUL, so that scanning needs no bound: a NUL stops
/// every scan, and one before `end` is an error of the file.
struct sil_csv_reader {
    int fd;
    bool is_stream; ///< the standard input: not ours to close
    bool at_eof;
    char delimiter;
    uint8_t stops[256];
    char *path;
    struct sil_csv_observer observer;

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

/// The error of a file, with the record and the field being read.
sil_status sil_csv_refuse(const struct sil_csv_reader *reader, const char *what,
                          struct sil_error *err);

/// Read more bytes behind `end`; `*more` is false at the end of the file. Positions counted
/// from `start` stay valid, pointers into the buffer do not; `fields` follow.
/// Errors   SIL_ERR_IO, SIL_ERR_INPUT (a record too long), SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_csv_refill(struct sil_csv_reader *reader, bool *more,
                                       struct sil_error *err);

/// Is there a byte at `at`? Reads on when the buffer is used up.
static inline sil_status sil_csv_peek(struct sil_csv_reader *reader, bool *more,
                                      struct sil_error *err)
{
    *more = true;
    return reader->at < reader->end ? SIL_OK : sil_csv_refill(reader, more, err);
}

#endif
