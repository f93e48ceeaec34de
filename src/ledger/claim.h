// SPDX-License-Identifier: Apache-2.0
/// What a ledger claims about everything that was ever released under it.
///
/// Two statements, both true. For ever: whatever is released under the ledger, by however
/// many runs and however they are chosen, is together cap-zCDP (docs/privacy.md, theorem
/// 6). So far: what is reserved adds up to `reserved`, which bounds what was released until
/// now when how much each run might spend was not decided by what earlier runs released.
#ifndef SIL_LEDGER_CLAIM_H
#define SIL_LEDGER_CLAIM_H

#include "base/bytes.h"
#include "ledger/chain.h"
#include "ledger/ledger.h"
#include "privacy/units.h"

/// Rho and its certified epsilon at the claim's delta.
struct sil_bound {
    struct sil_rho rho;
    struct sil_epsilon epsilon; ///< rounded up; 0 for rho = 0
};

struct sil_cumulative {
    struct sil_id ledger;
    const char *data_label;       ///< borrowed
    uint64_t size;                ///< the claim is about the runs in its first entries
    struct sil_privacy_unit unit; ///< borrowed
    enum sil_neighbours neighbours;
    struct sil_bound reserved; ///< so far
    struct sil_bound cap;      ///< for ever
    struct sil_delta delta;    ///< D: report_delta and what discovery may add
    struct sil_delta report_delta;
    size_t
        witnesses; ///< that cosigned the newest checkpoint, as the caller's policy found
    bool is_shared; ///< roles-shared
    bool has_parent;
    struct sil_id parent; ///< the ledger that this one succeeds
};

void sil_cumulative_init(struct sil_cumulative *claim);
void sil_cumulative_clear(struct sil_cumulative *claim);

/// As the chain says; `witnesses` is 0.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cumulative_find(struct sil_cumulative *out,
                                            const struct sil_chain *chain,
                                            struct sil_error *err);

/// Compute both epsilons from rho and report_delta, and `delta` from report_delta and
/// `cap_delta`: for claims that come from elsewhere (a transcript's stamp).
SIL_MUST_USE sil_status sil_cumulative_convert(struct sil_cumulative *claim,
                                               const struct sil_delta *cap_delta,
                                               struct sil_error *err);

/// Append the claim as one sentence, without a full stop or a newline.
SIL_MUST_USE sil_status sil_cumulative_say(struct sil_bytes *out,
                                           const struct sil_cumulative *claim,
                                           struct sil_error *err);

/// The largest epsilon of four significant digits, as decimal text to type, whose rho at
/// the ledger's report_delta fits what is left of `grant`. "0": none does.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_ledger_next_epsilon(struct sil_bytes *out,
                                                const struct sil_chain *chain,
                                                const struct sil_chain_grant *grant,
                                                struct sil_error *err);

#endif
