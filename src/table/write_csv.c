// SPDX-License-Identifier: Apache-2.0
/* Blocks of rows are formatted by all threads and written in order. A value depends on its
 * code and on the word at its row's position in its column's stream, nothing else, so that
 * neither the size of a block nor the number of threads shows in the file. */
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "table/table.h"
#include "table/write_plan.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_PER_BLOCK = 1 << 15, ///< aimed at: 256 KiB of random words
    ROWS_STEP = 8,             ///< of the first row of a block: see sil_words_fn
    BLOCKS_PER_THREAD = 2      ///< between two writes
};

struct block {
    size_t first;
    size_t n_rows;
    uint64_t *words; ///< n_rows for the first column of bins, then for the second, ...
    struct sil_bytes lines;
    sil_status status;
    struct sil_error err;
};

struct writer {
    const struct sil_codes *codes;
    const struct sil_schema *schema;
    struct sil_words words;
    struct sil_write_plan plan;
    unsigned n_threads;
    size_t block_rows; ///< a multiple of ROWS_STEP
    size_t n_blocks;
    struct block *blocks;
};

/* A column's stream is that of its field, wherever the file has it. */
static void draw_words(struct block *block, const struct writer *writer)
{
    for (uint32_t i = 0; i < writer->plan.n; i++) {
        const struct sil_column_plan *column = &writer->plan.column[i];
        if (column->n_bins > 0) {
            writer->words.draw(
                writer->words.key, SIL_STREAM(SIL_STREAM_DECODE, column->attr),
                block->first, block->words + column->slot * block->n_rows,
                block->n_rows);
        }
    }
}

static sil_status format_row(struct block *block, size_t row,
                             const struct writer *writer, struct sil_error *err)
{
    const struct sil_write_plan *plan = &writer->plan;
    struct sil_bytes *lines = &block->lines;
    size_t need;
    if (!sil_add_size(&need, lines->length, plan->row_bytes)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a row of text");
    }
    sil_status status =
        sil_grow(&lines->data, &lines->capacity, need, 1, "rows of text", err);
    if (status != SIL_OK) {
        return status;
    }

    char *out = (char *)lines->data + lines->length;
    for (uint32_t i = 0; i < plan->n; i++) {
        const struct sil_column_plan *column = &plan->column[i];
        uint32_t code = sil_codes_get(writer->codes, column->attr, block->first + row);
        uint64_t word =
            column->n_bins > 0 ? block->words[column->slot * block->n_rows + row] : 0;
        out = sil_write_plan_put(out, plan, column, code, word);
    }
    lines->length = (size_t)(out - (char *)lines->data);
    return SIL_OK;
}

static sil_status format_block(struct block *block, const struct writer *writer)
{
    sil_status status = SIL_OK;

    block->lines.length = 0;
    draw_words(block, writer);
    for (size_t r = 0; r < block->n_rows; r++) {
        SIL_TRY(format_row(block, r, writer, &block->err));
    }

cleanup:
    return status;
}

/* Format and write rows from `first` on, as many as the blocks hold; `*n_done` of them. */
static sil_status write_blocks(struct sil_output *output, struct writer *writer,
                               size_t first, size_t *n_done, struct sil_error *err)
{
    int n_threads = (int)writer->n_threads;
    size_t rest = writer->codes->n_rows - first;

    for (size_t b = 0; b < writer->n_blocks; b++) {
        struct block *block = &writer->blocks[b];
        size_t before = b * writer->block_rows;
        size_t n = rest > before ? rest - before : 0;
        block->first = first + before;
        block->n_rows = n < writer->block_rows ? n : writer->block_rows;
    }
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
    for (size_t b = 0; b < writer->n_blocks; b++) {
        writer->blocks[b].status = format_block(&writer->blocks[b], writer);
    }

    *n_done = 0;
    for (size_t b = 0; b < writer->n_blocks; b++) {
        struct block *block = &writer->blocks[b];
        if (block->status != SIL_OK) {
            return sil_fail(err, block->status, "%s", block->err.text);
        }
        sil_status status =
            sil_output_write(output, block->lines.data, block->lines.length, err);
        if (status != SIL_OK) {
            return status;
        }
        *n_done += block->n_rows;
    }
    return SIL_OK;
}

static sil_status write_header(struct sil_output *output, const struct writer *writer,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes line = {0};

    for (uint32_t i = 0; i < writer->plan.n; i++) {
        const struct sil_column_plan *column = &writer->plan.column[i];
        const char *name = sil_schema_field_name(writer->schema, column->attr);
        SIL_TRY(sil_csv_append(&line, name, strlen(name), writer->plan.delimiter, err));
        SIL_TRY(sil_bytes_append(&line, &column->behind, 1, err));
    }
    SIL_TRY(sil_output_write(output, line.data, line.length, err));

cleanup:
    sil_bytes_clear(&line);
    return status;
}

static sil_status open_writer(struct writer *writer, unsigned n_threads,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_words;

    writer->n_threads = n_threads > 0 ? n_threads : (unsigned)omp_get_max_threads();
    writer->block_rows =
        WORDS_PER_BLOCK / ((size_t)writer->plan.n + 1) / ROWS_STEP * ROWS_STEP;
    if (writer->block_rows == 0) {
        writer->block_rows = ROWS_STEP;
    }
    n_words = writer->plan.n_slots * writer->block_rows;
    SIL_TRY(sil_alloc(&writer->blocks, (size_t)writer->n_threads * BLOCKS_PER_THREAD,
                      sizeof *writer->blocks, "blocks of rows", err));
    writer->n_blocks = (size_t)writer->n_threads * BLOCKS_PER_THREAD;
    for (size_t b = 0; b < writer->n_blocks; b++) {
        SIL_TRY(sil_alloc(&writer->blocks[b].words, n_words, sizeof(uint64_t),
                          "blocks of rows", err));
    }

cleanup:
    return status;
}

static void close_writer(struct writer *writer)
{
    for (size_t b = 0; b < writer->n_blocks; b++) {
        free(writer->blocks[b].words);
        sil_bytes_clear(&writer->blocks[b].lines);
    }
    free(writer->blocks);
    sil_write_plan_clear(&writer->plan);
}

sil_status sil_codes_write_csv(struct sil_output *output, const struct sil_codes *codes,
                               const struct sil_schema *schema, const uint32_t *order,
                               struct sil_words words,
                               const struct sil_csv_options *options,
                               const struct sil_progress *progress, unsigned n_threads,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_done;
    char delimiter = options->delimiter != '\0' ? options->delimiter : ',';
    struct writer writer = {.codes = codes, .schema = schema, .words = words};

    SIL_TRY(sil_write_plan_init(&writer.plan, schema, order, delimiter, err));
    SIL_TRY(open_writer(&writer, n_threads, err));
    SIL_TRY(write_header(output, &writer, err));
    for (size_t row = 0; row < codes->n_rows; row += n_done) {
        SIL_TRY(write_blocks(output, &writer, row, &n_done, err));
        sil_progress(progress, "writing", row + n_done, codes->n_rows);
    }

cleanup:
    close_writer(&writer);
    return status;
}
