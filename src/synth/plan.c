// SPDX-License-Identifier: Apache-2.0
/* What a budget buys, from the schema and the options alone. The errors given here are
 * those of the noise: how well the model fits the marginals that are not measured depends
 * on the data, and is not predicted. */
#include "synth/plan.h"

#include "base/fail.h"
#include "base/memory.h"
#include "num/rational.h"
#include "privacy/convert.h"
#include "privacy/cost.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/mosaic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct sil_plan_options sil_plan_defaults(void)
{
    return (struct sil_plan_options){.struct_size = sizeof(struct sil_plan_options),
                                     .fit = sil_fit_defaults()};
}

static void plan_clear(struct sil_plan_result *plan)
{
    for (uint32_t a = 0; a < plan->domain.n_attrs && plan->column != NULL; a++) {
        mpq_clear(plan->column[a].v);
    }
    free(plan->column);
    for (size_t i = 0; i < SIL_PLAN_STEPS; i++) {
        mpq_clear(plan->step[i].sigma2.v);
        mpq_clear(plan->step[i].cost.v);
    }
    mpq_clear(plan->again);
    sil_terms_clear(&plan->terms);
}

static sil_status find_columns(struct sil_plan_result *plan, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_terms *terms = &plan->terms;
    struct sil_rho *cost = NULL;
    uint32_t d = plan->domain.n_attrs;
    SIL_TRY(sil_costs_new(&cost, d, err));
    SIL_TRY(sil_alloc(&plan->column, d, sizeof *plan->column, "a plan", err));
    for (uint32_t a = 0; a < d; a++) {
        sil_sigma2_init(&plan->column[a]);
    }
    sil_first_costs(cost, terms, &terms->rest, &plan->domain);
    for (uint32_t a = 0; a < d; a++) {
        SIL_TRY(sil_noise_of_cost(&plan->column[a], &cost[a],
                                  sil_terms_sensitivity_squared(terms), err));
    }
cleanup:
    sil_costs_free(cost, d);
    return status;
}

/* Whether so many rows are few beside the noise, and how many are. */
static void find_again(struct sil_plan_result *plan)
{
    struct sil_mosaic_settings settings;
    struct sil_fraction again;
    const struct sil_terms *terms = &plan->terms;
    if (terms->mechanism != SIL_MOSAIC || terms->workload.candidates.n == 0) {
        return;
    }
    sil_mosaic_settings(&settings, terms, plan->domain.n_attrs);
    plan->again_below = sil_mosaic_again_below(&settings, terms);
    if (plan->rows > 0) {
        sil_mosaic_again(&again, &settings, terms, plan->rows);
        mpq_set_ui(plan->again, again.numerator, again.denominator);
        mpq_canonicalize(plan->again);
    }
}

/* What of the workload Mosaic has no table for. Both lists are in the order of cliques. */
static void find_left_out(struct sil_plan_result *plan)
{
    const struct sil_clique_list *marginals = &plan->terms.workload.marginals;
    const struct sil_clique_list *candidates = &plan->terms.workload.candidates;
    size_t at = 0;
    if (plan->terms.mechanism != SIL_MOSAIC) {
        return;
    }
    for (size_t i = 0; i < marginals->n; i++) {
        const struct sil_clique *clique = &marginals->item[i].clique;
        while (at < candidates->n &&
               sil_clique_compare(&candidates->item[at].clique, clique) < 0) {
            at++;
        }
        bool is_in = at < candidates->n &&
                     sil_clique_compare(&candidates->item[at].clique, clique) == 0;
        plan->n_in_parts += clique->n > SIL_MOSAIC_ATTRS;
        plan->n_left_out += clique->n <= SIL_MOSAIC_ATTRS && !is_in;
    }
}

/* Sizes of the candidates of two columns or more. */
static void candidate_sizes(struct sil_plan_step *step,
                            const struct sil_plan_result *plan)
{
    const struct sil_clique_list *list = &plan->terms.workload.candidates;
    uint64_t sum = 0;
    uint64_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        uint64_t cells = sil_clique_cells(&plan->domain, &list->item[i].clique);
        if (list->item[i].clique.n > 1) {
            sum += cells;
            n++;
            step->most_cells = cells > step->most_cells ? cells : step->most_cells;
        }
    }
    step->cells = n == 0 ? 0 : sum / n;
}

static sil_status add_step(struct sil_plan_result *plan, const char *what,
                           const struct sil_rho *cost, struct sil_error *err)
{
    struct sil_plan_step *step = &plan->step[plan->n_steps];
    step->what = what;
    candidate_sizes(step, plan);
    if (step->cells == 0) {
        return SIL_OK;
    }
    plan->n_steps++;
    mpq_set(step->cost.v, cost->v);
    return sil_noise_of_cost(&step->sigma2, cost,
                             sil_terms_sensitivity_squared(&plan->terms), err);
}

static sil_status find_steps(struct sil_plan_result *plan, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_rho *cap = &plan->terms.rest;
    uint32_t d = plan->domain.n_attrs;
    struct sil_rho cost;
    struct sil_rho late;
    mpq_init(cost.v);
    mpq_init(late.v);
    if (plan->terms.mechanism == SIL_AIM) {
        sil_aim_column_cost(&cost, cap, d);
        SIL_TRY(add_step(plan, "a marginal of the first rounds", &cost, err));
        /* After the columns 151/160 of the cap are left, nine tenths of it for noise. */
        sil_share(&cost, cap, UINT64_C(151) * 9, UINT64_C(160) * 10 * 2 * d);
        SIL_TRY(add_step(plan, "a marginal, if two rounds a column share the rest",
                         &cost, err));
    } else if (plan->terms.mechanism == SIL_MST) {
        sil_mst_pair_cost(&cost, cap, &plan->domain);
        SIL_TRY(add_step(plan, "a pair of the tree", &cost, err));
    } else if (plan->terms.mechanism == SIL_MOSAIC) {
        sil_mosaic_round_costs(&cost, &late, &plan->terms, d, plan->rows);
        sil_share(&cost, &cost, 9, 10);
        sil_share(&late, &late, 9, 10);
        SIL_TRY(add_step(plan, "a marginal of the first rounds", &cost, err));
        if (mpq_sgn(late.v) > 0) {
            SIL_TRY(add_step(plan, "a marginal of the late rounds", &late, err));
        }
    }
cleanup:
    mpq_clear(late.v);
    mpq_clear(cost.v);
    return status;
}

/* ---- the epsilon for an error ---- */

/* The mean noise error of the columns is proportional to 1 / sqrt(rho): measured at a cap
 * of 1, it gives the rho at which it is the target. */
static sil_status rho_for_target(struct sil_rho *rho,
                                 const struct sil_plan_result *plan,
                                 const struct sil_terms *terms, double target,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho *cost = NULL;
    struct sil_sigma2 sigma2;
    double error = 0;
    uint32_t d = plan->domain.n_attrs;
    struct sil_rho each;
    struct sil_rho rest;
    sil_sigma2_init(&sigma2);
    sil_rho_init(&each);
    sil_rho_init(&rest);
    mpq_set_ui(rho->v, 1, 1);
    SIL_TRY(sil_costs_new(&cost, d, err));
    sil_terms_split_cap(&each, &rest, terms, rho);
    sil_first_costs(cost, terms, &rest, &plan->domain);
    for (uint32_t a = 0; a < d; a++) {
        SIL_TRY(sil_noise_of_cost(&sigma2, &cost[a],
                                  sil_terms_sensitivity_squared(terms), err));
        error += sil_noise_error(&sigma2, plan->domain.sizes[a], plan->rows);
    }
    error /= d * target;
    mpq_set_d(rho->v, error * error);
cleanup:
    sil_costs_free(cost, d);
    sil_rho_clear(&rest);
    sil_rho_clear(&each);
    sil_sigma2_clear(&sigma2);
    return status;
}

static sil_status read_target(double *target, const struct sil_plan_options *options,
                              struct sil_error *err)
{
    mpq_t value;
    mpq_init(value);
    sil_status status =
        sil_rational_parse(value, options->target_error, 0, "target-error", err);
    *target = mpq_get_d(value);
    if (status == SIL_OK &&
        (mpq_cmp_ui(value, 1, 1000000) < 0 || mpq_cmp_ui(value, 1, 1) >= 0)) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "--target-error must be at least 0.000001 and below 1");
    }
    if (status == SIL_OK && options->rows_guess == 0) {
        status =
            sil_fail(err, SIL_ERR_USAGE,
                     "--target-error needs --rows-guess: an error is a part of the "
                     "rows");
    }
    mpq_clear(value);
    return status;
}

/* The text of an epsilon, rounded up, at which the columns' mean noise error is at most
 * the target. */
static sil_status epsilon_for_target(struct sil_bytes *text,
                                     const struct sil_plan_result *plan,
                                     const struct sil_plan_options *options,
                                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    double target = 0;
    struct sil_fit_options fit = options->fit;
    struct sil_terms terms;
    struct sil_rho rho;
    struct sil_delta delta;
    struct sil_epsilon epsilon;
    mpq_init(rho.v);
    mpq_init(delta.v);
    mpq_init(epsilon.v);
    sil_terms_init(&terms);

    SIL_TRY(read_target(&target, options, err));
    if (options->fit.delta == NULL) {
        status = sil_fail(err, SIL_ERR_USAGE, "--delta is needed");
        goto cleanup;
    }
    /* What columns get of a budget is seen at an epsilon of 1; under mosaic it is less from
     * an epsilon of 3 on, which a second look at the epsilon found takes into account. */
    fit.epsilon = "1";
    SIL_TRY(sil_terms_of_options(&terms, plan->schema, &fit, err));
    sil_terms_zcdp_delta(&delta, &terms);
    for (int look = 0; look < 2; look++) {
        SIL_TRY(rho_for_target(&rho, plan, &terms, target, err));
        SIL_TRY(sil_epsilon_of_rho(&epsilon, &rho, &delta, err));
        mpq_set(terms.epsilon.v, epsilon.v);
    }
    SIL_TRY(sil_print_epsilon(text, epsilon.v, err));
    SIL_TRY(sil_bytes_append(text, "", 1, err));
cleanup:
    sil_terms_clear(&terms);
    mpq_clear(rho.v);
    mpq_clear(delta.v);
    mpq_clear(epsilon.v);
    return status;
}

sil_status sil_plan(char **text, const struct sil_schema *schema,
                    const struct sil_plan_options *options, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_fit_options fit = options->fit;
    struct sil_bytes epsilon = {0};
    struct sil_plan_result plan = {.schema = schema,
                                   .domain = sil_schema_domain(schema)};

    *text = NULL;
    mpq_init(plan.again);
    sil_terms_init(&plan.terms);
    for (size_t i = 0; i < SIL_PLAN_STEPS; i++) {
        mpq_init(plan.step[i].sigma2.v);
        mpq_init(plan.step[i].cost.v);
    }
    if (options->struct_size != sizeof *options) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "the options are not those of this version; start from "
                          "sil_plan_defaults()");
        goto cleanup;
    }
    plan.rows = (double)options->rows_guess;
    if (options->target_error != NULL) {
        SIL_TRY(epsilon_for_target(&epsilon, &plan, options, err));
        fit.epsilon = (const char *)epsilon.data;
        plan.has_target = true;
    }
    SIL_TRY(sil_terms_of_options(&plan.terms, schema, &fit, err));
    SIL_TRY(find_columns(&plan, err));
    find_again(&plan);
    find_left_out(&plan);
    SIL_TRY(find_steps(&plan, err));
    SIL_TRY(options->as_json ? sil_plan_print_json(text, &plan, err)
                             : sil_plan_print(text, &plan, err));
cleanup:
    plan_clear(&plan);
    sil_bytes_clear(&epsilon);
    return status;
}
