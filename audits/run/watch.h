// SPDX-License-Identifier: Apache-2.0
/// What a stranger's program has taken so far: no limit of the system counts the files of a
/// folder together, nor the processes of a privileged user.
#ifndef AUDIT_RUN_WATCH_H
#define AUDIT_RUN_WATCH_H

#include "audits/run/child.h"

struct aud_watch {
    unsigned greedy; ///< looks one after the other that saw too much memory
    const char *folder;
    const struct aud_limits *limits;
    bool has_segments; ///< of System V memory only those that it makes are here
    bool is_unseen;    ///< not all could be looked at, and of that nothing was counted;
                       ///< whether /proc shows all is for the caller to find out
};

/// Which of the limits is exceeded by what lies in the folder, by what processes hold
/// (held.h), by the memory that they have for themselves and in common, or by the number of processes that come from this one; AUD_EXITED: none.
/// Allocates nothing, and is for one thread.
enum aud_ending aud_watch_look(struct aud_watch *watch);

#endif
