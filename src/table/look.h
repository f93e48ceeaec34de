// SPDX-License-Identifier: Apache-2.0
/// What `schema draft --look` remembers of a column, and the guess it makes of it.
///
/// Reads raw values: a schema guessed this way is outside the guarantee and says so.
#ifndef SIL_TABLE_LOOK_H
#define SIL_TABLE_LOOK_H

#include "table/set.h"

#include <jansson.h>

/// Above so many distinct values a column of texts is left to the person.
#define SIL_LOOK_VALUES_MAX 1000

struct sil_range {
    bool is_possible; ///< every value so far can be read this way
    sil_i128 low;
    sil_i128 high;
};

/// A column read as numbers with one kind of decimal point.
struct sil_look_numbers {
    struct sil_range range;
    unsigned places; ///< decimal places
};

struct sil_look {
    uint64_t n_values;        ///< that are not missing
    struct sil_texts missing; ///< marks of missing values seen
    struct sil_texts values;  ///< distinct, in order
    struct sil_look_numbers point;
    struct sil_look_numbers comma;
    struct sil_range date;
    struct sil_range datetime;
    bool has_too_many; ///< distinct values
    bool are_booleans;
    bool has_comma_fraction; ///< a comma that cannot stand between thousands
    bool lacks_zone;         ///< a time without one was seen
};

/// A column that nothing was seen of.
struct sil_look sil_look_start(void);

/// See one value. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_look_add(struct sil_look *look, const char *text,
                                     size_t length, struct sil_error *err);

/// Put the guessed type and domain, and "origin": "looked", into the field's object. Where
/// there is nothing to guess from (no value, too many distinct texts) the field is left
/// incomplete, and its description says why.
/// Errors   SIL_ERR_INPUT: a value is not UTF-8. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_look_guess(json_t *field, const struct sil_look *look,
                                       struct sil_error *err);

void sil_look_clear(struct sil_look *look);

#endif
