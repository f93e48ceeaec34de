// SPDX-License-Identifier: Apache-2.0
#include "audits/run/memory.h"

#include "audits/run/entries.h"
#include "audits/run/family.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { FACTS_MAX = 4096, NAME_MAX_HERE = 80, KIB = 1024 };

struct count {
    bool is_fair; ///< pages that several have are shared out among them
    uint64_t bytes;
};

/* The first thread that says anything tells of its process; one that has ended does not. */
static bool visit_thread(void *context, int tasks, const char *name)
{
    struct count *count = context;
    char path[NAME_MAX_HERE];
    char facts[FACTS_MAX];
    (void)snprintf(path, sizeof path, "%.20s/status", name);
    aud_entries_text(facts, sizeof facts, tasks, path);
    uint64_t all =
        aud_entries_fact(facts, "\nRssAnon:") + aud_entries_fact(facts, "\nVmSwap:");
    if (all > 0 && count->is_fair) {
        (void)snprintf(path, sizeof path, "%.20s/smaps_rollup", name);
        aud_entries_text(facts, sizeof facts, tasks, path);
        uint64_t share = aud_entries_fact(facts, "\nPss_Anon:") +
                         aud_entries_fact(facts, "\nSwapPss:");
        all = share > 0 ? share : all;
    }
    count->bytes += all * KIB;
    return all == 0;
}

static bool visit_process(void *context, int proc, const char *name)
{
    char path[NAME_MAX_HERE];
    if (aud_family_has(strtol(name, NULL, 10))) {
        (void)snprintf(path, sizeof path, "%.20s/task", name);
        aud_entries_visit(aud_entries_open(proc, path), visit_thread, context);
    }
    return true;
}

static uint64_t count(bool is_fair)
{
    struct count count = {.is_fair = is_fair};
    aud_entries_visit(aud_entries_open(AT_FDCWD, "/proc"), visit_process, &count);
    return count.bytes;
}

uint64_t aud_memory_count(uint64_t most)
{
    uint64_t bytes = count(false);
    return bytes > most ? count(true) : bytes;
}
