// SPDX-License-Identifier: Apache-2.0
/// Every state that a power cut may leave, opened and judged:
///
///   I1  once a debit was acknowledged, its entry and the checkpoint over it are there;
///   I2  what is reserved is never less than was acknowledged;
///   I3  it opens with every entry that was acknowledged, or it refuses.
///
/// More than that: it refuses only where the table of recovery says so, which of power cuts
/// alone is before the founding was acknowledged and before an approved recovery was. What
/// opened opens again without a change, as well after a second power cut at any point of
/// the recovery, and takes another entry; nothing stays in tmp. What refused is founded, or
/// recovered, by a second call.
///
/// The first state that does not ends the test.
#ifndef TESTS_CRASH_EXPLORE_H
#define TESTS_CRASH_EXPLORE_H

#include "stage.h"

struct tally {
    size_t points;    ///< moments that were looked at
    size_t states;    ///< that a power cut may leave, all counted
    size_t unique;    ///< different ones
    size_t second;    ///< states that a second power cut during the recovery may leave
    size_t complete;  ///< of the unique ones: opened as they are
    size_t rolled;    ///< opened, with an entry rolled forward
    size_t unfounded; ///< no ledger yet
    size_t refused;   ///< with the id that the workload foresees
};

struct explorer;

/// `lose_state`: the directory of the watermark is lost with every power cut, of which
/// there is then one only.
struct explorer *explorer_new(const struct scene *scene, bool lose_state);
void explorer_free(struct explorer *explorer);

/// Look at all states that a power cut now may leave. `told` is what was acknowledged.
void explore(struct explorer *explorer, const struct sim_disk *disk,
             const struct promise *told);

const struct tally *explorer_tally(const struct explorer *explorer);

/// Go on after a crash: open, or found, or recover, and append an entry that fits always.
/// Aborts the test when that fails.
void go_on(struct stage *stage, const struct scene *scene);

#endif
