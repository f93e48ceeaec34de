// SPDX-License-Identifier: Apache-2.0
/// Rows that break a declared rule, changed until they keep all of them.
///
/// What the model holds as zeros is never drawn; what it does not (rules of too many cells,
/// orders within a bin, values of groups) is met here, row by row, by a bounded number of
/// tries. All of it is post-processing: a function of rows, rules and words.
#ifndef SIL_SYNTH_REPAIR_H
#define SIL_SYNTH_REPAIR_H

#include "base/codes.h"
#include "base/words.h"
#include "table/rules.h"

/// What was done, and what of it stands in words rather than codes.
struct sil_repair;

struct sil_repair_tally {
    uint64_t n_redrawn; ///< rows whose values were drawn again within their cells
    uint64_t n_changed; ///< rows of which cells were changed
    uint64_t n_tries;   ///< of both
};

/// Change rows that break a rule. A row first has the values of its bins drawn again, where
/// its cells allow the rules; then a cell, the cells of a broken rule, and last all cells that
/// rules name are taken from other rows. A row that keeps breaking a rule stays as it was.
/// @param words   that the rows are written with; borrowed by `out`.
/// @param own     a stream of SIL_STREAM_RULES is drawn from.
/// @param bound   columns whose cells are tied to each other by an order of rows, and whose
///                words are not to be drawn again; they are taken together or not at all.
/// @param[out] out   freed with sil_repair_free; NULL when the schema has no rules.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_repair_rows(struct sil_repair **out,
                                        struct sil_codes *codes,
                                        const struct sil_schema *schema,
                                        struct sil_words words, struct sil_words own,
                                        const uint32_t *bound, size_t n_bound,
                                        struct sil_error *err);
void sil_repair_free(struct sil_repair *repair);

/// The words that the repaired rows are written with. Borrowed.
struct sil_words sil_repair_words(const struct sil_repair *repair);

const struct sil_rules *sil_repair_rules(const struct sil_repair *repair);
struct sil_repair_tally sil_repair_tally(const struct sil_repair *repair);

#endif
