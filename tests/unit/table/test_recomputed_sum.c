// SPDX-License-Identifier: Apache-2.0
/* Columns that are sums of others: what is refused, and that every sum is exact, in bounds or by
 * policy. */
#include "table/bins.h"
#include "table/field.h"
#include "table/recomputed.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#define FIELDS                                                                                     \
    "{\"name\": \"in\", \"type\": \"date\", \"constraints\": {\"required\": true,"                 \
    " \"minimum\": \"2020-02-20\", \"maximum\": \"2020-03-10\"}, \"silhouette\": {\"bins\": 4}},"  \
    "{\"name\": \"out\", \"type\": \"date\", \"constraints\":"                                     \
    " {\"minimum\": \"2020-02-20\", \"maximum\": \"2020-03-20\"}, \"silhouette\": {\"bins\": 3}}," \
    "{\"name\": \"n\", \"type\": \"integer\", \"constraints\": {\"enum\": [20, -7, 3]},"           \
    " \"silhouette\": {\"outside\": \"other\"}},"                                                  \
    "{\"name\": \"big\", \"type\": \"integer\", \"constraints\": {\"required\": true,"             \
    " \"minimum\": 0, \"maximum\": \"4000000000000000000000\"}, \"silhouette\": {\"bins\":"        \
    " [0, \"300000000000000000\", \"4000000000000000000000\"], \"granularity\": 1000}},"           \
    "{\"name\": \"x y\", \"type\": \"number\", \"constraints\": {\"minimum\": 0,"                  \
    " \"maximum\": 2}},"                                                                           \
    "{\"name\": \"at\", \"type\": \"datetime\", \"constraints\": {\"required\": true,"             \
    " \"minimum\": \"2020-01-01T00:00:00Z\", \"maximum\": \"2020-01-02T00:00:00Z\"}},"             \
    "{\"name\": \"stay\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"                \
    " \"maximum\": 12}, \"silhouette\": {\"bins\": 3}},"                                           \
    "{\"name\": \"due\", \"type\": \"date\", \"constraints\": {\"minimum\": \"2020-02-25\","       \
    " \"maximum\": \"2020-03-05\"}, \"silhouette\": {\"outside\": \"null\"}},"                     \
    "{\"name\": \"later\", \"type\": \"datetime\", \"constraints\": {\"required\": true,"          \
    " \"minimum\": \"2020-01-01T00:00:00Z\", \"maximum\": \"2020-01-02T00:00:00Z\"}},"             \
    "{\"name\": \"huge\", \"type\": \"integer\", \"constraints\": {\"required\": true,"            \
    " \"minimum\": \"-4000000000000000000\", \"maximum\": 99},"                                    \
    " \"silhouette\": {\"bins\": 2}},"                                                             \
    "{\"name\": \"kept\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"                \
    " \"maximum\": 5}, \"silhouette\": {\"outside\": \"drop\"}},"                                  \
    "{\"name\": \"even\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"                \
    " \"maximum\": 8}, \"silhouette\": {\"bins\": 2, \"granularity\": 2, \"outside\": \"other\"}}"

static struct sil_schema *parse(const char *rules, char *problems, size_t size)
{
    char text[8192];
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    struct sil_bytes out = {0};
    size_t n = 0;
    (void)snprintf(text, sizeof text,
                   "{\"fields\": [" FIELDS "], \"silhouette\": {\"rules\": [%s]}}",
                   rules);
    cr_assert_eq(sil_schema_explain(&out, &n, text, strlen(text), &err), SIL_OK);
    (void)snprintf(problems, size, "%.*s", (int)out.length, (const char *)out.data);
    sil_bytes_clear(&out);
    sil_status status = sil_schema_parse(&schema, text, strlen(text), &err);
    cr_assert_eq(status == SIL_OK, n == 0, "%s", err.text);
    return schema;
}

#define DERIVE(column, as) \
    "{\"derive\": {\"column\": \"" column "\", \"as\": \"" as "\"}}"

static const struct refusal {
    const char *column;
    const char *as;
    const char *says; ///< a part of what is said
} REFUSALS[] = {
    {"stay",  "",                        "derive.as: column 1: expected a column or a whole number"},
    {"stay",  "out -",                   "column 6: expected a column"                             },
    {"stay",  "out * 2",                 "column 5: expected +, - or the end"                      },
    {"stay",  "out - (in)",              "column 7: expected a column"                             },
    {"stay",  "out - in / 2",            "expected +, - or the end"                                },
    {"stay",  "'out - in",               "column 1: expected a column"                             },
    {"stay",  "2.5 * n",                 "column 2: expected +, - or the end"                      },
    {"stay",  "7",                       "no column is named"                                      },
    {"stay",  "n - n",                   "this column is named twice"                              },
    {"stay",  "0 * n",                   "a factor is a whole number from 1"                       },
    {"stay",  "1000000001 * n",          "a factor is a whole number from 1"                       },
    {"stay",  "n + 1234567890123456789", "more than 18 digits"                                     },
    {"stay",  "m",                       "derive.as: there is no column of this name"              },
    {"stay",  "stay - 1",                "'stay' is recomputed itself"                             },
    {"stay",  "out",                     "the dates must cancel each other out"                    },
    {"stay",  "out + in",                "the dates must cancel each other out"                    },
    {"due",   "n",                       "the dates must cancel each other out"                    },
    {"due",   "2 * in",                  "the dates must cancel each other out"                    },
    {"later", "out - in",                "name one kind"                                           },
    {"huge",  "at - in",                 "name one kind"                                           },
    {"stay",  "'x y'",                   "'x y' is of type number"                                 },
    {"x y",   "n",                       "'x y' must be an integer, a date or a datetime"          },
    {"n",     "big",                     "without a list of values"                                },
    {"kept",  "n",                       "rows that are drawn are not dropped"                     },
    {"even",  "n",                       "'even' has a granularity"                                },
    {"huge",  "out - in",                "'out' can be missing, and 'huge' is required"            },
    {"huge",  "n",                       "'n' can be missing, and 'huge' is required"              },
    {"huge",  "1000000000 * big",        "the sum can have more than 27 digits"                    },
    {"stay",  "n + 33",                  "the sum never lies within the bounds of 'stay'"          },
    {"stay",  "n - 21",                  "the sum never lies within the bounds of 'stay'"          },
};

static void refused(const char *rules, const char *says)
{
    char problems[2048];
    struct sil_schema *schema = parse(rules, problems, sizeof problems);
    cr_expect_null(schema, "%s", rules);
    cr_expect(strstr(problems, says) != NULL, "%s\n gives %s", rules, problems);
    sil_schema_free(schema);
}

Test(recomputed_sum, what_is_refused_is_said_with_its_place)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        char rules[512];
        (void)snprintf(rules, sizeof rules,
                       "{\"derive\": {\"column\": \"%s\", \"as\": \"%s\"}}",
                       REFUSALS[i].column, REFUSALS[i].as);
        refused(rules, REFUSALS[i].says);
    }
    refused("{\"derive\": []}", "silhouette.rules[0].derive: must be an object");
    refused("{\"derive\": {\"as\": \"n\"}}", "derive.column: there is no column");
    refused("{\"derive\": {\"column\": \"stay\"}}",
            "derive.as: must be a sum of columns");
    refused("{\"derive\": {\"column\": \"stay\", \"as\": 3}}",
            "must be a sum of columns");
    refused("{\"derive\": {\"column\": \"stay\", \"as\": \"n\", \"of\": 1}}",
            "unknown property \"of\"");
    refused(DERIVE("stay", "n") ", " DERIVE("due", "in + stay"),
            "rules[1].derive.as: 'stay' is recomputed itself");
    refused(DERIVE("stay", "n") ", " DERIVE("stay", "n"), "recomputes 'stay' already");
}

/* ---- every cell ---- */

static const struct sum_case {
    const char *column;
    const char *as;
    const char *said;
    size_t n;
    int64_t first, second; ///< factors
    int64_t constant;
    int64_t low, high; ///< bounds of the column, scaled
    char outside;      ///< 'c'lamp, 'n'ull
} SUMS[] = {
    {"stay", " out-in ",                          "stay as  out-in ", 2, 1,  -1, 0,   0,     12,    'c'},
    {"stay", "-2 * n + 1 -30 + 'in' + 1 - `out`",
     "stay as -2 * n + 1 -30 + 'in' + 1 - `out`",                     3, -2, 1,  -28, 0,     12,    'c'},
    {"due",  "3 + in",                            "due as 3 + in",    1, 1,  0,  3,   18317, 18326, 'n'},
    {"due",  "n + 1*out",                         "due as n + 1*out", 2, 1,  1,  0,   18317, 18326, 'n'},
};

static struct sil_shown show(const struct sil_field *field, uint32_t code,
                             uint64_t word)
{
    bool is_bin = !field->is_closed && code < field->bins.n;
    return (struct sil_shown){code,
                              is_bin ? sil_bins_draw(&field->bins, code, word) : 0};
}

static int64_t value_of(const struct sil_field *field, const struct sil_shown *shown)
{
    static const int64_t LISTED[] = {20, -7, 3};
    return field->is_closed ? LISTED[shown->code] : (int64_t)shown->value;
}

/* The sum by hand: is it null or a value? */
static char expect(int64_t *value, const struct sil_schema *schema,
                   const struct sil_recomputed *own, const struct sum_case *sum,
                   const struct sil_shown *shown)
{
    char kind = 'v';
    *value = sum->constant;
    for (size_t k = 0; k < own->n_sources; k++) {
        const struct sil_field *field = sil_schema_field(schema, own->source[k]);
        const int64_t factor = k == 0 ? sum->first : k == 1 ? sum->second : -1;
        if (sil_field_is_null(field, shown[k].code)) {
            return 'n';
        }
        if (sil_field_is_other(field, shown[k].code)) {
            kind = 'n'; /* these have no cell "other" */
        } else {
            *value += factor * value_of(field, &shown[k]);
        }
    }
    if (kind == 'v' && (*value < sum->low || *value > sum->high)) {
        kind = sum->outside == 'c' ? 'v' : 'n';
        *value = *value < sum->low ? sum->low : sum->high;
    }
    return kind;
}

static size_t check_row(const struct sil_schema *schema,
                        const struct sil_recomputed *own, const struct sum_case *sum,
                        const struct sil_shown *shown)
{
    const struct sil_field *to = sil_schema_field(schema, own->attr);
    int64_t want = 0;
    sil_i128 value = 0;
    char kind = expect(&want, schema, own, sum, shown);
    uint32_t code = sil_recomputed_code(&value, own, schema, shown);
    if (kind == 'n') {
        cr_assert(sil_field_is_null(to, code), "%s", sum->as);
        return 0;
    }
    cr_assert_lt(code, to->bins.n, "%s", sum->as);
    cr_assert_eq((int64_t)value, want, "%s: %ld, not %ld", sum->as, (long)value,
                 (long)want);
    cr_assert_eq(sil_bins_find(&to->bins, value), code);
    return 1;
}

Test(recomputed_sum, every_cell_gives_the_sum_of_what_is_written)
{
    for (size_t i = 0; i < sizeof SUMS / sizeof SUMS[0]; i++) {
        char rule[512];
        char problems[2048];
        size_t n_values = 0;
        size_t n_rows = 1;
        (void)snprintf(rule, sizeof rule,
                       "{\"derive\": {\"column\": \"%s\", \"as\": \"%s\"}}",
                       SUMS[i].column, SUMS[i].as);
        struct sil_schema *schema = parse(rule, problems, sizeof problems);
        cr_assert_not_null(schema, "%s", problems);
        const struct sil_recomputed *own =
            sil_schema_recomputed(schema, sil_schema_n_fields(schema));
        cr_expect_str_eq(own->said, SUMS[i].said);
        cr_assert_eq(own->n_sources, SUMS[i].n);
        for (size_t k = 0; k < own->n_sources; k++) {
            n_rows *= sil_schema_field_cells(schema, own->source[k]);
        }
        for (size_t row = 0; row < 40 * n_rows; row++) {
            struct sil_shown shown[SIL_RECOMPUTED_SOURCES] = {{0}};
            size_t left = row / 40;
            for (size_t k = 0; k < own->n_sources; k++) {
                uint32_t cells = sil_schema_field_cells(schema, own->source[k]);
                const uint64_t word =
                    (row % 40 + 1) * (k + 3) * UINT64_C(0x9e3779b97f4a7c15);
                shown[k] = show(sil_schema_field(schema, own->source[k]),
                                (uint32_t)(left % cells), word);
                left /= cells;
            }
            n_values += check_row(schema, own, &SUMS[i], shown);
        }
        cr_expect_geq(n_values, 20, "%s", SUMS[i].as);
        sil_schema_free(schema);
    }
}

/* Far beyond what a machine word holds, and exact all the same. */
Test(recomputed_sum, large_numbers_and_times_are_exact)
{
    char problems[2048];
    size_t n_large = 0;
    struct sil_schema *schema =
        parse(DERIVE("huge", "-10 * big + 5") ", " DERIVE("later", "at + 60"), problems,
              sizeof problems);
    cr_assert_not_null(schema, "%s", problems);
    for (uint64_t i = 0; i < 64; i++) {
        for (uint32_t c = 0; c < 2; c++) {
            const uint32_t column = sil_schema_n_fields(schema) + c;
            const struct sil_recomputed *own = sil_schema_recomputed(schema, column);
            const struct sil_field *from = sil_schema_field(schema, own->source[0]);
            const struct sil_shown shown =
                show(from, (uint32_t)(i % 2), i * UINT64_C(0x9e3779b97f4a7c15));
            /* `later` stands before `huge` in the schema. */
            sil_i128 want = c == 0 ? shown.value + 60 : 5 - 10 * shown.value;
            sil_i128 value = 0;
            const struct sil_field *to = sil_schema_field(schema, column);
            (void)sil_recomputed_code(&value, own, schema, &shown);
            want = want > to->bins.last ? to->bins.last : want;
            want = want < to->bins.first ? to->bins.first : want;
            cr_assert(value == want);
            n_large += c == 1 && want > to->bins.first && want < -((sil_i128)1 << 56);
        }
    }
    cr_expect_geq(n_large, 10);
    sil_schema_free(schema);
}
