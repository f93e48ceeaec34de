// SPDX-License-Identifier: Apache-2.0
/// A ledger on disk: opened, verified, recovered, appended to.
///
/// Everything that changes a ledger goes through one protocol: take the lock, verify the
/// whole ledger and its checkpoints, check the new entry by the same rules that a verifier
/// uses, publish the entry, publish the checkpoint that covers it, raise the watermark,
/// release the lock. A crash at any point leaves a ledger that opens with at least what
/// was acknowledged, or is refused with its reason (docs/ledger-format.md, recovery).
///
/// Privacy  Invariants that the crash tests enumerate: (I1) noise exists only after the
///          debit and the checkpoint over it are durable; (I2) what is spent never shrinks;
///          (I3) every state opens with everything that was acknowledged, or refuses.
#ifndef SIL_LEDGER_LEDGER_H
#define SIL_LEDGER_LEDGER_H

#include "ledger/chain.h"
#include "ledger/checkpoint.h"
#include "ledger/fs.h"
#include "privacy/token.h"

#include "silhouette/ledger.h"

struct sil_ledger_place {
    const char *directory;
    const char *state;       ///< where watermarks are kept; NULL: nowhere
    const struct sil_fs *fs; ///< NULL: SIL_FS_POSIX
    unsigned lock_seconds;   ///< how long to wait for another process
    bool accept_clock; ///< the clock may be a day and more ahead of the last entry
};

/// 30 seconds, the operating system's files.
struct sil_ledger_place sil_ledger_place(const char *directory);

enum sil_ledger_access {
    SIL_LEDGER_READ, ///< verify; change nothing
    SIL_LEDGER_WRITE ///< verify, recover what a crash left (needs the log key)
};

/// The keys that writing needs. Borrowed; must outlive the ledger.
///
/// The checkpoint of size N is signed by a log key that is live once the N entries count:
/// the one over a keyset entry by a key that the entry leaves live, so that a lost log key
/// can be replaced. Checkpoints that a key signed before the entry which revoked it stand,
/// whatever the revocation says of earlier entries: they were out.
struct sil_ledger_signers {
    const struct sil_secret_key *curator;
    const struct sil_secret_key *log;
    bool are_new; ///< may be keys that the next entry, a keyset, makes live
};

/// Open and verify. Reading takes no lock and reports one entry that no checkpoint covers
/// yet as a note (sil_ledger_note), counting what it charges; writing rolls it forward.
/// @param expected   NULL, or the LID it must have.
/// Errors   SIL_ERR_CHECK with the id of what is wrong; SIL_ERR_UNSUPPORTED;
///          SIL_ERR_INPUT (the directory is not safe to use); SIL_ERR_IO; SIL_ERR_USAGE:
///          a signer's key is not a live key of its role. `out` is NULL.
SIL_MUST_USE sil_status sil_ledger_open_with(struct sil_ledger **out,
                                             const struct sil_ledger_place *place,
                                             enum sil_ledger_access access,
                                             const struct sil_ledger_signers *signers,
                                             const struct sil_id *expected,
                                             struct sil_error *err);

/// Make the directory and publish entry 0. `body` is an encoded genesis; approvals as the
/// genesis asks for. Errors  as sil_ledger_append; SIL_ERR_USAGE: there is a ledger.
SIL_MUST_USE sil_status sil_ledger_found(struct sil_ledger **out,
                                         const struct sil_ledger_place *place,
                                         const struct sil_bytes *body,
                                         const struct sil_approval *approvals, size_t n,
                                         const struct sil_ledger_signers *signers,
                                         struct sil_error *err);

/// Append an encoded body by the protocol. The bytes are those that were approved. Its time
/// is the clock's, floored to the ledger's granularity, and never before the last entry's.
/// @param[out] seq   its number; may be NULL.
/// Errors   SIL_ERR_CHECK: it breaks a rule (nothing is written); SIL_ERR_BUDGET: a grant
///          or reserve that does not fit; SIL_ERR_USAGE: opened for reading, or the clock;
///          SIL_ERR_IO: the ledger is then spent for this process and must be reopened.
SIL_MUST_USE sil_status sil_ledger_append(struct sil_ledger *ledger,
                                          const struct sil_bytes *body,
                                          const struct sil_approval *approvals,
                                          size_t n, uint64_t *seq,
                                          struct sil_error *err);

/// The same for a body without approvals that is about the ledger as it was with `size`
/// entries: it becomes entry `size`, or nothing is written. `*is_late`: another process
/// has written meanwhile; the handle's chain then is the ledger as it is now.
/// Errors   as sil_ledger_append; SIL_ERR_IO: late.
SIL_MUST_USE sil_status sil_ledger_append_at(struct sil_ledger *ledger,
                                             const struct sil_bytes *body,
                                             uint64_t size, bool *is_late,
                                             struct sil_error *err);

/// What a run asks for.
struct sil_debit {
    const struct sil_rho *rho;
    const struct sil_delta *delta; ///< for discoveries; NULL: none
    const uint8_t *plan_hash;      ///< 32 bytes
};

/// The debit: append a reserve against `grant` (NULL: the one live grant with room; more
/// than one is SIL_ERR_USAGE) and, once entry and checkpoint are durable, make the token
/// that opens a gate with cap `rho` and discoveries for `delta`.
/// @param[out] reserve   the id of the reserve.
/// Errors   as sil_ledger_append; SIL_ERR_UNSUPPORTED: the ledger wants a witness before
///          the noise. `out` is NULL. An error behind the debit says that it is spent.
SIL_MUST_USE sil_status sil_ledger_reserve(
    struct sil_token **out, struct sil_id *reserve, struct sil_ledger *ledger,
    const struct sil_id *grant, const struct sil_debit *debit, struct sil_error *err);

/// Was the last sil_ledger_reserve refused because no grant was named and more than one
/// has room?
bool sil_ledger_wants_grant(const struct sil_ledger *ledger);

/// One run's measure entry (several only past SIL_ENTRY_BYTES_MAX). Lines are borrowed.
/// However late it is: no clock is asked about here.
SIL_MUST_USE sil_status sil_ledger_measure(struct sil_ledger *ledger,
                                           const struct sil_measure *measure,
                                           struct sil_error *err);

/// What the entries say. Valid until the next append or close.
const struct sil_chain *sil_ledger_chain(const struct sil_ledger *ledger);

/// The number of entries under the newest checkpoint: all of them, or all but one while a
/// commit goes on elsewhere or was cut short.
uint64_t sil_ledger_covered(const struct sil_ledger *ledger);

/// The newest checkpoint, the whole note. Borrowed.
const struct sil_bytes *sil_ledger_checkpoint_note(const struct sil_ledger *ledger);

/// Bytes of entry `seq`. Borrowed. NULL: there is none.
const struct sil_bytes *sil_ledger_entry(const struct sil_ledger *ledger, uint64_t seq);

/// Let the ledger own something that must live as long as it does (its keys): freed with
/// `release` at sil_ledger_close. At most one thing, once.
void sil_ledger_own(struct sil_ledger *ledger, void *owned, void (*release)(void *));

/// What it owns, or NULL.
void *sil_ledger_owned(const struct sil_ledger *ledger);

/// The place it was opened at.
const struct sil_ledger_place *sil_ledger_where(const struct sil_ledger *ledger);

/// Things that are no failure and must be said: rolled forward, an entry that is not yet
/// covered, a volatile file system, no watermark, no witness, roles shared, the id of the
/// check they belong to in brackets in front.
size_t sil_ledger_n_notes(const struct sil_ledger *ledger);
const char *sil_ledger_note(const struct sil_ledger *ledger, size_t i);

/// Recovery that an authority approves is an append of a recover body; what it may do is
/// prepared by sil_ledger_recover.
enum sil_recovery { SIL_RECOVER_QUARANTINE = 1, SIL_RECOVER_REBUILD = 2 };

/// Look at a ledger that does not open and, when an approved recover entry can bring it
/// back, fill the body that the authority must approve (docs/ledger-format.md, recovery).
/// Errors   SIL_ERR_USAGE: it opens, nothing to recover. SIL_ERR_CHECK: it cannot be.
SIL_MUST_USE sil_status
sil_ledger_propose_recovery(struct sil_body *out, const struct sil_ledger_place *place,
                            const char *text, struct sil_error *err);

/// What the entries of a ledger that does not open say, as far as they are good: who may
/// approve its recovery. `chain` is initialised and cleared by the caller.
SIL_MUST_USE sil_status sil_ledger_salvage(struct sil_chain *chain,
                                           const struct sil_ledger_place *place,
                                           struct sil_error *err);

/// Carry it out: quarantine or rebuild, then append the approved entry.
SIL_MUST_USE sil_status sil_ledger_recover(
    struct sil_ledger **out, const struct sil_ledger_place *place,
    const struct sil_bytes *body, const struct sil_approval *approvals, size_t n,
    const struct sil_ledger_signers *signers, struct sil_error *err);

#endif
