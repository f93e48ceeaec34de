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
