// SPDX-License-Identifier: Apache-2.0
#include "ledger/claim.h"
#include "num/rational.h"
#include "privacy/convert.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

static void set(mpq_t value, const char *text)
{
    cr_assert(zero(int, mpq_set_str(value, text, 10)));
}

/* A chain with a genesis and nothing else: what a claim is made from. */
static void chain_open(struct sil_chain *chain, const char *cap_rho,
                       const char *cap_delta, const char *report_delta,
                       const char *reserved)
{
    sil_chain_init(chain);
    sil_body_init(&chain->genesis, SIL_ENTRY_GENESIS);
    struct sil_genesis *genesis = &chain->genesis.genesis;
    genesis->data_label = strdup("claims-2026");
    genesis->unit = strdup("row");
    genesis->id_column = strdup("");
    genesis->max_contrib = 1;
    set(genesis->cap_rho.v, cap_rho);
    set(genesis->cap_delta.v, cap_delta);
    set(genesis->report_delta.v, report_delta);
    set(chain->reserved.v, reserved);
    chain->tree.size = 1;
    memset(chain->ledger.bytes, 0xab, sizeof chain->ledger.bytes);
}

static char *say(const struct sil_cumulative *claim)
{
    struct sil_bytes text = {0};
    cr_assert(eq(int, sil_cumulative_say(&text, claim, NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&text, "", 1, NULL), SIL_OK));
    return (char *)text.data;
}

static void expect_says(const char *text, const char *part)
{
    cr_expect(ne(ptr, (void *)strstr(text, part), NULL), "no '%s' in: %s", part, text);
}

Test(claim, says_everything_that_bounds_it)
{
    struct sil_chain chain;
    struct sil_cumulative claim;
    chain_open(&chain, "2/1", "1/10000000000", "9/10000000000", "1/8");
    sil_cumulative_init(&claim);

    cr_assert(eq(int, sil_cumulative_find(&claim, &chain, NULL), SIL_OK));
    char *text = say(&claim);

    expect_says(text, "abababababababababababababababab");
    expect_says(text, "\"claims-2026\"");
    expect_says(text, "the unit is one row");
    expect_says(text, "adding or removing one row");
    expect_says(text, "rho = 1/8 ");
    expect_says(text, "rho = 2/1, fixed before the first run");
    expect_says(text, "delta 1e-9)");
    expect_says(text, "; unwitnessed");
    expect_says(text, "other tables about the same people are not counted");
    cr_expect(eq(ptr, (void *)strstr(text, "roles-shared"), NULL));
    free(text);
    sil_cumulative_clear(&claim);
    sil_chain_clear(&chain);
}

Test(claim, says_who_saw_it_and_that_one_person_did_it_all)
{
    struct sil_chain chain;
    struct sil_cumulative claim;
    chain_open(&chain, "2/1", "0/1", "1/1000000", "1/8");
    struct sil_genesis *genesis = &chain.genesis.genesis;
    genesis->neighbours = SIL_REPLACE_ONE;
    genesis->invariants = calloc(1, sizeof *genesis->invariants);
    genesis->invariants[0] = strdup("roles-shared");
    genesis->n_invariants = 1;
    sil_cumulative_init(&claim);
    cr_assert(eq(int, sil_cumulative_find(&claim, &chain, NULL), SIL_OK));
    claim.witnesses = 3;

    char *text = say(&claim);

    expect_says(text, "replacing one row");
    expect_says(text, "; witnessed by 3");
    expect_says(text, "roles-shared");
    cr_expect(eq(ptr, (void *)strstr(text, "unwitnessed"), NULL));
    free(text);
    sil_cumulative_clear(&claim);
    sil_chain_clear(&chain);
}

Test(claim, names_the_person_and_how_many_rows_count)
{
    struct sil_chain chain;
    struct sil_cumulative claim;
    chain_open(&chain, "2/1", "0/1", "1/1000000", "1/8");
    struct sil_genesis *genesis = &chain.genesis.genesis;
    free(genesis->id_column);
    genesis->id_column = strdup("patient");
    genesis->max_contrib = 4;
    genesis->neighbours = SIL_REPLACE_ONE;
    sil_cumulative_init(&claim);
    cr_assert(eq(int, sil_cumulative_find(&claim, &chain, NULL), SIL_OK));

    char *text = say(&claim);

    expect_says(text,
                "one person (all rows with the same \"patient\", of which 4 count),");
    expect_says(text, "differ by replacing one person;");
    cr_expect(eq(ptr, (void *)strstr(text, "number of rows is public"), NULL));
    free(text);
    sil_cumulative_clear(&claim);
    sil_chain_clear(&chain);
}

Test(claim, of_a_ledger_that_is_used_up_needs_no_condition)
{
    struct sil_chain chain;
    struct sil_cumulative claim;
    chain_open(&chain, "1/8", "0/1", "1/1000000", "1/8");
    sil_cumulative_init(&claim);

    cr_assert(eq(int, sil_cumulative_find(&claim, &chain, NULL), SIL_OK));
    char *text = say(&claim);

    expect_says(text, "the whole cap, fixed before the first run");
    cr_expect(eq(ptr, (void *)strstr(text, "; if what one run"), NULL));
    free(text);
    sil_cumulative_clear(&claim);
    sil_chain_clear(&chain);
}

/* Both epsilons are certified at report_delta; the delta that is claimed has in it what
 * discovery may add. */
Test(claim, converts_at_the_delta_without_discovery)
{
    struct sil_chain chain;
    struct sil_cumulative claim;
    struct sil_epsilon epsilon;
    struct sil_delta delta;
    struct sil_rho rho;
    chain_open(&chain, "2/1", "1/1000000", "3/1000000", "1/8");
    sil_cumulative_init(&claim);
    sil_epsilon_init(&epsilon);
    sil_delta_init(&delta);
    sil_rho_init(&rho);
    set(delta.v, "3/1000000");

    cr_assert(eq(int, sil_cumulative_find(&claim, &chain, NULL), SIL_OK));

    set(rho.v, "1/8");
    cr_assert(eq(int, sil_epsilon_of_rho(&epsilon, &rho, &delta, NULL), SIL_OK));
    cr_expect(ne(int, mpq_equal(epsilon.v, claim.reserved.epsilon.v), 0));
    set(rho.v, "2/1");
    cr_assert(eq(int, sil_epsilon_of_rho(&epsilon, &rho, &delta, NULL), SIL_OK));
    cr_expect(ne(int, mpq_equal(epsilon.v, claim.cap.epsilon.v), 0));
    set(delta.v, "4/1000000");
    mpq_canonicalize(delta.v);
    cr_expect(ne(int, mpq_equal(delta.v, claim.delta.v), 0));
    sil_cumulative_clear(&claim);
    sil_epsilon_clear(&epsilon);
    sil_delta_clear(&delta);
    sil_rho_clear(&rho);
    sil_chain_clear(&chain);
}

Test(claim, of_a_ledger_that_has_spent_nothing_is_epsilon_0)
{
    struct sil_chain chain;
    struct sil_cumulative claim;
    chain_open(&chain, "2/1", "0/1", "1/1000000", "0/1");
    sil_cumulative_init(&claim);

    cr_assert(eq(int, sil_cumulative_find(&claim, &chain, NULL), SIL_OK));
    char *text = say(&claim);

    expect_says(text, "(epsilon 0, delta 1e-6)-differentially private are, together,");
    expect_says(text, "rho = 0/1 ");
    free(text);
    sil_cumulative_clear(&claim);
    sil_chain_clear(&chain);
}

/* ---- the next run ---- */

static const struct next_case {
    const char *name;
    const char *granted; ///< an epsilon; its rho is granted
    const char *spent;   ///< an epsilon of which the rho is spent; NULL: none
    const char *next;    ///< NULL: any that fits, with the next digit up not
} NEXT[] = {
    {"a round epsilon comes back",    "1",    NULL,    "1"   },
    {"one of four digits comes back", "0.25", NULL,    "0.25"},
    {"everything is spent",           "2",    "2",     "0"   },
    {"a part is spent",               "2",    "1.3",   NULL  },
    {"nearly all is spent",           "2",    "1.999", NULL  },
    {"a large one",                   "9000", "1",     NULL  },
};

static void rho_of(struct sil_rho *rho, const char *epsilon_text,
                   const struct sil_delta *delta)
{
    struct sil_epsilon epsilon;
    sil_epsilon_init(&epsilon);
    cr_assert(
        eq(int, sil_rational_parse(epsilon.v, epsilon_text, 0, "", NULL), SIL_OK));
    cr_assert(eq(int, sil_rho_of_epsilon(rho, &epsilon, delta, NULL), SIL_OK));
    sil_epsilon_clear(&epsilon);
}

/* `next` fits what is left, and 0.2 percent more does not. */
static void expect_tight(const struct next_case *c, const char *next,
                         const struct sil_rho *left, const struct sil_delta *delta)
{
    struct sil_rho rho;
    struct sil_epsilon epsilon;
    struct sil_rho more;
    sil_rho_init(&rho);
    sil_rho_init(&more);
    sil_epsilon_init(&epsilon);
    rho_of(&rho, next, delta);
    cr_expect(le(int, mpq_cmp(rho.v, left->v), 0), "%s: %s", c->name, next);
    cr_assert(eq(int, sil_rational_parse(epsilon.v, next, 0, "", NULL), SIL_OK));
    set(more.v, "501/500");
    mpq_mul(epsilon.v, epsilon.v, more.v);
    cr_assert(eq(int, sil_rho_of_epsilon(&more, &epsilon, delta, NULL), SIL_OK));
    cr_expect(gt(int, mpq_cmp(more.v, left->v), 0), "%s: %s", c->name, next);
    sil_rho_clear(&rho);
    sil_rho_clear(&more);
    sil_epsilon_clear(&epsilon);
}

Test(claim, the_next_epsilon_is_the_largest_that_fits)
{
    for (size_t i = 0; i < sizeof NEXT / sizeof NEXT[0]; i++) {
        struct sil_chain chain;
        struct sil_chain_grant grant = {0};
        struct sil_bytes text = {0};
        struct sil_rho left;
        chain_open(&chain, "100/1", "0/1", "1/1000000000", "0/1");
        const struct sil_delta *delta = &chain.genesis.genesis.report_delta;
        sil_rho_init(&grant.rho);
        sil_rho_init(&grant.reserved);
        sil_delta_init(&grant.delta);
        sil_delta_init(&grant.reserved_delta);
        sil_rho_init(&left);
        rho_of(&grant.rho, NEXT[i].granted, delta);
        if (NEXT[i].spent != NULL) {
            rho_of(&grant.reserved, NEXT[i].spent, delta);
        }
        mpq_sub(left.v, grant.rho.v, grant.reserved.v);

        cr_assert(
            eq(int, sil_ledger_next_epsilon(&text, &chain, &grant, NULL), SIL_OK));
        cr_assert(eq(int, sil_bytes_append(&text, "", 1, NULL), SIL_OK));

        const char *next = (const char *)text.data;
        if (NEXT[i].next != NULL) {
            cr_expect(zero(int, strcmp(next, NEXT[i].next)), "%s: %s", NEXT[i].name,
                      next);
        } else {
            expect_tight(&NEXT[i], next, &left, delta);
        }
        sil_bytes_clear(&text);
        sil_rho_clear(&grant.rho);
        sil_rho_clear(&grant.reserved);
        sil_delta_clear(&grant.delta);
        sil_delta_clear(&grant.reserved_delta);
        sil_rho_clear(&left);
        sil_chain_clear(&chain);
    }
}
