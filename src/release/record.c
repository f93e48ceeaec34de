// SPDX-License-Identifier: Apache-2.0
#include "release/record.h"

#include "base/fail.h"
#include "synth/model_object.h"

#include <string.h>

struct sil_sample_options sil_choices_options(const struct sil_choices *choices)
{
    struct sil_sample_options options = sil_sample_defaults();
    options.n_rows = choices->n_rows;
    options.has_seed = choices->has_seed;
    options.seed = choices->seed;
    options.where = choices->where;
    options.rebalance = choices->rebalance;
    options.n_rebalance = choices->n_rebalance;
    options.fair = choices->fair;
    return options;
}

static void record_init(struct sil_record *record)
{
    *record = (struct sil_record){0};
    sil_cumulative_init(&record->cumulative);
    sil_rho_init(&record->before);
    sil_rho_init(&record->after);
}

void sil_record_clear(struct sil_record *record)
{
    sil_cumulative_clear(&record->cumulative);
    sil_rho_clear(&record->before);
    sil_rho_clear(&record->after);
    sil_error_bounds_clear(&record->bounds);
}

static sil_status find_run(struct sil_record *record, struct sil_error *err)
{
    const struct sil_transcript *transcript = &record->model->transcript;
    if (!transcript->is_ledgered) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "the model is stamped UNLEDGERED: what no ledger has charged for "
            "cannot be released; fit again with --ledger");
    }
    if (!sil_id_equal(&transcript->stamp.ledger, &record->chain->ledger)) {
        return sil_fail(err, SIL_ERR_CHECK,
                        "the model was charged to another ledger than this one");
    }
    record->reserve = sil_chain_find_reserve(record->chain, &transcript->stamp.reserve);
    if (record->reserve == NULL) {
        return sil_fail(err, SIL_ERR_CHECK, "the ledger has no reserve for the model");
    }
    mpq_set(record->after.v, transcript->stamp.reserved.v);
    mpq_sub(record->before.v, record->after.v, record->reserve->rho.v);
    return SIL_OK;
}

sil_status sil_record_make(struct sil_record *out, const struct sil_model *model,
                           const struct sil_codes *rows, const struct sil_chain *chain,
                           const struct sil_id *id, const struct sil_choices *choices,
                           const struct sil_sample_report *drawn, struct sil_error *err)
{
    sil_status status = SIL_OK;
    record_init(out);
    out->model = model;
    out->rows = rows;
    out->chain = chain;
    out->id = *id;
    out->choices = *choices;
    out->drawn = *drawn;
    SIL_TRY(find_run(out, err));
    SIL_TRY(sil_cumulative_find(&out->cumulative, chain, err));
    out->size = chain->tree.size;
    sil_merkle_root(&out->root, &chain->tree);
    SIL_TRY(sil_chain_origin(out->origin, chain, err));
    if (!sil_choices_are_made(choices)) {
        SIL_TRY(sil_error_bounds_find(&out->bounds, model, rows, err));
    }
cleanup:
    return status;
}
