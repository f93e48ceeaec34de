// SPDX-License-Identifier: Apache-2.0
/* The GMP arithmetic of exact.h: no bound on numerators and denominators. The words it
 * reads and the decisions it takes are those of exact.c. */
#include "base/fail.h"
#include "privacy/exact_internal.h"

static void set_word(mpz_t out, uint64_t word)
{
    mpz_import(out, 1, 1, sizeof word, 0, 0, &word);
}

/* U = 0.u1 u2 ... in base 2^64 is compared with num / den digit by digit: the first digit
 * that differs decides, and until then only the remainder of the division is kept. */
bool sil_bernoulli_big(struct sil_rng *rng, const mpz_t num, const mpz_t den)
{
    mpz_t rest;
    mpz_t digit;
    mpz_t drawn;
    mpz_init_set(rest, num);
    mpz_init(digit);
    mpz_init(drawn);

    SIL_REQUIRE(mpz_sgn(den) > 0);
    int order = 0;
    while (order == 0 && mpz_cmp(rest, den) < 0 && mpz_sgn(rest) > 0) {
        mpz_mul_2exp(rest, rest, 64);
        mpz_fdiv_qr(digit, rest, rest, den);
        set_word(drawn, sil_rng_word(rng));
        order = mpz_cmp(drawn, digit);
    }
    /* No digit differed: the quotient is 1 or more, or its digits ended and U is above. */
    bool is_true = order < 0 || (order == 0 && mpz_sgn(rest) > 0);

    mpz_clear(drawn);
    mpz_clear(digit);
    mpz_clear(rest);
    return is_true;
}

/* For x = num / den <= 1: K counts the successes of independent Bernoulli(x / k),
 * k = 1, 2, ..., up to the first failure. P[K >= n] = x^n / n!, so K is even with
 * probability sum of (-x)^n / n! = e^-x. */
static bool exp_below_one(struct sil_rng *rng, const mpz_t num, const mpz_t den)
{
    mpz_t scaled;
    mpz_init_set(scaled, den);
    bool is_even = true;
    while (sil_bernoulli_big(rng, num, scaled)) {
        is_even = !is_even;
        mpz_add(scaled, scaled, den);
    }
    mpz_clear(scaled);
    return is_even;
}

bool sil_bernoulli_exp_big(struct sil_rng *rng, const mpz_t num, const mpz_t den)
{
    mpz_t rest;
    mpz_init_set(rest, num);
    bool is_true = true;
    while (is_true && mpz_cmp(rest, den) > 0) {
        is_true = sil_bernoulli_exp_words(rng, 1, 1);
        mpz_sub(rest, rest, den);
    }
    is_true = is_true && exp_below_one(rng, rest, den);
    mpz_clear(rest);
    return is_true;
}
