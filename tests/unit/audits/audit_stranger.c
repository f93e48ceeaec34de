// SPDX-License-Identifier: Apache-2.0
/* A program that holds what nobody sees in a folder, each way by its name. It keeps it until
 * it is ended, but where it says so. */
#define _GNU_SOURCE /* memfd_create, unshare */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MEGABYTE = 1 << 20,
    FEW = 4,
    MUCH = 20,
    PATIENCE = 50,
    COPIES = 5,
    SEGMENTS = 10,
    SEGMENT = 10 * MEGABYTE
};

static void need(int is)
{
    if (!is) {
        perror("stranger");
        exit(99);
    }
}

static void fill(int fd, int megabytes)
{
    static char piece[MEGABYTE];
    (void)memset(piece, 'x', sizeof piece);
    for (int i = 0; i < megabytes; i++) {
        need(write(fd, piece, sizeof piece) == (ssize_t)sizeof piece);
    }
}

static int removed(int megabytes)
{
    int fd = open("removed", O_RDWR | O_CREAT | O_EXCL, 0600);
    need(fd >= 0 && unlink("removed") == 0);
    fill(fd, megabytes);
    return fd;
}

static int keep(void)
{
    (void)sleep(PATIENCE);
    return 0;
}

/* One page keeps all of it. */
static int hold_map(void)
{
    int fd = removed(MUCH);
    need(mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
    (void)close(fd);
    return keep();
}

static int hold_in_socket(void)
{
    int ends[2];
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec byte = {.iov_base = "x", .iov_len = 1};
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int fd = removed(MUCH);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    (void)memcpy(CMSG_DATA(header), &fd, sizeof fd);
    need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    need(sendmsg(ends[0], &message, 0) == 1);
    (void)close(fd);
    return keep();
}

static void *hold_alone(void *unused)
{
    need(unshare(CLONE_FILES) == 0);
    (void)removed(MUCH);
    (void)keep();
    return unused;
}

/* Of a thread, which has descriptors of its own and outlives the first one. */
static int hold_in_thread(void)
{
    pthread_t thread;
    need(pthread_create(&thread, NULL, hold_alone, NULL) == 0);
    pthread_exit(NULL);
}

/* Touched: who is privileged sees how much of it there is. */
static int hold_shared(void)
{
    const size_t size = (size_t)SEGMENTS * SEGMENT;
    char *bytes =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(bytes != MAP_FAILED);
    (void)memset(bytes, 'x', size);
    return keep();
}

static void touch(size_t size)
{
    char *bytes =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(bytes != MAP_FAILED);
    (void)memset(bytes, 'x', size);
}

/* Each has a third of what all may have. */
static int hold_together(void)
{
    for (int i = 0; i < COPIES; i++) {
        if (fork() == 0) {
            touch((size_t)2 * SEGMENT);
            _exit(keep());
        }
    }
    return keep();
}

static void *touch_and_keep(void *unused)
{
    touch((size_t)2 * SEGMENT);
    (void)keep();
    return unused;
}

/* Of each only a thread is left that is not its first. */
static int hold_in_orphans(void)
{
    for (int i = 0; i < COPIES; i++) {
        pthread_t thread;
        if (fork() == 0) {
            need(pthread_create(&thread, NULL, touch_and_keep, NULL) == 0);
            pthread_exit(NULL);
        }
    }
    return keep();
}

/* Until one of them writes it is the same memory. */
static int share_until_written(void)
{
    const struct timespec second = {.tv_sec = 1};
    touch((size_t)4 * SEGMENT);
    for (int i = 0; i < COPIES; i++) {
        if (fork() == 0) {
            (void)nanosleep(&second, NULL);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {
    }
    return 7;
}

/* They stay when nobody has them any more; never are two mapped at a time. */
static int hold_segments(void)
{
    for (int i = 0; i < SEGMENTS; i++) {
        int segment = shmget(IPC_PRIVATE, SEGMENT, IPC_CREAT | 0600);
        char *bytes = segment < 0 ? (void *)-1 : shmat(segment, NULL, 0);
        need(bytes != (void *)-1);
        (void)memset(bytes, 'x', SEGMENT);
        need(shmdt(bytes) == 0);
    }
    return keep();
}

static int hold_unseen(void)
{
    need(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
    (void)removed(MUCH);
    (void)sleep(1);
    return 0;
}

/* Little, which many have: this one ends by itself. */
static int share(void)
{
    const struct timespec half = {.tv_nsec = 500000000};
    int fd = memfd_create("shared", 0);
    need(fd >= 0);
    fill(fd, FEW);
    for (int i = 0; i < COPIES; i++) {
        need(dup(fd) >= 0);
        pid_t child = fork();
        if (child == 0) {
            (void)nanosleep(&half, NULL);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {
    }
    return 7;
}

int main(int n, char **word)
{
    static const struct {
        const char *name;
        int (*act)(void);
    } WAYS[] = {
        {"map",      hold_map           },
        {"socket",   hold_in_socket     },
        {"thread",   hold_in_thread     },
        {"shared",   hold_shared        },
        {"segments", hold_segments      },
        {"together", hold_together      },
        {"orphans",  hold_in_orphans    },
        {"copies",   share_until_written},
        {"unseen",   hold_unseen        },
        {"share",    share              }
    };

    for (size_t i = 0; n == 2 && i < sizeof WAYS / sizeof WAYS[0]; i++) {
        if (strcmp(word[1], WAYS[i].name) == 0) {
            return WAYS[i].act();
        }
    }
    return 98;
}
