// SPDX-License-Identifier: Apache-2.0
#include "num/rational.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>

enum {
    MAX_DIGITS = 400,
    MAX_EXPONENT = 10000,
    MIN_PLAIN = -4, /* decimal exponents printed without "e" */
    MAX_PLAIN = 15
};

/* What has been read of a text: `at` is the first character that has not. */
struct scan {
    const char *at;
    size_t n_digits;
    size_t n_after_point;
    long exponent;
    bool is_negative;
    char digits[MAX_DIGITS + 1];
};

/* <ctype.h> answers by locale; these are the ten ASCII digits and nothing else. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool scan_sign(const char **at)
{
    bool is_negative = **at == '-';
    *at += **at == '-' || **at == '+';
    return is_negative;
}

static bool scan_digits(struct scan *scan)
{
    while (is_digit(*scan->at)) {
        if (scan->n_digits == MAX_DIGITS) {
            return false;
        }
        scan->digits[scan->n_digits++] = *scan->at++;
    }
    scan->digits[scan->n_digits] = '\0';
    return true;
}

static bool scan_mantissa(struct scan *scan)
{
    scan->is_negative = scan_sign(&scan->at);
    if (!scan_digits(scan)) {
        return false;
    }
    size_t before_point = scan->n_digits;
    if (*scan->at == '.') {
        scan->at++;
        if (!scan_digits(scan)) {
            return false;
        }
        scan->n_after_point = scan->n_digits - before_point;
    }
    return scan->n_digits > 0;
}

static bool scan_exponent(struct scan *scan)
{
    if (*scan->at != 'e' && *scan->at != 'E') {
        return true;
    }
    scan->at++;
    bool is_negative = scan_sign(&scan->at);
    if (!is_digit(*scan->at)) {
        return false;
    }
    while (is_digit(*scan->at)) {
        scan->exponent = scan->exponent * 10 + (*scan->at++ - '0');
        if (scan->exponent > MAX_EXPONENT) {
            return false;
        }
    }
    scan->exponent = is_negative ? -scan->exponent : scan->exponent;
    return true;
}

/* The value of the digits; a scan stopped only after digits, so the text is valid. */
static void set_digits(mpz_t out, const struct scan *scan)
{
    int rc = mpz_set_str(out, scan->digits, 10);
    SIL_REQUIRE(rc == 0);
}

static bool parse_decimal(mpq_t out, const char *text)
{
    struct scan scan = {.at = text};
    if (!scan_mantissa(&scan) || !scan_exponent(&scan) || *scan.at != '\0') {
        return false;
    }

    long power = scan.exponent - (long)scan.n_after_point;
    set_digits(mpq_numref(out), &scan);
    mpz_set_ui(mpq_denref(out), 1);
    mpz_t scale;
    mpz_init(scale);
    mpz_ui_pow_ui(scale, 10, (unsigned long)labs(power));
    if (power >= 0) {
        mpz_mul(mpq_numref(out), mpq_numref(out), scale);
    } else {
        mpz_set(mpq_denref(out), scale);
    }
    mpz_clear(scale);
    mpq_canonicalize(out);
    if (scan.is_negative) {
        mpq_neg(out, out);
    }
    return true;
}

static bool parse_fraction(mpq_t out, const char *text)
{
    struct scan above = {.at = text};
    above.is_negative = scan_sign(&above.at);
    if (!scan_digits(&above) || above.n_digits == 0 || *above.at != '/') {
        return false;
    }
    struct scan below = {.at = above.at + 1};
    if (!scan_digits(&below) || below.n_digits == 0 || *below.at != '\0') {
        return false;
    }

    set_digits(mpq_numref(out), &above);
    set_digits(mpq_denref(out), &below);
    if (mpz_sgn(mpq_denref(out)) == 0) {
        return false;
    }
    mpq_canonicalize(out);
    if (above.is_negative) {
        mpq_neg(out, out);
    }
    return true;
}

sil_status sil_rational_parse(mpq_t out, const char *text, int allow_fraction,
                              const char *what, struct sil_error *err)
{
    if (parse_decimal(out, text) ||
        (allow_fraction != 0 && parse_fraction(out, text))) {
        return SIL_OK;
    }
    mpq_set_ui(out, 0, 1);
    /* The text is not repeated: it may have come from a cell. */
    return sil_fail(err, SIL_ERR_INPUT,
                    "%s is not a decimal number%s of at most %d digits with an "
                    "exponent within +-%d",
                    what, allow_fraction != 0 ? " or fraction" : "", MAX_DIGITS,
                    MAX_EXPONENT);
}

/* Decimal text of an integer, allocated with malloc. */
static sil_status integer_text(char **out, const mpz_t value, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t length;
    *out = NULL;
    /* GMP asks for two more than the digits: a sign and the terminator. */
    length = mpz_sizeinbase(value, 10) + 2;
    SIL_TRY(sil_alloc(out, length, 1, "the digits of a number", err));
    (void)mpz_get_str(*out, 10, value);

cleanup:
    return status;
}

sil_status sil_rational_print(struct sil_bytes *out, const mpq_t value,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *above = NULL;
    char *below = NULL;

    SIL_TRY(integer_text(&above, mpq_numref(value), err));
    SIL_TRY(integer_text(&below, mpq_denref(value), err));
    SIL_TRY(sil_bytes_printf(out, err, "%s/%s", above, below));

cleanup:
    free(above);
    free(below);
    return status;
}

/* out = value 10^power, exactly. */
static void scale_by_ten(mpq_t out, const mpq_t value, long power)
{
    mpq_t scale;
    mpq_init(scale);
    mpz_ui_pow_ui(mpq_numref(scale), 10, (unsigned long)labs(power));
    if (power >= 0) {
        mpq_mul(out, value, scale);
    } else {
        mpq_div(out, value, scale);
    }
    mpq_clear(scale);
}

/* The e with 10^e <= value < 10^(e + 1), for value > 0. */
static long decimal_exponent(const mpq_t value)
{
    /* sizeinbase may be one too large on either side: correct by comparing. */
    long e = (long)mpz_sizeinbase(mpq_numref(value), 10) -
             (long)mpz_sizeinbase(mpq_denref(value), 10) + 2;
    mpq_t scaled;
    mpq_init(scaled);
    do {
        e--;
        scale_by_ten(scaled, value, -e);
    } while (mpq_cmp_ui(scaled, 1, 1) < 0);
    mpq_clear(scaled);
    return e;
}

/* mantissa 10^(e - digits + 1) = value, rounded to `digits` digits; returns e. */
static long round_to_digits(mpz_t mantissa, const mpq_t value, unsigned digits,
                            enum sil_rounding rounding)
{
    long last = (long)digits - 1;
    mpq_t scaled;
    mpq_init(scaled);
    mpq_abs(scaled, value);
    long e = decimal_exponent(scaled);
    scale_by_ten(scaled, value, last - e);
    if (rounding == SIL_ROUND_UP) {
        mpz_cdiv_q(mantissa, mpq_numref(scaled), mpq_denref(scaled));
    } else {
        mpz_fdiv_q(mantissa, mpq_numref(scaled), mpq_denref(scaled));
    }
    mpz_ui_pow_ui(mpq_numref(scaled), 10, digits);
    if (mpz_cmpabs(mantissa, mpq_numref(scaled)) == 0) {
        mpz_tdiv_q_ui(mantissa, mantissa, 10);
        e++;
    }
    mpq_clear(scaled);
    return e;
}

/* Write |d.ddd 10^e| from its `n` digits, the last of which is not 0. */
static sil_status append_decimal(struct sil_bytes *out, const char *digits, int n,
                                 long e, struct sil_error *err)
{
    if (e < MIN_PLAIN || e >= MAX_PLAIN) {
        return sil_bytes_printf(out, err, "%c%s%.*se%ld", digits[0], n > 1 ? "." : "",
                                n - 1, digits + 1, e);
    }
    if (e < 0) {
        return sil_bytes_printf(out, err, "0.%.*s%.*s", (int)-e - 1, "0000", n, digits);
    }
    int before = (int)e + 1;
    if (n <= before) {
        return sil_bytes_printf(out, err, "%.*s%.*s", n, digits, before - n,
                                "000000000000000");
    }
    return sil_bytes_printf(out, err, "%.*s.%.*s", before, digits, n - before,
                            digits + before);
}

sil_status sil_rational_print_decimal(struct sil_bytes *out, const mpq_t value,
                                      unsigned digits, enum sil_rounding rounding,
                                      struct sil_error *err)
{
    if (digits < 1 || digits > MAX_DIGITS) {
        return sil_fail(err, SIL_ERR_USAGE, "digits to print must be 1 to %d",
                        MAX_DIGITS);
    }
    if (mpq_sgn(value) == 0) {
        return sil_bytes_append(out, "0", 1, err);
    }

    sil_status status = SIL_OK;
    char *text = NULL;
    mpz_t mantissa;
    mpz_init(mantissa);
    long e = round_to_digits(mantissa, value, digits, rounding);
    const char *sign = mpz_sgn(mantissa) < 0 ? "-" : "";
    mpz_abs(mantissa, mantissa);
    SIL_TRY(integer_text(&text, mantissa, err));
    int n = (int)digits;
    while (n > 1 && text[n - 1] == '0') {
        n--;
    }
    SIL_TRY(sil_bytes_printf(out, err, "%s", sign));
    SIL_TRY(append_decimal(out, text, n, e, err));

cleanup:
    free(text);
    mpz_clear(mantissa);
    return status;
}

void sil_rational_sqrt_down(mpq_t out, const mpq_t value, unsigned bits)
{
    SIL_REQUIRE(mpq_sgn(value) >= 0);
    /* floor(sqrt(x)) = isqrt(floor(x)) for every real x >= 0, so one truncating
     * division before the integer root loses nothing. */
    mpz_t scaled;
    mpz_init(scaled);
    mpz_mul_2exp(scaled, mpq_numref(value), 2UL * bits);
    mpz_fdiv_q(scaled, scaled, mpq_denref(value));
    mpz_sqrt(mpq_numref(out), scaled);
    mpz_set_ui(mpq_denref(out), 1);
    mpq_div_2exp(out, out, bits);
    mpz_clear(scaled);
}

void sil_rational_ceil(mpq_t out, const mpq_t value, unsigned bits)
{
    mpz_t scaled;
    mpz_init(scaled);
    mpz_mul_2exp(scaled, mpq_numref(value), bits);
    mpz_cdiv_q(mpq_numref(out), scaled, mpq_denref(value));
    mpz_set_ui(mpq_denref(out), 1);
    mpq_div_2exp(out, out, bits);
    mpz_clear(scaled);
}
