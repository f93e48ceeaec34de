// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "num/rational.h"
#include "synth/budget.h"
#include "synth/learning_words.h"
#include "synth/model_object.h"
#include "synth/report.h"
#include "table/recomputed.h"
#include "table/rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_SHOWN = 8 };

/* ---- the claim ---- */

/* "(epsilon E, delta D)-differentially private" of the run on its own. */
static sil_status say_bound(struct sil_bytes *out, const struct sil_terms *terms,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "(epsilon "));
    SIL_TRY(sil_print_epsilon(out, terms->certified.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ", delta "));
    SIL_TRY(sil_print_epsilon(out, terms->delta.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ")-differentially private"));
cleanup:
    return status;
}

static sil_status say_unledgered(struct sil_bytes *out, const struct sil_terms *terms,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(say_bound(out, terms, err));
    SIL_TRY(sil_bytes_printf(out, err, "; the unit is "));
    SIL_TRY(sil_privacy_unit_say(out, &terms->unit, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        ", neighbouring tables differ by %s; certified with outward rounding from rho = ",
        sil_privacy_unit_difference(&terms->unit, terms->neighbours)));
    SIL_TRY(sil_rational_print(out, terms->cap.v, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        " of zero-concentrated differential privacy, the cap that "
        "was fixed before the first measurement; UNLEDGERED: nothing records this cost, "
        "and nothing stops the same rows from being used again; "));
cleanup:
    return status;
}

/* The ledger's claim comes first: it is about all that was released of these people. */
static sil_status say_ledgered(struct sil_bytes *out,
                               const struct sil_transcript *transcript,
                               const struct sil_cumulative *ledger,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_cumulative_say(out, ledger, err));
    SIL_TRY(sil_bytes_printf(out, err, "; of this, the share of this run: "));
    SIL_TRY(say_bound(out, &transcript->terms, err));
    SIL_TRY(sil_bytes_printf(out, err, " from rho = "));
    SIL_TRY(sil_rational_print(out, transcript->terms.cap.v, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        "; all this as the transcript says; check it with: silhouette ledger verify "
        "DIR, and silhouette inspect MODEL --ledger DIR; "));
cleanup:
    return status;
}

/* The names of the fields that were declared after looking, the first few of many. */
static sil_status say_looked(struct sil_bytes *out, const struct sil_schema *schema,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = 0;
    for (uint32_t a = 0; a < sil_schema_n_columns(schema); a++) {
        if (!sil_field_was_looked_at(sil_schema_field(schema, a))) {
            continue;
        }
        if (n < NAMES_SHOWN) {
            SIL_TRY(sil_bytes_printf(out, err, "%s%s", n == 0 ? "" : ", ",
                                     sil_schema_field_name(schema, a)));
        }
        n++;
    }
    if (n > NAMES_SHOWN) {
        SIL_TRY(sil_bytes_printf(out, err, " and %u more", n - NAMES_SHOWN));
    }
cleanup:
    return status;
}

/* What the guarantee says of values that nobody listed: it covers them. */
static sil_status say_discovery(struct sil_bytes *out,
                                const struct sil_transcript *transcript,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_terms *terms = &transcript->terms;
    if (terms->n_open == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_bytes_printf(out, err,
                             "within the guarantee, values that the schema "
                             "does not list were discovered: "));
    for (size_t i = 0; i < transcript->n_discoveries && i < NAMES_SHOWN; i++) {
        const struct sil_discovery *found = &transcript->discovery[i];
        SIL_TRY(
            sil_bytes_printf(out, err, "%s%zu of %s", i == 0 ? "" : ", ", found->n,
                             sil_schema_field_name(transcript->schema, found->attr)));
    }
    if (transcript->n_discoveries > NAMES_SHOWN) {
        SIL_TRY(sil_bytes_printf(out, err, " and more of %zu others",
                                 transcript->n_discoveries - NAMES_SHOWN));
    }
    SIL_TRY(sil_bytes_printf(out, err, ", for "));
    SIL_TRY(sil_print_epsilon(out, terms->discovery.v, err));
    SIL_TRY(sil_bytes_printf(out, err, " of the delta; the others are one cell; "));
cleanup:
    return status;
}

/* Rules are declared, so public; what they do to rows is a part of what is claimed. */
static sil_status say_rules(struct sil_bytes *out, const struct sil_schema *schema,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rules *rules = NULL;
    SIL_TRY(sil_rules_new(&rules, schema, err));
    for (size_t i = 0; rules != NULL && i < rules->n && i < NAMES_SHOWN; i++) {
        SIL_TRY(sil_bytes_printf(out, err, "%s%s (%s)",
                                 i == 0 ? "outside the guarantee, because declared as "
                                          "rules between columns: "
                                        : ", ",
                                 rules->rule[i].said, rules->rule[i].meets));
    }
    if (rules != NULL && rules->n > NAMES_SHOWN) {
        SIL_TRY(sil_bytes_printf(out, err, " and %zu more", rules->n - NAMES_SHOWN));
    }
    if (rules != NULL) {
        SIL_TRY(sil_bytes_printf(out, err, "; "));
    }
cleanup:
    sil_rules_free(rules);
    return status;
}

/* Columns that nothing was measured of. */
static sil_status say_missing_ids(struct sil_bytes *out, const struct sil_terms *terms,
                                  struct sil_error *err)
{
    if (terms->unit.id_column == NULL) {
        return SIL_OK;
    }
    return sil_bytes_printf(out, err, "a row without an id %s; ",
                            terms->drops_missing_ids ? "does not count"
                                                     : "is a person of its own");
}

static sil_status say_recomputed(struct sil_bytes *out, const struct sil_schema *schema,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint32_t first = sil_schema_n_fields(schema);
    const uint32_t n = sil_schema_n_columns(schema) - first;
    for (uint32_t i = 0; i < n && i < NAMES_SHOWN; i++) {
        SIL_TRY(sil_bytes_printf(out, err, "%s%s",
                                 i == 0 ? "never measured, but recomputed in each row "
                                          "once it is drawn, as the schema says: "
                                        : ", ",
                                 sil_schema_recomputed(schema, first + i)->said));
    }
    if (n > NAMES_SHOWN) {
        SIL_TRY(sil_bytes_printf(out, err, " and %u more", n - NAMES_SHOWN));
    }
    if (n > 0) {
        SIL_TRY(sil_bytes_printf(out, err, "; "));
    }
cleanup:
    return status;
}

static uint32_t n_looked(const struct sil_schema *schema)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < sil_schema_n_columns(schema); a++) {
        n += sil_field_was_looked_at(sil_schema_field(schema, a));
    }
    return n;
}

sil_status sil_claim_write(struct sil_model *model, const struct sil_cumulative *ledger,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes *out = &model->claim;
    const struct sil_schema *schema = model->transcript.schema;

    SIL_TRY(model->transcript.is_ledgered
                ? say_ledgered(out, &model->transcript, ledger, err)
                : say_unledgered(out, &model->transcript.terms, err));
    if (n_looked(schema) > 0) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "outside the guarantee, because declared public after "
                                 "looking at the data: "));
        SIL_TRY(say_looked(out, schema, err));
        SIL_TRY(sil_bytes_printf(out, err, "; "));
    }
    SIL_TRY(say_discovery(out, &model->transcript, err));
    SIL_TRY(sil_learning_say_claim(out, &model->transcript, err));
    SIL_TRY(say_rules(out, schema, err));
    SIL_TRY(say_missing_ids(out, &model->transcript.terms, err));
    SIL_TRY(say_recomputed(out, schema, err));
    SIL_TRY(sil_bytes_printf(
        out, err,
        "what the schema declares (columns, categories, bounds, bins, nulls) is taken as "
        "public; a value outside it meets the policy of its field, by default an "
        "unlisted value becomes null, or drops its row where null is not allowed, and "
        "numbers and dates move to the nearest bin%s",
        model->transcript.is_ledgered
            ? "."
            : "; other data about the same people are not counted."));
    SIL_TRY(sil_bytes_append(out, "", 1, err));
cleanup:
    return status;
}

/* ---- warnings ---- */

/* Names and rules are cut to a length in bytes: what is left of a character is taken out. */
static void drop_cut_characters(char *text)
{
    size_t length = strlen(text);
    size_t kept = 0;
    for (size_t i = 0; i < length;) {
        uint32_t code;
        size_t n = sil_utf8_next(&code, text + i, length - i);
        memmove(text + kept, text + i, n);
        kept += n;
        i += n > 0 ? n : 1;
    }
    text[kept] = '\0';
}

static sil_status warn(struct sil_model *model, struct sil_error *err,
                       const char *format, ...) SIL_PRINTF(3, 4);

static sil_status warn(struct sil_model *model, struct sil_error *err,
                       const char *format, ...)
{
    sil_status status = SIL_OK;
    struct sil_text_list *list = &model->warnings;
    char text[512];
    char *copy = NULL;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    drop_cut_characters(text);
    SIL_TRY(sil_grow(&list->text, &list->capacity, list->n + 1, sizeof *list->text,
                     "warnings", err));
    SIL_TRY(sil_alloc(&copy, strlen(text) + 1, 1, "a warning", err));
    memcpy(copy, text, strlen(text) + 1);
    list->text[list->n++] = copy;
cleanup:
    return status;
}

/* delta is to be small against one over the number of rows: a mechanism that publishes a
 * row of its choice with probability 1/n would otherwise be allowed. */
static sil_status warn_of_delta(struct sil_model *model, struct sil_error *err)
{
    mpq_t product;
    mpq_init(product);
    mpq_set_ui(product, model->rows, 1);
    mpq_mul(product, product, model->transcript.terms.delta.v);
    bool is_large = mpq_cmp_ui(product, 1, 1) >= 0;
    mpq_clear(product);
    return is_large ? warn(model, err,
                           "delta is not below one over the number of rows (about "
                           "%" PRIu64 "): the guarantee then allows to publish some "
                           "row outright; choose a delta far below it",
                           model->rows)
                    : SIL_OK;
}

/* The epsilon that people are exposed to is that of all runs of the ledger, where there is
 * one. */
static sil_status warn_of_epsilon(struct sil_model *model,
                                  const struct sil_cumulative *ledger,
                                  struct sil_error *err)
{
    const struct sil_transcript *transcript = &model->transcript;
    const struct sil_epsilon *epsilon = transcript->is_ledgered
                                            ? &ledger->reserved.epsilon
                                            : &transcript->terms.epsilon;
    if (mpq_cmp_ui(epsilon->v, 20, 1) > 0) {
        return warn(model, err, "epsilon above 20: this protects almost nothing");
    }
    if (mpq_cmp_ui(epsilon->v, 10, 1) > 0) {
        return warn(model, err,
                    "epsilon above 10: the guarantee is weak; what protects people "
                    "then is not the guarantee");
    }
    return SIL_OK;
}

static bool has_joint_measurement(const struct sil_measurements *measurements)
{
    for (size_t i = 0; i < measurements->n; i++) {
        if (measurements->item[i].clique.n > 1) {
            return true;
        }
    }
    return false;
}

/* Cells of the smallest marginal of two columns; UINT64_MAX when there is none. */
static uint64_t smallest_pair(const struct sil_domain *domain)
{
    uint64_t least = UINT32_MAX;
    uint64_t second = UINT32_MAX;
    uint32_t n_active = 0;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        uint64_t size = domain->sizes[a];
        n_active += size > 1;
        if (size > 1 && size < least) {
            second = least;
            least = size;
        } else if (size > 1 && size < second) {
            second = size;
        }
    }
    return n_active > 1 ? least * second : UINT64_MAX;
}

/* Does the workload ask for a marginal of two columns, as far as the plan tells? */
static bool asks_for_joint(const struct sil_model *model)
{
    const struct sil_terms *terms = &model->transcript.terms;
    const struct sil_clique_list *list = &terms->workload.marginals;
    if (strcmp(terms->workload_name, SIL_WORKLOAD_IS_FILE) != 0) {
        return terms->workload_name[0] > '1' &&
               smallest_pair(&model->domain) <= terms->max_cells;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (list->item[i].clique.n > 1) {
            return true;
        }
    }
    return false;
}

static sil_status warn_of_budget(struct sil_model *model,
                                 const struct sil_measurements *measurements,
                                 double rows, struct sil_error *err)
{
    bool wants_joint = model->transcript.terms.mechanism != SIL_INDEPENDENT &&
                       smallest_pair(&model->domain) < UINT64_MAX;
    if (rows < 1) {
        return warn(model, err,
                    "the noisy number of rows is below one: the table has few rows, or "
                    "the budget is small; independent columns are used");
    }
    if (wants_joint && !asks_for_joint(model)) {
        return warn(model, err,
                    "the workload has no marginal of two columns: the rows do not show "
                    "how columns go together");
    }
    if (wants_joint && !has_joint_measurement(measurements)) {
        return warn(model, err,
                    "the budget is too small for this schema: no marginal of two "
                    "columns was worth its noise; independent columns are used");
    }
    return SIL_OK;
}

/* Of each column the most precise measurement, in total variation: half of the mean noise
 * of its cells over the rows, at most one. Marginals with more columns add to what is
 * known. */
static void find_noise(double *least, const struct sil_model *model)
{
    for (uint32_t a = 0; a < model->domain.n_attrs; a++) {
        least[a] = 1;
    }
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        const struct sil_release *line = &model->transcript.line[i];
        if (line->kind != SIL_RELEASE_MEASURE) {
            continue;
        }
        double noise = sil_noise_error(&line->sigma2, line->n_cells, model->total);
        for (uint32_t k = 0; k < line->clique.n; k++) {
            double *of_attr = &least[line->clique.attr[k]];
            *of_attr = noise < *of_attr ? noise : *of_attr;
        }
    }
}

static sil_status warn_of_noise(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *first = NULL;
    double *noise = NULL;
    uint32_t n = 0;
    SIL_TRY(sil_alloc(&noise, model->domain.n_attrs, sizeof *noise, "warnings", err));
    find_noise(noise, model);
    for (uint32_t a = 0; a < model->domain.n_attrs; a++) {
        if (noise[a] >= 0.5) {
            first = first == NULL ? sil_schema_field_name(model->transcript.schema, a)
                                  : first;
            n++;
        }
    }
    if (n > 0) {
        SIL_TRY(warn(model, err,
                     "mostly noise: column %.80s%s; the budget is small for so many "
                     "cells; declare fewer bins or categories, or raise epsilon",
                     first, n == 1 ? "" : " and others"));
    }
cleanup:
    free(noise);
    return status;
}

static sil_status warn_of_looks(struct sil_model *model, struct sil_error *err)
{
    uint32_t n = n_looked(model->transcript.schema);
    if (n == 0) {
        return SIL_OK;
    }
    return warn(model, err,
                "%u field%s declared public after looking at the data: what the look "
                "revealed is outside the guarantee",
                n, n == 1 ? " was" : "s were");
}

/* Rules that the model does not know: rows that break them are changed when drawn. */
static sil_status warn_of_rules(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rules *rules = NULL;
    if (model->zeros == NULL || model->zeros->n_left_out == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_rules_new(&rules, model->transcript.schema, err));
    const struct sil_rule *first = &rules->rule[model->zeros->left_out[0]];
    status =
        warn(model, err,
             "%zu of %zu rules have no place in the model, the first %s (%.80s): their "
             "tables take more than --max-cells or an eighth of --max-model-mb; rows "
             "that break them are changed once they are drawn",
             model->zeros->n_left_out, rules->n, first->place, first->said);
cleanup:
    sil_rules_free(rules);
    return status;
}

sil_status sil_warnings_find(struct sil_model *model,
                             const struct sil_cumulative *ledger,
                             const struct sil_measurements *measurements, double rows,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(warn_of_delta(model, err));
    SIL_TRY(warn_of_epsilon(model, ledger, err));
    SIL_TRY(warn_of_budget(model, measurements, rows, err));
    SIL_TRY(warn_of_noise(model, err));
    SIL_TRY(warn_of_looks(model, err));
    SIL_TRY(warn_of_rules(model, err));
cleanup:
    return status;
}
