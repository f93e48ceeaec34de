// SPDX-License-Identifier: Apache-2.0
#include "table/table_store.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_BYTES = 1 << 22, ///< aimed at, so that a small table stays small
    LINE_BYTES = 64
};

/* Columns a power of two apart would all fall into the same few sets of the cache when a
 * row is written: each begins one line further than its array needs. */
static sil_status lay_out(struct sil_table *table, struct sil_error *err)
{
    size_t row_bytes = 0;
    for (uint32_t a = 0; a < table->n_attrs; a++) {
        row_bytes += table->width[a];
    }
    table->chunk_rows = SIL_TABLE_CHUNK_ROWS_MAX;
    while (table->chunk_rows > SIL_TABLE_CHUNK_ROWS_MIN &&
           table->chunk_rows > CHUNK_BYTES / (row_bytes + 1)) {
        table->chunk_rows /= 2;
    }

    for (uint32_t a = 0; a < table->n_attrs; a++) {
        size_t bytes = table->chunk_rows * table->width[a] + LINE_BYTES;
        table->offset[a] = table->chunk_bytes;
        if (!sil_add_size(&table->chunk_bytes, table->chunk_bytes, bytes)) {
            return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the table");
        }
    }
    return SIL_OK;
}

sil_status sil_table_new(struct sil_table **out, const struct sil_domain *domain,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_table *table = NULL;
    uint32_t n = domain->n_attrs;
    *out = NULL;

    SIL_TRY(sil_alloc(&table, 1, sizeof *table, "the table", err));
    SIL_TRY(sil_alloc(&table->sizes, n, sizeof *table->sizes, "the table", err));
    SIL_TRY(sil_alloc(&table->width, n, sizeof *table->width, "the table", err));
    SIL_TRY(sil_alloc(&table->order, n, sizeof *table->order, "the table", err));
    SIL_TRY(sil_alloc(&table->offset, n, sizeof *table->offset, "the table", err));
    table->n_attrs = n;
    table->n_columns = n;
    for (uint32_t a = 0; a < n; a++) {
        table->sizes[a] = domain->sizes[a];
        table->width[a] = sil_codes_width(domain->sizes[a]);
        table->order[a] = a;
    }
    SIL_TRY(lay_out(table, err));
    *out = table;
    table = NULL;

cleanup:
    sil_table_free(table);
    return status;
}

void sil_table_free(struct sil_table *table)
{
    if (table == NULL) {
        return;
    }
    for (size_t c = 0; c < table->n_chunks; c++) {
        explicit_bzero(table->chunk[c], table->chunk_bytes);
        free(table->chunk[c]);
    }
    sil_lexicon_free(table->lexicon);
    free(table->cells);
    free((void *)table->chunk);
    free(table->offset);
    free(table->order);
    free(table->width);
    free(table->sizes);
    explicit_bzero(table, sizeof *table);
    free(table);
}

void sil_table_column_order(uint32_t *out, const struct sil_table *table)
{
    (void)memcpy(out, table->order, table->n_columns * sizeof *out);
}

/* The size of the table so far stays out of the sentence: no row count in errors. */
static sil_status add_chunk(struct sil_table *table, struct sil_error *err)
{
    size_t need = table->n_chunks + 1;
    if (sil_grow(&table->chunk, &table->chunks_capacity, need, sizeof *table->chunk,
                 "the table", NULL) != SIL_OK ||
        sil_alloc_aligned(&table->chunk[table->n_chunks], table->chunk_bytes, 1,
                          "the table", NULL) != SIL_OK) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the table");
    }
    table->n_chunks++;
    return SIL_OK;
}

sil_status sil_table_add_row(struct sil_table *table, const uint32_t *codes,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t row = table->n_rows % table->chunk_rows;

    if (table->n_rows == UINT32_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "a table has fewer than 2^32 rows");
    }
    if (table->n_rows == table->n_chunks * table->chunk_rows) {
        SIL_TRY(add_chunk(table, err));
    }
    uint8_t *chunk = table->chunk[table->n_chunks - 1];
    for (uint32_t a = 0; a < table->n_attrs; a++) {
        void *column = chunk + table->offset[a];
        /* Counting writes to a cell by its code: out of range would be out of bounds. */
        SIL_REQUIRE(codes[a] < table->sizes[a]);
        switch (table->width[a]) {
        case 1: ((uint8_t *)column)[row] = (uint8_t)codes[a]; break;
        case 2: ((uint16_t *)column)[row] = (uint16_t)codes[a]; break;
        default: ((uint32_t *)column)[row] = codes[a]; break;
        }
    }
    table->n_rows++;

cleanup:
    return status;
}

/* ---- rows that stay ---- */

static uint8_t *code_at(const struct sil_table *table, size_t row, uint32_t attr)
{
    return table->chunk[row / table->chunk_rows] + table->offset[attr] +
           row % table->chunk_rows * table->width[attr];
}

/* Every row from `n_rows` on. */
static void wipe_rows(struct sil_table *table, size_t n_rows)
{
    size_t used = n_rows / table->chunk_rows + (n_rows % table->chunk_rows != 0);
    while (table->n_chunks > used) {
        uint8_t *chunk = table->chunk[--table->n_chunks];
        explicit_bzero(chunk, table->chunk_bytes);
        free(chunk);
    }
    size_t left = used * table->chunk_rows - n_rows;
    for (uint32_t a = 0; a < table->n_attrs && left > 0; a++) {
        explicit_bzero(code_at(table, n_rows, a), left * table->width[a]);
    }
    table->n_rows = n_rows;
}

void sil_table_keep(struct sil_table *table, const uint8_t *keeps)
{
    size_t n = 0;
    for (size_t r = 0; r < table->n_rows; r++) {
        for (uint32_t a = 0; a < table->n_attrs && keeps[r] && n < r; a++) {
            (void)memcpy(code_at(table, n, a), code_at(table, r, a), table->width[a]);
        }
        n += keeps[r] != 0;
    }
    wipe_rows(table, n);
}

sil_status sil_table_from_codes(struct sil_table **out, const struct sil_codes *codes,
                                const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_table *table = NULL;
    uint32_t *row = NULL;
    *out = NULL;

    SIL_TRY(sil_table_new(&table, domain, err));
    SIL_TRY(sil_alloc(&row, codes->n_attrs, sizeof *row, "a row", err));
    for (size_t r = 0; r < codes->n_rows; r++) {
        for (uint32_t a = 0; a < codes->n_attrs; a++) {
            row[a] = sil_codes_get(codes, a, r);
        }
        SIL_TRY(sil_table_add_row(table, row, err));
    }
    *out = table;
    table = NULL;

cleanup:
    free(row);
    sil_table_free(table);
    return status;
}
