// SPDX-License-Identifier: Apache-2.0
#include "table/decimal.h"

#include "table/digits.h"

#include <string.h>

enum { EXPONENT_MAX = 10000000, DIGITS_64 = 19 };

/* Those that 64 bits hold with a sign. */
static const int64_t POWERS[DIGITS_64] = {1,
                                          10,
                                          100,
                                          1000,
                                          10000,
                                          100000,
                                          1000000,
                                          10000000,
                                          100000000,
                                          1000000000,
                                          10000000000,
                                          100000000000,
                                          1000000000000,
                                          10000000000000,
                                          100000000000000,
                                          1000000000000000,
                                          10000000000000000,
                                          100000000000000000,
                                          1000000000000000000};

struct cursor {
    const char *at;
    const char *end;
};

/* A number taken apart: `digits` runs over the mantissa, point included. */
struct number {
    bool is_negative;
    const char *digits;
    const char *end;
    int64_t exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && is_blank(*c->at)) {
        c->at++;
    }
    while (c->end > c->at && is_blank(c->end[-1])) {
        c->end--;
    }
}

static bool take_sign(struct cursor *c)
{
    bool is_negative = c->at < c->end && *c->at == '-';
    if (c->at < c->end && (*c->at == '-' || *c->at == '+')) {
        c->at++;
    }
    return is_negative;
}

/* Skip digits; how many. */
static size_t take_digits(struct cursor *c)
{
    const char *start = c->at;
    while (c->at < c->end && is_digit(*c->at)) {
        c->at++;
    }
    return (size_t)(c->at - start);
}

static bool take_exponent(int64_t *exponent, struct cursor *c)
{
    *exponent = 0;
    if (c->at == c->end || (*c->at != 'e' && *c->at != 'E')) {
        return true;
    }
    c->at++;
    bool is_negative = take_sign(c);
    const char *start = c->at;
    for (; c->at < c->end && is_digit(*c->at); c->at++) {
        /* Beyond this no text of a field can be long enough to make up for it. */
        if (*exponent < EXPONENT_MAX) {
            *exponent = *exponent * 10 + (*c->at - '0');
        }
    }
    if (is_negative) {
        *exponent = -*exponent;
    }
    return c->at > start;
}

static bool take_number(struct number *out, const char *text, size_t length, char point)
{
    struct cursor c = {text, text + length};
    skip_blanks(&c);
    out->is_negative = take_sign(&c);
    out->digits = c.at;
    size_t n = take_digits(&c);
    if (c.at < c.end && *c.at == point) {
        c.at++;
        n += take_digits(&c);
    }
    out->end = c.at;
    return n > 0 && take_exponent(&out->exponent, &c) && c.at == c.end;
}

/* Digits in front of the point. */
static int64_t whole_digits(const struct number *number)
{
    struct cursor c = {number->digits, number->end};
    return (int64_t)take_digits(&c);
}

/* The first `kept` digits of the mantissa, zeros appended where it is shorter; the others
 * only decide whether anything is cut off. Saturates. */
static sil_i128 scaled_size(bool *is_inexact, const struct number *number, int64_t kept,
                            char point)
{
    const sil_i128 limit = 10 * SIL_SCALED_MAX;
    sil_i128 size = 0;
    *is_inexact = false;
    for (const char *p = number->digits; p < number->end; p++) {
        if (*p == point) {
            continue;
        }
        if (kept <= 0) {
            *is_inexact = *is_inexact || *p != '0';
        } else if (size < limit) {
            size = size * 10 + (*p - '0');
        }
        kept--;
    }
    for (; kept > 0 && size > 0 && size < limit; kept--) {
        size *= 10;
    }
    return size < limit ? size : limit;
}

/* Digits behind those of `size`; how many. */
static size_t gather_digits(int64_t *size, struct cursor *c)
{
    const char *start = c->at;
    for (; c->at < c->end && is_digit(*c->at); c->at++) {
        *size = *size * 10 + (*c->at - '0');
    }
    return (size_t)(c->at - start);
}

/* What nearly all texts are: so short that the digits fit 64 bits, with nothing but a sign,
 * digits and a point, and no digit to cut off. False for all others, numbers or not. */
static bool parse_short(struct sil_scaled *out, const char *text, size_t length,
                        unsigned places, char point)
{
    const sil_i128 limit = 10 * SIL_SCALED_MAX;
    struct cursor c = {text, text + length};
    int64_t size = 0;
    size_t behind = 0;
    if (length >= DIGITS_64 || places >= DIGITS_64) {
        return false;
    }
    bool is_negative = take_sign(&c);
    size_t n = gather_digits(&size, &c);
    if (c.at < c.end && *c.at == point) {
        c.at++;
        behind = gather_digits(&size, &c);
    }
    if (n + behind == 0 || c.at < c.end || behind > places) {
        return false;
    }
    sil_i128 scaled = (sil_i128)size * POWERS[places - behind];
    scaled = scaled < limit ? scaled : limit;
    *out = (struct sil_scaled){.floor = is_negative ? -scaled : scaled};
    return true;
}

bool sil_scaled_parse(struct sil_scaled *out, const char *text, size_t length,
                      unsigned places, char point)
{
    struct number number;
    if (parse_short(out, text, length, places, point)) {
        return true;
    }
    if (!take_number(&number, text, length, point)) {
        return false;
    }

    int64_t kept = whole_digits(&number) + number.exponent + (int64_t)places;
    bool is_inexact;
    sil_i128 size = scaled_size(&is_inexact, &number, kept, point);
    out->floor = number.is_negative ? -size - (is_inexact ? 1 : 0) : size;
    out->is_inexact = is_inexact;
    return true;
}

bool sil_scaled_places(unsigned *places, const char *text, size_t length, char point)
{
    struct number number;
    struct sil_scaled scaled;
    if (!take_number(&number, text, length, point)) {
        return false;
    }
    int64_t whole = whole_digits(&number);
    int64_t all = number.end - number.digits;
    int64_t needed = (all > whole ? all - whole - 1 : 0) - number.exponent;
    if (needed > SIL_PLACES_MAX) {
        return false;
    }
    *places = needed > 0 ? (unsigned)needed : 0;
    return sil_scaled_parse(&scaled, text, length, *places, point) &&
           scaled.floor < SIL_SCALED_MAX && scaled.floor > -SIL_SCALED_MAX;
}

sil_i128 sil_power_of_ten(unsigned n)
{
    sil_i128 power = 1;
    while (n-- > 0) {
        power *= 10;
    }
    return power;
}

sil_i128 sil_floor_div(sil_i128 a, sil_i128 b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

sil_i128 sil_ceil_div(sil_i128 a, sil_i128 b)
{
    return a / b + (a % b > 0 ? 1 : 0);
}

/* Any value, digit by digit. */
static char *put_wide(char *out, sil_i128 value, unsigned written, char point)
{
    char text[SIL_SCALED_BYTES];
    char *p = text + sizeof text;
    unsigned n = 0;
    for (; value > 0 || n <= written; value /= 10, n++) {
        if (n == written && written > 0) {
            *--p = point;
        }
        *--p = (char)('0' + (int)(value % 10));
    }
    size_t length = (size_t)(text + sizeof text - p);
    (void)memcpy(out, p, length);
    return out + length;
}

/* What nearly all values are: less than 10^18, of at most 18 places. */
static char *put_narrow(char *out, int64_t value, unsigned written, char point)
{
    uint64_t whole = (uint64_t)value;
    uint64_t rest = 0;
    if (written > 0) {
        whole = (uint64_t)(value / POWERS[written]);
        rest = (uint64_t)(value % POWERS[written]);
    }
    unsigned n = 1;
    while (n < DIGITS_64 && whole >= (uint64_t)POWERS[n]) {
        n++;
    }
    out = sil_digits_put(out, whole, n);
    if (written > 0) {
        *out++ = point;
        out = sil_digits_put(out, rest, written);
    }
    return out;
}

char *sil_scaled_put(char *out, sil_i128 value, unsigned places, unsigned written,
                     char point)
{
    if (value < 0) {
        *out++ = '-';
        value = -value;
    }
    if (value < POWERS[DIGITS_64 - 1] && places < DIGITS_64) {
        int64_t narrow = (int64_t)value;
        narrow = places == written ? narrow : narrow / POWERS[places - written];
        return put_narrow(out, narrow, written, point);
    }
    return put_wide(out, value / sil_power_of_ten(places - written), written, point);
}

sil_status sil_scaled_print(struct sil_bytes *out, sil_i128 value, unsigned places,
                            unsigned written, char point, struct sil_error *err)
{
    char text[SIL_SCALED_BYTES];
    char *end = sil_scaled_put(text, value, places, written, point);
    return sil_bytes_append(out, text, (size_t)(end - text), err);
}
