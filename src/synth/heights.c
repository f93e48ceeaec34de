// SPDX-License-Identifier: Apache-2.0
#include "synth/heights.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"

#include <stdlib.h>

static const char *const WHAT = "the weights of bins";

/* All cells of a column together. */
static const double ONE = 4294967296.0;

/* Counts of a column as whole numbers, so that nothing behind them is floating point. */
static sil_status set_heights(struct sil_schema *schema, uint32_t field,
                              const double *count, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = sil_schema_field_cells(schema, field);
    uint64_t *mass = NULL;
    double all = 0;
    SIL_TRY(sil_alloc(&mass, n, sizeof *mass, WHAT, err));
    for (uint32_t i = 0; i < n; i++) {
        all += count[i];
    }
    for (uint32_t i = 0; i < n && all > 0; i++) {
        mass[i] = (uint64_t)(count[i] / all * ONE + 0.5);
    }
    status = sil_schema_set_slopes(schema, field, mass, err);

cleanup:
    free(mass);
    return status;
}

/* The columns that have bins to lean: their number. */
static size_t find_columns(struct sil_clique *column, const struct sil_schema *schema)
{
    size_t n = 0;
    for (uint32_t f = 0; f < sil_schema_n_fields(schema); f++) {
        if (sil_field_has_wide_bins(sil_schema_field(schema, f))) {
            column[n++] = (struct sil_clique){.n = 1, .attr = {f}};
        }
    }
    return n;
}

static sil_status set_from_tree(struct sil_model *model,
                                const struct sil_clique *column, size_t n,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_schema *schema = model->transcript.schema;
    double **count = NULL;
    SIL_TRY(sil_alloc((void *)&count, n, sizeof *count, WHAT, err));
    for (size_t i = 0; i < n; i++) {
        uint32_t cells = sil_schema_field_cells(schema, column[i].attr[0]);
        SIL_TRY(sil_alloc(&count[i], cells, sizeof **count, WHAT, err));
    }
    SIL_TRY(sil_gm_marginals(count, model->gm, column, n, model->n_threads, err));
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(set_heights(schema, column[i].attr[0], count[i], err));
    }

cleanup:
    for (size_t i = 0; count != NULL && i < n; i++) {
        free(count[i]);
    }
    free((void *)count);
    return status;
}

/* The columns that groups are opened by. */
static sil_status set_from_mosaic(struct sil_model *model,
                                  const struct sil_clique *column, size_t n,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < n; i++) {
        uint32_t attr = column[i].attr[0];
        SIL_TRY(
            set_heights(model->transcript.schema, attr, model->mosaic->p[attr], err));
    }

cleanup:
    return status;
}

sil_status sil_model_set_heights(struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_schema *schema = model->transcript.schema;
    struct sil_clique *column = NULL;
    unsigned before = sil_floating_enter();
    if (sil_transcript_rows(&model->transcript).has_slopes) {
        SIL_TRY(
            sil_alloc(&column, sil_schema_n_fields(schema), sizeof *column, WHAT, err));
        size_t n = find_columns(column, schema);
        status = model->mosaic != NULL ? set_from_mosaic(model, column, n, err)
                                       : set_from_tree(model, column, n, err);
    }

cleanup:
    free(column);
    sil_floating_leave(before);
    return status;
}
