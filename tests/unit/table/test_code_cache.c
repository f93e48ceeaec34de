// SPDX-License-Identifier: Apache-2.0
/* The cache of codes against encoding each text anew: what a text gets may depend on
 * nothing that was seen before it. */
#include "table/code_cache.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

/* Far more texts a field than it has slots. Within a field all are of one length but for
 * the first two, which have the same texts and different codes. */
enum { N_TEXTS = 1000, ROUNDS = 2 };

static const struct kind {
    const char *domain;
    const char *before; ///< of the digits of a number: together a text of the domain
    const char *behind;
    int digits;
} KINDS[] = {
    {"\"minimum\": 0, \"maximum\": 999},"
     " \"silhouette\": {\"bins\": \"integers\"}",                   "",               "",             1},
    {"\"minimum\": 0, \"maximum\": 999}, \"silhouette\": {\"bins\": 7}", "",               "",             1},
    {"\"minimum\": 1000000, \"maximum\": 1000999},"
     " \"silhouette\": {\"bins\": \"integers\"}",                   "1000",           "",             3},
    {"\"minimum\": 1000000000000000, \"maximum\": 1000000000000999},"
     " \"silhouette\": {\"bins\": \"integers\"}",                   "1000000000000",  "",             3},
    {"\"minimum\": 0, \"maximum\": 9999999999999999},"
     " \"silhouette\": {\"bins\": 10000}",                          "1",              "000000000000", 3},
    {"\"minimum\": 10000000000000000, \"maximum\": 10000000000000999},"
     " \"silhouette\": {\"bins\": \"integers\"}",                   "10000000000000", "",             3},
};

enum { N_KINDS = sizeof KINDS / sizeof KINDS[0] };

static struct sil_schema *schema_of_all(void)
{
    struct sil_bytes json = {0};
    struct sil_schema *schema;
    struct sil_error err;
    cr_assert(zero(int, sil_bytes_printf(&json, NULL, "{\"fields\": [")));
    for (size_t k = 0; k < N_KINDS; k++) {
        cr_assert(zero(int, sil_bytes_printf(&json, NULL,
                                             "%s{\"name\": \"f%zu\", \"type\": "
                                             "\"integer\", \"constraints\": {%s}",
                                             k > 0 ? ", " : "", k, KINDS[k].domain)));
    }
    cr_assert(zero(int, sil_bytes_printf(&json, NULL, "]}")));
    sil_status status =
        sil_schema_parse(&schema, (const char *)json.data, json.length, &err);
    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
    sil_bytes_clear(&json);
    return schema;
}

Test(code_cache, gives_the_code_that_encoding_gives)
{
    struct sil_schema *schema = schema_of_all();
    struct sil_code_cache *cache;
    cr_assert(zero(int, sil_code_cache_new(&cache, schema, NULL)));

    for (int step = 0; step < ROUNDS * N_TEXTS; step++) {
        int i = step * 377 % N_TEXTS;
        for (uint32_t k = 0; k < N_KINDS; k++) {
            char text[32];
            const struct kind *kind = &KINDS[k];
            int length = snprintf(text, sizeof text, "%s%0*d%s", kind->before,
                                  kind->digits, i, kind->behind);
            uint32_t want =
                sil_field_encode(sil_schema_field(schema, k), text, (size_t)length);

            uint32_t got = sil_code_cache_encode(cache, k, text, (size_t)length);

            cr_assert(eq(u32, got, want), "field %u, %s", k, text);
        }
    }

    sil_code_cache_free(cache);
    sil_schema_free(schema);
}

/* The empty text and the byte 1, "a" and "aa": a key is the length as well. */
Test(code_cache, tells_texts_of_different_lengths_apart)
{
    static const char json[] =
        "{\"missingValues\": [\"\"], \"fields\": [{\"name\": \"x\", \"type\": \"string\","
        " \"categories\": [\"a\", \"aa\", \"aaa\", \"aaaa\", \"aaaaa\", \"aaaaaaaa\","
        " \"aaaaaaaaa\", \"aaaaaaaaaaaaaaaa\", \"aaaaaaaaaaaaaaaaa\"]}]}";
    struct sil_schema *schema;
    struct sil_code_cache *cache;
    cr_assert(zero(int, sil_schema_parse(&schema, json, strlen(json), NULL)));
    cr_assert(zero(int, sil_code_cache_new(&cache, schema, NULL)));

    for (size_t round = 0; round < 2; round++) {
        for (size_t length = 0; length < 20; length++) {
            static const char text[] = "aaaaaaaaaaaaaaaaaaaa";
            uint32_t want = sil_field_encode(sil_schema_field(schema, 0), text, length);
            cr_expect(eq(u32, sil_code_cache_encode(cache, 0, text, length), want),
                      "length %zu", length);
        }
    }

    sil_code_cache_free(cache);
    sil_schema_free(schema);
}
