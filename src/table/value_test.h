// SPDX-License-Identifier: Apache-2.0
/// Tests on the values of one column, as people write them: =, <, IN. Nothing here looks at
/// rows: a test is a set of values of the public domain.
#ifndef SIL_TABLE_VALUE_TEST_H
#define SIL_TABLE_VALUE_TEST_H

#include "base/int128.h"
#include "table/schema.h"

/// What a missing value is compared with is unknown. In this order, AND is the smaller of two
/// and OR the larger.
enum sil_truth { SIL_FALSE, SIL_UNKNOWN, SIL_TRUE };

enum sil_comparison { SIL_LESS, SIL_LESS_EQUAL, SIL_GREATER, SIL_GREATER_EQUAL };

/// Scaled values from `low` up to below `high`.
struct sil_span {
    sil_i128 low;
    sil_i128 high;
};

struct sil_recomputed;

/// A set of values of one column. Of a column that a map or ranges give, it is looked at
/// through what the column comes from: the set of those values that give one of its own.
struct sil_test {
    uint32_t attr; ///< a measured column
    const struct sil_recomputed
        *through;               ///< borrowed from the schema; NULL: the column itself
    const struct sil_field *to; ///< then: whose values are below. Likewise
    bool is_null_test;          ///< true of a missing value alone, never unknown
    bool has_order; ///< a value that is not told (`other`) may or may not meet it;
                    ///< so of every test of a rule that does not name it
    struct sil_span *span; ///< values of bins
    size_t n_spans;
    size_t spans_capacity;
    uint32_t *code; ///< whole cells
    size_t n_codes;
    size_t codes_capacity;
};

void sil_test_clear(struct sil_test *test);

/// Aim an empty test at a column that sil_schema_find gave, a recomputed one too where that is
/// allowed. Returns why it cannot be, in words, or NULL. Static storage.
const char *sil_test_aim(struct sil_test *test, const struct sil_schema *schema,
                         uint32_t column, bool recomputed_too);

/// The field whose values a test speaks of.
const struct sil_field *sil_test_field(const struct sil_test *test,
                                       const struct sil_schema *schema);

/// Have the values of the column an order that sil_test_add_order takes?
bool sil_field_compares(const struct sil_field *field);

/// Make it the set of missing values alone. False, and nothing done: the column has none.
SIL_MUST_USE bool sil_test_make_null(struct sil_test *test,
                                     const struct sil_field *field);

/// Add a value, written as text, to the set.
/// Errors   SIL_ERR_USAGE: the column has no such value. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_test_add_value(struct sil_test *test,
                                           const struct sil_field *field,
                                           const char *text, size_t length,
                                           struct sil_error *err);

/// Add the values that compare so with the one written.
/// Errors   SIL_ERR_USAGE: it is no value of the column's type, or that has no order.
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_test_add_order(struct sil_test *test,
                                           const struct sil_field *field,
                                           enum sil_comparison comparison,
                                           const char *text, size_t length,
                                           struct sil_error *err);

/// Keep the values that both sets have; `with` is of the same column and made by one
/// sil_test_add_order, as `test` is.
void sil_test_intersect(struct sil_test *test, const struct sil_test *with);

/// Is it true of a cell of test->attr, whose field this is; `value` is a value of the cell
/// where it is a bin.
enum sil_truth sil_test_holds(const struct sil_test *test,
                              const struct sil_field *field, uint32_t code,
                              sil_i128 value);

#endif
