// SPDX-License-Identifier: Apache-2.0
/// Every id of a ledger, found in constant time: a hash table without removal.
///
/// The ids are random, or made by someone who holds a curator's key; who crafts ids that
/// collide here slows his own ledger down and changes no answer.
#ifndef SIL_LEDGER_CHAIN_IDS_H
#define SIL_LEDGER_CHAIN_IDS_H

#include "ledger/body.h"

struct sil_id_slot {
    struct sil_id id;
    enum sil_entry_type type; ///< of the entry that took it; GENESIS: an empty slot
    size_t index;             ///< in the chain's array of that type, when there is one
};

/// `{0}` is empty.
struct sil_id_index {
    struct sil_id_slot *slot;
    size_t n;
    size_t capacity; ///< 0 or a power of two, at least twice n
};

/// The slot of an id, or NULL.
const struct sil_id_slot *sil_id_index_find(const struct sil_id_index *index,
                                            const struct sil_id *id);

/// Make room for one more. Errors  SIL_ERR_INTERNAL (memory); the index is unchanged.
SIL_MUST_USE sil_status sil_id_index_reserve(struct sil_id_index *index,
                                             struct sil_error *err);

/// Add one that is not there. Pre  room was made.
void sil_id_index_add(struct sil_id_index *index, const struct sil_id_slot *slot);

void sil_id_index_clear(struct sil_id_index *index);

#endif
