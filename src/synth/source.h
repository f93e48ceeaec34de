// SPDX-License-Identifier: Apache-2.0
/// Where a mechanism gets what is released: from the gate of a fit, or, when a run is told
/// again, from the lines of its transcript (synth/replay.h).
///
/// A mechanism decides; a source answers. It cannot tell one source from another, so the
/// decisions of a run are those of the mechanism told again.
#ifndef SIL_SYNTH_SOURCE_H
#define SIL_SYNTH_SOURCE_H

#include "privacy/gate.h"

/// What a source does: as the functions of privacy/gate.h of these names.
struct sil_source_calls {
    sil_status (*measure)(void *of, const struct sil_counts *counts,
                          const struct sil_sigma2 *sigma2,
                          const struct sil_release **release, struct sil_error *err);
    sil_status (*select)(void *of, const struct sil_candidate *candidates, size_t n,
                         const struct sil_epsilon *epsilon, size_t *chosen,
                         struct sil_error *err);
    void (*spent)(struct sil_rho *out, const void *of);
    void (*remaining)(struct sil_rho *out, const void *of);
    uint64_t (*sensitivity_squared)(const void *of);
};

struct sil_source {
    const struct sil_source_calls *calls;
    void *of; ///< borrowed
};

/// The gate as a source.
struct sil_source sil_source_of_gate(struct sil_gate *gate);

static inline sil_status sil_source_measure(const struct sil_source *source,
                                            const struct sil_counts *counts,
                                            const struct sil_sigma2 *sigma2,
                                            const struct sil_release **release,
                                            struct sil_error *err)
{
    return source->calls->measure(source->of, counts, sigma2, release, err);
}

static inline sil_status sil_source_select(const struct sil_source *source,
                                           const struct sil_candidate *candidates,
                                           size_t n, const struct sil_epsilon *epsilon,
                                           size_t *chosen, struct sil_error *err)
{
    return source->calls->select(source->of, candidates, n, epsilon, chosen, err);
}

static inline void sil_source_spent(struct sil_rho *out,
                                    const struct sil_source *source)
{
    source->calls->spent(out, source->of);
}

static inline void sil_source_remaining(struct sil_rho *out,
                                        const struct sil_source *source)
{
    source->calls->remaining(out, source->of);
}

static inline uint64_t sil_source_sensitivity_squared(const struct sil_source *source)
{
    return source->calls->sensitivity_squared(source->of);
}

#endif
