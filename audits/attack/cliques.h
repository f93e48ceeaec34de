// SPDX-License-Identifier: Apache-2.0
/// Marginals of few columns, and what their cells say about who was a member.
#ifndef AUDIT_ATTACK_CLIQUES_H
#define AUDIT_ATTACK_CLIQUES_H

#include "audits/attack/attack.h"
#include "audits/attack/bins.h"
#include "audits/ledger/transcript.h"

struct aud_columns {
    uint32_t column[AUD_CLIQUE_MAX];
    size_t n;
    double variance; ///< of the noise on each count, where it is known; else 1
};

struct aud_cliques {
    struct aud_columns *of; ///< owned
    size_t n, room;
    bool are_measured; ///< those of the transcript
};

enum { AUD_FILTER_RATIO, AUD_FILTER_LOG, AUD_FILTER_MATCHED, AUD_FILTERS };

/// The counts of one marginal.
struct aud_clique_counts {
    const uint32_t *pool, *rows; ///< by cell: of the pool, of synthetic rows
    size_t n_members, n_pool, n_rows;
    double variance;
};

/// Add a marginal's evidence to three scores of each of `n` records of the pool, which lie
/// in the cells of `cell`.
/// Sources  Golob et al. 2024, "Privacy Vulnerabilities in Marginals-based Synthetic Data"
///          (the ratio); the matched filter is the log-likelihood ratio of one count under
///          normal noise.
void aud_score_clique(double *const score[AUD_FILTERS],
                      const struct aud_clique_counts *of, const uint32_t *cell,
                      size_t n);

/// The counts of one marginal as they left a run.
struct aud_noisy_counts {
    const uint32_t *pool; ///< by cell, and so are:
    const int64_t *noisy; ///< numerators over 2^shift
    unsigned shift;
    size_t n_members, n_pool;
    double variance; ///< of the noise
};

/// Add to the logarithm of the likelihood ratio of each of `n` records of the pool, which lie
/// in the cells of `cell`: that the record was counted, against that it was not. The others
/// were by lot, normally.
void aud_score_noisy(double *score, const struct aud_noisy_counts *of,
                     const uint32_t *cell, size_t n);

/// The transcript that the attacker has. It points into `bytes`; both are cleared by the
/// caller whatever the outcome. Pre  attack->transcript is not NULL.
/// Errors   SIL_ERR_INPUT: it is none. SIL_ERR_IO. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_attack_transcript(struct aud_transcript *out,
                                              struct sil_bytes *bytes,
                                              const struct aud_attack *attack,
                                              struct sil_error *err);

/// Those that the transcript lists as measured, or else all of up to three columns (of the
/// triples a sample where they are many).
/// Errors   SIL_ERR_INPUT: the transcript cannot be read, or is of other columns. SIL_ERR_IO.
///          SIL_ERR_INTERNAL (memory). Cleared with free(out->of) whatever the outcome.
SIL_MUST_USE sil_status aud_cliques_find(struct aud_cliques *out,
                                         const struct aud_attack *attack,
                                         const struct aud_bins *bins,
                                         struct sil_error *err);

/// Scores of all cliques. `score` are three arrays of the size of the pool, added to.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_cliques_score(double *const score[AUD_FILTERS],
                                          const struct aud_attack *attack,
                                          const struct aud_cliques *cliques,
                                          const struct aud_bins *bins,
                                          struct sil_error *err);

/// The matched filter alone; what was in `score` is lost.
SIL_MUST_USE sil_status aud_cliques_match(double *score,
                                          const struct aud_attack *attack,
                                          const struct aud_cliques *cliques,
                                          const struct aud_bins *bins,
                                          struct sil_error *err);

#endif
