// SPDX-License-Identifier: Apache-2.0
#include "model/scalar.h"

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

/* x = 2^k m with m near 1, s = (m - 1) / (m + 1), log m = 2 artanh s = 2 s + 2 s^3 / 3 +
 * ...; |s| is below 0.1716, so that the 12th term is below 2^-60 of the first. Near m = 1
 * the sum is arranged around f = m - 1, which is exact: log m = f - (h - s (h + r)) with
 * h = f^2 / 2 and r the tail of the series. */
double sil_log(double x)
{
    static const double SERIES[] = {
        2.0 / 25, 2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15,
        2.0 / 13, 2.0 / 11, 2.0 / 9,  2.0 / 7,  2.0 / 5,  2.0 / 3,
    };
    const double log2_high = 0x1.62e42feep-1;
    const double log2_low = 0x1.a39ef35793c76p-33;
    const uint64_t root_half = UINT64_C(0x3fe6a09e667f3bcd);

    if (!(x > 0)) {
        return x < 0 ? __builtin_nan("") : __builtin_isnan(x) ? x : -__builtin_inf();
    }
    if (x > 0x1.fffffffffffffp1023) {
        return x;
    }
    int64_t k = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p54;
        k = -54;
    }
    uint64_t bits;
    (void)memcpy(&bits, &x, sizeof bits);
    int64_t power = (int64_t)(bits - root_half) >> 52;
    bits -= (uint64_t)power << 52;
    (void)memcpy(&x, &bits, sizeof x);
    k += power;

    double f = x - 1;
    double s = f / (2 + f);
    double z = s * s;
    double tail = 0;
    for (unsigned i = 0; i < sizeof SERIES / sizeof SERIES[0]; i++) {
        tail = (tail + SERIES[i]) * z;
    }
    double half = 0.5 * f * f;
    return (double)k * log2_high -
           ((half - (s * (half + tail) + (double)k * log2_low)) - f);
}

/* The tail over the density, beyond 4: Laplace's continued fraction
 * 1 / (x + 1 / (x + 2 / (x + 3 / ...))), from behind. */
static double far_ratio(double x)
{
    enum { TERMS = 64 };

    double below = x;
    for (int k = TERMS; k > 0; k--) {
        below = x + k / below;
    }
    return 1 / below;
}

/* Nearer: sqrt(pi / 2) e^(x^2 / 2) - (x + x^3 / 3 + x^5 / (3 * 5) + ...), both by their series.
 * Up to x = 4 that loses four digits, below 0 nothing. */
static double near_ratio(double x)
{
    enum { TERMS = 128 };

    const double root = 0x1.40d931ff62705p+0; /* sqrt(pi / 2) */
    double square = x * x;
    double even = 1;
    double odd = x;
    double power = 1;
    double centre = x;
    for (int k = 1; k < TERMS; k++) {
        even *= square / (2 * k);
        odd *= square / (2 * k + 1);
        power += even;
        centre += odd;
    }
    return root * power - centre;
}

double sil_normal_hazard(double x)
{
    const double nothing = -8;
    const double far = 4;
    if (x < nothing) {
        return 0;
    }
    return 1 / (x < far ? near_ratio(x) : far_ratio(x));
}

double sil_sqrt(double x)
{
#if defined(__SSE2__)
    __m128d v = _mm_set_sd(x);
    return _mm_cvtsd_f64(_mm_sqrt_sd(v, v));
#else
    return __builtin_sqrt(x);
#endif
}
