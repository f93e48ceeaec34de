// SPDX-License-Identifier: Apache-2.0
#include "privacy/cost.h"
#include "privacy/gauss.h"
#include "privacy/score.h"
#include "unit/privacy/gate_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 20261122, N_CELLS = 6 };

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(grouped, .fini = free_mpfr_caches);

static const uint32_t CELLS[N_CELLS] = {0, 3, 70000, 1, 0, 11};

static const uint32_t THIRDS[N_CELLS] = {0, 1, 2, 2, 1, 0};

static struct sil_counts *grouped_counts(uint32_t attr)
{
    const struct sil_grouping of = {N_CELLS, 3, THIRDS};
    struct sil_counts *fine = kit_counts(attr, CELLS, N_CELLS);
    struct sil_counts *counts;
    cr_assert(eq(int, sil_counts_group(&counts, fine, &of, NULL), SIL_OK));
    sil_counts_free(fine);
    return counts;
}

static void expect_thirds(const struct sil_release *release)
{
    cr_assert(release->of != NULL);
    cr_expect(eq(u32, release->of->n_values, N_CELLS));
    cr_expect(eq(u32, release->of->n_groups, 3));
    cr_expect(zero(int, memcmp(release->of->group, THIRDS, sizeof THIRDS)));
}

Test(grouped, counts_are_measured_with_one_noise_each_at_the_cost_of_a_marginal)
{
    static const uint32_t SUMS[] = {11, 3, 70001};
    struct kit kit = kit_open("1", SIL_ADD_REMOVE, 1, SEED);
    struct sil_counts *counts = grouped_counts(2);
    struct sil_sigma2 sigma2 = kit_sigma2("25/4");
    const struct sil_release *release;
    struct sil_rng *rng = seeded_rng(SEED);
    struct sil_gauss *gauss;
    int64_t noise[3];

    cr_assert(
        eq(int, sil_gate_measure(kit.gate, counts, &sigma2, &release, NULL), SIL_OK));
    sil_counts_free(counts);

    cr_assert(eq(int, sil_gauss_new(&gauss, &sigma2, 3, NULL), SIL_OK));
    sil_gauss_draw(gauss, rng, noise, 3);
    sil_gauss_free(gauss);
    sil_rng_free(rng);
    cr_assert(eq(sz, release->n_cells, 3));
    cr_expect(eq(u64, release->sensitivity, 1));
    cr_expect(eq(u32, release->clique.attr[0], 2));
    cr_expect(kit_has_spent(kit.gate, "2/25"));
    expect_thirds(release);
    for (size_t i = 0; i < 3; i++) {
        cr_expect(eq(i64, release->noisy[i], ((int64_t)SUMS[i] << 5) + noise[i]));
    }
    sil_sigma2_clear(&sigma2);
    sil_gate_close(kit.gate);
}

/* Whatever was chosen, its own groupings are released, and none that are another's. */
Test(grouped, a_selection_tells_groupings_weight_and_penalty_of_the_one_chosen)
{
    static const int64_t FAR[N_CELLS] = {INT64_C(1) << 40};
    struct sil_counts *fine = kit_counts(1, (uint32_t[]){1, 2}, 2);
    struct sil_counts *grouped = grouped_counts(3);
    struct sil_epsilon epsilon = kit_epsilon("10");
    for (size_t winner = 0; winner < 2; winner++) {
        struct kit kit = kit_open("100", SIL_ADD_REMOVE, 1, SEED);
        static const int64_t NEAR[N_CELLS] = {0};
        const struct sil_candidate candidates[] = {
            {fine,    winner == 0 ? FAR : NEAR, 17, 2},
            {grouped, winner == 1 ? FAR : NEAR, 19, 3},
        };
        size_t chosen = 2;
        cr_assert(eq(int,
                     sil_gate_select(kit.gate, candidates, 2, &epsilon, &chosen, NULL),
                     SIL_OK));
        const struct sil_release *release = sil_gate_release(kit.gate, 0);
        cr_assert(eq(sz, chosen, winner));
        cr_expect(eq(u32, release->clique.attr[0], winner == 0 ? 1 : 3));
        cr_expect(eq(u32, release->weight, candidates[winner].weight));
        cr_expect(eq(i64, release->penalty, candidates[winner].penalty));
        cr_expect(eq(u64, release->sensitivity, 3 << SIL_SCORE_BITS));
        if (winner == 0) {
            cr_expect(release->of == NULL);
        } else {
            expect_thirds(release);
        }
        sil_gate_close(kit.gate);
    }
    sil_epsilon_clear(&epsilon);
    sil_counts_free(grouped);
    sil_counts_free(fine);
}

/* A person of two rows that may be replaced by two others. */
Test(grouped, counts_are_as_sensitive_as_the_marginal)
{
    struct kit kit = kit_open("10", SIL_REPLACE_ONE, 2, SEED);
    struct sil_counts *counts = grouped_counts(2);
    struct sil_sigma2 sigma2 = kit_sigma2("25/4");
    const struct sil_release *release;

    cr_assert(
        eq(int, sil_gate_measure(kit.gate, counts, &sigma2, &release, NULL), SIL_OK));

    cr_expect(eq(u64, release->sensitivity, 8));
    cr_expect(kit_has_spent(kit.gate, "16/25"));
    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

/* The model of a grouped candidate has a value for each group and none more; an array of
 * its own shows a read beyond it under a sanitizer. */
Test(grouped, candidates_are_scored_and_checked_group_by_group)
{
    struct sil_counts *counts = grouped_counts(2);
    int64_t *model = calloc(3, sizeof *model);
    cr_assert(model != NULL);
    model[0] = 11 << SIL_SCORE_BITS;
    model[1] = (3 << SIL_SCORE_BITS) - 5;
    model[2] = (70001 << SIL_SCORE_BITS) + 7;
    const struct sil_candidate candidate = {counts, model, 2, 3};

    cr_expect(eq(int, sil_candidates_check(&candidate, 1, NULL), SIL_OK));
    cr_expect(eq(i64, (int64_t)sil_candidate_score(&candidate), 3 * (5 + 7 - 2)));
    model[2] = -1;
    cr_expect(eq(int, sil_candidates_check(&candidate, 1, NULL), SIL_ERR_USAGE));
    free(model);
    sil_counts_free(counts);
}

/* ---- all neighbours of small tables, under all groupings ---- */

enum { ATTRS = 3, VALUES = 4, FINE = 8, MOST_ROWS = 3, MOST_TABLES = 165 };

/* Columns with few enough values that everything can be listed. */
static const struct {
    const char *name;
    struct sil_clique clique;
    uint32_t sizes[ATTRS];
} SHAPES[] = {
    {"four values",              {1, {0}},       {4, 1, 1}},
    {"three values by two",      {2, {0, 1}},    {3, 2, 1}},
    {"two values by two by two", {3, {0, 1, 2}}, {2, 2, 2}},
};

/* All tables of at most MOST_ROWS rows, fine and under one grouping of each column. */
struct tables {
    struct sil_domain domain;
    const struct sil_clique *clique;
    size_t n;
    struct sil_counts *fine[MOST_TABLES];
    struct sil_counts *grouped[MOST_TABLES];
    sil_i128 score[MOST_TABLES];
};

static void list_tables(struct tables *tables)
{
    size_t n_cells = (size_t)sil_clique_cells(&tables->domain, tables->clique);
    tables->n = 0;
    for (size_t code = 0; code < (size_t)1 << (2 * n_cells); code++) {
        uint32_t cell[FINE];
        uint32_t rows = 0;
        for (size_t i = 0; i < n_cells; i++) {
            cell[i] = code >> (2 * i) & 3;
            rows += cell[i];
        }
        if (rows <= MOST_ROWS) {
            cr_assert(lt(sz, tables->n, MOST_TABLES));
            struct sil_counts **fine = &tables->fine[tables->n++];
            cr_assert(eq(int,
                         sil_counts_new(fine, &tables->domain, tables->clique, NULL),
                         SIL_OK));
            memcpy((*fine)->cell, cell, n_cells * sizeof *cell);
        }
    }
}

/* Rows that x has and y has not. */
static uint32_t rows_beyond(const struct sil_counts *x, const struct sil_counts *y)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < x->n_cells; i++) {
        sum += x->cell[i] > y->cell[i] ? x->cell[i] - y->cell[i] : 0;
    }
    return sum;
}

/* The definition of docs/privacy.md. */
static bool are_neighbours(const struct sil_counts *x, const struct sil_counts *y,
                           enum sil_neighbours relation, uint32_t k)
{
    uint32_t lost = rows_beyond(x, y);
    uint32_t won = rows_beyond(y, x);
    bool is_one_sided = lost == 0 || won == 0;
    return lost <= k && won <= k && (relation == SIL_REPLACE_ONE || is_one_sided);
}

/* The most that anything moved. */
struct moved {
    uint64_t sum;     /* L1 */
    uint64_t squared; /* L2, squared */
    uint64_t score;
};

static void note(uint64_t *most, uint64_t value)
{
    *most = value > *most ? value : *most;
}

static void compare(struct moved *moved, const struct tables *tables, size_t x,
                    size_t y)
{
    const struct sil_counts *a = tables->grouped[x];
    const struct sil_counts *b = tables->grouped[y];
    uint64_t sum = 0;
    uint64_t squared = 0;
    for (size_t i = 0; i < a->n_cells; i++) {
        int64_t difference = (int64_t)a->cell[i] - (int64_t)b->cell[i];
        sum += (uint64_t)llabs(difference);
        squared += (uint64_t)(difference * difference);
    }
    sil_i128 score = tables->score[x] - tables->score[y];
    note(&moved->sum, sum);
    note(&moved->squared, squared);
    note(&moved->score, (uint64_t)(score < 0 ? -score : score));
}

enum { WEIGHT = 3 };

/* Scores against the model that expects nothing in the groups of one kind and more than
 * there are rows in the others. */
static void score_all(struct tables *tables, size_t pattern)
{
    int64_t model[FINE];
    for (size_t i = 0; i < FINE; i++) {
        model[i] = (int64_t)(pattern >> i & 1) << (SIL_SCORE_BITS + 3);
    }
    for (size_t t = 0; t < tables->n; t++) {
        tables->score[t] = sil_candidate_score(
            &(struct sil_candidate){tables->grouped[t], model, 1000, WEIGHT});
    }
}

static struct moved most_moved(struct tables *tables, enum sil_neighbours relation,
                               uint32_t k)
{
    struct moved moved = {0};
    for (size_t pattern = 0; pattern < (size_t)1 << tables->grouped[0]->n_cells;
         pattern++) {
        score_all(tables, pattern);
        for (size_t x = 0; x < tables->n; x++) {
            for (size_t y = 0; y < x; y++) {
                if (are_neighbours(tables->fine[x], tables->fine[y], relation, k)) {
                    compare(&moved, tables, x, y);
                }
            }
        }
    }
    return moved;
}

/* Never above what is charged for, and reached; where there is one group only, replacing
 * rows moves no more than taking them away. */
static void expect_bounds(struct tables *tables, enum sil_neighbours relation,
                          uint32_t k, const char *name)
{
    struct moved moved = most_moved(tables, relation, k);
    bool is_whole = tables->grouped[0]->n_cells == 1;
    enum sil_neighbours reached = is_whole ? SIL_ADD_REMOVE : relation;
    uint64_t sum = sil_marginal_sensitivity(relation, k);
    const struct sil_candidate candidate = {.weight = WEIGHT};
    cr_expect(le(u64, moved.sum, sum), "%s", name);
    cr_expect(le(u64, moved.squared, sil_marginal_sensitivity_squared(relation, k)),
              "%s", name);
    cr_expect(le(u64, moved.score, sil_score_sensitivity(&candidate, 1, sum)), "%s",
              name);
    cr_expect(eq(u64, moved.sum, reached == SIL_ADD_REMOVE ? k : 2 * k), "%s", name);
    cr_expect(eq(u64, moved.squared, reached == SIL_ADD_REMOVE ? k * k : 2 * k * k),
              "%s", name);
    cr_expect(eq(u64, moved.score, WEIGHT * moved.sum << SIL_SCORE_BITS), "%s", name);
}

/* Every partition once: each value opens the next group or joins one that is open. */
static bool next_partition(struct sil_grouping *of, uint32_t *group)
{
    for (uint32_t v = of->n_values; v-- > 1;) {
        uint32_t open = 0;
        for (uint32_t u = 0; u < v; u++) {
            open = group[u] >= open ? group[u] + 1 : open;
        }
        if (group[v] < open) {
            group[v]++;
            of->n_groups = group[v] == open ? open + 1 : open;
            return true;
        }
        group[v] = 0;
    }
    of->n_groups = 1;
    return false;
}

/* All neighbours under one combination of groupings. */
static void expect_of_all_neighbours(struct tables *tables,
                                     const struct sil_grouping *of, const char *name)
{
    for (size_t t = 0; t < tables->n; t++) {
        cr_assert(eq(int,
                     sil_counts_group(&tables->grouped[t], tables->fine[t], of, NULL),
                     SIL_OK));
    }
    for (uint32_t k = 1; k <= MOST_ROWS; k++) {
        expect_bounds(tables, SIL_ADD_REMOVE, k, name);
        expect_bounds(tables, SIL_REPLACE_ONE, k, name);
    }
    for (size_t t = 0; t < tables->n; t++) {
        sil_counts_free(tables->grouped[t]);
    }
}

static size_t expect_of_all_groupings(size_t shape)
{
    struct tables tables = {
        .domain = {.n_attrs = ATTRS, .sizes = SHAPES[shape].sizes},
        .clique = &SHAPES[shape].clique
    };
    uint32_t group[ATTRS][VALUES] = {{0}};
    struct sil_grouping of[ATTRS];
    uint32_t n = tables.clique->n;
    size_t n_groupings = 0;
    uint32_t k = 0;
    list_tables(&tables);
    for (uint32_t a = 0; a < ATTRS; a++) {
        of[a] = (struct sil_grouping){SHAPES[shape].sizes[a], 1, group[a]};
    }
    do {
        expect_of_all_neighbours(&tables, of, SHAPES[shape].name);
        n_groupings++;
        for (k = 0; k < n && !next_partition(&of[k], group[k]); k++) {
        }
    } while (k < n);
    for (size_t t = 0; t < tables.n; t++) {
        sil_counts_free(tables.fine[t]);
    }
    return n_groupings;
}

/* There are 15 partitions of four values, 5 of three, 2 of two. */
Test(grouped, counts_and_scores_move_as_much_as_is_charged_and_no_more)
{
    cr_expect(eq(sz, expect_of_all_groupings(0), 15));
    cr_expect(eq(sz, expect_of_all_groupings(1), 10));
    cr_expect(eq(sz, expect_of_all_groupings(2), 8));
}
