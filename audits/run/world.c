// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* unshare */
#include "audits/run/world.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
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
    return mount(folder, folder, NULL, BIND, NULL) == 0 &&
           set_read_only("/", true, RECURSIVE) && set_read_only(folder, false, 0);
}

/* A world of its own users is left to nobody: its user has no privileges elsewhere, and none
 * there either once another program takes over. Only who is privileged has what comes then. */
void aud_world_leave(struct aud_world *out, const char *folder, bool is_closed)
{
    static const int WAYS[] = {
        CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC,
        CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC,
        CLONE_NEWUSER | CLONE_NEWNET,
        CLONE_NEWNET,
    };
    int way = 0;
    for (size_t i = 0; i < sizeof WAYS / sizeof WAYS[0] && way == 0; i++) {
        way = unshare(WAYS[i]) == 0 ? WAYS[i] : 0;
    }
    *out = (struct aud_world){.has_users = (way & CLONE_NEWUSER) != 0,
                              .has_network = (way & CLONE_NEWNET) != 0,
                              .has_processes = (way & CLONE_NEWPID) != 0};
    /* Nothing that is mounted from now on is to be seen outside. */
    out->has_mounts =
        (way & CLONE_NEWNS) != 0 && mount("none", "/", NULL, PRIVATE_ALL, NULL) == 0;
    /* A changed root is no mount, and stays as it is. */
    out->has_proc =
        out->has_mounts || ((way & CLONE_NEWNS) != 0 &&
                            mount("none", "/proc", NULL, PRIVATE_ALL, NULL) == 0);
    out->has_files = is_closed && out->has_mounts && close_files(folder);
}

void aud_world_enter(const struct aud_world *world)
{
    if (world->has_proc && world->has_processes) {
        (void)mount("proc", "/proc", "proc", PLAIN, NULL);
    }
}

void aud_world_drop(void)
{
    for (unsigned long one = 0; prctl(PR_CAPBSET_READ, one) >= 0; one++) {
        (void)prctl(PR_CAPBSET_DROP, one);
    }
}
