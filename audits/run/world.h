// SPDX-License-Identifier: Apache-2.0
/// What a process can give up before it lets a stranger's program run.
#ifndef AUDIT_RUN_WORLD_H
#define AUDIT_RUN_WORLD_H

#include <stdbool.h>

/// What it has for itself now, and so has no more of what others have.
struct aud_world {
    bool has_users;     ///< a namespace of users
    bool has_network;   ///< a network in which there is nothing
    bool has_processes; ///< for the children of this process; and System V memory
    bool has_mounts;    ///< what it mounts is seen by nobody else
    bool has_proc;      ///< the same of /proc alone
    bool has_files;     ///< all but the folder is read-only
};

/// Give up as much as the system allows; files only when `is_closed`. For a process of one
/// thread that will not need any of it again.
void aud_world_leave(struct aud_world *out, const char *folder, bool is_closed);

/// For the first process of a world with processes of its own: /proc shows these and no
/// others. What cannot be done is left: programs then find /proc without themselves.
void aud_world_enter(const struct aud_world *world);

/// For the process that becomes the program, which shall not have the privileges of whoever
/// runs the auditor. Where they cannot be dropped there are none.
void aud_world_drop(void);

#endif
