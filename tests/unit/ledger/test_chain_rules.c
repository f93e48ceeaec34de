// SPDX-License-Identifier: Apache-2.0
/* Every rule of the chain, broken by an entry that is otherwise good: refused with the id
 * of the rule, and nothing has changed. */
#include "chain_kit.h"
#include "ledger/refuse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Three authorities of whom two approve, two curators; a grant of 1/2 with nothing of
 * delta, one run that was measured and released, one that has only its reserve. */
struct scene {
    struct kit kit;
    struct sil_id grant, measured, unmeasured, release;
};

static struct kit_draft council(struct kit_draft draft)
{
    static const uint8_t APPROVERS[KIT_APPROVERS_MAX] = {0x11, 0x12};
    (void)memcpy(draft.approver, APPROVERS, sizeof APPROVERS);
    return draft;
}

static struct kit_draft council_genesis(void)
{
    struct kit_draft draft = council(kit_genesis());
    struct sil_genesis *genesis = &draft.body.genesis;
    genesis->keys =
        realloc(genesis->keys, (genesis->n_keys + 3) * sizeof *genesis->keys);
    genesis->keys[genesis->n_keys++] = kit_ledger_key(0x12, SIL_ROLE_AUTHORITY);
    genesis->keys[genesis->n_keys++] = kit_ledger_key(0x13, SIL_ROLE_AUTHORITY);
    genesis->keys[genesis->n_keys++] = kit_ledger_key(0x34, SIL_ROLE_CURATOR);
    genesis->thresholds.authority = 2;
    return draft;
}

static struct kit_draft run(struct kit *kit, const struct sil_id *reserve)
{
    struct kit_draft draft = kit_measure(kit, reserve, 1);
    kit_line(&draft, 0, SIL_SPENT_GAUSSIAN, "1/1", "4/1", "1/8");
    return draft;
}

static void scene_set(struct scene *s)
{
    struct kit *kit = &s->kit;
    kit_init(kit);
    (void)kit_add(kit, council_genesis());
    s->grant = kit_add(kit, council(kit_grant(kit, "1/2", "0/1")));
    s->measured = kit_add(kit, kit_reserve(kit, &s->grant, "1/8", "0/1"));
    (void)kit_add(kit, run(kit, &s->measured));
    s->release = kit_add(kit, kit_release(kit, &s->measured));
    s->unmeasured = kit_add(kit, kit_reserve(kit, &s->grant, "1/8", "0/1"));
    kit->time += KIT_HOUR;
}

static struct kit_draft good_reserve(struct scene *s)
{
    return kit_reserve(&s->kit, &s->grant, "1/8", "0/1");
}

static struct kit_draft good_grant(struct scene *s)
{
    return council(kit_grant(&s->kit, "1/8", "0/1"));
}

/* ---- F: places ---- */

static struct kit_draft moved(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.head.seq++;
    return draft;
}

static struct kit_draft repeated(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.head.seq--;
    return draft;
}

static struct kit_draft spliced(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.head.ledger = kit_id(9);
    draft.body.ledger = kit_id(9);
    return draft;
}

static struct kit_draft foreign_body(struct scene *s)
{
    struct kit_draft draft = good_grant(s);
    draft.body.ledger = kit_id(9);
    return draft;
}

static struct kit_draft forked(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.head.prev_root.bytes[31] ^= 1;
    return draft;
}

static struct kit_draft second_genesis(struct scene *s)
{
    struct kit_draft draft = council_genesis();
    struct kit_draft place = kit_draft(&s->kit, SIL_ENTRY_CLOSE);
    draft.head = place.head;
    sil_body_clear(&place.body);
    return draft;
}

static struct kit_draft fine_time(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.head.time++;
    return draft;
}

static struct kit_draft back_in_time(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.head.time = KIT_START - KIT_HOUR;
    return draft;
}

static struct kit_draft audit_of(struct scene *s, uint64_t size)
{
    struct kit_draft draft = kit_draft(&s->kit, SIL_ENTRY_AUDIT);
    draft.body.audit.size = size;
    return draft;
}

static struct kit_draft audit_of_others(struct scene *s)
{
    struct kit_draft draft = audit_of(s, 3);
    sil_merkle_root_at(&draft.body.audit.root, &s->kit.chain.tree, 4);
    return draft;
}

static struct kit_draft audit_of_future(struct scene *s)
{
    return audit_of(s, s->kit.chain.tree.size + 1);
}

static struct kit_draft recovery_of_future(struct scene *s)
{
    struct kit_draft draft = council(kit_draft(&s->kit, SIL_ENTRY_RECOVER));
    draft.body.recover.size = s->kit.chain.tree.size + 1;
    return draft;
}

/* ---- K: who signs and approves ---- */

static struct kit_draft signed_by(struct kit_draft draft, uint8_t seed)
{
    draft.curator = seed;
    return draft;
}

static struct kit_draft approved_by(struct kit_draft draft, uint8_t a, uint8_t b,
                                    uint8_t c)
{
    draft.approver[0] = a;
    draft.approver[1] = b;
    draft.approver[2] = c;
    return draft;
}

static struct kit_draft by_stranger(struct scene *s)
{
    return signed_by(good_reserve(s), 0x99);
}

static struct kit_draft by_authority(struct scene *s)
{
    return signed_by(good_reserve(s), 0x11);
}

static struct kit_draft ill_signed(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.is_spoilt = true;
    return draft;
}

static struct kit_draft by_curator_alone(struct scene *s)
{
    return approved_by(good_grant(s), 0, 0, 0);
}

static struct kit_draft one_of_two(struct scene *s)
{
    return approved_by(good_grant(s), 0x13, 0, 0);
}

static struct kit_draft twice_one(struct scene *s)
{
    return approved_by(good_grant(s), 0x12, 0x12, 0);
}

static struct kit_draft with_stranger(struct scene *s)
{
    return approved_by(good_grant(s), 0x11, 0x12, 0x99);
}

static struct kit_draft with_curator(struct scene *s)
{
    return approved_by(good_grant(s), 0x11, 0x12, KIT_CURATOR);
}

static struct kit_draft third_is_wrong(struct scene *s)
{
    struct kit_draft draft = approved_by(good_grant(s), 0x11, 0x12, 0x13);
    draft.spoilt_approval = 0x13;
    return draft;
}

static struct kit_draft other_words(struct scene *s)
{
    struct kit_draft draft = good_grant(s);
    draft.comment = "silhouette/v1 grant ledger=all id=any rho=1/8 delta=0/1";
    return draft;
}

static struct kit_draft approved_reserve(struct scene *s)
{
    return approved_by(good_reserve(s), 0x11, 0x12, 0);
}

static struct kit_draft unaudited(struct scene *s)
{
    struct kit_draft draft = audit_of(s, 2);
    sil_merkle_root_at(&draft.body.audit.root, &s->kit.chain.tree, 2);
    return approved_by(draft, 0, 0, 0);
}

static struct kit_draft audited_by_authority(struct scene *s)
{
    return approved_by(unaudited(s), 0x11, 0, 0);
}

/* ---- K: keys that come and go ---- */

static struct kit_draft keys(struct scene *s, struct kit_keys change)
{
    return council(kit_keyset(&s->kit, &change));
}

#define AUTHORITIES .role = SIL_ROLE_AUTHORITY
#define CURATORS    .role = SIL_ROLE_CURATOR

static struct kit_draft key_again(struct scene *s)
{
    return keys(s, (struct kit_keys){.role = SIL_ROLE_LOG, .add = {KIT_RELEASE}});
}

static struct kit_draft key_twice(struct scene *s)
{
    return keys(s, (struct kit_keys){
                       AUTHORITIES, .add = {0x14, 0x14}
    });
}

static struct kit_draft key_of_two_roles(struct scene *s)
{
    struct kit_draft draft = keys(s, (struct kit_keys){
                                         AUTHORITIES, .add = {0x14, 0x14}
    });
    draft.body.keyset.add[1].role = SIL_ROLE_LOG;
    return draft;
}

static struct kit_draft stranger_revoked(struct scene *s)
{
    return keys(s, (struct kit_keys){.revoke = {0x99}, .as_of = 6});
}

static struct kit_draft revoked_twice(struct scene *s)
{
    return keys(s, (struct kit_keys){
                       .revoke = {KIT_LOG, KIT_LOG},
                         .as_of = 6
    });
}

static struct kit_draft revoked_again(struct scene *s)
{
    (void)kit_add(&s->kit, keys(s, (struct kit_keys){.revoke = {0x34}, .as_of = 6}));
    return keys(s, (struct kit_keys){.revoke = {0x34}, .as_of = 5});
}

static struct kit_draft revoked_in_future(struct scene *s)
{
    return keys(s, (struct kit_keys){.revoke = {0x34}, .as_of = 7});
}

static struct kit_draft release_unsigned(struct scene *s)
{
    return keys(s, (struct kit_keys){.revoke = {KIT_CURATOR}, .as_of = 4});
}

static struct kit_draft grant_unsigned(struct scene *s)
{
    return keys(s, (struct kit_keys){.revoke = {KIT_CURATOR}, .as_of = 1});
}

static struct kit_draft grant_unapproved(struct scene *s)
{
    return approved_by(
        keys(s, (struct kit_keys){AUTHORITIES, .revoke = {0x11}, .as_of = 1}), 0x12,
        0x13, 0);
}

static struct kit_draft signer_revoked(struct scene *s)
{
    (void)kit_add(&s->kit, keys(s, (struct kit_keys){.revoke = {0x34}, .as_of = 6}));
    return signed_by(good_reserve(s), 0x34);
}

static struct kit_draft approver_revoked(struct scene *s)
{
    (void)kit_add(&s->kit, keys(s, (struct kit_keys){.revoke = {0x13}, .as_of = 6}));
    return approved_by(good_grant(s), 0x11, 0x12, 0x13);
}

static struct kit_draft threshold_of_nobody(struct scene *s)
{
    struct kit_draft draft = keys(s, (struct kit_keys){.threshold = 1});
    draft.body.keyset.thresholds.authority = 0;
    return draft;
}

static struct kit_draft threshold_too_high(struct scene *s)
{
    return keys(s, (struct kit_keys){.threshold = 4});
}

static struct kit_draft too_few_left(struct scene *s)
{
    return approved_by(keys(s,
                            (struct kit_keys){
                                .revoke = {0x11, 0x12},
                                  .as_of = 6
    }),
                       0x11, 0x12, 0x13);
}

static struct kit_draft old_side_short(struct scene *s)
{
    return approved_by(keys(s,
                            (struct kit_keys){
                                AUTHORITIES, .add = {0x14, 0x15}
    }),
                       0x11, 0x14, 0x15);
}

static struct kit_draft new_side_short(struct scene *s)
{
    return approved_by(keys(s, (struct kit_keys){AUTHORITIES, .add = {0x14},
                                                 .revoke = {0x11}, .as_of = 6}),
                       0x11, 0x12, 0);
}

static struct kit_draft new_threshold_short(struct scene *s)
{
    return keys(s, (struct kit_keys){.threshold = 3});
}

/* ---- B: the budget ---- */

static struct kit_draft beyond_cap(struct scene *s)
{
    return council(kit_grant(&s->kit, "3000000000000001/2000000000000000", "0/1"));
}

static struct kit_draft delta_beyond_cap(struct scene *s)
{
    return council(kit_grant(&s->kit, "1/8", "1/1000000000000"));
}

static struct kit_draft beyond_grant(struct scene *s)
{
    return kit_reserve(&s->kit, &s->grant, "1000000000000001/4000000000000000", "0/1");
}

static struct kit_draft delta_beyond_grant(struct scene *s)
{
    return kit_reserve(&s->kit, &s->grant, "1/8", "1/1000000000000");
}

static struct kit_draft against_reserve(struct scene *s)
{
    return kit_reserve(&s->kit, &s->measured, "1/8", "0/1");
}

static struct kit_draft too_late(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.head.time = KIT_EXPIRES - KIT_EXPIRES % KIT_HOUR + KIT_HOUR;
    return draft;
}

static struct kit_draft line(struct scene *s, enum sil_ledger_mechanism mechanism,
                             const char *sensitivity, const char *parameter,
                             const char *rho)
{
    struct kit_draft draft = kit_measure(&s->kit, &s->unmeasured, 1);
    kit_line(&draft, 0, mechanism, sensitivity, parameter, rho);
    return draft;
}

static struct kit_draft cheap_noise(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "1/1", "2/1", "1/8");
}

static struct kit_draft dear_noise(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "1/1", "8/1", "1/8");
}

static struct kit_draft cheap_choice(struct scene *s)
{
    return line(s, SIL_SPENT_EXPONENTIAL, "1/1", "1/1", "1/9");
}

static struct kit_draft choice_of_sensitivity(struct scene *s)
{
    return line(s, SIL_SPENT_EXPONENTIAL, "1/2", "1/1", "1/4");
}

static struct kit_draft cheap_threshold(struct scene *s)
{
    return line(s, SIL_SPENT_THRESHOLD, "1/1", "4/1", "1/9");
}

static struct kit_draft no_noise(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "1/1", "0/1", "0/1");
}

static struct kit_draft noise_with_delta(struct scene *s)
{
    struct kit_draft draft = line(s, SIL_SPENT_GAUSSIAN, "1/1", "4/1", "1/8");
    kit_rational(draft.body.measure.lines[0].delta, "1/1000000");
    return draft;
}

static struct kit_draft small_sensitivity(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "1/4", "1/1", "1/8");
}

static struct kit_draft other_neighbours(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "2/1", "8/1", "1/8");
}

static struct kit_draft threshold_sensitivity(struct scene *s)
{
    return line(s, SIL_SPENT_THRESHOLD, "1/2", "2/1", "1/8");
}

static struct kit_draft beyond_reserve(struct scene *s)
{
    struct kit_draft draft = kit_measure(&s->kit, &s->unmeasured, 2);
    kit_line(&draft, 0, SIL_SPENT_GAUSSIAN, "1/1", "5/1", "1/10");
    kit_line(&draft, 1, SIL_SPENT_GAUSSIAN, "1/1", "10/1", "1/20");
    return draft;
}

static struct kit_draft beyond_reserve_together(struct scene *s)
{
    return run(&s->kit, &s->measured); /* once more, for the same transcript */
}

static struct kit_draft delta_beyond_reserve(struct scene *s)
{
    struct kit_draft draft = line(s, SIL_SPENT_THRESHOLD, "1/1", "4/1", "1/8");
    kit_rational(draft.body.measure.lines[0].delta, "1/1000000000000");
    return draft;
}

static struct kit_draft second_run(struct scene *s)
{
    struct kit_draft draft = kit_measure(&s->kit, &s->measured, 0);
    draft.body.measure.transcript_sha256[7] ^= 1;
    return draft;
}

static struct kit_draft measured_on_grant(struct scene *s)
{
    return run(&s->kit, &s->grant);
}

static struct kit_draft id_of_grant(struct scene *s)
{
    struct kit_draft draft = good_reserve(s);
    draft.body.id = s->grant;
    return draft;
}

static struct kit_draft id_of_release(struct scene *s)
{
    struct kit_draft draft = good_grant(s);
    draft.body.id = s->release;
    return draft;
}

static struct kit_draft release_of_nothing(struct scene *s)
{
    struct kit_draft draft = kit_release(&s->kit, &s->measured);
    draft.body.release.n_reserves = 0;
    return draft;
}

static struct kit_draft release_unmeasured(struct scene *s)
{
    return kit_release(&s->kit, &s->unmeasured);
}

static struct kit_draft release_of_grant(struct scene *s)
{
    return kit_release(&s->kit, &s->grant);
}

static struct kit_draft notice_of_reserve(struct scene *s)
{
    struct kit_draft draft = council(kit_draft(&s->kit, SIL_ENTRY_NOTICE));
    draft.body.notice.release = s->measured;
    return draft;
}

/* ---- after close ---- */

static void close_ledger(struct scene *s)
{
    (void)kit_add(&s->kit, council(kit_draft(&s->kit, SIL_ENTRY_CLOSE)));
}

static struct kit_draft reserve_after_close(struct scene *s)
{
    close_ledger(s);
    return good_reserve(s);
}

static struct kit_draft grant_after_close(struct scene *s)
{
    close_ledger(s);
    return good_grant(s);
}

static struct kit_draft data_after_close(struct scene *s)
{
    close_ledger(s);
    return council(kit_draft(&s->kit, SIL_ENTRY_DATA));
}

static struct kit_draft keys_after_close(struct scene *s)
{
    close_ledger(s);
    return keys(s, (struct kit_keys){.role = SIL_ROLE_LOG, .add = {0x45}});
}

static struct kit_draft close_after_close(struct scene *s)
{
    close_ledger(s);
    return council(kit_draft(&s->kit, SIL_ENTRY_CLOSE));
}

#define CASE(id, broken)    \
    {                       \
#        broken, id, broken \
    }

static const struct {
    const char *name;
    const char *id;
    struct kit_draft (*draft)(struct scene *s);
} CASES[] = {
    CASE("F5", moved),
    CASE("F5", repeated),
    CASE("F6", spliced),
    CASE("F6", foreign_body),
    CASE("F4", forked),
    CASE("F5", second_genesis),
    CASE("F7", fine_time),
    CASE("F7", back_in_time),
    CASE("F4", audit_of_others),
    CASE("F4", audit_of_future),
    CASE("F5", recovery_of_future),
    CASE("K1", by_stranger),
    CASE("K1", by_authority),
    CASE("K1", ill_signed),
    CASE("K2", by_curator_alone),
    CASE("K2", one_of_two),
    CASE("K4", twice_one),
    CASE("K2", with_stranger),
    CASE("K2", with_curator),
    CASE("K2", third_is_wrong),
    CASE("R4", other_words),
    CASE("K2", approved_reserve),
    CASE("K2", unaudited),
    CASE("K2", audited_by_authority),
    CASE("K6", key_again),
    CASE("K4", key_twice),
    CASE("K3", key_of_two_roles),
    CASE("K6", stranger_revoked),
    CASE("K6", revoked_twice),
    CASE("K6", revoked_again),
    CASE("K5", revoked_in_future),
    CASE("K5", release_unsigned),
    CASE("K5", grant_unsigned),
    CASE("K5", grant_unapproved),
    CASE("K5", signer_revoked),
    CASE("K5", approver_revoked),
    CASE("K6", threshold_of_nobody),
    CASE("K6", threshold_too_high),
    CASE("K6", too_few_left),
    CASE("K6", old_side_short),
    CASE("K6", new_side_short),
    CASE("K6", new_threshold_short),
    CASE("B1", beyond_cap),
    CASE("B1", delta_beyond_cap),
    CASE("B2", beyond_grant),
    CASE("B2", delta_beyond_grant),
    CASE("B2", against_reserve),
    CASE("B8", too_late),
    CASE("B3", cheap_noise),
    CASE("B3", dear_noise),
    CASE("B3", cheap_choice),
    CASE("B3", choice_of_sensitivity),
    CASE("B3", cheap_threshold),
    CASE("B3", no_noise),
    CASE("B3", noise_with_delta),
    CASE("B4", small_sensitivity),
    CASE("B4", other_neighbours),
    CASE("B4", threshold_sensitivity),
    CASE("B5", beyond_reserve),
    CASE("B5", beyond_reserve_together),
    CASE("B5", delta_beyond_reserve),
    CASE("B5", second_run),
    CASE("B5", measured_on_grant),
    CASE("B6", id_of_grant),
    CASE("B6", id_of_release),
    CASE("R6", release_of_nothing),
    CASE("R6", release_unmeasured),
    CASE("R6", release_of_grant),
    CASE("R6", notice_of_reserve),
    CASE("B7", reserve_after_close),
    CASE("B7", grant_after_close),
    CASE("B7", data_after_close),
    CASE("B7", keys_after_close),
    CASE("B7", close_after_close),
};

static void refuses(const char *name, const char *rule,
                    struct kit_draft (*draft)(struct scene *s))
{
    struct scene s = {0};
    struct sil_chain before;
    struct sil_error err = {""};
    char id[16];
    scene_set(&s);
    struct kit_draft broken = draft(&s);
    kit_copy(&before, &s.kit, s.kit.n);

    sil_status status = kit_apply(&s.kit, broken, &err);

    cr_expect(eq(int, status, SIL_ERR_CHECK), "%s: %s", name, err.text);
    sil_refusal_id(id, &err);
    cr_expect(eq(str, id, (char *)(uintptr_t)rule), "%s: %s", name, err.text);
    cr_expect(kit_chain_equal(&s.kit.chain, &before), "%s: the chain has changed",
              name);
    sil_chain_clear(&before);
    kit_clear(&s.kit);
}

Test(chain_rules, each_broken_alone_is_refused_by_its_id_and_changes_nothing)
{
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        refuses(CASES[i].name, CASES[i].id, CASES[i].draft);
    }
}

/* The scene's own drafts are good: what a case refuses is what it spoils. */
Test(chain_rules, nothing_broken_is_applied)
{
    struct scene s = {0};
    scene_set(&s);

    (void)kit_add(&s.kit, good_grant(&s));
    (void)kit_add(&s.kit, good_reserve(&s));
    (void)kit_add(&s.kit, run(&s.kit, &s.unmeasured));
    (void)kit_add(&s.kit, kit_release(&s.kit, &s.unmeasured));
    (void)kit_add(&s.kit, approved_by(unaudited(&s), KIT_AUDITOR, 0, 0));
    (void)kit_add(&s.kit, council(kit_draft(&s.kit, SIL_ENTRY_RECOVER)));
    (void)kit_add(&s.kit, council(kit_draft(&s.kit, SIL_ENTRY_DATA)));
    struct kit_draft notice = council(kit_draft(&s.kit, SIL_ENTRY_NOTICE));
    notice.body.notice.release = s.release;
    (void)kit_add(&s.kit, notice);

    cr_expect(s.kit.chain.release[0].withdrawn);
    cr_expect(not(s.kit.chain.release[1].withdrawn));
    cr_expect(eq(u64, s.kit.chain.tree.size, 14));
    kit_clear(&s.kit);
}

Test(chain_rules, a_closed_ledger_ends_what_was_begun)
{
    struct scene s = {0};
    scene_set(&s);
    close_ledger(&s);

    (void)kit_add(&s.kit, run(&s.kit, &s.unmeasured));
    (void)kit_add(&s.kit, kit_release(&s.kit, &s.unmeasured));
    (void)kit_add(&s.kit, approved_by(unaudited(&s), KIT_AUDITOR, 0, 0));
    (void)kit_add(&s.kit, council(kit_draft(&s.kit, SIL_ENTRY_RECOVER)));

    cr_expect(s.kit.chain.closed);
    cr_expect(eq(u64, s.kit.chain.tree.size, 11));
    kit_clear(&s.kit);
}
