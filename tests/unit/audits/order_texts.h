// SPDX-License-Identifier: Apache-2.0
/// Texts that may be conditions over seven columns: an integer "age", a string "s x", a set of
/// integers "n", a number "x", a boolean "b", a date "d" and a datetime "t".
#ifndef TESTS_AUDITS_ORDER_TEXTS_H
#define TESTS_AUDITS_ORDER_TEXTS_H

#include "support/property.h"

enum { ORDER_FIELDS = 7, ORDER_LITERALS = 8, ORDER_TEXT_MAX = 1000 };

/// The columns, as conditions name them, and of each some texts that may be values.
extern const char *const ORDER_NAMES[ORDER_FIELDS];
extern const char *const ORDER_LITERAL[ORDER_FIELDS][ORDER_LITERALS];

/// Put a word behind a text, in a buffer of ORDER_TEXT_MAX.
void order_say(char *text, const char *word);
const char *order_pick(struct test_random *random, const char *const *list, size_t n);

/// Put a condition behind a text, joined up to `depth` times.
void order_say_condition(char *text, struct test_random *random, int depth);

#endif
