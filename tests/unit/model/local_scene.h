// SPDX-License-Identifier: Apache-2.0
// What the tests of local tables share: models over groups, tables over them, measurements.
#ifndef SIL_TESTS_MODEL_LOCAL_SCENE_H
#define SIL_TESTS_MODEL_LOCAL_SCENE_H

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
static inline struct sil_grouping random_grouping(uint32_t *group, uint32_t n,
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
static inline void make_model(struct scene *s)
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

static inline void regroup(struct scene *s)
{
    for (uint32_t a = 0; a < ATTRS; a++) {
        s->of[a] = random_grouping(s->group[a], s->sizes[a], s->random);
        s->n_groups[a] = s->of[a].n_groups;
        for (uint32_t v = 0; v < s->sizes[a]; v++) {
            s->counts[a][v] = exp(6 * random_unit(s->random) - 2);
        }
        s->column[a] = s->counts[a];
    }
    s->groups = (struct sil_domain){ATTRS, s->n_groups, NULL};
    make_model(s);
}

/* Columns of `least` to `most` values; tables over some of the cliques of one to three
 * attributes, in canonical order. */
static inline void set_scene(struct scene *s, uint32_t least, uint32_t most,
                             struct random *r)
{
    *s = (struct scene){.random = r};
    for (uint32_t a = 0; a < ATTRS; a++) {
        s->sizes[a] = least + (uint32_t)random_below(r, most - least + 1);
    }
    s->domain = (struct sil_domain){ATTRS, s->sizes, NULL};
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

static inline struct sil_local_tables *open_tables(const struct scene *s,
                                                   unsigned n_threads)
{
    struct sil_local_tables *tables;
    struct sil_error err = {""};
    cr_assert_eq(sil_local_new(&tables, &s->domain, s->cliques, s->n, s->model, s->of,
                               s->column, n_threads, &err),
                 SIL_OK, "%s", err.text);
    cr_assert_eq(sil_local_n(tables), s->n);
    return tables;
}

static inline size_t cells_of(const struct scene *s, size_t t)
{
    return sil_clique_cells(&s->domain, &s->cliques[t]);
}

/* ---- measurements ---- */

struct lesson {
    size_t i;
    struct sil_grouping of[3];
    uint32_t group[3][VALUES];
    bool is_plain; ///< of values
    bool is_judged;
    double y[CELLS];
    double variance;
};

/* Counts near what the model expects, or of noise alone. */
static inline void random_lesson(struct lesson *l, const struct scene *s)
{
    struct random *r = s->random;
    l->i = random_below(r, s->n);
    const struct sil_clique *clique = &s->cliques[l->i];
    l->is_plain = random_below(r, 3) == 0;
    l->variance = exp(16 * random_unit(r) - 4);
    l->is_judged = random_below(r, 2) == 0;
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

static inline void teach(struct sil_local_tables *tables, const struct lesson *l)
{
    struct sil_error err = {""};
    cr_assert_eq(sil_local_learn(tables, l->i, l->is_plain ? NULL : l->of, l->y,
                                 l->variance, l->is_judged, &err),
                 SIL_OK, "%s", err.text);
}

static inline double sum_of(const struct sil_local_tables *tables, size_t t)
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
static inline bool are_same(const struct sil_local_tables *a,
                            const struct sil_local_tables *b)
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

#endif
