// SPDX-License-Identifier: Apache-2.0
#include "privacy/gauss.h"
#include "support/seeded_rng.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static sil_status new_gauss_for(struct sil_gauss **out, const char *sigma2_text,
                                size_t n_draws)
{
    struct sil_sigma2 sigma2;
    mpq_init(sigma2.v);
    cr_assert(zero(int, mpq_set_str(sigma2.v, sigma2_text, 10)));
    mpq_canonicalize(sigma2.v);
    sil_status status = sil_gauss_new(out, &sigma2, n_draws, NULL);
    mpq_clear(sigma2.v);
    return status;
}

static sil_status new_gauss(struct sil_gauss **out, const char *sigma2_text)
{
    return new_gauss_for(out, sigma2_text, 1000);
}

/* s = max(0, min(16, 6 - floor(log2 sigma))), worked out by hand. */
static const struct shift_case {
    const char *name;
    const char *sigma2;
    unsigned shift;
} SHIFT_CASES[] = {
    {"sigma 1",                        "1",                     6 },
    {"sigma just below 1",             "9999/10000",            7 },
    {"sigma 1/2",                      "1/4",                   7 },
    {"sigma 2",                        "4",                     5 },
    {"sigma just below 2",             "39999/10000",           6 },
    {"sigma 20",                       "400",                   2 },
    {"sigma 64",                       "4096",                  0 },
    {"sigma just below 64",            "4095",                  1 },
    {"sigma 128",                      "16384",                 0 },
    {"sigma a million",                "1000000000000",         0 },
    {"sigma 2^-10",                    "1/1048576",             16},
    {"sigma just above 2^-10 uses 16", "1000001/1048576000000", 16},
    {"sigma 2^-9 uses 15",             "1/262144",              15},
    {"sigma 2^-20 is capped at 16",    "1/1099511627776",       16},
};

Test(gauss, the_shift_follows_from_sigma)
{
    for (size_t i = 0; i < sizeof SHIFT_CASES / sizeof SHIFT_CASES[0]; i++) {
        const struct shift_case *c = &SHIFT_CASES[i];
        struct sil_gauss *gauss = NULL;
        cr_assert(eq(int, new_gauss(&gauss, c->sigma2), SIL_OK), "%s", c->name);

        cr_expect(eq(uint, sil_gauss_shift(gauss), c->shift), "%s", c->name);

        sil_gauss_free(gauss);
    }
}

Test(gauss, a_variance_out_of_range_is_refused)
{
    static const char *const REFUSED[] = {"0", "-1", "1/1099511627777", "1000000000001",
                                          "2000000000001/2"};
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct sil_gauss *gauss = (struct sil_gauss *)&gauss;
        cr_expect(eq(int, new_gauss(&gauss, REFUSED[i]), SIL_ERR_USAGE), "%s",
                  REFUSED[i]);
        cr_expect(eq(ptr, gauss, NULL));
    }
    sil_gauss_free(NULL);
}

/* However the draws are asked for, one stream gives one sequence. */
Test(gauss, batches_of_any_size_give_the_same_sequence)
{
    enum { N = 3000 };

    static int64_t whole[N];
    static int64_t parts[N];
    static const size_t PARTS[] = {1, 511, 512, 513, 700, 0, 763};
    struct sil_gauss *gauss = NULL;
    struct sil_rng *rng = seeded_rng(2);
    struct sil_rng *twin = seeded_rng(2);
    cr_assert(eq(int, new_gauss(&gauss, "3"), SIL_OK));

    sil_gauss_draw(gauss, rng, whole, N);
    size_t done = 0;
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        sil_gauss_draw(gauss, twin, parts + done, PARTS[i]);
        done += PARTS[i];
    }

    cr_assert(eq(sz, done, N));
    cr_expect(zero(int, memcmp(whole, parts, sizeof whole)));
    sil_gauss_free(gauss);
    sil_rng_free(twin);
    sil_rng_free(rng);
}

/* The smallest variance: nearly every draw is 0, and no other value is far away. */
Test(gauss, the_smallest_variance_rounds_to_zero)
{
    int64_t out[1000];
    struct sil_gauss *gauss = NULL;
    struct sil_rng *rng = seeded_rng(3);
    cr_assert(eq(int, new_gauss(&gauss, "1/1099511627776"), SIL_OK));

    sil_gauss_draw(gauss, rng, out, 1000);

    /* 2^16 sigma = 1/16, and P[|N| >= 8 sigma] = 1.2e-15. */
    for (size_t i = 0; i < 1000; i++) {
        cr_assert(eq(i64, out[i], 0));
    }
    sil_gauss_free(gauss);
    sil_rng_free(rng);
}

/* At the largest variance F is evaluated on demand: the magnitudes spread as they must,
 * half of them on each side of the median 674,490 (sigma 0.67449). */
Test(gauss, the_largest_variance_is_drawn_without_a_table)
{
    enum { N = 10000 };

    static int64_t out[N];
    struct sil_gauss *gauss = NULL;
    struct sil_rng *rng = seeded_rng(4);
    cr_assert(eq(int, new_gauss(&gauss, "1000000000000"), SIL_OK));

    sil_gauss_draw(gauss, rng, out, N);

    size_t n_inside = 0;
    for (size_t i = 0; i < N; i++) {
        int64_t magnitude = out[i] < 0 ? -out[i] : out[i];
        cr_assert(lt(i64, magnitude, 7000000));
        n_inside += magnitude <= 674490;
    }
    /* 5,000 give or take 5 standard deviations of 50. */
    cr_expect(gt(sz, n_inside, 4750), "%zu", n_inside);
    cr_expect(lt(sz, n_inside, 5250), "%zu", n_inside);
    sil_gauss_free(gauss);
    sil_rng_free(rng);
}

/* How many draws a sampler is prepared for changes its work, not one value. */
Test(gauss, what_is_prepared_for_few_draws_is_the_same_noise)
{
    enum { N = 3000 };

    static const char *const VARIANCES[] = {"1/1000", "1", "40000", "700000"};
    static const size_t PREPARED[] = {0, 1, 9, 100, SIZE_MAX};
    static int64_t want[N];
    static int64_t got[N];
    for (size_t v = 0; v < sizeof VARIANCES / sizeof VARIANCES[0]; v++) {
        for (size_t p = 0; p < sizeof PREPARED / sizeof PREPARED[0]; p++) {
            struct sil_gauss *gauss = NULL;
            struct sil_rng *rng = seeded_rng(7);
            cr_assert(
                eq(int, new_gauss_for(&gauss, VARIANCES[v], PREPARED[p]), SIL_OK));
            sil_gauss_draw(gauss, rng, p == 0 ? want : got, N);
            cr_expect(p == 0 || memcmp(want, got, sizeof want) == 0,
                      "variance %s, prepared for %zu", VARIANCES[v], PREPARED[p]);
            sil_gauss_free(gauss);
            sil_rng_free(rng);
        }
    }
}
