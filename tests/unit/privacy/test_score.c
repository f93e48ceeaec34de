// SPDX-License-Identifier: Apache-2.0
#include "privacy/cost.h"
#include "privacy/score.h"
#include "support/property.h"
#include "support/vectors.h"
#include "unit/privacy/gate_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdio.h>

static sil_i128 absolute(sil_i128 value)
{
    return value < 0 ? -value : value;
}

static sil_i128 plain_score(const struct sil_candidate *candidate)
{
    sil_i128 sum = 0;
    for (size_t i = 0; i < candidate->counts->n_cells; i++) {
        sum +=
            absolute((sil_i128)candidate->counts->cell[i] * 1024 - candidate->model[i]);
    }
    return candidate->weight * (sum - candidate->penalty);
}

/* A random marginal of `n` cells and a model of it, at the limits as often as not. */
static void fill(uint32_t *cell, int64_t *model, size_t n, struct test_random *random)
{
    for (size_t i = 0; i < n; i++) {
        cell[i] = (uint32_t)test_edge_word(random);
        model[i] = (int64_t)(test_edge_word(random) % (((uint64_t)1 << 45) + 1));
    }
}

Test(score, is_its_definition_whatever_the_number_of_cells)
{
    static const size_t N[] = {0, 1, 2, 4095, 4096, 4097, 8192, 10000};

    enum { LARGEST = 10000 };

    uint32_t *cell = calloc(LARGEST, sizeof *cell);
    int64_t *model = calloc(LARGEST, sizeof *model);
    struct test_random random = {test_seed(20260301)};

    for (size_t i = 0; i < sizeof N / sizeof N[0]; i++) {
        struct sil_counts counts = {.n_cells = N[i], .cell = cell};
        struct sil_candidate candidate = {
            .counts = &counts, .model = model, .penalty = 123456, .weight = 1U << 20};
        fill(cell, model, N[i], &random);
        cr_expect(sil_candidate_score(&candidate) == plain_score(&candidate), "%zu",
                  N[i]);
    }

    free(model);
    free(cell);
}

Test(score, does_not_overflow_at_every_limit)
{
    enum { N = 9000 };

    uint32_t *cell = calloc(N, sizeof *cell);
    int64_t *model = calloc(N, sizeof *model);
    struct sil_counts counts = {.n_cells = N, .cell = cell};
    struct sil_candidate candidate = {
        .counts = &counts, .model = model, .penalty = 0, .weight = 1U << 20};

    for (size_t i = 0; i < N; i++) {
        model[i] = (int64_t)1 << 45;
    }
    cr_expect(sil_candidate_score(&candidate) == (sil_i128)N << 65);
    for (size_t i = 0; i < N; i++) {
        model[i] = 0;
        cell[i] = UINT32_MAX;
    }
    cr_expect(sil_candidate_score(&candidate) == ((sil_i128)N * UINT32_MAX) << 30);
    candidate.penalty = (int64_t)1 << 62;
    counts.n_cells = 0;
    cr_expect(sil_candidate_score(&candidate) == -((sil_i128)1 << 82));

    free(model);
    free(cell);
}

/* Exact sums do not know the order of their terms. */
static bool order_of_cells_is_nothing(struct test_random *random, void *context)
{
    enum { N = 5000 };

    (void)context;
    uint32_t *cell = calloc(N, sizeof *cell);
    int64_t *model = calloc(N, sizeof *model);
    struct sil_counts counts = {.n_cells = N, .cell = cell};
    struct sil_candidate candidate = {
        .counts = &counts, .model = model, .penalty = 77, .weight = 3};
    fill(cell, model, N, random);
    sil_i128 before = sil_candidate_score(&candidate);
    for (size_t i = N - 1; i > 0; i--) {
        size_t j = test_below(random, i + 1);
        uint32_t c = cell[i];
        int64_t m = model[i];
        cell[i] = cell[j];
        model[i] = model[j];
        cell[j] = c;
        model[j] = m;
    }
    bool same = sil_candidate_score(&candidate) == before;
    free(model);
    free(cell);
    return same;
}

Test(score, does_not_depend_on_the_order_of_cells)
{
    cr_expect(test_forall("cells in any order", test_cases(50),
                          order_of_cells_is_nothing, NULL));
}

/* Brute force over random tables and random neighbours. */
enum { N_ATTRS = 3, N_CLIQUES = 6, MAX_ROWS = 12, MAX_CELLS = 12 };

static const uint32_t SIZES[N_ATTRS] = {2, 3, 2};
static const struct sil_domain DOMAIN = {.n_attrs = N_ATTRS, .sizes = SIZES};
static const struct sil_clique CLIQUES[N_CLIQUES] = {
    {1, {0}      },
    {1, {1}      },
    {2, {0, 1}   },
    {2, {0, 2}   },
    {2, {1, 2}   },
    {3, {0, 1, 2}}
};

struct rows {
    size_t n;
    uint32_t value[MAX_ROWS][N_ATTRS];
};

static void random_row(uint32_t *row, struct test_random *random)
{
    for (uint32_t a = 0; a < N_ATTRS; a++) {
        row[a] = (uint32_t)test_below(random, SIZES[a]);
    }
}

static void remove_row(struct rows *rows, size_t i)
{
    rows->n--;
    memcpy(rows->value[i], rows->value[rows->n], sizeof rows->value[i]);
}

/* A neighbour of `rows`: up to K rows of one person taken out or put in, or changed. */
static struct rows neighbour(const struct rows *rows, enum sil_neighbours relation,
                             uint32_t k, struct test_random *random)
{
    struct rows other = *rows;
    uint32_t changed = 1 + (uint32_t)test_below(random, k);
    bool adds = test_below(random, 2) != 0;
    for (uint32_t i = 0; i < changed; i++) {
        if (relation == SIL_REPLACE_ONE) {
            random_row(other.value[i], random);
        } else if (adds) {
            random_row(other.value[other.n++], random);
        } else {
            remove_row(&other, test_below(random, other.n));
        }
    }
    return other;
}

static struct sil_counts *count(const struct rows *rows,
                                const struct sil_clique *clique)
{
    struct sil_counts *counts;
    cr_assert(eq(int, sil_counts_new(&counts, &DOMAIN, clique, NULL), SIL_OK));
    for (size_t r = 0; r < rows->n; r++) {
        size_t cell = 0;
        for (uint32_t i = 0; i < clique->n; i++) {
            cell = cell * SIZES[clique->attr[i]] + rows->value[r][clique->attr[i]];
        }
        counts->cell[cell]++;
    }
    return counts;
}

/* What is checked on each pair of neighbours, and the most that was seen. */
struct brute_force {
    enum sil_neighbours relation;
    uint32_t k;
    double most_moved;    /* of Delta */
    double widest_range;  /* of epsilon */
    double most_distance; /* of D^2 */
};

static double squared_distance(const struct sil_counts *a, const struct sil_counts *b)
{
    double sum = 0;
    for (size_t i = 0; i < a->n_cells; i++) {
        double difference = (double)a->cell[i] - (double)b->cell[i];
        sum += difference * difference;
    }
    return sum;
}

/* max over outcomes minus min over outcomes of ln P[i] - ln P'[i]; the normalisers are
 * the same for all outcomes and drop out. */
static double log_ratio_range(const sil_i128 *a, const sil_i128 *b, size_t n,
                              double scale)
{
    double highest = -INFINITY;
    double lowest = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double ratio = scale * (double)(a[i] - b[i]);
        highest = fmax(highest, ratio);
        lowest = fmin(lowest, ratio);
    }
    return highest - lowest;
}

static void note(double *most, double value)
{
    *most = fmax(*most, value);
}

static void compare_neighbours(const struct rows *a, const struct rows *b,
                               struct test_random *random, struct brute_force *force)
{
    struct sil_candidate candidates[N_CLIQUES];
    int64_t model[N_CLIQUES][MAX_CELLS];
    sil_i128 score[N_CLIQUES];
    sil_i128 other[N_CLIQUES];
    uint64_t squared = sil_marginal_sensitivity_squared(force->relation, force->k);
    for (size_t i = 0; i < N_CLIQUES; i++) {
        struct sil_counts *mine = count(a, &CLIQUES[i]);
        struct sil_counts *theirs = count(b, &CLIQUES[i]);
        for (size_t j = 0; j < MAX_CELLS; j++) {
            model[i][j] = (int64_t)test_below(random, 12 * 1024);
        }
        candidates[i] =
            (struct sil_candidate){.counts = mine,
                                   .model = model[i],
                                   .penalty = (int64_t)test_below(random, 5000),
                                   .weight = 1 + (uint32_t)test_below(random, 4)};
        score[i] = sil_candidate_score(&candidates[i]);
        candidates[i].counts = theirs;
        other[i] = sil_candidate_score(&candidates[i]);
        note(&force->most_distance, squared_distance(mine, theirs) / (double)squared);
        sil_counts_free(mine);
        sil_counts_free(theirs);
    }

    double delta = (double)sil_score_sensitivity(
        candidates, N_CLIQUES, sil_marginal_sensitivity(force->relation, force->k));
    for (size_t i = 0; i < N_CLIQUES; i++) {
        note(&force->most_moved, (double)absolute(score[i] - other[i]) / delta);
    }
    /* At epsilon = 1 the gate's scale is 1 / (2 Delta). */
    note(&force->widest_range,
         log_ratio_range(score, other, N_CLIQUES, 1 / (2 * delta)));
}

static bool stays_within_its_bounds(struct test_random *random, void *context)
{
    struct brute_force *force = context;
    struct rows rows = {.n = 4 + test_below(random, 5)};
    for (size_t i = 0; i < rows.n; i++) {
        random_row(rows.value[i], random);
    }
    struct rows other = neighbour(&rows, force->relation, force->k, random);
    compare_neighbours(&rows, &other, random, force);
    return force->most_moved <= 1 && force->widest_range <= 1 &&
           force->most_distance <= 1;
}

/* Never above, and reached: a sensitivity too small fails the first, one too large, or
 * counted for the wrong relation, the second. */
Test(score, moves_by_delta_at_most_between_all_neighbours)
{
    for (uint32_t k = 1; k <= 3; k++) {
        for (int relation = SIL_ADD_REMOVE; relation <= SIL_REPLACE_ONE; relation++) {
            struct brute_force force = {.relation = (enum sil_neighbours)relation,
                                        .k = k};
            cr_expect(test_forall("neighbours", test_cases(4000),
                                  stays_within_its_bounds, &force),
                      "relation %d, %u rows", relation, k);
            cr_expect(gt(dbl, force.most_moved, 0.85), "relation %d, %u rows", relation,
                      k);
            cr_expect(gt(dbl, force.widest_range, 0.7), "relation %d, %u rows",
                      relation, k);
            cr_expect(eq(dbl, force.most_distance, 1.0), "relation %d, %u rows",
                      relation, k);
        }
    }
}

/* One added row can raise one score and lower another by the same: with the full
 * epsilon / Delta the range would be 2 epsilon. */
Test(score, is_not_monotone_so_the_half_stays)
{
    static const uint32_t BEFORE[] = {0};
    static const uint32_t AFTER[] = {1};
    static const int64_t LOW[] = {0};
    static const int64_t HIGH[] = {1024};
    json_t *witness = vectors_load("e3");
    const json_t *half = vectors_member(witness, "c=1/2");
    struct sil_counts *before = kit_counts(0, BEFORE, 1);
    struct sil_counts *after = kit_counts(0, AFTER, 1);
    struct sil_candidate on_d[] = {
        {.counts = before, .model = LOW,  .penalty = 0,    .weight = 1},
        {.counts = before, .model = HIGH, .penalty = 1024, .weight = 1}
    };
    sil_i128 score[2];
    sil_i128 other[2];

    for (size_t i = 0; i < 2; i++) {
        score[i] = sil_candidate_score(&on_d[i]);
        on_d[i].counts = after;
        other[i] = sil_candidate_score(&on_d[i]);
    }

    double delta = (double)sil_score_sensitivity(on_d, 2, 1);
    double range = log_ratio_range(score, other, 2, 1 / (2 * delta));
    cr_expect(zero(int, (int)score[0]));
    cr_expect(zero(int, (int)score[1]));
    cr_expect(eq(int, (int)other[0], 1024));
    cr_expect(eq(int, (int)other[1], -1024));
    cr_expect(ieee_ulp_eq(dbl, range, 1.0, 4));
    double loss = vectors_real(half, "loss_A") - vectors_real(half, "loss_B");
    cr_expect(epsilon_eq(dbl, range, loss, 1e-12));
    sil_counts_free(after);
    sil_counts_free(before);
    json_decref(witness);
}
