// SPDX-License-Identifier: Apache-2.0
/* Parity against the joint table, by brute force. */
#include "made_kit.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <math.h>
#include <string.h>

static enum sil_mechanism MECHANISMS[] = {SIL_INDEPENDENT, SIL_MST, SIL_AIM,
                                          SIL_MOSAIC};

enum { N_MECHANISMS = sizeof MECHANISMS / sizeof MECHANISMS[0] };

/* Columns as bits: the cell of those that a mask has. */
static size_t cell_of(size_t cell, unsigned mask)
{
    static const size_t SIZES[] = {4, 3, 4, 3};
    size_t out = 0;
    size_t step = 1;
    for (unsigned a = N_COLUMNS; a-- > 0;) {
        out += (mask >> a & 1) != 0 ? cell % SIZES[a] * step : 0;
        step *= (mask >> a & 1) != 0 ? SIZES[a] : 1;
        cell /= SIZES[a];
    }
    return out;
}

static void margin_of(double out[MADE_CELLS], const double law[MADE_CELLS],
                      unsigned mask)
{
    (void)memset(out, 0, MADE_CELLS * sizeof *out);
    for (size_t cell = 0; cell < MADE_CELLS; cell++) {
        out[cell_of(cell, mask)] += law[cell];
    }
}

static const struct fair_case {
    const char *text;
    const char *where;
    unsigned outcome, group, given; ///< masks
} FAIR[] = {
    {"sex|age",                       NULL,                   1 << SEX,    1 << AGE, 0                     },
    {"'region of birth'|sex",         "age >= 7",             1 << REGION, 1 << SEX, 0                     },
    {"age|sex:day",                   NULL,                   1 << AGE,    1 << SEX, 1 << DAY              },
    {"sex|day:age,`region of birth`", NULL,                   1 << SEX,    1 << DAY, 1 << AGE | 1 << REGION},
    {"'region of birth'|day",         "age < 7 OR sex = 'M'", 1 << REGION, 1 << DAY, 0                     },
};

static void check_fair(const struct sil_model *model, const struct fair_case *c)
{
    double law[MADE_CELLS];
    double fair[MADE_CELLS];
    double joint[MADE_CELLS];
    double y[MADE_CELLS];
    double a[MADE_CELLS];
    double u[MADE_CELLS];
    double moved = 0;
    struct sil_made *before =
        made_make(model, c->where != NULL ? c->where : "age >= 0", NULL, 0, NULL);
    struct sil_made *made = made_make(model, c->where, NULL, 0, c->text);
    made_law_of(law, before);
    made_law_of(fair, made);
    margin_of(joint, law, c->outcome | c->group | c->given);
    margin_of(y, law, c->outcome | c->given);
    margin_of(a, law, c->group | c->given);
    margin_of(u, law, c->given);
    for (size_t cell = 0; cell < MADE_CELLS; cell++) {
        double p = joint[cell_of(cell, c->outcome | c->group | c->given)];
        double given = u[cell_of(cell, c->given)];
        double want = law[cell] <= 0
                          ? 0
                          : law[cell] * y[cell_of(cell, c->outcome | c->given)] *
                                a[cell_of(cell, c->group | c->given)] / (given * p);
        cr_expect_float_eq(fair[cell], want, 1e-8, "%s, cell %zu", c->text, cell);
    }
    margin_of(y, fair, c->outcome | c->group | c->given);
    for (size_t cell = 0; cell < MADE_CELLS; cell++) {
        moved += 0.5 * fabs(y[cell] - joint[cell]);
    }
    cr_expect_float_eq(made->fair_moved, moved, 1e-9, "%s", c->text);
    sil_made_free(before);
    sil_made_free(made);
}

ParameterizedTestParameters(made_fair, parity)
{
    return cr_make_param_array(enum sil_mechanism, MECHANISMS, N_MECHANISMS);
}

ParameterizedTest(enum sil_mechanism *mechanism, made_fair, parity)
{
    struct sil_model *model = made_model(*mechanism);
    for (size_t k = 0; k < sizeof FAIR / sizeof FAIR[0]; k++) {
        check_fair(model, &FAIR[k]);
    }
    sil_model_free(model);
}

Test(made_fair, parity_and_shares)
{
    static const char *const SHARES[] = {"sex=F:0.2,M:0.7", "day=2020-01-09..:0.5"};
    struct sil_model *model = made_model(SIL_AIM);
    struct sil_made *made =
        made_make(model, "age < 7 OR sex != 'M'", SHARES, 1, "'region of birth'|day");
    double law[MADE_CELLS];
    double sex[MADE_CELLS];
    double both[MADE_CELLS];
    double region[MADE_CELLS];
    double day[MADE_CELLS];
    made_law_of(law, made);
    margin_of(sex, law, 1 << SEX);
    margin_of(both, law, 1 << REGION | 1 << DAY);
    margin_of(region, law, 1 << REGION);
    margin_of(day, law, 1 << DAY);
    cr_expect_float_eq(sex[0], 0.2, 1e-8);
    cr_expect_float_eq(sex[1], 0.7, 1e-8);
    for (size_t r = 0; r < 4; r++) {
        for (size_t d = 0; d < 3; d++) {
            cr_expect_float_eq(both[3 * r + d], region[r] * day[d], 1e-8);
        }
    }
    sil_made_free(made);
    sil_model_free(model);
}
