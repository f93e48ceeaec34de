// SPDX-License-Identifier: Apache-2.0
#include "model/column_runs.h"
#include "model/isa.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { MOST = 10, LONG = 700 };

static void average(double *y, uint32_t n, double variance)
{
    struct sil_error err = {""};
    cr_assert_eq(sil_average_runs(y, n, variance, &err), SIL_OK, "%s", err.text);
}

/* ---- all ways to cut, one bit a place between two values ---- */

static long double mean_of(const double *y, uint32_t start, uint32_t end)
{
    long double sum = 0;
    for (uint32_t i = start; i < end; i++) {
        sum += y[i];
    }
    return sum / (end - start);
}

/* The cost of one way; `fit` becomes the means of its runs. */
static long double cut(long double *fit, const double *y, uint32_t n, double variance,
                       uint32_t cuts)
{
    long double cost = 0;
    uint32_t start = 0;
    for (uint32_t end = 1; end <= n; end++) {
        if (end < n && (cuts >> (end - 1) & 1) == 0) {
            continue;
        }
        long double mean = mean_of(y, start, end);
        for (uint32_t i = start; i < end; i++) {
            fit[i] = mean;
            cost += (y[i] - mean) * (y[i] - mean) / variance;
        }
        cost += 6;
        start = end;
    }
    return cost;
}

static void slow_average(double *out, const double *y, uint32_t n, double variance)
{
    long double fit[MOST];
    long double sum[MOST] = {0};
    long double weights = 0;
    for (uint32_t cuts = 0; cuts < 1U << (n - 1); cuts++) {
        long double weight = expl(-cut(fit, y, n, variance, cuts) / 2);
        weights += weight;
        for (uint32_t i = 0; i < n; i++) {
            sum[i] += weight * fit[i];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        out[i] = (double)(sum[i] / weights);
    }
}

Test(model_column_runs, is_the_mean_over_all_ways_to_cut)
{
    struct random r = random_start("all ways", 901);
    for (int i = 0; i < 400; i++) {
        double y[MOST];
        double want[MOST];
        uint32_t n = 1 + (uint32_t)random_below(&r, MOST);
        double variance = (double)(1 + random_below(&r, 60)) / 4;
        for (uint32_t k = 0; k < n; k++) {
            y[k] = (double)random_below(&r, 24) + 1000.0 * (double)(i % 3);
        }
        slow_average(want, y, n, variance);
        average(y, n, variance);
        for (uint32_t k = 0; k < n; k++) {
            cr_assert_float_eq(y[k], want[k], 1e-8,
                               "case %d, value %u: %.12g, not %.12g", i, k, y[k],
                               want[k]);
        }
    }
}

/* ---- what must hold ---- */

static void draw_steps(double *y, uint32_t n, struct random *r)
{
    double level = 100;
    for (uint32_t i = 0; i < n; i++) {
        level = random_below(r, 12) == 0 ? (double)random_below(r, 5000) : level;
        y[i] = level + (double)random_below(r, 41) - 20;
    }
}

Test(model_column_runs, neither_the_sum_nor_the_direction_changes)
{
    struct random r = random_start("sum and direction", 902);
    static double y[LONG];
    static double back[LONG];
    draw_steps(y, LONG, &r);
    double before = 0;
    double after = 0;
    for (uint32_t i = 0; i < LONG; i++) {
        before += y[i];
        back[LONG - 1 - i] = y[i];
    }
    average(y, LONG, 140);
    average(back, LONG, 140);
    for (uint32_t i = 0; i < LONG; i++) {
        after += y[i];
        cr_assert_float_eq(y[i], back[LONG - 1 - i], 1e-6, "value %u", i);
    }
    cr_expect_float_eq(before, after, 1e-6);
}

Test(model_column_runs, comes_nearer_to_the_truth_than_one_way_does)
{
    struct random r = random_start("nearer", 903);
    double error[2] = {0, 0};
    for (int i = 0; i < 60; i++) {
        double truth[100];
        double y[2][100];
        for (uint32_t k = 0; k < 100; k++) {
            double noise = -60;
            for (int part = 0; part < 12; part++) {
                noise += (double)random_below(&r, 10001) / 1000;
            }
            truth[k] = 40 + 30 * sin((double)k / 15) + (k == 40 ? 150 : 0);
            y[0][k] = y[1][k] = truth[k] + 2 * noise;
        }
        /* Twelve times 10^2 / 12, times 2^2. */
        cr_assert_eq(sil_fit_runs(y[0], 100, 400, NULL), SIL_OK);
        average(y[1], 100, 400);
        for (int which = 0; which < 2; which++) {
            for (uint32_t k = 0; k < 100; k++) {
                error[which] += fabs(y[which][k] - truth[k]);
            }
        }
    }
    cr_expect_lt(error[1], 0.9 * error[0], "%g, best way %g", error[1], error[0]);
}

Test(model_column_runs, gives_the_same_bits_whatever_loops_run)
{
    static const char *const NAMES[] = {"scalar", "avx2", "avx512"};
    static double y[3][LONG];
    struct random r = random_start("loops", 904);
    draw_steps(y[0], LONG, &r);
    (void)memcpy(y[1], y[0], sizeof y[0]);
    (void)memcpy(y[2], y[0], sizeof y[0]);
    cr_assert_eq(sil_isa_select(NAMES[0], NULL), SIL_OK);
    average(y[0], LONG, 30);
    for (int i = 1; i < 3; i++) {
        if (sil_isa_select(NAMES[i], NULL) == SIL_OK) {
            average(y[i], LONG, 30);
            cr_expect_arr_eq(y[i], y[0], sizeof y[0], "%s", NAMES[i]);
        }
    }
    cr_assert_eq(sil_isa_select(NULL, NULL), SIL_OK);
}
