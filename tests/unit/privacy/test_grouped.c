// SPDX-License-Identifier: Apache-2.0
#include "privacy/gauss.h"
#include "unit/privacy/gate_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
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

    cr_assert(eq(int, sil_gauss_new(&gauss, &sigma2, NULL), SIL_OK));
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
