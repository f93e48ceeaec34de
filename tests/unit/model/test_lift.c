// SPDX-License-Identifier: Apache-2.0
#include "model/lift.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

enum { AXES_MAX = 4, VALUES_MAX = 9, CELLS_MAX = 6561 };

/* A table of up to four axes, each grouped at random, as values, or as values by a list. */
struct shape {
    uint32_t n;
    struct sil_grouping of[AXES_MAX];
    uint32_t group[AXES_MAX][VALUES_MAX];
    size_t wide_cells;
    size_t cells;
};

static void random_shape(struct shape *s, struct random *r)
{
    s->n = 1 + (uint32_t)random_below(r, AXES_MAX);
    s->wide_cells = 1;
    s->cells = 1;
    for (uint32_t k = 0; k < s->n; k++) {
        uint32_t n_values = 1 + (uint32_t)random_below(r, VALUES_MAX);
        uint32_t n_groups = n_values;
        uint64_t kind = random_below(r, 4);
        if (kind >= 2) {
            n_groups = 1 + (uint32_t)random_below(r, n_values);
        }
        for (uint32_t v = 0; v < n_values; v++) {
            s->group[k][v] = v < n_groups ? v : (uint32_t)random_below(r, n_groups);
        }
        s->of[k] =
            (struct sil_grouping){n_values, n_groups, kind == 0 ? NULL : s->group[k]};
        s->wide_cells *= n_values;
        s->cells *= n_groups;
    }
}

static size_t narrow_cell(const struct shape *s, size_t wide)
{
    size_t cell = 0;
    size_t step = 1;
    for (uint32_t k = s->n; k-- > 0;) {
        cell += step * s->group[k][wide % s->of[k].n_values];
        step *= s->of[k].n_groups;
        wide /= s->of[k].n_values;
    }
    return cell;
}

Test(model_lift, follows_every_cell_there_and_back)
{
    static double wide[CELLS_MAX];
    static double narrow[CELLS_MAX];
    static double got[CELLS_MAX];
    static double work[CELLS_MAX];
    static double sum[CELLS_MAX];
    struct random r = random_start("lift", 91);
    for (int trial = 0; trial < 300; trial++) {
        struct shape s;
        struct sil_lift lift;
        random_shape(&s, &r);
        cr_assert_eq(sil_lift_init(&lift, s.of, s.n, NULL), SIL_OK);
        cr_assert_eq(lift.cells, s.cells);
        cr_assert_eq(lift.wide_cells, s.wide_cells);
        cr_assert_leq(lift.work, s.wide_cells);
        memset(sum, 0, sizeof sum);
        for (size_t i = 0; i < s.wide_cells; i++) {
            wide[i] = (double)random_below(&r, 1000); /* sums are exact in any order */
            got[i] = wide[i];
            sum[narrow_cell(&s, i)] += wide[i];
        }
        for (size_t i = 0; i < s.cells; i++) {
            narrow[i] = (double)random_below(&r, 1000);
        }

        sil_lift_add(got, &lift, narrow, work);
        for (size_t i = 0; i < s.wide_cells; i++) {
            cr_assert_eq(got[i], wide[i] + narrow[narrow_cell(&s, i)], "trial %d",
                         trial);
        }
        sil_lift_sum(got, &lift, wide, work);
        for (size_t i = 0; i < s.cells; i++) {
            cr_assert_eq(got[i], sum[i], "trial %d", trial);
        }
        sil_lift_clear(&lift);
    }
}
