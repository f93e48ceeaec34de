// SPDX-License-Identifier: Apache-2.0
#include "release/error_bounds.h"
#include "release/error_estimate.h"
#include "release/error_pairs.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

/* ---- the inequality, over all small cases ---- */

enum { CELLS = 3, MOST = 3, NOISES = 5 };

static const double NOISE[NOISES] = {-2.5, -1, 0, 0.5, 3};

/* What is proved of rows `share` and a measurement x + z, when the norm of z is known and
 * so is the error of the total: no quantile is left, and no exception. */
static double certain_bound(const double *share, const double *x, const double *z,
                            double total, double proved_total)
{
    double y[CELLS];
    double sum[CELLS] = {0};
    double norm = 0;
    for (size_t i = 0; i < CELLS; i++) {
        y[i] = x[i] + z[i];
        norm += fabs(z[i]);
    }
    struct sil_error_evidence e = {.n_cells = CELLS,
                                   .share = share,
                                   .total = proved_total,
                                   .proved_total = proved_total,
                                   .total_error = fabs(total - proved_total),
                                   .sum = sum};
    const struct sil_error_reading reading = {
        .y = y, .variance = 1e-40, .rounding = norm};
    sil_error_gather(&e, &reading);
    return sil_error_proved(&e);
}

static double distance(const double *share, const double *x, double total)
{
    double sum = 0;
    for (size_t i = 0; i < CELLS; i++) {
        sum += fabs(share[i] - x[i] / total);
    }
    return sum / 2;
}

static void check_noises(const double *share, const double *x, double total)
{
    for (unsigned code = 0; code < NOISES * NOISES * NOISES; code++) {
        const double z[CELLS] = {NOISE[code % NOISES], NOISE[code / NOISES % NOISES],
                                 NOISE[code / NOISES / NOISES]};
        for (double proved_total = 1; proved_total < 12; proved_total += 2.5) {
            double bound = certain_bound(share, x, z, total, proved_total);
            cr_assert_geq(bound, distance(share, x, total) - 1e-12);
        }
    }
}

Test(error_estimate, no_small_table_noise_and_rows_break_the_proved_inequality)
{
    unsigned base = MOST + 1;
    unsigned n_tables = base * base * base;
    for (unsigned i = 1; i < n_tables; i++) {
        const double x[CELLS] = {i % base, i / base % base, i / base / base};
        for (unsigned j = 1; j < n_tables; j += 3) {
            double share[CELLS] = {j % base, j / base % base, j / base / base};
            double rows = share[0] + share[1] + share[2];
            for (size_t k = 0; k < CELLS; k++) {
                share[k] /= rows;
            }
            check_noises(share, x, x[0] + x[1] + x[2]);
        }
    }
}

Test(error_estimate,
     where_a_count_is_measured_below_zero_the_rows_are_nearer_than_it_looks)
{
    const double share[CELLS] = {0.5, 0.25, 0.25};
    const double x[CELLS] = {4, 2, 2};
    const double none[CELLS] = {0};
    const double below[CELLS] = {0, 0, -3};
    cr_assert_float_eq(certain_bound(share, x, none, 8, 8), 0, 1e-12);
    /* cell 3 is read as -1: 2 rows where none can be, and a noise of 3 */
    cr_assert_float_eq(certain_bound(share, x, below, 8, 8), (2.0 - 1 + 3) / 16, 1e-12);
}

Test(error_estimate, every_further_measurement_is_trusted_with_less_of_the_risk)
{
    const double share[CELLS] = {0.5, 0.25, 0.25};
    double y[CELLS] = {40, 20, 20};
    double sum[CELLS] = {0};
    struct sil_error_evidence e = {
        .n_cells = CELLS, .share = share, .total = 80, .proved_total = 80, .sum = sum};
    struct sil_error_reading reading = {.y = y, .variance = 4};
    for (unsigned j = 1; j <= 3; j++) {
        double t = sqrt(2 * log(j * (j + 1) / 0.045));
        double norm =
            sqrt(reading.variance) * (CELLS * sqrt(2 / M_PI) + t * sqrt(CELLS));
        sil_error_gather(&e, &reading);
        cr_assert_float_eq(sil_error_proved(&e), norm / 160, 1e-9);
        reading.variance /= 4; /* so that the new one is the best */
    }
}

Test(error_estimate, without_a_measurement_or_a_total_nothing_is_proved)
{
    const double share[CELLS] = {1, 0, 0};
    struct sil_error_evidence e = {
        .n_cells = CELLS, .share = share, .total = 1, .proved_total = 100};
    cr_assert_eq(sil_error_proved(&e), 1);
    cr_assert_eq(sil_error_calibrated(&e), 1);
    e.n = 1;
    e.distance = 0.1;
    e.proved_total = 0.5;
    cr_assert_eq(sil_error_proved(&e), 1);
}

/* ---- the calibrated bound ---- */

static double calibrated(const double *rows, double *y, size_t n, double variance)
{
    double share[4];
    double sum[4] = {0};
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        total += rows[i];
    }
    for (size_t i = 0; i < n; i++) {
        share[i] = rows[i] / total;
    }
    struct sil_error_evidence e = {.n_cells = n,
                                   .share = share,
                                   .total = total,
                                   .proved_total = total,
                                   .sum = sum};
    const struct sil_error_reading reading = {.y = y, .variance = variance};
    sil_error_gather(&e, &reading);
    return sil_error_calibrated(&e);
}

Test(error_estimate, rows_as_measured_have_the_error_that_the_noise_makes)
{
    /* Filled cells, no misfit: 0.8 sigma each, two cells that move together. */
    double rows[2] = {5000, 5000};
    double expected = 1.15 * (2 * 0.8 + 1.645 * sqrt(2 * 2 * 0.64 * (M_PI / 2 - 1))) *
                      10 / (2 * 10000);
    cr_assert_float_eq(calibrated(rows, rows, 2, 100), expected, 1e-9);
}

Test(error_estimate,
     empty_cells_count_little_and_residuals_beyond_the_noise_count_whole)
{
    double full[4] = {2500, 2500, 2500, 2500};
    double half[4] = {5000, 5000, 0, 0};
    double far[4] = {6000, 4000, 0, 0};
    double of_full = calibrated(full, full, 4, 100);
    double of_half = calibrated(half, half, 4, 100);
    double of_far = calibrated(half, far, 4, 100);
    cr_assert_lt(of_half, 0.75 * of_full);
    cr_assert_gt(of_far, 0.08); /* a residual of 1000 rows in two cells of 10,000 */
    cr_assert_lt(of_far, 0.25);
}

/* Two by two cells of a pair under mosaic, each the sum of `cells` of the measurement. */
static double loose(double rows[4], double *y, double cells, unsigned n, double columns)
{
    double share[4];
    double sum[4] = {0};
    double margin[4];
    double total = rows[0] + rows[1] + rows[2] + rows[3];
    for (size_t i = 0; i < 4; i++) {
        share[i] = rows[i] / total;
    }
    struct sil_error_evidence e = {
        .n_cells = 4,
        .share = share,
        .total = total,
        .proved_total = total,
        .is_loosely_held = true,
        .shape = {2, 2},
        .margin = margin,
        .columns = columns,
        .sum = sum
    };
    const struct sil_error_reading reading = {
        .y = y, .variance = 100 * n, .cells = cells};
    for (unsigned i = 0; i < n; i++) {
        sil_error_gather(&e, &reading);
    }
    return sil_error_calibrated(&e);
}

/* Of four cells of one class with the same part f of the noise in them. */
static double loose_of(double f, double total)
{
    double error = sqrt(2 / M_PI * f);
    return 1.25 *
           (4 * error + 1.645 * sqrt(4 * error * error * (M_PI / 2 - 1) * 4 / 3)) * 10 /
           (2 * total);
}

Test(error_estimate, of_a_pair_under_mosaic_what_can_be_in_the_rows_is)
{
    double apart[4] = {4000, 1000, 1000, 4000};
    double product[4] = {2500, 2500, 2500, 2500};
    double nearly[4] = {2505, 2495, 2495, 2505}; /* half a deviation off independence */
    cr_assert_float_eq(loose(apart, apart, 1, 1, 0), loose_of(0.45, 10000), 1e-9);
    cr_assert_float_eq(loose(product, product, 1, 1, 0), loose_of(0.003, 10000), 1e-9);
    cr_assert_float_eq(loose(nearly, nearly, 1, 1, 0), loose_of(0.35 / 2, 10000), 1e-9);
}

Test(error_estimate, noise_that_the_tables_filter_is_not_in_the_rows)
{
    double rows[4] = {60, 20, 20, 60};
    double gain = (3.0 * 3 / 16 + 3) / (3.0 * 3 / 16 + 3 + 5); /* 60 rows in 20 cells */
    double less = (1.0 / 16 + 1) / (1.0 / 16 + 1 + 5);
    double few = sqrt(2 / M_PI * 0.45 * sqrt(gain / 0.5));
    double fewer = sqrt(2 / M_PI * 0.45 * sqrt(less / 0.5));
    double mean = 2 * few + 2 * fewer;
    double squared = 2 * few * few + 2 * fewer * fewer;
    double expected =
        1.25 * (mean + 1.645 * sqrt(squared * (M_PI / 2 - 1) * 4 / 3)) * 10 / (2 * 160);
    cr_assert_float_eq(loose(rows, rows, 20, 1, 0), expected, 1e-9);
    cr_assert_gt(loose(rows, rows, 20, 2, 0),
                 expected); /* several of them: more passes */
}

Test(error_estimate, a_pair_errs_by_no_less_than_its_columns)
{
    double rows[4] = {4000, 1000, 1000, 4000};
    double alone = loose(rows, rows, 1, 1, 0);
    cr_assert_float_eq(loose(rows, rows, 1, 1, 0.02), hypot(alone, 0.02), 1e-12);
    cr_assert_geq(loose(rows, rows, 1, 1, 0.2), 0.2);
}

Test(error_estimate, one_deviation_of_a_misfit_is_taken_for_noise)
{
    double rows[4] = {4000, 1000, 1000, 4000};
    double near[4] = {4011, 989, 989, 4011}; /* 1.21 on average, of 1.26 by chance */
    double far[4] = {4030, 970, 970, 4030};
    cr_assert_float_eq(loose(rows, near, 1, 1, 0), loose_of(0.45, 10000), 1e-9);
    double misfit = 9 - 0.55 - sqrt(0.5);
    cr_assert_float_eq(loose(rows, far, 1, 1, 0), loose_of(0.45 + misfit, 10000), 1e-9);
}

Test(error_estimate, distances_become_millionths_rounded_up)
{
    cr_assert_eq(sil_error_round(0), 0);
    cr_assert_eq(sil_error_round(-1), 0);
    cr_assert_eq(sil_error_round(1e-12), 1);
    cr_assert_eq(sil_error_round(0.25), 250000);
    cr_assert_eq(sil_error_round(0.2500001), 250001);
    cr_assert_eq(sil_error_round(1), SIL_ERROR_UNIT);
    cr_assert_eq(sil_error_round(7), SIL_ERROR_UNIT);
    cr_assert_eq(sil_error_round(NAN), SIL_ERROR_UNIT);
}

/* ---- which pairs ---- */

struct listed {
    size_t n;
    struct sil_clique item[SIL_ERROR_PAIRS_MAX];
};

static sil_status note(void *context, const struct sil_clique *pair,
                       struct sil_error *err)
{
    struct listed *listed = context;
    (void)err;
    cr_assert_lt(listed->n, SIL_ERROR_PAIRS_MAX);
    listed->item[listed->n++] = *pair;
    return SIL_OK;
}

static struct sil_error_pairs_left list_pairs(struct listed *out, uint32_t n_attrs,
                                              const uint32_t *sizes, size_t n_rows,
                                              struct sil_release *lines, size_t n)
{
    struct sil_error_pairs_left left;
    struct sil_model model = {
        .domain = {.n_attrs = n_attrs, .sizes = sizes}
    };
    model.transcript.line = lines;
    model.transcript.n_lines = n;
    out->n = 0;
    cr_assert_eq(sil_error_pairs(&left, &model, n_rows, note, out, NULL), SIL_OK);
    for (size_t i = 1; i < out->n; i++) {
        cr_assert_lt(sil_clique_compare(&out->item[i - 1], &out->item[i]), 0);
    }
    return left;
}

enum { MANY = 100, ALL_PAIRS = MANY * (MANY - 1) / 2 };

Test(error_pairs, of_many_pairs_the_measured_ones_come_first_wherever_they_stand)
{
    static struct listed listed;
    uint32_t sizes[MANY];
    struct sil_release lines[] = {
        {.kind = SIL_RELEASE_MEASURE, .clique = {3, {7, 98, 99}}},
        {.kind = SIL_RELEASE_SELECT,  .clique = {2, {96, 99}}   },
        {.kind = SIL_RELEASE_MEASURE, .clique = {2, {98, 99}}   },
        {.kind = SIL_RELEASE_MEASURE, .clique = {1, {97}}       },
    };
    for (size_t i = 0; i < MANY; i++) {
        sizes[i] = 2;
    }
    struct sil_error_pairs_left left = list_pairs(&listed, MANY, sizes, 1, lines, 4);
    cr_assert_eq(listed.n, SIL_ERROR_PAIRS_MAX);
    cr_assert_eq(left.n_left_out, ALL_PAIRS - SIL_ERROR_PAIRS_MAX);
    cr_assert_eq(left.n_large, 0);
    const struct sil_clique *last = &listed.item[listed.n - 1];
    cr_assert(last->attr[0] == 98 && last->attr[1] == 99);
    cr_assert_lt(last[-1].attr[0], 96);
    cr_assert(listed.item[0].attr[0] == 0 && listed.item[0].attr[1] == 1);

    left = list_pairs(&listed, MANY, sizes, 1000000, lines, 4);
    cr_assert_eq(listed.n, 1000);
    left = list_pairs(&listed, MANY, sizes, 4000000000, lines, 4);
    cr_assert_eq(listed.n, 256);
    cr_assert_eq(left.n_left_out, ALL_PAIRS - 256);
    last = &listed.item[listed.n - 1];
    cr_assert(last->attr[0] == 98 && last->attr[1] == 99);
}

Test(error_pairs, pairs_of_too_many_cells_are_counted_and_left_out_even_if_measured)
{
    static struct listed listed;
    const uint32_t sizes[] = {100, 100, 101};
    struct sil_release lines[] = {
        {.kind = SIL_RELEASE_MEASURE, .clique = {2, {0, 2}}}
    };
    struct sil_error_pairs_left left = list_pairs(&listed, 3, sizes, 1, lines, 1);
    cr_assert_eq(listed.n, 1);
    cr_assert(listed.item[0].attr[0] == 0 && listed.item[0].attr[1] == 1);
    cr_assert_eq(left.n_large, 2);
    cr_assert_eq(left.n_left_out, 0);
}
