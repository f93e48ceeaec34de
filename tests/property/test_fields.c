// SPDX-License-Identifier: Apache-2.0
/* Properties of random fields: what is decoded is encoded to the same cell, whatever the
 * word; any bytes at all meet a cell of the field or drop the row; and bins hold what a
 * comparison by another route (rationals of GMP) says they hold. */
#include "support/property.h"
#include "table/field.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <gmp.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_BYTES = 1 << 14, WORDS = 4, TEXTS = 40, TEXT_BYTES = 64 };

struct writer {
    char text[JSON_BYTES];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void put(struct writer *w,
                                                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w->text + w->length, sizeof w->text - w->length, format, args);
    va_end(args);
    cr_assert(n >= 0 && w->length + (size_t)n < sizeof w->text);
    w->length += (size_t)n;
}

/* `value` / 10^places. */
static void put_decimal(struct writer *w, int64_t value, unsigned places)
{
    uint64_t unit = 1;
    for (unsigned i = 0; i < places; i++) {
        unit *= 10;
    }
    uint64_t size = value < 0 ? (uint64_t)-value : (uint64_t)value;
    put(w, "\"%s%" PRIu64, value < 0 ? "-" : "", size / unit);
    if (places > 0) {
        put(w, ".%0*" PRIu64, (int)places, size % unit);
    }
    put(w, "\"");
}

static void put_policy(struct writer *w, struct test_random *random, bool is_required,
                       bool is_closed)
{
    static const char *const policies[] = {"drop", "other", "null", "clamp"};
    uint64_t choice = test_below(random, 5);
    bool is_contradiction = (choice == 2 && is_required) || (choice == 3 && is_closed);
    if (choice < 4 && !is_contradiction) {
        put(w, ", \"outside\": \"%s\"", policies[choice]);
    }
}

/* A numeric field of random bounds; many contradict themselves, and are not parsed. */
static void put_numeric(struct writer *w, struct test_random *random)
{
    static const char *const types[] = {"integer", "number", "date", "datetime"};
    uint64_t type = test_below(random, 4);
    bool is_required = test_below(random, 2) == 0;
    unsigned places = type == 1 ? (unsigned)test_below(random, 5) : 0;
    uint64_t span = 1 + test_below(random, test_below(random, 2) ? 40 : 1000000);
    put(w, "{\"fields\": [{\"name\": \"x\", \"type\": \"%s\", ", types[type]);
    if (type == 1 && test_below(random, 4) == 0) {
        put(w, "\"decimalChar\": \",\", ");
    }
    put(w, "\"constraints\": {\"required\": %s", is_required ? "true" : "false");
    if (type < 2) {
        int64_t low = (int64_t)test_below(random, 2000) - 1000;
        put(w, ", \"minimum\": ");
        put_decimal(w, low, places);
        put(w, ", \"maximum\": ");
        put_decimal(w, low + (int64_t)span, places);
    } else {
        put(w, ", \"minimum\": \"%04u-%02u-%02u%s\", \"maximum\": \"%04u-%02u-%02u%s\"",
            (unsigned)test_below(random, 1000) + 1500,
            (unsigned)test_below(random, 12) + 1, (unsigned)test_below(random, 28) + 1,
            type == 3 ? "T10:20:30Z" : "", (unsigned)test_below(random, 1000) + 2500,
            (unsigned)test_below(random, 12) + 1, (unsigned)test_below(random, 28) + 1,
            type == 3 ? "T23:59:59" : "");
    }
    put(w, "}, \"silhouette\": {\"bins\": %" PRIu64,
        1 + test_below(random, span < 60 ? span : 60));
    if (test_below(random, 2) == 0) {
        unsigned fine = type == 1 ? places + (unsigned)test_below(random, 3) : 0;
        put(w, ", \"granularity\": ");
        put_decimal(w, 1 + (int64_t)test_below(random, 4), fine);
    }
    put_policy(w, random, is_required, false);
    put(w, "}}]}");
}

static void put_closed(struct writer *w, struct test_random *random)
{
    bool is_integer = test_below(random, 2) == 0;
    bool is_required = test_below(random, 2) == 0;
    uint64_t n = 1 + test_below(random, 30);
    put(w, "{\"fields\": [{\"name\": \"x\", \"type\": \"%s\", \"categories\": [",
        is_integer ? "integer" : "string");
    for (uint64_t i = 0; i < n; i++) {
        put(w, is_integer ? "%s%" PRIu64 : "%s\"v%" PRIu64 "\"", i > 0 ? ", " : "",
            i * i + test_below(random, 2 * i + 1));
    }
    put(w,
        "], \"constraints\": {\"required\": %s}, \"silhouette\": {\"other\": \"zzz\"",
        is_required ? "true" : "false");
    put(w, ", \"outside\": \"other\"}}]}");
}

static struct sil_schema *random_schema(struct test_random *random, struct writer *w)
{
    struct sil_schema *schema;
    w->length = 0;
    if (test_below(random, 4) == 0) {
        put_closed(w, random);
    } else {
        put_numeric(w, random);
    }
    return sil_schema_parse(&schema, w->text, w->length, NULL) == SIL_OK ? schema
                                                                         : NULL;
}

static bool survives(const struct sil_field *field, uint32_t code, uint64_t word)
{
    struct sil_bytes text = {0};
    bool is_same =
        sil_field_decode(&text, field, code, word, NULL) == SIL_OK &&
        sil_field_encode(field, (const char *)text.data, text.length) == code &&
        sil_field_accepts(field, (const char *)text.data, text.length);
    if (!is_same) {
        (void)fprintf(stderr, "code %u, word %" PRIu64 ": %.*s\n", code, word,
                      (int)text.length, (const char *)text.data);
    }
    sil_bytes_clear(&text);
    return is_same;
}

/* Decoding and encoding again, for every cell and some words. */
static bool cells_survive(struct test_random *random, void *context)
{
    static struct writer w;
    size_t *n_parsed = context;
    struct sil_schema *schema = random_schema(random, &w);
    bool holds = true;
    if (schema == NULL) {
        return true;
    }
    *n_parsed += 1;
    for (uint32_t code = 0; code < sil_schema_field_cells(schema, 0); code++) {
        const struct sil_field *field = sil_schema_field(schema, 0);
        holds = holds && survives(field, code, 0) && survives(field, code, UINT64_MAX);
        for (int i = 0; i < WORDS; i++) {
            holds = holds && survives(field, code, test_word(random));
        }
    }
    if (!holds) {
        (void)fprintf(stderr, "%s\n", w.text);
    }
    sil_schema_free(schema);
    return holds;
}

Test(fields, what_is_decoded_is_encoded_to_the_same_cell)
{
    size_t n_parsed = 0;
    cr_expect(test_forall("cells survive", test_cases(4000), cells_survive, &n_parsed));
    /* The generator must not be one of contradictions. */
    cr_expect(ge(sz, n_parsed, test_cases(4000) / 2));
}

/* Where 64 bits suffice for bins, they give what 128 do. */
static bool narrow_is_wide(struct test_random *random, void *context)
{
    static struct writer w;
    size_t *n_narrow = context;
    struct sil_schema *schema = random_schema(random, &w);
    bool holds = true;
    if (schema == NULL) {
        return true;
    }
    struct sil_bins bins = sil_schema_field(schema, 0)->bins;
    struct sil_bins wide = bins;
    wide.is_narrow = false;
    *n_narrow += bins.is_narrow && bins.n > 0;
    for (uint32_t bin = 0; bin < bins.n; bin++) {
        uint64_t word = test_edge_word(random);
        sil_i128 value = sil_bins_draw(&bins, bin, word);
        holds = holds && value == sil_bins_draw(&wide, bin, word) &&
                sil_bins_find(&bins, value) == bin &&
                sil_bins_find(&wide, value) == bin;
    }
    if (!holds) {
        (void)fprintf(stderr, "%s\n", w.text);
    }
    sil_schema_free(schema);
    return holds;
}

Test(fields, bins_in_64_bits_are_those_in_128)
{
    size_t n_narrow = 0;
    cr_expect(test_forall("narrow bins", test_cases(4000), narrow_is_wide, &n_narrow));
    cr_expect(ge(sz, n_narrow, test_cases(4000) / 3));
}

/* Just below and just above what 64 bits can do: limits of range, cells and anchor. */
Test(fields, bins_near_the_limit_of_64_bits)
{
    static const struct {
        const char *minimum;
        const char *maximum;
        int bins;
        bool is_narrow;
    } cases[] = {
        {"0",                    "2305843009213693951",         1, true },
        {"0",                    "2305843009213693952",         1, false},
        {"-1152921504606846976", "1152921504606846975",         1, true },
        {"-1152921504606846976", "1152921504606846976",         1, false},
        {"2305843009213693000",  "2305843009213693951",         7, true },
        {"0",                    "329406144173384850",          7, true },
        {"0",                    "329406144173384851",          7, false},
        {"-2305843009213693952", "-2305843009213693000",        7, false},
        {"999999999999999999",   "999999999999999999000000000", 7, false},
    };
    static struct writer w;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_random random = {.state = i};
        struct sil_schema *schema;
        w.length = 0;
        put(&w,
            "{\"fields\": [{\"name\": \"x\", \"type\": \"integer\", \"constraints\": "
            "{\"minimum\": \"%s\", \"maximum\": \"%s\"}, \"silhouette\": {\"bins\": %d, "
            "\"granularity\": %d}}]}",
            cases[i].minimum, cases[i].maximum, cases[i].bins, i == 8 ? 1000000000 : 1);
        cr_assert(zero(int, sil_schema_parse(&schema, w.text, w.length, NULL)), "%zu",
                  i);
        const struct sil_field *field = sil_schema_field(schema, 0);
        cr_expect(eq(int, field->bins.is_narrow, cases[i].is_narrow), "%zu", i);
        for (uint32_t code = 0; code < field->bins.n; code++) {
            cr_expect(survives(field, code, 0) && survives(field, code, UINT64_MAX) &&
                          survives(field, code, test_word(&random)),
                      "%zu", i);
        }
        sil_schema_free(schema);
    }
}

/* Texts that are nearly numbers or dates, and bytes. */
static size_t random_text(char *text, struct test_random *random)
{
    static const char alphabet[] = "0123456789012345678900000+-..,eETZ: \t/NaN\"x";
    size_t n = test_below(random, test_below(random, 8) == 0 ? TEXT_BYTES : 12);
    bool is_noise = test_below(random, 6) == 0;
    for (size_t i = 0; i < n; i++) {
        text[i] = is_noise ? (char)test_word(random)
                           : alphabet[test_below(random, sizeof alphabet - 1)];
    }
    return n;
}

static bool any_text_has_a_cell(struct test_random *random, void *context)
{
    static struct writer w;
    (void)context;
    struct sil_schema *schema = random_schema(random, &w);
    bool holds = true;
    for (int i = 0; schema != NULL && i < TEXTS; i++) {
        const struct sil_field *field = sil_schema_field(schema, 0);
        char text[TEXT_BYTES];
        size_t length = random_text(text, random);
        uint32_t code = sil_field_encode(field, text, length);
        holds = holds &&
                (code < sil_schema_field_cells(schema, 0) ||
                 (code == SIL_CODE_DROP && !sil_field_accepts(field, text, length)));
    }
    sil_schema_free(schema);
    return holds;
}

Test(fields, any_bytes_have_a_cell_or_drop_the_row)
{
    cr_expect(test_forall("any text has a cell", test_cases(4000), any_text_has_a_cell,
                          NULL));
}

/* ---- The oracle: the same map in rationals. ---- */

struct oracle {
    long low; ///< in units of 10^-places
    long high;
    unsigned places;
    unsigned long bins;
};

static void set_decimal(mpq_t out, const char *digits, size_t point_from_right,
                        bool is_negative)
{
    mpz_set_str(mpq_numref(out), digits, 10);
    mpz_ui_pow_ui(mpq_denref(out), 10, point_from_right);
    mpq_canonicalize(out);
    if (is_negative) {
        mpq_neg(out, out);
    }
}

/* The bin of a value of the field's resolution or of a finer one: clamp, then find the
 * last edge, rounded up to the resolution, that is not above. */
static unsigned long oracle_bin(const struct oracle *o, const mpq_t value)
{
    mpq_t scaled;
    mpz_t edge;
    mpz_t floor;
    mpq_init(scaled);
    mpz_inits(edge, floor, NULL);
    mpz_ui_pow_ui(edge, 10, o->places);
    mpq_set_z(scaled, edge);
    mpq_mul(scaled, scaled, value);
    mpz_fdiv_q(floor, mpq_numref(scaled), mpq_denref(scaled));

    unsigned long bin = 0;
    for (unsigned long i = 1; i < o->bins; i++) {
        mpz_set_si(edge, o->high - o->low);
        mpz_mul_ui(edge, edge, i);
        mpz_cdiv_q_ui(edge, edge, o->bins);
        mpz_set_si(mpq_numref(scaled), o->low);
        mpz_add(edge, edge, mpq_numref(scaled));
        bin = mpz_cmp(edge, floor) <= 0 ? i : bin;
    }
    mpq_clear(scaled);
    mpz_clears(edge, floor, NULL);
    return bin;
}

static bool agrees(const struct sil_field *field, const struct oracle *o,
                   struct test_random *random)
{
    char digits[TEXT_BYTES];
    char text[TEXT_BYTES];
    size_t n = 1 + test_below(random, 12);
    size_t behind = test_below(random, n + 1);
    bool is_negative = test_below(random, 2) == 0;
    for (size_t i = 0; i < n; i++) {
        digits[i] = (char)('0' + test_below(random, 10));
    }
    digits[n] = '\0';
    (void)snprintf(text, sizeof text, "%s%.*s.%s", is_negative ? "-" : "",
                   (int)(n - behind), digits, digits + n - behind);

    mpq_t value;
    mpq_init(value);
    set_decimal(value, digits, behind, is_negative);
    uint32_t code = sil_field_encode(field, text, strlen(text));
    bool is_right = code == oracle_bin(o, value);
    if (!is_right) {
        (void)fprintf(stderr, "%s: %u\n", text, code);
    }
    mpq_clear(value);
    return is_right;
}

static bool bins_are_those_of_rationals(struct test_random *random, void *context)
{
    static struct writer w;
    size_t *n_parsed = context;
    struct oracle o = {.low = (long)test_below(random, 2000) - 1000,
                       .places = (unsigned)test_below(random, 4),
                       .bins = 1 + test_below(random, 50)};
    o.high = o.low + (long)o.bins + (long)test_below(random, 3000);
    w.length = 0;
    put(&w, "{\"fields\": [{\"name\": \"x\", \"type\": \"number\", \"constraints\": {");
    put(&w, "\"minimum\": ");
    put_decimal(&w, o.low, o.places);
    put(&w, ", \"maximum\": ");
    put_decimal(&w, o.high, o.places);
    put(&w, "}, \"silhouette\": {\"bins\": %lu, \"granularity\": ", o.bins);
    put_decimal(&w, 1, o.places);
    put(&w, "}}]}");

    struct sil_schema *schema;
    if (sil_schema_parse(&schema, w.text, w.length, NULL) != SIL_OK) {
        return true;
    }
    *n_parsed += 1;
    bool holds = true;
    for (int i = 0; holds && i < TEXTS; i++) {
        holds = agrees(sil_schema_field(schema, 0), &o, random);
    }
    sil_schema_free(schema);
    return holds;
}

Test(fields, bins_hold_what_rationals_say)
{
    size_t n_parsed = 0;
    cr_expect(
        test_forall("bins", test_cases(2000), bins_are_those_of_rationals, &n_parsed));
    cr_expect(ge(sz, n_parsed, test_cases(2000) / 2));
}
