// SPDX-License-Identifier: Apache-2.0
/// From the JSON of a field to the field, step by step; each step reports its own problems.
#ifndef SIL_TABLE_DECLARE_H
#define SIL_TABLE_DECLARE_H

#include "codec/json.h"
#include "table/field.h"
#include "table/problems.h"

/// Cells of one field, and of all fields of a schema together.
#define SIL_FIELD_CELLS_MAX  ((uint32_t)1 << 20)
#define SIL_SCHEMA_CELLS_MAX ((uint64_t)1 << 26)

/// Missing values that a field may have: every text of the data is compared with each.
#define SIL_MISSING_MAX 256

/// What the steps share. Absent objects are NULL.
struct sil_declaration {
    json_t *json;
    json_t *constraints;    ///< the field's `constraints`
    json_t *extension;      ///< the field's `silhouette`
    json_t *schema_missing; ///< `missingValues` of the schema
    struct sil_field *field;
};

/// Declare a field. Problems are collected; with problems the field is unusable and only
/// to be cleared, but its name is set if it has one.
/// @param index   of the field, for the place.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_field_declare(struct sil_field *field, json_t *json,
                                          size_t index, json_t *schema_missing,
                                          struct sil_problems *problems,
                                          struct sil_error *err);

/// The domain: a closed set (categories, enum, the two values of a boolean), or bins.
/// Errors   SIL_ERR_INPUT: the sentence begins with the property; SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_declare_set(struct sil_declaration *d,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_declare_bins(struct sil_declaration *d,
                                         struct sil_error *err);

#define SIL_ATOMS_PROPERTY "silhouette.atoms"

/// A declared value at the scale of the field's bins, whose decimal places stand.
/// Errors   SIL_ERR_INPUT: no such number; the sentence begins with `property`.
SIL_MUST_USE sil_status sil_declared_scale(sil_i128 *out, struct sil_field *field,
                                           json_t *value, const char *property,
                                           struct sil_error *err);

/// `atoms`: values that are bins by themselves, once bounds, bins and granularity stand.
SIL_MUST_USE sil_status sil_declare_atoms(struct sil_declaration *d,
                                          struct sil_error *err);

/// What values outside the domain meet, in this order, once the domain stands: missing
/// values must not be values as well; `outside`; `other`; `expand`; then the cells behind the values
/// are numbered and each finding gets its answer. Errors as above.
SIL_MUST_USE sil_status sil_check_missing_apart(struct sil_declaration *d,
                                                struct sil_error *err);
SIL_MUST_USE sil_status sil_declare_outside(struct sil_declaration *d,
                                            struct sil_error *err);
SIL_MUST_USE sil_status sil_declare_other(struct sil_declaration *d,
                                          struct sil_error *err);
SIL_MUST_USE sil_status sil_declare_expansion(struct sil_declaration *d,
                                              struct sil_error *err);
SIL_MUST_USE sil_status sil_declare_answers(struct sil_declaration *d,
                                            struct sil_error *err);

/// SIL_ERR_INPUT with the sentence "property: why".
SIL_MUST_USE sil_status sil_wrong(struct sil_error *err, const char *property,
                                  const char *why);

/// The value of `key` in `object`; NULL when it or the object is absent.
static inline json_t *sil_declared(json_t *object, const char *key)
{
    return object == NULL ? NULL : json_object_get(object, key);
}

#endif
