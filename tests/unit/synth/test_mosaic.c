// SPDX-License-Identifier: Apache-2.0
/* Mosaic: settings, the division of its budget, the order of its lines, the marginals that
 * it keeps tables of, and the smallest and largest tables it is given. */
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
    uint32_t n_parts;
    uint32_t finest;
} SETTINGS[] = {
    {"0.001",               {2, 5},  {0, 1},  0,  4, 24},
    {"0.29999999999999999", {2, 5},  {0, 1},  0,  4, 24},
    {"0.3",                 {2, 5},  {3, 10}, 30, 6, 96},
    {"0.30000000000000001", {2, 5},  {3, 10}, 30, 6, 96},
    {"2.99999999999999999", {2, 5},  {3, 10}, 30, 6, 96},
    {"3",                   {3, 10}, {1, 2},  60, 6, 96},
    {"3.00000000000000001", {3, 10}, {1, 2},  60, 6, 96},
    {"10000",               {3, 10}, {1, 2},  60, 6, 96},
};

Test(mosaic, settings_change_at_three_tenths_and_at_three)
{
    struct sil_epsilon epsilon;
    mpq_init(epsilon.v);
    for (size_t i = 0; i < N_OF(SETTINGS); i++) {
        const struct setting *want = &SETTINGS[i];
        struct sil_mosaic_settings have;
        cr_assert_eq(sil_rational_parse(epsilon.v, want->epsilon, 0, "epsilon", &error),
                     SIL_OK);
        sil_mosaic_settings(&have, &epsilon);
        cr_expect_eq(memcmp(&have.columns, &want->columns, sizeof have.columns), 0,
                     "%s", want->epsilon);
        cr_expect_eq(memcmp(&have.late, &want->late, sizeof have.late), 0, "%s",
                     want->epsilon);
        cr_expect_eq(have.late_rounds, want->late_rounds, "%s", want->epsilon);
        cr_assert_eq(have.n_parts, want->n_parts, "%s", want->epsilon);
        for (uint32_t k = 0; k < have.n_parts; k++) {
            cr_expect_eq(have.part[k], want->finest >> k);
        }
    }
    mpq_clear(epsilon.v);
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
    sil_mosaic_settings(&settings, &terms->epsilon);
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
 * it costs least when, instead of rounds, the columns share what they left. */
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
    mpq_set(rest.v, terms.cap.v);
    for (uint32_t a = 0; a < N; a++) {
        cr_expect_lt(mpq_cmp(have.v, cost[a].v), 0, "column %" PRIu32, a);
        mpq_sub(rest.v, rest.v, cost[a].v);
    }
    sil_independent_costs(cost, &rest, &domain);
    cr_expect(mpq_equal(have.v, cost[0].v), "%g, not %g", mpq_get_d(have.v),
              mpq_get_d(cost[0].v));
    sil_mosaic_round_costs(&rest, &late, &terms, &terms.cap, N);
    cr_expect_lt(mpq_cmp(have.v, rest.v), 0, "a round costs less");
    sil_costs_free(cost, N);
    sil_rho_clear(&have);
    sil_rho_clear(&rest);
    sil_rho_clear(&late);
    sil_terms_clear(&terms);
    sil_schema_free(schema);
}

static void sum_costs(mpq_t sum, const struct sil_transcript *transcript, size_t from,
                      size_t to)
{
    mpq_set_ui(sum, 0, 1);
    for (size_t i = from; i < to; i++) {
        mpq_add(sum, sum, transcript->line[i].rho.v);
    }
}

/* Columns as computed before the run; then pairs of a choice and its measurement, of which
 * the last cost, together and to the last digit, what phase 3 is due. */
static void expect_phases(const struct sil_model *model)
{
    const struct sil_transcript *transcript = &model->transcript;
    const struct sil_terms *terms = &transcript->terms;
    struct sil_mosaic_settings settings;
    struct sil_rho *cost = NULL;
    struct sil_rho rest;
    mpq_t sum;
    uint32_t d = model->domain.n_attrs;
    mpq_init(rest.v);
    mpq_init(sum);
    sil_mosaic_settings(&settings, &terms->epsilon);
    size_t late = transcript->n_lines - 2 * (size_t)settings.late_rounds;
    cr_assert_gt(late, d, "no rounds in phase 2");
    cr_assert_eq((transcript->n_lines - d) % 2, 0);
    cr_assert_eq(sil_costs_new(&cost, d, &error), SIL_OK);
    sil_mosaic_column_costs(cost, terms, &terms->cap, &model->domain);
    for (uint32_t a = 0; a < d; a++) {
        cr_expect(mpq_equal(transcript->line[a].rho.v, cost[a].v));
    }
    sum_costs(sum, transcript, 0, d);
    mpq_sub(rest.v, terms->cap.v, sum);
    sil_share(&rest, &rest, settings.late.numerator, settings.late.denominator);
    sum_costs(sum, transcript, late, transcript->n_lines);
    cr_expect(mpq_equal(sum, rest.v), "phase 3 has not its part");
    sum_costs(sum, transcript, 0, transcript->n_lines);
    cr_expect(mpq_equal(sum, terms->cap.v), "the cap is not spent");
    sil_costs_free(cost, d);
    mpq_clear(rest.v);
    mpq_clear(sum);
}

static void expect_order(const struct sil_model *model)
{
    const struct sil_release *line = model->transcript.line;
    uint32_t d = model->domain.n_attrs;
    for (uint32_t a = 0; a < d; a++) {
        cr_expect_eq(line[a].kind, SIL_RELEASE_MEASURE);
        cr_expect_eq(line[a].clique.n, 1);
        cr_expect_eq(line[a].clique.attr[0], a);
        cr_expect_null(line[a].of);
    }
    for (size_t i = d; i < model->transcript.n_lines; i += 2) {
        cr_expect_eq(line[i].kind, SIL_RELEASE_SELECT);
        cr_expect_eq(line[i + 1].kind, SIL_RELEASE_MEASURE);
        cr_expect_eq(sil_clique_compare(&line[i].clique, &line[i + 1].clique), 0);
        cr_expect_eq(line[i].of == NULL, line[i + 1].of == NULL);
    }
}

Test(mosaic, spends_the_cap_to_the_last_digit_in_three_phases)
{
    static const char *const EPSILONS[] = {"0.05", "0.3", "3", "7.3"};
    for (size_t i = 0; i < 2 * N_OF(EPSILONS); i++) {
        struct sil_fit_options options = options_of(EPSILONS[i / 2]);
        options.neighbours = i % 2 == 0 ? SIL_ADD_REMOVE : SIL_REPLACE_ONE;
        struct sil_model *model = kit_model(FOUR, 4, 3000, 61, &options);
        expect_phases(model);
        expect_order(model);
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
    for (size_t i = 4; i < both->transcript.n_lines; i += 2) {
        uint64_t sensitivity = both->transcript.line[i].sensitivity;
        cr_expect_eq(both->transcript.line[i + 1].sensitivity, 2);
        of_choices[1] = sensitivity < of_choices[1] ? sensitivity : of_choices[1];
    }
    for (size_t i = 4; i < one->transcript.n_lines; i += 2) {
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

/* ---- the edges ---- */

/* Every line measures a column, and the cap is spent on them. */
static void expect_columns_only(const struct sil_model *model, const char *what)
{
    size_t n = model->transcript.n_lines;
    cr_expect_geq(n, model->domain.n_attrs, "%s", what);
    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(model->transcript.line[i].kind, SIL_RELEASE_MEASURE, "%s", what);
        cr_expect_eq(model->transcript.line[i].clique.n, 1, "%s", what);
    }
    cr_expect(mpq_equal(model->transcript.spent.v, model->transcript.terms.cap.v), "%s",
              what);
}

static bool has_rounds(const struct sil_model *model)
{
    const struct sil_transcript *transcript = &model->transcript;
    return transcript->line[transcript->n_lines - 2].kind == SIL_RELEASE_SELECT;
}

/* The noise decides whether a table without rows seems to have one: of these seeds some see
 * none, some do. */
Test(mosaic, without_rows_the_columns_get_the_rest)
{
    static const uint32_t SMALL[] = {6, 3};
    struct sil_fit_options options = options_of("0.2");
    size_t n_without = 0;
    for (uint64_t seed = 70; seed < 78; seed++) {
        struct sil_model *model = kit_model(SMALL, 2, 0, seed, &options);
        cr_expect_eq(has_rounds(model), model->mosaic->rows >= 1);
        if (!has_rounds(model)) {
            struct sil_bytes rows = kit_rows(model, 20, 1);
            expect_columns_only(model, "no rows");
            cr_expect_gt(sil_model_n_warnings(model), 0);
            sil_bytes_clear(&rows);
            n_without++;
        }
        sil_model_free(model);
    }
    cr_expect_gt(n_without, 0);
    cr_expect_lt(n_without, 8);
}

Test(mosaic, one_column_of_one_value_has_nothing_to_relate)
{
    static const uint32_t ONE[] = {1};
    struct sil_fit_options options = options_of("1");
    struct sil_model *model = kit_model(ONE, 1, 100, 81, &options);
    expect_columns_only(model, "one value");
    cr_expect_float_eq((double)model->rows, 100, 20);
    sil_model_free(model);
}

Test(mosaic, a_column_of_one_value_is_in_no_round)
{
    static const uint32_t TWO[] = {1, 5};
    struct sil_fit_options options = options_of("1");
    struct sil_model *model = kit_model(TWO, 2, 500, 82, &options);
    for (size_t i = 2; i < model->transcript.n_lines; i++) {
        cr_expect_eq(model->transcript.line[i].clique.n, 1);
        cr_expect_eq(model->transcript.line[i].clique.attr[0], 1);
    }
    expect_order(model);
    cr_expect(mpq_equal(model->transcript.spent.v, model->transcript.terms.cap.v));
    sil_model_free(model);
}

Test(mosaic, one_column_is_measured_again_and_again)
{
    static const uint32_t ONE[] = {9};
    struct sil_fit_options options = options_of("1");
    struct sil_model *model = kit_model(ONE, 1, 500, 83, &options);
    cr_expect_gt(model->transcript.n_lines, 61);
    expect_phases(model);
    expect_order(model);
    sil_model_free(model);
}

Test(mosaic, a_column_of_sixty_thousand_values_is_read_back)
{
    static const uint32_t LARGE[] = {60000, 6};
    struct sil_fit_options options = options_of("1");
    options.max_cells = 360000;
    struct sil_model *model = kit_model(LARGE, 2, 5000, 84, &options);
    struct sil_model *again = NULL;
    struct sil_bytes bytes = {0};
    expect_phases(model);
    cr_expect_leq(sil_gm_tree_cells(sil_model_tree(model)), (1U << 20) / 8);
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK);
    cr_assert_eq(sil_model_decode(&again, bytes.data, bytes.length, 1, &error), SIL_OK,
                 "%s", error.text);
    struct sil_bytes rows = kit_rows(model, 200, 1);
    struct sil_bytes rows_again = kit_rows(again, 200, 1);
    cr_assert_eq(rows.length, rows_again.length);
    cr_expect_arr_eq(rows.data, rows_again.data, rows.length);
    sil_bytes_clear(&rows);
    sil_bytes_clear(&rows_again);
    sil_bytes_clear(&bytes);
    sil_model_free(again);
    sil_model_free(model);
}

/* All pairs of values would be more than the tree may have: it holds groups of them, and
 * what is past it the tables hold. */
Test(mosaic, keeps_its_tree_within_the_size_asked_for)
{
    static const uint32_t LARGE[] = {150, 150, 150, 150};
    struct sil_fit_options options = options_of("20");
    options.max_model_mb = 1;
    options.max_cells = 30000;
    options.workload = "2";
    struct sil_model *model = kit_model(LARGE, 4, 5000, 85, &options);
    uint64_t cells = sil_gm_tree_cells(sil_model_tree(model));
    cr_expect_leq(cells, (1U << 20) / 8);
    cr_expect_gt(cells, 600, "columns only");
    sil_model_free(model);
}

/* Over more than forty columns the pairs of phase 2 make no cycle; the same pair may come
 * again. Past the tree they may. */
Test(mosaic, over_forty_columns_its_tree_is_a_forest)
{
    enum { N = 41 };

    uint32_t sizes[N];
    uint32_t component[N];
    bool is_joined[N][N] = {{false}};
    struct sil_fit_options options = options_of("20");
    size_t n_pairs = 0;
    options.workload = "2";
    for (uint32_t a = 0; a < N; a++) {
        sizes[a] = 2;
        component[a] = a;
    }
    struct sil_model *model = kit_model(sizes, N, 2000, 86, &options);
    size_t late = sil_mosaic_first_late(model->mosaic, model->transcript.n_lines);
    for (size_t i = N + 1; i < late; i += 2) {
        const struct sil_clique *pair = &model->transcript.line[i].clique;
        if (pair->n == 1 || is_joined[pair->attr[0]][pair->attr[1]]) {
            continue;
        }
        uint32_t from = component[pair->attr[0]];
        uint32_t to = component[pair->attr[1]];
        cr_assert_neq(from, to, "line %zu closes a cycle", i);
        is_joined[pair->attr[0]][pair->attr[1]] = true;
        for (uint32_t a = 0; a < N; a++) {
            component[a] = component[a] == from ? to : component[a];
        }
        n_pairs++;
    }
    cr_expect_gt(n_pairs, 20);
    sil_model_free(model);
}

/* 400 columns of a byte a code: the codes of groups and of values, and rows of four bytes a
 * column for the search. */
Test(mosaic, rows_fit_when_their_codes_twice_and_the_search_do)
{
    enum { N = 400, ROW = 2 * N + 4 * N };

    uint32_t sizes[N];
    const struct sil_domain domain = {.n_attrs = N, .sizes = sizes};
    uint64_t memory =
        (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    for (uint32_t a = 0; a < N; a++) {
        sizes[a] = 256;
    }
    cr_expect_eq(sil_rows_fit(&domain, SIL_MOSAIC, memory / ROW, &error), SIL_OK, "%s",
                 error.text);
    cr_expect_eq(sil_rows_fit(&domain, SIL_MOSAIC, memory / ROW + 1, &error),
                 SIL_ERR_USAGE);
    cr_expect_not_null(strstr(error.text, " rows of 2400 bytes each"), "%s",
                       error.text);
    cr_expect_eq(sil_rows_fit(&domain, SIL_AIM, memory / N, &error), SIL_OK, "%s",
                 error.text);
}

Test(mosaic, rows_are_fewer_than_the_search_can_count)
{
    static const uint32_t ONE[] = {2};
    const struct sil_domain domain = {.n_attrs = 1, .sizes = ONE};
    cr_expect_eq(sil_rows_fit(&domain, SIL_MOSAIC, (uint64_t)INT32_MAX + 1, &error),
                 SIL_ERR_USAGE);
    cr_expect_not_null(strstr(error.text, "at most 2147483647 rows at once"), "%s",
                       error.text);
    cr_expect_eq(sil_rows_fit(&domain, SIL_MOSAIC, 1000, &error), SIL_OK);
}

/* A line as a gate would release it: noise of variance 100 on counts of ten. */
static void measured(struct sil_release *line, const struct sil_clique *clique,
                     const struct sil_domain *domain)
{
    *line = (struct sil_release){.kind = SIL_RELEASE_MEASURE, .clique = *clique};
    mpq_init(line->sigma2.v);
    mpq_set_ui(line->sigma2.v, 100, 1);
    line->n_cells = sil_clique_cells(domain, clique);
    line->noisy = calloc(line->n_cells, sizeof *line->noisy);
    cr_assert_not_null(line->noisy);
    for (size_t i = 0; i < line->n_cells; i++) {
        line->noisy[i] = 10;
    }
}

static void forget(struct sil_release *line)
{
    mpq_clear(line->sigma2.v);
    free(line->noisy);
}

/* A pair of 400 x 400 values is more than the megabyte of a tree, one of 400 x 300 is less. */
Test(mosaic, leaves_out_of_its_model_what_the_tree_has_no_room_for)
{
    static const uint32_t LARGE[] = {400, 400, 300};
    static const struct sil_clique PAIRS[] = {
        {.n = 2, .attr = {0, 1}},
        {.n = 2, .attr = {0, 2}},
        {.n = 2, .attr = {1, 2}},
    };
    struct sil_schema *schema = kit_schema(LARGE, 3);
    struct sil_domain domain = sil_schema_domain(schema);
    struct sil_fit_options options = options_of("1");
    struct sil_terms terms;
    struct sil_mosaic *mosaic = NULL;
    struct sil_release lines[6];
    const struct sil_release *columns[] = {&lines[0], &lines[1], &lines[2]};
    options.max_cells = 200000;
    options.workload = "2";
    sil_terms_init(&terms);
    cr_assert_eq(sil_terms_of_options(&terms, schema, &options, &error), SIL_OK);
    for (uint32_t i = 0; i < 3; i++) {
        const struct sil_clique column = sil_clique_single(i);
        measured(&lines[i], &column, &domain);
        measured(&lines[3 + i], &PAIRS[i], &domain);
    }
    cr_assert_eq(sil_mosaic_new(&mosaic, &terms, schema, 1, &error), SIL_OK);
    cr_assert_eq(sil_mosaic_begin(mosaic, columns, &error), SIL_OK, "%s", error.text);
    cr_assert_eq(sil_mosaic_note(mosaic, &lines[3], &error), SIL_OK, "%s", error.text);
    cr_expect_eq(mosaic->n_tiles, 0, "160,000 cells");
    cr_assert_eq(sil_mosaic_note(mosaic, &lines[4], &error), SIL_OK, "%s", error.text);
    cr_expect_eq(mosaic->n_tiles, 1, "120,000 cells");
    cr_assert_eq(sil_mosaic_note(mosaic, &lines[5], &error), SIL_OK, "%s", error.text);
    cr_expect_eq(mosaic->n_tiles, 1, "120,000 cells more");
    for (size_t i = 0; i < 6; i++) {
        forget(&lines[i]);
    }
    sil_mosaic_free(mosaic);
    sil_terms_clear(&terms);
    sil_schema_free(schema);
}
