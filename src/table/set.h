// SPDX-License-Identifier: Apache-2.0
/// Lists of texts, and closed sets of values with the texts that stand for them.
#ifndef SIL_TABLE_SET_H
#define SIL_TABLE_SET_H

#include "table/decimal.h"

#include <stdint.h>

struct sil_text {
    char *data; ///< terminated as well
    size_t length;
};

/// Errors   SIL_ERR_INTERNAL (memory); `out` is then empty.
SIL_MUST_USE sil_status sil_text_copy(struct sil_text *out, const char *text,
                                      size_t length, struct sil_error *err);

struct sil_texts {
    struct sil_text *item;
    size_t n;
    size_t capacity;
};

/// Append a copy. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_texts_add(struct sil_texts *texts, const char *text,
                                      size_t length, struct sil_error *err);

bool sil_texts_has(const struct sil_texts *texts, const char *text, size_t length);

void sil_texts_clear(struct sil_texts *texts);

/// A text that stands for a value, found by the text itself or by the number it means.
struct sil_spelling {
    sil_i128 key;                ///< the number; 0 in a set of texts
    const struct sil_text *text; ///< NULL in a set of numbers
    uint32_t code;
    uint32_t index; ///< in `texts`
};

struct sil_set {
    struct sil_texts texts;      ///< all spellings, in declared order
    struct sil_spelling *sorted; ///< the same in order of key and text
    uint32_t *written;           ///< of each code: the spelling that is written
    uint32_t n_values;
    unsigned places; ///< of the keys
};

/// Put `texts` (set->texts) in order. `codes` and `keys` (NULL: a set of texts) run
/// beside them; codes are 0 .. n_values - 1, each with a spelling, the first is written.
/// @param[out] twice   a spelling that means the same as another, or SIZE_MAX.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_set_build(struct sil_set *set, size_t *twice,
                                      const uint32_t *codes, const sil_i128 *keys,
                                      uint32_t n_values, struct sil_error *err);

/// The code of a text or of a number; false when the set does not have it.
bool sil_set_find_text(uint32_t *code, const struct sil_set *set, const char *text,
                       size_t length);
bool sil_set_find_key(uint32_t *code, const struct sil_set *set, sil_i128 key);

/// The text that is written for a code.
const struct sil_text *sil_set_text(const struct sil_set *set, uint32_t code);

void sil_set_clear(struct sil_set *set);

#endif
