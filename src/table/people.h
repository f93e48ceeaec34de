// SPDX-License-Identifier: Apache-2.0
/// Which rows of a person count, where the unit of privacy is a person.
///
/// Of a person's rows the K with the smallest
///     BLAKE2b-256("silhouette/people/v1\n" | salt | length of id, 8 bytes | id |
///                 codes, 4 bytes each | copy, 4 bytes),
/// integers little-endian, count; a row is its codes in the schema's order, after all
/// policies (a dropped row is none; a text of an open field that is not listed has 2^32 - 1
/// for a code, and its length, 8 bytes, and its bytes follow all codes, field by field), and
/// copy numbers a person's rows with the same codes
/// from 0. The choice so follows from the salt and from the rows of that person alone,
/// whatever their order and whoever else is in the table.
/// Privacy  docs/privacy.md, theorem 1b.
#ifndef SIL_TABLE_PEOPLE_H
#define SIL_TABLE_PEOPLE_H

#include "table/table.h"
#include "table/table_store.h"

/// Who each row of a table belongs to.
struct sil_people;

/// Nobody yet; freed with sil_people_free. The rule is borrowed and must outlive it.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_people_new(struct sil_people **out,
                                       const struct sil_people_rule *rule,
                                       struct sil_error *err);

/// Wipe and free; NULL is allowed.
void sil_people_free(struct sil_people *people);

/// Note whose the next row of the table is: ids are compared as bytes, and an empty one is
/// missing: the row is its own person's, or by the rule no row at all.
/// @param[out] is_row   false: it is none, and nothing was noted.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_people_add(bool *is_row, struct sil_people *people,
                                       const char *id, size_t length,
                                       struct sil_error *err);

/// Keep the rows that count, in their order; the others are wiped. Pre  as many rows were
/// noted as the table has. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_people_cap(struct sil_people *people,
                                       struct sil_table *table, struct sil_error *err);

#endif
