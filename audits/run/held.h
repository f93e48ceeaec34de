// SPDX-License-Identifier: Apache-2.0
/// What processes hold without a name in any folder: files that were removed and are open or
/// mapped, memory that they share. Each is counted once, however many hold it.
#ifndef AUDIT_RUN_HELD_H
#define AUDIT_RUN_HELD_H

#include "audits/run/child.h"

struct aud_held {
    uint64_t bytes; ///< of removed files and of files in memory
    uint64_t files; ///< how many of them
    uint64_t
        shared; ///< bytes of memory that is mapped in common, in no file that is open
    bool
        is_hidden; ///< they hold more than can be counted, or for long where nobody looks
    bool is_unseen; ///< some process may not be looked at
};

/// What the processes found last (family.h) hold; `folder` as /proc names it. It ends as soon
/// as a limit is exceeded. A file of the folder that is mapped and not open is as large as
/// `file_bytes` where the kernel does not tell (it tells only who is privileged), and memory
/// in common as large as it is mapped; else as much of it as was touched. Descriptors that lie
/// in sockets or in rings for a second are hidden.
void aud_held_count(struct aud_held *out, const char *folder,
                    const struct aud_limits *limits);

#endif
