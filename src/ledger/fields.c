// SPDX-License-Identifier: Apache-2.0
#include "ledger/fields.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/refuse.h"
#include "num/rational.h"

#include <string.h>

enum { DEPTH_MAX = 5, DIGITS_MAX = 160 };

/* A value takes a byte at least, so that the length bounds the number of values too. */
static const struct sil_mp_limits LIMITS = {
    .values = SIL_ENTRY_BYTES_MAX,
    .depth = DEPTH_MAX,
    .uint = SIL_LEDGER_UINT_MAX,
    .str = SIL_LEDGER_TEXT_MAX,
    .bin = SIL_ENTRY_BYTES_MAX,
    .array = SIL_LEDGER_ARRAY_MAX,
};

/* F1 and F2 as the statuses of readers. */
#define MALFORMED SIL_ERR_INPUT
#define TOO_LARGE SIL_ERR_CHECK

sil_status sil_fields_open(struct sil_mp_text **text, struct sil_mp_array *array,
                           const uint8_t *data, size_t length, struct sil_error *err)
{
    struct sil_mp_offence offence = {0};
    *text = NULL;
    if (length > SIL_ENTRY_BYTES_MAX) {
        return sil_fail(err, TOO_LARGE, "%s: more than %d bytes", array->what,
                        SIL_ENTRY_BYTES_MAX);
    }
    sil_status status = sil_mp_parse(text, data, length, &LIMITS, err);
    if (status == SIL_OK) {
        *array = sil_mp_root(*text, array->what);
    } else if (!sil_mp_scan(&offence, data, length, &LIMITS)) {
        return sil_fail(err, offence.is_limit ? TOO_LARGE : MALFORMED,
                        "%s: byte %zu: %s", array->what, offence.at, offence.what);
    }
    return status;
}

sil_status sil_fields_refuse(struct sil_error *err, sil_status status)
{
    struct sil_error sentence;
    if (status != MALFORMED && status != TOO_LARGE) {
        return status;
    }
    if (err == NULL) {
        return SIL_ERR_CHECK;
    }
    sentence = *err;
    return sil_refuse_ledger(err, status == MALFORMED ? "F1" : "F2", "%s",
                             sentence.text);
}

sil_status sil_next_number(uint64_t *out, struct sil_mp_array *array, const char *what,
                           struct sil_error *err)
{
    return sil_mp_next_uint(out, array, SIL_LEDGER_UINT_MAX, what, err);
}

sil_status sil_next_count(uint64_t *out, struct sil_mp_array *array, const char *what,
                          struct sil_error *err)
{
    sil_status status = sil_next_number(out, array, what, err);
    if (status == SIL_OK && *out == 0) {
        return sil_fail(err, MALFORMED, "%s: %s is 0", array->what, what);
    }
    return status;
}

sil_status sil_next_bytes(void *out, size_t n, struct sil_mp_array *array,
                          const char *what, struct sil_error *err)
{
    const uint8_t *data = NULL;
    size_t length = 0;
    sil_status status = sil_mp_next_bin(&data, &length, array, what, err);
    if (status != SIL_OK) {
        return status;
    }
    if (length != n) {
        return sil_fail(err, MALFORMED, "%s: %s has not %zu bytes", array->what, what,
                        n);
    }
    (void)memcpy(out, data, n);
    return SIL_OK;
}

sil_status sil_next_text(char **out, struct sil_mp_array *array, const char *what,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *text = NULL;
    size_t length = 0;
    SIL_TRY(sil_mp_next_str(&text, &length, array, what, err));
    SIL_TRY(sil_alloc(out, length + 1, 1, what, err));
    (void)memcpy(*out, text, length);
cleanup:
    return status;
}

/* ---- rationals: 0/1 or [1-9][0-9]{0,159}/[1-9][0-9]{0,159}, in lowest terms ---- */

/* The digits of a number that begins at text[at]; 0 when it is none, or begins with 0. */
static size_t count_digits(const char *text, size_t length, size_t at)
{
    size_t n = 0;
    while (at + n < length && text[at + n] >= '0' && text[at + n] <= '9') {
        n++;
    }
    return n > 0 && text[at] == '0' ? 0 : n;
}

/* Most numbers are short, and a ledger has many of them. */
enum { SHORT_DIGITS = 18 };

static void set_short(mpz_t out, const char *digits, size_t n)
{
    unsigned long value = 0;
    for (size_t i = 0; i < n; i++) {
        value = 10 * value + (unsigned long)(digits[i] - '0');
    }
    mpz_set_ui(out, value);
}

_Static_assert(sizeof(unsigned long) >= 8, "18 digits fit");

static void set_digits(mpz_t out, const char *digits, size_t n)
{
    if (n <= SHORT_DIGITS) {
        set_short(out, digits, n);
        return;
    }
    char text[DIGITS_MAX + 1];
    (void)memcpy(text, digits, n);
    text[n] = '\0';
    int rc = mpz_set_str(out, text, 10);
    SIL_REQUIRE(rc == 0);
}

static bool is_reduced(const mpq_t value)
{
    if (mpz_fits_ulong_p(mpq_denref(value)) != 0) {
        return mpz_gcd_ui(NULL, mpq_numref(value), mpz_get_ui(mpq_denref(value))) == 1;
    }
    mpz_t divisor;
    mpz_init(divisor);
    mpz_gcd(divisor, mpq_numref(value), mpq_denref(value));
    bool is_one = mpz_cmp_ui(divisor, 1) == 0;
    mpz_clear(divisor);
    return is_one;
}

sil_status sil_next_fraction(mpq_t out, struct sil_mp_array *array, const char *what,
                             struct sil_error *err)
{
    const char *text = NULL;
    size_t length = 0;
    sil_status status = sil_mp_next_str(&text, &length, array, what, err);
    if (status != SIL_OK) {
        return status;
    }
    mpq_set_ui(out, 0, 1);
    if (length == 3 && memcmp(text, "0/1", 3) == 0) {
        return SIL_OK;
    }
    size_t above = count_digits(text, length, 0);
    if (above == 0 || above == length || text[above] != '/') {
        return sil_fail(err, MALFORMED, "%s: %s is not of the form p/q", array->what,
                        what);
    }
    size_t below = count_digits(text, length, above + 1);
    if (below == 0 || above + 1 + below != length) {
        return sil_fail(err, MALFORMED, "%s: %s is not of the form p/q", array->what,
                        what);
    }
    /* Before a number is made of them: conversion is not linear in the digits. */
    if (above > DIGITS_MAX || below > DIGITS_MAX) {
        return sil_fail(err, TOO_LARGE, "%s: %s has more than %d digits", array->what,
                        what, DIGITS_MAX);
    }
    set_digits(mpq_numref(out), text, above);
    set_digits(mpq_denref(out), text + above + 1, below);
    if (!is_reduced(out)) {
        mpq_set_ui(out, 0, 1);
        return sil_fail(err, MALFORMED, "%s: %s is not in lowest terms", array->what,
                        what);
    }
    return SIL_OK;
}

sil_status sil_next_name(size_t *out, const char *const *words, size_t n,
                         struct sil_mp_array *array, const char *what,
                         struct sil_error *err)
{
    const char *text = NULL;
    size_t length = 0;
    sil_status status = sil_mp_next_str(&text, &length, array, what, err);
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0) {
            *out = i;
            return SIL_OK;
        }
    }
    return status != SIL_OK ? status
                            : sil_fail(err, MALFORMED, "%s: %s is none of those known",
                                       array->what, what);
}

sil_status sil_next_tuple(struct sil_mp_array *inner, uint32_t n,
                          struct sil_mp_array *array, const char *what,
                          struct sil_error *err)
{
    sil_status status = sil_mp_next_array(inner, array, what, err);
    if (status == SIL_OK && inner->n != n) {
        return sil_fail(err, MALFORMED, "%s: %s has not %u elements", array->what, what,
                        (unsigned)n);
    }
    return status;
}

sil_status sil_next_list(struct sil_mp_array *inner, void *out, size_t size,
                         struct sil_mp_array *array, const char *what,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_next_array(inner, array, what, err));
    if (inner->n > 0) {
        SIL_TRY(sil_alloc(out, inner->n, size, what, err));
    }
cleanup:
    return status;
}

sil_status sil_next_id(struct sil_id *out, struct sil_mp_array *array, const char *what,
                       struct sil_error *err)
{
    return sil_next_bytes(out->bytes, SIL_ID_BYTES, array, what, err);
}

sil_status sil_next_hash(uint8_t out[SIL_HASH_BYTES], struct sil_mp_array *array,
                         const char *what, struct sil_error *err)
{
    return sil_next_bytes(out, SIL_HASH_BYTES, array, what, err);
}

/* ---- writing ---- */

sil_status sil_put_fraction(struct sil_bytes *out, const mpq_t value,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    SIL_TRY(sil_rational_print(&text, value, err));
    SIL_TRY(sil_bytes_append(&text, "", 1, err));
    SIL_TRY(sil_mp_put_str(out, (const char *)text.data, err));
cleanup:
    sil_bytes_clear(&text);
    return status;
}

sil_status sil_put_text(struct sil_bytes *out, const char *text, const char *what,
                        struct sil_error *err)
{
    const char *plain = text == NULL ? "" : text;
    for (const char *at = plain; *at != '\0'; at++) {
        if (*at < 0x20 || *at > 0x7e) {
            return sil_fail(err, SIL_ERR_USAGE, "%s is not printable ASCII", what);
        }
    }
    return sil_mp_put_str(out, plain, err);
}
