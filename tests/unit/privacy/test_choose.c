// SPDX-License-Identifier: Apache-2.0
#include "privacy/choose.h"
#include "privacy/choose_internal.h"
#include "support/property.h"
#include "support/seeded_rng.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>

static const sil_i128 LARGEST = (sil_i128)(((sil_u128)1 << 127) - 1);

static size_t choose(const sil_i128 *score, size_t n, const char *scale_text,
                     struct sil_rng *rng)
{
    size_t chosen = SIZE_MAX;
    mpq_t scale;
    mpq_init(scale);
    cr_assert(zero(int, mpq_set_str(scale, scale_text, 10)));
    mpq_canonicalize(scale);
    cr_assert(eq(int, sil_choose(&chosen, score, n, scale, rng, NULL), SIL_OK));
    mpq_clear(scale);
    cr_assert(lt(sz, chosen, n));
    return chosen;
}

Test(choose, nothing_to_choose_from_or_no_scale_is_refused_without_randomness)
{
    sil_i128 score[] = {1, 2};
    size_t chosen = 77;
    mpq_t scale;
    struct sil_rng *rng = seeded_rng(1);
    struct sil_rng *twin = seeded_rng(1);
    mpq_init(scale);

    cr_expect(eq(int, sil_choose(&chosen, score, 2, scale, rng, NULL), SIL_ERR_USAGE));
    mpq_set_si(scale, -1, 2);
    cr_expect(eq(int, sil_choose(&chosen, score, 2, scale, rng, NULL), SIL_ERR_USAGE));
    mpq_set_si(scale, 1, 2);
    cr_expect(eq(int, sil_choose(&chosen, score, 0, scale, rng, NULL), SIL_ERR_USAGE));

    cr_expect(eq(sz, chosen, 77));
    cr_expect(eq(u64, sil_rng_word(rng), sil_rng_word(twin)));
    mpq_clear(scale);
    sil_rng_free(twin);
    sil_rng_free(rng);
}

Test(choose, a_single_candidate_wins)
{
    struct sil_rng *rng = seeded_rng(1);
    sil_i128 score[] = {-LARGEST - 1};
    cr_expect(zero(sz, choose(score, 1, "1/2", rng)));
    sil_rng_free(rng);
}

/* With scale log 3 (nearly) and scores 1, 0 the first holds 3/4 of the line, from 0. */
Test(choose, the_first_word_is_inverted_through_the_weights)
{
    sil_i128 score[] = {1, 0};
    const char *log3 = "109861228866811/100000000000000"; /* 3/4 + 3e-16 */
    const uint64_t three_quarters = (uint64_t)3 << 62;
    uint64_t below = three_quarters - 1;
    uint64_t above = three_quarters + ((uint64_t)1 << 20);

    struct sil_rng *rng = scripted_rng(&below, 1);
    cr_expect(zero(sz, choose(score, 2, log3, rng)));
    sil_rng_free(rng);
    rng = scripted_rng(&above, 1);
    cr_expect(eq(sz, choose(score, 2, log3, rng), 1));
    sil_rng_free(rng);
}

/* Equal scores: the boundary 1/2 is hit exactly, and only later words can decide; U at or
 * above it belongs to the second, just below it to the first. */
Test(choose, a_word_on_the_boundary_is_decided_by_later_words)
{
    sil_i128 score[] = {5, 5};
    uint64_t above[] = {(uint64_t)1 << 63, 0, 0, 1};
    uint64_t below[] = {((uint64_t)1 << 63) - 1, UINT64_MAX, UINT64_MAX, 0};

    struct sil_rng *rng = scripted_rng(above, 4);
    cr_expect(eq(sz, choose(score, 2, "1", rng), 1));
    sil_rng_free(rng);
    rng = scripted_rng(below, 4);
    cr_expect(zero(sz, choose(score, 2, "1", rng)));
    sil_rng_free(rng);
}

/* The last U that the first word 2^63 - 1 leaves open lies within the error of the
 * weights of 1/2, so that it and the next one decide nothing, although no U they could
 * begin reaches 1/2: what is not certified is not decided. */
Test(choose, a_word_within_the_error_of_a_boundary_asks_for_more)
{
    sil_i128 score[] = {5, 5};
    uint64_t words[] = {((uint64_t)1 << 63) - 1, UINT64_MAX, 0, 1234};
    struct sil_rng *rng = scripted_rng(words, 4);

    cr_expect(zero(sz, choose(score, 2, "1", rng)));

    cr_expect(eq(u64, sil_rng_word(rng), 1234), "three words decide, not fewer");
    sil_rng_free(rng);
}

/* Weight e^-1000 = 2^-1442.7, far below any binary floating point number: the candidate
 * wins when U comes within that of 1, which 23 words of ones and not 22 bring about. */
Test(choose, no_gap_makes_a_candidate_impossible)
{
    enum { N = 64 };

    sil_i128 score[] = {1000000, 0};
    uint64_t words[N];
    for (size_t i = 0; i < N; i++) {
        words[i] = UINT64_MAX;
    }

    struct sil_rng *rng = scripted_rng(words, N);
    cr_expect(eq(sz, choose(score, 2, "1/1000", rng), 1));
    sil_rng_free(rng);

    words[22] = 0; /* U = 1 - 2^-1408 */
    rng = scripted_rng(words, N);
    cr_expect(zero(sz, choose(score, 2, "1/1000", rng)));
    sil_rng_free(rng);
}

Test(choose, scores_at_both_ends_of_128_bits_are_told_apart)
{
    sil_i128 score[] = {-LARGEST - 1, LARGEST, -LARGEST - 1, 0};
    struct sil_rng *rng = seeded_rng(6);
    for (int i = 0; i < 200; i++) {
        cr_assert(eq(sz, choose(score, 4, "1/1000000", rng), 1));
    }
    sil_rng_free(rng);
}

/* Scale 2^-127 brings the same scores within e^2 of each other: all of them win. */
Test(choose, a_small_scale_makes_distant_scores_compete)
{
    sil_i128 score[] = {-LARGEST - 1, LARGEST, 0};
    size_t count[3] = {0};
    struct sil_rng *rng = seeded_rng(7);
    for (int i = 0; i < 2000; i++) {
        count[choose(score, 3, "1/170141183460469231731687303715884105728", rng)]++;
    }
    /* e^-2 : 1 : e^-1 over their sum, 0.0900 0.6652 0.2447; 5 standard deviations. */
    cr_expect(gt(sz, count[0], 115));
    cr_expect(lt(sz, count[0], 245));
    cr_expect(gt(sz, count[1], 1225));
    cr_expect(lt(sz, count[1], 1436));
    cr_expect(gt(sz, count[2], 393));
    cr_expect(lt(sz, count[2], 586));
    sil_rng_free(rng);
}

/* One bit at a time or 64, the inverted U is the same number: the answer must be. */
static bool width_does_not_matter(struct test_random *random, void *context)
{
    (void)context;
    sil_i128 score[9];
    size_t n = 1 + test_below(random, 9);
    for (size_t i = 0; i < n; i++) {
        score[i] = (sil_i128)test_below(random, 2000) - 1000;
    }
    mpq_t scale;
    mpq_init(scale);
    mpq_set_ui(scale, 1 + test_below(random, 100), 1 + test_below(random, 5000));
    mpq_canonicalize(scale);

    /* The narrow draw reads `width` bits of its first word, then whole words; shift a
     * random number so that both scripts spell it. */
    unsigned width = 1 + (unsigned)test_below(random, 63);
    uint64_t u[6];
    uint64_t shifted[6];
    for (size_t i = 0; i < 6; i++) {
        u[i] = test_word(random);
    }
    shifted[0] = u[0];
    for (size_t i = 1; i < 6; i++) {
        shifted[i] = (u[i - 1] & (UINT64_MAX >> width)) << width | u[i] >> (64 - width);
    }
    struct sil_rng *wide = scripted_rng(u, 6);
    struct sil_rng *narrow = scripted_rng(shifted, 6);
    size_t one = SIZE_MAX;
    size_t other = SIZE_MAX;
    sil_status status = sil_choose(&one, score, n, scale, wide, NULL);
    if (status == SIL_OK) {
        struct sil_contest contest = {score, n, scale};
        status = sil_choose_from_width(&other, &contest, narrow, width, NULL);
    }
    sil_rng_free(narrow);
    sil_rng_free(wide);
    mpq_clear(scale);
    return status == SIL_OK && one == other && one < n;
}

Test(choose, the_width_of_the_first_word_does_not_change_the_answer)
{
    cr_expect(test_forall("width", 2000, width_does_not_matter, NULL));
}

/* The cumulative law in long double, away from its boundaries, names the winner too. */
static bool matches_softmax(struct test_random *random, void *context)
{
    (void)context;

    enum { N = 40 };

    sil_i128 score[N];
    long double weight[N];
    long double total = 0.0L;
    for (size_t i = 0; i < N; i++) {
        int value = (int)test_below(random, 2000) - 1000;
        score[i] = value;
        weight[i] = expl((long double)value / 250.0L);
        total += weight[i];
    }
    uint64_t word = test_word(random);
    long double at = ldexpl((long double)word, -64) * total;
    size_t want = 0;
    long double sum = weight[0];
    while (sum <= at && want + 1 < N) {
        sum += weight[++want];
    }
    bool is_near = fabsl(sum - at) < 1e-12L * total ||
                   fabsl(sum - weight[want] - at) < 1e-12L * total;

    struct sil_rng *rng = scripted_rng(&word, 1);
    size_t got = choose(score, N, "1/250", rng);
    sil_rng_free(rng);
    return is_near || got == want;
}

Test(choose, the_winner_is_that_of_a_softmax_in_long_double)
{
    cr_expect(test_forall("softmax", 2000, matches_softmax, NULL));
}
