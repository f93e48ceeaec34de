// SPDX-License-Identifier: Apache-2.0
/// The inside of a field: its domain as a closed set of values or as bins, and the code
/// that each thing found in a text stands for. docs/schema.md has the rules in words.
///
/// Codes: the values or bins in declared order, then `other`, then null.
#ifndef SIL_TABLE_FIELD_H
#define SIL_TABLE_FIELD_H

#include "table/bins.h"
#include "table/schema.h"
#include "table/set.h"

enum sil_type {
    SIL_TYPE_STRING,
    SIL_TYPE_INTEGER,
    SIL_TYPE_NUMBER,
    SIL_TYPE_BOOLEAN,
    SIL_TYPE_DATE,
    SIL_TYPE_DATETIME,
};

/// The name of a type as the schema writes it.
const char *sil_type_name(enum sil_type type);

/// What happens to a value outside the declared domain.
enum sil_outside {
    SIL_OUTSIDE_CLAMP,
    SIL_OUTSIDE_OTHER,
    SIL_OUTSIDE_NULL,
    SIL_OUTSIDE_DROP,
};

const char *sil_outside_name(enum sil_outside outside);

/// What a text turned out to be.
enum sil_finding {
    SIL_FOUND_VALUE,      ///< in the declared domain
    SIL_FOUND_MISSING,    ///< one of the missing values
    SIL_FOUND_BELOW,      ///< a value below the minimum
    SIL_FOUND_ABOVE,      ///< a value above the maximum
    SIL_FOUND_UNKNOWN,    ///< a value that is not in the closed set
    SIL_FOUND_UNREADABLE, ///< not a value of the type
    SIL_N_FINDINGS
};

/// No such cell; not SIL_CODE_DROP either.
#define SIL_CODE_NONE (UINT32_MAX - 1)

/// Where the bins of a field are to be learnt: the finest intervals that they are made of,
/// equal runs of the points at which values are written. Public.
struct sil_leaves {
    uint32_t wanted; ///< bins of about 1/wanted of the values; 0: the bins are declared
    uint32_t n;      ///< leaves: leaf i > 0 starts at origin + i width
    sil_i128 origin; ///< the first point of the field
    sil_i128 width;
    uint32_t *atom; ///< owned: leaves that are declared to be bins; NULL: none
};

/// What `other` is written as, by declared weights.
struct sil_expansion {
    struct sil_expanded {
        struct sil_text text;
        uint64_t weight;
        uint64_t reached; ///< weights of all up to this one
    } * item;             ///< in ascending order of their bytes

    size_t n; ///< 0: `other` is written as its label
};

struct sil_field {
    char *name;
    enum sil_type type;
    bool is_required;
    bool was_looked_at;
    bool is_open;        ///< has values that the schema does not list
    bool is_settled;     ///< and they are known: `set` has them behind the listed ones;
                         ///< or the bins were learnt
    uint32_t n_declared; ///< of an open field: values that the schema lists
    char point;          ///< the decimal point of a number in the data
    bool with_zone;      ///< datetimes are written with Z
    struct sil_texts missing;
    bool is_closed; ///< `set` is the domain, else `bins`
    struct sil_set set;
    struct sil_bins bins;
    struct sil_leaves leaves;
    enum sil_outside outside;
    struct sil_text other; ///< the text of the cell `other`
    struct sil_expansion expansion;
    uint32_t n_atoms; ///< bins that are declared to be a value by themselves
    uint32_t n_cells;
    uint32_t other_code;             ///< SIL_CODE_NONE when there is none
    uint32_t null_code;              ///< SIL_CODE_NONE when there is none
    uint32_t answer[SIL_N_FINDINGS]; ///< code or SIL_CODE_DROP, all but FOUND_VALUE
};

/// Read a text as a number of the field's type (not string or boolean). False when it is
/// not one; an integer with a fraction is not one.
bool sil_field_scale(struct sil_scaled *out, const struct sil_field *field,
                     const char *text, size_t length);

/// Find a text in the domain, missing values aside; `code` is set for FOUND_VALUE.
enum sil_finding sil_field_find(uint32_t *code, const struct sil_field *field,
                                const char *text, size_t length);

/// The text that is written for a cell, or NULL when its values are drawn: the cell is a
/// bin. Borrowed.
const struct sil_text *sil_field_text(const struct sil_field *field, uint32_t code);

/// Bytes that sil_field_put writes at most: digits, '-', ':', 'T', 'Z', the decimal point.
#define SIL_FIELD_BYTES SIL_SCALED_BYTES

/// Write a value, scaled as the field's bins, and return the end.
char *sil_field_put_value(char *out, const struct sil_field *field, sil_i128 value);

/// Write a value of a bin, as sil_field_decode draws it, and return the end.
char *sil_field_put(char *out, const struct sil_field *field, uint32_t code,
                    uint64_t word);

/// Number the cells behind the values, and fix what each finding is answered with.
/// Errors   SIL_ERR_INPUT: too many cells.
SIL_MUST_USE sil_status sil_field_number_cells(struct sil_field *field,
                                               struct sil_error *err);

/// Add values that were found to an open field: its cells are numbered anew.
/// Errors   SIL_ERR_INPUT: as sil_schema_settle. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_field_settle(struct sil_field *field,
                                         const struct sil_found *found, size_t n,
                                         struct sil_error *err);

/// Make the leaves of a field whose bins are to be learnt; points and step are declared.
/// Errors   SIL_ERR_INPUT: no value at the granularity of the field.
SIL_MUST_USE sil_status sil_leaves_make(struct sil_field *field, struct sil_error *err);

/// Are its cells leaves as yet, and no bins?
static inline bool sil_field_has_leaves(const struct sil_field *field)
{
    return field->leaves.wanted > 0 && !field->is_settled;
}

/// The leaf of a value between the bounds.
uint32_t sil_leaves_find(const struct sil_leaves *leaves, sil_i128 value);

/// Codes that a row may have: those of leaves, `other` and null while there are leaves, else
/// the cells.
uint32_t sil_field_n_codes(const struct sil_field *field);

/// Make bins of leaves. The cells are numbered anew.
/// Errors   SIL_ERR_INPUT: as sil_schema_settle_bins. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_field_settle_bins(struct sil_field *field,
                                              const struct sil_learnt *learnt,
                                              struct sil_error *err);

/// Leave out of the expansion what was found and has a cell of its own. Pre  settled.
void sil_expansion_settle(struct sil_field *field);

/// The value that a uniform word stands for. Pre  there is one.
size_t sil_expansion_pick(const struct sil_expansion *expansion, uint64_t word);
void sil_expansion_clear(struct sil_expansion *expansion);

/// Free what the field holds.
void sil_field_clear(struct sil_field *field);

#endif
