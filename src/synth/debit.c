// SPDX-License-Identifier: Apache-2.0
#include "synth/debit.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/found.h"
#include "ledger/unledgered.h"
#include "synth/discovery.h"

#include <stdlib.h>

bool sil_debit_is_ledgered(const struct sil_fit_options *options)
{
    return options->ledger != NULL || options->new_ledger.make != NULL;
}

sil_status sil_debit_check(const struct sil_fit_options *options, struct sil_error *err)
{
    bool has_ledger = sil_debit_is_ledgered(options);
    if (options->ledger != NULL && options->new_ledger.make != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the ledger is there, or it is to be made: not both");
    }
    if (has_ledger && options->unledgered) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--ledger and --no-ledger exclude each other: the budget is "
                        "either recorded or not");
    }
    if (!has_ledger && !options->unledgered) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "what may be spent must come from somewhere: --ledger DIR "
                        "records it in a ledger; --no-ledger goes on without one, and "
                        "the result is then marked UNLEDGERED");
    }
    if (!has_ledger && options->grant != NULL) {
        return sil_fail(err, SIL_ERR_USAGE, "--grant names a grant of a --ledger");
    }
    return SIL_OK;
}

/* ---- before the noise ---- */

sil_status sil_debit_open(struct sil_fit_options *options,
                          const struct sil_terms *terms, struct sil_error *err)
{
    const struct sil_ledger_maker *maker = &options->new_ledger;
    if (options->ledger != NULL || maker->make == NULL) {
        return SIL_OK;
    }
    sil_status status = maker->make(&options->ledger, maker->context, err);
    if (status != SIL_OK) {
        return status;
    }
    const struct sil_privacy_unit unit =
        sil_genesis_unit(&sil_ledger_chain(options->ledger)->genesis.genesis);
    if (!sil_privacy_unit_equal(&unit, &terms->unit) ||
        sil_ledger_neighbours(options->ledger) != terms->neighbours) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the ledger was made with another unit of privacy or other "
                        "neighbours than this run has");
    }
    return SIL_OK;
}

sil_status sil_debit_admit(struct sil_ledger *ledger, struct sil_data_digest *digest,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_keyring *keyring = sil_ledger_keyring(ledger);
    const struct sil_data_key *key = NULL;
    uint8_t commit[SIL_DATA_COMMIT_BYTES];
    if (keyring == NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the ledger was opened without its keys; open it with "
                        "sil_ledger_open()");
    }
    SIL_TRY(
        sil_keyring_data_key(&key, keyring, &sil_ledger_chain(ledger)->ledger, err));
    sil_data_commit(commit, digest, key);
    SIL_TRY(sil_ledger_admit(ledger, commit, err));

cleanup:
    return status;
}

static sil_status reserve_in_ledger(struct sil_token **out, struct sil_id *reserve,
                                    const struct sil_transcript *transcript,
                                    const struct sil_fit_options *options,
                                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_id grant;
    uint8_t plan_hash[SIL_HASH_BYTES];
    bool is_named = options->grant != NULL;
    const struct sil_terms *terms = &transcript->terms;

    if (is_named && !sil_id_parse(&grant, options->grant)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the id of a grant is 32 lower-case hex digits (silhouette "
                        "ledger status shows them)");
    }
    SIL_TRY(sil_transcript_plan_hash(plan_hash, transcript, err));
    const struct sil_debit debit = {
        .rho = &terms->cap,
        .delta = terms->n_open > 0 ? &terms->discovery : NULL,
        .plan_hash = plan_hash,
    };
    SIL_TRY(sil_ledger_reserve(out, reserve, options->ledger, is_named ? &grant : NULL,
                               &debit, err));

cleanup:
    return status;
}

sil_status sil_debit_reserve(struct sil_token **out, struct sil_id *reserve,
                             const struct sil_transcript *transcript,
                             const struct sil_fit_options *options,
                             struct sil_error *err)
{
    return options->ledger != NULL
               ? reserve_in_ledger(out, reserve, transcript, options, err)
               : sil_token_unledgered(
                     out, &transcript->terms.cap, &transcript->terms.discovery,
                     transcript->terms.neighbours, transcript->terms.unit.rows, err);
}

/* ---- after it ---- */

sil_status sil_spending_of_release(struct sil_spending *out,
                                   const struct sil_release *release,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool measures = release->kind == SIL_RELEASE_MEASURE;
    out->mechanism = measures ? SIL_SPENT_GAUSSIAN : SIL_SPENT_EXPONENTIAL;
    SIL_TRY(sil_alloc(&out->attrs, release->clique.n, sizeof *out->attrs,
                      "a measure entry", err));
    for (uint32_t i = 0; i < release->clique.n; i++) {
        out->attrs[i] = release->clique.attr[i];
    }
    out->n_attrs = release->clique.n;
    mpq_set_ui(out->sensitivity, release->sensitivity, 1);
    if (measures) {
        mpq_set(out->parameter, release->sigma2.v);
    } else {
        mpq_mul(out->parameter, release->epsilon.v, release->epsilon.v);
    }
    mpq_set(out->rho, release->rho.v);

cleanup:
    return status;
}

static sil_status spending_of_discovery(struct sil_spending *out,
                                        const struct sil_discovery *discovery,
                                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    out->mechanism = SIL_SPENT_THRESHOLD;
    SIL_TRY(sil_alloc(&out->attrs, 1, sizeof *out->attrs, "a measure entry", err));
    out->attrs[0] = discovery->attr;
    out->n_attrs = 1;
    mpq_set_ui(out->sensitivity, discovery->sensitivity, 1);
    mpq_set(out->parameter, discovery->sigma2.v);
    mpq_set(out->rho, discovery->rho.v);
    mpq_set(out->delta, discovery->delta.v);
    sil_threshold_value(out->threshold, discovery);

cleanup:
    return status;
}

size_t sil_debit_n_lines(const struct sil_transcript *transcript)
{
    return transcript->n_discoveries + transcript->n_levels + transcript->n_lines;
}

sil_status sil_debit_line(struct sil_spending *out,
                          const struct sil_transcript *transcript, size_t i,
                          struct sil_error *err)
{
    if (i < transcript->n_discoveries) {
        return spending_of_discovery(out, &transcript->discovery[i], err);
    }
    i -= transcript->n_discoveries;
    return i < transcript->n_levels
               ? sil_spending_of_release(out, &transcript->level[i], err)
               : sil_spending_of_release(
                     out, &transcript->line[i - transcript->n_levels], err);
}

sil_status sil_debit_measure(struct sil_ledger *ledger,
                             const struct sil_transcript *transcript,
                             const struct sil_bytes *encoding, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_measure measure = {.reserve = transcript->stamp.reserve};

    sil_sha256(measure.transcript_sha256,
               &(struct sil_part){encoding->data, encoding->length}, 1);
    size_t n = sil_debit_n_lines(transcript);
    SIL_TRY(
        sil_alloc(&measure.lines, n, sizeof *measure.lines, "a measure entry", err));
    for (size_t i = 0; i < n; i++) {
        sil_spending_init(&measure.lines[i]);
        measure.n_lines = i + 1;
        SIL_TRY(sil_debit_line(&measure.lines[i], transcript, i, err));
    }
    SIL_TRY(sil_ledger_measure(ledger, &measure, err));

cleanup:
    for (size_t i = 0; i < measure.n_lines; i++) {
        sil_spending_clear(&measure.lines[i]);
    }
    free(measure.lines);
    return status;
}
