// SPDX-License-Identifier: Apache-2.0
/* Printed decimals against GMP: around every power of ten, where the number of digits
 * changes, and around the values that no longer fit 64 bits. */
#include "support/property.h"
#include "table/decimal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <gmp.h>

#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = 64, POWERS = 28, NEAR = 3 };

/* size / 10^written, digits by GMP; `size` >= 0. */
static void expected(char text[TEXT_BYTES], sil_i128 size, bool is_negative,
                     unsigned written)
{
    char digits[TEXT_BYTES];
    mpz_t n;
    mpz_init_set_ui(n, (unsigned long)(size >> 64));
    mpz_mul_2exp(n, n, 64);
    mpz_add_ui(n, n, (unsigned long)size);
    (void)gmp_snprintf(digits, sizeof digits, "%0*Zd", (int)written + 1, n);
    mpz_clear(n);
    int whole = (int)(strlen(digits) - written);
    (void)snprintf(text, TEXT_BYTES, "%s%.*s%s%s", is_negative ? "-" : "", whole,
                   digits, written > 0 ? "," : "", digits + whole);
}

/* Printed at its own scale, and multiplied up, which the same text belongs to. */
static void check(sil_i128 size, bool is_negative, unsigned written)
{
    char want[TEXT_BYTES];
    sil_i128 value = is_negative ? -size : size;
    expected(want, size, is_negative && size > 0, written);
    for (unsigned more = 0; more <= 9 && written + more <= SIL_PLACES_MAX; more++) {
        char text[SIL_SCALED_BYTES + 1];
        char *end = sil_scaled_put(text, value * sil_power_of_ten(more), written + more,
                                   written, ',');
        *end = '\0';
        cr_expect(zero(int, strcmp(text, want)), "%s, not %s", text, want);
    }
}

Test(decimal, prints_what_gmp_prints)
{
    for (unsigned written = 0; written <= SIL_PLACES_MAX; written++) {
        for (unsigned power = 0; power < POWERS; power++) {
            sil_i128 middle = sil_power_of_ten(power);
            for (sil_i128 d = -NEAR; d <= NEAR; d++) {
                sil_i128 size = middle + d > 0 ? middle + d : 0;
                check(size, false, written);
                check(size, true, written);
            }
        }
    }
}

Test(decimal, appends_what_it_prints)
{
    struct sil_bytes out = {0};
    cr_assert(zero(int, sil_bytes_append(&out, "x", 1, NULL)));

    cr_assert(zero(int, sil_scaled_print(&out, -1250, 3, 2, '.', NULL)));

    cr_expect(out.length == 6 && memcmp(out.data, "x-1.25", 6) == 0);
    sil_bytes_clear(&out);
}

/* A blank in front changes nothing but the way: short texts have one of their own. */
Test(decimal, reads_short_texts_as_it_reads_others)
{
    static const char ALPHABET[] = "0123456789012345678900++--..e";
    struct test_random random = {.state = test_seed(20260102)};
    size_t n_read = 0;
    for (size_t i = 0; i < test_cases(200000); i++) {
        char text[TEXT_BYTES] = " ";
        size_t n = test_below(&random, 20);
        unsigned places = (unsigned)test_below(&random, SIL_PLACES_MAX + 1);
        struct sil_scaled plain = {0};
        struct sil_scaled blank = {0};
        for (size_t k = 1; k <= n; k++) {
            bool is_digit = k > 2 && test_below(&random, 8) > 0;
            size_t range = is_digit ? 10 : sizeof ALPHABET - 1;
            text[k] = ALPHABET[test_below(&random, range)];
        }

        bool is_read = sil_scaled_parse(&plain, text + 1, n, places, '.');
        bool is_read_too = sil_scaled_parse(&blank, text, n + 1, places, '.');

        cr_assert(is_read == is_read_too && plain.floor == blank.floor &&
                      plain.is_inexact == blank.is_inexact,
                  "\"%s\" with %u places", text + 1, places);
        n_read += is_read;
    }
    cr_expect(ge(sz, n_read, test_cases(200000) / 4));
}
