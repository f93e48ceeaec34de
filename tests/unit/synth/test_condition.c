// SPDX-License-Identifier: Apache-2.0
/* Conditions and shares as they are written: what is taken, what is refused and where, and
 * what is true of which row. */
#include "made_kit.h"
#include "synth/shares.h"
#include "table/condition.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- truth ---- */

static int day_of(const struct made_row *row)
{
    return row->value[DAY] + 1;
}

static bool is_female(const struct made_row *r)
{
    return r->value[SEX] == 0;
}

static bool is_known(const struct made_row *r)
{
    return r->value[SEX] != 2;
}

static bool not_female(const struct made_row *r)
{
    return r->value[SEX] == 1;
}

static bool is_missing(const struct made_row *r)
{
    return r->value[SEX] == 2;
}

static bool from_seven(const struct made_row *r)
{
    return r->value[AGE] >= 7;
}

static bool above_seven(const struct made_row *r)
{
    return r->value[AGE] > 7;
}

static bool to_seven(const struct made_row *r)
{
    return r->value[AGE] <= 7;
}

static bool below_seven(const struct made_row *r)
{
    return r->value[AGE] < 7;
}

static bool is_seven(const struct made_row *r)
{
    return r->value[AGE] == 7;
}

static bool any(const struct made_row *r)
{
    return r->value[AGE] >= 0;
}

static bool none(const struct made_row *r)
{
    return r->value[AGE] < 0;
}

static bool is_other(const struct made_row *r)
{
    return r->value[REGION] == 3;
}

static bool not_a(const struct made_row *r)
{
    return r->value[REGION] != 0;
}

static bool a_or_c(const struct made_row *r)
{
    return r->value[REGION] % 2 == 0;
}

static bool from_third(const struct made_row *r)
{
    return day_of(r) >= 3;
}

static bool is_third(const struct made_row *r)
{
    return day_of(r) == 3;
}

static bool mixed(const struct made_row *r)
{
    return (r->value[AGE] >= 7 && r->value[SEX] == 0) || r->value[REGION] == 1;
}

static bool unknown_or(const struct made_row *r)
{
    /* NOT (sex = F AND age < 3): false for women below 3, unknown for a missing sex below 3. */
    return r->value[AGE] >= 3 || r->value[SEX] == 1;
}

static const struct truth_case {
    const char *text;
    bool (*is_true)(const struct made_row *row);
} TRUTHS[] = {
    {"sex = 'F'",                                                   is_female  },
    {"sex == \"F\"",                                                is_female  },
    {"\"sex\" = 'F'",                                               is_female  },
    {"`sex`='F'",                                                   is_female  },
    {"sex != 'F'",                                                  not_female },
    {"sex <> 'F'",                                                  not_female },
    {"NOT sex = 'F'",                                               not_female },
    {"not NOT sex = 'F'",                                           is_female  },
    {"sex IN ('F', 'M')",                                           is_known   },
    {"sex NOT IN ('F')",                                            not_female },
    {"sex IS NULL",                                                 is_missing },
    {"sex is not null",                                             is_known   },
    {"NOT sex IS NULL",                                             is_known   },
    {"sex = 'F' OR sex IS NULL OR sex = 'M'",                       any        },
    {"age >= 7",                                                    from_seven },
    {"age>=7.0",                                                    from_seven },
    {"age > 6.5",                                                   from_seven },
    {"age > 7",                                                     above_seven},
    {"age <= 7",                                                    to_seven   },
    {"age<7.5",                                                     to_seven   },
    {"age < 7",                                                     below_seven},
    {"age = 7",                                                     is_seven   },
    {"age IN (7)",                                                  is_seven   },
    {"age >= 7 AND age <= 7",                                       is_seven   },
    {"age < 8 AND NOT (age < 7)",                                   is_seven   },
    {"age >= 0",                                                    any        },
    {"age >= -5",                                                   any        },
    {"age < 1e3",                                                   any        },
    {"age > 20",                                                    none       },
    {"age < 0",                                                     none       },
    {"sex = 'F' AND sex = 'M'",                                     none       },
    {"'region of birth' = 'z'",                                     is_other   },
    {"'region of birth' != 'a'",                                    not_a      },
    {"'region of birth' IN ('a','c')",                              a_or_c     },
    {"day >= 2020-01-03",                                           from_third },
    {"day >= '2020-01-03'",                                         from_third },
    {"day > 2020-01-02",                                            from_third },
    {"day = 2020-01-03",                                            is_third   },
    {"age >= 7 AND sex = 'F' OR 'region of birth' = 'b'",           mixed      },
    {"'region of birth' = 'b' OR age >= 7 AND sex = 'F'",           mixed      },
    {"((age >= 7) AND (sex = 'F')) OR (('region of birth' = 'b'))", mixed      },
    {"NOT (sex = 'F' AND age < 3)",                                 unknown_or },
};

/* 2020-01-01, counted from 1970-01-01. */
enum { FIRST_DAY = 18262 };

/* The codes and values of a row, as pieces would have them. */
static bool holds(const struct sil_condition *c, const struct sil_schema *schema,
                  const struct made_row *row, size_t cell)
{
    struct sil_domain domain = sil_schema_domain(schema);
    uint8_t truth[64];
    uint8_t work[256];
    uint32_t code[N_COLUMNS];
    for (uint32_t a = N_COLUMNS; a-- > 0;) {
        code[a] = (uint32_t)(cell % domain.sizes[a]);
        cell /= domain.sizes[a];
    }
    for (size_t t = 0; t < c->n_tests; t++) {
        uint32_t a = c->test[t].attr;
        const struct sil_field *field = sil_schema_field(schema, a);
        sil_i128 value = row->value[a] + (a == DAY ? FIRST_DAY : 0);
        truth[t] = (uint8_t)sil_test_holds(&c->test[t], field, code[a], value);
    }
    return sil_condition_holds(c, c->n_nodes - 1, truth, work) == SIL_TRUE;
}

Test(condition, truth)
{
    struct sil_schema *schema = made_schema();
    for (size_t k = 0; k < sizeof TRUTHS / sizeof TRUTHS[0]; k++) {
        struct sil_condition c;
        struct sil_error err = {{0}};
        size_t column = 99;
        cr_assert_eq(sil_condition_parse(&c, TRUTHS[k].text, schema, true, "--where",
                                         &column, &err),
                     SIL_OK, "%s: %s", TRUTHS[k].text, err.text);
        cr_expect_eq(column, 0);
        size_t wrong = MADE_VALUES;
        for (size_t i = 0; i < MADE_VALUES; i++) {
            size_t cell;
            struct made_row row = made_row_at(schema, i, &cell);
            bool is_right = holds(&c, schema, &row, cell) == TRUTHS[k].is_true(&row);
            wrong = wrong == MADE_VALUES && !is_right ? i : wrong;
        }
        cr_expect_eq(wrong, MADE_VALUES, "%s, row %zu", TRUTHS[k].text, wrong);
        sil_condition_clear(&c);
    }
    sil_schema_free(schema);
}

/* ---- refusals ---- */

static const struct bad_case {
    const char *text;
    size_t column;
    const char *says;
} BAD[] = {
    {"",                         1,  "ends where a column is expected"},
    {"   ",                      4,  "ends where a column is expected"},
    {"age",                      4,  "expected ="                     },
    {"age >",                    6,  "expected a value"               },
    {"age > old",                7,  "expected a value"               },
    {"age > sex",                7,  "expected a value"               },
    {"7 < age",                  1,  "expected a column"              },
    {"height > 3",               1,  "no column"                      },
    {"sex = 'F' AND height > 3", 15, "no column"                      },
    {"sex = 'X'",                7,  "never takes the value 'X'"      },
    {"sex IN ('F', 'X')",        14, "never takes"                    },
    {"sex = ''",                 7,  "IS NULL"                        },
    {"sex < 'M'",                7,  "no order"                       },
    {"age = 'old'",              7,  "not a value of the type"        },
    {"age = 7.5",                7,  "never takes"                    },
    {"age = 21",                 7,  "never takes"                    },
    {"day = 2020-02-30",         7,  "not a value of the type"        },
    {"day = 2019-12-31",         7,  "never takes"                    },
    {"day > 7",                  7,  "not a value of the type"        },
    {"sex IS 'F'",               8,  "expected NULL"                  },
    {"sex IS",                   7,  "expected NULL"                  },
    {"sex NOT 'F'",              9,  "expected IN"                    },
    {"sex IN 'F'",               8,  "expected ("                     },
    {"sex IN ()",                9,  "expected a value"               },
    {"sex IN ('F'",              12, "expected )"                     },
    {"sex IN ('F' 'M')",         13, "expected )"                     },
    {"(age > 3",                 9,  "expected )"                     },
    {"age > 3)",                 8,  "expected AND, OR or the end"    },
    {"age > 3 sex = 'F'",        9,  "expected AND, OR or the end"    },
    {"age > 3 AND",              12, "ends where a column is expected"},
    {"AND age > 3",              1,  "no column"                      },
    {"age > 3 OR OR age < 2",    12, "no column"                      },
    {"sex = 'F",                 7,  "closing quote"                  },
    {"sex = 'F''",               7,  "closing quote"                  },
    {"age > 3; sex = 'F'",       8,  "no meaning"                     },
    {"age ! 3",                  5,  "no meaning"                     },
    {"age = 0x7",                7,  "not a value of the type"        },
    {"age > 3\n",                8,  "control characters"             },
    {"age > \x1b[2J",            7,  "control characters"             },
    {"sex = '\xff'",             8,  "not UTF-8"                      },
    {"sex = '\xc2\x9b'",         8,  "control characters"             },
};

Test(condition, refusals_name_the_place)
{
    struct sil_schema *schema = made_schema();
    for (size_t k = 0; k < sizeof BAD / sizeof BAD[0]; k++) {
        struct sil_condition c;
        struct sil_error err = {{0}};
        char place[32];
        size_t column = 0;
        (void)snprintf(place, sizeof place, "--where: column %zu: ", BAD[k].column);
        cr_expect_eq(sil_condition_parse(&c, BAD[k].text, schema, true, "--where",
                                         &column, &err),
                     SIL_ERR_USAGE, "%s", BAD[k].text);
        cr_expect_eq(column, BAD[k].column, "%s: %zu", BAD[k].text, column);
        cr_expect_eq(strncmp(err.text, place, strlen(place)), 0, "%s: %s", BAD[k].text,
                     err.text);
        cr_expect_not_null(strstr(err.text, BAD[k].says), "%s: %s", BAD[k].text,
                           err.text);
        cr_expect_eq(c.n_nodes, 0);
    }
    sil_schema_free(schema);
}

static sil_status parse_repeated(const char *unit, size_t n, const char *end)
{
    struct sil_schema *schema = made_schema();
    struct sil_condition c;
    size_t column;
    size_t length = strlen(unit);
    char *text = calloc(n * length + strlen(end) + 1, 1);
    for (size_t i = 0; i < n; i++) {
        (void)memcpy(text + i * length, unit, length);
    }
    (void)memcpy(text + n * length, end, strlen(end));
    sil_status status =
        sil_condition_parse(&c, text, schema, true, "--where", &column, NULL);
    sil_condition_clear(&c);
    sil_schema_free(schema);
    free(text);
    return status;
}

Test(condition, depth_and_length_are_bounded)
{
    cr_expect_eq(parse_repeated("NOT ", SIL_CONDITION_DEPTH, "age > 3"), SIL_OK);
    cr_expect_eq(parse_repeated("NOT ", SIL_CONDITION_DEPTH + 1, "age > 3"),
                 SIL_ERR_USAGE);
    cr_expect_eq(parse_repeated("(", SIL_CONDITION_DEPTH + 1, "age > 3"),
                 SIL_ERR_USAGE);
    cr_expect_eq(parse_repeated("(", 4000, ""), SIL_ERR_USAGE);
    cr_expect_eq(parse_repeated("age>3 OR ", 400, "age > 3"), SIL_OK);
    cr_expect_eq(parse_repeated(" ", SIL_CONDITION_MAX - 5, "age>3"), SIL_OK);
    cr_expect_eq(parse_repeated(" ", SIL_CONDITION_MAX - 4, "age>3"), SIL_ERR_USAGE);
    cr_expect_eq(parse_repeated(" ", 1 << 20, "age>3"), SIL_ERR_USAGE);
}

/* ---- shares ---- */

static const struct bad_case BAD_SHARES[] = {
    {"",                   1,  "expected COLUMN"        },
    {"sex",                4,  "expected ="             },
    {"=F:1",               1,  "expected COLUMN"        },
    {"height=3:1",         1,  "no column"              },
    {"sex=",               5,  "expected VALUE:SHARE"   },
    {"sex=F",              5,  "expected VALUE:SHARE"   },
    {"sex='F'0.5",         5,  "expected VALUE:SHARE"   },
    {"sex=F:",             7,  "expected a share"       },
    {"sex=F:half",         7,  "expected a share"       },
    {"sex=F:1.5",          7,  "expected a share"       },
    {"sex=F:-0.5",         7,  "expected a share"       },
    {"sex=F:0.1234567891", 7,  "expected a share"       },
    {"sex=F:0.7,M:0.4",    13, "more than 1"            },
    {"sex=X:0.5",          5,  "never takes"            },
    {"sex=F:0.5,'X':0.5",  11, "never takes"            },
    {"sex=:0.5",           5,  "IS NULL"                },
    {"sex='F:0.5",         5,  "closing quote"          },
    {"age=NULL:0.5",       5,  "no missing values"      },
    {"age=..:0.5",         5,  "needs a bound"          },
    {"age=old..:0.5",      5,  "not a value of the type"},
    {"age=3..old:0.5",     5,  "not a value of the type"},
    {"sex=a..b:0.5",       5,  "never takes"            },
};

Test(condition, shares_are_refused_with_the_place)
{
    struct sil_schema *schema = made_schema();
    for (size_t k = 0; k < sizeof BAD_SHARES / sizeof BAD_SHARES[0]; k++) {
        const struct bad_case *bad = &BAD_SHARES[k];
        struct sil_shares shares;
        struct sil_error err = {{0}};
        size_t column = 0;
        cr_expect_eq(
            sil_shares_parse(&shares, bad->text, schema, "--rebalance", &column, &err),
            SIL_ERR_USAGE, "%s", bad->text);
        cr_expect_eq(column, bad->column, "%s: %zu %s", bad->text, column, err.text);
        cr_expect_not_null(strstr(err.text, bad->says), "%s: %s", bad->text, err.text);
        cr_expect_eq(shares.n, 0);
    }
    sil_schema_free(schema);
}

Test(condition, shares_as_written)
{
    static const struct {
        const char *text;
        uint32_t attr;
        size_t n;
        uint64_t last;
    } GOOD[] = {
        {"sex=F:0.5,M:0.5",                SEX,    2, 500000000 },
        {" sex = F : 0.25 , 'M' : .125 ",  SEX,    2, 125000000 },
        {"sex=null:1",                     SEX,    1, 1000000000},
        {"'region of birth'=a:0,b:1e-9",   REGION, 2, 1         },
        {"age=..9:0.3,10..:0.7",           AGE,    2, 700000000 },
        {"age=3 .. 9:0.3,17:0.123456789",  AGE,    2, 123456789 },
        {"day=2020-01-02..2020-01-04:0.5", DAY,    1, 500000000 },
    };
    struct sil_schema *schema = made_schema();
    for (size_t k = 0; k < sizeof GOOD / sizeof GOOD[0]; k++) {
        struct sil_shares shares;
        struct sil_error err = {{0}};
        size_t column = 0;
        cr_assert_eq(sil_shares_parse(&shares, GOOD[k].text, schema, "--rebalance",
                                      &column, &err),
                     SIL_OK, "%s: %s", GOOD[k].text, err.text);
        cr_expect_eq(shares.attr, GOOD[k].attr);
        cr_expect_eq(shares.n, GOOD[k].n);
        cr_expect_eq(shares.group[shares.n - 1].share, GOOD[k].last);
        sil_shares_clear(&shares);
    }
    sil_schema_free(schema);
}
