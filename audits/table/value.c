// SPDX-License-Identifier: Apache-2.0
/* Texts as exact values. */
#include "audits/table/field.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPONENT_MAX = 5000, TEXT_MAX = 1 << 16, SECONDS_A_DAY = 86400 };

/* 9999-12-31, in days since 0001-01-01. */
static const long LAST_DAY = 3652058;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits of a number without its point, and how many stood behind the point. */
struct mantissa {
    char digits[TEXT_MAX];
    size_t n;
    long places;
    const char *end;
};

static bool read_mantissa(struct mantissa *out, char decimal, const char *text)
{
    bool has_point = false;
    out->n = 0; /* not all of the room: a table has many numbers */
    out->places = 0;
    for (; is_digit(*text) || (*text == decimal && !has_point); text++) {
        if (*text == decimal) {
            has_point = true;
            continue;
        }
        out->digits[out->n++] = *text;
        out->places += has_point;
    }
    out->digits[out->n] = '\0';
    out->end = text;
    return out->n > 0;
}

/* False: there is something behind the number that is no exponent. */
static bool read_exponent(long *exponent, const char *text)
{
    *exponent = 0;
    if (*text == '\0') {
        return true;
    }
    if (*text != 'e' && *text != 'E') {
        return false;
    }
    text++;
    bool is_negative = *text == '-';
    text += *text == '-' || *text == '+';
    if (!is_digit(*text)) {
        return false;
    }
    for (; is_digit(*text); text++) {
        /* Beyond this no comparison with a bound comes out otherwise. */
        *exponent =
            *exponent < EXPONENT_MAX ? 10 * *exponent + (*text - '0') : *exponent;
    }
    *exponent = *exponent > EXPONENT_MAX ? EXPONENT_MAX : *exponent;
    *exponent = is_negative ? -*exponent : *exponent;
    return *text == '\0';
}

static bool parse_number(mpq_t out, char decimal, const char *text)
{
    struct mantissa mantissa;
    long exponent = 0;
    mpz_t power;
    bool is_negative = *text == '-';
    text += *text == '-' || *text == '+';
    if (!read_mantissa(&mantissa, decimal, text) ||
        !read_exponent(&exponent, mantissa.end)) {
        return false;
    }
    exponent -= mantissa.places;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
    (void)mpz_set_str(mpq_numref(out), mantissa.digits, 10);
    mpz_set_ui(mpq_denref(out), 1);
    if (exponent >= 0) {
        mpz_mul(mpq_numref(out), mpq_numref(out), power);
    } else {
        mpz_set(mpq_denref(out), power);
        mpq_canonicalize(out);
    }
    if (is_negative) {
        mpq_neg(out, out);
    }
    mpz_clear(power);
    return true;
}

/* Exactly `n` digits. */
static bool take(int *out, const char **text, int n)
{
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit((*text)[i])) {
            return false;
        }
        *out = 10 * *out + ((*text)[i] - '0');
    }
    *text += n;
    return true;
}

static bool take_one(const char **text, const char *of)
{
    bool is = **text != '\0' && strchr(of, **text) != NULL;
    *text += is;
    return is;
}

static int days_in(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

static bool take_date(long *days, const char **text)
{
    int year = 0;
    int month = 0;
    int day = 0;
    bool is = take(&year, text, 4) && take_one(text, "-") && take(&month, text, 2) &&
              take_one(text, "-") && take(&day, text, 2) && year >= 1 && month >= 1 &&
              month <= 12 && day >= 1 && day <= days_in(year, month);
    if (is) {
        long before = year - 1;
        *days = 365 * before + before / 4 - before / 100 + before / 400 + day - 1;
        for (int m = 1; m < month; m++) {
            *days += days_in(year, m);
        }
    }
    return is;
}

/* "Z", "+hh:mm", "-hh:mm" or nothing: seconds to take off. */
static bool take_zone(long *offset, const char **text)
{
    int hours = 0;
    int minutes = 0;
    *offset = 0;
    if (**text == '\0' || take_one(text, "Z")) {
        return true;
    }
    long sign = **text == '-' ? -1 : 1;
    bool is = take_one(text, "+-") && take(&hours, text, 2) && take_one(text, ":") &&
              take(&minutes, text, 2) && hours <= 23 && minutes <= 59;
    *offset = sign * (3600L * hours + 60L * minutes);
    return is;
}

static bool take_time(long *seconds, const char **text)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    long offset = 0;
    bool is = take_one(text, "T ") && take(&hour, text, 2) && take_one(text, ":") &&
              take(&minute, text, 2) && take_one(text, ":") && take(&second, text, 2) &&
              hour <= 23 && minute <= 59 && second <= 59;
    if (is && take_one(text, ".")) {
        is = is_digit(**text);
        while (is_digit(**text)) {
            (*text)++;
        }
    }
    is = is && take_zone(&offset, text);
    *seconds = 3600L * hour + 60L * minute + second - offset;
    return is;
}

bool aud_parse_value(mpq_t out, enum aud_field_type type, char decimal,
                     const char *text)
{
    char trimmed[TEXT_MAX];
    long days = 0;
    long seconds = 0;
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t')) {
        n--;
    }
    size_t from = strspn(text, " \t");
    if (from >= n || n - from >= sizeof trimmed) {
        return false;
    }
    (void)memcpy(trimmed, text + from, n - from);
    trimmed[n - from] = '\0';
    const char *at = trimmed;
    if (type == AUD_INTEGER || type == AUD_NUMBER) {
        return parse_number(out, decimal, trimmed) &&
               (type == AUD_NUMBER || mpz_cmp_ui(mpq_denref(out), 1) == 0);
    }
    if (!take_date(&days, &at) || (type == AUD_DATETIME && !take_time(&seconds, &at)) ||
        *at != '\0') {
        return false;
    }
    long moved =
        days * SECONDS_A_DAY + seconds; /* the zone may lead out of all years */
    if (moved < 0 || moved >= (LAST_DAY + 1) * SECONDS_A_DAY) {
        return false;
    }
    mpq_set_si(out, type == AUD_DATE ? days : days * 86400 + seconds, 1);
    return true;
}
