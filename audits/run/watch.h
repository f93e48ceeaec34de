// SPDX-License-Identifier: Apache-2.0
/// What a stranger's program has taken so far: no limit of the system counts the files of a
/// folder together, nor the processes of a privileged user.
#ifndef AUDIT_RUN_WATCH_H
#define AUDIT_RUN_WATCH_H

#include "audits/run/child.h"

/// Which of the limits is exceeded by what lies in the folder, by files that were removed and
/// are still open, or by the number of processes that come from this one; AUD_EXITED: none.
/// Where /proc does not show this process, only the folder is looked at. Allocates nothing,
/// and is for one thread.
enum aud_ending aud_watch(const char *folder, const struct aud_limits *limits);

/// End all processes that come from this one, which inherits them when their parents end, and
/// wait for them. They are stopped before any is ended, so that none can start another
/// meanwhile. Where /proc does not show this process: only its children's groups, by the
/// caller.
void aud_end_family(void);

#endif
