// SPDX-License-Identifier: Apache-2.0
/* Declared values that `other` is written as in synthetic rows, by docs/schema.md. */
#include "audits/table/field.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A text of a row beside a text of the schema, in the order of bytes. */
static int order(const struct aud_text *text, const char *of)
{
    size_t length = strlen(of);
    size_t least = text->length < length ? text->length : length;
    int is = least > 0 ? memcmp(text->text, of, least) : 0;
    return is != 0 ? is : (text->length > length) - (text->length < length);
}

static int compare(const void *a, const void *b)
{
    char *const *x = a;
    char *const *y = b;
    return strcmp(*x, *y);
}

sil_status aud_field_read_expansion(struct aud_field *field, const json_t *own,
                                    struct sil_error *err)
{
    json_t *object = json_object_get(own, "expand");
    const char *text;
    json_t *weight;
    if (field->outside != AUD_OTHER || object == NULL) {
        return SIL_OK;
    }
    sil_status status = sil_alloc((void *)&field->expanded, json_object_size(object),
                                  sizeof *field->expanded, "a schema", err);
    if (status != SIL_OK) {
        return status;
    }
    json_object_foreach(object, text, weight)
    {
        field->expanded[field->n_expanded] = strdup(text);
        if (field->expanded[field->n_expanded++] == NULL) {
            return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a schema");
        }
    }
    qsort((void *)field->expanded, field->n_expanded, sizeof *field->expanded, compare);
    return SIL_OK;
}

/* The place of the first that is not before the text. */
static size_t find(const struct aud_field *field, const struct aud_text *text)
{
    size_t low = 0;
    size_t high = field->n_expanded;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order(text, field->expanded[middle]) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool aud_field_expands(const struct aud_field *field, const struct aud_text *text)
{
    size_t at = find(field, text);
    return at < field->n_expanded && order(text, field->expanded[at]) == 0;
}

void aud_field_leave_found(struct aud_field *field, const struct aud_text *text)
{
    size_t at = find(field, text);
    if (aud_field_expands(field, text)) {
        free(field->expanded[at]);
        field->n_expanded--;
        (void)memmove((void *)(field->expanded + at),
                      (void *)(field->expanded + at + 1),
                      (field->n_expanded - at) * sizeof *field->expanded);
    }
}
