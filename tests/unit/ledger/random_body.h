// SPDX-License-Identifier: Apache-2.0
/// Random bodies of every type, and when two are the same.
#ifndef TESTS_UNIT_LEDGER_RANDOM_BODY_H
#define TESTS_UNIT_LEDGER_RANDOM_BODY_H

#include "ledger/body.h"
#include "support/property.h"

/// A body that may be written, of a random type; to be cleared. A genesis has no LID yet.
void random_body(struct sil_body *out, struct test_random *random);

/// Field by field, computed key ids apart.
bool same_body(const struct sil_body *a, const struct sil_body *b);

#endif
