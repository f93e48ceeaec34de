// SPDX-License-Identifier: Apache-2.0
/* Counts that were kept because they reached a threshold: what they are worth, to whom they
 * belong, and that old replays do without. */
#include "support/property.h"
#include "synth/evidence.h"
#include "synth/kept.h"
#include "synth/model_object.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct sil_error error;

/* One value, found with this count. */
static void join(double *y, double *weight, double variance, double noisy,
                 double deviation, double threshold)
{
    const struct sil_kept kept = {
        .n = 1, .noisy = &noisy, .deviation = deviation, .threshold = threshold};
    *weight = 1;
    sil_kept_join(y, weight, variance, &kept);
}

/* ---- one count ---- */

Test(kept, far_above_the_threshold_both_are_weighed_by_their_precision)
{
    double y = 1030;
    double weight = 0;
    join(&y, &weight, 300, 1000, 10, 60);
    cr_expect_float_eq(y, 1000 + 30.0 / 4, 1e-9, "%.12g", y);
    cr_expect_float_eq(weight, 4, 1e-12, "%.12g", weight);
}

struct likelihood {
    long double y, variance, noisy, deviation, threshold;
};

/* Of a count, but for a constant: the measurement's, and the truncated law's. */
static long double log_of(const struct likelihood *l, long double count)
{
    long double off = l->y - count;
    long double far = (l->noisy - count) / l->deviation;
    long double edge = (l->threshold - count) / l->deviation;
    return -off * off / (2 * l->variance) - far * far / 2 -
           logl(erfcl(edge / sqrtl(2)));
}

/* The largest value from 0 on, by thirds: it is concave. */
static long double best_count(const struct likelihood *l)
{
    long double low = 0;
    long double high = fmaxl(fmaxl(l->y, l->noisy), 1);
    for (int i = 0; i < 200; i++) {
        long double third = (high - low) / 3;
        if (log_of(l, low + third) < log_of(l, high - third)) {
            low += third;
        } else {
            high -= third;
        }
    }
    return low;
}

static bool count_is_most_likely(struct test_random *random, void *context)
{
    struct likelihood l = {.deviation = 1 + (long double)test_below(random, 60),
                           .variance = 1 + (long double)test_below(random, 20000)};
    (void)context;
    l.threshold = 1 + 6.5L * l.deviation;
    l.noisy = l.threshold + l.deviation * (long double)test_below(random, 1000) / 200;
    l.y = (long double)test_below(random, 900) - 150;
    double y = (double)l.y;
    double weight = 0;
    join(&y, &weight, (double)l.variance, (double)l.noisy, (double)l.deviation,
         (double)l.threshold);
    long double want = best_count(&l);
    long double step = l.deviation / 64;
    long double bend =
        2 * log_of(&l, want) - log_of(&l, want - step) - log_of(&l, want + step);
    long double known = bend / (step * step) * l.variance;
    return fabsl(y - want) < 1e-4L * l.deviation && fabsl(weight / known - 1) < 1e-2L &&
           weight >= 1;
}

Test(kept, is_the_most_likely_count_and_its_information)
{
    cr_expect(test_forall("kept", test_cases(3000), count_is_most_likely, NULL));
}

/* Sum of 12 uniform numbers less 6: near enough to the normal law. */
static double normal(struct test_random *random)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += (double)(test_word(random) >> 11) * 0x1p-53;
    }
    return sum;
}

/* Many values of true count 3 deviations below the threshold, of which one in a thousand is
 * found: the mean of what is made of those is near the truth, and that of noisy count and
 * measurement without regard to the threshold is not. */
Test(kept, values_found_by_luck_are_not_taken_for_frequent_ones)
{
    const double deviation = 10;
    const double threshold = 66;
    const double truth = 46;
    const double variance = 200;
    struct test_random random = {.state = 20};
    double sum = 0;
    double naive = 0;
    double n = 0;
    for (int i = 0; i < 400000; i++) {
        double noisy = truth + deviation * normal(&random);
        double y = truth + sqrt(variance) * normal(&random);
        if (noisy >= threshold) {
            double weight = 0;
            naive += (y / 2 + noisy) / 1.5;
            join(&y, &weight, variance, noisy, deviation, threshold);
            sum += y;
            n += 1;
        }
    }
    cr_expect_gt(n, 5000);
    cr_expect_gt(naive / n - truth, 14, "naive: off by %g", naive / n - truth);
    cr_expect_lt(fabs(sum / n - truth), 4, "off by %g", sum / n - truth);
}

/* ---- whole columns ---- */

static struct sil_model *open_model(enum sil_mechanism mechanism)
{
    static const uint32_t CELLS[] = {3, 6, 2};
    static const uint32_t BINS[] = {3, 0, 2};
    const struct sil_fit_options options = kit_options(mechanism, "2");
    return kit_binned_model(CELLS, BINS, 3, 3000, 11, &options);
}

Test(kept, belongs_to_the_cells_of_the_values_found)
{
    static const char SCHEMA[] =
        "{\"fields\": [{\"name\": \"a\", \"type\": \"string\", \"categories\": [\"q\", "
        "\"r\"], \"silhouette\": {\"open\": true}}]}";
    struct sil_found found[] = {
        {.text = "A", .length = 1, .noisy = 4000},
        {.text = "B", .length = 1, .noisy = 8000},
    };
    struct sil_discovery discovery = {
        .shift = 2, .threshold = 404, .n = 2, .found = found};
    struct sil_kept_list list = {0};
    struct sil_schema *schema = NULL;
    double y[6] = {10, 20, 1000, 2000, 30, 40};
    double weight[6] = {1, 1, 1, 1, 1, 1};
    cr_assert_eq(sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), &error), SIL_OK);
    cr_assert_eq(sil_schema_settle(schema, 0, found, 2, &error), SIL_OK);
    sil_sigma2_init(&discovery.sigma2);
    mpq_set_ui(discovery.sigma2.v, 50, 1);
    cr_assert_eq(sil_kept_add(&list, schema, &discovery, &error), SIL_OK);
    const struct sil_kept *kept = sil_kept_of(&list, 0);
    cr_assert_not_null(kept);
    cr_expect_null(sil_kept_of(&list, 1));
    cr_expect_null(sil_kept_of(NULL, 0));
    cr_expect_eq(kept->threshold, 101);
    sil_kept_join(y, weight, 50, kept);
    for (int i = 0; i < 6; i++) {
        static const double WANT[] = {10, 20, 1000, 2000, 30, 40};
        static const double WEIGHT[] = {1, 1, 2, 2, 1, 1};
        cr_expect_float_eq(y[i], WANT[i], 1e-9, "cell %d: %g", i, y[i]);
        cr_expect_float_eq(weight[i], WEIGHT[i], 1e-9, "cell %d: %g", i, weight[i]);
    }
    sil_kept_clear(&list);
    sil_sigma2_clear(&discovery.sigma2);
    sil_schema_free(schema);
}

/* The open column of the published model. */
static void publish(double *column, struct sil_model *model)
{
    const struct sil_clique open = sil_clique_single(1);
    sil_bytes_clear(&model->claim);
    cr_assert_eq(sil_model_derive(model, &error), SIL_OK, "%s", error.text);
    cr_assert_eq(sil_model_refit(model, &error), SIL_OK, "%s", error.text);
    cr_assert_eq(sil_gm_marginals(&column, model->gm, &open, 1, 1, &error), SIL_OK);
}

/* Under mosaic, after its first phase: with other columns the groups of the later lines would
 * be others. */
static void clean(double *column, struct sil_model *model)
{
    struct sil_mosaic *mosaic = NULL;
    struct sil_kept_list kept = {0};
    const struct sil_transcript *transcript = &model->transcript;
    const struct sil_release *lines[] = {&transcript->line[0], &transcript->line[1],
                                         &transcript->line[2]};
    cr_assert_eq(
        sil_mosaic_new(&mosaic, &transcript->terms, transcript->schema, 1, &error),
        SIL_OK);
    cr_assert_eq(sil_transcript_kept(&kept, transcript, &error), SIL_OK);
    mosaic->kept = &kept;
    cr_assert_eq(sil_mosaic_begin(mosaic, lines, &error), SIL_OK);
    memcpy(column, mosaic->p[1], mosaic->domain.sizes[1] * sizeof *column);
    sil_mosaic_free(mosaic);
    sil_kept_clear(&kept);
}

/* The column moves towards the counts that were kept, where the replay number says so. */
static void expect_use(enum sil_mechanism mechanism, uint32_t replay, bool is_used)
{
    struct sil_model *model = open_model(mechanism);
    struct sil_discovery *found = &model->transcript.discovery[0];
    double column[2][8] = {{0}};
    cr_assert_gt(found->n, 3);
    cr_assert_leq(model->domain.sizes[1], 8);
    model->transcript.terms.replay = replay;
    for (int i = 0; i < 2; i++) {
        (mechanism == SIL_MOSAIC ? clean : publish)(column[i], model);
        found->found[1].noisy += INT64_C(60) << found->shift;
    }
    double moved = column[1][1] - column[0][1];
    cr_expect(is_used ? moved > 1 : memcmp(column[0], column[1], sizeof *column) == 0,
              "%d, replay %u: %g", mechanism, replay, moved);
    sil_model_free(model);
}

Test(kept, moves_the_published_columns_from_replay_3_on)
{
    expect_use(SIL_INDEPENDENT, 2, false);
    expect_use(SIL_INDEPENDENT, 3, true);
    expect_use(SIL_AIM, 3, true);
    expect_use(SIL_MST, 3, true);
    expect_use(SIL_MOSAIC, 2, false);
    expect_use(SIL_MOSAIC, 3, true);
}

Test(kept, decides_in_a_run_as_in_one_that_is_told_again)
{
    static const enum sil_mechanism MECHANISMS[] = {SIL_AIM, SIL_MST, SIL_MOSAIC};

    for (size_t i = 0; i < sizeof MECHANISMS / sizeof MECHANISMS[0]; i++) {
        struct sil_model *model = open_model(MECHANISMS[i]);
        struct sil_model *again = NULL;
        struct sil_bytes bytes[2] = {{0}};
        char *text = NULL;
        cr_assert_eq(sil_model_of_transcript(&again, model->encoding.data,
                                             model->encoding.length, 1, &error),
                     SIL_OK, "%s", error.text);
        cr_expect_eq(sil_model_explain(&text, model, &error), SIL_OK, "%s", error.text);
        cr_assert_eq(sil_model_encode(&bytes[0], model, &error), SIL_OK);
        cr_assert_eq(sil_model_encode(&bytes[1], again, &error), SIL_OK);
        cr_expect(bytes[0].length == bytes[1].length &&
                  memcmp(bytes[0].data, bytes[1].data, bytes[0].length) == 0);
        sil_bytes_clear(&bytes[0]);
        sil_bytes_clear(&bytes[1]);
        free(text);
        sil_model_free(again);
        sil_model_free(model);
    }
}

/* ---- evidence ---- */

static struct sil_schema *parsed(const char *text)
{
    struct sil_schema *schema = NULL;
    cr_assert_eq(sil_schema_parse(&schema, text, strlen(text), &error), SIL_OK, "%s",
                 error.text);
    return schema;
}

/* The evidence of one column measured with variance 100, of 3,300 rows. */
static struct sil_measurements evidence_of(const double *y, uint32_t n,
                                           const struct sil_known *known)
{
    const struct sil_domain domain = {.n_attrs = 1, .sizes = &n};
    struct sil_measurement item = {
        .clique = sil_clique_single(0), .y = y, .variance = 100};
    const struct sil_measurements list = {.item = &item, .n = 1};
    struct sil_measurements evidence;
    cr_assert_eq(sil_evidence_collect(&evidence, &list, known, &domain, 3300, &error),
                 SIL_OK);
    return evidence;
}

static const double CAUTION = 3300.0 * 3300 / 100 / 25000;

Test(kept, evidence_weighs_the_cells_of_a_column_by_what_is_known_of_them)
{
    const double y[] = {1000, 2000, 330};
    double noisy[] = {1000, 2000};
    struct sil_schema *schema =
        parsed("{\"fields\": [{\"name\": \"a\", \"type\": \"string\", \"categories\": "
               "[\"p\", \"q\", \"r\"], \"constraints\": {\"required\": true}}]}");
    struct sil_kept kept = {.n = 2, .noisy = noisy, .deviation = 5, .threshold = 40};
    const struct sil_kept_list some = {.item = &kept, .n = 1};
    const struct sil_known known = {.schema = schema, .kept = &some};
    const struct sil_known nothing = {.schema = schema};
    /* A total 30 less than their sum: the two that are known at a fifth of the variance
     * give a fifth each of what the third one gives. */
    struct sil_measurements evidence = evidence_of(y, 3, &known);
    cr_expect_float_eq(evidence.item[0].y[0], 1000 - 30.0 / 7, 1e-9);
    cr_expect_float_eq(evidence.item[0].y[1], 2000 - 30.0 / 7, 1e-9);
    cr_expect_float_eq(evidence.item[0].y[2], 330 - 150.0 / 7, 1e-9);
    cr_expect_float_eq(evidence.item[0].variance, CAUTION * 100 / (11.0 / 3), 1e-9);
    sil_measurements_clear(&evidence);
    evidence = evidence_of(y, 3, &nothing);
    cr_expect_float_eq(evidence.item[0].y[0], 990, 1e-9);
    cr_expect_float_eq(evidence.item[0].variance, CAUTION * 100, 1e-9);
    sil_measurements_clear(&evidence);
    sil_schema_free(schema);
}

/* Neighbours tell of each other where cells stand in an order, all ways to cut them together;
 * those of a set of texts tell nothing. Before replay 3 all did, by the best way. */
Test(kept, evidence_knows_which_cells_stand_in_an_order)
{
    const double y[] = {540, 550, 560, 1590, 60};
    struct sil_schema *ordered = parsed(
        "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\", \"constraints\": "
        "{\"required\": true, \"minimum\": 1, \"maximum\": 5}}]}");
    struct sil_schema *texts =
        parsed("{\"fields\": [{\"name\": \"a\", \"type\": \"string\", \"categories\": "
               "[\"p\", \"q\", \"r\", \"s\", \"t\"], \"constraints\": {\"required\": "
               "true}}]}");
    const struct sil_known of_ordered = {.schema = ordered};
    const struct sil_known of_texts = {.schema = texts};
    struct sil_measurements evidence = evidence_of(y, 5, &of_texts);
    for (int i = 0; i < 5; i++) {
        cr_expect_float_eq(evidence.item[0].y[i], y[i], 1e-9);
    }
    sil_measurements_clear(&evidence);
    evidence = evidence_of(y, 5, &of_ordered);
    cr_expect_gt(evidence.item[0].y[0], 541);
    cr_expect_lt(evidence.item[0].y[0], 549.9);
    cr_expect_lt(evidence.item[0].y[2], 559);
    sil_measurements_clear(&evidence);
    evidence = evidence_of(y, 5, NULL);
    cr_expect_float_eq(evidence.item[0].y[0], 550, 1e-9);
    cr_expect_float_eq(evidence.item[0].y[2], 550, 1e-9);
    sil_measurements_clear(&evidence);
    sil_schema_free(texts);
    sil_schema_free(ordered);
}
