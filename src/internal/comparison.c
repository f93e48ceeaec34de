// SPDX-License-Identifier: Apache-2.0
#include "internal/comparison.h"

#include "base/fail.h"
#include "internal/parts.h"
#include "synth/model_object.h"
#include "synth/sample.h"

#include <stdlib.h>

/* A prefix of the rows is then a random part of them, and a part of any larger prefix. */
static sil_status shuffle_truth(struct sil_comparison *comparison,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_codes shuffled = {0};
    uint32_t *order = NULL;
    struct sil_codes *codes = &comparison->truth.codes;

    SIL_TRY(sil_rows_shuffle(&order, codes->n_rows, err));
    SIL_TRY(sil_codes_pick(&shuffled, codes, &comparison->domain, order, codes->n_rows,
                           err));
    sil_codes_wipe(codes);
    *codes = shuffled;

cleanup:
    free(order);
    return status;
}

static sil_status draw_synthetic(struct sil_comparison *comparison,
                                 struct sil_error *err)
{
    struct sil_codes *codes = &comparison->synthetic.codes;
    sil_status status = SIL_OK;

    if (comparison->sample.n_rows > SIL_REPORT_ROWS_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a report compares at most %zu rows: ask for fewer with --rows",
                        SIL_REPORT_ROWS_MAX);
    }
    SIL_TRY(sil_rows_draw(codes, NULL, comparison->model, &comparison->sample, err));
    comparison->synthetic.n_read = codes->n_rows;

cleanup:
    return status;
}

static sil_status get_rows(struct sil_comparison *comparison,
                           const struct sil_comparison_options *options,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_schema *schema = comparison->schema;
    const struct sil_progress *progress = &options->progress;

    const char *id_column = comparison->model->transcript.terms.unit.id_column;

    SIL_TRY(sil_rows_read(&comparison->truth, options->data, schema, id_column,
                          &options->csv, progress, err));
    if (comparison->from_file) {
        SIL_TRY(sil_rows_read(&comparison->synthetic, options->synthetic, schema, NULL,
                              &options->csv, progress, err));
    } else {
        SIL_TRY(draw_synthetic(comparison, err));
    }
    SIL_TRY(shuffle_truth(comparison, err));
    SIL_TRY(sil_resamples_draw(&comparison->resamples, comparison->truth.codes.n_rows,
                               comparison->synthetic.codes.n_rows, err));

cleanup:
    return status;
}

struct sil_versus sil_comparison_versus(const struct sil_comparison *comparison)
{
    const struct sil_codes *truth = &comparison->truth.codes;
    const struct sil_codes *synthetic = &comparison->synthetic.codes;
    return (struct sil_versus){
        .domain = &comparison->domain,
        .truth = {truth,     0, truth->n_rows    },
        .synthetic = {synthetic, 0, synthetic->n_rows},
        .resamples = &comparison->resamples,
        .n_threads = comparison->n_threads,
    };
}

sil_status sil_comparison_make(struct sil_comparison *out,
                               const struct sil_model *model,
                               const struct sil_comparison_options *options,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_comparison comparison = {
        .schema = model->transcript.schema,
        .model = model,
        .sample = options->sample,
        .from_file = options->synthetic != NULL,
        .n_threads = options->n_threads,
        .domain = sil_schema_domain(model->transcript.schema),
    };
    *out = (struct sil_comparison){0};

    SIL_TRY(sil_groupings_name(&comparison, options->group, options->n_groups, err));
    SIL_TRY(get_rows(&comparison, options, err));
    SIL_TRY(sil_comparison_marginals(&comparison, &options->progress, err));
    SIL_TRY(sil_groupings_compare(&comparison, &options->progress, err));
    *out = comparison;
    comparison = (struct sil_comparison){0};

cleanup:
    sil_comparison_clear(&comparison);
    return status;
}

void sil_comparison_clear(struct sil_comparison *comparison)
{
    sil_groupings_clear(comparison);
    free(comparison->column);
    sil_resamples_clear(&comparison->resamples);
    sil_rows_clear(&comparison->truth);
    sil_rows_clear(&comparison->synthetic);
    *comparison = (struct sil_comparison){0};
}
