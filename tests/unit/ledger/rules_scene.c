// SPDX-License-Identifier: Apache-2.0
#include "rules_scene.h"

#include "ledger/refuse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

struct kit_draft scene_council(struct kit_draft draft)
{
    static const uint8_t APPROVERS[KIT_APPROVERS_MAX] = {0x11, 0x12};
    (void)memcpy(draft.approver, APPROVERS, sizeof APPROVERS);
    return draft;
}

struct kit_draft scene_genesis(void)
{
    struct kit_draft draft = scene_council(kit_genesis());
    struct sil_genesis *genesis = &draft.body.genesis;
    genesis->keys =
        realloc(genesis->keys, (genesis->n_keys + 3) * sizeof *genesis->keys);
    genesis->keys[genesis->n_keys++] = kit_ledger_key(0x12, SIL_ROLE_AUTHORITY);
    genesis->keys[genesis->n_keys++] = kit_ledger_key(0x13, SIL_ROLE_AUTHORITY);
    genesis->keys[genesis->n_keys++] = kit_ledger_key(0x34, SIL_ROLE_CURATOR);
    genesis->thresholds.authority = 2;
    return draft;
}

struct kit_draft scene_run(struct kit *kit, const struct sil_id *reserve)
{
    struct kit_draft draft = kit_measure(kit, reserve, 1);
    kit_line(&draft, 0, SIL_SPENT_GAUSSIAN, "1/1", "4/1", "1/8");
    return draft;
}

void scene_set(struct scene *s)
{
    struct kit *kit = &s->kit;
    kit_init(kit);
    (void)kit_add(kit, scene_genesis());
    s->grant = kit_add(kit, scene_council(kit_grant(kit, "1/2", "0/1")));
    s->measured = kit_add(kit, kit_reserve(kit, &s->grant, "1/8", "0/1"));
    (void)kit_add(kit, scene_run(kit, &s->measured));
    s->release = kit_add(kit, kit_release(kit, &s->measured));
    s->unmeasured = kit_add(kit, kit_reserve(kit, &s->grant, "1/8", "0/1"));
    kit->time += KIT_HOUR;
}

struct kit_draft scene_reserve(struct scene *s)
{
    return kit_reserve(&s->kit, &s->grant, "1/8", "0/1");
}

struct kit_draft scene_grant(struct scene *s)
{
    return scene_council(kit_grant(&s->kit, "1/8", "0/1"));
}

struct kit_draft scene_approved_by(struct kit_draft draft, uint8_t a, uint8_t b,
                                   uint8_t c)
{
    draft.approver[0] = a;
    draft.approver[1] = b;
    draft.approver[2] = c;
    return draft;
}

struct kit_draft scene_audit_of(struct scene *s, uint64_t size)
{
    struct kit_draft draft = kit_draft(&s->kit, SIL_ENTRY_AUDIT);
    draft.body.audit.size = size;
    return draft;
}

struct kit_draft scene_unaudited(struct scene *s)
{
    struct kit_draft draft = scene_audit_of(s, 2);
    sil_merkle_root_at(&draft.body.audit.root, &s->kit.chain.tree, 2);
    return scene_approved_by(draft, 0, 0, 0);
}

struct kit_draft scene_keys(struct scene *s, struct kit_keys change)
{
    return scene_council(kit_keyset(&s->kit, &change));
}

void scene_close(struct scene *s)
{
    (void)kit_add(&s->kit, scene_council(kit_draft(&s->kit, SIL_ENTRY_CLOSE)));
}

void scene_refuses(const char *name, const char *rule,
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
