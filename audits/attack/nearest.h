// SPDX-License-Identifier: Apache-2.0
/// Nearest rows by exhaustive search, with all ties.
///
/// Distances are whole numbers: steps of 1 / (AUD_STEPS x columns). Every route and any
/// number of threads give the same numbers.
#ifndef AUDIT_ATTACK_NEAREST_H
#define AUDIT_ATTACK_NEAREST_H

#include "audits/attack/planes.h"

enum aud_route {
    AUD_ROUTE_BEST,   ///< the widest registers that this processor has
    AUD_ROUTE_VECTOR, ///< the compiler's vectors on the least processor
    AUD_ROUTE_PLAIN   ///< one row at a time
};

/// Told now and then how many of the queries are done; may be NULL.
typedef void aud_progress(void *context, size_t done, size_t all);

struct aud_search {
    enum aud_route route;
    unsigned threads; ///< at least 1
    bool skips_self;  ///< query i and row i are the same row: no neighbours
    aud_progress *progress;
    void *context;
};

#define AUD_FAR UINT16_MAX

/// What is nearest to a query.
struct aud_near {
    uint16_t distance; ///< AUD_FAR: there is no row
    uint16_t next;     ///< the least distance that is larger; AUD_FAR: none
    uint32_t ties;     ///< rows at `distance`
    uint32_t row;      ///< the first of them
};

/// The second nearest row's distance, which is the nearest's when that has ties.
static inline uint16_t aud_near_second(const struct aud_near *near)
{
    return near->ties > 1 ? near->distance : near->next;
}

/// For every query the nearest of `rows`. Both have the same planes; fewer than 2^32 rows.
void aud_nearest(struct aud_near *out, const struct aud_planes *queries,
                 const struct aud_planes *rows, const struct aud_search *search);

enum { AUD_TIES_MAX = 32 };

/// The first AUD_TIES_MAX rows, in their order, at the least distance from a query.
struct aud_ties {
    uint16_t distance;
    uint16_t n;
    uint32_t row[AUD_TIES_MAX];
};

void aud_nearest_ties(struct aud_ties *out, const struct aud_planes *queries,
                      const struct aud_planes *rows, const struct aud_search *search);

enum { AUD_CROWD = 5 };

/// The distances of the AUD_CROWD rows nearest to a query (AUD_FAR where there are fewer),
/// ascending, and how many rows are at most `radius` away.
struct aud_crowd {
    uint16_t nearest[AUD_CROWD];
    uint16_t limit; ///< of the search
    uint32_t within;
};

void aud_nearest_crowd(struct aud_crowd *out, const struct aud_planes *queries,
                       const struct aud_planes *rows, uint16_t radius,
                       const struct aud_search *search);

#endif
