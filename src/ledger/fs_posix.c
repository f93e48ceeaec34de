// SPDX-License-Identifier: Apache-2.0
/* F_OFD_SETLK is Linux, and POSIX only since 2024. */
#define _GNU_SOURCE // NOLINT(readability-identifier-naming)
#include "ledger/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/* O_NONBLOCK: a FIFO in the place of a file must be found out, not waited for. */
enum { EVERY_OPEN = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK };

static int open_directory(void *self, int at, const char *name)
{
    (void)self;
    return openat(at, name, O_RDONLY | O_DIRECTORY | EVERY_OPEN);
}

static int make_directory(void *self, int at, const char *name, mode_t mode)
{
    (void)self;
    return mkdirat(at, name, mode);
}

static int open_file(void *self, int at, const char *name, int flags)
{
    (void)self;
    return openat(at, name, flags | EVERY_OPEN);
}

static int create_file(void *self, int at, const char *name, mode_t mode)
{
    (void)self;
    return openat(at, name, O_WRONLY | O_CREAT | O_EXCL | EVERY_OPEN, mode);
}

static ssize_t read_file(void *self, int file, void *data, size_t length)
{
    (void)self;
    return read(file, data, length);
}

static ssize_t write_file(void *self, int file, const void *data, size_t length)
{
    (void)self;
    return write(file, data, length);
}

/* A copy or an archive keeps the times of files. Two that lay a run apart would tell how
 * long it took, and so of its rows: what nobody writes to any more is as old as the hour. */
static int coarsen_times(int file)
{
    enum { HOUR = 3600 };

    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return -1;
    }
    now.tv_sec -= now.tv_sec % HOUR;
    now.tv_nsec = 0;
    const struct timespec times[] = {now, now};
    return futimens(file, times);
}

static int set_mode(void *self, int file, mode_t mode)
{
    (void)self;
    bool is_final = (mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
    return is_final && coarsen_times(file) != 0 ? -1 : fchmod(file, mode);
}

static int sync_file(void *self, int file)
{
    (void)self;
    return fsync(file);
}

static int close_file(void *self, int file)
{
    (void)self;
    return close(file);
}

static int link_file(void *self, int from, const char *name, int to,
                     const char *new_name)
{
    (void)self;
    return linkat(from, name, to, new_name, 0);
}

static int rename_file(void *self, int from, const char *name, int to,
                       const char *new_name)
{
    (void)self;
    return renameat(from, name, to, new_name);
}

static int unlink_file(void *self, int at, const char *name)
{
    (void)self;
    return unlinkat(at, name, 0);
}

static void copy_facts(struct sil_fs_facts *out, const struct stat *info)
{
    *out = (struct sil_fs_facts){
        .mode = info->st_mode,
        .owner = info->st_uid,
        .links = (uint64_t)info->st_nlink,
        .size = (uint64_t)info->st_size,
        .device = (uint64_t)info->st_dev,
        .inode = (uint64_t)info->st_ino,
    };
}

static int facts(void *self, int file, struct sil_fs_facts *out)
{
    struct stat info;
    (void)self;
    if (fstat(file, &info) != 0) {
        return -1;
    }
    copy_facts(out, &info);
    return 0;
}

static int facts_at(void *self, int at, const char *name, struct sil_fs_facts *out)
{
    struct stat info;
    (void)self;
    if (fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return -1;
    }
    copy_facts(out, &info);
    return 0;
}

static int each_name(DIR *stream, sil_fs_name_fn *each, void *context)
{
    for (;;) {
        errno = 0;
        /* The stream is this call's own: no other thread reads it. */
        const struct dirent *entry = readdir(stream); // NOLINT(concurrency-mt-unsafe)
        if (entry == NULL) {
            return errno == 0 ? 0 : -1;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            each(context, entry->d_name) != 0) {
            return 0;
        }
    }
}

static int list(void *self, int directory, sil_fs_name_fn *each, void *context)
{
    (void)self;
    /* Opened anew: a duplicate would share its position with the caller's. */
    int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) {
        return -1;
    }
    DIR *stream = fdopendir(own);
    if (stream == NULL) {
        int code = errno;
        (void)close(own);
        errno = code;
        return -1;
    }
    int result = each_name(stream, each, context);
    int code = errno;
    (void)closedir(stream);
    errno = code;
    return result;
}

/* An open file description's lock: unlike the process's own, it is not dropped when any
 * other descriptor of the file is closed. */
static int lock(void *self, int file)
{
    (void)self;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int result = fcntl(file, F_OFD_SETLK, &whole);
    if (result != 0 && errno == EACCES) {
        errno = EAGAIN;
    }
    return result;
}

static int kind(void *self, int directory, enum sil_fs_kind *out)
{
    /* Numbers of statfs(2); linux/magic.h has not all of them. */
    static const struct {
        uint32_t number;
        enum sil_fs_kind kind;
    } KINDS[] = {
        {0x00006969, SIL_FS_REMOTE  }, /* NFS */
        {0x0000517b, SIL_FS_REMOTE  }, /* SMB */
        {0xfe534d42, SIL_FS_REMOTE  }, /* SMB2 */
        {0xff534d42, SIL_FS_REMOTE  }, /* CIFS */
        {0x65735546, SIL_FS_REMOTE  }, /* FUSE */
        {0x01021997, SIL_FS_REMOTE  }, /* 9p */
        {0x01021994, SIL_FS_VOLATILE}, /* tmpfs */
        {0x794c7630, SIL_FS_VOLATILE}, /* overlay */
    };
    struct statfs info;
    (void)self;
    if (fstatfs(directory, &info) != 0) {
        return -1;
    }
    *out = SIL_FS_LOCAL;
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if ((uint32_t)info.f_type == KINDS[i].number) {
            *out = KINDS[i].kind;
        }
    }
    return 0;
}

static uid_t user(void *self)
{
    (void)self;
    return geteuid();
}

static uint64_t now(void *self)
{
    struct timespec time;
    (void)self;
    if (clock_gettime(CLOCK_REALTIME, &time) != 0 || time.tv_sec < 0) {
        return 0;
    }
    return (uint64_t)time.tv_sec;
}

static void wait_for(void *self, unsigned milliseconds)
{
    struct timespec time = {.tv_sec = (time_t)(milliseconds / 1000),
                            .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    (void)self;
    (void)nanosleep(&time, NULL);
}

const struct sil_fs SIL_FS_POSIX = {
    .open_directory = open_directory,
    .make_directory = make_directory,
    .open_file = open_file,
    .create_file = create_file,
    .read = read_file,
    .write = write_file,
    .set_mode = set_mode,
    .sync = sync_file,
    .close = close_file,
    .link = link_file,
    .rename = rename_file,
    .unlink = unlink_file,
    .facts = facts,
    .facts_at = facts_at,
    .list = list,
    .lock = lock,
    .kind = kind,
    .user = user,
    .now = now,
    .wait = wait_for,
};
