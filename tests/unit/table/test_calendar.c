// SPDX-License-Identifier: Apache-2.0
/* Dates against the calendar of the C library, which is not used by what is tested. */
#include "table/calendar.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { TEXT_BYTES = 64 };

static const int64_t FIRST_DAY = -719162; ///< 0001-01-01
static const int64_t LAST_DAY = 2932896;  ///< 9999-12-31

static void expected(char text[TEXT_BYTES], int64_t seconds, const char *zone)
{
    struct tm parts;
    time_t time = (time_t)seconds;
    cr_assert(gmtime_r(&time, &parts) != NULL);
    (void)snprintf(text, TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d%s",
                   parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                   parts.tm_min, parts.tm_sec, zone);
}

static bool agrees(const struct sil_bytes *printed, const char *want, size_t length)
{
    return printed->length == length && memcmp(printed->data, want, length) == 0;
}

/* The years 1890 to 2110, and the ends of the calendar. */
static bool is_near(int64_t day)
{
    return (day > -29220 && day < 51135) || day < FIRST_DAY + 3000 ||
           day > LAST_DAY - 3000;
}

Test(calendar, dates_agree_with_the_library)
{
    struct sil_bytes printed = {0};
    for (int64_t day = FIRST_DAY; day <= LAST_DAY; day += is_near(day) ? 1 : 13) {
        char want[TEXT_BYTES];
        struct sil_scaled value;
        printed.length = 0;
        expected(want, day * 86400, "");

        cr_assert(eq(int, sil_date_print(&printed, day, NULL), SIL_OK));
        bool is_read = sil_date_parse(&value, want, 10);

        cr_assert(agrees(&printed, want, 10), "%s", want);
        cr_assert(is_read && value.floor == day, "%s", want);
    }
    sil_bytes_clear(&printed);
}

Test(calendar, times_agree_with_the_library)
{
    struct sil_bytes printed = {0};
    int64_t last = (LAST_DAY + 1) * 86400 - 1;
    for (int64_t t = FIRST_DAY * 86400; t <= last; t += 86399 * 1000 + 7) {
        char want[TEXT_BYTES];
        struct sil_scaled value;
        bool has_zone;
        printed.length = 0;
        expected(want, t, "Z");

        cr_assert(eq(int, sil_datetime_print(&printed, t, true, NULL), SIL_OK));
        bool is_read = sil_datetime_parse(&value, &has_zone, want, strlen(want));

        cr_assert(agrees(&printed, want, strlen(want)), "%s", want);
        cr_assert(is_read && value.floor == t && has_zone, "%s", want);
    }
    sil_bytes_clear(&printed);
}

Test(calendar, offsets_do_not_leave_the_years_1_to_9999)
{
    static const struct {
        const char *text;
        bool is_read;
    } cases[] = {
        {"0001-01-01T00:00:00",       true },
        {"0001-01-01T00:00:00+00:01", false},
        {"0001-01-01T00:00:00-00:01", true },
        {"9999-12-31T23:59:59",       true },
        {"9999-12-31T23:59:59-00:01", false},
        {"9999-12-31T23:59:59+00:01", true },
        {"2020-01-01T00:00:00+24:00", false},
        {"2020-01-01T00:00:00+0100",  false},
        {"2020-01-01T00:00:00z",      false},
        {"2020-01-01T00:00:00.",      false},
        {"2020-01-01T00:00:60",       false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sil_scaled value;
        cr_expect(
            eq(int,
               sil_datetime_parse(&value, NULL, cases[i].text, strlen(cases[i].text)),
               cases[i].is_read),
            "%s", cases[i].text);
    }
}
