// SPDX-License-Identifier: Apache-2.0
/// A column cut where tests on it change: cells, and parts of bins.
///
/// A value of a bin is drawn from one random word and rises with it (sil_field_decode). A part
/// of a bin is therefore a range of words: its share of the bin is the share of its words, to
/// the last bit, and drawing from it is drawing a word from the range.
#ifndef SIL_TABLE_PIECES_H
#define SIL_TABLE_PIECES_H

#include "table/value_test.h"

struct sil_piece {
    uint32_t code;
    uint32_t class;
    uint64_t first_word; ///< 0 where it begins with the cell
    uint64_t last_word;  ///< UINT64_MAX where it ends with the cell
};

/// Pieces in the order of their cells; those that all tests see alike have one class.
struct sil_pieces {
    uint32_t attr;
    uint32_t n_codes;
    struct sil_piece *piece;
    size_t n;
    size_t capacity;
    size_t *first_of; ///< pieces first_of[c] .. first_of[c + 1] - 1 are cell c
    uint32_t n_classes;
    uint8_t *truth; ///< truth[class * n_tests + test], of the tests on this column
    size_t n_tests;
};

/// Cut a column of a schema by the tests on it, at least one. Freed with sil_pieces_clear.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is empty.
SIL_MUST_USE sil_status sil_pieces_make(struct sil_pieces *out,
                                        const struct sil_field *field,
                                        const struct sil_test *const *tests, size_t n,
                                        struct sil_error *err);
void sil_pieces_clear(struct sil_pieces *pieces);

/// Add a piece behind the cells, of a class of its own: a text that an open column does not
/// list, as it is once it has been found. It meets no test, as tests are sets of listed
/// values. Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_pieces_add_unlisted(struct sil_pieces *pieces,
                                                struct sil_error *err);

/// That piece, or SIZE_MAX: none was added.
static inline size_t sil_pieces_unlisted(const struct sil_pieces *pieces)
{
    return pieces->n > pieces->first_of[pieces->n_codes] ? pieces->n - 1 : SIZE_MAX;
}

/// The piece of a cell that a word lies in.
size_t sil_pieces_find(const struct sil_pieces *pieces, uint32_t code, uint64_t word);

/// Does a cell have more than one piece?
static inline bool sil_pieces_cut(const struct sil_pieces *pieces, uint32_t code)
{
    return pieces->first_of[code + 1] - pieces->first_of[code] > 1;
}

#endif
