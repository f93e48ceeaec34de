// SPDX-License-Identifier: Apache-2.0
/* How well marginals tell membership where that can be calculated: one rare record, alone in
 * its cell of three marginals under Gaussian noise of mu-GDP in all. Whoever sees the noisy
 * counts has an AUC of Phi(mu / sqrt 2); whoever sees rows drawn from them has less, and the
 * more rows the closer. Seeds are fixed. */
#include "audits/attack/cliques.h"
#include "audits/attack/steps.h"
#include "audits/stats/special.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>

enum { MARGINALS = 3, MEMBERS = 1000, TRIALS = 3000 };

static double uniform(struct test_random *random)
{
    return ((double)(test_word(random) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct test_random *random)
{
    return aud_normal_quantile(uniform(random));
}

/* Knuth's way; a normal law where the mean is large. */
static double poisson(struct test_random *random, double mean)
{
    if (mean > 500) {
        return fmax(0, round(mean + sqrt(mean) * normal(random)));
    }
    double k = 0;
    for (double product = uniform(random); product > exp(-mean); k++) {
        product *= uniform(random);
    }
    return k;
}

/* The score of the record, whose three cells hold no other of the pool: `times` as many rows
 * as members are drawn from the noisy counts, of which negative ones are taken for 0. */
static double score_once(struct test_random *random, double mu, double times,
                         bool is_member)
{
    const double variance = MARGINALS / (mu * mu);
    double score[AUD_FILTERS] = {0};
    double *list[AUD_FILTERS] = {&score[0], &score[1], &score[2]};
    uint32_t cell = 0;
    for (int i = 0; i < MARGINALS; i++) {
        double noisy = is_member + sqrt(variance) * normal(random);
        uint32_t pool = 1;
        uint32_t made = (uint32_t)poisson(random, fmax(0, noisy) * times);
        struct aud_clique_counts counts = {.pool = &pool,
                                           .rows = &made,
                                           .n_members = MEMBERS,
                                           .n_pool = 2 * MEMBERS,
                                           .n_rows = (size_t)(MEMBERS * times),
                                           .variance = variance};
        aud_score_clique(list, &counts, &cell, 1);
    }
    return score[AUD_FILTER_MATCHED];
}

static double auc_of(double mu, double times)
{
    struct test_random random = {7};
    static double score[2][TRIALS];
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < TRIALS; i++) {
            score[side][i] = score_once(&random, mu, times, side == 0);
        }
        aud_sort_doubles(score[side], TRIALS);
    }
    return aud_auc(score[0], TRIALS, score[1], TRIALS, 0.05).auc;
}

/* mu of zCDP that claims (1, 1e-6), (4, 1e-6), (10, 1e-6); the AUC of independent simulations
 * with 1, 10 and 100 times as many rows as members, of a few hundred trials each. In those
 * many empty cells beside the record's are cut off at 0 too, and their rows dilute it: with
 * little noise they see less. */
static const struct power {
    double mu, auc[3];
} POWERS[] = {
    {0.2207, {0.528, 0.546, 0.558}},
    {0.7888, {0.649, 0.673, 0.692}},
    {1.7546, {0.768, 0.832, 0.831}},
};

Test(audit_attack_power, a_rare_record_is_told_as_well_as_simulations_say)
{
    static const double TIMES[] = {1, 10, 100};
    for (size_t i = 0; i < 3; i++) {
        double limit = aud_normal_cdf(POWERS[i].mu / sqrt(2));
        double before = 0.5;
        for (size_t k = 0; k < 3; k++) {
            double auc = auc_of(POWERS[i].mu, TIMES[k]);
            cr_expect(ge(dbl, auc, POWERS[i].auc[k] - 0.03),
                      "mu %g, %g times: %.3f, not %.3f", POWERS[i].mu, TIMES[k], auc,
                      POWERS[i].auc[k]);
            cr_expect(le(dbl, auc, POWERS[i].auc[k] + 0.06),
                      "mu %g, %g times: %.3f, not %.3f", POWERS[i].mu, TIMES[k], auc,
                      POWERS[i].auc[k]);
            cr_expect(le(dbl, auc, limit + 0.02), "more than there is to be seen: %.3f",
                      auc);
            cr_expect(ge(dbl, auc, before - 0.02), "more rows tell less: %.3f", auc);
            before = auc;
        }
    }
}

/* The same record by whoever sees the noisy counts themselves, in steps of 2^-10. */
static double white_box_once(struct test_random *random, double mu, bool is_member)
{
    const double variance = MARGINALS / (mu * mu);
    const uint32_t cell = 0;
    const uint32_t pool = 1;
    double score = 0;
    for (int i = 0; i < MARGINALS; i++) {
        double noisy = is_member + sqrt(variance) * normal(random);
        int64_t steps = llround(ldexp(noisy, 10));
        aud_score_noisy(&score,
                        &(struct aud_noisy_counts){.pool = &pool,
                                                   .noisy = &steps,
                                                   .shift = 10,
                                                   .n_members = MEMBERS,
                                                   .n_pool = 2 * MEMBERS,
                                                   .variance = variance},
                        &cell, 1);
    }
    return score;
}

/* Scores are normal with means -mu^2 / 2 and mu^2 / 2 and variance mu^2: theory is exact. Five
 * standard errors of an AUC of TRIALS on a side, and of a mean. */
Test(audit_attack_power, noisy_counts_tell_a_rare_record_as_theory_says)
{
    struct test_random random = {11};
    static double score[2][TRIALS];
    for (size_t k = 0; k < sizeof POWERS / sizeof POWERS[0]; k++) {
        const double mu = POWERS[k].mu;
        double mean[2] = {0, 0};
        for (int side = 0; side < 2; side++) {
            for (size_t i = 0; i < TRIALS; i++) {
                score[side][i] = white_box_once(&random, mu, side == 0);
                mean[side] += score[side][i] / TRIALS;
            }
            aud_sort_doubles(score[side], TRIALS);
        }
        const double theory = aud_normal_cdf(mu / sqrt(2));
        const double auc = aud_auc(score[0], TRIALS, score[1], TRIALS, 0.05).auc;
        const double apart = 5 * mu / sqrt(TRIALS);
        cr_expect(epsilon_eq(dbl, auc, theory, 5 * 0.0075), "mu %g: %.4f, not %.4f", mu,
                  auc, theory);
        cr_expect(epsilon_eq(dbl, mean[0], mu * mu / 2, apart));
        cr_expect(epsilon_eq(dbl, mean[1], -mu * mu / 2, apart));
    }
}

/* Of a cell with 101 of the pool, half of which are members by lot, the count says so much
 * less: 25 is added to the variance, and 50 are expected without the record. */
Test(audit_attack_power, others_in_a_cell_add_to_its_noise)
{
    const uint32_t cell[2] = {1, 0};
    const uint32_t pool[2] = {1, 101};
    const int64_t noisy[2] = {2 * 4, 53 * 4};
    double score[2] = {1, 0};
    const struct aud_noisy_counts counts = {.pool = pool,
                                            .noisy = noisy,
                                            .shift = 2,
                                            .n_members = 100,
                                            .n_pool = 200,
                                            .variance = 5};
    aud_score_noisy(score, &counts, cell, 2);
    cr_expect(ieee_ulp_eq(dbl, score[0], 1 + (53 - 50 - 0.5) / 30, 4));
    cr_expect(ieee_ulp_eq(dbl, score[1], (2 - 0.5) / 5, 4));
}

/* Four records share a cell of the pool, two of them members: then nobody can be told, and in
 * an even noisier one neither. */
Test(audit_attack_power, records_of_one_cell_are_not_told_apart)
{
    double score[AUD_FILTERS][4] = {{0}};
    double *list[AUD_FILTERS] = {score[0], score[1], score[2]};
    const uint32_t cell[4] = {0, 0, 0, 0};
    const uint32_t pool = 4;
    const uint32_t made = 3;
    struct aud_clique_counts counts = {.pool = &pool,
                                       .rows = &made,
                                       .n_members = 2,
                                       .n_pool = 4,
                                       .n_rows = 3,
                                       .variance = 1};
    aud_score_clique(list, &counts, cell, 4);
    for (int f = 0; f < AUD_FILTERS; f++) {
        for (int i = 1; i < 4; i++) {
            cr_expect(ieee_ulp_eq(dbl, score[f][i], score[f][0], 1));
        }
    }
}
