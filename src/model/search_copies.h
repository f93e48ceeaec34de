// SPDX-License-Identifier: Apache-2.0
/// Proposals to make one row like another.
#ifndef SIL_MODEL_SEARCH_COPIES_H
#define SIL_MODEL_SEARCH_COPIES_H

#include "model/search_tables.h"

/// The targets, each once.
struct sil_search_whole;

/// Borrows `s`, freed with sil_search_whole_free. Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_search_whole_new(struct sil_search_whole **out,
                                             const struct sil_search *s,
                                             struct sil_error *err);
void sil_search_whole_free(struct sil_search_whole *whole);

/// `n` proposals, each from one word, which gives both rows, the changed one first: it gets the
/// other one's code in every attribute that a target holds. Judged one after the other, made
/// when the objective falls and no row comes to a cell where a table is 0.
///
/// Why: where columns are tied to each other (nobody under five has an occupation, an income
/// or a spouse), a row gets from one group of rows to another by changing all of them at
/// once or not at all, and how many rows a group has could not be put right by changes of
/// one value.
void sil_search_copies(const struct sil_search_whole *whole, uint64_t n,
                       struct sil_word_reader *reader);

#endif
