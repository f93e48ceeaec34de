// SPDX-License-Identifier: Apache-2.0
/* Blocks of rows are formatted by all threads and written in order, each by the thread that
 * formatted it, so that some format while another writes. A value depends on its code and on
 * the word at its row's position in its column's stream, nothing else: neither the size of
 * a block nor the number of threads shows in the file. */
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "table/table.h"
#include "table/write_plan.h"

#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_PER_BLOCK = 1 << 17, ///< aimed at: threads wait for each other once a block
    ROWS_STEP = 8              ///< of the first row of a block: see sil_words_fn
};

/* What a thread works on. */
struct block {
    size_t first;
    size_t n_rows;
    uint64_t *words; ///< n_rows for the first column of bins, then for the second, ...
    struct sil_bytes lines;
    sil_status status;
    struct sil_error err;
};

struct writer {
    struct sil_output *output;
    const struct sil_codes *codes;
    const struct sil_schema *schema;
    struct sil_words words;
    const struct sil_progress *progress;
    struct sil_write_plan plan;
    unsigned n_threads;
    size_t block_rows;    ///< a multiple of ROWS_STEP
    struct block *blocks; ///< one a thread
    atomic_bool has_failed;
    sil_status status; ///< of the first block that failed
    struct sil_error *err;
};

/* A column's stream is that of its field, wherever the file has it. */
static void draw_words(struct block *block, const struct writer *writer)
{
    for (uint32_t i = 0; i < writer->plan.n; i++) {
        const struct sil_column_plan *column = &writer->plan.column[i];
        if (column->has_words) {
            writer->words.draw(
                writer->words.key, SIL_STREAM(SIL_STREAM_DECODE, column->attr),
                block->first, block->words + column->slot * block->n_rows,
                block->n_rows);
        }
    }
}

static uint64_t word_of(const struct block *block, size_t row,
                        const struct sil_column_plan *column)
{
    return column->has_words ? block->words[column->slot * block->n_rows + row] : 0;
}

/* What a row shows in the columns that one is recomputed from. */
static void show_sources(struct sil_shown *shown, const struct block *block, size_t row,
                         const struct writer *writer,
                         const struct sil_column_plan *column)
{
    for (size_t k = 0; k < column->recomputed->n_sources; k++) {
        const struct sil_column_plan *from = &writer->plan.column[column->source[k]];
        uint32_t code = sil_codes_get(writer->codes, from->attr, block->first + row);
        shown[k] = (struct sil_shown){.code = code};
        if (code < from->n_bins) {
            shown[k].value =
                sil_bins_draw(&from->field->bins, code, word_of(block, row, from));
        }
    }
}

static char *put_column(char *out, const struct block *block, size_t row,
                        const struct writer *writer,
                        const struct sil_column_plan *column)
{
    struct sil_shown shown[SIL_RECOMPUTED_SOURCES];
    const struct sil_write_plan *plan = &writer->plan;
    if (column->recomputed == NULL) {
        uint32_t code = sil_codes_get(writer->codes, column->attr, block->first + row);
        return sil_write_plan_put(out, plan, column, code, word_of(block, row, column));
    }
    show_sources(shown, block, row, writer, column);
    return sil_write_plan_recompute(out, plan, column, shown,
                                    word_of(block, row, column));
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
        out = put_column(out, block, row, writer, &plan->column[i]);
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

/* One block after the other, in the order of the rows. */
static void write_block(struct writer *writer, const struct block *block)
{
    if (writer->status != SIL_OK) {
        return;
    }
    writer->status = block->status == SIL_OK
                         ? sil_output_write(writer->output, block->lines.data,
                                            block->lines.length, writer->err)
                         : sil_fail(writer->err, block->status, "%s", block->err.text);
    writer->has_failed = writer->status != SIL_OK;
    if (omp_get_thread_num() == 0) { /* the caller's thread */
        sil_progress(writer->progress, "writing", block->first + block->n_rows,
                     writer->codes->n_rows);
    }
}

static sil_status write_rows(struct writer *writer)
{
    size_t n_rows = writer->codes->n_rows;
    size_t step = writer->block_rows;

#pragma omp parallel for ordered schedule(static, 1) num_threads((int)writer->n_threads)
    for (size_t first = 0; first < n_rows; first += step) {
        struct block *block = &writer->blocks[omp_get_thread_num()];
        block->first = first;
        block->n_rows = n_rows - first < step ? n_rows - first : step;
        if (!writer->has_failed) {
            block->status = format_block(block, writer);
        }
#pragma omp ordered
        write_block(writer, block);
    }
    if (writer->status == SIL_OK) {
        sil_progress(writer->progress, "writing", n_rows, n_rows);
    }
    return writer->status;
}

static sil_status write_header(const struct writer *writer, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes line = {0};

    for (uint32_t i = 0; i < writer->plan.n; i++) {
        const struct sil_column_plan *column = &writer->plan.column[i];
        const char *name = sil_schema_field_name(writer->schema, column->attr);
        SIL_TRY(sil_csv_append(&line, name, strlen(name), writer->plan.delimiter, err));
        SIL_TRY(sil_bytes_append(&line, &column->behind, 1, err));
    }
    SIL_TRY(sil_output_write(writer->output, line.data, line.length, err));

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
    SIL_TRY(sil_alloc(&writer->blocks, writer->n_threads, sizeof *writer->blocks,
                      "blocks of rows", err));
    for (unsigned t = 0; t < writer->n_threads; t++) {
        SIL_TRY(sil_alloc(&writer->blocks[t].words, n_words, sizeof(uint64_t),
                          "blocks of rows", err));
    }

cleanup:
    return status;
}

static void close_writer(struct writer *writer)
{
    for (unsigned t = 0; writer->blocks != NULL && t < writer->n_threads; t++) {
        free(writer->blocks[t].words);
        sil_bytes_clear(&writer->blocks[t].lines);
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
    char delimiter = options->delimiter;
    struct writer writer = {.output = output,
                            .codes = codes,
                            .schema = schema,
                            .words = words,
                            .progress = progress,
                            .err = err};

    if (delimiter == '\0') {
        delimiter = ',';
    }
    SIL_TRY(sil_write_plan_init(&writer.plan, schema, order, delimiter, err));
    SIL_TRY(open_writer(&writer, n_threads, err));
    SIL_TRY(write_header(&writer, err));
    SIL_TRY(write_rows(&writer));

cleanup:
    close_writer(&writer);
    return status;
}
