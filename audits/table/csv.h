// SPDX-License-Identifier: Apache-2.0
/// CSV of RFC 4180, read from memory: records of fields, quotes doubled inside quotes.
#ifndef AUDIT_TABLE_CSV_H
#define AUDIT_TABLE_CSV_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aud_csv {
    const uint8_t *data; ///< borrowed
    size_t length;
    size_t at;
    char delimiter;
    uint64_t record; ///< of the one read last, from 1

    struct aud_text {
        const char *text; ///< not terminated; valid until the next record
        size_t length;
    } * field; ///< owned

    size_t n_fields;
    size_t room;
    struct sil_bytes unquoted; ///< fields that had quotes
};

/// A byte order mark is skipped. Cleared with aud_csv_clear.
void aud_csv_begin(struct aud_csv *csv, const void *data, size_t length,
                   char delimiter);
void aud_csv_clear(struct aud_csv *csv);

/// The next record; `*is_end` when there is none. Every record has as many fields as the
/// first. Errors  SIL_ERR_INPUT with the record's number; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_csv_next(struct aud_csv *csv, bool *is_end,
                                     struct sil_error *err);

/// The first field of the record that was read last which is `text`; n_fields: none.
size_t aud_csv_first(const struct aud_csv *csv, const char *text);

/// Where the header, which was read last, has the column of a name.
/// Errors   SIL_ERR_INPUT: nowhere, or in two places.
SIL_MUST_USE sil_status aud_csv_find(size_t *place, const struct aud_csv *csv,
                                     const char *name, struct sil_error *err);

#endif
