// SPDX-License-Identifier: Apache-2.0
/// One entry on its way into a chain, for the files that hold the rules.
///
/// A step is checked by each of the rooms in turn, and only then committed, which cannot
/// fail. Keys that the entry adds are staged behind the chain's own before the checks, so
/// that an entry which brings the keys it is signed with needs no rules of its own.
#ifndef SIL_LEDGER_CHAIN_INTERNAL_H
#define SIL_LEDGER_CHAIN_INTERNAL_H

#include "ledger/chain.h"

/// A signature that was judged before its entry is applied.
struct sil_known_signature {
    bool is_good;
    uint8_t key[SIL_PUBLIC_KEY_BYTES]; ///< the public key it is good for
};

struct sil_step {
    struct sil_chain *chain;
    struct sil_entry *entry; ///< what a commit moves out of it is left empty
    const struct sil_id *expected;
    const struct sil_known_signature *known; ///< of the curator, then of each approval;
                                             ///< NULL: of none
    const struct sil_root *leaf; ///< of the entry's file, hashed before; NULL: not yet
    size_t n_added;              ///< keys staged behind chain->key[chain->n_keys]
};

/// Check and commit a parsed entry whose file is `data`. Errors  as sil_chain_apply.
SIL_MUST_USE sil_status sil_step_apply(struct sil_step *step, const uint8_t *data,
                                       size_t length, struct sil_error *err);

/// F4 to F7: the place of an entry, and what a genesis, an audit and a recovery say of the
/// ledger as a whole. chain_form.c
SIL_MUST_USE sil_status sil_step_check_form(const struct sil_step *step,
                                            struct sil_error *err);

/// F4 to F6 and K1, K5 of an entry whose type or body is of a later version: damage is
/// refused, and only what a live curator signed in this place is unsupported. chain_form.c
SIL_MUST_USE sil_status sil_step_check_unread(const struct sil_step *step,
                                              struct sil_error *err);

/// K3 to K6: which keys come and go. Staged keys are unstaged when the step fails.
/// chain_keys.c
SIL_MUST_USE sil_status sil_step_stage_keys(struct sil_step *step,
                                            struct sil_error *err);
void sil_step_unstage_keys(struct sil_step *step);
SIL_MUST_USE sil_status sil_step_check_keys(const struct sil_step *step,
                                            struct sil_error *err);
void sil_step_commit_keys(struct sil_step *step);

/// The keys that an entry brings: all of a genesis, what a keyset adds, else none.
const struct sil_ledger_key *sil_entry_keys(size_t *n, const struct sil_entry *entry);

/// Does the entry revoke this key? The thresholds once the entry counts.
bool sil_step_revokes(const struct sil_step *step, const struct sil_id *key);
const struct sil_thresholds *sil_step_thresholds(const struct sil_step *step);

/// K1, K2, K4 to K6, R4: who signed and approved the entry. chain_signers.c
SIL_MUST_USE sil_status sil_step_check_signers(const struct sil_step *step,
                                               struct sil_error *err);

/// The curator's part of it.
SIL_MUST_USE sil_status sil_step_check_curator(const struct sil_step *step,
                                               struct sil_error *err);

/// One signature of an entry against a key. Errors  SIL_ERR_CHECK; SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_judge_curator(const struct sil_entry *entry,
                                          const uint8_t key[SIL_PUBLIC_KEY_BYTES],
                                          struct sil_error *err);
SIL_MUST_USE sil_status sil_judge_approval(const struct sil_entry *entry, size_t i,
                                           const uint8_t key[SIL_PUBLIC_KEY_BYTES],
                                           struct sil_error *err);

/// B1, B2, B6 to B8, R6: what is granted, spent, released. chain_budget.c
SIL_MUST_USE sil_status sil_step_check_budget(const struct sil_step *step,
                                              struct sil_error *err);

/// B3 to B5 of a measure entry, and the sum of its lines added to rho and delta.
/// chain_measure.c
SIL_MUST_USE sil_status sil_step_check_measure(const struct sil_step *step,
                                               struct sil_error *err);
void sil_measure_sum(mpq_t rho, mpq_t delta, const struct sil_measure *measure);

bool sil_genesis_has_invariant(const struct sil_genesis *genesis,
                               const char *invariant);

#endif
