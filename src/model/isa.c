// SPDX-License-Identifier: Apache-2.0
#include "model/isa.h"

#include "base/fail.h"
#include "model/kernels.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") != 0;
}
#endif

/* Slowest first. */
static const struct choice {
    const char *name;
    bool (*is_present)(void);
    const struct sil_kernels *kernels;
} CHOICES[] = {
    {"scalar", always,     &sil_kernels_scalar},
#if defined(__x86_64__)
    {"avx2",   has_avx2,   &sil_kernels_avx2  },
    {"avx512", has_avx512, &sil_kernels_avx512},
#endif
};

enum { N_CHOICES = sizeof CHOICES / sizeof CHOICES[0] };

static _Atomic(const struct choice *) chosen;

static const struct choice *current(void)
{
    const struct choice *choice = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (choice == NULL) {
        for (size_t i = 0; i < N_CHOICES; i++) {
            choice = CHOICES[i].is_present() ? &CHOICES[i] : choice;
        }
        atomic_store_explicit(&chosen, choice, memory_order_relaxed);
    }
    return choice;
}

sil_status sil_isa_select(const char *name, struct sil_error *err)
{
    if (name == NULL || name[0] == '\0') {
        atomic_store_explicit(&chosen, NULL, memory_order_relaxed);
        return SIL_OK;
    }
    for (size_t i = 0; i < N_CHOICES; i++) {
        if (strcmp(name, CHOICES[i].name) == 0 && CHOICES[i].is_present()) {
            atomic_store_explicit(&chosen, &CHOICES[i], memory_order_relaxed);
            return SIL_OK;
        }
        if (strcmp(name, CHOICES[i].name) == 0) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "this machine does not have the instruction set \"%s\"",
                            name);
        }
    }
    return sil_fail(err, SIL_ERR_USAGE,
                    "unknown instruction set \"%.32s\": use scalar, avx2 or avx512",
                    name);
}

const char *sil_isa_name(void)
{
    return current()->name;
}

const struct sil_kernels *sil_kernels(void)
{
    return current()->kernels;
}
