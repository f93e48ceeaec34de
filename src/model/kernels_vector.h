// SPDX-License-Identifier: Apache-2.0
/// Kernels on vectors: the part of model/kernels_body.h, which see, that knows registers.
#ifndef SIL_MODEL_KERNELS_VECTOR_H
#define SIL_MODEL_KERNELS_VECTOR_H

#include <stdint.h>
#include <string.h>

/* Read by itself, for a check of the header. */
#ifndef SIL_WIDTH
#    define SIL_WIDTH 2
#endif

enum { LANES = 8, REGISTERS = LANES / SIL_WIDTH, SUM_BLOCK = 4096 };

/* A register full of doubles, wherever they lie in memory. */
typedef double vec __attribute__((vector_size(8 * SIL_WIDTH), aligned(8), may_alias));
typedef int64_t bits __attribute__((vector_size(8 * SIL_WIDTH), aligned(8), may_alias));

#define LOAD(x)     (*(const vec *)(x))
#define STORE(x, v) (*(vec *)(x) = (v))

struct lanes {
    vec part[REGISTERS];
};

/* The one order in which eight lanes become a number. */
static inline double fold(const struct lanes *total)
{
    double v[LANES];
    (void)memcpy(v, total, sizeof v);
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

static inline void kernel_add(double *out, const double *x, size_t n)
{
    size_t i = 0;
    for (; i + SIL_WIDTH <= n; i += SIL_WIDTH) {
        STORE(out + i, LOAD(out + i) + LOAD(x + i));
    }
    for (; i < n; i++) {
        out[i] += x[i];
    }
}

static inline void kernel_add_scaled(double *out, double a, const double *x, size_t n)
{
    size_t i = 0;
    for (; i + SIL_WIDTH <= n; i += SIL_WIDTH) {
        STORE(out + i, LOAD(out + i) + a * LOAD(x + i));
    }
    for (; i < n; i++) {
        out[i] += a * x[i];
    }
}

static inline void kernel_multiply(double *out, const double *x, const double *y,
                                   size_t n)
{
    size_t i = 0;
    for (; i + SIL_WIDTH <= n; i += SIL_WIDTH) {
        STORE(out + i, LOAD(x + i) * LOAD(y + i));
    }
    for (; i < n; i++) {
        out[i] = x[i] * y[i];
    }
}

static inline void kernel_scale(double *out, const double *x, double a, size_t n)
{
    size_t i = 0;
    for (; i + SIL_WIDTH <= n; i += SIL_WIDTH) {
        STORE(out + i, LOAD(x + i) * a);
    }
    for (; i < n; i++) {
        out[i] = x[i] * a;
    }
}

/* The last cells of a block, filled up with zeros. */
static inline void pad(double out[LANES], const double *x, size_t n)
{
    (void)memset(out, 0, LANES * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = x[i];
    }
}

static inline void sum_step(struct lanes *total, const double *x)
{
    for (int r = 0; r < REGISTERS; r++) {
        total->part[r] += LOAD(x + r * SIL_WIDTH);
    }
}

static inline double sum_block(const double *x, size_t n)
{
    struct lanes total = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        sum_step(&total, x + i);
    }
    if (i < n) {
        double last[LANES];
        pad(last, x + i, n - i);
        sum_step(&total, last);
    }
    return fold(&total);
}

static inline double kernel_sum(const double *x, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i += SUM_BLOCK) {
        total += sum_block(x + i, n - i < SUM_BLOCK ? n - i : SUM_BLOCK);
    }
    return total;
}

static inline void dot_step(struct lanes *total, const double *x, const double *y)
{
    for (int r = 0; r < REGISTERS; r++) {
        total->part[r] += LOAD(x + r * SIL_WIDTH) * LOAD(y + r * SIL_WIDTH);
    }
}

static inline double dot_block(const double *x, const double *y, size_t n)
{
    struct lanes total = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        dot_step(&total, x + i, y + i);
    }
    if (i < n) {
        double last[2][LANES];
        pad(last[0], x + i, n - i);
        pad(last[1], y + i, n - i);
        dot_step(&total, last[0], last[1]);
    }
    return fold(&total);
}

static inline double kernel_dot(const double *x, const double *y, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i += SUM_BLOCK) {
        total += dot_block(x + i, y + i, n - i < SUM_BLOCK ? n - i : SUM_BLOCK);
    }
    return total;
}

static inline void distance_step(struct lanes *total, const double *w, const double *x,
                                 const double *y)
{
    for (int r = 0; r < REGISTERS; r++) {
        vec gap = LOAD(x + r * SIL_WIDTH) - LOAD(y + r * SIL_WIDTH);
        total->part[r] += LOAD(w + r * SIL_WIDTH) * gap * gap;
    }
}

static inline double distance_block(const double *w, const double *x, const double *y,
                                    size_t n)
{
    struct lanes total = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        distance_step(&total, w + i, x + i, y + i);
    }
    if (i < n) {
        double last[3][LANES];
        pad(last[0], w + i, n - i);
        pad(last[1], x + i, n - i);
        pad(last[2], y + i, n - i);
        distance_step(&total, last[0], last[1], last[2]);
    }
    return fold(&total);
}

static inline double kernel_distance(const double *w, const double *x, const double *y,
                                     size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i += SUM_BLOCK) {
        total +=
            distance_block(w + i, x + i, y + i, n - i < SUM_BLOCK ? n - i : SUM_BLOCK);
    }
    return total;
}

/* A largest value has no order of operations to keep. */
static inline double kernel_largest(const double *x, size_t n)
{
    double best = n > 0 ? x[0] : 0;
    for (size_t i = 1; i < n; i++) {
        best = x[i] > best ? x[i] : best;
    }
    return best;
}

static inline void kernel_gradient(double *out, const double *const in[5], size_t n)
{
    const double *mu = in[0];
    const double *y = in[1];
    const double *s = in[2];
    const double *x = in[3];
    const double *c = in[4];
    size_t i = 0;
    for (; i + SIL_WIDTH <= n; i += SIL_WIDTH) {
        vec pull = LOAD(s + i) * (LOAD(x + i) - LOAD(c + i));
        STORE(out + i, (LOAD(mu + i) - LOAD(y + i)) + pull);
    }
    for (; i < n; i++) {
        out[i] = (mu[i] - y[i]) + s[i] * (x[i] - c[i]);
    }
}

/* e^x = 2^k e^r with x = k log 2 + r and |r| <= log(2) / 2; e^r by its series, whose
 * 14th term is below 2^-57, the even and the odd powers side by side. log 2 is taken in two
 * parts, the first with 20 trailing zero bits, so that k times it is exact. 2^k is applied
 * in two steps, so that results down to the smallest denormal number are rounded once. */
static inline vec exp_vec(vec x)
{
    const double round = 0x1.8p52;
    const double log2_high = 0x1.62e42feep-1;
    const double log2_low = 0x1.a39ef35793c76p-33;

    bits is_over = x > 709.79;
    bits is_under = x < -745.14;
    bits is_odd = x != x;
    bits is_plain = ~(is_over | is_under | is_odd);
    vec argument = x;
    x = (vec)((bits)x & is_plain);

    vec shifted = x * 0x1.71547652b82fep+0 + round;
    vec k = shifted - round;
    vec r = (x - k * log2_high) - k * log2_low;
    vec z = r * r;
    vec even = z * (1.0 / 479001600) + 1.0 / 3628800;
    vec odd = z * (1.0 / 6227020800) + 1.0 / 39916800;
    even = even * z + 1.0 / 40320;
    odd = odd * z + 1.0 / 362880;
    even = even * z + 1.0 / 720;
    odd = odd * z + 1.0 / 5040;
    even = even * z + 1.0 / 24;
    odd = odd * z + 1.0 / 120;
    even = even * z + 0.5;
    odd = odd * z + 1.0 / 6;
    vec result = 1.0 + (r + z * (even + odd * r));

    vec base = x * 0 + round;
    bits power = (bits)shifted - (bits)base;
    vec half = k * 0.5 + round;
    bits first = (bits)half - (bits)base;
    bits second = power - first;
    result *= (vec)((first + 1023) << 52);
    result *= (vec)((second + 1023) << 52);

    bits huge = (bits)(base * 0 + __builtin_inf()) & is_over;
    bits strange = (bits)argument & is_odd;
    return (vec)(((bits)result & is_plain) | huge | strange);
}

static inline void kernel_exponential(double *out, const double *x, double shift,
                                      size_t n)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int r = 0; r < LANES; r += SIL_WIDTH) {
            STORE(out + i + r, exp_vec(LOAD(x + i + r) - shift));
        }
    }
    if (i < n) {
        double last[LANES];
        pad(last, x + i, n - i);
        for (int r = 0; r < LANES; r += SIL_WIDTH) {
            STORE(last + r, exp_vec(LOAD(last + r) - shift));
        }
        for (size_t k = 0; i + k < n; k++) {
            out[i + k] = last[k];
        }
    }
}

#endif
