// SPDX-License-Identifier: Apache-2.0
/* What the cell `other` is written as where the schema declares it: one of a list of public
 * values, by public weights. */
#include "base/fail.h"
#include "base/memory.h"
#include "table/declare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROPERTY "silhouette.expand"

enum { VALUES_MAX = 1 << 16 };

static const json_int_t WEIGHT_MAX = INT64_C(1) << 32;

/* ---- declared ---- */

static sil_status check_value(const struct sil_field *field, const char *text,
                              const json_t *weight, struct sil_error *err)
{
    uint32_t code;
    if (!json_is_integer(weight) || json_integer_value(weight) < 1 ||
        json_integer_value(weight) > WEIGHT_MAX) {
        return sil_fail(err, SIL_ERR_INPUT,
                        PROPERTY ": the weight of \"%.60s\" must be a whole number "
                                 "from 1 to 2^32",
                        text);
    }
    if (sil_texts_has(&field->missing, text, strlen(text)) ||
        sil_field_find(&code, field, text, strlen(text)) == SIL_FOUND_VALUE) {
        return sil_fail(err, SIL_ERR_INPUT,
                        PROPERTY ": \"%.60s\" is also a listed or a missing value, "
                                 "which has a cell of its own; leave it out",
                        text);
    }
    return SIL_OK;
}

static int compare(const void *a, const void *b)
{
    const struct sil_expanded *x = a;
    const struct sil_expanded *y = b;
    return strcmp(x->text.data, y->text.data);
}

static void add_up(struct sil_expansion *expansion)
{
    uint64_t all = 0;
    for (size_t i = 0; i < expansion->n; i++) {
        all += expansion->item[i].weight;
        expansion->item[i].reached = all;
    }
}

/* In the order of their bytes, so that nobody's order of keys shows. */
static sil_status read_values(struct sil_field *field, json_t *object,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_expansion *expansion = &field->expansion;
    const char *text;
    json_t *weight;
    SIL_TRY(sil_alloc(&expansion->item, json_object_size(object),
                      sizeof *expansion->item, "a schema", err));
    json_object_foreach(object, text, weight)
    {
        struct sil_expanded *item = &expansion->item[expansion->n];
        SIL_TRY(check_value(field, text, weight, err));
        SIL_TRY(sil_text_copy(&item->text, text, strlen(text), err));
        item->weight = (uint64_t)json_integer_value(weight);
        expansion->n++;
    }
    qsort(expansion->item, expansion->n, sizeof *expansion->item, compare);
    add_up(expansion);

cleanup:
    return status;
}

sil_status sil_declare_expansion(struct sil_declaration *d, struct sil_error *err)
{
    struct sil_field *field = d->field;
    json_t *object = sil_declared(d->extension, "expand");
    if (object == NULL) {
        return SIL_OK;
    }
    if (field->outside != SIL_OUTSIDE_OTHER) {
        return sil_wrong(err, PROPERTY, "means nothing without \"outside\": \"other\"");
    }
    if (field->type != SIL_TYPE_STRING) {
        return sil_wrong(err, PROPERTY, "is for fields of type string");
    }
    if (!json_is_object(object) || json_object_size(object) == 0 ||
        json_object_size(object) > VALUES_MAX) {
        return sil_wrong(err, PROPERTY,
                         "must be an object of 1 to 65536 values and their weights, "
                         "{\"Paris\": 3, \"Lyon\": 1}");
    }
    return read_values(field, object, err);
}

/* ---- drawn ---- */

void sil_expansion_settle(struct sil_field *field)
{
    struct sil_expansion *expansion = &field->expansion;
    uint32_t code;
    size_t kept = 0;
    for (size_t i = 0; i < expansion->n; i++) {
        struct sil_expanded item = expansion->item[i];
        if (sil_set_find_text(&code, &field->set, item.text.data, item.text.length)) {
            free(item.text.data);
        } else {
            expansion->item[kept++] = item;
        }
    }
    expansion->n = kept;
    add_up(expansion);
}

size_t sil_expansion_pick(const struct sil_expansion *expansion, uint64_t word)
{
    size_t low = 0;
    size_t high = expansion->n - 1;
    uint64_t at = (uint64_t)((sil_u128)word * expansion->item[high].reached >> 64);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (expansion->item[middle].reached > at) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

size_t sil_field_n_expanded(const struct sil_field *field)
{
    return field->expansion.n;
}

const char *sil_field_expanded(const struct sil_field *field, size_t i)
{
    return field->expansion.item[i].text.data;
}

void sil_expansion_clear(struct sil_expansion *expansion)
{
    for (size_t i = 0; i < expansion->n; i++) {
        free(expansion->item[i].text.data);
    }
    free(expansion->item);
    *expansion = (struct sil_expansion){0};
}
