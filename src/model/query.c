// SPDX-License-Identifier: Apache-2.0
#include "model/query.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/kernels.h"
#include "model/query_batch.h"

#include <stdlib.h>
#include <string.h>

/* Marginals are planned in groups of so many cells of tables, 256 MB, most of which are
 * given back before the last are made. Groups share nothing: with a quarter of that, the
 * work on large trees is several times as much. */
enum { GROUP_CELLS = 1 << 25 };

/* ---- tables ---- */

/* A table on its way to becoming a task's: it has taken in some of the children. */
struct partial {
    struct sil_clique clique;
    double *data;
    bool is_borrowed; ///< it is a slice still
};

static void drop(const struct partial *p, const struct sil_batch *b)
{
    if (!p->is_borrowed) {
        sil_tables_give(b->tables, p->data);
    }
}

/* What must stay of a clique: the task's own, and the separators of children to come. */
static struct sil_clique still_needed(const struct sil_batch *b,
                                      const struct sil_task *t, const bool *is_done,
                                      const struct sil_clique *from)
{
    struct sil_clique keep = {0};
    for (uint32_t i = 0; i < from->n; i++) {
        uint32_t r = from->attr[i];
        bool is_needed = sil_clique_has(&t->clique, r);
        for (size_t c = 0; c < t->n_children && !is_needed; c++) {
            size_t child = b->plan.children[t->first_child + c];
            is_needed =
                !is_done[c] && sil_clique_has(&b->plan.tasks[child].separator, r);
        }
        if (is_needed) {
            keep.attr[keep.n++] = r;
        }
    }
    return keep;
}

/* p = sum over what is no longer needed of p times other. */
static sil_status multiply(struct partial *p, const struct sil_batch *b,
                           const struct sil_term *other, const struct sil_clique *keep)
{
    struct sil_clique whole;
    struct partial next = {.clique = *keep};
    if (!sil_clique_unite(&whole, &p->clique, &other->clique)) {
        return SIL_ERR_INTERNAL;
    }
    sil_status status = sil_batch_table(&next.data, b, keep);
    if (status == SIL_OK) {
        struct sil_term terms[3] = {
            {p->clique,   p->data  },
            *other, {next.clique, next.data}
        };
        const struct sil_product product = {b->domain, &whole, terms,
                                            2,         1,      SIL_BLOCK_SHORT};
        status = sil_pass_once(&product, b->tables, 1);
    }
    if (status != SIL_OK) {
        drop(&next, b);
        return status;
    }
    drop(p, b);
    *p = next;
    return SIL_OK;
}

/* The child whose product with p is the smallest table, the first of several. */
static size_t choose_child(const struct sil_batch *b, const struct sil_task *t,
                           const struct partial *p, const bool *is_done)
{
    size_t best = SIZE_MAX;
    uint64_t best_cells = UINT64_MAX;
    for (size_t c = 0; c < t->n_children; c++) {
        const struct sil_task *child =
            &b->plan.tasks[b->plan.children[t->first_child + c]];
        struct sil_clique whole;
        if (is_done[c] || !sil_clique_unite(&whole, &p->clique, &child->clique)) {
            continue;
        }
        uint64_t cells = sil_clique_cells(b->domain, &whole);
        if (best == SIZE_MAX || cells < best_cells) {
            best = c;
            best_cells = cells;
        }
    }
    return best;
}

/* Divide by the marginal of the separator; where that is 0, nothing can be: 0. */
static sil_status condition(struct partial *p, const struct sil_batch *b,
                            const struct sil_task *t)
{
    double *inverse = NULL;
    size_t cells = sil_clique_cells(b->domain, &t->separator);
    sil_status status = sil_batch_table(&inverse, b, &t->separator);
    for (size_t i = 0; status == SIL_OK && i < cells; i++) {
        inverse[i] = t->mass[i] > 0 ? 1 / t->mass[i] : 0;
    }
    if (status == SIL_OK) {
        struct sil_term term = {t->separator, inverse};
        struct sil_clique same = p->clique;
        status = multiply(p, b, &term, &same);
    }
    sil_tables_give(b->tables, inverse);
    return status;
}

static sil_status fill_table(struct sil_batch *b, size_t i)
{
    sil_status status = SIL_OK;
    struct sil_task *t = &b->plan.tasks[i];
    const struct sil_task *slice = &b->plan.tasks[t->slice];
    bool is_done[SIL_CLIQUE_MAX] = {false};
    struct partial p = {slice->clique, slice->table, true};
    if (t->toward != SIL_NO_NODE) {
        SIL_TRY(condition(&p, b, t));
    }
    for (size_t k = 0; k < t->n_children; k++) {
        size_t c = choose_child(b, t, &p, is_done);
        if (c == SIZE_MAX) {
            status = SIL_ERR_INTERNAL;
            goto cleanup;
        }
        const struct sil_task *child =
            &b->plan.tasks[b->plan.children[t->first_child + c]];
        struct sil_clique whole;
        is_done[c] = true;
        (void)sil_clique_unite(&whole, &p.clique, &child->clique);
        struct sil_clique keep = still_needed(b, t, is_done, &whole);
        struct sil_term term = {child->clique, child->table};
        SIL_TRY(multiply(&p, b, &term, &keep));
    }
    if (p.is_borrowed) {
        SIL_TRY(sil_batch_table(&t->table, b, &p.clique));
        (void)memcpy(t->table, p.data,
                     sil_clique_cells(b->domain, &p.clique) * sizeof *p.data);
    } else {
        t->table = p.data;
        p.data = NULL;
    }

cleanup:
    drop(&p, b);
    return status;
}

/* The product of the parts of clique i of the group, turned to the caller's order. */
static sil_status write_out(const struct sil_batch *b, size_t i)
{
    sil_status status = SIL_OK;
    struct sil_term terms[SIL_CLIQUE_MAX + 1];
    size_t n = b->first_hub[i + 1] - b->first_hub[i];
    double *ours = NULL;
    struct sil_clique inner = sil_axes_inward(b->oracle->axes, &b->cliques[i]);
    size_t cells = sil_clique_cells(b->domain, &inner);
    double scale = b->oracle->total;
    for (size_t k = 0; k < n; k++) {
        const struct sil_task *t = &b->plan.tasks[b->plan.hubs[b->first_hub[i] + k]];
        terms[k] = (struct sil_term){t->clique, t->table};
        scale /= b->oracle->total;
    }
    if (n == 1) {
        sil_axes_turn_out(b->out[i], b->oracle->axes, &b->cliques[i], terms[0].data);
        return SIL_OK;
    }
    SIL_TRY(sil_batch_table(&ours, b, &inner));
    terms[n] = (struct sil_term){inner, ours};
    const struct sil_product product = {b->domain, &inner, terms,
                                        n,         1,      SIL_BLOCK_SHORT};
    SIL_TRY(sil_pass_once(&product, b->tables, 1));
    sil_kernels()->scale(ours, ours, scale, cells);
    sil_axes_turn_out(b->out[i], b->oracle->axes, &b->cliques[i], ours);

cleanup:
    sil_tables_give(b->tables, ours);
    return status;
}

/* ---- the group ---- */

static sil_status sort_tasks(struct sil_batch *b)
{
    size_t n = b->plan.n_tasks;
    size_t *spare = NULL;
    sil_status status = sil_alloc(&b->order, n, sizeof *b->order, "a plan", NULL);
    if (status == SIL_OK) {
        status = sil_alloc(&spare, n, sizeof *spare, "a plan", NULL);
    }
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        b->order[i] = i;
    }
    for (size_t run = 1; status == SIL_OK && run < n; run *= 2) {
        for (size_t start = 0; start < n; start += 2 * run) {
            size_t middle = start + run < n ? start + run : n;
            size_t end = start + 2 * run < n ? start + 2 * run : n;
            size_t l = start;
            size_t r = middle;
            for (size_t i = start; i < end; i++) {
                bool from_l =
                    r == end || (l < middle && sil_batch_key(sil_batch_task(b, l)) <=
                                                   sil_batch_key(sil_batch_task(b, r)));
                spare[i] = b->order[from_l ? l++ : r++];
            }
        }
        (void)memcpy(b->order, spare, n * sizeof *spare);
    }
    free(spare);
    return status;
}

/* Set the level at which each table is read for the last time. */
static void note_readers(struct sil_batch *b)
{
    for (size_t i = 0; i < b->plan.n_tasks; i++) {
        struct sil_task *t = &b->plan.tasks[i];
        if (t->level == 0) {
            continue;
        }
        struct sil_task *slice = &b->plan.tasks[t->slice];
        slice->last_level = t->level > slice->last_level ? t->level : slice->last_level;
        for (size_t c = 0; c < t->n_children; c++) {
            struct sil_task *child =
                &b->plan.tasks[b->plan.children[t->first_child + c]];
            child->last_level =
                t->level > child->last_level ? t->level : child->last_level;
        }
    }
}

/* A level is done: give back what only it and those before it read. Tables that nothing
 * reads are the results. */
static void give_back(struct sil_batch *b, uint32_t level)
{
    for (size_t i = 0; i < b->plan.n_tasks; i++) {
        struct sil_task *t = &b->plan.tasks[i];
        if (t->last_level == level) {
            sil_tables_give(b->tables, t->table);
            t->table = NULL;
        }
    }
}

static sil_status run_group(struct sil_batch *b)
{
    sil_status status = sort_tasks(b);
    size_t n_slices = 0;
    note_readers(b);
    while (status == SIL_OK && n_slices < b->plan.n_tasks &&
           sil_batch_task(b, n_slices)->level == 0) {
        n_slices++;
    }
    if (status == SIL_OK) {
        status = sil_batch_slices(b, n_slices);
    }

    bool failed = status != SIL_OK;
    for (size_t first = n_slices; first < b->plan.n_tasks && !failed;) {
        size_t end = sil_batch_end(b, first);
#pragma omp parallel for schedule(dynamic) num_threads(b->n_threads) \
    reduction(||                                                     \
              : failed) if (b->n_threads > 1 && end - first > 1)
        for (size_t i = first; i < end; i++) {
            unsigned before = sil_floating_enter();
            failed = fill_table(b, b->order[i]) != SIL_OK || failed;
            sil_floating_leave(before);
        }
        give_back(b, sil_batch_task(b, first)->level);
        first = end;
    }
    if (failed) { /* not all tables are there, and a loop begins with a `failed` anew */
        return SIL_ERR_INTERNAL;
    }
#pragma omp parallel for schedule(dynamic) num_threads(b->n_threads) \
    reduction(||                                                     \
              : failed) if (b->n_threads > 1 && b->n > 1)
    for (size_t i = 0; i < b->n; i++) {
        unsigned before = sil_floating_enter();
        failed = write_out(b, i) != SIL_OK || failed;
        sil_floating_leave(before);
    }
    return failed ? SIL_ERR_INTERNAL : SIL_OK;
}

/* Plan from clique `first` until the group is full, and compute. */
static sil_status do_group(size_t *done, struct sil_batch *b, size_t n,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    b->order = NULL;
    b->first_hub = NULL;
    b->n = 0;
    SIL_TRY(sil_query_plan_init(&b->plan, b->oracle, err));
    SIL_TRY(sil_alloc(&b->first_hub, n + 1, sizeof *b->first_hub, "a plan", err));
    while (b->n < n && b->plan.cells < GROUP_CELLS) {
        struct sil_clique inner = sil_axes_inward(b->oracle->axes, &b->cliques[b->n]);
        SIL_TRY(sil_query_plan_add(&b->plan, &inner, err));
        b->first_hub[++b->n] = b->plan.n_hubs;
    }
    status = run_group(b);
    if (status != SIL_OK) {
        status = sil_fail(err, status, "out of memory: the marginals");
    }
    *done += b->n;

cleanup:
    free(b->order);
    free(b->first_hub);
    sil_query_plan_clear(&b->plan, b->tables);
    return status;
}

sil_status sil_query(double *const *out, const struct sil_oracle *oracle,
                     const struct sil_clique *cliques, size_t n, unsigned n_threads,
                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_tables tables = {0};
    size_t done = 0;
    while (done < n && status == SIL_OK) {
        struct sil_batch b = {.oracle = oracle, .domain = &oracle->axes->inner};
        b.out = out + done;
        b.cliques = cliques + done;
        b.n_threads = n_threads;
        b.tables = &tables;
        status = do_group(&done, &b, n - done, err);
    }
    sil_tables_clear(&tables);
    return status;
}
