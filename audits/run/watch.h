// SPDX-License-Identifier: Apache-2.0
/// What a stranger's program has taken so far: no limit of the system counts the files of a
/// folder together, nor the processes of a privileged user.
#ifndef AUDIT_RUN_WATCH_H
#define AUDIT_RUN_WATCH_H

#include "audits/run/child.h"

/// Which of the limits is exceeded by what lies in the folder, by files that were removed and
/// are still open, or by the number of processes; AUD_EXITED: none. The last two are only
/// seen in a world with processes of its own (`has_processes`), where /proc shows these.
/// Allocates nothing.
enum aud_ending aud_watch(const char *folder, const struct aud_limits *limits,
                          bool has_processes);

#endif
