// SPDX-License-Identifier: Apache-2.0
/* Parity: the distribution that keeps p(y, u), p(a, u) and everything given y, a and u, and in
 * which outcome y and group a are independent given u, multiplies each cell by
 * p(y, u) p(a, u) / (p(u) p(y, a, u)). Of several boxes that is the mixture's; with shares of
 * columns it is fitted in turn with them. */
#include "base/fail.h"
#include "base/memory.h"
#include "model/scalar.h"
#include "synth/made_shares.h"
#include "table/condition_lexer.h"

#include <stdlib.h>

static const char *const WHAT = "parity";

/* ---- the text ---- */

static sil_status read_column(struct sil_condition_lexer *lexer, struct sil_fair *fair,
                              const struct sil_model *model, struct sil_clique *out)
{
    bool is_name = lexer->kind == SIL_WORD_NAME || lexer->kind == SIL_WORD_QUOTED;
    const struct sil_schema *schema = model->transcript.schema;
    uint32_t attr =
        is_name ? sil_schema_find(schema, lexer->word, lexer->length) : UINT32_MAX;
    const char *why = sil_schema_no_attribute(schema, attr);
    if (why != NULL) {
        return sil_condition_refuse(lexer, is_name ? why
                                                   : "expected OUTCOME|GROUP, or "
                                                     "OUTCOME|GROUP:ADMISSIBLE,...");
    }
    struct sil_clique one = sil_clique_single(attr);
    struct sil_clique all = {0};
    if (sil_clique_has(&fair->clique, attr)) {
        return sil_condition_refuse(lexer, "the column is named already");
    }
    if (!sil_clique_unite(&all, &fair->clique, &one)) {
        return sil_condition_refuse(lexer, "too many columns");
    }
    fair->clique = all;
    (void)sil_clique_unite(&all, out, &one); /* of which it is a part */
    *out = all;
    return sil_condition_advance(lexer);
}

static sil_status read_all(struct sil_condition_lexer *lexer, struct sil_fair *fair,
                           const struct sil_model *model)
{
    sil_status status = SIL_OK;
    SIL_TRY(read_column(lexer, fair, model, &fair->outcome));
    if (!sil_condition_is(lexer, "|")) {
        return sil_condition_refuse(lexer, "expected | and the group");
    }
    SIL_TRY(sil_condition_advance(lexer));
    SIL_TRY(read_column(lexer, fair, model, &fair->group));
    bool more = sil_condition_is(lexer, ":");
    while (more) {
        SIL_TRY(sil_condition_advance(lexer));
        SIL_TRY(read_column(lexer, fair, model, &fair->given));
        more = sil_condition_is(lexer, ",");
    }
    if (lexer->kind != SIL_WORD_END) {
        status = sil_condition_refuse(lexer, "expected the end, or : and columns");
    }

cleanup:
    return status;
}

/* A column of which the model's tree tells no values apart is independent of all others: given
 * it, nothing is different, and as outcome or group it leaves nothing to do. */
static void leave_out(struct sil_fair *fair, const struct sil_domain *domain)
{
    struct sil_clique flat = {0};
    for (uint32_t i = 0; i < fair->clique.n; i++) {
        if (domain->sizes[fair->clique.attr[i]] < 2) {
            flat.attr[flat.n++] = fair->clique.attr[i];
        }
    }
    bool is_met = sil_clique_contains(&flat, &fair->outcome) ||
                  sil_clique_contains(&flat, &fair->group);
    fair->given = sil_clique_subtract(&fair->given, &flat);
    fair->clique =
        is_met ? (struct sil_clique){0} : sil_clique_subtract(&fair->clique, &flat);
}

sil_status sil_fair_parse(struct sil_fair *out, const char *text,
                          const struct sil_model *model, size_t *column,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_condition_lexer *lexer = NULL;
    *out = (struct sil_fair){0};
    SIL_TRY(sil_alloc(&lexer, 1, sizeof *lexer, WHAT, err));
    SIL_TRY(sil_condition_begin(lexer, text, "--fair", column, err));
    SIL_TRY(read_all(lexer, out, model));
    leave_out(out, sil_model_tree_domain(model));

cleanup:
    free(lexer);
    return status;
}

/* ---- the factor ---- */

sil_status sil_fair_marginal(double *out, struct sil_weigher *w)
{
    sil_status status = SIL_OK;
    struct sil_made *made = w->made;
    const struct sil_clique *clique = &made->fair.clique;
    size_t n = sil_clique_cells(sil_model_tree_domain(made->model), clique);
    double rows = sil_gm_total(sil_tilt_model(w->tilt));
    double *own = NULL;
    bool is_possible = false;
    SIL_TRY(sil_alloc(&own, n, sizeof *own, WHAT, w->err));
    for (size_t b = 0; b < made->boxes.n; b++) {
        w->log_mass[b] = sil_weigh_box(w, b);
        is_possible = is_possible || w->log_mass[b] > -__builtin_inf();
    }
    if (!is_possible) {
        status = sil_fail(w->err, SIL_ERR_INPUT,
                          "--fair: parity and shares cannot be met at once");
        goto cleanup;
    }
    (void)sil_tilt_mix(made->part, w->log_mass, made->boxes.n);
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
    }
    for (size_t b = 0; b < made->boxes.n; b++) {
        if (made->part[b] <= 0) {
            continue;
        }
        (void)sil_weigh_box(w, b);
        SIL_TRY(sil_gm_marginal(own, sil_tilt_model(w->tilt), clique, w->err));
        for (size_t i = 0; i < n; i++) {
            out[i] += made->part[b] * own[i] / rows;
        }
    }

cleanup:
    free(own);
    return status;
}

/* Sums of a table over the attributes that `part` lacks; and the cell of `part` of each of its
 * cells. `cell` of no attribute is 0. */
struct margin {
    double *sum;
    uint32_t *cell;
};

static sil_status margin_init(struct margin *m, const struct sil_domain *domain,
                              const struct sil_clique *whole,
                              const struct sil_clique *part, const double *table,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = sil_clique_cells(domain, whole);
    SIL_TRY(
        sil_alloc(&m->sum, sil_clique_cells(domain, part), sizeof *m->sum, WHAT, err));
    SIL_TRY(sil_alloc(&m->cell, n, sizeof *m->cell, WHAT, err));
    for (size_t i = 0; i < n; i++) {
        size_t left = i;
        uint32_t cell = 0;
        uint32_t step = 1;
        for (uint32_t k = whole->n; k-- > 0;) {
            uint32_t size = domain->sizes[whole->attr[k]];
            if (sil_clique_has(part, whole->attr[k])) {
                cell += (uint32_t)(left % size) * step;
                step *= size;
            }
            left /= size;
        }
        m->cell[i] = cell;
        m->sum[cell] += table[i];
    }

cleanup:
    return status;
}

static void margin_clear(struct margin *m)
{
    free(m->sum);
    free(m->cell);
}

static double at(const struct margin *m, size_t i)
{
    return m->sum[m->cell[i]];
}

/* Multiply the factor by what parity wants over what there is. */
static sil_status multiply(struct sil_weigher *w, const double *p, size_t n,
                           const struct margin margin[3], double *gap)
{
    double *log_of = w->made->fair_log;
    for (size_t i = 0; i < n; i++) {
        double given = at(&margin[2], i);
        double want = given > 0 ? at(&margin[0], i) / given * at(&margin[1], i) : 0;
        double off = want > p[i] ? want - p[i] : p[i] - want;
        if (want > 0 && p[i] <= 0) {
            w->fault->text = w->options->fair;
            return sil_fail(
                w->err, SIL_ERR_INPUT,
                "--fair: some outcome never goes with some group in the rows "
                "asked for: there is no parity to give");
        }
        *gap = off > *gap ? off : *gap;
        log_of[i] += p[i] > 0 && want > 0 ? sil_log(want / p[i]) : 0;
    }
    return SIL_OK;
}

sil_status sil_fair_fit(struct sil_weigher *w, double *gap)
{
    sil_status status = SIL_OK;
    const struct sil_fair *fair = &w->made->fair;
    const struct sil_domain *domain = sil_model_tree_domain(w->made->model);
    struct margin margin[3] = {{0}};
    struct sil_clique with_outcome = {0};
    struct sil_clique with_group = {0};
    double *p = NULL;
    size_t n = sil_clique_cells(domain, &fair->clique);
    (void)sil_clique_unite(&with_outcome, &fair->given, &fair->outcome);
    (void)sil_clique_unite(&with_group, &fair->given, &fair->group);
    SIL_TRY(sil_alloc(&p, n, sizeof *p, WHAT, w->err));
    SIL_TRY(sil_fair_marginal(p, w));
    SIL_TRY(margin_init(&margin[0], domain, &fair->clique, &with_outcome, p, w->err));
    SIL_TRY(margin_init(&margin[1], domain, &fair->clique, &with_group, p, w->err));
    SIL_TRY(margin_init(&margin[2], domain, &fair->clique, &fair->given, p, w->err));
    status = multiply(w, p, n, margin, gap);

cleanup:
    for (size_t k = 0; k < 3; k++) {
        margin_clear(&margin[k]);
    }
    free(p);
    return status;
}
