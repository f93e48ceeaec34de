// SPDX-License-Identifier: Apache-2.0
#include "chain_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static void rational_is(const mpq_t value, const char *p_q)
{
    mpq_t wanted;
    mpq_init(wanted);
    kit_rational(wanted, p_q);
    cr_expect(ne(int, mpq_equal(value, wanted), 0), "%s", p_q);
    mpq_clear(wanted);
}

static struct kit kit;

static void setup(void)
{
    kit_found(&kit);
}

static void teardown(void)
{
    kit_clear(&kit);
}

TestSuite(chain, .init = setup, .fini = teardown);

Test(chain, balances_follow_grants_reserves_and_measurements)
{
    struct sil_id grant = kit_add(&kit, kit_grant(&kit, "1/2", "0/1"));
    struct sil_id reserve = kit_add(&kit, kit_reserve(&kit, &grant, "1/8", "0/1"));
    struct kit_draft run = kit_measure(&kit, &reserve, 2);
    kit_line(&run, 0, SIL_SPENT_EXPONENTIAL, "1/1", "1/5", "1/40");
    kit_line(&run, 1, SIL_SPENT_GAUSSIAN, "1/1", "5/1", "1/10");
    (void)kit_add(&kit, run);
    struct sil_id release = kit_add(&kit, kit_release(&kit, &reserve));

    rational_is(kit.chain.granted.v, "1/2");
    rational_is(kit.chain.reserved.v, "1/8");
    const struct sil_chain_reserve *found =
        sil_chain_find_reserve(&kit.chain, &reserve);
    cr_assert(found != NULL);
    rational_is(found->measured.v, "1/8");
    cr_expect(eq(sz, found->n_measures, 1));
    cr_expect(eq(sz, found->n_releases, 1));
    cr_expect(eq(u64, kit.chain.tree.size, 5));
    cr_expect(sil_id_equal(&kit.chain.release[0].id, &release));
}

Test(chain, data_is_covered_when_an_entry_commits_to_it)
{
    uint8_t commit[32] = {7}; /* of the genesis */
    const uint8_t nothing[32] = {0};
    cr_expect(sil_chain_covers(&kit.chain, commit));
    commit[1] = 9;
    cr_expect(not(sil_chain_covers(&kit.chain, commit)));

    struct kit_draft more = kit_draft(&kit, SIL_ENTRY_DATA);
    (void)memcpy(more.body.data.data_commit, commit, sizeof commit);
    (void)kit_add(&kit, more);
    (void)kit_add(&kit, kit_draft(&kit, SIL_ENTRY_DATA)); /* 32 zeros */

    cr_expect(sil_chain_covers(&kit.chain, commit));
    cr_expect(not(sil_chain_covers(&kit.chain, nothing)));
}

/* ---- what an officer reads ---- */

struct wish {
    const char *rho, *delta, *sentence;
};

static void expect_sentence(sil_status status, const struct sil_error *err,
                            const char *sentence)
{
    cr_expect(eq(int, status, sentence == NULL ? SIL_OK : SIL_ERR_BUDGET));
    if (sentence != NULL) {
        cr_expect(zero(int, strcmp(err->text, sentence)), "%s", err->text);
    }
}

static void ask_grant(const struct sil_chain_grant *grant, const struct wish *wish,
                      uint64_t time)
{
    struct sil_error err = {""};
    struct sil_rho rho;
    struct sil_delta delta;
    sil_rho_init(&rho);
    sil_delta_init(&delta);
    kit_rational(rho.v, wish->rho);
    kit_rational(delta.v, wish->delta);
    expect_sentence(sil_chain_allows(&kit.chain, grant, &rho, &delta, time, &err), &err,
                    wish->sentence);
    sil_rho_clear(&rho);
    sil_delta_clear(&delta);
}

static void ask_cap(const struct wish *wish)
{
    struct sil_error err = {""};
    struct sil_rho rho;
    struct sil_delta delta;
    sil_rho_init(&rho);
    sil_delta_init(&delta);
    kit_rational(rho.v, wish->rho);
    kit_rational(delta.v, wish->delta);
    expect_sentence(sil_chain_allows_grant(&kit.chain, &rho, &delta, &err), &err,
                    wish->sentence);
    sil_rho_clear(&rho);
    sil_delta_clear(&delta);
}

#define GRANT "grant 01000000000000000000000000000000 (q3-share) "

Test(chain, what_a_grant_does_not_hold_is_said_in_decimals)
{
    static const struct wish WISHES[] = {
        {"3/8",                               "0/1",          NULL                  },
        {"0/1",                               "0/1",          NULL                  },
        {"1/2",                               "0/1",
         GRANT "has rho 0.375 left of 0.5, and the run asks for 0.5: 0.125 too much"},
        {"3000000000000001/8000000000000000", "0/1",
         GRANT "has rho 0.375 left of 0.5, and the run asks for 0.375: 1.25e-16 too "
               "much (exactly: 3/8 and 3000000000000001/8000000000000000)"          },
        {"1/8",                               "1/1000000000",
         GRANT "has delta 0 left of 0, and the run asks for 1e-9: 1e-9 too much"    },
    };
    struct sil_id grant = kit_add(&kit, kit_grant(&kit, "1/2", "0/1"));
    (void)kit_add(&kit, kit_reserve(&kit, &grant, "1/8", "0/1"));

    for (size_t i = 0; i < sizeof WISHES / sizeof WISHES[0]; i++) {
        ask_grant(sil_chain_find_grant(&kit.chain, &grant), &WISHES[i], KIT_START);
    }
}

Test(chain, a_grant_serves_to_its_last_second)
{
    struct sil_id id = kit_add(&kit, kit_grant(&kit, "1/2", "0/1"));
    const struct sil_chain_grant *grant = sil_chain_find_grant(&kit.chain, &id);

    ask_grant(grant, &(struct wish){"1/2", "0/1", NULL}, KIT_EXPIRES);
    ask_grant(grant,
              &(struct wish){"1/2", "0/1",
                             GRANT "expired on 2027-09-21 15:00 UTC; the run would be "
                                   "dated 2027-09-21 16:00 UTC"},
              KIT_EXPIRES + KIT_HOUR);
}

Test(chain, what_the_cap_does_not_hold_is_said_in_decimals)
{
    static const struct wish WISHES[] = {
        {"3/2", "0/1", NULL                                                     },
        {"2/1", "0/1",
         "the cap has rho 1.5 left of 2, and the grant asks for 2: 0.5 too much"},
        {"1/3", "1/3",
         "the cap has delta 0 left of 0, and the grant asks for 0.333333: 0.333334 too "
         "much"                                                                 },
    };
    (void)kit_add(&kit, kit_grant(&kit, "1/2", "0/1"));

    for (size_t i = 0; i < sizeof WISHES / sizeof WISHES[0]; i++) {
        ask_cap(&WISHES[i]);
    }
}

Test(chain, a_closed_ledger_says_so)
{
    struct sil_id grant = kit_add(&kit, kit_grant(&kit, "1/2", "0/1"));
    (void)kit_add(&kit, kit_draft(&kit, SIL_ENTRY_CLOSE));

    ask_grant(sil_chain_find_grant(&kit.chain, &grant),
              &(struct wish){"1/8", "0/1",
                             "the ledger is closed: nothing can be spent any more"},
              KIT_START);
    ask_cap(&(struct wish){"1/8", "0/1",
                           "the ledger is closed: nothing can be granted any more"});
}

Test(chain, origin_is_the_prefix_and_the_ledger)
{
    char origin[256];
    char wanted[256] = "example.org/silhouette/";
    sil_id_print(wanted + strlen(wanted), &kit.chain.ledger);

    cr_assert(eq(int, sil_chain_origin(origin, &kit.chain, NULL), SIL_OK));
    cr_expect(eq(str, origin, wanted));
}
