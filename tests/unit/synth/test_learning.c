// SPDX-License-Identifier: Apache-2.0
/* The tree of a field that learns its bins, whatever the counts of its levels say. */
#include "synth/learning.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAVES = 131072, MOST = 32768, TOP_LEAVES = 4096, BRANCH = 64 };

static struct sil_schema *schema_of(unsigned n_bins)
{
    char text[256];
    struct sil_schema *schema = NULL;
    struct sil_error err = {""};
    int n =
        snprintf(text, sizeof text,
                 "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\", "
                 "\"constraints\": {\"required\": true, \"minimum\": 0, "
                 "\"maximum\": %d}, \"silhouette\": {\"bins\": {\"private\": %u}}}]}",
                 LEAVES - 1, n_bins);
    cr_assert(eq(int, sil_schema_parse(&schema, text, (size_t)n, &err), SIL_OK), "%s",
              err.text);
    return schema;
}

/* Intervals begin at 0 and ascend; what one was cut into is 64 parts at most. */
static void check_level(const struct sil_learning *learning, const uint32_t *before,
                        uint32_t n_before)
{
    uint32_t n = sil_learning_cells(learning);
    cr_assert(le(u32, n, MOST));
    cr_assert(zero(u32, learning->first[0]));
    for (uint32_t i = 0, k = 0; k < n_before; k++) {
        uint32_t end = k + 1 < n_before ? before[k + 1] : LEAVES;
        uint32_t parts = 0;
        cr_assert(eq(u32, learning->first[i], before[k]));
        for (; i < n && learning->first[i] < end; i++, parts++) {
            cr_assert(i == 0 || learning->first[i] > learning->first[i - 1]);
        }
        cr_assert(le(u32, parts, BRANCH), "%u parts of %u leaves", parts,
                  end - before[k]);
    }
}

/* Level 0 says `heavy` of its intervals are heavy, the next says so of those that were not. */
static void grow(unsigned n_bins, uint32_t heavy)
{
    struct sil_schema *schema = schema_of(n_bins);
    struct sil_sigma2 sigma2;
    struct sil_learning learning;
    struct sil_error err = {""};
    int64_t *noisy = calloc(MOST, sizeof *noisy);
    uint32_t before[MOST];
    mpq_init(sigma2.v);
    mpq_set_ui(sigma2.v, 2500, 1);
    cr_assert(eq(
        int, sil_learning_begin(&learning, sil_schema_field(schema, 0), &sigma2, &err),
        SIL_OK));
    cr_assert(eq(uint, learning.n_levels, 3));
    for (unsigned level = 0; level < 3; level++) {
        uint32_t n = sil_learning_cells(&learning);
        uint32_t n_light = 0;
        memcpy(before, learning.first, n * sizeof *before);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t end = i + 1 < n ? learning.first[i + 1] : LEAVES;
            bool is_whole = end - learning.first[i] == TOP_LEAVES;
            bool is_heavy = level == 0 ? i < heavy : is_whole || n_light++ % 2 == 0;
            noisy[i] = is_heavy ? (INT64_C(1) << 30) : 0;
        }
        cr_assert(eq(int, sil_learning_take(&learning, noisy, &err), SIL_OK));
        check_level(&learning, before, n);
    }
    cr_expect(le(u32, learning.n_bins, 2 * n_bins));
    sil_learning_clear(&learning);
    mpq_clear(sigma2.v);
    sil_schema_free(schema);
    free(noisy);
}

/* All of the first level is left whole, or some of it, and cut later. */
Test(learning, cuts_an_interval_into_64_at_most_whatever_was_counted)
{
    for (uint32_t heavy = 0; heavy <= 32; heavy += 4) {
        grow(32, heavy);
        grow(1024, heavy);
    }
}
