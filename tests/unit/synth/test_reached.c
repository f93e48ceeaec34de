// SPDX-License-Identifier: Apache-2.0
/* When a share counts as missed, against arithmetic in other numbers, and how it is said. */
#include "support/property.h"
#include "synth/reached.h"

#include <criterion/criterion.h>

#include <math.h>

TestSuite(reached, .timeout = 60);

static const uint64_t HALF = SIL_SHARE_ONE / 2;

/* Of 100 rows and the share 1/2, independent draws have a standard deviation of 5. */
Test(reached, a_row_and_twice_the_deviation_are_rounding)
{
    cr_expect_not(sil_share_is_missed(50, HALF, 100));
    cr_expect_not(sil_share_is_missed(61, HALF, 100));
    cr_expect_not(sil_share_is_missed(39, HALF, 100));
    cr_expect(sil_share_is_missed(62, HALF, 100));
    cr_expect(sil_share_is_missed(38, HALF, 100));
}

Test(reached, none_and_all_allow_one_row)
{
    cr_expect_not(sil_share_is_missed(1, 0, 100));
    cr_expect(sil_share_is_missed(2, 0, 100));
    cr_expect_not(sil_share_is_missed(99, SIL_SHARE_ONE, 100));
    cr_expect(sil_share_is_missed(98, SIL_SHARE_ONE, 100));
    cr_expect_not(sil_share_is_missed(0, HALF, 1));
}

Test(reached, the_most_rows_do_not_overflow)
{
    cr_expect(sil_share_is_missed(0, SIL_SHARE_ONE, UINT32_MAX));
    cr_expect(sil_share_is_missed(UINT32_MAX, 0, UINT32_MAX));
    cr_expect(sil_share_is_missed(UINT32_MAX, HALF, UINT32_MAX));
    cr_expect_not(sil_share_is_missed(UINT32_MAX / 2, HALF, UINT32_MAX));
}

static bool agrees_with_floating_point(struct test_random *random, void *context)
{
    (void)context;
    uint64_t n_rows = 1 + test_below(random, 1000000);
    uint64_t share = test_below(random, SIL_SHARE_ONE + 1);
    double s = (double)share / (double)SIL_SHARE_ONE;
    double limit = 1 + 2 * sqrt((double)n_rows * s * (1 - s));
    double shift = (double)test_below(random, 4001) / 1000 - 2;
    double n = round((double)n_rows * s + limit * shift);
    double off = fabs(n - (double)n_rows * s);
    return n < 0 || n > (double)n_rows || fabs(off - limit) < 1e-6 ||
           sil_share_is_missed((uint64_t)n, share, n_rows) == (off > limit);
}

Test(reached, as_in_floating_point)
{
    cr_expect(test_forall("shares missed", test_cases(100000),
                          agrees_with_floating_point, NULL));
}

static void expect_said(uint64_t share, uint64_t n, uint64_t n_rows, const char *said)
{
    struct sil_bytes text = {0};
    struct sil_error err;
    const struct sil_share_missed missed = {
        .column = "age", .value = "..14:0.5", .length = 4, .share = share, .n = n};
    cr_assert_eq(sil_missed_say(&text, &missed, n_rows, &err), SIL_OK);
    cr_assert_eq(sil_bytes_append(&text, "", 1, &err), SIL_OK);
    cr_expect_str_eq((const char *)text.data, said);
    sil_bytes_clear(&text);
}

Test(reached, shares_in_words)
{
    expect_said(HALF, 431, 1000,
                "age=..14: asked 0.5, reached 0.431 (431 of 1000 rows)");
    expect_said(1, 7, 7, "age=..14: asked 0.000000001, reached 1 (7 of 7 rows)");
    expect_said(SIL_SHARE_ONE, 0, 20, "age=..14: asked 1, reached 0 (0 of 20 rows)");
    expect_said(0, 2, 3, "age=..14: asked 0, reached 0.666667 (2 of 3 rows)");
}
