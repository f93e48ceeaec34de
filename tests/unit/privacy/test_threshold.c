// SPDX-License-Identifier: Apache-2.0
/* The threshold of a discovery: against a tail that is computed in another way, and at the
 * borders of what it is asked. */
#include "privacy/gauss.h"
#include "privacy/threshold_internal.h"
#include "unit/privacy/gate_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(threshold, .fini = free_mpfr_caches);

static const struct {
    const char *sigma2;
    uint32_t rows;
    const char *delta;
} CASES[] = {
    {"1",          1,       "1/1000000"                        },
    {"1",          7,       "1/1000000"                        },
    {"336",        1,       "1/10000000000"                    },
    {"336",        1048576, "1/10000000000"                    },
    {"1/1048576",  2,       "1/3"                              },
    {"1000000000", 3,       "499/1000"                         },
    {"25/4",       1,       "1/1000000000000000000000000000000"},
    {"9/1000000",  20,      "7/100"                            },
};

/* P[Z >= m] = 1/2 - erf((2m - 1) / (2^s sqrt(8 sigma2))) / 2, to 2,000 bits. */
static void tail(mpfr_t out, int64_t m, const struct sil_sigma2 *sigma2)
{
    mpfr_t root;
    mpfr_init2(root, 2000);
    mpfr_set_q(root, sigma2->v, MPFR_RNDN);
    mpfr_mul_ui(root, root, 8, MPFR_RNDN);
    mpfr_sqrt(root, root, MPFR_RNDN);
    mpfr_mul_2ui(root, root, sil_gauss_shift_of(sigma2), MPFR_RNDN);
    mpfr_set_si(out, 2 * m - 1, MPFR_RNDN);
    mpfr_div(out, out, root, MPFR_RNDN);
    mpfr_erf(out, out, MPFR_RNDN);
    mpfr_ui_sub(out, 1, out, MPFR_RNDN);
    mpfr_div_2ui(out, out, 1, MPFR_RNDN);
    mpfr_clear(root);
}

static bool holds(int64_t threshold, uint32_t rows, const struct sil_sigma2 *sigma2,
                  const struct sil_delta *delta)
{
    mpfr_t p;
    mpfr_init2(p, 2000);
    tail(p, threshold - ((int64_t)rows << sil_gauss_shift_of(sigma2)), sigma2);
    mpfr_mul_ui(p, p, rows, MPFR_RNDN);
    bool holds = mpfr_cmp_q(p, delta->v) <= 0;
    mpfr_clear(p);
    return holds;
}

Test(threshold, is_the_smallest_that_k_new_values_pass_with_probability_delta)
{
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_sigma2 sigma2 = kit_sigma2(CASES[i].sigma2);
        struct sil_delta delta;
        int64_t t = 0;
        sil_delta_init(&delta);
        kit_set(delta.v, CASES[i].delta);

        cr_assert(eq(int,
                     sil_threshold_of_delta(&t, &sigma2, CASES[i].rows, &delta, NULL),
                     SIL_OK));

        cr_expect(eq(int, holds(t, CASES[i].rows, &sigma2, &delta), 1), "case %zu", i);
        cr_expect(zero(int, holds(t - 1, CASES[i].rows, &sigma2, &delta)), "case %zu",
                  i);
        sil_delta_clear(&delta);
        sil_sigma2_clear(&sigma2);
    }
}

/* With few bits each rounding shows: none of them may let the threshold fall. */
Test(threshold, is_rounded_up_by_every_step)
{
    struct sil_delta delta;
    sil_delta_init(&delta);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_sigma2 sigma2 = kit_sigma2(CASES[i].sigma2);
        int64_t t = 0;
        int64_t rough = 0;
        kit_set(delta.v, CASES[i].delta);
        cr_assert(zero(
            int, sil_threshold_of_delta(&t, &sigma2, CASES[i].rows, &delta, NULL)));
        for (mpfr_prec_t bits = 3; bits <= 20; bits++) {
            cr_assert(zero(int, sil_threshold_with_bits(&rough, &sigma2, CASES[i].rows,
                                                        &delta, bits, NULL)));
            cr_expect(ge(i64, rough, t), "case %zu, %d bits", i, (int)bits);
        }
        sil_sigma2_clear(&sigma2);
    }
    sil_delta_clear(&delta);
}

Test(threshold, is_refused_where_delta_allows_anything_or_nothing)
{
    static const char *const DELTAS[] = {"0", "1/2", "1", "-1/10"};
    struct sil_sigma2 sigma2 = kit_sigma2("1");
    struct sil_delta delta;
    int64_t t = 0;
    sil_delta_init(&delta);
    for (size_t i = 0; i < sizeof DELTAS / sizeof DELTAS[0]; i++) {
        kit_set(delta.v, DELTAS[i]);
        cr_expect(eq(int, sil_threshold_of_delta(&t, &sigma2, 1, &delta, NULL),
                     SIL_ERR_USAGE),
                  "%s", DELTAS[i]);
    }
    kit_set(delta.v, "1/10");
    cr_expect(
        eq(int, sil_threshold_of_delta(&t, &sigma2, 0, &delta, NULL), SIL_ERR_USAGE));
    cr_expect(eq(int, sil_threshold_of_delta(&t, &sigma2, 1048577, &delta, NULL),
                 SIL_ERR_USAGE));
    sil_delta_clear(&delta);
    sil_sigma2_clear(&sigma2);
}
