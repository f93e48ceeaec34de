// SPDX-License-Identifier: Apache-2.0
/// Kernels of the search for rows (model/search_run.h): a part of model/kernels_body.h.
#ifndef SIL_MODEL_KERNELS_SEARCH_H
#define SIL_MODEL_KERNELS_SEARCH_H

#include "model/search_tables.h"

#if defined(__AVX2__)
#    include <immintrin.h>
#endif

static inline void kernel_locate(uint32_t *out, uint32_t first,
                                 const uint32_t *const code[3], const uint32_t step[3],
                                 size_t n)
{
    const uint32_t *x = code[0];
    const uint32_t *y = code[1];
    const uint32_t *z = code[2];
    for (size_t i = 0; i < n; i++) {
        out[i] = first + x[i] * step[0] + y[i] * step[1] + z[i] * step[2];
    }
}

#if defined(__AVX2__)
/* Four loads: on many machines an instruction that gathers is slower. */
static inline __m256i four_words(const long long *words, const uint32_t *at)
{
    return _mm256_set_epi64x(words[at[3]], words[at[2]], words[at[1]], words[at[0]]);
}
#endif

/* A cell is one word: diff below, weight above. */
static inline void kernel_weigh(int64_t *sum, const struct sil_search_cell *cells,
                                const uint32_t *less, const uint32_t *more,
                                unsigned unit_bits, size_t n)
{
    size_t i = 0;
#if defined(__AVX2__)
    const long long *words = (const long long *)cells;
    const __m256i weight = _mm256_set1_epi64x(SIL_NO_ROWS - 1);
    const __m128i shift = _mm_cvtsi32_si128((int)unit_bits);
    for (; i + 4 <= n; i += 4) {
        __m256i a = four_words(words, less + i);
        __m256i b = four_words(words, more + i);
        __m256i w_a = _mm256_and_si256(_mm256_srli_epi64(a, 32), weight);
        __m256i w_b = _mm256_and_si256(_mm256_srli_epi64(b, 32), weight);
        __m256i slope =
            _mm256_sub_epi64(_mm256_mul_epi32(b, w_b), _mm256_mul_epi32(a, w_a));
        __m256i level = _mm256_sll_epi64(_mm256_add_epi64(w_a, w_b), shift);
        __m256i *to = (__m256i *)(sum + i);
        __m256i change = _mm256_add_epi64(level, _mm256_slli_epi64(slope, 1));
        _mm256_storeu_si256(to, _mm256_add_epi64(_mm256_loadu_si256(to), change));
    }
#endif
    for (; i < n; i++) {
        sum[i] += sil_search_less(cells[less[i]], unit_bits) +
                  sil_search_more(cells[more[i]], unit_bits);
    }
}

#endif
