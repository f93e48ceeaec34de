// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain.h"
#include "ledger/chain_internal.h"
#include "ledger/checkpoint.h"

#include <string.h>

const struct sil_chain_key *sil_chain_live_key(const struct sil_chain *chain,
                                               const struct sil_id *id,
                                               enum sil_role role, uint64_t seq)
{
    for (size_t i = 0; i < chain->n_keys; i++) {
        const struct sil_chain_key *key = &chain->key[i];
        if (key->key.role == role && sil_id_equal(&key->key.id, id) &&
            key->from <= seq && seq < key->until) {
            return key;
        }
    }
    return NULL;
}

bool sil_chain_key_covers(const struct sil_chain_key *key, uint64_t size)
{
    return key->from < size && size <= key->revoked_at;
}

const struct sil_chain_grant *sil_chain_find_grant(const struct sil_chain *chain,
                                                   const struct sil_id *id)
{
    const struct sil_id_slot *slot = sil_id_index_find(&chain->ids, id);
    return slot != NULL && slot->type == SIL_ENTRY_GRANT ? &chain->grant[slot->index]
                                                         : NULL;
}

const struct sil_chain_reserve *sil_chain_find_reserve(const struct sil_chain *chain,
                                                       const struct sil_id *id)
{
    const struct sil_id_slot *slot = sil_id_index_find(&chain->ids, id);
    return slot != NULL && slot->type == SIL_ENTRY_RESERVE
               ? &chain->reserve[slot->index]
               : NULL;
}

bool sil_genesis_has_invariant(const struct sil_genesis *genesis, const char *invariant)
{
    for (size_t i = 0; i < genesis->n_invariants; i++) {
        if (strcmp(genesis->invariants[i], invariant) == 0) {
            return true;
        }
    }
    return false;
}

bool sil_chain_has_invariant(const struct sil_chain *chain, const char *invariant)
{
    return chain->tree.size > 0 &&
           sil_genesis_has_invariant(&chain->genesis.genesis, invariant);
}

bool sil_chain_covers(const struct sil_chain *chain, const uint8_t data_commit[32])
{
    for (size_t i = 0; i < chain->n_data; i++) {
        if (memcmp(chain->data_commit[i], data_commit, 32) == 0) {
            return true;
        }
    }
    return false;
}

void sil_chain_grant_left(struct sil_rho *rho, struct sil_delta *delta,
                          const struct sil_chain_grant *grant)
{
    mpq_sub(rho->v, grant->rho.v, grant->reserved.v);
    mpq_sub(delta->v, grant->delta.v, grant->reserved_delta.v);
}

void sil_chain_cap_left(struct sil_rho *rho, struct sil_delta *delta,
                        const struct sil_chain *chain)
{
    mpq_sub(rho->v, chain->genesis.genesis.cap_rho.v, chain->granted.v);
    mpq_sub(delta->v, chain->genesis.genesis.cap_delta.v, chain->granted_delta.v);
}

sil_status sil_chain_origin(char origin[256], const struct sil_chain *chain,
                            struct sil_error *err)
{
    return sil_checkpoint_origin(origin, chain->genesis.genesis.prefix,
                                 chain->ledger.bytes, err);
}
