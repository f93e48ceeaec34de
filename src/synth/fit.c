// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "crypto/hash.h"
#include "synth/debit.h"
#include "synth/discovery.h"
#include "synth/mechanism.h"
#include "synth/model_object.h"
#include "synth/run.h"
#include "table/table.h"

#include <string.h>

struct sil_fit_options sil_fit_defaults(void)
{
    return (struct sil_fit_options){.struct_size = sizeof(struct sil_fit_options),
                                    .mechanism = SIL_MOSAIC,
                                    .neighbours = SIL_NEIGHBOURS_UNSAID,
                                    .workload = "3",
                                    .max_cells = 10000,
                                    .max_model_mb = SIL_MODEL_MB_DEFAULT,
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

    if (options->struct_size == sizeof *options) { /* else it is said below */
        SIL_TRY(sil_debit_check(options, err));
    }
    sil_schema_text(&json, &length, schema);
    SIL_TRY(sil_schema_parse(&model->transcript.schema, json, length, err));
    model->domain = sil_schema_domain(model->transcript.schema);
    SIL_TRY(sil_terms_of_options(&model->transcript.terms, model->transcript.schema,
                                 options, err));
cleanup:
    return status;
}

/* The table, and with a ledger the digest of the very records that it was made of. */
static sil_status read_table(struct sil_table **out, struct sil_data_digest **digest,
                             struct sil_model *model, const char *csv_path,
                             const struct sil_fit_options *options,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_csv_options csv = {.delimiter = options->delimiter,
                                  .ignore_extra_columns =
                                      options->ignore_extra_columns};

    const struct sil_terms *terms = &model->transcript.terms;
    struct sil_people_rule people = {.id_column = terms->unit.id_column,
                                     .rows = terms->unit.rows,
                                     .drops_missing = terms->drops_missing_ids};
    (void)memcpy(people.salt, terms->people_salt.bytes, sizeof people.salt);

    if (sil_debit_is_ledgered(options)) {
        SIL_TRY(sil_data_digest_new(digest, err));
        csv.observer = sil_data_digest_observer(*digest);
    }
    SIL_TRY(sil_table_read(out, csv_path, model->transcript.schema,
                           people.id_column == NULL ? NULL : &people, &csv,
                           &options->progress, err));
    SIL_TRY(sil_transcript_note_order(&model->transcript, *out, err));
cleanup:
    return status;
}

/* A fit on its way: the table until it is counted, then the counts. */
struct fit {
    struct sil_model *model;
    const struct sil_progress *progress;
    struct sil_table *table;
    struct sil_run run;
};

static sil_status count(struct fit *fit, struct sil_error *err)
{
    const struct sil_transcript *transcript = &fit->model->transcript;
    sil_status status =
        sil_run_open(&fit->run, &transcript->terms, fit->table, transcript->schema,
                     fit->model->n_threads, fit->progress, err);
    sil_table_free(fit->table);
    fit->table = NULL;
    return status;
}

/* What values there are to be counted is known only when they were discovered, and paid
 * for. */
static sil_status discover(struct fit *fit, struct sil_gate *gate,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_transcript *transcript = &fit->model->transcript;
    if (sil_terms_discover(&transcript->terms)) {
        SIL_TRY(sil_discover(gate, fit->table, transcript->schema, &transcript->terms,
                             fit->model->n_threads, err));
        fit->model->domain = sil_schema_domain(transcript->schema);
        for (size_t i = 0; i < sil_gate_n_discoveries(gate); i++) {
            SIL_TRY(sil_kept_add(&fit->model->kept, transcript->schema,
                                 sil_gate_discovery(gate, i), err));
        }
        SIL_TRY(count(fit, err));
    }
cleanup:
    return status;
}

/* All that needs much memory and no noise, before there is a ledger or a debit: what cannot
 * be read or counted costs nothing. */
static sil_status read_and_count(struct fit *fit, struct sil_data_digest **digest,
                                 const char *csv_path,
                                 const struct sil_fit_options *options,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(read_table(&fit->table, digest, fit->model, csv_path, options, err));
    if (!sil_terms_discover(&fit->model->transcript.terms)) {
        SIL_TRY(count(fit, err));
    }
cleanup:
    return status;
}

/* Everything that leaves. The gate, its noise and the counts end with this function; what
 * stays is the transcript. Takes `token` and `rng`. */
static sil_status release(struct fit *fit, struct sil_token *token, struct sil_rng *rng,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = fit->model;
    struct sil_run *run = &fit->run;
    struct sil_gate *gate = NULL;

    SIL_TRY(sil_gate_open(&gate, token, rng, err));
    SIL_TRY(discover(fit, gate, err));
    run->kept = &model->kept;
    run->source = sil_source_of_gate(gate);
    SIL_TRY(sil_mechanism_run(run, err));
    SIL_TRY(sil_transcript_record(&model->transcript, gate, err));
    model->mosaic = run->mosaic;
    run->mosaic = NULL;
cleanup:
    sil_run_close(run);
    sil_gate_close(gate);
    return status;
}

/* From here on budget is charged. */
static sil_status spend(struct fit *fit, const struct sil_fit_options *options,
                        struct sil_rng **rng, bool *is_spent, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_token *token = NULL;
    struct sil_model *model = fit->model;
    struct sil_transcript *transcript = &model->transcript;
    struct sil_id reserve;

    SIL_TRY(sil_debit_reserve(&token, &reserve, transcript, options, err));
    /* Without a ledger nobody counts a run that fails, and nothing of it leaves; but whether
     * it fails may depend on what a discovery found, and then that it failed tells of it. */
    *is_spent = options->ledger != NULL || sil_terms_discover(&transcript->terms);
    if (options->ledger != NULL) {
        SIL_TRY(sil_stamp_take(&transcript->stamp, options->ledger, &reserve, err));
    }
    if (*rng == NULL) {
        /* Not before the table is read and paid for: whatever is done with the process
         * until then (a machine's snapshot resumed twice) has no noise to repeat. */
        SIL_TRY(sil_rng_new(rng, err));
    }
    status = release(fit, token, *rng, err);
    token = NULL;
    *rng = NULL;
    SIL_TRY(status);
    SIL_TRY(sil_transcript_encode(&model->encoding, transcript, err));
    if (options->ledger != NULL) {
        SIL_TRY(sil_debit_measure(options->ledger, transcript, &model->encoding, err));
    }
cleanup:
    sil_token_free(token);
    return status;
}

static sil_status fit_model(struct sil_model *model, const char *csv_path,
                            const struct sil_fit_options *asked, struct sil_rng **rng,
                            bool *is_spent, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_fit_options options = *asked; /* the ledger may come to it */
    struct sil_data_digest *digest = NULL;
    struct fit fit = {.model = model, .progress = &options.progress};

    SIL_TRY(read_and_count(&fit, &digest, csv_path, &options, err));
    SIL_TRY(sil_debit_open(&options, &model->transcript.terms, err));
    if (options.ledger != NULL) {
        SIL_TRY(sil_debit_admit(options.ledger, digest, err));
    }
    SIL_TRY(spend(&fit, &options, rng, is_spent, err));
    sil_progress(&options.progress, "fitting", 0, 0);
    SIL_TRY(sil_model_derive(model, err));
    SIL_TRY(sil_model_refit(model, err));
cleanup:
    sil_run_close(&fit.run);
    sil_table_free(fit.table);
    sil_data_digest_free(digest);
    return status;
}

sil_status sil_model_fit_with(struct sil_model **out, const char *csv_path,
                              const struct sil_schema *schema,
                              const struct sil_fit_options *options,
                              struct sil_rng *rng, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_model *model = NULL;
    bool is_spent = false;

    *out = NULL;
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_model_new(&model, options->n_threads, err));
    SIL_TRY(prepare(model, schema, options, err));
    status = fit_model(model, csv_path, options, &rng, &is_spent, err);
    if (status != SIL_OK && is_spent) {
        status = sil_fail_within(err, status,
                                 "the budget of this run is spent, and nothing came of "
                                 "it");
    }
    SIL_TRY(status);
    *out = model;
    model = NULL;
cleanup:
    sil_rng_free(rng);
    sil_model_free(model);
    return status;
}

sil_status sil_model_fit(struct sil_model **out, const char *csv_path,
                         const struct sil_schema *schema,
                         const struct sil_fit_options *options, struct sil_error *err)
{
    return sil_model_fit_with(out, csv_path, schema, options, NULL, err);
}
