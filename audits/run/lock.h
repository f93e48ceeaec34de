// SPDX-License-Identifier: Apache-2.0
/// Landlock: what a process without privileges can give up where it may not have namespaces.
#ifndef AUDIT_RUN_LOCK_H
#define AUDIT_RUN_LOCK_H

#include <stdbool.h>

/// What this kernel can keep a program from. Modes, owners and times of files are not among it.
struct aud_lock {
    bool keeps_files; ///< making, changing and removing files elsewhere (Linux 6.2)
    bool
        keeps_signals; ///< signals to, and tracing of, what it did not start (Linux 6.12)
};

void aud_lock_find(struct aud_lock *out);

/// For the process that becomes the program, after PR_SET_NO_NEW_PRIVS: keep it from signals,
/// and from files when `is_closed`, as far as the kernel can. False: it should have been
/// possible, and was not.
bool aud_lock_turn(const struct aud_lock *lock, const char *folder, bool is_closed);

#endif
