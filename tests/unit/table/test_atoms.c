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

/* Some values, one at least, to the end of the schema. */
static void list_atoms(bool atom[MOST], char *json, size_t size, int n, uint64_t last,
                       struct test_random *random)
{
    const char *comma = "";
    for (unsigned v = 0; v <= last; v++) {
        atom[v] = test_below(random, 4) == 0 || (v == last && *comma == '\0');
        if (atom[v]) {
            n += snprintf(json + n, size - (size_t)n, "%s%u", comma, v);
            comma = ", ";
        }
    }
    (void)snprintf(json + n, size - (size_t)n, "]}}]}");
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
    list_atoms(atom, json, sizeof json, n, last, random);
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

/* ---- beside bins that are learnt ---- */

struct learnt {
    uint32_t first[MOST];
    uint32_t leaf[MOST];
    uint64_t weight[MOST];
    struct sil_learnt of;
};

/* Any partition: parts begin at some leaves, bins at some parts. */
static void partition(struct learnt *out, uint64_t n_leaves, struct test_random *random)
{
    *out = (struct learnt){
        .of = {.first = out->first, .leaf = out->leaf, .weight = out->weight}
    };
    for (uint32_t leaf = 0; leaf < n_leaves; leaf++) {
        if (leaf > 0 && test_below(random, 3) > 0) {
            continue;
        }
        if (leaf == 0 || test_below(random, 2) == 0) {
            out->first[out->of.n++] = out->of.n_parts;
        }
        out->leaf[out->of.n_parts] = leaf;
        out->weight[out->of.n_parts++] = 1 + test_below(random, 9);
    }
}

/* Where bins begin, before atoms. */
static bool begins(const struct learnt *learnt, uint32_t leaf)
{
    bool is = false;
    for (uint32_t b = 0; b < learnt->of.n; b++) {
        is = is || learnt->leaf[learnt->first[b]] == leaf;
    }
    return is;
}

static bool learnt_bins_go_without_their_atoms(struct test_random *random,
                                               void *context)
{
    (void)context;
    char json[1024];
    bool atom[MOST] = {false};
    struct learnt learnt;
    struct sil_error err = {{0}};
    uint64_t last = 2 + test_below(random, MOST - 2);
    int n = snprintf(json, sizeof json,
                     "{\"fields\": [{\"name\": \"x\", \"type\": \"integer\", "
                     "\"constraints\": {\"required\": true, \"minimum\": 0, "
                     "\"maximum\": %u}, \"silhouette\": {\"bins\": {\"private\": 4}, "
                     "\"atoms\": [",
                     (unsigned)last);
    list_atoms(atom, json, sizeof json, n, last, random);
    struct sil_schema *schema = parse(json);
    const struct sil_field *field = sil_schema_field(schema, 0);
    partition(&learnt, last + 1, random);
    bool is = sil_schema_settle_bins(schema, 0, &learnt.of, &err) == SIL_OK;
    uint32_t cell = 0;
    for (uint32_t v = 0; v <= last && is; v++) {
        char text[8];
        struct sil_bytes drawn = {0};
        int length = snprintf(text, sizeof text, "%u", v);
        cell += v > 0 && (begins(&learnt, v) || atom[v] || atom[v - 1]);
        is = sil_field_encode(field, text, (size_t)length) == cell &&
             sil_field_decode(&drawn, field, cell, test_word(random), &err) == SIL_OK &&
             sil_field_encode(field, (const char *)drawn.data, drawn.length) == cell;
        sil_bytes_clear(&drawn);
    }
    is = is && sil_schema_field_cells(schema, 0) == cell + 1;
    sil_schema_free(schema);
    return is;
}

Test(atoms, are_cells_beside_bins_that_were_learnt)
{
    cr_assert(test_forall("learnt", test_cases(2000),
                          learnt_bins_go_without_their_atoms, NULL));
}

/* Parts 0 to 9, 10 to 14 and 15 to 19 of one bin; of a part that 3 was taken out of it is not
 * known what the rest weighs, and of the others nothing is lost. */
Test(atoms, leave_no_weight_to_what_they_were_counted_with)
{
    static const char JSON[] =
        "{\"fields\": [{\"name\": \"x\", \"type\": \"integer\", \"constraints\": "
        "{\"required\": true, \"minimum\": 0, \"maximum\": 19}, \"silhouette\": {\"bins\": "
        "{\"private\": 2}, \"atoms\": [%d]}}]}";
    const uint32_t first[] = {0};
    const uint32_t leaf[] = {0, 10, 15};
    const uint64_t weight[] = {90, 8, 2};
    const struct sil_learnt learnt = {1, first, 3, leaf, weight};
    struct sil_error err = {{0}};
    char json[512];

    const struct {
        int atom;
        uint32_t bin;
        uint64_t weight; ///< of all parts of the bin
    } due[] = {
        {3,  0, 0 },
        {3,  1, 0 },
        {3,  2, 0 },
        {10, 0, 90},
        {10, 1, 0 },
        {10, 2, 0 },
        {19, 0, 0 }
    };

    for (size_t i = 0; i < sizeof due / sizeof due[0]; i++) {
        (void)snprintf(json, sizeof json, JSON, due[i].atom);
        struct sil_schema *schema = parse(json);
        const struct sil_parts *parts = &sil_schema_field(schema, 0)->bins.parts;
        cr_assert(eq(int, sil_schema_settle_bins(schema, 0, &learnt, &err), SIL_OK));
        uint64_t is = parts->below[parts->first[due[i].bin + 1]] -
                      parts->below[parts->first[due[i].bin]];
        cr_expect(eq(u64, is, due[i].weight), "atom %d, bin %u", due[i].atom,
                  due[i].bin);
        sil_schema_free(schema);
    }
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
