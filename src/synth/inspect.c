// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "crypto/hash.h"
#include "synth/budget.h"
#include "synth/discovery.h"
#include "synth/learning_words.h"
#include "synth/report.h"
#include "table/recomputed.h"

#include <inttypes.h>

/* ---- mosaic ---- */

static bool is_mosaic(const struct sil_model *model)
{
    return model->transcript.terms.mechanism == SIL_MOSAIC;
}

/* The first line of phase 3; the number of lines when there is none. */
static size_t first_past_tree(const struct sil_model *model)
{
    size_t n = model->transcript.n_lines;
    return model->mosaic != NULL ? sil_mosaic_first_late(model->mosaic, n) : n;
}

/* Lines of the columns, before any round. */
static size_t n_first(const struct sil_model *model)
{
    return model->mosaic != NULL ? sil_mosaic_n_first(model->mosaic)
                                 : model->domain.n_attrs;
}

static bool has_columns_only(const struct sil_model *model)
{
    return model->mosaic != NULL && model->mosaic->has_columns_only;
}

static int phase_of(const struct sil_model *model, size_t line)
{
    bool is_column = line < n_first(model) || has_columns_only(model);
    return is_column ? 1 : line < first_past_tree(model) ? 2 : 3;
}

/* What answers a question about the rows, and why it is not the graphical model. */
static const char *why_rows(const struct sil_model *model)
{
    if (has_columns_only(model)) {
        return "only columns were measured; the rows are drawn from them, each column "
               "independent of the others";
    }
    return first_past_tree(model) < model->transcript.n_lines
               ? "the rounds past the tree correct marginals one by one, and no single "
                 "probability model has them all; the rows are fitted to them"
               : "the model tells groups of values apart; the rows are drawn from it, "
                 "their groups opened, and fitted to its marginals";
}

/* ---- for people ---- */

static sil_status say_answers(struct sil_bytes *out, const struct sil_model *model,
                              struct sil_error *err)
{
    return is_mosaic(model) ? sil_bytes_printf(out, err, "answers      the rows: %s\n",
                                               why_rows(model))
                            : SIL_OK;
}

static sil_status say_plan(struct sil_bytes *out, const struct sil_model *model,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_terms *terms = &model->transcript.terms;
    SIL_TRY(sil_bytes_printf(out, err, "claim        %s\n", sil_model_claim(model)));
    SIL_TRY(sil_bytes_printf(out, err,
                             "mechanism    %s, workload %s, at most %" PRIu64
                             " cells a marginal, a model of at most %" PRIu64 " MB\n",
                             sil_mechanism_name(terms->mechanism), terms->workload_name,
                             terms->max_cells, terms->max_model_mb));
    SIL_TRY(sil_bytes_printf(out, err, "spent        rho "));
    SIL_TRY(sil_print_epsilon(out, model->transcript.spent.v, err));
    SIL_TRY(sil_bytes_printf(out, err, " of "));
    SIL_TRY(sil_print_epsilon(out, terms->cap.v, err));
    SIL_TRY(sil_bytes_printf(out, err,
                             "\nrows         about %" PRIu64 " (a private estimate)\n",
                             model->rows));
    uint64_t cells = sil_gm_tree_cells(sil_model_tree(model));
    size_t n = sil_gm_n_potentials(sil_model_tree(model));
    SIL_TRY(sil_bytes_printf(
        out, err,
        "model        %zu marginal%s%s, %" PRIu64 " cell%s in its tree, %.2f MB\n", n,
        n == 1 ? "" : "s",
        is_mosaic(model) && !has_columns_only(model) ? " of groups" : "", cells,
        cells == 1 ? "" : "s", (double)cells * sizeof(double) / (1 << 20)));
    SIL_TRY(say_answers(out, model, err));
cleanup:
    return status;
}

/* The columns of a line, and into how many groups of their values each was taken. */
static sil_status say_marginal(struct sil_bytes *out, const struct sil_model *model,
                               const struct sil_release *line, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (line->of == NULL) {
        return sil_print_marginal(out, model->transcript.schema, &line->clique, err);
    }
    for (uint32_t k = 0; k < line->clique.n; k++) {
        const struct sil_grouping *of = &line->of[k];
        const struct sil_clique column = sil_clique_single(line->clique.attr[k]);
        SIL_TRY(sil_bytes_printf(out, err, "%s", k == 0 ? "" : " x "));
        SIL_TRY(sil_print_marginal(out, model->transcript.schema, &column, err));
        if (!sil_grouping_is_identity(of)) {
            SIL_TRY(sil_bytes_printf(out, err, " (%" PRIu32 " groups of %" PRIu32 ")",
                                     of->n_groups, of->n_values));
        }
    }
cleanup:
    return status;
}

/* No total variation is above one. */
static double noise_error(const struct sil_model *model, const struct sil_release *line)
{
    double error = sil_noise_error(&line->sigma2, line->n_cells, model->total);
    return error < 1 ? error : 1;
}

static sil_status say_error(struct sil_bytes *out, double error, struct sil_error *err)
{
    return error < 1 ? sil_bytes_printf(out, err, "%8.4f  rho ", error)
                     : sil_bytes_printf(out, err, "%8s  rho ", "all");
}

static sil_status say_release(struct sil_bytes *out, const struct sil_model *model,
                              const struct sil_release *line, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (line->kind == SIL_RELEASE_SELECT) {
        SIL_TRY(sil_bytes_printf(out, err, "  chosen of %-6zu %9s %8s  rho ",
                                 line->n_candidates, "", ""));
    } else {
        SIL_TRY(sil_bytes_printf(out, err, "  %9zu cells %9.2f ", line->n_cells,
                                 sil_standard_deviation(&line->sigma2)));
        SIL_TRY(say_error(out, noise_error(model, line), err));
    }
    SIL_TRY(sil_print_epsilon(out, line->rho.v, err));
    SIL_TRY(sil_bytes_printf(out, err, "  "));
    SIL_TRY(say_marginal(out, model, line, err));
    SIL_TRY(sil_bytes_printf(out, err, "\n"));
cleanup:
    return status;
}

static sil_status say_found(struct sil_bytes *out, const struct sil_model *model,
                            const struct sil_discovery *discovery,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    double unit = 1 / (double)(UINT64_C(1) << discovery->shift);
    SIL_TRY(sil_bytes_printf(out, err, "  %9zu found %9.2f %8.2f  rho ", discovery->n,
                             sil_standard_deviation(&discovery->sigma2),
                             (double)discovery->threshold * unit));
    SIL_TRY(sil_print_epsilon(out, discovery->rho.v, err));
    SIL_TRY(sil_bytes_printf(out, err, ", delta "));
    SIL_TRY(sil_print_epsilon(out, discovery->delta.v, err));
    SIL_TRY(sil_bytes_printf(
        out, err, "  %s\n",
        sil_schema_field_name(model->transcript.schema, discovery->attr)));
cleanup:
    return status;
}

static sil_status say_discoveries(struct sil_bytes *out, const struct sil_model *model,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_transcript *transcript = &model->transcript;
    SIL_TRY(sil_learning_say_levels(out, transcript, err));
    if (transcript->n_discoveries == 0) {
        return SIL_OK;
    }
    SIL_TRY(
        sil_bytes_printf(out, err, "Values discovered (sigma, then the threshold):\n"));
    for (size_t i = 0; i < transcript->n_discoveries; i++) {
        SIL_TRY(say_found(out, model, &transcript->discovery[i], err));
    }
    SIL_TRY(sil_bytes_printf(out, err, "Measured:\n"));
cleanup:
    return status;
}

/* Columns that the model does not have. */
static sil_status say_recomputed(struct sil_bytes *out, const struct sil_schema *schema,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint32_t n = sil_schema_n_columns(schema);
    for (uint32_t c = sil_schema_n_fields(schema); c < n; c++) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "  %s: recomputed in each row, not measured\n",
                                 sil_schema_recomputed(schema, c)->said));
    }
cleanup:
    return status;
}

static sil_status inspect_text(char **text, const struct sil_model *model,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    char hex[2 * SIL_HASH_BYTES + 1];

    SIL_TRY(say_plan(&out, model, err));
    sil_hash_hex(hex, model->hash);
    SIL_TRY(sil_bytes_printf(&out, err, "transcript   BLAKE2b %s\n", hex));
    for (size_t i = 0; i < model->warnings.n; i++) {
        SIL_TRY(
            sil_bytes_printf(&out, err, "warning      %s\n", model->warnings.text[i]));
    }
    SIL_TRY(
        sil_bytes_printf(&out, err,
                         "\nWhat left through the gate, in order (sigma, then the "
                         "error expected of the noise alone, \"all\" where there is "
                         "nothing else):\n"));
    SIL_TRY(say_discoveries(&out, model, err));
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        if (i == first_past_tree(model)) {
            SIL_TRY(sil_bytes_printf(&out, err, "Past the tree:\n"));
        }
        SIL_TRY(say_release(&out, model, &model->transcript.line[i], err));
    }
    SIL_TRY(sil_bytes_printf(&out, err, "\nDeclared, and outside the guarantee:\n"));
    for (uint32_t a = 0; a < model->domain.n_attrs; a++) {
        SIL_TRY(sil_bytes_printf(&out, err, "  "));
        SIL_TRY(sil_field_describe(&out, sil_schema_field(model->transcript.schema, a),
                                   err));
    }
    SIL_TRY(say_recomputed(&out, model->transcript.schema, err));
    SIL_TRY(sil_bytes_to_text(text, &out, err));
cleanup:
    sil_bytes_clear(&out);
    return status;
}

/* ---- as JSON ---- */

static json_t *json_bound(const struct sil_bound *bound)
{
    return json_pack("{s:o, s:o}", "rho", sil_json_rational(bound->rho.v), "epsilon",
                     sil_json_rounded(bound->epsilon.v));
}

/* What the stamp says of the ledger, and what follows from it; NULL when there is no
 * memory. */
static json_t *json_stamp(const struct sil_transcript *transcript)
{
    const struct sil_stamp *stamp = &transcript->stamp;
    char ledger[SIL_ID_TEXT];
    char reserve[SIL_ID_TEXT];
    char root[2 * SIL_HASH_BYTES + 1];
    struct sil_cumulative claim;
    json_t *json = NULL;
    sil_id_print(ledger, &stamp->ledger);
    sil_id_print(reserve, &stamp->reserve);
    sil_hash_hex(root, stamp->root.bytes);
    sil_cumulative_init(&claim);
    if (sil_stamp_claim(&claim, stamp, &transcript->terms.unit,
                        transcript->terms.neighbours, NULL) == SIL_OK) {
        json = json_pack("{s:s, s:s, s:I, s:s, s:s, s:o, s:o, s:o, s:b}", "id", ledger,
                         "reserve", reserve, "size", (json_int_t)stamp->size, "root",
                         root, "data_label", stamp->data_label, "delta",
                         sil_json_rounded(claim.delta.v), "reserved",
                         json_bound(&claim.reserved), "cap", json_bound(&claim.cap),
                         "roles_shared", (int)stamp->is_shared);
    }
    sil_cumulative_clear(&claim);
    return json;
}

static json_t *json_run_claim(const struct sil_model *model)
{
    const struct sil_terms *terms = &model->transcript.terms;
    return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:b}", "text",
                     sil_model_claim(model), "unit", sil_json_unit(&terms->unit),
                     "neighbours", sil_neighbours_name(terms->neighbours), "epsilon",
                     sil_json_rounded(terms->certified.v), "delta",
                     sil_json_rounded(terms->delta.v), "rho",
                     sil_json_rational(terms->cap.v), "rho_spent",
                     sil_json_rational(model->transcript.spent.v), "ledgered",
                     (int)model->transcript.is_ledgered);
}

/* Of a ledgered model, what the transcript says of its ledger stands under "ledger". */
static json_t *json_claim(const struct sil_model *model)
{
    json_t *claim = json_run_claim(model);
    if (model->transcript.is_ledgered && claim != NULL &&
        json_object_set_new(claim, "ledger", json_stamp(&model->transcript)) != 0) {
        json_decref(claim);
        claim = NULL;
    }
    return claim;
}

static json_t *json_plan(const struct sil_terms *terms)
{
    json_t *json = json_pack(
        "{s:s, s:s, s:I, s:I, s:o}", "mechanism", sil_mechanism_name(terms->mechanism),
        "workload", terms->workload_name, "max_cells", (json_int_t)terms->max_cells,
        "max_model_mb", (json_int_t)terms->max_model_mb, "epsilon",
        sil_json_rational(terms->epsilon.v));
    if (terms->n_open > 0 &&
        json_object_set_new(json, "discovery_delta",
                            sil_json_rational(terms->discovery.v)) != 0) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

static json_t *json_selection(const struct sil_release *line, json_t *columns)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:I}", "mechanism", "exponential",
                     "attributes", columns, "rho", sil_json_rational(line->rho.v),
                     "epsilon", sil_json_rational(line->epsilon.v), "candidates",
                     (json_int_t)line->n_candidates);
}

static json_t *json_measurement(const struct sil_model *model,
                                const struct sil_release *line, json_t *columns)
{
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:f, s:I, s:f}", "mechanism", "rounded-gaussian",
        "attributes", columns, "rho", sil_json_rational(line->rho.v), "sigma_squared",
        sil_json_rational(line->sigma2.v), "sigma",
        sil_standard_deviation(&line->sigma2), "cells", (json_int_t)line->n_cells,
        "noise_error", noise_error(model, line));
}

/* How many groups the values of each column were taken into: all of them, when not
 * grouped. */
static json_t *json_groups(const struct sil_model *model,
                           const struct sil_release *line)
{
    json_t *groups = json_array();
    int failed = 0;
    for (uint32_t k = 0; k < line->clique.n; k++) {
        uint32_t n = line->of != NULL ? line->of[k].n_groups
                                      : model->domain.sizes[line->clique.attr[k]];
        failed |= json_array_append_new(groups, json_integer(n));
    }
    if (failed != 0) {
        json_decref(groups);
        return NULL;
    }
    return groups;
}

/* The penalty of a score, in counts. */
static json_t *json_penalty(const struct sil_release *line)
{
    json_t *json = NULL;
    mpq_t penalty;
    mpq_init(penalty);
    mpq_set_si(penalty, line->penalty, 1);
    mpq_div_2exp(penalty, penalty, SIL_SCORE_BITS);
    json = sil_json_rational(penalty);
    mpq_clear(penalty);
    return json;
}

/* What a line of Mosaic says besides. */
static int add_mosaic(json_t *json, const struct sil_model *model, size_t i)
{
    const struct sil_release *line = &model->transcript.line[i];
    int failed = json_object_set_new(json, "phase", json_integer(phase_of(model, i)));
    failed |= json_object_set_new(json, "groups", json_groups(model, line));
    if (line->kind == SIL_RELEASE_SELECT) {
        failed |= json_object_set_new(json, "weight", json_integer(line->weight));
        failed |= json_object_set_new(json, "penalty", json_penalty(line));
    }
    return failed;
}

static json_t *json_release(const struct sil_model *model, size_t i)
{
    const struct sil_release *line = &model->transcript.line[i];
    json_t *columns = sil_json_columns(model->transcript.schema, &line->clique);
    json_t *json = line->kind == SIL_RELEASE_SELECT
                       ? json_selection(line, columns)
                       : json_measurement(model, line, columns);
    if (is_mosaic(model) && add_mosaic(json, model, i) != 0) {
        json_decref(json);
        json = NULL;
    }
    return json;
}

static json_t *json_found(const struct sil_discovery *discovery)
{
    json_t *list = json_array();
    double unit = 1 / (double)(UINT64_C(1) << discovery->shift);
    int failed = 0;
    for (size_t i = 0; i < discovery->n; i++) {
        const struct sil_found *found = &discovery->found[i];
        failed |= json_array_append_new(
            list, json_pack("{s:s%, s:f}", "value", found->text, found->length,
                            "noisy_count", (double)found->noisy * unit));
    }
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *json_discovery(const struct sil_model *model, size_t i)
{
    const struct sil_discovery *discovery = &model->transcript.discovery[i];
    const struct sil_clique column = sil_clique_single(discovery->attr);
    json_t *json = NULL;
    mpq_t threshold;
    mpq_init(threshold);
    sil_threshold_value(threshold, discovery);
    json = json_pack("{s:s, s:o, s:o, s:o, s:o, s:f, s:o, s:o}", "mechanism",
                     "gaussian-threshold", "attributes",
                     sil_json_columns(model->transcript.schema, &column), "rho",
                     sil_json_rational(discovery->rho.v), "delta",
                     sil_json_rational(discovery->delta.v), "sigma_squared",
                     sil_json_rational(discovery->sigma2.v), "sigma",
                     sil_standard_deviation(&discovery->sigma2), "threshold",
                     sil_json_rational(threshold), "found", json_found(discovery));
    mpq_clear(threshold);
    return json;
}

/* What a question is put to. */
static json_t *json_answers(const struct sil_model *model)
{
    return is_mosaic(model)
               ? json_pack("{s:s, s:s}", "from", "rows", "why", why_rows(model))
               : json_pack("{s:s}", "from", "model");
}

static json_t *json_field(const struct sil_model *model, uint32_t attr)
{
    const struct sil_field *field = sil_schema_field(model->transcript.schema, attr);
    struct sil_bytes words = {0};
    json_t *json = NULL;
    if (sil_field_describe(&words, field, NULL) == SIL_OK && words.length > 0) {
        json = json_pack("{s:s, s:I, s:b, s:s#}", "name",
                         sil_schema_field_name(model->transcript.schema, attr), "cells",
                         (json_int_t)model->domain.sizes[attr], "looked",
                         (int)sil_field_was_looked_at(field), "declared",
                         (const char *)words.data, words.length - 1);
    }
    sil_bytes_clear(&words);
    return json;
}

static json_t *json_recomputed(const struct sil_schema *schema)
{
    const uint32_t n = sil_schema_n_columns(schema);
    json_t *list = json_array();
    int failed = list == NULL;
    for (uint32_t c = sil_schema_n_fields(schema); c < n; c++) {
        failed |= json_array_append_new(
            list, json_pack("{s:s, s:s}", "name", sil_schema_field_name(schema, c),
                            "recomputed", sil_schema_recomputed(schema, c)->said));
    }
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static sil_status inspect_json(char **text, const struct sil_model *model,
                               struct sil_error *err)
{
    char hex[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(hex, model->hash);
    json_t *warnings = json_array();
    json_t *releases = json_array();
    json_t *fields = json_array();
    int failed = 0;
    for (size_t i = 0; i < model->warnings.n; i++) {
        failed |= json_array_append_new(warnings, json_string(model->warnings.text[i]));
    }
    for (size_t i = 0; i < model->transcript.n_discoveries; i++) {
        failed |= json_array_append_new(releases, json_discovery(model, i));
    }
    for (size_t i = 0; i < model->transcript.n_levels; i++) {
        failed |= json_array_append_new(releases,
                                        sil_learning_json_level(&model->transcript, i));
    }
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        failed |= json_array_append_new(releases, json_release(model, i));
    }
    for (uint32_t a = 0; a < model->domain.n_attrs; a++) {
        failed |= json_array_append_new(fields, json_field(model, a));
    }
    json_t *root = json_pack(
        "{s:s, s:i, s:i, s:o, s:o, s:I, s:I, s:o, s:s, s:o, s:o, s:o}", "kind",
        "silhouette/model", "version", SIL_TRANSCRIPT_VERSION, "replay",
        (int)model->transcript.terms.replay, "claim", json_claim(model), "plan",
        json_plan(&model->transcript.terms), "rows", (json_int_t)model->rows,
        "tree_cells", (json_int_t)sil_gm_tree_cells(sil_model_tree(model)), "answers",
        json_answers(model), "transcript_blake2b", hex, "warnings", warnings,
        "releases", releases, "fields", fields);
    const struct sil_schema *schema = model->transcript.schema;
    if (sil_schema_n_columns(schema) > sil_schema_n_fields(schema)) {
        failed |= json_object_set_new(root, "recomputed", json_recomputed(schema));
    }
    return sil_json_finish(text, root, failed, err);
}

sil_status sil_model_inspect(char **text, const struct sil_model *model, bool as_json,
                             struct sil_error *err)
{
    *text = NULL;
    return as_json ? inspect_json(text, model, err) : inspect_text(text, model, err);
}
