// SPDX-License-Identifier: Apache-2.0
#include "order_texts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *const ORDER_NAMES[ORDER_FIELDS] = {"age", "`s x`", "n", "x",
                                               "b",   "'d'",   "t"};
const char *const ORDER_LITERAL[ORDER_FIELDS][ORDER_LITERALS] = {
    {"3",                   "7.5",                   "20",                        "-1",         "'other'",    "0",                   "19",     "+5"  },
    {"'F'",                 "\"M\"",                 "'z'",                       "'NULL'",     "'f'",        "F",                   "3",      "''"  },
    {"1",                   "2.0",                   "10",                        "3",          "0.5",        "'10'",                "11",     "1e1" },
    {"-.5",                 "0.25",                  "1.75",                      "0.3",        "2",          "-2",                  "'1,5'",  "1e-1"},
    {"'ja'",                "'nein'",                "'j'",                       "ja",         "1",          "'?'",                 "'true'", "'JA'"},
    {"2020-01-05",          "'2020-01-20'",          "2020-01-21",                "2020-02-30", "3",          "2019-12-31",          "'x'",
     "2020-01-01"                                                                                                                                    },
    {"2020-01-01T12:00:00", "'2020-01-01 06:30:00'", "2020-01-02T01:00:00+01:00",
     "2020-01-01T00:00:00Z",                                                                    "2020-01-01", "2020-01-02T00:00:00", "'?'",
     "2020-01-01T12:00:00.5"                                                                                                                         },
};

void order_say(char *text, const char *word)
{
    size_t n = strlen(text);
    (void)snprintf(text + n, ORDER_TEXT_MAX - n, "%s", word);
}

const char *order_pick(struct test_random *random, const char *const *list, size_t n)
{
    return list[test_below(random, n)];
}

static void say_comparison(char *text, struct test_random *random)
{
    static const char *const SIGNS[] = {" = ", "!=", "<>", "<",
                                        "<= ", " >", ">=", "=="};
    static const char *const LISTS[] = {" IN (", " not in ( "};
    static const char *const NULLS[] = {" IS NULL", " is  NOT null"};
    size_t f = test_below(random, ORDER_FIELDS);
    order_say(text, ORDER_NAMES[f]);
    switch (test_below(random, 6)) {
    case 0: order_say(text, order_pick(random, NULLS, 2)); break;
    case 1:
        order_say(text, order_pick(random, LISTS, 2));
        order_say(text, order_pick(random, ORDER_LITERAL[f], ORDER_LITERALS));
        order_say(text, " , ");
        order_say(text, order_pick(random, ORDER_LITERAL[f], ORDER_LITERALS));
        order_say(text, ")");
        break;
    default:
        order_say(text, order_pick(random, SIGNS, 8));
        order_say(text, order_pick(random, ORDER_LITERAL[f], ORDER_LITERALS));
        break;
    }
}

void order_say_condition(char *text, struct test_random *random, int depth)
{
    static const char *const JOINS[] = {" AND ", " OR ", " and ", " or "};
    uint64_t kind = depth == 0 ? 0 : test_below(random, 4);
    if (kind == 0) {
        say_comparison(text, random);
        return;
    }
    if (kind == 1) {
        order_say(text, "NOT ");
    }
    bool has_parentheses = test_below(random, 2) == 0;
    order_say(text, has_parentheses ? "(" : "");
    order_say_condition(text, random, depth - 1);
    if (kind > 1) {
        order_say(text, order_pick(random, JOINS, 4));
        order_say_condition(text, random, depth - 1);
    }
    order_say(text, has_parentheses ? ")" : "");
}
