// SPDX-License-Identifier: Apache-2.0
/// The inside of the gate, for privacy/gate.c and privacy/discover.c alone.
#ifndef SIL_PRIVACY_GATE_INTERNAL_H
#define SIL_PRIVACY_GATE_INTERNAL_H

#include "privacy/filter.h"
#include "privacy/gate.h"
#include "privacy/gauss.h"

/* A run uses few variances, each for many marginals; a sampler may hold 17 MB. */
enum { SIL_GATE_SAMPLERS = 4 };

struct sil_gate_sampler {
    struct sil_sigma2 sigma2;
    struct sil_gauss *gauss; ///< NULL: the place is free
};

struct sil_gate {
    struct sil_token
        *token; ///< asked only whether it is still ours: a child's is empty
    enum sil_neighbours neighbours;
    uint32_t rows_per_unit;
    bool is_ledgered;
    struct sil_rng *rng;
    struct sil_filter filter;
    struct sil_gate_sampler samplers[SIL_GATE_SAMPLERS];
    unsigned next_sampler; ///< the place to fill or overwrite next
    struct sil_release **releases;
    size_t n_releases;
    size_t capacity;
    struct sil_discovery **discoveries;
    size_t n_discoveries;
    size_t discoveries_capacity;
};

/// A forked child has copies of the counts, the budget and the generator: what it drew
/// would be spent twice. Errors  SIL_ERR_BUDGET.
SIL_MUST_USE sil_status sil_gate_check_owner(const struct sil_gate *gate,
                                             struct sil_error *err);

/// The sampler of a variance: one made before, or a new one in place of the oldest.
/// Errors   as sil_gauss_new.
SIL_MUST_USE sil_status sil_gate_find_sampler(struct sil_gauss **out,
                                              struct sil_gate *gate,
                                              const struct sil_sigma2 *sigma2,
                                              size_t n_draws, struct sil_error *err);

/// value + 2^shift count; at the ends of the range, the end: a function of the two, and
/// farther out than any noise that will ever be drawn.
int64_t sil_gate_add_count(int64_t noise, uint32_t count, unsigned shift);

/// Wipe and free; NULL is allowed.
void sil_discovery_free(struct sil_discovery *discovery);

#endif
