// SPDX-License-Identifier: Apache-2.0
/// The inside of struct sil_ledger: ledger.c (handles), settle.c (verify and recover),
/// commit.c (the protocol), reserve.c, recover.c.
#ifndef SIL_LEDGER_LEDGER_INTERNAL_H
#define SIL_LEDGER_LEDGER_INTERNAL_H

#include "ledger/ledger.h"
#include "ledger/store.h"
#include "ledger/survey.h"

struct sil_ledger {
    struct sil_ledger_place place; ///< its texts are the two below
    char *directory;
    char *state; ///< may be NULL
    enum sil_ledger_access access;
    struct sil_ledger_signers signers;
    bool has_expected;
    struct sil_id expected;
    struct sil_store *store;

    /* As of the last look, and what was appended since. */
    struct sil_chain chain;
    struct sil_bytes *entry;
    size_t n_entries;
    size_t entry_capacity;
    struct sil_bytes note;          ///< the newest checkpoint
    struct sil_checkpoint observed; ///< it, taken apart: the next look must have it

    char **notes;
    size_t n_notes;
    size_t note_capacity;
    bool is_spent;    ///< a commit was cut short: open anew
    bool wants_grant; ///< more than one grant would have paid for the last reserve
    void *owned;
    void (*release)(void *owned);
};

/* ---- ledger.c ---- */

/// An empty handle; the store is not opened. `out` is NULL on error.
SIL_MUST_USE sil_status sil_ledger_new(struct sil_ledger **out,
                                       const struct sil_ledger_place *place,
                                       enum sil_ledger_access access,
                                       const struct sil_ledger_signers *signers,
                                       struct sil_error *err);

/// Add to what must be said. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_ledger_add_note(struct sil_ledger *ledger,
                                            struct sil_error *err, const char *format,
                                            ...) SIL_PRINTF(3, 4);

/// What was true when the ledger was opened, is no failure, and must be said.
SIL_MUST_USE sil_status sil_ledger_note_standing(struct sil_ledger *ledger,
                                                 struct sil_error *err);

/// Make room for the bytes of one more entry. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_ledger_make_room(struct sil_ledger *ledger,
                                             struct sil_error *err);

/// Errors   SIL_ERR_USAGE: opened for reading. SIL_ERR_IO: a commit was cut short.
SIL_MUST_USE sil_status sil_ledger_check_writable(const struct sil_ledger *ledger,
                                                  struct sil_error *err);

/* ---- settle.c ---- */

/// Verify everything anew, under the lock: what is in the handle is replaced by what is on
/// disk, an unfinished commit is rolled forward, the copy of the checkpoint refreshed.
/// Errors   as sil_ledger_open_with. After a failed write the ledger is spent.
SIL_MUST_USE sil_status sil_ledger_settle(struct sil_ledger *ledger,
                                          struct sil_error *err);

/// The same for a reader: no lock, nothing written; an uncovered entry becomes a note.
SIL_MUST_USE sil_status sil_ledger_look(struct sil_ledger *ledger,
                                        struct sil_error *err);

/// A survey with what the handle knows, repeated until no checkpoint came or went
/// meanwhile. `out` is always to be cleared. Errors  as sil_survey_take.
SIL_MUST_USE sil_status sil_ledger_survey(struct sil_survey *out,
                                          struct sil_ledger *ledger,
                                          struct sil_error *err);

/// Replace what is in the handle by a survey that was judged FINE or UNCOVERED; it is
/// empty afterwards.
void sil_ledger_adopt(struct sil_ledger *ledger, struct sil_survey *survey);

/// Errors   SIL_ERR_USAGE: the log key is none that signs checkpoints of this size.
SIL_MUST_USE sil_status sil_ledger_check_log(const struct sil_ledger *ledger,
                                             uint64_t size, struct sil_error *err);

/// Steps 6 and 7: the checkpoint over all entries of the handle, which are durable; the
/// copy of it; the watermark. One that exists with the same text is as good.
/// Errors   SIL_ERR_USAGE: the log key is not live. SIL_ERR_CHECK [E-FORK], SIL_ERR_IO:
///          the ledger is then spent.
SIL_MUST_USE sil_status sil_ledger_cover(struct sil_ledger *ledger,
                                         struct sil_error *err);

/* ---- commit.c ---- */

/// Make the body of the next entry, under the lock and from the verified chain; called
/// again when another process was faster. Errors  the caller's: nothing is then written.
typedef sil_status sil_draft_fn(struct sil_bytes *body, const void *context,
                                const struct sil_ledger *ledger, uint64_t time,
                                struct sil_error *err);

struct sil_draft {
    sil_draft_fn *fill;
    const void *context;
    const struct sil_approval *approvals;
    size_t n_approvals;
};

/// The protocol, from the lock to the watermark. Errors  as sil_ledger_append.
SIL_MUST_USE sil_status sil_ledger_commit(struct sil_ledger *ledger,
                                          const struct sil_draft *draft, uint64_t *seq,
                                          struct sil_error *err);

/// The same under a lock that the caller holds.
SIL_MUST_USE sil_status sil_ledger_commit_locked(struct sil_ledger *ledger,
                                                 const struct sil_draft *draft,
                                                 uint64_t *seq, struct sil_error *err);

/// All of it but the writing, on the handle's chain, which then has one entry more than the
/// disk: settle before anything else. Errors  as sil_ledger_append.
SIL_MUST_USE sil_status sil_ledger_rehearse(struct sil_ledger *ledger,
                                            const struct sil_draft *draft,
                                            struct sil_error *err);

/// A draft of bytes that are given, with a look at the budget first.
struct sil_draft sil_ledger_draft(const struct sil_bytes *body,
                                  const struct sil_approval *approvals, size_t n);

#endif
