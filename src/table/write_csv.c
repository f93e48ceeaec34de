// SPDX-License-Identifier: Apache-2.0
/* Blocks of rows are formatted by all threads and written in order. A value depends on its
 * code and on the word at its row's position in its column's stream, nothing else, so that
 * neither the size of a block nor the number of threads shows in the file. */
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "table/table.h"

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
    uint64_t *words; ///< n_rows for the first column, then for the second, ...
    struct sil_bytes lines;
    struct sil_bytes scratch;
    sil_status status;
    struct sil_error err;
};

struct writer {
    const struct sil_codes *codes;
    const struct sil_schema *schema;
    struct sil_words words;
    char delimiter;
    unsigned n_threads;
    size_t block_rows; ///< a multiple of ROWS_STEP
    size_t n_blocks;
    struct block *blocks;
};

/* Quote the text behind `start` where it has to be. An empty text that is a whole line is
 * quoted too: many readers skip blank lines. */
static sil_status quote(struct block *block, size_t start, const struct writer *writer,
                        struct sil_error *err)
{
    struct sil_bytes *lines = &block->lines;
    size_t length = lines->length - start;

    if (length == 0) {
        return writer->codes->n_attrs == 1 ? sil_bytes_append(lines, "\"\"", 2, err)
                                           : SIL_OK;
    }
    const char *text = (const char *)lines->data + start;
    if (!sil_csv_needs_quotes(text, length, writer->delimiter)) {
        return SIL_OK;
    }
    block->scratch.length = 0;
    sil_status status = sil_bytes_append(&block->scratch, text, length, err);
    if (status != SIL_OK) {
        return status;
    }
    lines->length = start;
    return sil_csv_append(lines, (const char *)block->scratch.data, length,
                          writer->delimiter, err);
}

static sil_status format_row(struct block *block, size_t row,
                             const struct writer *writer, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_codes *codes = writer->codes;

    for (uint32_t a = 0; a < codes->n_attrs; a++) {
        size_t start = block->lines.length;
        uint64_t word = block->words[a * block->n_rows + row];
        SIL_TRY(sil_field_decode(&block->lines, sil_schema_field(writer->schema, a),
                                 sil_codes_get(codes, a, block->first + row), word,
                                 err));
        SIL_TRY(quote(block, start, writer, err));
        SIL_TRY(sil_bytes_append(
            &block->lines, a + 1 < codes->n_attrs ? &writer->delimiter : "\n", 1, err));
    }

cleanup:
    return status;
}

static sil_status format_block(struct block *block, const struct writer *writer)
{
    sil_status status = SIL_OK;

    block->lines.length = 0;
    for (uint32_t a = 0; a < writer->codes->n_attrs; a++) {
        writer->words.draw(writer->words.key, SIL_STREAM(SIL_STREAM_DECODE, a),
                           block->first, block->words + a * block->n_rows,
                           block->n_rows);
    }
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
    uint32_t n = writer->codes->n_attrs;

    for (uint32_t a = 0; a < n; a++) {
        const char *name = sil_schema_field_name(writer->schema, a);
        SIL_TRY(sil_csv_append(&line, name, strlen(name), writer->delimiter, err));
        SIL_TRY(sil_bytes_append(&line, a + 1 < n ? &writer->delimiter : "\n", 1, err));
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
    size_t n_attrs = writer->codes->n_attrs;

    writer->n_threads = n_threads > 0 ? n_threads : (unsigned)omp_get_max_threads();
    writer->block_rows = WORDS_PER_BLOCK / (n_attrs + 1) / ROWS_STEP * ROWS_STEP;
    if (writer->block_rows == 0) {
        writer->block_rows = ROWS_STEP;
    }
    SIL_TRY(sil_alloc(&writer->blocks, (size_t)writer->n_threads * BLOCKS_PER_THREAD,
                      sizeof *writer->blocks, "blocks of rows", err));
    writer->n_blocks = (size_t)writer->n_threads * BLOCKS_PER_THREAD;
    for (size_t b = 0; b < writer->n_blocks; b++) {
        SIL_TRY(sil_alloc(&writer->blocks[b].words, n_attrs,
                          writer->block_rows * sizeof(uint64_t), "blocks of rows",
                          err));
    }

cleanup:
    return status;
}

static void close_writer(struct writer *writer)
{
    for (size_t b = 0; b < writer->n_blocks; b++) {
        free(writer->blocks[b].words);
        sil_bytes_clear(&writer->blocks[b].lines);
        sil_bytes_clear(&writer->blocks[b].scratch);
    }
    free(writer->blocks);
}

sil_status sil_codes_write_csv(struct sil_output *output, const struct sil_codes *codes,
                               const struct sil_schema *schema, struct sil_words words,
                               const struct sil_csv_options *options,
                               const struct sil_progress *progress, unsigned n_threads,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_done;
    struct writer writer = {.codes = codes,
                            .schema = schema,
                            .words = words,
                            .delimiter =
                                options->delimiter != '\0' ? options->delimiter : ','};

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
