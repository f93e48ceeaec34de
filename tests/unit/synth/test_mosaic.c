// SPDX-License-Identifier: Apache-2.0
/* Mosaic: settings, the division of its budget, the order of its lines, the marginals that
 * it keeps tables of, and the smallest and largest tables it is given. */
#include "mosaic_kit.h"
#include "num/rational.h"
#include "support/property.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/model_object.h"
#include "synth/sample.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static const uint32_t FOUR[] = {12, 7, 5, 2};
static struct sil_error error;

static struct sil_fit_options options_of(const char *epsilon)
{
    struct sil_fit_options options = kit_options(SIL_MOSAIC, epsilon);
    options.n_threads = 1;
    return options;
}

/* ---- settings ---- */

static const struct setting {
    const char *epsilon;
    struct sil_fraction columns;
    struct sil_fraction late;
    uint32_t late_rounds;
    uint32_t copies;
    uint32_t n_parts;
    uint32_t finest;
} SETTINGS[] = {
    {"0.001",               {3, 5},  {0, 1},  0,  0, 4, 24},
    {"0.29999999999999999", {3, 5},  {0, 1},  0,  0, 4, 24},
    {"0.3",                 {2, 5},  {3, 10}, 30, 0, 6, 96},
    {"0.30000000000000001", {2, 5},  {3, 10}, 30, 0, 6, 96},
    {"2.99999999999999999", {2, 5},  {3, 10}, 30, 0, 6, 96},
    {"3",                   {3, 10}, {1, 2},  60, 1, 6, 96},
    {"3.00000000000000001", {3, 10}, {1, 2},  60, 1, 6, 96},
    {"10000",               {3, 10}, {1, 2},  60, 1, 6, 96},
};

Test(mosaic, settings_change_at_three_tenths_and_at_three)
{
    struct sil_terms terms;
    sil_terms_init(&terms);
    terms.replay = 3;
    for (size_t i = 0; i < N_OF(SETTINGS); i++) {
        const struct setting *want = &SETTINGS[i];
        struct sil_mosaic_settings have;
        cr_assert_eq(
            sil_rational_parse(terms.epsilon.v, want->epsilon, 0, "epsilon", &error),
            SIL_OK);
        sil_mosaic_settings(&have, &terms, 14);
        cr_expect_eq(memcmp(&have.columns, &want->columns, sizeof have.columns), 0,
                     "%s", want->epsilon);
        cr_expect_eq(memcmp(&have.late, &want->late, sizeof have.late), 0, "%s",
                     want->epsilon);
        cr_expect_eq(have.late_rounds, want->late_rounds, "%s", want->epsilon);
        cr_expect_eq(have.copies, want->copies, "%s", want->epsilon);
        cr_assert_eq(have.n_parts, want->n_parts, "%s", want->epsilon);
        for (uint32_t k = 0; k < have.n_parts; k++) {
            cr_expect_eq(have.part[k], want->finest >> k);
        }
    }
    sil_terms_clear(&terms);
}

Test(mosaic, columns_had_two_fifths_of_little_before_replay_3)
{
    struct sil_terms terms;
    sil_terms_init(&terms);
    mpq_set_ui(terms.epsilon.v, 1, 10);
    for (terms.replay = 1; terms.replay <= 3; terms.replay++) {
        struct sil_mosaic_settings have;
        sil_mosaic_settings(&have, &terms, 14);
        cr_expect_eq(have.columns.numerator, terms.replay < 3 ? 2 : 3);
        cr_expect_eq(have.columns.denominator, 5);
    }
    sil_terms_clear(&terms);
}

/* What grows with the columns, at the limits of each. */
static const struct effort {
    uint32_t n_attrs;
    uint64_t tree_mb;
    uint32_t rounds; ///< at epsilon 1, from replay 3 on
    uint32_t many;   ///< at epsilon 3
    uint32_t triples;
} EFFORTS[] = {
    {1,    4,  30, 60,  256},
    {15,   4,  30, 60,  256},
    {16,   4,  32, 64,  256},
    {17,   16, 34, 68,  256},
    {40,   16, 80, 160, 256},
    {41,   4,  30, 60,  128},
    {1000, 4,  30, 60,  128},
};

static void expect_efforts(struct sil_terms *terms, unsigned long epsilon,
                           uint32_t n_attrs, uint32_t rounds, uint32_t triples)
{
    struct sil_mosaic_settings have;
    mpq_set_ui(terms->epsilon.v, epsilon, 1);
    sil_mosaic_settings(&have, terms, n_attrs);
    cr_expect_eq(have.late_rounds, rounds, "%" PRIu32 " columns", n_attrs);
    cr_expect_eq(have.triples, triples, "%" PRIu32 " columns", n_attrs);
    cr_expect_eq(have.steps, triples == 256 ? 2e9 : 2e9 / 3, "%" PRIu32 " columns",
                 n_attrs);
}

Test(mosaic, efforts_grow_with_the_columns_until_they_are_too_many)
{
    struct sil_terms terms;
    sil_terms_init(&terms);
    for (size_t i = 0; i < N_OF(EFFORTS); i++) {
        const struct effort *e = &EFFORTS[i];
        cr_expect_eq(sil_mosaic_tree_mb(e->n_attrs), e->tree_mb);
        terms.replay = 3;
        expect_efforts(&terms, 1, e->n_attrs, e->rounds, e->triples);
        expect_efforts(&terms, 3, e->n_attrs, e->many, e->triples);
        terms.replay = 2;
        expect_efforts(&terms, 1, e->n_attrs, 30, 128);
        expect_efforts(&terms, 3, e->n_attrs, 60, 128);
    }
    sil_terms_clear(&terms);
}

/* How far rows stand above the noise that the whole budget would have; just below and just
 * above each limit. */
static const struct limit {
    const char *epsilon;
    double strength;
    struct sil_fraction below;
    struct sil_fraction above;
} LIMITS[] = {
    {"0.1", 150, {1, 5},  {0, 1} },
    {"0.1", 400, {0, 1},  {0, 1} },
    {"1",   150, {2, 5},  {1, 5} },
    {"1",   400, {1, 5},  {0, 1} },
    {"8",   150, {1, 2},  {3, 10}},
    {"8",   400, {3, 10}, {0, 1} },
};

static void expect_again(const struct sil_terms *terms, double rows,
                         struct sil_fraction want)
{
    struct sil_mosaic_settings settings;
    struct sil_fraction have;
    sil_mosaic_settings(&settings, terms, 4);
    sil_mosaic_again(&have, &settings, terms, rows);
    cr_expect_eq(have.numerator * want.denominator, want.numerator * have.denominator,
                 "%g rows: %" PRIu32 "/%" PRIu32, rows, have.numerator,
                 have.denominator);
}

Test(mosaic, columns_of_few_rows_are_measured_again)
{
    const struct sil_fraction none = {0, 1};
    struct sil_schema *schema = kit_schema(FOUR, 4);
    for (size_t i = 0; i < 2 * N_OF(LIMITS); i++) {
        const struct limit *limit = &LIMITS[i / 2];
        struct sil_terms terms;
        struct sil_fit_options options = options_of(limit->epsilon);
        options.neighbours = i % 2 == 0 ? SIL_ADD_REMOVE : SIL_REPLACE_ONE;
        sil_terms_init(&terms);
        cr_assert_eq(sil_terms_of_options(&terms, schema, &options, &error), SIL_OK);
        double d2 = i % 2 == 0 ? 1 : 2;
        double rows = limit->strength * sqrt(d2 / (2 * mpq_get_d(terms.rest.v)));
        expect_again(&terms, rows * (1 - 1e-9), limit->below);
        expect_again(&terms, rows * (1 + 1e-9), limit->above);
        expect_again(&terms, HUGE_VAL, none);
        expect_again(&terms, nan(""), none);
        terms.replay = 2;
        expect_again(&terms, rows / 2, none);
        sil_terms_clear(&terms);
    }
    sil_schema_free(schema);
}

/* Two measurements of a column are one of less noise: the mean by inverse variance. */
Test(mosaic, what_two_measurements_of_a_column_say_is_averaged)
{
    enum { D = 4 };

    struct sil_fit_options options = options_of("1");
    struct sil_model *model = kit_model(FOUR, D, 1000, 60, &options);
    const struct sil_release *line[2 * D];
    struct sil_mosaic *m = NULL;
    cr_assert_eq(sil_mosaic_n_first(model->mosaic), 2 * D);
    for (size_t i = 0; i < 2 * D; i++) {
        line[i] = &model->transcript.line[i];
    }
    cr_assert_eq(sil_mosaic_new(&m, &model->transcript.terms, model->transcript.schema,
                                1, &error),
                 SIL_OK);
    cr_assert_eq(sil_mosaic_begin(m, line, &error), SIL_OK);
    cr_assert_eq(sil_mosaic_begin_again(m, line + D, &error), SIL_OK);
    for (uint32_t a = 0; a < D; a++) {
        const struct sil_release *again = line[D + a];
        double w = 1 / mpq_get_d(line[a]->sigma2.v);
        double w_again = 1 / mpq_get_d(again->sigma2.v);
        cr_expect_float_eq(m->columns[a].column.variance * (w + w_again), 1, 1e-12);
        for (uint32_t v = 0; v < FOUR[a]; v++) {
            double y = ldexp((double)line[a]->noisy[v], -(int)line[a]->shift);
            double y_again = ldexp((double)again->noisy[v], -(int)again->shift);
            double want = (w * y + w_again * y_again) / (w + w_again);
            cr_expect_float_eq(m->columns[a].y[v], want, 1e-9);
        }
    }
    sil_mosaic_free(m);
    sil_model_free(model);
}

/* ---- the budget ---- */

static void terms_of(struct sil_terms *terms, const struct sil_schema *schema,
                     const char *epsilon)
{
    struct sil_fit_options options = options_of(epsilon);
    sil_terms_init(terms);
    cr_assert_eq(sil_terms_of_options(terms, schema, &options, &error), SIL_OK, "%s",
                 error.text);
}

static uint32_t weight_of(const struct sil_terms *terms, uint32_t attr)
{
    const struct sil_clique_list *list = &terms->workload.candidates;
    uint32_t weight = 0;
    for (size_t i = 0; i < list->n; i++) {
        bool is_it =
            list->item[i].clique.n == 1 && list->item[i].clique.attr[0] == attr;
        weight = is_it ? list->item[i].weight : weight;
    }
    return weight > 1 ? weight : 1;
}

/* As (cells weight)^(2/3), and together the part of the cap, but for what rounding to the
 * grid of costs takes off each. */
static void expect_column_costs(const struct sil_terms *terms,
                                const struct sil_domain *domain)
{
    struct sil_mosaic_settings settings;
    struct sil_rho *cost = NULL;
    mpq_t sum;
    mpq_t lost;
    double shares = 0;
    uint32_t d = domain->n_attrs;
    mpq_inits(sum, lost, NULL);
    sil_mosaic_settings(&settings, terms, 4);
    cr_assert_eq(sil_costs_new(&cost, d, &error), SIL_OK);
    sil_mosaic_column_costs(cost, terms, &terms->cap, domain);
    for (uint32_t a = 0; a < d; a++) {
        mpq_add(sum, sum, cost[a].v);
        shares += pow((double)domain->sizes[a] * weight_of(terms, a), 2 / 3.0);
    }
    mpq_set_ui(lost, settings.columns.numerator, settings.columns.denominator);
    mpq_mul(lost, lost, terms->cap.v);
    double budget = mpq_get_d(lost);
    for (uint32_t a = 0; a < d; a++) {
        double share = pow((double)domain->sizes[a] * weight_of(terms, a), 2 / 3.0);
        cr_expect_float_eq(mpq_get_d(cost[a].v) / budget, share / shares, 1e-5);
    }
    mpq_sub(lost, lost, sum);
    mpq_mul_2exp(lost, lost, SIL_COST_BITS);
    cr_expect_geq(mpq_sgn(lost), 0, "more than their part");
    cr_expect_leq(mpq_cmp_ui(lost, d + 1, 1), 0, "more lost than by rounding");
    sil_costs_free(cost, d);
    mpq_clears(sum, lost, NULL);
}

Test(mosaic, columns_share_their_part_of_the_cap)
{
    static const uint32_t WIDE[] = {2, 100, 3000, 1, 17, 5};
    static const char *const EPSILONS[] = {"0.05", "0.3", "7.3"};
    struct sil_schema *schema = kit_schema(WIDE, N_OF(WIDE));
    struct sil_domain domain = sil_schema_domain(schema);
    for (size_t e = 0; e < N_OF(EPSILONS); e++) {
        struct sil_terms terms;
        terms_of(&terms, schema, EPSILONS[e]);
        expect_column_costs(&terms, &domain);
        sil_terms_clear(&terms);
    }
    sil_schema_free(schema);
}

static void give_weights(struct sil_clique_list *list, uint32_t first)
{
    for (size_t i = 0; i < list->n; i++) {
        list->item[i].weight = i == 0 ? first : 1;
    }
}

/* The first of 200 columns has few cells and a large weight: of all that may be measured,
 * it costs least when, instead of rounds, the columns share what they left, a fifth. */
Test(mosaic, checks_its_budget_against_what_the_columns_get_instead_of_rounds)
{
    enum { N = 200 };

    uint32_t sizes[N];
    struct sil_terms terms;
    struct sil_fit_options options = options_of("0.2");
    struct sil_rho *cost = NULL;
    struct sil_rho have;
    struct sil_rho rest;
    struct sil_rho late;
    options.workload = "1";
    for (uint32_t a = 0; a < N; a++) {
        sizes[a] = a == 0 ? 2 : 500;
    }
    struct sil_schema *schema = kit_schema(sizes, N);
    struct sil_domain domain = sil_schema_domain(schema);
    sil_terms_init(&terms);
    sil_rho_init(&have);
    sil_rho_init(&rest);
    sil_rho_init(&late);
    cr_assert_eq(sil_terms_of_options(&terms, schema, &options, &error), SIL_OK);
    give_weights(&terms.workload.candidates, 250);
    cr_assert_eq(sil_costs_new(&cost, N, &error), SIL_OK);
    cr_assert_eq(sil_least_cost(&have, &terms, &domain, &error), SIL_OK);

    sil_mosaic_column_costs(cost, &terms, &terms.cap, &domain);
    for (uint32_t a = 0; a < N; a++) {
        cr_expect_lt(mpq_cmp(have.v, cost[a].v), 0, "column %" PRIu32, a);
    }
    sil_share(&rest, &terms.cap, 1, 5);
    sil_independent_costs(cost, &rest, &domain);
    cr_expect(mpq_equal(have.v, cost[0].v), "%g, not %g", mpq_get_d(have.v),
              mpq_get_d(cost[0].v));
    sil_mosaic_round_costs(&rest, &late, &terms, N, 0);
    cr_expect_lt(mpq_cmp(have.v, rest.v), 0, "a round costs less");
    sil_costs_free(cost, N);
    sil_rho_clear(&have);
    sil_rho_clear(&rest);
    sil_rho_clear(&late);
    sil_terms_clear(&terms);
    sil_schema_free(schema);
}

Test(mosaic, spends_the_cap_to_the_last_digit_in_three_phases)
{
    static const char *const EPSILONS[] = {"0.05", "0.3", "3", "7.3"};
    for (size_t i = 0; i < 2 * N_OF(EPSILONS); i++) {
        struct sil_fit_options options = options_of(EPSILONS[i / 2]);
        options.neighbours = i % 2 == 0 ? SIL_ADD_REMOVE : SIL_REPLACE_ONE;
        struct sil_model *model = kit_model(FOUR, 4, 3000, 61, &options);
        mosaic_expect_phases(model);
        mosaic_expect_order(model);
        sil_model_free(model);
    }
}

/* Other rows and other noise: the same variances for the columns. */
Test(mosaic, columns_are_measured_with_noise_that_no_row_decides)
{
    struct sil_fit_options options = options_of("1");
    struct sil_model *one = kit_model(FOUR, 4, 3000, 62, &options);
    struct sil_model *other = kit_model(FOUR, 4, 900, 63, &options);
    for (uint32_t a = 0; a < 4; a++) {
        cr_expect(mpq_equal(one->transcript.line[a].sigma2.v,
                            other->transcript.line[a].sigma2.v));
    }
    sil_model_free(one);
    sil_model_free(other);
}

Test(mosaic, replace_one_doubles_every_sensitivity)
{
    struct sil_fit_options options = options_of("1");
    struct sil_model *one = kit_model(FOUR, 4, 3000, 64, &options);
    options.neighbours = SIL_REPLACE_ONE;
    struct sil_model *both = kit_model(FOUR, 4, 3000, 64, &options);
    uint64_t of_choices[2] = {UINT64_MAX, UINT64_MAX};
    for (size_t i = sil_mosaic_n_first(both->mosaic); i < both->transcript.n_lines;
         i += 2) {
        uint64_t sensitivity = both->transcript.line[i].sensitivity;
        cr_expect_eq(both->transcript.line[i + 1].sensitivity, 2);
        of_choices[1] = sensitivity < of_choices[1] ? sensitivity : of_choices[1];
    }
    for (size_t i = sil_mosaic_n_first(one->mosaic); i < one->transcript.n_lines;
         i += 2) {
        uint64_t sensitivity = one->transcript.line[i].sensitivity;
        cr_expect_eq(one->transcript.line[i + 1].sensitivity, 1);
        of_choices[0] = sensitivity < of_choices[0] ? sensitivity : of_choices[0];
    }
    cr_expect_eq(of_choices[1], 2 * of_choices[0]);
    sil_model_free(one);
    sil_model_free(both);
}

/* ---- which marginals have tables ---- */

static bool is_better(const struct sil_weighted_clique *a,
                      const struct sil_weighted_clique *b,
                      const struct sil_domain *domain)
{
    if (a->clique.n != b->clique.n) {
        return a->clique.n < b->clique.n;
    }
    if (a->weight != b->weight) {
        return a->weight > b->weight;
    }
    return sil_clique_cells(domain, &a->clique) < sil_clique_cells(domain, &b->clique);
}

/* The best that is left, again and again, until one has no room; columns take none. */
static void choose_by_hand(bool *kept, const struct sil_clique_list *list,
                           const struct sil_domain *domain)
{
    uint64_t room = (uint64_t)1 << 24;
    for (size_t i = 0; i < list->n; i++) {
        kept[i] = list->item[i].clique.n == 1;
        room -= kept[i] ? sil_clique_cells(domain, &list->item[i].clique) : 0;
    }
    for (;;) {
        size_t best = list->n;
        for (size_t i = 0; i < list->n; i++) {
            if (!kept[i] && list->item[i].clique.n <= 3 &&
                (best == list->n ||
                 is_better(&list->item[i], &list->item[best], domain))) {
                best = i;
            }
        }
        if (best == list->n ||
            sil_clique_cells(domain, &list->item[best].clique) > room) {
            return;
        }
        kept[best] = true;
        room -= sil_clique_cells(domain, &list->item[best].clique);
    }
}

static void random_list(struct sil_clique_list *list, struct test_random *random,
                        uint32_t n_attrs)
{
    for (uint32_t set = 1; set < 1U << n_attrs; set++) {
        struct sil_clique clique = {0};
        for (uint32_t a = 0; a < n_attrs; a++) {
            if ((set >> a & 1) != 0) {
                clique.attr[clique.n++] = a;
            }
        }
        if (clique.n <= 4 && test_below(random, 4) > 0) {
            uint32_t weight = 1 + (uint32_t)test_below(random, 3);
            cr_assert_eq(sil_clique_list_add(list, &clique, weight, &error), SIL_OK);
        }
    }
}

static bool keeps_what_is_worth_most(struct test_random *random, void *context)
{
    uint32_t sizes[6];
    const struct sil_domain domain = {.n_attrs = 6, .sizes = sizes};
    struct sil_clique_list list = {0};
    struct sil_clique_list pruned = {0};
    bool kept[64];
    bool is_same = true;
    (void)context;
    for (size_t a = 0; a < 6; a++) {
        sizes[a] = 2 + (uint32_t)test_below(random, test_below(random, 2) ? 3000 : 40);
    }
    random_list(&list, random, 6);
    choose_by_hand(kept, &list, &domain);
    for (size_t i = 0; i < list.n; i++) {
        cr_assert_eq(sil_clique_list_add(&pruned, &list.item[i].clique,
                                         list.item[i].weight, &error),
                     SIL_OK);
    }
    cr_assert_eq(sil_mosaic_prune(&pruned, &domain, &error), SIL_OK);
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++) {
        if (kept[i]) {
            is_same =
                is_same && n < pruned.n &&
                sil_clique_compare(&pruned.item[n].clique, &list.item[i].clique) == 0 &&
                pruned.item[n].weight == list.item[i].weight;
            n++;
        }
    }
    is_same = is_same && n == pruned.n;
    sil_clique_list_clear(&list);
    sil_clique_list_clear(&pruned);
    return is_same;
}

Test(mosaic, keeps_tables_of_the_marginals_that_are_worth_most)
{
    cr_expect(test_forall("pruning", test_cases(300), keeps_what_is_worth_most, NULL));
}
