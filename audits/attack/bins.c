// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/bins.h"

#include "audits/attack/planes.h"
#include "audits/attack/steps.h"
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

struct name {
    uint32_t count;
    uint32_t code;
    uint64_t lot;
};

/* The most frequent first. */
static int compare_names(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    }
    return (a->lot > b->lot) - (a->lot < b->lot);
}

/* The lot of a code is the same in a shadow run, which has other synthetic names. */
static sil_status cut_names(uint32_t *size, uint8_t *bin, const uint32_t *count,
                            uint32_t n_codes, uint64_t seed, struct sil_error *err)
{
    struct name *name = NULL;
    struct aud_lots lots = aud_lots(seed, AUD_USE_NAMES);
    sil_status status = sil_alloc(&name, n_codes, sizeof *name, "names", err);
    if (status != SIL_OK) {
        return status;
    }
    for (uint32_t code = 0; code < n_codes; code++) {
        name[code] = (struct name){count[code], code, aud_lots_bits(&lots)};
    }
    qsort(name, n_codes, sizeof *name, compare_names);
    *size = n_codes < AUD_NAME_BINS ? n_codes : AUD_NAME_BINS;
    for (uint32_t i = 0; i < n_codes; i++) {
        bin[name[i].code] = (uint8_t)(i < *size ? i : *size - 1);
    }
    free(name);
    return SIL_OK;
}

static sil_status cut(struct aud_bins *bins, const struct aud_tables *tables,
                      size_t column, uint64_t seed, uint8_t *bin, uint32_t *count,
                      struct sil_error *err)
{
    const struct aud_column *of = &tables->column[column];
    const struct aud_choice all = {AUD_TRAIN, AUD_SYNTHETIC, NULL, 0};
    const size_t n_pool = tables->rows[AUD_TRAIN].n + tables->rows[AUD_HOLDOUT].n;
    const size_t n = n_pool + tables->rows[AUD_SYNTHETIC].n;
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&bins->of[column], n, 1, "bins", err));
    (void)memset(count, 0, AUD_CODES * sizeof *count);
    for (size_t i = 0; i < n_pool; i++) {
        count[aud_choice_code(tables, &all, column, i)]++;
    }
    if (of->is_ordered) {
        bins->size[column] = cut_numbers(bin, count, n_pool);
    } else {
        SIL_TRY(cut_names(&bins->size[column], bin, count, of->n_codes, seed, err));
    }
    for (size_t i = 0; i < n; i++) {
        bins->of[column][i] = bin[aud_choice_code(tables, &all, column, i)];
    }

cleanup:
    return status;
}

sil_status aud_bins_make(struct aud_bins *out, const struct aud_tables *tables,
                         uint64_t seed, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *bin = NULL;
    uint32_t *count = NULL;
    *out = (struct aud_bins){.n_columns = tables->n_columns};
    SIL_TRY(sil_alloc(&bin, AUD_CODES, 1, "bins", err));
    SIL_TRY(sil_alloc(&count, AUD_CODES, sizeof *count, "bins", err));
    SIL_TRY(sil_alloc(&out->of, out->n_columns, sizeof *out->of, "bins", err));
    for (size_t i = 0; i < out->n_columns; i++) {
        SIL_TRY(cut(out, tables, i, seed, bin, count, err));
    }

cleanup:
    free(bin);
    free(count);
    if (status != SIL_OK) {
        aud_bins_clear(out);
    }
    return status;
}
