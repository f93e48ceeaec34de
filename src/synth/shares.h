// SPDX-License-Identifier: Apache-2.0
/// Shares of rows: `income=<=50K:0.5,>50K:0.5`. docs/made-to-order.md has the language.
#ifndef SIL_SYNTH_SHARES_H
#define SIL_SYNTH_SHARES_H

#include "table/condition.h"

/// Shares are told in units of 10^-9.
#define SIL_SHARE_ONE UINT64_C(1000000000)

/// Columns that may be rebalanced at once.
enum { SIL_REBALANCE_MAX = 16 };

/// The values of one column in groups, each with its share. The values that no group has keep
/// the rest of the rows, in the proportions that they have.
struct sil_shares {
    uint32_t attr; ///< that is measured
    uint32_t
        column; ///< that is named: the same, or one that it gives by a map or ranges

    struct sil_share_group {
        struct sil_test test;
        uint64_t share; ///< the sum of all is at most SIL_SHARE_ONE
        size_t column;  ///< where it stands in the text, in bytes from 1
        size_t length;  ///< of the value there, with its quotes
    } * group;

    size_t n;
    size_t capacity;
};

/// Read shares. @param name, column   as sil_condition_parse.
/// Errors   SIL_ERR_USAGE with the column: not shares, no such column or value, a sum above 1.
///          SIL_ERR_INTERNAL (memory). `out` is empty.
SIL_MUST_USE sil_status sil_shares_parse(struct sil_shares *out, const char *text,
                                         const struct sil_schema *schema,
                                         const char *name, size_t *column,
                                         struct sil_error *err);
void sil_shares_clear(struct sil_shares *shares);

#endif
