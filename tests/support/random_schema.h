// SPDX-License-Identifier: Apache-2.0
/// Schemas of random fields: every type, closed sets and bins, every policy.
#ifndef TESTS_SUPPORT_RANDOM_SCHEMA_H
#define TESTS_SUPPORT_RANDOM_SCHEMA_H

#include "support/property.h"
#include "table/schema.h"

/// 1 to `max_fields` fields named f0, f1, ...; "" and "?" are missing values. Freed with
/// sil_schema_free.
struct sil_schema *test_random_schema(struct test_random *random, size_t max_fields);

#endif
