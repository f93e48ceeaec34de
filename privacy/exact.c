// SPDX-License-Identifier: Apache-2.0
#include "privacy/exact.h"

#include "base/fail.h"
#include "base/int128.h"
#include "privacy/exact_internal.h"

/* See sil_bernoulli_big for the argument. num < den here, so that each digit of the
 * quotient is below 2^64 and the division of 128 by 64 bits cannot overflow. */
bool sil_bernoulli_words(struct sil_rng *rng, uint64_t num, uint64_t den)
{
    SIL_REQUIRE(den > 0);
    while (num < den && num > 0) {
        sil_u128 shifted = (sil_u128)num << 64;
        uint64_t digit = (uint64_t)(shifted / den);
        num = (uint64_t)(shifted % den);
        uint64_t drawn = sil_rng_word(rng);
        if (drawn != digit) {
            return drawn < digit;
        }
    }
    return num > 0;
}

/* Probability num / (den * k): in words while the product fits, in GMP beyond. */
static bool bernoulli_quotient(struct sil_rng *rng, uint64_t num, uint64_t den,
                               uint64_t k)
{
    uint64_t scaled;
    if (!__builtin_mul_overflow(den, k, &scaled)) {
        return sil_bernoulli_words(rng, num, scaled);
    }
    mpz_t big_num;
    mpz_t big_den;
    mpz_init_set_ui(big_num, num);
    mpz_init_set_ui(big_den, den);
    mpz_mul_ui(big_den, big_den, k);
    bool is_true = sil_bernoulli_big(rng, big_num, big_den);
    mpz_clear(big_den);
    mpz_clear(big_num);
    return is_true;
}

/* See exp_below_one in exact_big.c. */
static bool exp_below_one(struct sil_rng *rng, uint64_t num, uint64_t den)
{
    uint64_t k = 1;
    while (bernoulli_quotient(rng, num, den, k)) {
        k++;
    }
    return k % 2 == 1;
}

bool sil_bernoulli_exp_words(struct sil_rng *rng, uint64_t num, uint64_t den)
{
    SIL_REQUIRE(den > 0);
    /* e^-x = e^-1 ... e^-1 e^-(the rest): all must succeed, the first failure ends it. */
    for (; num > den; num -= den) {
        if (!exp_below_one(rng, 1, 1)) {
            return false;
        }
    }
    return exp_below_one(rng, num, den);
}

_Static_assert(sizeof(unsigned long) == sizeof(uint64_t),
               "mpz_get_ui and mpz_set_ui carry a whole word");

static bool fits_words(const mpz_t num, const mpz_t den)
{
    return mpz_fits_ulong_p(num) != 0 && mpz_fits_ulong_p(den) != 0;
}

bool sil_bernoulli(struct sil_rng *rng, const mpq_t p)
{
    mpz_srcptr num = mpq_numref(p);
    mpz_srcptr den = mpq_denref(p);
    SIL_REQUIRE(mpz_sgn(num) >= 0 && mpz_cmp(num, den) <= 0);
    return fits_words(num, den)
               ? sil_bernoulli_words(rng, mpz_get_ui(num), mpz_get_ui(den))
               : sil_bernoulli_big(rng, num, den);
}

bool sil_bernoulli_exp(struct sil_rng *rng, const mpq_t x)
{
    mpz_srcptr num = mpq_numref(x);
    mpz_srcptr den = mpq_denref(x);
    SIL_REQUIRE(mpz_sgn(num) >= 0);
    return fits_words(num, den)
               ? sil_bernoulli_exp_words(rng, mpz_get_ui(num), mpz_get_ui(den))
               : sil_bernoulli_exp_big(rng, num, den);
}

/* P[X = x] proportional to e^(-x / num), x >= 0, as x = v num + u: u is uniform, kept with
 * probability e^(-u / num), and v is geometric with ratio 1 / e. Then X div den has ratio
 * e^(-den / num). */
static uint64_t geometric(struct sil_rng *rng, uint64_t num, uint64_t den)
{
    uint64_t u = sil_rng_below(rng, num);
    while (!sil_bernoulli_exp_words(rng, u, num)) {
        u = sil_rng_below(rng, num);
    }
    uint64_t v = 0;
    while (sil_bernoulli_exp_words(rng, 1, 1)) {
        v++;
    }
    SIL_REQUIRE(v < (uint64_t)1 << 30); /* a value above 2^62: never, e^-(2^30) */
    return (v * num + u) / den;
}

int64_t sil_discrete_laplace(struct sil_rng *rng, uint64_t num, uint64_t den)
{
    SIL_REQUIRE(num >= 1 && num <= (uint64_t)1 << 32 && den >= 1);
    for (;;) {
        int64_t magnitude = (int64_t)geometric(rng, num, den);
        bool is_negative = sil_rng_bit(rng) == 1;
        /* Zero has one sign, or it would come twice as often as it should. */
        if (magnitude != 0 || !is_negative) {
            return is_negative ? -magnitude : magnitude;
        }
    }
}

/* sigma2 = P / Q, and t = floor(sigma) + 1 the scale of the proposals. */
struct proposal {
    mpz_srcptr p;
    mpz_srcptr q;
    uint64_t t;
};

/* A proposal |y| is kept with probability e^-x, x = (|y| - sigma2 / t)^2 / (2 sigma2)
 * = (|y| Q t - P)^2 / (2 P Q t^2). False when a product leaves the words. */
static bool exponent_words(uint64_t *num, uint64_t *den, const struct proposal *law,
                           uint64_t y)
{
    if (!fits_words(law->p, law->q)) {
        return false;
    }
    uint64_t p = mpz_get_ui(law->p);
    uint64_t qt;
    uint64_t yqt;
    uint64_t pt;
    if (__builtin_mul_overflow((uint64_t)mpz_get_ui(law->q), law->t, &qt) ||
        __builtin_mul_overflow(y, qt, &yqt) || __builtin_mul_overflow(p, law->t, &pt) ||
        __builtin_mul_overflow(pt, qt, den) || __builtin_mul_overflow(*den, 2U, den)) {
        return false;
    }
    uint64_t gap = yqt > p ? yqt - p : p - yqt;
    return !__builtin_mul_overflow(gap, gap, num);
}

static bool keep_big(struct sil_rng *rng, const struct proposal *law, uint64_t y)
{
    mpz_t num;
    mpz_t den;
    mpz_init(num);
    mpz_init(den);
    mpz_mul_ui(num, law->q, law->t);
    mpz_mul(den, law->p, num);
    mpz_mul_ui(den, den, law->t);
    mpz_mul_ui(den, den, 2);
    mpz_mul_ui(num, num, y);
    mpz_sub(num, num, law->p);
    mpz_mul(num, num, num);
    bool is_kept = sil_bernoulli_exp_big(rng, num, den);
    mpz_clear(den);
    mpz_clear(num);
    return is_kept;
}

static int64_t discrete_gaussian(struct sil_rng *rng, const struct proposal *law)
{
    for (;;) {
        int64_t y = sil_discrete_laplace(rng, law->t, 1);
        uint64_t magnitude = (uint64_t)(y < 0 ? -y : y);
        uint64_t num;
        uint64_t den;
        bool is_kept = exponent_words(&num, &den, law, magnitude)
                           ? sil_bernoulli_exp_words(rng, num, den)
                           : keep_big(rng, law, magnitude);
        if (is_kept) {
            return y;
        }
    }
}

void sil_discrete_gaussian(struct sil_rng *rng, const struct sil_sigma2 *sigma2,
                           int64_t *out, size_t n)
{
    struct proposal law = {.p = mpq_numref(sigma2->v), .q = mpq_denref(sigma2->v)};
    mpz_t root;
    mpz_init(root);
    SIL_REQUIRE(mpz_sgn(law.p) > 0);
    mpz_fdiv_q(root, law.p, law.q);
    mpz_sqrt(root, root);
    SIL_REQUIRE(mpz_cmp_ui(root, 1UL << 31) < 0);
    law.t = mpz_get_ui(root) + 1;
    mpz_clear(root);

    for (size_t i = 0; i < n; i++) {
        out[i] = discrete_gaussian(rng, &law);
    }
}
