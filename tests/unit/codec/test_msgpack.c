// SPDX-License-Identifier: Apache-2.0
#include "codec/msgpack.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

static const struct sil_mp_limits LIMITS = {.values = 1000, .depth = 4};

static sil_status parse(struct sil_mp_text **text, const void *data, size_t length,
                        struct sil_error *err)
{
    return sil_mp_parse(text, data, length, &LIMITS, err);
}

Test(msgpack, writes_each_value_in_its_shortest_form)
{
    static const struct {
        uint64_t value;
        uint8_t bytes[9];
        size_t length;
    } CASES[] = {
        {0,                    {0x00},                           1},
        {127,                  {0x7f},                           1},
        {128,                  {0xcc, 0x80},                     2},
        {255,                  {0xcc, 0xff},                     2},
        {256,                  {0xcd, 0x01, 0x00},               3},
        {65535,                {0xcd, 0xff, 0xff},               3},
        {65536,                {0xce, 0x00, 0x01, 0x00, 0x00},   5},
        {UINT64_C(4294967295), {0xce, 0xff, 0xff, 0xff, 0xff},   5},
        {UINT64_C(4294967296),
         {0xcf, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00},
         9                                                        },
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_bytes out = {0};
        struct sil_error err;
        cr_assert_eq(sil_mp_put_uint(&out, CASES[i].value, &err), SIL_OK);
        cr_expect_eq(out.length, CASES[i].length, "value %zu", i);
        cr_expect_arr_eq(out.data, CASES[i].bytes, CASES[i].length, "value %zu", i);
        sil_bytes_clear(&out);
    }
}

Test(msgpack, reads_back_what_it_wrote)
{
    const int64_t whole[3] = {-1, INT64_MIN, INT64_MAX};
    const double real[2] = {-0.5, 1e300};
    struct sil_bytes out = {0};
    struct sil_error err = {{0}};
    struct sil_mp_text *text = NULL;
    struct sil_mp_array array;
    struct sil_mp_array inner;
    uint64_t number = 0;
    const char *word = NULL;
    const uint8_t *data = NULL;
    size_t length = 0;
    int64_t whole_back[3];
    double real_back[2];

    cr_assert_eq(sil_mp_put_array(&out, 6, &err), SIL_OK);
    cr_assert_eq(sil_mp_put_uint(&out, 70000, &err), SIL_OK);
    cr_assert_eq(sil_mp_put_str(&out, "p/q", &err), SIL_OK);
    cr_assert_eq(sil_mp_put_bin(&out, "\0\xff", 2, &err), SIL_OK);
    cr_assert_eq(sil_mp_put_i64s(&out, whole, 3, &err), SIL_OK);
    cr_assert_eq(sil_mp_put_f64s(&out, real, 2, &err), SIL_OK);
    cr_assert_eq(sil_mp_put_array(&out, 0, &err), SIL_OK);

    cr_assert_eq(parse(&text, out.data, out.length, &err), SIL_OK, "%s", err.text);
    array = sil_mp_root(text, "test");
    cr_assert_eq(sil_mp_next_uint(&number, &array, UINT64_MAX, "number", &err), SIL_OK);
    cr_expect_eq(number, 70000);
    cr_assert_eq(sil_mp_next_str(&word, &length, &array, "word", &err), SIL_OK);
    cr_expect(length == 3 && memcmp(word, "p/q", 3) == 0);
    cr_assert_eq(sil_mp_next_bin(&data, &length, &array, "bytes", &err), SIL_OK);
    cr_expect(length == 2 && memcmp(data, "\0\xff", 2) == 0);
    cr_assert_eq(sil_mp_next_i64s(whole_back, 3, &array, "whole", &err), SIL_OK);
    cr_expect_arr_eq(whole_back, whole, sizeof whole);
    cr_assert_eq(sil_mp_next_f64s(real_back, 2, &array, "real", &err), SIL_OK);
    cr_expect_arr_eq(real_back, real, sizeof real);
    cr_assert_eq(sil_mp_next_array(&inner, &array, "inner", &err), SIL_OK);
    cr_expect_eq(sil_mp_end(&inner, &err), SIL_OK);
    cr_expect_eq(sil_mp_end(&array, &err), SIL_OK);
    sil_mp_free(text);
    sil_bytes_clear(&out);
}

Test(msgpack, refuses_what_the_profile_does_not_allow)
{
    static const struct {
        const char *name;
        uint8_t bytes[12];
        size_t length;
    } CASES[] = {
        {"nothing at all",        {0},                                  0},
        {"not an array",          {0x05},                               1},
        {"bytes behind the end",  {0x91, 0x05, 0x05},                   3},
        {"an array cut short",    {0x92, 0x05},                         2},
        {"a map",                 {0x91, 0x80},                         2},
        {"nil",                   {0x91, 0xc0},                         2},
        {"false",                 {0x91, 0xc2},                         2},
        {"a negative fixint",     {0x91, 0xff},                         2},
        {"an int8",               {0x91, 0xd0, 0x01},                   3},
        {"a float",               {0x91, 0xca, 0, 0, 0, 0},             6},
        {"an extension",          {0x91, 0xd4, 1, 1},                   4},
        {"a long zero",           {0x91, 0xcc, 0x00},                   3},
        {"a uint16 of one byte",  {0x91, 0xcd, 0x00, 0xff},             4},
        {"a long string head",    {0x91, 0xd9, 0x01, 'a'},              4},
        {"a bin16 of one byte",   {0x91, 0xc5, 0x00, 0x01, 0},          5},
        {"an array16 of one",     {0x91, 0xdc, 0x00, 0x01, 0x05},       5},
        {"96 GB from five bytes", {0xdd, 0xff, 0xff, 0xff, 0xff},       5},
        {"a bin beyond the end",  {0x91, 0xc6, 0x7f, 0xff, 0xff, 0xff}, 6},
        {"a control character",   {0x91, 0xa1, '\n'},                   3},
        {"a string not ASCII",    {0x91, 0xa2, 0xc3, 0xa9},             4},
        {"five arrays in one",    {0x91, 0x91, 0x91, 0x91, 0x90},       5},
        {"an integer cut short",  {0x91, 0xce, 0x00},                   3},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_mp_text *text = NULL;
        struct sil_error err = {{0}};
        cr_expect_eq(parse(&text, CASES[i].bytes, CASES[i].length, &err), SIL_ERR_INPUT,
                     "%s", CASES[i].name);
        cr_expect_null(text, "%s", CASES[i].name);
        cr_expect_gt(strlen(err.text), 0, "%s", CASES[i].name);
    }
}

Test(msgpack, refuses_more_values_than_the_limit)
{
    const struct sil_mp_limits three = {.values = 3, .depth = 1};
    const uint8_t fits[] = {0x92, 0x01, 0x02};
    const uint8_t exceeds[] = {0x93, 0x01, 0x02, 0x03};
    struct sil_mp_text *text = NULL;
    struct sil_error err;

    cr_expect_eq(sil_mp_parse(&text, fits, sizeof fits, &three, &err), SIL_OK);
    sil_mp_free(text);
    cr_expect_eq(sil_mp_parse(&text, exceeds, sizeof exceeds, &three, &err),
                 SIL_ERR_INPUT);
}

Test(msgpack, tells_what_exceeds_a_limit_from_what_is_malformed)
{
    static const struct sil_mp_limits SMALL = {
        .values = 4, .depth = 2, .uint = 300, .str = 2, .bin = 3, .array = 3};

    static const struct {
        const char *name;
        uint8_t bytes[12];
        size_t length;
        bool is_good;
        bool is_limit;
        size_t at;
    } CASES[] = {
        {"integer 300",        {0x91, 0xcd, 0x01, 0x2c},    4, true,  false, 0},
        {"integer 301",        {0x91, 0xcd, 0x01, 0x2d},    4, false, true,  1},
        {"two letters",        {0x91, 0xa2, 'a', 'b'},      4, true,  false, 0},
        {"three letters",      {0x91, 0xa3, 'a', 'b', 'c'}, 5, false, true,  1},
        {"three bytes",        {0x91, 0xc4, 3, 1, 2, 3},    6, true,  false, 0},
        {"four bytes",         {0x91, 0xc4, 4, 1, 2, 3, 4}, 7, false, true,  1},
        {"three elements",     {0x93, 1, 2, 3},             4, true,  false, 0},
        {"four elements",      {0x94, 1, 2, 3, 4},          5, false, true,  0},
        {"four values",        {0x92, 0x91, 1, 2},          4, true,  false, 0},
        {"five values",        {0x93, 0x91, 1, 2, 3},       5, false, true,  4},
        {"three deep",         {0x91, 0x91, 0x91, 1},       4, false, true,  3},
        {"too large and long", {0x91, 0xce, 0, 0, 2, 0},    6, false, true,  1},
        {"long",               {0x91, 0xcd, 0, 5},          4, false, false, 1},
        {"cut short",          {0x92, 1},                   2, false, false, 1},
        {"too many bytes",     {0x91, 1, 2},                3, false, false, 2},
        {"96 GB",              {0xdd, 0xff, 0, 0, 0},       5, false, true,  0},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_mp_offence offence = {0};
        cr_expect_eq(sil_mp_scan(&offence, CASES[i].bytes, CASES[i].length, &SMALL),
                     CASES[i].is_good, "%s", CASES[i].name);
        if (!CASES[i].is_good) {
            cr_expect_eq(offence.is_limit, CASES[i].is_limit, "%s: %s", CASES[i].name,
                         offence.what);
            cr_expect_eq(offence.at, CASES[i].at, "%s: at %zu", CASES[i].name,
                         offence.at);
        }
    }
}

Test(msgpack, names_the_element_of_the_wrong_kind)
{
    const uint8_t bytes[] = {0x92, 0x05, 0xc4, 0x03, 1, 2, 3};
    struct sil_mp_text *text = NULL;
    struct sil_error err;
    uint64_t number = 0;
    const char *word = NULL;
    size_t length = 0;
    double real = NAN;

    cr_assert_eq(parse(&text, bytes, sizeof bytes, &err), SIL_OK);
    struct sil_mp_array array = sil_mp_root(text, "plan");
    cr_expect_eq(sil_mp_next_str(&word, &length, &array, "the name", &err),
                 SIL_ERR_INPUT);
    cr_expect_str_eq(err.text, "plan: the name is of the wrong kind");
    cr_expect_eq(sil_mp_next_uint(&number, &array, 4, "the size", &err), SIL_ERR_INPUT);
    cr_expect_str_eq(err.text, "plan: the size is above 4");
    array.next = 1;
    cr_expect_eq(sil_mp_next_f64s(&real, 1, &array, "the total", &err), SIL_ERR_INPUT);
    cr_expect_str_eq(err.text, "plan: the total has not 1 numbers");
    array.next = 2;
    cr_expect_eq(sil_mp_next_uint(&number, &array, 4, "the rest", &err), SIL_ERR_INPUT);
    cr_expect_str_eq(err.text, "plan: the rest is missing");
    array.next = 1;
    cr_expect_eq(sil_mp_end(&array, &err), SIL_ERR_INPUT);
    sil_mp_free(text);
}

Test(msgpack, refuses_to_write_a_string_that_it_would_not_read)
{
    struct sil_bytes out = {0};
    struct sil_error err;
    cr_expect_eq(sil_mp_put_str(&out, "caf\xc3\xa9", &err), SIL_ERR_INTERNAL);
    sil_bytes_clear(&out);
}
