// SPDX-License-Identifier: Apache-2.0
#include "error_kit.h"
#include "unit/synth/synth_kit.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t CELLS[] = {3, 5, 12, 2, 8};

enum { N = 5, ROWS = 4000 };

static const enum sil_mechanism ALL[] = {SIL_AIM, SIL_MST, SIL_INDEPENDENT, SIL_MOSAIC};

/* ---- what is said of which marginal ---- */

Test(error_bounds, columns_come_first_and_then_every_pair_once)
{
    struct error_case c = error_case_new(CELLS, N, ROWS, 1, SIL_AIM, "1");
    cr_assert_eq(c.bounds.n, N + N * (N - 1) / 2);
    cr_assert_eq(c.bounds.n_large, 0);
    cr_assert_eq(c.bounds.n_left_out, 0);
    for (size_t i = 1; i < c.bounds.n; i++) {
        cr_assert_lt(
            sil_clique_compare(&c.bounds.item[i - 1].clique, &c.bounds.item[i].clique),
            0);
    }
    error_case_clear(&c);
}

/* Lines that contain a marginal, and how many values their groupings leave of it. */
static size_t finest_line(const struct sil_model *model,
                          const struct sil_clique *clique)
{
    size_t finest = 0;
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        const struct sil_release *line = &model->transcript.line[i];
        if (line->kind != SIL_RELEASE_MEASURE ||
            !sil_clique_contains(&line->clique, clique)) {
            continue;
        }
        size_t cells = 1;
        for (uint32_t k = 0; k < line->clique.n; k++) {
            uint32_t attr = line->clique.attr[k];
            bool is_in = sil_clique_has(clique, attr);
            cells *= !is_in             ? 1
                     : line->of == NULL ? model->domain.sizes[attr]
                                        : line->of[k].n_groups;
        }
        finest = cells > finest ? cells : finest;
    }
    return finest;
}

static void check_kind(const struct error_case *c, const struct sil_error_bound *b)
{
    size_t finest = finest_line(c->model, &b->clique);
    size_t all = (size_t)sil_clique_cells(&c->model->domain, &b->clique);
    switch (b->kind) {
    case SIL_BOUND_SUPPORTED: cr_assert_eq(finest, all); break;
    case SIL_BOUND_GROUPED:
        cr_assert(finest > 0 && finest < all);
        cr_assert_eq((size_t)b->value[0] * (b->clique.n == 2 ? b->value[1] : 1),
                     finest);
        break;
    case SIL_BOUND_THEOREM:
        cr_assert_eq(c->model->transcript.terms.mechanism, SIL_AIM);
        cr_assert_eq(finest, 0);
        break;
    case SIL_BOUND_NONE:
        cr_assert_eq(finest, 0);
        cr_assert_eq(b->bound, SIL_ERROR_UNIT);
        break;
    }
}

Test(error_bounds, kinds_are_those_that_the_lines_of_the_transcript_give)
{
    unsigned seen[SIL_BOUND_NONE + 1] = {0};
    for (size_t m = 0; m < 4; m++) {
        struct error_case c = error_case_new(CELLS, N, ROWS, 2, ALL[m], "0.2");
        for (size_t i = 0; i < c.bounds.n; i++) {
            check_kind(&c, &c.bounds.item[i]);
            seen[c.bounds.item[i].kind]++;
        }
        error_case_clear(&c);
    }
    for (int kind = SIL_BOUND_SUPPORTED; kind <= SIL_BOUND_NONE; kind++) {
        cr_expect_gt(seen[kind], 0, "no bound of kind %d was tried", kind);
    }
}

Test(error_bounds, variance_and_noise_are_those_of_the_line_added_up_to_the_marginal)
{
    const double mean_noise = sqrt(2 / M_PI);
    for (size_t m = 0; m < 4; m++) {
        struct error_case c = error_case_new(CELLS, N, ROWS, 3, ALL[m], "1");
        for (size_t i = 0; i < c.bounds.n; i++) {
            const struct sil_error_bound *b = &c.bounds.item[i];
            if (b->kind > SIL_BOUND_GROUPED) {
                cr_assert_eq(mpq_sgn(b->sigma2.v), 0);
                continue;
            }
            const struct sil_release *line = &c.model->transcript.line[b->line];
            unsigned long cells =
                (unsigned long)b->value[0] * (b->clique.n == 2 ? b->value[1] : 1);
            mpq_t expected;
            mpq_init(expected);
            mpq_set_ui(expected, line->n_cells, cells);
            mpq_canonicalize(expected);
            mpq_mul(expected, expected, line->sigma2.v);
            cr_assert_eq(mpq_cmp(expected, b->sigma2.v), 0);
            double noise = (double)cells * mean_noise * sqrt(mpq_get_d(expected)) / 2 /
                           c.model->total;
            cr_assert(noise > 1 ? b->noise == SIL_ERROR_UNIT
                                : fabs(b->noise - noise * SIL_ERROR_UNIT) < 1.01);
            mpq_clear(expected);
        }
        error_case_clear(&c);
    }
}

Test(error_bounds, a_bound_is_above_nothing_and_never_above_the_proved_one)
{
    for (size_t m = 0; m < 4; m++) {
        struct error_case c = error_case_new(CELLS, N, ROWS, 4, ALL[m], "0.1");
        for (size_t i = 0; i < c.bounds.n; i++) {
            const struct sil_error_bound *b = &c.bounds.item[i];
            cr_assert_gt(b->bound, 0);
            cr_assert_leq(b->bound, b->proved);
            cr_assert_leq(b->proved, SIL_ERROR_UNIT);
            cr_assert_leq(b->noise, SIL_ERROR_UNIT);
        }
        error_case_clear(&c);
    }
}

Test(error_bounds, a_column_of_one_value_has_no_error)
{
    static const uint32_t cells[] = {3, 1, 4};
    struct error_case c = error_case_new(cells, 3, 500, 5, SIL_INDEPENDENT, "1");
    cr_assert_eq(c.bounds.item[1].kind, SIL_BOUND_SUPPORTED);
    cr_assert_eq(c.bounds.item[1].bound, 0);
    cr_assert_gt(c.bounds.item[0].bound, 0);
    error_case_clear(&c);
}

/* ---- rows ---- */

Test(error_bounds, the_more_rows_are_wrong_the_greater_is_every_measured_bound)
{
    for (size_t m = 0; m < 4; m++) {
        struct error_case c = error_case_new(CELLS, N, ROWS, 6, ALL[m], "1");
        for (size_t part = 1; part <= 4; part++) {
            struct sil_error_bounds worse;
            error_spoil(&c.rows, part, 5);
            cr_assert_eq(sil_error_bounds_find(&worse, c.model, &c.rows, NULL), SIL_OK);
            for (size_t i = 0; i < worse.n; i++) {
                const struct sil_error_bound *before = &c.bounds.item[i];
                const struct sil_error_bound *after = &worse.item[i];
                bool is_more =
                    after->bound > before->bound && after->proved > before->proved;
                cr_assert(is_more || before->kind > SIL_BOUND_GROUPED);
                cr_assert_geq(after->proved, before->proved);
            }
            sil_error_bounds_clear(&c.bounds);
            c.bounds = worse;
        }
        error_case_clear(&c);
    }
}

static void same_bounds(const struct sil_error_bounds *a,
                        const struct sil_error_bounds *b)
{
    cr_assert_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct sil_error_bound *x = &a->item[i];
        const struct sil_error_bound *y = &b->item[i];
        cr_assert_eq(x->kind, y->kind);
        cr_assert_eq(x->line, y->line);
        cr_assert_eq(x->noise, y->noise);
        cr_assert_eq(x->bound, y->bound);
        cr_assert_eq(x->proved, y->proved);
        cr_assert_eq(mpq_cmp(x->sigma2.v, y->sigma2.v), 0);
    }
}

Test(error_bounds, a_model_from_a_file_gives_the_same_bounds_on_any_threads)
{
    for (size_t m = 0; m < 4; m++) {
        struct error_case c = error_case_new(CELLS, N, ROWS, 7, ALL[m], "0.5");
        struct sil_bytes file = {0};
        cr_assert_eq(sil_model_encode(&file, c.model, NULL), SIL_OK);
        for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
            struct sil_model *again = NULL;
            struct sil_error_bounds bounds;
            cr_assert_eq(
                sil_model_decode(&again, file.data, file.length, n_threads, NULL),
                SIL_OK);
            cr_assert_eq(sil_error_bounds_find(&bounds, again, &c.rows, NULL), SIL_OK);
            same_bounds(&bounds, &c.bounds);
            sil_error_bounds_clear(&bounds);
            sil_model_free(again);
        }
        sil_bytes_clear(&file);
        error_case_clear(&c);
    }
}

Test(error_bounds, no_rows_and_rows_of_another_domain_are_refused)
{
    static const uint32_t others[] = {3, 5, 300, 2, 8};
    struct error_case c = error_case_new(CELLS, N, 500, 8, SIL_INDEPENDENT, "1");
    const struct sil_domain wider = {.n_attrs = N, .sizes = others};
    const struct sil_domain shorter = {.n_attrs = N - 1, .sizes = CELLS};
    const struct sil_domain *domain[] = {&c.model->domain, &wider, &shorter};
    for (size_t i = 0; i < 3; i++) {
        struct sil_codes rows;
        struct sil_error_bounds bounds;
        struct sil_error err = {{0}};
        cr_assert_eq(sil_codes_init(&rows, domain[i], i, NULL), SIL_OK);
        cr_assert_eq(sil_error_bounds_find(&bounds, c.model, &rows, &err),
                     SIL_ERR_USAGE);
        cr_assert_not_null(strstr(err.text, "rows of the model's domain"));
        cr_assert_eq(bounds.n, 0);
        sil_error_bounds_clear(&bounds);
        sil_codes_clear(&rows);
    }
    error_case_clear(&c);
}

/* ---- do they hold ---- */

/* Bounds that must fail in at most a part of all cases. A failure more often than that with
 * right bounds would take a chance below 10^-6 at another seed: failures of one run are not
 * independent, but a proved bound fails far more rarely than it may. */
static void check_coverage(enum sil_mechanism mechanism, const char *epsilon,
                           unsigned n_runs)
{
    unsigned n = 0;
    unsigned failed = 0;
    unsigned proved_failed = 0;
    for (uint64_t seed = 1; seed <= n_runs; seed++) {
        struct error_case c = error_case_new(CELLS, N, ROWS, seed, mechanism, epsilon);
        for (size_t i = 0; i < c.bounds.n; i++) {
            double error = error_of(&c, &c.bounds.item[i]) * SIL_ERROR_UNIT;
            failed += error > c.bounds.item[i].bound + 1e-6;
            proved_failed += error > c.bounds.item[i].proved + 1e-6;
            n++;
        }
        error_case_clear(&c);
    }
    cr_expect_lt(20 * failed, n, "mechanism %d at %s: %u of %u bounds failed",
                 mechanism, epsilon, failed, n);
    cr_expect_lt(200 * proved_failed, n, "mechanism %d at %s: %u of %u proofs failed",
                 mechanism, epsilon, proved_failed, n);
}

Test(error_bounds, bounds_hold_on_columns_alone)
{
    check_coverage(SIL_INDEPENDENT, "0.1", 20);
    check_coverage(SIL_INDEPENDENT, "10", 10);
}

Test(error_bounds, bounds_hold_on_a_tree)
{
    check_coverage(SIL_MST, "0.1", 12);
    check_coverage(SIL_MST, "3", 6);
}

Test(error_bounds, bounds_hold_in_aim)
{
    check_coverage(SIL_AIM, "0.1", 10);
    check_coverage(SIL_AIM, "3", 2);
}

Test(error_bounds, bounds_hold_in_mosaic)
{
    check_coverage(SIL_MOSAIC, "0.3", 5);
}
