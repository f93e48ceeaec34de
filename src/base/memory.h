// SPDX-License-Identifier: Apache-2.0
/// Sizes that come from files or flags are checked before anything is allocated.
#ifndef SIL_BASE_MEMORY_H
#define SIL_BASE_MEMORY_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// a * b and a + b into `out`; false, with `out` untouched, when they do not fit.
SIL_MUST_USE bool sil_mul_size(size_t *out, size_t a, size_t b);
SIL_MUST_USE bool sil_add_size(size_t *out, size_t a, size_t b);

/// Allocate `n` zeroed elements of `size` bytes; freed with free(). n = 0 gives a
/// pointer that may be freed and not read. `what` names the thing in the error.
/// Errors   SIL_ERR_INTERNAL: out of memory, or n * size does not fit; `out` is NULL.
SIL_MUST_USE sil_status sil_alloc(void *out, size_t n, size_t size, const char *what,
                                  struct sil_error *err);

/// Grow the array at `array` (capacity in `capacity`, elements of `size` bytes) so that
/// it holds at least `need`; new elements are zeroed, the array at least doubles.
/// Errors   SIL_ERR_INTERNAL; the array is then unchanged.
SIL_MUST_USE sil_status sil_grow(void *array, size_t *capacity, size_t need,
                                 size_t size, const char *what, struct sil_error *err);

/// Allocate `n` zeroed elements aligned to 64 bytes (vector kernels); freed with free().
SIL_MUST_USE sil_status sil_alloc_aligned(void *out, size_t n, size_t size,
                                          const char *what, struct sil_error *err);

#endif
