// SPDX-License-Identifier: Apache-2.0
/// The privacy filter: how much may be spent, fixed in advance, and how much is.
///
/// Charges are exact rationals, so that a budget cut into any parts adds up to itself:
/// the last part is neither refused nor leaves a rest.
///
/// What a discovery by threshold may add to delta is a second account, of the same kind.
///
/// Privacy  Mechanisms of cost rho_1, rho_2, ..., each chosen from what the ones before
///          released, run only while their sum stays at or below the cap, are together
///          cap-zCDP. Source: Whitehouse, Ramdas, Rogers and Wu 2023, "Fully-Adaptive
///          Composition in Differential Privacy". Proof: docs/privacy.md, theorems 6
///          and 6d (delta).
#ifndef SIL_PRIVACY_FILTER_H
#define SIL_PRIVACY_FILTER_H

#include "privacy/units.h"

#include "silhouette/status.h"

struct sil_filter {
    struct sil_rho cap;           ///< never changes after sil_filter_init
    struct sil_rho spent;         ///< 0 <= spent <= cap, always
    struct sil_delta delta_cap;   ///< never changes either; 0: no discovery
    struct sil_delta delta_spent; ///< 0 <= delta_spent <= delta_cap, always
};

/// A filter with nothing spent; freed with sil_filter_clear. Pre  caps at least 0.
/// @param delta_cap   NULL: 0.
void sil_filter_init(struct sil_filter *filter, const struct sil_rho *cap,
                     const struct sil_delta *delta_cap);

void sil_filter_clear(struct sil_filter *filter);

/// Charge `cost` before the mechanism that it pays for draws anything. A charge that
/// meets the cap exactly is accepted; nothing is ever given back.
/// Errors   SIL_ERR_BUDGET: spent + cost > cap. SIL_ERR_USAGE: cost <= 0. The filter is
///          then unchanged.
SIL_MUST_USE sil_status sil_filter_charge(struct sil_filter *filter,
                                          const struct sil_rho *cost,
                                          struct sil_error *err);

/// Charge a discovery, which costs rho and delta: both, or neither.
/// Errors   SIL_ERR_BUDGET: one of them does not fit. SIL_ERR_USAGE: one is not positive.
///          The filter is then unchanged.
SIL_MUST_USE sil_status sil_filter_charge_discovery(struct sil_filter *filter,
                                                    const struct sil_rho *cost,
                                                    const struct sil_delta *delta,
                                                    struct sil_error *err);

/// cap - spent, into an initialised `out`.
void sil_filter_remaining(struct sil_rho *out, const struct sil_filter *filter);

#endif
