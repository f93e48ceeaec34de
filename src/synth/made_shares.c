// SPDX-License-Identifier: Apache-2.0
/* Iterative proportional fitting (Deming, Stephan 1940): each column in turn is multiplied by
 * what its shares want over what they are. A limit of that is the distribution with these
 * shares that is nearest to the one before (Csiszar 1975, I-projection). */
#include "synth/made_shares.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "synth/made_work.h"

#include <stdlib.h>

static const char *const WHAT = "rows made to order";

static const double NEAR = 1e-9;
static const double NOWHERE = -__builtin_inf();

double sil_weigh_box(struct sil_weigher *w, size_t box)
{
    for (size_t i = 0; i < w->made->n_columns; i++) {
        sil_made_weights(w->fine[i], w->coarse[i], w->made, box, i);
    }
    return sil_tilt_set(w->tilt, (const double *const *)w->coarse, w->made->fair_log);
}

static sil_status refuse_conflict(const struct sil_weigher *w)
{
    return sil_fail(w->err, SIL_ERR_INPUT, "%s",
                    w->options->fair == NULL
                        ? "--rebalance: the shares cannot all be met at once"
                        : "--fair: parity and shares cannot be met at once");
}

/* The masses of classes in a box that is weighed, from the marginal of the tree's values. */
static sil_status sum_classes(struct sil_weigher *w, double *mass, size_t box,
                              size_t column)
{
    sil_status status = SIL_OK;
    const struct sil_made *made = w->made;
    const struct sil_pieces *p = &made->columns[column];
    const struct sil_mosaic *m = made->model->mosaic;
    const struct sil_clique clique = sil_clique_single(p->attr);
    SIL_TRY(sil_gm_marginal(w->marginal, sil_tilt_model(w->tilt), &clique, w->err));
    for (uint32_t k = 0; k < p->n_classes; k++) {
        mass[k] = 0;
    }
    for (size_t k = 0; k < p->n; k++) {
        const struct sil_piece *piece = &p->piece[k];
        uint32_t cell =
            m == NULL ? piece->code : sil_group_of(&m->of[p->attr], piece->code);
        double within =
            m == NULL ? 1 : m->p[p->attr][piece->code] / m->columns[p->attr].mass[cell];
        bool is_in = sil_box_allows(&made->boxes, box, column, piece->class);
        if (is_in && w->coarse[column][cell] > 0) {
            mass[piece->class] += w->marginal[cell] / w->coarse[column][cell] * within *
                                  made->tilt[made->boxes.base[column] + piece->class] *
                                  sil_piece_share(piece);
        }
    }

cleanup:
    return status;
}

/* The probability of each class of a column, over all boxes. */
static sil_status find_masses(struct sil_weigher *w, size_t column)
{
    sil_status status = SIL_OK;
    struct sil_made *made = w->made;
    uint32_t n = made->columns[column].n_classes;
    double rows = sil_gm_total(sil_tilt_model(w->tilt));
    bool is_possible = false;
    for (size_t b = 0; b < made->boxes.n; b++) {
        w->log_mass[b] = sil_weigh_box(w, b);
        if (w->log_mass[b] > NOWHERE) {
            SIL_TRY(sum_classes(w, w->mass + b * n, b, column));
            is_possible = true;
        }
    }
    if (!is_possible) {
        return refuse_conflict(w);
    }
    (void)sil_tilt_mix(made->part, w->log_mass, made->boxes.n);
    for (uint32_t k = 0; k < n; k++) {
        w->total[k] = 0;
        for (size_t b = 0; b < made->boxes.n; b++) {
            w->total[k] += w->log_mass[b] > NOWHERE
                               ? made->part[b] * (w->mass[b * n + k] / rows)
                               : 0;
        }
    }

cleanup:
    return status;
}

/* ---- groups ---- */

/* Which group the tests of the shares put each class into. They are the last tests of the
 * column (and of columns with shares there is one set each). */
static sil_status find_groups(struct sil_weigher *w, size_t s)
{
    sil_status status = SIL_OK;
    const struct sil_shares *shares = &w->made->shares[s];
    const struct sil_pieces *p =
        &w->made->columns[sil_made_column(w->made, shares->attr)];
    SIL_TRY(
        sil_alloc(&w->group_of[s], p->n_classes, sizeof **w->group_of, WHAT, w->err));
    for (uint32_t k = 0; k < p->n_classes; k++) {
        const uint8_t *truth = p->truth + k * p->n_tests + (p->n_tests - shares->n);
        w->group_of[s][k] = (uint32_t)shares->n;
        for (uint32_t g = 0; g < shares->n; g++) {
            if (truth[g] != SIL_TRUE) {
                continue;
            }
            if (w->group_of[s][k] < shares->n) {
                *w->fault = (struct sil_sample_fault){w->options->rebalance[s],
                                                      shares->group[g].column};
                return sil_fail(w->err, SIL_ERR_USAGE,
                                "--rebalance: column %zu: a value has a share already",
                                shares->group[g].column);
            }
            w->group_of[s][k] = g;
        }
    }

cleanup:
    return status;
}

static double target_of(const struct sil_shares *shares, uint32_t group)
{
    uint64_t rest = SIL_SHARE_ONE;
    for (size_t g = 0; g < shares->n; g++) {
        rest -= shares->group[g].share;
    }
    return (double)(group < shares->n ? shares->group[group].share : rest) /
           (double)SIL_SHARE_ONE;
}

static sil_status refuse_empty(struct sil_weigher *w, size_t s, uint32_t group)
{
    const struct sil_shares *shares = &w->made->shares[s];
    bool is_rest = group == shares->n;
    if (w->sweep > 0) {
        return refuse_conflict(w);
    }
    w->fault->text = w->options->rebalance[s];
    w->fault->column = is_rest ? 0 : shares->group[group].column;
    return is_rest
               ? sil_fail(
                     w->err, SIL_ERR_INPUT,
                     "--rebalance: the shares of '%.80s' add up to less than 1, and "
                     "there are no rows with another value",
                     sil_schema_field_name(w->made->model->transcript.schema,
                                           shares->column))
               : sil_fail(w->err, SIL_ERR_INPUT,
                          "--rebalance: column %zu: there are no rows with this value",
                          w->fault->column);
}

/* Give the groups of one column their shares. @param[out] gap   how far they were off. */
static sil_status fit_shares(struct sil_weigher *w, size_t s, double *gap)
{
    sil_status status = SIL_OK;
    struct sil_made *made = w->made;
    const struct sil_shares *shares = &made->shares[s];
    size_t column = sil_made_column(made, shares->attr);
    uint32_t n_classes = made->columns[column].n_classes;
    SIL_TRY(find_masses(w, column));
    for (uint32_t g = 0; g <= shares->n; g++) {
        double mass = 0;
        double target = target_of(shares, g);
        for (uint32_t k = 0; k < n_classes; k++) {
            mass += w->group_of[s][k] == g ? w->total[k] : 0;
        }
        if (mass <= 0 && target > 0) {
            return refuse_empty(w, s, g);
        }
        double off = mass > target ? mass - target : target - mass;
        *gap = off > *gap ? off : *gap;
        for (uint32_t k = 0; k < n_classes; k++) {
            made->tilt[made->boxes.base[column] + k] *=
                w->group_of[s][k] == g && mass > 0 ? target / mass : 1;
        }
    }

cleanup:
    return status;
}

/* Shares of every column, and parity when `is_fair`, in turn until all hold. */
static sil_status fit_all(struct sil_weigher *w, bool is_fair)
{
    sil_status status = SIL_OK;
    double gap = w->made->n_shares + is_fair > 0 ? 1 : 0;
    for (w->sweep = 0; gap > NEAR && w->sweep < w->sweeps; w->sweep++) {
        gap = 0;
        for (size_t s = 0; s < w->made->n_shares; s++) {
            SIL_TRY(fit_shares(w, s, &gap));
        }
        if (is_fair) {
            SIL_TRY(sil_fair_fit(w, &gap));
        }
    }
    status = gap > NEAR ? refuse_conflict(w) : SIL_OK;

cleanup:
    return status;
}

/* What it costs: how far the columns that it is about are from what they would be else. */
static sil_status fit_fair(struct sil_weigher *w)
{
    sil_status status = SIL_OK;
    struct sil_made *made = w->made;
    double *before = NULL;
    double *after = NULL;
    size_t n = sil_clique_cells(sil_model_tree_domain(made->model), &made->fair.clique);
    SIL_TRY(sil_alloc(&before, n, sizeof *before, WHAT, w->err));
    SIL_TRY(sil_alloc(&after, n, sizeof *after, WHAT, w->err));
    SIL_TRY(sil_alloc(&made->fair_log, n, sizeof *made->fair_log, WHAT, w->err));
    SIL_TRY(sil_fair_marginal(before, w));
    SIL_TRY(fit_all(w, true));
    SIL_TRY(sil_fair_marginal(after, w));
    for (size_t i = 0; i < n; i++) {
        made->fair_moved += after[i] > before[i] ? after[i] - before[i] : 0;
    }

cleanup:
    free(before);
    free(after);
    return status;
}

/* ---- boxes ---- */

static sil_status weigh_boxes(struct sil_weigher *w)
{
    struct sil_made *made = w->made;
    bool is_possible = false;
    for (size_t b = 0; b < made->boxes.n; b++) {
        w->log_mass[b] = sil_weigh_box(w, b);
        is_possible = is_possible || w->log_mass[b] > NOWHERE;
    }
    if (!is_possible) {
        w->fault->text = w->options->where;
        w->fault->column = 0;
        return sil_fail(w->err, SIL_ERR_INPUT,
                        "--where: no row of this model meets the condition: its "
                        "probability is 0");
    }
    double mass = sil_tilt_mix(made->part, w->log_mass, made->boxes.n);
    made->probability = mass < 1 ? mass : 1;
    return SIL_OK;
}

static sil_status prepare(struct sil_weigher *w)
{
    sil_status status = SIL_OK;
    const struct sil_made *made = w->made;
    size_t most = 1;
    SIL_TRY(
        sil_alloc((void *)&w->fine, made->n_columns, sizeof *w->fine, WHAT, w->err));
    SIL_TRY(sil_alloc((void *)&w->coarse, made->n_columns, sizeof *w->coarse, WHAT,
                      w->err));
    SIL_TRY(sil_alloc((void *)&w->group_of, made->n_shares, sizeof *w->group_of, WHAT,
                      w->err));
    for (size_t i = 0; i < made->n_columns; i++) {
        size_t n = made->columns[i].n_codes;
        SIL_TRY(sil_alloc(&w->fine[i], n, sizeof **w->fine, WHAT, w->err));
        SIL_TRY(sil_alloc(&w->coarse[i], n, sizeof **w->coarse, WHAT, w->err));
        most = n > most ? n : most;
        most = made->columns[i].n_classes > most ? made->columns[i].n_classes : most;
    }
    SIL_TRY(sil_alloc(&w->marginal, most, sizeof *w->marginal, WHAT, w->err));
    SIL_TRY(sil_alloc(&w->mass, most * made->boxes.n, sizeof *w->mass, WHAT, w->err));
    SIL_TRY(sil_alloc(&w->total, most, sizeof *w->total, WHAT, w->err));
    SIL_TRY(sil_alloc(&w->log_mass, made->boxes.n, sizeof *w->log_mass, WHAT, w->err));
    for (size_t s = 0; s < made->n_shares; s++) {
        SIL_TRY(find_groups(w, s));
    }
    status = sil_tilt_new(&w->tilt, sil_model_tree(made->model), made->attrs,
                          made->n_columns, sil_made_joint(made), w->options->n_threads,
                          w->err);
    if (status == SIL_ERR_USAGE) {
        w->fault->text = w->options->fair;
        status = sil_fail_within(w->err, status, "--fair");
    }

cleanup:
    return status;
}

static void clear(struct sil_weigher *w)
{
    for (size_t i = 0; i < w->made->n_columns; i++) {
        if (w->fine != NULL) {
            free(w->fine[i]);
        }
        if (w->coarse != NULL) {
            free(w->coarse[i]);
        }
    }
    for (size_t s = 0; w->group_of != NULL && s < w->made->n_shares; s++) {
        free(w->group_of[s]);
    }
    free((void *)w->fine);
    free((void *)w->coarse);
    free((void *)w->group_of);
    free(w->marginal);
    free(w->mass);
    free(w->total);
    free(w->log_mass);
    sil_tilt_free(w->tilt);
}

sil_status sil_made_weigh(struct sil_made *made,
                          const struct sil_sample_options *options,
                          struct sil_sample_fault *fault, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_weigher w = {
        .made = made, .fault = fault, .options = options, .err = err};
    unsigned before = sil_floating_enter();
    SIL_TRY(sil_made_limit(&w.sweeps, made, options, fault, err));
    SIL_TRY(prepare(&w));
    SIL_TRY(weigh_boxes(&w));
    SIL_TRY(fit_all(&w, false));
    if (sil_made_joint(made) != NULL) {
        SIL_TRY(fit_fair(&w));
    }

cleanup:
    clear(&w);
    sil_floating_leave(before);
    return status;
}
