// SPDX-License-Identifier: Apache-2.0
/*
 * The gate as an attacker sees it: one canary row is in the table or is not; a selection
 * and a measurement are released; how surely can the two worlds be told apart?
 *
 * For an event E fixed beforehand, (epsilon, delta)-DP forces
 *     P[E | with] <= e^epsilon P[E | without] + delta,
 * so Clopper-Pearson bounds of the two probabilities bound epsilon from below. The events
 * are thresholds of the likelihood ratio, which is the best test there is. Each test
 * bounds all its probabilities at once with confidence 1 - 1e-6 (union bound), so a
 * correct gate fails it for one seed in a million; the seeds are fixed.
 *
 * The controls run the same attack on gates that spend more than is claimed; they must
 * be caught, or the audit proves nothing.
 */
#include "privacy/convert.h"
#include "privacy/cost.h"
#include "unit/privacy/gate_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <mpfr.h>
#include <stdio.h>

enum { N_THRESHOLDS = 24, RUNS_A_GATE = 20000 };

static const double ERROR = 1e-6;
static const double FIRST_THRESHOLD = -1.0;
static const double THRESHOLD_STEP = 0.2;

/* Without: rows (0,0), (0,1), (1,0). With: the canary (1,1) as well. The first candidate's
 * model makes the canary raise its score by 1024, the second's makes it lower it by as
 * much: the widest range a selection can have. Penalties put the first so far behind that
 * its probability rises by a factor of almost e^epsilon. */
static const uint32_t ONE_WAY[2][2] = {
    {2, 1},
    {2, 2}
};
static const uint32_t TWO_WAY[2][4] = {
    {1, 1, 1, 0},
    {1, 1, 1, 1}
};
static const int64_t MODEL_RAISED[2] = {2048, 0};
static const int64_t MODEL_LOWERED[2] = {2048, 9216};
static const int64_t PENALTY_RAISED = 6144;
static const int64_t PENALTY_LOWERED = 8192;
static const double GAP_WITHOUT = 5; /* of the scores, -5120 and 0, in Delta */

/* What the gate is asked to do, and what is claimed about it. */
struct attack {
    const char *epsilon; /* of the selection */
    const char *sigma2;  /* of the measurement; NULL: none is made */
    const char *claimed_rho;
    const char *delta;
    size_t runs;
    double selection[2]; /* log-likelihood ratios of its outcomes: weigh_selection() */
    double precision;    /* 1 / sigma2 */
};

static size_t threshold_below(double statistic)
{
    double index = floor((statistic - FIRST_THRESHOLD) / THRESHOLD_STEP) + 1;
    return index < 0 ? 0 : index > N_THRESHOLDS ? N_THRESHOLDS : (size_t)index;
}

/* ln of P[outcome with] / P[outcome without]: two logistic probabilities. */
static void weigh_selection(struct attack *attack)
{
    double half = strtod(attack->epsilon, NULL) / 2;
    double without = exp(-half * GAP_WITHOUT);
    double with = exp(-half * (GAP_WITHOUT - 2));
    attack->selection[1] = log((1 + without) / (1 + with));
    attack->selection[0] = attack->selection[1] + 2 * half;
}

/* One of the two worlds, and what is asked of its gate. */
struct world {
    struct sil_counts *one_way;
    struct sil_counts *two_way;
    struct sil_epsilon epsilon;
    struct sil_sigma2 sigma2;
};

/* One run: select, measure, and the log-likelihood ratio of what came out. */
static double run_once(struct sil_gate *gate, const struct attack *attack,
                       const struct world *world)
{
    const struct sil_candidate candidates[] = {
        {.counts = world->one_way,
         .model = MODEL_RAISED,
         .penalty = PENALTY_RAISED,
         .weight = 1},
        {.counts = world->one_way,
         .model = MODEL_LOWERED,
         .penalty = PENALTY_LOWERED,
         .weight = 1}
    };
    const struct sil_release *release;
    size_t chosen;
    if (sil_gate_select(gate, candidates, 2, &world->epsilon, &chosen, NULL) !=
        SIL_OK) {
        abort();
    }
    double ratio = attack->selection[chosen];
    if (attack->sigma2 == NULL) {
        return ratio;
    }
    if (sil_gate_measure(gate, world->two_way, &world->sigma2, &release, NULL) !=
        SIL_OK) {
        abort();
    }
    double canary = ldexp((double)release->noisy[3], -(int)release->shift);
    return ratio + (canary - 0.5) * attack->precision;
}

/* exceeds[t]: in how many of the runs the ratio was at least threshold t. */
static void play(size_t exceeds[N_THRESHOLDS], const struct attack *attack,
                 int with_canary, uint64_t seed)
{
    struct world world = {.one_way = kit_counts(0, ONE_WAY[with_canary], 2),
                          .two_way = kit_counts(2, TWO_WAY[with_canary], 4),
                          .epsilon = kit_epsilon(attack->epsilon),
                          .sigma2 = kit_sigma2(attack->sigma2 ? attack->sigma2 : "1")};
    size_t falls[N_THRESHOLDS + 1] = {0};

    for (size_t done = 0; done < attack->runs; done += RUNS_A_GATE) {
        struct kit kit = kit_open("1000000000", SIL_ADD_REMOVE, 1, seed + done);
        for (size_t i = 0; i < RUNS_A_GATE; i++) {
            falls[threshold_below(run_once(kit.gate, attack, &world))]++;
        }
        sil_gate_close(kit.gate);
    }

    size_t above = 0;
    for (size_t t = N_THRESHOLDS; t > 0; t--) {
        above += falls[t];
        exceeds[t - 1] = above;
    }
    sil_sigma2_clear(&world.sigma2);
    sil_epsilon_clear(&world.epsilon);
    sil_counts_free(world.two_way);
    sil_counts_free(world.one_way);
}

/* P[X <= k] for X ~ Binomial(n, p), k < n p: terms downwards from k. */
static double lower_tail(size_t k, size_t n, double p)
{
    double log_term = lgamma((double)n + 1) - lgamma((double)k + 1) -
                      lgamma((double)(n - k) + 1) + (double)k * log(p) +
                      (double)(n - k) * log1p(-p);
    double term = exp(log_term);
    double sum = term;
    for (size_t i = k; i > 0 && term > sum * 1e-17; i--) {
        term *= (double)i * (1 - p) / ((double)(n - i + 1) * p);
        sum += term;
    }
    return sum;
}

/* The Clopper-Pearson upper bound at error `alpha`: the p with P[X <= k | p] = alpha. */
static double upper_bound(size_t k, size_t n, double alpha)
{
    double low = (double)k / (double)n;
    double high = 1;
    for (int i = 0; i < 60 && k < n; i++) {
        double middle = (low + high) / 2;
        if (lower_tail(k, n, middle) > alpha) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

static double lower_bound(size_t k, size_t n, double alpha)
{
    return 1 - upper_bound(n - k, n, alpha);
}

/* The largest lower bound of epsilon over all thresholds, both worlds at once. */
static double epsilon_seen(struct attack *attack)
{
    size_t with[N_THRESHOLDS];
    size_t without[N_THRESHOLDS];
    double delta = strtod(attack->delta, NULL);
    double alpha = ERROR / (2 * N_THRESHOLDS);
    double most = 0;
    weigh_selection(attack);
    play(with, attack, 1, UINT64_C(1) << 40);
    play(without, attack, 0, UINT64_C(1) << 41);
    for (size_t t = 0; t < N_THRESHOLDS; t++) {
        double high = lower_bound(with[t], attack->runs, alpha);
        double low = upper_bound(without[t], attack->runs, alpha);
        if (high > delta) {
            most = fmax(most, log((high - delta) / low));
        }
    }
    return most;
}

static double epsilon_claimed(const struct attack *attack)
{
    struct sil_rho rho;
    struct sil_delta delta;
    struct sil_epsilon epsilon;
    sil_rho_init(&rho);
    sil_delta_init(&delta);
    sil_epsilon_init(&epsilon);
    kit_set(rho.v, attack->claimed_rho);
    mpq_set_d(delta.v, strtod(attack->delta, NULL));
    cr_assert(eq(int, sil_epsilon_of_rho(&epsilon, &rho, &delta, NULL), SIL_OK));
    double claimed = mpq_get_d(epsilon.v);
    sil_epsilon_clear(&epsilon);
    sil_delta_clear(&delta);
    sil_rho_clear(&rho);
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
    return claimed;
}

/* epsilon^2 / 8 + 1 / (2 sigma2) = 1/8 + 1/2. */
Test(gate_audit, cannot_refute_what_the_gate_claims)
{
    struct attack attack = {.epsilon = "1",
                            .sigma2 = "1",
                            .precision = 1,
                            .claimed_rho = "5/8",
                            .delta = "0.01",
                            .runs = 80000};

    double seen = epsilon_seen(&attack);
    double claimed = epsilon_claimed(&attack);

    cr_log_info("seen %.3f of claimed %.3f", seen, claimed);
    cr_expect(lt(dbl, seen, claimed));
    cr_expect(gt(dbl, seen, 0.6 * claimed), "the attack is too weak: %g", seen);
}

/* The selection alone is epsilon-DP: no delta is needed to hold it to that. */
Test(gate_audit, cannot_refute_a_selection_without_delta)
{
    struct attack attack = {.epsilon = "1", .delta = "0", .runs = 80000};

    double seen = epsilon_seen(&attack);

    cr_log_info("seen %.3f of claimed 1", seen);
    cr_expect(lt(dbl, seen, 1.0));
    cr_expect(gt(dbl, seen, 0.7), "the attack is too weak: %g", seen);
}

Test(gate_audit, refutes_noise_of_half_the_claimed_deviation)
{
    struct attack attack = {.epsilon = "1",
                            .sigma2 = "1/4",
                            .precision = 4,
                            .claimed_rho = "5/8",
                            .delta = "0.01",
                            .runs = 20000};

    cr_expect(gt(dbl, epsilon_seen(&attack), epsilon_claimed(&attack)));
}

/* What a selection would be without the half in epsilon / (2 Delta). */
Test(gate_audit, refutes_a_selection_twice_as_sharp_as_claimed)
{
    struct attack attack = {.epsilon = "2", .delta = "0", .runs = 20000};

    cr_expect(gt(dbl, epsilon_seen(&attack), 1.0));
}
