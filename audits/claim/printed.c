// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/printed.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 6, LEAST_PLAIN = -4, LONGEST_PLAIN = 15 };

sil_status aud_print_rational(struct sil_bytes *out, const mpq_t value,
                              struct sil_error *err)
{
    char *text = NULL;
    size_t room = mpz_sizeinbase(mpq_numref(value), 10) +
                  mpz_sizeinbase(mpq_denref(value), 10) + 4;
    sil_status status = sil_alloc(&text, room, 1, "a number", err);
    if (status == SIL_OK) {
        (void)gmp_snprintf(text, room, "%Zd/%Zd", mpq_numref(value), mpq_denref(value));
        status = sil_bytes_append(out, text, strlen(text), err);
    }
    free(text);
    return status;
}

/* value / 10^exponent, rounded up or down. */
static void scale(mpz_t out, const mpq_t value, long exponent, bool up)
{
    mpz_t power;
    mpz_t below;
    mpz_init(power);
    mpz_init_set(below, mpq_denref(value));
    mpz_set(out, mpq_numref(value));
    mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
    mpz_mul(exponent < 0 ? out : below, exponent < 0 ? out : below, power);
    if (up) {
        mpz_cdiv_q(out, out, below);
    } else {
        mpz_fdiv_q(out, out, below);
    }
    mpz_clears(power, below, (mpz_ptr)NULL);
}

/* The digits of the value, rounded up, and the power of ten of the first. */
static long find_digits(char digits[DIGITS + 2], const mpq_t value)
{
    mpz_t scaled;
    mpz_init(scaled);
    long first = (long)mpz_sizeinbase(mpq_numref(value), 10) -
                 (long)mpz_sizeinbase(mpq_denref(value), 10) + 1;
    for (scale(scaled, value, first, false); mpz_sgn(scaled) == 0;) {
        first--;
        scale(scaled, value, first, false);
    }
    scale(scaled, value, first - DIGITS + 1, true);
    if (mpz_cmp_ui(scaled, 1000000) == 0) {
        first++; /* the digits are those of ten times as much */
        mpz_set_ui(scaled, 100000);
    }
    (void)gmp_snprintf(digits, DIGITS + 2, "%Zd", scaled);
    mpz_clear(scaled);
    for (size_t n = strlen(digits); n > 1 && digits[n - 1] == '0'; n--) {
        digits[n - 1] = '\0';
    }
    return first;
}

static sil_status print_plain(struct sil_bytes *out, const char *digits, long first,
                              struct sil_error *err)
{
    static const char ZEROS[] = "000000000000000";
    int n = (int)strlen(digits);
    int whole = (int)first + 1;
    if (whole <= 0) {
        return sil_bytes_printf(out, err, "0.%.*s%s", -whole, ZEROS, digits);
    }
    if (n <= whole) {
        return sil_bytes_printf(out, err, "%s%.*s", digits, whole - n, ZEROS);
    }
    return sil_bytes_printf(out, err, "%.*s.%s", whole, digits, digits + whole);
}

sil_status aud_print_decimal(struct sil_bytes *out, const mpq_t value,
                             struct sil_error *err)
{
    char digits[DIGITS + 2];
    if (mpq_sgn(value) == 0) {
        return sil_bytes_append(out, "0", 1, err);
    }
    long first = find_digits(digits, value);
    if (first >= LEAST_PLAIN && first < LONGEST_PLAIN) {
        return print_plain(out, digits, first, err);
    }
    return sil_bytes_printf(out, err, "%c%s%se%ld", digits[0],
                            digits[1] == '\0' ? "" : ".", digits + 1, first);
}
