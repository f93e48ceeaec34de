// SPDX-License-Identifier: Apache-2.0
/// One field of a schema: which cell a text falls into. By docs/schema.md, a second time.
#ifndef AUDIT_TABLE_FIELD_H
#define AUDIT_TABLE_FIELD_H

#include "silhouette/status.h"

#include <gmp.h>

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The row of such a text is no row of the table.
#define AUD_DROPPED UINT32_MAX

enum aud_field_type {
    AUD_STRING,
    AUD_BOOLEAN,
    AUD_INTEGER,
    AUD_NUMBER,
    AUD_DATE,
    AUD_DATETIME
};

struct aud_field {
    char *name;
    enum aud_field_type type;
    char decimal; ///< the character before decimal places
    bool is_closed;
    bool is_required;
    bool was_looked_at;
    bool is_open;    ///< has values that the schema does not list
    char origin[32]; ///< as the schema has it; empty: declared in public

    enum aud_outside { AUD_CLAMP, AUD_OTHER, AUD_NULL, AUD_DROP } outside;

    char **text; ///< a closed set of strings or booleans
    uint32_t *text_cell;
    size_t n_texts, text_room;
    mpq_t *value; ///< a closed set of numbers; or the edges of bins
    size_t n_values, value_room;
    char **missing;
    size_t n_missing, missing_room;
    uint32_t n_plain; ///< cells before `other` and null
    uint32_t n_cells;
    struct aud_memo *memo; ///< texts seen before
    bool touches[2];       ///< bins: a value is the lowest, the highest edge itself
    size_t memo_used, memo_room;
};

/// Read a field's object; `missing` is the schema's list, or NULL.
/// Errors   SIL_ERR_INPUT: not understood. SIL_ERR_INTERNAL (memory). Always to be cleared.
SIL_MUST_USE sil_status aud_field_read(struct aud_field *out, const json_t *object,
                                       const json_t *missing, struct sil_error *err);
void aud_field_clear(struct aud_field *field);
void aud_memo_free(struct aud_memo *memo, size_t room);

/// The cell of a text, or AUD_DROPPED. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_field_encode(uint32_t *cell, struct aud_field *field,
                                         const char *text, size_t length,
                                         struct sil_error *err);

/// What the texts that were encoded have in common with the domain.
struct aud_usage {
    uint64_t n_outside; ///< texts that are no value of it, each as often as it came
    uint32_t n_unused;  ///< of a closed set: values that never came
    bool is_exact;      ///< just those values, or just that range, and nothing outside
};

/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_field_usage(struct aud_usage *out,
                                        const struct aud_field *field,
                                        struct sil_error *err);

/// A number, date or time as an exact value: days or seconds since 0001-01-01. False: it
/// cannot be read as the type.
bool aud_parse_value(mpq_t out, enum aud_field_type type, char decimal,
                     const char *text);

#endif
