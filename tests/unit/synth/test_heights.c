// SPDX-License-Identifier: Apache-2.0
/* Which slopes the bins of a model have: those of its own marginals of single columns, by
 * docs/within-bins.md, and none before replay 3. */
#include "made_kit.h"
#include "synth/heights.h"
#include "table/field.h"

#include <criterion/criterion.h>

#include <math.h>

static struct sil_error error;

enum { MOST_BINS = 16 };

static size_t counts_of(double out[MOST_BINS], const struct sil_model *model,
                        uint32_t attr)
{
    uint32_t n = model->domain.sizes[attr];
    cr_assert_leq(n, MOST_BINS);
    const struct sil_clique column = sil_clique_single(attr);
    if (model->mosaic != NULL) {
        for (uint32_t i = 0; i < n; i++) {
            out[i] = model->mosaic->p[attr][i];
        }
    } else {
        cr_assert_eq(sil_gm_marginal(out, model->gm, &column, &error), SIL_OK);
    }
    return n;
}

static double rise(const double *count, const double *n, long bin, long next, long end)
{
    if (next < 0 || next == end || n[next] < 2) {
        return 0;
    }
    double ratio = count[next] / n[next] / (count[bin] / n[bin]);
    return (ratio - 1) * n[bin] / (n[bin] + n[next]);
}

static void expect_slopes(const struct sil_model *model, uint32_t attr)
{
    const struct sil_bins *bins =
        &sil_schema_field(model->transcript.schema, attr)->bins;
    double count[MOST_BINS];
    double n[MOST_BINS];
    (void)counts_of(count, model, attr);
    for (uint32_t bin = 0; bin < bins->n; bin++) {
        n[bin] = (double)sil_bins_points(bins, bin).n;
    }
    cr_assert_not_null(bins->slope);
    bool has_some = false;
    for (long bin = 0; bin < (long)bins->n; bin++) {
        double due = rise(count, n, bin, bin + 1, (long)bins->n) -
                     rise(count, n, bin, bin - 1, (long)bins->n);
        due = fmax(-1.875, fmin(1.875, due));
        double is = (double)bins->slope[bin] / SIL_SLOPE_ONE;
        cr_expect_float_eq(is, due, 1e-6, "column %u, bin %ld: %f, not %f", attr, bin,
                           is, due);
        has_some = has_some || is > 0.1 || is < -0.1;
    }
    cr_expect(has_some || attr != AGE, "the ages have a shape");
}

static void check(enum sil_mechanism mechanism)
{
    struct sil_model *model = made_model(mechanism);
    struct sil_model *read = NULL;
    struct sil_bytes bytes = {0};
    expect_slopes(model, AGE);
    expect_slopes(model, DAY);
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK, "%s", error.text);
    cr_assert_eq(sil_model_decode(&read, bytes.data, bytes.length, 1, &error), SIL_OK,
                 "%s", error.text);
    for (uint32_t attr = AGE; attr <= DAY; attr++) {
        const struct sil_bins *of =
            &sil_schema_field(model->transcript.schema, attr)->bins;
        const struct sil_bins *is =
            &sil_schema_field(read->transcript.schema, attr)->bins;
        for (uint32_t bin = 0; of->slope != NULL && bin < of->n; bin++) {
            cr_expect_eq(of->slope[bin], is->slope[bin], "bin %u of its file", bin);
        }
    }
    sil_bytes_clear(&bytes);
    sil_model_free(read);
    sil_model_free(model);
}

Test(heights, of_a_graphical_model_are_its_marginals)
{
    check(SIL_INDEPENDENT);
    check(SIL_AIM);
}

Test(heights, of_mosaic_are_its_cleaned_columns)
{
    check(SIL_MOSAIC);
}

Test(heights, are_none_before_replay_3)
{
    struct sil_model *model = made_model(SIL_MST);
    struct sil_schema *schema = model->transcript.schema;
    const struct sil_bins *bins = &sil_schema_field(schema, AGE)->bins;
    const uint64_t nothing[MOST_BINS] = {0};
    for (uint32_t replay = 1; replay <= 3; replay++) {
        cr_assert_eq(sil_schema_set_slopes(schema, AGE, nothing, &error), SIL_OK);
        cr_assert_eq(bins->slope[1], 0);
        model->transcript.terms.replay = replay;
        cr_assert_eq(sil_model_set_heights(model, &error), SIL_OK);
        cr_expect_eq(bins->slope[1] != 0, replay == 3, "replay %u", replay);
    }
    sil_model_free(model);
}
