// SPDX-License-Identifier: Apache-2.0
/// Conditions on rows: `age >= 65 AND sex = 'F'`. docs/made-to-order.md has the language.
///
/// A condition is a formula over tests; a test looks at one column and at nothing else. Truth
/// has three values, as in SQL: what a missing value is compared with is unknown, and a row is
/// meant where the whole is true.
#ifndef SIL_TABLE_CONDITION_H
#define SIL_TABLE_CONDITION_H

#include "table/value_test.h"

/// Bytes of a condition at most, how deep it may nest, and its comparisons and operators.
enum { SIL_CONDITION_MAX = 4096, SIL_CONDITION_DEPTH = 48, SIL_CONDITION_NODES = 2048 };

/// Values of listed ones that its comparisons mean, in all.
enum { SIL_CONDITION_LISTED = 1 << 23 };

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
/// @param recomputed_too   columns that a map or ranges give may be named.
/// @param name     what the text is, for errors ("--where").
/// @param[out] column   where it is wrong, in bytes from 1; 0 where no place is at fault.
/// Errors   SIL_ERR_USAGE with the column: not a condition, no such column, no such value.
///          SIL_ERR_INTERNAL (memory). `out` is empty.
SIL_MUST_USE sil_status sil_condition_parse(struct sil_condition *out, const char *text,
                                            const struct sil_schema *schema,
                                            bool recomputed_too, const char *name,
                                            size_t *column, struct sil_error *err);
void sil_condition_clear(struct sil_condition *condition);

/// Is node `root` true, given the truth of each test? `work` has room for every node.
enum sil_truth sil_condition_holds(const struct sil_condition *condition, size_t root,
                                   const uint8_t *truth, uint8_t *work);

#endif
