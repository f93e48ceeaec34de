// SPDX-License-Identifier: Apache-2.0
// Speed of the graphical model, on made-up tables: one line a figure, wall seconds.
//   bench_model [threads]
#include "model/isa.h"
#include "model/model.h"
#include "unit/model/oracle.h"

#include <time.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void require(sil_status status)
{
    if (status != SIL_OK) {
        (void)fprintf(stderr, "bench_model: status %d\n", (int)status);
        exit(70);
    }
}

/* The shape of the Adult table and of its convergence benchmark. */
static const uint32_t ADULT[14] = {85, 9, 100, 16, 7, 15, 6, 5, 2, 100, 100, 99, 42, 2};
static const char *const ADULT_CLIQUES =
    "0;1;2;3;4;5;6;7;8;9;10;11;12;13;4,6;1,5;6,8;0,4;3,5;0,6;5,11;6,13;0,3;4,8;4,13;"
    "7,12;9,13;3,12;2,12;6,9;1,3;10,13;8,13;6,10;5,7;3,7;8,9;8,10";

static struct sil_graphical_model *build(const struct sil_domain *domain,
                                         const struct sil_clique *cliques, size_t n,
                                         unsigned n_threads)
{
    struct random r = {7};
    struct sil_graphical_model *model;
    const double **values = calloc(n, sizeof *values);
    double **owned = calloc(n, sizeof *owned);
    for (size_t k = 0; k < n; k++) {
        size_t cells = sil_clique_cells(domain, &cliques[k]);
        owned[k] = calloc(cells, sizeof(double));
        values[k] = owned[k];
        for (size_t i = 0; i < cells; i++) {
            owned[k][i] = 3 * random_unit(&r);
        }
    }
    require(sil_gm_from_potentials(&model, domain, 48842, cliques, values, n, n_threads,
                                   NULL));
    for (size_t k = 0; k < n; k++) {
        free(owned[k]);
    }
    free(owned);
    free(values);
    return model;
}

// The fastest of many: what the machine can do when it does nothing else.
static void time_oracle(const char *name, struct sil_graphical_model *model)
{
    struct sil_oracle *o = &model->state.oracle;
    double best = 1e9;
    double start = now();
    while (now() - start < 1) {
        double before = now();
        (void)sil_oracle_run(o, model->state.theta);
        best = now() - before < best ? now() - before : best;
    }
    (void)printf("oracle %-10s %9llu cells  %10.1f us\n", name,
                 (unsigned long long)sil_gm_tree_cells(model), best * 1e6);
}

static void time_marginals(const char *name, const struct sil_graphical_model *model,
                           const struct sil_domain *domain, unsigned n_threads)
{
    enum { MOST = 455 };
    struct sil_clique cliques[MOST];
    double *out[MOST];
    size_t n = 0;
    size_t cells = 0;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        for (uint32_t b = a + 1; b < domain->n_attrs; b++) {
            for (uint32_t c = b + 1; c < domain->n_attrs; c++) {
                struct sil_clique triple = {
                    .n = 3, .attr = {a, b, c}
                };
                size_t size = sil_clique_cells(domain, &triple);
                if (size <= 10000) {
                    out[n] = calloc(size, sizeof(double));
                    cliques[n++] = triple;
                    cells += size;
                }
            }
        }
    }
    double best = 1e9;
    for (int repeat = 0; repeat < 3; repeat++) {
        double start = now();
        require(sil_gm_marginals(out, model, cliques, n, n_threads, NULL));
        best = now() - start < best ? now() - start : best;
    }
    (void)printf("marginals %-10s %zu triples, %zu cells  %8.1f ms\n", name, n, cells,
                 best * 1e3);
    for (size_t k = 0; k < n; k++) {
        free(out[k]);
    }
}

static void bench_adult(unsigned n_threads)
{
    static const struct {
        const char *name;
        const char *more;
    } CASES[] = {
        {"adult",  ""                                  },
        {"medium", ";0,3,5;3,5,6;0,5,6"                },
        {"large",  ";0,3,5;3,5,6;0,5,11;5,11,13;0,3,11"},
    };
    struct sil_domain domain = {14, ADULT, NULL};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[512];
        struct sil_clique cliques[64];
        (void)snprintf(text, sizeof text, "%s%s", ADULT_CLIQUES, CASES[i].more);
        size_t n = parse_cliques(cliques, text);
        struct sil_graphical_model *model = build(&domain, cliques, n, n_threads);
        time_oracle(CASES[i].name, model);
        time_marginals(CASES[i].name, model, &domain, n_threads);
        sil_gm_free(model);
    }
}

static void bench_rows(unsigned n_threads)
{
    enum { WIDE = 81 };

    static const uint64_t KEY = 9;
    uint32_t sizes[WIDE];
    struct sil_domain domain = {WIDE, sizes, NULL};
    struct sil_clique chain[WIDE];
    for (uint32_t a = 0; a < WIDE; a++) {
        sizes[a] = 2 + a % 19;
        chain[a] = (struct sil_clique){
            .n = 3, .attr = {a, a + 1, a + 2}
        };
    }
    struct sil_graphical_model *model = build(&domain, chain, WIDE - 2, n_threads);
    const struct sil_draw draw = {
        .n_rows = 1000000,
        .words = {test_words, &KEY},
        .rounding = SIL_ROWS_PAIRWISE,
        .n_threads = n_threads,
    };
    struct sil_codes rows;
    double start = now();
    require(sil_gm_draw(&rows, model, &draw, NULL));
    (void)printf("draw 1000000 x %d  %.2f s\n", WIDE, now() - start);
    sil_codes_clear(&rows);
    sil_gm_free(model);
}

/* A chain through ten thousand columns: planning must not be quadratic. */
static void bench_wide(unsigned n_threads)
{
    enum { WIDE = 10000 };

    uint32_t *sizes = calloc(WIDE, sizeof *sizes);
    struct sil_clique *cliques = calloc(2 * WIDE, sizeof *cliques);
    struct sil_domain domain = {WIDE, sizes, NULL};
    for (uint32_t a = 0; a < WIDE; a++) {
        sizes[a] = 2 + a % 7;
        cliques[a] = sil_clique_single(a);
        cliques[WIDE + a] = (struct sil_clique){
            .n = 2, .attr = {a / 2, a + 1}
        };
    }
    double start = now();
    struct sil_graphical_model *model = build(&domain, cliques, WIDE, n_threads);
    (void)printf("wide %d singles: build %.2f s\n", WIDE, now() - start);
    sil_gm_free(model);
    start = now();
    model = build(&domain, cliques + WIDE, WIDE - 1, n_threads);
    (void)printf("wide %d pairs: build %.2f s\n", WIDE - 1, now() - start);
    time_oracle("wide", model);
    sil_gm_free(model);
    free(cliques);
    free(sizes);
}

int main(int argc, char **argv)
{
    unsigned n_threads = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2;
    require(sil_isa_select(getenv("SIL_ISA"), NULL));
    (void)printf("%s, %u threads\n", sil_isa_name(), n_threads);
    bench_adult(n_threads);
    bench_rows(n_threads);
    bench_wide(n_threads);
    return 0;
}
