// SPDX-License-Identifier: Apache-2.0
/// What the statement shares with other documents, and its words.
#ifndef SIL_RELEASE_STATEMENT_PARTS_H
#define SIL_RELEASE_STATEMENT_PARTS_H

#include "release/record.h"

#include <jansson.h>

/* Who chose the number of rows, and the seed. */
#define SIL_BY_OPERATOR   "operator"
#define SIL_BY_ESTIMATE   "private estimate"
#define SIL_BY_TRANSCRIPT "transcript"

/// The claim as the statement has it; NULL when there is no memory.
json_t *sil_statement_claim(const struct sil_record *record);

/// What was asked for of rows made to order: {"where", "rebalance", "fair"}; NULL: no memory.
json_t *sil_statement_order(const struct sil_choices *choices);

/// What the rows have to do with the schema's rules. NULL: no memory.
json_t *sil_statement_rules(const struct sil_sample_report *drawn);

/// 64 hex digits; 32 hex digits; NULL when there is no memory.
json_t *sil_statement_hex(const uint8_t hash[SIL_HASH_BYTES]);
json_t *sil_statement_id(const struct sil_id *id);

#endif
