// SPDX-License-Identifier: Apache-2.0
#include "model/columns.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

static void clean(double *p, const double *y, const struct sil_column *column,
                  double total)
{
    struct sil_error err = {""};
    cr_assert_eq(sil_column_clean(p, y, NULL, column, total, &err), SIL_OK, "%s",
                 err.text);
}

static double total_of(const double *x, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += x[i];
    }
    return sum;
}

/* ---- a slow version, by other routes ---- */

static long double spread(const double *y, uint32_t start, uint32_t end)
{
    long double mean = 0;
    long double sum = 0;
    for (uint32_t i = start; i < end; i++) {
        mean += (long double)y[i] / (end - start);
    }
    for (uint32_t i = start; i < end; i++) {
        sum += (y[i] - mean) * (y[i] - mean);
    }
    return sum;
}

/* The least of  squared distance / variance + 6 a run  over all ways to cut, one bit a
 * place between two values. */
static long double least_cost(const double *y, uint32_t n, double variance)
{
    long double least = HUGE_VALL;
    for (uint32_t cuts = 0; cuts < 1u << (n - 1); cuts++) {
        long double cost = 0;
        uint32_t start = 0;
        for (uint32_t i = 1; i <= n; i++) {
            if (i == n || (cuts >> (i - 1) & 1) != 0) {
                cost += spread(y, start, i) / variance + 6;
                start = i;
            }
        }
        least = cost < least ? cost : least;
    }
    return least;
}

/* The same cost of a fit, whose runs are seen from its values. */
static long double cost_of(const double *p, const double *y, uint32_t n,
                           double variance)
{
    long double cost = 6;
    for (uint32_t i = 0; i < n; i++) {
        cost += (long double)(p[i] - y[i]) * (p[i] - y[i]) / variance;
        cost += i > 0 && fabs(p[i] - p[i - 1]) > 1e-9 ? 6 : 0;
    }
    return cost;
}

static void slow_runs(double *y, uint32_t n, double variance)
{
    long double *cost = calloc(n + 1, sizeof *cost);
    uint32_t *start = calloc(n + 1, sizeof *start);
    for (uint32_t j = 1; j <= n; j++) {
        cost[j] = HUGE_VALL;
        for (uint32_t i = 0; i < j; i++) {
            long double c = cost[i] + spread(y, i, j) / variance + 6;
            if (c < cost[j]) {
                cost[j] = c;
                start[j] = i;
            }
        }
    }
    for (uint32_t j = n; j > 0; j = start[j]) {
        double mean = total_of(y + start[j], j - start[j]) / (j - start[j]);
        for (uint32_t i = start[j]; i < j; i++) {
            y[i] = mean;
        }
    }
    free(cost);
    free(start);
}

/* Lower all by one amount, found by halving. */
static void slow_project(double *x, uint32_t n, double total)
{
    long double low = -1e12L;
    long double high = 1e12L;
    for (int step = 0; step < 200; step++) {
        long double middle = (low + high) / 2;
        long double sum = 0;
        for (uint32_t i = 0; i < n; i++) {
            sum += x[i] > middle ? x[i] - middle : 0;
        }
        *(sum > total ? &low : &high) = middle;
    }
    for (uint32_t i = 0; i < n; i++) {
        x[i] = x[i] > high ? (double)(x[i] - high) : 0;
    }
}

static void slow_clean(double *p, const double *y, const struct sil_column *column,
                       double total)
{
    uint32_t n = column->n_values;
    double threshold = 0.7 * sqrt(6 * column->variance);
    double sum = 0;
    uint32_t n_light = 0;
    (void)memcpy(p, y, n * sizeof *p);
    slow_runs(p, column->n_ordered, column->variance);
    for (uint32_t i = column->n_ordered; i < n; i++) {
        sum += p[i] < threshold ? p[i] : 0;
        n_light += p[i] < threshold;
    }
    for (uint32_t i = column->n_ordered; i < n; i++) {
        p[i] = p[i] < threshold ? sum / n_light : p[i];
    }
    slow_project(p, n, total);
    for (uint32_t i = 0; i < n; i++) {
        p[i] = fmax(p[i], 0.02);
    }
    double scale = total / total_of(p, n);
    for (uint32_t i = 0; i < n; i++) {
        p[i] *= scale;
    }
}

/* ---- runs ---- */

Test(model_columns, finds_runs_of_least_cost_among_all)
{
    enum { MOST = 10 };

    struct random r = random_start("least cost", 401);
    for (int i = 0; i < 400; i++) {
        double y[MOST];
        double p[MOST];
        uint32_t n = 1 + (uint32_t)random_below(&r, MOST);
        double variance = (double)(1 + random_below(&r, 20)) / 2;
        double level = 1000;
        for (uint32_t v = 0; v < n; v++) {
            level += random_below(&r, 3) == 0 ? 8 : 0;
            y[v] = level + (double)random_below(&r, 7);
        }
        struct sil_column column = {n, n, variance, false};

        clean(p, y, &column, total_of(y, n));

        long double least = least_cost(y, n, variance);
        long double cost = cost_of(p, y, n, variance);
        cr_assert_lt(cost - least, 1e-6, "case %d: cost %Lg, least %Lg", i, cost,
                     least);
    }
}

static const struct run_case {
    const char *name;
    uint32_t n;
    double variance;
    double y[6];
    double want[6];
} RUN_CASES[] = {
    {"one value",                     1, 1,     {7},              {7}                     },
    {"equal values",                  4, 1,     {9, 9, 9, 9},     {9, 9, 9, 9}            },
    {"two runs",                      4, 1,     {10, 11, 20, 21}, {10.5, 10.5, 20.5, 20.5}},
    {"a tie goes to fewer runs",      2, 3,     {10, 16},         {13, 13}                },
    {"just above a tie, two runs",    2, 2.9,   {10, 16},         {10, 16}                },
    {"though they end further right", 4, 9,     {24, 10, 20, 30}, {18, 18, 18, 30}        },
    {"a tie goes to the left cut",    3, 5,     {20, 26, 32},     {20, 29, 29}            },
    {"noise far above the values",    4, 1e9,   {10, 20, 30, 60}, {30, 30, 30, 30}        },
    {"a variance beyond all numbers", 3, 1e308, {10, 20, 30},     {20, 20, 20}            },
    {"hardly any noise",              4, 1e-9,  {10, 20, 20, 30}, {10, 20, 20, 30}        },
};

Test(model_columns, settles_ties_and_extremes_of_runs)
{
    for (size_t i = 0; i < sizeof RUN_CASES / sizeof RUN_CASES[0]; i++) {
        const struct run_case *c = &RUN_CASES[i];
        struct sil_column column = {c->n, c->n, c->variance, false};
        double p[6];
        clean(p, c->y, &column, total_of(c->y, c->n));
        for (uint32_t v = 0; v < c->n; v++) {
            cr_expect_float_eq(p[v], c->want[v], 1e-9, "%s: value %u is %g", c->name, v,
                               p[v]);
        }
    }
}

Test(model_columns, leaves_very_many_ordered_values_as_they_are)
{
    enum { SEARCHED = 4096 };

    struct random r = random_start("many", 402);
    double *y = calloc(SEARCHED + 1, sizeof *y);
    double *p = calloc(SEARCHED + 1, sizeof *p);
    for (uint32_t i = 0; i <= SEARCHED; i++) {
        y[i] = 1000 + random_noise(&r);
    }
    for (uint32_t n = SEARCHED; n <= SEARCHED + 1; n++) {
        struct sil_column column = {n, n, 1e6, false};
        double gap = 0;
        clean(p, y, &column, total_of(y, n));
        for (uint32_t i = 0; i < n; i++) {
            gap = fmax(gap, fabs(p[i] - y[i]));
        }
        cr_expect_eq(gap<1e-6, n> SEARCHED, "%u values: gap %g", n, gap);
    }
    free(y);
    free(p);
}

/* ---- unordered values ---- */

Test(model_columns, pools_only_light_unordered_values)
{
    /* The threshold is 0.7 sqrt(6 x 6) = 4.2. */
    static const double Y[] = {4.1, 2.1, 4.3, 0.3, 100, 1.5};
    static const double WANT[] = {2, 2, 4.3, 2, 100, 2};
    struct sil_column column = {6, 0, 6, false};
    double p[6];

    clean(p, Y, &column, total_of(Y, 6));

    for (int i = 0; i < 6; i++) {
        cr_expect_float_eq(p[i], WANT[i], 1e-12, "value %d is %g", i, p[i]);
    }
}

/* ---- all of it ---- */

/* A column of plateaus under noise, with an unordered tail. */
static void random_column(double *y, struct sil_column *column, struct random *r)
{
    uint32_t n = 1 + (uint32_t)random_below(r, 60);
    double level = 0;
    *column = (struct sil_column){
        .n_values = n,
        .n_ordered = (uint32_t)random_below(r, n + 1),
        .variance = exp(12 * random_unit(r) - 4),
    };
    for (uint32_t v = 0; v < n; v++) {
        level = random_below(r, 4) == 0 ? exp(8 * random_unit(r)) : level;
        y[v] = level + sqrt(column->variance) * random_noise(r);
    }
}

Test(model_columns, agrees_with_a_slow_version)
{
    struct random r = random_start("slow", 403);
    for (int i = 0; i < 500; i++) {
        double y[60];
        double p[60];
        double want[60];
        struct sil_column column;
        random_column(y, &column, &r);
        double total = exp(14 * random_unit(&r) - 2);

        clean(p, y, &column, total);
        slow_clean(want, y, &column, total);

        for (uint32_t v = 0; v < column.n_values; v++) {
            cr_assert_float_eq(p[v], want[v], 1e-7 * total, "case %d, value %u: %g, %g",
                               i, v, p[v], want[v]);
            cr_assert_gt(p[v], 0);
        }
        cr_assert_float_eq(total_of(p, column.n_values), total, 1e-12 * total);
    }
}

static const struct hostile_case {
    const char *name;
    uint32_t n;
    uint32_t n_ordered;
    double variance;
    double total;
    double y[4];
} HOSTILE_CASES[] = {
    {"one value, negative",       1, 0, 1,    5,    {-100}              },
    {"one ordered value",         1, 1, 1,    1e-3, {3}                 },
    {"nothing but noise below 0", 4, 2, 100,  1,    {-50, -60, -70, -80}},
    {"total far below the floor", 4, 4, 1,    1e-6, {1, 2, 3, 4}        },
    {"total far above",           4, 0, 1,    1e15, {1, 2, 3, 4}        },
    {"far apart",                 4, 4, 1e-6, 100,  {-1e15, 0, 1e15, 1} },
    {"all zero",                  4, 3, 1,    10,   {0, 0, 0, 0}        },
};

Test(model_columns, gives_counts_above_0_whatever_comes)
{
    for (size_t i = 0; i < sizeof HOSTILE_CASES / sizeof HOSTILE_CASES[0]; i++) {
        const struct hostile_case *c = &HOSTILE_CASES[i];
        struct sil_column column = {c->n, c->n_ordered, c->variance, false};
        double p[4];
        clean(p, c->y, &column, c->total);
        for (uint32_t v = 0; v < c->n; v++) {
            cr_expect(p[v] > 0 && isfinite(p[v]), "%s: value %u is %g", c->name, v,
                      p[v]);
        }
        cr_expect_float_eq(total_of(p, c->n), c->total, 1e-12 * c->total, "%s",
                           c->name);
    }
}

/* A hash of the bits of many cleaned columns: what a replay depends on. */
Test(model_columns, keeps_its_bits)
{
    struct random r = {404};
    uint64_t hash = 0;
    for (int i = 0; i < 50; i++) {
        double y[60];
        double p[60];
        for (int v = 0; v < 60; v++) {
            y[v] = (double)random_below(&r, 1u << (v / 6 + 2)) - 20;
        }
        struct sil_column column = {60, 10 + (uint32_t)random_below(&r, 50), 10 + i,
                                    false};
        clean(p, y, &column, 20000);
        for (int v = 0; v < 60; v++) {
            uint64_t bits;
            (void)memcpy(&bits, &p[v], sizeof bits);
            hash = mix(hash ^ bits);
        }
    }
    cr_expect_eq(hash, UINT64_C(0xbc27e8f01049c77e), "%llx", (unsigned long long)hash);
}
