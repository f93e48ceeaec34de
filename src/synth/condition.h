// SPDX-License-Identifier: Apache-2.0
/// Conditions on rows: `age >= 65 AND sex = 'F'`. docs/made-to-order.md has the language.
///
/// A condition is a formula over tests; a test looks at one column and at nothing else. Truth
/// has three values, as in SQL: what a missing value is compared with is unknown, and a row is
/// meant where the whole is true.
#ifndef SIL_SYNTH_CONDITION_H
#define SIL_SYNTH_CONDITION_H

#include "table/field.h"

/// Bytes of a condition at most, how deep it may nest, and its comparisons and operators.
enum { SIL_CONDITION_MAX = 4096, SIL_CONDITION_DEPTH = 48, SIL_CONDITION_NODES = 2048 };

/// In this order, AND is the smaller of two and OR the larger.
enum sil_truth { SIL_FALSE, SIL_UNKNOWN, SIL_TRUE };

enum sil_comparison { SIL_LESS, SIL_LESS_EQUAL, SIL_GREATER, SIL_GREATER_EQUAL };

/// Scaled values from `low` up to below `high`.
struct sil_span {
    sil_i128 low;
    sil_i128 high;
};

/// A set of values of one column.
struct sil_test {
    uint32_t attr;
    bool is_null_test; ///< true of a missing value alone, never unknown
    bool has_order;    ///< a value that is not told (`other`) may or may not meet it
    struct sil_span *span; ///< values of bins
    size_t n_spans;
    size_t spans_capacity;
    uint32_t *code; ///< whole cells
    size_t n_codes;
    size_t codes_capacity;
};

void sil_test_clear(struct sil_test *test);

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

/// Is it true of a cell, of which `value` is a value where it is a bin?
enum sil_truth sil_test_holds(const struct sil_test *test,
                              const struct sil_field *field, uint32_t code,
                              sil_i128 value);

enum sil_node_kind { SIL_NODE_TEST, SIL_NODE_AND, SIL_NODE_OR, SIL_NODE_NOT };

struct sil_condition_node {
    enum sil_node_kind kind;
    uint32_t left;  ///< the node, or of SIL_NODE_TEST the test
    uint32_t right; ///< of SIL_NODE_AND and SIL_NODE_OR
    uint32_t first; ///< nodes first .. this one are what the node is made of
};

/// The formula, operands before what joins them, the whole at the end. `{0}`: true.
struct sil_condition {
    struct sil_condition_node *node;
    size_t n_nodes;
    size_t nodes_capacity;
    struct sil_test *test;
    size_t n_tests;
    size_t tests_capacity;
};

/// Read a condition over the columns of a schema.
/// @param name     what the text is, for errors ("--where").
/// @param[out] column   where it is wrong, in bytes from 1; 0 where no place is at fault.
/// Errors   SIL_ERR_USAGE with the column: not a condition, no such column, no such value.
///          SIL_ERR_INTERNAL (memory). `out` is empty.
SIL_MUST_USE sil_status sil_condition_parse(struct sil_condition *out, const char *text,
                                            const struct sil_schema *schema,
                                            const char *name, size_t *column,
                                            struct sil_error *err);
void sil_condition_clear(struct sil_condition *condition);

/// Is node `root` true, given the truth of each test? `work` has room for every node.
enum sil_truth sil_condition_holds(const struct sil_condition *condition, size_t root,
                                   const uint8_t *truth, uint8_t *work);

#endif
