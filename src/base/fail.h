// SPDX-License-Identifier: Apache-2.0
/// How a function fails: a status, a sentence, one exit.
#ifndef SIL_BASE_FAIL_H
#define SIL_BASE_FAIL_H

#include "silhouette/status.h"

/// Write the sentence into `err` (NULL allowed; cut at its size; control bytes of names in
/// it become '?') and return `status`.
sil_status sil_fail(struct sil_error *err, sil_status status, const char *format, ...)
    SIL_PRINTF(3, 4);

/// Fail with SIL_ERR_IO and the meaning of `errno` behind the sentence.
sil_status sil_fail_errno(struct sil_error *err, const char *format, ...)
    SIL_PRINTF(2, 3);

/// Put "context: " in front of the sentence that a callee wrote; returns `status`.
sil_status sil_fail_within(struct sil_error *err, sil_status status, const char *format,
                           ...) SIL_PRINTF(3, 4);

/// Leave for the label `cleanup` with the status of a failed call. Needs a local
/// `sil_status status`. The only control-flow macro of the house.
#define SIL_TRY(call)           \
    do {                        \
        status = (call);        \
        if (status != SIL_OK) { \
            goto cleanup;       \
        }                       \
    } while (0)

/// Abort the process, in every build, when the program itself is wrong and going on
/// could spend privacy that was not charged. For conditions no input can cause.
#define SIL_REQUIRE(condition) \
    ((condition) ? (void)0 : sil_require_failed(#condition, __FILE__, __LINE__))

_Noreturn void sil_require_failed(const char *condition, const char *file, int line);

#endif
