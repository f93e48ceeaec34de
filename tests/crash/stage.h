// SPDX-License-Identifier: Apache-2.0
/// A process with a ledger on a simulated disk, the steps it takes, and what it was told
/// is done.
#ifndef TESTS_CRASH_STAGE_H
#define TESTS_CRASH_STAGE_H

#include "support/sim_disk.h"
#include "unit/ledger/book_kit.h"

#include "silhouette/status.h"

/// What a process may rely on: calls returned that say so.
struct promise {
    uint64_t entries;
    unsigned long eighths; ///< reserved, in eighths of rho
};

struct stage {
    struct sim_disk *disk; ///< borrowed
    struct book book;      ///< places and signers; no directory of the system's
    struct sil_ledger *ledger;
    struct promise told;
    struct sil_bytes
        recovery; ///< the body that was approved, if there is one; borrowed
};

/// A step that a process takes. On success `told` is brought up to date.
typedef sil_status step_fn(struct stage *stage, struct sil_error *err);

step_fn stage_found; ///< the ledger is open afterwards
step_fn stage_open;  ///< closes it first when it is open
step_fn stage_grant; ///< 1/2
step_fn
    stage_reserve; ///< 1/8; aborts when a token comes with an error, or none without
step_fn stage_data;
step_fn stage_replace_log; ///< a keyset: another log key for the one there is
step_fn stage_measure;     ///< of the last reserve
step_fn stage_release;
step_fn stage_recover; ///< as `recovery` says; the ledger is open afterwards

/// A process that has done nothing yet.
struct stage stage_on(struct sim_disk *disk);
void stage_clear(struct stage *stage);

/// What a ledger says, as a promise.
struct promise stage_says(const struct sil_ledger *ledger);

/// Open for writing with the log key that the ledger knows: the old one or its successor.
sil_status stage_enter(struct sil_ledger **out, struct sim_disk *disk,
                       struct sil_error *err);

/// The LID of every ledger here, whose genesis is always the same.
const struct sil_id *stage_ledger_id(void);

/* ---- workloads ---- */

enum { STEPS_MAX = 8 };

struct workload {
    const char *name;
    step_fn *before[STEPS_MAX];             ///< on a disk that is left alone afterwards
    void (*spoil)(const struct sil_fs *fs); ///< then; NULL: nothing
    step_fn *step[STEPS_MAX];               ///< what is looked at
    const char *refused; ///< id that a ledger may be refused with until the last step
};

enum { N_WORKLOADS = 10 };

extern const struct workload WORKLOADS[N_WORKLOADS];

/// A workload's disk before its first step, settled, and what was told by then.
struct scene {
    const struct workload *workload;
    struct sim_disk *disk;
    struct promise told;
    struct sil_bytes recovery;
};

/// Aborts when it cannot be made.
struct scene scene_new(const struct workload *workload);
void scene_clear(struct scene *scene);

/// A process on a copy of the scene's disk; the copy is freed with stage_leave.
struct stage scene_enter(const struct scene *scene);
void stage_leave(struct stage *stage);

/* ---- chance ---- */

/// From now on libsodium's random bytes are a function of a seed and of how many were
/// asked for, so that equal runs write equal bytes.
void chance_start(uint64_t seed);

/// Where it stands, and back to there.
uint64_t chance_now(void);
void chance_resume(uint64_t position);

#endif
