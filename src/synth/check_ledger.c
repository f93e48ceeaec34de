// SPDX-License-Identifier: Apache-2.0
/* A transcript against the ledger that it names. The ledger was verified when it was
 * loaded: its entries are true to its rules and signatures; here they are compared with
 * what the transcript says of them. */
#include "synth/check_ledger.h"

#include "base/fail.h"
#include "synth/debit.h"
#include "synth/model_object.h"

#include <inttypes.h>
#include <string.h>

static sil_status differs(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_CHECK, "the ledger does not bear out the model: %s",
                    what);
}

static sil_status check_genesis(const struct sil_transcript *transcript,
                                const struct sil_chain *chain, struct sil_error *err)
{
    const struct sil_stamp *stamp = &transcript->stamp;
    const struct sil_genesis *genesis = &chain->genesis.genesis;
    if (!sil_id_equal(&stamp->ledger, &chain->ledger)) {
        return differs(err, "it is another ledger");
    }
    const struct sil_privacy_unit unit = sil_genesis_unit(genesis);
    if (!sil_privacy_unit_equal(&unit, &transcript->terms.unit) ||
        genesis->neighbours != transcript->terms.neighbours) {
        return differs(err, "its unit or its neighbours are others");
    }
    if (mpq_equal(stamp->cap.v, genesis->cap_rho.v) == 0 ||
        mpq_equal(stamp->cap_delta.v, genesis->cap_delta.v) == 0 ||
        mpq_equal(stamp->report_delta.v, genesis->report_delta.v) == 0 ||
        strcmp(stamp->data_label, genesis->data_label) != 0 ||
        stamp->is_shared != sil_chain_has_invariant(chain, "roles-shared")) {
        return differs(err, "its cap, its deltas, its label or its roles are others");
    }
    return SIL_OK;
}

/* What all runs up to a reserve have reserved. */
static void sum_up_to(mpq_t sum, const struct sil_chain *chain, uint64_t seq)
{
    mpq_set_ui(sum, 0, 1);
    for (size_t i = 0; i < chain->n_reserves; i++) {
        if (chain->reserve[i].seq <= seq) {
            mpq_add(sum, sum, chain->reserve[i].rho.v);
        }
    }
}

static sil_status check_place(const struct sil_stamp *stamp,
                              const struct sil_chain_reserve *reserve,
                              const struct sil_chain *chain, struct sil_error *err)
{
    struct sil_root root;
    mpq_t sum;
    if (stamp->size != reserve->seq + 1) {
        return differs(err, "the reserve has another place in it");
    }
    sil_merkle_root_at(&root, &chain->tree, stamp->size);
    if (memcmp(root.bytes, stamp->root.bytes, sizeof root.bytes) != 0) {
        return differs(err, "its checkpoint over the reserve has another root");
    }
    mpq_init(sum);
    sum_up_to(sum, chain, reserve->seq);
    bool agrees = mpq_equal(sum, stamp->reserved.v) != 0;
    mpq_clear(sum);
    return agrees ? SIL_OK : differs(err, "the sum of what was reserved is another");
}

static sil_status check_reserve(const struct sil_transcript *transcript,
                                const struct sil_bytes *encoding,
                                const struct sil_chain_reserve *reserve,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t hash[SIL_HASH_BYTES];
    if (mpq_equal(reserve->rho.v, transcript->terms.cap.v) == 0) {
        return differs(err, "another budget was reserved");
    }
    if (mpq_equal(reserve->delta.v, transcript->terms.discovery.v) == 0) {
        return differs(err, "another delta was reserved for discovery");
    }
    SIL_TRY(sil_transcript_plan_hash(hash, transcript, err));
    if (memcmp(hash, reserve->plan_hash, sizeof hash) != 0) {
        return differs(err, "another plan was reserved for");
    }
    if (reserve->n_measures == 0) {
        return differs(err, "nothing was entered after the reserve");
    }
    sil_sha256(hash, &(struct sil_part){encoding->data, encoding->length}, 1);
    if (memcmp(hash, reserve->transcript_sha256, sizeof hash) != 0) {
        return differs(err, "the run had another transcript");
    }

cleanup:
    return status;
}

/* ---- the mechanisms ---- */

static bool same_spending(const struct sil_spending *a, const struct sil_spending *b)
{
    return a->mechanism == b->mechanism && a->n_attrs == b->n_attrs &&
           memcmp(a->attrs, b->attrs, a->n_attrs * sizeof *a->attrs) == 0 &&
           mpq_equal(a->sensitivity, b->sensitivity) != 0 &&
           mpq_equal(a->parameter, b->parameter) != 0 &&
           mpq_equal(a->rho, b->rho) != 0 && mpq_equal(a->delta, b->delta) != 0 &&
           mpq_equal(a->threshold, b->threshold) != 0;
}

static sil_status check_line(const struct sil_transcript *transcript, size_t i,
                             const struct sil_spending *entered, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_spending line;
    if (i >= sil_debit_n_lines(transcript)) {
        return differs(err, "it has mechanisms that the transcript has not");
    }
    sil_spending_init(&line);
    SIL_TRY(sil_debit_line(&line, transcript, i, err));
    if (!same_spending(&line, entered)) {
        status = differs(err, "a mechanism or its cost was entered as another");
    }

cleanup:
    sil_spending_clear(&line);
    return status;
}

/* Compare the lines of entry `seq`, when it is of this run, with those from `*at` on. */
static sil_status check_entry(size_t *at, const struct sil_transcript *transcript,
                              const struct sil_bytes *bytes, uint64_t seq,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_entry entry = {0};
    SIL_TRY(sil_entry_parse(&entry, bytes->data, bytes->length, seq, err));
    const struct sil_measure *measure = &entry.body.measure;
    if (entry.type != SIL_ENTRY_MEASURE ||
        !sil_id_equal(&measure->reserve, &transcript->stamp.reserve)) {
        goto cleanup;
    }
    for (size_t i = 0; i < measure->n_lines; i++) {
        SIL_TRY(check_line(transcript, (*at)++, &measure->lines[i], err));
    }

cleanup:
    sil_entry_clear(&entry);
    return status;
}

static sil_status check_lines(const struct sil_transcript *transcript,
                              const struct sil_ledger_view *ledger,
                              struct sil_error *err)
{
    size_t at = 0;
    for (uint64_t seq = transcript->stamp.size; seq < ledger->chain->tree.size; seq++) {
        sil_status status =
            check_entry(&at, transcript, ledger->entry(ledger->context, seq), seq, err);
        if (status != SIL_OK) {
            return status;
        }
    }
    return at == sil_debit_n_lines(transcript)
               ? SIL_OK
               : differs(err, "it lacks mechanisms that the transcript has");
}

sil_status sil_transcript_check_ledger(const struct sil_transcript *transcript,
                                       const struct sil_bytes *encoding,
                                       const struct sil_ledger_view *ledger,
                                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (!transcript->is_ledgered) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the model is stamped UNLEDGERED: no ledger knows of it");
    }
    SIL_TRY(check_genesis(transcript, ledger->chain, err));
    const struct sil_chain_reserve *reserve =
        sil_chain_find_reserve(ledger->chain, &transcript->stamp.reserve);
    if (reserve == NULL) {
        return differs(err, "it has no such reserve");
    }
    SIL_TRY(check_place(&transcript->stamp, reserve, ledger->chain, err));
    SIL_TRY(check_reserve(transcript, encoding, reserve, err));
    SIL_TRY(check_lines(transcript, ledger, err));

cleanup:
    return status;
}

static const struct sil_bytes *entry_of(const void *context, uint64_t seq)
{
    return sil_ledger_entry(context, seq);
}

sil_status sil_model_check_ledger(const struct sil_model *model,
                                  const struct sil_ledger *ledger,
                                  struct sil_error *err)
{
    const struct sil_ledger_view view = {
        .chain = sil_ledger_chain(ledger), .entry = entry_of, .context = ledger};
    return sil_transcript_check_ledger(&model->transcript, &model->encoding, &view,
                                       err);
}
