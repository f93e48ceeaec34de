// SPDX-License-Identifier: Apache-2.0
/// How far a long call is. Reported to the operator's terminal only, never to a file that
/// leaves: how long private work takes depends on the rows.
#ifndef SILHOUETTE_PROGRESS_H
#define SILHOUETTE_PROGRESS_H

#include <stdint.h>

/// @param stage   what is being done ("reading", "round", "fitting", "drawing", "writing").
/// @param done    units done; `total` units in all, 0 when unknown.
typedef void sil_progress_fn(void *payload, const char *stage, uint64_t done,
                             uint64_t total);

/// A callback and its payload; `report` NULL (or a NULL struct pointer) means silence.
struct sil_progress {
    sil_progress_fn *report;
    void *payload;
};

static inline void sil_progress(const struct sil_progress *progress, const char *stage,
                                uint64_t done, uint64_t total)
{
    if (progress != (const struct sil_progress *)0 && progress->report != 0) {
        progress->report(progress->payload, stage, done, total);
    }
}

#endif
