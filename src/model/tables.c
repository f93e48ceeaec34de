// SPDX-License-Identifier: Apache-2.0
#include "model/tables.h"

#include "base/memory.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

/* Idle blocks of the wrong sizes are freed before they keep more than this: 64 MB. */
enum { LINE = 64, IDLE_MAX = 1 << 26 };

/* Far beyond any memory, and within the sizes that are kept apart. */
static const uint64_t BYTES_MAX = UINT64_C(1) << 44;

/* What stands before a table. */
struct sil_block {
    alignas(LINE) struct sil_block *next;
    size_t kind;
    size_t bytes;
};

/* The smallest size that holds so many lines: 1, 2, .. 7 and 4, 5, 6 or 7 times a power of
 * two; its number into `kind`. */
static size_t size_for(size_t lines, size_t *kind)
{
    size_t power = 0;
    while (lines > 7) {
        lines = lines / 2 + lines % 2;
        power++;
    }
    *kind = 4 * power + lines;
    return lines << power;
}

/* All idle blocks, taken out of `tables`, as one chain. */
static struct sil_block *empty(struct sil_tables *tables)
{
    struct sil_block *all = NULL;
    for (size_t k = 0; k < SIL_TABLE_SIZES; k++) {
        while (tables->idle[k] != NULL) {
            struct sil_block *block = tables->idle[k];
            tables->idle[k] = block->next;
            block->next = all;
            all = block;
        }
    }
    tables->idle_bytes = 0;
    return all;
}

static void release(struct sil_block *chain)
{
    while (chain != NULL) {
        struct sil_block *next = chain->next;
        free(chain);
        chain = next;
    }
}

sil_status sil_tables_take(double **out, struct sil_tables *tables, size_t cells)
{
    struct sil_block *block = NULL;
    struct sil_block *surplus = NULL;
    size_t bytes;
    size_t kind;
    *out = NULL;
    if (!sil_mul_size(&bytes, cells, sizeof **out) || bytes > BYTES_MAX) {
        return SIL_ERR_INTERNAL;
    }
    bytes = LINE * (size_for(bytes / LINE + 1, &kind) + 1);

#pragma omp critical(sil_tables)
    {
        block = tables->idle[kind];
        if (block != NULL) {
            tables->idle[kind] = block->next;
            tables->idle_bytes -= block->bytes;
        } else if (tables->idle_bytes > IDLE_MAX) {
            surplus = empty(tables);
        }
    }
    release(surplus);
    if (block == NULL) {
        block = aligned_alloc(LINE, bytes);
        if (block == NULL) {
            return SIL_ERR_INTERNAL;
        }
        *block = (struct sil_block){.kind = kind, .bytes = bytes};
    }
    void *table = block + 1;
    *out = table;
    return SIL_OK;
}

void sil_tables_give(struct sil_tables *tables, double *table)
{
    if (table == NULL) {
        return;
    }
    void *start = (unsigned char *)table - sizeof(struct sil_block);
    struct sil_block *block = start;
#pragma omp critical(sil_tables)
    {
        block->next = tables->idle[block->kind];
        tables->idle[block->kind] = block;
        tables->idle_bytes += block->bytes;
    }
}

void sil_tables_clear(struct sil_tables *tables)
{
    release(empty(tables));
}
