// SPDX-License-Identifier: Apache-2.0
/// The texts of open columns that the schema does not list: each gets a number while a file
/// is read, to stand in the table until it is known which of them are values.
///
/// As private as the rows. Numbers are in the order of appearance and never leave: what is
/// handed to the gate is in the order of bytes.
#ifndef SIL_TABLE_LEXICON_H
#define SIL_TABLE_LEXICON_H

#include "table/schema.h"

#include <stddef.h>

struct sil_lexicon;

/// No texts yet; freed with sil_lexicon_free. The schema is borrowed.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_lexicon_new(struct sil_lexicon **out,
                                        const struct sil_schema *schema,
                                        struct sil_error *err);

/// Wipe and free; NULL is allowed.
void sil_lexicon_free(struct sil_lexicon *lexicon);

/// The number of a text of an open field, a new one if it was not met before.
/// Time     as good as independent of the texts: where they are kept depends on a key that
///          nobody knows who wrote them.
/// Errors   SIL_ERR_INTERNAL (memory), in words that tell no size.
SIL_MUST_USE sil_status sil_lexicon_number(uint32_t *number,
                                           struct sil_lexicon *lexicon, uint32_t field,
                                           const char *text, size_t length,
                                           struct sil_error *err);

/// How many texts a field has, and one of them by its number. Borrowed, until the next
/// number is asked for.
size_t sil_lexicon_size(const struct sil_lexicon *lexicon, uint32_t field);
const char *sil_lexicon_text(size_t *length, const struct sil_lexicon *lexicon,
                             uint32_t field, uint32_t number);

#endif
