// SPDX-License-Identifier: Apache-2.0
/* datasheet.json. Numbers of the claim are strings; no number is a binary fraction. */
#include "base/fail.h"
#include "codec/json.h"
#include "release/datasheet.h"
#include "release/statement_parts.h"
#include "synth/measurements.h"
#include "synth/model_object.h"
#include "synth/report.h"

#include <stdio.h>

/* An array of `n` elements that `make` gives; NULL when there is no memory. */
typedef json_t *make_fn(const struct sil_datasheet *sheet, size_t i);

static json_t *json_list(const struct sil_datasheet *sheet, size_t n, make_fn *make)
{
    json_t *list = json_array();
    int failed = list == NULL;
    for (size_t i = 0; i < n && failed == 0; i++) {
        failed |= json_array_append_new(list, make(sheet, i));
    }
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *json_time(uint64_t seconds)
{
    char text[SIL_TIME_BYTES];
    sil_time_text(text, seconds);
    return json_string(text);
}

/* ---- the release ---- */

static json_t *json_release(const struct sil_record *record)
{
    char id[SIL_ID_TEXT];
    const struct sil_choices *choices = &record->choices;
    sil_id_print(id, &record->id);
    json_t *json = json_pack("{s:s, s:I, s:s, s:I, s:s, s:I}", "id", id, "rows",
                             (json_int_t)choices->n_rows, "rows_from",
                             choices->has_rows ? "operator" : "private-estimate",
                             "columns", (json_int_t)record->rows->n_attrs, "seed_from",
                             choices->has_seed ? "operator" : "transcript",
                             "estimated_rows", (json_int_t)record->model->rows);
    if (json != NULL && sil_choices_are_made(choices) &&
        json_object_set_new(json, "made_to_order", sil_statement_order(choices)) != 0) {
        json_decref(json);
        json = NULL;
    }
    if (json != NULL && record->drawn.n_rules > 0 &&
        json_object_set_new(json, "rules", sil_statement_rules(&record->drawn)) != 0) {
        json_decref(json);
        json = NULL;
    }
    if (json != NULL && choices->has_seed) {
        char seed[SIL_COUNT_BYTES];
        (void)snprintf(seed, sizeof seed, "%lu", (unsigned long)choices->seed);
        if (json_object_set_new(json, "seed", json_string(seed)) != 0) {
            json_decref(json);
            json = NULL;
        }
    }
    return json;
}

/* ---- where it comes from ---- */

static json_t *json_key(const struct sil_datasheet *sheet, size_t i)
{
    const struct sil_chain_key *key = &sheet->record->chain->key[i];
    char id[SIL_ID_TEXT];
    sil_id_print(id, &key->key.id);
    return json_pack("{s:s, s:s, s:s, s:I, s:b}", "role", sil_role_name(key->key.role),
                     "name", key->key.name, "id", id, "from", (json_int_t)key->from,
                     "revoked", (int)(key->until != UINT64_MAX));
}

static json_t *json_ledger(const struct sil_datasheet *sheet)
{
    const struct sil_record *record = sheet->record;
    const struct sil_genesis *genesis = &record->chain->genesis.genesis;
    char ledger[SIL_ID_TEXT];
    char reserve[SIL_ID_TEXT];
    char root[2 * SIL_HASH_BYTES + 1];
    sil_id_print(ledger, &record->chain->ledger);
    sil_id_print(reserve, &record->reserve->id);
    sil_hash_hex(root, record->root.bytes);
    return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:I, s:b, s:s, s:s, s:o}", "id",
                     ledger, "origin", record->origin, "data_label",
                     genesis->data_label, "entries", (json_int_t)record->size, "root",
                     root, "reserve", reserve, "approvals_needed",
                     (json_int_t)record->chain->thresholds.authority, "roles_shared",
                     (int)record->cumulative.is_shared, "founded_with", genesis->tool,
                     "founded_with_version", genesis->version, "keys",
                     json_list(sheet, record->chain->n_keys, json_key));
}

static json_t *json_reserve(const struct sil_datasheet *sheet, size_t i)
{
    const struct sil_chain *chain = sheet->record->chain;
    const struct sil_chain_reserve *reserve = &chain->reserve[i];
    return json_pack("{s:I, s:o, s:o, s:s, s:b, s:b}", "entry",
                     (json_int_t)reserve->seq, "time", json_time(reserve->time), "rho",
                     sil_json_rational(reserve->rho.v), "purpose",
                     chain->grant[reserve->grant].purpose, "measured",
                     (int)(reserve->n_measures > 0), "this_release",
                     (int)(reserve == sheet->record->reserve));
}

static json_t *json_budget(const struct sil_datasheet *sheet)
{
    const struct sil_chain *chain = sheet->record->chain;
    return json_pack("{s:o, s:o, s:o}", "cap",
                     sil_json_rational(chain->genesis.genesis.cap_rho.v), "reserved",
                     sil_json_rational(chain->reserved.v), "runs",
                     json_list(sheet, chain->n_reserves, json_reserve));
}

/* ---- what was measured ---- */

static json_t *json_line(const struct sil_datasheet *sheet, size_t i)
{
    const struct sil_transcript *transcript = &sheet->record->model->transcript;
    const struct sil_release *line = &transcript->line[i];
    json_t *columns = sil_json_columns(transcript->schema, &line->clique);
    return line->kind == SIL_RELEASE_MEASURE
               ? json_pack("{s:s, s:o, s:I, s:b, s:o, s:o}", "mechanism",
                           "rounded-gaussian", "columns", columns, "cells",
                           (json_int_t)line->n_cells, "grouped",
                           (int)(line->of != NULL), "sigma_squared",
                           sil_json_rational(line->sigma2.v), "rho",
                           sil_json_rational(line->rho.v))
               : json_pack("{s:s, s:o, s:I, s:o, s:o}", "mechanism", "exponential",
                           "columns", columns, "candidates",
                           (json_int_t)line->n_candidates, "epsilon",
                           sil_json_rational(line->epsilon.v), "rho",
                           sil_json_rational(line->rho.v));
}

/* ---- columns ---- */

static json_t *json_bars(const struct sil_picture *picture)
{
    json_t *list = json_array();
    int failed = list == NULL;
    for (uint32_t i = 0; i < picture->n_bars; i++) {
        const struct sil_bar *bar = &picture->bar[i];
        failed |= json_array_append_new(
            list, json_pack("{s:s, s:I, s:I}", "label", bar->label, "cells",
                            (json_int_t)bar->n_cells, "rows", (json_int_t)bar->count));
    }
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *json_column(const struct sil_datasheet *sheet, size_t i)
{
    const struct sil_schema *schema = sheet->record->model->transcript.schema;
    const struct sil_field *field = sil_schema_field(schema, (uint32_t)i);
    struct sil_bytes words = {0};
    json_t *json = NULL;
    if (sil_field_describe(&words, field, NULL) == SIL_OK && words.length > 0) {
        json = json_pack("{s:s, s:I, s:b, s:s#, s:o}", "name",
                         sil_datasheet_column(sheet, (uint32_t)i), "cells",
                         (json_int_t)sheet->picture[i].n_cells, "looked",
                         (int)sil_field_was_looked_at(field), "declared",
                         (const char *)words.data, words.length - 1, "histogram",
                         json_bars(&sheet->picture[i]));
    }
    sil_bytes_clear(&words);
    return json;
}

static json_t *json_association_row(const struct sil_datasheet *sheet, size_t i)
{
    json_t *list = json_array();
    int failed = list == NULL;
    for (size_t j = 0; j < i; j++) {
        failed |=
            json_array_append_new(list, json_integer(sheet->association.percent[i][j]));
    }
    if (failed != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *json_associated(const struct sil_datasheet *sheet, size_t i)
{
    return json_string(sil_datasheet_column(sheet, sheet->association.attr[i]));
}

static json_t *json_association(const struct sil_datasheet *sheet)
{
    const struct sil_association *association = &sheet->association;
    return json_pack("{s:s, s:I, s:o, s:o}", "measure", "cramers-v-corrected-percent",
                     "rows", (json_int_t)association->n_rows, "columns",
                     json_list(sheet, association->n, json_associated),
                     "lower_triangle",
                     json_list(sheet, association->n, json_association_row));
}

static json_t *json_groups(const struct sil_error_bound *bound)
{
    return bound->clique.n > 1 ? json_pack("[I, I]", (json_int_t)bound->value[0],
                                           (json_int_t)bound->value[1])
                               : json_pack("[I]", (json_int_t)bound->value[0]);
}

/* Of what is not known there is no member. */
static json_t *json_bound(const struct sil_datasheet *sheet, size_t i)
{
    const struct sil_error_bound *bound = &sheet->record->bounds.item[i];
    const struct sil_schema *schema = sheet->record->model->transcript.schema;
    json_t *json =
        json_pack("{s:o, s:s}", "columns", sil_json_columns(schema, &bound->clique),
                  "bound_from", sil_bound_name(bound->kind));
    int failed = json == NULL;
    if (failed == 0 && bound->bound < SIL_ERROR_UNIT) {
        failed |= json_object_set_new(json, "bound", json_integer(bound->bound));
    }
    if (failed == 0 && bound->proved < SIL_ERROR_UNIT) {
        failed |= json_object_set_new(json, "proved", json_integer(bound->proved));
    }
    if (failed == 0 && bound->kind == SIL_BOUND_GROUPED) {
        failed |= json_object_set_new(json, "groups", json_groups(bound));
    }
    if (failed == 0 && mpq_sgn(bound->sigma2.v) > 0) {
        failed |= json_object_set_new(json, "noise", json_integer(bound->noise));
        failed |= json_object_set_new(json, "sigma_squared",
                                      sil_json_rational(bound->sigma2.v));
        failed |= json_object_set_new(json, "measurement",
                                      json_integer((json_int_t)bound->line));
    }
    if (failed != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *json_errors(const struct sil_datasheet *sheet)
{
    return json_pack("{s:s, s:i, s:i, s:o, s:I, s:I}", "measure", "total-variation",
                     "unit", SIL_ERROR_UNIT, "confidence_percent", 95, "marginals",
                     json_list(sheet, sheet->record->bounds.n, json_bound),
                     "pairs_too_large", (json_int_t)sheet->record->bounds.n_large,
                     "pairs_left_out", (json_int_t)sheet->record->bounds.n_left_out);
}

static json_t *json_warning(const struct sil_datasheet *sheet, size_t i)
{
    return json_string(sil_model_warning(sheet->record->model, i));
}

/* ---- all of it ---- */

static json_t *json_sheet(const struct sil_datasheet *sheet)
{
    const struct sil_record *record = sheet->record;
    const struct sil_transcript *transcript = &record->model->transcript;
    char hex[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(hex, record->model->hash);
    return json_pack(
        "{s:s, s:i, s:i, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "kind",
        "silhouette/datasheet", "version", sil_documents_version(&record->choices),
        "replay", (int)transcript->terms.replay, "release", json_release(record),
        "claim", sil_claim_sheet_json(&sheet->claim), "ledger", json_ledger(sheet),
        "budget", json_budget(sheet), "transcript_blake2b", hex, "measurements",
        json_list(sheet, transcript->n_lines, json_line), "columns",
        json_list(sheet, sheet->n_columns, json_column), "association",
        json_association(sheet), "errors", json_errors(sheet), "warnings",
        json_list(sheet, sil_model_n_warnings(record->model), json_warning));
}

sil_status sil_datasheet_json(struct sil_bytes *out, const struct sil_datasheet *sheet,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *json = NULL;
    json = json_sheet(sheet);
    if (json == NULL) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory for the datasheet");
        goto cleanup;
    }
    SIL_TRY(sil_json_dump(out, json, err));
cleanup:
    json_decref(json);
    return status;
}
