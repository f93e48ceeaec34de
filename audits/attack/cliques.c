// SPDX-License-Identifier: Apache-2.0
/* Membership by marginals. A generator that learns from marginals repeats a record's cells
 * a little more often than it would without the record; in each marginal that is hardly
 * visible, over all of them it adds up.
 *
 * The attacker knows the pool: its counts are what the cells would hold if membership were a
 * lottery. Three ways to weigh a cell: by the ratio of its frequencies (as MAMA-MIA does,
 * Golob et al. 2024), by the logarithm of that, and by how far the count is off, over its
 * variance (the matched filter, which is the best for independent noise). */
#include "audits/attack/cliques.h"

#include "audits/attack/steps.h"
#include "audits/table/source.h"
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_MAX = 1 << 22, CLIQUES_MAX = 2000, TRANSCRIPT_BYTES_MAX = 1 << 30 };

void aud_score_clique(double *const score[AUD_FILTERS],
                      const struct aud_clique_counts *of, const uint32_t *cell,
                      size_t n_records)
{
    const double n = (double)of->n_members;
    const double all = (double)of->n_pool;
    const double share = n / all;
    const double rows = (double)of->n_rows;
    for (size_t i = 0; i < n_records; i++) {
        const double pool = of->pool[cell[i]];
        const double made = of->rows[cell[i]];
        const double expected = pool / all;
        const double seen = n * made / rows;
        const double without = (pool - 1) * share;
        const double variance =
            of->variance + pool * share * (1 - share) + n * n * expected / rows + 1 / n;
        score[AUD_FILTER_RATIO][i] += made / rows / expected;
        score[AUD_FILTER_LOG][i] += log((made + 0.5) / (rows + 0.5) / expected);
        score[AUD_FILTER_MATCHED][i] += (seen - without - 0.5) / variance;
    }
}

/* ---- which cliques ---- */

static size_t n_cells(const struct aud_bins *bins, const struct aud_columns *clique)
{
    size_t cells = 1;
    for (size_t k = 0; k < clique->n; k++) {
        size_t size = bins->size[clique->column[k]];
        cells = cells > CELLS_MAX / size ? CELLS_MAX + 1 : cells * size;
    }
    return cells;
}

static sil_status add(struct aud_cliques *out, const struct aud_bins *bins,
                      const struct aud_columns *clique, struct sil_error *err)
{
    for (size_t k = 0; k < clique->n; k++) {
        if (bins->size[clique->column[k]] < 2) {
            return SIL_OK;
        }
    }
    if (n_cells(bins, clique) > CELLS_MAX) {
        return SIL_OK;
    }
    sil_status status =
        sil_grow(&out->of, &out->room, out->n + 1, sizeof *out->of, "cliques", err);
    if (status == SIL_OK) {
        out->of[out->n++] = *clique;
    }
    return status;
}

/* All columns, all pairs, and all triples or, of more than CLIQUES_MAX, some. */
static sil_status add_all(struct aud_cliques *out, const struct aud_attack *attack,
                          const struct aud_bins *bins, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint32_t n = (uint32_t)bins->n_columns;
    const double triples = (double)n * (n - 1.0) * (n - 2.0) / 6;
    struct aud_lots lots = aud_lots(attack->seed, AUD_USE_CLIQUES);
    for (uint32_t a = 0; a < n; a++) {
        SIL_TRY(add(out, bins, &(struct aud_columns){{a}, 1, 1}, err));
        for (uint32_t b = a + 1; b < n; b++) {
            SIL_TRY(add(out, bins,
                        &(struct aud_columns){
                            {a, b},
                            2, 1
            },
                        err));
            for (uint32_t c = b + 1; c < n; c++) {
                bool is_taken = aud_lots_below(&lots, 1U << 30) <
                                fmin(1, CLIQUES_MAX / triples) * (1U << 30);
                SIL_TRY(is_taken ? add(out, bins,
                                       &(struct aud_columns){
                                           {a, b, c},
                                           3, 1
                },
                                       err)
                                 : SIL_OK);
            }
        }
    }

cleanup:
    return status;
}

/* ---- those of a transcript ---- */

/* The numbers, among the tables' columns, of the schema's attributes. */
static sil_status name_attributes(uint32_t **out, size_t *n,
                                  const struct aud_transcript *transcript,
                                  const struct aud_attack *attack,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *schema = NULL;
    SIL_TRY(sil_json_parse(&schema, (const char *)transcript->schema.data,
                           transcript->schema.length, "the transcript's schema", err));
    const json_t *fields = json_object_get(schema, "fields");
    *n = json_array_size(fields);
    SIL_TRY(sil_alloc(out, *n, sizeof **out, "columns", err));
    for (size_t i = 0; i < *n; i++) {
        const char *name =
            json_string_value(json_object_get(json_array_get(fields, i), "name"));
        size_t column = name == NULL ? attack->tables.n_columns
                                     : aud_tables_find(&attack->tables, name);
        if (column == attack->tables.n_columns) {
            status = sil_fail(err, SIL_ERR_INPUT,
                              "the transcript is of a column that the tables lack: %s",
                              name == NULL ? "one without a name" : name);
            goto cleanup;
        }
        (*out)[i] = (uint32_t)column;
    }

cleanup:
    json_decref(schema);
    return status;
}

static sil_status add_measured(struct aud_cliques *out,
                               const struct aud_transcript *transcript,
                               const struct aud_attack *attack,
                               const struct aud_bins *bins, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *column = NULL;
    size_t n_columns = 0;
    SIL_TRY(name_attributes(&column, &n_columns, transcript, attack, err));
    for (size_t i = 0; i < transcript->n_left; i++) {
        const struct aud_left *left = &transcript->left[i];
        struct aud_columns clique = {.n = left->is_choice ? 0 : left->n_attrs,
                                     .variance = mpq_get_d(left->parameter)};
        bool is_whole = clique.n > 0;
        for (size_t k = 0; k < clique.n; k++) {
            is_whole = is_whole && left->attr[k] < n_columns;
            clique.column[k] = is_whole ? column[left->attr[k]] : 0;
        }
        SIL_TRY(is_whole ? add(out, bins, &clique, err) : SIL_OK);
    }
    out->are_measured = true;

cleanup:
    free(column);
    return status;
}

sil_status aud_attack_transcript(struct aud_transcript *out, struct sil_bytes *bytes,
                                 const struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(aud_source_read(bytes, attack->transcript, TRANSCRIPT_BYTES_MAX, err));
    status =
        aud_transcript_read(out, (struct aud_bin){bytes->data, bytes->length}, err);
    if (status == SIL_ERR_CHECK || status == SIL_ERR_UNSUPPORTED) {
        status = sil_fail_within(err, SIL_ERR_INPUT, "%s", attack->transcript);
    }

cleanup:
    return status;
}

sil_status aud_cliques_find(struct aud_cliques *out, const struct aud_attack *attack,
                            const struct aud_bins *bins, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    struct aud_transcript transcript = {0};
    if (attack->transcript == NULL) {
        return add_all(out, attack, bins, err);
    }
    SIL_TRY(aud_attack_transcript(&transcript, &bytes, attack, err));
    SIL_TRY(add_measured(out, &transcript, attack, bins, err));

cleanup:
    aud_transcript_clear(&transcript);
    sil_bytes_clear(&bytes);
    return status;
}

/* ---- scores ---- */

/* The cell of each row, and how many rows of the pool and of the synthetic table are in it. */
static void count(uint32_t *cell, uint32_t *pool, uint32_t *made,
                  const struct aud_attack *attack, const struct aud_bins *bins,
                  const struct aud_columns *clique)
{
    const size_t n = attack->n_pool + attack->tables.rows[AUD_SYNTHETIC].n;
    const size_t cells = n_cells(bins, clique);
    (void)memset(cell, 0, n * sizeof *cell);
    (void)memset(pool, 0, cells * sizeof *pool);
    (void)memset(made, 0, cells * sizeof *made);
    for (size_t k = 0; k < clique->n; k++) {
        const uint32_t size = bins->size[clique->column[k]];
        const uint8_t *bin = bins->of[clique->column[k]];
        for (size_t i = 0; i < n; i++) {
            cell[i] = cell[i] * size + bin[i];
        }
    }
    for (size_t i = 0; i < attack->n_pool; i++) {
        pool[cell[i]]++;
    }
    for (size_t i = attack->n_pool; i < n; i++) {
        made[cell[i]]++;
    }
}

sil_status aud_cliques_score(double *const score[AUD_FILTERS],
                             const struct aud_attack *attack,
                             const struct aud_cliques *cliques,
                             const struct aud_bins *bins, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *cell = NULL;
    uint32_t *pool = NULL;
    uint32_t *made = NULL;
    const size_t n_rows = attack->tables.rows[AUD_SYNTHETIC].n;
    SIL_TRY(sil_alloc(&cell, attack->n_pool + n_rows, sizeof *cell, "marginals", err));
    SIL_TRY(sil_alloc(&pool, CELLS_MAX, sizeof *pool, "marginals", err));
    SIL_TRY(sil_alloc(&made, CELLS_MAX, sizeof *made, "marginals", err));
    for (size_t i = 0; i < cliques->n; i++) {
        count(cell, pool, made, attack, bins, &cliques->of[i]);
        aud_score_clique(
            score,
            &(struct aud_clique_counts){.pool = pool,
                                        .rows = made,
                                        .n_members = attack->n_members,
                                        .n_pool = attack->n_pool,
                                        .n_rows = n_rows,
                                        .variance = cliques->of[i].variance},
            cell, attack->n_pool);
    }

cleanup:
    free(cell);
    free(pool);
    free(made);
    return status;
}

sil_status aud_cliques_match(double *score, const struct aud_attack *attack,
                             const struct aud_cliques *cliques,
                             const struct aud_bins *bins, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t n = attack->n_pool;
    double *other[AUD_FILTERS] = {NULL};
    (void)memset(score, 0, n * sizeof *score);
    for (int f = 0; f < AUD_FILTERS; f++) {
        if (f != AUD_FILTER_MATCHED) {
            SIL_TRY(sil_alloc(&other[f], n, sizeof **other, "scores", err));
        }
    }
    other[AUD_FILTER_MATCHED] = score;
    status = aud_cliques_score(other, attack, cliques, bins, err);
    other[AUD_FILTER_MATCHED] = NULL;

cleanup:
    for (int f = 0; f < AUD_FILTERS; f++) {
        free(other[f]);
    }
    return status;
}

sil_status aud_step_cliques(struct aud_attack *attack, struct sil_error *err)
{
    static const char *const NAMES[AUD_FILTERS] = {"clique-ratio", "clique-log-ratio",
                                                   "clique-matched-filter"};
    sil_status status = SIL_OK;
    struct aud_bins bins = {0};
    struct aud_cliques cliques = {0};
    double *score[AUD_FILTERS] = {NULL};
    char detail[160];
    SIL_TRY(aud_bins_make(&bins, &attack->tables, attack->seed, err));
    SIL_TRY(aud_cliques_find(&cliques, attack, &bins, err));
    for (int f = 0; f < AUD_FILTERS; f++) {
        SIL_TRY(sil_alloc(&score[f], attack->n_pool, sizeof **score, "scores", err));
    }
    SIL_TRY(aud_cliques_score(score, attack, &cliques, &bins, err));
    (void)snprintf(detail, sizeof detail, "over %zu marginals%s", cliques.n,
                   cliques.are_measured ? " that the transcript says were measured"
                                        : " of up to three columns");
    for (int f = 0; f < AUD_FILTERS; f++) {
        SIL_TRY(aud_judge_scores(attack, NAMES[f], score[f], detail, err));
    }

cleanup:
    for (int f = 0; f < AUD_FILTERS; f++) {
        free(score[f]);
    }
    free(cliques.of);
    aud_bins_clear(&bins);
    return status;
}
