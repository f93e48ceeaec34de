// SPDX-License-Identifier: Apache-2.0
// Whatever the number of threads and the instruction set: the same fit of tiles.
#include "model/isa.h"
#include "model/tiles.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

/* A node of 2^18 cells and more is cut among threads. */
enum { WIDE = 66, COARSE = 5, N_WIDE = 6 };

static const uint32_t WIDE_SIZES[3] = {WIDE, WIDE, WIDE};
static const struct sil_domain WIDE_DOMAIN = {3, WIDE_SIZES, NULL};

/* Potentials of all tiles, one after another, and the marginal of all columns' groups. */
static double *fit_wide(unsigned n_threads, size_t *n_values)
{
    static uint32_t group[WIDE];
    static struct sil_grouping of[3];
    static double y[N_WIDE][WIDE * WIDE];
    static double slack[WIDE * WIDE];
    static double centre[WIDE * WIDE];
    static double theta[N_WIDE][WIDE * WIDE];
    struct random r = {111};
    struct sil_clique cliques[N_WIDE];
    struct sil_tile list[N_WIDE];
    struct sil_fit_report report;
    struct sil_graphical_model *model;
    const struct sil_fit_limits limits = {12, 0, n_threads};
    cr_assert_eq(parse_cliques(cliques, "0;1;2;0,1;0,1,2;1,2"), N_WIDE);
    for (uint32_t v = 0; v < WIDE; v++) {
        group[v] = v * COARSE / WIDE;
    }
    for (size_t i = 0; i < 3; i++) {
        of[i] = (struct sil_grouping){WIDE, COARSE, group};
    }
    for (size_t i = 0; i < WIDE * WIDE; i++) {
        slack[i] = 5;
    }
    memset(theta, 0, sizeof theta);
    for (size_t t = 0; t < N_WIDE; t++) {
        bool is_grouped = t == 4 || t == 5;
        size_t cells = is_grouped ? sil_grouped_cells(of, cliques[t].n)
                                  : sil_clique_cells(&WIDE_DOMAIN, &cliques[t]);
        for (size_t i = 0; i < cells; i++) {
            y[t][i] = 4e4 / (double)cells * 4 * pow(random_unit(&r), 3);
        }
        list[t] = (struct sil_tile){
            cliques[t], is_grouped ? of : NULL, cells, y[t], slack, centre, theta[t]};
    }
    cr_assert_eq(sil_gm_new(&model, &WIDE_DOMAIN, 4e4, NULL), SIL_OK);
    cr_assert_eq(sil_gm_fit_tiles(model, 4e4, list, N_WIDE, &limits, &report, NULL),
                 SIL_OK);
    cr_assert_geq(sil_gm_tree_cells(model), 1 << 18);

    size_t n = sizeof theta / sizeof(double);
    double *out = calloc(n + WIDE * WIDE, sizeof *out);
    memcpy(out, theta, sizeof theta);
    struct sil_clique asked = {
        2, {0, 2}
    };
    cr_assert_eq(sil_gm_marginal(out + n, model, &asked, NULL), SIL_OK);
    sil_gm_free(model);
    *n_values = n + WIDE * WIDE;
    return out;
}

Test(model_tiles_bits, are_the_same_for_any_threads_and_instructions, .timeout = 120)
{
    static const char *const NAMES[] = {"scalar", "avx2", "avx512"};
    size_t n;
    cr_assert_eq(sil_isa_select(NULL, NULL), SIL_OK);
    double *one = fit_wide(1, &n);
    double *two = fit_wide(2, &n);
    cr_expect_arr_eq(one, two, n * sizeof *one, "two threads");
    free(two);
    for (size_t i = 0; i < 3; i++) {
        if (sil_isa_select(NAMES[i], NULL) != SIL_OK) {
            (void)fprintf(stderr, "skipped: this machine has no %s\n", NAMES[i]);
            continue;
        }
        double *other = fit_wide(2, &n);
        cr_expect_arr_eq(one, other, n * sizeof *one, "%s", NAMES[i]);
        free(other);
    }
    free(one);
}
