// SPDX-License-Identifier: Apache-2.0
#include "privacy/choose.h"

#include "base/fail.h"
#include "base/memory.h"
#include "privacy/choose_internal.h"
#include "privacy/exact.h"

#include <mpfr.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* With x_i = scale (best score - score_i) >= 0, candidate i has weight e^-x_i, and a
 * uniform U picks the i with S_(i-1) <= U S_n < S_i, S_i the sum of weights 0 .. i.
 *
 * At `bits` of fixed point each weight is enclosed by integers,
 *     a_i <= 2^bits e^-x_i <= a_i + SLACK,
 * so that with A_i = a_0 + ... + a_i the sums are enclosed without further rounding:
 *     A_i <= 2^bits S_i <= A_i + SLACK (i + 1).
 */
enum { SLACK = 2, WORD_BITS = 64, GUARD_BITS = 32, MAX_BITS = 1 << 24 };

struct lottery {
    struct sil_contest in;
    sil_i128 best;
    unsigned long bits;
    mpz_t *sum; ///< A_i
};

static sil_i128 best_of(const sil_i128 *score, size_t n)
{
    sil_i128 best = score[0];
    for (size_t i = 1; i < n; i++) {
        best = score[i] > best ? score[i] : best;
    }
    return best;
}

/* best - score >= 0, which 128 bits hold without a sign and not always with one. */
static sil_u128 gap_between(sil_i128 best, sil_i128 score)
{
    if (best >= 0 && score < 0) {
        return (sil_u128)best + (sil_u128)(-(score + 1)) + 1;
    }
    return (sil_u128)(best - score);
}

/* The numerator of x over the denominator of `scale`. */
static void exponent_num(mpz_t out, sil_i128 best, sil_i128 score, const mpq_t scale)
{
    sil_u128 gap = gap_between(best, score);
    uint64_t halves[2] = {(uint64_t)(gap >> 64), (uint64_t)gap};
    mpz_import(out, 2, 1, sizeof halves[0], 0, 0, halves);
    mpz_mul(out, out, mpq_numref(scale));
}

/* a_i. x is rounded down at GUARD_BITS more than `bits`, and cut at `bits`, where
 * 2^bits e^-x < 1 whatever x is: the enclosure is then 0 to SLACK, and more bits decide
 * should U fall there. Up to the cut, x < 2^24, so that it comes out less than
 * 2^(26 - 32 - bits) too small; e^-x changes no faster than x, and its ceiling in fixed
 * point exceeds the truth by less than 2. */
static void weight(mpz_t out, const struct lottery *lottery, size_t i)
{
    mpfr_t x;
    mpfr_init2(x, (mpfr_prec_t)lottery->bits + GUARD_BITS);
    exponent_num(out, lottery->best, lottery->in.score[i], lottery->in.scale);
    mpfr_set_z(x, out, MPFR_RNDD);
    mpfr_div_z(x, x, mpq_denref(lottery->in.scale), MPFR_RNDD);

    if (mpfr_cmp_ui(x, lottery->bits) > 0) {
        mpfr_set_ui(x, lottery->bits, MPFR_RNDD);
    }
    mpfr_neg(x, x, MPFR_RNDU);
    mpfr_exp(x, x, MPFR_RNDU);
    mpfr_mul_2ui(x, x, lottery->bits, MPFR_RNDU);
    mpfr_get_z(out, x, MPFR_RNDU);
    mpz_sub_ui(out, out, SLACK);
    if (mpz_sgn(out) < 0) {
        mpz_set_ui(out, 0);
    }
    mpfr_clear(x);
}

static void fill_sums(struct lottery *lottery)
{
    for (size_t i = 0; i < lottery->in.n; i++) {
        weight(lottery->sum[i], lottery, i);
        if (i > 0) {
            mpz_add(lottery->sum[i], lottery->sum[i], lottery->sum[i - 1]);
        }
    }
}

/* U lies in [drawn, drawn + 1) / 2^drawn_bits. True when that and the enclosures decide.
 *
 * Every candidate is compared, whichever wins. Candidate i is passed when U S_n >= S_i for
 * sure: drawn A_n >= (A_i + SLACK (i + 1)) 2^drawn_bits. The first one not passed is the
 * winner if U S_n < S_i for sure: (drawn + 1) (A_n + SLACK n) <= A_i 2^drawn_bits. */
static bool decide(size_t *chosen, const struct lottery *lottery, const mpz_t drawn,
                   unsigned long drawn_bits)
{
    mpz_t floor;
    mpz_t ceiling;
    mpz_t upper;
    mpz_init(floor);
    mpz_init(ceiling);
    mpz_init(upper);
    mpz_srcptr total = lottery->sum[lottery->in.n - 1];

    mpz_mul(floor, drawn, total);
    mpz_fdiv_q_2exp(floor, floor, drawn_bits);
    mpz_add_ui(ceiling, total, SLACK * lottery->in.n);
    mpz_add_ui(upper, drawn, 1);
    mpz_mul(ceiling, ceiling, upper);
    mpz_cdiv_q_2exp(ceiling, ceiling, drawn_bits);

    size_t n_passed = 0;
    for (size_t i = 0; i < lottery->in.n; i++) {
        mpz_add_ui(upper, lottery->sum[i], SLACK * (i + 1));
        n_passed += mpz_cmp(upper, floor) <= 0;
    }
    SIL_REQUIRE(n_passed < lottery->in.n);
    bool is_decided = mpz_cmp(ceiling, lottery->sum[n_passed]) <= 0;
    *chosen = n_passed;

    mpz_clear(upper);
    mpz_clear(ceiling);
    mpz_clear(floor);
    return is_decided;
}

/* Bits of U and of the weights grow together until they decide. */
static size_t run(struct lottery *lottery, struct sil_rng *rng, unsigned width)
{
    size_t chosen = 0;
    unsigned long drawn_bits = width;
    mpz_t drawn;
    mpz_init_set_ui(drawn, sil_rng_word(rng) >> (WORD_BITS - width));
    lottery->bits = drawn_bits + WORD_BITS;
    fill_sums(lottery);
    while (!decide(&chosen, lottery, drawn, drawn_bits)) {
        mpz_mul_2exp(drawn, drawn, WORD_BITS);
        mpz_add_ui(drawn, drawn, sil_rng_word(rng));
        drawn_bits += WORD_BITS;
        lottery->bits += WORD_BITS;
        SIL_REQUIRE(lottery->bits <= MAX_BITS);
        fill_sums(lottery);
    }
    mpz_clear(drawn);
    return chosen;
}

static sil_status check(const struct sil_contest *contest, struct sil_error *err)
{
    if (contest->n == 0) {
        return sil_fail(err, SIL_ERR_USAGE, "there is nothing to choose from");
    }
    if (mpq_sgn(contest->scale) <= 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the parameter of a selection must be greater than 0");
    }
    if (mpfr_buildopt_tls_p() == 0) {
        return sil_fail(err, SIL_ERR_INTERNAL,
                        "this MPFR was built without thread-local storage");
    }
    return SIL_OK;
}

sil_status sil_choose_from_width(size_t *chosen, const struct sil_contest *contest,
                                 struct sil_rng *rng, unsigned width,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct lottery lottery = {.in = *contest};

    SIL_REQUIRE(width >= 1 && width <= WORD_BITS);
    SIL_TRY(check(contest, err));
    SIL_TRY(
        sil_alloc(&lottery.sum, contest->n, sizeof *lottery.sum, "candidates", err));
    lottery.best = best_of(contest->score, contest->n);
    for (size_t i = 0; i < contest->n; i++) {
        mpz_init2(lottery.sum[i], (mp_bitcnt_t)3 * WORD_BITS);
    }

    *chosen = run(&lottery, rng, width);

    for (size_t i = 0; i < contest->n; i++) {
        mpz_clear(lottery.sum[i]);
    }
    mpfr_free_cache(); /* this thread's constants, which nobody else would free */

cleanup:
    free(lottery.sum);
    return status;
}

sil_status sil_choose(size_t *chosen, const sil_i128 *score, size_t n,
                      const mpq_t scale, struct sil_rng *rng, struct sil_error *err)
{
    struct sil_contest contest = {.score = score, .n = n, .scale = scale};
    return sil_choose_from_width(chosen, &contest, rng, WORD_BITS, err);
}

size_t sil_choose_by_rejection(const struct sil_contest *contest, struct sil_rng *rng)
{
    sil_i128 best = best_of(contest->score, contest->n);
    mpq_t x;
    mpq_init(x);
    size_t i;
    bool is_kept = false;
    do {
        i = (size_t)sil_rng_below(rng, contest->n);
        exponent_num(mpq_numref(x), best, contest->score[i], contest->scale);
        mpz_set(mpq_denref(x), mpq_denref(contest->scale));
        is_kept = sil_bernoulli_exp(rng, x);
    } while (!is_kept);
    mpq_clear(x);
    return i;
}
