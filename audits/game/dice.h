// SPDX-License-Identifier: Apache-2.0
/// The auditor's own dice: coins, labels, orders. From a seed of the system's generator, which
/// is printed when all is over, or from one that was given, to play a game again.
#ifndef AUDIT_GAME_DICE_H
#define AUDIT_GAME_DICE_H

#include "base/words.h"
#include "crypto/row_words.h"

#include <stdbool.h>

struct aud_dice {
    uint8_t seed[SIL_SEED_BYTES];
    struct sil_word_reader reader; ///< points to `seed`: do not move
};

void aud_dice_begin(struct aud_dice *out, const uint8_t seed[SIL_SEED_BYTES]);

static inline uint32_t aud_dice_below(struct aud_dice *dice, uint32_t n)
{
    return (uint32_t)sil_word_below(&dice->reader, n);
}

static inline bool aud_dice_coin(struct aud_dice *dice)
{
    return (sil_word(&dice->reader) >> 63) != 0;
}

static inline double aud_dice_unit(struct aud_dice *dice)
{
    return sil_word_unit(&dice->reader);
}

#endif
