// SPDX-License-Identifier: Apache-2.0
#include "support/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void give_up(const char *what, const char *name)
{
    fprintf(stderr, "test vectors: %s: %s\n", what, name);
    abort();
}

json_t *vectors_load(const char *key)
{
    const char *path = SIL_SOURCE_DIR "/tests/vectors/dp_core.json";
    json_error_t error;
    json_t *all = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (all == NULL) {
        give_up(path, error.text);
    }
    json_t *value = json_incref(json_object_get(all, key));
    json_decref(all);
    if (value == NULL) {
        give_up("no key", key);
    }
    return value;
}

const json_t *vectors_member(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);
    if (member == NULL) {
        give_up("no member", name);
    }
    return member;
}

const char *vectors_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(vectors_member(object, name));
    if (text == NULL) {
        give_up("not a string", name);
    }
    return text;
}

/* "1.25e-3" to 125/100000: the digits without the point, then powers of ten. */
static void decimal(mpq_t out, const char *text, const char *name)
{
    char digits[256];
    size_t n = 0;
    long exponent = 0;
    int after_point = 0;
    for (; *text != '\0' && *text != 'e' && n + 1 < sizeof digits; text++) {
        if (*text == '.') {
            after_point = 1;
            continue;
        }
        digits[n++] = *text;
        exponent -= after_point;
    }
    digits[n] = '\0';
    if (*text == 'e') {
        exponent += strtol(text + 1, NULL, 10);
    }

    mpz_t ten;
    mpz_init(ten);
    mpz_ui_pow_ui(ten, 10, (unsigned long)labs(exponent));
    mpq_set_ui(out, 0, 1);
    if (mpz_set_str(mpq_numref(out), digits, 10) != 0) {
        give_up("not a number", name);
    }
    if (exponent < 0) {
        mpz_set(mpq_denref(out), ten);
    } else {
        mpz_mul(mpq_numref(out), mpq_numref(out), ten);
    }
    mpq_canonicalize(out);
    mpz_clear(ten);
}

void vectors_rational(mpq_t out, const json_t *object, const char *name)
{
    const char *text = vectors_text(object, name);
    if (strchr(text, '/') == NULL) {
        decimal(out, text, name);
        return;
    }
    if (mpq_set_str(out, text, 10) != 0) {
        give_up("not a rational", name);
    }
    mpq_canonicalize(out);
}

double vectors_real(const json_t *object, const char *name)
{
    mpq_t value;
    mpq_init(value);
    vectors_rational(value, object, name);
    double real = mpq_get_d(value);
    mpq_clear(value);
    return real;
}
