// SPDX-License-Identifier: Apache-2.0
#include "unit/audits/running.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

const struct aud_limits LIMITS = {.seconds = 60,
                                  .memory = (uint64_t)1 << 30,
                                  .file_bytes = 64 * MEGABYTE,
                                  .folder_bytes = 8 * MEGABYTE,
                                  .folder_files = 100,
                                  .processes = 20};

struct aud_outcome run_words(const char *const *words, const struct aud_limits *limits)
{
    struct aud_scratch scratch;
    struct aud_outcome outcome;
    struct sil_error err = {""};
    char path[sizeof scratch.path];
    cr_assert(eq(int, aud_scratch_make(&scratch, &err), SIL_OK));
    (void)memcpy(path, scratch.path, sizeof path);
    cr_assert(eq(int, aud_run(&outcome, &scratch, words, limits, &err), SIL_OK), "%s",
              err.text);
    aud_scratch_remove(&scratch);
    cr_expect(access(path, F_OK) != 0, "%s is still there after: %s", path,
              words[1] == NULL ? words[0] : words[1]);
    return outcome;
}

struct aud_outcome run(const char *text, const struct aud_limits *limits)
{
    const char *const words[] = {"/bin/sh", "-c", text, NULL};
    return run_words(words, limits);
}

void expect_ending(const char *text, enum aud_ending ending)
{
    struct aud_outcome outcome = run(text, &LIMITS);
    char how[SAID_MAX];
    aud_outcome_say(how, sizeof how, &outcome);
    cr_expect(eq(int, outcome.ending, ending), "%s: %s", text, how);
}

static void add(struct sock_fprog *program, unsigned short code, unsigned value,
                unsigned char otherwise)
{
    program->filter[program->len++] =
        (struct sock_filter){.code = code, .jf = otherwise, .k = value};
}

void refuse_calls(const long *calls, unsigned n)
{
    struct sock_filter filter[64];
    struct sock_fprog program = {.filter = filter};
    cr_assert(2 * n + 2 < sizeof filter / sizeof filter[0]);
    add(&program, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0);
    for (unsigned i = 0; i < n; i++) {
        add(&program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], 1);
        add(&program, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0);
    }
    add(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0);
    cr_assert(eq(int, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0));
    cr_assert(eq(int, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0));
}
