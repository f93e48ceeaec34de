// SPDX-License-Identifier: Apache-2.0
/// The gate: the only reader of private counts, and the only writer of what leaves.
///
/// A gate holds a filter with a cap fixed in advance. Each call computes its cost as an
/// exact rational, charges the filter, and only then draws randomness; a refused call
/// draws nothing and changes nothing. Each call appends what it released to the gate's
/// log; the log in order is the transcript. Everything computed from the log alone is
/// post-processing.
///
/// Privacy  The log of a gate with cap rho is rho-zCDP for the token's neighbours, however
///          the caller chooses each call from the log so far: Whitehouse, Ramdas, Rogers
///          and Wu 2023, "Fully-Adaptive Composition in Differential Privacy" (zCDP
///          filter). Rounded Gaussian: D^2 / (2 sigma^2), post-processing of the Gaussian
///          mechanism. Exponential mechanism of parameter epsilon: epsilon^2 / 8 by
///          bounded range (Cesar and Rogers 2021). Proofs: docs/privacy.md.
#ifndef SIL_PRIVACY_GATE_H
#define SIL_PRIVACY_GATE_H

#include "base/clique.h"
#include "privacy/counts.h"
#include "privacy/keys.h"
#include "privacy/rng.h"
#include "privacy/token.h"
#include "privacy/units.h"

#include "silhouette/claim.h"
#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Not shared between threads: one gate draws from one stream, in the order of its calls.
struct sil_gate;

enum sil_release_kind {
    SIL_RELEASE_MEASURE = 1, ///< rounded Gaussian on a whole marginal
    SIL_RELEASE_SELECT = 2   ///< exponential mechanism over candidate marginals
};

/// One thing that left through the gate. All of it is public.
struct sil_release {
    enum sil_release_kind kind;
    struct sil_clique clique; ///< the marginal measured, or the one selected
    struct sil_grouping *of;  ///< its groupings, as sil_counts_groupings gives them, in
                              ///< one block; NULL: not grouped
    struct sil_rho rho;       ///< what it cost
    uint64_t sensitivity;     ///< measure: D^2, in squared counts; select: of the score

    /* SIL_RELEASE_MEASURE */
    struct sil_sigma2 sigma2;
    unsigned shift; ///< noisy values are numerators over 2^shift
    size_t n_cells;
    int64_t *noisy;

    /* SIL_RELEASE_SELECT */
    struct sil_epsilon epsilon;
    size_t n_candidates;
    size_t chosen;   ///< index into the caller's candidates
    uint32_t weight; ///< of the one chosen
    int64_t penalty; ///< of the one chosen
};

/// A value of an open column that was found.
struct sil_found {
    const char *text; ///< in the discovery's block; terminated as well
    size_t length;
    int64_t
        noisy; ///< count and noise, a numerator over 2^shift; never below the threshold
};

/// What a discovery released: the values of one open column whose noisy count is not below
/// the threshold, in ascending order of their bytes. All of it is public.
struct sil_discovery {
    uint32_t attr;
    uint64_t sensitivity;     ///< D^2, in squared counts
    struct sil_sigma2 sigma2; ///< of the noise on each count
    struct sil_rho rho;       ///< what it cost, and
    struct sil_delta delta;   ///< what it adds to delta
    unsigned shift;
    int64_t threshold; ///< a numerator over 2^shift
    size_t n;
    struct sil_found *found;
    char *texts; ///< the block
};

/// A candidate of a selection. Its score is
///     weight * ( sum over cells of |2^b count - model| - penalty ),   b = SIL_SCORE_BITS,
/// an integer; model and penalty are functions of what was released before, frozen to
/// integers before the gate reads a count.
struct sil_candidate {
    const struct sil_counts *counts; ///< of values or of groups
    const int64_t *model; ///< one value a cell, 0 .. 2^45, in units of 2^-b counts
    int64_t penalty;      ///< 0 .. 2^62, in units of 2^-b counts
    uint32_t weight;      ///< 1 .. 2^20
};

#define SIL_SCORE_BITS 10

/// Open a gate: takes `token` and `rng` (both freed with the gate; freed on error too,
/// but for a token in use, which stays with the gate that it opened).
/// Errors   SIL_ERR_BUDGET: the token is in use already or belongs to another process.
///          SIL_ERR_INTERNAL: memory. `out` is NULL.
SIL_MUST_USE sil_status sil_gate_open(struct sil_gate **out, struct sil_token *token,
                                      struct sil_rng *rng, struct sil_error *err);

/// Free; the log goes with it. NULL is allowed.
void sil_gate_close(struct sil_gate *gate);

/// Release the marginal `counts`, of values or of groups, with rounded Gaussian noise of
/// variance `sigma2` on each cell: noisy = count + 2^-s round(2^s N(0, sigma2)), s a
/// function of sigma2 alone.
/// @param[out] release  borrowed from the gate's log, valid until it closes; may be NULL.
/// Cost     D^2 / (2 sigma2), D^2 = K^2 (add-remove) or 2 K^2 (replace-one).
/// Errors   SIL_ERR_BUDGET: the cost does not fit under the cap, or the process forked.
///          SIL_ERR_USAGE: sigma2 not in [2^-40, 10^12]. SIL_ERR_INTERNAL: memory
///          (before the charge).
SIL_MUST_USE sil_status sil_gate_measure(struct sil_gate *gate,
                                         const struct sil_counts *counts,
                                         const struct sil_sigma2 *sigma2,
                                         const struct sil_release **release,
                                         struct sil_error *err);

/// Discover values of an open column: each value that some row has is counted, noise of
/// variance `sigma2` is added, and values with a noisy count not below the threshold of
/// `delta` (privacy/threshold.h) are released with it. The others leave no trace. All
/// discoveries of a run come before its other releases.
/// @param[out] discovery   borrowed from the gate, valid until it closes; may be NULL.
/// Privacy  (D^2 / (2 sigma2), delta)-approximate zCDP: docs/privacy.md, theorem 4b.
/// Errors   SIL_ERR_BUDGET: rho or delta does not fit, or the process forked.
///          SIL_ERR_USAGE: as sil_gate_measure; as sil_threshold_of_delta; something was
///          measured or chosen already. SIL_ERR_INTERNAL: memory (before the charge).
SIL_MUST_USE sil_status sil_gate_discover(struct sil_gate *gate,
                                          const struct sil_keys *keys,
                                          const struct sil_sigma2 *sigma2,
                                          const struct sil_delta *delta,
                                          const struct sil_discovery **discovery,
                                          struct sil_error *err);

/// Select one of `n` candidates with probability proportional to
/// exp(epsilon score / (2 Delta)), exactly; Delta = 2^b K max weight (add-remove), twice
/// that (replace-one). Not monotone: the factor 2 stays.
/// @param[out] chosen   its index.
/// Cost     epsilon^2 / 8.
/// Errors   SIL_ERR_BUDGET as sil_gate_measure. SIL_ERR_USAGE: no candidates, a value out
///          of range, epsilon not positive. SIL_ERR_INTERNAL: memory.
SIL_MUST_USE sil_status sil_gate_select(struct sil_gate *gate,
                                        const struct sil_candidate *candidates,
                                        size_t n, const struct sil_epsilon *epsilon,
                                        size_t *chosen, struct sil_error *err);

/// The cap, what is spent, and what remains, as exact rationals (initialised by the
/// caller). Spent is for the plan of a run; the claim is always the cap.
void sil_gate_cap(struct sil_rho *out, const struct sil_gate *gate);
void sil_gate_spent(struct sil_rho *out, const struct sil_gate *gate);
void sil_gate_remaining(struct sil_rho *out, const struct sil_gate *gate);

/// D^2 of a whole marginal for this gate's neighbours and K.
uint64_t sil_gate_sensitivity_squared(const struct sil_gate *gate);

bool sil_gate_is_ledgered(const struct sil_gate *gate);
enum sil_neighbours sil_gate_neighbours(const struct sil_gate *gate);

/// The log, in order. Borrowed.
size_t sil_gate_n_releases(const struct sil_gate *gate);
const struct sil_release *sil_gate_release(const struct sil_gate *gate, size_t i);

/// The discoveries, in order; they come before the log. Borrowed.
size_t sil_gate_n_discoveries(const struct sil_gate *gate);
const struct sil_discovery *sil_gate_discovery(const struct sil_gate *gate, size_t i);

#endif
