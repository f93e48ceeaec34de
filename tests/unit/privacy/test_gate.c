// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"
#include "privacy/choose.h"
#include "privacy/gauss.h"
#include "support/property.h"
#include "unit/privacy/gate_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <mpfr.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEED = 20260201 };

static const uint32_t CELLS[] = {0, 3, 70000, 1, 0, UINT32_MAX};

#define N_CELLS (sizeof CELLS / sizeof CELLS[0])

static const int64_t MODEL[N_CELLS] = {0, 3072, 71680000, 0, 5, 4398046510080};

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(gate, .fini = free_mpfr_caches);

/* The noise that a gate with this seed draws first. */
static void first_noise(int64_t *noise, size_t n, const struct sil_sigma2 *sigma2)
{
    struct sil_gauss *gauss;
    struct sil_rng *rng = seeded_rng(SEED);
    cr_assert(eq(int, sil_gauss_new(&gauss, sigma2, n, NULL), SIL_OK));
    sil_gauss_draw(gauss, rng, noise, n);
    sil_gauss_free(gauss);
    sil_rng_free(rng);
}

Test(gate, measures_the_counts_plus_the_sampler_s_noise_and_logs_it)
{
    struct kit kit = kit_open("1", SIL_ADD_REMOVE, 1, SEED);
    struct sil_counts *counts = kit_counts(2, CELLS, N_CELLS);
    struct sil_sigma2 sigma2 = kit_sigma2("25/4");
    const struct sil_release *release;
    int64_t noise[N_CELLS];

    cr_assert(
        eq(int, sil_gate_measure(kit.gate, counts, &sigma2, &release, NULL), SIL_OK));

    first_noise(noise, N_CELLS, &sigma2);
    cr_assert(eq(int, release->kind, SIL_RELEASE_MEASURE));
    cr_assert(eq(sz, release->n_cells, N_CELLS));
    cr_expect(eq(u32, release->shift, 5));
    cr_expect(eq(u64, release->sensitivity, 1));
    cr_expect(eq(u32, release->clique.n, 1));
    cr_expect(eq(u32, release->clique.attr[0], 2));
    cr_expect(mpq_equal(release->sigma2.v, sigma2.v) != 0);
    for (size_t i = 0; i < N_CELLS; i++) {
        cr_expect(eq(i64, release->noisy[i], ((int64_t)CELLS[i] << 5) + noise[i]));
    }
    cr_expect(eq(sz, sil_gate_n_releases(kit.gate), 1));
    cr_expect(sil_gate_release(kit.gate, 0) == release);

    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

static const struct {
    const char *name;
    enum sil_neighbours neighbours;
    uint32_t rows;
    const char *measure; /* cost at sigma2 = 25/4 */
    uint64_t squared;
    uint64_t score; /* Delta at a largest weight of 3 */
} COSTS[] = {
    {"add or remove a row",      SIL_ADD_REMOVE,  1, "2/25",  1,  3072 },
    {"replace a row",            SIL_REPLACE_ONE, 1, "4/25",  2,  6144 },
    {"a person of four rows",    SIL_ADD_REMOVE,  4, "32/25", 16, 12288},
    {"a person of three, other", SIL_REPLACE_ONE, 3, "36/25", 18, 18432},
};

Test(gate, charges_by_its_neighbours_and_rows_a_person)
{
    for (size_t i = 0; i < sizeof COSTS / sizeof COSTS[0]; i++) {
        struct kit kit = kit_open("100", COSTS[i].neighbours, COSTS[i].rows, SEED);
        struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);
        struct sil_sigma2 sigma2 = kit_sigma2("25/4");
        struct sil_epsilon epsilon = kit_epsilon("1/5");
        const struct sil_candidate candidates[] = {
            {.counts = counts, .model = MODEL, .penalty = 7, .weight = 2},
            {.counts = counts, .model = MODEL, .penalty = 0, .weight = 3}
        };
        const struct sil_release *release;
        struct sil_rho want;
        size_t chosen;
        sil_rho_init(&want);

        cr_assert(eq(int, sil_gate_measure(kit.gate, counts, &sigma2, &release, NULL),
                     SIL_OK));
        kit_set(want.v, COSTS[i].measure);
        cr_expect(mpq_equal(release->rho.v, want.v) != 0, "%s", COSTS[i].name);
        cr_expect(kit_has_spent(kit.gate, COSTS[i].measure), "%s", COSTS[i].name);
        cr_expect(eq(u64, release->sensitivity, COSTS[i].squared), "%s", COSTS[i].name);
        cr_expect(eq(u64, sil_gate_sensitivity_squared(kit.gate), COSTS[i].squared));

        cr_assert(eq(int,
                     sil_gate_select(kit.gate, candidates, 2, &epsilon, &chosen, NULL),
                     SIL_OK));
        release = sil_gate_release(kit.gate, 1);
        cr_expect(eq(u64, release->sensitivity, COSTS[i].score), "%s", COSTS[i].name);
        cr_expect(zero(int, mpq_cmp_ui(release->rho.v, 1, 200)), "%s", COSTS[i].name);
        cr_expect(eq(int, sil_gate_neighbours(kit.gate), COSTS[i].neighbours));

        sil_rho_clear(&want);
        sil_epsilon_clear(&epsilon);
        sil_sigma2_clear(&sigma2);
        sil_counts_free(counts);
        sil_gate_close(kit.gate);
    }
}

Test(gate, spends_its_cap_to_the_last_and_then_refuses)
{
    struct kit kit = kit_open("1/3", SIL_ADD_REMOVE, 1, SEED);
    struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);
    struct sil_sigma2 sigma2 = kit_sigma2("6");
    struct sil_rho rest;
    sil_rho_init(&rest);

    for (int i = 0; i < 4; i++) {
        cr_expect(
            eq(int, sil_gate_measure(kit.gate, counts, &sigma2, NULL, NULL), SIL_OK));
    }
    cr_expect(eq(int, sil_gate_measure(kit.gate, counts, &sigma2, NULL, NULL),
                 SIL_ERR_BUDGET));

    sil_gate_remaining(&rest, kit.gate);
    cr_expect(zero(int, mpq_sgn(rest.v)));
    sil_gate_cap(&rest, kit.gate);
    cr_expect(zero(int, mpq_cmp_ui(rest.v, 1, 3)));
    cr_expect(eq(sz, sil_gate_n_releases(kit.gate), 4));
    sil_rho_clear(&rest);
    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

/* Charged before drawn: had the noise come first, the generator would have moved. */
Test(gate, draws_nothing_and_changes_nothing_when_a_measurement_is_refused)
{
    struct kit kit = kit_open("2/25", SIL_REPLACE_ONE, 1, SEED);
    struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);
    struct sil_sigma2 sigma2 = kit_sigma2("25/4");
    const struct sil_release *release = NULL;

    sil_status status = sil_gate_measure(kit.gate, counts, &sigma2, &release, NULL);

    cr_expect(eq(int, status, SIL_ERR_BUDGET));
    cr_expect(release == NULL);
    cr_expect(kit_has_spent(kit.gate, "0"));
    cr_expect(zero(sz, sil_gate_n_releases(kit.gate)));
    cr_expect(kit_drew_nothing(&kit, SEED));
    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

Test(gate, draws_nothing_and_changes_nothing_when_a_selection_is_refused)
{
    struct kit kit = kit_open("1/8", SIL_ADD_REMOVE, 1, SEED);
    struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);
    struct sil_epsilon epsilon = kit_epsilon("1000001/1000000");
    const struct sil_candidate candidates[] = {
        {.counts = counts, .model = MODEL, .penalty = 0, .weight = 1},
        {.counts = counts, .model = MODEL, .penalty = 1, .weight = 1}
    };
    size_t chosen = 99;

    sil_status status =
        sil_gate_select(kit.gate, candidates, 2, &epsilon, &chosen, NULL);

    cr_expect(eq(int, status, SIL_ERR_BUDGET));
    cr_expect(eq(sz, chosen, 99));
    cr_expect(kit_has_spent(kit.gate, "0"));
    cr_expect(zero(sz, sil_gate_n_releases(kit.gate)));
    cr_expect(kit_drew_nothing(&kit, SEED));
    sil_epsilon_clear(&epsilon);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

Test(gate, refuses_a_variance_out_of_range_before_it_charges)
{
    static const char *const SIGMA2[] = {"0", "-1", "1/1099511627777", "1000000000001"};
    struct kit kit = kit_open("1000000000000000", SIL_ADD_REMOVE, 1, SEED);
    struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);

    for (size_t i = 0; i < sizeof SIGMA2 / sizeof SIGMA2[0]; i++) {
        struct sil_sigma2 sigma2 = kit_sigma2(SIGMA2[i]);
        cr_expect(eq(int, sil_gate_measure(kit.gate, counts, &sigma2, NULL, NULL),
                     SIL_ERR_USAGE),
                  "%s", SIGMA2[i]);
        sil_sigma2_clear(&sigma2);
    }

    cr_expect(kit_has_spent(kit.gate, "0"));
    cr_expect(kit_drew_nothing(&kit, SEED));
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

static const int64_t NEGATIVE[N_CELLS] = {0, 0, 0, 0, 0, -1};
static const int64_t TOO_LARGE[N_CELLS] = {0, ((int64_t)1 << 45) + 1, 0, 0, 0, 0};
static const int64_t LARGEST[N_CELLS] = {(int64_t)1 << 45, 0, 0, 0, 0, 0};

static const struct {
    const char *name;
    const int64_t *model;
    int64_t penalty;
    uint32_t weight;
    const char *epsilon;
    sil_status want;
} SELECTIONS[] = {
    {"a negative model value",   NEGATIVE,  0,                      1,              "1",  SIL_ERR_USAGE},
    {"a model value above 2^45", TOO_LARGE, 0,                      1,              "1",  SIL_ERR_USAGE},
    {"a negative penalty",       MODEL,     -1,                     1,              "1",  SIL_ERR_USAGE},
    {"a penalty above 2^62",     MODEL,     ((int64_t)1 << 62) + 1, 1,              "1",  SIL_ERR_USAGE},
    {"a weight of 0",            MODEL,     0,                      0,              "1",  SIL_ERR_USAGE},
    {"a weight above 2^20",      MODEL,     0,                      (1U << 20) + 1, "1",  SIL_ERR_USAGE},
    {"an epsilon of 0",          MODEL,     0,                      1,              "0",  SIL_ERR_USAGE},
    {"a negative epsilon",       MODEL,     0,                      1,              "-1", SIL_ERR_USAGE},
    {"all at their limits",      LARGEST,   (int64_t)1 << 62,       1U << 20,       "1",  SIL_OK       },
};

Test(gate, checks_every_candidate_before_it_charges)
{
    for (size_t i = 0; i < sizeof SELECTIONS / sizeof SELECTIONS[0]; i++) {
        struct kit kit = kit_open("100", SIL_ADD_REMOVE, 1, SEED);
        struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);
        struct sil_epsilon epsilon = kit_epsilon(SELECTIONS[i].epsilon);
        const struct sil_candidate candidates[] = {
            {.counts = counts, .model = MODEL, .penalty = 0, .weight = 1},
            {.counts = counts,
             .model = SELECTIONS[i].model,
             .penalty = SELECTIONS[i].penalty,
             .weight = SELECTIONS[i].weight                             }
        };
        size_t chosen;

        sil_status status =
            sil_gate_select(kit.gate, candidates, 2, &epsilon, &chosen, NULL);

        cr_expect(eq(int, status, SELECTIONS[i].want), "%s", SELECTIONS[i].name);
        cr_expect(kit_has_spent(kit.gate, status == SIL_OK ? "1/8" : "0"), "%s",
                  SELECTIONS[i].name);
        sil_epsilon_clear(&epsilon);
        sil_counts_free(counts);
        sil_gate_close(kit.gate);
    }
}

Test(gate, refuses_to_select_from_nothing)
{
    struct kit kit = kit_open("1", SIL_ADD_REMOVE, 1, SEED);
    struct sil_epsilon epsilon = kit_epsilon("1");
    size_t chosen;

    cr_expect(eq(int, sil_gate_select(kit.gate, NULL, 0, &epsilon, &chosen, NULL),
                 SIL_ERR_USAGE));

    cr_expect(kit_has_spent(kit.gate, "0"));
    sil_epsilon_clear(&epsilon);
    sil_gate_close(kit.gate);
}

/* Scores by the definition, one cell after the other, in 128 bits. */
static sil_i128 plain_score(const struct sil_candidate *candidate)
{
    sil_i128 sum = 0;
    for (size_t i = 0; i < candidate->counts->n_cells; i++) {
        sil_i128 difference =
            (sil_i128)candidate->counts->cell[i] * 1024 - candidate->model[i];
        sum += difference < 0 ? -difference : difference;
    }
    return candidate->weight * (sum - candidate->penalty);
}

/* The gate against the mechanism called by hand with epsilon / (2 Delta): the same seed
 * must give the same choices, so many that a scale off by a hundredth parts them. */
Test(gate, selects_by_the_exponential_mechanism_with_half_epsilon_over_delta)
{
    enum { N = 5, CHOICES = 8000 };

    static const uint32_t COUNT[N][2] = {
        {10, 4},
        {9,  4},
        {7,  5},
        {7,  3},
        {0,  8}
    };
    static const int64_t GUESS[2] = {1024, 4096};
    struct kit kit = kit_open("10000", SIL_REPLACE_ONE, 2, SEED);
    struct sil_rng *rng = seeded_rng(SEED);
    struct sil_epsilon epsilon = kit_epsilon("9/10");
    struct sil_candidate candidates[N];
    struct sil_counts *counts[N];
    sil_i128 score[N];
    mpq_t scale;
    mpq_init(scale);
    for (uint32_t i = 0; i < N; i++) {
        counts[i] = kit_counts(i, COUNT[i], 2);
        candidates[i] = (struct sil_candidate){.counts = counts[i],
                                               .model = GUESS,
                                               .penalty = 500 * i,
                                               .weight = 1 + i % 3};
        score[i] = plain_score(&candidates[i]);
    }
    /* Delta = 2^10 * 2 K * largest weight = 1024 * 4 * 3, twice that below epsilon. */
    mpq_set_ui(scale, 9, 10 * 2 * 1024 * 4 * 3);
    mpq_canonicalize(scale);

    size_t seen[N] = {0};
    for (int k = 0; k < CHOICES; k++) {
        size_t ours = N;
        size_t want = N;
        sil_status status =
            sil_gate_select(kit.gate, candidates, N, &epsilon, &ours, NULL);
        cr_assert(eq(int, status, SIL_OK));
        cr_assert(eq(int, sil_choose(&want, score, N, scale, rng, NULL), SIL_OK));
        cr_expect(eq(sz, ours, want), "choice %d", k);
        seen[ours]++;
    }

    for (size_t i = 0; i < N; i++) {
        cr_expect(gt(sz, seen[i], 10), "every candidate has its chance");
        sil_counts_free(counts[i]);
    }
    const struct sil_release *last = sil_gate_release(kit.gate, CHOICES - 1);
    cr_expect(eq(int, last->kind, SIL_RELEASE_SELECT));
    cr_expect(eq(sz, last->n_candidates, N));
    cr_expect(eq(u32, last->clique.attr[0], (uint32_t)last->chosen));
    cr_expect(mpq_equal(last->epsilon.v, epsilon.v) != 0);
    cr_expect(kit_has_spent(kit.gate, "810")); /* 8000 (9/10)^2 / 8 */
    mpq_clear(scale);
    sil_epsilon_clear(&epsilon);
    sil_rng_free(rng);
    sil_gate_close(kit.gate);
}

Test(gate, leaves_noisy_counts_signed_and_without_bias)
{
    enum { N = 40000 };
    struct kit kit = kit_open("1", SIL_ADD_REMOVE, 1, SEED);
    uint32_t *zeros = calloc(N, sizeof *zeros);
    struct sil_counts *counts = kit_counts(0, zeros, N);
    struct sil_sigma2 sigma2 = kit_sigma2("100");
    const struct sil_release *release;

    cr_assert(
        eq(int, sil_gate_measure(kit.gate, counts, &sigma2, &release, NULL), SIL_OK));

    double sum = 0;
    double squares = 0;
    size_t negative = 0;
    for (size_t i = 0; i < N; i++) {
        double value = ldexp((double)release->noisy[i], -(int)release->shift);
        sum += value;
        squares += value * value;
        negative += release->noisy[i] < 0;
    }
    /* Five standard errors: of the mean 10/sqrt(N), of the variance 100 sqrt(2/N). */
    cr_expect(lt(dbl, fabs(sum / N), 5 * 10 / sqrt(N)));
    cr_expect(lt(dbl, fabs(squares / N - 100), 5 * 100 * sqrt(2.0 / N)));
    cr_expect(gt(sz, negative, N / 3));
    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    free(zeros);
    sil_gate_close(kit.gate);
}

/* Two measurements must not share noise: equal noise would cancel in the difference. */
Test(gate, draws_fresh_noise_for_every_measurement)
{
    enum { N = 4096, ROUNDS = 20 };
    struct kit kit = kit_open("1000", SIL_ADD_REMOVE, 1, SEED);
    uint32_t *zeros = calloc(N, sizeof *zeros);
    struct sil_counts *counts = kit_counts(0, zeros, N);
    struct sil_sigma2 sigma2 = kit_sigma2("100");

    for (int k = 0; k < ROUNDS; k++) {
        cr_assert(
            eq(int, sil_gate_measure(kit.gate, counts, &sigma2, NULL, NULL), SIL_OK));
    }

    for (size_t a = 0; a < ROUNDS; a++) {
        for (size_t b = 0; b < a; b++) {
            const int64_t *first = sil_gate_release(kit.gate, a)->noisy;
            const int64_t *second = sil_gate_release(kit.gate, b)->noisy;
            size_t equal = 0;
            for (size_t i = 0; i < N; i++) {
                equal += first[i] == second[i];
            }
            cr_expect(lt(sz, equal, N / 16), "releases %zu and %zu", a, b);
        }
    }
    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    free(zeros);
    sil_gate_close(kit.gate);
}

Test(gate, keeps_each_variance_apart_however_many_there_are)
{
    static const char *const SIGMA2[] = {"1", "4", "16", "64", "256", "1024", "4096"};

    enum { N = 7 };
    struct kit kit = kit_open("1000", SIL_ADD_REMOVE, 1, SEED);
    struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);
    struct sil_rng *rng = seeded_rng(SEED);

    for (size_t k = 0; k < 3 * N; k++) {
        struct sil_sigma2 sigma2 = kit_sigma2(SIGMA2[k * k % N]);
        const struct sil_release *release;
        struct sil_gauss *gauss;
        int64_t noise[N_CELLS];
        cr_assert(eq(int, sil_gauss_new(&gauss, &sigma2, N_CELLS, NULL), SIL_OK));
        sil_gauss_draw(gauss, rng, noise, N_CELLS);

        sil_status status = sil_gate_measure(kit.gate, counts, &sigma2, &release, NULL);

        cr_assert(eq(int, status, SIL_OK));
        cr_expect(eq(u32, release->shift, sil_gauss_shift(gauss)));
        cr_expect(eq(i64, release->noisy[0], noise[0]), "call %zu", k);
        sil_gauss_free(gauss);
        sil_sigma2_clear(&sigma2);
    }

    sil_rng_free(rng);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

Test(gate, opens_once_with_a_token)
{
    struct kit kit = kit_open("1", SIL_ADD_REMOVE, 1, SEED);
    struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);
    struct sil_sigma2 sigma2 = kit_sigma2("1");
    struct sil_gate *second;

    sil_status status = sil_gate_open(&second, kit.token, seeded_rng(2), NULL);

    cr_expect(eq(int, status, SIL_ERR_BUDGET));
    cr_expect(zero(ptr, second));
    cr_expect(eq(int, sil_gate_measure(kit.gate, counts, &sigma2, NULL, NULL), SIL_OK),
              "the first gate works on");
    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

Test(gate, tells_whether_a_ledger_stands_behind_it)
{
    struct kit kit = kit_open("1", SIL_ADD_REMOVE, 1, SEED);
    struct sil_token *token;
    struct sil_gate *gate;
    struct sil_rho cap;
    sil_rho_init(&cap);

    cr_assert(
        eq(int, sil_token_new(&token, &cap, SIL_ADD_REMOVE, 1, false, NULL), SIL_OK));
    cr_assert(eq(int, sil_gate_open(&gate, token, seeded_rng(2), NULL), SIL_OK));

    cr_expect(sil_gate_is_ledgered(kit.gate));
    cr_expect(not(sil_gate_is_ledgered(gate)));
    sil_rho_clear(&cap);
    sil_gate_close(gate);
    sil_gate_close(kit.gate);
}

/* What a forked child sees: 0 when the gate refuses all it may ask. */
static int ask_from_child(struct kit *kit, const struct sil_counts *counts)
{
    struct sil_sigma2 sigma2 = kit_sigma2("25/4");
    struct sil_epsilon epsilon = kit_epsilon("1");
    const struct sil_candidate candidate = {
        .counts = counts, .model = MODEL, .penalty = 0, .weight = 1};
    size_t chosen;
    int wrong = 0;
    wrong += sil_gate_measure(kit->gate, counts, &sigma2, NULL, NULL) != SIL_ERR_BUDGET;
    wrong += sil_gate_select(kit->gate, &candidate, 1, &epsilon, &chosen, NULL) !=
             SIL_ERR_BUDGET;
    wrong += !kit_has_spent(kit->gate, "0");
    wrong += sil_gate_neighbours(kit->gate) != SIL_REPLACE_ONE;
    wrong += sil_gate_sensitivity_squared(kit->gate) != 2;
    sil_epsilon_clear(&epsilon);
    sil_sigma2_clear(&sigma2);
    sil_gate_close(kit->gate);
    return wrong;
}

Test(gate, refuses_a_forked_child)
{
    struct kit kit = kit_open("1", SIL_REPLACE_ONE, 1, SEED);
    struct sil_counts *counts = kit_counts(0, CELLS, N_CELLS);
    struct sil_sigma2 sigma2 = kit_sigma2("25/4");

    pid_t child = fork();
    if (child == 0) {
        _exit(ask_from_child(&kit, counts));
    }
    int result = -1;
    cr_assert(eq(int, waitpid(child, &result, 0), child));

    cr_expect(zero(int, result), "the child was served");
    cr_expect(eq(int, sil_gate_measure(kit.gate, counts, &sigma2, NULL, NULL), SIL_OK),
              "the parent is served");
    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

Test(gate, does_not_open_for_a_forked_child)
{
    struct sil_token *token;
    struct sil_rho cap;
    sil_rho_init(&cap);
    mpq_set_ui(cap.v, 1, 1);
    cr_assert(
        eq(int, sil_token_new(&token, &cap, SIL_ADD_REMOVE, 1, true, NULL), SIL_OK));

    pid_t child = fork();
    if (child == 0) {
        struct sil_gate *gate;
        _exit(sil_gate_open(&gate, token, seeded_rng(2), NULL) == SIL_ERR_BUDGET ? 0
                                                                                 : 1);
    }
    int result = -1;
    cr_assert(eq(int, waitpid(child, &result, 0), child));

    cr_expect(zero(int, result), "the child opened it");
    sil_token_free(token);
    sil_rho_clear(&cap);
}

Test(gate, may_be_closed_when_it_never_was)
{
    sil_gate_close(NULL);
}
