// SPDX-License-Identifier: Apache-2.0
/// The processes that come from this one: it inherits them when their parents end, so that
/// none leaves the family (PR_SET_CHILD_SUBREAPER, or the first process of a namespace).
/// Nothing here allocates, and all of it is for one thread.
#ifndef AUDIT_RUN_FAMILY_H
#define AUDIT_RUN_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

/// Does /proc show all of them? Not where it is missing, is another namespace's, or hides
/// processes from those who do not own them (hidepid).
bool aud_family_is_seen(void);

/// How many there are now, this one left out, as far as /proc shows them; the search ends as
/// soon as there are more than `most`.
uint64_t aud_family_find(uint64_t most);

/// Was it among those found last?
bool aud_family_has(long number);

/// End them all, and wait for them. They are stopped before any is ended, so that none can
/// start another meanwhile. A process is signalled by a handle that its number was looked up
/// by (pidfd: Linux 5.3), and only while it is seen to come from this one; on an older kernel
/// by its number, which may be another's since a moment before. What /proc does not show is
/// found by asking of every number whether it is a child.
void aud_family_end(void);

#endif
