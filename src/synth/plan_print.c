// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "num/rational.h"
#include "synth/budget.h"
#include "synth/discovery.h"
#include "synth/discovery_bins.h"
#include "synth/learning_words.h"
#include "synth/mosaic.h"
#include "synth/plan.h"

#include <inttypes.h>

/* ---- for people ---- */

static sil_status say_budget(struct sil_bytes *out, const struct sil_plan_result *plan,
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
    SIL_TRY(sil_bytes_printf(out, err, ")\nneighbours   %s, unit: ",
                             sil_neighbours_name(terms->neighbours)));
    SIL_TRY(sil_privacy_unit_say(out, &terms->unit, err));
    SIL_TRY(sil_bytes_printf(out, err, "\n"));
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

static sil_status say_left_out(struct sil_bytes *out,
                               const struct sil_plan_result *plan,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (plan->n_in_parts > 0) {
        SIL_TRY(sil_bytes_printf(
            out, err,
            "             mosaic relates at most %d columns at once: %zu of the "
            "marginals have more, and only their parts come out well (--mechanism aim "
            "takes them whole)\n",
            SIL_MOSAIC_ATTRS, plan->n_in_parts));
    }
    if (plan->n_left_out > 0) {
        SIL_TRY(sil_bytes_printf(
            out, err,
            "             mosaic has tables of %" PRIu64
            " cells together: %zu of the marginals, those of least weight and most "
            "cells, have no table\n",
            SIL_MOSAIC_TABLE_CELLS, plan->n_left_out));
    }
cleanup:
    return status;
}

static sil_status say_noise(struct sil_bytes *out, const struct sil_plan_result *plan,
                            const struct sil_sigma2 *sigma2, uint64_t cells,
                            struct sil_error *err)
{
    sil_status status = sil_bytes_printf(out, err, "%9" PRIu64 " cells  sigma %9.2f",
                                         cells, sil_standard_deviation(sigma2));
    if (status != SIL_OK || !(plan->rows > 0)) {
        return status;
    }
    double error = sil_noise_error(sigma2, cells, plan->rows);
    return error < 1 ? sil_bytes_printf(out, err, "  noise error %7.4f", error)
                     : sil_bytes_printf(out, err, "  noise error all    ");
}

/* Columns of few rows are measured again, and rounds have less. */
static sil_status say_again(struct sil_bytes *out, const struct sil_plan_result *plan,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (mpq_sgn(plan->again) > 0) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "So few rows are near the noise: columns are "
                                 "measured a second time, with "));
        SIL_TRY(sil_rational_print(out, plan->again, err));
        SIL_TRY(sil_bytes_printf(out, err, " of the budget.\n"));
    } else if (plan->again_below > 0 && !(plan->rows > 0)) {
        SIL_TRY(sil_bytes_printf(
            out, err,
            "Where these tell of fewer than about %.0f rows, columns are measured a "
            "second time, and rounds have less.\n",
            plan->again_below));
    }
cleanup:
    return status;
}

static sil_status say_measurements(struct sil_bytes *out,
                                   const struct sil_plan_result *plan,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "\nEach column, at first:\n"));
    for (uint32_t a = 0; a < plan->domain.n_attrs; a++) {
        SIL_TRY(say_noise(out, plan, &plan->column[a], plan->domain.sizes[a], err));
        SIL_TRY(sil_bytes_printf(out, err, "  %s\n",
                                 sil_schema_field_name(plan->schema, a)));
    }
    SIL_TRY(say_again(out, plan, err));
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct sil_plan_step *step = &plan->step[i];
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

/* From how many rows on a value of an open field is likely to be found. */
static sil_status say_discovery(struct sil_bytes *out,
                                const struct sil_plan_result *plan,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_terms *terms = &plan->terms;
    struct sil_discovery_plan discovery;
    if (terms->n_open == 0) {
        return SIL_OK;
    }
    sil_discovery_plan_init(&discovery);
    SIL_TRY(sil_discovery_plan_find(&discovery, terms, err));
    SIL_TRY(sil_bytes_printf(out, err, "discovery    of the delta "));
    SIL_TRY(sil_print_epsilon(out, terms->discovery.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ", and rho "));
    SIL_TRY(sil_print_epsilon(out, discovery.cost.v, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        " for each of %" PRIu32 " open field%s: a value is found when its number of "
        "rows, with noise of sigma %.2f, is not below %.2f; cells below are those "
        "of the listed values alone\n",
        terms->n_open, terms->n_open == 1 ? "" : "s",
        sil_standard_deviation(&discovery.sigma2),
        (double)discovery.threshold / (double)(UINT64_C(1) << discovery.shift)));
cleanup:
    sil_discovery_plan_clear(&discovery);
    return status;
}

static sil_status say_effort(struct sil_bytes *out, const struct sil_plan_result *plan,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_adaptive = plan->terms.mechanism == SIL_AIM;
    SIL_TRY(sil_bytes_printf(out, err, "memory       about %.0f MB for %.0f rows",
                             sil_plan_megabytes(plan), sil_plan_rows(plan)));
    if (plan->terms.most_cells > 0) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 ", and %.0f MB with as many bins as can be learnt",
                                 sil_plan_megabytes_most(plan)));
    }
    if (is_adaptive) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 " without the model, of at most %" PRIu64
                                 " MB, and up to eight times that to fit it",
                                 plan->terms.max_model_mb));
    }
    SIL_TRY(sil_bytes_printf(
        out, err, "\ntime         in the order of %.1f s on one core%s\n",
        sil_plan_seconds(plan),
        is_adaptive ? ", and far more when the model nears its largest size" : ""));
cleanup:
    return status;
}

static const char WHAT_IS_NOT_PREDICTED[] =
    "Errors are those of the noise alone, as total variation: a part of the rows, and "
    "\"all\" where there is nothing but noise. The error of the model on marginals that "
    "are not measured depends on the data and is not predicted. No data were read.";

sil_status sil_plan_print(char **text, const struct sil_plan_result *plan,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    SIL_TRY(say_budget(&out, plan, err));
    SIL_TRY(say_left_out(&out, plan, err));
    SIL_TRY(say_discovery(&out, plan, err));
    SIL_TRY(sil_learning_say_plan(&out, &plan->terms, err));
    SIL_TRY(say_effort(&out, plan, err));
    if (!(plan->rows > 0)) {
        SIL_TRY(sil_bytes_printf(&out, err,
                                 "             say --rows-guess N for errors "
                                 "as parts of the rows\n"));
    }
    if (plan->has_target) {
        SIL_TRY(
            sil_bytes_printf(&out, err,
                             "target       this epsilon makes the noise error of the "
                             "columns at first, on average, what was asked for\n"));
    }
    SIL_TRY(say_measurements(&out, plan, err));
    SIL_TRY(sil_bytes_printf(&out, err, "\n%s\n", WHAT_IS_NOT_PREDICTED));
    SIL_TRY(sil_bytes_to_text(text, &out, err));
cleanup:
    sil_bytes_clear(&out);
    return status;
}

/* ---- as JSON ---- */

static json_t *json_noise(const struct sil_plan_result *plan,
                          const struct sil_sigma2 *sigma2, uint64_t cells)
{
    json_t *noise = json_pack("{s:I, s:f, s:o}", "cells", (json_int_t)cells, "sigma",
                              sil_standard_deviation(sigma2), "sigma_squared",
                              sil_json_rational(sigma2->v));
    if (noise != NULL && plan->rows > 0) {
        double error = sil_noise_error(sigma2, cells, plan->rows);
        json_t *part = json_real(error < 1 ? error : 1);
        if (json_object_set_new(noise, "noise_error", part) != 0) {
            json_decref(noise);
            return NULL;
        }
    }
    return noise;
}

static json_t *json_discovery(const struct sil_terms *terms)
{
    struct sil_discovery_plan plan;
    json_t *json = NULL;
    sil_discovery_plan_init(&plan);
    if (sil_discovery_plan_find(&plan, terms, NULL) == SIL_OK) {
        json =
            json_pack("{s:o, s:I, s:o, s:o, s:o, s:f}", "delta",
                      sil_json_rational(terms->discovery.v), "fields",
                      (json_int_t)terms->n_open, "rho", sil_json_rational(plan.cost.v),
                      "delta_of_each", sil_json_rational(plan.delta.v), "sigma_squared",
                      sil_json_rational(plan.sigma2.v), "threshold",
                      (double)plan.threshold / (double)(UINT64_C(1) << plan.shift));
    }
    sil_discovery_plan_clear(&plan);
    return json;
}

sil_status sil_plan_print_json(char **text, const struct sil_plan_result *plan,
                               struct sil_error *err)
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
        const struct sil_plan_step *step = &plan->step[i];
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
        (json_int_t)terms->workload.candidates.n, "memory_mb", sil_plan_megabytes(plan),
        "max_model_mb", (json_int_t)terms->max_model_mb, "seconds",
        sil_plan_seconds(plan), "columns", columns, "steps", steps, "note",
        WHAT_IS_NOT_PREDICTED);
    if (plan->n_in_parts > 0) {
        failed |= json_object_set_new(root, "marginals_in_parts",
                                      json_integer((json_int_t)plan->n_in_parts));
    }
    if (plan->n_left_out > 0) {
        failed |= json_object_set_new(root, "marginals_left_out",
                                      json_integer((json_int_t)plan->n_left_out));
    }
    if (plan->again_below > 0) {
        failed |= json_object_set_new(root, "columns_again_below_rows",
                                      json_real(plan->again_below));
    }
    if (mpq_sgn(plan->again) > 0) {
        failed |=
            json_object_set_new(root, "columns_again", sil_json_rational(plan->again));
    }
    if (terms->n_open > 0) {
        failed |= json_object_set_new(root, "discovery", json_discovery(terms));
    }
    if (sil_terms_n_learnt(terms) > 0) {
        failed |=
            json_object_set_new(root, "private_bins", sil_learning_json_plan(terms));
        failed |= json_object_set_new(root, "memory_mb_most",
                                      json_real(sil_plan_megabytes_most(plan)));
    }
    return sil_json_finish(text, root, failed, err);
}
