// SPDX-License-Identifier: Apache-2.0
/// Founding a ledger: the genesis from what people say, quickstart, and approvals.
#ifndef SIL_LEDGER_FOUND_H
#define SIL_LEDGER_FOUND_H

#include "ledger/keyring.h"
#include "ledger/ledger.h"

/* ---- the genesis ---- */

/// What a genesis is made of. Start from sil_founding_defaults().
struct sil_founding {
    const char *prefix;      ///< of the origin of checkpoints; a domain of the owner's
    const char *data_label;  ///< required: assigned by the data's owner
    const char *cap_epsilon; ///< E: decimal text; required
    const char *cap_delta;   ///< D: decimal text; required
    const char *discovery_delta; ///< D2 of D that discovery may use; NULL: none
    const char *unit; ///< "row" or "id:COLUMN:K"; NULL: the parent's, or "row"
    enum sil_neighbours neighbours;    ///< unsaid: the parent's, or add-remove
    const struct sil_ledger_key *keys; ///< copied
    size_t n_keys;
    struct sil_thresholds thresholds;
    uint64_t time_gran;        ///< seconds
    bool roles_shared;         ///< one person holds keys of several roles
    bool witness_before_noise; ///< invariant "witness-before-noise"
    uint8_t data_commit[SIL_DATA_COMMIT_BYTES]; ///< zeros: covers nothing
    const struct sil_chain *parent; ///< the ledger that this one succeeds, whose final
                                    ///< checkpoint is cited; NULL: none
};

/// Prefix "local", neighbours unsaid, one approval, no witness, an hour, no data.
struct sil_founding sil_founding_defaults(void);

/// Fill `out`, an initialised body of type genesis: a random nonce, report_delta = D - D2,
/// cap_rho = rho(E, D - D2) rounded down, cap_delta = D2.
/// Errors   SIL_ERR_INPUT: a decimal. SIL_ERR_USAGE: E, D or D2 out of range, no such
///          unit, something required is missing, keys that cannot meet the threshold.
///          SIL_ERR_BUDGET: rho would be 0. SIL_ERR_INTERNAL. `out` is still to be cleared.
SIL_MUST_USE sil_status sil_ledger_genesis_build(struct sil_body *out,
                                                 const struct sil_founding *founding,
                                                 struct sil_error *err);

/* ---- approvals ---- */

/// What stock minisign would make of the body's bytes with this key and the trusted
/// comment of sil_body_comment.
/// Errors   SIL_ERR_CHECK, SIL_ERR_UNSUPPORTED: not a body that takes approvals.
SIL_MUST_USE sil_status sil_ledger_approve_with(struct sil_approval *out,
                                                const struct sil_secret_key *key,
                                                const struct sil_bytes *body,
                                                struct sil_error *err);

/// A signature file over the body's bytes as an approval: whose it is is found among the
/// keys of the ledger (authorities and auditors; for a genesis, `chain` NULL, its own;
/// for a keyset those that it adds too).
/// Errors   SIL_ERR_INPUT: not a signature file, or made by none of them, or over other
///          bytes, or with another trusted comment (the right one is said).
SIL_MUST_USE sil_status sil_approval_read(struct sil_approval *out, const char *path,
                                          const struct sil_bytes *body,
                                          const struct sil_chain *chain,
                                          struct sil_error *err);

/// The order that an entry wants: ascending by key.
void sil_approvals_sort(struct sil_approval *approvals, size_t n);

/// Encode, approve with one authority key, append.
/// Errors   as sil_body_encode and sil_ledger_append.
SIL_MUST_USE sil_status sil_ledger_append_approved(
    struct sil_ledger *ledger, struct sil_body *body,
    const struct sil_secret_key *authority, struct sil_error *err);

/// Before a ledger is founded: was one with this genesis ever seen here? Its folder is then
/// gone, and to found it anew would be a second history under the same keys.
/// Errors   SIL_ERR_CHECK [E-ROLLBACK]: a watermark tells of it. SIL_ERR_INPUT, SIL_ERR_IO:
///          the place of watermarks cannot be read.
SIL_MUST_USE sil_status sil_ledger_check_unseen(const struct sil_ledger_place *place,
                                                const struct sil_bytes *genesis,
                                                struct sil_error *err);

/* ---- quickstart ---- */

/// How long the grant of a quickstart lasts: ten years of 365 days.
#define SIL_QUICKSTART_SECONDS (UINT64_C(3650) * 86400)

struct sil_quickstart {
    struct sil_ledger_place place; ///< `directory` is the ledger to make
    const char *data_label;
    const char *cap_epsilon;
    const char *cap_delta;
    const char *discovery_delta;    ///< NULL: none
    const char *unit;               ///< as in sil_founding
    enum sil_neighbours neighbours; ///< as in sil_founding
    const char *data;               ///< CSV file; NULL: the first fit says which data
    char delimiter;                 ///< of it; 0: ','
    const char *prefix;             ///< of the origin; NULL: as sil_founding_defaults
    const struct sil_chain *parent; ///< the ledger that this one succeeds; NULL: none
};

/// Start from this: sil_ledger_place(directory), neighbours unsaid.
struct sil_quickstart sil_quickstart_defaults(const char *directory);

/// One person, all roles: unencrypted keys and the vault in DIR.keys/ (0700, appears whole
/// or not at all), the genesis, and one grant of the whole cap for ten years, purpose
/// "quickstart". Killed at any point, a second call with the same words goes on where the
/// first stopped; until the last step nothing can be spent.
/// @param[out] out   the ledger, open for spending, with its keyring.
/// Errors   SIL_ERR_USAGE: there is a ledger with a grant already, or one that was begun
///          with other words (the error says what to delete). Those of
///          sil_ledger_genesis_build, sil_data_commit_file, sil_ledger_found.
SIL_MUST_USE sil_status sil_ledger_quickstart(struct sil_ledger **out,
                                              const struct sil_quickstart *options,
                                              struct sil_error *err);

/* ---- spending ---- */

/// The keyring that an open ledger carries (sil_ledger_open, sil_ledger_quickstart); NULL
/// when it was opened in another way.
struct sil_keyring *sil_ledger_keyring(const struct sil_ledger *ledger);

/// Hand a keyring over to the ledger: freed when it is closed.
void sil_ledger_own_keyring(struct sil_ledger *ledger, struct sil_keyring *keyring);

/// May the table with this commitment be used? One that the ledger covers: yes. A ledger
/// that covers nothing yet, with shared roles, one authority and its key at hand: a `data`
/// entry is approved and appended, once.
/// Errors   SIL_ERR_INPUT: not covered; the command to type. Those of sil_ledger_append.
SIL_MUST_USE sil_status sil_ledger_admit(struct sil_ledger *ledger,
                                         const uint8_t commit[SIL_DATA_COMMIT_BYTES],
                                         struct sil_error *err);

#endif
