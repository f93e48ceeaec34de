// SPDX-License-Identifier: Apache-2.0
/* Theorem 4c by brute force: the bins of a column of four leaves, `other` and null are learnt
 * through a gate; then all tables of at most three people and all their neighbours, K = 1 to 3,
 * are counted by the very groups that each level was measured in. No pair is farther apart than
 * what the level was charged for, and some pair is so far. */
#include "ledger/unledgered.h"
#include "privacy/cost.h"
#include "synth/discovery_bins.h"
#include "table/table_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
#include <stdio.h>
#include <string.h>

enum { CODES = 6, PEOPLE = 3, LEAVES_OF_THREE_LEVELS = 100000 };

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(bins_law, .fini = free_mpfr_caches, .timeout = 120);

/* One field, its bins learnt of a table of one row in each code; the caller looks at the log
 * before the gate is closed. */
struct learnt {
    struct sil_schema *schema;
    struct sil_terms terms;
    struct sil_gate *gate;
};

static void learn(struct learnt *out, const char *schema, const char *unit,
                  enum sil_neighbours neighbours)
{
    struct sil_fit_options options = sil_fit_defaults();
    struct sil_table *table = NULL;
    struct sil_token *token = NULL;
    struct sil_rng *rng = NULL;
    cr_assert(zero(int, sil_schema_parse(&out->schema, schema, strlen(schema), NULL)));
    const struct sil_field *field = sil_schema_field(out->schema, 0);
    options.epsilon = "1";
    options.delta = "1e-6";
    options.mechanism = SIL_INDEPENDENT;
    options.unit = unit;
    options.neighbours = neighbours;
    options.unledgered = true;
    sil_terms_init(&out->terms);
    cr_assert(
        zero(int, sil_terms_of_options(&out->terms, out->schema, &options, NULL)));

    uint32_t n_codes = sil_field_n_leaves(field) + sil_field_n_extra(field);
    const struct sil_domain domain = {.n_attrs = 1, .sizes = &n_codes};
    cr_assert(zero(int, sil_table_new(&table, &domain, NULL)));
    for (uint32_t code = 0; code < CODES; code++) {
        cr_assert(zero(int, sil_table_add_row(table, &code, NULL)));
    }
    cr_assert(
        zero(int, sil_token_unledgered(&token, &out->terms.cap, &out->terms.discovery,
                                       neighbours, out->terms.unit.rows, NULL)));
    cr_assert(zero(int, sil_rng_new(&rng, NULL)));
    cr_assert(zero(int, sil_gate_open(&out->gate, token, rng, NULL)));
    cr_assert(
        zero(int, sil_learn_bins(out->gate, table, out->schema, &out->terms, 1, NULL)));
    sil_table_free(table);
}

static void forget(struct learnt *learnt)
{
    sil_gate_close(learnt->gate);
    sil_terms_clear(&learnt->terms);
    sil_schema_free(learnt->schema);
}

/* ---- all that a person can bring ---- */

struct bags {
    int count[256][CODES]; /* ways to have at most K rows: how many of each code */
    int n;
};

static void add_bags(struct bags *bags, int *count, int code, int left)
{
    if (code == CODES) {
        cr_assert(lt(int, bags->n, 256));
        memcpy(bags->count[bags->n++], count, sizeof bags->count[0]);
        return;
    }
    for (int n = 0; n <= left; n++) {
        count[code] = n;
        add_bags(bags, count, code + 1, left - n);
    }
    count[code] = 0;
}

/* The squared distance of two bags, counted by groups. Whatever the other people have is in
 * both tables, and so in neither difference. */
static uint64_t apart(const int *a, const int *b, const struct sil_grouping *of)
{
    int64_t sum[CODES] = {0};
    uint64_t squares = 0;
    for (uint32_t code = 0; code < CODES; code++) {
        sum[sil_group_of(of, code)] += a[code] - b[code];
    }
    for (uint32_t g = 0; g < of->n_groups; g++) {
        squares += (uint64_t)(sum[g] * sum[g]);
    }
    return squares;
}

static uint64_t farthest(const struct bags *bags, const struct sil_grouping *of,
                         enum sil_neighbours neighbours)
{
    static const int NOBODY[CODES] = {0};
    uint64_t most = 0;
    for (int i = 0; i < bags->n; i++) {
        int n_others = neighbours == SIL_ADD_REMOVE ? 1 : bags->n;
        for (int j = 0; j < n_others; j++) {
            const int *other = neighbours == SIL_ADD_REMOVE ? NOBODY : bags->count[j];
            uint64_t moved = apart(bags->count[i], other, of);
            most = moved > most ? moved : most;
        }
    }
    return most;
}

Test(bins_law, no_level_moves_farther_than_it_was_charged_for)
{
    static const char SCHEMA[] =
        "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\","
        "\"constraints\": {\"minimum\": 0, \"maximum\": 3},"
        "\"silhouette\": {\"bins\": {\"private\": 2}, \"outside\": \"other\"}}]}";
    for (int rows = 1; rows <= PEOPLE; rows++) {
        for (int replace = 0; replace < 2; replace++) {
            char unit[16];
            struct learnt learnt;
            struct bags bags = {.n = 0};
            int count[CODES] = {0};
            enum sil_neighbours neighbours =
                replace == 1 ? SIL_REPLACE_ONE : SIL_ADD_REMOVE;
            (void)snprintf(unit, sizeof unit, "id:who:%d", rows);
            add_bags(&bags, count, 0, rows);
            learn(&learnt, SCHEMA, unit, neighbours);
            cr_assert(eq(sz, sil_gate_n_releases(learnt.gate), 1));
            const struct sil_release *level = sil_gate_release(learnt.gate, 0);
            struct sil_grouping each = sil_grouping_identity(CODES);
            const struct sil_grouping *of = level->of == NULL ? &each : level->of;
            cr_expect(eq(u64, farthest(&bags, of, neighbours), level->sensitivity));
            forget(&learnt);
        }
    }
}

/* D^2 / (2 sigma^2) of each, and all together what the terms keep for them. */
Test(bins_law, every_level_is_charged_before_the_next)
{
    static const char SCHEMA[] =
        "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\","
        "\"constraints\": {\"minimum\": 0, \"maximum\": 99999, \"required\": true},"
        "\"silhouette\": {\"bins\": {\"private\": 8}}}]}";
    for (int replace = 0; replace < 2; replace++) {
        struct learnt learnt;
        struct sil_rho spent;
        mpq_t due;
        sil_rho_init(&spent);
        mpq_init(due);
        learn(&learnt, SCHEMA, "id:who:2",
              replace == 1 ? SIL_REPLACE_ONE : SIL_ADD_REMOVE);
        cr_assert(eq(sz, sil_gate_n_releases(learnt.gate), 3));
        for (size_t i = 0; i < 3; i++) {
            const struct sil_release *level = sil_gate_release(learnt.gate, i);
            cr_expect(eq(u64, level->sensitivity, replace == 1 ? 8 : 4));
            mpq_set_ui(due, level->sensitivity, 2);
            mpq_canonicalize(due);
            mpq_div(due, due, level->sigma2.v);
            cr_expect(ne(int, mpq_equal(due, level->rho.v), 0), "level %zu", i);
        }
        sil_gate_spent(&spent, learnt.gate);
        sil_learning_costs(due, &learnt.terms, &learnt.terms.cap);
        cr_expect(ne(int, mpq_equal(due, spent.v), 0), "what was spent");
        mpq_add(due, due, learnt.terms.rest.v);
        cr_expect(ne(int, mpq_equal(due, learnt.terms.cap.v), 0), "and what is left");
        mpq_clear(due);
        sil_rho_clear(&spent);
        forget(&learnt);
    }
}

/* Leaves, bins and what is drawn from them: every value that a bin gives is read as of this
 * bin, and all points of the range can be had. */
Test(bins_law, what_is_drawn_from_a_bin_is_of_the_bin)
{
    static const char SCHEMA[] =
        "{\"fields\": [{\"name\": \"a\", \"type\": \"number\","
        "\"constraints\": {\"minimum\": \"-1.3\", \"maximum\": \"9.5\","
        " \"required\": true},"
        "\"silhouette\": {\"bins\": {\"private\": 4}, \"granularity\": \"0.25\"}}]}";
    static const uint32_t BIN[] = {0, 2, 3};
    static const uint32_t LEAF[] = {0, 5, 6, 42};
    static const uint64_t WEIGHT[] = {7, 1, 0, 3};
    static const char *const LARGEST[] = {"0.00", "9.00", "9.50"};
    const struct sil_learnt learnt = {
        .n = 3, .first = BIN, .n_parts = 4, .leaf = LEAF, .weight = WEIGHT};
    struct sil_schema *schema;
    cr_assert(zero(int, sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), NULL)));
    const struct sil_field *field = sil_schema_field(schema, 0);
    cr_assert(eq(u32, sil_field_n_leaves(field), 44)); /* -1.25, -1, ..., 9.5 */
    cr_expect(eq(u32, sil_field_encode(field, "-1.3", 4), 0));
    cr_expect(eq(u32, sil_field_encode(field, "-1.01", 5), 0));
    cr_expect(eq(u32, sil_field_encode(field, "-1", 2), 1));
    cr_expect(eq(u32, sil_field_encode(field, "9.5", 3), 43));
    cr_assert(zero(int, sil_schema_settle_bins(schema, 0, &learnt, NULL)));
    cr_expect(eq(int, sil_schema_settle_bins(schema, 0, &learnt, NULL), SIL_ERR_INPUT));
    for (uint32_t bin = 0; bin < 3; bin++) {
        char last[64] = "";
        for (uint64_t k = 0; k < 4096; k++) {
            struct sil_bytes text = {0};
            uint64_t word = k == 4095 ? UINT64_MAX : k << 52;
            cr_assert(zero(int, sil_field_decode(&text, field, bin, word, NULL)));
            cr_expect(eq(u32,
                         sil_field_encode(field, (const char *)text.data, text.length),
                         bin));
            (void)snprintf(last, sizeof last, "%.*s", (int)text.length,
                           (const char *)text.data);
            sil_bytes_clear(&text);
        }
        cr_expect(zero(int, strcmp(last, LARGEST[bin])), "%s", last);
    }
    sil_schema_free(schema);
}
