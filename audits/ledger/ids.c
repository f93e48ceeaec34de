// SPDX-License-Identifier: Apache-2.0
#include "audits/ledger/ids.h"

#include "base/memory.h"

#include <sodium.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

bool aud_id_equal(const struct aud_id *a, const struct aud_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void aud_id_print(char text[33], const struct aud_id *id)
{
    for (size_t i = 0; i < sizeof id->bytes; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", id->bytes[i]);
    }
}

void aud_ids_begin(struct aud_ids *ids)
{
    *ids = (struct aud_ids){0};
    crypto_shorthash_keygen(ids->key);
}

void aud_ids_clear(struct aud_ids *ids)
{
    free(ids->place);
    *ids = (struct aud_ids){0};
}

/* Its place, or the free one where it would stand. Pre  there is a free one. */
static struct aud_place *find_place(const struct aud_ids *ids, const struct aud_id *id)
{
    uint64_t hash = 0;
    (void)crypto_shorthash((uint8_t *)&hash, id->bytes, sizeof id->bytes, ids->key);
    size_t at = (size_t)hash & (ids->room - 1);
    while (ids->place[at].kind != 0 && !aud_id_equal(&ids->place[at].id, id)) {
        at = (at + 1) & (ids->room - 1);
    }
    return &ids->place[at];
}

const struct aud_place *aud_ids_find(const struct aud_ids *ids, const struct aud_id *id)
{
    if (ids->room == 0) {
        return NULL;
    }
    const struct aud_place *place = find_place(ids, id);
    return place->kind == 0 ? NULL : place;
}

static sil_status make_room(struct aud_ids *ids, struct sil_error *err)
{
    struct aud_ids larger = *ids;
    if (2 * (ids->n + 1) <= ids->room) {
        return SIL_OK;
    }
    larger.room = ids->room == 0 ? FIRST_ROOM : 2 * ids->room;
    sil_status status =
        sil_alloc(&larger.place, larger.room, sizeof *larger.place, "ids", err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < ids->room; i++) {
        if (ids->place[i].kind != 0) {
            *find_place(&larger, &ids->place[i].id) = ids->place[i];
        }
    }
    free(ids->place);
    *ids = larger;
    return SIL_OK;
}

sil_status aud_ids_add(struct aud_ids *ids, const struct aud_id *id, unsigned kind,
                       size_t at, struct sil_error *err)
{
    sil_status status = make_room(ids, err);
    if (status == SIL_OK) {
        *find_place(ids, id) = (struct aud_place){*id, kind, at};
        ids->n++;
    }
    return status;
}
