// SPDX-License-Identifier: Apache-2.0
#include "model/tiles.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/dual.h"
#include "model/floating.h"
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

struct fit {
    const struct sil_tile *tiles;
    size_t n;
    size_t *order;              ///< by clique, then by place in the list
    struct sil_clique *cliques; ///< distinct, sorted
    size_t n_cliques;
    struct sil_state state;
    struct sil_dual dual;
    double *theta;
    double *vectors;
};

/* Tiles mostly come in order, which insertion finds out in one pass. */
static sil_status list_cliques(struct fit *fit, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&fit->order, fit->n, sizeof *fit->order, "a fit", err));
    SIL_TRY(sil_alloc(&fit->cliques, fit->n, sizeof *fit->cliques, "a fit", err));
    SIL_TRY(sil_alloc(&fit->dual.tiles, fit->n, sizeof *fit->dual.tiles, "a fit", err));
    for (size_t i = 0; i < fit->n; i++) {
        const struct sil_clique *c = &fit->tiles[i].clique;
        size_t at = i;
        for (; at > 0; at--) {
            size_t before = fit->order[at - 1];
            if (sil_clique_compare(&fit->tiles[before].clique, c) <= 0) {
                break;
            }
            fit->order[at] = before;
        }
        fit->order[at] = i;
    }
    for (size_t i = 0; i < fit->n; i++) {
        const struct sil_clique *c = &fit->tiles[fit->order[i]].clique;
        if (i == 0 || sil_clique_compare(&fit->cliques[fit->n_cliques - 1], c) != 0) {
            fit->cliques[fit->n_cliques++] = *c;
        }
        fit->dual.tiles[fit->order[i]].factor = fit->n_cliques - 1;
    }
    fit->dual.order = fit->order;
    fit->dual.n = fit->n;

cleanup:
    return status;
}

/* The attributes of a tile, and its cells, as a domain of their own in both orders. The
 * order by rank is the model's: axes.h would rank by the number of groups. */
struct frame {
    struct sil_axes axes;
    struct sil_clique whole;
    uint32_t rank_of[SIL_CLIQUE_MAX];
    uint32_t attr_of[SIL_CLIQUE_MAX];
    uint32_t sizes[2 * SIL_CLIQUE_MAX];
    struct sil_grouping of[SIL_CLIQUE_MAX]; ///< by rank
};

static void frame_tile(struct frame *f, const struct sil_tile *tile,
                       const struct sil_axes *axes)
{
    const struct sil_clique *c = &tile->clique;
    f->whole.n = c->n;
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t rank = 0;
        for (uint32_t k = 0; k < c->n; k++) {
            rank += axes->rank_of[c->attr[k]] < axes->rank_of[c->attr[i]];
        }
        f->whole.attr[i] = i;
        f->rank_of[i] = rank;
        f->attr_of[rank] = i;
        f->of[rank] = tile->of != NULL
                          ? tile->of[i]
                          : sil_grouping_identity(axes->outer.sizes[c->attr[i]]);
        f->sizes[i] = f->of[rank].n_groups;
        f->sizes[c->n + rank] = f->of[rank].n_groups;
    }
    f->axes = (struct sil_axes){
        .outer = {c->n, f->sizes,        NULL},
        .inner = {c->n, f->sizes + c->n, NULL},
        .rank_of = f->rank_of,
        .attr_of = f->attr_of
    };
}

static sil_status place_tiles(struct fit *fit, const struct sil_axes *axes,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_dual *dual = &fit->dual;
    size_t work = 0;
    size_t largest = 0;
    for (size_t i = 0; i < fit->n; i++) {
        struct frame frame;
        struct sil_placed *t = &dual->tiles[i];
        frame_tile(&frame, &fit->tiles[i], axes);
        SIL_TRY(sil_lift_init(&t->lift, frame.of, frame.whole.n, err));
        t->offset = dual->length;
        dual->length += sil_padded(t->lift.cells);
        work = t->lift.work > work ? t->lift.work : work;
        largest = t->lift.cells > largest ? t->lift.cells : largest;
    }
    SIL_TRY(sil_alloc_aligned(&dual->work, work, sizeof *dual->work, "a fit", err));
    SIL_TRY(
        sil_alloc_aligned(&dual->narrow, largest, sizeof *dual->narrow, "a fit", err));
    SIL_TRY(sil_alloc_aligned(&fit->vectors, dual->length, 5 * sizeof *fit->vectors,
                              "a fit", err));
    dual->y = fit->vectors;
    dual->slack = fit->vectors + dual->length;
    dual->centre = fit->vectors + 2 * dual->length;
    dual->mu = fit->vectors + 3 * dual->length;
    fit->theta = fit->vectors + 4 * dual->length;

cleanup:
    return status;
}

static void pose(struct fit *fit, const struct sil_axes *axes)
{
    struct sil_dual *dual = &fit->dual;
    dual->oracle = &fit->state.oracle;
    dual->wide = fit->state.theta;
    for (size_t i = 0; i < dual->length; i++) {
        dual->slack[i] = 1;
    }
    for (size_t i = 0; i < fit->n; i++) {
        struct frame f;
        const struct sil_tile *tile = &fit->tiles[i];
        size_t offset = dual->tiles[i].offset;
        frame_tile(&f, tile, axes);
        sil_axes_turn_in(dual->y + offset, &f.axes, &f.whole, tile->y);
        sil_axes_turn_in(dual->slack + offset, &f.axes, &f.whole, tile->slack);
        sil_axes_turn_in(dual->centre + offset, &f.axes, &f.whole, tile->centre);
        sil_axes_turn_in(fit->theta + offset, &f.axes, &f.whole, tile->theta);
    }
}

/* Cells of tiles that are 0 whatever the potentials are. The oracle has none yet. */
static void silence_zeros(struct fit *fit)
{
    struct sil_dual *dual = &fit->dual;
    struct sil_oracle *o = dual->oracle;
    if (o->n_zeros == 0) {
        return;
    }
    (void)sil_oracle_run(o, fit->state.theta);
    for (size_t i = 0; i < fit->n; i++) {
        const struct sil_placed *t = &dual->tiles[i];
        sil_lift_sum(dual->narrow, &t->lift, o->marginal + o->factors[t->factor].offset,
                     dual->work);
        for (size_t cell = 0; cell < t->lift.cells; cell++) {
            if (!(dual->narrow[cell] > 0)) {
                dual->y[t->offset + cell] = 0;
                dual->centre[t->offset + cell] = 0;
                fit->theta[t->offset + cell] = 0;
            }
        }
    }
}

static void give_theta(const struct fit *fit, const struct sil_axes *axes)
{
    for (size_t i = 0; i < fit->n; i++) {
        struct frame f;
        frame_tile(&f, &fit->tiles[i], axes);
        sil_axes_turn_out(fit->tiles[i].theta, &f.axes, &f.whole,
                          fit->theta + fit->dual.tiles[i].offset);
    }
}

static double loss_of(const struct sil_dual *dual)
{
    double sum = 0;
    for (size_t i = 0; i < dual->length; i++) {
        double gap = dual->mu[i] - dual->y[i];
        sum += gap * gap / dual->slack[i];
    }
    return 0.5 * sum;
}

static void clear(struct fit *fit)
{
    for (size_t i = 0; i < fit->dual.n; i++) {
        sil_lift_clear(&fit->dual.tiles[i].lift);
    }
    free(fit->dual.tiles);
    free(fit->dual.work);
    free(fit->dual.narrow);
    free(fit->vectors);
    free(fit->order);
    free(fit->cliques);
    sil_state_clear(&fit->state);
}

sil_status sil_gm_fit_tiles(struct sil_graphical_model *model, double total,
                            const struct sil_tile *tiles, size_t n,
                            const struct sil_fit_limits *limits,
                            struct sil_fit_report *report, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct fit fit = {.tiles = tiles, .n = n};
    unsigned before = sil_floating_enter();
    *report = (struct sil_fit_report){0};

    SIL_TRY(list_cliques(&fit, err));
    SIL_TRY(sil_state_init(&fit.state, &model->axes, fit.cliques, fit.n_cliques,
                           sil_threads(limits->n_threads), err));
    fit.state.oracle.total = total;
    SIL_TRY(place_tiles(&fit, &model->axes, err));
    pose(&fit, &model->axes);
    silence_zeros(&fit);
    SIL_TRY(sil_dual_minimise(fit.theta, &fit.dual, limits, report, err));

    /* Nothing below can fail. */
    report->loss = loss_of(&fit.dual);
    give_theta(&fit, &model->axes);
    sil_state_export(&fit.state);
    sil_state_clear(&model->state);
    model->state = fit.state;
    model->total = total;
    fit.state = (struct sil_state){0};

cleanup:
    clear(&fit);
    sil_floating_leave(before);
    return status;
}
