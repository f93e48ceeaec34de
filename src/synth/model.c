// SPDX-License-Identifier: Apache-2.0
#include "silhouette/model.h"

#include "base/fail.h"
#include "base/memory.h"
#include "crypto/row_words.h"
#include "model/floating.h"
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

sil_status sil_model_derive(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_measurements measurements = {0};
    unsigned before = sil_floating_enter(); /* totals are replayed, too */

    model->domain = sil_schema_domain(model->transcript.schema);
    if (model->encoding.length == 0) {
        SIL_TRY(sil_transcript_encode(&model->encoding, &model->transcript, err));
    }
    sil_transcript_hash(model->hash, &model->encoding);
    SIL_TRY(sil_transcript_measurements(&measurements, &model->transcript, err));
    SIL_TRY(sil_measurements_sort(&measurements, err));
    model->total = sil_measurements_total(&measurements, &model->domain);
    model->rows = round_rows(model->total);
    SIL_TRY(sil_claim_write(model, err));
    double rows = sil_measurements_rows(&measurements, &model->domain);
    SIL_TRY(sil_warnings_find(model, &measurements, rows, err));
cleanup:
    sil_measurements_clear(&measurements);
    sil_floating_leave(before);
    return status;
}

sil_status sil_model_refit(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_measurements measurements = {0};
    unsigned before = sil_floating_enter();
    SIL_TRY(sil_transcript_measurements(&measurements, &model->transcript, err));
    sil_gm_free(model->gm);
    model->gm = NULL;
    SIL_TRY(
        sil_publish(&model->gm, &model->domain, &measurements, model->n_threads, err));
cleanup:
    sil_measurements_clear(&measurements);
    sil_floating_leave(before);
    return status;
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
