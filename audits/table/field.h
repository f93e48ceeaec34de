// SPDX-License-Identifier: Apache-2.0
/// One field of a schema: which cell a text falls into. By docs/schema.md, a second time.
#ifndef AUDIT_TABLE_FIELD_H
#define AUDIT_TABLE_FIELD_H

#include "audits/table/listed.h"

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
    char *other;     ///< what is written for `other`; NULL: there is no such cell
    char **expanded; ///< what `other` is written as in synthetic rows
    size_t n_expanded;
    struct aud_listing expansion; ///< of them; what was found has no cell any more
    char origin[32];              ///< as the schema has it; empty: declared in public

    enum aud_outside { AUD_CLAMP, AUD_OTHER, AUD_NULL, AUD_DROP } outside;

    /// Bins that are learnt: until they are settled the cells of values are leaves, of which
    /// leaf i > 0 begins at leaf + i width. `value` has the bounds.
    uint32_t wanted; ///< so many bins, about; 0: the schema has them
    mpq_t leaf, width;
    bool has_leaves;
    uint32_t *atom; ///< leaves that are declared to be bins by themselves, ascending
    size_t n_atoms;

    mpq_t step; ///< of bins that the schema has: values are written as its multiples

    char **text; ///< a closed set of strings or booleans
    uint32_t *text_cell;
    size_t n_texts, text_room;
    mpq_t *value; ///< a closed set of numbers; or the edges of bins
    size_t n_values, value_room;
    char **missing;
    size_t n_missing, missing_room;
    struct aud_listing list; ///< of a closed set, and of what is missing
    struct aud_listing missing_list;
    uint32_t n_plain; ///< cells before `other` and null
    uint32_t n_cells;
    struct aud_memo *memo; ///< texts seen before
    bool touches[2];       ///< bins: a value is the lowest, the highest edge itself
    size_t memo_used, memo_room;
    uint8_t memo_key[16]; ///< drawn when it is first used

    /// Texts of an open field that an honest run may find, in the order in which they were
    /// met. Until it is settled the cell of the k-th is n_cells + k.
    struct aud_unlisted {
        const char *text; ///< borrowed from the memo
        size_t length;
        uint64_t count; ///< rows of the table that have it; set when that is read
        size_t found;   ///< once settled: its place among those found, or AUD_UNFOUND
    } * unlisted;

    size_t n_unlisted, unlisted_room;
};

#define AUD_UNFOUND SIZE_MAX

/// Read a field's object; `missing` is the schema's list, or NULL.
/// Errors   SIL_ERR_INPUT: not understood. SIL_ERR_INTERNAL (memory). Always to be cleared.
SIL_MUST_USE sil_status aud_field_read(struct aud_field *out, const json_t *object,
                                       const json_t *missing, struct sil_error *err);
void aud_field_clear(struct aud_field *field);
void aud_memo_free(struct aud_memo *memo, size_t room);

/// The cell of a text, or AUD_DROPPED; of an open field, which is not settled yet, it may be
/// that of an unlisted one. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_field_encode(uint32_t *cell, struct aud_field *field,
                                         const char *text, size_t length,
                                         struct sil_error *err);

bool aud_field_is_missing(const struct aud_field *field, const char *text,
                          size_t length);

/// The cell of a value that a closed set lists, written just so, or equal to this number;
/// AUD_NO_CELL: it does not.
uint32_t aud_field_text_cell(const struct aud_field *field, const char *text,
                             size_t length);
uint32_t aud_field_value_cell(const struct aud_field *field, const mpq_t value);

/// May an honest run find this text? A field that is open, and no missing value, no listed
/// one, not the text of `other`, text of at most 256 bytes: that text alone decides.
bool aud_field_may_find(const struct aud_field *field, const char *text, size_t length);

/// The unlisted text whose cell this is, of a field that is not settled; NULL: of none.
const struct aud_unlisted *aud_field_unlisted(const struct aud_field *field,
                                              uint32_t cell);

/// Settle an open field: the values found become cells behind the listed ones, all other
/// texts are `other`.
/// @param[out] cells   owned by the caller: the new cell of every one there was, and behind
///                     them of every unlisted text.
/// Errors   SIL_ERR_INPUT: a value that cannot have been found, or they do not ascend.
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_field_settle(uint32_t **cells, struct aud_field *field,
                                         const struct aud_text *found, size_t n,
                                         struct sil_error *err);

/// Make bins of leaves, bin b of those from first[b] on. Pre  an ascending list from 0.
/// @param[out] cells   owned by the caller: the new cell of every one there was.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_field_settle_bins(uint32_t **cells, struct aud_field *field,
                                              const uint32_t *first, size_t n,
                                              struct sil_error *err);

/// Read {"private": N} of a field with these bounds, whose finest decimal has `places`.
/// Errors   SIL_ERR_INPUT: it cannot be.
SIL_MUST_USE sil_status aud_field_read_leaves(struct aud_field *field,
                                              const json_t *object, const mpq_t from,
                                              const mpq_t to, struct sil_error *err);

/// Read `expand` of a field whose rule for outside values is known.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_field_read_expansion(struct aud_field *field,
                                                 const json_t *own,
                                                 struct sil_error *err);

/// In a synthetic row: does this text stand for `other`?
bool aud_field_expands(const struct aud_field *field, const struct aud_text *text);

/// No longer: it was found, and stands for itself.
void aud_field_leave_found(struct aud_field *field, const struct aud_text *text);

/// Cut the values of `atoms`, if the field has any, out of the bins that it has so far: each
/// with what lies before the next number of the field's resolution is a bin by itself. Of
/// leaves it is noted which are atoms.
/// Errors   SIL_ERR_INPUT: they cannot be.
SIL_MUST_USE sil_status aud_field_read_atoms(struct aud_field *field,
                                             const json_t *object,
                                             struct sil_error *err);

/// Decimal places of the finest decimal that a field speaks of, whose bins have this width,
/// the narrowest one; integers, dates and times are whole. For the same.
size_t aud_field_resolution(const struct aud_field *field, const json_t *object,
                            const mpq_t width);

/// The declared width of the narrowest bin that is no single value; of equal bins the exact
/// one. Before atoms are cut out. For the same.
void aud_field_narrowest(mpq_t width, const struct aud_field *field,
                         const json_t *object);

/// The step at which values are written where the narrowest bin has this width. For the
/// same. False: it is none.
bool aud_field_read_step(mpq_t step, const struct aud_field *field,
                         const json_t *object, const mpq_t width);

/// The last value that may be written and is not above another. Pre  the field has bins.
void aud_field_step_below(mpq_t out, const struct aud_field *field, const mpq_t value);

/// A value that the schema declares. For the same. Errors   SIL_ERR_INPUT: none of its type.
SIL_MUST_USE sil_status aud_field_json_value(mpq_t out, const struct aud_field *field,
                                             const json_t *item, struct sil_error *err);

/// The leaf of a value between the bounds.
uint32_t aud_field_leaf(const struct aud_field *field, const mpq_t value);

/// Append to `value`. For what reads bins.
SIL_MUST_USE sil_status aud_field_add_value(struct aud_field *field, const mpq_t value,
                                            struct sil_error *err);

/// Of the default granularity of bins of this width: its decimal places. For the same.
size_t aud_default_places(const mpq_t width);

/// The same of the texts that were seen. For aud_field_settle alone.
void aud_memo_recode(struct aud_field *field, const uint32_t *cells);

/// What the texts that were encoded have in common with the domain; of an open field that
/// is settled, with the values listed and found.
struct aud_usage {
    uint64_t n_outside; ///< texts that are no value of it, each as often as it came
    uint32_t n_unused;  ///< of a closed set: values that never came
    bool is_exact;      ///< just what the schema lists, or its range; nothing besides
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
