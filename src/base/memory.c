// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

bool sil_mul_size(size_t *out, size_t a, size_t b)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) {
        return false;
    }
    *out = product;
    return true;
}

bool sil_add_size(size_t *out, size_t a, size_t b)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return false;
    }
    *out = sum;
    return true;
}

static sil_status out_of_memory(struct sil_error *err, size_t n, size_t size,
                                const char *what)
{
    return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: %s (%zu x %zu bytes)", what,
                    n, size);
}

sil_status sil_alloc(void *out, size_t n, size_t size, const char *what,
                     struct sil_error *err)
{
    void *memory = calloc(n > 0 ? n : 1, size > 0 ? size : 1);
    (void)memcpy(out, &memory, sizeof memory);
    return memory != NULL ? SIL_OK : out_of_memory(err, n, size, what);
}

sil_status sil_grow(void *array, size_t *capacity, size_t need, size_t size,
                    const char *what, struct sil_error *err)
{
    if (need <= *capacity) {
        return SIL_OK;
    }

    size_t larger = *capacity < 8 ? 8 : *capacity;
    size_t bytes;
    while (larger < need) {
        if (!sil_mul_size(&larger, larger, 2)) {
            return out_of_memory(err, need, size, what);
        }
    }
    if (!sil_mul_size(&bytes, larger, size)) {
        return out_of_memory(err, larger, size, what);
    }

    void *memory;
    (void)memcpy(&memory, array, sizeof memory);
    memory = realloc(memory, bytes);
    if (memory == NULL) {
        return out_of_memory(err, larger, size, what);
    }
    (void)memset((char *)memory + *capacity * size, 0, (larger - *capacity) * size);
    (void)memcpy(array, &memory, sizeof memory);
    *capacity = larger;
    return SIL_OK;
}

sil_status sil_alloc_aligned(void *out, size_t n, size_t size, const char *what,
                             struct sil_error *err)
{
    enum { ALIGNMENT = 64 };

    void *memory = NULL;
    size_t bytes;
    if (sil_mul_size(&bytes, n, size) && sil_add_size(&bytes, bytes, ALIGNMENT)) {
        bytes &= ~(size_t)(ALIGNMENT - 1);
        memory = aligned_alloc(ALIGNMENT, bytes);
    }
    if (memory != NULL) {
        (void)memset(memory, 0, bytes);
    }
    (void)memcpy(out, &memory, sizeof memory);
    return memory != NULL ? SIL_OK : out_of_memory(err, n, size, what);
}
