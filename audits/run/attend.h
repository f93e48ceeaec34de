// SPDX-License-Identifier: Apache-2.0
/// The process that starts the other program, looks at it, and ends all that it leaves.
#ifndef AUDIT_RUN_ATTEND_H
#define AUDIT_RUN_ATTEND_H

#include "audits/run/child.h"
#include "audits/run/world.h"

#include <sched.h>
#include <sys/types.h>

struct aud_errand {
    const struct aud_scratch *scratch;
    const char *const *words; ///< a whole path, and what follows
    const struct aud_limits *limits;
    pid_t auditor; ///< who may ask by SIGTERM that the program be ended
    int policy;    ///< how the program is given its turns: as the auditor is
    struct sched_param turns;
};

/// It is told twice: before the program is let run, and when all is over.
struct aud_report {
    bool is_last;
    bool has_started;
    enum aud_ending ended; ///< what it went beyond; AUD_EXITED: nothing
    bool was_stopped;      ///< or ended by itself in the moment that it was to be
    int how;               ///< as waitpid gives it
    unsigned gaps;         ///< enum aud_gap
};

/// For the first process of a world with processes of its own, where there is one.
_Noreturn void aud_attend(const struct aud_errand *errand,
                          const struct aud_world *world, int reports);

#endif
