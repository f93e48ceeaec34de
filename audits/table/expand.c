// SPDX-License-Identifier: Apache-2.0
/* Declared values that `other` is written as in synthetic rows, by docs/schema.md. */
#include "audits/table/field.h"
#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

sil_status aud_field_read_expansion(struct aud_field *field, const json_t *own,
                                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *object = json_object_get(own, "expand");
    const char *text;
    json_t *weight;
    if (field->outside != AUD_OTHER || object == NULL) {
        return SIL_OK;
    }
    SIL_TRY(sil_alloc((void *)&field->expanded, json_object_size(object),
                      sizeof *field->expanded, "a schema", err));
    json_object_foreach(object, text, weight)
    {
        field->expanded[field->n_expanded] = strdup(text);
        if (field->expanded[field->n_expanded++] == NULL) {
            return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a schema");
        }
    }
    status = aud_listing_texts(&field->expansion, field->expanded, field->n_expanded,
                               NULL, err);

cleanup:
    return status;
}

bool aud_field_expands(const struct aud_field *field, const struct aud_text *text)
{
    const struct aud_listed *item =
        aud_listing_text(&field->expansion, text->text, text->length);
    return item != NULL && item->cell != AUD_NO_CELL;
}

void aud_field_leave_found(struct aud_field *field, const struct aud_text *text)
{
    struct aud_listed *item =
        aud_listing_text(&field->expansion, text->text, text->length);
    if (item != NULL) {
        item->cell = AUD_NO_CELL;
    }
}
