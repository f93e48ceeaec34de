// SPDX-License-Identifier: Apache-2.0
/* Every rule of form and of keys, broken by an entry that is otherwise good: refused with
 * the id of the rule, and nothing has changed. */
#include "rules_scene.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- F: places ---- */

static struct kit_draft moved(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.head.seq++;
    return draft;
}

static struct kit_draft repeated(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.head.seq--;
    return draft;
}

static struct kit_draft spliced(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.head.ledger = kit_id(9);
    draft.body.ledger = kit_id(9);
    return draft;
}

static struct kit_draft foreign_body(struct scene *s)
{
    struct kit_draft draft = scene_grant(s);
    draft.body.ledger = kit_id(9);
    return draft;
}

static struct kit_draft forked(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.head.prev_root.bytes[31] ^= 1;
    return draft;
}

static struct kit_draft second_genesis(struct scene *s)
{
    struct kit_draft draft = scene_genesis();
    struct kit_draft place = kit_draft(&s->kit, SIL_ENTRY_CLOSE);
    draft.head = place.head;
    sil_body_clear(&place.body);
    return draft;
}

static struct kit_draft fine_time(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.head.time++;
    return draft;
}

static struct kit_draft back_in_time(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.head.time = KIT_START - KIT_HOUR;
    return draft;
}

static struct kit_draft audit_of_others(struct scene *s)
{
    struct kit_draft draft = scene_audit_of(s, 3);
    sil_merkle_root_at(&draft.body.audit.root, &s->kit.chain.tree, 4);
    return draft;
}

static struct kit_draft audit_of_future(struct scene *s)
{
    return scene_audit_of(s, s->kit.chain.tree.size + 1);
}

static struct kit_draft recovery_of_future(struct scene *s)
{
    struct kit_draft draft = scene_council(kit_draft(&s->kit, SIL_ENTRY_RECOVER));
    draft.body.recover.size = s->kit.chain.tree.size + 1;
    return draft;
}

/* ---- K: who signs and approves ---- */

static struct kit_draft signed_by(struct kit_draft draft, uint8_t seed)
{
    draft.curator = seed;
    return draft;
}

static struct kit_draft by_stranger(struct scene *s)
{
    return signed_by(scene_reserve(s), 0x99);
}

static struct kit_draft by_authority(struct scene *s)
{
    return signed_by(scene_reserve(s), 0x11);
}

static struct kit_draft ill_signed(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.is_spoilt = true;
    return draft;
}

static struct kit_draft by_curator_alone(struct scene *s)
{
    return scene_approved_by(scene_grant(s), 0, 0, 0);
}

static struct kit_draft one_of_two(struct scene *s)
{
    return scene_approved_by(scene_grant(s), 0x13, 0, 0);
}

static struct kit_draft twice_one(struct scene *s)
{
    return scene_approved_by(scene_grant(s), 0x12, 0x12, 0);
}

static struct kit_draft with_stranger(struct scene *s)
{
    return scene_approved_by(scene_grant(s), 0x11, 0x12, 0x99);
}

static struct kit_draft with_curator(struct scene *s)
{
    return scene_approved_by(scene_grant(s), 0x11, 0x12, KIT_CURATOR);
}

static struct kit_draft third_is_wrong(struct scene *s)
{
    struct kit_draft draft = scene_approved_by(scene_grant(s), 0x11, 0x12, 0x13);
    draft.spoilt_approval = 0x13;
    return draft;
}

static struct kit_draft other_words(struct scene *s)
{
    struct kit_draft draft = scene_grant(s);
    draft.comment = "silhouette/v1 grant ledger=all id=any rho=1/8 delta=0/1";
    return draft;
}

static struct kit_draft approved_reserve(struct scene *s)
{
    return scene_approved_by(scene_reserve(s), 0x11, 0x12, 0);
}

static struct kit_draft audited_by_authority(struct scene *s)
{
    return scene_approved_by(scene_unaudited(s), 0x11, 0, 0);
}

/* ---- K: keys that come and go ---- */

#define AUTHORITIES .role = SIL_ROLE_AUTHORITY
#define CURATORS    .role = SIL_ROLE_CURATOR

static struct kit_draft key_again(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){.role = SIL_ROLE_LOG, .add = {KIT_RELEASE}});
}

static struct kit_draft key_twice(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){
                             AUTHORITIES, .add = {0x14, 0x14}
    });
}

static struct kit_draft key_of_two_roles(struct scene *s)
{
    struct kit_draft draft = scene_keys(s, (struct kit_keys){
                                               AUTHORITIES, .add = {0x14, 0x14}
    });
    draft.body.keyset.add[1].role = SIL_ROLE_LOG;
    return draft;
}

static struct kit_draft stranger_revoked(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){.revoke = {0x99}, .as_of = 6});
}

static struct kit_draft revoked_twice(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){
                             .revoke = {KIT_LOG, KIT_LOG},
                               .as_of = 6
    });
}

static struct kit_draft revoked_again(struct scene *s)
{
    (void)kit_add(&s->kit,
                  scene_keys(s, (struct kit_keys){.revoke = {0x34}, .as_of = 6}));
    return scene_keys(s, (struct kit_keys){.revoke = {0x34}, .as_of = 5});
}

static struct kit_draft revoked_in_future(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){.revoke = {0x34}, .as_of = 7});
}

static struct kit_draft release_unsigned(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){.revoke = {KIT_CURATOR}, .as_of = 4});
}

static struct kit_draft grant_unsigned(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){.revoke = {KIT_CURATOR}, .as_of = 1});
}

static struct kit_draft grant_unapproved(struct scene *s)
{
    return scene_approved_by(
        scene_keys(s, (struct kit_keys){AUTHORITIES, .revoke = {0x11}, .as_of = 1}),
        0x12, 0x13, 0);
}

static struct kit_draft signer_revoked(struct scene *s)
{
    (void)kit_add(&s->kit,
                  scene_keys(s, (struct kit_keys){.revoke = {0x34}, .as_of = 6}));
    return signed_by(scene_reserve(s), 0x34);
}

static struct kit_draft approver_revoked(struct scene *s)
{
    (void)kit_add(&s->kit,
                  scene_keys(s, (struct kit_keys){.revoke = {0x13}, .as_of = 6}));
    return scene_approved_by(scene_grant(s), 0x11, 0x12, 0x13);
}

static struct kit_draft threshold_of_nobody(struct scene *s)
{
    struct kit_draft draft = scene_keys(s, (struct kit_keys){.threshold = 1});
    draft.body.keyset.thresholds.authority = 0;
    return draft;
}

static struct kit_draft threshold_too_high(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){.threshold = 4});
}

static struct kit_draft too_few_left(struct scene *s)
{
    return scene_approved_by(scene_keys(s,
                                        (struct kit_keys){
                                            .revoke = {0x11, 0x12},
                                              .as_of = 6
    }),
                             0x11, 0x12, 0x13);
}

static struct kit_draft old_side_short(struct scene *s)
{
    return scene_approved_by(scene_keys(s,
                                        (struct kit_keys){
                                            AUTHORITIES, .add = {0x14, 0x15}
    }),
                             0x11, 0x14, 0x15);
}

static struct kit_draft new_side_short(struct scene *s)
{
    return scene_approved_by(
        scene_keys(s, (struct kit_keys){AUTHORITIES, .add = {0x14}, .revoke = {0x11},
                                        .as_of = 6}),
        0x11, 0x12, 0);
}

static struct kit_draft new_threshold_short(struct scene *s)
{
    return scene_keys(s, (struct kit_keys){.threshold = 3});
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
    CASE("K2", scene_unaudited),
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
};

Test(chain_rules, each_broken_alone_is_refused_by_its_id_and_changes_nothing)
{
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        scene_refuses(CASES[i].name, CASES[i].id, CASES[i].draft);
    }
}
