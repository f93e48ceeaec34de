// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* nftw */
#include "audits/run/child.h"
#include "base/fail.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 16 };

/* While there is a folder, a signal that would end this program is kept until the folder is
 * gone. */
static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP};

enum { N_ENDING = sizeof ENDING / sizeof ENDING[0] };

static struct sigaction before[N_ENDING];
static unsigned n_folders;
static volatile sig_atomic_t kept;

static void keep_signal(int number)
{
    kept = number;
}

bool aud_is_interrupted(void)
{
    return kept != 0;
}

static void keep_signals(void)
{
    struct sigaction keep = {.sa_handler = keep_signal};
    if (n_folders++ > 0) {
        return;
    }
    kept = 0;
    for (int i = 0; i < N_ENDING; i++) {
        (void)sigaction(ENDING[i], &keep, &before[i]);
        if (before[i].sa_handler == SIG_IGN) {
            (void)sigaction(ENDING[i], &before[i], NULL);
        }
    }
}

static void release_signals(void)
{
    if (--n_folders > 0) {
        return;
    }
    for (int i = 0; i < N_ENDING; i++) {
        (void)sigaction(ENDING[i], &before[i], NULL);
    }
    if (kept != 0) {
        (void)raise(kept);
    }
}

sil_status aud_scratch_make(struct aud_scratch *out, struct sil_error *err)
{
    static const char NAME[] = "/silhouette-audit-XXXXXX";
    const char *below = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): one thread
    if (below == NULL || below[0] != '/' ||
        strlen(below) + sizeof NAME > sizeof out->path) {
        below = "/tmp";
    }
    (void)snprintf(out->path, sizeof out->path, "%s%s", below, NAME);
    keep_signals();
    if (mkdtemp(out->path) == NULL) {
        sil_status status = sil_fail_errno(err, "cannot make a folder below %s", below);
        out->path[0] = '\0';
        release_signals();
        return status;
    }
    return SIL_OK;
}

static int remove_one(const char *path, const struct stat *info, int type,
                      struct FTW *place)
{
    (void)info, (void)place;
    if (type == FTW_DNR) {
        (void)chmod(path,
                    S_IRWXU); /* a folder that was closed, and is empty or stays */
    }
    (void)remove(path); /* what cannot be removed stays */
    return 0;
}

void aud_scratch_remove(struct aud_scratch *scratch)
{
    if (scratch->path[0] != '\0') {
        (void)nftw(scratch->path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
        scratch->path[0] = '\0';
        release_signals();
    }
}
