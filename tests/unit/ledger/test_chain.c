// SPDX-License-Identifier: Apache-2.0
#include "chain_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

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
