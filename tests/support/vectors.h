// SPDX-License-Identifier: Apache-2.0
/// Test vectors from tests/vectors/dp_core.json, computed with 80-digit arithmetic by a
/// program that shares nothing with ours. A missing key aborts the test: a test that
/// compares with nothing must not pass.
#ifndef TESTS_SUPPORT_VECTORS_H
#define TESTS_SUPPORT_VECTORS_H

#include <gmp.h>

#include <jansson.h>
#include <mpfr.h>

/// The value of one top-level key ("a", "b2", ...); freed with json_decref.
json_t *vectors_load(const char *key);

/// A member that must be there.
const json_t *vectors_member(const json_t *object, const char *name);

/// A string member, borrowed.
const char *vectors_text(const json_t *object, const char *name);

/// A decimal or "p/q" string member, as a rational (exact) or a double (nearest).
void vectors_rational(mpq_t out, const json_t *object, const char *name);
double vectors_real(const json_t *object, const char *name);

#endif
