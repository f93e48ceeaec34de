// SPDX-License-Identifier: Apache-2.0
/// Privacy quantities, exact rationals with their unit as a type.
///
/// A rho cannot be passed where a sigma squared is wanted: the compiler refuses. (Two
/// published systems passed one as the other: reference test V5.)
#ifndef SIL_PRIVACY_UNITS_H
#define SIL_PRIVACY_UNITS_H

#include <gmp.h>

/// Zero-concentrated differential privacy (Bun and Steinke 2016), at least 0.
struct sil_rho {
    mpq_t v;
};

/// Variance of Gaussian noise, in squared counts; greater than 0. Sigma itself is never
/// stored: it is irrational as a rule.
struct sil_sigma2 {
    mpq_t v;
};

/// The epsilon of (epsilon, delta), or the parameter of an exponential mechanism.
struct sil_epsilon {
    mpq_t v;
};

/// The delta of (epsilon, delta); 0 < delta < 1.
struct sil_delta {
    mpq_t v;
};

#endif
