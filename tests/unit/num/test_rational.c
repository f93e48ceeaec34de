// SPDX-License-Identifier: Apache-2.0
#include "num/rational.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void expect_equal(const mpq_t value, const char *want, const char *name)
{
    mpq_t expected;
    mpq_init(expected);
    cr_assert(zero(int, mpq_set_str(expected, want, 10)));
    mpq_canonicalize(expected);
    cr_expect(mpq_equal(value, expected) != 0, "%s", name);
    mpq_clear(expected);
}

static const struct {
    const char *text;
    bool fraction;
    const char *want;
} VALID[] = {
    {"0",                     false, "0"                    },
    {"-0",                    false, "0"                    },
    {"1",                     false, "1"                    },
    {"+1",                    false, "1"                    },
    {"-0.5",                  false, "-1/2"                 },
    {"1e-9",                  false, "1/1000000000"         },
    {"2.5E3",                 false, "2500"                 },
    {"0.1",                   false, "1/10"                 },
    {".5",                    false, "1/2"                  },
    {"5.",                    false, "5"                    },
    {"00012.50",              false, "25/2"                 },
    {"1.0e+2",                false, "100"                  },
    {"0e-10000",              false, "0"                    },
    {"123456789012345678901", false, "123456789012345678901"},
    {"1/2",                   true,  "1/2"                  },
    {"-4/6",                  true,  "-2/3"                 },
    {"0/7",                   true,  "0"                    },
    {"25135831/480336000",    true,  "25135831/480336000"   },
    {"1e-9",                  true,  "1/1000000000"         },
};

Test(rational_parse, reads_decimals_and_fractions_exactly)
{
    for (size_t i = 0; i < COUNT(VALID); i++) {
        mpq_t value;
        mpq_init(value);

        sil_status status =
            sil_rational_parse(value, VALID[i].text, VALID[i].fraction, "x", NULL);

        cr_expect(eq(int, status, SIL_OK), "%s", VALID[i].text);
        expect_equal(value, VALID[i].want, VALID[i].text);
        mpq_clear(value);
    }
}

static const char *const INVALID[] = {
    "",          " ",        " 1",
    "1 ",        "1\n",      "\t1",
    "+",         "-",        ".",
    "-.",        "e5",       ".e5",
    "1e",        "1e+",      "1e-",
    "1.2.3",     "1e5.0",    "1e5e5",
    "--1",       "+-1",      "0x1p3",
    "0x10",      "1p3",      "inf",
    "Infinity",  "-inf",     "nan",
    "NaN",       "nan(1)",   "1,5",
    "1_000",     "1'000",    "1e10001",
    "1e-10001",  "one",      "1.0f",
    "1/2",       "\xd9\xa1", "1e99999999999999999999999",
    "1\xc2\xa0",
};

Test(rational_parse, refuses_everything_else_and_leaves_zero)
{
    for (size_t i = 0; i < COUNT(INVALID); i++) {
        struct sil_error err = {{0}};
        mpq_t value;
        mpq_init(value);
        mpq_set_ui(value, 7, 3);

        sil_status status = sil_rational_parse(value, INVALID[i], 0, "epsilon", &err);

        cr_expect(eq(int, status, SIL_ERR_INPUT), "'%s'", INVALID[i]);
        cr_expect(zero(int, mpq_sgn(value)), "'%s'", INVALID[i]);
        cr_expect(strstr(err.text, "epsilon") == err.text, "%s", err.text);
        mpq_clear(value);
    }
}

static const char *const INVALID_FRACTIONS[] = {
    "1/0",   "0/0",   "/2",    "1/",   "1//2", "1/-2", "1/+2", "1.5/2",
    "1/2.5", "1e3/2", "1/2/3", " 1/2", "1 /2", "1/ 2", "1/2 ", "/",
};

Test(rational_parse, refuses_fractions_without_a_denominator_or_with_decimals)
{
    for (size_t i = 0; i < COUNT(INVALID_FRACTIONS); i++) {
        mpq_t value;
        mpq_init(value);

        sil_status status =
            sil_rational_parse(value, INVALID_FRACTIONS[i], 1, "x", NULL);

        cr_expect(eq(int, status, SIL_ERR_INPUT), "'%s'", INVALID_FRACTIONS[i]);
        mpq_clear(value);
    }
}

Test(rational_parse, keeps_to_its_limits_of_digits_and_exponent)
{
    char digits[402];
    mpq_t value;
    mpz_t power;
    mpq_init(value);
    mpz_init(power);
    (void)memset(digits, '9', sizeof digits);
    digits[401] = '\0';

    cr_expect(eq(int, sil_rational_parse(value, digits, 0, "x", NULL), SIL_ERR_INPUT));
    cr_expect(eq(int, sil_rational_parse(value, digits + 1, 0, "x", NULL), SIL_OK));
    cr_expect(eq(int, sil_rational_parse(value, "1e400", 0, "x", NULL), SIL_OK));
    mpz_ui_pow_ui(power, 10, 400);
    cr_expect(zero(int, mpz_cmp(mpq_numref(value), power)), "1e400 is exact");
    cr_expect(eq(int, sil_rational_parse(value, "1e10000", 0, "x", NULL), SIL_OK));
    cr_expect(eq(int, sil_rational_parse(value, "1e-10000", 0, "x", NULL), SIL_OK));

    mpz_clear(power);
    mpq_clear(value);
}

Test(rational_parse, never_repeats_the_text_in_the_error)
{
    struct sil_error err = {{0}};
    mpq_t value;
    mpq_init(value);

    cr_assert(
        eq(int, sil_rational_parse(value, "secret", 0, "a cell", &err), SIL_ERR_INPUT));

    cr_expect(strstr(err.text, "secret") == NULL);
    mpq_clear(value);
}

/* A random rational that favours the awkward: zero, powers of two, huge parts. */
static void random_rational(mpq_t out, gmp_randstate_t random)
{
    switch (gmp_urandomm_ui(random, 4)) {
    case 0: mpq_set_si(out, (long)gmp_urandomm_ui(random, 21) - 10, 1); break;
    case 1:
        mpq_set_ui(out, 1, 1);
        mpq_mul_2exp(out, out, gmp_urandomm_ui(random, 200));
        break;
    case 2:
        mpq_set_ui(out, 3, 1);
        mpq_div_2exp(out, out, gmp_urandomm_ui(random, 200));
        break;
    default:
        mpz_rrandomb(mpq_numref(out), random, 1 + gmp_urandomm_ui(random, 400));
        mpz_rrandomb(mpq_denref(out), random, 1 + gmp_urandomm_ui(random, 400));
        mpq_canonicalize(out);
        break;
    }
    if (gmp_urandomm_ui(random, 2) != 0) {
        mpq_neg(out, out);
    }
}

static char *print(const mpq_t value)
{
    struct sil_bytes text = {0};
    cr_assert(eq(int, sil_rational_print(&text, value, NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&text, "", 1, NULL), SIL_OK));
    return (char *)text.data;
}

static char *print_decimal(const mpq_t value, unsigned digits,
                           enum sil_rounding rounding)
{
    struct sil_bytes text = {0};
    sil_status status =
        sil_rational_print_decimal(&text, value, digits, rounding, NULL);
    cr_assert(eq(int, status, SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&text, "", 1, NULL), SIL_OK));
    return (char *)text.data;
}

Test(rational_print, gives_what_parse_reads_back)
{
    gmp_randstate_t random;
    gmp_randinit_mt(random);
    gmp_randseed_ui(random, 20260101);
    mpq_t value;
    mpq_t again;
    mpq_inits(value, again, NULL);

    for (int i = 0; i < 2000; i++) {
        random_rational(value, random);
        char *text = print(value);
        cr_expect(strchr(text, '/') != NULL, "%s", text);
        cr_expect(eq(int, sil_rational_parse(again, text, 1, "x", NULL), SIL_OK));
        cr_expect(mpq_equal(value, again) != 0, "%s", text);
        free(text);
    }

    mpq_clears(value, again, NULL);
    gmp_randclear(random);
}

static const struct {
    const char *value;
    unsigned digits;
    enum sil_rounding rounding;
    const char *want;
} DECIMALS[] = {
    {"0",                3, SIL_ROUND_UP,   "0"              },
    {"1",                6, SIL_ROUND_UP,   "1"              },
    {"1",                6, SIL_ROUND_DOWN, "1"              },
    {"1/3",              3, SIL_ROUND_UP,   "0.334"          },
    {"1/3",              3, SIL_ROUND_DOWN, "0.333"          },
    {"-1/3",             3, SIL_ROUND_UP,   "-0.333"         },
    {"-1/3",             3, SIL_ROUND_DOWN, "-0.334"         },
    {"9999/1000",        3, SIL_ROUND_UP,   "10"             },
    {"9999/1000",        3, SIL_ROUND_DOWN, "9.99"           },
    {"123456",           3, SIL_ROUND_UP,   "124000"         },
    {"123456",           6, SIL_ROUND_UP,   "123456"         },
    {"1234567/10",       6, SIL_ROUND_DOWN, "123456"         },
    {"1/100",            4, SIL_ROUND_UP,   "0.01"           },
    {"1/10000",          4, SIL_ROUND_UP,   "0.0001"         },
    {"1/100000",         4, SIL_ROUND_UP,   "1e-5"           },
    {"1/30000000",       3, SIL_ROUND_UP,   "3.34e-8"        },
    {"1000000000000000", 3, SIL_ROUND_UP,   "1e15"           },
    {"999999999999999",  3, SIL_ROUND_UP,   "1e15"           },
    {"100000000000000",  3, SIL_ROUND_UP,   "100000000000000"},
};

Test(rational_print_decimal, rounds_towards_the_named_side)
{
    for (size_t i = 0; i < COUNT(DECIMALS); i++) {
        mpq_t value;
        mpq_init(value);
        cr_assert(zero(int, mpq_set_str(value, DECIMALS[i].value, 10)));

        char *text = print_decimal(value, DECIMALS[i].digits, DECIMALS[i].rounding);

        cr_expect(zero(int, strcmp(text, DECIMALS[i].want)), "%s: %s",
                  DECIMALS[i].value, text);
        free(text);
        mpq_clear(value);
    }
}

Test(rational_print_decimal, encloses_the_value_within_one_unit_of_its_last_digit)
{
    gmp_randstate_t random;
    gmp_randinit_mt(random);
    gmp_randseed_ui(random, 20260102);
    mpq_t value;
    mpq_t above;
    mpq_t below;
    mpq_t gap;
    mpq_inits(value, above, below, gap, NULL);

    for (int i = 0; i < 2000; i++) {
        random_rational(value, random);
        char *up = print_decimal(value, 6, SIL_ROUND_UP);
        char *down = print_decimal(value, 6, SIL_ROUND_DOWN);
        cr_assert(eq(int, sil_rational_parse(above, up, 0, "x", NULL), SIL_OK), "%s",
                  up);
        cr_assert(eq(int, sil_rational_parse(below, down, 0, "x", NULL), SIL_OK));

        cr_expect(mpq_cmp(below, value) <= 0 && mpq_cmp(value, above) <= 0, "%s", up);
        mpq_sub(gap, above, below);
        mpq_abs(value, value);
        mpq_div_2exp(value, value, 16);
        cr_expect(mpq_cmp(gap, value) <= 0, "%s", up);
        free(up);
        free(down);
    }

    mpq_clears(value, above, below, gap, NULL);
    gmp_randclear(random);
}

Test(rational_print_decimal, refuses_no_digits_at_all)
{
    struct sil_bytes text = {0};
    mpq_t value;
    mpq_init(value);
    mpq_set_ui(value, 1, 3);

    sil_status status = sil_rational_print_decimal(&text, value, 0, SIL_ROUND_UP, NULL);

    cr_expect(eq(int, status, SIL_ERR_USAGE));
    sil_bytes_clear(&text);
    mpq_clear(value);
}

Test(rational_sqrt_down, is_the_largest_grid_point_whose_square_fits)
{
    gmp_randstate_t random;
    gmp_randinit_mt(random);
    gmp_randseed_ui(random, 20260103);
    mpq_t value;
    mpq_t root;
    mpq_t square;
    mpq_t step;
    mpq_inits(value, root, square, step, NULL);

    for (int i = 0; i < 2000; i++) {
        unsigned bits = (unsigned)gmp_urandomm_ui(random, 80);
        random_rational(value, random);
        mpq_abs(value, value);
        sil_rational_sqrt_down(root, value, bits);

        mpq_mul(square, root, root);
        cr_expect(mpq_cmp(square, value) <= 0);
        mpq_set_ui(step, 1, 1);
        mpq_div_2exp(step, step, bits);
        mpq_add(root, root, step);
        mpq_mul(square, root, root);
        cr_expect(mpq_cmp(square, value) > 0);
        mpq_div(root, root, step);
        cr_expect(zero(int, mpz_cmp_ui(mpq_denref(root), 1)), "on the grid");
    }

    mpq_set_ui(value, 9, 4);
    sil_rational_sqrt_down(value, value, 1);
    expect_equal(value, "3/2", "the output may be the input");
    mpq_clears(value, root, square, step, NULL);
    gmp_randclear(random);
}

Test(rational_ceil, is_the_smallest_grid_point_not_below)
{
    gmp_randstate_t random;
    gmp_randinit_mt(random);
    gmp_randseed_ui(random, 20260104);
    mpq_t value;
    mpq_t up;
    mpq_t step;
    mpq_inits(value, up, step, NULL);

    for (int i = 0; i < 2000; i++) {
        unsigned bits = (unsigned)gmp_urandomm_ui(random, 80);
        random_rational(value, random);
        sil_rational_ceil(up, value, bits);

        cr_expect(mpq_cmp(up, value) >= 0);
        mpq_set_ui(step, 1, 1);
        mpq_div_2exp(step, step, bits);
        mpq_sub(up, up, step);
        cr_expect(mpq_cmp(up, value) < 0);
        mpq_div(up, up, step);
        cr_expect(zero(int, mpz_cmp_ui(mpq_denref(up), 1)), "on the grid");
    }

    mpq_clears(value, up, step, NULL);
    gmp_randclear(random);
}

/* The library that all budgets rest on, against schoolbook fractions in 128 bits. */
static long greatest_divisor(long a, long b)
{
    return b == 0 ? labs(a) : greatest_divisor(b, a % b);
}

static void expect_fraction(const mpq_t value, long above, long below)
{
    long divisor = greatest_divisor(above, below);
    divisor = below < 0 ? -divisor : divisor;
    cr_expect(zero(int, mpz_cmp_si(mpq_numref(value), above / divisor)));
    cr_expect(zero(int, mpz_cmp_si(mpq_denref(value), below / divisor)));
}

Test(rational_library, agrees_with_schoolbook_fractions)
{
    gmp_randstate_t random;
    gmp_randinit_mt(random);
    gmp_randseed_ui(random, 20260105);
    mpq_t a;
    mpq_t b;
    mpq_t result;
    mpq_inits(a, b, result, NULL);

    for (int i = 0; i < 20000; i++) {
        long p = (long)gmp_urandomm_ui(random, 2001) - 1000;
        long q = (long)gmp_urandomm_ui(random, 1000) + 1;
        long r = (long)gmp_urandomm_ui(random, 2001) - 1000;
        long s = (long)gmp_urandomm_ui(random, 1000) + 1;
        mpq_set_si(a, p, (unsigned long)q);
        mpq_canonicalize(a);
        mpq_set_si(b, r, (unsigned long)s);
        mpq_canonicalize(b);

        mpq_add(result, a, b);
        expect_fraction(result, p * s + r * q, q * s);
        mpq_mul(result, a, b);
        expect_fraction(result, p * r, q * s);
        long order = p * s - r * q;
        cr_expect(eq(int, (mpq_cmp(a, b) > 0) - (mpq_cmp(a, b) < 0),
                     (order > 0) - (order < 0)));
        if (r != 0) {
            mpq_div(result, a, b);
            expect_fraction(result, p * s, q * r);
        }
    }

    mpq_clears(a, b, result, NULL);
    gmp_randclear(random);
}

Test(rational_library, divides_negatives_and_equals_rightly)
{
    mpq_t a;
    mpq_t b;
    mpq_inits(a, b, NULL);

    mpq_set_si(a, -2, 3);
    mpq_set_si(b, 4, 1);
    mpq_div(a, a, b);
    expect_equal(a, "-1/6", "(-2/3)/4");
    mpq_set_si(a, 10, 1);
    mpq_div(a, a, a);
    expect_equal(a, "1", "10/10");

    mpq_clears(a, b, NULL);
}
