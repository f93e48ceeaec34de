// SPDX-License-Identifier: Apache-2.0
// Speed of the search for rows, on a table of the shape of Adult: CPU time a proposal, and
// how far the objective falls.
//   bench_search [table of codes.csv]
#include "model/isa.h"
#include "model/search.h"
#include "unit/model/oracle.h"

#include <time.h>

enum { N_ATTRS = 14, N_ROWS = 48842, MOST_TARGETS = 470, MOST_CELLS = 10000 };

static const uint32_t SIZES[N_ATTRS] = {85, 9, 100, 16,  7,  15, 6,
                                        5,  2, 100, 100, 99, 42, 2};
static const struct sil_domain DOMAIN = {N_ATTRS, SIZES, NULL};

static double cpu(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void require(bool is_fine, const char *what)
{
    if (!is_fine) {
        (void)fprintf(stderr, "bench_search: %s\n", what);
        exit(70);
    }
}

static void read_rows(struct sil_codes *rows, const char *path)
{
    char line[512];
    FILE *file = fopen(path, "r");
    require(file != NULL && fgets(line, sizeof line, file) != NULL, "cannot read");
    for (size_t row = 0; row < N_ROWS; row++) {
        require(fgets(line, sizeof line, file) != NULL, "too few rows");
        char *at = line;
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            sil_codes_set(rows, a, row, (uint32_t)strtoul(at, &at, 10));
            at += *at == ',';
        }
    }
    (void)fclose(file);
}

/* Rows of twenty kinds: a kind shifts what is most frequent in each column. */
static void make_rows(struct sil_codes *rows, struct random *r)
{
    for (size_t row = 0; row < N_ROWS; row++) {
        uint64_t kind = random_below(r, 20);
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            double u = random_unit(r);
            uint64_t shift = mix(kind * N_ATTRS + a) % 3 * SIZES[a] / 5;
            uint64_t code = (uint64_t)(u * u * u * u * SIZES[a]) + shift;
            sil_codes_set(rows, a, row, (uint32_t)(code % SIZES[a]));
        }
    }
}

static size_t cell_of(const struct sil_codes *rows, const struct sil_clique *c,
                      size_t row)
{
    size_t cell = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        cell = cell * SIZES[c->attr[i]] + sil_codes_get(rows, c->attr[i], row);
    }
    return cell;
}

/* What a model would know: mostly the rows, a little that columns are independent. */
static double *table_of(const struct sil_codes *rows, const struct sil_clique *c)
{
    double *table = calloc(MOST_CELLS, sizeof *table);
    double *single[3];
    for (uint32_t i = 0; i < c->n; i++) {
        struct sil_clique one = sil_clique_single(c->attr[i]);
        single[i] = calloc(SIZES[c->attr[i]], sizeof(double));
        for (size_t row = 0; row < N_ROWS; row++) {
            single[i][cell_of(rows, &one, row)] += 1.0 / N_ROWS;
        }
    }
    for (size_t row = 0; row < N_ROWS; row++) {
        table[cell_of(rows, c, row)] += 0.8;
    }
    size_t cells = sil_clique_cells(&DOMAIN, c);
    for (size_t i = 0; i < cells; i++) {
        double p = 0.2 * N_ROWS;
        size_t rest = i;
        for (uint32_t k = c->n; k-- > 0;) {
            p *= single[k][rest % SIZES[c->attr[k]]] + 1e-5;
            rest /= SIZES[c->attr[k]];
        }
        table[i] += p;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        free(single[i]);
    }
    return table;
}

static size_t list_targets(struct sil_target *out, const struct sil_codes *rows)
{
    static const uint32_t WEIGHTS[] = {0, 100, 5, 1};
    size_t n = 0;
    for (uint32_t mask = 1; mask < 1u << N_ATTRS; mask++) {
        struct sil_clique c = clique_of_mask(&DOMAIN, mask);
        if (c.n <= 3 && sil_clique_cells(&DOMAIN, &c) <= MOST_CELLS) {
            out[n++] = (struct sil_target){c, table_of(rows, &c), WEIGHTS[c.n]};
        }
    }
    return n;
}

static double objective(const struct sil_codes *rows, const struct sil_target *targets,
                        size_t n)
{
    double sum = 0;
    double *h = calloc(MOST_CELLS, sizeof *h);
    for (size_t k = 0; k < n; k++) {
        size_t cells = sil_clique_cells(&DOMAIN, &targets[k].clique);
        double total = 0;
        (void)memset(h, 0, MOST_CELLS * sizeof *h);
        for (size_t row = 0; row < rows->n_rows; row++) {
            h[cell_of(rows, &targets[k].clique, row)]++;
        }
        for (size_t i = 0; i < cells; i++) {
            total += targets[k].table[i];
        }
        for (size_t i = 0; i < cells; i++) {
            double t = targets[k].table[i] * (double)rows->n_rows / total;
            sum += targets[k].weight * (h[i] - t) * (h[i] - t) / (t + 1);
        }
    }
    free(h);
    return sum;
}

static void copy_rows(struct sil_codes *to, const struct sil_codes *from)
{
    for (uint32_t a = 0; a < N_ATTRS; a++) {
        (void)memcpy(to->column[a], from->column[a], N_ROWS * (size_t)from->width[a]);
    }
}

/* As far from the tables as rows drawn from a model of a few cliques. */
static void disturb(struct sil_codes *rows, struct random *r)
{
    for (size_t row = 0; row < N_ROWS; row++) {
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            if (random_below(r, 4) == 0) {
                sil_codes_set(rows, a, row,
                              sil_codes_get(rows, a, random_below(r, N_ROWS)));
            }
        }
    }
}

static double run(struct sil_codes *rows, const struct sil_target *targets, size_t n,
                  uint64_t n_moves, uint64_t n_swaps)
{
    static const uint64_t KEY = 3;
    const struct sil_search_effort effort = {n_moves, n_swaps, 0};
    struct sil_words words = {test_words, &KEY};
    double start = cpu();
    require(sil_search(rows, &DOMAIN, targets, n, &effort, words, 1, NULL, NULL) ==
                SIL_OK,
            "the search failed");
    return cpu() - start;
}

int main(int argc, char **argv)
{
    struct random r = {11};
    struct sil_codes truth;
    struct sil_codes start;
    struct sil_codes rows;
    struct sil_target targets[MOST_TARGETS];
    require(sil_isa_select(getenv("SIL_ISA"), NULL) == SIL_OK, "no such SIL_ISA");
    require(sil_codes_init(&truth, &DOMAIN, N_ROWS, NULL) == SIL_OK &&
                sil_codes_init(&start, &DOMAIN, N_ROWS, NULL) == SIL_OK &&
                sil_codes_init(&rows, &DOMAIN, N_ROWS, NULL) == SIL_OK,
            "out of memory");
    if (argc > 1) {
        read_rows(&truth, argv[1]);
    } else {
        make_rows(&truth, &r);
    }
    size_t n = list_targets(targets, &truth);
    size_t cells = 0;
    for (size_t k = 0; k < n; k++) {
        cells += sil_clique_cells(&DOMAIN, &targets[k].clique);
    }
    copy_rows(&start, &truth);
    disturb(&start, &r);
    (void)printf("%s, %zu targets, %zu cells, objective %.0f\n", sil_isa_name(), n,
                 cells, objective(&start, targets, n));

    static const struct {
        uint32_t moves;
        uint32_t swaps;
    } SWEEPS[] = {
        {0, 0},
        {1, 0},
        {8, 0},
        {0, 1},
        {8, 1}
    };

    for (size_t k = 0; k < sizeof SWEEPS / sizeof SWEEPS[0]; k++) {
        uint64_t sweep = (uint64_t)N_ROWS * N_ATTRS;
        uint64_t proposals = sweep * (SWEEPS[k].moves + SWEEPS[k].swaps);
        double best = 1e9;
        for (int repeat = 0; repeat < 3; repeat++) {
            copy_rows(&rows, &start);
            double spent = run(&rows, targets, n, sweep * SWEEPS[k].moves,
                               sweep * SWEEPS[k].swaps);
            best = spent < best ? spent : best;
        }
        (void)printf("%u + %u sweeps: %.3f s, %.1f ns a proposal, objective %.0f\n",
                     SWEEPS[k].moves, SWEEPS[k].swaps, best,
                     proposals > 0 ? best / (double)proposals * 1e9 : 0,
                     objective(&rows, targets, n));
    }
    return 0;
}
