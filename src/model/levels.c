// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/int128.h"
#include "base/memory.h"
#include "model/columns.h"

#include <stdlib.h>

static const uint32_t NONE = UINT32_MAX;

/* A group that exists at some time: values 0 .. n - 1 first, then what merges make. */
struct group {
    int64_t mass;
    uint32_t first;  ///< its lowest value
    uint32_t parent; ///< what it went into; NONE: it stands
    uint32_t left;   ///< neighbours of an ordered group
    uint32_t right;
    uint32_t top;    ///< the group that it is part of now
    uint32_t number; ///< of a group that stands, in the level being noted
};

/* The groups of one kind, the least at the root of a heap. Ordered groups that a neighbour
 * took stay in the heap until they come up. */
struct kind {
    uint32_t *heap;
    uint32_t size;
    uint32_t n_groups;
};

struct merging {
    struct group *groups;
    uint32_t n_groups; ///< that ever existed
    struct kind ordered;
    struct kind unordered;
    uint32_t *memory;
};

/* ---- heaps ---- */

static bool is_less(const struct merging *m, uint32_t a, uint32_t b)
{
    const struct group *x = &m->groups[a];
    const struct group *y = &m->groups[b];
    return x->mass < y->mass || (x->mass == y->mass && x->first < y->first);
}

static void push(const struct merging *m, struct kind *k, uint32_t id)
{
    uint32_t at = k->size++;
    while (at > 0 && is_less(m, id, k->heap[(at - 1) / 2])) {
        k->heap[at] = k->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    k->heap[at] = id;
}

static uint32_t pop(const struct merging *m, struct kind *k)
{
    uint32_t least = k->heap[0];
    uint32_t id = k->heap[--k->size];
    uint32_t at = 0;
    for (;;) {
        size_t child = 2 * (size_t)at + 1;
        if (child + 1 < k->size && is_less(m, k->heap[child + 1], k->heap[child])) {
            child++;
        }
        if (child >= k->size || !is_less(m, k->heap[child], id)) {
            break;
        }
        k->heap[at] = k->heap[child];
        at = (uint32_t)child;
    }
    k->heap[at] = id;
    return least;
}

/* The least group of a kind that can be merged within it; NONE when nothing can. */
static uint32_t least_of(const struct merging *m, struct kind *k)
{
    if (k->n_groups < 2) {
        return NONE;
    }
    while (m->groups[k->heap[0]].parent != NONE) {
        (void)pop(m, k);
    }
    return k->heap[0];
}

/* ---- merging ---- */

static uint32_t join(struct merging *m, uint32_t a, uint32_t b)
{
    uint32_t id = m->n_groups++;
    struct group *x = &m->groups[a];
    struct group *y = &m->groups[b];
    m->groups[id] = (struct group){
        .mass = x->mass + y->mass,
        .first = x->first < y->first ? x->first : y->first,
        .parent = NONE,
        .left = NONE,
        .right = NONE,
    };
    x->parent = id;
    y->parent = id;
    return id;
}

static void merge_unordered(struct merging *m)
{
    struct kind *k = &m->unordered;
    uint32_t a = pop(m, k);
    uint32_t b = pop(m, k);
    push(m, k, join(m, a, b));
    k->n_groups--;
}

/* The last ordered group has no neighbours any more. */
static void release_last(struct merging *m, uint32_t id)
{
    m->ordered.n_groups = 0;
    m->unordered.n_groups++;
    push(m, &m->unordered, id);
}

static void merge_ordered(struct merging *m)
{
    uint32_t id = pop(m, &m->ordered);
    uint32_t l = m->groups[id].left;
    uint32_t r = m->groups[id].right;
    bool goes_left = r == NONE || (l != NONE && m->groups[l].mass <= m->groups[r].mass);
    uint32_t low = goes_left ? l : id;
    uint32_t high = goes_left ? id : r;
    uint32_t merged = join(m, low, high);

    struct group *g = &m->groups[merged];
    g->left = m->groups[low].left;
    g->right = m->groups[high].right;
    if (g->left != NONE) {
        m->groups[g->left].right = merged;
    }
    if (g->right != NONE) {
        m->groups[g->right].left = merged;
    }
    if (--m->ordered.n_groups == 1) {
        release_last(m, merged);
    } else {
        push(m, &m->ordered, merged);
    }
}

/* Merge until every group that can be merged has at least total / parts. */
static void merge_to(struct merging *m, int64_t total, uint32_t parts)
{
    for (;;) {
        uint32_t o = least_of(m, &m->ordered);
        uint32_t u = least_of(m, &m->unordered);
        bool is_ordered = u == NONE || (o != NONE && is_less(m, o, u));
        uint32_t least = is_ordered ? o : u;
        if (least == NONE || (sil_i128)m->groups[least].mass * parts >= total) {
            return;
        }
        if (is_ordered) {
            merge_ordered(m);
        } else {
            merge_unordered(m);
        }
    }
}

/* ---- levels ---- */

static sil_status merging_open(struct merging *m, const int64_t *mass,
                               const struct sil_column *column, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = column->n_values;
    *m = (struct merging){.n_groups = column->n_values};
    SIL_TRY(sil_alloc(&m->groups, 2 * n, sizeof *m->groups, "levels", err));
    SIL_TRY(sil_alloc(&m->memory, 4 * n, sizeof *m->memory, "levels", err));
    m->ordered.heap = m->memory;
    m->unordered.heap = m->memory + 2 * n;

    uint32_t n_ordered = column->n_ordered > 1 ? column->n_ordered : 0;
    for (uint32_t v = 0; v < n; v++) {
        m->groups[v] = (struct group){
            .mass = mass[v],
            .first = v,
            .parent = NONE,
            .left = v > 0 && v < n_ordered ? v - 1 : NONE,
            .right = v + 1 < n_ordered ? v + 1 : NONE,
        };
        struct kind *k = v < n_ordered ? &m->ordered : &m->unordered;
        push(m, k, v);
        k->n_groups++;
    }
cleanup:
    return status;
}

/* The groups that stand, numbered by their lowest value. */
static void note(uint32_t *group, struct merging *m, uint32_t n)
{
    for (uint32_t id = m->n_groups; id-- > 0;) {
        struct group *g = &m->groups[id];
        g->top = g->parent == NONE ? id : m->groups[g->parent].top;
    }
    uint32_t next = 0;
    for (uint32_t v = 0; v < n; v++) {
        struct group *top = &m->groups[m->groups[v].top];
        if (top->first == v) {
            top->number = next++;
        }
        group[v] = top->number;
    }
}

sil_status sil_levels_init(struct sil_levels *out, const int64_t *mass,
                           const struct sil_column *column, const uint32_t *parts,
                           uint32_t n_parts, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct merging m = {0};
    uint32_t n = column->n_values;
    int64_t total = 0;
    *out = (struct sil_levels){.n = 1, .level[0] = sil_grouping_identity(n)};

    SIL_TRY(sil_alloc(&out->memory, (size_t)n_parts * n, sizeof *out->memory, "levels",
                      err));
    SIL_TRY(merging_open(&m, mass, column, err));
    for (uint32_t v = 0; v < n; v++) {
        total += mass[v];
    }
    for (uint32_t i = 0; i < n_parts; i++) {
        merge_to(&m, total, parts[i]);
        uint32_t n_groups = m.ordered.n_groups + m.unordered.n_groups;
        if (n_groups == 1 || n_groups == out->level[out->n - 1].n_groups) {
            continue;
        }
        uint32_t *group = out->memory + (size_t)(out->n - 1) * n;
        note(group, &m, n);
        out->level[out->n++] = (struct sil_grouping){n, n_groups, group};
    }
cleanup:
    free(m.groups);
    free(m.memory);
    if (status != SIL_OK) {
        sil_levels_clear(out);
    }
    return status;
}

void sil_levels_clear(struct sil_levels *levels)
{
    free(levels->memory);
    *levels = (struct sil_levels){0};
}
