// SPDX-License-Identifier: Apache-2.0
// Speed of columns, levels and local tables, on made-up counts in the shape of the Adult
// table: one line a figure, processor time of all threads, the least of several runs.
//   bench_local [threads]
#include "model/columns.h"
#include "model/local_tables.h"
#include "unit/model/oracle.h"

#include <math.h>
#include <time.h>

enum { ATTRS = 14, TABLES = 480, REPEATS = 10 };

static const uint32_t ADULT[ATTRS] = {85, 9, 100, 16,  7,  15, 6,
                                      5,  2, 100, 100, 99, 42, 2};

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void require(sil_status status)
{
    if (status != SIL_OK) {
        (void)fprintf(stderr, "bench_local: status %d\n", (int)status);
        exit(70);
    }
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* ---- columns ---- */

struct columns {
    double *y[ATTRS];
    double *p[ATTRS];
    struct sil_levels levels[ATTRS];
};

static void make_columns(struct columns *c)
{
    static const uint32_t PARTS[] = {96, 48, 24, 12, 6, 3};
    struct random r = {5};
    double best[2] = {1e9, 1e9};
    for (uint32_t a = 0; a < ATTRS; a++) {
        c->y[a] = calloc(ADULT[a], sizeof(double));
        c->p[a] = calloc(ADULT[a], sizeof(double));
        for (uint32_t v = 0; v < ADULT[a]; v++) {
            c->y[a][v] = 3000 * exp(-0.05 * v) + 80 * random_noise(&r);
        }
    }
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        double start = now();
        for (uint32_t a = 0; a < ATTRS; a++) {
            struct sil_column column = {ADULT[a], a % 2 == 0 ? ADULT[a] : 0, 6400,
                                        false};
            require(sil_column_clean(c->p[a], c->y[a], NULL, &column, 48842, NULL));
        }
        best[0] = least(best[0], now() - start);
        start = now();
        for (uint32_t a = 0; a < ATTRS; a++) {
            struct sil_column column = {ADULT[a], a % 2 == 0 ? ADULT[a] : 0, 6400,
                                        false};
            int64_t mass[100];
            for (uint32_t v = 0; v < ADULT[a]; v++) {
                mass[v] = (int64_t)(1024 * c->p[a][v]);
            }
            sil_levels_clear(&c->levels[a]);
            require(sil_levels_init(&c->levels[a], mass, &column, PARTS, 6, NULL));
        }
        best[1] = least(best[1], now() - start);
    }
    (void)printf("columns of adult: clean %.3f ms, levels %.3f ms\n", best[0] * 1e3,
                 best[1] * 1e3);
}

static void bench_long_column(void)
{
    enum { LONG = 4096 };

    struct random r = {6};
    double *y = calloc(LONG, sizeof *y);
    double *p = calloc(LONG, sizeof *p);
    struct sil_column column = {LONG, LONG, 900, false};
    double best = 1e9;
    for (uint32_t v = 0; v < LONG; v++) {
        y[v] = 1000 * (v / 300 % 5) + 30 * random_noise(&r);
    }
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        double start = now();
        require(sil_column_clean(p, y, NULL, &column, 1e6, NULL));
        best = least(best, now() - start);
    }
    (void)printf("column of %d: clean %.2f ms\n", LONG, best * 1e3);
    free(y);
    free(p);
}

/* ---- tables ---- */

/* All pairs and triples of at most 10,000 cells. */
static size_t all_cliques(struct sil_clique *cliques, size_t *cells)
{
    struct sil_domain domain = {ATTRS, ADULT, NULL};
    size_t n = 0;
    *cells = 0;
    for (uint32_t size = 2; size <= 3; size++) {
        for (uint32_t i = 0; i < ATTRS * ATTRS * ATTRS; i++) {
            uint32_t a = i / ATTRS / ATTRS;
            uint32_t b = i / ATTRS % ATTRS;
            uint32_t c = i % ATTRS;
            struct sil_clique clique = {
                .n = size, .attr = {a, b, c}
            };
            if (size == 2) {
                clique.attr[0] = b;
                clique.attr[1] = c;
            }
            bool is_new = b < c && (size == 2 ? a == 0 : a < b);
            if (is_new && sil_clique_cells(&domain, &clique) <= 10000) {
                *cells += sil_clique_cells(&domain, &clique);
                cliques[n++] = clique;
            }
        }
    }
    return n;
}

/* A model over the second levels, or over values where there is none. */
static struct sil_graphical_model *make_model(struct sil_grouping *of, uint32_t *sizes,
                                              const struct columns *c,
                                              unsigned n_threads)
{
    enum { MOST = 64 };

    struct random r = {7};
    struct sil_domain groups = {ATTRS, sizes, NULL};
    struct sil_clique cliques[MOST];
    double *values[MOST];
    struct sil_graphical_model *model;
    for (uint32_t a = 0; a < ATTRS; a++) {
        const struct sil_levels *l = &c->levels[a];
        of[a] = l->level[l->n > 1 ? 1 : 0];
        sizes[a] = of[a].n_groups;
    }
    size_t n = parse_cliques(cliques, "0;1;2;3;4;5;6;7;8;9;10;11;12;13;0,4;0,6;1,5;3,5;"
                                      "4,6;5,11;6,8;7,12;8,10;9,13;2,12;3,12;6,13");
    for (size_t k = 0; k < n; k++) {
        size_t cells = sil_clique_cells(&groups, &cliques[k]);
        values[k] = calloc(cells, sizeof(double));
        for (size_t i = 0; i < cells; i++) {
            values[k][i] = 3 * random_unit(&r);
        }
    }
    require(sil_gm_from_potentials(&model, &groups, 48842, cliques,
                                   (const double *const *)values, n, n_threads, NULL));
    for (size_t k = 0; k < n; k++) {
        free(values[k]);
    }
    return model;
}

/* The mean over the tables of `size` attributes, all measured in groups or in values. */
static void time_learn(struct sil_local_tables *tables, uint32_t size, uint32_t level,
                       const struct columns *c)
{
    static double y[10000];
    double best = 1e9;
    size_t n = 0;
    for (int repeat = 0; repeat < 3; repeat++) {
        double start = now();
        n = 0;
        for (size_t i = 0; i < sil_local_n(tables); i++) {
            const struct sil_clique *clique = sil_local_clique(tables, i);
            struct sil_grouping of[3];
            if (clique->n != size) {
                continue;
            }
            for (uint32_t k = 0; k < size; k++) {
                const struct sil_levels *l = &c->levels[clique->attr[k]];
                of[k] = l->level[level < l->n ? level : l->n - 1];
            }
            size_t cells = sil_grouped_cells(of, size);
            for (size_t g = 0; g < cells; g++) {
                y[g] = 48842 / (double)cells;
            }
            require(sil_local_learn(tables, i, of, y, 100, true, NULL));
            n++;
        }
        best = least(best, (now() - start) / (double)n);
    }
    (void)printf("learn %u attributes at level %u: %.3f ms (mean of %zu)\n", size,
                 level, best * 1e3, n);
}

static void bench_tables(const struct columns *c, unsigned n_threads)
{
    struct sil_domain domain = {ATTRS, ADULT, NULL};
    struct sil_clique *cliques = calloc(TABLES, sizeof *cliques);
    struct sil_grouping of[ATTRS];
    uint32_t sizes[ATTRS];
    size_t cells;
    size_t n = all_cliques(cliques, &cells);
    struct sil_graphical_model *model = make_model(of, sizes, c, n_threads);
    const double *const *column = (const double *const *)c->p;
    double best[2] = {1e9, 1e9};
    struct sil_local_tables *tables = NULL;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        sil_local_free(tables);
        double start = now();
        require(sil_local_new(&tables, &domain, cliques, n, model, of, column,
                              n_threads, NULL));
        best[0] = least(best[0], now() - start);
        start = now();
        require(sil_local_refill(tables, NULL, model, of, column, NULL));
        best[1] = least(best[1], now() - start);
    }
    (void)printf("%zu tables, %zu cells: new %.2f ms, refill %.2f ms\n", n, cells,
                 best[0] * 1e3, best[1] * 1e3);
    for (uint32_t level = 0; level <= 2; level += 2) {
        time_learn(tables, 2, level, c);
        time_learn(tables, 3, level, c);
    }
    sil_local_free(tables);
    sil_gm_free(model);
    free(cliques);
}

int main(int argc, char **argv)
{
    unsigned n_threads = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2;
    static struct columns columns;
    (void)printf("%u threads\n", n_threads);
    make_columns(&columns);
    bench_long_column();
    bench_tables(&columns, n_threads);
    for (uint32_t a = 0; a < ATTRS; a++) {
        free(columns.y[a]);
        free(columns.p[a]);
        sil_levels_clear(&columns.levels[a]);
    }
    return 0;
}
