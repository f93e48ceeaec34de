// SPDX-License-Identifier: Apache-2.0
#include "audits/ledger/reading.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH = 5, ARRAY_MAX = 4096, BIN_MAX = 65535, LEDGER_DIGITS = 160 };

/* A value of at most 65,535 bytes has at most as many values in it. */
static const struct sil_mp_limits LIMITS = {.values = BIN_MAX,
                                            .depth = DEPTH,
                                            .uint = INT64_MAX,
                                            .str = AUD_TEXT_MAX,
                                            .bin = BIN_MAX,
                                            .array = ARRAY_MAX};

sil_status aud_refuse(struct sil_error *err, const char *rule, const char *format, ...)
{
    char sentence[400];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return sil_fail(err, SIL_ERR_CHECK, "[%s] %s", rule, sentence);
}

static const struct sil_mp_limits LARGE = {
    .values = (size_t)1 << 22, .depth = DEPTH, .uint = INT64_MAX, .str = AUD_TEXT_MAX};

void aud_rational_init(struct aud_rational *rational)
{
    mpq_init(rational->v);
    (void)strcpy(rational->text, "0/1");
}

void aud_rational_clear(struct aud_rational *rational)
{
    mpq_clear(rational->v);
}

static struct aud_list begin(struct aud_reading *out, struct aud_bin data,
                             const struct sil_mp_limits *limits, struct sil_error *err)
{
    struct sil_mp_offence offence;
    struct aud_list list = {.reading = out};
    *out = (struct aud_reading){.status = SIL_OK, .err = err, .digits = AUD_TEXT_MAX};
    bool is_good = sil_mp_scan(&offence, data.data, data.length, limits);
    if (!is_good && offence.is_limit && limits == &LARGE) {
        out->status = sil_fail(err, SIL_ERR_UNSUPPORTED, "byte %zu: %s", offence.at,
                               offence.what);
        return list;
    }
    if (!is_good) {
        out->status = aud_refuse(err, offence.is_limit ? "F2" : "F1", "byte %zu: %s",
                                 offence.at, offence.what);
        return list;
    }
    out->status = sil_mp_parse(&out->text, data.data, data.length, limits, err);
    if (out->status == SIL_ERR_INPUT) {
        out->status = aud_refuse(err, "F1", "not an array");
    }
    if (out->status == SIL_OK) {
        list.array = sil_mp_root(out->text, "");
    }
    return list;
}

struct aud_list aud_reading_begin(struct aud_reading *out, struct aud_bin data,
                                  struct sil_error *err)
{
    struct aud_list list = {.reading = out};
    if (data.length > BIN_MAX) {
        *out = (struct aud_reading){.err = err};
        out->status = aud_refuse(err, "F2", "more than 65,535 bytes");
        return list;
    }
    list = begin(out, data, &LIMITS, err);
    out->digits = LEDGER_DIGITS;
    return list;
}

struct aud_list aud_reading_begin_large(struct aud_reading *out, struct aud_bin data,
                                        struct sil_error *err)
{
    return begin(out, data, &LARGE, err);
}

void aud_reading_clear(struct aud_reading *reading)
{
    sil_mp_free(reading->text);
    reading->text = NULL;
}

void aud_demand(struct aud_reading *reading, bool condition, const char *rule,
                const char *sentence)
{
    if (reading->status == SIL_OK && !condition) {
        reading->status = aud_refuse(reading->err, rule, "%s", sentence);
    }
}

static bool goes_on(const struct aud_list *list)
{
    return list->reading->status == SIL_OK;
}

uint64_t aud_next_uint(struct aud_list *list)
{
    uint64_t value = 0;
    bool is = goes_on(list) &&
              sil_mp_next_uint(&value, &list->array, INT64_MAX, "", NULL) == SIL_OK;
    aud_demand(list->reading, is, "F1", "a number is missing");
    return is ? value : 0;
}

struct aud_bin aud_next_bin(struct aud_list *list)
{
    struct aud_bin bin = {0};
    bool is = goes_on(list) &&
              sil_mp_next_bin(&bin.data, &bin.length, &list->array, "", NULL) == SIL_OK;
    aud_demand(list->reading, is, "F1", "a byte string is missing");
    return is ? bin : (struct aud_bin){0};
}

void aud_next_bytes(void *out, size_t length, struct aud_list *list)
{
    struct aud_bin bin = aud_next_bin(list);
    (void)memset(out, 0, length);
    aud_demand(list->reading, bin.length == length, "F1",
               "a byte string has another length");
    if (goes_on(list)) {
        (void)memcpy(out, bin.data, length);
    }
}

void aud_next_text(char out[AUD_TEXT_MAX + 1], struct aud_list *list)
{
    const char *text = NULL;
    size_t length = 0;
    bool is = goes_on(list) &&
              sil_mp_next_str(&text, &length, &list->array, "", NULL) == SIL_OK &&
              length <= AUD_TEXT_MAX;
    aud_demand(list->reading, is, "F1", "a text is missing");
    out[0] = '\0';
    if (is && length > 0) {
        (void)memcpy(out, text, length);
        out[length] = '\0';
    }
}

size_t aud_next_word(struct aud_list *list, const char *const *words, size_t n)
{
    char text[AUD_TEXT_MAX + 1];
    aud_next_text(text, list);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text, words[i]) == 0) {
            return i;
        }
    }
    aud_demand(list->reading, false, "F1",
               "a word is none of those that may stand here");
    return 0;
}

/* Digits without a leading zero; their number, or 0. */
static size_t digits(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n > 1 && text[0] == '0' ? 0 : n;
}

static const char *fault_of_rational(const char *text, size_t most, const char **rule)
{
    size_t p = digits(text);
    *rule = "F1";
    if (p == 0 || text[p] != '/') {
        return "a rational is not of the form p/q";
    }
    size_t q = digits(text + p + 1);
    if (q == 0 || text[p + 1] == '0' || text[p + 1 + q] != '\0') {
        return "a rational is not of the form p/q";
    }
    if (p > most || q > most) {
        *rule = "F2";
        return "a rational has too many digits";
    }
    return NULL;
}

/* In lowest terms: what GMP makes of it is written as it was. */
static bool is_canonical(struct aud_rational *out)
{
    char again[AUD_RATIONAL_MAX];
    if (mpq_set_str(out->v, out->text, 10) != 0) {
        return false;
    }
    mpq_canonicalize(out->v);
    (void)gmp_snprintf(again, sizeof again, "%Zd/%Zd", mpq_numref(out->v),
                       mpq_denref(out->v));
    return strcmp(again, out->text) == 0;
}

void aud_next_rational(struct aud_rational *out, struct aud_list *list)
{
    char text[AUD_TEXT_MAX + 1];
    const char *rule = "F1";
    aud_next_text(text, list);
    if (!goes_on(list)) {
        return;
    }
    const char *fault = fault_of_rational(text, list->reading->digits, &rule);
    aud_demand(list->reading, fault == NULL, rule, fault == NULL ? "" : fault);
    if (goes_on(list)) {
        (void)memcpy(out->text, text, strlen(text) + 1);
        aud_demand(list->reading, is_canonical(out), "F1",
                   "a rational is not in lowest terms");
    }
}

void aud_next_value(mpq_t out, struct aud_list *list)
{
    struct aud_rational rational;
    aud_rational_init(&rational);
    aud_next_rational(&rational, list);
    mpq_set(out, rational.v);
    aud_rational_clear(&rational);
}

struct aud_list aud_next_list(struct aud_list *list)
{
    struct aud_list inner = {.reading = list->reading};
    bool is = goes_on(list) &&
              sil_mp_next_array(&inner.array, &list->array, "", NULL) == SIL_OK;
    aud_demand(list->reading, is, "F1", "an array is missing");
    return inner;
}

bool aud_is_list(const struct aud_list *list)
{
    struct sil_mp_array ahead = list->array;
    struct sil_mp_array inner;
    return goes_on(list) && sil_mp_next_array(&inner, &ahead, "", NULL) == SIL_OK;
}

bool aud_has_next(const struct aud_list *list)
{
    return goes_on(list) && list->array.next < list->array.n;
}

void aud_end(struct aud_list *list)
{
    aud_demand(list->reading, !goes_on(list) || list->array.next == list->array.n, "F1",
               "an array has an element too many");
}

int64_t *aud_next_numbers(size_t *n, struct aud_list *list)
{
    struct aud_bin bin = aud_next_bin(list);
    int64_t *numbers = NULL;
    *n = bin.length / 8;
    aud_demand(list->reading, bin.length % 8 == 0, "F1", "a vector has half a number");
    if (!goes_on(list)) {
        return NULL;
    }
    list->reading->status =
        sil_alloc(&numbers, *n, sizeof *numbers, "numbers", list->reading->err);
    for (size_t i = 0; numbers != NULL && i < *n; i++) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 8; k++) {
            word |= (uint64_t)bin.data[8 * i + k] << (8 * k);
        }
        (void)memcpy(&numbers[i], &word, sizeof word);
    }
    return numbers;
}
