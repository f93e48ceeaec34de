// SPDX-License-Identifier: Apache-2.0
#include "audits/order/recomputed.h"

#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

static sil_status bad(struct sil_error *err, const char *name)
{
    return sil_fail(err, SIL_ERR_CHECK,
                    "what the schema says of the column %.60s cannot be read", name);
}

/* ---- cells ---- */

static uint32_t null_of(const struct aud_field *field)
{
    return field->is_required ? AUD_NO_CELL : field->n_cells - 1;
}

static uint32_t other_of(const struct aud_field *field)
{
    return field->other == NULL ? AUD_NO_CELL : field->n_plain;
}

static uint32_t number_cell(const struct aud_field *field, const char *text)
{
    uint32_t cell = AUD_NO_CELL;
    mpq_t value;
    mpq_init(value);
    if (aud_parse_value(value, field->type, '.', text)) {
        cell = aud_field_value_cell(field, value);
    }
    mpq_clear(value);
    return cell;
}

/* The cell of a listed value, or of `other`, as the schema writes it. */
static uint32_t cell_of_text(const struct aud_field *field, const char *text)
{
    if (field->other != NULL && strcmp(field->other, text) == 0) {
        return other_of(field);
    }
    if (field->type != AUD_STRING && field->type != AUD_BOOLEAN) {
        return number_cell(field, text);
    }
    return aud_field_text_cell(field, text, strlen(text));
}

static uint32_t cell_of_json(const struct aud_field *field, const json_t *json)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    if (json_is_null(json)) {
        return null_of(field);
    }
    if (json_is_boolean(json)) {
        return field->type == AUD_BOOLEAN ? (uint32_t)json_is_true(json) : AUD_NO_CELL;
    }
    const char *text = json == NULL ? NULL : sil_json_decimal(json, buffer);
    return text == NULL ? AUD_NO_CELL : cell_of_text(field, text);
}

/* ---- reading ---- */

static sil_status read_cuts(struct aud_recomputed *out, const struct aud_field *from,
                            const json_t *cuts, struct sil_error *err)
{
    sil_status status =
        sil_alloc(&out->cut, json_array_size(cuts), sizeof *out->cut, "the rules", err);
    for (size_t i = 0; status == SIL_OK && i < json_array_size(cuts); i++) {
        mpq_init(out->cut[out->n_cuts++]);
        if (aud_field_json_value(out->cut[i], from, json_array_get(cuts, i), err) !=
                SIL_OK ||
            (i > 0 && mpq_cmp(out->cut[i - 1], out->cut[i]) >= 0)) {
            return bad(err, from->name);
        }
    }
    return status;
}

static sil_status make_cells(struct aud_recomputed *out, size_t n,
                             struct sil_error *err)
{
    sil_status status = sil_alloc(&out->cell, n, sizeof *out->cell, "the rules", err);
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        out->cell[i] = out->default_cell;
    }
    out->n_cells = n;
    return status;
}

static sil_status read_map(struct aud_recomputed *out, const struct aud_field *from,
                           const struct aud_field *to, const json_t *map,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *key;
    json_t *value;
    SIL_TRY(make_cells(out, from->n_plain, err));
    json_object_foreach((json_t *)(uintptr_t)map, key, value)
    {
        uint32_t cell = cell_of_text(from, key);
        uint32_t *slot = cell == other_of(from) ? &out->other_cell
                         : cell < out->n_cells  ? &out->cell[cell]
                                                : NULL;
        if (slot == NULL || cell == AUD_NO_CELL) {
            return bad(err, to->name);
        }
        *slot = cell_of_json(to, value);
    }

cleanup:
    return status;
}

static sil_status read_ranges(struct aud_recomputed *out, const struct aud_field *from,
                              const struct aud_field *to, const json_t *json,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *values = json_object_get(json, "values");
    SIL_TRY(read_cuts(out, from, json_object_get(json, "cuts"), err));
    SIL_TRY(make_cells(out, out->n_cuts + 1, err));
    if (out->n_cuts == 0 || json_array_size(values) != out->n_cells) {
        return bad(err, to->name);
    }
    for (size_t i = 0; i < out->n_cells; i++) {
        out->cell[i] = cell_of_json(to, json_array_get(values, i));
    }

cleanup:
    return status;
}

/* Everything that a row can show gives something. */
static bool is_whole(const struct aud_recomputed *item, const struct aud_field *from)
{
    bool is = (from->is_required || item->null_cell != AUD_NO_CELL) &&
              (from->other == NULL || item->other_cell != AUD_NO_CELL) &&
              (!from->is_open || item->default_cell != AUD_NO_CELL);
    for (size_t i = 0; i < item->n_cells; i++) {
        is = is && item->cell[i] != AUD_NO_CELL;
    }
    return is;
}

static size_t field_of(const struct aud_table *table, const json_t *name)
{
    size_t i = 0;
    const char *text = json_string_value(name);
    while (i < table->n_columns &&
           (text == NULL || strcmp(table->field[i].name, text) != 0)) {
        i++;
    }
    return i;
}

static sil_status read_determines(struct aud_recomputed *out, const json_t *json,
                                  const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *map = json_object_get(json, "map");
    const json_t *null = json_object_get(json, "null");
    out->from = field_of(table, json_object_get(json, "from"));
    if (out->from >= table->n_fields) {
        return bad(err, "that another one follows from");
    }
    const struct aud_field *from = &table->field[out->from];
    const struct aud_field *to = &table->field[out->to];
    out->default_cell = cell_of_json(to, json_object_get(json, "default"));
    out->other_cell = out->default_cell;
    out->null_cell = null != NULL                 ? cell_of_json(to, null)
                     : null_of(to) != AUD_NO_CELL ? null_of(to)
                                                  : out->default_cell;
    SIL_TRY(map != NULL ? read_map(out, from, to, map, err)
                        : read_ranges(out, from, to, json, err));
    status = is_whole(out, from) ? SIL_OK : bad(err, to->name);

cleanup:
    return status;
}

/* Whole numbers, dates or datetimes with bounds, which have a policy for what lies outside. */
static sil_status read_derive(struct aud_recomputed *out, const json_t *json,
                              const struct aud_table *table, struct sil_error *err)
{
    const char *text = json_string_value(json_object_get(json, "as"));
    const struct aud_field *to = &table->field[out->to];
    bool is_bound = !to->is_closed && to->n_values >= 2 && to->outside != AUD_DROP;
    out->is_sum = true;
    sil_status status = aud_sum_read(&out->sum, text == NULL ? "" : text, table, err);
    return status == SIL_OK && !is_bound ? bad(err, to->name) : status;
}

static sil_status read_item(struct aud_recomputing *all, const json_t *rule,
                            const struct aud_table *table, struct sil_error *err)
{
    struct aud_recomputed *out = &all->item[all->n++];
    const json_t *map = json_object_get(rule, "determines");
    const json_t *sum = json_object_get(rule, "derive");
    out->to = field_of(table, map != NULL ? json_object_get(map, "to")
                                          : json_object_get(sum, "column"));
    if (out->to >= table->n_columns) {
        return bad(err, "that is recomputed");
    }
    return map != NULL ? read_determines(out, map, table, err)
                       : read_derive(out, sum, table, err);
}

sil_status aud_recomputing_read(struct aud_recomputing *out, const char *schema,
                                size_t length, const struct aud_table *table,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *root = NULL;
    *out = (struct aud_recomputing){.n = 0};
    mpq_inits(out->shown.value, out->value, (mpq_ptr)NULL);
    SIL_TRY(sil_json_parse(&root, schema, length, "schema.json", err));
    const json_t *list = json_object_get(json_object_get(root, "silhouette"), "rules");
    SIL_TRY(sil_alloc(&out->item, json_array_size(list), sizeof *out->item, "the rules",
                      err));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *rule = json_array_get(list, i);
        if (aud_recomputed_name(rule) != NULL) {
            SIL_TRY(read_item(out, rule, table, err));
        }
    }

cleanup:
    json_decref(root);
    return status;
}

void aud_recomputing_clear(struct aud_recomputing *recomputing)
{
    for (size_t i = 0; i < recomputing->n; i++) {
        struct aud_recomputed *item = &recomputing->item[i];
        for (size_t k = 0; k < item->n_cuts; k++) {
            mpq_clear(item->cut[k]);
        }
        free(item->cut);
        free(item->cell);
        if (item->is_sum) {
            aud_sum_clear(&item->sum);
        }
    }
    free(recomputing->item);
    mpq_clears(recomputing->shown.value, recomputing->value, (mpq_ptr)NULL);
}

size_t aud_recomputed_n_from(const struct aud_recomputed *item)
{
    return item->is_sum ? item->sum.n : 1;
}

size_t aud_recomputed_from(const struct aud_recomputed *item, size_t k)
{
    return item->is_sum ? item->sum.field[k] : item->from;
}

/* ---- rows ---- */

/* Of a listed value. Nothing is kept of texts: a hostile file has as many as it likes. */
static uint32_t cell_shown(const struct aud_field *field, const struct aud_shown *shown)
{
    switch (shown->kind) {
    case AUD_SHOWS_TEXT:
    case AUD_SHOWS_WORD: return aud_field_text_cell(field, shown->text, shown->length);
    case AUD_SHOWS_NUMBER: return aud_field_value_cell(field, shown->value);
    case AUD_SHOWS_NOTHING:
    case AUD_SHOWS_NULL:
    case AUD_SHOWS_OTHER: break;
    }
    return AUD_NO_CELL;
}

/* The cell that a text stands for itself, not by what becomes of texts outside the domain. */
static uint32_t strict_cell(const struct aud_field *field, const struct aud_text *text,
                            struct aud_shown *shown)
{
    aud_shown_read(shown, field, text->text, text->length);
    switch (shown->kind) {
    case AUD_SHOWS_NULL: return null_of(field);
    case AUD_SHOWS_OTHER: return other_of(field);
    case AUD_SHOWS_TEXT:
    case AUD_SHOWS_WORD:
    case AUD_SHOWS_NUMBER:
    case AUD_SHOWS_NOTHING: break;
    }
    return cell_shown(field, shown);
}

static uint32_t cell_of_range(const struct aud_recomputed *item, const mpq_t value)
{
    size_t below = aud_edge_below(item->cut, item->n_cuts, value);
    bool is_lowest = below == 0 && mpq_cmp(value, item->cut[0]) < 0;
    return item->cell[is_lowest ? 0 : below + 1];
}

/* What a listed value of the source gives, or one that may have been found. */
static uint32_t expect_of_map(const struct aud_recomputed *item,
                              const struct aud_field *from,
                              const struct aud_shown *shown)
{
    const uint32_t cell = cell_shown(from, shown);
    if (cell < item->n_cells) {
        return item->cell[cell];
    }
    return aud_field_may_find(from, shown->text, shown->length) ? item->default_cell
                                                                : AUD_NO_CELL;
}

/* What a text of the source gives; one that is no value gives no cell. */
static uint32_t expect(const struct aud_recomputed *item, const struct aud_field *from,
                       const struct aud_text *text, struct aud_shown *shown)
{
    aud_shown_read(shown, from, text->text, text->length);
    if (shown->kind == AUD_SHOWS_NULL) {
        return from->is_required ? AUD_NO_CELL : item->null_cell;
    }
    if (shown->kind == AUD_SHOWS_OTHER) {
        return item->other_cell;
    }
    if (item->n_cuts == 0) {
        return expect_of_map(item, from, shown);
    }
    return shown->kind == AUD_SHOWS_NUMBER ? cell_of_range(item, shown->value)
                                           : AUD_NO_CELL;
}

bool aud_recomputed_follows(struct aud_recomputing *recomputing, size_t n,
                            const struct aud_table *table, const struct aud_text *from,
                            const struct aud_text *to)
{
    const struct aud_recomputed *item = &recomputing->item[n];
    struct aud_shown *shown = &recomputing->shown;
    if (item->is_sum) {
        return aud_sum_follows(&item->sum, table, from, &table->field[item->to], to,
                               shown, recomputing->value);
    }
    const uint32_t expected = expect(item, &table->field[item->from], from, shown);
    return expected != AUD_NO_CELL &&
           strict_cell(&table->field[item->to], to, shown) == expected;
}
