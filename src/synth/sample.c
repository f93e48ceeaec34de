// SPDX-License-Identifier: Apache-2.0
#include "synth/sample.h"

#include "base/codes.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "crypto/row_words.h"
#include "model/search.h"
#include "synth/model_object.h"
#include "table/table.h"

#include <inttypes.h>
#include <unistd.h>

static const uint64_t ROWS_MAX = UINT32_MAX;

/* While the groups of a column are opened: codes, rows by group, values dealt to them. */
enum { OPEN_ROW_BYTES = 16 };

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

/* SIZE_MAX: the system does not say. */
static size_t physical_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    size_t bytes = 0;
    bool is_known =
        pages > 0 && page > 0 && sil_mul_size(&bytes, (size_t)pages, (size_t)page);
    return is_known ? bytes : SIZE_MAX;
}

/* Bytes that each row takes at most. Mosaic has the codes of its groups beside those of
 * its values (freed, they are not always given back), and at a time one of what opens the
 * groups and what the search works on. */
size_t sil_row_bytes(const struct sil_domain *domain, enum sil_mechanism mechanism)
{
    size_t codes = 0;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        codes += sil_codes_width(domain->sizes[a]);
    }
    if (mechanism != SIL_MOSAIC) {
        return codes;
    }
    size_t search = sil_search_row_bytes(domain->n_attrs);
    return 2 * codes + (search > OPEN_ROW_BYTES ? search : OPEN_ROW_BYTES);
}

sil_status sil_rows_fit(const struct sil_domain *domain, enum sil_mechanism mechanism,
                        uint64_t n_rows, struct sil_error *err)
{
    const size_t memory = physical_memory();
    const size_t row = sil_row_bytes(domain, mechanism);
    size_t bytes = 0;
    if (mechanism == SIL_MOSAIC && n_rows > INT32_MAX) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "a model of mosaic draws at most %d rows at once, not %" PRIu64
                        ": draw fewer at a time, each part with --rows and a --seed of "
                        "its own",
                        INT32_MAX, n_rows);
    }
    if (sil_mul_size(&bytes, row, n_rows) && bytes <= memory) {
        return SIL_OK;
    }
    return sil_fail(
        err, SIL_ERR_USAGE,
        "%" PRIu64 " rows of %zu bytes each do not fit into the %zu MB of "
        "memory that this machine has: draw fewer at a time, each part with "
        "--rows and a --seed of its own",
        n_rows, row, memory >> 20);
}

static void find_seed(uint8_t seed[SIL_SEED_BYTES], const struct sil_model *model,
                      const struct sil_sample_options *options)
{
    if (options->has_seed) {
        sil_seed_of_integer(seed, options->seed);
    } else {
        sil_model_seed(seed, model, 0);
    }
}

sil_status sil_rows_draw(struct sil_codes *codes, const struct sil_model *model,
                         const struct sil_sample_options *options,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t seed[SIL_SEED_BYTES];
    const struct sil_words words = {.draw = sil_row_words, .key = seed};
    size_t n_rows = options->n_rows > 0 ? options->n_rows : model->rows;

    *codes = (struct sil_codes){0};
    SIL_TRY(check(options, err));
    SIL_TRY(
        sil_rows_fit(&model->domain, model->transcript.terms.mechanism, n_rows, err));
    find_seed(seed, model, options);
    status = model->mosaic != NULL
                 ? sil_mosaic_draw(codes, model->mosaic, n_rows, words,
                                   options->n_threads, &options->progress, err)
                 : sil_gm_draw(codes, model->gm, n_rows, words, options->n_threads,
                               &options->progress, err);
cleanup:
    return status;
}

sil_status sil_rows_write(struct sil_output *output, const struct sil_codes *codes,
                          const struct sil_model *model,
                          const struct sil_sample_options *options,
                          struct sil_error *err)
{
    uint8_t seed[SIL_SEED_BYTES];
    const struct sil_words words = {.draw = sil_row_words, .key = seed};
    const struct sil_csv_options csv = {.delimiter = options->delimiter};
    find_seed(seed, model, options);
    return sil_codes_write_csv(output, codes, model->transcript.schema,
                               model->transcript.order, words, &csv, &options->progress,
                               options->n_threads, err);
}

sil_status sil_model_sample(const struct sil_model *model, const char *path,
                            const struct sil_sample_options *options,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;
    struct sil_codes codes = {0};

    SIL_TRY(check(options, err));
    SIL_TRY(sil_output_open(&output, path, 0644, err));
    SIL_TRY(sil_rows_draw(&codes, model, options, err));
    SIL_TRY(sil_rows_write(output, &codes, model, options, err));
    status = sil_output_commit(output, err);
    output = NULL;
cleanup:
    sil_output_abandon(output);
    sil_codes_clear(&codes);
    return status;
}
