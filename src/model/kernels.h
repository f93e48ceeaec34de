// SPDX-License-Identifier: Apache-2.0
/// The inner loops, compiled once for each instruction set from one source.
///
/// The source is written in vectors of 8 lanes and IEEE operations only, without fused
/// multiply-add, so that every build of it gives the same bits: an instruction set decides
/// how many lanes move at once, never what is added to what.
#ifndef SIL_MODEL_KERNELS_H
#define SIL_MODEL_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sil_detour;
struct sil_pass;
struct sil_search_cell;

struct sil_kernels {
    /// Walk one chunk of a pass (model/pass.h). `work` is its scratch.
    void (*walk)(const struct sil_pass *pass, size_t chunk, double *work);
    /// Copy the own table of a detour to its wide table, or add the wide one into it.
    void (*follow)(const struct sil_detour *detour, bool is_sum);
    /// out = e^(x - shift), within 1 ulp; 0 below the range and infinity above it.
    void (*exponential)(double *out, const double *x, double shift, size_t n);
    /// Sum of x y, in blocks of 4,096 with 8 lanes, blocks added in order.
    double (*dot)(const double *x, const double *y, size_t n);
    double (*sum)(const double *x, size_t n);
    /// Sum of w (x - y)^2, in the order of `dot`.
    double (*distance)(const double *w, const double *x, const double *y, size_t n);
    double (*largest)(const double *x, size_t n);
    void (*add)(double *out, const double *x, size_t n);
    void (*add_scaled)(double *out, double a, const double *x, size_t n);
    void (*multiply)(double *out, const double *x, const double *y, size_t n);
    void (*scale)(double *out, const double *x, double a, size_t n);
    /// out = (mu - y) + s (x - c): the gradient of the regularised dual.
    void (*gradient)(double *out, const double *const in[5], size_t n);
    /// out = first + code[0] step[0] + code[1] step[1] + code[2] step[2].
    void (*locate)(uint32_t *out, uint32_t first, const uint32_t *const code[3],
                   const uint32_t step[3], size_t n);
    /// Add to each sum what a row less in one cell and a row more in another change
    /// (model/search_tables.h).
    void (*weigh)(int64_t *sum, const struct sil_search_cell *cells,
                  const uint32_t *less, const uint32_t *more, unsigned unit_bits,
                  size_t n);
};

/// The kernels in use (model/isa.h chooses).
const struct sil_kernels *sil_kernels(void);

extern const struct sil_kernels sil_kernels_scalar;
#if defined(__x86_64__)
extern const struct sil_kernels sil_kernels_avx2;
extern const struct sil_kernels sil_kernels_avx512;
#endif

#endif
