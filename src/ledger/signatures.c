// SPDX-License-Identifier: Apache-2.0
#include "ledger/signatures.h"

void sil_judge_all(sil_status *verdict, size_t n, sil_judge_fn *judge, void *context)
{
    /* Verifying takes the same time for each, so equal shares need no scheduler. */
#pragma omp parallel for schedule(static) if (n >= SIL_JUDGE_PARALLEL_MIN)
    for (size_t i = 0; i < n; i++) {
        verdict[i] = judge(context, i);
    }
}

void sil_judge_beside(sil_status *verdict, size_t n, sil_judge_fn *judge, void *context,
                      sil_beside_fn *work, void *work_context)
{
    /* Whoever works comes late to the loop: shares are taken, not given out. Who judges
     * what changes no verdict. */
#pragma omp parallel if (n >= SIL_JUDGE_PARALLEL_MIN)
    {
#pragma omp single nowait
        work(work_context);
#pragma omp for schedule(dynamic, 8) nowait
        for (size_t i = 0; i < n; i++) {
            verdict[i] = judge(context, i);
        }
    }
}
