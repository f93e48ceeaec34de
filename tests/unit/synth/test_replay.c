// SPDX-License-Identifier: Apache-2.0
/* Everything after the noise is a function of the transcript and a seed, to the byte. */
#include "base/file.h"
#include "crypto/row_words.h"
#include "model/columns.h"
#include "model/isa.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "synth/evidence.h"
#include "synth/model_object.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#    include <xmmintrin.h>
#endif

static const uint32_t FIVE[] = {9, 7, 5, 4, 2};
static struct sil_error error;

static struct sil_model *decoded(const struct sil_bytes *bytes, unsigned n_threads)
{
    struct sil_model *model = NULL;
    cr_assert_eq(
        sil_model_decode(&model, bytes->data, bytes->length, n_threads, &error), SIL_OK,
        "%s", error.text);
    return model;
}

static struct sil_bytes encoded(const struct sil_model *model)
{
    struct sil_bytes bytes = {0};
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK);
    return bytes;
}

static void expect_equal(const struct sil_bytes *a, const struct sil_bytes *b,
                         const char *what, unsigned n_threads)
{
    cr_expect(a->length == b->length && memcmp(a->data, b->data, a->length) == 0,
              "%s differ: %s, %u threads", what, sil_isa_name(), n_threads);
}

/* Refit the transcript, encode, draw: all must be the bytes given. */
static void expect_replay(const struct sil_bytes *file, const struct sil_bytes *rows,
                          unsigned n_threads)
{
    struct sil_model *model = decoded(file, n_threads);
    cr_assert_eq(sil_model_refit(model, &error), SIL_OK, "%s", error.text);
    struct sil_bytes file_again = encoded(model);
    struct sil_bytes rows_again = kit_rows(model, 3001, n_threads);
    expect_equal(file, &file_again, "models", n_threads);
    expect_equal(rows, &rows_again, "rows", n_threads);
    sil_bytes_clear(&file_again);
    sil_bytes_clear(&rows_again);
    sil_model_free(model);
}

static void replay_on(enum sil_mechanism mechanism, const char *isa)
{
    if (sil_isa_select(isa, &error) != SIL_OK) {
        cr_skip_test("not on this machine: %s", isa);
    }
    cr_assert_eq(sil_isa_select("scalar", &error), SIL_OK);
    struct sil_fit_options options = kit_options(mechanism, "3");
    struct sil_model *model = kit_model(FIVE, 5, 3000, 41, &options);
    struct sil_bytes file = encoded(model);
    struct sil_bytes rows = kit_rows(model, 3001, 0);
    sil_model_free(model);
    cr_assert_eq(sil_isa_select(isa, &error), SIL_OK);
    for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
        expect_replay(&file, &rows, n_threads);
    }
    sil_bytes_clear(&file);
    sil_bytes_clear(&rows);
}

/* A case of its own for each instruction set, so that one that this machine lacks is
 * counted as skipped. */
#if defined(__SSE2__)
/* A program that links the library may round upwards and flush denormals to zero. */
static void replay_in_another_environment(enum sil_mechanism mechanism)
{
    enum { ROUND_UP = 0x4000, FLUSH = 0x8040 };
    struct sil_fit_options options = kit_options(mechanism, "3");
    struct sil_model *model = kit_model(FIVE, 5, 3000, 41, &options);
    struct sil_bytes file = encoded(model);
    struct sil_bytes rows = kit_rows(model, 3001, 0);
    sil_model_free(model);

    unsigned before = _mm_getcsr();
    _mm_setcsr(before | ROUND_UP | FLUSH);
    struct sil_model *other = kit_model(FIVE, 5, 3000, 41, &options);
    struct sil_bytes file_other = encoded(other);
    expect_equal(&file, &file_other, "models of the same noise", 0);
    expect_replay(&file, &rows, 2);
    unsigned after = _mm_getcsr();
    _mm_setcsr(before);
    cr_expect((after & ROUND_UP) != 0 && (after & FLUSH) == FLUSH, "left as it was");
    sil_model_free(other);
    sil_bytes_clear(&file_other);
    sil_bytes_clear(&file);
    sil_bytes_clear(&rows);
}

Test(replay, does_not_depend_on_the_host_programs_rounding)
{
    for (int m = SIL_AIM; m <= SIL_MOSAIC; m++) {
        replay_in_another_environment((enum sil_mechanism)m);
    }
}
#endif

Test(replay, of_aim_gives_the_same_bytes_on_any_threads)
{
    replay_on(SIL_AIM, "scalar");
}

Test(replay, of_aim_gives_the_same_bytes_with_avx2)
{
    replay_on(SIL_AIM, "avx2");
}

Test(replay, of_aim_gives_the_same_bytes_with_avx512)
{
    replay_on(SIL_AIM, "avx512");
}

Test(replay, of_mst_gives_the_same_bytes_on_any_threads)
{
    replay_on(SIL_MST, "scalar");
}

Test(replay, of_mst_gives_the_same_bytes_with_avx2)
{
    replay_on(SIL_MST, "avx2");
}

Test(replay, of_mst_gives_the_same_bytes_with_avx512)
{
    replay_on(SIL_MST, "avx512");
}

Test(replay, of_independent_gives_the_same_bytes_with_avx2)
{
    replay_on(SIL_INDEPENDENT, "avx2");
}

Test(replay, of_mosaic_gives_the_same_bytes_on_any_threads)
{
    replay_on(SIL_MOSAIC, "scalar");
}

Test(replay, of_mosaic_gives_the_same_bytes_with_avx2)
{
    replay_on(SIL_MOSAIC, "avx2");
}

Test(replay, of_mosaic_gives_the_same_bytes_with_avx512)
{
    replay_on(SIL_MOSAIC, "avx512");
}

Test(replay, does_not_depend_on_the_threads_that_measured)
{
    for (int m = SIL_AIM; m <= SIL_MOSAIC; m++) {
        struct sil_fit_options options = kit_options((enum sil_mechanism)m, "3");
        options.n_threads = 1;
        struct sil_model *one = kit_model(FIVE, 5, 3000, 42, &options);
        options.n_threads = 3;
        struct sil_model *three = kit_model(FIVE, 5, 3000, 42, &options);
        struct sil_bytes a = encoded(one);
        struct sil_bytes b = encoded(three);
        expect_equal(&a, &b, "models", 3);
        sil_bytes_clear(&a);
        sil_bytes_clear(&b);
        sil_model_free(one);
        sil_model_free(three);
    }
}

static struct sil_bytes rows_with(const struct sil_model *model, bool has_seed,
                                  uint64_t seed)
{
    struct sil_sample_options options = sil_sample_defaults();
    struct test_file file = test_file_text("");
    struct sil_bytes rows = {0};
    options.n_rows = 50;
    options.has_seed = has_seed;
    options.seed = seed;
    cr_assert_eq(sil_model_sample(model, file.path, &options, &error), SIL_OK);
    cr_assert_eq(sil_file_read(&rows, file.path, 1 << 20, &error), SIL_OK);
    test_file_remove(&file);
    return rows;
}

/* ---- the order of columns ---- */

Test(replay, columns_stand_as_in_the_file_and_the_model_file_remembers)
{
    const uint32_t sizes[3] = {2, 3, 4};
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "1");
    struct sil_schema *schema = kit_schema(sizes, 3);
    struct test_file table = test_file_text("c2,c0,c1\n3,1,2\n3,1,2\n3,1,2\n");
    struct sil_model *model = NULL;
    struct sil_model *again = NULL;
    struct sil_bytes bytes = {0};
    cr_assert_eq(sil_model_fit_with(&model, table.path, schema, &options,
                                    seeded_rng(45), &error),
                 SIL_OK, "%s", error.text);
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK);
    cr_assert_eq(sil_model_decode(&again, bytes.data, bytes.length, 1, &error), SIL_OK,
                 "%s", error.text);

    struct sil_bytes rows = rows_with(again, true, 0);
    cr_expect_eq(memcmp(rows.data, "c2,c0,c1\n", 9), 0, "%.9s", (char *)rows.data);
    sil_bytes_clear(&rows);
    sil_bytes_clear(&bytes);
    sil_model_free(again);
    sil_model_free(model);
    test_file_remove(&table);
    sil_schema_free(schema);
}

/* ---- seeds ---- */

Test(replay, default_seed_is_a_hash_of_the_transcript_and_the_copy_number)
{
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "1");
    struct sil_model *model = kit_model(FIVE, 5, 100, 43, &options);
    uint8_t message[SIL_HASH_BYTES + 8] = {0};
    uint8_t want[SIL_HASH_BYTES];
    uint8_t seed[SIL_SEED_BYTES];
    memcpy(message, model->hash, SIL_HASH_BYTES);
    message[SIL_HASH_BYTES] = 5;
    sil_hash(want, &(struct sil_part){message, sizeof message}, 1);

    sil_model_seed(seed, model, 5);
    cr_expect_arr_eq(seed, want, sizeof want);
    sil_model_free(model);
}

Test(replay, another_seed_gives_other_rows_and_the_same_seed_the_same)
{
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "1");
    struct sil_model *model = kit_model(FIVE, 5, 500, 44, &options);
    struct sil_bytes rows[4] = {
        rows_with(model, false, 0),
        rows_with(model, true, 0),
        rows_with(model, true, 1),
        rows_with(model, true, 1),
    };
    for (size_t a = 0; a < 4; a++) {
        for (size_t b = 0; b < a; b++) {
            bool equal = rows[a].length == rows[b].length &&
                         memcmp(rows[a].data, rows[b].data, rows[a].length) == 0;
            cr_expect_eq(equal, a == 3 && b == 2, "%zu and %zu", a, b);
        }
    }
    for (size_t a = 0; a < 4; a++) {
        sil_bytes_clear(&rows[a]);
    }
    sil_model_free(model);
}

Test(replay, refuses_more_rows_than_a_table_can_have)
{
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "1");
    struct sil_model *model = kit_model(FIVE, 5, 100, 45, &options);
    struct sil_sample_options sample = sil_sample_defaults();
    sample.n_rows = UINT64_C(1) << 32;
    cr_expect_eq(sil_model_sample(model, "/nowhere/rows.csv", &sample, &error),
                 SIL_ERR_USAGE);
    sample.n_rows = 1;
    cr_expect_eq(sil_model_sample(model, "/nowhere/rows.csv", &sample, &error),
                 SIL_ERR_IO);
    sil_model_free(model);
}

/* ---- evidence ---- */

Test(replay, projection_is_the_nearest_vector_of_the_total)
{
    static const struct {
        double x[4];
        double total;
        double want[4];
    } CASES[] = {
        {{1, 2, 3, 4},      10, {1, 2, 3, 4}    },
        {{1, 2, 3, 4},      14, {2, 3, 4, 5}    },
        {{-5, 0, 5, 10},    10, {0, 0, 2.5, 7.5}},
        {{-9, -9, -9, -8},  1,  {0, 0, 0, 1}    },
        {{0, 0, 0, 0},      4,  {1, 1, 1, 1}    },
        {{100, -100, 0, 0}, 7,  {7, 0, 0, 0}    },
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        double x[4];
        memcpy(x, CASES[i].x, sizeof x);
        cr_assert_eq(sil_project_on_total(x, NULL, 4, CASES[i].total, &error), SIL_OK);
        for (size_t k = 0; k < 4; k++) {
            cr_expect_float_eq(x[k], CASES[i].want[k], 1e-12, "case %zu, cell %zu: %g",
                               i, k, x[k]);
        }
    }
}

/* By trying all 2^(n-1) ways to cut into runs. */
static double best_cost(const double *y, size_t n, double variance)
{
    double best = INFINITY;
    for (uint32_t cuts = 0; cuts < 1u << (n - 1); cuts++) {
        double cost = 0;
        size_t start = 0;
        for (size_t end = 1; end <= n; end++) {
            if (end < n && (cuts >> (end - 1) & 1) == 0) {
                continue;
            }
            double mean = 0;
            for (size_t i = start; i < end; i++) {
                mean += y[i] / (double)(end - start);
            }
            for (size_t i = start; i < end; i++) {
                cost += (y[i] - mean) * (y[i] - mean) / variance;
            }
            cost += 8;
            start = end;
        }
        best = cost < best ? cost : best;
    }
    return best;
}

static bool pooling_is_optimal(struct test_random *random, void *context)
{
    double y[8];
    double pooled[8];
    double cost = 8;
    size_t n = 1 + test_below(random, 8);
    double level = 0;
    (void)context;
    for (size_t i = 0; i < n; i++) {
        level = test_below(random, 3) == 0 ? (double)test_below(random, 40) : level;
        y[i] = pooled[i] = level + (double)test_below(random, 9);
    }
    if (sil_pool_neighbours(pooled, n, 4, &error) != SIL_OK) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        cost += (y[i] - pooled[i]) * (y[i] - pooled[i]) / 4;
        bool new_run = i > 0 && fabs(pooled[i] - pooled[i - 1]) > 1e-9;
        cost += new_run ? 8 : 0;
    }
    return fabs(cost - best_cost(y, n, 4)) < 1e-9;
}

Test(replay, pooling_minimises_distance_and_runs)
{
    cr_expect(test_forall("pooling", test_cases(300), pooling_is_optimal, NULL));
}

Test(replay, row_estimate_weighs_measurements_by_their_precision)
{
    const uint32_t sizes[] = {2, 3};
    const struct sil_domain domain = {.n_attrs = 2, .sizes = sizes};
    const double first[] = {60, 40};
    const double second[] = {10, 20, 50};
    struct sil_measurement items[] = {
        {.clique = sil_clique_single(0), .y = first,  .variance = 9},
        {.clique = sil_clique_single(1), .y = second, .variance = 4},
    };
    struct sil_measurements list = {.item = items, .n = 2};
    /* Totals 100 with variance 18 and 80 with variance 12. */
    cr_expect_float_eq(sil_measurements_rows(&list, &domain),
                       (100 / 18.0 + 80 / 12.0) / (1 / 18.0 + 1 / 12.0), 1e-9);
    list.n = 0;
    cr_expect_eq(sil_measurements_rows(&list, &domain), 0);
    cr_expect_eq(sil_measurements_total(&list, &domain), 1);
}
