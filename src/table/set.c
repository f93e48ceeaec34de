// SPDX-License-Identifier: Apache-2.0
#include "table/set.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

sil_status sil_text_copy(struct sil_text *out, const char *text, size_t length,
                         struct sil_error *err)
{
    *out = (struct sil_text){0};
    sil_status status = sil_alloc(&out->data, length + 1, 1, "a text", err);
    if (status == SIL_OK && length > 0) {
        (void)memcpy(out->data, text, length);
        out->length = length;
    }
    return status;
}

sil_status sil_texts_add(struct sil_texts *texts, const char *text, size_t length,
                         struct sil_error *err)
{
    sil_status status = sil_grow(&texts->item, &texts->capacity, texts->n + 1,
                                 sizeof *texts->item, "a list of texts", err);
    if (status == SIL_OK) {
        status = sil_text_copy(&texts->item[texts->n], text, length, err);
    }
    texts->n += status == SIL_OK;
    return status;
}

bool sil_texts_has(const struct sil_texts *texts, const char *text, size_t length)
{
    for (size_t i = 0; i < texts->n; i++) {
        if (texts->item[i].length == length &&
            (length == 0 || memcmp(texts->item[i].data, text, length) == 0)) {
            return true;
        }
    }
    return false;
}

void sil_texts_clear(struct sil_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        free(texts->item[i].data);
    }
    free(texts->item);
    *texts = (struct sil_texts){0};
}

/* Bytes, then length: any total order will do, it never shows. */
static int compare_texts(const struct sil_text *a, const struct sil_text *b)
{
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter == 0 ? 0 : memcmp(a->data, b->data, shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare(const void *left, const void *right)
{
    const struct sil_spelling *a = left;
    const struct sil_spelling *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    return a->text == NULL ? 0 : compare_texts(a->text, b->text);
}

sil_status sil_set_build(struct sil_set *set, size_t *twice, const uint32_t *codes,
                         const sil_i128 *keys, uint32_t n_values, struct sil_error *err)
{
    size_t n = set->texts.n;
    *twice = SIZE_MAX;
    set->n_values = n_values;
    sil_status status =
        sil_alloc(&set->sorted, n, sizeof *set->sorted, "a set of values", err);
    if (status == SIL_OK) {
        status = sil_alloc(&set->written, n_values, sizeof *set->written,
                           "a set of values", err);
    }
    if (status != SIL_OK) {
        return status;
    }

    for (size_t i = n; i-- > 0;) {
        set->sorted[i] = (struct sil_spelling){
            .key = keys != NULL ? keys[i] : 0,
            .text = keys != NULL ? NULL : &set->texts.item[i],
            .code = codes[i],
            .index = (uint32_t)i,
        };
        /* Backwards, so that the first spelling is the one that stays. */
        set->written[codes[i]] = (uint32_t)i;
    }
    qsort(set->sorted, n, sizeof *set->sorted, compare);
    for (size_t i = 1; i < n; i++) {
        if (compare(&set->sorted[i - 1], &set->sorted[i]) == 0) {
            *twice = set->sorted[i].index;
        }
    }
    return SIL_OK;
}

static bool find(uint32_t *code, const struct sil_set *set,
                 const struct sil_spelling *wanted)
{
    const struct sil_spelling *found =
        bsearch(wanted, set->sorted, set->texts.n, sizeof *set->sorted, compare);
    if (found == NULL) {
        return false;
    }
    *code = found->code;
    return true;
}

bool sil_set_find_text(uint32_t *code, const struct sil_set *set, const char *text,
                       size_t length)
{
    struct sil_text wanted = {.length = length};
    /* The field is not const for the sake of its owner; it is only read here. */
    (void)memcpy(&wanted.data, &text, sizeof text);
    return find(code, set, &(struct sil_spelling){.text = &wanted});
}

bool sil_set_find_key(uint32_t *code, const struct sil_set *set, sil_i128 key)
{
    return find(code, set, &(struct sil_spelling){.key = key});
}

const struct sil_text *sil_set_text(const struct sil_set *set, uint32_t code)
{
    return &set->texts.item[set->written[code]];
}

void sil_set_clear(struct sil_set *set)
{
    free(set->sorted);
    free(set->written);
    sil_texts_clear(&set->texts);
    *set = (struct sil_set){0};
}
