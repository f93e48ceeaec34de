// SPDX-License-Identifier: Apache-2.0
/* The run behind a model told again: every decision that it took in public. */
#include "base/fail.h"
#include "num/rational.h"
#include "privacy/convert.h"
#include "synth/mechanism.h"
#include "synth/model_object.h"
#include "synth/replay.h"

/* What an honest run would have been refused is a difference; a lack of memory is none. */
static bool is_difference(sil_status status)
{
    return status != SIL_OK && status != SIL_ERR_CHECK && status != SIL_ERR_INTERNAL;
}

/* The cap is the first decision of a run. */
static sil_status check_cap(const struct sil_terms *terms, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho due;
    struct sil_delta delta;
    sil_rho_init(&due);
    sil_delta_init(&delta);
    sil_terms_zcdp_delta(&delta, terms);
    status = sil_rho_of_epsilon(&due, &terms->epsilon, &delta, err);
    if (is_difference(status)) {
        status = sil_fail_within(err, SIL_ERR_CHECK, "the plan");
    }
    SIL_TRY(status);
    if (mpq_equal(due.v, terms->cap.v) == 0) {
        status = sil_fail(err, SIL_ERR_CHECK,
                          "the plan: its cap is not the rho that its epsilon and delta "
                          "give");
    }
cleanup:
    sil_delta_clear(&delta);
    sil_rho_clear(&due);
    return status;
}

static sil_status judge(sil_status status, const struct sil_replay *replay,
                        struct sil_error *err)
{
    if (status == SIL_OK) {
        return sil_replay_end(replay, err);
    }
    return is_difference(status)
               ? sil_fail_within(err, SIL_ERR_CHECK,
                                 "line %zu: the mechanism ends before it",
                                 replay->next + 1)
               : status;
}

/* The mechanism beside tables without a row. */
static sil_status tell(struct sil_explanation *e,
                       const struct sil_transcript *transcript, unsigned n_threads,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_run run = {0};
    struct sil_kept_list kept = {0};
    struct sil_replay replay;
    sil_replay_init(&replay, transcript, e);
    SIL_TRY(sil_transcript_kept(&kept, transcript, err));
    SIL_TRY(check_cap(&transcript->terms, err));
    SIL_TRY(sil_run_open_empty(&run, &transcript->terms, transcript->schema, n_threads,
                               err));
    run.source = sil_source_of_replay(&replay);
    run.explanation = e;
    run.kept = &kept;
    SIL_TRY(judge(sil_mechanism_run(&run, err), &replay, err));
cleanup:
    sil_run_close(&run);
    sil_kept_clear(&kept);
    sil_replay_clear(&replay);
    return status;
}

sil_status sil_model_explain(char **text, const struct sil_model *model,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_explanation *e = NULL;
    struct sil_transcript transcript; /* the terms of the model's have no candidates */
    sil_transcript_init(&transcript);
    *text = NULL;
    SIL_TRY(sil_transcript_decode(&transcript, model->encoding.data,
                                  model->encoding.length, err));
    SIL_TRY(sil_terms_find_candidates(&transcript.terms, &model->domain, err));
    SIL_TRY(sil_explanation_new(&e, &transcript, model->hash, err));
    status = tell(e, &transcript, model->n_threads, err);
    if (status != SIL_OK) {
        status =
            sil_fail_within(err, status, "the transcript is not that of an honest run");
        goto cleanup;
    }
    status = sil_explanation_finish(text, e, err);
    e = NULL;
cleanup:
    sil_explanation_free(e);
    sil_transcript_clear(&transcript);
    return status;
}
