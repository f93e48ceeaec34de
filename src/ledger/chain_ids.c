// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain_ids.h"

#include "base/fail.h"
#include "base/int128.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Where the search for an id begins. Ids of tests and of careless writers differ in few
 * bytes: a full product, folded, lets every byte reach the bits that are used. */
static size_t home(const struct sil_id *id, size_t capacity)
{
    uint64_t half[2];
    (void)memcpy(half, id->bytes, sizeof half);
    sil_u128 product =
        (sil_u128)(half[0] ^ 0x9e3779b97f4a7c15U) * (half[1] ^ 0xd6e8feb86659fd93U);
    return (size_t)((uint64_t)(product >> 64) ^ (uint64_t)product) & (capacity - 1);
}

/* The slot that holds the id, or the empty one where it belongs. Half the slots are
 * empty, so the search ends. */
static size_t seek(const struct sil_id_index *index, const struct sil_id *id)
{
    size_t at = home(id, index->capacity);
    while (index->slot[at].type != SIL_ENTRY_GENESIS &&
           memcmp(&index->slot[at].id, id, sizeof *id) != 0) {
        at = (at + 1) & (index->capacity - 1);
    }
    return at;
}

const struct sil_id_slot *sil_id_index_find(const struct sil_id_index *index,
                                            const struct sil_id *id)
{
    if (index->n == 0) {
        return NULL;
    }
    const struct sil_id_slot *slot = &index->slot[seek(index, id)];
    return slot->type != SIL_ENTRY_GENESIS ? slot : NULL;
}

sil_status sil_id_index_reserve(struct sil_id_index *index, struct sil_error *err)
{
    struct sil_id_index larger = {.capacity = 16};
    if (index->n + 1 <= index->capacity / 2) {
        return SIL_OK;
    }

    if (index->capacity > 0 && !sil_mul_size(&larger.capacity, index->capacity, 2)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: ids of the ledger");
    }
    sil_status status = sil_alloc(&larger.slot, larger.capacity, sizeof *larger.slot,
                                  "ids of the ledger", err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slot[i].type != SIL_ENTRY_GENESIS) {
            sil_id_index_add(&larger, &index->slot[i]);
        }
    }
    free(index->slot);
    *index = larger;
    return SIL_OK;
}

void sil_id_index_add(struct sil_id_index *index, const struct sil_id_slot *slot)
{
    SIL_REQUIRE(slot->type != SIL_ENTRY_GENESIS && index->n < index->capacity / 2);
    index->slot[seek(index, &slot->id)] = *slot;
    index->n++;
}

void sil_id_index_clear(struct sil_id_index *index)
{
    free(index->slot);
    *index = (struct sil_id_index){0};
}
