// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/mosaic.h"

/* The first rounds of phase 2 share its budget as if there were eight a column, at most
 * 256. */
enum { ROUNDS_PER_COLUMN = 8, ROUNDS_MAX = 256 };

/* Of the budget, the least that columns get at any one time, and the least that they leave:
 * 4/5 or 3/5 less what they had, and what 4/5 leave. */
static const struct sil_fraction LEAST_PART = {1, 5};

/* The cube root of (cells max(1, weight))^2, times 2^20, rounded down: the total error
 * sum of weight cells sigma is least when costs grow so. */
static void column_share(mpz_t out, uint64_t cells, uint32_t weight)
{
    mpz_set_ui(out, cells);
    mpz_mul_ui(out, out, weight > 1 ? weight : 1);
    mpz_mul(out, out, out);
    mpz_mul_2exp(out, out, 60);
    mpz_root(out, out, 3);
}

/* The weight of a column among the candidates, of which the columns come first, in order;
 * 0 when it is none. `next` is the place of the first one that is not below it. */
static uint32_t column_weight(const struct sil_clique_list *list, size_t *next,
                              uint32_t attr)
{
    while (*next < list->n && list->item[*next].clique.n == 1 &&
           list->item[*next].clique.attr[0] < attr) {
        (*next)++;
    }
    const struct sil_clique column = sil_clique_single(attr);
    bool has_it =
        *next < list->n && sil_clique_compare(&list->item[*next].clique, &column) == 0;
    return has_it ? list->item[*next].weight : 0;
}

static void share_by_weight(struct sil_rho *cost, const struct sil_terms *terms,
                            const struct sil_fraction *part, const struct sil_rho *cap,
                            const struct sil_domain *domain)
{
    struct sil_rho budget;
    mpz_t share;
    mpz_t all;
    mpz_inits(share, all, NULL);
    sil_rho_init(&budget);
    sil_share(&budget, cap, part->numerator, part->denominator);
    size_t next = 0;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        uint32_t weight = column_weight(&terms->workload.candidates, &next, a);
        column_share(share, domain->sizes[a], weight);
        mpq_set_z(cost[a].v, share);
        mpz_add(all, all, share);
    }
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        mpq_set_den(cost[a].v, all);
        mpq_canonicalize(cost[a].v);
        mpq_mul(cost[a].v, cost[a].v, budget.v);
        sil_share(&cost[a], &cost[a], 1, 1);
    }
    sil_rho_clear(&budget);
    mpz_clears(share, all, NULL);
}

void sil_mosaic_column_costs(struct sil_rho *cost, const struct sil_terms *terms,
                             const struct sil_rho *cap, const struct sil_domain *domain)
{
    struct sil_mosaic_settings settings;
    sil_mosaic_settings(&settings, terms, domain->n_attrs);
    share_by_weight(cost, terms, &settings.columns, cap, domain);
}

void sil_mosaic_again_costs(struct sil_rho *cost, const struct sil_mosaic *m)
{
    share_by_weight(cost, m->terms, &m->again, &m->terms->rest, &m->domain);
}

/* A column's share is least when it has the least cells and weight, and all have the most.
 * Of what the columns leave, columns that are measured again share one half evenly. */
void sil_mosaic_least_column(struct sil_rho *out, const struct sil_terms *terms,
                             const struct sil_domain *least,
                             const struct sil_domain *most, uint32_t most_weight)
{
    struct sil_rho even;
    mpz_t share;
    mpz_t smallest;
    mpz_t all;
    mpz_inits(share, smallest, all, NULL);
    sil_rho_init(&even);
    for (uint32_t a = 0; a < most->n_attrs; a++) {
        column_share(share, least->sizes[a], 1);
        if (a == 0 || mpz_cmp(share, smallest) < 0) {
            mpz_set(smallest, share);
        }
        column_share(share, most->sizes[a], most_weight);
        mpz_add(all, all, share);
    }
    mpq_set_z(out->v, smallest);
    mpq_set_den(out->v, all);
    mpq_canonicalize(out->v);
    mpq_mul(out->v, out->v, terms->rest.v);
    sil_share(out, out, LEAST_PART.numerator, LEAST_PART.denominator);
    sil_share(&even, &terms->rest, LEAST_PART.numerator,
              2 * LEAST_PART.denominator * (uint64_t)most->n_attrs);
    if (mpq_cmp(even.v, out->v) < 0) {
        mpq_set(out->v, even.v);
    }
    sil_rho_clear(&even);
    mpz_clears(share, smallest, all, NULL);
}

void sil_mosaic_share_rest(struct sil_rho *first, struct sil_rho *late,
                           const struct sil_mosaic_settings *settings,
                           const struct sil_rho *rest, uint32_t n_attrs)
{
    uint64_t rounds = (uint64_t)ROUNDS_PER_COLUMN * n_attrs;
    struct sil_rho rounds_share;
    sil_rho_init(&rounds_share);
    sil_share(late, rest, settings->late.numerator, settings->late.denominator);
    mpq_sub(rounds_share.v, rest->v, late->v);
    sil_share(first, &rounds_share, 1, rounds < ROUNDS_MAX ? rounds : ROUNDS_MAX);
    sil_rho_clear(&rounds_share);
}

static void share_of_rounds(struct sil_rho *first, struct sil_rho *late,
                            const struct sil_mosaic_settings *settings,
                            const struct sil_fraction *columns,
                            const struct sil_rho *cap, uint32_t n_attrs)
{
    struct sil_rho rest;
    sil_rho_init(&rest);
    sil_share(&rest, cap, columns->denominator - columns->numerator,
              columns->denominator);
    sil_mosaic_share_rest(first, late, settings, &rest, n_attrs);
    if (settings->late_rounds > 0) {
        sil_share(late, late, 1, settings->late_rounds);
    }
    sil_rho_clear(&rest);
}

void sil_mosaic_round_costs(struct sil_rho *first, struct sil_rho *late,
                            const struct sil_terms *terms, uint32_t n_attrs,
                            double rows)
{
    struct sil_mosaic_settings settings;
    struct sil_fraction again = {0, 1};
    sil_mosaic_settings(&settings, terms, n_attrs);
    if (rows > 0) {
        sil_mosaic_again(&again, &settings, terms, rows);
    }
    const struct sil_fraction *had = &settings.columns;
    const struct sil_fraction columns = {had->numerator * again.denominator +
                                             again.numerator * had->denominator,
                                         had->denominator * again.denominator};
    share_of_rounds(first, late, &settings, &columns, &terms->rest, n_attrs);
}

static void take_least(struct sil_rho *least, const struct sil_rho *cost, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (mpq_sgn(cost[i].v) > 0 && mpq_cmp(cost[i].v, least->v) < 0) {
            mpq_set(least->v, cost[i].v);
        }
    }
}

sil_status sil_mosaic_least_cost(struct sil_rho *out, const struct sil_terms *terms,
                                 const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_fraction most = {LEAST_PART.denominator - LEAST_PART.numerator,
                                      LEAST_PART.denominator};
    struct sil_mosaic_settings settings;
    struct sil_rho *cost = NULL;
    struct sil_rho late;
    struct sil_rho left;
    uint32_t d = domain->n_attrs;
    sil_rho_init(&late);
    sil_rho_init(&left);
    sil_mosaic_settings(&settings, terms, d);
    SIL_TRY(sil_costs_new(&cost, d, err));
    share_of_rounds(out, &late, &settings, &most, &terms->rest, d);
    take_least(out, &late, 1);
    share_by_weight(cost, terms, &LEAST_PART, &terms->rest, domain);
    take_least(out, cost, d);
    sil_share(&left, &terms->rest, LEAST_PART.numerator, LEAST_PART.denominator);
    sil_independent_costs(cost, &left, domain);
    take_least(out, cost, d);
cleanup:
    sil_costs_free(cost, d);
    sil_rho_clear(&late);
    sil_rho_clear(&left);
    return status;
}

/* ---- what a reader checks ---- */

static sil_status other_cost(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT,
                    "not the lines of a run of mosaic: %s not what its budget gives",
                    what);
}

/* Take the costs of the columns, measured once or twice, off `rest`. */
static sil_status check_columns(struct sil_rho *rest, const struct sil_mosaic *m,
                                const struct sil_release *lines, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho *cost = NULL;
    uint32_t d = m->domain.n_attrs;
    SIL_TRY(sil_costs_new(&cost, d, err));
    for (size_t i = 0; i < sil_mosaic_n_first(m); i++) {
        if (i == 0) {
            sil_mosaic_column_costs(cost, m->terms, &m->terms->rest, &m->domain);
        } else if (i == d) {
            sil_mosaic_again_costs(cost, m);
        }
        if (!mpq_equal(lines[i].rho.v, cost[i % d].v)) {
            status = other_cost(err, "the cost of a column is");
            goto cleanup;
        }
        mpq_sub(rest->v, rest->v, cost[i % d].v);
    }
cleanup:
    sil_costs_free(cost, m->domain.n_attrs);
    return status;
}

/* The rounds of phase 3 share what is left of it evenly, and the last has the rest. */
static sil_status check_late(struct sil_rho *late, const struct sil_release *lines,
                             size_t n_rounds, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho due;
    struct sil_rho paid;
    sil_rho_init(&due);
    sil_rho_init(&paid);
    for (size_t left = n_rounds; left > 0; left--, lines += 2) {
        sil_share(&due, late, 1, left);
        mpq_add(paid.v, lines[0].rho.v, lines[1].rho.v);
        if (!mpq_equal(paid.v, due.v)) {
            status = other_cost(err, "the cost of a round past the tree is");
            break;
        }
        mpq_sub(late->v, late->v, due.v);
    }
    sil_rho_clear(&due);
    sil_rho_clear(&paid);
    return status;
}

/* What a round costs that is planned at `cost`: all that is left when that is less than
 * two such rounds. */
static void due_of(struct sil_rho *due, const struct sil_rho *cost,
                   const struct sil_rho *left)
{
    mpq_div_2exp(due->v, left->v, 1);
    mpq_set(due->v, mpq_cmp(due->v, cost->v) < 0 ? left->v : cost->v);
}

/* Each round of phase 2 is planned at what the one before it was, or at twice as much. */
static sil_status check_early(struct sil_rho *left, struct sil_rho *cost,
                              const struct sil_release *lines, size_t n_rounds,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho due;
    struct sil_rho paid;
    sil_rho_init(&due);
    sil_rho_init(&paid);
    for (size_t i = 0; i < n_rounds; i++, lines += 2) {
        mpq_add(paid.v, lines[0].rho.v, lines[1].rho.v);
        due_of(&due, cost, left);
        if (i > 0 && !mpq_equal(paid.v, due.v)) {
            mpq_mul_2exp(cost->v, cost->v, 1);
            due_of(&due, cost, left);
        }
        if (mpq_sgn(left->v) == 0 || !mpq_equal(paid.v, due.v)) {
            status = other_cost(err, "the cost of a round on the tree is");
            break;
        }
        mpq_sub(left->v, left->v, due.v);
    }
    if (status == SIL_OK && mpq_sgn(left->v) != 0) {
        status = other_cost(err, "the sum of its costs is");
    }
    sil_rho_clear(&due);
    sil_rho_clear(&paid);
    return status;
}

/* A run of columns only measures them all again, with what was left. */
static sil_status check_again(struct sil_rho *left, const struct sil_mosaic *m,
                              const struct sil_release *lines, size_t n,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho *cost = NULL;
    uint32_t d = m->domain.n_attrs;
    if (n != d) {
        return other_cost(err, "the number of its lines is");
    }
    SIL_TRY(sil_costs_new(&cost, d, err));
    sil_independent_costs(cost, left, &m->domain);
    for (uint32_t a = 0; a < d; a++) {
        const struct sil_rho *due = a + 1 == d ? left : &cost[a];
        if (lines[a].clique.n != 1 || lines[a].clique.attr[0] != a ||
            !mpq_equal(lines[a].rho.v, due->v)) {
            status = other_cost(err, "the second cost of a column is");
            goto cleanup;
        }
        mpq_sub(left->v, left->v, lines[a].rho.v);
    }
cleanup:
    sil_costs_free(cost, d);
    return status;
}

sil_status sil_mosaic_check_costs(const struct sil_mosaic *m,
                                  const struct sil_release *lines, size_t n,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_first = sil_mosaic_n_first(m);
    size_t first_late = sil_mosaic_first_late(m, n);
    struct sil_rho rest;
    struct sil_rho late;
    struct sil_rho first;
    sil_rho_init(&rest);
    sil_rho_init(&late);
    sil_rho_init(&first);
    mpq_set(rest.v, m->terms->rest.v);
    SIL_TRY(check_columns(&rest, m, lines, err));
    if (m->has_columns_only) {
        status = check_again(&rest, m, lines + n_first, n - n_first, err);
        goto cleanup;
    }
    if (n - first_late != 2 * (size_t)m->settings.late_rounds ||
        (first_late - n_first) % 2 != 0) {
        status = other_cost(err, "the number of its lines is");
        goto cleanup;
    }
    sil_mosaic_share_rest(&first, &late, &m->settings, &rest, m->domain.n_attrs);
    mpq_sub(rest.v, rest.v, late.v);
    SIL_TRY(
        check_early(&rest, &first, lines + n_first, (first_late - n_first) / 2, err));
    SIL_TRY(check_late(&late, lines + first_late, (n - first_late) / 2, err));
cleanup:
    sil_rho_clear(&rest);
    sil_rho_clear(&late);
    sil_rho_clear(&first);
    return status;
}
