// SPDX-License-Identifier: Apache-2.0
#include "synth/sample.h"

#include "base/codes.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "crypto/row_words.h"
#include "model/floating.h"
#include "model/search.h"
#include "synth/made.h"
#include "synth/model_object.h"
#include "synth/reached.h"
#include "synth/repair.h"
#include "table/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static const uint64_t ROWS_MAX = UINT32_MAX;

/* While the groups of a column are opened: codes, rows by group, values dealt to them. */
enum { OPEN_ROW_BYTES = 16 };

struct sil_sample_options sil_sample_defaults(void)
{
    return (struct sil_sample_options){.struct_size = sizeof(struct sil_sample_options),
                                       .delimiter = ','};
}

static sil_status check(const struct sil_sample_options *options, struct sil_error *err)
{
    if (options->struct_size != sizeof *options) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the options are not those of this version; start from "
                        "sil_sample_defaults()");
    }
    if (options->n_rows > ROWS_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--rows must be at most %" PRIu64 ", not %" PRIu64, ROWS_MAX,
                        options->n_rows);
    }
    return SIL_OK;
}

/* SIZE_MAX: the system does not say. */
static size_t physical_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    size_t bytes = 0;
    bool is_known =
        pages > 0 && page > 0 && sil_mul_size(&bytes, (size_t)pages, (size_t)page);
    return is_known ? bytes : SIZE_MAX;
}

/* Bytes that each row takes at most. Mosaic has the codes of its groups beside those of
 * its values (freed, they are not always given back), and at a time one of what opens the
 * groups and what the search works on. */
size_t sil_row_bytes(const struct sil_domain *domain, enum sil_mechanism mechanism)
{
    size_t codes = 0;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        codes += sil_codes_width(domain->sizes[a]);
    }
    if (mechanism != SIL_MOSAIC) {
        return codes;
    }
    size_t search = sil_search_row_bytes(domain->n_attrs);
    return 2 * codes + (search > OPEN_ROW_BYTES ? search : OPEN_ROW_BYTES);
}

static sil_status fit(enum sil_mechanism mechanism, uint64_t n_rows, size_t row,
                      struct sil_error *err)
{
    const size_t memory = physical_memory();
    size_t bytes = 0;
    if (mechanism == SIL_MOSAIC && n_rows > INT32_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a model of mosaic draws at most %d rows at once, not %" PRIu64
                        ": draw fewer at a time, each part with --rows and a --seed of "
                        "its own",
                        INT32_MAX, n_rows);
    }
    if (sil_mul_size(&bytes, row, n_rows) && bytes <= memory) {
        return SIL_OK;
    }
    return sil_fail(
        err, SIL_ERR_USAGE,
        "%" PRIu64 " rows of %zu bytes each do not fit into the %zu MB of "
        "memory that this machine has: draw fewer at a time, each part with "
        "--rows and a --seed of its own",
        n_rows, row, memory >> 20);
}

sil_status sil_rows_fit(const struct sil_domain *domain, enum sil_mechanism mechanism,
                        uint64_t n_rows, struct sil_error *err)
{
    return fit(mechanism, n_rows, sil_row_bytes(domain, mechanism), err);
}

static void find_seed(uint8_t seed[SIL_SEED_BYTES], const struct sil_model *model,
                      const struct sil_sample_options *options)
{
    if (options->has_seed) {
        sil_seed_of_integer(seed, options->seed);
    } else {
        sil_model_seed(seed, model, 0);
    }
}

/* ---- rows made to order ---- */

struct sil_parts {
    struct sil_made *made; ///< NULL: nothing was ordered
    uint32_t **piece; ///< of each of its columns and each row; NULL: no cell is cut
    uint8_t seed[SIL_SEED_BYTES];
    struct sil_repair *repair; ///< NULL: the schema has no rules
    struct sil_sample_report drawn;
    const struct sil_rule *worst; ///< that most rows break; NULL: no row breaks any
};

void sil_parts_free(struct sil_parts *parts)
{
    if (parts == NULL) {
        return;
    }
    for (size_t i = 0; parts->piece != NULL && i < parts->made->n_columns; i++) {
        free(parts->piece[i]);
    }
    sil_repair_free(parts->repair);
    free((void *)parts->piece);
    sil_made_free(parts->made);
    free(parts);
}

static sil_status parts_new(struct sil_parts **out, const struct sil_model *model,
                            const struct sil_sample_options *options,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_sample_fault fault = {0};
    SIL_TRY(sil_alloc(out, 1, sizeof **out, "the rows", err));
    if (!sil_is_made(options)) {
        return SIL_OK;
    }
    status = sil_made_new(&(*out)->made, model, options, &fault, err);
    if (options->fault != NULL) {
        *options->fault = fault;
    }
    SIL_TRY(status);
    SIL_TRY(sil_alloc((void *)&(*out)->piece, (*out)->made->n_columns,
                      sizeof *(*out)->piece, "the rows", err));

cleanup:
    if (status != SIL_OK) {
        sil_parts_free(*out);
        *out = NULL;
    }
    return status;
}

/* As many rows as the model has of those that are asked for. */
static uint64_t count_rows(const struct sil_model *model, const struct sil_parts *parts)
{
    unsigned before = sil_floating_enter(); /* the number is replayed, too */
    double share = parts->made != NULL ? parts->made->probability : 1;
    uint64_t expected =
        share < 1 ? (uint64_t)((double)model->rows * share + 0.5) : model->rows;
    sil_floating_leave(before);
    return expected > 0 ? expected : 1;
}

/* Beside the codes: those of a box, the places of its rows, what is shared out, the pieces. */
size_t sil_made_row_bytes(size_t row, size_t n_columns)
{
    return 2 * row + (3 + n_columns) * sizeof(uint32_t);
}

static size_t row_bytes(const struct sil_model *model, const struct sil_parts *parts)
{
    size_t row = sil_row_bytes(&model->domain, model->transcript.terms.mechanism);
    return parts->made == NULL ? row : sil_made_row_bytes(row, parts->made->n_columns);
}

/* The words of a column whose bins are cut go to the parts that its rows are in. */
static void draw_part_words(const void *key, uint64_t stream, uint64_t first,
                            uint64_t *out, size_t n)
{
    const struct sil_parts *parts = key;
    const struct sil_made *made = parts->made;
    sil_row_words(parts->seed, stream, first, out, n);
    for (size_t i = 0; made != NULL && i < made->n_columns; i++) {
        bool is_own = stream == SIL_STREAM(SIL_STREAM_DECODE, made->attrs[i]) &&
                      parts->piece[i] != NULL;
        for (size_t row = 0; is_own && row < n; row++) {
            const struct sil_piece *piece =
                &made->columns[i].piece[parts->piece[i][first + row]];
            sil_u128 width = (sil_u128)(piece->last_word - piece->first_word) + 1;
            out[row] = piece->first_word + (uint64_t)(out[row] * width >> 64);
        }
    }
}

/* Which numbers stand for bins: as ordered, and as the rules want them. */
static struct sil_words words_of(const struct sil_parts *parts)
{
    return parts->repair != NULL
               ? sil_repair_words(parts->repair)
               : (struct sil_words){.draw = draw_part_words, .key = parts};
}

static sil_status draw_rows(struct sil_codes *codes, struct sil_parts *parts,
                            const struct sil_model *model, size_t n_rows,
                            const struct sil_sample_options *options,
                            struct sil_error *err)
{
    const struct sil_draw draw = {
        .n_rows = n_rows,
        .words = {.draw = sil_row_words, .key = parts->seed},
        .rounding = sil_transcript_rows(&model->transcript).rounding,
        .n_threads = options->n_threads,
        .progress = &options->progress,
    };
    if (parts->made != NULL) {
        return sil_made_draw(codes, parts->piece, parts->made, &draw, parts->seed, err);
    }
    if (model->mosaic != NULL) {
        return sil_mosaic_draw(codes, model->mosaic, &draw, err);
    }
    return sil_gm_draw(codes, model->gm, &draw, err);
}

static sil_status repair(struct sil_parts *parts, struct sil_codes *codes,
                         const struct sil_model *model, struct sil_error *err)
{
    const struct sil_words own = {.draw = sil_row_words, .key = parts->seed};
    const struct sil_made *made = parts->made;
    return sil_repair_rows(&parts->repair, codes, model->transcript.schema,
                           words_of(parts), own, made != NULL ? made->attrs : NULL,
                           made != NULL ? made->n_columns : 0, err);
}

static sil_status count_broken(struct sil_parts *parts, const struct sil_codes *codes,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t *by_rule = NULL;
    uint64_t most = 0;
    const struct sil_rules *rules = sil_repair_rules(parts->repair);
    SIL_TRY(sil_alloc(&by_rule, rules->n, sizeof *by_rule, "rows to count", err));
    SIL_TRY(sil_rules_count(&parts->drawn.n_broken, by_rule, rules, codes,
                            words_of(parts), err));
    for (size_t i = 0; i < rules->n; i++) {
        parts->worst = by_rule[i] > most ? &rules->rule[i] : parts->worst;
        most = by_rule[i] > most ? by_rule[i] : most;
    }

cleanup:
    free(by_rule);
    return status;
}

static sil_status report(struct sil_parts *parts, const struct sil_codes *codes,
                         uint64_t n_expected, const struct sil_sample_options *options,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_made *made = parts->made;
    struct sil_sample_report *out = &parts->drawn;
    *out = (struct sil_sample_report){
        .n_rows = codes->n_rows,
        .n_expected = n_expected,
        .probability = made != NULL ? made->probability : 1,
        .fair_moved = made != NULL ? made->fair_moved : 0,
    };
    if (parts->repair != NULL) {
        const struct sil_rules *rules = sil_repair_rules(parts->repair);
        const struct sil_repair_tally tally = sil_repair_tally(parts->repair);
        out->n_rules = rules->n;
        out->n_redrawn = tally.n_redrawn;
        out->n_changed = tally.n_changed;
        SIL_TRY(count_broken(parts, codes, err));
    }
    if (made != NULL) {
        SIL_TRY(sil_made_compare(out, made, codes, words_of(parts), options, err));
    }

cleanup:
    return status;
}

static sil_status judge_shares(const struct sil_made *made,
                               const struct sil_sample_options *options,
                               struct sil_error *err)
{
    for (size_t s = 0; s < made->n_shares; s++) {
        if (!sil_shares_leave_none(made, s)) {
            continue;
        }
        const size_t column = made->shares[s].group[0].column;
        if (options->fault != NULL) {
            *options->fault = (struct sil_sample_fault){options->rebalance[s], column};
        }
        return sil_fail(err, SIL_ERR_USAGE,
                        "--rebalance: column %zu: the shares add up to 0 and name all "
                        "values of '%.80s': no row could have one. Give some value a "
                        "share above 0; for missing values alone say NULL:1",
                        column,
                        sil_schema_field_name(made->model->transcript.schema,
                                              made->shares[s].column));
    }
    return SIL_OK;
}

sil_status sil_rows_judge(const struct sil_parts *parts,
                          const struct sil_sample_options *options,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_sample_report *drawn = &parts->drawn;
    if (parts->made == NULL) {
        return SIL_OK;
    }
    SIL_TRY(judge_shares(parts->made, options, err));
    if (drawn->n_broken < drawn->n_rows) {
        return SIL_OK;
    }
    status =
        sil_fail(err, SIL_ERR_INPUT,
                 "none of the %" PRIu64 " rows that were drawn for this order could "
                 "be made to keep the rules of the schema; most often broken: %s "
                 "(%.200s). Ask for rows that the rules allow: the order contradicts "
                 "them, or nearly does",
                 drawn->n_rows, parts->worst->place, parts->worst->said);
cleanup:
    return status;
}

sil_status sil_rows_draw(struct sil_codes *codes, struct sil_parts **parts,
                         const struct sil_model *model,
                         const struct sil_sample_options *options,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_parts *own = NULL;

    *codes = (struct sil_codes){0};
    SIL_TRY(check(options, err));
    SIL_TRY(parts_new(&own, model, options, err));
    const uint64_t n_expected = count_rows(model, own);
    size_t n_rows = options->n_rows > 0 ? options->n_rows : n_expected;
    SIL_TRY(fit(model->transcript.terms.mechanism, n_rows, row_bytes(model, own), err));
    find_seed(own->seed, model, options);
    SIL_TRY(draw_rows(codes, own, model, n_rows, options, err));
    SIL_TRY(repair(own, codes, model, err));
    SIL_TRY(report(own, codes, n_expected, options, err));
    if (options->report != NULL) {
        *options->report = own->drawn;
    }
    if (parts != NULL) {
        *parts = own;
        own = NULL;
    }

cleanup:
    sil_parts_free(own);
    if (status != SIL_OK) {
        sil_codes_clear(codes);
    }
    return status;
}

/* ---- writing ---- */

sil_status sil_rows_write(struct sil_output *output, const struct sil_codes *codes,
                          const struct sil_parts *parts, const struct sil_model *model,
                          const struct sil_sample_options *options,
                          struct sil_error *err)
{
    uint8_t seed[SIL_SEED_BYTES];
    const struct sil_words plain = {.draw = sil_row_words, .key = seed};
    const struct sil_csv_options csv = {.delimiter = options->delimiter};
    find_seed(seed, model, options);
    return sil_codes_write_csv(output, codes, model->transcript.schema,
                               model->transcript.order,
                               parts != NULL ? words_of(parts) : plain, &csv,
                               &options->progress, options->n_threads, err);
}

sil_status sil_model_sample(const struct sil_model *model, const char *path,
                            const struct sil_sample_options *options,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;
    struct sil_codes codes = {0};
    struct sil_parts *parts = NULL;

    SIL_TRY(check(options, err));
    SIL_TRY(sil_output_open(&output, path, 0644, err));
    SIL_TRY(sil_rows_draw(&codes, &parts, model, options, err));
    SIL_TRY(sil_rows_judge(parts, options, err));
    SIL_TRY(sil_rows_write(output, &codes, parts, model, options, err));
    status = sil_output_commit(output, err);
    output = NULL;
cleanup:
    sil_output_abandon(output);
    sil_codes_clear(&codes);
    sil_parts_free(parts);
    return status;
}
