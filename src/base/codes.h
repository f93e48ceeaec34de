// SPDX-License-Identifier: Apache-2.0
/// A table of cell codes, column by column, in the narrowest integer that holds them.
#ifndef SIL_BASE_CODES_H
#define SIL_BASE_CODES_H

#include "base/clique.h"

#include "silhouette/status.h"

struct sil_codes {
    size_t n_rows;
    uint32_t n_attrs;
    uint8_t *width; ///< bytes a code of each attribute: 1, 2 or 4
    void **column;  ///< n_attrs arrays of n_rows codes, each 64-byte aligned
};

/// Bytes needed for codes 0 .. size - 1.
uint8_t sil_codes_width(uint32_t size);

/// Allocate `n_rows` zeroed rows over `domain`; freed with sil_codes_clear.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is empty.
SIL_MUST_USE sil_status sil_codes_init(struct sil_codes *out,
                                       const struct sil_domain *domain, size_t n_rows,
                                       struct sil_error *err);

/// Free the columns and leave an empty table; an empty one is accepted.
void sil_codes_clear(struct sil_codes *codes);

static inline uint32_t sil_codes_get(const struct sil_codes *codes, uint32_t attr,
                                     size_t row)
{
    switch (codes->width[attr]) {
    case 1: return ((const uint8_t *)codes->column[attr])[row];
    case 2: return ((const uint16_t *)codes->column[attr])[row];
    default: return ((const uint32_t *)codes->column[attr])[row];
    }
}

static inline void sil_codes_set(struct sil_codes *codes, uint32_t attr, size_t row,
                                 uint32_t code)
{
    switch (codes->width[attr]) {
    case 1: ((uint8_t *)codes->column[attr])[row] = (uint8_t)code; break;
    case 2: ((uint16_t *)codes->column[attr])[row] = (uint16_t)code; break;
    default: ((uint32_t *)codes->column[attr])[row] = code; break;
    }
}

#endif
