// SPDX-License-Identifier: Apache-2.0
/* Bins that are learnt from the rows: the leaves that they are made of, which the schema
 * alone decides, and the field and the table once it is known which leaves belong together.
 * Nothing here looks at more than one row. */
#include "base/fail.h"
#include "base/memory.h"
#include "table/field.h"
#include "table/table_store.h"

#include <stdlib.h>
#include <string.h>

/* Leaves of a field: fine enough for a cell of one value in a range of a hundred thousand. */
static const uint32_t LEAVES_MAX = UINT32_C(1) << 17;

/* So that the weights of all leaves fit 64 bits. */
enum { WEIGHT_BITS = 44 };

bool sil_field_learns_bins(const struct sil_field *field)
{
    return field->leaves.wanted > 0;
}

uint32_t sil_field_bins_wanted(const struct sil_field *field)
{
    return field->leaves.wanted;
}

uint32_t sil_field_n_leaves(const struct sil_field *field)
{
    return field->leaves.n;
}

uint32_t sil_field_n_extra(const struct sil_field *field)
{
    return (uint32_t)(field->other_code != SIL_CODE_NONE) +
           (uint32_t)(field->null_code != SIL_CODE_NONE);
}

uint32_t sil_field_n_codes(const struct sil_field *field)
{
    return sil_field_has_leaves(field) ? field->leaves.n + sil_field_n_extra(field)
                                       : field->n_cells;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* An atom is a bin, and cuts the bin that it lies in into two more at most. */
struct sil_cell_range sil_field_cell_range(const struct sil_field *field,
                                           uint32_t n_bins)
{
    if (!sil_field_has_leaves(field)) {
        return (struct sil_cell_range){.least = field->n_cells, .most = field->n_cells};
    }
    uint32_t n_extra = sil_field_n_extra(field);
    return (struct sil_cell_range){
        .least = smaller(field->leaves.n, 1 + field->n_atoms) + n_extra,
        .most = smaller(field->leaves.n, n_bins + 2 * field->n_atoms) + n_extra};
}

/* ---- the leaves ---- */

/* Of as many points each as it takes to have few enough. Leaf 0 takes in what lies below the
 * first point, the last leaf what is left of the range. */
sil_status sil_leaves_make(struct sil_field *field, struct sil_error *err)
{
    struct sil_leaves *leaves = &field->leaves;
    struct sil_bins whole = field->bins;
    whole.n = 1;
    struct sil_lattice points = sil_bins_points(&whole, 0);
    if (points.n < 1) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "silhouette.granularity: between the bounds of the field there "
                        "is no value at this granularity");
    }
    sil_i128 of_each = sil_ceil_div(points.n, LEAVES_MAX);
    leaves->n = (uint32_t)sil_ceil_div(points.n, of_each);
    leaves->width = of_each * field->bins.step;
    leaves->origin = field->bins.anchor + points.from * field->bins.step;
    field->bins.n = leaves->wanted < leaves->n ? leaves->wanted : leaves->n;
    return SIL_OK;
}

uint32_t sil_leaves_find(const struct sil_leaves *leaves, sil_i128 value)
{
    sil_i128 leaf = sil_floor_div(value - leaves->origin, leaves->width);
    return leaf < 0 ? 0 : leaf >= leaves->n ? leaves->n - 1 : (uint32_t)leaf;
}

/* ---- settled ---- */

static bool ascends(const uint32_t *first, uint32_t n, uint32_t end)
{
    bool is = n > 0 && first[0] == 0;
    for (uint32_t i = 1; i < n && is; i++) {
        is = first[i - 1] < first[i] && first[i] < end;
    }
    return is;
}

static bool is_partition(const struct sil_learnt *learnt, uint32_t n_leaves)
{
    bool is = ascends(learnt->first, learnt->n, learnt->n_parts) &&
              ascends(learnt->leaf, learnt->n_parts, n_leaves);
    for (uint32_t i = 0; i < learnt->n_parts && is; i++) {
        is = learnt->weight[i] >> WEIGHT_BITS == 0;
    }
    return is;
}

static sil_status make_edges(struct sil_field *field, const struct sil_learnt *learnt,
                             struct sil_error *err)
{
    struct sil_bins *bins = &field->bins;
    const struct sil_leaves *leaves = &field->leaves;
    uint32_t n = learnt->n;
    sil_status status =
        sil_alloc(&bins->edges, (size_t)n + 1, sizeof *bins->edges, "edges", err);
    if (status != SIL_OK) {
        return status;
    }
    bins->edges[0] = bins->first;
    for (uint32_t b = 1; b < n; b++) {
        bins->edges[b] =
            leaves->origin + leaves->width * learnt->leaf[learnt->first[b]];
    }
    bins->edges[n] = bins->last;
    bins->n = n;
    return SIL_OK;
}

static sil_status make_parts(struct sil_field *field, const struct sil_learnt *learnt,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_bins *bins = &field->bins;
    struct sil_parts *parts = &field->bins.parts;
    uint32_t n = learnt->n_parts;
    sil_i128 of_each = field->leaves.width / bins->step;
    sil_i128 from = (field->leaves.origin - bins->anchor) / bins->step;
    SIL_TRY(sil_alloc(&parts->first, (size_t)learnt->n + 1, sizeof *parts->first,
                      "bins", err));
    SIL_TRY(sil_alloc(&parts->from, (size_t)n + 1, sizeof *parts->from, "bins", err));
    SIL_TRY(sil_alloc(&parts->below, (size_t)n + 1, sizeof *parts->below, "bins", err));
    for (uint32_t b = 0; b < learnt->n; b++) {
        parts->first[b] = learnt->first[b];
    }
    parts->first[learnt->n] = n;
    for (uint32_t i = 0; i < n; i++) {
        parts->from[i] = from + of_each * learnt->leaf[i];
        parts->below[i + 1] = parts->below[i] + learnt->weight[i];
    }
    parts->from[n] = sil_floor_div(bins->last - bins->anchor, bins->step) + 1;

cleanup:
    return status;
}

/* What was learnt, with the leaves of atoms as bins by themselves. */
struct split {
    struct sil_learnt learnt;
    uint32_t *first;
    uint32_t *leaf;
    uint64_t *weight;
};

static bool has_atom(const struct sil_field *field, uint32_t leaf)
{
    uint32_t low = 0;
    uint32_t high = field->n_atoms;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (field->leaves.atom[middle] < leaf) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < field->n_atoms && field->leaves.atom[low] == leaf;
}

static void begin_part(struct split *split, uint32_t leaf, uint64_t weight,
                       bool is_first)
{
    struct sil_learnt *learnt = &split->learnt;
    if (is_first) {
        split->first[learnt->n++] = learnt->n_parts;
    }
    split->leaf[learnt->n_parts] = leaf;
    split->weight[learnt->n_parts++] = weight;
}

/* A part that an atom lay in: what was counted in it may all have been the atom's. So it
 * says nothing of what is left of the bin, whose values are drawn as of a bin without parts. */
#define MIXED UINT64_MAX

static void cut_part(struct split *split, const struct sil_field *field, uint32_t leaf,
                     uint32_t end, uint64_t weight, bool is_first)
{
    bool is_mixed = false;
    for (uint32_t i = leaf; i < end && end - leaf > 1; i++) {
        is_mixed = is_mixed || has_atom(field, i);
    }
    for (uint32_t i = leaf; i < end; i++) {
        bool is_cut = has_atom(field, i) || (i > 0 && has_atom(field, i - 1));
        if (i == leaf || is_cut) {
            begin_part(split, i, is_mixed ? MIXED : weight,
                       is_cut || (is_first && i == leaf));
        }
    }
}

static void forget_mixed(struct split *split)
{
    const struct sil_learnt *learnt = &split->learnt;
    for (uint32_t b = 0; b < learnt->n; b++) {
        uint32_t end = b + 1 < learnt->n ? split->first[b + 1] : learnt->n_parts;
        bool is_mixed = false;
        for (uint32_t i = split->first[b]; i < end; i++) {
            is_mixed = is_mixed || split->weight[i] == MIXED;
        }
        for (uint32_t i = split->first[b]; i < end && is_mixed; i++) {
            split->weight[i] = 0;
        }
    }
}

static sil_status split_at_atoms(struct split *split, const struct sil_field *field,
                                 const struct sil_learnt *learnt, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t most = (size_t)learnt->n_parts + 2 * (size_t)field->n_atoms;
    SIL_TRY(sil_alloc(&split->first, most, sizeof *split->first, "bins", err));
    SIL_TRY(sil_alloc(&split->leaf, most, sizeof *split->leaf, "bins", err));
    SIL_TRY(sil_alloc(&split->weight, most, sizeof *split->weight, "bins", err));
    uint32_t b = 0;
    for (uint32_t i = 0; i < learnt->n_parts; i++) {
        bool is_first = b < learnt->n && learnt->first[b] == i;
        uint32_t end = i + 1 < learnt->n_parts ? learnt->leaf[i + 1] : field->leaves.n;
        b += is_first;
        cut_part(split, field, learnt->leaf[i], end, learnt->weight[i], is_first);
    }
    forget_mixed(split);
    split->learnt.first = split->first;
    split->learnt.leaf = split->leaf;
    split->learnt.weight = split->weight;

cleanup:
    return status;
}

static void split_clear(struct split *split)
{
    free(split->first);
    free(split->leaf);
    free(split->weight);
}

sil_status sil_field_settle_bins(struct sil_field *field,
                                 const struct sil_learnt *learnt, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct split split = {0};
    if (!sil_field_has_leaves(field) || !is_partition(learnt, field->leaves.n)) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "bins that are none of the field's, or were learnt before");
    }
    SIL_TRY(split_at_atoms(&split, field, learnt, err));
    SIL_TRY(make_edges(field, &split.learnt, err));
    SIL_TRY(make_parts(field, &split.learnt, err));
    sil_bins_seal(&field->bins);
    field->is_settled = true;
    SIL_TRY(sil_field_number_cells(field, err));

cleanup:
    split_clear(&split);
    return status;
}

/* What each code of the column becomes: leaves go to their bins, `other` and null move. */
static sil_status map_codes(uint32_t **out, uint32_t *n, const struct sil_field *field,
                            struct sil_error *err)
{
    const struct sil_leaves *leaves = &field->leaves;
    *n = leaves->n + sil_field_n_extra(field);
    sil_status status = sil_alloc(out, *n, sizeof **out, "the table", err);
    for (uint32_t i = 0; status == SIL_OK && i < *n; i++) {
        sil_i128 start =
            i == 0 ? field->bins.first : leaves->origin + leaves->width * i;
        (*out)[i] = i < leaves->n ? sil_bins_find(&field->bins, start)
                                  : field->bins.n + (i - leaves->n);
    }
    return status;
}

static void recode(struct sil_table *table, uint32_t attr, const uint32_t *map)
{
    for (size_t c = 0; c < table->n_chunks; c++) {
        void *column = table->chunk[c] + table->offset[attr];
        size_t n = sil_table_rows_of(table, c);
        for (size_t i = 0; i < n; i++) {
            switch (table->width[attr]) {
            case 1:
                ((uint8_t *)column)[i] = (uint8_t)map[((uint8_t *)column)[i]];
                break;
            case 2:
                ((uint16_t *)column)[i] = (uint16_t)map[((uint16_t *)column)[i]];
                break;
            default: ((uint32_t *)column)[i] = map[((uint32_t *)column)[i]]; break;
            }
        }
    }
}

sil_status sil_table_settle_bins(struct sil_table *table,
                                 const struct sil_schema *schema, uint32_t attr,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_field *field = sil_schema_field(schema, attr);
    uint32_t *map = NULL;
    uint32_t n = 0;
    if (!sil_field_learns_bins(field) || sil_field_has_leaves(field)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "a field whose bins are not settled");
    }
    SIL_TRY(map_codes(&map, &n, field, err));
    SIL_REQUIRE(table->sizes[attr] == n);
    recode(table, attr, map);
    table->sizes[attr] = field->n_cells;

cleanup:
    free(map);
    return status;
}
