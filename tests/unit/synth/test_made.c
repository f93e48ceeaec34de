// SPDX-License-Identifier: Apache-2.0
/* Rows made to order against the joint table of all values, by brute force: what is worked out
 * (the probability of a condition, the law of the rows) to the last digits, and the rows. */
#include "made_kit.h"
#include "model/tilt.h"
#include "support/temp_file.h"
#include "synth/made.h"
#include "synth/sample.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- conditions ---- */

static bool adult_women(const struct made_row *r)
{
    return r->value[AGE] >= 12 && r->value[SEX] == 0;
}

static bool everybody(const struct made_row *r)
{
    return r->value[AGE] >= 0;
}

static bool cut_twice(const struct made_row *r)
{
    return r->value[AGE] > 11 && r->value[AGE] <= 13;
}

static bool either(const struct made_row *r)
{
    return r->value[AGE] < 7 || r->value[SEX] == 1;
}

static bool tied(const struct made_row *r)
{
    return (r->value[AGE] < 7 && r->value[DAY] >= 4) ||
           (r->value[AGE] >= 13 && r->value[REGION] == 1) ||
           (r->value[SEX] == 2 && r->value[DAY] < 2);
}

static bool of_both(const struct made_row *r)
{
    return (r->value[AGE] <= 16 || r->value[SEX] == 0) &&
           (r->value[REGION] != 0 || r->value[DAY] == 9);
}

static bool exactly_one(const struct made_row *r)
{
    return (r->value[AGE] >= 13) != (r->value[REGION] == 2);
}

static bool one_value(const struct made_row *r)
{
    return r->value[AGE] == 3 || r->value[AGE] == 12 || r->value[AGE] == 20;
}

static bool not_missing(const struct made_row *r)
{
    return r->value[SEX] != 2;
}

static const struct where_case {
    const char *text;
    bool (*is_true)(const struct made_row *row);
    size_t n_boxes;
} WHERE[] = {
    {"age >= 12 AND sex = 'F'",                                                           adult_women, 1},
    {"age >= 0",                                                                          everybody,   1},
    {"sex IS NULL OR sex IS NOT NULL",                                                    everybody,   1},
    {"age > 11 AND age <= 13",                                                            cut_twice,   1},
    {"age < 7 OR sex = 'M'",                                                              either,      2},
    {"age < 7 AND day >= 2020-01-05 OR age >= 13 AND `region of birth` = 'b' OR "
     "sex IS NULL AND day < 2020-01-03",                                             tied,        0},
    {"(age <= 16 OR sex = 'F') AND ('region of birth' != 'a' OR day = 2020-01-10)",
     of_both,                                                                                          4},
    {"age >= 13 AND NOT 'region of birth' = 'c' OR age < 13 AND 'region of birth' = 'c'",
     exactly_one,                                                                                      2},
    {"age IN (3, 12, 20)",                                                                one_value,   1},
    {"sex IS NOT NULL",                                                                   not_missing, 1},
};

enum { N_WHERE = sizeof WHERE / sizeof WHERE[0], N_DRAWN = 20000 };

static enum sil_mechanism MECHANISMS[] = {SIL_INDEPENDENT, SIL_MST, SIL_AIM,
                                          SIL_MOSAIC};

enum { N_MECHANISMS = sizeof MECHANISMS / sizeof MECHANISMS[0] };

/* The values of a row of the file. */
static void read_row(struct made_row *row, const struct sil_schema *schema, char *line)
{
    char *field[N_COLUMNS];
    for (int a = 0; a < N_COLUMNS; a++) {
        field[a] = line;
        line += strcspn(line, ",\n");
        *line++ = '\0';
    }
    row->value[AGE] = atoi(field[AGE]);
    row->value[DAY] = atoi(field[DAY] + 8) - 1;
    row->value[SEX] = (int)sil_field_encode(sil_schema_field(schema, SEX), field[SEX],
                                            strlen(field[SEX]));
    row->value[REGION] = (int)sil_field_encode(sil_schema_field(schema, REGION),
                                               field[REGION], strlen(field[REGION]));
}

static size_t index_of(const struct made_row *r)
{
    return (size_t)((r->value[AGE] * N_SEXES + r->value[SEX]) * N_REGIONS +
                    r->value[REGION]) *
               N_DAYS +
           (size_t)r->value[DAY];
}

/* How often each row of values came out. */
static void draw(size_t count[MADE_VALUES], const struct sil_model *model,
                 const struct sil_sample_options *options)
{
    struct test_file file = test_file_text("");
    struct sil_error err = {{0}};
    char line[128];
    (void)memset(count, 0, MADE_VALUES * sizeof *count);
    cr_assert_eq(sil_model_sample(model, file.path, options, &err), SIL_OK, "%s",
                 err.text);
    FILE *in = fopen(file.path, "r");
    cr_assert_not_null(in);
    cr_assert_not_null(fgets(line, sizeof line, in));
    while (fgets(line, sizeof line, in) != NULL) {
        struct made_row row;
        read_row(&row, model->transcript.schema, line);
        if (index_of(&row) >= MADE_VALUES) {
            cr_assert_fail("a row that cannot be");
        }
        count[index_of(&row)]++;
    }
    (void)fclose(in);
    test_file_remove(&file);
}

/* The rows' counts of (age, sex) come near the law; they are drawn from a fixed seed. */
static void expect_near(const size_t count[MADE_VALUES], const double want[MADE_VALUES],
                        size_t n_rows, const char *what)
{
    double gap = 0;
    for (size_t from = 0; from < MADE_VALUES; from += (size_t)N_REGIONS * N_DAYS) {
        double got = 0;
        double law = 0;
        for (size_t i = from; i < from + (size_t)N_REGIONS * N_DAYS; i++) {
            got += (double)count[i] / (double)n_rows;
            law += want[i];
        }
        gap += 0.5 * fabs(got - law);
    }
    cr_expect_lt(gap, 0.025, "%s: %f", what, gap);
}

static void check_where(const struct sil_model *model, const struct where_case *c,
                        const double law[MADE_VALUES])
{
    const struct sil_schema *schema = model->transcript.schema;
    static double want[MADE_VALUES];
    double cells[MADE_CELLS] = {0};
    double got[MADE_CELLS];
    double mass = 0;
    size_t cell;
    for (size_t i = 0; i < MADE_VALUES; i++) {
        struct made_row row = made_row_at(schema, i, &cell);
        want[i] = c->is_true(&row) ? law[i] : 0;
        mass += want[i];
    }
    for (size_t i = 0; i < MADE_VALUES; i++) {
        (void)made_row_at(schema, i, &cell);
        want[i] /= mass;
        cells[cell] += want[i];
    }

    struct sil_made *made = made_make(model, c->text, NULL, 0, NULL);
    cr_expect_float_eq(made->probability, mass, 1e-12, "%s", c->text);
    cr_expect(c->n_boxes == 0 || made->boxes.n == c->n_boxes, "%s: %zu boxes", c->text,
              made->boxes.n);
    made_law_of(got, made);
    for (cell = 0; cell < MADE_CELLS; cell++) {
        cr_expect_float_eq(got[cell], cells[cell], 1e-12, "%s, cell %zu", c->text,
                           cell);
    }
    sil_made_free(made);

    static size_t count[MADE_VALUES];
    struct sil_sample_options options = sil_sample_defaults();
    options.where = c->text;
    options.n_rows = N_DRAWN;
    draw(count, model, &options);
    size_t n_wrong = 0;
    for (size_t i = 0; i < MADE_VALUES; i++) {
        struct made_row row = made_row_at(schema, i, &cell);
        n_wrong += c->is_true(&row) ? 0 : count[i];
    }
    cr_expect_eq(n_wrong, 0, "%s", c->text);
    expect_near(count, want, N_DRAWN, c->text);
}

ParameterizedTestParameters(made, conditions)
{
    return cr_make_param_array(enum sil_mechanism, MECHANISMS, N_MECHANISMS);
}

ParameterizedTest(enum sil_mechanism *mechanism, made, conditions)
{
    static double law[MADE_VALUES];
    struct sil_model *model = made_model(*mechanism);
    made_law(law, model);
    for (size_t k = 0; k < N_WHERE; k++) {
        check_where(model, &WHERE[k], law);
    }
    sil_model_free(model);
}

/* ---- shares ---- */

/* Groups of values of one column, by a digit for each value; 0 is the rest. */
struct share_case {
    int column;
    const char *text;
    int (*group)(int value);
    double share[4];
};

static int by_sex(int value)
{
    return value < 2 ? value + 1 : 0;
}

static int by_age(int value)
{
    return value <= 6 ? 1 : value <= 12 ? 2 : 0;
}

static int by_region(int value)
{
    return value == 3 ? 1 : value == 1 ? 2 : 0;
}

static const struct share_case SEXES = {
    SEX, "sex=F:0.5,M:0.5", by_sex, {0, 0.5, 0.5}
};
static const struct share_case AGES = {
    AGE, "age=..6:0.25,7..12:0.6", by_age, {0.15, 0.25, 0.6}
};
static const struct share_case REGIONS = {
    REGION, "'region of birth'=z:0.1,b:0.3", by_region, {0.6, 0.1, 0.3}
};

static double mass_of(const double law[MADE_VALUES], const struct sil_schema *schema,
                      const struct share_case *c, int group)
{
    double mass = 0;
    size_t cell;
    for (size_t i = 0; i < MADE_VALUES; i++) {
        struct made_row row = made_row_at(schema, i, &cell);
        mass += c->group(row.value[c->column]) == group ? law[i] : 0;
    }
    return mass;
}

/* Of one column the law is known: each group is multiplied by its share over its mass. */
static void check_share(const struct sil_model *model, const struct share_case *c,
                        const char *where, bool (*is_true)(const struct made_row *row),
                        const double law[MADE_VALUES])
{
    const struct sil_schema *schema = model->transcript.schema;
    static double want[MADE_VALUES];
    double cells[MADE_CELLS] = {0};
    double got[MADE_CELLS];
    double mass[4];
    size_t cell;
    for (size_t i = 0; i < MADE_VALUES; i++) {
        struct made_row row = made_row_at(schema, i, &cell);
        want[i] = is_true(&row) ? law[i] : 0;
    }
    for (int g = 0; g < 4; g++) {
        mass[g] = mass_of(want, schema, c, g);
    }
    for (size_t i = 0; i < MADE_VALUES; i++) {
        struct made_row row = made_row_at(schema, i, &cell);
        int g = c->group(row.value[c->column]);
        want[i] *= mass[g] > 0 ? c->share[g] / mass[g] : 0;
        cells[cell] += want[i];
    }
    struct sil_made *made = made_make(model, where, &c->text, 1, NULL);
    made_law_of(got, made);
    for (cell = 0; cell < MADE_CELLS; cell++) {
        cr_expect_float_eq(got[cell], cells[cell], 1e-8, "%s, cell %zu", c->text, cell);
    }
    sil_made_free(made);

    static size_t count[MADE_VALUES];
    struct sil_sample_options options = sil_sample_defaults();
    options.where = where;
    options.rebalance = &c->text;
    options.n_rebalance = 1;
    options.n_rows = N_DRAWN;
    draw(count, model, &options);
    expect_near(count, want, N_DRAWN, c->text);
}

ParameterizedTestParameters(made, shares)
{
    return cr_make_param_array(enum sil_mechanism, MECHANISMS, N_MECHANISMS);
}

ParameterizedTest(enum sil_mechanism *mechanism, made, shares)
{
    static double law[MADE_VALUES];
    struct sil_model *model = made_model(*mechanism);
    made_law(law, model);
    check_share(model, &SEXES, NULL, everybody, law);
    check_share(model, &AGES, NULL, everybody, law);
    check_share(model, &REGIONS, NULL, everybody, law);
    check_share(model, &SEXES, "age < 7 OR sex = 'M'", either, law);
    check_share(model, &AGES, "age < 7 OR sex = 'M'", either, law);
    sil_model_free(model);
}

/* Few rows, many seeds: each group of values has its share on average (to 6.5 standard
 * deviations of independent rows), and is spread no wider than by independent rows (to five of
 * the figure's own), through boxes, cells, parts of cells and values of groups. */
static void check_few(const struct sil_model *model, const struct share_case *c,
                      const char *where)
{
    enum { FEW = 12, SEEDS = 200 };

    static size_t count[MADE_VALUES];
    double sum[4] = {0};
    double squares[4] = {0};
    struct sil_sample_options options = sil_sample_defaults();
    options.where = where;
    options.rebalance = &c->text;
    options.n_rebalance = 1;
    options.n_rows = FEW;
    options.n_threads = 1;
    options.has_seed = true;
    for (options.seed = 0; options.seed < SEEDS; options.seed++) {
        double n[4] = {0};
        size_t cell;
        draw(count, model, &options);
        for (size_t i = 0; i < MADE_VALUES; i++) {
            struct made_row row = made_row_at(model->transcript.schema, i, &cell);
            n[c->group(row.value[c->column])] += (double)count[i];
        }
        for (int g = 0; g < 4; g++) {
            double off = n[g] - c->share[g] * FEW;
            sum[g] += off;
            squares[g] += off * off;
        }
    }
    for (int g = 0; g < 4; g++) {
        double variance = FEW * c->share[g] * (1 - c->share[g]);
        cr_expect_leq(fabs(sum[g] / SEEDS), 6.5 * sqrt(variance / SEEDS),
                      "%s, group %d: %f", c->text, g, sum[g] / SEEDS);
        cr_expect_leq(squares[g] / SEEDS, 1.5 * variance, "%s, group %d: %f", c->text,
                      g, squares[g] / SEEDS);
    }
}

ParameterizedTestParameters(made, shares_of_few_rows)
{
    return cr_make_param_array(enum sil_mechanism, MECHANISMS, N_MECHANISMS);
}

ParameterizedTest(enum sil_mechanism *mechanism, made, shares_of_few_rows)
{
    struct sil_model *model = made_model(*mechanism);
    check_few(model, &AGES, "age < 7 OR sex = 'M'");
    sil_model_free(model);
}

/* Several at once: all are met, and the law differs from the one before by a factor of each
 * column, which is what makes it the nearest. */
Test(made, shares_of_several_columns)
{
    static const char *const TEXTS[] = {"sex=F:0.2,M:0.7",
                                        "'region of birth'=z:0.1,b:0.3"};
    struct sil_model *model = made_model(SIL_AIM);
    double before[MADE_CELLS];
    double after[MADE_CELLS];
    made_joint(before, model, sil_model_tree(model), NULL);
    struct sil_made *made = made_make(model, NULL, TEXTS, 2, NULL);
    made_law_of(after, made);
    double sex[N_SEXES] = {0};
    double region[N_REGIONS] = {0};
    double factor[N_SEXES][N_REGIONS] = {{0}};
    for (size_t cell = 0; cell < MADE_CELLS; cell++) {
        size_t s = cell / 12 % 3;
        size_t r = cell / 3 % 4;
        double ratio = after[cell] / before[cell];
        sex[s] += after[cell];
        region[r] += after[cell];
        cr_expect(factor[s][r] <= 0 || fabs(factor[s][r] / ratio - 1) < 1e-9);
        factor[s][r] = ratio;
    }
    const double want_sex[] = {0.2, 0.7, 0.1};
    const double want_region[] = {-1, 0.3, -1, 0.1};
    for (size_t s = 0; s < N_SEXES; s++) {
        cr_expect_float_eq(sex[s], want_sex[s], 1e-8);
    }
    for (size_t r = 0; r < N_REGIONS; r++) {
        cr_expect(want_region[r] < 0 || fabs(region[r] - want_region[r]) < 1e-8);
        double odds = factor[0][r] * factor[1][0] / (factor[1][r] * factor[0][0]);
        cr_expect_float_eq(odds, 1, 1e-9);
    }
    /* What is not named keeps its proportions. */
    cr_expect_float_eq(factor[0][0], factor[0][2], 1e-9 * factor[0][0]);
    sil_made_free(made);
    sil_model_free(model);
}

/* ---- what cannot be made ---- */

static const struct refusal {
    const char *where;
    const char *rebalance[2];
    sil_status status;
    const char *says;
    const char *fair;
} REFUSALS[] = {
    {"age > 20",                                        {NULL},                       SIL_ERR_INPUT, "probability is 0",               NULL         },
    {"sex = 'F' AND sex = 'M'",                         {NULL},                       SIL_ERR_INPUT, "probability is 0",               NULL         },
    {"sex = 'F' AND sex IS NULL",                       {NULL},                       SIL_ERR_INPUT, "probability is 0",               NULL         },
    {"sex = 'F'",                                       {"sex=M:0.5"},                SIL_ERR_INPUT, "column 5: there are no rows",    NULL         },
    {"sex = 'F'",                                       {"sex=F:0.5"},                SIL_ERR_INPUT, "less than 1",                    NULL         },
    {NULL,                                              {"sex=F:0.2,M:0.2,NULL:0.2"}, SIL_ERR_INPUT, "less than 1",                    NULL         },
    {NULL,
     {"age=..9:0.5,7..:0.5"},
     SIL_ERR_USAGE,                                                                                  "column 13: a value has a share",
     NULL                                                                                                                                           },
    {NULL,                                              {"sex=F:0.5,F:0.5"},          SIL_ERR_USAGE, "column 11: a value has a share", NULL         },
    {NULL,                                              {"sex=F:0.5", "sex=M:0.5"},   SIL_ERR_USAGE, "twice",                          NULL         },
    {"age < 5 AND sex = 'F' OR age >= 5 AND sex = 'M'",
     {"age=..4:0.9", "sex=F:0.1,M:0.9"},
     SIL_ERR_INPUT,                                                                                  "cannot all be met",
     NULL                                                                                                                                           },
    {NULL,                                              {NULL},                       SIL_ERR_USAGE, "column 4: expected |",           "sex"        },
    {NULL,                                              {NULL},                       SIL_ERR_USAGE, "column 5: expected OUTCOME",     "sex|"       },
    {NULL,                                              {NULL},                       SIL_ERR_USAGE, "column 5: there is no column",   "sex|height" },
    {NULL,                                              {NULL},                       SIL_ERR_USAGE, "column 5: the column is named",  "sex|sex"    },
    {NULL,                                              {NULL},                       SIL_ERR_USAGE, "column 9: the column is named",  "sex|age:sex"},
    {NULL,                                              {NULL},                       SIL_ERR_USAGE, "column 9: expected the end",     "sex|age day"},
    {"age < 5 AND sex = 'F' OR age >= 5 AND sex = 'M'",
     {NULL},
     SIL_ERR_INPUT,                                                                                  "never goes with",
     "sex|age"                                                                                                                                      },
};

Test(made, refusals)
{
    struct sil_model *model = made_model(SIL_MST);
    for (size_t k = 0; k < sizeof REFUSALS / sizeof REFUSALS[0]; k++) {
        const struct refusal *r = &REFUSALS[k];
        struct sil_made *made = NULL;
        struct sil_error err = {{0}};
        struct sil_sample_fault fault;
        struct sil_sample_options options = sil_sample_defaults();
        options.where = r->where;
        options.rebalance = r->rebalance;
        options.n_rebalance =
            (size_t)(r->rebalance[0] != NULL) + (r->rebalance[1] != NULL);
        options.fair = r->fair;
        cr_expect_eq(sil_made_new(&made, model, &options, &fault, &err), r->status,
                     "case %zu: %s", k, err.text);
        cr_expect_not_null(strstr(err.text, r->says), "case %zu: %s", k, err.text);
        cr_expect_null(made);
    }
    sil_model_free(model);
}

/* Shares of 1 for what is named leave nothing for the rest: no missing sex. */
Test(made, shares_of_one_leave_no_rest)
{
    struct sil_model *model = made_model(SIL_MST);
    struct sil_made *made = made_make(model, NULL, &SEXES.text, 1, NULL);
    double law[MADE_CELLS];
    made_law_of(law, made);
    for (size_t cell = 0; cell < MADE_CELLS; cell++) {
        cr_expect(cell / 12 % 3 != 2 || law[cell] <= 0);
    }
    sil_made_free(made);
    sil_model_free(model);
}

/* ---- rows ---- */

Test(made, number_of_rows_and_threads)
{
    static size_t one[MADE_VALUES];
    static size_t three[MADE_VALUES];
    struct sil_model *model = made_model(SIL_AIM);
    struct sil_sample_report report = {0};
    struct sil_sample_options options = sil_sample_defaults();
    options.where = "age < 7 OR sex = 'M'";
    options.report = &report;
    options.n_threads = 1;
    draw(one, model, &options);
    double expected = (double)sil_model_rows(model) * report.probability;
    cr_expect(fabs((double)report.n_rows - expected) <= 0.5);
    cr_expect(report.probability > 0.2 && report.probability < 0.9);
    options.n_threads = 3;
    draw(three, model, &options);
    cr_expect_arr_eq(one, three, sizeof one);
    options.has_seed = true;
    options.seed = 4;
    draw(three, model, &options);
    cr_expect(memcmp(one, three, sizeof one) != 0);
    sil_model_free(model);
}
