// SPDX-License-Identifier: Apache-2.0
/// The inside of struct sil_token, for privacy/ and for src/ledger, which makes tokens.
#ifndef SIL_PRIVACY_TOKEN_INTERNAL_H
#define SIL_PRIVACY_TOKEN_INTERNAL_H

#include "privacy/token.h"
#include "privacy/units.h"

#include "silhouette/claim.h"
#include "silhouette/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct sil_token {
    struct sil_rho cap;             ///< the filter's cap, fixed before the first spend
    struct sil_delta cap_delta;     ///< the filter's, of discoveries; 0: none
    enum sil_neighbours neighbours; ///< part of the claim
    uint32_t rows_per_unit;         ///< K: the most rows one unit of privacy can have
    bool is_ledgered;               ///< a durable debit stands behind it
    bool is_used;                   ///< a gate was opened with it; a second is refused
    pid_t owner;                    ///< the process that may use it: not a forked child
};

/// A fresh token, the calling process's own.
/// Errors   SIL_ERR_USAGE: cap < 0, rows_per_unit not in 1 .. SIL_MAX_ROWS_PER_UNIT, or
///          no such relation. SIL_ERR_INTERNAL (memory). `out` is NULL.
SIL_MUST_USE sil_status sil_token_new(struct sil_token **out, const struct sil_rho *cap,
                                      enum sil_neighbours neighbours,
                                      uint32_t rows_per_unit, bool is_ledgered,
                                      struct sil_error *err);

/// Allow discoveries that cost `delta` together. Pre  no gate was opened with the token;
/// delta >= 0.
void sil_token_allow_discovery(struct sil_token *token, const struct sil_delta *delta);

/// False in a forked child, where a token buys nothing.
bool sil_token_is_ours(const struct sil_token *token);

#endif
