// SPDX-License-Identifier: Apache-2.0
#include "table/pieces.h"

#include "base/fail.h"
#include "base/memory.h"
#include "table/field.h"
#include "table/recomputed.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "a condition";

/* ---- cuts ---- */

/* The first word whose value of the bin is not below `bound`; 0 when all are not, or none
 * is: the bin is not cut. */
static uint64_t cut_at(const struct sil_bins *bins, uint32_t bin, sil_i128 bound)
{
    uint64_t low = 0;
    uint64_t high = UINT64_MAX;
    if (sil_bins_draw(bins, bin, low) >= bound ||
        sil_bins_draw(bins, bin, high) < bound) {
        return 0;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (sil_bins_draw(bins, bin, middle) < bound) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

struct cut {
    uint32_t bin;
    uint64_t word;
};

struct cuts {
    struct cut *item;
    size_t n;
    size_t capacity;
};

static int compare_cuts(const void *a, const void *b)
{
    const struct cut *x = a;
    const struct cut *y = b;
    return x->bin != y->bin ? (x->bin > y->bin) - (x->bin < y->bin)
                            : (x->word > y->word) - (x->word < y->word);
}

static sil_status add_cut(struct cuts *cuts, const struct sil_bins *bins,
                          sil_i128 bound, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (bound < bins->first || bound > bins->last) {
        return SIL_OK;
    }
    uint32_t bin = sil_bins_find(bins, bound);
    uint64_t word = cut_at(bins, bin, bound);
    if (word > 0) {
        SIL_TRY(sil_grow(&cuts->item, &cuts->capacity, cuts->n + 1, sizeof *cuts->item,
                         WHAT, err));
        cuts->item[cuts->n++] = (struct cut){bin, word};
    }

cleanup:
    return status;
}

static sil_status find_cuts(struct cuts *cuts, const struct sil_bins *bins,
                            const struct sil_test *const *tests, size_t n,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t t = 0; t < n; t++) {
        const struct sil_recomputed *through = tests[t]->through;
        for (size_t i = 0; through != NULL && i < through->n_cuts; i++) {
            SIL_TRY(add_cut(cuts, bins, through->cut[i].span[0].low, err));
        }
        for (size_t i = 0; i < tests[t]->n_spans; i++) {
            SIL_TRY(add_cut(cuts, bins, tests[t]->span[i].low, err));
            SIL_TRY(add_cut(cuts, bins, tests[t]->span[i].high, err));
        }
    }
    if (cuts->n > 0) {
        qsort(cuts->item, cuts->n, sizeof *cuts->item, compare_cuts);
    }

cleanup:
    return status;
}

static sil_status add_piece(struct sil_pieces *out, uint32_t code, uint64_t first,
                            struct sil_error *err)
{
    sil_status status = sil_grow(&out->piece, &out->capacity, out->n + 1,
                                 sizeof *out->piece, WHAT, err);
    if (status == SIL_OK) {
        out->piece[out->n++] = (struct sil_piece){
            .code = code, .first_word = first, .last_word = UINT64_MAX};
    }
    return status;
}

static sil_status cut_cells(struct sil_pieces *out, const struct cuts *cuts,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t next = 0;
    for (uint32_t code = 0; code < out->n_codes; code++) {
        out->first_of[code] = out->n;
        SIL_TRY(add_piece(out, code, 0, err));
        for (; next < cuts->n && cuts->item[next].bin == code; next++) {
            uint64_t word = cuts->item[next].word;
            if (out->piece[out->n - 1].first_word < word) {
                out->piece[out->n - 1].last_word = word - 1;
                SIL_TRY(add_piece(out, code, word, err));
            }
        }
    }
    out->first_of[out->n_codes] = out->n;

cleanup:
    return status;
}

/* ---- classes ---- */

/* How the tests see a piece; all of its values are seen alike. */
static void look_at(uint8_t *truth, const struct sil_piece *piece,
                    const struct sil_field *field, const struct sil_test *const *tests,
                    size_t n)
{
    bool is_bin = sil_field_text(field, piece->code) == NULL;
    sil_i128 value =
        is_bin ? sil_bins_draw(&field->bins, piece->code, piece->first_word) : 0;
    for (size_t t = 0; t < n; t++) {
        truth[t] = (uint8_t)sil_test_holds(tests[t], field, piece->code, value);
    }
}

/* Classes in the order of what the tests see: there may be many, of as many pieces. */
struct order {
    uint32_t *class;
    size_t capacity;
};

/* The place of the first class that is not before it. */
static uint32_t find_place(const struct order *order, const struct sil_pieces *out,
                           const uint8_t *truth)
{
    uint32_t low = 0;
    uint32_t high = out->n_classes;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const uint8_t *other = out->truth + order->class[middle] * out->n_tests;
        if (memcmp(other, truth, out->n_tests) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static sil_status find_class(uint32_t *class, struct order *order,
                             struct sil_pieces *out, const uint8_t *truth,
                             size_t *capacity, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = out->n_tests;
    uint32_t place = find_place(order, out, truth);
    *class = place < out->n_classes ? order->class[place] : 0;
    if (place < out->n_classes && memcmp(out->truth + *class * n, truth, n) == 0) {
        return SIL_OK;
    }
    *class = out->n_classes;
    SIL_TRY(
        sil_grow(&out->truth, capacity, (*class + (size_t)1) * n + 1, 1, WHAT, err));
    SIL_TRY(sil_grow(&order->class, &order->capacity, *class + (size_t)1,
                     sizeof *order->class, WHAT, err));
    (void)memcpy(out->truth + *class * n, truth, n);
    (void)memmove(order->class + place + 1, order->class + place,
                  (*class - place) * sizeof *order->class);
    order->class[place] = *class;
    out->n_classes++;

cleanup:
    return status;
}

static sil_status classify(struct sil_pieces *out, const struct sil_field *field,
                           const struct sil_test *const *tests, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *seen = NULL;
    struct order order = {0};
    size_t capacity = 0;
    size_t n = out->n_tests;
    SIL_TRY(sil_alloc(&seen, n, 1, WHAT, err));
    for (size_t i = 0; i < out->n; i++) {
        look_at(seen, &out->piece[i], field, tests, n);
        SIL_TRY(find_class(&out->piece[i].class, &order, out, seen, &capacity, err));
    }

cleanup:
    free(seen);
    free(order.class);
    return status;
}

sil_status sil_pieces_make(struct sil_pieces *out, const struct sil_field *field,
                           const struct sil_test *const *tests, size_t n,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct cuts cuts = {0};
    *out = (struct sil_pieces){
        .attr = tests[0]->attr, .n_codes = field->n_cells, .n_tests = n};

    if (!field->is_closed) {
        SIL_TRY(find_cuts(&cuts, &field->bins, tests, n, err));
    }
    SIL_TRY(sil_alloc(&out->first_of, (size_t)out->n_codes + 1, sizeof *out->first_of,
                      WHAT, err));
    SIL_TRY(cut_cells(out, &cuts, err));
    SIL_TRY(classify(out, field, tests, err));

cleanup:
    free(cuts.item);
    if (status != SIL_OK) {
        sil_pieces_clear(out);
    }
    return status;
}

sil_status sil_pieces_add_unlisted(struct sil_pieces *pieces, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t held = pieces->n_classes * pieces->n_tests;
    size_t capacity = held;
    SIL_TRY(sil_grow(&pieces->truth, &capacity, held + pieces->n_tests, 1, WHAT, err));
    (void)memset(pieces->truth + held, SIL_FALSE, pieces->n_tests);
    SIL_TRY(add_piece(pieces, SIL_CODE_NONE, 0, err));
    pieces->piece[pieces->n - 1].class = pieces->n_classes++;

cleanup:
    return status;
}

size_t sil_pieces_find(const struct sil_pieces *pieces, uint32_t code, uint64_t word)
{
    size_t low = pieces->first_of[code];
    size_t high = pieces->first_of[code + 1] - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pieces->piece[middle].last_word < word) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void sil_pieces_clear(struct sil_pieces *pieces)
{
    free(pieces->piece);
    free(pieces->first_of);
    free(pieces->truth);
    *pieces = (struct sil_pieces){0};
}
