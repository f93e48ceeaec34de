// SPDX-License-Identifier: Apache-2.0
#include "unit/model/local_scene.h"

/* The count of every cell of the whole domain. */
static double *joint_of(const struct scene *s)
{
    struct sil_clique all = clique_of_mask(&s->domain, (1u << ATTRS) - 1);
    size_t cells = all_cells(&s->domain);
    double *joint = calloc(cells, sizeof *joint);
    double *groups = calloc(all_cells(&s->groups), sizeof *groups);
    cr_assert_eq(sil_gm_marginal(groups, s->model, &all, NULL), SIL_OK);
    for (size_t cell = 0; cell < cells; cell++) {
        size_t rest = cell;
        size_t at = 0;
        size_t step = 1;
        double share = 1;
        for (uint32_t a = ATTRS; a-- > 0;) {
            uint32_t value = (uint32_t)(rest % s->sizes[a]);
            uint32_t g = sil_group_of(&s->of[a], value);
            double sum = 0;
            for (uint32_t v = 0; v < s->sizes[a]; v++) {
                sum += sil_group_of(&s->of[a], v) == g ? s->counts[a][v] : 0;
            }
            share *= s->counts[a][value] / sum;
            at += g * step;
            step *= s->n_groups[a];
            rest /= s->sizes[a];
        }
        joint[cell] = groups[at] * share;
    }
    free(groups);
    return joint;
}

Test(model_local_tables, begin_as_marginals_of_the_model_opened_into_values)
{
    struct random r = random_start("begin", 421);
    for (int i = 0; i < 40; i++) {
        struct scene s;
        static double want[CELLS];
        set_scene(&s, 1, FEW, &r);
        struct sil_local_tables *tables = open_tables(&s, 2);
        double *joint = joint_of(&s);
        double total = sil_gm_total(s.model);
        for (size_t t = 0; t < s.n; t++) {
            size_t n;
            const double *got = sil_local_table(tables, t, &n);
            brute_marginal(want, &s.domain, joint, &s.cliques[t]);
            cr_assert_eq(sil_clique_compare(sil_local_clique(tables, t), &s.cliques[t]),
                         0);
            cr_assert_eq(n, cells_of(&s, t));
            for (size_t k = 0; k < n; k++) {
                cr_assert_float_eq(got[k], want[k], 1e-11 * total,
                                   "case %d, table %zu, cell %zu: %g, %g", i, t, k,
                                   got[k], want[k]);
            }
            cr_assert_float_eq(sum_of(tables, t), total, 1e-10 * total);
        }
        free(joint);
        sil_local_free(tables);
        sil_gm_free(s.model);
    }
}

Test(model_local_tables, are_and_learn_the_same_refilled_as_new)
{
    struct random r = random_start("refilled", 422);
    for (int i = 0; i < 20; i++) {
        struct scene s;
        static struct lesson l;
        set_scene(&s, 1, FEW, &r);
        struct sil_local_tables *refilled = open_tables(&s, 1);
        if (s.n > 0) {
            random_lesson(&l, &s);
            teach(refilled, &l);
        }
        sil_gm_free(s.model);
        regroup(&s);

        cr_assert_eq(sil_local_refill(refilled, NULL, s.model, s.of, s.column, NULL),
                     SIL_OK);

        struct sil_local_tables *fresh = open_tables(&s, 1);
        if (s.n > 0) {
            random_lesson(&l, &s);
            teach(refilled, &l);
            teach(fresh, &l);
        }
        cr_expect(are_same(refilled, fresh), "case %d", i);
        sil_local_free(fresh);
        sil_local_free(refilled);
        sil_gm_free(s.model);
    }
}

Test(model_local_tables, may_be_none)
{
    struct random r = random_start("none", 428);
    struct scene s;
    set_scene(&s, 1, FEW, &r);
    s.n = 0;
    sil_local_free(open_tables(&s, 1));
    sil_local_free(NULL);
    sil_gm_free(s.model);
}

/* Tables that no machine holds, and one whose cells do not fit in 64 bits. */
Test(model_local_tables, refuse_what_does_not_fit)
{
    static const uint32_t SIZES[3] = {1u << 31, 1u << 31, 1u << 31};
    static const uint32_t ONES[3] = {1, 1, 1};
    struct sil_domain domain = {3, SIZES, NULL};
    struct sil_domain groups = {3, ONES, NULL};
    struct sil_graphical_model *model;
    cr_assert_eq(sil_gm_new(&model, &groups, 100, NULL), SIL_OK);
    for (uint32_t n = 2; n <= 3; n++) {
        struct sil_clique clique = {
            n, {0, 1, 2}
        };
        struct sil_local_tables *tables = (void *)&clique;
        struct sil_error err = {""};
        cr_expect_eq(
            sil_local_new(&tables, &domain, &clique, 1, model, NULL, NULL, 1, &err),
            SIL_ERR_INTERNAL);
        cr_expect_null(tables);
        cr_expect_neq(err.text[0], '\0');
    }
    sil_gm_free(model);
}
