// SPDX-License-Identifier: Apache-2.0
#include "silhouette/model.h"

#include "base/fail.h"
#include "base/memory.h"
#include "crypto/row_words.h"
#include "model/floating.h"
#include "synth/heights.h"
#include "synth/model_object.h"

#include <stdlib.h>

/* Row counts above this cannot be meant: tables have fewer than 2^32 rows. */
static const double MOST_ROWS = 4294967295.0;

sil_status sil_model_new(struct sil_model **out, unsigned n_threads,
                         struct sil_error *err)
{
    sil_status status = sil_alloc(out, 1, sizeof **out, "a model", err);
    if (status == SIL_OK) {
        sil_transcript_init(&(*out)->transcript);
        (*out)->n_threads = n_threads;
    }
    return status;
}

void sil_model_free(struct sil_model *model)
{
    if (model == NULL) {
        return;
    }
    sil_gm_free(model->gm);
    sil_mosaic_free(model->mosaic);
    sil_rule_zeros_free(model->zeros);
    sil_kept_clear(&model->kept);
    sil_transcript_clear(&model->transcript);
    sil_bytes_clear(&model->encoding);
    sil_bytes_clear(&model->claim);
    for (size_t i = 0; i < model->warnings.n; i++) {
        free(model->warnings.text[i]);
    }
    free(model->warnings.text);
    free(model);
}

static uint64_t round_rows(double total)
{
    if (total < 1) {
        return 1;
    }
    return total >= MOST_ROWS ? (uint64_t)MOST_ROWS : (uint64_t)(total + 0.5);
}

static sil_status read_mosaic(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_transcript *transcript = &model->transcript;
    SIL_TRY(sil_terms_find_candidates(&transcript->terms, &model->domain, err));
    SIL_TRY(sil_mosaic_new(&model->mosaic, &transcript->terms, transcript->schema,
                           model->n_threads, err));
    model->mosaic->kept = &model->kept;
    SIL_TRY(sil_mosaic_read(model->mosaic, transcript->line, transcript->n_lines, err));
cleanup:
    return status;
}

/* The total of a model of measurements: their joint estimate. */
static sil_status estimate(struct sil_model *model, double *rows,
                           struct sil_measurements *measurements, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (model->transcript.terms.mechanism != SIL_MOSAIC) {
        SIL_TRY(sil_measurements_sort(measurements, err));
        model->total = sil_measurements_total(measurements, &model->domain);
        *rows = sil_measurements_rows(measurements, &model->domain);
        return SIL_OK;
    }
    if (model->mosaic == NULL) {
        SIL_TRY(read_mosaic(model, err));
    }
    model->total = model->mosaic->total;
    *rows = model->mosaic->rows;
cleanup:
    return status;
}

/* What is said of the budget; one conversion of rho serves the claim and the warnings. */
static sil_status say(struct sil_model *model,
                      const struct sil_measurements *measurements, double rows,
                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_transcript *transcript = &model->transcript;
    struct sil_cumulative ledger;
    sil_cumulative_init(&ledger);
    SIL_TRY(transcript->is_ledgered
                ? sil_stamp_claim(&ledger, &transcript->stamp, &transcript->terms.unit,
                                  transcript->terms.neighbours, err)
                : SIL_OK);
    SIL_TRY(sil_claim_write(model, &ledger, err));
    SIL_TRY(sil_warnings_find(model, &ledger, measurements, rows, err));
cleanup:
    sil_cumulative_clear(&ledger);
    return status;
}

sil_status sil_model_derive(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_measurements measurements = {0};
    double rows = 0;
    unsigned before = sil_floating_enter(); /* totals are replayed, too */

    sil_rule_zeros_free(model->zeros);
    model->zeros = NULL;
    SIL_TRY(sil_rule_zeros_new(&model->zeros, &model->transcript.terms,
                               model->transcript.schema, err));
    model->domain = sil_domain_with(model->transcript.schema, model->zeros);
    sil_kept_clear(&model->kept);
    SIL_TRY(sil_transcript_kept(&model->kept, &model->transcript, err));
    if (model->encoding.length == 0) {
        SIL_TRY(sil_transcript_encode(&model->encoding, &model->transcript, err));
    }
    sil_transcript_hash(model->hash, &model->encoding);
    SIL_TRY(sil_transcript_measurements(&measurements, &model->transcript, err));
    SIL_TRY(estimate(model, &rows, &measurements, err));
    model->rows = round_rows(model->total);
    SIL_TRY(say(model, &measurements, rows, err));
cleanup:
    sil_measurements_clear(&measurements);
    sil_floating_leave(before);
    return status;
}

const struct sil_graphical_model *sil_model_tree(const struct sil_model *model)
{
    return model->mosaic != NULL ? model->mosaic->gm : model->gm;
}

const struct sil_domain *sil_model_tree_domain(const struct sil_model *model)
{
    return model->mosaic != NULL ? &model->mosaic->groups : &model->domain;
}

static sil_status refit_mosaic(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (model->mosaic->tables != NULL && !model->mosaic->is_taken) {
        return SIL_OK; /* of a run that has just ended */
    }
    /* Phase 3 has changed what the lines before it say of the columns: from the start. */
    sil_mosaic_free(model->mosaic);
    model->mosaic = NULL;
    SIL_TRY(read_mosaic(model, err));
    SIL_TRY(sil_mosaic_fit_cold(model->mosaic, err));
    SIL_TRY(sil_mosaic_finish(model->mosaic, model->transcript.line,
                              model->transcript.n_lines, err));
cleanup:
    return status;
}

static sil_status refit_measurements(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_measurements measurements = {0};
    SIL_TRY(sil_transcript_measurements(&measurements, &model->transcript, err));
    sil_gm_free(model->gm);
    model->gm = NULL;
    const struct sil_known known = {.schema = model->transcript.schema,
                                    .kept = &model->kept};
    SIL_TRY(sil_publish(&model->gm, &model->domain, &measurements,
                        model->transcript.terms.replay >= 3 ? &known : NULL,
                        model->n_threads, err));
cleanup:
    sil_measurements_clear(&measurements);
    return status;
}

sil_status sil_model_refit(struct sil_model *model, struct sil_error *err)
{
    unsigned before = sil_floating_enter();
    sil_status status = model->mosaic != NULL ? refit_mosaic(model, err)
                                              : refit_measurements(model, err);
    sil_floating_leave(before);
    return status == SIL_OK ? sil_model_set_heights(model, err) : status;
}

void sil_model_seed(uint8_t *seed, const struct sil_model *model, uint64_t copy)
{
    uint8_t number[8];
    for (unsigned k = 0; k < 8; k++) {
        number[k] = (uint8_t)(copy >> (8 * k));
    }
    const struct sil_part parts[] = {
        {model->hash, sizeof model->hash},
        {number,      sizeof number     },
    };
    sil_hash(seed, parts, 2);
}

size_t sil_model_n_warnings(const struct sil_model *model)
{
    return model->warnings.n;
}

const char *sil_model_warning(const struct sil_model *model, size_t i)
{
    return i < model->warnings.n ? model->warnings.text[i] : NULL;
}

const char *sil_model_claim(const struct sil_model *model)
{
    return (const char *)model->claim.data;
}

uint64_t sil_model_rows(const struct sil_model *model)
{
    return model->rows;
}
