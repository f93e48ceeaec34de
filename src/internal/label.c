// SPDX-License-Identifier: Apache-2.0
#include "internal/label.h"

#include "base/fail.h"

#include <string.h>

sil_status sil_cell_label(struct sil_bytes *out, bool *is_null,
                          const struct sil_schema *schema, uint32_t column,
                          uint32_t code, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes last = {0};
    const struct sil_field *field = sil_schema_field(schema, column);
    size_t before = out->length;

    *is_null = sil_field_is_null(field, code);
    if (*is_null) {
        return SIL_OK;
    }
    /* The smallest and the largest word draw the first and the last value of a bin. */
    SIL_TRY(sil_field_decode(out, field, code, 0, err));
    SIL_TRY(sil_field_decode(&last, field, code, UINT64_MAX, err));
    size_t length = out->length - before;
    if (last.length != length ||
        (length > 0 && memcmp(out->data + before, last.data, length) != 0)) {
        SIL_TRY(sil_bytes_printf(out, err, " to "));
        SIL_TRY(sil_bytes_append(out, last.data, last.length, err));
    }

cleanup:
    sil_bytes_clear(&last);
    return status;
}

void sil_cell_codes(uint32_t *code, uint32_t cell, const struct sil_domain *domain,
                    const struct sil_clique *clique)
{
    for (uint32_t i = clique->n; i-- > 0;) {
        uint32_t size = domain->sizes[clique->attr[i]];
        code[i] = cell % size;
        cell /= size;
    }
}
