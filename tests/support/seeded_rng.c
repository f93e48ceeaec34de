// SPDX-License-Identifier: Apache-2.0
#include "support/seeded_rng.h"

#include "privacy/rng_internal.h"

#include <stdio.h>
#include <stdlib.h>

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
