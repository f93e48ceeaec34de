// SPDX-License-Identifier: Apache-2.0
/* The choice against the exponential mechanism, by both routes, and against
 * permute-and-flip, which it must not be. Each check raises a false alarm with
 * probability 2e-6 for a seed drawn at random; the seeds are fixed. */
#include "privacy/choose.h"
#include "privacy/choose_internal.h"
#include "support/chi_square.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "support/vectors.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>

enum { MAX_CANDIDATES = 8 };

struct contest {
    size_t n;
    sil_i128 score[MAX_CANDIDATES];
    mpq_t scale;
};

/* Vectors e: scores, epsilon, and sensitivity 1. */
static void contest_init(struct contest *contest, const json_t *vector)
{
    const json_t *scores = vectors_member(vector, "scores");
    contest->n = json_array_size(scores);
    cr_assert(ge(sz, contest->n, 2));
    cr_assert(le(sz, contest->n, MAX_CANDIDATES));
    for (size_t i = 0; i < contest->n; i++) {
        contest->score[i] = json_integer_value(json_array_get(scores, i));
    }
    mpq_init(contest->scale);
    vectors_rational(contest->scale, vector, "eps");
    mpq_div_2exp(contest->scale, contest->scale, 1);
}

/* width 0 stands for the route by rejection. */
static void run(uint64_t *count, const struct contest *contest, unsigned width,
                struct sil_rng *rng)
{
    size_t n_draws = width == 0 || width == 64 ? 60000 : 12000;
    struct sil_contest in = {contest->score, contest->n, contest->scale};
    for (size_t i = 0; i < n_draws; i++) {
        size_t chosen = MAX_CANDIDATES;
        if (width == 0) {
            chosen = sil_choose_by_rejection(&in, rng);
        } else {
            sil_status status = sil_choose_from_width(&chosen, &in, rng, width, NULL);
            cr_assert(eq(int, status, SIL_OK));
        }
        cr_assert(lt(sz, chosen, contest->n));
        count[chosen]++;
    }
}

static struct chi_square against(const uint64_t *count, const json_t *vector,
                                 const char *law, size_t n)
{
    double probability[MAX_CANDIDATES];
    const json_t *known = vectors_member(vector, law);
    cr_assert(eq(sz, json_array_size(known), n));
    for (size_t i = 0; i < n; i++) {
        probability[i] = strtod(json_string_value(json_array_get(known, i)), NULL);
    }
    return chi_square_fit(count, probability, n - 1);
}

Test(choose_law, is_the_exponential_mechanism_and_not_permute_and_flip)
{
    static const unsigned WIDTH[] = {64, 0, 3, 4, 5, 6, 7};
    json_t *vectors = vectors_load("e");
    struct sil_rng *rng = seeded_rng(test_seed(300));
    cr_assert(eq(sz, json_array_size(vectors), 3));
    for (size_t v = 0; v < json_array_size(vectors); v++) {
        const json_t *vector = json_array_get(vectors, v);
        struct contest contest;
        contest_init(&contest, vector);
        for (size_t w = 0; w < sizeof WIDTH / sizeof WIDTH[0]; w++) {
            uint64_t count[MAX_CANDIDATES] = {0};

            run(count, &contest, WIDTH[w], rng);

            struct chi_square mechanism = against(count, vector, "exp_mech", contest.n);
            struct chi_square other =
                against(count, vector, "permute_and_flip", contest.n);
            cr_expect(chi_square_passes("exponential mechanism", mechanism),
                      "vector %zu, width %u", v, WIDTH[w]);
            cr_expect(lt(dbl, other.p, 1e-12), "vector %zu, width %u", v, WIDTH[w]);
        }
        mpq_clear(contest.scale);
    }
    json_decref(vectors);
    sil_rng_free(rng);
}

/* Many candidates with ties and gaps: inversion and rejection are one law. */
Test(choose_law, inversion_and_rejection_agree)
{
    enum { N = 30, DRAWS = 20000 };

    sil_i128 score[N];
    uint64_t inverted[N] = {0};
    uint64_t rejected[N] = {0};
    struct sil_rng *rng = seeded_rng(test_seed(301));
    mpq_t scale;
    mpq_init(scale);
    mpq_set_ui(scale, 1, 7);
    for (size_t i = 0; i < N; i++) {
        score[i] = (sil_i128)((i * 37) % 23) - ((sil_i128)1 << 90);
    }

    struct sil_contest in = {score, N, scale};
    for (size_t i = 0; i < DRAWS; i++) {
        size_t chosen;
        cr_assert(eq(int, sil_choose(&chosen, score, N, scale, rng, NULL), SIL_OK));
        inverted[chosen]++;
        rejected[sil_choose_by_rejection(&in, rng)]++;
    }

    cr_expect(
        chi_square_passes("two routes", chi_square_two_samples(inverted, rejected, N)));
    mpq_clear(scale);
    sil_rng_free(rng);
}

/* How often candidate 0 of two wins, and the standard error of the log of that share. */
static double log_share(const sil_i128 *score, size_t which, double *error,
                        struct sil_rng *rng)
{
    enum { DRAWS = 60000 };

    size_t n_won = 0;
    mpq_t scale;
    mpq_init(scale);
    mpq_set_ui(scale, 1, 2);
    for (size_t i = 0; i < DRAWS; i++) {
        size_t chosen;
        cr_assert(eq(int, sil_choose(&chosen, score, 2, scale, rng, NULL), SIL_OK));
        n_won += chosen == which;
    }
    mpq_clear(scale);
    double share = (double)n_won / DRAWS;
    *error = sqrt((1.0 - share) / (share * DRAWS));
    return log(share);
}

/* Vector e3: scores (0, 0) and (1, -1) on neighbours, one up and one down. With the
 * factor 1/2 the two log ratios are apart by epsilon = 1, the bounded range that the
 * charge of epsilon^2 / 8 needs; with the factor 1 that monotone scores would allow they
 * are apart by 2. */
Test(choose_law, log_ratios_between_neighbours_range_over_epsilon)
{
    static const sil_i128 HERE[] = {0, 0};
    static const sil_i128 THERE[] = {1, -1};
    json_t *vectors = vectors_load("e3");
    const json_t *half = vectors_member(vectors, "c=1/2");
    struct sil_rng *rng = seeded_rng(test_seed(302));
    double error[4];

    double loss_a =
        log_share(THERE, 0, &error[0], rng) - log_share(HERE, 0, &error[1], rng);
    double loss_b =
        log_share(THERE, 1, &error[2], rng) - log_share(HERE, 1, &error[3], rng);

    double error_a = hypot(error[0], error[1]);
    double error_b = hypot(error[2], error[3]);
    cr_expect(lt(dbl, fabs(loss_a - vectors_real(half, "loss_A")), 5.0 * error_a));
    cr_expect(lt(dbl, fabs(loss_b - vectors_real(half, "loss_B")), 5.0 * error_b));
    cr_expect(lt(dbl, fabs(loss_a - loss_b - 1.0), 5.0 * (error_a + error_b)));
    json_decref(vectors);
    sil_rng_free(rng);
}
