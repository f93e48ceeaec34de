// SPDX-License-Identifier: Apache-2.0
#include "base/grouping.h"

#include <string.h>

/* Groups looked at in one pass over the values: the passes need no memory, and domains of
 * one pass are the rule. */
enum { SEEN = 1024 };

/* Cells of trailing attributes whose place is worked out once for a whole table. */
enum { BLOCK = 1024 };

struct sil_grouping sil_grouping_identity(uint32_t n_values)
{
    return (struct sil_grouping){.n_values = n_values, .n_groups = n_values};
}

bool sil_grouping_is_identity(const struct sil_grouping *grouping)
{
    if (grouping->n_groups != grouping->n_values) {
        return false;
    }
    for (uint32_t v = 0; grouping->group != NULL && v < grouping->n_values; v++) {
        if (grouping->group[v] != v) {
            return false;
        }
    }
    return true;
}

/* Is none of the groups first .. first + SEEN - 1 empty? */
static bool are_filled(const struct sil_grouping *grouping, uint32_t first)
{
    bool seen[SEEN] = {false};
    uint32_t rest = grouping->n_groups - first;
    uint32_t n = rest < SEEN ? rest : SEEN;
    uint32_t n_seen = 0;
    for (uint32_t v = 0; v < grouping->n_values; v++) {
        uint32_t g = grouping->group[v];
        if (g >= first && g - first < n && !seen[g - first]) {
            seen[g - first] = true;
            n_seen++;
        }
    }
    return n_seen == n;
}

bool sil_grouping_is_partition(const struct sil_grouping *grouping)
{
    uint32_t n_groups = grouping->n_groups;
    if (n_groups == 0 || n_groups > grouping->n_values) {
        return false;
    }
    if (grouping->group == NULL) {
        return n_groups == grouping->n_values;
    }
    for (uint32_t v = 0; v < grouping->n_values; v++) {
        if (grouping->group[v] >= n_groups) {
            return false;
        }
    }
    for (uint32_t done = 0; done < n_groups;) {
        if (!are_filled(grouping, done)) {
            return false;
        }
        done += n_groups - done < SEEN ? n_groups - done : SEEN;
    }
    return true;
}

/* Of the fine groups first .. first + SEEN - 1: is each inside one coarse group? */
static bool are_inside(const struct sil_grouping *fine,
                       const struct sil_grouping *coarse, uint32_t first)
{
    uint32_t inside[SEEN];
    bool seen[SEEN] = {false};
    for (uint32_t v = 0; v < fine->n_values; v++) {
        uint32_t g = sil_group_of(fine, v);
        if (g < first || g - first >= SEEN) {
            continue;
        }
        if (!seen[g - first]) {
            seen[g - first] = true;
            inside[g - first] = sil_group_of(coarse, v);
        } else if (inside[g - first] != sil_group_of(coarse, v)) {
            return false;
        }
    }
    return true;
}

bool sil_grouping_refines(const struct sil_grouping *fine,
                          const struct sil_grouping *coarse)
{
    for (uint32_t done = 0; fine->group != NULL && done < fine->n_groups;) {
        if (!are_inside(fine, coarse, done)) {
            return false;
        }
        done += fine->n_groups - done < SEEN ? fine->n_groups - done : SEEN;
    }
    return true;
}

uint64_t sil_grouped_cells(const struct sil_grouping *of, uint32_t n)
{
    uint64_t cells = 1;
    for (uint32_t k = 0; k < n; k++) {
        if (__builtin_mul_overflow(cells, (uint64_t)of[k].n_groups, &cells)) {
            return UINT64_MAX;
        }
    }
    return cells;
}

/* ---- from cells to cells of groups ---- */

/* A walk over the cells of the ungrouped marginal, a block at a time: the trailing
 * attributes make the block, the others are stepped through. */
struct walk {
    const struct sil_grouping *of;
    uint32_t n_outer; /* attributes that are stepped through */
    uint32_t value[SIL_CLIQUE_MAX];
    uint64_t stride[SIL_CLIQUE_MAX]; /* of the grouped cells */
    uint64_t base;         /* grouped cell at which the block's places begin */
    size_t n;              /* cells of a block */
    const uint32_t *place; /* of each, from base; NULL: its own number */
    uint32_t fused[BLOCK];
};

/* Put attribute `of` in front of the block. Place 0 is overwritten last. */
static void fuse(struct walk *walk, const struct sil_grouping *of, uint64_t stride)
{
    for (uint32_t v = of->n_values; v-- > 0;) {
        uint32_t from = (uint32_t)(sil_group_of(of, v) * stride);
        uint32_t *to = walk->fused + v * walk->n;
        for (size_t i = 0; i < walk->n; i++) {
            to[i] = from + walk->fused[i];
        }
    }
    walk->n *= of->n_values;
}

/* As many trailing attributes as fit, and one at least. */
static void take_block(struct walk *walk)
{
    bool is_grouped = false;
    walk->n = 1;
    walk->fused[0] = 0;
    while (walk->n_outer > 0) {
        uint32_t k = walk->n_outer - 1;
        const struct sil_grouping *of = &walk->of[k];
        if (of->n_values > BLOCK / walk->n) {
            break;
        }
        fuse(walk, of, walk->stride[k]);
        is_grouped = is_grouped || of->group != NULL;
        walk->n_outer = k;
    }
    walk->place = is_grouped ? walk->fused : NULL;
    if (walk->n == 1 && walk->n_outer > 0) {
        const struct sil_grouping *last = &walk->of[--walk->n_outer];
        walk->n = last->n_values;
        walk->place = last->group;
    }
}

static void walk_start(struct walk *walk, const struct sil_grouping *of, uint32_t n)
{
    uint64_t stride = 1;
    walk->of = of;
    walk->n_outer = n;
    for (uint32_t k = n; k-- > 0;) {
        walk->stride[k] = stride;
        stride *= of[k].n_groups;
        walk->value[k] = 0;
    }
    take_block(walk);
    walk->base = 0;
    for (uint32_t k = 0; k < walk->n_outer; k++) {
        walk->base += walk->stride[k] * sil_group_of(&of[k], 0);
    }
}

/* The next block; false after the last. */
static bool walk_next(struct walk *walk)
{
    for (uint32_t k = walk->n_outer; k-- > 0;) {
        const struct sil_grouping *of = &walk->of[k];
        walk->base -= walk->stride[k] * sil_group_of(of, walk->value[k]);
        bool is_last = ++walk->value[k] == of->n_values;
        if (is_last) {
            walk->value[k] = 0;
        }
        walk->base += walk->stride[k] * sil_group_of(of, walk->value[k]);
        if (!is_last) {
            return true;
        }
    }
    return false;
}

void sil_grouped_index(uint32_t *cell, const struct sil_grouping *of, uint32_t n)
{
    struct walk walk;
    walk_start(&walk, of, n);
    do {
        for (size_t i = 0; i < walk.n; i++) {
            size_t place = walk.place == NULL ? i : walk.place[i];
            cell[i] = (uint32_t)(walk.base + place);
        }
        cell += walk.n;
    } while (walk_next(&walk));
}

static void add_f64(double *restrict out, const double *restrict in,
                    const uint32_t *restrict place, size_t n)
{
    if (place == NULL) {
        for (size_t i = 0; i < n; i++) {
            out[i] += in[i];
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            out[place[i]] += in[i];
        }
    }
}

void sil_grouped_sum(double *out, const double *in, const struct sil_grouping *of,
                     uint32_t n)
{
    struct walk walk;
    memset(out, 0, sil_grouped_cells(of, n) * sizeof *out);
    walk_start(&walk, of, n);
    do {
        add_f64(out + walk.base, in, walk.place, walk.n);
        in += walk.n;
    } while (walk_next(&walk));
}

static void add_i64(int64_t *restrict out, const int64_t *restrict in,
                    const uint32_t *restrict place, size_t n)
{
    if (place == NULL) {
        for (size_t i = 0; i < n; i++) {
            out[i] += in[i];
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            out[place[i]] += in[i];
        }
    }
}

void sil_grouped_sum_i64(int64_t *out, const int64_t *in, const struct sil_grouping *of,
                         uint32_t n)
{
    struct walk walk;
    memset(out, 0, sil_grouped_cells(of, n) * sizeof *out);
    walk_start(&walk, of, n);
    do {
        add_i64(out + walk.base, in, walk.place, walk.n);
        in += walk.n;
    } while (walk_next(&walk));
}

static void add_u32(uint32_t *restrict out, const uint32_t *restrict in,
                    const uint32_t *restrict place, size_t n)
{
    if (place == NULL) {
        for (size_t i = 0; i < n; i++) {
            out[i] += in[i];
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            out[place[i]] += in[i];
        }
    }
}

void sil_grouped_sum_u32(uint32_t *out, const uint32_t *in,
                         const struct sil_grouping *of, uint32_t n)
{
    struct walk walk;
    memset(out, 0, sil_grouped_cells(of, n) * sizeof *out);
    walk_start(&walk, of, n);
    do {
        add_u32(out + walk.base, in, walk.place, walk.n);
        in += walk.n;
    } while (walk_next(&walk));
}

/* ---- copies ---- */

size_t sil_groupings_size(const struct sil_grouping *of, uint32_t n)
{
    size_t size = n * sizeof *of;
    for (uint32_t k = 0; k < n; k++) {
        size += of[k].group == NULL ? 0 : (size_t)of[k].n_values * sizeof(uint32_t);
    }
    return size;
}

void sil_groupings_copy(struct sil_grouping *block, const struct sil_grouping *of,
                        uint32_t n)
{
    uint32_t *group = (uint32_t *)(block + n);
    for (uint32_t k = 0; k < n; k++) {
        block[k] = of[k];
        if (of[k].group != NULL) {
            memcpy(group, of[k].group, of[k].n_values * sizeof *group);
            block[k].group = group;
            group += of[k].n_values;
        }
    }
}
