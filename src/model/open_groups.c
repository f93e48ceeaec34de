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

/* The values of a group, and what they weigh. */
struct members {
    const uint32_t *value;
    size_t n;
    const double *column;
    double mass;
};

static struct members members_of(const struct sorted *values, uint32_t group,
                                 const double *column)
{
    struct members m = {.value = values->item + values->first[group],
                        .n = values->first[group + 1] - values->first[group],
                        .column = column};
    for (size_t v = 0; v < m.n; v++) {
        m.mass += column[m.value[v]];
    }
    return m;
}

/* Replay 1: value v ends where the running count of what is expected, moved by one uniform
 * number, ends. */
static void share_systematically(const struct members *m, struct sil_dealing *dealing)
{
    double start = sil_word_unit(dealing->reader);
    double reached = 0;
    for (size_t v = 0; v + 1 < m->n; v++) {
        reached += m->column[m->value[v]];
        size_t end = (size_t)(reached / m->mass * (double)dealing->n + start);
        while (dealing->n_dealt < end && dealing->n_dealt < dealing->n) {
            sil_deal_row(dealing, m->value[v]);
        }
    }
    sil_deal_last(dealing, &(struct sil_rest){0, m->value[m->n - 1]});
}

static void share_pairwise(const struct members *m, struct sil_dealing *dealing)
{
    struct sil_rest rest = {0};
    for (size_t v = 0; v < m->n; v++) {
        double share = m->column[m->value[v]] / m->mass;
        sil_deal(dealing, &rest, m->value[v], share * (double)dealing->n);
    }
    sil_deal_last(dealing, &rest);
}

/* How the rows of a group are shared out: each value gets the whole part of what it expects
 * or one more, and what it expects on average. */
static void share_out(const struct members *m, enum sil_row_rounding rounding,
                      struct sil_dealing *dealing)
{
    if (rounding == SIL_ROWS_SYSTEMATIC) {
        share_systematically(m, dealing);
    } else {
        share_pairwise(m, dealing);
    }
    sil_words_shuffle(dealing->cell, dealing->n, dealing->reader);
}

/* An attribute whose groups are opened. */
struct opening {
    uint32_t *code; ///< of each row: its group, then its value
    size_t n_rows;
    const struct sil_grouping *of;
    const double *column;
    enum sil_row_rounding rounding;
    struct sil_word_reader reader;
};

/* A group after the other from one stream; groups of one value take no words. */
static sil_status open_attribute(struct opening *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sorted rows = {0};
    struct sorted values = {0};
    uint32_t *dealt = NULL;
    SIL_TRY(sort(&rows, o->code, o->n_rows, o->of->n_groups, err));
    SIL_TRY(sort(&values, o->of->group, o->of->n_values, o->of->n_groups, err));
    SIL_TRY(sil_alloc(&dealt, o->n_rows, sizeof *dealt, WHAT, err));
    for (uint32_t g = 0; g < o->of->n_groups; g++) {
        const struct members members = members_of(&values, g, o->column);
        const uint32_t *row = rows.item + rows.first[g];
        size_t k = rows.first[g + 1] - rows.first[g];
        if (members.n > 1 && k > 0) {
            share_out(&members, o->rounding,
                      &(struct sil_dealing){dealt, k, 0, &o->reader});
        }
        for (size_t i = 0; i < k; i++) {
            o->code[row[i]] = members.n > 1 ? dealt[i] : members.value[0];
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
                           const struct sil_draw *draw, struct sil_error *err)
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
            uint64_t stream = SIL_STREAM(SIL_STREAM_OPEN, a);
            struct opening o = {code,           n,
                                &of[a],         column[a],
                                draw->rounding, sil_word_reader(draw->words, stream)};
            SIL_TRY(open_attribute(&o, err));
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
