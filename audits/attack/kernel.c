// SPDX-License-Identifier: Apache-2.0
/* One body, compiled for the least processor and for one with registers of 32 bytes; and the
 * same in plain words, which the tests hold the other two against. */
#include "audits/attack/kernel.h"

#include <stdlib.h>
#include <string.h>

typedef uint8_t bytes __attribute__((vector_size(AUD_LANES), aligned(AUD_LANES)));
typedef uint16_t words __attribute__((vector_size(AUD_LANES), aligned(AUD_LANES)));

#define INLINE static inline __attribute__((always_inline))

enum { HALF = AUD_LANES / 2 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "even bytes are low bytes");

/* How far apart 32 bytes and one are, in a column; both operands lie in memory, since what
 * is passed by value would depend on the processor. */
INLINE void one_column(bytes *out, const struct aud_plane *plane, size_t row,
                       const bytes *mine, const bytes *second)
{
    const bytes steps = (bytes){0} + AUD_STEPS;
    const bytes a = *(const bytes *)(plane->first + row);
    bytes far = (bytes)(a != *mine) & steps;
    if (plane->kind == AUD_PLANE_NUMBERS || plane->kind == AUD_PLANE_GAPS) {
        bytes is_more = (bytes)(a > *mine);
        far = ((a - *mine) & is_more) | ((*mine - a) & ~is_more);
    }
    if (plane->kind == AUD_PLANE_GAPS || plane->kind == AUD_PLANE_WIDE) {
        bytes differs = (bytes)(*(const bytes *)(plane->second + row) != *second);
        far = (far & ~differs) | (steps & differs);
    }
    *out = far;
}

/* Bytes at even and at odd places are added up apart, as words; here they meet again. */
INLINE void store(uint16_t *out, const words *even, const words *odd)
{
    words *to = (words *)(void *)out;
    to[0] = __builtin_shufflevector(*even, *odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5,
                                    21, 6, 22, 7, 23);
    to[1] = __builtin_shufflevector(*even, *odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                    13, 29, 14, 30, 15, 31);
}

INLINE void keep_least(words *least, const words *x)
{
    words is_less = (words)(*x < *least);
    *least = (*x & is_less) | (*least & ~is_less);
}

static size_t length_of(const struct aud_planes *rows, size_t first)
{
    return rows->n_rows - first < AUD_BLOCK ? rows->n_rows - first : AUD_BLOCK;
}

INLINE uint16_t distances(uint16_t out[AUD_BLOCK], const struct aud_planes *queries,
                          size_t query, const struct aud_planes *rows, size_t first)
{
    bytes mine[AUD_COLUMNS_MAX][2];
    words least = ~(words){0};
    uint16_t all[HALF];
    const size_t end = length_of(rows, first);
    for (size_t i = 0; i < rows->n_planes; i++) {
        const struct aud_plane *plane = &queries->plane[i];
        mine[i][0] = (bytes){0} + plane->first[query];
        mine[i][1] =
            (bytes){0} + (uint8_t)(plane->second != NULL ? plane->second[query] : 0);
    }
    for (size_t at = 0; at < end; at += AUD_LANES) {
        words even = {0};
        words odd = {0};
        for (size_t i = 0; i < rows->n_planes; i++) {
            bytes far;
            one_column(&far, &rows->plane[i], first + at, &mine[i][0], &mine[i][1]);
            even += (words)far & 0xff;
            odd += (words)far >> 8;
        }
        keep_least(&least, &even);
        keep_least(&least, &odd);
        store(out + at, &even, &odd);
    }
    (void)memcpy(all, &least, sizeof all);
    for (int k = 1; k < HALF; k++) {
        all[0] = all[k] < all[0] ? all[k] : all[0];
    }
    for (size_t at = end; at < AUD_BLOCK; at++) {
        out[at] = AUD_FAR; /* the rows that pad a plane are none */
    }
    return all[0];
}

static uint16_t by_vectors(uint16_t out[AUD_BLOCK], const struct aud_planes *queries,
                           size_t query, const struct aud_planes *rows, size_t first)
{
    return distances(out, queries, query, rows, first);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static uint16_t by_wide_vectors(
    uint16_t out[AUD_BLOCK], const struct aud_planes *queries, size_t query,
    const struct aud_planes *rows, size_t first)
{
    return distances(out, queries, query, rows, first);
}
#endif

static unsigned plain_column(const struct aud_plane *a, size_t i,
                             const struct aud_plane *b, size_t j)
{
    bool is_second = a->second != NULL && a->second[i] != b->second[j];
    bool is_number = a->kind == AUD_PLANE_NUMBERS || a->kind == AUD_PLANE_GAPS;
    int apart = abs(a->first[i] - b->first[j]);
    if (is_second || (!is_number && apart != 0)) {
        return AUD_STEPS;
    }
    return (unsigned)apart;
}

static uint16_t one_by_one(uint16_t out[AUD_BLOCK], const struct aud_planes *queries,
                           size_t query, const struct aud_planes *rows, size_t first)
{
    const size_t end = length_of(rows, first);
    uint16_t least = AUD_FAR;
    for (size_t at = 0; at < AUD_BLOCK; at++) {
        unsigned sum = at < end ? 0 : AUD_FAR;
        for (size_t i = 0; at < end && i < rows->n_planes; i++) {
            sum += plain_column(&queries->plane[i], query, &rows->plane[i], first + at);
        }
        out[at] = (uint16_t)sum;
        least = out[at] < least ? out[at] : least;
    }
    return least;
}

aud_kernel *aud_kernel_of(enum aud_route route)
{
    if (route == AUD_ROUTE_PLAIN) {
        return one_by_one;
    }
#if defined(__x86_64__)
    if (route == AUD_ROUTE_BEST && __builtin_cpu_supports("avx2") != 0) {
        return by_wide_vectors;
    }
#endif
    return by_vectors;
}
