// SPDX-License-Identifier: Apache-2.0
/// A condition as disjoint boxes: in each, every column has a set of classes, and the columns
/// are not tied to each other. A junction tree is conditioned on a box by weights on single
/// columns, whatever its cliques are; a condition that joins columns by OR is several boxes.
#ifndef SIL_SYNTH_BOXES_H
#define SIL_SYNTH_BOXES_H

#include "table/condition.h"
#include "table/pieces.h"

/// Boxes of a condition, and combinations of classes of columns that OR ties together.
enum { SIL_BOXES_MAX = 256, SIL_BOX_COMBINATIONS_MAX = 1 << 16 };

struct sil_boxes {
    size_t n;
    size_t capacity;
    size_t n_flags;  ///< classes of all columns
    size_t *base;    ///< of each column: its first flag
    uint8_t *allows; ///< n times n_flags flags
};

/// Where the tests of a condition are: the column, and the place among that column's tests.
struct sil_test_place {
    size_t column;
    size_t at;
};

/// Find the boxes of a condition over the columns, cut by (at least) its tests.
/// @param places   of the condition's tests.
/// Errors   SIL_ERR_USAGE: more boxes or combinations than the limits. SIL_ERR_INTERNAL
///          (memory). `out` is empty. No box at all is no error.
SIL_MUST_USE sil_status sil_boxes_find(struct sil_boxes *out,
                                       const struct sil_condition *condition,
                                       const struct sil_test_place *places,
                                       const struct sil_pieces *columns,
                                       size_t n_columns, struct sil_error *err);
void sil_boxes_clear(struct sil_boxes *boxes);

static inline bool sil_box_allows(const struct sil_boxes *boxes, size_t box,
                                  size_t column, uint32_t class)
{
    return boxes->allows[box * boxes->n_flags + boxes->base[column] + class] != 0;
}

#endif
