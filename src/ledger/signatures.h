// SPDX-License-Identifier: Apache-2.0
/// Many signatures judged at once, on all cores.
///
/// Who has n things to verify (entries, checkpoints) writes a judge for one of them and
/// gets n verdicts; what a verdict means, and which is reported first, stays with the
/// caller, who reads them in order. So the outcome does not depend on the number of cores.
#ifndef SIL_LEDGER_SIGNATURES_H
#define SIL_LEDGER_SIGNATURES_H

#include "silhouette/status.h"

#include <stddef.h>

/// Judge thing `i`: SIL_OK, it holds; any other status, it does not or cannot be judged.
/// Called from any thread, once for each i; must touch nothing that another i touches.
typedef sil_status sil_judge_fn(void *context, size_t i);

/// Fewer things than this are judged on the calling thread, so that short commands start
/// no threads and a process that forks later has none to lose.
#define SIL_JUDGE_PARALLEL_MIN 64

/// verdict[i] = judge(context, i) for i = 0 .. n - 1. Cannot fail.
void sil_judge_all(sil_status *verdict, size_t n, sil_judge_fn *judge, void *context);

/// Work that only one thread can do.
typedef void sil_beside_fn(void *context);

/// The same, while one thread does `work` first. They must not touch what the other touches.
void sil_judge_beside(sil_status *verdict, size_t n, sil_judge_fn *judge, void *context,
                      sil_beside_fn *work, void *work_context);

#endif
