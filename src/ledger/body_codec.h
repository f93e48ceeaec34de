// SPDX-License-Identifier: Apache-2.0
/// What writing and reading bodies share.
#ifndef SIL_LEDGER_BODY_CODEC_H
#define SIL_LEDGER_BODY_CODEC_H

#include "ledger/fields.h"

enum { SIL_BODY_SCHEMA = 1, SIL_ENTRY_TYPES = 11 };

/// The words of the closed sets, in the order of their enumerations.
extern const char *const SIL_TYPE_NAMES[SIL_ENTRY_TYPES];
extern const char *const SIL_ROLE_NAMES[5];      ///< from SIL_ROLE_AUTHORITY
extern const char *const SIL_MECHANISM_NAMES[3]; ///< from SIL_SPENT_GAUSSIAN
extern const char *const SIL_NEIGHBOUR_NAMES[2]; ///< from SIL_ADD_REMOVE

/// sil_body_decode with failures as readers report them (ledger/fields.h).
/// @param type   NULL, or the type that the body must have.
SIL_MUST_USE sil_status sil_body_read(struct sil_body *out, const uint8_t *data,
                                      size_t length, const enum sil_entry_type *type,
                                      struct sil_error *err);

/// False when a genesis says how many rows there are where that is private (P1).
bool sil_body_is_public(const struct sil_body *body);
#define SIL_PRIVATE_COUNT                                                              \
    "the genesis says how many rows there are, which is public only where neighbours " \
    "replace one row"

/// The elements of a genesis and of a keyset behind type, ledger and id.
SIL_MUST_USE sil_status sil_next_genesis(struct sil_genesis *genesis,
                                         struct sil_mp_array *body,
                                         struct sil_error *err);
SIL_MUST_USE sil_status sil_next_keyset(struct sil_keyset *keyset,
                                        struct sil_mp_array *body,
                                        struct sil_error *err);

#endif
