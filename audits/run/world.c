// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* unshare */
#include "audits/run/world.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The C library's own header of mounts and the kernel's cannot both be included. */
extern int mount(const char *source, const char *target, const char *type,
                 unsigned long flags, const void *data);

enum {
    BIND = 4096,
    PRIVATE_ALL = 1 << 18 | 16384,
    RECURSIVE = 0x8000,
    PLAIN = 2 | 4 | 8 /* neither privileges nor devices nor programs */
};

static bool set_read_only(const char *path, bool is, unsigned flags)
{
#ifdef SYS_mount_setattr
    struct mount_attr attributes = {.attr_set = is ? MOUNT_ATTR_RDONLY : 0,
                                    .attr_clr = is ? 0 : MOUNT_ATTR_RDONLY};
    return syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &attributes,
                   sizeof attributes) == 0;
#else
    (void)path, (void)is, (void)flags;
    return false;
#endif
}

/* Everything is mounted read-only but the folder, which is mounted on itself before. */
static bool close_files(const char *folder)
{
    return mount("none", "/", NULL, PRIVATE_ALL, NULL) == 0 &&
           mount(folder, folder, NULL, BIND, NULL) == 0 &&
           set_read_only("/", true, RECURSIVE) && set_read_only(folder, false, 0);
}

void aud_world_leave(struct aud_world *out, const char *folder, bool is_closed)
{
    const int some = CLONE_NEWUSER | CLONE_NEWNET;
    *out = (struct aud_world){0};
    if (unshare(some | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC) == 0) {
        *out = (struct aud_world){
            .has_users = true, .has_network = true, .has_processes = true};
        out->has_files = is_closed && close_files(folder);
    } else if (unshare(some) == 0) {
        *out = (struct aud_world){.has_users = true, .has_network = true};
    } else {
        out->has_network = unshare(CLONE_NEWNET) == 0;
    }
}

void aud_world_enter(const struct aud_world *world)
{
    if (world->has_processes) {
        (void)mount("proc", "/proc", "proc", PLAIN, NULL);
    }
}
