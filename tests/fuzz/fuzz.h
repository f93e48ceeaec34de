// SPDX-License-Identifier: Apache-2.0
/// What every fuzz target defines, and how it says that a promise is broken.
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/// Take one input; returns 0. The name is libFuzzer's.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// Abort, which is what a fuzzer looks for, when a promise does not hold.
#define FUZZ_REQUIRE(condition)                                                   \
    do {                                                                          \
        if (!(condition)) {                                                       \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                              \
        }                                                                         \
    } while (0)

#endif
