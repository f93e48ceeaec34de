// SPDX-License-Identifier: Apache-2.0
/* K3, K4, K6, and K5 of what a revocation reaches back to: which keys come and go. */
#include "base/memory.h"
#include "ledger/chain_internal.h"
#include "ledger/refuse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct sil_ledger_key *sil_entry_keys(size_t *n, const struct sil_entry *entry)
{
    switch ((int)entry->type) {
    case SIL_ENTRY_GENESIS:
        *n = entry->body.genesis.n_keys;
        return entry->body.genesis.keys;
    case SIL_ENTRY_KEYSET: *n = entry->body.keyset.n_add; return entry->body.keyset.add;
    default: *n = 0; return NULL;
    }
}

sil_status sil_step_stage_keys(struct sil_step *step, struct sil_error *err)
{
    struct sil_chain *chain = step->chain;
    size_t n;
    const struct sil_ledger_key *added = sil_entry_keys(&n, step->entry);

    sil_status status = sil_grow(&chain->key, &chain->key_capacity, chain->n_keys + n,
                                 sizeof *chain->key, "keys of the ledger", err);
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        struct sil_chain_key *key = &chain->key[chain->n_keys + i];
        const size_t size = strlen(added[i].name) + 1;
        *key = (struct sil_chain_key){.key = added[i],
                                      .from = chain->tree.size,
                                      .until = UINT64_MAX,
                                      .revoked_at = UINT64_MAX};
        status = sil_alloc(&key->key.name, size, 1, "name of a key", err);
        if (status == SIL_OK) {
            (void)memcpy(key->key.name, added[i].name, size);
            step->n_added++;
        }
    }
    return status;
}

void sil_step_unstage_keys(struct sil_step *step)
{
    for (size_t i = 0; i < step->n_added; i++) {
        free(step->chain->key[step->chain->n_keys + i].key.name);
    }
    step->n_added = 0;
}

static bool roles_are_shared(const struct sil_step *step)
{
    const struct sil_body *genesis =
        step->chain->tree.size > 0 ? &step->chain->genesis : &step->entry->body;
    return sil_genesis_has_invariant(&genesis->genesis, "roles-shared");
}

/* K6: a key that was in the ledger does not come back, under whatever role. K3: one key,
 * one role. K4: nor twice in one role, where it would count twice. */
static sil_status check_added_key(const struct sil_step *step, size_t i,
                                  struct sil_error *err)
{
    const struct sil_chain *chain = step->chain;
    const struct sil_ledger_key *key = &chain->key[i].key;

    for (size_t j = 0; j < i; j++) {
        const struct sil_ledger_key *other = &chain->key[j].key;
        if (!sil_id_equal(&other->id, &key->id)) {
            continue;
        }
        if (j < chain->n_keys) {
            return sil_refuse(err, "K6", chain->tree.size,
                              "the key of %s was in the ledger before, as %s",
                              key->name, other->name);
        }
        if (other->role == key->role) {
            return sil_refuse(err, "K4", chain->tree.size,
                              "%s and %s have one key and count once", other->name,
                              key->name);
        }
        if (!roles_are_shared(step)) {
            return sil_refuse(err, "K3", chain->tree.size,
                              "%s and %s have one key under two roles", other->name,
                              key->name);
        }
    }
    return SIL_OK;
}

/* K5: a grant made budget and a release left the house; what the key signed or approved
 * of these cannot be taken back, so the key cannot be revoked as of before them. Other
 * entries of the key stay, and what they spent stays spent. */
static sil_status check_reach(const struct sil_chain *chain,
                              const struct sil_revocation *revocation,
                              struct sil_error *err)
{
    for (size_t i = 0; i < chain->n_makers; i++) {
        const struct sil_chain_maker *maker = &chain->maker[i];
        if (maker->seq >= revocation->as_of_seq &&
            sil_id_equal(&maker->key, &revocation->key)) {
            return sil_refuse(err, "K5", maker->seq,
                              "this %s was made with a key that entry %" PRIu64
                              " revokes as of entry %" PRIu64,
                              sil_entry_type_name(maker->type), chain->tree.size,
                              revocation->as_of_seq);
        }
    }
    return SIL_OK;
}

static sil_status check_revocation(const struct sil_step *step, size_t i,
                                   struct sil_error *err)
{
    const struct sil_chain *chain = step->chain;
    const struct sil_keyset *keyset = &step->entry->body.keyset;
    const struct sil_revocation *revocation = &keyset->revoke[i];
    bool is_live = false;
    bool is_repeated = false;

    for (size_t j = 0; j < chain->n_keys; j++) {
        const struct sil_chain_key *key = &chain->key[j];
        is_live |=
            sil_id_equal(&key->key.id, &revocation->key) && key->until == UINT64_MAX;
    }
    for (size_t j = 0; j < i; j++) {
        is_repeated |= sil_id_equal(&keyset->revoke[j].key, &revocation->key);
    }
    if (!is_live || is_repeated) {
        char id[SIL_ID_TEXT];
        sil_id_print(id, &revocation->key);
        return sil_refuse(err, "K6", chain->tree.size,
                          "it revokes key %s, which is not live", id);
    }
    if (revocation->as_of_seq > chain->tree.size) {
        return sil_refuse(err, "K5", chain->tree.size,
                          "it revokes a key as of entry %" PRIu64 ", which is to come",
                          revocation->as_of_seq);
    }
    return check_reach(chain, revocation, err);
}

bool sil_step_revokes(const struct sil_step *step, const struct sil_id *key)
{
    const struct sil_keyset *keyset = &step->entry->body.keyset;
    for (size_t i = 0; step->entry->type == SIL_ENTRY_KEYSET && i < keyset->n_revoke;
         i++) {
        if (sil_id_equal(&keyset->revoke[i].key, key)) {
            return true;
        }
    }
    return false;
}

const struct sil_thresholds *sil_step_thresholds(const struct sil_step *step)
{
    const struct sil_body *body = &step->entry->body;
    if (body->type == SIL_ENTRY_GENESIS) {
        return &body->genesis.thresholds;
    }
    return body->type == SIL_ENTRY_KEYSET && body->keyset.has_thresholds
               ? &body->keyset.thresholds
               : &step->chain->thresholds;
}

/* A threshold that its authorities cannot reach would end the ledger. */
static sil_status check_threshold(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_chain *chain = step->chain;
    const uint64_t threshold = sil_step_thresholds(step)->authority;
    uint64_t n_authorities = 0;

    for (size_t i = 0; i < chain->n_keys + step->n_added; i++) {
        const struct sil_chain_key *key = &chain->key[i];
        n_authorities += key->key.role == SIL_ROLE_AUTHORITY &&
                         key->until == UINT64_MAX &&
                         !sil_step_revokes(step, &key->key.id);
    }
    if (threshold < 1 || threshold > n_authorities) {
        return sil_refuse(err, chain->tree.size == 0 ? "K2" : "K6", chain->tree.size,
                          "%" PRIu64 " of %" PRIu64 " authorities cannot approve",
                          threshold, n_authorities);
    }
    return SIL_OK;
}

sil_status sil_step_check_keys(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_chain *chain = step->chain;
    const enum sil_entry_type type = step->entry->type;
    sil_status status = SIL_OK;

    if (type != SIL_ENTRY_GENESIS && type != SIL_ENTRY_KEYSET) {
        return SIL_OK;
    }
    for (size_t i = 0; i < step->n_added && status == SIL_OK; i++) {
        status = check_added_key(step, chain->n_keys + i, err);
    }
    for (size_t i = 0; type == SIL_ENTRY_KEYSET && status == SIL_OK &&
                       i < step->entry->body.keyset.n_revoke;
         i++) {
        status = check_revocation(step, i, err);
    }
    return status == SIL_OK ? check_threshold(step, err) : status;
}

void sil_step_commit_keys(struct sil_step *step)
{
    struct sil_chain *chain = step->chain;
    const struct sil_thresholds thresholds = *sil_step_thresholds(step);
    const struct sil_keyset *keyset = &step->entry->body.keyset;

    for (size_t i = 0; step->entry->type == SIL_ENTRY_KEYSET && i < keyset->n_revoke;
         i++) {
        for (size_t j = 0; j < chain->n_keys; j++) {
            if (sil_id_equal(&chain->key[j].key.id, &keyset->revoke[i].key)) {
                chain->key[j].until = keyset->revoke[i].as_of_seq;
                chain->key[j].revoked_at = step->entry->seq;
            }
        }
    }
    chain->n_keys += step->n_added;
    step->n_added = 0;
    chain->thresholds = thresholds;
}
