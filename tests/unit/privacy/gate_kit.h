// SPDX-License-Identifier: Apache-2.0
/// Gates with a seed and counts from literals, for the tests of the gate.
#ifndef TESTS_UNIT_PRIVACY_GATE_KIT_H
#define TESTS_UNIT_PRIVACY_GATE_KIT_H

#include "privacy/counts_internal.h"
#include "privacy/gate.h"
#include "privacy/token_internal.h"
#include "support/seeded_rng.h"

#include <stdlib.h>
#include <string.h>

/// Units are set from text; a typo in a test aborts it.
static inline void kit_set(mpq_t out, const char *text)
{
    if (mpq_set_str(out, text, 10) != 0) {
        abort();
    }
    mpq_canonicalize(out);
}

static inline struct sil_sigma2 kit_sigma2(const char *text)
{
    struct sil_sigma2 sigma2;
    sil_sigma2_init(&sigma2);
    kit_set(sigma2.v, text);
    return sigma2;
}

static inline struct sil_epsilon kit_epsilon(const char *text)
{
    struct sil_epsilon epsilon;
    sil_epsilon_init(&epsilon);
    kit_set(epsilon.v, text);
    return epsilon;
}

/// A gate, the generator that it owns (to see how far it has been drawn), and the token.
struct kit {
    struct sil_gate *gate;
    struct sil_rng *rng;
    struct sil_token *token;
};

static inline struct kit kit_open(const char *cap, enum sil_neighbours neighbours,
                                  uint32_t rows_per_unit, uint64_t seed)
{
    struct kit kit;
    struct sil_rho rho;
    sil_rho_init(&rho);
    kit_set(rho.v, cap);
    kit.rng = seeded_rng(seed);
    if (sil_token_new(&kit.token, &rho, neighbours, rows_per_unit, true, NULL) !=
            SIL_OK ||
        sil_gate_open(&kit.gate, kit.token, kit.rng, NULL) != SIL_OK) {
        abort();
    }
    sil_rho_clear(&rho);
    return kit;
}

/// Has exactly `text` been spent?
static inline bool kit_has_spent(const struct sil_gate *gate, const char *text)
{
    struct sil_rho spent;
    struct sil_rho want;
    sil_rho_init(&spent);
    sil_rho_init(&want);
    sil_gate_spent(&spent, gate);
    kit_set(want.v, text);
    bool equal = mpq_equal(spent.v, want.v) != 0;
    sil_rho_clear(&want);
    sil_rho_clear(&spent);
    return equal;
}

/// Has the generator of `kit`, opened with `seed`, drawn nothing yet? Draws one word.
static inline bool kit_drew_nothing(const struct kit *kit, uint64_t seed)
{
    struct sil_rng *fresh = seeded_rng(seed);
    bool same = sil_rng_word(kit->rng) == sil_rng_word(fresh);
    sil_rng_free(fresh);
    return same;
}

/// Counts of one attribute (number `attr`) with `n` cells.
static inline struct sil_counts *kit_counts(uint32_t attr, const uint32_t *cell,
                                            uint32_t n)
{
    uint32_t sizes[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    sizes[attr] = n;
    const struct sil_domain domain = {.n_attrs = 8, .sizes = sizes};
    const struct sil_clique clique = sil_clique_single(attr);
    struct sil_counts *counts;
    if (sil_counts_new(&counts, &domain, &clique, NULL) != SIL_OK) {
        abort();
    }
    memcpy(counts->cell, cell, n * sizeof *cell);
    return counts;
}

#endif
