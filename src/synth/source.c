// SPDX-License-Identifier: Apache-2.0
#include "synth/source.h"

static sil_status measure(void *of, const struct sil_counts *counts,
                          const struct sil_sigma2 *sigma2,
                          const struct sil_release **release, struct sil_error *err)
{
    return sil_gate_measure(of, counts, sigma2, release, err);
}

static sil_status select_one(void *of, const struct sil_candidate *candidates, size_t n,
                             const struct sil_epsilon *epsilon, size_t *chosen,
                             struct sil_error *err)
{
    return sil_gate_select(of, candidates, n, epsilon, chosen, err);
}

static void spent(struct sil_rho *out, const void *of)
{
    sil_gate_spent(out, of);
}

static void remaining(struct sil_rho *out, const void *of)
{
    sil_gate_remaining(out, of);
}

static uint64_t sensitivity_squared(const void *of)
{
    return sil_gate_sensitivity_squared(of);
}

struct sil_source sil_source_of_gate(struct sil_gate *gate)
{
    static const struct sil_source_calls CALLS = {
        .measure = measure,
        .select = select_one,
        .spent = spent,
        .remaining = remaining,
        .sensitivity_squared = sensitivity_squared,
    };
    return (struct sil_source){.calls = &CALLS, .of = gate};
}
