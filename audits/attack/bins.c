// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/bins.h"

#include "audits/attack/planes.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void aud_bins_clear(struct aud_bins *bins)
{
    for (size_t i = 0; bins->of != NULL && i < bins->n_columns; i++) {
        free(bins->of[i]);
    }
    free(bins->of);
    *bins = (struct aud_bins){0};
}

/* Numbers: bins that hold about equally many of the pool; what is no number one each. */
static uint32_t cut_numbers(uint8_t *bin, const uint32_t *count, size_t n_pool)
{
    uint32_t now = 0;
    uint64_t sum = 0;
    for (uint32_t code = 0; code <= AUD_GRID; code++) {
        bin[code] = (uint8_t)now;
        sum += count[code];
        if (sum * AUD_NUMBER_BINS >= (now + 1) * (uint64_t)n_pool &&
            now + 1 < AUD_NUMBER_BINS) {
            now++;
        }
    }
    for (uint32_t k = 0; k < AUD_SPECIALS; k++) {
        bin[AUD_GRID + 1 + k] = (uint8_t)(now + 1 + k);
    }
    return now + 1 + AUD_SPECIALS;
}

/* Names: the first met keep to themselves, the rest share the last bin. */
static uint32_t cut_names(uint8_t *bin, uint32_t n_codes)
{
    uint32_t n = n_codes < AUD_NAME_BINS ? n_codes : AUD_NAME_BINS;
    for (uint32_t code = 0; code < n_codes; code++) {
        bin[code] = (uint8_t)(code < n ? code : n - 1);
    }
    return n;
}

static sil_status cut(struct aud_bins *bins, const struct aud_tables *tables,
                      size_t column, uint8_t *bin, uint32_t *count,
                      struct sil_error *err)
{
    const struct aud_column *of = &tables->column[column];
    const struct aud_choice all = {AUD_TRAIN, AUD_SYNTHETIC, NULL, 0};
    const size_t n_pool = tables->rows[AUD_TRAIN].n + tables->rows[AUD_HOLDOUT].n;
    const size_t n = n_pool + tables->rows[AUD_SYNTHETIC].n;
    sil_status status = sil_alloc(&bins->of[column], n, 1, "bins", err);
    if (status != SIL_OK) {
        return status;
    }
    (void)memset(count, 0, AUD_CODES * sizeof *count);
    for (size_t i = 0; i < n_pool; i++) {
        count[aud_choice_code(tables, &all, column, i)]++;
    }
    bins->size[column] =
        of->is_ordered ? cut_numbers(bin, count, n_pool) : cut_names(bin, of->n_codes);
    for (size_t i = 0; i < n; i++) {
        bins->of[column][i] = bin[aud_choice_code(tables, &all, column, i)];
    }
    return SIL_OK;
}

sil_status aud_bins_make(struct aud_bins *out, const struct aud_tables *tables,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *bin = NULL;
    uint32_t *count = NULL;
    *out = (struct aud_bins){.n_columns = tables->n_columns};
    SIL_TRY(sil_alloc(&bin, AUD_CODES, 1, "bins", err));
    SIL_TRY(sil_alloc(&count, AUD_CODES, sizeof *count, "bins", err));
    SIL_TRY(sil_alloc(&out->of, out->n_columns, sizeof *out->of, "bins", err));
    for (size_t i = 0; i < out->n_columns; i++) {
        SIL_TRY(cut(out, tables, i, bin, count, err));
    }

cleanup:
    free(bin);
    free(count);
    if (status != SIL_OK) {
        aud_bins_clear(out);
    }
    return status;
}
