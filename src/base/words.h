// SPDX-License-Identifier: Apache-2.0
/// Random words for rows: what src/model and src/table draw from without knowing a
/// generator. Not for noise: noise has its own generator in privacy/ and no seed.
#ifndef SIL_BASE_WORDS_H
#define SIL_BASE_WORDS_H

#include "base/int128.h"

#include <stddef.h>
#include <stdint.h>

/// Give words first .. first + n - 1 of the numbered stream: uniform, independent, and
/// a function of (key, stream, position) alone, so that any thread may ask for any part.
/// `first` is a multiple of 8.
typedef void sil_words_fn(const void *key, uint64_t stream, uint64_t first,
                          uint64_t *out, size_t n);

struct sil_words {
    sil_words_fn *draw;
    const void *key; ///< borrowed
};

/// Streams are shared out by layer so that no two uses read the same words.
enum {
    SIL_STREAM_MODEL = 0,  ///< 0 .. 2^31 - 1: src/model, one a tree node and up
    SIL_STREAM_ORDER = 1,  ///< in units of 2^31: the order of the rows
    SIL_STREAM_DECODE = 2, ///< in units of 2^31, plus the column: values within a cell
    SIL_STREAM_SIMULATE = 3, ///< in units of 2^31: the simulator
    SIL_STREAM_OPEN = 4,   ///< in units of 2^31, plus the column: values within a group
    SIL_STREAM_SEARCH = 5, ///< in units of 2^31: moves, swaps, copies
    SIL_STREAM_MADE = 6, ///< in units of 2^31: boxes, their order, then parts of cells
    SIL_STREAM_RULES = 7 ///< in units of 2^31: rows that break a rule
};

#define SIL_STREAM(kind, number) (((uint64_t)(kind) << 31) + (uint64_t)(number))

/// A buffered reader of one stream, in order.
struct sil_word_reader {
    struct sil_words words;
    uint64_t stream;
    uint64_t next; ///< position of the first word that is not in the buffer
    size_t used;
    uint64_t buffer[64];
};

static inline struct sil_word_reader sil_word_reader(struct sil_words words,
                                                     uint64_t stream)
{
    return (struct sil_word_reader){.words = words, .stream = stream, .used = 64};
}

static inline uint64_t sil_word(struct sil_word_reader *reader)
{
    if (reader->used == 64) {
        reader->words.draw(reader->words.key, reader->stream, reader->next,
                           reader->buffer, 64);
        reader->next += 64;
        reader->used = 0;
    }
    return reader->buffer[reader->used++];
}

/// Exactly uniform on 0 .. n - 1, n > 0 (Lemire 2019, with exact rejection).
static inline uint64_t sil_word_below(struct sil_word_reader *reader, uint64_t n)
{
    sil_u128 product = (sil_u128)sil_word(reader) * n;
    if ((uint64_t)product < n) {
        uint64_t threshold = -n % n;
        while ((uint64_t)product < threshold) {
            product = (sil_u128)sil_word(reader) * n;
        }
    }
    return (uint64_t)(product >> 64);
}

/// Uniform in [0, 1) on the grid of 2^-53.
static inline double sil_word_unit(struct sil_word_reader *reader)
{
    return (double)(sil_word(reader) >> 11) * 0x1p-53;
}

/// Put `n` numbers in an order that is uniform among all (Fisher and Yates 1938).
static inline void sil_words_shuffle(uint32_t *list, size_t n,
                                     struct sil_word_reader *reader)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = sil_word_below(reader, i);
        uint32_t swap = list[i - 1];
        list[i - 1] = list[k];
        list[k] = swap;
    }
}

#endif
