// SPDX-License-Identifier: Apache-2.0
/// A ledger in memory in which every rule can be broken by one entry that is otherwise
/// good.
#ifndef TESTS_LEDGER_RULES_SCENE_H
#define TESTS_LEDGER_RULES_SCENE_H

#include "chain_kit.h"

/// Three authorities of whom two approve, two curators; a grant of 1/2 with nothing of
/// delta, one run that was measured and released, one that has only its reserve.
struct scene {
    struct kit kit;
    struct sil_id grant, measured, unmeasured, release;
};

void scene_set(struct scene *s);

/// Approved by two of the three authorities.
struct kit_draft scene_council(struct kit_draft draft);
/// Approved by the keys of these seeds.
struct kit_draft scene_approved_by(struct kit_draft draft, uint8_t a, uint8_t b,
                                   uint8_t c);

/// Good entries: a measurement of the whole reserve, a reserve, a grant, a keyset.
struct kit_draft scene_run(struct kit *kit, const struct sil_id *reserve);
struct kit_draft scene_reserve(struct scene *s);
struct kit_draft scene_grant(struct scene *s);
struct kit_draft scene_keys(struct scene *s, struct kit_keys change);
struct kit_draft scene_genesis(void);
/// An audit of the first `size` entries, approved.
struct kit_draft scene_audit_of(struct scene *s, uint64_t size);
/// An audit that lacks its approval.
struct kit_draft scene_unaudited(struct scene *s);

void scene_close(struct scene *s);

/// What `draft` makes of the scene is refused with this id and changes nothing.
void scene_refuses(const char *name, const char *rule,
                   struct kit_draft (*draft)(struct scene *s));

#endif
