// SPDX-License-Identifier: Apache-2.0
/// The ledger as its entries say: every rule, no input or output. (Rule F3, that no number
/// is missing, is about names of files and is checked where these are read.)
///
/// Entries are applied one after the other; an entry that breaks a rule is refused with
/// the rule's id, and the chain stays as it was. All balances are exact rationals; nothing
/// is rounded; equality is allowed; nothing is ever refunded.
#ifndef SIL_LEDGER_CHAIN_H
#define SIL_LEDGER_CHAIN_H

#include "ledger/chain_ids.h"
#include "ledger/entry.h"
#include "ledger/merkle.h"

struct sil_chain_grant {
    struct sil_id id;
    struct sil_rho rho;
    struct sil_delta delta;
    uint64_t expires;
    char *purpose;
    uint64_t seq;
    struct sil_rho reserved; ///< sum of the reserves that cite it
    struct sil_delta reserved_delta;
};

struct sil_chain_reserve {
    struct sil_id id;
    size_t grant; ///< index
    struct sil_rho rho;
    struct sil_delta delta;
    uint8_t plan_hash[32];
    uint64_t seq;
    uint64_t time;
    struct sil_rho measured; ///< sum of its measure entries
    struct sil_delta measured_delta;
    size_t n_measures;             ///< 0: nothing came of it, and it is spent
    uint64_t measured_at;          ///< its first measure entry, when n_measures > 0
    uint8_t transcript_sha256[32]; ///< when n_measures > 0
    size_t n_releases;
};

struct sil_chain_release {
    struct sil_id id;
    uint64_t seq;
    bool withdrawn; ///< a notice says so
};

/// A key and for which entries it is live: from <= seq < until.
struct sil_chain_key {
    struct sil_ledger_key key;
    uint64_t from;       ///< the entry that added it
    uint64_t until;      ///< UINT64_MAX: not revoked
    uint64_t revoked_at; ///< the entry that revoked it, at or after `until`
};

/// A key that signed or approved a grant or a release (K5).
struct sil_chain_maker {
    struct sil_id key;
    uint64_t seq;
    enum sil_entry_type type;
};

struct sil_chain {
    struct sil_merkle tree;
    struct sil_body genesis; ///< type GENESIS; valid when tree.size > 0
    struct sil_id ledger;
    struct sil_thresholds thresholds;
    uint64_t last_time;
    bool closed;
    struct sil_chain_key *key;
    size_t n_keys, key_capacity;
    struct sil_chain_maker *maker;
    size_t n_makers, maker_capacity;
    struct sil_chain_grant *grant;
    size_t n_grants, grant_capacity;
    struct sil_chain_reserve *reserve;
    size_t n_reserves, reserve_capacity;
    struct sil_chain_release *release;
    size_t n_releases, release_capacity;
    uint8_t (*data_commit)[32]; ///< of the genesis, when not zeros, and of data entries
    size_t n_data, data_capacity;
    struct sil_id_index ids; ///< every id16 of the ledger (B6), and where it is kept
    struct sil_rho granted, reserved;
    struct sil_delta granted_delta, reserved_delta;
};

void sil_chain_init(struct sil_chain *chain);
void sil_chain_clear(struct sil_chain *chain);

/// Apply one entry: form, place, signatures, approvals, keys, budget.
/// @param expected   NULL, or the LID that a genesis must have (F6).
/// Errors   SIL_ERR_CHECK with the id of the rule; SIL_ERR_UNSUPPORTED (an unknown type or
///          schema); SIL_ERR_INTERNAL (memory). The chain is then unchanged.
SIL_MUST_USE sil_status sil_chain_apply(struct sil_chain *chain, const uint8_t *data,
                                        size_t length, const struct sil_id *expected,
                                        struct sil_error *err);

/// Apply many: the same result and, for the first that is refused, the same sentence, with
/// the signatures verified on all cores. `*applied` entries were good.
SIL_MUST_USE sil_status sil_chain_load(struct sil_chain *chain,
                                       const struct sil_bytes *entries, size_t n,
                                       const struct sil_id *expected, size_t *applied,
                                       struct sil_error *err);

/// The live key of a role and an id at entry `seq`, or NULL.
const struct sil_chain_key *sil_chain_live_key(const struct sil_chain *chain,
                                               const struct sil_id *id,
                                               enum sil_role role, uint64_t seq);

/// May the key sign checkpoints of `size` entries? From the one over the entry that added
/// it to the one before the entry that revoked it, whatever that says of earlier entries:
/// those checkpoints were out.
bool sil_chain_key_covers(const struct sil_chain_key *key, uint64_t size);

const struct sil_chain_grant *sil_chain_find_grant(const struct sil_chain *chain,
                                                   const struct sil_id *id);
const struct sil_chain_reserve *sil_chain_find_reserve(const struct sil_chain *chain,
                                                       const struct sil_id *id);
bool sil_chain_has_invariant(const struct sil_chain *chain, const char *invariant);
bool sil_chain_covers(const struct sil_chain *chain, const uint8_t data_commit[32]);

/// What is left of a grant and of the cap (all initialised by the caller).
void sil_chain_grant_left(struct sil_rho *rho, struct sil_delta *delta,
                          const struct sil_chain_grant *grant);
void sil_chain_cap_left(struct sil_rho *rho, struct sil_delta *delta,
                        const struct sil_chain *chain);

/// May a reserve of (rho, delta) at `time` cite this grant? The sentence says what was
/// asked, what is left and why it does not do. Errors  SIL_ERR_BUDGET: too little, expired, or the ledger is closed.
SIL_MUST_USE sil_status sil_chain_allows(const struct sil_chain *chain,
                                         const struct sil_chain_grant *grant,
                                         const struct sil_rho *rho,
                                         const struct sil_delta *delta, uint64_t time,
                                         struct sil_error *err);

/// May a grant of (rho, delta) be added under the cap? Errors  SIL_ERR_BUDGET.
SIL_MUST_USE sil_status sil_chain_allows_grant(const struct sil_chain *chain,
                                               const struct sil_rho *rho,
                                               const struct sil_delta *delta,
                                               struct sil_error *err);

/// The live log key as the signer of checkpoints of this ledger.
SIL_MUST_USE sil_status sil_chain_origin(char origin[256],
                                         const struct sil_chain *chain,
                                         struct sil_error *err);

#endif
