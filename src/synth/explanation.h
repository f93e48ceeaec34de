// SPDX-License-Identifier: Apache-2.0
/// The decisions of a run, written down as they are taken: docs/explain.schema.json.
///
/// Mechanisms tell; only a run that is told again listens. Every function here takes NULL
/// for an explanation, which nobody asked for. All of it is public: a function of the terms
/// and of what was released.
#ifndef SIL_SYNTH_EXPLANATION_H
#define SIL_SYNTH_EXPLANATION_H

#include "privacy/gate.h"
#include "synth/mosaic.h"
#include "synth/transcript.h"

struct sil_explanation;

/// What is known of a round before its choice.
struct sil_round_plan {
    const struct sil_epsilon *epsilon; ///< of the choice
    const struct sil_sigma2 *sigma2; ///< of the measurement, as the penalties expect it
    const struct sil_rho *cost;      ///< of the round; in mst, of the choice
    uint64_t n_candidates;           ///< before any is left out
    uint64_t most_cells;             ///< of the tree; SIL_NO_LIMIT: any number
    uint64_t worthwhile_cells;       ///< of a candidate; SIL_NO_LIMIT: any number
    bool is_last;                    ///< of its part; not known in mst
};

#define SIL_NO_LIMIT UINT64_MAX

/// An explanation of this transcript, which is borrowed and has its candidates, under the
/// hash of its encoding. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_explanation_new(struct sil_explanation **out,
                                            const struct sil_transcript *transcript,
                                            const uint8_t hash[SIL_HASH_BYTES],
                                            struct sil_error *err);
void sil_explanation_free(struct sil_explanation *e);

/// The whole as JSON text, freed with free(), and free `e`.
/// Errors   SIL_ERR_INTERNAL (memory, also of what was told before).
SIL_MUST_USE sil_status sil_explanation_finish(char **text, struct sil_explanation *e,
                                               struct sil_error *err);

/// A part of the run begins: "columns", "choices", "pairs", "rounds", "tree", "tables" or
/// "rest" (columns again, where no marginal is worth its noise). Its name is not copied.
void sil_explain_part(struct sil_explanation *e, const char *part);

/// A round begins; what is chosen and measured until the next, or the next part, is of it.
void sil_explain_round(struct sil_explanation *e, const struct sil_round_plan *plan);

/// How far the round moved the model, in units of 2^-SIL_SCORE_BITS counts, and whether
/// that was so little that the next ones get more.
void sil_explain_moved(struct sil_explanation *e, int64_t moved, bool is_annealed);

/// What each column gets when what remains is shared out among the columns.
void sil_explain_split(struct sil_explanation *e, const struct sil_rho *cost,
                       uint32_t n);

/// Mosaic's settings, and the levels that its columns have.
void sil_explain_levels(struct sil_explanation *e, const struct sil_mosaic *mosaic);

/// What a round of phase 2 costs at first, and all of phase 3.
void sil_explain_shares(struct sil_explanation *e, const struct sil_rho *first,
                        const struct sil_rho *late);

/// The lines, in their order: by the source that answers with them. `spent` includes them.
void sil_explain_measured(struct sil_explanation *e, const struct sil_release *line,
                          const struct sil_rho *spent);
void sil_explain_chosen(struct sil_explanation *e, const struct sil_release *line,
                        const struct sil_candidate *candidates,
                        const struct sil_rho *spent);

#endif
