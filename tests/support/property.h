// SPDX-License-Identifier: Apache-2.0
/// Properties checked on many random cases. The seed is fixed, printed when a case fails,
/// and settable: SIL_TEST_SEED=<number> makes that case the first one; SIL_TEST_MULTIPLIER
/// scales the number of cases.
#ifndef TESTS_SUPPORT_PROPERTY_H
#define TESTS_SUPPORT_PROPERTY_H

#include "silhouette/status.h"

#include <gmp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Random words for cases (SplitMix64); not for noise.
struct test_random {
    uint64_t state;
};

uint64_t test_word(struct test_random *random);

/// 0 .. n - 1, n > 0; not exactly uniform, which cases need not be.
uint64_t test_below(struct test_random *random, uint64_t n);

/// A word that is often 0, 1, the largest, or next to a power of two.
uint64_t test_edge_word(struct test_random *random);

/// A canonical rational >= 0 of at most `bits` bits a side, often 0, 1, a power of two.
void test_rational(mpq_t out, struct test_random *random, unsigned bits);

/// True when the property holds for one random case.
typedef bool test_property(struct test_random *random, void *context);

/// Try `cases` random cases, stopping at the first that fails, whose seed is printed.
SIL_MUST_USE bool test_forall(const char *name, size_t cases, test_property *holds,
                              void *context);

/// `n` times SIL_TEST_MULTIPLIER (1 when unset), at least 1.
size_t test_cases(size_t n);

/// SIL_TEST_SEED, or `fallback` when unset.
uint64_t test_seed(uint64_t fallback);

#endif
