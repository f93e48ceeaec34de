// SPDX-License-Identifier: Apache-2.0
// Whatever the number of threads and the instruction set: the same potentials, marginals
// and rows, on a model with nodes large enough to be cut among threads.
#include "model/isa.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <xmmintrin.h>

enum { N_ATTRS = 7, N_LIST = 10, USUAL = 0x1f80, CONTROL_BITS = 0xffc0 };

static const uint32_t SIZES[N_ATTRS] = {40, 3, 25, 60, 4, 30, 2};
static const struct sil_domain DOMAIN = {N_ATTRS, SIZES, NULL};
static const char *const CLIQUES = "0;3;5;0,2;0,3;0,5;2,3;2,5;3,5;1,3,4";

struct outcome {
    struct sil_graphical_model *model;
    double *marginal[2];
    size_t cells[2];
    struct sil_codes rows;
};

static double *y_of(const struct sil_clique *c, struct random *r)
{
    size_t cells = sil_clique_cells(&DOMAIN, c);
    double *y = calloc(cells, sizeof *y);
    for (size_t i = 0; i < cells; i++) {
        double u = random_unit(r);
        y[i] = 4e4 / (double)cells * (4 * u * u * u + 30 * random_noise(r) / 100);
    }
    return y;
}

/* Fit, ask and draw, with the control word of SSE set to `control` around the calls. */
static void run(struct outcome *out, unsigned n_threads, unsigned control)
{
    static const uint64_t KEY = 5;
    struct random r = {71};
    struct sil_clique cliques[N_LIST];
    struct sil_measurement list[N_LIST];
    double *y[N_LIST];
    struct sil_fit_report report;
    const struct sil_fit_limits limits = {25, 0, n_threads};
    cr_assert_eq(parse_cliques(cliques, CLIQUES), N_LIST);
    for (size_t k = 0; k < N_LIST; k++) {
        y[k] = y_of(&cliques[k], &r);
        list[k] = (struct sil_measurement){cliques[k], y[k], 100};
    }
    unsigned before = _mm_getcsr();
    _mm_setcsr(control);
    cr_assert_eq(sil_gm_new(&out->model, &DOMAIN, 4e4, NULL), SIL_OK);
    cr_assert_eq(sil_gm_fit(out->model, 4e4, list, N_LIST, &limits, &report, NULL),
                 SIL_OK);
    cr_assert_geq(sil_gm_tree_cells(out->model), 1 << 17);

    struct sil_clique asked[2] = {
        {.n = 3, .attr = {0, 1, 5}},
        {.n = 2, .attr = {3, 6}   }
    };
    for (size_t k = 0; k < 2; k++) {
        out->cells[k] = sil_clique_cells(&DOMAIN, &asked[k]);
        out->marginal[k] = calloc(out->cells[k], sizeof(double));
    }
    cr_assert_eq(sil_gm_marginals(out->marginal, out->model, asked, 2, n_threads, NULL),
                 SIL_OK);
    const struct sil_draw draw = {
        .n_rows = 150000,
        .words = {test_words, &KEY},
        .rounding = SIL_ROWS_PAIRWISE,
        .n_threads = n_threads,
    };
    cr_assert_eq(sil_gm_draw(&out->rows, out->model, &draw, NULL), SIL_OK);
    cr_assert_eq(_mm_getcsr() & CONTROL_BITS, control,
                 "the environment was not restored");
    _mm_setcsr(before);
    for (size_t k = 0; k < N_LIST; k++) {
        free(y[k]);
    }
}

static void clear(struct outcome *out)
{
    sil_gm_free(out->model);
    free(out->marginal[0]);
    free(out->marginal[1]);
    sil_codes_clear(&out->rows);
}

static void check_same(const struct outcome *a, const struct outcome *b,
                       const char *what)
{
    for (size_t k = 0; k < sil_gm_n_potentials(a->model); k++) {
        size_t cells;
        const double *left = sil_gm_potential(a->model, k, &cells);
        const double *right = sil_gm_potential(b->model, k, &cells);
        cr_assert_arr_eq(left, right, cells * sizeof *left, "%s: potential %zu", what,
                         k);
    }
    for (size_t k = 0; k < 2; k++) {
        cr_assert_arr_eq(a->marginal[k], b->marginal[k], a->cells[k] * sizeof(double),
                         "%s: marginal %zu", what, k);
    }
    for (uint32_t attr = 0; attr < N_ATTRS; attr++) {
        cr_assert_arr_eq(a->rows.column[attr], b->rows.column[attr],
                         a->rows.n_rows * a->rows.width[attr], "%s: column %u", what,
                         attr);
    }
}

Test(model_same_bits, for_any_number_of_threads, .timeout = 120)
{
    struct outcome one;
    run(&one, 1, USUAL);
    for (unsigned n = 2; n <= 3; n++) {
        struct outcome more;
        run(&more, n, USUAL);
        check_same(&one, &more, n == 2 ? "two threads" : "three threads");
        clear(&more);
    }
    clear(&one);
}

Test(model_same_bits, for_every_instruction_set, .timeout = 120)
{
    static const char *const NAMES[] = {"avx2", "avx512"};
    struct outcome plain;
    cr_assert_eq(sil_isa_select("scalar", NULL), SIL_OK);
    run(&plain, 2, USUAL);
    for (size_t i = 0; i < 2; i++) {
        if (sil_isa_select(NAMES[i], NULL) != SIL_OK) {
            (void)fprintf(stderr, "skipped: this machine has no %s\n", NAMES[i]);
            continue;
        }
        struct outcome other;
        run(&other, 2, USUAL);
        check_same(&plain, &other, NAMES[i]);
        clear(&other);
    }
    clear(&plain);
}

/* A host program may round upward and flush denormals to zero. */
Test(model_same_bits, in_a_foreign_floating_point_environment, .timeout = 120)
{
    enum { UPWARD_AND_FLUSH = USUAL | 0x8040 | 0x4000 };

    struct outcome usual;
    struct outcome foreign;
    run(&usual, 2, USUAL);
    run(&foreign, 2, UPWARD_AND_FLUSH);
    check_same(&usual, &foreign, "foreign environment");
    clear(&usual);
    clear(&foreign);
}
