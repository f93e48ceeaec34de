// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/scalar.h"
#include "model/tiles.h"
#include "synth/mosaic.h"

#include <stdlib.h>
#include <string.h>

/* Part of every replay number: how far the fit may stay from a measurement, in squared
 * counts, and how long it goes on. */
static const double SLACK_LEAST = 1;
static const double SLACK_SHARE = 0.01;
static const double SLACK_DEVIATIONS = 2; /* from replay 3 on */
static const double ROUND_TOLERANCE = 1e-4;
static const double PUBLISHED_TOLERANCE = 1e-6;

enum { ROUND_ORACLES = 30, PUBLISHED_ORACLES = 400 };

/* What a fit is given: a tile for each column, then one for each measurement. */
struct fitting {
    struct sil_tile *tiles;
    size_t n;
    struct sil_grouping *of; ///< of the measurements, SIL_MOSAIC_ATTRS each
    uint32_t *group;         ///< what those point to
    double *vectors; ///< slack, centre and theta of the columns, slack of the rest
    double *zero;    ///< the centre of the measurements
};

static void fitting_clear(struct fitting *f)
{
    free(f->tiles);
    free(f->of);
    free(f->group);
    free(f->vectors);
    free(f->zero);
}

static sil_status fitting_init(struct fitting *f, const struct sil_mosaic *m,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_groups = 0;
    size_t n_cells = 0;
    size_t most_cells = 0;
    size_t n_grouped = 0;
    *f = (struct fitting){0};
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        n_groups += m->sizes[a];
    }
    for (size_t i = 0; i < m->n_tiles; i++) {
        const struct sil_mosaic_tile *t = &m->tiles[i];
        n_cells += t->n_cells;
        most_cells = t->n_cells > most_cells ? t->n_cells : most_cells;
        for (uint32_t k = 0; k < t->clique.n; k++) {
            n_grouped += m->sizes[t->clique.attr[k]];
        }
    }
    SIL_TRY(sil_alloc(&f->tiles, m->domain.n_attrs + m->n_tiles, sizeof *f->tiles,
                      "a fit", err));
    SIL_TRY(
        sil_alloc(&f->of, m->n_tiles, SIL_MOSAIC_ATTRS * sizeof *f->of, "a fit", err));
    SIL_TRY(sil_alloc(&f->group, n_grouped, sizeof *f->group, "a fit", err));
    SIL_TRY(sil_alloc(&f->vectors, 3 * n_groups + n_cells, sizeof *f->vectors, "a fit",
                      err));
    SIL_TRY(sil_alloc(&f->zero, most_cells, sizeof *f->zero, "a fit", err));
cleanup:
    return status;
}

/* The column as measured, cleaned: each group has the noise of its values. */
static double *add_column(struct fitting *f, const struct sil_mosaic *m, uint32_t a,
                          double *next)
{
    const struct sil_mosaic_column *c = &m->columns[a];
    uint32_t n = m->sizes[a];
    double *slack = next;
    double *centre = next + n;
    double *theta = next + 2 * (size_t)n;
    memset(slack, 0, n * sizeof *slack);
    for (uint32_t v = 0; v < c->column.n_values; v++) {
        double weight = c->weight == NULL ? 1 : c->weight[v];
        slack[sil_group_of(&m->of[a], v)] += SLACK_SHARE * c->column.variance / weight;
    }
    for (uint32_t g = 0; g < n; g++) {
        slack[g] += SLACK_LEAST;
        centre[g] = sil_log(c->mass[g]);
    }
    for (uint32_t v = 0; v < c->column.n_values; v++) {
        uint32_t g = sil_group_of(&m->of[a], v);
        theta[g] = centre[g] + c->tilt[v];
    }
    f->tiles[f->n++] = (struct sil_tile){.clique = sil_clique_single(a),
                                         .n_cells = n,
                                         .y = c->mass,
                                         .slack = slack,
                                         .centre = centre,
                                         .theta = theta};
    return next + 3 * (size_t)n;
}

/* The groups of a level in terms of the groups in use, which are finer: into `group`,
 * which has room for a number for each of those. */
static struct sil_grouping in_groups(const struct sil_mosaic *m, uint32_t a,
                                     uint8_t level, uint32_t *group)
{
    const struct sil_grouping *coarse = &m->columns[a].levels.level[level];
    for (uint32_t v = 0; v < m->domain.sizes[a]; v++) {
        group[sil_group_of(&m->of[a], v)] = sil_group_of(coarse, v);
    }
    return (struct sil_grouping){
        .n_values = m->sizes[a], .n_groups = coarse->n_groups, .group = group};
}

/* A potential is (measured - fitted) / slack. Up to replay 2 the slack is a share of the
 * variance, so that large noise moves no potential, but signals of its size do not either.
 * From replay 3 on it comes near to SLACK_DEVIATIONS standard deviations there: noise moves
 * potentials by about half, whatever its size. */
static double slack_of(const struct sil_mosaic *m, double variance)
{
    double share = SLACK_SHARE * variance;
    if (m->terms->replay < 3) {
        return SLACK_LEAST + share;
    }
    double most = SLACK_DEVIATIONS * sil_sqrt(variance);
    return SLACK_LEAST + share * most / (share + most);
}

static double *add_measurement(struct fitting *f, const struct sil_mosaic *m,
                               struct sil_mosaic_tile *t, uint32_t **group,
                               double *next)
{
    struct sil_grouping *of =
        f->of + SIL_MOSAIC_ATTRS * (f->n - (size_t)m->domain.n_attrs);
    bool is_grouped = false;
    for (uint32_t k = 0; k < t->clique.n; k++) {
        uint32_t a = t->clique.attr[k];
        of[k] = in_groups(m, a, t->level[k], *group);
        is_grouped |= of[k].n_groups < of[k].n_values;
        *group += m->sizes[a];
    }
    for (size_t i = 0; i < t->n_cells; i++) {
        next[i] = slack_of(m, t->variance);
    }
    f->tiles[f->n++] = (struct sil_tile){.clique = t->clique,
                                         .of = is_grouped ? of : NULL,
                                         .n_cells = t->n_cells,
                                         .y = t->y,
                                         .slack = next,
                                         .centre = f->zero,
                                         .theta = t->theta};
    return next + t->n_cells;
}

/* What the columns' potentials have become, for the next fit. */
static void keep_tilt(struct sil_mosaic *m, const struct fitting *f)
{
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        const struct sil_tile *tile = &f->tiles[a];
        for (uint32_t v = 0; v < m->domain.sizes[a]; v++) {
            uint32_t g = sil_group_of(&m->of[a], v);
            m->columns[a].tilt[v] = tile->theta[g] - tile->centre[g];
        }
    }
}

static sil_status fit(struct sil_mosaic *m, unsigned max_oracles, double tolerance,
                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct fitting f;
    struct sil_fit_report report;
    struct sil_graphical_model *gm = NULL;
    const struct sil_fit_limits limits = {
        .max_oracles = max_oracles, .tolerance = tolerance, .n_threads = m->n_threads};
    sil_mosaic_regroup_zeros(m);
    SIL_TRY(fitting_init(&f, m, err));
    double *next = f.vectors;
    uint32_t *group = f.group;
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        next = add_column(&f, m, a, next);
    }
    for (size_t i = 0; i < m->n_tiles; i++) {
        next = add_measurement(&f, m, &m->tiles[i], &group, next);
    }
    SIL_TRY(sil_gm_new(&gm, &m->groups, m->total, err));
    SIL_TRY(sil_gm_fit_tiles(gm, m->total, f.tiles, f.n, &limits, &report, err));
    keep_tilt(m, &f);
    sil_gm_free(m->gm);
    m->gm = gm;
    gm = NULL;
cleanup:
    sil_gm_free(gm);
    fitting_clear(&f);
    return status;
}

sil_status sil_mosaic_fit_warm(struct sil_mosaic *m, struct sil_error *err)
{
    return fit(m, ROUND_ORACLES, ROUND_TOLERANCE, err);
}

static int by_clique_and_level(const void *a, const void *b)
{
    const struct sil_mosaic_tile *x = a;
    const struct sil_mosaic_tile *y = b;
    int order = sil_clique_compare(&x->clique, &y->clique);
    return order != 0 ? order : memcmp(x->level, y->level, sizeof x->level);
}

sil_status sil_mosaic_fit_cold(struct sil_mosaic *m, struct sil_error *err)
{
    if (m->n_tiles > 1) {
        qsort(m->tiles, m->n_tiles, sizeof *m->tiles, by_clique_and_level);
    }
    for (size_t i = 0; i < m->n_tiles; i++) {
        memset(m->tiles[i].theta, 0, m->tiles[i].n_cells * sizeof(double));
    }
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        memset(m->columns[a].tilt, 0, m->domain.sizes[a] * sizeof(double));
    }
    return fit(m, PUBLISHED_ORACLES, PUBLISHED_TOLERANCE, err);
}
