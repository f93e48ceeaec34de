// SPDX-License-Identifier: Apache-2.0
/* Seconds to count marginals of tables made here:
 *
 *     bench_count [threads]
 *
 * One line a case: name, rows, columns, cliques, threads, best and median seconds of the
 * repeats, best processor time an update (of a row in a clique). Nothing is read but the clock. */
#include "base/codes.h"
#include "support/property.h"
#include "table/table_store.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPEATS = 7, ADULT_COLUMNS = 14, WIDE_COLUMNS = 81, MAX_COLUMNS = 81 };

struct bench {
    const char *name;
    size_t n_rows;
    uint32_t n_columns;
    uint32_t arity;
    uint64_t max_cells;
    bool skewed; ///< nine rows of ten hold the same value
};

static const struct bench BENCHES[] = {
    {"pairs, wide",                         1000000, WIDE_COLUMNS,  2, UINT64_MAX, false},
    {"pairs, wide, skewed",                 1000000, WIDE_COLUMNS,  2, UINT64_MAX, true },
    {"pairs, Adult-like",                   48842,   ADULT_COLUMNS, 2, UINT64_MAX, true },
    {"triples to 10,000 cells, Adult-like", 48842,   ADULT_COLUMNS, 3, 10000,      true },
    {"all triples, Adult-like",             48842,   ADULT_COLUMNS, 3, UINT64_MAX, true },
};

/* The sizes of the discretised Adult table; small ones, in turn, for the wide table. */
static const uint32_t ADULT_SIZES[ADULT_COLUMNS] = {85, 9, 100, 16,  7,  15, 6,
                                                    5,  2, 100, 100, 99, 42, 2};
static const uint32_t WIDE_SIZES[] = {2, 3, 4, 5, 6, 8, 10, 12, 16, 20};

static double now(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void must(sil_status status)
{
    if (status != SIL_OK) {
        (void)fprintf(stderr, "bench_count: out of memory\n");
        exit(status);
    }
}

static struct sil_domain make_domain(const struct bench *bench,
                                     uint32_t sizes[MAX_COLUMNS])
{
    for (uint32_t a = 0; a < bench->n_columns; a++) {
        sizes[a] =
            bench->n_columns == ADULT_COLUMNS ? ADULT_SIZES[a] : WIDE_SIZES[a % 10];
    }
    return (struct sil_domain){.n_attrs = bench->n_columns, .sizes = sizes};
}

static struct sil_table *make_table(const struct bench *bench)
{
    struct test_random random = {.state = 1};
    uint32_t sizes[MAX_COLUMNS];
    struct sil_domain domain = make_domain(bench, sizes);
    struct sil_table *table;
    must(sil_table_new(&table, &domain, NULL));
    for (size_t r = 0; r < bench->n_rows; r++) {
        uint32_t row[MAX_COLUMNS];
        for (uint32_t a = 0; a < bench->n_columns; a++) {
            bool common = bench->skewed && test_below(&random, 10) > 0;
            row[a] = common ? 0 : (uint32_t)test_below(&random, sizes[a]);
        }
        must(sil_table_add_row(table, row, NULL));
    }
    return table;
}

static void keep(struct sil_clique *out, size_t *n, struct sil_clique clique,
                 const struct bench *bench)
{
    uint32_t sizes[MAX_COLUMNS];
    struct sil_domain domain = make_domain(bench, sizes);
    if (sil_clique_cells(&domain, &clique) <= bench->max_cells) {
        out[(*n)++] = clique;
    }
}

/* All cliques of two or three of the columns within the limit. */
static size_t make_cliques(struct sil_clique *out, const struct bench *bench)
{
    size_t n = 0;
    for (uint32_t a = 0; a < bench->n_columns; a++) {
        for (uint32_t b = a + 1; b < bench->n_columns; b++) {
            struct sil_clique pair = {
                .n = 2, .attr = {a, b}
            };
            if (bench->arity == 2) {
                keep(out, &n, pair, bench);
            }
            for (uint32_t c = b + 1; bench->arity == 3 && c < bench->n_columns; c++) {
                struct sil_clique triple = {
                    .n = 3, .attr = {a, b, c}
                };
                keep(out, &n, triple, bench);
            }
        }
    }
    return n;
}

static int compare_seconds(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static void run(const struct bench *bench, unsigned n_threads)
{
    enum { MAX_CLIQUES = 3240 };
    static struct sil_clique cliques[MAX_CLIQUES];
    static struct sil_counts *counts[MAX_CLIQUES];
    double seconds[REPEATS];
    double cpu = 1e9;
    struct sil_table *table = make_table(bench);
    size_t n = make_cliques(cliques, bench);

    for (int i = 0; i < REPEATS; i++) {
        double start = now(CLOCK_MONOTONIC);
        double cpu_start = now(CLOCK_PROCESS_CPUTIME_ID);
        must(sil_table_count(counts, table, cliques, n, n_threads, NULL));
        seconds[i] = now(CLOCK_MONOTONIC) - start;
        double cpu_seconds = now(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
        cpu = cpu_seconds < cpu ? cpu_seconds : cpu;
        for (size_t k = 0; k < n; k++) {
            sil_counts_free(counts[k]);
        }
    }
    qsort(seconds, REPEATS, sizeof seconds[0], compare_seconds);
    (void)printf("%-36s %8zu x %2u %5zu cliques %2u threads %8.4f s best %8.4f s "
                 "median %6.2f CPU ns/update\n",
                 bench->name, bench->n_rows, bench->n_columns, n, n_threads, seconds[0],
                 seconds[REPEATS / 2], 1e9 * cpu / ((double)bench->n_rows * (double)n));
    sil_table_free(table);
}

int main(int argc, char **argv)
{
    long n_threads = argc > 1 ? strtol(argv[1], NULL, 10) : omp_get_max_threads();
    if (n_threads < 1 || n_threads > 1024) {
        (void)fprintf(stderr, "usage: bench_count [threads]\n");
        return SIL_ERR_USAGE;
    }
    for (size_t i = 0; i < sizeof BENCHES / sizeof BENCHES[0]; i++) {
        run(&BENCHES[i], (unsigned)n_threads);
    }
    return 0;
}
