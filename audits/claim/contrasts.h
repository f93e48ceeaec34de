// SPDX-License-Identifier: Apache-2.0
/// Is the noise as large as claimed, seen without the data?
///
/// Noisy marginals that overlap measure some things twice: the total, the counts of a
/// column, of a pair. What they say of them must differ as their noise does. Each marginal
/// is split into effects (the total, what each column adds, each pair, ...), which noise of
/// equal variance in every cell makes independent; two marginals of the same columns,
/// grouped alike, share the effects of the columns that they share. Around the weighted
/// mean of an effect the weighted squares are chi-squared, whatever the data are.
///
/// The test is one-sided: too little disagreement. It finds defects, not liars, who would
/// make their noise agree. Where what is measured depends on what was seen before (AIM,
/// Mosaic), its law under an honest run is not exactly this one.
#ifndef AUDIT_CLAIM_CONTRASTS_H
#define AUDIT_CLAIM_CONTRASTS_H

#include "audits/ledger/transcript.h"

struct aud_contrasts {
    double square; ///< the sum of weighted squares
    double df;     ///< its expectation
    double p;      ///< how often honest noise disagrees so little
    double ratio;  ///< sqrt(df / square): so many times too small the noise looks
    double seen;   ///< so many times too small would be seen with power 0.99
    size_t used;   ///< measurements that share something
};

/// The level at which `p` is held against the claim, and `seen` computed.
#define AUD_CONTRAST_LEVEL 1e-4

/// With fewer there is no test: that a single difference is 0 on the grid happens to honest
/// noise more often than the level says, once in 200 to 400 times.
#define AUD_CONTRAST_DF 2

/// Errors   SIL_ERR_CHECK [F1]: measurements that contradict each other's numbers of cells.
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_contrasts_find(struct aud_contrasts *out,
                                           const struct aud_transcript *transcript,
                                           struct sil_error *err);

#endif
