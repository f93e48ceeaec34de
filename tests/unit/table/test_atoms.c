// SPDX-License-Identifier: Apache-2.0
/* Declared atoms, against a count of the bins value by value. */
#include "support/property.h"
#include "table/field.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

enum { MOST = 40 };

static struct sil_schema *parse(const char *json)
{
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    cr_assert(eq(int, sil_schema_parse(&schema, json, strlen(json), &err), SIL_OK),
              "%s: %s", json, err.text);
    return schema;
}

static struct sil_schema *make(bool atom[MOST], uint64_t last, uint64_t n_bins,
                               struct test_random *random)
{
    char json[1024];
    int n = snprintf(json, sizeof json,
                     "{\"fields\": [{\"name\": \"x\", \"type\": \"integer\", "
                     "\"constraints\": {\"required\": true, \"minimum\": 0, "
                     "\"maximum\": %u}, \"silhouette\": {\"bins\": %u, \"atoms\": [",
                     (unsigned)last, (unsigned)n_bins);
    const char *comma = "";
    for (unsigned v = 0; v <= last; v++) {
        atom[v] = test_below(random, 4) == 0 || (v == last && *comma == '\0');
        if (atom[v]) {
            n += snprintf(json + n, sizeof json - (size_t)n, "%s%u", comma, v);
            comma = ", ";
        }
    }
    (void)snprintf(json + n, sizeof json - (size_t)n, "]}}]}");
    return parse(json);
}

/* A new cell begins where a bin does, at an atom, and behind one. Values of a cell are drawn
 * from it. */
static bool cells_are_bins_without_their_atoms(struct test_random *random,
                                               void *context)
{
    (void)context;
    bool atom[MOST] = {false};
    struct sil_error err = {{0}};
    uint64_t last = 1 + test_below(random, MOST - 1);
    uint64_t n_bins = 1 + test_below(random, last);
    struct sil_schema *schema = make(atom, last, n_bins, random);
    const struct sil_field *field = sil_schema_field(schema, 0);
    uint64_t cell = 0;
    bool is = true;
    for (uint64_t v = 0; v <= last && is; v++) {
        char text[8];
        struct sil_bytes drawn = {0};
        int n = snprintf(text, sizeof text, "%u", (unsigned)v);
        uint64_t bin = v == last ? n_bins - 1 : v * n_bins / last;
        uint64_t before = v == 0 ? bin : (v - 1) * n_bins / last;
        cell += v > 0 && (bin != before || atom[v] || atom[v - 1]);
        is = sil_field_encode(field, text, (size_t)n) == cell &&
             sil_field_decode(&drawn, field, (uint32_t)cell, test_word(random), &err) ==
                 SIL_OK &&
             sil_field_encode(field, (const char *)drawn.data, drawn.length) == cell;
        sil_bytes_clear(&drawn);
    }
    is = is && sil_schema_field_cells(schema, 0) == cell + 1;
    sil_schema_free(schema);
    return is;
}

Test(atoms, are_cells_of_their_own)
{
    cr_assert(test_forall("atoms", test_cases(2000), cells_are_bins_without_their_atoms,
                          NULL));
}

Test(atoms, are_told_of)
{
    struct sil_bytes words = {0};
    struct sil_error err = {{0}};
    struct sil_schema *schema =
        parse("{\"fields\": [{\"name\": \"x\", \"type\": \"integer\", \"constraints\": "
              "{\"minimum\": 0, \"maximum\": 99}, \"silhouette\": {\"bins\": 10, "
              "\"atoms\": [0, 45]}}]}");
    cr_assert(
        eq(int, sil_field_describe(&words, sil_schema_field(schema, 0), &err), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&words, "", 1, &err), SIL_OK));
    cr_expect_not_null(
        strstr((const char *)words.data,
               "0 to 99 in 13 bins, 2 of them declared as single values"));
    sil_bytes_clear(&words);
    sil_schema_free(schema);
}
