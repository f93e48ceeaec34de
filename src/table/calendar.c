// SPDX-License-Identifier: Apache-2.0
#include "table/calendar.h"

#include "table/digits.h"

enum {
    DAYS_BEFORE_1970 = 719162, ///< from 0001-01-01
    DAYS_400_YEARS = 146097,
    DAYS_100_YEARS = 36524,
    DAYS_4_YEARS = 1461,
    DAY_SECONDS = 86400
};

/* A zone must not carry a time out of the years 1 to 9999. */
static const int64_t FIRST_SECOND = -(int64_t)DAYS_BEFORE_1970 * DAY_SECONDS;
static const int64_t LAST_SECOND = (int64_t)(2932896 + 1) * DAY_SECONDS - 1;

static const int DAYS_BEFORE_MONTH[] = {0,   31,  59,  90,  120, 151, 181,
                                        212, 243, 273, 304, 334, 365};

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of the year before the month, 1 to 13. */
static int days_before(int year, int month)
{
    return DAYS_BEFORE_MONTH[month - 1] + (month > 2 && is_leap(year) ? 1 : 0);
}

struct cursor {
    const char *at;
    const char *end;
};

static struct cursor trimmed(const char *text, size_t length)
{
    struct cursor c = {text, text + length};
    while (c.at < c.end && (*c.at == ' ' || *c.at == '\t')) {
        c.at++;
    }
    while (c.end > c.at && (c.end[-1] == ' ' || c.end[-1] == '\t')) {
        c.end--;
    }
    return c;
}

/* Exactly n digits. */
static bool take_digits(int *out, struct cursor *c, int n)
{
    *out = 0;
    for (; n > 0; n--, c->at++) {
        if (c->at == c->end || *c->at < '0' || *c->at > '9') {
            return false;
        }
        *out = *out * 10 + (*c->at - '0');
    }
    return true;
}

static bool take(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted) {
        return false;
    }
    c->at++;
    return true;
}

static bool take_date(int64_t *days, struct cursor *c)
{
    int year;
    int month;
    int day;
    if (!take_digits(&year, c, 4) || !take(c, '-') || !take_digits(&month, c, 2) ||
        !take(c, '-') || !take_digits(&day, c, 2)) {
        return false;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 ||
        day > days_before(year, month + 1) - days_before(year, month)) {
        return false;
    }
    int before = year - 1;
    *days = (int64_t)before * 365 + before / 4 - before / 100 + before / 400 +
            days_before(year, month) + day - 1 - DAYS_BEFORE_1970;
    return true;
}

static bool take_time(int64_t *seconds, struct cursor *c)
{
    int hour;
    int minute;
    int second;
    if (!take_digits(&hour, c, 2) || !take(c, ':') || !take_digits(&minute, c, 2) ||
        !take(c, ':') || !take_digits(&second, c, 2) || hour > 23 || minute > 59 ||
        second > 59) {
        return false;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

static bool take_fraction(bool *is_inexact, struct cursor *c)
{
    *is_inexact = false;
    if (!take(c, '.')) {
        return true;
    }
    const char *start = c->at;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        *is_inexact = *is_inexact || *c->at != '0';
    }
    return c->at > start;
}

/* Seconds that the zone is ahead of UTC. */
static bool take_zone(int64_t *ahead, struct cursor *c)
{
    *ahead = 0;
    if (c->at == c->end || take(c, 'Z')) {
        return true;
    }
    bool is_behind = *c->at == '-';
    int hour;
    int minute;
    if ((!take(c, '+') && !take(c, '-')) || !take_digits(&hour, c, 2) ||
        !take(c, ':') || !take_digits(&minute, c, 2) || hour > 23 || minute > 59) {
        return false;
    }
    int seconds = hour * 3600 + minute * 60;
    *ahead = is_behind ? -seconds : seconds;
    return true;
}

bool sil_date_parse(struct sil_scaled *out, const char *text, size_t length)
{
    struct cursor c = trimmed(text, length);
    int64_t days;
    if (!take_date(&days, &c) || c.at != c.end) {
        return false;
    }
    *out = (struct sil_scaled){.floor = days};
    return true;
}

bool sil_datetime_parse(struct sil_scaled *out, bool *has_zone, const char *text,
                        size_t length)
{
    struct cursor c = trimmed(text, length);
    int64_t days;
    int64_t seconds;
    int64_t ahead;
    if (!take_date(&days, &c) || (!take(&c, 'T') && !take(&c, ' ')) ||
        !take_time(&seconds, &c) || !take_fraction(&out->is_inexact, &c)) {
        return false;
    }
    if (has_zone != NULL) {
        *has_zone = c.at < c.end;
    }
    if (!take_zone(&ahead, &c) || c.at != c.end) {
        return false;
    }
    int64_t value = days * DAY_SECONDS + seconds - ahead;
    out->floor = value;
    return value >= FIRST_SECOND && value <= LAST_SECOND;
}

/* The year that starts on or before the day, counted from 0001-01-01, and the rest. */
static int year_of(int *day_of_year, int64_t days)
{
    int left = (int)days;
    int centuries = left / DAYS_400_YEARS * 4;
    left %= DAYS_400_YEARS;
    int hundreds = left / DAYS_100_YEARS < 3 ? left / DAYS_100_YEARS : 3;
    left -= hundreds * DAYS_100_YEARS;
    int fours = left / DAYS_4_YEARS;
    left %= DAYS_4_YEARS;
    int ones = left / 365 < 3 ? left / 365 : 3;
    *day_of_year = left - ones * 365;
    return (centuries + hundreds) * 100 + fours * 4 + ones + 1;
}

char *sil_date_put(char *out, int64_t days)
{
    int day;
    int year = year_of(&day, days + DAYS_BEFORE_1970);
    int month = day / 32 + 1; /* no month is longer, so this is not too late */
    while (month < 12 && day >= days_before(year, month + 1)) {
        month++;
    }
    day -= days_before(year, month) - 1;
    out = sil_digits_put(out, (uint64_t)year, 4);
    *out++ = '-';
    out = sil_digits_put(out, (uint64_t)month, 2);
    *out++ = '-';
    return sil_digits_put(out, (uint64_t)day, 2);
}

char *sil_datetime_put(char *out, int64_t seconds, bool with_zone)
{
    int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0 ? 1 : 0);
    uint64_t rest = (uint64_t)(seconds - days * DAY_SECONDS);
    out = sil_date_put(out, days);
    *out++ = 'T';
    out = sil_digits_put(out, rest / 3600, 2);
    *out++ = ':';
    out = sil_digits_put(out, rest / 60 % 60, 2);
    *out++ = ':';
    out = sil_digits_put(out, rest % 60, 2);
    if (with_zone) {
        *out++ = 'Z';
    }
    return out;
}

sil_status sil_date_print(struct sil_bytes *out, int64_t days, struct sil_error *err)
{
    char text[SIL_DATETIME_BYTES];
    char *end = sil_date_put(text, days);
    return sil_bytes_append(out, text, (size_t)(end - text), err);
}

sil_status sil_datetime_print(struct sil_bytes *out, int64_t seconds, bool with_zone,
                              struct sil_error *err)
{
    char text[SIL_DATETIME_BYTES];
    char *end = sil_datetime_put(text, seconds, with_zone);
    return sil_bytes_append(out, text, (size_t)(end - text), err);
}
