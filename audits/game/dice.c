// SPDX-License-Identifier: Apache-2.0
#include "audits/game/dice.h"

#include <string.h>

void aud_dice_begin(struct aud_dice *out, const uint8_t seed[SIL_SEED_BYTES])
{
    memcpy(out->seed, seed, SIL_SEED_BYTES);
    const struct sil_words words = {.draw = sil_row_words, .key = out->seed};
    out->reader = sil_word_reader(words, 0);
}
