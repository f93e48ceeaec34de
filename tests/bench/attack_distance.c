// SPDX-License-Identifier: Apache-2.0
/* How long the auditor takes to find the nearest of many rows.
 * usage: attack_distance FILE QUERIES ROWS COLUMNS numbers|names THREADS
 * FILE has, column after column, one byte for each query and then one for each row. Prints
 * seconds of wall time, of processor time, and the sum of the distances in steps. */
#include "audits/attack/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static struct aud_planes make(size_t n_rows, size_t n_columns, enum aud_plane_kind kind)
{
    const size_t stride = (n_rows + AUD_LANES - 1) / AUD_LANES * AUD_LANES;
    struct aud_planes out = {.n_rows = n_rows, .n_planes = n_columns};
    out.plane = calloc(n_columns, sizeof *out.plane);
    out.bytes = aligned_alloc(64, (n_columns * stride + 63) / 64 * 64);
    for (size_t i = 0; out.plane != NULL && i < n_columns; i++) {
        out.plane[i] = (struct aud_plane){kind, out.bytes + i * stride, NULL};
    }
    return out;
}

static int fill(struct aud_planes *planes, size_t column, FILE *file)
{
    uint8_t *at = planes->bytes + (planes->plane[column].first - planes->bytes);
    return fread(at, 1, planes->n_rows, file) == planes->n_rows ? 0 : -1;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 7 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL) {
        (void)fputs("usage: attack_distance FILE QUERIES ROWS COLUMNS numbers|names "
                    "THREADS\n",
                    stderr);
        return 64;
    }
    const enum aud_plane_kind kind =
        strcmp(argv[5], "names") == 0 ? AUD_PLANE_NAMES : AUD_PLANE_NUMBERS;
    const size_t n_columns = strtoul(argv[4], NULL, 10);
    struct aud_planes queries = make(strtoul(argv[2], NULL, 10), n_columns, kind);
    struct aud_planes rows = make(strtoul(argv[3], NULL, 10), n_columns, kind);
    const struct aud_search search = {.threads = (unsigned)strtoul(argv[6], NULL, 10)};
    struct aud_near *near = calloc(queries.n_rows, sizeof *near);
    int failed = near == NULL;
    for (size_t i = 0; !failed && i < n_columns; i++) {
        failed = fill(&queries, i, file) != 0 || fill(&rows, i, file) != 0;
    }
    double wall = now(CLOCK_MONOTONIC);
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t sum = 0;
    if (!failed) {
        aud_nearest(near, &queries, &rows, &search);
    }
    wall = now(CLOCK_MONOTONIC) - wall;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    for (size_t i = 0; !failed && i < queries.n_rows; i++) {
        sum += near[i].distance;
    }
    (void)printf("%.3f %.3f %llu\n", wall, cpu, (unsigned long long)sum);
    aud_planes_clear(&queries);
    aud_planes_clear(&rows);
    free(near);
    (void)fclose(file);
    return failed ? 70 : 0;
}
