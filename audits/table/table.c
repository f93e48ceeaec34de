// SPDX-License-Identifier: Apache-2.0
#include "audits/table/table.h"

#include "audits/table/csv.h"
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 1 << 24 };

/* ---- the columns of a schema ---- */

const char *aud_recomputed_name(const json_t *rule)
{
    const json_t *map = json_object_get(rule, "determines");
    return json_string_value(
        map != NULL ? json_object_get(map, "to")
                    : json_object_get(json_object_get(rule, "derive"), "column"));
}

static const json_t *rules_of(const json_t *root)
{
    return json_object_get(json_object_get(root, "silhouette"), "rules");
}

/* The names that rules have recomputed, each as the key of an object. */
static json_t *names_of(const json_t *rules)
{
    json_t *names = json_object();
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const char *name = aud_recomputed_name(json_array_get(rules, i));
        if (name != NULL) {
            (void)json_object_set_new(names, name, json_true());
        }
    }
    return names;
}

static const json_t *named(const json_t *names, const json_t *field)
{
    const char *name = json_string_value(json_object_get(field, "name"));
    return name == NULL ? NULL : json_object_get(names, name);
}

sil_status aud_count_recomputed(size_t *n, const char *schema, size_t length,
                                struct sil_error *err)
{
    json_t *root = NULL;
    *n = 0;
    sil_status status = sil_json_parse(&root, schema, length, "schema.json", err);
    const json_t *fields = json_object_get(root, "fields");
    json_t *names = names_of(rules_of(root));
    for (size_t i = 0; i < json_array_size(fields); i++) {
        *n += named(names, json_array_get(fields, i)) != NULL;
    }
    json_decref(names);
    json_decref(root);
    return status == SIL_ERR_INPUT ? SIL_OK : status;
}

/* Of a field: what takes memory. A schema of a few MB can ask for as much as one likes. */
static size_t values_of(const struct aud_field *field)
{
    return field->n_texts + field->n_values + field->n_missing + field->n_expanded;
}

/* Fields that are measured or not, in their order. */
static sil_status add_fields(struct aud_table *out, const json_t *root,
                             const json_t *names, bool is_recomputed,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *fields = json_object_get(root, "fields");
    const json_t *missing = json_object_get(root, "missingValues");
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        if ((named(names, field) != NULL) == is_recomputed) {
            SIL_TRY(aud_field_read(&out->field[out->n_columns++], field, missing, err));
            out->n_values += values_of(&out->field[out->n_columns - 1]);
        }
        if (out->n_values > VALUES_MAX) {
            status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                              "schema.json: more than %d values are listed, too many "
                              "to be held here",
                              VALUES_MAX);
            goto cleanup;
        }
    }

cleanup:
    return status;
}

sil_status aud_table_begin(struct aud_table *out, const char *schema, size_t length,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *root = NULL;
    json_t *names = NULL;
    *out = (struct aud_table){0};
    SIL_TRY(sil_json_parse(&root, schema, length, "schema.json", err));
    const json_t *rules = rules_of(root);
    names = names_of(rules);
    SIL_TRY(sil_alloc(&out->field, json_array_size(json_object_get(root, "fields")),
                      sizeof *out->field, "a schema", err));
    SIL_TRY(add_fields(out, root, names, false, err));
    out->n_fields = out->n_columns;
    SIL_TRY(add_fields(out, root, names, true, err));
    for (size_t i = 0; i < json_array_size(rules); i++) {
        bool recomputes = aud_recomputed_name(json_array_get(rules, i)) != NULL;
        out->has_rules = out->has_rules || !recomputes;
    }

cleanup:
    json_decref(names);
    json_decref(root);
    return status;
}

void aud_table_clear(struct aud_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        aud_field_clear(&table->field[i]);
    }
    for (size_t i = 0; table->column != NULL && i < table->n_fields; i++) {
        free(table->column[i]);
    }
    free(table->field);
    free(table->column);
    free(table->record);
    *table = (struct aud_table){0};
}

/* ---- the rows ---- */

/* Of every field, and behind them of the id. */
static sil_status find_columns(size_t *place, const struct aud_table *table,
                               const struct aud_whose *whose, const struct aud_csv *csv,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < table->n_fields; i++) {
        SIL_TRY(aud_csv_find(&place[i], csv, table->field[i].name, err));
    }
    if (whose->id_column != NULL) {
        SIL_TRY(aud_csv_find(&place[table->n_fields], csv, whose->id_column, err));
    }

cleanup:
    return status;
}

static sil_status grow_columns(struct aud_table *table, size_t *capacity,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t wanted = *capacity;
    for (size_t i = 0; i < table->n_fields; i++) {
        wanted = *capacity;
        SIL_TRY(sil_grow(&table->column[i], &wanted, table->n_rows + 1,
                         sizeof(uint32_t), "a table", err));
    }
    wanted = *capacity;
    SIL_TRY(sil_grow(&table->record, &wanted, table->n_rows + 1, sizeof *table->record,
                     "a table", err));
    *capacity = wanted;

cleanup:
    return status;
}

/* Whose the row is that comes next; `*is_row` becomes false when it is nobody's and so
 * none. */
static sil_status note_person(bool *is_row, struct aud_people *people,
                              const struct aud_table *table,
                              const struct aud_whose *whose, const struct aud_text *id,
                              struct sil_error *err)
{
    if (id->length == 0) {
        *is_row = !whose->drops_missing;
        return SIL_OK;
    }
    return aud_people_note(people, id->text, id->length, table->n_rows, err);
}

static sil_status leave_out(struct aud_table *table, struct aud_people *people,
                            const struct aud_whose *whose, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool *is_left_out = NULL;
    size_t n = 0;
    SIL_TRY(sil_alloc(&is_left_out, table->n_rows, sizeof *is_left_out, "rows", err));
    SIL_TRY(aud_people_choose(is_left_out, people, whose, table, err));
    for (size_t row = 0; row < table->n_rows; row++) {
        for (size_t i = 0; i < table->n_fields; i++) {
            table->column[i][n] = table->column[i][row];
        }
        table->record[n] = table->record[row];
        n += !is_left_out[row];
    }
    table->n_rows = n;

cleanup:
    free(is_left_out);
    return status;
}

static sil_status add_record(bool *is_row, struct aud_table *table,
                             const struct aud_csv *csv, const size_t *place,
                             struct sil_error *err)
{
    *is_row = true;
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct aud_text *text = &csv->field[place[i]];
        uint32_t *cell = &table->column[i][table->n_rows];
        sil_status status =
            aud_field_encode(cell, &table->field[i], text->text, text->length, err);
        if (status != SIL_OK) {
            return status;
        }
        *is_row &= *cell != AUD_DROPPED;
    }
    return SIL_OK;
}

/* The row that comes next, as one list of cells and back. */
static sil_status meet(bool *is_row, struct aud_table *table, uint32_t *cells,
                       struct sil_error *err)
{
    for (size_t i = 0; i < table->n_fields; i++) {
        cells[i] = table->column[i][table->n_rows];
    }
    sil_status status = table->meets(is_row, cells, table->meets_context, err);
    for (size_t i = 0; i < table->n_fields; i++) {
        table->column[i][table->n_rows] = cells[i];
    }
    return status;
}

static void count_unlisted(struct aud_table *table)
{
    for (size_t i = 0; i < table->n_fields; i++) {
        struct aud_field *field = &table->field[i];
        for (size_t row = 0; field->is_open && row < table->n_rows; row++) {
            uint32_t cell = table->column[i][row];
            if (cell >= field->n_cells) {
                field->unlisted[cell - field->n_cells].count++;
            }
        }
    }
}

sil_status aud_table_read(struct aud_table *table, const struct sil_bytes *bytes,
                          const struct aud_whose *whose, char delimiter,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    struct aud_people people = {0};
    size_t *place = NULL;
    uint32_t *cells = NULL;
    size_t capacity = 0;
    bool is_end = false;
    aud_csv_begin(&csv, bytes->data, bytes->length, delimiter);
    SIL_TRY(sil_alloc(&place, table->n_fields + 1, sizeof *place, "a table", err));
    SIL_TRY(sil_alloc(&cells, table->n_fields, sizeof *cells, "a table", err));
    SIL_TRY(sil_alloc(&table->column, table->n_fields, sizeof *table->column, "a table",
                      err));
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    SIL_TRY(find_columns(place, table, whose, &csv, err));
    for (uint32_t record = 0;; record++) {
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        SIL_TRY(grow_columns(table, &capacity, err));
        bool is_row = true;
        table->record[table->n_rows] = record;
        SIL_TRY(add_record(&is_row, table, &csv, place, err));
        if (is_row && table->meets != NULL) {
            SIL_TRY(meet(&is_row, table, cells, err));
        }
        if (is_row && whose->id_column != NULL) {
            SIL_TRY(note_person(&is_row, &people, table, whose,
                                &csv.field[place[table->n_fields]], err));
        }
        table->n_rows += is_row;
    }
    if (whose->id_column != NULL) {
        SIL_TRY(leave_out(table, &people, whose, err));
    }
    count_unlisted(table);

cleanup:
    aud_people_clear(&people);
    free(place);
    free(cells);
    aud_csv_clear(&csv);
    return status;
}

static void recode(struct aud_table *table, size_t field, const uint32_t *cells)
{
    for (size_t row = 0; row < table->n_rows; row++) {
        table->column[field][row] = cells[table->column[field][row]];
    }
}

sil_status aud_table_settle(struct aud_table *table, size_t field,
                            const struct aud_text *found, size_t n,
                            struct sil_error *err)
{
    uint32_t *cells = NULL;
    sil_status status = aud_field_settle(&cells, &table->field[field], found, n, err);
    if (status == SIL_OK) {
        recode(table, field, cells);
    }
    free(cells);
    return status;
}

sil_status aud_table_settle_bins(struct aud_table *table, size_t field,
                                 const uint32_t *first, size_t n, struct sil_error *err)
{
    uint32_t *cells = NULL;
    sil_status status =
        aud_field_settle_bins(&cells, &table->field[field], first, n, err);
    if (status == SIL_OK) {
        recode(table, field, cells);
    }
    free(cells);
    return status;
}
