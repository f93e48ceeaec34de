// SPDX-License-Identifier: Apache-2.0
/* What holds draw by draw; the laws themselves are tests/statistical/test_exact_laws.c. */
#include "privacy/exact.h"
#include "privacy/exact_internal.h"
#include "support/property.h"
#include "support/seeded_rng.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

/* num / den in words, and the same number over a denominator beyond them. */
struct pair {
    uint64_t num;
    uint64_t den;
    mpz_t big_num;
    mpz_t big_den;
};

static void pair_init(struct pair *pair, struct test_random *random)
{
    pair->num = test_edge_word(random);
    pair->den = test_edge_word(random);
    pair->den += pair->den == 0;
    mpz_init_set_ui(pair->big_num, pair->num);
    mpz_init_set_ui(pair->big_den, pair->den);
    if (test_below(random, 4) > 0) {
        mpz_t factor;
        mpz_init_set_ui(factor, test_word(random) | 1);
        mpz_mul_2exp(factor, factor, test_below(random, 100));
        mpz_mul(pair->big_num, pair->big_num, factor);
        mpz_mul(pair->big_den, pair->big_den, factor);
        mpz_clear(factor);
    }
}

static void pair_clear(struct pair *pair)
{
    mpz_clear(pair->big_num);
    mpz_clear(pair->big_den);
}

/* Twelve draws each from twin generators: equal answers, and equally many words used. */
typedef bool in_words(struct sil_rng *rng, uint64_t num, uint64_t den);
typedef bool in_big(struct sil_rng *rng, const mpz_t num, const mpz_t den);

struct route {
    in_words *words;
    in_big *big;
};

static bool agree(struct test_random *random, void *context)
{
    const struct route *route = context;
    uint64_t seed = test_word(random);
    struct sil_rng *rng = seeded_rng(seed);
    struct sil_rng *twin = seeded_rng(seed);
    struct pair pair;
    pair_init(&pair, random);

    bool is_equal = true;
    for (int i = 0; i < 12; i++) {
        bool one = route->words(rng, pair.num, pair.den);
        bool other = route->big(twin, pair.big_num, pair.big_den);
        is_equal = is_equal && one == other;
    }
    is_equal = is_equal && sil_rng_word(rng) == sil_rng_word(twin);
    pair_clear(&pair);
    sil_rng_free(twin);
    sil_rng_free(rng);
    return is_equal;
}

Test(exact, bernoulli_in_words_and_in_gmp_agree_draw_by_draw)
{
    struct route route = {sil_bernoulli_words, sil_bernoulli_big};
    cr_expect(test_forall("bernoulli", 2000, agree, &route));
}

/* num / den of any size reaches denominators whose multiples leave the words. */
Test(exact, bernoulli_exp_in_words_and_in_gmp_agree_draw_by_draw)
{
    struct route route = {sil_bernoulli_exp_words, sil_bernoulli_exp_big};
    cr_expect(test_forall("bernoulli exp", 2000, agree, &route));
}

Test(exact, discrete_gaussian_in_words_and_in_gmp_agree_draw_by_draw)
{
    static const unsigned long SIGMA2[][2] = {
        {1,         4   },
        {1,         1   },
        {10,        3   },
        {400,       1   },
        {123456789, 1000}
    };

    for (size_t s = 0; s < sizeof SIGMA2 / sizeof SIGMA2[0]; s++) {
        struct sil_sigma2 sigma2;
        int64_t one[300];
        int64_t other[300];
        struct sil_rng *rng = seeded_rng(s);
        struct sil_rng *twin = seeded_rng(s);
        mpq_init(sigma2.v);
        mpq_set_ui(sigma2.v, SIGMA2[s][0], SIGMA2[s][1]);
        sil_discrete_gaussian(rng, &sigma2, one, 300);
        /* Not in lowest terms on purpose: the same number, out of reach of words. */
        mpz_mul_2exp(mpq_numref(sigma2.v), mpq_numref(sigma2.v), 70);
        mpz_mul_2exp(mpq_denref(sigma2.v), mpq_denref(sigma2.v), 70);
        sil_discrete_gaussian(twin, &sigma2, other, 300);

        cr_expect(eq(int, memcmp(one, other, sizeof one), 0), "case %zu", s);
        cr_expect(eq(u64, sil_rng_word(rng), sil_rng_word(twin)), "case %zu", s);
        mpq_clear(sigma2.v);
        sil_rng_free(twin);
        sil_rng_free(rng);
    }
}

/* 1/3 has the digits 5555... in base 2^64; the first word that differs decides. */
Test(exact, bernoulli_compares_digit_by_digit)
{
    const uint64_t third = UINT64_MAX / 3;
    uint64_t below[] = {third, third, third - 1};
    uint64_t above[] = {third, third, third + 1};

    struct sil_rng *rng = scripted_rng(below, 3);
    cr_expect(sil_bernoulli_words(rng, 1, 3));
    sil_rng_free(rng);

    rng = scripted_rng(above, 3);
    cr_expect(not(sil_bernoulli_words(rng, 1, 3)));
    sil_rng_free(rng);
}

/* 1/2 has the digit 2^63 and then none: U = 1/2 exactly is not below it. */
Test(exact, bernoulli_is_false_when_the_digits_end_in_a_tie)
{
    uint64_t tie[] = {(uint64_t)1 << 63};
    struct sil_rng *rng = scripted_rng(tie, 1);
    cr_expect(not(sil_bernoulli_words(rng, 1, 2)));
    sil_rng_free(rng);

    uint64_t just_below[] = {((uint64_t)1 << 63) - 1};
    rng = scripted_rng(just_below, 1);
    cr_expect(sil_bernoulli_words(rng, 1, 2));
    sil_rng_free(rng);
}

Test(exact, certain_and_impossible_events_are_certain_and_impossible)
{
    struct sil_rng *rng = seeded_rng(1);
    mpq_t p;
    mpq_init(p);

    for (int i = 0; i < 1000; i++) {
        mpq_set_ui(p, 0, 1);
        cr_assert(not(sil_bernoulli(rng, p)));
        cr_assert(sil_bernoulli_exp(rng, p));
        mpq_set_ui(p, 1, 1);
        cr_assert(sil_bernoulli(rng, p));
    }
    mpq_clear(p);
    sil_rng_free(rng);
}

/* Each unit of x costs a factor 1/e and nothing more: with words that let every round
 * succeed the answer is true, however small e^-x. A round succeeds on an even number of
 * successes: k = 1 is certain, the word 0 passes k = 2, the largest word fails k = 3. */
Test(exact, bernoulli_exp_of_a_large_exponent_can_still_succeed)
{
    uint64_t words[2 * 50];
    for (size_t i = 0; i < 50; i++) {
        words[2 * i] = 0;
        words[2 * i + 1] = UINT64_MAX;
    }
    struct sil_rng *rng = scripted_rng(words, 100);
    cr_expect(sil_bernoulli_exp_words(rng, 50, 1));
    sil_rng_free(rng);
}

Test(exact, discrete_laplace_of_a_fraction_and_of_a_huge_scale_stays_in_range)
{
    struct sil_rng *rng = seeded_rng(4);
    for (int i = 0; i < 1000; i++) {
        int64_t y = sil_discrete_laplace(rng, 1, UINT64_MAX);
        cr_assert(eq(i64, y, 0));
        y = sil_discrete_laplace(rng, (uint64_t)1 << 32, 1);
        cr_assert(lt(i64, y < 0 ? -y : y, (int64_t)1 << 38));
    }
    sil_rng_free(rng);
}
