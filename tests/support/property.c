// SPDX-License-Identifier: Apache-2.0
#include "support/property.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Wrapping around is the point; clang's integer sanitizer would stop it. */
#if defined(__clang__)
#    define WRAPS __attribute__((no_sanitize("integer")))
#else
#    define WRAPS
#endif

WRAPS uint64_t test_word(struct test_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

uint64_t test_below(struct test_random *random, uint64_t n)
{
    assert(n > 0);
    return test_word(random) % n;
}

uint64_t test_edge_word(struct test_random *random)
{
    uint64_t power = (uint64_t)1 << test_below(random, 64);
    switch (test_below(random, 8)) {
    case 0: return test_below(random, 2);
    case 1: return UINT64_MAX - test_below(random, 2);
    case 2: return power;
    case 3: return power - 1;
    case 4: return test_word(random) & (power - 1);
    default: return test_word(random);
    }
}

static void random_integer(mpz_t out, struct test_random *random, unsigned bits)
{
    mpz_set_ui(out, 0);
    for (unsigned have = 0; have < bits; have += 64) {
        mpz_mul_2exp(out, out, 64);
        mpz_add_ui(out, out, test_edge_word(random));
    }
    mpz_fdiv_r_2exp(out, out, test_below(random, bits) + 1);
}

void test_rational(mpq_t out, struct test_random *random, unsigned bits)
{
    random_integer(mpq_numref(out), random, bits);
    random_integer(mpq_denref(out), random, bits);
    if (mpz_sgn(mpq_denref(out)) == 0) {
        mpz_set_ui(mpq_denref(out), 1);
    }
    mpq_canonicalize(out);
}

static uint64_t from_environment(const char *name, uint64_t fallback)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): test programs never set the environment */
    const char *text = getenv(name);
    return text == NULL ? fallback : strtoull(text, NULL, 0);
}

uint64_t test_seed(uint64_t fallback)
{
    return from_environment("SIL_TEST_SEED", fallback);
}

size_t test_cases(size_t n)
{
    size_t cases = n * (size_t)from_environment("SIL_TEST_MULTIPLIER", 1);
    return cases > 0 ? cases : 1;
}

bool test_forall(const char *name, size_t cases, test_property *holds, void *context)
{
    uint64_t seed = test_seed(0x51110e77e);
    for (size_t i = 0; i < test_cases(cases); i++) {
        struct test_random random = {.state = seed + i};
        if (!holds(&random, context)) {
            fprintf(stderr, "%s: fails with SIL_TEST_SEED=%" PRIu64 "\n", name,
                    seed + i);
            return false;
        }
    }
    return true;
}
