// SPDX-License-Identifier: Apache-2.0
/// A disk that loses what was not made durable.
///
/// Behind the store's table of operations (ledger/fs.h) it keeps two states: what a running
/// process sees, and what a power cut would leave. A file's bytes become durable by fsync of
/// the file, a name by fsync of its directory; nothing else is promised. From any moment
/// all states that a crash there may leave can be listed: every subset of the names that
/// were not yet durable, and of every file not yet durable its old bytes, all of its new
/// ones, or a torn half.
///
/// Names below a directory called "tmp" are thinned out: the two newest are taken each
/// way, the older ones all or none. Nothing there is ever read back.
#ifndef TESTS_SUPPORT_SIM_DISK_H
#define TESTS_SUPPORT_SIM_DISK_H

#include "ledger/fs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_disk;

/// An empty disk whose clock stands at `now`.
struct sim_disk *sim_disk_new(uint64_t now);
void sim_disk_free(struct sim_disk *disk);

/// The operations on it. Borrowed; valid until the disk is freed.
const struct sil_fs *sim_disk_fs(struct sim_disk *disk);

/// Called after every operation that changed what is seen or what is durable.
typedef void sim_disk_fn(void *context, const struct sim_disk *disk);
void sim_disk_on_change(struct sim_disk *disk, sim_disk_fn *each, void *context);

/// Call `each` with every state that a crash now may leave: a disk of its own, which
/// lives as long as the call. Gives their number.
size_t sim_disk_crash(const struct sim_disk *disk, sim_disk_fn *each, void *context);

/// A disk as it is seen, on its own, nothing open: what a process killed now leaves.
struct sim_disk *sim_disk_copy(const struct sim_disk *disk);

/// The same for the same names and bytes, but for what is in tmp.
uint64_t sim_disk_hash(const struct sim_disk *disk);

/// From now on the n-th operation (0: the next) fails with this errno, once. A write that
/// fails with 0 is short: it takes one byte.
void sim_disk_fail(struct sim_disk *disk, size_t n, int code);

/// How many operations there were, and the name of the last one that was made to fail.
size_t sim_disk_n_operations(const struct sim_disk *disk);
const char *sim_disk_failed(const struct sim_disk *disk);

#endif
