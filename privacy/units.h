// SPDX-License-Identifier: Apache-2.0
/// Privacy quantities, exact rationals with their unit as a type.
///
/// A rho cannot be passed where a sigma squared is wanted: the compiler refuses. (Two
/// published systems passed one as the other.)
///
/// Each is initialised to 0 and cleared by its own pair; the value itself is set, read
/// and compared with GMP's functions on `v`.
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

/// The probability that a guess between two tables is right; 1/2 <= v <= 1.
struct sil_guess {
    mpq_t v;
};

static inline void sil_rho_init(struct sil_rho *rho)
{
    mpq_init(rho->v);
}

static inline void sil_rho_clear(struct sil_rho *rho)
{
    mpq_clear(rho->v);
}

static inline void sil_sigma2_init(struct sil_sigma2 *sigma2)
{
    mpq_init(sigma2->v);
}

static inline void sil_sigma2_clear(struct sil_sigma2 *sigma2)
{
    mpq_clear(sigma2->v);
}

static inline void sil_epsilon_init(struct sil_epsilon *epsilon)
{
    mpq_init(epsilon->v);
}

static inline void sil_epsilon_clear(struct sil_epsilon *epsilon)
{
    mpq_clear(epsilon->v);
}

static inline void sil_delta_init(struct sil_delta *delta)
{
    mpq_init(delta->v);
}

static inline void sil_delta_clear(struct sil_delta *delta)
{
    mpq_clear(delta->v);
}

static inline void sil_guess_init(struct sil_guess *guess)
{
    mpq_init(guess->v);
}

static inline void sil_guess_clear(struct sil_guess *guess)
{
    mpq_clear(guess->v);
}

#endif
