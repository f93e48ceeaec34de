// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/rows.h"

/* The noise of a total has the variance sigma^2 times the cells. */
static void add(mpq_t weighted, mpq_t precision, const struct aud_left *left)
{
    mpz_t sum;
    mpq_t total;
    mpq_t weight;
    mpz_init(sum);
    mpq_inits(total, weight, (mpq_ptr)NULL);
    for (size_t i = 0; i < left->n_cells; i++) {
        if (left->noisy[i] >= 0) {
            mpz_add_ui(sum, sum, (unsigned long)left->noisy[i]);
        } else {
            mpz_sub_ui(sum, sum, 0UL - (unsigned long)left->noisy[i]);
        }
    }
    mpq_set_z(total, sum);
    mpq_div_2exp(total, total, left->shift);
    mpq_set_ui(weight, 1, left->n_cells);
    mpq_div(weight, weight, left->parameter);
    mpq_add(precision, precision, weight);
    mpq_mul(total, total, weight);
    mpq_add(weighted, weighted, total);
    mpz_clear(sum);
    mpq_clears(total, weight, (mpq_ptr)NULL);
}

/* A run's sensitivity is one, and the least common multiple of its columns' cells, of which
 * there are 2^26 together, has some 17,000 bits; that of its marginals' a few times as many.
 * What was made up has any number. */
static bool is_short(const mpq_t precision)
{
    enum { BITS = 1 << 19 };

    return mpz_sizeinbase(mpq_denref(precision), 2) <= BITS;
}

/* Mosaic's lines up to the first choice are the columns, once or twice; where none comes, the
 * last ones are what was left for them. */
static size_t n_estimating(const struct aud_transcript *transcript)
{
    const size_t d = transcript->n_columns;
    size_t n = 0;
    if (transcript->method != AUD_MOSAIC) {
        return transcript->n_left;
    }
    while (n < transcript->n_left && !transcript->left[n].is_choice) {
        n++;
    }
    return n < transcript->n_left || n <= d ? n : n - d;
}

bool aud_estimate_rows(mpq_t out, const struct aud_transcript *transcript)
{
    return aud_estimate_first(out, transcript, n_estimating(transcript));
}

bool aud_estimate_first(mpq_t out, const struct aud_transcript *transcript, size_t n)
{
    mpq_t precision;
    mpq_init(precision);
    mpq_set_ui(out, 0, 1);
    for (size_t i = 0; i < n && is_short(precision); i++) {
        const struct aud_left *left = &transcript->left[i];
        if (!left->is_choice && left->n_cells > 0) {
            add(out, precision, left);
        }
    }
    bool is = mpq_sgn(precision) > 0 && is_short(precision);
    if (is) {
        mpq_div(out, out, precision);
    } else {
        mpq_set_ui(out, 0, 1);
    }
    mpq_clear(precision);
    return is;
}

bool aud_is_estimate(const struct aud_transcript *transcript, uint64_t n)
{
    mpq_t estimate;
    mpq_t distance;
    mpq_inits(estimate, distance, (mpq_ptr)NULL);
    (void)aud_estimate_rows(estimate, transcript);
    if (mpq_cmp_ui(estimate, 1, 1) < 0) {
        mpq_set_ui(estimate, 1, 1);
    }
    mpq_set_ui(distance, n, 1);
    mpq_sub(distance, distance, estimate);
    mpq_abs(distance, distance);
    bool is = mpq_cmp_ui(distance, 500001, 1000000) <= 0;
    mpq_clears(estimate, distance, (mpq_ptr)NULL);
    return is;
}
