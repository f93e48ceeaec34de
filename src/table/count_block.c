// SPDX-License-Identifier: Apache-2.0
#include "table/count_block.h"

/* Rows are numbered in strips of a constant length, which the compiler turns into vector
 * instructions; the last strip may run over the rows of the block, not over the array. */
enum { STRIP = 16 };

_Static_assert(SIL_COUNT_ROWS % STRIP == 0 && SIL_TABLE_CHUNK_ROWS_MIN % STRIP == 0,
               "a block is whole strips");

/* Cell numbers over one attribute more: out = prefix * size + code. */
#define DEFINE_EXTEND(cell, code)                                 \
    static void extend_##cell##_##code(                           \
        cell##_t *restrict out, const cell##_t *restrict prefix,  \
        const code##_t *restrict column, uint32_t size, size_t n) \
    {                                                             \
        for (size_t i = 0; i < n; i += STRIP) {                   \
            for (size_t k = 0; k < STRIP; k++) {                  \
                uint32_t before = (uint32_t)prefix[i + k] * size; \
                out[i + k] = (cell##_t)(before + column[i + k]);  \
            }                                                     \
        }                                                         \
    }

DEFINE_EXTEND(uint16, uint8)
DEFINE_EXTEND(uint16, uint16)
DEFINE_EXTEND(uint16, uint32)
DEFINE_EXTEND(uint32, uint8)
DEFINE_EXTEND(uint32, uint16)
DEFINE_EXTEND(uint32, uint32)

#define DEFINE_TALLY(cell)                                                             \
    static void tally_##cell(const struct sil_count_task *task, const cell##_t *cells, \
                             size_t n)                                                 \
    {                                                                                  \
        uint32_t *lane0 = task->lane[0];                                               \
        uint32_t *lane1 = task->lane[1];                                               \
        uint32_t *lane2 = task->lane[2];                                               \
        uint32_t *lane3 = task->lane[3];                                               \
        size_t i = 0;                                                                  \
        for (; i + SIL_COUNT_LANES <= n; i += SIL_COUNT_LANES) {                       \
            lane0[cells[i]]++;                                                         \
            lane1[cells[i + 1]]++;                                                     \
            lane2[cells[i + 2]]++;                                                     \
            lane3[cells[i + 3]]++;                                                     \
        }                                                                              \
        for (; i < n; i++) {                                                           \
            lane0[cells[i]]++;                                                         \
        }                                                                              \
    }

DEFINE_TALLY(uint16)
DEFINE_TALLY(uint32)

struct column {
    const void *codes; ///< of the block's first row
    uint32_t size;
    uint8_t width;
};

static void extend_narrow(uint16_t *level, const struct column *column, size_t n)
{
    uint16_t *out = level + SIL_COUNT_ROWS;
    switch (column->width) {
    case 1: extend_uint16_uint8(out, level, column->codes, column->size, n); break;
    case 2: extend_uint16_uint16(out, level, column->codes, column->size, n); break;
    /* A few cells in four bytes: of an open field, which was made for any number. */
    default: extend_uint16_uint32(out, level, column->codes, column->size, n); break;
    }
}

static void extend_wide(uint32_t *level, const struct column *column, size_t n)
{
    uint32_t *out = level + SIL_COUNT_ROWS;
    switch (column->width) {
    case 1: extend_uint32_uint8(out, level, column->codes, column->size, n); break;
    case 2: extend_uint32_uint16(out, level, column->codes, column->size, n); break;
    default: extend_uint32_uint32(out, level, column->codes, column->size, n); break;
    }
}

/* Level k holds the cell numbers over the first k attributes of the last task; level 0 is
 * all zero. */
static void extend(const struct sil_count_group *group, size_t k,
                   const struct column *column, size_t n)
{
    if (group->narrow) {
        extend_narrow((uint16_t *)group->level + k * SIL_COUNT_ROWS, column, n);
    } else {
        extend_wide((uint32_t *)group->level + k * SIL_COUNT_ROWS, column, n);
    }
}

static void tally(const struct sil_count_group *group,
                  const struct sil_count_task *task, size_t n)
{
    size_t level = (size_t)task->clique->n * SIL_COUNT_ROWS;
    if (group->narrow) {
        tally_uint16(task, (const uint16_t *)group->level + level, n);
    } else {
        tally_uint32(task, (const uint32_t *)group->level + level, n);
    }
}

void sil_count_block(const struct sil_count_group *group, const struct sil_table *table,
                     size_t chunk, size_t first, size_t n)
{
    uint32_t n_ready = 0; /* levels 1 .. n_ready belong to this block and task */

    for (size_t t = 0; t < group->n; t++) {
        const struct sil_count_task *task = &group->tasks[t];
        n_ready = n_ready < task->n_shared ? n_ready : task->n_shared;
        for (; n_ready < task->clique->n; n_ready++) {
            uint32_t attr = task->clique->attr[n_ready];
            const uint8_t *codes = sil_table_column(table, chunk, attr);
            struct column column = {.codes = codes + first * table->width[attr],
                                    .size = table->sizes[attr],
                                    .width = table->width[attr]};
            extend(group, n_ready, &column, n);
        }
        tally(group, task, n);
    }
}
