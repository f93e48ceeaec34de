// SPDX-License-Identifier: Apache-2.0
#include "synth/discovery.h"

#include "base/fail.h"
#include "base/memory.h"
#include "privacy/gauss.h"
#include "privacy/threshold.h"
#include "synth/budget.h"
#include "synth/discovery_bins.h"

#include <stdlib.h>
#include <string.h>

enum { DISCOVERY_SHARE = 10 };

void sil_discovery_plan_init(struct sil_discovery_plan *plan)
{
    *plan = (struct sil_discovery_plan){0};
    sil_rho_init(&plan->cost);
    sil_sigma2_init(&plan->sigma2);
    sil_delta_init(&plan->delta);
}

void sil_discovery_plan_clear(struct sil_discovery_plan *plan)
{
    sil_rho_clear(&plan->cost);
    sil_sigma2_clear(&plan->sigma2);
    sil_delta_clear(&plan->delta);
}

void sil_terms_split_cap(struct sil_rho *each, struct sil_rho *rest,
                         const struct sil_terms *terms, const struct sil_rho *cap)
{
    mpq_t all;
    mpq_init(all);
    mpq_set_ui(each->v, 0, 1);
    if (terms->n_open > 0) {
        sil_share(each, cap, 1, (uint64_t)DISCOVERY_SHARE * terms->n_open);
        mpq_set_ui(all, terms->n_open, 1);
        mpq_mul(all, all, each->v);
    }
    mpq_sub(rest->v, cap->v, all);
    sil_learning_costs(all, terms, cap);
    mpq_sub(rest->v, rest->v, all);
    mpq_clear(all);
}

void sil_terms_zcdp_delta(struct sil_delta *out, const struct sil_terms *terms)
{
    mpq_sub(out->v, terms->delta.v, terms->discovery.v);
}

sil_status sil_discovery_plan_find(struct sil_discovery_plan *out,
                                   const struct sil_terms *terms, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho rest;
    mpq_t fields;
    sil_rho_init(&rest);
    mpq_init(fields);
    sil_terms_split_cap(&out->cost, &rest, terms, &terms->cap);
    mpq_set_ui(fields, terms->n_open, 1);
    mpq_div(out->delta.v, terms->discovery.v, fields);
    SIL_TRY(sil_noise_of_cost(&out->sigma2, &out->cost,
                              sil_terms_sensitivity_squared(terms), err));
    out->shift = sil_gauss_shift_of(&out->sigma2);
    SIL_TRY(sil_threshold_of_delta(&out->threshold, &out->sigma2, terms->unit.rows,
                                   &out->delta, err));
cleanup:
    mpq_clear(fields);
    sil_rho_clear(&rest);
    return status;
}

/* ---- the run ---- */

static sil_status discover_field(struct sil_gate *gate, const struct sil_table *table,
                                 struct sil_schema *schema, uint32_t field,
                                 const struct sil_discovery_plan *plan,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_keys *keys = NULL;
    const struct sil_discovery *found = NULL;
    SIL_TRY(sil_table_keys(&keys, table, field, err));
    SIL_TRY(sil_gate_discover(gate, keys, &plan->sigma2, &plan->delta, &found, err));
    SIL_TRY(sil_schema_settle(schema, field, found->found, found->n, err));
cleanup:
    sil_keys_free(keys);
    return status;
}

/* The candidates so far are those of the listed values, and of bins wanted, alone. */
static sil_status find_candidates_anew(struct sil_terms *terms,
                                       const struct sil_schema *schema,
                                       struct sil_error *err)
{
    struct sil_domain domain = sil_schema_domain(schema);
    sil_clique_list_clear(&terms->workload.candidates);
    if (strcmp(terms->workload_name, SIL_WORKLOAD_IS_FILE) != 0) {
        sil_clique_list_clear(&terms->workload.marginals);
    }
    sil_status status = sil_terms_find_candidates(terms, &domain, err);
    if (status == SIL_OK) {
        status = sil_terms_check_domain(terms, &domain, err);
    }
    return status == SIL_OK
               ? SIL_OK
               : sil_fail_within(err, status, "with the values that were found");
}

sil_status sil_discover(struct sil_gate *gate, struct sil_table *table,
                        struct sil_schema *schema, struct sil_terms *terms,
                        unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_discovery_plan plan;
    sil_discovery_plan_init(&plan);
    if (terms->n_open > 0) {
        SIL_TRY(sil_discovery_plan_find(&plan, terms, err));
    }
    for (uint32_t f = 0; f < sil_schema_n_fields(schema); f++) {
        if (sil_field_is_open(sil_schema_field(schema, f))) {
            SIL_TRY(discover_field(gate, table, schema, f, &plan, err));
        }
    }
    SIL_TRY(sil_table_settle(table, schema, err));
    SIL_TRY(sil_learn_bins(gate, table, schema, terms, n_threads, err));
    SIL_TRY(find_candidates_anew(terms, schema, err));
cleanup:
    sil_discovery_plan_clear(&plan);
    return status;
}

/* ---- held ---- */

void sil_discovery_init(struct sil_discovery *discovery)
{
    *discovery = (struct sil_discovery){0};
    sil_sigma2_init(&discovery->sigma2);
    sil_rho_init(&discovery->rho);
    sil_delta_init(&discovery->delta);
}

void sil_discovery_clear(struct sil_discovery *discovery)
{
    sil_sigma2_clear(&discovery->sigma2);
    sil_rho_clear(&discovery->rho);
    sil_delta_clear(&discovery->delta);
    free(discovery->found);
    free(discovery->texts);
}

/* The values of `from`, whose texts may be anybody's, into one block. */
static sil_status take_found(struct sil_discovery *to, const struct sil_found *from,
                             size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t bytes = 1;
    for (size_t i = 0; i < n; i++) {
        if (!sil_add_size(&bytes, bytes, from[i].length + 1)) {
            return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a discovery");
        }
    }
    SIL_TRY(sil_alloc(&to->texts, bytes, 1, "a discovery", err));
    SIL_TRY(sil_alloc(&to->found, n, sizeof *to->found, "a discovery", err));
    char *end = to->texts;
    for (size_t i = 0; i < n; i++) {
        if (from[i].length > 0) {
            (void)memcpy(end, from[i].text, from[i].length);
        }
        to->found[i] = from[i];
        to->found[i].text = end;
        end += from[i].length + 1;
    }
    to->n = n;
cleanup:
    return status;
}

sil_status sil_discovery_copy(struct sil_discovery *to,
                              const struct sil_discovery *from, struct sil_error *err)
{
    to->attr = from->attr;
    to->sensitivity = from->sensitivity;
    to->shift = from->shift;
    to->threshold = from->threshold;
    mpq_set(to->sigma2.v, from->sigma2.v);
    mpq_set(to->rho.v, from->rho.v);
    mpq_set(to->delta.v, from->delta.v);
    return take_found(to, from->found, from->n, err);
}
