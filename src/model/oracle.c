// SPDX-License-Identifier: Apache-2.0
#include "model/oracle.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"
#include "model/scalar.h"

#include <stdlib.h>

static size_t separator_cells(const struct sil_oracle *o, uint32_t j)
{
    return sil_clique_cells(&o->axes->inner, &o->tree.nodes[j].separator);
}

static sil_status place_factors(struct sil_oracle *o, const struct sil_clique *cliques,
                                size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&o->factors, n, sizeof *o->factors, "the potentials", err));
    for (size_t k = 0; k < n; k++) {
        struct sil_factor *f = &o->factors[k];
        f->clique = cliques[k];
        f->offset = o->length;
        f->cells = sil_clique_cells(&o->axes->inner, &cliques[k]);
        f->home = sil_tree_home(&o->tree, &cliques[k]);
        o->length += sil_padded(f->cells);
    }
    o->n_factors = n;
    SIL_TRY(sil_alloc_aligned(&o->weights, o->length, sizeof *o->weights,
                              "the potentials", err));
    SIL_TRY(sil_alloc_aligned(&o->marginal, o->length, sizeof *o->marginal,
                              "the marginals", err));

cleanup:
    return status;
}

static sil_status place_zeros(struct sil_oracle *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_zeros *zeros = o->axes->outer.zeros;
    double *turned = NULL;
    if (zeros == NULL || zeros->n == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_alloc(&o->zeros, zeros->n, sizeof *o->zeros, "the zeros", err));
    for (size_t i = 0; i < zeros->n; i++) {
        const struct sil_zero_table *table = &zeros->table[i];
        struct sil_zero_factor *z = &o->zeros[o->n_zeros++];
        z->clique = sil_axes_inward(o->axes, &table->clique);
        z->cells = sil_clique_cells(&o->axes->inner, &z->clique);
        z->home = sil_tree_home(&o->tree, &z->clique);
        SIL_TRY(sil_alloc_aligned(&z->weight, sil_padded(z->cells), sizeof *z->weight,
                                  "the zeros", err));
        free(turned);
        turned = NULL;
        SIL_TRY(sil_alloc(&turned, z->cells, sizeof *turned, "the zeros", err));
        for (size_t cell = 0; cell < z->cells; cell++) {
            turned[cell] = table->allowed[cell];
        }
        sil_axes_turn_in(z->weight, o->axes, &table->clique, turned);
    }

cleanup:
    free(turned);
    return status;
}

static sil_status place_messages(struct sil_oracle *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = o->tree.n;
    size_t length = 0;
    for (uint32_t j = 0; j < n; j++) {
        length += 3 * sil_padded(separator_cells(o, j));
    }
    SIL_TRY(sil_alloc_aligned(&o->messages, length, sizeof *o->messages, "the messages",
                              err));
    SIL_TRY(sil_alloc((void *)&o->up, n, sizeof *o->up, "the messages", err));
    SIL_TRY(sil_alloc((void *)&o->mass, n, sizeof *o->mass, "the messages", err));
    SIL_TRY(sil_alloc((void *)&o->ratio, n, sizeof *o->ratio, "the messages", err));
    SIL_TRY(sil_alloc(&o->scale, n, sizeof *o->scale, "the messages", err));
    double *next = o->messages;
    for (uint32_t j = 0; j < n; j++) {
        size_t step = sil_padded(separator_cells(o, j));
        o->up[j] = next;
        o->mass[j] = next + step;
        o->ratio[j] = next + 2 * step;
        o->scale[j] = 1;
        next += 3 * step;
    }

cleanup:
    return status;
}

/* List the tables that meet at each node: its potentials in order, and its children. */
static sil_status list_tables(struct sil_oracle *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = o->tree.n;
    SIL_TRY(sil_alloc(&o->first_factor, n + 2, sizeof *o->first_factor, "a tree", err));
    SIL_TRY(sil_alloc(&o->first_child, n + 2, sizeof *o->first_child, "a tree", err));
    SIL_TRY(
        sil_alloc(&o->factor_of, o->n_factors, sizeof *o->factor_of, "a tree", err));
    SIL_TRY(sil_alloc(&o->child_of, n, sizeof *o->child_of, "a tree", err));
    for (size_t k = 0; k < o->n_factors; k++) {
        o->first_factor[o->factors[k].home + 2]++;
    }
    for (uint32_t j = 0; j < n; j++) {
        o->first_factor[j + 2] += o->first_factor[j + 1];
        o->first_child[j + 2] = o->first_child[j + 1] + o->tree.nodes[j].n_children;
    }
    for (size_t k = 0; k < o->n_factors; k++) {
        o->factor_of[o->first_factor[o->factors[k].home + 1]++] = (uint32_t)k;
    }
    for (uint32_t j = 0; j < n; j++) {
        if (o->tree.nodes[j].parent != SIL_NO_NODE) {
            o->child_of[o->first_child[o->tree.nodes[j].parent + 1]++] = j;
        }
    }

cleanup:
    return status;
}

size_t sil_oracle_n_terms(const struct sil_oracle *oracle, uint32_t j)
{
    return oracle->first_factor[j + 1] - oracle->first_factor[j] +
           oracle->first_child[j + 1] - oracle->first_child[j] + 1 + oracle->n_zeros;
}

static size_t list_inputs(struct sil_term *terms, const struct sil_oracle *o,
                          uint32_t j)
{
    size_t n = 0;
    for (size_t i = o->first_factor[j]; i < o->first_factor[j + 1]; i++) {
        const struct sil_factor *f = &o->factors[o->factor_of[i]];
        terms[n++] = (struct sil_term){f->clique, o->weights + f->offset};
    }
    for (size_t i = o->first_child[j]; i < o->first_child[j + 1]; i++) {
        uint32_t c = o->child_of[i];
        terms[n++] = (struct sil_term){o->tree.nodes[c].separator, o->up[c]};
    }
    for (size_t i = 0; i < o->n_zeros; i++) {
        if (o->zeros[i].home == j) {
            terms[n++] = (struct sil_term){o->zeros[i].clique, o->zeros[i].weight};
        }
    }
    return n;
}

/* The zeros whose marginal tells the mass of a root that nothing else tells; NULL: none. */
static struct sil_zero_factor *find_telling(const struct sil_oracle *o, uint32_t j)
{
    struct sil_zero_factor *telling = NULL;
    bool is_alone = o->tree.nodes[j].parent == SIL_NO_NODE &&
                    o->first_factor[j] == o->first_factor[j + 1] &&
                    o->first_child[j] == o->first_child[j + 1];
    for (size_t i = 0; is_alone && telling == NULL && i < o->n_zeros; i++) {
        telling = o->zeros[i].home == j ? &o->zeros[i] : NULL;
    }
    return telling;
}

size_t sil_oracle_terms(struct sil_term *terms, const struct sil_oracle *oracle,
                        uint32_t j)
{
    size_t n = list_inputs(terms, oracle, j);
    const struct sil_node *node = &oracle->tree.nodes[j];
    if (node->parent != SIL_NO_NODE) {
        terms[n++] = (struct sil_term){node->separator, oracle->ratio[j]};
    }
    return n;
}

double sil_oracle_scale(const struct sil_oracle *oracle, uint32_t j)
{
    return oracle->tree.nodes[j].parent == SIL_NO_NODE ? oracle->scale[j] : 1;
}

/* Rise: factors and children's messages into the message. Fall: the same and the ratio
 * into the marginals of the node's potentials and of its children's separators. */
static sil_status plan_node(struct sil_oracle *o, uint32_t j, struct sil_term *terms,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_node *node = &o->tree.nodes[j];
    struct sil_product product = {&o->axes->inner, &node->clique, terms, 0, 0,
                                  SIL_BLOCK_USUAL};
    size_t n = list_inputs(terms, o, j);
    if (n == 0 && node->parent == SIL_NO_NODE) {
        return SIL_OK;
    }
    if (node->parent != SIL_NO_NODE) {
        terms[n] = (struct sil_term){node->separator, o->up[j]};
        product.n_factors = n;
        product.n_sums = 1;
        SIL_TRY(sil_pass_init(&o->rise[j], &product, NULL, err));
        terms[n++] = (struct sil_term){node->separator, o->ratio[j]};
    }

    product.n_factors = n;
    for (size_t i = o->first_factor[j]; i < o->first_factor[j + 1]; i++) {
        const struct sil_factor *f = &o->factors[o->factor_of[i]];
        terms[n++] = (struct sil_term){f->clique, o->marginal + f->offset};
    }
    for (size_t i = o->first_child[j]; i < o->first_child[j + 1]; i++) {
        uint32_t c = o->child_of[i];
        terms[n++] = (struct sil_term){o->tree.nodes[c].separator, o->mass[c]};
    }
    struct sil_zero_factor *telling = find_telling(o, j);
    if (telling != NULL) {
        SIL_TRY(sil_alloc_aligned(&telling->marginal, sil_padded(telling->cells),
                                  sizeof *telling->marginal, "the zeros", err));
        terms[n++] = (struct sil_term){telling->clique, telling->marginal};
    }
    product.n_sums = n - product.n_factors;
    SIL_TRY(sil_pass_init(&o->fall[j], &product, NULL, err));

cleanup:
    return status;
}

static sil_status plan_passes(struct sil_oracle *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_term *terms = NULL;
    size_t n = o->tree.n;
    size_t work = 0;
    SIL_TRY(sil_alloc(&o->rise, n, sizeof *o->rise, "the passes", err));
    SIL_TRY(sil_alloc(&o->fall, n, sizeof *o->fall, "the passes", err));
    SIL_TRY(sil_alloc(&terms, 2 * (o->n_factors + n) + o->n_zeros + 3, sizeof *terms,
                      "the passes", err));
    for (uint32_t j = 0; j < n; j++) {
        SIL_TRY(plan_node(o, j, terms, err));
        size_t rise = sil_pass_work(&o->rise[j]);
        size_t fall = sil_pass_work(&o->fall[j]);
        work = rise > work ? rise : work;
        work = fall > work ? fall : work;
    }
    SIL_TRY(sil_alloc_aligned(&o->work, work * o->n_threads, sizeof *o->work,
                              "the passes", err));

cleanup:
    free(terms);
    return status;
}

sil_status sil_oracle_init(struct sil_oracle *oracle, const struct sil_axes *axes,
                           const struct sil_graph *graph,
                           const struct sil_clique *cliques, size_t n,
                           unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    *oracle = (struct sil_oracle){.axes = axes, .total = 1, .n_threads = n_threads};

    SIL_TRY(sil_tree_init(&oracle->tree, graph, axes, err));
    SIL_TRY(place_factors(oracle, cliques, n, err));
    SIL_TRY(place_zeros(oracle, err));
    SIL_TRY(list_tables(oracle, err));
    SIL_TRY(place_messages(oracle, err));
    SIL_TRY(plan_passes(oracle, err));

cleanup:
    if (status != SIL_OK) {
        sil_oracle_clear(oracle);
    }
    return status;
}

void sil_oracle_clear(struct sil_oracle *oracle)
{
    for (uint32_t j = 0; j < oracle->tree.n; j++) {
        if (oracle->rise != NULL) {
            sil_pass_clear(&oracle->rise[j]);
        }
        if (oracle->fall != NULL) {
            sil_pass_clear(&oracle->fall[j]);
        }
    }
    sil_tree_clear(&oracle->tree);
    for (size_t i = 0; i < oracle->n_zeros; i++) {
        free(oracle->zeros[i].weight);
        free(oracle->zeros[i].marginal);
    }
    free(oracle->zeros);
    free(oracle->factors);
    free(oracle->first_factor);
    free(oracle->factor_of);
    free(oracle->first_child);
    free(oracle->child_of);
    free(oracle->weights);
    free(oracle->marginal);
    free(oracle->messages);
    free((void *)oracle->up);
    free((void *)oracle->mass);
    free((void *)oracle->ratio);
    free(oracle->scale);
    free(oracle->rise);
    free(oracle->fall);
    free(oracle->work);
    *oracle = (struct sil_oracle){0};
}

/* Give the weights and the sum of the largest potentials, which they were divided by. */
static double weigh(struct sil_oracle *o, const double *theta)
{
    const struct sil_kernels *kernels = sil_kernels();
    double shift = 0;
    for (size_t k = 0; k < o->n_factors; k++) {
        const struct sil_factor *f = &o->factors[k];
        double largest = kernels->largest(theta + f->offset, f->cells);
        kernels->exponential(o->weights + f->offset, theta + f->offset, largest,
                             f->cells);
        shift += largest;
    }
    return shift;
}

static double rise(struct sil_oracle *o, uint32_t j)
{
    const struct sil_kernels *kernels = sil_kernels();
    size_t cells = separator_cells(o, j);
    sil_pass_run(&o->rise[j], o->n_threads, o->work);
    double sum = kernels->sum(o->up[j], cells);
    kernels->scale(o->up[j], o->up[j], 1 / sum, cells);
    o->scale[j] = 1 / sum;
    return sum;
}

/* The mass of a root's product: any marginal that its pass gives sums to it. */
static double root_mass(const struct sil_oracle *o, uint32_t j)
{
    if (o->first_factor[j] < o->first_factor[j + 1]) {
        const struct sil_factor *f = &o->factors[o->factor_of[o->first_factor[j]]];
        return sil_kernels()->sum(o->marginal + f->offset, f->cells);
    }
    if (o->first_child[j] < o->first_child[j + 1]) {
        uint32_t c = o->child_of[o->first_child[j]];
        return sil_kernels()->sum(o->mass[c], separator_cells(o, c));
    }
    const struct sil_zero_factor *telling = find_telling(o, j);
    return telling != NULL ? sil_kernels()->sum(telling->marginal, telling->cells)
                           : (double)o->tree.nodes[j].cells;
}

static double settle_root(struct sil_oracle *o, uint32_t j)
{
    const struct sil_kernels *kernels = sil_kernels();
    double sum = root_mass(o, j);
    double scale = o->total / sum;
    o->scale[j] = scale;
    for (size_t i = o->first_factor[j]; i < o->first_factor[j + 1]; i++) {
        const struct sil_factor *f = &o->factors[o->factor_of[i]];
        double *x = o->marginal + f->offset;
        kernels->scale(x, x, scale, f->cells);
    }
    for (size_t i = o->first_child[j]; i < o->first_child[j + 1]; i++) {
        uint32_t c = o->child_of[i];
        kernels->scale(o->mass[c], o->mass[c], scale, separator_cells(o, c));
    }
    return sum;
}

static void divide(struct sil_oracle *o, uint32_t j)
{
    size_t cells = separator_cells(o, j);
    for (size_t i = 0; i < cells; i++) {
        o->ratio[j][i] =
            o->up[j][i] > 0 ? o->mass[j][i] / o->up[j][i] * o->scale[j] : 0;
    }
}

double sil_oracle_calibrate(struct sil_oracle *oracle, double shift)
{
    struct sil_oracle *o = oracle;
    double log_z = shift;
    for (uint32_t j = o->tree.n; j-- > 0;) {
        if (o->tree.nodes[j].parent != SIL_NO_NODE) {
            log_z += sil_log(rise(o, j));
        }
    }
    for (uint32_t j = 0; j < o->tree.n; j++) {
        bool is_root = o->tree.nodes[j].parent == SIL_NO_NODE;
        if (!is_root) {
            divide(o, j);
        }
        if (o->fall[j].block > 0) {
            sil_pass_run(&o->fall[j], o->n_threads, o->work);
        }
        if (is_root) {
            log_z += sil_log(settle_root(o, j));
        }
    }
    return log_z;
}

double sil_oracle_run(struct sil_oracle *oracle, const double *theta)
{
    return sil_oracle_calibrate(oracle, weigh(oracle, theta));
}
