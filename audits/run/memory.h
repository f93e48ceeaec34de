// SPDX-License-Identifier: Apache-2.0
/// The memory that processes have for themselves: the system limits that of each, and not
/// that of all together.
#ifndef AUDIT_RUN_MEMORY_H
#define AUDIT_RUN_MEMORY_H

#include <stdint.h>

/// Bytes that the processes found last (family.h) have in memory or swapped out, in no file
/// and not in common. Pages that a process shares with its parent until one of them writes
/// are counted once, where the kernel tells (Linux 5.9, and of processes that let it): that
/// takes long, so only when the sum without it is above `most`. A process that borrows all
/// memory of another, for a moment before it becomes another program, counts as one of its own.
uint64_t aud_memory_count(uint64_t most);

#endif
