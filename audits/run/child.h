// SPDX-License-Identifier: Apache-2.0
/// Running a program that the auditor does not trust: limits on time, memory and output, a
/// folder of its own, no environment, and, where the system lets them be taken away, no
/// network, no processes that outlive it, and nothing else that it could write to.
#ifndef AUDIT_RUN_CHILD_H
#define AUDIT_RUN_CHILD_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A folder that is empty at first, and removed with all that is in it. While there is one,
/// signals that would end this program wait until it is removed.
struct aud_scratch {
    char path[100];
    uint64_t device, inode; ///< another folder of this name is not ours
};

/// Below $TMPDIR or /tmp. Errors  SIL_ERR_IO.
SIL_MUST_USE sil_status aud_scratch_make(struct aud_scratch *out,
                                         struct sil_error *err);
/// No link is followed, and nothing is entered that is mounted there.
void aud_scratch_remove(struct aud_scratch *scratch);

/// Is such a signal waiting?
bool aud_is_interrupted(void);

/// What a program may use.
struct aud_limits {
    unsigned seconds;      ///< of wall time
    uint64_t memory;       ///< bytes that all of its processes have together
    uint64_t file_bytes;   ///< of any file that it writes, its output included
    uint64_t folder_bytes; ///< of disk that all of them take together
    uint64_t folder_files; ///< files and folders in its folder
    uint64_t processes;    ///< at a time
    bool is_closed;        ///< it shall be able to write in its folder only
};

enum aud_ending {
    AUD_EXITED,
    AUD_KILLED,    ///< by a signal, its own or one for too much memory or output
    AUD_TIMED_OUT, ///< and was killed; and so it is in what follows:
    AUD_OVERFULL, ///< its folder, or what it held, was more than it may be, or too deep
    AUD_GREEDY,   ///< its processes had more memory together than it may have
    AUD_CROWDED,  ///< there were more processes than it may have
    AUD_LOST      ///< the process that looks at it was ended, or did not answer in time
};

/// What this system would not do, each a bit.
enum aud_gap {
    AUD_GAP_NETWORK = 1, ///< take the network away
    AUD_GAP_FILES = 2,   ///< take other folders away, though it was not to have them
    AUD_GAP_SIGNALS = 4, ///< keep it from stopping or ending the auditor
    AUD_GAP_SIGHT = 8    ///< show what all of its processes hold
};

struct aud_outcome {
    enum aud_ending ending;
    bool has_signal; ///< what `code` is
    int code;        ///< exit code, or the signal
    bool
        is_late; ///< it ended by itself, and only then was it found to be beyond a limit
    unsigned gaps;
};

/// How it ended, for people: "exit code 1", "killed by signal 11", and so on.
void aud_outcome_say(char *out, size_t room, const struct aud_outcome *outcome);

/// The gaps, for people, with "; " between them; empty: none.
void aud_gaps_say(char *out, size_t room, unsigned gaps);

/// What programs get that have to be given anything.
enum { AUD_FOLDER_FILES = 10000, AUD_PROCESSES = 512 };

/// At most so many words.
enum { AUD_WORDS_MAX = 32 };

/// Run `words[0]` (a path; a NULL ends the list) in the scratch folder, standard input empty,
/// its output in the files "out" and "err" there. What it started ends with it, also in
/// sessions of its own. Folder and processes are looked at ten times a second, so that what it
/// can do in a tenth of one comes on top of their limits. What is not to be had from the
/// system is in `gaps`; where /proc does not show all processes, each is kept within its own
/// limits only. Who runs the other program must have no other children meanwhile, or those
/// that outlive a lost watch (AUD_LOST) stay.
/// Errors   SIL_ERR_IO: it could not be started, or a signal waits for this program (after
///          which the other is ended). SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_run(struct aud_outcome *out,
                                const struct aud_scratch *scratch,
                                const char *const *words,
                                const struct aud_limits *limits, struct sil_error *err);

#endif
