// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/walk.h"

#include <string.h>

enum { COST_BITS = 83, EPSILON_BITS = 40, CUBE_BITS = 60 };

enum { SHIFT_MAX = 16, FINE = 64 * 64 };

sil_status aud_walk_refuse(const struct aud_walk *walk, const char *what)
{
    return aud_refuse(walk->err, "M1", "line %zu: %s", walk->at + 1, what);
}

const struct aud_left *aud_line_at(const struct aud_walk *walk, size_t at)
{
    return at < walk->transcript->n_left ? &walk->transcript->left[at] : NULL;
}

/* ---- shares ---- */

/* whole * p / q, rounded down to a multiple of 2^-83. */
void aud_share_z(mpq_t out, const mpq_t whole, const mpz_t p, const mpz_t q)
{
    mpz_t above;
    mpz_t below;
    mpz_inits(above, below, (mpz_ptr)NULL);
    mpz_mul(above, mpq_numref(whole), p);
    mpz_mul_2exp(above, above, COST_BITS);
    mpz_mul(below, mpq_denref(whole), q);
    mpz_fdiv_q(above, above, below);
    mpq_set_z(out, above);
    mpq_div_2exp(out, out, COST_BITS);
    mpz_clears(above, below, (mpz_ptr)NULL);
}

void aud_share(mpq_t out, const mpq_t whole, unsigned long p, unsigned long q)
{
    mpz_t above;
    mpz_t below;
    mpz_init_set_ui(above, p);
    mpz_init_set_ui(below, q);
    aud_share_z(out, whole, above, below);
    mpz_clears(above, below, (mpz_ptr)NULL);
}

/* (factor cells)^(2/3), in units of 2^-20, rounded down. */
unsigned aud_shift_of(const mpq_t variance)
{
    unsigned shift = 0;
    mpq_t scaled;
    mpq_init(scaled);
    mpq_set(scaled, variance);
    while (shift < SHIFT_MAX && mpq_cmp_ui(scaled, FINE, 1) < 0) {
        mpq_mul_2exp(scaled, scaled, 2);
        shift++;
    }
    mpq_clear(scaled);
    return shift;
}

void aud_two_thirds(mpz_t out, uint64_t cells, uint64_t factor)
{
    mpz_set_ui(out, cells);
    mpz_mul_ui(out, out, factor);
    mpz_mul(out, out, out);
    mpz_mul_2exp(out, out, CUBE_BITS);
    mpz_root(out, out, 3);
}

/* epsilon^2 of a choice that may cost `part`: epsilon is floor(2^40 sqrt(8 part)) / 2^40. */
void aud_choice_of(mpq_t epsilon_squared, const mpq_t part)
{
    mpz_t root;
    mpz_init(root);
    mpz_mul_2exp(root, mpq_numref(part), (mp_bitcnt_t)3 + EPSILON_BITS + EPSILON_BITS);
    mpz_fdiv_q(root, root, mpq_denref(part));
    mpz_sqrt(root, root);
    mpz_mul(root, root, root);
    mpq_set_z(epsilon_squared, root);
    mpq_div_2exp(epsilon_squared, epsilon_squared,
                 (mp_bitcnt_t)EPSILON_BITS + EPSILON_BITS);
    mpz_clear(root);
}

/* ---- steps ---- */

static bool is_column(const struct aud_left *left, size_t attr)
{
    return left != NULL && !left->is_choice && left->n_attrs == 1 &&
           left->attr[0] == attr && left->group[0].length == 0;
}

sil_status aud_take_column(struct aud_walk *walk, size_t attr, const mpq_t cost)
{
    const struct aud_left *left = aud_line_at(walk, walk->at);
    if (!is_column(left, attr)) {
        return aud_walk_refuse(walk, "the columns come here, one after the other");
    }
    if (mpq_equal(left->rho, cost) == 0) {
        return aud_walk_refuse(walk, "the column has another part of the budget");
    }
    mpq_sub(walk->left, walk->left, cost);
    walk->at++;
    return SIL_OK;
}

bool aud_is_same_marginal(const struct aud_left *a, const struct aud_left *b)
{
    bool is = a->n_attrs == b->n_attrs;
    for (size_t i = 0; i < a->n_attrs && is; i++) {
        const struct aud_bin *one = &a->group[i];
        const struct aud_bin *two = &b->group[i];
        is = a->attr[i] == b->attr[i] && one->length == two->length &&
             (one->length == 0 || memcmp(one->data, two->data, one->length) == 0);
    }
    return is;
}

/* A round of that cost: a tenth to the choice, what is left to measuring what it chose. */
bool aud_is_round(const struct aud_left *choice, const struct aud_left *noise,
                  const mpq_t cost)
{
    mpq_t part;
    mpq_t sum;
    mpq_inits(part, sum, (mpq_ptr)NULL);
    aud_share(part, cost, 1, 10);
    aud_choice_of(part, part);
    mpq_add(sum, choice->rho, noise->rho);
    bool is = mpq_equal(choice->parameter, part) != 0 && mpq_equal(sum, cost) != 0;
    mpq_clears(part, sum, (mpq_ptr)NULL);
    return is;
}

/* The pair of lines that a round is; what it costs is not looked at. */
sil_status aud_take_round(struct aud_walk *walk, const struct aud_left **choice,
                          const struct aud_left **noise)
{
    *choice = aud_line_at(walk, walk->at);
    *noise = aud_line_at(walk, walk->at + 1);
    if (*choice == NULL || !(*choice)->is_choice) {
        return aud_walk_refuse(walk, "a choice comes here");
    }
    if (*noise == NULL || (*noise)->is_choice ||
        !aud_is_same_marginal(*choice, *noise)) {
        walk->at++;
        return aud_walk_refuse(walk,
                               "what was chosen is measured next, and nothing else");
    }
    mpq_sub(walk->left, walk->left, (*choice)->rho);
    mpq_sub(walk->left, walk->left, (*noise)->rho);
    walk->at += 2;
    return SIL_OK;
}

/* ---- independent: half evenly, half as cells^(2/3); the last column has the rest ---- */

sil_status aud_take_all_columns(struct aud_walk *walk)
{
    const struct aud_workload *workload = walk->workload;
    sil_status status = SIL_OK;
    mpz_t weight;
    mpz_t all;
    mpq_t whole;
    mpq_t even;
    mpq_t cost;
    mpz_inits(weight, all, (mpz_ptr)NULL);
    mpq_inits(whole, even, cost, (mpq_ptr)NULL);
    mpq_set(whole, walk->left);
    aud_share(even, whole, 1, 2 * workload->n);
    for (size_t a = 0; a < workload->n; a++) {
        aud_two_thirds(weight, workload->cells[a], 1);
        mpz_add(all, all, weight);
    }
    mpz_mul_2exp(all, all, 1);
    for (size_t a = 0; a < workload->n && status == SIL_OK; a++) {
        aud_two_thirds(weight, workload->cells[a], 1);
        aud_share_z(cost, whole, weight, all);
        mpq_add(cost, cost, even);
        status = aud_take_column(walk, a, a + 1 == workload->n ? walk->left : cost);
    }
    mpz_clears(weight, all, (mpz_ptr)NULL);
    mpq_clears(whole, even, cost, (mpq_ptr)NULL);
    return status;
}
