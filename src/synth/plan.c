// SPDX-License-Identifier: Apache-2.0
/* What a budget buys, from the schema and the options alone. The errors given here are
 * those of the noise: how well the model fits the marginals that are not measured depends
 * on the data, and is not predicted. */
#include "base/fail.h"
#include "base/memory.h"
#include "num/rational.h"
#include "privacy/convert.h"
#include "privacy/cost.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct sil_plan_options sil_plan_defaults(void)
{
    return (struct sil_plan_options){.struct_size = sizeof(struct sil_plan_options),
                                     .fit = sil_fit_defaults()};
}

/* One kind of measurement that the mechanism will make. */
struct step {
    const char *what;
    struct sil_sigma2 sigma2;
    struct sil_rho cost; ///< of one measurement
    uint64_t cells;      ///< of the marginals it is about: mean
    uint64_t most_cells;
};

enum { STEPS = 2 };

struct plan {
    const struct sil_schema *schema;
    struct sil_domain domain;
    struct sil_terms terms;
    struct sil_sigma2 *column; ///< noise of each column's first measurement
    struct step step[STEPS];   ///< of marginals of two columns or more
    size_t n_steps;
    double rows; ///< 0: unknown
};

static void plan_clear(struct plan *plan)
{
    for (uint32_t a = 0; a < plan->domain.n_attrs && plan->column != NULL; a++) {
        mpq_clear(plan->column[a].v);
    }
    free(plan->column);
    for (size_t i = 0; i < STEPS; i++) {
        mpq_clear(plan->step[i].sigma2.v);
        mpq_clear(plan->step[i].cost.v);
    }
    sil_terms_clear(&plan->terms);
}

static uint64_t sensitivity_squared(enum sil_neighbours neighbours)
{
    return sil_marginal_sensitivity_squared(neighbours, 1);
}

static sil_status find_columns(struct plan *plan, struct sil_error *err)
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
    sil_first_costs(cost, terms->mechanism, &terms->cap, &plan->domain);
    for (uint32_t a = 0; a < d; a++) {
        SIL_TRY(sil_noise_of_cost(&plan->column[a], &cost[a],
                                  sensitivity_squared(terms->neighbours), err));
    }
cleanup:
    sil_costs_free(cost, d);
    return status;
}

/* Sizes of the candidates of two columns or more. */
static void candidate_sizes(struct step *step, const struct plan *plan)
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

static sil_status add_step(struct plan *plan, const char *what,
                           const struct sil_rho *cost, struct sil_error *err)
{
    struct step *step = &plan->step[plan->n_steps];
    step->what = what;
    candidate_sizes(step, plan);
    if (step->cells == 0) {
        return SIL_OK;
    }
    plan->n_steps++;
    mpq_set(step->cost.v, cost->v);
    return sil_noise_of_cost(&step->sigma2, cost,
                             sensitivity_squared(plan->terms.neighbours), err);
}

static sil_status find_steps(struct plan *plan, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_rho *cap = &plan->terms.cap;
    uint32_t d = plan->domain.n_attrs;
    struct sil_rho cost;
    mpq_init(cost.v);
    if (plan->terms.mechanism == SIL_AIM) {
        sil_aim_column_cost(&cost, cap, d);
        SIL_TRY(add_step(plan, "a marginal of the first rounds", &cost, err));
        /* After the columns 151/160 of the cap are left, nine tenths of it for noise. */
        sil_share(&cost, cap, 151 * 9, 160 * 10 * 2 * (uint64_t)d);
        SIL_TRY(add_step(plan, "a marginal, if two rounds a column share the rest",
                         &cost, err));
    } else if (plan->terms.mechanism == SIL_MST && d > 1) {
        sil_share(&cost, cap, 1, 3 * (uint64_t)(d - 1));
        SIL_TRY(add_step(plan, "a pair of the tree", &cost, err));
    }
cleanup:
    mpq_clear(cost.v);
    return status;
}

/* Memory and time are orders of magnitude, from runs of the benchmarks: bytes held for a
 * cell of a candidate, and nanoseconds for a cell in each round of scoring or fitting. */
static double megabytes(const struct plan *plan)
{
    const double bytes_per_cell = 4 + 8;
    const struct sil_clique_list *list = &plan->terms.workload.candidates;
    double cells = (double)sil_clique_list_cells(list, &plan->domain) +
                   (double)sil_column_cells(&plan->domain);
    double held =
        plan->terms.mechanism == SIL_INDEPENDENT ? cells * 4 : cells * bytes_per_cell;
    return held / (1 << 20);
}

static double seconds(const struct plan *plan)
{
    const double ns_per_cell = 30;
    const struct sil_clique_list *list = &plan->terms.workload.candidates;
    double cells = (double)sil_clique_list_cells(list, &plan->domain);
    double rounds = plan->terms.mechanism == SIL_AIM ? 2.0 * plan->domain.n_attrs : 1;
    return 0.1 + 1e-9 * ns_per_cell * cells * rounds;
}

/* ---- for people ---- */

static sil_status say_budget(struct sil_bytes *out, const struct plan *plan,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_terms *terms = &plan->terms;
    SIL_TRY(sil_bytes_printf(out, err, "budget       epsilon "));
    SIL_TRY(sil_print_epsilon(out, terms->certified.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ", delta "));
    SIL_TRY(sil_print_epsilon(out, terms->delta.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ": rho "));
    SIL_TRY(sil_print_epsilon(out, terms->cap.v, err));
    SIL_TRY(sil_bytes_printf(out, err, " (exactly "));
    SIL_TRY(sil_rational_print(out, terms->cap.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ")\nneighbours   %s, unit: one row\n",
                             sil_neighbours_name(terms->neighbours)));
    SIL_TRY(sil_bytes_printf(
        out, err,
        "mechanism    %s, workload %s: %zu marginals, with their parts %zu, %" PRIu64
        " cells\n",
        sil_mechanism_name(terms->mechanism), terms->workload_name,
        terms->workload.marginals.n, terms->workload.candidates.n,
        sil_clique_list_cells(&terms->workload.candidates, &plan->domain)));
cleanup:
    return status;
}

static sil_status say_noise(struct sil_bytes *out, const struct plan *plan,
                            const struct sil_sigma2 *sigma2, uint64_t cells,
                            struct sil_error *err)
{
    sil_status status = sil_bytes_printf(out, err, "%9" PRIu64 " cells  sigma %9.2f",
                                         cells, sil_standard_deviation(sigma2));
    if (status == SIL_OK && plan->rows > 0) {
        status = sil_bytes_printf(out, err, "  noise error %7.4f",
                                  sil_noise_error(sigma2, cells, plan->rows));
    }
    return status;
}

static sil_status say_measurements(struct sil_bytes *out, const struct plan *plan,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "\nEach column, at first:\n"));
    for (uint32_t a = 0; a < plan->domain.n_attrs; a++) {
        SIL_TRY(say_noise(out, plan, &plan->column[a], plan->domain.sizes[a], err));
        SIL_TRY(sil_bytes_printf(out, err, "  %s\n",
                                 sil_schema_field_name(plan->schema, a)));
    }
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = &plan->step[i];
        SIL_TRY(sil_bytes_printf(out, err, "\n%s, rho ", step->what));
        SIL_TRY(sil_print_epsilon(out, step->cost.v, err));
        SIL_TRY(sil_bytes_printf(out, err, ":\n"));
        SIL_TRY(say_noise(out, plan, &step->sigma2, step->cells, err));
        SIL_TRY(sil_bytes_printf(out, err, "  of mean size\n"));
        SIL_TRY(say_noise(out, plan, &step->sigma2, step->most_cells, err));
        SIL_TRY(sil_bytes_printf(out, err, "  the largest\n"));
    }
cleanup:
    return status;
}

static const char WHAT_IS_NOT_PREDICTED[] =
    "The errors are those of the noise alone, as total variation. The error of the model "
    "on marginals that are not measured depends on the data and is not predicted. No data "
    "were read.";

static sil_status plan_text(char **text, const struct plan *plan, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    SIL_TRY(say_budget(&out, plan, err));
    SIL_TRY(
        sil_bytes_printf(&out, err,
                         "memory       about %.0f MB, and a model of at most %" PRIu64
                         " MB (tables of the fit included: some times that)\n",
                         megabytes(plan), plan->terms.max_model_mb));
    SIL_TRY(
        sil_bytes_printf(&out, err,
                         "time         in the order of %.1f s on one core, more when "
                         "the model nears its largest size\n",
                         seconds(plan)));
    if (!(plan->rows > 0)) {
        SIL_TRY(sil_bytes_printf(&out, err,
                                 "             say --rows-guess N for errors "
                                 "as parts of the rows\n"));
    }
    SIL_TRY(say_measurements(&out, plan, err));
    SIL_TRY(sil_bytes_printf(&out, err, "\n%s\n", WHAT_IS_NOT_PREDICTED));
    SIL_TRY(sil_bytes_to_text(text, &out, err));
cleanup:
    sil_bytes_clear(&out);
    return status;
}

/* ---- as JSON ---- */

static json_t *json_noise(const struct plan *plan, const struct sil_sigma2 *sigma2,
                          uint64_t cells)
{
    json_t *noise = json_pack("{s:I, s:f, s:o}", "cells", (json_int_t)cells, "sigma",
                              sil_standard_deviation(sigma2), "sigma_squared",
                              sil_json_rational(sigma2->v));
    if (noise != NULL && plan->rows > 0) {
        double error = sil_noise_error(sigma2, cells, plan->rows);
        if (json_object_set_new(noise, "noise_error", json_real(error)) != 0) {
            json_decref(noise);
            return NULL;
        }
    }
    return noise;
}

static sil_status plan_json(char **text, const struct plan *plan, struct sil_error *err)
{
    const struct sil_terms *terms = &plan->terms;
    json_t *columns = json_array();
    json_t *steps = json_array();
    int failed = 0;
    for (uint32_t a = 0; a < plan->domain.n_attrs; a++) {
        json_t *column = json_noise(plan, &plan->column[a], plan->domain.sizes[a]);
        const char *name = sil_schema_field_name(plan->schema, a);
        failed |= json_object_set_new(column, "name", json_string(name));
        failed |= json_array_append_new(columns, column);
    }
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct step *step = &plan->step[i];
        failed |= json_array_append_new(
            steps, json_pack("{s:s, s:o, s:o, s:o}", "what", step->what, "rho",
                             sil_json_rational(step->cost.v), "mean",
                             json_noise(plan, &step->sigma2, step->cells), "largest",
                             json_noise(plan, &step->sigma2, step->most_cells)));
    }
    json_t *root = json_pack(
        "{s:s, s:o, s:o, s:o, s:s, s:s, s:s, s:I, s:I, s:f, s:I, s:f, s:o, s:o, s:s}",
        "kind", "silhouette/plan", "epsilon", sil_json_rounded(terms->certified.v),
        "delta", sil_json_rounded(terms->delta.v), "rho",
        sil_json_rational(terms->cap.v), "neighbours",
        sil_neighbours_name(terms->neighbours), "mechanism",
        sil_mechanism_name(terms->mechanism), "workload", terms->workload_name,
        "marginals", (json_int_t)terms->workload.marginals.n, "candidates",
        (json_int_t)terms->workload.candidates.n, "memory_mb", megabytes(plan),
        "max_model_mb", (json_int_t)terms->max_model_mb, "seconds", seconds(plan),
        "columns", columns, "steps", steps, "note", WHAT_IS_NOT_PREDICTED);
    return sil_json_finish(text, root, failed, err);
}

/* ---- the epsilon for an error ---- */

/* The mean noise error of the columns is proportional to 1 / sqrt(rho): measured at a cap
 * of 1, it gives the rho at which it is the target. */
static sil_status rho_for_target(struct sil_rho *rho, const struct plan *plan,
                                 const struct sil_fit_options *fit, double target,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho *cost = NULL;
    struct sil_sigma2 sigma2;
    double error = 0;
    uint32_t d = plan->domain.n_attrs;
    sil_sigma2_init(&sigma2);
    mpq_set_ui(rho->v, 1, 1);
    SIL_TRY(sil_costs_new(&cost, d, err));
    sil_first_costs(cost, fit->mechanism, rho, &plan->domain);
    for (uint32_t a = 0; a < d; a++) {
        SIL_TRY(sil_noise_of_cost(&sigma2, &cost[a],
                                  sensitivity_squared(fit->neighbours), err));
        error += sil_noise_error(&sigma2, plan->domain.sizes[a], plan->rows);
    }
    error /= d * target;
    mpq_set_d(rho->v, error * error);
cleanup:
    sil_costs_free(cost, d);
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
static sil_status epsilon_for_target(struct sil_bytes *text, const struct plan *plan,
                                     const struct sil_plan_options *options,
                                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    double target = 0;
    struct sil_rho rho;
    struct sil_delta delta;
    struct sil_epsilon epsilon;
    mpq_init(rho.v);
    mpq_init(delta.v);
    mpq_init(epsilon.v);

    SIL_TRY(read_target(&target, options, err));
    if (options->fit.delta == NULL) {
        status = sil_fail(err, SIL_ERR_USAGE, "--delta is needed");
        goto cleanup;
    }
    SIL_TRY(sil_rational_parse(delta.v, options->fit.delta, 0, "delta", err));
    SIL_TRY(rho_for_target(&rho, plan, &options->fit, target, err));
    SIL_TRY(sil_epsilon_of_rho(&epsilon, &rho, &delta, err));
    SIL_TRY(sil_print_epsilon(text, epsilon.v, err));
    SIL_TRY(sil_bytes_append(text, "", 1, err));
cleanup:
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
    struct plan plan = {.schema = schema, .domain = sil_schema_domain(schema)};

    *text = NULL;
    sil_terms_init(&plan.terms);
    for (size_t i = 0; i < STEPS; i++) {
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
    }
    SIL_TRY(sil_terms_of_options(&plan.terms, schema, &fit, err));
    SIL_TRY(find_columns(&plan, err));
    SIL_TRY(find_steps(&plan, err));
    SIL_TRY(options->as_json ? plan_json(text, &plan, err)
                             : plan_text(text, &plan, err));
cleanup:
    plan_clear(&plan);
    sil_bytes_clear(&epsilon);
    return status;
}
