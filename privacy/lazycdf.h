// SPDX-License-Identifier: Apache-2.0
/// Exact sampling by lazy inversion of a distribution function: one kernel for every law
/// that is symmetric on the integers.
///
/// A uniform U = 0.u1 u2 ... is inverted through F(k) = P[|X| <= k]: the answer is the k
/// with F(k - 1) <= U < F(k). The first word decides against a table of floor(2^width F)
/// unless it equals an entry; then more bits of U are drawn until certified enclosures of
/// F decide. No rounding error enters the law: docs/privacy-samplers.md, "Lazy inversion".
#ifndef SIL_PRIVACY_LAZYCDF_H
#define SIL_PRIVACY_LAZYCDF_H

#include "privacy/cdf.h"
#include "privacy/rng.h"

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

/// How to invert. The last two change speed and memory, never the law; tests make them
/// small to take the rare paths often.
struct sil_lazycdf_plan {
    sil_cdf_fn *cdf;
    const void *law;      ///< borrowed: outlives the sampler
    unsigned width;       ///< bits of U that the first word gives: 1 .. 63
    uint32_t max_entries; ///< of the table, 1 .. 4096; beyond, F is evaluated on demand
};

#define SIL_LAZYCDF_WIDTH   63
#define SIL_LAZYCDF_ENTRIES 4096

struct sil_lazycdf;

/// Build the table; freed with sil_lazycdf_free. Not shared between threads.
/// Cost      At most max_entries + 130 evaluations of F; memory at most 17 MB.
/// Errors    SIL_ERR_INTERNAL: no memory, or MPFR without thread-local storage; `out` is
///           NULL.
SIL_MUST_USE sil_status sil_lazycdf_new(struct sil_lazycdf **out,
                                        const struct sil_lazycdf_plan *plan,
                                        struct sil_error *err);

/// Draw `n` independent values: a magnitude by inversion, and a sign.
void sil_lazycdf_draw(struct sil_lazycdf *lazy, struct sil_rng *rng, int64_t *out,
                      size_t n);

/// floor(2^width F(k)), certified; what the table holds for k.
uint64_t sil_lazycdf_entry(struct sil_lazycdf *lazy, uint64_t k);

/// Wipe and free; NULL is allowed.
void sil_lazycdf_free(struct sil_lazycdf *lazy);

#endif
