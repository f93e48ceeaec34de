// SPDX-License-Identifier: Apache-2.0
/// Where in its list something of an id stands. Looking up takes the same time however
/// many there are, whoever chose the ids: the hash has a key that is drawn anew each time.
#ifndef AUDIT_LEDGER_IDS_H
#define AUDIT_LEDGER_IDS_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aud_id {
    uint8_t bytes[16];
};

bool aud_id_equal(const struct aud_id *a, const struct aud_id *b);
void aud_id_print(char text[33], const struct aud_id *id);

struct aud_ids {
    struct aud_place {
        struct aud_id id;
        unsigned kind; ///< of the list; 0: the place is free
        size_t at;
    } * place; ///< owned; `room` is a power of two, or 0

    size_t n, room;
    uint8_t key[16];
};

/// `{0}` is not one: begin with this. libsodium must have been started.
void aud_ids_begin(struct aud_ids *ids);
void aud_ids_clear(struct aud_ids *ids);

/// NULL: there is none.
const struct aud_place *aud_ids_find(const struct aud_ids *ids,
                                     const struct aud_id *id);

/// Pre  it is not there; kind > 0. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_ids_add(struct aud_ids *ids, const struct aud_id *id,
                                    unsigned kind, size_t at, struct sil_error *err);

#endif
