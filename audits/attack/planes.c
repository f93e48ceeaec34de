// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/planes.h"

#include "audits/attack/lots.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void aud_planes_clear(struct aud_planes *planes)
{
    free(planes->plane);
    free(planes->bytes);
    *planes = (struct aud_planes){0};
}

static enum aud_plane_kind kind_of(const struct aud_column *column)
{
    if (column->is_ordered) {
        return column->n_codes > AUD_GRID + 1 ? AUD_PLANE_GAPS : AUD_PLANE_NUMBERS;
    }
    return column->n_codes > UINT8_MAX + 1 ? AUD_PLANE_WIDE : AUD_PLANE_NAMES;
}

/* Bytes of each plane: rows, padded so that the kernel may read whole registers. */
static sil_status allocate(struct aud_planes *out, const struct aud_tables *tables,
                           const uint32_t *columns, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t stride = (out->n_rows + AUD_LANES - 1) / AUD_LANES * AUD_LANES;
    size_t bytes = 0;
    SIL_TRY(
        sil_alloc(&out->plane, out->n_planes, sizeof *out->plane, "distances", err));
    if (!sil_mul_size(&bytes, 2 * out->n_planes, stride)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: distances");
    }
    SIL_TRY(sil_alloc_aligned(&out->bytes, bytes, 1, "distances", err));
    for (size_t i = 0; i < out->n_planes; i++) {
        struct aud_plane *plane = &out->plane[i];
        plane->kind = kind_of(&tables->column[columns[i]]);
        plane->first = out->bytes + 2 * i * stride;
        if (plane->kind == AUD_PLANE_GAPS || plane->kind == AUD_PLANE_WIDE) {
            plane->second = out->bytes + (2 * i + 1) * stride;
        }
    }

cleanup:
    return status;
}

/* The two bytes of a code. */
static void split(uint8_t byte[2], enum aud_plane_kind kind, uint32_t code)
{
    if (kind == AUD_PLANE_NAMES || kind == AUD_PLANE_WIDE) {
        byte[0] = (uint8_t)(code & UINT8_MAX);
        byte[1] = (uint8_t)(code >> 8);
        return;
    }
    const uint32_t unit = AUD_GRID / AUD_STEPS;
    bool is_number = code <= AUD_GRID;
    byte[0] = is_number ? (uint8_t)((code + unit / 2) / unit) : 0;
    byte[1] = is_number ? 0 : (uint8_t)(code - AUD_GRID);
}

static void put(struct aud_planes *out, size_t plane, size_t row, uint32_t code)
{
    uint8_t byte[2];
    size_t at = (size_t)(out->plane[plane].first - out->bytes) + row;
    split(byte, out->plane[plane].kind, code);
    out->bytes[at] = byte[0];
    if (out->plane[plane].second != NULL) {
        at = (size_t)(out->plane[plane].second - out->bytes) + row;
        out->bytes[at] = byte[1];
    }
}

static size_t count(const struct aud_tables *tables, const struct aud_choice *choice)
{
    size_t n = 0;
    for (unsigned t = choice->first; t <= (unsigned)choice->last; t++) {
        n += tables->rows[t].n;
    }
    return choice->list != NULL ? choice->n : n;
}

uint32_t aud_choice_code(const struct aud_tables *tables,
                         const struct aud_choice *choice, size_t column, size_t i)
{
    size_t row = choice->list != NULL ? choice->list[i] : i;
    unsigned table = choice->first;
    while (row >= tables->rows[table].n && table < (unsigned)choice->last) {
        row -= tables->rows[table++].n;
    }
    return tables->rows[table].code[column][row];
}

sil_status aud_planes_make(struct aud_planes *out, const struct aud_tables *tables,
                           const struct aud_choice *choice, const uint32_t *columns,
                           size_t n_columns, struct sil_error *err)
{
    *out = (struct aud_planes){.n_rows = count(tables, choice), .n_planes = n_columns};
    sil_status status = allocate(out, tables, columns, err);
    if (status != SIL_OK) {
        aud_planes_clear(out);
        return status;
    }
    for (size_t i = 0; i < n_columns; i++) {
        for (size_t row = 0; row < out->n_rows; row++) {
            put(out, i, row, aud_choice_code(tables, choice, columns[i], row));
        }
    }
    return SIL_OK;
}

sil_status aud_planes_random(struct aud_planes *out, const struct aud_tables *tables,
                             const uint32_t *columns, size_t n_rows, uint64_t seed,
                             struct sil_error *err)
{
    struct aud_lots lots = {seed};
    *out = (struct aud_planes){.n_rows = n_rows, .n_planes = tables->n_columns};
    sil_status status = allocate(out, tables, columns, err);
    if (status != SIL_OK) {
        aud_planes_clear(out);
        return status;
    }
    for (size_t i = 0; i < out->n_planes; i++) {
        for (size_t row = 0; row < n_rows; row++) {
            uint32_t n_codes = tables->column[columns[i]].n_codes;
            put(out, i, row, aud_lots_below(&lots, n_codes));
        }
    }
    return SIL_OK;
}
