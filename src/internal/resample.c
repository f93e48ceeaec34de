// SPDX-License-Identifier: Apache-2.0
#include "internal/resample.h"

#include "base/fail.h"
#include "base/memory.h"
#include "crypto/row_words.h"

#include <stdlib.h>
#include <string.h>

/* Seeds of rows are hashes (sil_seed_of_integer, the transcript): never this text. The
 * seed is public, and the same for every table. */
static const uint8_t SEED[SIL_SEED_BYTES] = "silhouette/internal-report/v1";

struct sil_word_reader sil_report_words(uint64_t stream)
{
    const struct sil_words words = {.draw = sil_row_words, .key = SEED};
    return sil_word_reader(words, stream);
}

sil_status sil_resamples_draw(struct sil_resamples *out, size_t n, size_t n_drawn,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct sil_resamples){.n = n};

    for (uint64_t s = 0; s < SIL_RESAMPLES; s++) {
        struct sil_word_reader reader =
            sil_report_words(SIL_REPORT_STREAM_RESAMPLE + s);
        SIL_TRY(
            sil_alloc(&out->weight[s], n, sizeof *out->weight[s], "a resample", err));
        for (size_t i = 0; i < n_drawn; i++) {
            out->weight[s][sil_word_below(&reader, n)]++;
        }
    }

cleanup:
    if (status != SIL_OK) {
        sil_resamples_clear(out);
    }
    return status;
}

void sil_resamples_clear(struct sil_resamples *resamples)
{
    for (size_t s = 0; s < SIL_RESAMPLES; s++) {
        if (resamples->weight[s] != NULL) {
            explicit_bzero(resamples->weight[s],
                           resamples->n * sizeof *resamples->weight[s]);
        }
        free(resamples->weight[s]);
    }
    *resamples = (struct sil_resamples){0};
}

sil_status sil_rows_shuffle(uint32_t **order, size_t n, struct sil_error *err)
{
    sil_status status = sil_alloc(order, n, sizeof **order, "the order of rows", err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        (*order)[i] = (uint32_t)i;
    }
    struct sil_word_reader reader = sil_report_words(SIL_REPORT_STREAM_ORDER);
    sil_words_shuffle(*order, n, &reader);
    return SIL_OK;
}
