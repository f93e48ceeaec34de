// SPDX-License-Identifier: Apache-2.0
/// Running a program that the auditor does not trust: limits on time, memory and output, a
/// folder of its own, no environment, and, where the system lets them be taken away, no
/// network, no processes that outlive it, and nothing else that it could write to.
#ifndef AUDIT_RUN_CHILD_H
#define AUDIT_RUN_CHILD_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stdint.h>

/// A folder that is empty at first, and removed with all that is in it. While there is one,
/// signals that would end this program wait until it is removed.
struct aud_scratch {
    char path[100];
};

/// Below $TMPDIR or /tmp. Errors  SIL_ERR_IO.
SIL_MUST_USE sil_status aud_scratch_make(struct aud_scratch *out,
                                         struct sil_error *err);
void aud_scratch_remove(struct aud_scratch *scratch);

/// Is such a signal waiting?
bool aud_is_interrupted(void);

/// What a program may use.
struct aud_limits {
    unsigned seconds;    ///< of wall time
    uint64_t memory;     ///< bytes
    uint64_t file_bytes; ///< of any file that it writes, its output included
    bool is_closed;      ///< it shall be able to write in its folder only
};

enum aud_ending {
    AUD_EXITED,
    AUD_KILLED,   ///< by a signal, its own or one for too much memory or output
    AUD_TIMED_OUT ///< and was killed
};

struct aud_outcome {
    enum aud_ending ending;
    int code;         ///< exit code, or the signal
    bool had_network; ///< the system would not take it away
    bool had_files;   ///< it could write elsewhere, though it was not to
};

/// At most so many words.
enum { AUD_WORDS_MAX = 32 };

/// Run `words[0]` (a path; a NULL ends the list) in the scratch folder, standard input empty,
/// its output in the files "out" and "err" there. What it started ends with it, also in
/// sessions of its own.
/// Errors   SIL_ERR_IO: it could not be started, or a signal waits for this program (after
///          which the other is ended). SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_run(struct aud_outcome *out,
                                const struct aud_scratch *scratch,
                                const char *const *words,
                                const struct aud_limits *limits, struct sil_error *err);

#endif
