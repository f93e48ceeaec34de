// SPDX-License-Identifier: Apache-2.0
/// One run of proposals, and the first look at them.
#ifndef SIL_MODEL_SEARCH_RUN_H
#define SIL_MODEL_SEARCH_RUN_H

#include "model/search_tables.h"

enum { SIL_SEARCH_RUN = 512 };

/// Proposals about one column: those of a run that would change something. A move gives
/// row `to` the code that row `from` has; a swap exchanges the codes of both.
struct sil_search_run {
    uint32_t column;
    bool is_swap;
    size_t n;
    uint32_t to[SIL_SEARCH_RUN];
    uint32_t from[SIL_SEARCH_RUN];
    uint32_t before[SIL_SEARCH_RUN]; ///< the code of `to`
    uint32_t after[SIL_SEARCH_RUN];  ///< the code of `from`
    int64_t change[SIL_SEARCH_RUN];  ///< of the objective
    /// For two targets in turn: where `to` comes from and goes to, where `from` does.
    uint32_t cell[2][4][SIL_SEARCH_RUN];
    uint32_t *to_codes; ///< the other codes of the rows, column by column
    uint32_t *from_codes;
    uint64_t number;      ///< of the run, from 1
    uint64_t *spread_for; ///< of each column, the run whose codes are there
};

SIL_MUST_USE sil_status sil_search_run_new(struct sil_search_run **out,
                                           const struct sil_search *s,
                                           struct sil_error *err);
void sil_search_run_free(struct sil_search_run *run);

/// Two of n < 2^31 rows from one word (now and then more), exactly uniform.
void sil_search_pair(uint32_t *to, uint32_t *from, uint64_t n,
                     struct sil_word_reader *reader);

/// Draw `n` pairs of rows and keep the proposals that would change something.
void sil_search_draw(struct sil_search_run *run, const struct sil_search *s, size_t n,
                     struct sil_word_reader *reader);

/// Fill `change` for the tables as they are now, each proposal by itself; what is
/// forbidden is not looked at.
void sil_search_screen(struct sil_search_run *run, const struct sil_search *s);

#endif
