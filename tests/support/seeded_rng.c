// SPDX-License-Identifier: Apache-2.0
#include "support/seeded_rng.h"

#include "privacy/rng_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sil_rng *seeded_rng(uint64_t seed)
{
    struct sil_rng *rng = NULL;
    struct sil_error error = {{0}};
    if (sil_rng_new(&rng, &error) != SIL_OK) {
        fprintf(stderr, "seeded generator: %s\n", error.text);
        abort();
    }
    uint8_t key[SIL_RNG_KEY_BYTES] = {0};
    for (int i = 0; i < 8; i++) {
        key[i] = (uint8_t)(seed >> (8 * i));
    }
    sil_rng_rekey(rng, key);
    return rng;
}

struct sil_rng *scripted_rng(const uint64_t *words, size_t n)
{
    struct sil_rng *rng = seeded_rng(0);
    size_t length = n * sizeof *words;
    if (length > sizeof rng->buffer) {
        fprintf(stderr, "scripted generator: %zu words are too many\n", n);
        abort();
    }
    rng->used = sizeof rng->buffer - length;
    memcpy(rng->buffer + rng->used, words, length);
    return rng;
}
