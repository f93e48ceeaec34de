// SPDX-License-Identifier: Apache-2.0
#include "internal/rows.h"

#include "base/fail.h"
#include "base/memory.h"
#include "table/columns.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_FIRST = 1 << 12 };

struct reading {
    struct sil_rows rows;
    struct sil_columns columns;
    uint32_t *codes; ///< of one row
    size_t capacity; ///< rows that the columns have room for
};

/* realloc would leave rows behind in memory that is given back. */
static sil_status grow_column(void **column, uint8_t width, size_t n_rows,
                              size_t capacity, struct sil_error *err)
{
    void *larger = NULL;
    sil_status status = sil_alloc(&larger, capacity, width, "the rows of a table", err);
    if (status != SIL_OK) {
        return status;
    }
    if (*column != NULL) {
        (void)memcpy(larger, *column, n_rows * width);
        explicit_bzero(*column, n_rows * width);
    }
    free(*column);
    *column = larger;
    return SIL_OK;
}

static sil_status grow(struct reading *reading, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_codes *codes = &reading->rows.codes;
    size_t capacity = reading->capacity == 0 ? ROWS_AT_FIRST : 2 * reading->capacity;

    if (codes->n_rows >= SIL_REPORT_ROWS_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "%s: a report compares at most %zu rows: give it fewer",
                        reading->columns.path, SIL_REPORT_ROWS_MAX);
    }
    for (uint32_t a = 0; a < codes->n_attrs; a++) {
        SIL_TRY(grow_column(&codes->column[a], codes->width[a], codes->n_rows, capacity,
                            err));
    }
    reading->capacity = capacity;

cleanup:
    return status;
}

static sil_status add_row(struct reading *reading, struct sil_error *err)
{
    struct sil_codes *codes = &reading->rows.codes;
    if (codes->n_rows == reading->capacity) {
        sil_status status = grow(reading, err);
        if (status != SIL_OK) {
            return status;
        }
    }
    size_t row = codes->n_rows++;
    for (uint32_t a = 0; a < codes->n_attrs; a++) {
        sil_codes_set(codes, a, row, reading->codes[a]);
    }
    return SIL_OK;
}

static void note_outsider(struct sil_outsiders *outside, const struct sil_field *field,
                          uint32_t code)
{
    if (code == SIL_CODE_DROP) {
        outside->dropped++;
    } else if (sil_field_is_null(field, code)) {
        outside->null++;
    } else if (sil_field_is_other(field, code)) {
        outside->other++;
    } else {
        outside->moved++;
    }
}

/* The same map as that of the measured table, value by value; and what it did. */
static bool encode_row(struct reading *reading, const struct sil_csv_field *text)
{
    bool keep = true;
    for (size_t c = 0; c < reading->columns.n; c++) {
        uint32_t f = reading->columns.field[c];
        if (f == SIL_COLUMN_EXTRA) {
            continue;
        }
        const struct sil_field *field = sil_schema_field(reading->columns.schema, f);
        uint32_t code = sil_field_encode(field, text[c].text, text[c].length);
        if (!sil_field_accepts(field, text[c].text, text[c].length)) {
            note_outsider(&reading->rows.outside[f], field, code);
        }
        reading->codes[f] = code;
        keep = keep && code != SIL_CODE_DROP;
    }
    return keep;
}

static sil_status read_all(struct reading *reading, const struct sil_progress *progress,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_csv_field *text;
    uint64_t size = sil_csv_size(reading->columns.reader);
    uint64_t reported = 0;

    SIL_TRY(sil_columns_next(&reading->columns, &text, err));
    while (text != NULL) {
        reading->rows.n_read++;
        if (encode_row(reading, text)) {
            SIL_TRY(add_row(reading, err));
        } else {
            reading->rows.n_dropped++;
        }
        uint64_t bytes = sil_csv_bytes(reading->columns.reader);
        if (bytes != reported) {
            sil_progress(progress, "reading", bytes, size);
            reported = bytes;
        }
        SIL_TRY(sil_columns_next(&reading->columns, &text, err));
    }

cleanup:
    return status;
}

/* Columns without rows yet: memory comes as they do. */
static sil_status start(struct reading *reading, const struct sil_schema *schema,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_domain domain = sil_schema_domain(schema);
    struct sil_codes *codes = &reading->rows.codes;

    SIL_TRY(sil_codes_init(codes, &domain, 0, err));
    for (uint32_t a = 0; a < domain.n_attrs; a++) {
        free(codes->column[a]);
        codes->column[a] = NULL;
    }
    SIL_TRY(sil_alloc(&reading->rows.outside, domain.n_attrs,
                      sizeof *reading->rows.outside, "counts of a table", err));
    SIL_TRY(sil_alloc(&reading->codes, domain.n_attrs, sizeof *reading->codes, "a row",
                      err));

cleanup:
    return status;
}

sil_status sil_rows_read(struct sil_rows *out, const char *csv_path,
                         const struct sil_schema *schema, const char *id_column,
                         const struct sil_csv_options *options,
                         const struct sil_progress *progress, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct reading reading = {0};
    *out = (struct sil_rows){0};

    SIL_TRY(
        sil_columns_open(&reading.columns, csv_path, schema, id_column, options, err));
    SIL_TRY(start(&reading, schema, err));
    SIL_TRY(read_all(&reading, progress, err));
    if (reading.rows.codes.n_rows == 0) {
        status =
            sil_fail(err, SIL_ERR_INPUT, "%s: there is no row to compare%s", csv_path,
                     reading.rows.n_dropped > 0
                         ? ": the schema's policies drop every one of them"
                         : "");
        goto cleanup;
    }
    *out = reading.rows;
    reading.rows = (struct sil_rows){0};

cleanup:
    if (reading.codes != NULL) {
        explicit_bzero(reading.codes,
                       sil_schema_n_fields(schema) * sizeof *reading.codes);
    }
    free(reading.codes);
    sil_columns_close(&reading.columns);
    sil_rows_clear(&reading.rows);
    return status;
}

void sil_codes_wipe(struct sil_codes *codes)
{
    for (uint32_t a = 0; codes->column != NULL && a < codes->n_attrs; a++) {
        if (codes->column[a] != NULL) {
            explicit_bzero(codes->column[a], codes->n_rows * codes->width[a]);
        }
    }
    sil_codes_clear(codes);
}

void sil_rows_clear(struct sil_rows *rows)
{
    sil_codes_wipe(&rows->codes);
    free(rows->outside);
    *rows = (struct sil_rows){0};
}

sil_status sil_codes_pick(struct sil_codes *out, const struct sil_codes *from,
                          const struct sil_domain *domain, const uint32_t *row,
                          size_t n, struct sil_error *err)
{
    sil_status status = sil_codes_init(out, domain, n, err);
    for (uint32_t a = 0; status == SIL_OK && a < from->n_attrs; a++) {
        for (size_t i = 0; i < n; i++) {
            sil_codes_set(out, a, i, sil_codes_get(from, a, row[i]));
        }
    }
    return status;
}
