// SPDX-License-Identifier: Apache-2.0
/// A look at everything in a ledger's directory, and what state it is in: the table of
/// recovery (docs/ledger-format.md). Changes nothing.
///
///   m   how many entries from 0 on exist and keep every rule
///   c   the largest N such that checkpoints 1 .. N exist and carry a signature by a log
///       key that was live then
///   w   the size of the watermark
///
/// Which key signs: the log keys that are live once the N entries count, so that the
/// checkpoint over an entry which changes the keys is signed by a key that it leaves live
/// (sil_chain_key_covers).
#ifndef SIL_LEDGER_SURVEY_H
#define SIL_LEDGER_SURVEY_H

#include "ledger/chain.h"
#include "ledger/checkpoint.h"
#include "ledger/store.h"

/// Rows of the table, in the order in which they are tried.
enum sil_finding {
    SIL_FOUND_UNSUPPORTED = 0, ///< an entry of a kind that this program does not know
    SIL_FOUND_BEHIND,          ///< w > c: rolled back
    SIL_FOUND_FORK,            ///< a signed root that is not that of the entries
    SIL_FOUND_GAP,             ///< a number is missing below one that exists
    SIL_FOUND_DAMAGED,         ///< entry m < c breaks a rule
    SIL_FOUND_LOST,            ///< m < c, and no entry m
    SIL_FOUND_UNSIGNED,        ///< a checkpoint below the newest is missing or invalid
    SIL_FOUND_AHEAD,           ///< more than one entry above c
    SIL_FOUND_GARBAGE,         ///< entry c breaks a rule: never acknowledged
    SIL_FOUND_EMPTY,           ///< no entry at all
    SIL_FOUND_UNCOVERED,       ///< m = c + 1: a commit that was not finished
    SIL_FOUND_FINE             ///< m = c
};

/// One of checkpoints/.
struct sil_found_checkpoint {
    uint64_t number;
    struct sil_bytes note;
    bool is_good; ///< canonical, of this ledger and size, signed by a key live then
    struct sil_checkpoint parsed; ///< when is_good
};

struct sil_survey {
    uint64_t *entry_number; ///< all in entries/, ascending
    size_t n_entry_numbers;
    struct sil_bytes *entry; ///< 0 .. n_entries - 1: those before the first gap
    size_t n_entries;
    bool has_chain;            ///< false: nothing to clear yet
    struct sil_chain chain;    ///< of the m good ones
    sil_status refusal_status; ///< of entry m, when it exists; SIL_OK: it does not
    struct sil_error refusal;  ///< why
    struct sil_found_checkpoint *checkpoint; ///< all in checkpoints/, ascending
    size_t n_checkpoints;
    struct sil_checkpoint watermark; ///< size 0: none
    uint64_t covered;                ///< c
    uint64_t fork;                   ///< size of the root that is wrong, for FORK
    enum sil_finding finding;
};

/// What is known beforehand.
struct sil_survey_hints {
    const struct sil_id *expected; ///< LID; may be NULL
    const struct sil_checkpoint
        *observed; ///< what this process saw before; may be NULL
};

/// Look. `state` is where the watermark is; NULL: nowhere.
/// Errors   SIL_ERR_INPUT (a file that is not safe to read), SIL_ERR_IO,
///          SIL_ERR_INTERNAL. What is wrong with the ledger itself is no error here.
///          `out` is always to be cleared.
SIL_MUST_USE sil_status sil_survey_take(struct sil_survey *out, struct sil_store *store,
                                        const struct sil_fs *fs, const char *state,
                                        const struct sil_survey_hints *hints,
                                        struct sil_error *err);

/// `{0}` and what was cleared before may be cleared.
void sil_survey_clear(struct sil_survey *survey);

/// SIL_OK for FINE and UNCOVERED; else the refusal, with its id and what can be done.
SIL_MUST_USE sil_status sil_survey_judge(const struct sil_survey *survey,
                                         struct sil_error *err);

/// Is the note a checkpoint of `size` entries of this chain, as this program would have
/// written it, signed by a key that was live then? A size above the chain's is judged by
/// the keys known so far. The root is not compared.
bool sil_checkpoint_is_good(struct sil_checkpoint *out, const struct sil_bytes *note,
                            uint64_t size, const struct sil_chain *chain);

/// The same of a note with lines of witnesses behind the log's: cosigned/N.
bool sil_cosigned_is_good(struct sil_checkpoint *out, const struct sil_bytes *note,
                          uint64_t size, const struct sil_chain *chain);

/// A note as a checkpoint of this ledger, whoever signed it: watermarks.
/// Errors   SIL_ERR_CHECK [E-CORRUPT]: not one; `what` names it.
SIL_MUST_USE sil_status sil_checkpoint_read(struct sil_checkpoint *out,
                                            const struct sil_bytes *note,
                                            const char *what, struct sil_error *err);

#endif
