// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/mosaic.h"

static sil_status other_cost(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT,
                    "not the lines of a run of mosaic: %s not what its budget gives",
                    what);
}

/* Take the costs of the columns, and what they leave, off `rest`. */
static sil_status check_columns(struct sil_rho *rest, const struct sil_mosaic *m,
                                const struct sil_release *lines, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho *cost = NULL;
    SIL_TRY(sil_costs_new(&cost, m->domain.n_attrs, err));
    sil_mosaic_column_costs(cost, m->terms, &m->terms->cap, &m->domain);
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        if (!mpq_equal(lines[a].rho.v, cost[a].v)) {
            status = other_cost(err, "the cost of a column is");
            goto cleanup;
        }
        mpq_sub(rest->v, rest->v, cost[a].v);
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

sil_status sil_mosaic_check_costs(const struct sil_mosaic *m,
                                  const struct sil_release *lines, size_t n,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t first_late = sil_mosaic_first_late(m, n);
    struct sil_rho rest;
    struct sil_rho late;
    sil_rho_init(&rest);
    sil_rho_init(&late);
    mpq_set(rest.v, m->terms->cap.v);
    SIL_TRY(check_columns(&rest, m, lines, err));
    sil_share(&late, &rest, m->settings.late.numerator, m->settings.late.denominator);
    for (size_t i = m->domain.n_attrs; i < n; i++) {
        mpq_sub(rest.v, rest.v, lines[i].rho.v);
    }
    bool has_late =
        m->has_columns_only || n - first_late == 2 * (size_t)m->settings.late_rounds;
    if (mpq_sgn(rest.v) != 0 || !has_late) {
        status = other_cost(err, "the sum of its costs is");
        goto cleanup;
    }
    SIL_TRY(check_late(&late, lines + first_late, (n - first_late) / 2, err));
cleanup:
    sil_rho_clear(&rest);
    sil_rho_clear(&late);
    return status;
}
