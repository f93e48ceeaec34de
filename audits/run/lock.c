// SPDX-License-Identifier: Apache-2.0
/* The kernel's header may be older than the kernel: numbers and shapes that the program was
 * built without stand here. */
#define _GNU_SOURCE /* syscall, O_PATH */
#include "audits/run/lock.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_landlock_create_ruleset

enum { SINCE_TRUNCATE = 3, SINCE_SCOPES = 6, ASK_VERSION = 1, BENEATH = 1 };

enum {
    WRITE_FILE = 1 << 1,
    REMOVE_AND_MAKE = 0x1ff << 4, ///< nine rights, of any kind of file
    REFER = 1 << 13,              ///< moving from folder to folder
    TRUNCATE = 1 << 14,
    ALL_WRITING = WRITE_FILE | REMOVE_AND_MAKE | REFER | TRUNCATE
};

enum { SCOPE_ABSTRACT_SOCKETS = 1, SCOPE_SIGNALS = 2 };

struct ruleset {
    uint64_t files, network, scopes;
};

struct __attribute__((packed)) beneath {
    uint64_t allowed;
    int32_t folder;
};

void aud_lock_find(struct aud_lock *out)
{
    int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    *out = (struct aud_lock){.keeps_files = version >= SINCE_TRUNCATE,
                             .keeps_signals = version >= SINCE_SCOPES};
}

static bool allow(int rules, const char *path, uint64_t what)
{
    struct beneath rule = {.allowed = what, .folder = open(path, O_PATH | O_CLOEXEC)};
    bool is = rule.folder >= 0 &&
              syscall(SYS_landlock_add_rule, rules, BENEATH, &rule, 0) == 0;
    if (rule.folder >= 0) {
        (void)close(rule.folder);
    }
    return is;
}

bool aud_lock_turn(const struct aud_lock *lock, const char *folder, bool is_closed)
{
    const struct ruleset wanted = {
        .files = is_closed && lock->keeps_files ? ALL_WRITING : 0,
        .scopes = lock->keeps_signals ? SCOPE_SIGNALS | SCOPE_ABSTRACT_SOCKETS : 0};
    const size_t size =
        lock->keeps_signals ? sizeof wanted : offsetof(struct ruleset, network);
    if (wanted.files == 0 && wanted.scopes == 0) {
        return true;
    }
    int rules = (int)syscall(SYS_landlock_create_ruleset, &wanted, size, 0);
    bool is_set = rules >= 0;
    if (is_set && wanted.files != 0) {
        is_set = allow(rules, folder, ALL_WRITING) &&
                 allow(rules, "/dev/null", WRITE_FILE | TRUNCATE);
    }
    is_set = is_set && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (rules >= 0) {
        (void)close(rules);
    }
    return is_set;
}

#else

void aud_lock_find(struct aud_lock *out)
{
    *out = (struct aud_lock){0};
}

bool aud_lock_turn(const struct aud_lock *lock, const char *folder, bool is_closed)
{
    (void)lock, (void)folder, (void)is_closed;
    return true;
}

#endif
