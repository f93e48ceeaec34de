// SPDX-License-Identifier: Apache-2.0
#include "model/local_tables.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { ATTRS = 5, FEW = 9, VALUES = 40, MOST = 25, CELLS = VALUES * VALUES * VALUES };

/* ---- a model over groups ---- */

struct scene {
    struct random *random;
    struct sil_domain domain; ///< of values
    struct sil_domain groups;
    uint32_t sizes[ATTRS];
    uint32_t n_groups[ATTRS];
    uint32_t group[ATTRS][VALUES];
    struct sil_grouping of[ATTRS];
    double counts[ATTRS][VALUES];
    const double *column[ATTRS];
    struct sil_graphical_model *model;
    struct sil_clique cliques[MOST]; ///< of the tables
    size_t n;
};

/* Groups of `n` values in any order, none empty; now and then every value its own. */
static struct sil_grouping random_grouping(uint32_t *group, uint32_t n,
                                           struct random *r)
{
    uint32_t n_groups = 1 + (uint32_t)random_below(r, n);
    for (uint32_t v = 0; v < n; v++) {
        group[v] = v < n_groups ? v : (uint32_t)random_below(r, n_groups);
    }
    for (uint32_t v = n - 1; v > 0; v--) {
        uint32_t other = (uint32_t)random_below(r, v + 1);
        uint32_t kept = group[v];
        group[v] = group[other];
        group[other] = kept;
    }
    return random_below(r, 4) == 0 ? sil_grouping_identity(n)
                                   : (struct sil_grouping){n, n_groups, group};
}

/* Potentials on all columns and on neighbours of more than one group. */
static void make_model(struct scene *s)
{
    struct sil_clique cliques[2 * ATTRS];
    static double values[2 * ATTRS][VALUES * VALUES];
    const double *pointers[2 * ATTRS];
    size_t n = 0;
    for (uint32_t a = 0; a < ATTRS; a++) {
        cliques[n++] = sil_clique_single(a);
    }
    for (uint32_t a = 0; a + 1 < ATTRS; a++) {
        if (s->n_groups[a] > 1 && s->n_groups[a + 1] > 1) {
            cliques[n++] = (struct sil_clique){
                2, {a, a + 1}
            };
        }
    }
    for (size_t k = 0; k < n; k++) {
        pointers[k] = values[k];
        for (size_t i = 0; i < sil_clique_cells(&s->groups, &cliques[k]); i++) {
            values[k][i] = 3 * random_unit(s->random);
        }
    }
    double total = 10 + (double)random_below(s->random, 100000);
    cr_assert_eq(sil_gm_from_potentials(&s->model, &s->groups, total, cliques, pointers,
                                        n, 1, NULL),
                 SIL_OK);
}

static void regroup(struct scene *s)
{
    for (uint32_t a = 0; a < ATTRS; a++) {
        s->of[a] = random_grouping(s->group[a], s->sizes[a], s->random);
        s->n_groups[a] = s->of[a].n_groups;
        for (uint32_t v = 0; v < s->sizes[a]; v++) {
            s->counts[a][v] = exp(6 * random_unit(s->random) - 2);
        }
        s->column[a] = s->counts[a];
    }
    s->groups = (struct sil_domain){ATTRS, s->n_groups};
    make_model(s);
}

/* Columns of `least` to `most` values; tables over some of the cliques of one to three
 * attributes, in canonical order. */
static void set_scene(struct scene *s, uint32_t least, uint32_t most, struct random *r)
{
    *s = (struct scene){.random = r};
    for (uint32_t a = 0; a < ATTRS; a++) {
        s->sizes[a] = least + (uint32_t)random_below(r, most - least + 1);
    }
    s->domain = (struct sil_domain){ATTRS, s->sizes};
    uint64_t missing = random_below(r, 3);
    for (uint32_t n = 1; n <= 3; n++) {
        struct sil_clique all[32];
        size_t n_all = 0;
        for (uint32_t mask = 1; mask < 1u << ATTRS; mask++) {
            struct sil_clique c = clique_of_mask(&s->domain, mask);
            size_t at = n_all;
            if (c.n != n) {
                continue;
            }
            for (; at > 0 && sil_clique_compare(&all[at - 1], &c) > 0; at--) {
                all[at] = all[at - 1];
            }
            all[at] = c;
            n_all++;
        }
        for (size_t k = 0; k < n_all; k++) {
            if (random_below(r, 4) >= missing) {
                s->cliques[s->n++] = all[k];
            }
        }
    }
    regroup(s);
}

static struct sil_local_tables *open_tables(const struct scene *s, unsigned n_threads)
{
    struct sil_local_tables *tables;
    struct sil_error err = {""};
    cr_assert_eq(sil_local_new(&tables, &s->domain, s->cliques, s->n, s->model, s->of,
                               s->column, n_threads, &err),
                 SIL_OK, "%s", err.text);
    cr_assert_eq(sil_local_n(tables), s->n);
    return tables;
}

/* ---- slow versions ---- */

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

static size_t cells_of(const struct scene *s, size_t t)
{
    return sil_clique_cells(&s->domain, &s->cliques[t]);
}

/* The cell of the measurement of `of` over `clique` that a cell of table t falls into. */
static size_t measured_cell(const struct scene *s, size_t t, size_t cell,
                            const struct sil_clique *clique,
                            const struct sil_grouping *of)
{
    const struct sil_clique *whole = &s->cliques[t];
    size_t at = 0;
    size_t step = 1;
    uint32_t k = clique->n;
    for (uint32_t i = whole->n; i-- > 0;) {
        size_t value = cell % s->sizes[whole->attr[i]];
        cell /= s->sizes[whole->attr[i]];
        if (sil_clique_has(clique, whole->attr[i])) {
            k--;
            at += sil_group_of(&of[k], (uint32_t)value) * step;
            step *= of[k].n_groups;
        }
    }
    return at;
}

struct slow {
    const struct scene *scene;
    double total;
    long double *table[MOST];
};

static void slow_sums(long double *sum, const struct slow *slow, size_t t,
                      const struct sil_clique *clique, const struct sil_grouping *of)
{
    for (size_t g = 0; g < sil_grouped_cells(of, clique->n); g++) {
        sum[g] = 0;
    }
    for (size_t k = 0; k < cells_of(slow->scene, t); k++) {
        sum[measured_cell(slow->scene, t, k, clique, of)] += slow->table[t][k];
    }
}

static void slow_learn_one(struct slow *slow, size_t i, const struct sil_grouping *of,
                           const long double *y, double variance)
{
    static long double z[CELLS];
    static long double sum[CELLS];
    const struct scene *s = slow->scene;
    const struct sil_clique *clique = &s->cliques[i];
    long double all = 0;
    slow_sums(z, slow, i, clique, of);
    for (size_t g = 0; g < sil_grouped_cells(of, clique->n); g++) {
        long double q = z[g];
        long double v = q * q / 16 + q;
        z[g] = fmaxl(q + (y[g] - q) * v / (v + variance), 0.02L * q);
        all += z[g];
    }
    for (size_t t = 0; t < s->n; t++) {
        if (!sil_clique_contains(&s->cliques[t], clique)) {
            continue;
        }
        slow_sums(sum, slow, t, clique, of);
        for (size_t k = 0; k < cells_of(s, t); k++) {
            size_t g = measured_cell(s, t, k, clique, of);
            slow->table[t][k] *= z[g] * slow->total / all / sum[g];
        }
    }
}

/* The pair without place `third`, if it is a table. */
static void slow_learn_without(struct slow *slow, size_t i, uint32_t third,
                               const struct sil_grouping *of, const double *y,
                               double variance)
{
    static long double sum[CELLS];
    const struct scene *s = slow->scene;
    struct sil_clique pair = {0};
    struct sil_grouping of_pair[2];
    for (uint32_t k = 0; k < 3; k++) {
        if (k != third) {
            of_pair[pair.n] = of[k];
            pair.attr[pair.n++] = s->cliques[i].attr[k];
        }
    }
    for (size_t g = 0; g < sil_grouped_cells(of_pair, 2); g++) {
        sum[g] = 0;
    }
    for (size_t g = 0; g < sil_grouped_cells(of, 3); g++) {
        size_t at[3];
        at[2] = g % of[2].n_groups;
        at[1] = g / of[2].n_groups % of[1].n_groups;
        at[0] = g / of[2].n_groups / of[1].n_groups;
        size_t first = third == 0 ? 1 : 0;
        size_t second = third == 2 ? 1 : 2;
        sum[at[first] * of[second].n_groups + at[second]] += y[g];
    }
    for (size_t t = 0; t < s->n; t++) {
        if (sil_clique_compare(&s->cliques[t], &pair) == 0) {
            slow_learn_one(slow, t, of_pair, sum, variance * of[third].n_groups);
        }
    }
}

static void slow_learn(struct slow *slow, size_t i, const struct sil_grouping *of,
                       const double *y, double variance)
{
    static long double wide[CELLS];
    if (slow->scene->cliques[i].n == 3) {
        slow_learn_without(slow, i, 2, of, y, variance);
        slow_learn_without(slow, i, 1, of, y, variance);
        slow_learn_without(slow, i, 0, of, y, variance);
    }
    for (size_t g = 0; g < sil_grouped_cells(of, slow->scene->cliques[i].n); g++) {
        wide[g] = y[g];
    }
    slow_learn_one(slow, i, of, wide, variance);
}

static struct slow slow_open(const struct scene *s,
                             const struct sil_local_tables *tables)
{
    struct slow slow = {s, sil_gm_total(s->model), {NULL}};
    for (size_t t = 0; t < s->n; t++) {
        size_t n;
        const double *table = sil_local_table(tables, t, &n);
        slow.table[t] = calloc(n, sizeof *slow.table[t]);
        for (size_t k = 0; k < n; k++) {
            slow.table[t][k] = table[k];
        }
    }
    return slow;
}

/* ---- measurements ---- */

struct lesson {
    size_t i;
    struct sil_grouping of[3];
    uint32_t group[3][VALUES];
    bool is_plain; ///< of values
    double y[CELLS];
    double variance;
};

/* Counts near what the model expects, or of noise alone. */
static void random_lesson(struct lesson *l, const struct scene *s)
{
    struct random *r = s->random;
    l->i = random_below(r, s->n);
    const struct sil_clique *clique = &s->cliques[l->i];
    l->is_plain = random_below(r, 3) == 0;
    l->variance = exp(16 * random_unit(r) - 4);
    for (uint32_t k = 0; k < clique->n; k++) {
        uint32_t n = s->sizes[clique->attr[k]];
        l->of[k] =
            l->is_plain ? sil_grouping_identity(n) : random_grouping(l->group[k], n, r);
    }
    size_t cells = sil_grouped_cells(l->of, clique->n);
    double mean = sil_gm_total(s->model) / (double)cells;
    for (size_t g = 0; g < cells; g++) {
        l->y[g] =
            2 * mean * random_unit(r) + sqrt(l->variance) * random_noise(r) - mean / 4;
    }
}

static void teach(struct sil_local_tables *tables, const struct lesson *l)
{
    struct sil_error err = {""};
    cr_assert_eq(sil_local_learn(tables, l->i, l->is_plain ? NULL : l->of, l->y,
                                 l->variance, &err),
                 SIL_OK, "%s", err.text);
}

static double sum_of(const struct sil_local_tables *tables, size_t t)
{
    size_t n;
    const double *table = sil_local_table(tables, t, &n);
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        sum += table[k];
    }
    return sum;
}

/* Are all tables the same to the bit? */
static bool are_same(const struct sil_local_tables *a, const struct sil_local_tables *b)
{
    for (size_t t = 0; t < sil_local_n(a); t++) {
        size_t n;
        const double *x = sil_local_table(a, t, &n);
        const double *y = sil_local_table(b, t, &n);
        if (memcmp(x, y, n * sizeof *x) != 0) {
            return false;
        }
    }
    return true;
}

/* ---- */

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

        cr_assert_eq(sil_local_refill(refilled, s.model, s.of, s.column, NULL), SIL_OK);

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

Test(model_local_tables, learn_as_a_slow_version_does)
{
    struct random r = random_start("slow", 423);
    for (int i = 0; i < 30; i++) {
        struct scene s;
        static struct lesson l;
        set_scene(&s, 1, FEW, &r);
        struct sil_local_tables *tables = open_tables(&s, 2);
        struct slow slow = slow_open(&s, tables);
        for (int step = 0; step < 20 && s.n > 0; step++) {
            random_lesson(&l, &s);
            teach(tables, &l);
            slow_learn(&slow, l.i, l.of, l.y, l.variance);
        }
        for (size_t t = 0; t < s.n; t++) {
            size_t n;
            const double *got = sil_local_table(tables, t, &n);
            for (size_t k = 0; k < n; k++) {
                double want = (double)slow.table[t][k];
                cr_assert_float_eq(got[k], want, 1e-10 * (want + 1e-6),
                                   "case %d, table %zu, cell %zu: %g, %g", i, t, k,
                                   got[k], want);
            }
            cr_assert_float_eq(sum_of(tables, t), slow.total, 1e-10 * slow.total);
            free(slow.table[t]);
        }
        sil_local_free(tables);
        sil_gm_free(s.model);
    }
}

Test(model_local_tables, are_the_same_to_the_bit_for_any_number_of_threads)
{
    struct random r = random_start("threads", 424);
    for (int i = 0; i < 6; i++) {
        struct scene s;
        static struct lesson l;
        struct sil_local_tables *tables[3];
        set_scene(&s, VALUES - 8, VALUES, &r);
        for (unsigned k = 0; k < 3; k++) {
            tables[k] = open_tables(&s, k + 1);
        }
        for (int step = 0; step < 10 && s.n > 0; step++) {
            random_lesson(&l, &s);
            for (unsigned k = 0; k < 3; k++) {
                teach(tables[k], &l);
            }
        }
        cr_expect(are_same(tables[0], tables[1]), "case %d", i);
        cr_expect(are_same(tables[0], tables[2]), "case %d", i);
        for (unsigned k = 0; k < 3; k++) {
            sil_local_free(tables[k]);
        }
        sil_gm_free(s.model);
    }
}

/* Noise far below a count: the table is what was measured, as are its sums elsewhere. */
Test(model_local_tables, become_an_exact_measurement)
{
    struct random r = random_start("exact", 425);
    for (int i = 0; i < 40; i++) {
        struct scene s;
        static struct lesson l;
        static long double sum[CELLS];
        set_scene(&s, 1, FEW, &r);
        if (s.n == 0) {
            continue;
        }
        struct sil_local_tables *tables = open_tables(&s, 1);
        double total = sil_gm_total(s.model);
        double all = 0;
        random_lesson(&l, &s);
        const struct sil_clique *clique = &s.cliques[l.i];
        size_t cells = sil_grouped_cells(l.of, clique->n);
        l.variance = 1e-12;
        for (size_t g = 0; g < cells; g++) {
            l.y[g] = 1 + random_unit(&r);
            all += l.y[g];
        }
        for (size_t g = 0; g < cells; g++) {
            l.y[g] *= total / all;
        }

        teach(tables, &l);

        struct slow after = slow_open(&s, tables);
        for (size_t t = 0; t < s.n; t++) {
            if (sil_clique_contains(&s.cliques[t], clique)) {
                slow_sums(sum, &after, t, clique, l.of);
                for (size_t g = 0; g < cells; g++) {
                    cr_assert_float_eq((double)sum[g], l.y[g], 1e-7 * total,
                                       "case %d, table %zu: %Lg, %g", i, t, sum[g],
                                       l.y[g]);
                }
            }
            free(after.table[t]);
        }
        sil_local_free(tables);
        sil_gm_free(s.model);
    }
}

/* Noise beyond all counts: nothing is learnt. */
Test(model_local_tables, stay_when_noise_is_all_there_is)
{
    struct random r = random_start("noise", 426);
    struct scene s;
    static struct lesson l;
    do {
        set_scene(&s, 1, FEW, &r);
    } while (s.n == 0);
    struct sil_local_tables *tables = open_tables(&s, 1);
    struct slow before = slow_open(&s, tables);
    random_lesson(&l, &s);
    l.variance = 1e30;

    teach(tables, &l);

    for (size_t t = 0; t < s.n; t++) {
        size_t n;
        const double *got = sil_local_table(tables, t, &n);
        for (size_t k = 0; k < n; k++) {
            double want = (double)before.table[t][k];
            cr_expect_float_eq(got[k], want, 1e-12 * before.total);
        }
        free(before.table[t]);
    }
    sil_local_free(tables);
    sil_gm_free(s.model);
}

/* ---- zeros and extremes ---- */

/* Two columns of two values in one group each, the second value so rare that the pair of
 * the rare ones is 0. */
static struct sil_local_tables *open_rare(double rare, const struct sil_clique *cliques,
                                          size_t n)
{
    static const uint32_t SIZES[2] = {2, 2};
    static const uint32_t ONES[2] = {1, 1};
    static const uint32_t GROUP[2] = {0, 0};
    struct sil_domain domain = {2, SIZES};
    struct sil_domain groups = {2, ONES};
    struct sil_grouping of[2] = {
        {2, 1, GROUP},
        {2, 1, GROUP}
    };
    double column[2] = {1, rare};
    const double *columns[2] = {column, column};
    struct sil_graphical_model *model;
    struct sil_local_tables *tables;
    cr_assert_eq(sil_gm_new(&model, &groups, 100, NULL), SIL_OK);
    cr_assert_eq(
        sil_local_new(&tables, &domain, cliques, n, model, of, columns, 1, NULL),
        SIL_OK);
    sil_gm_free(model);
    return tables;
}

Test(model_local_tables, keep_cells_of_0_and_lose_no_others)
{
    struct sil_clique cliques[3];
    size_t n = parse_cliques(cliques, "0;1;0,1");
    struct sil_local_tables *tables = open_rare(1e-170, cliques, n);
    for (int step = 0; step < 20; step++) {
        cr_assert_eq(
            sil_local_learn(tables, 2, NULL, (double[]){25, 25, -40, 25}, 1, NULL),
            SIL_OK);
        cr_assert_eq(sil_local_learn(tables, 0, NULL, (double[]){20, 80}, 1, NULL),
                     SIL_OK);
        for (size_t t = 0; t < n; t++) {
            size_t cells;
            const double *table = sil_local_table(tables, t, &cells);
            for (size_t k = 0; k < cells; k++) {
                bool is_zero = t == 2 && k == 3;
                cr_assert(isfinite(table[k]), "table %zu, cell %zu", t, k);
                cr_assert_eq(table[k] > 0, !is_zero, "table %zu, cell %zu", t, k);
            }
            cr_assert_float_eq(sum_of(tables, t), 100, 1e-9);
        }
    }
    sil_local_free(tables);
}

/* A ratio to a count so small might be infinite. */
Test(model_local_tables, leave_counts_next_to_nothing_alone)
{
    struct sil_clique cliques[3];
    size_t n = parse_cliques(cliques, "0;1;0,1");
    struct sil_local_tables *tables = open_rare(1e-312, cliques, n);
    for (int step = 0; step < 20; step++) {
        for (size_t t = 0; t < 3; t++) {
            size_t cells;
            const double *table = sil_local_table(tables, t, &cells);
            cr_assert_eq(sil_local_learn(tables, t, NULL, (double[]){50, 50, 1e6, -1e6},
                                         1e-308, NULL),
                         SIL_OK);
            cr_assert(table[1] > 0 && table[1] < 1e-300, "%g", table[1]);
            cr_assert_float_eq(sum_of(tables, t), 100, 1e-9);
        }
    }
    sil_local_free(tables);
}

Test(model_local_tables, may_be_none)
{
    struct sil_local_tables *tables = open_rare(1, NULL, 0);
    cr_expect_eq(sil_local_n(tables), 0);
    sil_local_free(tables);
    sil_local_free(NULL);
}

/* Tables that no machine holds, and one whose cells do not fit in 64 bits. */
Test(model_local_tables, refuse_what_does_not_fit)
{
    static const uint32_t SIZES[3] = {1u << 31, 1u << 31, 1u << 31};
    static const uint32_t ONES[3] = {1, 1, 1};
    struct sil_domain domain = {3, SIZES};
    struct sil_domain groups = {3, ONES};
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
