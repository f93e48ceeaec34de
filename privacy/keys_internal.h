// SPDX-License-Identifier: Apache-2.0
/// The inside of struct sil_keys, for privacy/ and for src/table, which fills it.
#ifndef SIL_PRIVACY_KEYS_INTERNAL_H
#define SIL_PRIVACY_KEYS_INTERNAL_H

#include "privacy/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sil_key {
    const char *text; ///< borrowed
    size_t length;
    uint32_t count; ///< of rows, at least 1: a value that no row has is no key
};

struct sil_keys {
    uint32_t attr;
    size_t n;
    struct sil_key *key; ///< ascending as bytes, each once
};

/// Room for `n` keys of a column, all to be filled; freed with sil_keys_free.
/// Errors   SIL_ERR_INTERNAL (memory), in words that tell no number.
SIL_MUST_USE sil_status sil_keys_new(struct sil_keys **out, uint32_t attr, size_t n,
                                     struct sil_error *err);

/// Order as bytes: a text that another one begins with stands before it.
int sil_key_compare(const struct sil_key *a, const struct sil_key *b);

/// Are the keys present, each once, in their order? What the threshold's proof takes for
/// granted.
bool sil_keys_are_in_order(const struct sil_keys *keys);

#endif
