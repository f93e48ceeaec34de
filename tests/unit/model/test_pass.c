// SPDX-License-Identifier: Apache-2.0
// A pass against the sum written out, over random cliques of columns of very different
// sizes, for both kinds of block.
#include "model/pass.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { N_ATTRS = 5, N_MOST = 6, N_TRIALS = 200, CELLS_MAX = 10000 };

/* A random product over all attributes of `domain`: its terms, with their tables. */
struct setting {
    struct sil_domain domain;
    struct sil_clique whole;
    struct sil_term terms[2 * N_MOST];
    size_t n_factors;
    size_t n_sums;
};

static void set_up(struct setting *s, uint32_t sizes[N_ATTRS], struct random *r)
{
    static const uint32_t CHOICE[] = {1, 2, 3, 5, 8, 9, 31, 33};
    s->domain = (struct sil_domain){N_ATTRS, sizes, NULL};
    do {
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            sizes[a] = CHOICE[random_below(r, sizeof CHOICE / sizeof CHOICE[0])];
        }
    } while (all_cells(&s->domain) > CELLS_MAX);
    s->whole = clique_of_mask(&s->domain, (1u << N_ATTRS) - 1);
    s->n_factors = random_below(r, N_MOST);
    s->n_sums = 1 + random_below(r, 3);
    for (size_t k = 0; k < s->n_factors + s->n_sums; k++) {
        uint32_t mask = (uint32_t)random_below(r, 1u << N_ATTRS);
        s->terms[k].clique = clique_of_mask(&s->domain, mask);
        size_t cells = sil_clique_cells(&s->domain, &s->terms[k].clique);
        s->terms[k].data = calloc(cells, sizeof(double));
        for (size_t i = 0; i < cells; i++) {
            s->terms[k].data[i] = random_unit(r);
        }
    }
}

static void tear_down(struct setting *s)
{
    for (size_t k = 0; k < s->n_factors + s->n_sums; k++) {
        free(s->terms[k].data);
    }
}

/* What sum k of the pass is. */
static long double *write_out(const struct setting *s, size_t k)
{
    const struct sil_clique *own = &s->terms[s->n_factors + k].clique;
    long double *want = calloc(sil_clique_cells(&s->domain, own), sizeof *want);
    for (size_t cell = 0; cell < all_cells(&s->domain); cell++) {
        long double p = 1;
        for (size_t f = 0; f < s->n_factors; f++) {
            const struct sil_term *t = &s->terms[f];
            p *= t->data[cell_within(&s->domain, &t->clique, cell)];
        }
        want[cell_within(&s->domain, own, cell)] += p;
    }
    return want;
}

static void check(const struct setting *s, const char *what)
{
    for (size_t k = 0; k < s->n_sums; k++) {
        const struct sil_term *t = &s->terms[s->n_factors + k];
        long double *want = write_out(s, k);
        for (size_t i = 0; i < sil_clique_cells(&s->domain, &t->clique); i++) {
            cr_assert_leq(fabsl(t->data[i] - want[i]), 1e-12L * want[i],
                          "%s: sum %zu, cell %zu", what, k, i);
        }
        free(want);
    }
}

Test(model_pass, sums_as_written_out, .timeout = 120)
{
    struct random r = random_start("pass", 612);
    struct sil_tables tables = {0};
    for (int trial = 0; trial < N_TRIALS; trial++) {
        uint32_t sizes[N_ATTRS];
        struct setting s;
        set_up(&s, sizes, &r);
        struct sil_product product = {&s.domain,   &s.whole, s.terms,
                                      s.n_factors, s.n_sums, SIL_BLOCK_SHORT};
        cr_assert_eq(sil_pass_once(&product, &tables, 1), SIL_OK);
        check(&s, "short block");
        product.block_min = SIL_BLOCK_USUAL;
        cr_assert_eq(sil_pass_once(&product, &tables, 1), SIL_OK);
        check(&s, "usual block");
        tear_down(&s);
    }
    sil_tables_clear(&tables);
}

/* Large tables are neither copied nor widened by a pass with a short block whose last
 * attribute fills the vector loops by itself. */
Test(model_pass, with_a_short_block_widens_nothing)
{
    static const uint32_t SIZES[3] = {40, 9, 31};
    struct sil_domain domain = {3, SIZES, NULL};
    struct sil_clique whole = clique_of_mask(&domain, 7);
    struct sil_term terms[3];
    for (uint32_t k = 0; k < 3; k++) {
        terms[k].clique = clique_of_mask(&domain, k == 0 ? 3 : k == 1 ? 5 : 6);
        terms[k].data = calloc(sil_clique_cells(&domain, &terms[k].clique), 8);
    }
    struct sil_product product = {&domain, &whole, terms, 2, 1, SIL_BLOCK_USUAL};
    struct sil_pass pass;
    cr_assert_eq(sil_pass_init(&pass, &product, NULL, NULL), SIL_OK);
    cr_assert_eq(pass.block, 279);
    cr_assert_eq(pass.n_before, 2);
    sil_pass_clear(&pass);
    product.block_min = SIL_BLOCK_SHORT;
    cr_assert_eq(sil_pass_init(&pass, &product, NULL, NULL), SIL_OK);
    cr_assert_eq(pass.block, 31);
    cr_assert_eq(pass.n_before + pass.n_after, 0);
    sil_pass_clear(&pass);
    for (size_t k = 0; k < 3; k++) {
        free(terms[k].data);
    }
}
