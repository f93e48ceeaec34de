// SPDX-License-Identifier: Apache-2.0
#include "release/picture.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/model_object.h"
#include "synth/report.h"
#include "table/schema.h"

#include <stdlib.h>
#include <string.h>

/* Two bars are kept for `other` and null. */
enum { VALUE_BARS = SIL_BARS_MAX - 2 };

/* The cells of a column: its values first, then `other`, then null. */
struct cells {
    const struct sil_field *field;
    uint32_t n;
    uint32_t n_values;
    uint64_t *count; /* rows of each */
};

static sil_status cells_count(struct cells *out, const struct sil_record *record,
                              uint32_t attr, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_model *model = record->model;
    *out = (struct cells){.field = sil_schema_field(model->transcript.schema, attr),
                          .n = model->domain.sizes[attr]};
    out->n_values = out->n;
    while (out->n_values > 0 && (sil_field_is_null(out->field, out->n_values - 1) ||
                                 sil_field_is_other(out->field, out->n_values - 1))) {
        out->n_values--;
    }
    SIL_TRY(sil_alloc(&out->count, out->n, sizeof *out->count, "a picture", err));
    for (size_t row = 0; row < record->rows->n_rows; row++) {
        out->count[sil_codes_get(record->rows, attr, row)]++;
    }
cleanup:
    return status;
}

/* ---- which bar a cell belongs to ---- */

/* Neighbours together, equally many but for the last, so that heights compare. */
static uint32_t cut_in_order(uint8_t *bar_of, uint32_t n_values)
{
    const uint32_t each = (n_values + VALUE_BARS - 1) / VALUE_BARS;
    for (uint32_t code = 0; code < n_values; code++) {
        bar_of[code] = (uint8_t)(code / each);
    }
    return n_values == 0 ? 0 : (n_values - 1) / each + 1;
}

struct ranked {
    uint64_t count;
    uint32_t code;
};

static int by_count(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    return x->code < y->code ? -1 : x->code > y->code;
}

/* The most frequent values in declared order, the rest together behind them. */
static sil_status cut_by_count(uint8_t *bar_of, const struct cells *cells,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct ranked *ranked = NULL;
    uint8_t bar = 0;
    SIL_TRY(sil_alloc(&ranked, cells->n_values, sizeof *ranked, "a picture", err));
    for (uint32_t code = 0; code < cells->n_values; code++) {
        ranked[code] = (struct ranked){cells->count[code], code};
        bar_of[code] = VALUE_BARS - 1;
    }
    qsort(ranked, cells->n_values, sizeof *ranked, by_count);
    for (uint32_t i = 0; i < VALUE_BARS - 1; i++) {
        bar_of[ranked[i].code] = 0;
    }
    for (uint32_t code = 0; code < cells->n_values; code++) {
        if (bar_of[code] == 0) {
            bar_of[code] = bar++;
        }
    }
cleanup:
    free(ranked);
    return status;
}

static sil_status cut(struct sil_picture *out, const struct cells *cells,
                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    out->is_ordered = sil_field_ordered_cells(cells->field) > 0;
    if (out->is_ordered || cells->n_values <= VALUE_BARS) {
        out->n_bars = cut_in_order(out->bar_of, cells->n_values);
    } else {
        SIL_TRY(cut_by_count(out->bar_of, cells, err));
        out->n_bars = VALUE_BARS;
    }
    for (uint32_t code = cells->n_values; code < cells->n; code++) {
        out->bar_of[code] = (uint8_t)out->n_bars++;
    }
cleanup:
    return status;
}

/* ---- labels ---- */

/* The smallest and the largest value of the cells, as they are written. */
static sil_status say_values(struct sil_bytes *out, const struct sil_field *field,
                             uint32_t first, uint32_t last, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t start = out->length;
    SIL_TRY(sil_field_decode(out, field, first, 0, err));
    size_t middle = out->length;
    SIL_TRY(sil_bytes_printf(out, err, " to "));
    size_t second = out->length;
    SIL_TRY(sil_field_decode(out, field, last, UINT64_MAX, err));
    if (first == last && out->length - second == middle - start &&
        memcmp(out->data + start, out->data + second, middle - start) == 0) {
        out->length = middle;
    }
cleanup:
    return status;
}

static sil_status say_label(struct sil_bytes *out, const struct sil_field *field,
                            const struct sil_bar *bar, bool is_rest,
                            struct sil_error *err)
{
    if (sil_field_is_null(field, bar->first)) {
        return sil_bytes_printf(out, err, "(null)");
    }
    if (is_rest) {
        return sil_bytes_printf(out, err, "(%u rarer values)", bar->n_cells);
    }
    sil_status status = say_values(out, field, bar->first, bar->last, err);
    return status == SIL_OK && sil_field_is_other(field, bar->first)
               ? sil_bytes_printf(out, err, " (other)")
               : status;
}

static void fill_bars(struct sil_picture *out, const struct cells *cells)
{
    for (uint32_t code = 0; code < cells->n; code++) {
        struct sil_bar *bar = &out->bar[out->bar_of[code]];
        if (bar->n_cells++ == 0) {
            bar->first = code;
        }
        bar->last = code;
        bar->count += cells->count[code];
    }
}

static sil_status label_bars(struct sil_picture *out, const struct cells *cells,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    for (uint32_t i = 0; i < out->n_bars; i++) {
        struct sil_bar *bar = &out->bar[i];
        bool is_rest = !out->is_ordered && bar->n_cells > 1;
        bar->is_apart = is_rest || bar->first >= cells->n_values;
        SIL_TRY(say_label(&text, cells->field, bar, is_rest, err));
        SIL_TRY(sil_bytes_to_text(&bar->label, &text, err));
    }
cleanup:
    sil_bytes_clear(&text);
    return status;
}

sil_status sil_picture_make(struct sil_picture *out, const struct sil_record *record,
                            uint32_t attr, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct cells cells = {0};
    *out = (struct sil_picture){0};
    SIL_TRY(cells_count(&cells, record, attr, err));
    out->n_cells = cells.n;
    SIL_TRY(sil_alloc(&out->bar_of, cells.n, 1, "a picture", err));
    SIL_TRY(sil_alloc(&out->bar, SIL_BARS_MAX, sizeof *out->bar, "a picture", err));
    SIL_TRY(cut(out, &cells, err));
    fill_bars(out, &cells);
    SIL_TRY(label_bars(out, &cells, err));
cleanup:
    free(cells.count);
    return status;
}

void sil_picture_clear(struct sil_picture *picture)
{
    for (uint32_t i = 0; i < picture->n_bars; i++) {
        free(picture->bar[i].label);
    }
    free(picture->bar);
    free(picture->bar_of);
    *picture = (struct sil_picture){0};
}
