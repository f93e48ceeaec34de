// SPDX-License-Identifier: Apache-2.0
#include "table/write_plan.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    COPY_BYTES = 16,                  ///< a copy of a fixed size is two instructions
    DRAWN_BYTES = SIL_FIELD_BYTES + 3 ///< a value, two quotes, what is behind
};

/* Append the text as it stands in the file. */
static sil_status add_text(struct sil_write_plan *plan, struct sil_cell_text *cell,
                           const struct sil_text *text, char behind,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes *texts = &plan->texts;

    cell->offset = texts->length;
    if (text->length == 0 && plan->n == 1) {
        SIL_TRY(sil_bytes_append(texts, "\"\"", 2, err));
    }
    SIL_TRY(sil_csv_append(texts, text->data, text->length, plan->delimiter, err));
    SIL_TRY(sil_bytes_append(texts, &behind, 1, err));
    cell->length = texts->length - cell->offset;

cleanup:
    return status;
}

static bool may_need_quotes(const struct sil_field *field, char delimiter)
{
    return delimiter == field->point || strchr("0123456789-:TZ", delimiter) != NULL;
}

/* What `other` is written as; the longest of it. */
static sil_status plan_expansion(size_t *most, struct sil_write_plan *plan,
                                 struct sil_column_plan *column, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_expansion *expansion = &column->field->expansion;
    if (expansion->n == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_alloc(&column->expanded, expansion->n, sizeof *column->expanded,
                      "texts of cells", err));
    for (size_t i = 0; i < expansion->n; i++) {
        struct sil_cell_text *cell = &column->expanded[i];
        SIL_TRY(add_text(plan, cell, &expansion->item[i].text, column->behind, err));
        *most = cell->length > *most ? cell->length : *most;
    }

cleanup:
    return status;
}

static sil_status plan_column(struct sil_write_plan *plan,
                              struct sil_column_plan *column, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_field *field = column->field;
    uint32_t n_texts;
    size_t most = 0;

    bool is_drawn = !field->is_closed && column->recomputed == NULL;
    column->has_words = is_drawn || field->expansion.n > 0;
    column->slot = plan->n_slots;
    plan->n_slots += column->has_words;
    if (!field->is_closed) {
        column->n_bins = field->bins.n;
        column->may_need_quotes = may_need_quotes(field, plan->delimiter);
        most = DRAWN_BYTES;
    }
    n_texts = field->n_cells - column->n_bins;
    SIL_TRY(
        sil_alloc(&column->text, n_texts, sizeof *column->text, "texts of cells", err));
    for (uint32_t i = 0; i < n_texts; i++) {
        struct sil_cell_text *cell = &column->text[i];
        SIL_TRY(add_text(plan, cell, sil_field_text(field, column->n_bins + i),
                         column->behind, err));
        most = cell->length > most ? cell->length : most;
    }
    SIL_TRY(plan_expansion(&most, plan, column, err));
    if (!sil_add_size(&plan->row_bytes, plan->row_bytes, most)) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a row of text");
    }

cleanup:
    return status;
}

/* Where the plan has the columns that others are recomputed from. */
static sil_status place_sources(struct sil_write_plan *plan, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *place = NULL;
    SIL_TRY(sil_alloc(&place, plan->n, sizeof *place, "columns to write", err));
    for (uint32_t i = 0; i < plan->n; i++) {
        place[plan->column[i].attr] = i;
    }
    for (uint32_t i = 0; i < plan->n; i++) {
        struct sil_column_plan *column = &plan->column[i];
        for (size_t k = 0;
             column->recomputed != NULL && k < column->recomputed->n_sources; k++) {
            column->source[k] = place[column->recomputed->source[k]];
        }
    }

cleanup:
    free(place);
    return status;
}

/* The column that stands at a place of the schema's list. */
static void order_as_declared(struct sil_write_plan *plan,
                              const struct sil_schema *schema)
{
    for (uint32_t c = 0; c < plan->n; c++) {
        plan->column[sil_schema_position(schema, c)].attr = c;
    }
}

sil_status sil_write_plan_init(struct sil_write_plan *out,
                               const struct sil_schema *schema, const uint32_t *order,
                               char delimiter, struct sil_error *err)
{
    static const char BLANK[COPY_BYTES] = {0};
    sil_status status = SIL_OK;
    struct sil_write_plan plan = {
        .schema = schema, .delimiter = delimiter, .row_bytes = COPY_BYTES};
    uint32_t n = sil_schema_n_columns(schema);
    *out = (struct sil_write_plan){0};

    SIL_TRY(sil_alloc(&plan.column, n, sizeof *plan.column, "columns to write", err));
    plan.n = n;
    order_as_declared(&plan, schema);
    for (uint32_t i = 0; i < n; i++) {
        struct sil_column_plan *column = &plan.column[i];
        column->attr = order != NULL ? order[i] : column->attr;
        column->field = sil_schema_field(schema, column->attr);
        column->recomputed = sil_schema_recomputed(schema, column->attr);
        column->behind = '\n';
        if (i + 1 < n) {
            column->behind = delimiter;
        }
        SIL_TRY(plan_column(&plan, column, err));
    }
    SIL_TRY(place_sources(&plan, err));
    /* The copy of the last text reads beyond it. */
    SIL_TRY(sil_bytes_append(&plan.texts, BLANK, sizeof BLANK, err));
    *out = plan;
    plan = (struct sil_write_plan){0};

cleanup:
    sil_write_plan_clear(&plan);
    return status;
}

void sil_write_plan_clear(struct sil_write_plan *plan)
{
    for (uint32_t i = 0; i < plan->n; i++) {
        free(plan->column[i].text);
        free(plan->column[i].expanded);
    }
    free(plan->column);
    sil_bytes_clear(&plan->texts);
    *plan = (struct sil_write_plan){0};
}

/* What stands around the value that was written from `out` to `end`. */
static char *wrap_value(char *out, char *end, const struct sil_write_plan *plan,
                        const struct sil_column_plan *column)
{
    if (column->may_need_quotes) {
        size_t length = (size_t)(end - out);
        if (memchr(out, plan->delimiter, length) != NULL) {
            (void)memmove(out + 1, out, length);
            *out = '"';
            end[1] = '"';
            end += 2;
        }
    }
    *end = column->behind;
    return end + 1;
}

static char *put_text(char *out, const struct sil_write_plan *plan,
                      const struct sil_column_plan *column, uint32_t code,
                      uint64_t word)
{
    const struct sil_cell_text *cell = &column->text[code - column->n_bins];
    if (column->expanded != NULL && code == column->field->other_code) {
        cell = &column->expanded[sil_expansion_pick(&column->field->expansion, word)];
    }
    const uint8_t *text = plan->texts.data + cell->offset;
    if (cell->length <= COPY_BYTES) {
        (void)memcpy(out, text, COPY_BYTES);
    } else {
        (void)memcpy(out, text, cell->length);
    }
    return out + cell->length;
}

char *sil_write_plan_put(char *out, const struct sil_write_plan *plan,
                         const struct sil_column_plan *column, uint32_t code,
                         uint64_t word)
{
    return code < column->n_bins
               ? wrap_value(out, sil_field_put(out, column->field, code, word), plan,
                            column)
               : put_text(out, plan, column, code, word);
}

char *sil_write_plan_recompute(char *out, const struct sil_write_plan *plan,
                               const struct sil_column_plan *column,
                               const struct sil_shown *shown, uint64_t word)
{
    sil_i128 value = 0;
    uint32_t code =
        sil_recomputed_code(&value, column->recomputed, plan->schema, shown);
    return code < column->n_bins
               ? wrap_value(out, sil_field_put_value(out, column->field, value), plan,
                            column)
               : put_text(out, plan, column, code, word);
}
