// SPDX-License-Identifier: Apache-2.0
/// Short texts seen of late in each column, with their codes: most columns hold few
/// different texts, and finding one here costs less than encoding it again. Whatever the
/// rows are, a text gets the code that sil_field_encode gives it.
#ifndef SIL_TABLE_CODE_CACHE_H
#define SIL_TABLE_CODE_CACHE_H

#include "table/schema.h"

struct sil_code_cache;

/// A cache for every field of the schema; freed with sil_code_cache_free.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_code_cache_new(struct sil_code_cache **out,
                                           const struct sil_schema *schema,
                                           struct sil_error *err);

/// Wipe and free; NULL is allowed.
void sil_code_cache_free(struct sil_code_cache *cache);

/// sil_field_encode for a field, by its number.
uint32_t sil_code_cache_encode(struct sil_code_cache *cache, uint32_t field,
                               const char *text, size_t length);

#endif
