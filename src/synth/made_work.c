// SPDX-License-Identifier: Apache-2.0
#include "synth/made_work.h"

#include "base/fail.h"
#include "base/int128.h"

#include <string.h>

/* A calibration of the smallest tree; and what a joint cell is looked at when parity is fitted
 * (four sums over it, and their quotient). */
enum { WEIGHING_STEPS = 1 << 12, JOINT_STEPS = 16 };

/* Sizes of an order. No product of them that is formed here reaches 2^128. */
struct sizes {
    sil_u128 boxes;
    sil_u128 tree;    ///< cells of it
    sil_u128 joint;   ///< cells of the columns of parity; 0: none
    sil_u128 columns; ///< codes and parts of the columns that the order names
    sil_u128 weigh;   ///< steps of one calibration
};

struct work {
    sil_u128 fixed; ///< steps of all that is done whatever the shares are
    sil_u128 sweep; ///< steps of one sweep; 0, where there is nothing to fit
};

/* How often the attributes that are weighted occur in a clique. */
static uint32_t count_weighted(const struct sil_made *made,
                               const struct sil_clique *clique)
{
    uint32_t n = 0;
    for (size_t i = 0; i < made->n_columns; i++) {
        n += sil_clique_has(clique, made->attrs[i]);
    }
    return n;
}

/* The tree with the joint cells of parity: it is never built when that is too large. */
static sil_status measure_tree(struct sizes *out, const struct sil_made *made,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_graphical_model *tree = sil_model_tree(made->model);
    const struct sil_domain *domain = sil_model_tree_domain(made->model);
    const struct sil_clique *joint = sil_made_joint(made);
    struct sil_graph *graph = NULL;
    SIL_TRY(sil_graph_new(&graph, domain, err));
    for (size_t k = 0; k < sil_gm_n_potentials(tree); k++) {
        const struct sil_clique *clique = sil_gm_potential_clique(tree, k);
        sil_u128 cells = sil_clique_cells(domain, clique);
        out->weigh += cells * (1 + count_weighted(made, clique));
        SIL_TRY(sil_graph_add(graph, clique, err));
    }
    if (joint != NULL) {
        out->joint = sil_clique_cells(domain, joint);
        out->weigh += out->joint * (1 + count_weighted(made, joint));
    }
    out->tree = sil_graph_tree_cells(graph, joint, UINT64_MAX - 1);

cleanup:
    sil_graph_free(graph);
    return status;
}

static sil_status measure(struct sizes *out, const struct sil_made *made,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct sizes){.boxes = made->boxes.n};
    for (size_t i = 0; i < made->n_columns; i++) {
        out->columns += made->columns[i].n_codes + made->columns[i].n;
    }
    SIL_TRY(measure_tree(out, made, err));
    out->weigh += out->tree + out->columns + WEIGHING_STEPS;

cleanup:
    return status;
}

/* Of one column: its masses in every box, and the groups of its classes. */
static sil_u128 shares_steps(const struct sizes *sizes, const struct sil_made *made,
                             const struct sil_shares *shares)
{
    const struct sil_pieces *column = made->columns;
    while (column->attr != shares->attr) {
        column++;
    }
    return sizes->boxes * (sizes->weigh + sizes->tree + column->n) +
           (sil_u128)column->n_classes * (shares->n + 1) * 2;
}

static sil_status count(struct work *out, const struct sil_made *made, uint64_t n_rows,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sizes sizes;
    SIL_TRY(measure(&sizes, made, err));
    bool is_fair = sil_made_joint(made) != NULL;
    sil_u128 draw = sizes.boxes * (sizes.weigh + 2 * sizes.tree + sizes.columns) +
                    (sil_u128)n_rows * (made->model->domain.n_attrs + made->n_columns);
    sil_u128 parity = sizes.boxes * (2 * sizes.weigh + sizes.tree + sizes.joint);
    sil_u128 sweep = 0;
    for (size_t s = 0; s < made->n_shares; s++) {
        sweep += shares_steps(&sizes, made, &made->shares[s]);
    }
    /* Shares are fitted by themselves, and then with parity. */
    out->sweep = is_fair ? 2 * sweep + parity + JOINT_STEPS * sizes.joint : sweep;
    out->fixed = (sizes.boxes + 2) * sizes.weigh + draw + (is_fair ? 2 * parity : 0);

cleanup:
    return status;
}

/* 0: fewer than it must have. */
static size_t sweeps_of(const struct work *work)
{
    if (work->fixed > SIL_MADE_STEPS_MAX) {
        return 0;
    }
    sil_u128 left = SIL_MADE_STEPS_MAX - work->fixed;
    sil_u128 room = work->sweep > 0 ? left / work->sweep : SIL_MADE_SWEEPS_MAX;
    room = room < SIL_MADE_SWEEPS_MAX ? room : SIL_MADE_SWEEPS_MAX;
    return room < SIL_MADE_SWEEPS_MIN ? 0 : (size_t)room;
}

/* Would the order be within the bound with few rows, with no parity, and with no shares either?
 * The first without which it would is to blame. */
static sil_status blame(const char **option, const char **text,
                        const struct sil_made *made, uint64_t n_rows,
                        const struct sil_sample_options *options, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_made less = *made;
    struct work work = {0};
    *option = "--rows";
    *text = NULL;
    SIL_TRY(count(&work, &less, 1, err));
    if (sweeps_of(&work) > 0) {
        return SIL_OK;
    }
    less.fair = (struct sil_fair){0};
    *option = "--fair";
    *text = options->fair;
    SIL_TRY(count(&work, &less, n_rows, err));
    if (sweeps_of(&work) > 0) {
        return SIL_OK;
    }
    bool has_shares = made->n_shares > 0;
    less.n_shares = 0;
    SIL_TRY(count(&work, &less, n_rows, err));
    bool is_shares = has_shares && sweeps_of(&work) > 0;
    *option = is_shares ? "--rebalance" : "--where";
    *text = is_shares ? options->rebalance[0] : options->where;

cleanup:
    return status;
}

sil_status sil_made_limit(size_t *sweeps, const struct sil_made *made,
                          const struct sil_sample_options *options,
                          struct sil_sample_fault *fault, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct work work = {0};
    const char *option = NULL;
    const struct sil_clique *joint = sil_made_joint(made);
    uint64_t n_rows = options->n_rows > 0 ? options->n_rows : made->model->rows;
    if (joint != NULL && sil_clique_cells(sil_model_tree_domain(made->model), joint) >
                             SIL_FAIR_CELLS_MAX) {
        fault->text = options->fair;
        return sil_fail(
            err, SIL_ERR_USAGE,
            "--fair: outcome, group and admissible columns have more than %d "
            "combinations of values: name fewer columns, or give them "
            "coarser bins",
            (int)SIL_FAIR_CELLS_MAX);
    }
    SIL_TRY(count(&work, made, n_rows, err));
    *sweeps = sweeps_of(&work);
    if (*sweeps == 0) {
        SIL_TRY(blame(&option, &fault->text, made, n_rows, options, err));
        status =
            sil_fail(err, SIL_ERR_USAGE,
                     "%s: with this model that is more work than rows made to order "
                     "may ask for: %s",
                     option,
                     strcmp(option, "--rows") == 0
                         ? "ask for fewer rows"
                         : "name fewer columns at once, join fewer by OR, or fit a "
                           "smaller model (--max-model-mb)");
    }

cleanup:
    return status;
}
