// SPDX-License-Identifier: Apache-2.0
/* Keys of a ledger over time: the first ones, lost ones, new ones. */
#include "chain_kit.h"
#include "ledger/refuse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

static void add_key(struct kit_draft *draft, uint8_t seed, enum sil_role role)
{
    struct sil_genesis *genesis = &draft->body.genesis;
    genesis->keys =
        realloc(genesis->keys, (genesis->n_keys + 1) * sizeof *genesis->keys);
    genesis->keys[genesis->n_keys++] = kit_ledger_key(seed, role);
}

static void add_invariant(struct kit_draft *draft, const char *invariant)
{
    struct sil_genesis *genesis = &draft->body.genesis;
    genesis->invariants = malloc(sizeof *genesis->invariants);
    genesis->invariants[0] = kit_text(invariant);
    genesis->n_invariants = 1;
}

/* ---- a genesis alone ---- */

static void expect_refused(struct kit_draft draft, const char *rule)
{
    struct kit kit;
    struct sil_error err = {""};
    char id[16];
    kit_init(&kit);

    cr_expect(eq(int, kit_apply(&kit, draft, &err), SIL_ERR_CHECK), "%s", rule);
    sil_refusal_id(id, &err);
    cr_expect(zero(int, strcmp(id, rule)), "%s: %s", rule, err.text);
    cr_expect(zero(u64, kit.chain.tree.size));
    cr_expect(zero(sz, kit.chain.n_keys));
    kit_clear(&kit);
}

Test(chain_keys, genesis_with_one_key_in_two_roles_is_refused)
{
    struct kit_draft draft = kit_genesis();
    add_key(&draft, KIT_CURATOR, SIL_ROLE_AUDITOR);
    expect_refused(draft, "K3");
}

Test(chain_keys, genesis_with_one_authority_under_two_names_is_refused)
{
    struct kit_draft draft = kit_genesis();
    add_key(&draft, KIT_AUTHORITY, SIL_ROLE_AUTHORITY);
    draft.body.genesis.thresholds.authority = 2;
    expect_refused(draft, "K4");
}

Test(chain_keys, shared_roles_do_not_make_one_key_two_authorities)
{
    struct kit_draft draft = kit_genesis();
    add_invariant(&draft, "roles-shared");
    add_key(&draft, KIT_AUTHORITY, SIL_ROLE_AUTHORITY);
    expect_refused(draft, "K4");
}

Test(chain_keys, genesis_whose_authorities_are_too_few_is_refused)
{
    struct kit_draft draft = kit_genesis();
    draft.body.genesis.thresholds.authority = 2;
    expect_refused(draft, "K2");
}

Test(chain_keys, genesis_that_its_authority_did_not_approve_is_refused)
{
    struct kit_draft draft = kit_genesis();
    draft.approver[0] = 0;
    expect_refused(draft, "K2");
}

Test(chain_keys, genesis_signed_by_a_stranger_is_refused)
{
    struct kit_draft draft = kit_genesis();
    draft.curator = 0x99;
    expect_refused(draft, "K1");
}

Test(chain_keys, genesis_of_a_cap_of_nothing_is_refused)
{
    struct kit_draft draft = kit_genesis();
    kit_rational(draft.body.genesis.cap_rho.v, "0/1");
    expect_refused(draft, "B1");
}

Test(chain_keys, genesis_whose_deltas_reach_one_is_refused)
{
    struct kit_draft draft = kit_genesis();
    kit_rational(draft.body.genesis.cap_delta.v, "1/2");
    kit_rational(draft.body.genesis.report_delta.v, "1/2");
    expect_refused(draft, "B9");
}

static struct kit_draft genesis_by_person(uint64_t max_contrib)
{
    struct kit_draft draft = kit_genesis();
    struct sil_genesis *genesis = &draft.body.genesis;
    free(genesis->unit);
    free(genesis->id_column);
    genesis->unit = kit_text("id");
    genesis->id_column = kit_text("person");
    genesis->neighbours = SIL_REPLACE_ONE;
    genesis->max_contrib = max_contrib;
    return draft;
}

Test(chain_keys, genesis_of_more_rows_than_sensitivities_hold_is_refused)
{
    expect_refused(genesis_by_person(1048577), "B4");
}

Test(chain_keys, genesis_of_another_ledger_than_expected_is_refused)
{
    struct sil_chain chain;
    struct sil_bytes entry = {0};
    struct sil_error err = {""};
    struct kit_draft draft = kit_genesis();
    const struct sil_id other = kit_id(1);
    kit_seal(&entry, &draft);
    sil_chain_init(&chain);

    sil_status status = sil_chain_apply(&chain, entry.data, entry.length, &other, &err);

    cr_expect(eq(int, status, SIL_ERR_CHECK));
    cr_expect(zero(int, strncmp(err.text, "[F6] entry 0:", 13)), "%s", err.text);
    sil_chain_clear(&chain);
    sil_bytes_clear(&entry);
}

/* ---- sensitivities of persons ---- */

/* D^2 = 2 K^2 under replace-one: K = 3 rows give 18, and sigma^2 = 72 costs 1/8. */
Test(chain_keys, sensitivity_grows_with_rows_and_neighbours)
{
    struct kit kit;
    kit_init(&kit);
    (void)kit_add(&kit, genesis_by_person(3));
    struct sil_id grant = kit_add(&kit, kit_grant(&kit, "1/2", "0/1"));
    struct sil_id reserve = kit_add(&kit, kit_reserve(&kit, &grant, "1/8", "0/1"));
    struct kit_draft wrong = kit_measure(&kit, &reserve, 1);
    struct sil_error err = {""};

    kit_line(&wrong, 0, SIL_SPENT_GAUSSIAN, "9/1", "36/1", "1/8");
    cr_expect(eq(int, kit_apply(&kit, wrong, &err), SIL_ERR_CHECK));
    cr_expect(zero(int, strncmp(err.text, "[B4]", 4)), "%s", err.text);

    struct kit_draft right = kit_measure(&kit, &reserve, 1);
    kit_line(&right, 0, SIL_SPENT_GAUSSIAN, "18/1", "72/1", "1/8");
    (void)kit_add(&kit, right);
    kit_clear(&kit);
}

/* ---- one person, all roles ---- */

Test(chain_keys, one_key_for_all_roles_works_when_the_genesis_says_so)
{
    struct kit kit;
    struct kit_draft draft = kit_genesis();
    for (size_t i = 0; i < draft.body.genesis.n_keys; i++) {
        struct sil_ledger_key *key = &draft.body.genesis.keys[i];
        struct sil_ledger_key shared = kit_ledger_key(KIT_CURATOR, key->role);
        free(key->name);
        *key = shared;
    }
    add_invariant(&draft, "roles-shared");
    draft.approver[0] = KIT_CURATOR;
    kit_init(&kit);
    (void)kit_add(&kit, draft);

    struct kit_draft grant = kit_grant(&kit, "1/2", "0/1");
    grant.approver[0] = KIT_CURATOR;
    (void)kit_add(&kit, grant);

    cr_expect(sil_chain_has_invariant(&kit.chain, "roles-shared"));
    cr_expect(not(sil_chain_has_invariant(&kit.chain, "roles")));
    kit_clear(&kit);
}

/* ---- lost keys ---- */

static struct kit kit;

static void setup(void)
{
    kit_found(&kit);
}

static void teardown(void)
{
    kit_clear(&kit);
}

TestSuite(chain_lost_keys, .init = setup, .fini = teardown);

static bool is_live(uint8_t seed, enum sil_role role, uint64_t seq)
{
    struct sil_id id = kit_key_id(seed);
    return sil_chain_live_key(&kit.chain, &id, role, seq) != NULL;
}

/* The curator's key is gone: the new one signs the very entry that brings it. */
Test(chain_lost_keys, new_curator_signs_the_entry_that_adds_it)
{
    struct kit_draft draft =
        kit_keyset(&kit, &(struct kit_keys){.role = SIL_ROLE_CURATOR,
                                            .add = {0x34},
                                            .revoke = {KIT_CURATOR},
                                            .as_of = 1});
    draft.curator = 0x34;
    (void)kit_add(&kit, draft);

    struct kit_draft late = kit_grant(&kit, "1/2", "0/1");
    struct sil_error err = {""};
    cr_expect(eq(int, kit_apply(&kit, late, &err), SIL_ERR_CHECK));
    cr_expect(zero(int, strncmp(err.text, "[K5]", 4)), "%s", err.text);

    struct kit_draft grant = kit_grant(&kit, "1/2", "0/1");
    grant.curator = 0x34;
    (void)kit_add(&kit, grant);
    cr_expect(is_live(KIT_CURATOR, SIL_ROLE_CURATOR, 0));
    cr_expect(not(is_live(KIT_CURATOR, SIL_ROLE_CURATOR, 1)));
    cr_expect(not(is_live(0x34, SIL_ROLE_CURATOR, 0)));
    cr_expect(is_live(0x34, SIL_ROLE_CURATOR, 1));
}

/* A thief's debits stay spent; the revocation reaches back over them. */
Test(chain_lost_keys, what_a_revoked_curator_reserved_stays_spent)
{
    struct sil_id grant = kit_add(&kit, kit_grant(&kit, "1/2", "0/1"));
    (void)kit_add(&kit, kit_reserve(&kit, &grant, "1/2", "0/1"));

    (void)kit_add(&kit, kit_keyset(&kit, &(struct kit_keys){.role = SIL_ROLE_CURATOR,
                                                            .add = {0x34},
                                                            .revoke = {KIT_CURATOR},
                                                            .as_of = 2}));

    struct sil_rho left;
    struct sil_delta delta;
    sil_rho_init(&left);
    sil_delta_init(&delta);
    sil_chain_grant_left(&left, &delta, &kit.chain.grant[0]);
    cr_expect(zero(int, mpq_sgn(left.v)));
    sil_rho_clear(&left);
    sil_delta_clear(&delta);
}

/* One of two authorities, both needed, is lost: the threshold cannot be reached, and the
 * ledger can only be read. With two of three it is replaced. */
Test(chain_lost_keys, two_of_three_authorities_replace_the_third)
{
    struct kit_draft more = kit_keyset(
        &kit, &(struct kit_keys){
                  .role = SIL_ROLE_AUTHORITY, .add = {0x12, 0x13},
                       .threshold = 2
    });
    more.approver[1] = 0x12;
    (void)kit_add(&kit, more);

    struct kit_draft replaced =
        kit_keyset(&kit, &(struct kit_keys){.role = SIL_ROLE_AUTHORITY,
                                            .add = {0x14},
                                            .revoke = {KIT_AUTHORITY},
                                            .as_of = 2});
    replaced.approver[0] = 0x12;
    replaced.approver[1] = 0x13;
    (void)kit_add(&kit, replaced);

    struct kit_draft grant = kit_grant(&kit, "1/2", "0/1");
    grant.approver[0] = 0x13;
    grant.approver[1] = 0x14;
    (void)kit_add(&kit, grant);
    cr_expect(eq(u64, kit.chain.thresholds.authority, 2));
    cr_expect(not(is_live(KIT_AUTHORITY, SIL_ROLE_AUTHORITY, 2)));
}

/* The old authority hands over to the new one and goes, in one entry: its approval counts
 * on the old side only, so the new one approves too. */
Test(chain_lost_keys, an_authority_hands_over)
{
    struct kit_draft over =
        kit_keyset(&kit, &(struct kit_keys){.role = SIL_ROLE_AUTHORITY,
                                            .add = {0x12},
                                            .revoke = {KIT_AUTHORITY},
                                            .as_of = 1});
    over.approver[1] = 0x12;
    (void)kit_add(&kit, over);

    struct kit_draft grant = kit_grant(&kit, "1/2", "0/1");
    grant.approver[0] = 0x12;
    (void)kit_add(&kit, grant);
    cr_expect(eq(sz, kit.chain.n_grants, 1));
}

/* Checkpoints that the old log signed before the change stay good, whatever the entry
 * says of the past; the one over the change is the new log's. */
Test(chain_lost_keys, logs_cover_the_sizes_of_their_time)
{
    struct sil_id old_id = kit_key_id(KIT_LOG);
    struct sil_id new_id = kit_key_id(0x45);
    (void)kit_add(&kit, kit_grant(&kit, "1/2", "0/1"));
    (void)kit_add(&kit, kit_keyset(&kit, &(struct kit_keys){.role = SIL_ROLE_LOG,
                                                            .add = {0x45},
                                                            .revoke = {KIT_LOG},
                                                            .as_of = 1}));
    const struct sil_chain_key *old =
        sil_chain_live_key(&kit.chain, &old_id, SIL_ROLE_LOG, 0);
    const struct sil_chain_key *new =
        sil_chain_live_key(&kit.chain, &new_id, SIL_ROLE_LOG, 2);

    static const struct {
        uint64_t size;
        bool old, new;
    } COVERS[] = {
        {1, true,  false},
        {2, true,  false},
        {3, false, true },
        {4, false, true }
    };

    for (size_t i = 0; i < sizeof COVERS / sizeof COVERS[0]; i++) {
        cr_expect(eq(int, sil_chain_key_covers(old, COVERS[i].size), COVERS[i].old));
        cr_expect(eq(int, sil_chain_key_covers(new, COVERS[i].size), COVERS[i].new));
    }
}
