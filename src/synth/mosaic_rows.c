// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/search.h"
#include "synth/mosaic.h"

#include <stdlib.h>

/* Part of every replay number. What a table of one, two, three columns weighs; how often every
 * value of every row is proposed anew; what part of the steps the copies of rows may take. */
static const uint32_t WEIGHT[SIL_MOSAIC_ATTRS + 1] = {0, 100, 5, 1};

enum { SWEEPS = 8, SWAP_SWEEPS = 1, COPY_PART = 4 };

/* ---- targets ---- */

struct targets {
    struct sil_target *item;
    size_t n;
    uint32_t *n_triples; ///< of each column
    uint64_t n_places;   ///< columns of all targets
};

static bool has_place(const struct targets *targets, const struct sil_mosaic *m,
                      const struct sil_clique *clique)
{
    bool has = true;
    for (uint32_t k = 0; k < clique->n && clique->n == SIL_MOSAIC_ATTRS; k++) {
        has = has && targets->n_triples[clique->attr[k]] < m->settings.triples;
    }
    return has;
}

static void add_target(struct targets *targets, const struct sil_mosaic *m, size_t i)
{
    size_t n_cells = 0;
    const struct sil_clique *clique = sil_local_clique(m->tables, i);
    if (!has_place(targets, m, clique)) {
        return;
    }
    for (uint32_t k = 0; k < clique->n && clique->n == SIL_MOSAIC_ATTRS; k++) {
        targets->n_triples[clique->attr[k]]++;
    }
    targets->n_places += clique->n;
    const double *table = clique->n == 1 ? m->p[clique->attr[0]]
                                         : sil_local_table(m->tables, i, &n_cells);
    targets->item[targets->n++] = (struct sil_target){
        .clique = *clique, .table = table, .weight = WEIGHT[clique->n]};
}

static sil_status targets_init(struct targets *targets, const struct sil_mosaic *m,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    *targets = (struct targets){0};
    SIL_TRY(
        sil_alloc(&targets->item, m->n_cliques, sizeof *targets->item, "tables", err));
    SIL_TRY(sil_alloc(&targets->n_triples, m->domain.n_attrs,
                      sizeof *targets->n_triples, "tables", err));
    for (size_t i = 0; i < m->n_cliques; i++) {
        add_target(targets, m, i);
    }
cleanup:
    return status;
}

static void targets_clear(struct targets *targets)
{
    free(targets->item);
    free(targets->n_triples);
}

/* ---- rows ---- */

static struct sil_search_effort effort_for(const struct targets *targets,
                                           const struct sil_mosaic *m,
                                           const struct sil_draw *draw)
{
    double d = m->domain.n_attrs;
    double sweep = (double)draw->n_rows * d;
    double steps = (double)targets->n_places / d;
    double moves = SWEEPS * sweep;
    double most = m->settings.steps / (steps > 1 ? steps : 1);
    double swaps = SWAP_SWEEPS * sweep;
    bool has_copies = draw->rounding != SIL_ROWS_SYSTEMATIC; /* replay 1 */
    double copies = has_copies ? m->settings.copies * (double)draw->n_rows : 0;
    double most_copies = m->settings.steps / COPY_PART / (double)targets->n;
    return (struct sil_search_effort){
        .n_moves = (uint64_t)(moves < most ? moves : most),
        .n_swaps = (uint64_t)(swaps < most ? swaps : most),
        .n_copies = (uint64_t)(copies < most_copies ? copies : most_copies)};
}

static sil_status draw_rows(struct sil_codes *codes, const struct sil_mosaic *m,
                            const struct sil_draw *draw, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_codes groups = {0};
    struct targets targets = {0};
    *codes = (struct sil_codes){0};
    SIL_TRY(sil_gm_draw(&groups, m->gm, draw, err));
    SIL_TRY(sil_open_groups(codes, &groups, &m->domain, m->of, m->p, draw, err));
    SIL_TRY(sil_leave_zeros(codes, &m->domain, m->of, m->p, draw->words, err));
    sil_codes_clear(&groups);
    SIL_TRY(targets_init(&targets, m, err));
    struct sil_search_effort effort = effort_for(&targets, m, draw);
    SIL_TRY(sil_search(codes, &m->domain, targets.item, targets.n, &effort, draw->words,
                       draw->n_threads, draw->progress, err));
cleanup:
    sil_codes_clear(&groups);
    targets_clear(&targets);
    if (status != SIL_OK) {
        sil_codes_clear(codes);
    }
    return status;
}

sil_status sil_mosaic_draw(struct sil_codes *codes, const struct sil_mosaic *m,
                           const struct sil_draw *draw, struct sil_error *err)
{
    unsigned before = sil_floating_enter(); /* the number of moves is replayed, too */
    sil_status status = draw_rows(codes, m, draw, err);
    sil_floating_leave(before);
    return status;
}
