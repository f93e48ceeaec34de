// SPDX-License-Identifier: Apache-2.0
/* Queries are shared out to threads in spans; each span goes through the rows block by block,
 * so that a block is in the cache for all queries of the span. */
#include "audits/attack/nearest.h"

#include "audits/attack/kernel.h"

#include <string.h>

enum { SPAN = 64 };

/* What a search does with a block of distances; `state` is that of one query. */
typedef void take(void *state, const uint16_t *distance, size_t first, uint16_t radius);

struct job {
    const struct aud_planes *queries, *rows;
    const struct aud_search *search;
    take *take;
    void *state;
    size_t size;  ///< of the state of one query
    size_t limit; ///< offset in it of a distance above which nothing is of interest,
    bool is_open; ///< nor that distance itself
    uint16_t radius;
};

static void search_span(const struct job *job, aud_kernel *kernel, size_t from,
                        size_t to)
{
    _Alignas(AUD_LANES) uint16_t distance[AUD_BLOCK];
    for (size_t first = 0; first < job->rows->n_rows; first += AUD_BLOCK) {
        for (size_t query = from; query < to; query++) {
            char *state = (char *)job->state + query * job->size;
            uint16_t limit;
            uint16_t least = kernel(distance, job->queries, query, job->rows, first);
            if (job->search->skips_self && query - first < AUD_BLOCK &&
                query >= first) {
                distance[query - first] = AUD_FAR;
            }
            (void)memcpy(&limit, state + job->limit, sizeof limit);
            if (least < limit || (least == limit && !job->is_open)) {
                job->take(state, distance, first, job->radius);
            }
        }
    }
}

static void tell(const struct job *job, size_t *done, size_t more)
{
    size_t now;
#pragma omp atomic capture
    now = *done += more;
    if (job->search->progress != NULL) {
#pragma omp critical(aud_progress)
        job->search->progress(job->search->context, now, job->queries->n_rows);
    }
}

static void run(const struct job *job)
{
    aud_kernel *kernel = aud_kernel_of(job->search->route);
    const size_t n = job->queries->n_rows;
    const int n_threads = (int)job->search->threads;
    size_t done = 0;
#pragma omp parallel for schedule(dynamic) num_threads(n_threads) if (n_threads > 1)
    for (size_t from = 0; from < n; from += SPAN) {
        size_t to = n - from < SPAN ? n : from + SPAN;
        search_span(job, kernel, from, to);
        tell(job, &done, to - from);
    }
}

/* ---- the nearest ---- */

static void take_near(void *state, const uint16_t *distance, size_t first,
                      uint16_t radius)
{
    struct aud_near *near = state;
    (void)radius;
    for (size_t i = 0; i < AUD_BLOCK; i++) {
        uint16_t d = distance[i];
        if (d > near->next || d == AUD_FAR) {
            continue;
        }
        if (d < near->distance) {
            near->next = near->distance;
            near->distance = d;
            near->ties = 1;
            near->row = (uint32_t)(first + i);
        } else if (d == near->distance) {
            near->ties++;
        } else {
            near->next = d;
        }
    }
}

void aud_nearest(struct aud_near *out, const struct aud_planes *queries,
                 const struct aud_planes *rows, const struct aud_search *search)
{
    for (size_t i = 0; i < queries->n_rows; i++) {
        out[i] = (struct aud_near){.distance = AUD_FAR, .next = AUD_FAR};
    }
    run(&(struct job){.queries = queries,
                      .rows = rows,
                      .search = search,
                      .take = take_near,
                      .state = out,
                      .size = sizeof *out,
                      .limit = offsetof(struct aud_near, next),
                      .is_open = true});
}

/* ---- all that are nearest ---- */

static void take_ties(void *state, const uint16_t *distance, size_t first,
                      uint16_t radius)
{
    struct aud_ties *ties = state;
    (void)radius;
    for (size_t i = 0; i < AUD_BLOCK; i++) {
        uint16_t d = distance[i];
        if (d > ties->distance || d == AUD_FAR) {
            continue;
        }
        if (d < ties->distance) {
            ties->distance = d;
            ties->n = 0;
        }
        if (ties->n < AUD_TIES_MAX) {
            ties->row[ties->n++] = (uint32_t)(first + i);
        }
    }
}

void aud_nearest_ties(struct aud_ties *out, const struct aud_planes *queries,
                      const struct aud_planes *rows, const struct aud_search *search)
{
    for (size_t i = 0; i < queries->n_rows; i++) {
        out[i] = (struct aud_ties){.distance = AUD_FAR};
    }
    run(&(struct job){.queries = queries,
                      .rows = rows,
                      .search = search,
                      .take = take_ties,
                      .state = out,
                      .size = sizeof *out,
                      .limit = offsetof(struct aud_ties, distance)});
}

/* ---- a crowd ---- */

static void insert(struct aud_crowd *crowd, uint16_t d)
{
    size_t at = AUD_CROWD - 1;
    for (; at > 0 && crowd->nearest[at - 1] > d; at--) {
        crowd->nearest[at] = crowd->nearest[at - 1];
    }
    crowd->nearest[at] = d;
}

static void take_crowd(void *state, const uint16_t *distance, size_t first,
                       uint16_t radius)
{
    struct aud_crowd *crowd = state;
    (void)first;
    for (size_t i = 0; i < AUD_BLOCK; i++) {
        crowd->within += distance[i] <= radius;
        if (distance[i] < crowd->nearest[AUD_CROWD - 1]) {
            insert(crowd, distance[i]);
        }
    }
    uint16_t last = crowd->nearest[AUD_CROWD - 1];
    crowd->limit = last > radius ? last : radius;
}

void aud_nearest_crowd(struct aud_crowd *out, const struct aud_planes *queries,
                       const struct aud_planes *rows, uint16_t radius,
                       const struct aud_search *search)
{
    for (size_t i = 0; i < queries->n_rows; i++) {
        out[i] = (struct aud_crowd){.limit = AUD_FAR};
        for (size_t k = 0; k < AUD_CROWD; k++) {
            out[i].nearest[k] = AUD_FAR;
        }
    }
    run(&(struct job){.queries = queries,
                      .rows = rows,
                      .search = search,
                      .take = take_crowd,
                      .state = out,
                      .size = sizeof *out,
                      .limit = offsetof(struct aud_crowd, limit),
                      .radius = radius});
}
