// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "crypto/hash.h"
#include "ledger/unledgered.h"
#include "synth/mechanism.h"
#include "synth/model_object.h"
#include "synth/run.h"
#include "table/table.h"

struct sil_fit_options sil_fit_defaults(void)
{
    return (struct sil_fit_options){.struct_size = sizeof(struct sil_fit_options),
                                    .mechanism = SIL_AIM,
                                    .neighbours = SIL_ADD_REMOVE,
                                    .workload = "3",
                                    .max_cells = 10000,
                                    .max_model_mb = 80,
                                    .delimiter = ','};
}

/* Every public check, before anything private is opened: the model's own copy of the
 * schema, and the terms. */
static sil_status prepare(struct sil_model *model, const struct sil_schema *schema,
                          const struct sil_fit_options *options, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *json = NULL;
    size_t length = 0;

    if (options->struct_size == sizeof *options && !options->unledgered) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "this version has no ledger: say --no-ledger to go on "
                        "without one; the result is then marked UNLEDGERED");
    }
    sil_schema_text(&json, &length, schema);
    SIL_TRY(sil_schema_parse(&model->transcript.schema, json, length, err));
    model->domain = sil_schema_domain(model->transcript.schema);
    SIL_TRY(sil_terms_of_options(&model->transcript.terms, model->transcript.schema,
                                 options, err));
cleanup:
    return status;
}

/* From here on budget is charged. The gate, its noise and the counts end with this
 * function; what stays is the transcript. */
static sil_status spend(struct sil_model *model, const struct sil_table *table,
                        const struct sil_progress *progress, struct sil_rng **rng,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_token *token = NULL;
    struct sil_gate *gate = NULL;
    struct sil_run run = {0};
    const struct sil_terms *terms = &model->transcript.terms;

    SIL_TRY(sil_token_unledgered(&token, &terms->cap, terms->neighbours, err));
    status = sil_gate_open(&gate, token, *rng, err);
    *rng = NULL;
    SIL_TRY(status);
    SIL_TRY(sil_run_open(&run, terms, table, &model->domain, gate, model->n_threads,
                         progress, err));
    SIL_TRY(sil_mechanism_run(&run, err));
    SIL_TRY(sil_transcript_record(&model->transcript, gate, err));
cleanup:
    sil_run_close(&run);
    sil_gate_close(gate);
    return status;
}

sil_status sil_model_fit_with(struct sil_model **out, const char *csv_path,
                              const struct sil_schema *schema,
                              const struct sil_fit_options *options,
                              struct sil_rng *rng, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;
    struct sil_table *table = NULL;
    const struct sil_csv_options csv = {.delimiter = options->delimiter,
                                        .ignore_extra_columns =
                                            options->ignore_extra_columns};

    *out = NULL;
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_model_new(&model, options->n_threads, err));
    SIL_TRY(prepare(model, schema, options, err));
    SIL_TRY(sil_table_read(&table, csv_path, model->transcript.schema, &csv,
                           &options->progress, err));
    SIL_TRY(sil_transcript_note_order(&model->transcript, table, err));
    if (rng == NULL) {
        /* Not before the table is read: whatever is done with the process until then
         * (a machine's snapshot resumed twice) has no noise to repeat. */
        SIL_TRY(sil_rng_new(&rng, err));
    }
    SIL_TRY(spend(model, table, &options->progress, &rng, err));
    sil_table_free(table);
    table = NULL;
    sil_progress(&options->progress, "fitting", 0, 0);
    SIL_TRY(sil_model_derive(model, err));
    SIL_TRY(sil_model_refit(model, err));
    *out = model;
    model = NULL;
cleanup:
    sil_rng_free(rng);
    sil_table_free(table);
    sil_model_free(model);
    return status;
}

sil_status sil_model_fit(struct sil_model **out, const char *csv_path,
                         const struct sil_schema *schema,
                         const struct sil_fit_options *options, struct sil_error *err)
{
    return sil_model_fit_with(out, csv_path, schema, options, NULL, err);
}
