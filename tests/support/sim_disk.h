// SPDX-License-Identifier: Apache-2.0
/// A disk that loses what was not made durable.
///
/// Behind the store's table of operations (ledger/fs.h) it keeps two states: what a running
/// process sees, and what is safe from a power cut. A file's bytes and mode become safe by
/// fsync of the file, a name by fsync of its directory; nothing else is promised, and
/// nothing about the order. From any moment all states that a power cut there may leave can
/// be listed. In such a state
///
///   - a name whose changes were not safe has the value that was safe, or that after any
///     one of its changes, whatever became of other names;
///   - a rename within a directory is whole: both names, or neither. Between two
///     directories each of its two names goes its own way;
///   - a file that was not safe has its old bytes, the new ones, none, the first half, the
///     first half and zeros, or zeros and the second half; and its old mode or the new one;
///   - what an fsync that failed was to make safe may be there or not; the system believes
///     that it is, and no later fsync writes it.
///
/// Names below a directory called "tmp" are thinned out: the newest is taken each way, of
/// the older ones all changes, none, or those that made a name and not those that removed
/// it. Bytes of files that have names only there are taken as they are seen.
///
/// The clock stands still but for the waits. Nothing checks rights; links to directories and
/// removing them are not modelled.
#ifndef TESTS_SUPPORT_SIM_DISK_H
#define TESTS_SUPPORT_SIM_DISK_H

#include "ledger/fs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_disk;

/// An empty disk whose clock stands at `now`. All of these abort when memory runs out.
struct sim_disk *sim_disk_new(uint64_t now);
void sim_disk_free(struct sim_disk *disk);

/// The same disk with nothing open: what a process leaves that is killed, while the machine
/// runs on. What was not safe is not.
struct sim_disk *sim_disk_clone(const struct sim_disk *disk);

/// Make everything safe, as a machine does when it is left alone.
void sim_disk_settle(struct sim_disk *disk);

/// The operations on it. Borrowed; valid until the disk is freed.
const struct sil_fs *sim_disk_fs(struct sim_disk *disk);

/// Called after every operation that changed what is seen or what is safe.
typedef void sim_disk_fn(void *context, const struct sim_disk *disk);
void sim_disk_on_change(struct sim_disk *disk, sim_disk_fn *each, void *context);

/// Call `each` with every state that a power cut now may leave: a disk of its own, all of
/// it safe, which lives as long as the call. Gives their number.
size_t sim_disk_crash(const struct sim_disk *disk, sim_disk_fn *each, void *context);

/// Remove a name with all below it, and for good. A missing one is as good.
void sim_disk_lose(struct sim_disk *disk, const char *path);

/// The same for the same names, bytes, modes and links. Of temporary files, which are those
/// in tmp and those with 32 hex digits behind a dot, only how many there are and their links
/// count: nothing reads them.
uint64_t sim_disk_hash(const struct sim_disk *disk);

/// How many names a directory has; 0 when there is none.
size_t sim_disk_count(struct sim_disk *disk, const char *path);

/* ---- faults ---- */

enum sim_effect {
    SIM_NOTHING, ///< it fails and does nothing; an fsync forgets what it was to make safe
    SIM_DONE,    ///< it does its work and says that it failed
    SIM_SHORT    ///< a write takes one byte and says so; others are not touched
};

struct sim_fault {
    size_t at; ///< which operation from now on: 0 is the next
    int code;  ///< errno
    enum sim_effect effect;
};

/// Let one operation fail, once.
void sim_disk_fail(struct sim_disk *disk, const struct sim_fault *fault);

/// The name of the operation that was made to fail; NULL: none so far.
const char *sim_disk_failed(const struct sim_disk *disk);

/// Was it one that changes the disk?
bool sim_disk_failed_writing(const struct sim_disk *disk);

/// How many operations there were from the first on.
size_t sim_disk_n_operations(const struct sim_disk *disk);

#endif
