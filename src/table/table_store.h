// SPDX-License-Identifier: Apache-2.0
/// The inside of a sensitive table, for src/table alone.
///
/// Rows are kept in chunks of a fixed number of rows; in a chunk each column is one array.
/// A table so grows without being copied, and counting walks it in blocks anyway.
#ifndef SIL_TABLE_STORE_H
#define SIL_TABLE_STORE_H

#include "base/clique.h"
#include "base/codes.h"
#include "table/lexicon.h"
#include "table/table.h"

enum { SIL_TABLE_CHUNK_ROWS_MIN = 1 << 8, SIL_TABLE_CHUNK_ROWS_MAX = 1 << 16 };

struct sil_table {
    uint32_t n_attrs;
    uint32_t *sizes;    ///< cells of each attribute
    uint8_t *width;     ///< bytes a code of each attribute: 1, 2 or 4
    uint32_t n_columns; ///< of the file: the attributes, and those that are recomputed
    uint32_t *order;    ///< all of them in the order of the file
    size_t *offset;    ///< of each attribute's array in a chunk, a multiple of 64 bytes
    size_t chunk_rows; ///< a power of two between the limits above
    size_t chunk_bytes;
    size_t n_rows;
    size_t n_chunks;
    size_t chunks_capacity;
    uint8_t **chunk;

    /// Of a schema with open fields, until it is settled: codes from the field's number of
    /// cells on stand for the texts of the lexicon. NULL: all codes are cells.
    struct sil_lexicon *lexicon;
    uint32_t *cells; ///< of each attribute before it is settled; 0: not open
};

/// A table for the rows of a schema: with a lexicon where a field is open and not settled.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_table_new_open(struct sil_table **out,
                                           const struct sil_schema *schema,
                                           struct sil_error *err);

/// The text behind a code; false where the code is a cell.
bool sil_table_open_text(const char **text, size_t *length,
                         const struct sil_table *table, uint32_t attr, uint32_t code);

/// An empty table over a copy of `domain`; freed with sil_table_free.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_table_new(struct sil_table **out,
                                      const struct sil_domain *domain,
                                      struct sil_error *err);

/// Append a row of n_attrs codes, each below its attribute's size.
/// Errors   SIL_ERR_INTERNAL (memory), SIL_ERR_INPUT (2^32 - 1 rows are there already);
///          the table is unchanged.
SIL_MUST_USE sil_status sil_table_add_row(struct sil_table *table,
                                          const uint32_t *codes, struct sil_error *err);

/// Keep the rows r with keeps[r], in their order; wipe the others.
void sil_table_keep(struct sil_table *table, const uint8_t *keeps);

/// A table with the rows of `codes`: for tests and benchmarks, which have no file.
SIL_MUST_USE sil_status sil_table_from_codes(struct sil_table **out,
                                             const struct sil_codes *codes,
                                             const struct sil_domain *domain,
                                             struct sil_error *err);

/// Rows in a chunk: chunk_rows, fewer in the last one.
static inline size_t sil_table_rows_of(const struct sil_table *table, size_t chunk)
{
    size_t before = chunk * table->chunk_rows;
    size_t rest = table->n_rows - before;
    return rest < table->chunk_rows ? rest : table->chunk_rows;
}

/// The array of an attribute in a chunk.
static inline const void *sil_table_column(const struct sil_table *table, size_t chunk,
                                           uint32_t attr)
{
    return table->chunk[chunk] + table->offset[attr];
}

static inline uint32_t sil_table_get(const struct sil_table *table, size_t row,
                                     uint32_t attr)
{
    const void *column = sil_table_column(table, row / table->chunk_rows, attr);
    size_t i = row % table->chunk_rows;
    switch (table->width[attr]) {
    case 1: return ((const uint8_t *)column)[i];
    case 2: return ((const uint16_t *)column)[i];
    default: return ((const uint32_t *)column)[i];
    }
}

#endif
