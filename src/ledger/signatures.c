// SPDX-License-Identifier: Apache-2.0
#include "ledger/signatures.h"

/* Things at a time: cores of a shared machine are not equally fast, so each takes what comes
 * next when it is done. Who judges what changes no verdict. */
enum { SHARE = 4 };

void sil_judge_all(sil_status *verdict, size_t n, sil_judge_fn *judge, void *context)
{
#pragma omp parallel for schedule(dynamic, SHARE) if (n >= SIL_JUDGE_PARALLEL_MIN)
    for (size_t i = 0; i < n; i++) {
        verdict[i] = judge(context, i);
    }
}

void sil_judge_beside(sil_status *verdict, size_t n, sil_judge_fn *judge, void *context,
                      sil_beside_fn *work, void *work_context)
{
#pragma omp parallel if (n >= SIL_JUDGE_PARALLEL_MIN)
    {
#pragma omp single nowait
        work(work_context);
#pragma omp for schedule(dynamic, SHARE) nowait
        for (size_t i = 0; i < n; i++) {
            verdict[i] = judge(context, i);
        }
    }
}
