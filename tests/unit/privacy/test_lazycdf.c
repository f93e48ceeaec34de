// SPDX-License-Identifier: Apache-2.0
#include "privacy/cdf.h"
#include "privacy/lazycdf.h"
#include "support/discrete_law.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "support/vectors.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <string.h>

static struct sil_lazycdf *new_lazy(sil_cdf_fn *cdf, const void *law, unsigned width,
                                    uint32_t max_entries)
{
    struct sil_lazycdf *lazy = NULL;
    struct sil_lazycdf_plan plan = {cdf, law, width, max_entries};
    cr_assert(eq(int, sil_lazycdf_new(&lazy, &plan, NULL), SIL_OK));
    return lazy;
}

static void rounded_init(struct sil_rounded_gaussian *law, const char *sigma2_text,
                         unsigned shift)
{
    struct sil_sigma2 sigma2;
    mpq_init(sigma2.v);
    cr_assert(zero(int, mpq_set_str(sigma2.v, sigma2_text, 10)));
    mpq_canonicalize(sigma2.v);
    sil_rounded_gaussian_init(law, &sigma2, shift);
    mpq_clear(sigma2.v);
}

/* The vectors round 1 - 10^-90 to 1, and so hold 2^63 where F is that close to 1; F stays
 * below 1, and the floor at 2^63 - 1. */
static void expect_entries(struct sil_lazycdf *lazy, const json_t *vector)
{
    const json_t *entries = vectors_member(vector, "abs_cdf_floor_2e63");
    cr_assert(ge(sz, json_array_size(entries), 10));
    for (size_t k = 0; k < json_array_size(entries); k++) {
        uint64_t want =
            strtoull(json_string_value(json_array_get(entries, k)), NULL, 10);
        want -= want == (uint64_t)1 << 63;
        cr_expect(eq(u64, sil_lazycdf_entry(lazy, k), want), "k = %zu", k);
    }
}

Test(lazycdf, rounded_gaussian_entries_are_the_vectors_to_the_last_bit)
{
    json_t *vectors = vectors_load("l");
    cr_assert(ge(sz, json_array_size(vectors), 8));
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        const json_t *vector = json_array_get(vectors, i);
        struct sil_rounded_gaussian law;
        json_int_t shift = json_integer_value(vectors_member(vector, "grid_shift_s"));
        rounded_init(&law, vectors_text(vector, "sigma2"), (unsigned)shift);
        struct sil_lazycdf *lazy =
            new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, 4096);
        struct sil_lazycdf *gappy =
            new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, 3);

        expect_entries(lazy, vector);
        expect_entries(gappy, vector);

        sil_lazycdf_free(gappy);
        sil_lazycdf_free(lazy);
        sil_rounded_gaussian_clear(&law);
    }
    json_decref(vectors);
}

Test(lazycdf, discrete_gaussian_entries_are_the_vectors_to_the_last_bit)
{
    json_t *vectors = vectors_load("a");
    cr_assert(ge(sz, json_array_size(vectors), 4));
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        const json_t *vector = json_array_get(vectors, i);
        struct sil_sigma2 sigma2;
        mpq_init(sigma2.v);
        vectors_rational(sigma2.v, vector, "sigma2");
        struct sil_lazycdf *lazy =
            new_lazy(discrete_gaussian_cdf, &sigma2, SIL_LAZYCDF_WIDTH, 4096);

        expect_entries(lazy, vector);

        sil_lazycdf_free(lazy);
        mpq_clear(sigma2.v);
    }
    json_decref(vectors);
}

/* A random law and k: the enclosure at low precision holds the one at high precision, is
 * narrow, and does not reach the next k's. */
static bool encloses(struct test_random *random, void *context)
{
    (void)context;
    struct sil_sigma2 sigma2;
    struct sil_rounded_gaussian law;
    mpq_init(sigma2.v);
    test_rational(sigma2.v, random, 64);
    if (mpq_sgn(sigma2.v) == 0) {
        mpq_set_ui(sigma2.v, 1, 3);
    }
    sil_rounded_gaussian_init(&law, &sigma2, (unsigned)test_below(random, 17));
    uint64_t k = test_edge_word(random) >> 20;

    mpfr_t bound[4];
    mpfr_inits2(80, bound[0], bound[1], (mpfr_ptr)NULL);
    mpfr_inits2(300, bound[2], bound[3], (mpfr_ptr)NULL);
    sil_rounded_gaussian_cdf(bound[0], bound[1], k, &law);
    sil_rounded_gaussian_cdf(bound[2], bound[3], k, &law);
    bool is_nested = mpfr_lessequal_p(bound[0], bound[2]) != 0 &&
                     mpfr_lessequal_p(bound[2], bound[3]) != 0 &&
                     mpfr_lessequal_p(bound[3], bound[1]) != 0 &&
                     mpfr_sgn(bound[0]) >= 0 && mpfr_cmp_ui(bound[1], 1) <= 0;
    mpfr_sub(bound[1], bound[1], bound[0], MPFR_RNDU);
    bool is_narrow = mpfr_cmp_ui_2exp(bound[1], 1, -72) <= 0;

    mpfr_clears(bound[0], bound[1], bound[2], bound[3], (mpfr_ptr)NULL);
    sil_rounded_gaussian_clear(&law);
    mpq_clear(sigma2.v);
    mpfr_free_cache();
    return is_nested && is_narrow;
}

Test(lazycdf, rounded_gaussian_enclosures_are_nested_and_narrow)
{
    cr_expect(test_forall("enclosure", 500, encloses, NULL));
}

/* Table or anchors with gaps: the plan changes the work, not one answer. */
Test(lazycdf, a_small_table_gives_the_draws_of_a_full_one)
{
    static const uint32_t MAX_ENTRIES[] = {1, 2, 7, 100, 1000};

    enum { N = 2000 };

    for (size_t m = 0; m < sizeof MAX_ENTRIES / sizeof MAX_ENTRIES[0]; m++) {
        static int64_t want[N];
        static int64_t got[N];
        struct sil_rounded_gaussian law;
        rounded_init(&law, "10007/100", 3);
        struct sil_lazycdf *full =
            new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, 4096);
        struct sil_lazycdf *small =
            new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, MAX_ENTRIES[m]);
        struct sil_rng *rng = seeded_rng(m);
        struct sil_rng *twin = seeded_rng(m);

        sil_lazycdf_draw(full, rng, want, N);
        sil_lazycdf_draw(small, twin, got, N);

        cr_expect(zero(int, memcmp(want, got, sizeof want)), "%u entries",
                  MAX_ENTRIES[m]);
        sil_rng_free(twin);
        sil_rng_free(rng);
        sil_lazycdf_free(small);
        sil_lazycdf_free(full);
        sil_rounded_gaussian_clear(&law);
    }
}

/* floor(2^127 F(k)) by its own evaluation at 400 bits: the 63 bits of the first word and
 * the 64 of the next where U stops lying below F(k). */
static void boundary(uint64_t *first, uint64_t *second, double sigma, uint64_t k)
{
    mpfr_t value;
    mpz_t scaled;
    mpz_t low;
    mpfr_init2(value, 400);
    mpz_init(scaled);
    mpz_init(low);
    mpfr_set_d(value, sigma, MPFR_RNDN);
    mpfr_sqr(value, value, MPFR_RNDN);
    mpfr_mul_ui(value, value, 8, MPFR_RNDN);
    mpfr_sqrt(value, value, MPFR_RNDN);
    mpfr_ui_div(value, 2 * k + 1, value, MPFR_RNDN);
    mpfr_erf(value, value, MPFR_RNDN);
    mpfr_mul_2ui(value, value, 127, MPFR_RNDN);
    mpfr_get_z(scaled, value, MPFR_RNDD);
    mpz_fdiv_r_2exp(low, scaled, 64);
    *second = mpz_get_ui(low);
    mpz_fdiv_q_2exp(scaled, scaled, 64);
    *first = mpz_get_ui(scaled);
    mpz_clear(low);
    mpz_clear(scaled);
    mpfr_clear(value);
    mpfr_free_cache();
}

/* Entries that share a place in the memory of evaluations, which has 2^20 places. */
Test(lazycdf, remembered_entries_are_not_mixed_up)
{
    struct sil_rounded_gaussian law;
    rounded_init(&law, "1000000000000", 0);
    struct sil_lazycdf *lazy =
        new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, 16);

    for (uint64_t round = 0; round < 3; round++) {
        for (uint64_t k = 5; k < 4000000; k += (uint64_t)1 << 20) {
            uint64_t first;
            uint64_t second;
            boundary(&first, &second, 1e6, k);
            cr_expect(eq(u64, sil_lazycdf_entry(lazy, k), first));
        }
    }
    sil_lazycdf_free(lazy);
    sil_rounded_gaussian_clear(&law);
}

static int64_t draw_scripted(struct sil_lazycdf *lazy, const uint64_t *words, size_t n)
{
    int64_t out;
    struct sil_rng *rng = scripted_rng(words, n);
    sil_lazycdf_draw(lazy, rng, &out, 1);
    sil_rng_free(rng);
    return out;
}

/* On a boundary the first word decides nothing; the second does unless it hits too. */
Test(lazycdf, words_on_a_boundary_are_decided_by_the_next_word)
{
    struct sil_rounded_gaussian law;
    rounded_init(&law, "25", 0);
    struct sil_lazycdf *table =
        new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, 4096);
    struct sil_lazycdf *gappy =
        new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, 4);

    for (uint64_t k = 0; k < 40; k++) {
        uint64_t first;
        uint64_t second;
        boundary(&first, &second, 5.0, k);
        uint64_t below[] = {first << 1, second - 1};
        uint64_t above[] = {first << 1 | 1, second + 1};
        uint64_t tie_below[] = {first << 1, second, 0};
        uint64_t tie_above[] = {first << 1, second, UINT64_MAX};

        cr_expect(eq(i64, draw_scripted(table, below, 2), (int64_t)k));
        cr_expect(eq(i64, draw_scripted(table, above, 2), -(int64_t)k - 1));
        cr_expect(eq(i64, draw_scripted(table, tie_below, 3), (int64_t)k));
        cr_expect(eq(i64, draw_scripted(table, tie_above, 3), (int64_t)k + 1));
        cr_expect(eq(i64, draw_scripted(gappy, below, 2), (int64_t)k));
        cr_expect(eq(i64, draw_scripted(gappy, above, 2), -(int64_t)k - 1));
    }
    sil_lazycdf_free(gappy);
    sil_lazycdf_free(table);
    sil_rounded_gaussian_clear(&law);
}

/* U = 1 - 2^-191: far beyond the table, and still the k that the law names. */
Test(lazycdf, the_tail_has_no_end)
{
    struct sil_rounded_gaussian law;
    rounded_init(&law, "1", 0);
    struct sil_lazycdf *lazy =
        new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, 4096);
    uint64_t words[] = {UINT64_MAX - 1, UINT64_MAX, UINT64_MAX, 0};

    int64_t k = draw_scripted(lazy, words, 4);

    /* P[|N| > 15.5] = 3.4e-54, P[|N| > 16.5] = 3.7e-61, and 2^-191 = 3.2e-58. */
    cr_expect(eq(i64, k, 16));
    sil_lazycdf_free(lazy);
    sil_rounded_gaussian_clear(&law);
}

Test(lazycdf, the_lowest_bit_of_the_word_is_the_sign)
{
    struct sil_rounded_gaussian law;
    rounded_init(&law, "100", 0);
    struct sil_lazycdf *lazy =
        new_lazy(sil_rounded_gaussian_cdf, &law, SIL_LAZYCDF_WIDTH, 4096);
    struct test_random random = {.state = 8};

    for (int i = 0; i < 1000; i++) {
        uint64_t word = test_word(&random) & ~(uint64_t)1;
        uint64_t negative = word | 1;
        int64_t k = draw_scripted(lazy, &word, 1);
        cr_assert(ge(i64, k, 0));
        cr_assert(eq(i64, draw_scripted(lazy, &negative, 1), -k));
    }
    sil_lazycdf_free(lazy);
    sil_rounded_gaussian_clear(&law);
}
