// SPDX-License-Identifier: Apache-2.0
/// Status codes, the error text, and the attributes every public header uses.
///
/// A status is also the exit code of the command line tools, so that there is one table
/// of outcomes in the house and not two. The numbers are part of the interface.
#ifndef SILHOUETTE_STATUS_H
#define SILHOUETTE_STATUS_H

#if defined(__GNUC__)
#    define SIL_API                 __attribute__((visibility("default")))
#    define SIL_MUST_USE            __attribute__((warn_unused_result))
#    define SIL_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#    define SIL_API
#    define SIL_MUST_USE
#    define SIL_PRINTF(text, first)
#endif

typedef enum sil_status {
    SIL_OK = 0,
    SIL_ERR_CHECK = 1,       ///< a check failed or a claim is refuted
    SIL_ERR_UNSUPPORTED = 2, ///< inconclusive, or of an unknown version
    SIL_ERR_USAGE = 64,      ///< the caller asked for something contradictory
    SIL_ERR_INPUT = 65,      ///< a file or value given is not valid
    SIL_ERR_INTERNAL = 70,   ///< out of memory, or a defect of this program
    SIL_ERR_IO = 74,         ///< the operating system refused to read or write
    SIL_ERR_BUDGET = 77,     ///< the privacy budget does not allow it
} sil_status;

/// One sentence for the operator: what is wrong, where, and what to do. It may name a
/// file, a line and a column, never a value of a row. Meaningful only after a function
/// that took it returned something other than SIL_OK. NULL is accepted wherever a
/// `struct sil_error *` is a parameter.
struct sil_error {
    char text[512];
};

#endif
