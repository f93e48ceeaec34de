// SPDX-License-Identifier: Apache-2.0
#include "base/codes.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

uint8_t sil_codes_width(uint32_t size)
{
    return size <= 256 ? 1 : size <= 65536 ? 2 : 4;
}

sil_status sil_codes_init(struct sil_codes *out, const struct sil_domain *domain,
                          size_t n_rows, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_codes codes = {.n_rows = n_rows, .n_attrs = domain->n_attrs};
    *out = (struct sil_codes){0};

    SIL_TRY(sil_alloc(&codes.width, domain->n_attrs, 1, "column widths", err));
    SIL_TRY(sil_alloc(&codes.column, domain->n_attrs, sizeof(void *), "columns", err));
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        codes.width[a] = sil_codes_width(domain->sizes[a]);
        SIL_TRY(sil_alloc_aligned(&codes.column[a], n_rows, codes.width[a],
                                  "a column of codes", err));
    }
    *out = codes;
    codes = (struct sil_codes){0};

cleanup:
    sil_codes_clear(&codes);
    return status;
}

void sil_codes_clear(struct sil_codes *codes)
{
    for (uint32_t a = 0; codes->column != NULL && a < codes->n_attrs; a++) {
        free(codes->column[a]);
    }
    free((void *)codes->column);
    free(codes->width);
    *codes = (struct sil_codes){0};
}
