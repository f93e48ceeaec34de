// SPDX-License-Identifier: Apache-2.0
/* What AND joins at the top is taken apart into groups that share no column; each group's
 * truth table over the classes of its columns becomes boxes, and the boxes of the groups are
 * multiplied. A truth table is split by its first column: values that leave the same rest
 * belong to the same boxes. */
#include "synth/boxes.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "a condition";

struct finder {
    const struct sil_condition *condition;
    const struct sil_test_place *places;
    const struct sil_pieces *columns;
    size_t n_columns;
    size_t *conjunct; ///< nodes that AND joins at the top
    size_t n_conjuncts;
    size_t *group;  ///< of each column: the first column that it is tied to
    uint8_t *truth; ///< of the tests, of the nodes
    uint8_t *work;
    uint32_t *class; ///< of each column
    struct sil_error *err;
};

/* ---- groups ---- */

static void list_conjuncts(struct finder *f)
{
    size_t pending = 1;
    f->conjunct[0] = f->condition->n_nodes - 1;
    while (pending > f->n_conjuncts) {
        size_t at = f->conjunct[f->n_conjuncts];
        const struct sil_condition_node *node = &f->condition->node[at];
        if (node->kind == SIL_NODE_AND) {
            f->conjunct[f->n_conjuncts] = node->left;
            f->conjunct[pending++] = node->right;
        } else {
            f->n_conjuncts++;
        }
    }
}

/* Give all columns of a conjunct one group, and all columns that had one of theirs. */
static void tie(struct finder *f, size_t root)
{
    size_t first = SIZE_MAX;
    for (size_t i = f->condition->node[root].first; i <= root; i++) {
        const struct sil_condition_node *node = &f->condition->node[i];
        if (node->kind != SIL_NODE_TEST) {
            continue;
        }
        size_t group = f->group[f->places[node->left].column];
        first = first == SIZE_MAX ? group : first;
        for (size_t c = 0; c < f->n_columns; c++) {
            f->group[c] = f->group[c] == group ? first : f->group[c];
        }
    }
}

static bool is_of(const struct finder *f, size_t root, size_t group)
{
    size_t i = f->condition->node[root].first; /* operands come first: a test */
    return f->group[f->places[f->condition->node[i].left].column] == group;
}

/* ---- the truth table of a group ---- */

struct table {
    size_t column[SIL_CONDITION_NODES]; ///< of the group
    size_t n_columns;
    size_t n_cells;
    uint8_t *cell; ///< the last column runs fastest
};

static sil_status list_columns(struct table *table, const struct finder *f,
                               size_t group)
{
    table->n_columns = 0;
    table->n_cells = 1;
    for (size_t c = 0; c < f->n_columns; c++) {
        if (f->group[c] != group) {
            continue;
        }
        table->column[table->n_columns++] = c;
        table->n_cells *= f->columns[c].n_classes;
        if (table->n_cells > SIL_BOX_COMBINATIONS_MAX) {
            return sil_fail(f->err, SIL_ERR_USAGE,
                            "the condition ties together too many values of different "
                            "columns: at most %d combinations can be told apart",
                            SIL_BOX_COMBINATIONS_MAX);
        }
    }
    return SIL_OK;
}

static bool holds(struct finder *f, size_t group)
{
    bool all = true;
    for (size_t t = 0; t < f->condition->n_tests; t++) {
        const struct sil_test_place *place = &f->places[t];
        const struct sil_pieces *p = &f->columns[place->column];
        f->truth[t] = p->truth[f->class[place->column] * p -> n_tests + place -> at];
    }
    for (size_t i = 0; all && i < f->n_conjuncts; i++) {
        all = !is_of(f, f->conjunct[i], group) ||
              sil_condition_holds(f->condition, f->conjunct[i], f->truth, f->work) ==
                  SIL_TRUE;
    }
    return all;
}

static void fill(struct table *table, struct finder *f, size_t group)
{
    for (size_t cell = 0; cell < table->n_cells; cell++) {
        size_t left = cell;
        for (size_t i = table->n_columns; i-- > 0;) {
            uint32_t n = f->columns[table->column[i]].n_classes;
            f->class[table->column[i]] = (uint32_t)(left % n);
            left /= n;
        }
        table->cell[cell] = holds(f, group);
    }
}

/* ---- boxes ---- */

static sil_status add_box(struct sil_boxes *out, const uint8_t *allows,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (out->n == SIL_BOXES_MAX) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "the condition falls into more than %d disjoint parts: it joins "
            "too many columns by OR",
            SIL_BOXES_MAX);
    }
    SIL_TRY(sil_grow(&out->allows, &out->capacity, (out->n + 1) * out->n_flags + 1, 1,
                     WHAT, err));
    (void)memcpy(out->allows + out->n++ * out->n_flags, allows, out->n_flags);

cleanup:
    return status;
}

static bool is_all(const uint8_t *cell, size_t n, uint8_t value)
{
    bool is = true;
    for (size_t i = 0; is && i < n; i++) {
        is = cell[i] == value;
    }
    return is;
}

/* Split `n` cells over the columns from `at` on; `allows` is as the columns before left it,
 * and is left as it was. The depth is the number of columns of a group, which the number of
 * combinations bounds: a column with one class leaves nothing to split. */
static sil_status split(struct sil_boxes *out, const struct finder *f,
                        const struct table *table, size_t at, const uint8_t *cell,
                        size_t n, uint8_t *allows)
{
    sil_status status = SIL_OK;
    if (is_all(cell, n, 0)) {
        return SIL_OK;
    }
    if (is_all(cell, n, 1)) {
        return add_box(out, allows, f->err);
    }
    uint32_t n_classes = f->columns[table->column[at]].n_classes;
    uint8_t *own = allows + out->base[table->column[at]];
    size_t part = n / n_classes;
    for (uint32_t class = 0; class < n_classes; class ++) {
        bool is_new = true;
        for (uint32_t before = 0; before < class; before++) {
            is_new =
                is_new && memcmp(cell + before * part, cell + class * part, part) != 0;
        }
        for (uint32_t k = 0; is_new && k < n_classes; k++) {
            own[k] = memcmp(cell + k * part, cell + class * part, part) == 0;
        }
        if (is_new) {
            SIL_TRY(split(out, f, table, at + 1, cell + class * part, part, allows));
        }
    }

cleanup:
    (void)memset(own, 1, n_classes);
    return status;
}

/* Replace every box by its intersections with those of one group. */
static sil_status multiply(struct sil_boxes *out, struct finder *f, size_t group,
                           struct table *table)
{
    sil_status status = SIL_OK;
    struct sil_boxes before = *out;
    table->cell = NULL;
    out->allows = NULL;
    out->n = 0;
    out->capacity = 0;
    SIL_TRY(list_columns(table, f, group));
    SIL_TRY(sil_alloc(&table->cell, table->n_cells, 1, WHAT, f->err));
    fill(table, f, group);
    for (size_t i = 0; i < before.n; i++) {
        SIL_TRY(split(out, f, table, 0, table->cell, table->n_cells,
                      before.allows + i * before.n_flags));
    }

cleanup:
    free(table->cell);
    free(before.allows);
    return status;
}

static sil_status find(struct sil_boxes *out, struct finder *f)
{
    sil_status status = SIL_OK;
    struct table *table = NULL;
    SIL_TRY(sil_alloc(&table, 1, sizeof *table, WHAT, f->err));
    list_conjuncts(f);
    for (size_t c = 0; c < f->n_columns; c++) {
        f->group[c] = c;
    }
    for (size_t i = 0; i < f->n_conjuncts; i++) {
        tie(f, f->conjunct[i]);
    }
    for (size_t c = 0; c < f->n_columns; c++) {
        bool is_tested = false;
        for (size_t t = 0; t < f->condition->n_tests; t++) {
            is_tested = is_tested || f->places[t].column == c;
        }
        if (is_tested && f->group[c] == c) {
            SIL_TRY(multiply(out, f, c, table));
        }
    }

cleanup:
    free(table);
    return status;
}

/* The box without bounds. */
static sil_status begin(struct sil_boxes *out, const struct finder *f)
{
    sil_status status = SIL_OK;
    uint8_t *all = NULL;
    SIL_TRY(sil_alloc(&out->base, f->n_columns, sizeof *out->base, WHAT, f->err));
    for (size_t c = 0; c < f->n_columns; c++) {
        out->base[c] = out->n_flags;
        out->n_flags += f->columns[c].n_classes;
    }
    SIL_TRY(sil_alloc(&all, out->n_flags, 1, WHAT, f->err));
    (void)memset(all, 1, out->n_flags);
    SIL_TRY(add_box(out, all, f->err));

cleanup:
    free(all);
    return status;
}

sil_status sil_boxes_find(struct sil_boxes *out, const struct sil_condition *condition,
                          const struct sil_test_place *places,
                          const struct sil_pieces *columns, size_t n_columns,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct finder f = {.condition = condition,
                       .places = places,
                       .columns = columns,
                       .n_columns = n_columns,
                       .err = err};
    *out = (struct sil_boxes){0};

    SIL_TRY(begin(out, &f));
    if (condition->n_nodes > 0) {
        SIL_TRY(
            sil_alloc(&f.conjunct, condition->n_nodes, sizeof *f.conjunct, WHAT, err));
        SIL_TRY(sil_alloc(&f.group, n_columns, sizeof *f.group, WHAT, err));
        SIL_TRY(sil_alloc(&f.class, n_columns, sizeof *f.class, WHAT, err));
        SIL_TRY(sil_alloc(&f.truth, condition->n_tests, 1, WHAT, err));
        SIL_TRY(sil_alloc(&f.work, condition->n_nodes, 1, WHAT, err));
        SIL_TRY(find(out, &f));
    }

cleanup:
    free(f.conjunct);
    free(f.group);
    free(f.class);
    free(f.truth);
    free(f.work);
    if (status != SIL_OK) {
        sil_boxes_clear(out);
    }
    return status;
}

void sil_boxes_clear(struct sil_boxes *boxes)
{
    free(boxes->base);
    free(boxes->allows);
    *boxes = (struct sil_boxes){0};
}
