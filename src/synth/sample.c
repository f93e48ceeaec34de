// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "crypto/row_words.h"
#include "synth/model_object.h"
#include "table/table.h"

#include <inttypes.h>

static const uint64_t ROWS_MAX = UINT32_MAX;

struct sil_sample_options sil_sample_defaults(void)
{
    return (struct sil_sample_options){.struct_size = sizeof(struct sil_sample_options),
                                       .delimiter = ','};
}

static sil_status check(const struct sil_sample_options *options, struct sil_error *err)
{
    if (options->struct_size != sizeof *options) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the options are not those of this version; start from "
                        "sil_sample_defaults()");
    }
    if (options->n_rows > ROWS_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--rows must be at most %" PRIu64 ", not %" PRIu64, ROWS_MAX,
                        options->n_rows);
    }
    return SIL_OK;
}

static sil_status draw(struct sil_codes *codes, const struct sil_model *model,
                       struct sil_words words, const struct sil_sample_options *options,
                       struct sil_error *err)
{
    size_t n_rows = options->n_rows > 0 ? options->n_rows : model->rows;
    return model->mosaic != NULL
               ? sil_mosaic_draw(codes, model->mosaic, n_rows, words,
                                 options->n_threads, &options->progress, err)
               : sil_gm_draw(codes, model->gm, n_rows, words, options->n_threads,
                             &options->progress, err);
}

sil_status sil_model_sample(const struct sil_model *model, const char *path,
                            const struct sil_sample_options *options,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;
    struct sil_codes codes = {0};
    uint8_t seed[SIL_SEED_BYTES];
    const struct sil_words words = {.draw = sil_row_words, .key = seed};
    const struct sil_csv_options csv = {.delimiter = options->delimiter};

    SIL_TRY(check(options, err));
    if (options->has_seed) {
        sil_seed_of_integer(seed, options->seed);
    } else {
        sil_model_seed(seed, model, 0);
    }
    SIL_TRY(sil_output_open(&output, path, 0644, err));
    SIL_TRY(draw(&codes, model, words, options, err));
    SIL_TRY(sil_codes_write_csv(output, &codes, model->transcript.schema,
                                model->transcript.order, words, &csv,
                                &options->progress, options->n_threads, err));
    status = sil_output_commit(output, err);
    output = NULL;
cleanup:
    sil_output_abandon(output);
    sil_codes_clear(&codes);
    return status;
}
