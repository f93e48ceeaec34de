// SPDX-License-Identifier: Apache-2.0
/* Distances of small tables, computed by hand; the two ways to add up agree. */
#include "internal/distance.h"
#include "internal/rows.h"
#include "support/property.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct sil_error error;

/* Codes of two attributes, row by row. */
static void fill(struct sil_codes *codes, const struct sil_domain *domain,
                 const uint32_t (*rows)[2], size_t n)
{
    cr_assert_eq(sil_codes_init(codes, domain, n, &error), SIL_OK);
    for (size_t i = 0; i < n; i++) {
        sil_codes_set(codes, 0, i, rows[i][0]);
        sil_codes_set(codes, 1, i, rows[i][1]);
    }
}

static const uint32_t TRUTH[8][2] = {
    {0, 0},
    {0, 0},
    {0, 0},
    {0, 0},
    {0, 1},
    {0, 1},
    {1, 2},
    {1, 2}
};
static const uint32_t SYNTHETIC[4][2] = {
    {0, 0},
    {1, 1},
    {1, 2},
    {1, 2}
};

/* The pair, then each column. */
static const struct sil_clique CLIQUES[3] = {
    {.n = 2, .attr = {0, 1}},
    {.n = 1, .attr = {0}   },
    {.n = 1, .attr = {1}   }
};

static void measure_known(struct sil_distances out[3], const uint32_t *sizes)
{
    const struct sil_domain domain = {2, sizes, NULL};
    struct sil_codes truth;
    struct sil_codes synthetic;
    /* Every row once; the last two twice; the first eight times; none. */
    static uint32_t once[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    static uint32_t twice[8] = {0, 0, 0, 0, 0, 0, 2, 2};
    static uint32_t first[8] = {8};
    static uint32_t none[8];
    const struct sil_resamples resamples = {
        {once, twice, first, none},
        8
    };
    fill(&truth, &domain, TRUTH, 8);
    fill(&synthetic, &domain, SYNTHETIC, 4);
    const struct sil_versus versus = {
        .domain = &domain,
        .truth = {&truth,     0, 8},
        .synthetic = {&synthetic, 0, 4},
        .resamples = &resamples,
        .n_threads = 1,
        .n_prefixes = 3,
        .prefix = {4,          8, 0},
    };
    cr_assert_eq(sil_distances_measure(out, &versus, CLIQUES, 3, &error), SIL_OK, "%s",
                 error.text);
    sil_codes_clear(&truth);
    sil_codes_clear(&synthetic);
}

static void expect_known(const struct sil_distances out[3])
{
    cr_expect_eq(out[0].synthetic, 0.5);
    cr_expect_eq(out[1].synthetic, 0.5);
    cr_expect_eq(out[2].synthetic, 0.25);
    /* 0, then 3/4 and 1/2 off; the one without rows is no part of the mean. */
    cr_expect_eq(out[0].resampled, (0 + 0.75 + 0.5) / 3);
    cr_expect_eq(out[1].resampled, (0 + 0.75 + 0.25) / 3);
    cr_expect_eq(out[0].prefix[0], 0.5);
    cr_expect_eq(out[1].prefix[0], 0.25);
    cr_expect_eq(out[0].prefix[1], 0.0);
    cr_expect(isnan(out[0].prefix[2]));
}

Test(internal_distance, of_a_small_table_is_what_paper_says)
{
    static const uint32_t SIZES[2] = {2, 3};
    struct sil_distances out[3];
    measure_known(out, SIZES);
    expect_known(out);
}

/* More cells than rows: only the cells that have rows are looked at. */
Test(internal_distance, does_not_depend_on_cells_without_rows)
{
    struct sil_distances out[3];
    measure_known(out, (const uint32_t[]){300, 7000}); /* codes of one and two bytes */
    expect_known(out);
    measure_known(out, (const uint32_t[]){50, 70000}); /* and of four */
    expect_known(out);
}

Test(internal_distance, of_a_slice_without_synthetic_rows_is_none)
{
    static const uint32_t SIZES[2] = {2, 3};
    const struct sil_domain domain = {2, SIZES, NULL};
    uint32_t weight[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    const struct sil_resamples resamples = {
        {weight, weight, weight, weight},
        8
    };
    struct sil_codes truth;
    struct sil_distances out;
    fill(&truth, &domain, TRUTH, 8);
    const struct sil_versus versus = {
        .domain = &domain,
        .truth = {&truth, 6, 2},
        .synthetic = {&truth, 0, 0},
        .resamples = &resamples,
        .n_threads = 1,
    };
    cr_assert_eq(sil_distances_measure(&out, &versus, CLIQUES, 1, &error), SIL_OK);
    cr_expect(isnan(out.synthetic));
    cr_expect_eq(out.resampled, 0.0);
    sil_codes_clear(&truth);
}

/* ---- any table: against a sum over cells, and on any threads ---- */

enum { ATTRS = 5, ROWS = 3000, PAIRS = 10 };

static const uint32_t WIDE[ATTRS] = {2, 7, 300, 40, 1};

static void fill_random(struct sil_codes *codes, const struct sil_domain *domain,
                        size_t n, uint64_t seed)
{
    struct test_random random = {.state = seed};
    cr_assert_eq(sil_codes_init(codes, domain, n, &error), SIL_OK);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t a = 0; a < ATTRS; a++) {
            uint64_t most = 1 + test_below(&random, domain->sizes[a]);
            sil_codes_set(codes, a, i, (uint32_t)test_below(&random, most));
        }
    }
}

static double by_cells(const struct sil_codes *a, const struct sil_codes *b,
                       const struct sil_domain *domain, const struct sil_clique *pair)
{
    uint32_t size = domain->sizes[pair->attr[1]];
    size_t cells = (size_t)domain->sizes[pair->attr[0]] * size;
    double *p = calloc(cells, sizeof *p);
    double sum = 0;
    cr_assert_not_null(p);
    for (size_t i = 0; i < a->n_rows; i++) {
        p[sil_codes_get(a, pair->attr[0], i) * size +
          sil_codes_get(a, pair->attr[1], i)] += 1.0 / (double)a->n_rows;
    }
    for (size_t i = 0; i < b->n_rows; i++) {
        p[sil_codes_get(b, pair->attr[0], i) * size +
          sil_codes_get(b, pair->attr[1], i)] -= 1.0 / (double)b->n_rows;
    }
    for (size_t c = 0; c < cells; c++) {
        sum += fabs(p[c]);
    }
    free(p);
    return sum / 2;
}

Test(internal_distance, is_the_sum_over_cells_on_any_number_of_threads)
{
    const struct sil_domain domain = {ATTRS, WIDE, NULL};
    struct sil_codes truth;
    struct sil_codes synthetic;
    struct sil_resamples resamples;
    struct sil_clique pairs[PAIRS];
    struct sil_distances one[PAIRS];
    struct sil_distances three[PAIRS];
    size_t n = 0;
    fill_random(&truth, &domain, ROWS, 71);
    fill_random(&synthetic, &domain, ROWS / 3, 72);
    cr_assert_eq(sil_resamples_draw(&resamples, ROWS, ROWS / 3, &error), SIL_OK);
    for (uint32_t a = 0; a < ATTRS; a++) {
        for (uint32_t b = a + 1; b < ATTRS; b++) {
            pairs[n++] = (struct sil_clique){
                .n = 2, .attr = {a, b}
            };
        }
    }
    struct sil_versus versus = {
        .domain = &domain,
        .truth = {&truth,     0, ROWS    },
        .synthetic = {&synthetic, 0, ROWS / 3},
        .resamples = &resamples,
        .n_threads = 1,
    };
    cr_assert_eq(sil_distances_measure(one, &versus, pairs, n, &error), SIL_OK);
    versus.n_threads = 3;
    cr_assert_eq(sil_distances_measure(three, &versus, pairs, n, &error), SIL_OK);
    for (size_t i = 0; i < n; i++) {
        double paper = by_cells(&truth, &synthetic, &domain, &pairs[i]);
        cr_expect_lt(fabs(one[i].synthetic - paper), 1e-9, "pair %zu", i);
        cr_expect_eq(one[i].synthetic, three[i].synthetic, "pair %zu", i);
        cr_expect_eq(one[i].resampled, three[i].resampled, "pair %zu", i);
    }
    sil_resamples_clear(&resamples);
    sil_codes_clear(&truth);
    sil_codes_clear(&synthetic);
}

/* Rows 1000 to 1299 of one and 200 to 399 of the other, as tables of their own. */
Test(internal_distance, of_a_slice_is_that_of_its_rows_alone)
{
    enum { FIRST = 1000, N = 300, OTHER_FIRST = 200, OTHER_N = 200 };

    /* Codes of one, two and four bytes, and the pair of the last two. */
    static const uint32_t SIZES[ATTRS] = {200, 300, 70000, 2, 1};
    static const struct sil_clique SEVERAL[] = {
        {.n = 1, .attr = {0}   },
        {.n = 1, .attr = {1}   },
        {.n = 1, .attr = {2}   },
        {.n = 2, .attr = {0, 3}}
    };
    const struct sil_domain domain = {ATTRS, SIZES, NULL};
    struct sil_codes truth;
    struct sil_codes synthetic;
    struct sil_codes part;
    struct sil_codes other_part;
    struct sil_resamples resamples;
    struct sil_distances slices[4];
    struct sil_distances alone[4];
    uint32_t row[N];
    fill_random(&truth, &domain, ROWS, 73);
    fill_random(&synthetic, &domain, ROWS, 74);
    cr_assert_eq(sil_resamples_draw(&resamples, ROWS, ROWS, &error), SIL_OK);
    for (uint32_t i = 0; i < N; i++) {
        row[i] = FIRST + i;
    }
    cr_assert_eq(sil_codes_pick(&part, &truth, &domain, row, N, &error), SIL_OK);
    for (uint32_t i = 0; i < OTHER_N; i++) {
        row[i] = OTHER_FIRST + i;
    }
    cr_assert_eq(sil_codes_pick(&other_part, &synthetic, &domain, row, OTHER_N, &error),
                 SIL_OK);
    struct sil_versus versus = {
        .domain = &domain,
        .truth = {&truth,     FIRST,       N      },
        .synthetic = {&synthetic, OTHER_FIRST, OTHER_N},
        .resamples = &resamples,
        .n_threads = 1,
    };
    cr_assert_eq(sil_distances_measure(slices, &versus, SEVERAL, 4, &error), SIL_OK);
    struct sil_resamples moved = resamples;
    for (size_t s = 0; s < SIL_RESAMPLES; s++) {
        moved.weight[s] += FIRST;
    }
    versus.truth = (struct sil_slice){&part, 0, N};
    versus.synthetic = (struct sil_slice){&other_part, 0, OTHER_N};
    versus.resamples = &moved;
    cr_assert_eq(sil_distances_measure(alone, &versus, SEVERAL, 4, &error), SIL_OK);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(slices[i].synthetic, alone[i].synthetic, "marginal %zu", i);
        cr_expect_eq(slices[i].resampled, alone[i].resampled, "marginal %zu", i);
    }
    sil_resamples_clear(&resamples);
    sil_codes_clear(&truth);
    sil_codes_clear(&synthetic);
    sil_codes_clear(&part);
    sil_codes_clear(&other_part);
}

/* ---- samples ---- */

Test(internal_distance, resamples_have_as_many_rows_as_were_asked_for)
{
    struct sil_resamples resamples;
    cr_assert_eq(sil_resamples_draw(&resamples, 10, 1000, &error), SIL_OK);
    for (size_t s = 0; s < SIL_RESAMPLES; s++) {
        cr_expect_eq(sil_weight_total(resamples.weight[s], 10), 1000U);
        for (size_t i = 0; i < 10; i++) { /* 100 +- 7 standard deviations */
            cr_expect_gt(resamples.weight[s][i], 30U);
            cr_expect_lt(resamples.weight[s][i], 170U);
        }
    }
    cr_expect_neq(memcmp(resamples.weight[0], resamples.weight[1], 40), 0);
    sil_resamples_clear(&resamples);
}

Test(internal_distance, the_order_of_rows_has_each_of_them_once)
{
    enum { N = 1000 };

    uint32_t *order = NULL;
    bool seen[N] = {false};
    size_t n_fixed = 0;
    cr_assert_eq(sil_rows_shuffle(&order, N, &error), SIL_OK);
    for (size_t i = 0; i < N; i++) {
        cr_assert_lt(order[i], (uint32_t)N);
        cr_expect_not(seen[order[i]]);
        seen[order[i]] = true;
        n_fixed += order[i] == i;
    }
    cr_expect_lt(n_fixed, 20U);
    free(order);
}
