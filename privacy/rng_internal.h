// SPDX-License-Identifier: Apache-2.0
/// The inside of the generator: for the samplers of privacy/, which draw words in bulk,
/// and for tests/support/seeded_rng.c, the only other constructor.
#ifndef SIL_PRIVACY_RNG_INTERNAL_H
#define SIL_PRIVACY_RNG_INTERNAL_H

#include "privacy/rng.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SIL_RNG_KEY_BYTES    32
#define SIL_RNG_BUFFER_BYTES 65536

struct sil_rng {
    uint8_t key[SIL_RNG_KEY_BYTES]; ///< makes the next buffer, then is replaced by it
    uint8_t buffer[SIL_RNG_BUFFER_BYTES];
    size_t used;      ///< bytes of the buffer handed out, and wiped
    uint64_t refills; ///< since the key last came from the operating system
    uint64_t pool;    ///< bits not handed out yet, lowest first
    unsigned pool_bits;
    pid_t owner; ///< the process that the key belongs to
    /// A page that the kernel wipes on fork: its first word is 1 in the process that made
    /// it and 0 in a child. NULL where the kernel has no such page.
    void *mark;
};

/// Start again from `key`, dropping whatever was buffered.
void sil_rng_rekey(struct sil_rng *rng, const uint8_t key[SIL_RNG_KEY_BYTES]);

/// `n` words, the same as `n` calls of sil_rng_word give.
void sil_rng_words(struct sil_rng *rng, uint64_t *out, size_t n);

#endif
