// SPDX-License-Identifier: Apache-2.0
/* Membership by the noisy counts themselves, which a transcript publishes. Rows drawn from a
 * model say less than what the model was made of: this is the most that somebody learns who
 * has the whole bundle and the pool, and does not know who of the pool were members.
 *
 * A record moves one cell of every marginal, so the logarithm of the likelihood ratio is a sum
 * over these cells. The others of the pool who lie in a cell are members by lot: that adds to
 * the variance of the noise. Of a record that is alone in all its cells the ratio is exact. */
#include "audits/attack/cliques.h"
#include "audits/attack/steps.h"
#include "audits/claim/cells.h"
#include "audits/stats/special.h"
#include "audits/table/source.h"
#include "audits/table/table.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char NAME[] = "white-box-likelihood-ratio";

/* Rows times marginals: some minutes. */
#define WORK_MAX ((size_t)1 << 36)

struct counts {
    struct aud_table table[2]; ///< train, holdout
    size_t n[2], n_rows;       ///< of them: all but those that are dropped
    size_t n_members, n_pool;  ///< persons, so that the share of members is nobody's
    uint32_t *cell;            ///< of each row
    double *sum;               ///< over marginals, of each row
    size_t n_marginals;
    double precision; ///< sum of 1 / variance
};

void aud_score_noisy(double *score, const struct aud_noisy_counts *of,
                     const uint32_t *cell, size_t n)
{
    const double share = (double)of->n_members / (double)of->n_pool;
    for (size_t i = 0; i < n; i++) {
        const double others = of->pool[cell[i]] - 1.0;
        const double seen = ldexp((double)of->noisy[cell[i]], -(int)of->shift);
        const double variance = of->variance + others * share * (1 - share);
        score[i] += (seen - others * share - 0.5) / variance;
    }
}

/* ---- the pool in the cells of the transcript ---- */

static sil_status read_side(struct counts *counts, int side,
                            const struct aud_attack *attack,
                            const struct aud_transcript *transcript,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes csv = {0};
    struct aud_table *table = &counts->table[side];
    struct aud_whose whose = aud_whose_privacy(transcript);
    whose.most =
        UINT64_MAX; /* which rows of a person count depends on the table they are in */
    SIL_TRY(aud_table_begin(table, (const char *)transcript->schema.data,
                            transcript->schema.length, err));
    SIL_TRY(aud_source_read(&csv, attack->sources.path[side], AUD_BYTES_MAX, err));
    status = aud_table_read(table, &csv, &whose, attack->sources.delimiter, err);
    if (status == SIL_ERR_INPUT) {
        status =
            sil_fail_within(err, SIL_ERR_UNSUPPORTED, "%s", attack->sources.path[side]);
    }
    SIL_TRY(status);
    SIL_TRY(aud_settle_found(table, transcript, err));
    counts->n[side] = table->n_rows;
    counts->n_rows += table->n_rows;

cleanup:
    sil_bytes_clear(&csv);
    return status;
}

/* Which row of the attacked table stands for whose record this is. */
static sil_status row_of(size_t *out, const struct aud_attack *attack, int side,
                         uint32_t record, struct sil_error *err)
{
    const struct aud_persons *persons = &attack->tables.persons[side];
    const bool has_ids = persons->row != NULL;
    const size_t n = has_ids ? persons->n_records : attack->tables.rows[side].n;
    if (record >= n) {
        return sil_fail(err, SIL_ERR_INPUT, "%s was changed while it was read",
                        attack->sources.path[side]);
    }
    *out = has_ids ? persons->row[record] : record;
    return SIL_OK;
}

/* ---- scores ---- */

static sil_status add_marginal(struct counts *counts, const struct aud_left *left,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *pool = NULL;
    uint32_t *cell = counts->cell;
    const double variance = mpq_get_d(left->parameter);
    SIL_TRY(sil_alloc(&pool, left->n_cells, sizeof *pool, "counts", err));
    for (int side = 0; side < 2; side++) {
        struct aud_axes axes;
        SIL_TRY(aud_axes_find(&axes, left, &counts->table[side], err));
        for (size_t row = 0; row < counts->n[side]; row++) {
            *cell = (uint32_t)aud_axes_cell(&axes, &counts->table[side], row);
            pool[*cell++]++;
        }
    }
    aud_score_noisy(counts->sum,
                    &(struct aud_noisy_counts){.pool = pool,
                                               .noisy = left->noisy,
                                               .shift = left->shift,
                                               .n_members = counts->n_members,
                                               .n_pool = counts->n_pool,
                                               .variance = variance},
                    counts->cell, counts->n_rows);
    counts->precision += 1 / variance;
    counts->n_marginals++;

cleanup:
    free(pool);
    return status;
}

/* All records of a person are members together, so their evidence adds up. One without an
 * id, or with a value that drops it, moves nothing: 0 is what is known of it, in either
 * table. */
static sil_status hand_out(double *score, const struct counts *counts,
                           const struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const double *sum = counts->sum;
    for (int side = 0; side < 2; side++) {
        double *of = score + (side == 0 ? 0 : attack->n_members);
        for (size_t row = 0; row < counts->n[side]; row++, sum++) {
            size_t at = 0;
            SIL_TRY(row_of(&at, attack, side, counts->table[side].record[row], err));
            of[at] += *sum;
            if (!isfinite(of[at])) {
                return sil_fail(err, SIL_ERR_INPUT,
                                "the transcript has a variance that no noise can have");
            }
        }
    }

cleanup:
    return status;
}

/* A transcript of a stranger can list marginals without end. */
static sil_status check_work(const struct counts *counts,
                             const struct aud_transcript *transcript,
                             struct sil_error *err)
{
    return transcript->n_left <= WORK_MAX / (counts->n_rows + 1)
               ? SIL_OK
               : sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "%zu marginals of %zu rows are more work than is done here",
                          transcript->n_left, counts->n_rows);
}

static sil_status score_pool(double *score, struct counts *counts,
                             const struct aud_attack *attack,
                             const struct aud_transcript *transcript,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    counts->n_members = attack->n_members;
    counts->n_pool = attack->n_pool;
    SIL_TRY(read_side(counts, AUD_TRAIN, attack, transcript, err));
    SIL_TRY(read_side(counts, AUD_HOLDOUT, attack, transcript, err));
    SIL_TRY(check_work(counts, transcript, err));
    SIL_TRY(
        sil_alloc(&counts->cell, counts->n_rows, sizeof *counts->cell, "cells", err));
    SIL_TRY(
        sil_alloc(&counts->sum, counts->n_rows, sizeof *counts->sum, "scores", err));
    for (size_t i = 0; i < transcript->n_left; i++) {
        if (!transcript->left[i].is_choice) {
            SIL_TRY(add_marginal(counts, &transcript->left[i], err));
        }
    }
    SIL_TRY(hand_out(score, counts, attack, err));

cleanup:
    return status;
}

static void counts_clear(struct counts *counts)
{
    aud_table_clear(&counts->table[0]);
    aud_table_clear(&counts->table[1]);
    free(counts->cell);
    free(counts->sum);
}

/* Tables that the transcript's schema does not fit, or too many of its lines: the other
 * attacks stand. */
static void leave_untried(struct aud_attack *attack, const struct sil_error *err)
{
    struct aud_result *result = aud_new_result(attack, "membership", NAME, "all");
    (void)snprintf(result->detail, sizeof result->detail, "not examined: %.300s",
                   err->text);
}

sil_status aud_step_counts(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    struct aud_transcript transcript = {0};
    struct counts counts = {0};
    double *score = NULL;
    char detail[200];
    if (attack->transcript == NULL) {
        return SIL_OK;
    }
    SIL_TRY(aud_attack_transcript(&transcript, &bytes, attack, err));
    SIL_TRY(sil_alloc(&score, attack->n_pool, sizeof *score, "scores", err));
    status = score_pool(score, &counts, attack, &transcript, err);
    if (status == SIL_ERR_CHECK) {
        status = sil_fail_within(err, SIL_ERR_INPUT, "%s", attack->transcript);
    } else if (status == SIL_ERR_UNSUPPORTED) {
        leave_untried(attack, err);
        status = SIL_OK;
        goto cleanup;
    }
    SIL_TRY(status);
    const double mu = sqrt(counts.precision);
    (void)snprintf(detail, sizeof detail,
                   "the noisy counts of %zu marginals in the transcript; of a record "
                   "alone in its cells their noise leaves an AUC of %.3f (mu %.4g)",
                   counts.n_marginals, aud_normal_cdf(mu / sqrt(2)), mu);
    SIL_TRY(aud_judge_scores(attack, NAME, score, detail, err));

cleanup:
    counts_clear(&counts);
    free(score);
    aud_transcript_clear(&transcript);
    sil_bytes_clear(&bytes);
    return status;
}
