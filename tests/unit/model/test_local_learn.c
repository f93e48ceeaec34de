// SPDX-License-Identifier: Apache-2.0
#include "unit/model/local_scene.h"

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

/* What the squares of the distances say that a cell may move by, as a part of it. */
static long double slow_part(const long double *q, const long double *y, size_t n,
                             double variance)
{
    long double above = 0;
    long double below = 0;
    for (size_t g = 0; g < n; g++) {
        long double sd2 = q[g] * q[g] / 16 + q[g] + variance;
        long double weight = powl(q[g] / sd2, 2);
        above += weight * (powl(y[g] - q[g], 2) - q[g] - variance);
        below += weight * powl(q[g], 2);
    }
    return sqrtl(fminl(fmaxl(above / below, 0.05L * 0.05L), 0.25L));
}

static void slow_learn_one(struct slow *slow, size_t i, const struct sil_grouping *of,
                           const long double *y, double variance, bool is_judged)
{
    static long double z[CELLS];
    static long double sum[CELLS];
    const struct scene *s = slow->scene;
    const struct sil_clique *clique = &s->cliques[i];
    long double all = 0;
    slow_sums(z, slow, i, clique, of);
    long double part =
        is_judged ? slow_part(z, y, sil_grouped_cells(of, clique->n), variance) : 0.25L;
    for (size_t g = 0; g < sil_grouped_cells(of, clique->n); g++) {
        long double q = z[g];
        long double v = part * q * part * q + q;
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
                               double variance, bool is_judged)
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
            slow_learn_one(slow, t, of_pair, sum, variance * of[third].n_groups,
                           is_judged);
        }
    }
}

static void slow_learn(struct slow *slow, size_t i, const struct sil_grouping *of,
                       const double *y, double variance, bool is_judged)
{
    static long double wide[CELLS];
    if (slow->scene->cliques[i].n == 3) {
        slow_learn_without(slow, i, 2, of, y, variance, is_judged);
        slow_learn_without(slow, i, 1, of, y, variance, is_judged);
        slow_learn_without(slow, i, 0, of, y, variance, is_judged);
    }
    for (size_t g = 0; g < sil_grouped_cells(of, slow->scene->cliques[i].n); g++) {
        wide[g] = y[g];
    }
    slow_learn_one(slow, i, of, wide, variance, is_judged);
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

Test(model_local_learn, learn_as_a_slow_version_does)
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
            slow_learn(&slow, l.i, l.of, l.y, l.variance, l.is_judged);
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

Test(model_local_learn, are_the_same_to_the_bit_for_any_number_of_threads)
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

/* A hash of the bits after some lessons: what a replay depends on. */
Test(model_local_learn, keep_their_bits)
{
    static const uint32_t SIZES[3] = {19, 5, 12};
    static const uint32_t N_GROUPS[3] = {4, 5, 3};
    uint32_t group[3][19];
    double counts[3][19];
    struct sil_grouping of[3];
    const double *column[3];
    struct sil_domain domain = {3, SIZES, NULL};
    struct sil_domain groups = {3, N_GROUPS, NULL};
    struct sil_clique cliques[7];
    struct sil_graphical_model *model;
    struct sil_local_tables *tables;
    struct random r = {427};
    for (uint32_t a = 0; a < 3; a++) {
        for (uint32_t v = 0; v < SIZES[a]; v++) {
            group[a][v] = v % N_GROUPS[a];
            counts[a][v] = 0.1 + random_unit(&r);
        }
        of[a] = (struct sil_grouping){SIZES[a], N_GROUPS[a], group[a]};
        column[a] = counts[a];
    }
    size_t n = parse_cliques(cliques, "0;1;2;0,1;0,2;1,2;0,1,2");
    cr_assert_eq(sil_gm_new(&model, &groups, 12345, NULL), SIL_OK);
    cr_assert_eq(
        sil_local_new(&tables, &domain, cliques, n, model, of, column, 1, NULL),
        SIL_OK);
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++) {
        struct sil_grouping own[3];
        double y[19 * 5 * 12];
        for (uint32_t k = 0; k < cliques[i].n; k++) {
            own[k] = of[cliques[i].attr[k]];
        }
        for (size_t g = 0; g < 19 * 5 * 12; g++) {
            y[g] = 400 * random_unit(&r) - 40;
        }
        cr_assert_eq(sil_local_learn(tables, i, own, y, 50, false, NULL), SIL_OK);
        cr_assert_eq(sil_local_learn(tables, i, NULL, y, 500, false, NULL), SIL_OK);
    }
    for (size_t i = 0; i < n; i++) {
        size_t cells;
        const double *table = sil_local_table(tables, i, &cells);
        for (size_t k = 0; k < cells; k++) {
            uint64_t bits;
            (void)memcpy(&bits, &table[k], sizeof bits);
            hash = mix(hash ^ bits);
        }
    }
    cr_expect_eq(hash, UINT64_C(0x05bf29403506582f), "%llx", (unsigned long long)hash);
    sil_local_free(tables);
    sil_gm_free(model);
}

/* Noise far below a count: the table is what was measured, as are its sums elsewhere. */
Test(model_local_learn, become_an_exact_measurement)
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
        struct slow before = slow_open(&s, tables);
        slow_sums(sum, &before, l.i, clique, l.of);
        for (size_t t = 0; t < s.n; t++) {
            free(before.table[t]);
        }
        for (size_t g = 0; g < cells; g++) {
            l.y[g] = (double)sum[g] * (0.5 + random_unit(&r)); /* none below 0.02 q */
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
Test(model_local_learn, stay_when_noise_is_all_there_is)
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
    struct sil_domain domain = {2, SIZES, NULL};
    struct sil_domain groups = {2, ONES, NULL};
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

Test(model_local_learn, keep_cells_of_0_and_lose_no_others)
{
    struct sil_clique cliques[3];
    size_t n = parse_cliques(cliques, "0;1;0,1");
    struct sil_local_tables *tables = open_rare(1e-170, cliques, n);
    for (int step = 0; step < 20; step++) {
        cr_assert_eq(sil_local_learn(tables, 2, NULL, (double[]){25, 25, -40, 25}, 1,
                                     step % 2 == 0, NULL),
                     SIL_OK);
        cr_assert_eq(sil_local_learn(tables, 0, NULL, (double[]){20, 80}, 1,
                                     step % 2 == 0, NULL),
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
Test(model_local_learn, leave_counts_next_to_nothing_alone)
{
    struct sil_clique cliques[3];
    size_t n = parse_cliques(cliques, "0;1;0,1");
    struct sil_local_tables *tables = open_rare(1e-312, cliques, n);
    for (int step = 0; step < 20; step++) {
        for (size_t t = 0; t < 3; t++) {
            size_t cells;
            const double *table = sil_local_table(tables, t, &cells);
            cr_assert_eq(sil_local_learn(tables, t, NULL, (double[]){50, 50, 1e6, -1e6},
                                         1e-308, step % 2 == 0, NULL),
                         SIL_OK);
            cr_assert(table[1] > 0 && table[1] < 1e-300, "%g", table[1]);
            cr_assert_float_eq(sum_of(tables, t), 100, 1e-9);
        }
    }
    sil_local_free(tables);
}
