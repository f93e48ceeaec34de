// SPDX-License-Identifier: Apache-2.0
#include "audits/table/listed.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

int aud_text_order(const struct aud_text *a, const struct aud_text *b)
{
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter == 0 ? 0 : memcmp(a->text, b->text, shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int by_text(const void *left, const void *right)
{
    const struct aud_listed *a = left;
    const struct aud_listed *b = right;
    return aud_text_order(&a->text, &b->text);
}

static int by_value(const void *left, const void *right)
{
    const struct aud_listed *a = left;
    const struct aud_listed *b = right;
    return mpq_cmp(a->value, b->value);
}

static int by_cell(const struct aud_listed *a, const struct aud_listed *b)
{
    return (a->cell > b->cell) - (a->cell < b->cell);
}

static int by_text_and_cell(const void *left, const void *right)
{
    int order = by_text(left, right);
    return order != 0 ? order : by_cell(left, right);
}

static int by_value_and_cell(const void *left, const void *right)
{
    int order = by_value(left, right);
    return order != 0 ? order : by_cell(left, right);
}

static void leave_one_of_each(struct aud_listing *listing,
                              int (*order)(const void *, const void *))
{
    size_t kept = 0;
    for (size_t i = 0; i < listing->n; i++) {
        if (kept == 0 || order(&listing->item[kept - 1], &listing->item[i]) != 0) {
            listing->item[kept++] = listing->item[i];
        }
    }
    listing->n = kept;
}

sil_status aud_listing_texts(struct aud_listing *out, char *const *text, size_t n,
                             const uint32_t *cell, struct sil_error *err)
{
    *out = (struct aud_listing){.n = 0};
    sil_status status = sil_alloc(&out->item, n, sizeof *out->item, "a schema", err);
    if (status != SIL_OK) {
        return status;
    }
    for (; out->n < n; out->n++) {
        out->item[out->n] = (struct aud_listed){
            .text = {.text = text[out->n], .length = strlen(text[out->n])},
            .cell = cell != NULL ? cell[out->n] : (uint32_t)out->n,
        };
    }
    qsort(out->item, n, sizeof *out->item, by_text_and_cell);
    leave_one_of_each(out, by_text);
    return SIL_OK;
}

sil_status aud_listing_values(struct aud_listing *out, mpq_t *value, size_t n,
                              struct sil_error *err)
{
    *out = (struct aud_listing){.n = 0};
    sil_status status = sil_alloc(&out->item, n, sizeof *out->item, "a schema", err);
    if (status != SIL_OK) {
        return status;
    }
    for (; out->n < n; out->n++) {
        out->item[out->n] =
            (struct aud_listed){.value = value[out->n], .cell = (uint32_t)out->n};
    }
    qsort(out->item, n, sizeof *out->item, by_value_and_cell);
    leave_one_of_each(out, by_value);
    return SIL_OK;
}

void aud_listing_clear(struct aud_listing *listing)
{
    free(listing->item);
    *listing = (struct aud_listing){.n = 0};
}

static struct aud_listed *find(const struct aud_listing *listing,
                               const struct aud_listed *wanted,
                               int (*order)(const void *, const void *))
{
    return listing->n == 0 ? NULL
                           : bsearch(wanted, listing->item, listing->n,
                                     sizeof *listing->item, order);
}

struct aud_listed *aud_listing_text(const struct aud_listing *listing, const char *text,
                                    size_t length)
{
    const struct aud_listed wanted = {
        .text = {.text = text, .length = length}
    };
    return find(listing, &wanted, by_text);
}

struct aud_listed *aud_listing_value(const struct aud_listing *listing,
                                     mpq_srcptr value)
{
    return find(listing, &(const struct aud_listed){.value = value}, by_value);
}

size_t aud_edge_below(mpq_t *edge, size_t n, mpq_srcptr value)
{
    size_t low = 0;
    size_t high = n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (mpq_cmp(edge[middle], value) <= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}
