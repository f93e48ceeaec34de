// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/search.h"

#include <stdlib.h>

static const char *const WHAT = "the rows";

/* Items 0 .. n - 1 in the order of their keys, and within a key in their own. */
struct sorted {
    uint32_t *item;
    size_t *first; ///< n_keys + 1 starts into `item`
};

static sil_status sort(struct sorted *out, const uint32_t *key, size_t n,
                       uint32_t n_keys, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&out->item, n, sizeof *out->item, WHAT, err));
    SIL_TRY(sil_alloc(&out->first, (size_t)n_keys + 2, sizeof *out->first, WHAT, err));
    /* Counted two places on, so that the starts are in place when all are dealt out. */
    for (size_t i = 0; i < n; i++) {
        out->first[key[i] + 2]++;
    }
    for (size_t k = 2; k <= n_keys; k++) {
        out->first[k + 1] += out->first[k];
    }
    for (size_t i = 0; i < n; i++) {
        out->item[out->first[key[i] + 1]++] = (uint32_t)i;
    }

cleanup:
    return status;
}

static void clear(struct sorted *sorted)
{
    free(sorted->item);
    free(sorted->first);
}

/* How the k rows of a group are shared out: value v ends where the running count of what
 * is expected, moved by one uniform number, ends. Each value gets the whole part of what it
 * expects or one more, and what it expects on average. */
static void share_out(uint32_t *out, size_t k, const uint32_t *values, size_t n_values,
                      const double *column, double start)
{
    double mass = 0;
    for (size_t v = 0; v < n_values; v++) {
        mass += column[values[v]];
    }
    double reached = 0;
    size_t placed = 0;
    for (size_t v = 0; v < n_values; v++) {
        reached += column[values[v]];
        size_t end =
            v + 1 < n_values ? (size_t)(reached / mass * (double)k + start) : k;
        for (; placed < end && placed < k; placed++) {
            out[placed] = values[v];
        }
    }
}

/* Replace the codes of one attribute, a group after the other from one stream; groups of
 * one value take no words. `code` holds the groups of the rows, then their values. */
static sil_status open_attribute(uint32_t *code, size_t n_rows,
                                 const struct sil_grouping *of, const double *column,
                                 struct sil_word_reader *reader, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sorted rows = {0};
    struct sorted values = {0};
    uint32_t *dealt = NULL;
    SIL_TRY(sort(&rows, code, n_rows, of->n_groups, err));
    SIL_TRY(sort(&values, of->group, of->n_values, of->n_groups, err));
    SIL_TRY(sil_alloc(&dealt, n_rows, sizeof *dealt, WHAT, err));
    for (uint32_t g = 0; g < of->n_groups; g++) {
        const uint32_t *value = values.item + values.first[g];
        size_t n_values = values.first[g + 1] - values.first[g];
        size_t k = rows.first[g + 1] - rows.first[g];
        double start = n_values > 1 && k > 0 ? sil_word_unit(reader) : 0;
        share_out(dealt, k, value, n_values, column, start);
        if (n_values > 1) {
            sil_words_shuffle(dealt, k, reader);
        }
        for (size_t i = 0; i < k; i++) {
            code[rows.item[rows.first[g] + i]] = dealt[i];
        }
    }

cleanup:
    clear(&rows);
    clear(&values);
    free(dealt);
    return status;
}

sil_status sil_open_groups(struct sil_codes *codes, const struct sil_codes *groups,
                           const struct sil_domain *domain,
                           const struct sil_grouping *of, const double *const *column,
                           struct sil_words words, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *code = NULL;
    unsigned before = sil_floating_enter();
    *codes = (struct sil_codes){0};
    size_t n = groups->n_rows;

    SIL_TRY(sil_codes_init(codes, domain, n, err));
    SIL_TRY(sil_alloc(&code, n, sizeof *code, WHAT, err));
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        for (size_t row = 0; row < n; row++) {
            code[row] = sil_codes_get(groups, a, row);
        }
        if (of[a].group != NULL) {
            struct sil_word_reader reader =
                sil_word_reader(words, SIL_STREAM(SIL_STREAM_OPEN, a));
            SIL_TRY(open_attribute(code, n, &of[a], column[a], &reader, err));
        }
        for (size_t row = 0; row < n; row++) {
            sil_codes_set(codes, a, row, code[row]);
        }
    }

cleanup:
    free(code);
    if (status != SIL_OK) {
        sil_codes_clear(codes);
    }
    sil_floating_leave(before);
    return status;
}
