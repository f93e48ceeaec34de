// SPDX-License-Identifier: Apache-2.0
/// The operations on files that the store is made of, as a table: the real ones, and in
/// tests a simulated disk that loses, reorders and tears what was not made durable.
///
/// All work like the system calls of their name (-1 and errno), relative to an open
/// directory, and follow no symbolic link in the last component.
#ifndef SIL_LEDGER_FS_H
#define SIL_LEDGER_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sil_fs_facts {
    mode_t mode; ///< type and permission bits, as st_mode
    uid_t owner;
    uint64_t links;
    uint64_t size;
    uint64_t device;
    uint64_t inode;
};

/// What kind of file system a directory is on.
enum sil_fs_kind {
    SIL_FS_LOCAL,    ///< a file system of this machine
    SIL_FS_VOLATILE, ///< tmpfs, overlay: allowed, with a warning
    SIL_FS_REMOTE    ///< NFS, SMB, FUSE, 9p: refused
};

typedef int sil_fs_name_fn(void *context, const char *name); ///< non-zero stops

struct sil_fs {
    void *self;
    int (*open_directory)(void *self, int at, const char *name); ///< at: AT_FDCWD or fd
    int (*make_directory)(void *self, int at, const char *name, mode_t mode);
    int (*open_file)(void *self, int at, const char *name, int flags);
    int (*create_file)(void *self, int at, const char *name, mode_t mode); ///< O_EXCL
    ssize_t (*read)(void *self, int file, void *data, size_t length);
    ssize_t (*write)(void *self, int file, const void *data, size_t length);
    int (*set_mode)(void *self, int file, mode_t mode); ///< read-only: time cut, too
    int (*sync)(void *self, int file_or_directory);
    int (*close)(void *self, int file);
    int (*link)(void *self, int from, const char *name, int to, const char *new_name);
    int (*rename)(void *self, int from, const char *name, int to, const char *new_name);
    int (*unlink)(void *self, int at, const char *name);
    int (*facts)(void *self, int file, struct sil_fs_facts *out);
    int (*facts_at)(void *self, int at, const char *name, struct sil_fs_facts *out);
    int (*list)(void *self, int directory, sil_fs_name_fn *each, void *context);
    int (*lock)(void *self, int file); ///< F_OFD_SETLK, whole file; EAGAIN: held
    int (*kind)(void *self, int directory, enum sil_fs_kind *out);
    uid_t (*user)(void *self);
    uint64_t (*now)(void *self); ///< POSIX seconds
    void (*wait)(void *self, unsigned milliseconds);
};

/// The operating system's own.
extern const struct sil_fs SIL_FS_POSIX;

#endif
