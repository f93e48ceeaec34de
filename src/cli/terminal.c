// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STAGE_BYTES = 32, LINE_BYTES = 80, REDRAW_MS = 100 };

/* There is one terminal, hence one line. */
static struct {
    char stage[STAGE_BYTES];
    uint64_t began_ms; ///< the stage
    uint64_t drawn_ms; ///< last
    int width;         ///< of what stands on the line; 0: nothing
} line;

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* 1234567 -> "1.2 MB", "1.2 M rows" */
static void format_count(char *out, size_t size, double count, const char *unit)
{
    static const char *const PREFIXES[] = {"", "k", "M", "G", "T", "P"};
    size_t i = 0;
    while (count >= 1000 && i + 1 < sizeof PREFIXES / sizeof PREFIXES[0]) {
        count /= 1000;
        i++;
    }
    const char *gap = i > 0 && strlen(unit) > 1 ? " " : "";
    (void)snprintf(out, size, count < 10 && i > 0 ? "%.1f %s%s%s" : "%.0f %s%s%s",
                   count, PREFIXES[i], gap, unit);
}

static void format_left(char *out, size_t size, double seconds)
{
    if (seconds < 90) {
        (void)snprintf(out, size, "%.0f s left", seconds);
    } else if (seconds < 5400) {
        (void)snprintf(out, size, "%.0f min left", seconds / 60);
    } else {
        (void)snprintf(out, size, "%.1f h left", seconds / 3600);
    }
}

/* What a stage counts, where that means something to whoever waits; else NULL. */
static const char *unit_of(const char *stage)
{
    if (strcmp(stage, "reading") == 0) {
        return "B";
    }
    return strcmp(stage, "writing") == 0 ? "rows" : NULL;
}

static void draw(uint64_t done, uint64_t total, uint64_t elapsed_ms)
{
    char text[LINE_BYTES];
    char count[24] = "";
    char rate[24] = "";
    char left[32] = "";
    const char *unit = unit_of(line.stage);

    if (total > 0) {
        double share = (double)done / (double)total;
        (void)snprintf(count, sizeof count, "%3.0f %%", 100 * (share < 1 ? share : 1));
    } else if (done > 0 && unit != NULL) {
        format_count(count, sizeof count, (double)done, unit);
    }
    if (done > 0 && elapsed_ms >= REDRAW_MS) {
        double per_second = (double)done * 1000 / (double)elapsed_ms;
        if (unit != NULL) {
            format_count(rate, sizeof rate - 2, per_second, unit);
            (void)memcpy(rate + strlen(rate), "/s", sizeof "/s");
        }
        if (total > done) {
            format_left(left, sizeof left, (double)(total - done) / per_second);
        }
    }
    int width = snprintf(text, sizeof text, "%-20.20s %-8s %-13s %s", line.stage, count,
                         rate, left);
    /* Blanks cover what is left of a longer line: no escape sequence is needed. */
    int cover = line.width > width ? line.width - width : 0;
    (void)fprintf(stderr, "\r%s%*s", text, cover, "");
    (void)fflush(stderr);
    line.width = width;
}

static void report(void *payload, const char *stage, uint64_t done, uint64_t total)
{
    (void)payload;
    uint64_t now = now_ms();
    bool is_new = strncmp(line.stage, stage, STAGE_BYTES - 1) != 0;
    if (is_new) {
        (void)snprintf(line.stage, sizeof line.stage, "%s", stage);
        line.began_ms = now;
    }
    if (is_new || now - line.drawn_ms >= REDRAW_MS) {
        line.drawn_ms = now;
        draw(done, total, now - line.began_ms);
    }
}

struct sil_progress sil_cli_progress(bool quiet)
{
    /* Read before any thread is started. */
    const char *term = getenv("TERM"); // NOLINT(concurrency-mt-unsafe)
    bool can_rewrite = term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
    if (quiet || !can_rewrite || isatty(STDERR_FILENO) != 1) {
        return (struct sil_progress){0};
    }
    return (struct sil_progress){.report = report};
}

void sil_cli_progress_clear(void)
{
    if (line.width > 0) {
        (void)fprintf(stderr, "\r%*s\r", line.width, "");
        (void)fflush(stderr);
        line.width = 0;
    }
}
