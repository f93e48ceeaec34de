// SPDX-License-Identifier: Apache-2.0
/* Shadow runs: the generator is run on other halves of the pool, so that for every record
 * there are runs with it and runs without, and a score says how far it moves when the record
 * is a member. The true run is then judged by what is usual for that very record.
 * Source   Carlini et al. 2022, "Membership Inference Attacks From First Principles" (LiRA),
 *          with the score of marginals in place of a loss, and a variance that records share
 *          as far as they have too few runs of their own. */
#include "audits/attack/cliques.h"
#include "audits/attack/steps.h"
#include "audits/game/generator.h"
#include "audits/table/csv.h"
#include "audits/table/source.h"
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHARED_RUNS = 8 };

/* What is known of a record's score with it and without it. */
struct record {
    double sum[2], squares[2];
    uint32_t n[2];
};

struct shadows {
    struct aud_attack *attack;
    struct aud_generator generator;
    struct sil_bytes schema;
    struct sil_bytes file[2]; ///< of members, of non-members

    /* Every record of both files, in order: all rows of a person go where the person goes. */
    struct place {
        size_t at, end;  ///< in its file
        uint32_t member; ///< of the pool
    } * place;

    size_t n_places;
    size_t header; ///< bytes of the first file's header
    struct aud_lots lots;
    uint32_t *order;
    bool *is_in;
    double *score;
    struct record *record;
    unsigned n_good;
};

/* ---- the pool as text ---- */

static size_t n_records(const struct aud_attack *attack, int file)
{
    const struct aud_persons *persons = &attack->tables.persons[file];
    return persons->row != NULL ? persons->n_records : attack->tables.rows[file].n;
}

static sil_status find_records(struct shadows *s, int file, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    bool is_end = false;
    const struct sil_bytes *bytes = &s->file[file];
    const uint32_t *row = s->attack->tables.persons[file].row;
    const size_t before = file == 0 ? 0 : s->attack->n_members;
    aud_csv_begin(&csv, bytes->data, bytes->length, s->attack->sources.delimiter);
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    s->header = file == 0 ? csv.at : s->header;
    for (size_t i = 0; i < n_records(s->attack, file); i++) {
        struct place *place = &s->place[s->n_places++];
        place->at = csv.at;
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        place->end = csv.at;
        place->member = (uint32_t)(before + (row != NULL ? row[i] : i));
    }

cleanup:
    aud_csv_clear(&csv);
    return status;
}

/* Both files must have one header: records of both go into one table. */
static sil_status check_headers(const struct shadows *s, struct sil_error *err)
{
    const struct sil_bytes *a = &s->file[0];
    const struct sil_bytes *b = &s->file[1];
    bool is_same = b->length >= s->header && memcmp(a->data, b->data, s->header) == 0;
    return is_same
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT,
                          "shadow runs need the columns of train and holdout in one "
                          "order, and line ends of one kind");
}

static sil_status read_pool(struct shadows *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_attack *attack = s->attack;
    SIL_TRY(sil_alloc(&s->place, n_records(attack, 0) + n_records(attack, 1),
                      sizeof *s->place, "records", err));
    for (int t = 0; t < 2; t++) {
        SIL_TRY(
            aud_source_read(&s->file[t], attack->sources.path[t], AUD_BYTES_MAX, err));
        SIL_TRY(find_records(s, t, err));
    }
    SIL_TRY(check_headers(s, err));
    if (attack->sources.schema != NULL) {
        SIL_TRY(aud_source_read(&s->schema, attack->sources.schema, SIL_JSON_BYTES_MAX,
                                err));
    } else {
        SIL_TRY(sil_bytes_append(&s->schema, "{}\n", 3, err));
    }

cleanup:
    return status;
}

/* The records of those that are in, each ended as a line. */
static sil_status write_half(struct sil_bytes *out, const struct shadows *s,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_append(out, s->file[0].data, s->header, err));
    for (size_t i = 0; i < s->n_places; i++) {
        const struct place *place = &s->place[i];
        const struct sil_bytes *file = &s->file[place->member >= s->attack->n_members];
        if (s->is_in[place->member]) {
            SIL_TRY(sil_bytes_append(out, file->data + place->at,
                                     place->end - place->at, err));
            if (out->data[out->length - 1] != '\n') {
                SIL_TRY(sil_bytes_append(out, "\n", 1, err));
            }
        }
    }

cleanup:
    return status;
}

/* ---- one run ---- */

/* The scores of the pool against rows that a shadow run has made. */
static sil_status score_rows(struct shadows *s, const struct sil_bytes *rows,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_attack shadow = *s->attack;
    struct aud_bins bins = {0};
    struct aud_cliques cliques = {0};
    shadow.tables = (struct aud_tables){0};
    shadow.sources.made = rows;
    SIL_TRY(aud_tables_read(&shadow.tables, &shadow.sources, err));
    SIL_TRY(aud_bins_make(&bins, &shadow.tables, shadow.seed, err));
    SIL_TRY(aud_cliques_find(&cliques, &shadow, &bins, err));
    SIL_TRY(aud_cliques_match(s->score, &shadow, &cliques, &bins, err));

cleanup:
    free(cliques.of);
    aud_bins_clear(&bins);
    aud_tables_clear(&shadow.tables);
    return status;
}

static void remember(struct shadows *s)
{
    for (size_t i = 0; i < s->attack->n_pool; i++) {
        int side = s->is_in[i];
        struct record *record = &s->record[i];
        record->sum[side] += s->score[i];
        record->squares[side] += s->score[i] * s->score[i];
        record->n[side]++;
    }
    s->n_good++;
}

static sil_status run_once(struct shadows *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes half = {0};
    struct aud_output output = {0};
    const struct aud_attack *attack = s->attack;
    char how[64];
    aud_lots_shuffle(&s->lots, s->order, attack->n_pool);
    for (size_t i = 0; i < attack->n_pool; i++) {
        s->is_in[s->order[i]] = i < attack->n_members;
    }
    SIL_TRY(write_half(&half, s, err));
    SIL_TRY(aud_generate(&output, &s->generator, &half, &s->schema,
                         attack->tables.rows[AUD_SYNTHETIC].n, err));
    if (!aud_output_is_good(&output)) {
        aud_output_ending(how, sizeof how, &output);
        status = sil_fail(err, SIL_ERR_INPUT, "a shadow run failed: %s", how);
        goto cleanup;
    }
    SIL_TRY(score_rows(s, &output.rows, err));
    remember(s);

cleanup:
    sil_bytes_clear(&half);
    aud_output_clear(&output);
    return status;
}

/* ---- the verdict on every record ---- */

static double spread_of(const struct record *record, int side)
{
    double n = record->n[side];
    return n < 2 ? 0
                 : (record->squares[side] - record->sum[side] * record->sum[side] / n);
}

/* log N(score; with the record) - log N(score; without it). */
static void judge(struct shadows *s, const double *score, double *out)
{
    double shared = 0;
    double freedom = 0;
    for (size_t i = 0; i < s->attack->n_pool; i++) {
        for (int side = 0; side < 2; side++) {
            const struct record *record = &s->record[i];
            shared += spread_of(record, side);
            freedom += record->n[side] > 1 ? record->n[side] - 1.0 : 0;
        }
    }
    shared = freedom > 0 ? shared / freedom : 1;
    for (size_t i = 0; i < s->attack->n_pool; i++) {
        const struct record *record = &s->record[i];
        double own = spread_of(record, 0) + spread_of(record, 1);
        double variance =
            (own + SHARED_RUNS * shared) / (record->n[0] + record->n[1] + SHARED_RUNS);
        bool has_both = record->n[0] > 0 && record->n[1] > 0 && variance > 0;
        double out_of = has_both ? score[i] - record->sum[0] / record->n[0] : 0;
        double within = has_both ? score[i] - record->sum[1] / record->n[1] : 0;
        out[i] = has_both ? (out_of * out_of - within * within) / (2 * variance) : 0;
    }
}

static sil_status judge_run(struct shadows *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_bins bins = {0};
    struct aud_cliques cliques = {0};
    double *verdict = NULL;
    char detail[160];
    SIL_TRY(sil_alloc(&verdict, s->attack->n_pool, sizeof *verdict, "scores", err));
    SIL_TRY(aud_bins_make(&bins, &s->attack->tables, s->attack->seed, err));
    SIL_TRY(aud_cliques_find(&cliques, s->attack, &bins, err));
    SIL_TRY(aud_cliques_match(s->score, s->attack, &cliques, &bins, err));
    judge(s, s->score, verdict);
    (void)snprintf(detail, sizeof detail,
                   "the matched filter over %zu marginals, held against %u shadow runs",
                   cliques.n, s->n_good);
    SIL_TRY(
        aud_judge_scores(s->attack, "shadow-likelihood-ratio", verdict, detail, err));

cleanup:
    free(cliques.of);
    aud_bins_clear(&bins);
    free(verdict);
    return status;
}

static void clear(struct shadows *s)
{
    aud_words_clear(&s->generator.command);
    sil_bytes_clear(&s->schema);
    sil_bytes_clear(&s->file[0]);
    sil_bytes_clear(&s->file[1]);
    free(s->place);
    free(s->order);
    free(s->is_in);
    free(s->score);
    free(s->record);
}

sil_status aud_step_shadows(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct shadows s = {.attack = attack,
                        .lots = aud_lots(attack->seed, AUD_USE_SHADOWS)};
    const size_t n = attack->n_pool;
    if (attack->generator == NULL) {
        return SIL_OK;
    }
    s.generator = (struct aud_generator){.epsilon = attack->claim.epsilon_text,
                                         .delta = attack->claim.delta_text,
                                         .limits = attack->limits};
    SIL_TRY(aud_words_split(&s.generator.command, attack->generator, AUD_PLACES, err));
    SIL_TRY(read_pool(&s, err));
    SIL_TRY(aud_random_order(&s.order, n, &s.lots, err));
    SIL_TRY(sil_alloc(&s.is_in, n, sizeof *s.is_in, "records", err));
    SIL_TRY(sil_alloc(&s.score, n, sizeof *s.score, "scores", err));
    SIL_TRY(sil_alloc(&s.record, n, sizeof *s.record, "records", err));
    for (unsigned i = 0; i < attack->shadows; i++) {
        SIL_TRY(run_once(&s, err));
    }
    SIL_TRY(judge_run(&s, err));

cleanup:
    clear(&s);
    return status;
}
