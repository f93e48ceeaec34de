// SPDX-License-Identifier: Apache-2.0
#include "model/pass.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Passes over many cells are cut into chunks, whatever the number of threads. */
enum { CHUNKED_CELLS = 1 << 16, CHUNKS = 8 };

/* The axes of the whole clique as a bit set: bit i is its i-th attribute. */
struct plan {
    const struct sil_domain *domain;
    const struct sil_clique *whole;
    uint64_t block_axes;
    uint32_t n_outer;                  ///< axes outside the block
    uint32_t level_of[SIL_CLIQUE_MAX]; ///< of each outer axis
    uint64_t *axes;                    ///< of each term's table as the walk sees it
    const struct sil_term *terms;      ///< factors, then sums
    size_t n_terms;
    size_t n_factors;
};

static size_t extent_of(const struct plan *plan, uint32_t axis)
{
    return plan->domain->sizes[plan->whole->attr[axis]];
}

static uint64_t axes_of(const struct sil_clique *whole, const struct sil_clique *part)
{
    uint64_t axes = 0;
    for (uint32_t i = 0; i < whole->n; i++) {
        axes |= (uint64_t)sil_clique_has(part, whole->attr[i]) << i;
    }
    return axes;
}

static size_t cells_of(const struct plan *plan, uint64_t axes)
{
    size_t cells = 1;
    for (uint32_t i = 0; i < plan->whole->n; i++) {
        cells *= (axes >> i & 1) != 0 ? extent_of(plan, i) : 1;
    }
    return cells;
}

/* Whether every term has the next axis outside the block exactly if it has the block's. */
static bool extends_freely(const struct plan *plan)
{
    uint32_t attr = plan->whole->attr[plan->n_outer - 1];
    bool is_free = true;
    for (size_t k = 0; k < plan->n_terms && is_free; k++) {
        const struct sil_clique *own = &plan->terms[k].clique;
        bool has_block = (axes_of(plan->whole, own) & plan->block_axes) != 0;
        is_free = sil_clique_has(own, attr) == has_block;
    }
    return is_free;
}

/* A block shorter than SIL_BLOCK_USUAL spends its time on the loop around it. */
static void choose_block(struct plan *plan, struct sil_pass *pass, size_t block_min)
{
    plan->n_outer = plan->whole->n;
    pass->block = 1;
    while (plan->n_outer > 0 &&
           (pass->block < block_min ||
            (pass->block < SIL_BLOCK_USUAL && extends_freely(plan)))) {
        plan->n_outer--;
        plan->block_axes |= UINT64_C(1) << plan->n_outer;
        pass->block *= extent_of(plan, plan->n_outer);
    }
}

/* Tables with a part of the block's axes are widened to all of them. */
static void widen_axes(struct plan *plan)
{
    for (size_t k = 0; k < plan->n_terms; k++) {
        plan->axes[k] = axes_of(plan->whole, &plan->terms[k].clique);
        if ((plan->axes[k] & plan->block_axes) != 0) {
            plan->axes[k] |= plan->block_axes;
        }
    }
}

static void choose_levels(struct plan *plan, struct sil_pass *pass)
{
    pass->extent[0] = 1;
    for (uint32_t i = 0; i < plan->n_outer; i++) {
        bool is_told_apart = i == 0;
        for (size_t k = 0; k < plan->n_terms && !is_told_apart; k++) {
            is_told_apart = ((plan->axes[k] >> i ^ plan->axes[k] >> (i - 1)) & 1) != 0;
        }
        pass->n_levels += is_told_apart;
        size_t before = is_told_apart ? 1 : pass->extent[pass->n_levels];
        pass->extent[pass->n_levels] = before * extent_of(plan, i);
        plan->level_of[i] = pass->n_levels;
    }
}

static struct sil_operand describe(const struct plan *plan, size_t k, size_t *stride)
{
    struct sil_operand o = {.data = plan->terms[k].data, .stride = stride};
    size_t step = 1;
    uint64_t axes = plan->axes[k];
    o.spans = (axes & plan->block_axes) != 0;
    for (uint32_t i = plan->whole->n; i-- > 0;) {
        if ((axes >> i & 1) == 0) {
            continue;
        }
        if (i < plan->n_outer) {
            uint32_t level = plan->level_of[i];
            o.level = level > o.level ? level : o.level;
            /* The first axis met of a level, its last, is the fastest. */
            stride[level] = stride[level] == 0 ? step : stride[level];
        }
        step *= extent_of(plan, i);
    }
    o.cells = step;
    return o;
}

/* Insert by level, keeping the order of the terms within a level. */
static void insert(struct sil_operand *list, size_t n, const struct sil_operand *o)
{
    size_t at = n;
    while (at > 0 && list[at - 1].level > o->level) {
        list[at] = list[at - 1];
        at--;
    }
    list[at] = *o;
}

static void index_levels(size_t *at, const struct sil_operand *list, size_t n)
{
    size_t k = 0;
    for (uint32_t level = 0; level <= SIL_CLIQUE_MAX + 1; level++) {
        while (k < n && list[k].level < level) {
            k++;
        }
        at[level] = k;
    }
}

/* Cut the level that needs the fewest copies of sums, outer levels first; a pass whose
 * copies would outgrow it stays whole. */
static void choose_cut(const struct plan *plan, struct sil_pass *pass)
{
    pass->n_chunks = 1;
    size_t cells = cells_of(plan, UINT64_MAX);
    pass->cells = cells;
    if (cells < CHUNKED_CELLS) {
        return;
    }
    for (uint32_t level = 1; level <= pass->n_levels; level++) {
        size_t chunks = pass->extent[level] < CHUNKS ? pass->extent[level] : CHUNKS;
        size_t copied = 0;
        for (size_t k = 0; k < pass->n_sums; k++) {
            copied += pass->sums[k].stride[level] == 0 ? pass->sums[k].cells : 0;
        }
        if (chunks > pass->n_chunks && copied * chunks <= cells / 8) {
            pass->n_chunks = chunks;
            pass->cut = level;
        }
    }
}

/* How to go through the wide table of a term and its own side by side. */
static void trace_axes(struct sil_detour *detour, const struct plan *plan, uint64_t own,
                       uint64_t wide)
{
    size_t step = 1;
    size_t n = 0;
    bool was_own = false;
    for (uint32_t i = plan->whole->n; i-- > 0;) {
        if ((wide >> i & 1) == 0) {
            continue;
        }
        bool is_own = (own >> i & 1) != 0;
        if (n > 0 && is_own == was_own) {
            detour->extent[n - 1] *= extent_of(plan, i);
        } else {
            detour->extent[n] = extent_of(plan, i);
            detour->stride[n] = is_own ? step : 0;
            n++;
        }
        was_own = is_own;
        step *= is_own ? extent_of(plan, i) : 1;
    }
    detour->n_axes = (uint32_t)n;
}

/* Place operand `o` of term k on a table of the pass if it needs one. */
static bool divert(struct sil_detour *detour, struct sil_operand *o,
                   const struct plan *plan, const struct sil_pass *pass, size_t k)
{
    bool is_sum = k >= plan->n_factors;
    uint64_t own = axes_of(plan->whole, &plan->terms[k].clique);
    bool is_wide = own != plan->axes[k];
    bool is_copied = is_sum && pass->cut != 0 && o->stride[pass->cut] == 0;
    if (!is_wide && !is_copied) {
        return false;
    }
    *detour = (struct sil_detour){.data = plan->terms[k].data, .cells = o->cells};
    detour->copies = is_copied ? pass->n_chunks : 1;
    o->chunk_step = is_copied ? o->cells : 0;
    if (is_wide) {
        trace_axes(detour, plan, own, plan->axes[k]);
    }
    return true;
}

static sil_status allocate(struct sil_pass *pass, struct plan *plan, size_t n_sums,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = plan->n_terms;
    SIL_TRY(sil_alloc(&plan->axes, n, sizeof *plan->axes, "a pass", err));
    SIL_TRY(sil_alloc(&pass->factors, plan->n_factors, sizeof *pass->factors, "a pass",
                      err));
    SIL_TRY(sil_alloc(&pass->sums, n_sums, sizeof *pass->sums, "a pass", err));
    SIL_TRY(
        sil_alloc(&pass->before, plan->n_factors, sizeof *pass->before, "a pass", err));
    SIL_TRY(sil_alloc(&pass->after, n_sums, sizeof *pass->after, "a pass", err));
    SIL_TRY(sil_alloc(&pass->strides, n * (SIL_CLIQUE_MAX + 1), sizeof *pass->strides,
                      "a pass", err));

cleanup:
    return status;
}

static sil_status allocate_tables(struct sil_pass *pass, struct sil_error *err)
{
    size_t total = 0;
    for (size_t k = 0; k < pass->n_before; k++) {
        total += sil_padded(pass->before[k].cells);
    }
    for (size_t k = 0; k < pass->n_after; k++) {
        total += sil_padded(pass->after[k].cells * pass->after[k].copies);
    }
    if (pass->lender != NULL) {
        return sil_tables_take(&pass->tables, pass->lender, total);
    }
    return sil_alloc_aligned(&pass->tables, total, sizeof *pass->tables,
                             "the tables of a pass", err);
}

/* The operands of a list in the order of their terms, which insert() has changed. */
static struct sil_operand *operand_of(struct sil_operand *list, size_t n,
                                      const size_t *stride)
{
    for (size_t k = 0; k < n; k++) {
        if (list[k].stride == stride) {
            return &list[k];
        }
    }
    return NULL;
}

static sil_status place_tables(struct sil_pass *pass, const struct plan *plan,
                               struct sil_error *err)
{
    struct sil_operand **diverted = NULL;
    sil_status status =
        sil_alloc((void *)&diverted, plan->n_terms, sizeof *diverted, "a pass", err);
    for (size_t k = 0; status == SIL_OK && k < plan->n_terms; k++) {
        const size_t *stride = pass->strides + k * (SIL_CLIQUE_MAX + 1);
        bool is_sum = k >= plan->n_factors;
        struct sil_operand *o =
            is_sum ? operand_of(pass->sums, pass->n_sums, stride)
                   : operand_of(pass->factors, plan->n_factors, stride);
        struct sil_detour *detour =
            is_sum ? &pass->after[pass->n_after] : &pass->before[pass->n_before];
        if (divert(detour, o, plan, pass, k)) {
            diverted[pass->n_before + pass->n_after] = o;
            pass->n_before += !is_sum;
            pass->n_after += is_sum;
        }
    }
    if (status == SIL_OK) {
        status = allocate_tables(pass, err);
    }
    double *table = pass->tables;
    for (size_t k = 0; status == SIL_OK && k < pass->n_before + pass->n_after; k++) {
        struct sil_detour *detour =
            k < pass->n_before ? &pass->before[k] : &pass->after[k - pass->n_before];
        detour->table = table;
        diverted[k]->data = table;
        table += sil_padded(detour->cells * detour->copies);
    }
    free((void *)diverted);
    return status;
}

sil_status sil_pass_init(struct sil_pass *pass, const struct sil_product *product,
                         struct sil_tables *tables, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_factors = product->n_factors;
    size_t n_sums = product->n_sums;
    struct plan plan = {.domain = product->domain, .whole = product->whole};
    plan.terms = product->terms;
    plan.n_factors = n_factors;
    plan.n_terms = n_factors + n_sums;
    *pass = (struct sil_pass){.n_sums = n_sums, .lender = tables};

    SIL_TRY(allocate(pass, &plan, n_sums, err));
    choose_block(&plan, pass, product->block_min);
    widen_axes(&plan);
    choose_levels(&plan, pass);
    for (size_t k = 0; k < plan.n_terms; k++) {
        size_t *stride = pass->strides + k * (SIL_CLIQUE_MAX + 1);
        struct sil_operand o = describe(&plan, k, stride);
        if (k < n_factors) {
            insert(pass->factors, k, &o);
        } else {
            insert(pass->sums, k - n_factors, &o);
        }
    }
    index_levels(pass->factor_at, pass->factors, n_factors);
    index_levels(pass->sum_at, pass->sums, n_sums);
    pass->top = n_sums > 0 ? pass->sums[0].level : pass->n_levels;
    choose_cut(&plan, pass);
    SIL_TRY(place_tables(pass, &plan, err));

cleanup:
    free(plan.axes);
    if (status != SIL_OK) {
        sil_pass_clear(pass);
    }
    return status;
}

void sil_pass_clear(struct sil_pass *pass)
{
    free(pass->factors);
    free(pass->sums);
    free(pass->before);
    free(pass->after);
    free(pass->strides);
    if (pass->lender != NULL) {
        sil_tables_give(pass->lender, pass->tables);
    } else {
        free(pass->tables);
    }
    *pass = (struct sil_pass){0};
}
