// SPDX-License-Identifier: Apache-2.0
/* Theorem 4b by brute force: all tables of at most three people over three keys, K = 1 to 3,
 * and all their neighbours, with the probabilities of everything that can be released. The
 * law is written down here from the definition, with erfc of libm; of the program only the
 * threshold, the grid, the cost and the bound on delta are asked. */
#include "privacy/convert.h"
#include "privacy/cost.h"
#include "privacy/gauss.h"
#include "privacy/threshold.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    KEYS = 3,
    MOST = 9,   /* rows of a key: three people with three rows each */
    BINS = 600, /* of losses, rounded up */
    N_ALPHAS = 4,
    N_EPSILONS = 4,
    WIDE = 14 /* standard deviations that are told apart */
};

static const double BIN = 0.02;
static const long double ALPHAS[N_ALPHAS] = {1.0625L, 2, 8, 64};
static const char *const EPSILONS[N_EPSILONS] = {"1/2", "1", "2", "4"};

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(discovery_law, .fini = free_mpfr_caches, .timeout = 120);

/* One discovery, and what is claimed of it. */
struct setting {
    enum sil_neighbours neighbours;
    uint32_t rows; /* K */
    long double sigma;
    unsigned shift;
    int64_t threshold;
    double rho;
    double delta;             /* of the discovery */
    double bound[N_EPSILONS]; /* delta of rho-zCDP at each epsilon */
};

/* ---- the law of one key ---- */

static long double scale_of(const struct setting *s)
{
    return ldexpl(1, -(int)s->shift) / (s->sigma * sqrtl(8));
}

/* P[Z >= m], any m. */
static long double at_least(const struct setting *s, int64_t m)
{
    long double x = (2 * (long double)m - 1) * scale_of(s);
    return erfcl(x) / 2;
}

/* What can be seen of a key with this count: that it is not there (point 0), or a noisy
 * count from the threshold on; all beyond the last point is one. */
static size_t n_points(const struct setting *s)
{
    long double last = ldexpl(MOST + WIDE * s->sigma, (int)s->shift);
    int64_t n = (int64_t)last - s->threshold;
    return n < 2 ? 2 : (size_t)n;
}

static long double mass(const struct setting *s, int count, size_t point)
{
    int64_t m = s->threshold - ((int64_t)count << s->shift);
    if (count == 0) {
        return point == 0 ? 1 : 0;
    }
    if (point == 0) {
        return at_least(s, 1 - m); /* P[Z < m], as Z and -Z have one law */
    }
    int64_t z = m + (int64_t)point - 1;
    long double from = at_least(s, z);
    return point + 1 == n_points(s) ? from : from - at_least(s, z + 1);
}

/* ---- a key in two tables ---- */

/* How far a key's law on the one side is from that on the other. */
struct view {
    double renyi[N_ALPHAS]; /* (alpha - 1) D_alpha, where both have the key */
    double escape;     /* probability that it is released, where the other lacks it */
    double loss[BINS]; /* mass of each loss, rounded up to the next bin */
    double never;      /* mass of what the other side never shows */
};

static int bin_of(long double loss)
{
    int bin = (int)ceill(loss / BIN) + BINS / 2;
    return bin < 0 ? 0 : bin;
}

static void look(struct view *out, const struct setting *s, int here, int there)
{
    long double sum[N_ALPHAS] = {0};
    *out = (struct view){0};
    for (size_t i = 0; i < n_points(s); i++) {
        long double p = mass(s, here, i);
        long double q = mass(s, there, i);
        out->escape += there == 0 && i > 0 ? (double)p : 0;
        if (p <= 0) {
            continue;
        }
        long double loss = q > 0 ? logl(p) - logl(q) : INFINITY;
        int bin = q > 0 ? (loss > BIN * (BINS / 2 - 1) ? BINS : bin_of(loss)) : BINS;
        *(bin < BINS ? &out->loss[bin] : &out->never) += (double)p;
        for (int a = 0; a < N_ALPHAS && q > 0; a++) {
            sum[a] += expl(logl(p) + (ALPHAS[a] - 1) * loss);
        }
    }
    for (int a = 0; a < N_ALPHAS; a++) {
        out->renyi[a] = (double)logl(sum[a]);
    }
}

/* All pairs of counts, each looked at once. */
struct views {
    struct view *pair[MOST + 1][MOST + 1];
};

static const struct view *view_of(struct views *views, const struct setting *s,
                                  int here, int there)
{
    struct view **view = &views->pair[here][there];
    if (*view == NULL) {
        *view = malloc(sizeof **view);
        cr_assert(ne(ptr, (void *)*view, NULL));
        look(*view, s, here, there);
    }
    return *view;
}

static void views_clear(struct views *views)
{
    for (int i = 0; i <= MOST; i++) {
        for (int j = 0; j <= MOST; j++) {
            free(views->pair[i][j]);
        }
    }
}

/* ---- two tables ---- */

/* Theorem 4b to the letter: outside events of probability delta, rho-zCDP. */
static bool is_close(struct views *views, const struct setting *s, const int *here,
                     const int *there)
{
    double kept = 1;
    double renyi[N_ALPHAS] = {0};
    for (int k = 0; k < KEYS; k++) {
        const struct view *view = view_of(views, s, here[k], there[k]);
        if (here[k] > 0 && there[k] == 0) {
            kept *= 1 - view->escape;
        }
        for (int a = 0; a < N_ALPHAS && here[k] > 0 && there[k] > 0; a++) {
            renyi[a] += view->renyi[a];
        }
    }
    bool close = 1 - kept <= s->delta;
    for (int a = 0; a < N_ALPHAS; a++) {
        double alpha = (double)ALPHAS[a];
        close = close && renyi[a] <= (alpha - 1) * alpha * s->rho + 1e-12;
    }
    return close;
}

/* An upper bound of sup over events of P[S] - e^epsilon P'[S]: losses were rounded up. */
static double hockey_stick(const struct view *one, const struct view *two,
                           const struct view *three, double epsilon)
{
    static double pairs[2 * BINS];
    double never = 1 - (1 - one->never) * (1 - two->never) * (1 - three->never);
    double sum = 0;
    double mass_above = 0;
    double weight_above = 0; /* of mass e^-loss */
    for (int i = 0; i < 2 * BINS; i++) {
        pairs[i] = 0;
    }
    for (int i = 0; i < BINS; i++) {
        for (int j = 0; j < BINS && one->loss[i] > 0; j++) {
            pairs[i + j] += one->loss[i] * two->loss[j];
        }
    }
    /* For each loss of the pair, from the lowest on, the losses of the third that take it
     * over epsilon: more and more of them. */
    int next = BINS - 1;
    for (int i = 0; i < 2 * BINS; i++) {
        double of_pair = BIN * (i - BINS);
        while (next >= 0 && of_pair + BIN * (next - BINS / 2) > epsilon) {
            mass_above += three->loss[next];
            weight_above += three->loss[next] * exp(-BIN * (next - BINS / 2));
            next--;
        }
        sum += pairs[i] * (mass_above - exp(epsilon - of_pair) * weight_above);
    }
    return never + sum;
}

struct verdict {
    size_t n_pairs;
    size_t n_far;       /* theorem 4b fails */
    size_t n_above;     /* (epsilon, delta) fails */
    size_t n_uncovered; /* it would, without the delta of the discovery */
};

static void judge(struct verdict *verdict, struct views *views, const struct setting *s,
                  const int *here, const int *there)
{
    const struct view *view[KEYS];
    for (int k = 0; k < KEYS; k++) {
        view[k] = view_of(views, s, here[k], there[k]);
    }
    verdict->n_pairs++;
    verdict->n_far += !is_close(views, s, here, there);
    for (int e = 0; e < N_EPSILONS; e++) {
        double epsilon = (double[]){0.5, 1, 2, 4}[e];
        double delta = hockey_stick(view[0], view[1], view[2], epsilon);
        verdict->n_above += delta > s->bound[e] + s->delta;
        verdict->n_uncovered += delta > s->bound[e] + 1e-9;
    }
}

/* ---- all of them ---- */

/* The i-th way to have up to `most` rows among the keys; false behind the last. */
static bool deal(int *rows, int i, int most)
{
    for (int k = 0; k < KEYS; k++) {
        rows[k] = i % (most + 1);
        i /= most + 1;
    }
    return i == 0;
}

static int sum_of(const int *rows)
{
    return rows[0] + rows[1] + rows[2];
}

/* Keys are alike: one order of the pairs of counts stands for all. */
static bool is_sorted(const int *here, const int *there)
{
    for (int k = 1; k < KEYS; k++) {
        int before = here[k - 1] * (MOST + 1) + there[k - 1];
        if (before < here[k] * (MOST + 1) + there[k]) {
            return false;
        }
    }
    return true;
}

/* Two tables: what two others have at most, and one person's rows in each. */
static void meet(struct verdict *verdict, struct views *views, const struct setting *s,
                 const int *others, const int *mine, const int *yours)
{
    int here[KEYS];
    int there[KEYS];
    for (int k = 0; k < KEYS; k++) {
        here[k] = others[k] + mine[k];
        there[k] = others[k] + yours[k];
    }
    if (is_sorted(here, there)) {
        judge(verdict, views, s, here, there);
    }
}

static struct verdict go_through(const struct setting *s)
{
    struct verdict verdict = {0};
    struct views views = {0};
    int rows = (int)s->rows;
    int others[KEYS];
    int mine[KEYS];
    int yours[KEYS];
    for (int i = 0; deal(others, i, 2 * rows); i++) {
        for (int j = 0; sum_of(others) <= 2 * rows && deal(mine, j, rows); j++) {
            for (int k = 0; sum_of(mine) <= rows && deal(yours, k, rows); k++) {
                bool has_one = sum_of(mine) == 0 || sum_of(yours) == 0;
                if (sum_of(yours) <= rows &&
                    (has_one || s->neighbours == SIL_REPLACE_ONE)) {
                    meet(&verdict, &views, s, others, mine, yours);
                }
            }
        }
    }
    views_clear(&views);
    return verdict;
}

static void set(mpq_t out, const char *text)
{
    cr_assert(zero(int, mpq_set_str(out, text, 10)));
    mpq_canonicalize(out);
}

/* Ask the program. */
static struct setting ask(enum sil_neighbours neighbours, uint32_t rows,
                          unsigned long sigma2_of, const char *delta_text)
{
    struct setting s = {.neighbours = neighbours, .rows = rows};
    struct sil_sigma2 sigma2;
    struct sil_delta delta;
    struct sil_rho rho;
    sil_sigma2_init(&sigma2);
    sil_delta_init(&delta);
    sil_rho_init(&rho);
    mpq_set_ui(sigma2.v, sigma2_of, 1);
    set(delta.v, delta_text);
    s.sigma = sqrtl((long double)sigma2_of);
    s.delta = mpq_get_d(delta.v);
    s.shift = sil_gauss_shift_of(&sigma2);
    cr_assert(
        zero(int, sil_threshold_of_delta(&s.threshold, &sigma2, rows, &delta, NULL)));
    sil_cost_of_noise(&rho, sil_marginal_sensitivity_squared(neighbours, rows),
                      &sigma2);
    s.rho = mpq_get_d(rho.v);
    for (int e = 0; e < N_EPSILONS; e++) {
        struct sil_epsilon epsilon;
        sil_epsilon_init(&epsilon);
        set(epsilon.v, EPSILONS[e]);
        cr_assert(zero(int, sil_delta_of_rho(&delta, &rho, &epsilon, NULL)));
        s.bound[e] = mpq_get_d(delta.v);
        sil_epsilon_clear(&epsilon);
    }
    sil_rho_clear(&rho);
    sil_delta_clear(&delta);
    sil_sigma2_clear(&sigma2);
    return s;
}

/* Noise much larger than K rows, where K new values with a row each are the worst; and
 * smaller, where one with K rows is. */
static const struct {
    const char *delta;
    unsigned long sigma2;
    bool grows; /* with K^2 */
} NOISES[] = {
    {"1/20",    64, true },
    {"1/10000", 64, true },
    {"1/10000", 4,  false},
};

Test(discovery_law, holds_of_all_neighbours_of_three_people_and_three_keys)
{
    for (uint32_t rows = 1; rows <= 3; rows++) {
        for (size_t i = 0; i < 2 * sizeof NOISES / sizeof NOISES[0]; i++) {
            size_t d = i / 2;
            enum sil_neighbours neighbours =
                i % 2 == 0 ? SIL_ADD_REMOVE : SIL_REPLACE_ONE;
            unsigned long sigma2 =
                NOISES[d].sigma2 * (NOISES[d].grows ? rows * rows : 1);
            struct setting s = ask(neighbours, rows, sigma2, NOISES[d].delta);
            struct verdict v = go_through(&s);
            cr_expect(v.n_pairs >= 18 && v.n_far == 0 && v.n_above == 0,
                      "K = %u, relation %zu, delta %s: of %zu pairs %zu are too far "
                      "apart, %zu above the claim",
                      rows, i % 2, NOISES[d].delta, v.n_pairs, v.n_far, v.n_above);
            cr_expect(zero(int, NOISES[d].grows &&v.n_uncovered == 0),
                      "its delta is never needed");
        }
    }
}

/* The threshold is not larger than it has to be where K = 1: one step of the grid less, and
 * a single row is seen more often than delta says. */
Test(discovery_law, fails_one_step_of_the_grid_below)
{
    struct setting s = ask(SIL_ADD_REMOVE, 1, 64, "1/10000");
    s.threshold--;
    struct verdict v = go_through(&s);
    cr_expect(v.n_far > 0);
}
