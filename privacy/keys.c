// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "privacy/keys_internal.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

sil_status sil_keys_new(struct sil_keys **out, uint32_t attr, size_t n,
                        struct sil_error *err)
{
    struct sil_keys *keys = NULL;
    *out = NULL;
    if (sil_alloc(&keys, 1, sizeof *keys, "the values of a column", NULL) != SIL_OK ||
        sil_alloc(&keys->key, n, sizeof *keys->key, "the values of a column", NULL) !=
            SIL_OK) {
        free(keys);
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the values of a column");
    }
    keys->attr = attr;
    keys->n = n;
    *out = keys;
    return SIL_OK;
}

void sil_keys_free(struct sil_keys *keys)
{
    if (keys == NULL) {
        return;
    }
    if (keys->key != NULL) {
        sodium_memzero(keys->key, keys->n * sizeof *keys->key);
    }
    free(keys->key);
    free(keys);
}

int sil_key_compare(const struct sil_key *a, const struct sil_key *b)
{
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter == 0 ? 0 : memcmp(a->text, b->text, shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

bool sil_keys_are_in_order(const struct sil_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) {
        bool follows = i == 0 || sil_key_compare(&keys->key[i - 1], &keys->key[i]) < 0;
        if (!follows || keys->key[i].count == 0) {
            return false;
        }
    }
    return true;
}
