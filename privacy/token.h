// SPDX-License-Identifier: Apache-2.0
/// Permission to spend: what opens the gate, once.
///
/// A token is made in src/ledger only (token_internal.h): from a durable debit, or, for
/// --no-ledger, by a constructor that marks it unledgered, which the transcript repeats.
#ifndef SIL_PRIVACY_TOKEN_H
#define SIL_PRIVACY_TOKEN_H

struct sil_token;

/// Wipe and free; NULL is allowed.
void sil_token_free(struct sil_token *token);

#endif
