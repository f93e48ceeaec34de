// SPDX-License-Identifier: Apache-2.0
/* The battery accuses honest noise no more often than it says, and sees each of these ways
 * in which generators of others were wrong. */
#include "audits/claim/residuals.h"
#include "audits/stats/special.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 5000, LINES = 10, STEPS = 80 };

/* Noise of a standard deviation of STEPS steps, in LINES measurements; a third of the cells
 * are empty. */
struct noise {
    int64_t step[CELLS];
    uint64_t count[CELLS];
};

static double uniform(struct test_random *random)
{
    return ((double)(test_word(random) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct test_random *random)
{
    return aud_normal_quantile(uniform(random));
}

static void draw(struct noise *out, struct test_random *random)
{
    for (size_t i = 0; i < CELLS; i++) {
        out->step[i] = llround(STEPS * normal(random));
        out->count[i] = i % 3;
    }
}

static struct aud_battery run(const struct noise *noise)
{
    struct aud_residuals residuals = {0};
    struct aud_battery battery;
    const size_t n = CELLS / LINES;
    for (uint32_t line = 0; line < LINES; line++) {
        cr_assert(eq(int,
                     aud_residuals_add(&residuals, line, noise->step + line * n,
                                       noise->count + line * n, n, STEPS, NULL),
                     SIL_OK));
    }
    cr_assert(eq(int, aud_battery_run(&battery, &residuals, NULL), SIL_OK));
    aud_residuals_clear(&residuals);
    return battery;
}

/* Of 200 batteries at 0.05 adjusted, more than 21 are accused once in 1,000 times. */
Test(audit_residuals, honest_noise_is_accused_no_more_often_than_said)
{
    struct test_random random = {test_seed(71)};
    static struct noise noise;
    size_t accused = 0;
    for (int i = 0; i < 200; i++) {
        draw(&noise, &random);
        struct aud_battery battery = run(&noise);
        double least = 1;
        for (int test = 0; test < AUD_N_TESTS; test++) {
            least = fmin(least, battery.adjusted[test]);
        }
        accused += least < 0.05;
    }
    cr_expect(le(sz, accused, 21));
}

/* The shape's p-value is uniform also where a step is a 64th of a standard deviation. */
Test(audit_residuals, the_grid_is_no_fault_of_the_shape)
{
    struct test_random random = {test_seed(72)};
    static struct noise noise;
    double sum = 0;
    for (int i = 0; i < 100; i++) {
        draw(&noise, &random);
        sum += run(&noise).p[AUD_TEST_SHAPE];
    }
    /* The mean of 100 uniforms: 0.5, standard error 0.029. */
    cr_expect(epsilon_eq(dbl, sum / 100, 0.5, 0.12));
}

static void expect_seen(const struct noise *noise, int test, const char *what)
{
    struct aud_battery battery = run(noise);
    cr_expect(lt(dbl, battery.adjusted[test], AUD_BATTERY_LEVEL), "%s: %g", what,
              battery.adjusted[test]);
}

Test(audit_residuals, too_little_noise_is_seen)
{
    struct test_random random = {test_seed(73)};
    static struct noise noise;
    draw(&noise, &random);
    for (size_t i = 0; i < CELLS; i++) {
        noise.step[i] = llround((double)noise.step[i] / 1.1);
    }
    expect_seen(&noise, AUD_TEST_SCALE, "a tenth too little");
    cr_expect(lt(dbl, run(&noise).seen, 1.1));
}

/* The noise of a column of one value is one number, and 0 once in sqrt(2 pi) STEPS times. */
Test(audit_residuals, one_cell_that_came_out_true_is_no_measurement_without_noise)
{
    struct test_random random = {test_seed(76)};
    static struct noise noise;
    struct aud_residuals residuals = {0};
    struct aud_battery battery;
    draw(&noise, &random);
    noise.step[0] = 0;
    for (uint32_t line = 0; line < LINES; line++) {
        size_t n = line == 0 ? 1 : CELLS / LINES;
        cr_assert(eq(int,
                     aud_residuals_add(&residuals, line, noise.step + line * n,
                                       noise.count + line * n, n, STEPS, NULL),
                     SIL_OK));
    }
    cr_assert(eq(int, aud_battery_run(&battery, &residuals, NULL), SIL_OK));
    cr_expect(gt(dbl, battery.p[AUD_TEST_LINE], 0.001), "%g", battery.p[AUD_TEST_LINE]);
    aud_residuals_clear(&residuals);
}

Test(audit_residuals, one_measurement_without_noise_is_seen)
{
    struct test_random random = {test_seed(74)};
    static struct noise noise;
    draw(&noise, &random);
    (void)memset(noise.step, 0, CELLS / LINES * sizeof *noise.step);
    expect_seen(&noise, AUD_TEST_LINE, "a measurement of the truth");
}

Test(audit_residuals, bias_is_seen)
{
    struct test_random random = {test_seed(75)};
    static struct noise noise;
    draw(&noise, &random);
    for (size_t i = 0; i < CELLS; i++) {
        noise.step[i] += STEPS / 8;
    }
    expect_seen(&noise, AUD_TEST_MEAN, "an eighth of a standard deviation");
}

Test(audit_residuals, another_law_of_the_same_variance_is_seen)
{
    struct test_random random = {test_seed(76)};
    static struct noise noise;
    draw(&noise, &random);
    for (size_t i = 0; i < CELLS; i++) {
        noise.step[i] = llround(STEPS * sqrt(12) * (uniform(&random) - 0.5));
    }
    expect_seen(&noise, AUD_TEST_SHAPE, "uniform");
    for (size_t i = 0; i < CELLS; i++) {
        double u = uniform(&random) - 0.5;
        double laplace = -log(1 - 2 * fabs(u)) * (u < 0 ? -1 : 1) / sqrt(2);
        noise.step[i] = llround(STEPS * laplace);
    }
    expect_seen(&noise, AUD_TEST_TAILS, "Laplace");
}

Test(audit_residuals, correlated_noise_is_seen)
{
    struct test_random random = {test_seed(77)};
    static struct noise noise;
    draw(&noise, &random);
    for (size_t i = CELLS - 1; i > 0; i--) {
        double sum = 0.97 * (double)noise.step[i] + 0.243 * (double)noise.step[i - 1];
        noise.step[i] = llround(sum);
    }
    expect_seen(&noise, AUD_TEST_LAGS, "a quarter of the neighbour's");
}

Test(audit_residuals, noise_that_is_used_again_is_seen)
{
    struct test_random random = {test_seed(78)};
    static struct noise noise;
    draw(&noise, &random);
    (void)memcpy(noise.step + 4000, noise.step + 17, 20 * sizeof *noise.step);
    expect_seen(&noise, AUD_TEST_TWICE, "twenty values");
}

Test(audit_residuals, a_coarser_grid_is_seen)
{
    struct test_random random = {test_seed(79)};
    static struct noise noise;
    draw(&noise, &random);
    for (size_t i = 0; i < CELLS; i++) {
        noise.step[i] = 2 * (noise.step[i] / 2);
    }
    expect_seen(&noise, AUD_TEST_GRID, "every other step");
}

Test(audit_residuals, noise_on_full_cells_only_is_seen)
{
    struct test_random random = {test_seed(80)};
    static struct noise noise;
    draw(&noise, &random);
    for (size_t i = 0; i < CELLS; i++) {
        noise.step[i] = noise.count[i] == 0 && i % 9 == 0 ? 0 : noise.step[i];
    }
    expect_seen(&noise, AUD_TEST_EMPTY, "a third of the empty cells left alone");
}

Test(audit_residuals, nothing_is_said_about_nothing)
{
    struct aud_residuals residuals = {0};
    struct aud_battery battery;
    cr_assert(eq(int, aud_battery_run(&battery, &residuals, NULL), SIL_OK));
    for (int test = 0; test < AUD_N_TESTS; test++) {
        cr_expect(eq(dbl, battery.adjusted[test], 1));
    }
}
