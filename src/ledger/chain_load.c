// SPDX-License-Identifier: Apache-2.0
/* Many entries. What costs time, taking entries apart, hashing them and verifying
 * signatures, depends on no other entry but for the keys, and those are few and named in
 * the entries themselves: so it is done ahead, on all cores, a batch at a time. The rules
 * are then applied one entry after the other by the same code as for a single one, which
 * takes a signature for good only when it was found good with the very key that the rules
 * ask for, and otherwise judges for itself; meanwhile the other cores take the next batch
 * apart. Nothing that was done ahead can therefore change an outcome or a sentence, nor can
 * the size of a batch. */
#include "base/fail.h"
#include "base/memory.h"
#include "ledger/chain_internal.h"
#include "ledger/signatures.h"

#include <stdlib.h>
#include <string.h>

/* Entries at a time: a few milliseconds of work, in memory that the next batch but one
 * gets again. */
enum { BATCH = 256 };

/* One signature: of an entry's curator, or of its approval `part - 1`. */
struct job {
    size_t entry;
    size_t part;
    const uint8_t *key; /* NULL: no key of that id is known */
};

struct batch {
    const struct sil_bytes *data;
    size_t n_data;

    size_t n; /* those that could be taken apart, up to the first that could not */
    struct sil_entry *entry;
    struct sil_root *leaf;
    sil_status *parsed;

    size_t n_jobs; /* in the order of entries and parts */
    struct job *job;
    sil_status *verdict;
    struct sil_known_signature *known;

    size_t n_keys; /* those that the batch brings; borrowed from its entries */
    size_t key_capacity;
    const struct sil_ledger_key **key;
};

static sil_status parse_one(void *context, size_t i)
{
    struct batch *batch = context;
    sil_merkle_leaf(&batch->leaf[i], batch->data[i].data, batch->data[i].length);
    return sil_entry_parse(&batch->entry[i], batch->data[i].data, batch->data[i].length,
                           i, NULL); /* a number for sentences; none is written here */
}

static sil_status judge_one(void *context, size_t i)
{
    const struct batch *batch = context;
    const struct job *job = &batch->job[i];
    const struct sil_entry *entry = &batch->entry[job->entry];

    if (job->key == NULL) {
        return SIL_ERR_CHECK;
    }
    return job->part == 0 ? sil_judge_curator(entry, job->key, NULL)
                          : sil_judge_approval(entry, job->part - 1, job->key, NULL);
}

/* The public key of an id, whatever its role and life: the rules ask for those. */
static const uint8_t *find_key(const struct batch *batch, const struct sil_chain *chain,
                               const struct sil_id *id)
{
    for (size_t i = 0; i < chain->n_keys; i++) {
        const struct sil_ledger_key *key = &chain->key[i].key;
        if (sil_id_equal(&key->id, id)) {
            return key->public_key;
        }
    }
    for (size_t i = 0; i < batch->n_keys; i++) {
        if (sil_id_equal(&batch->key[i]->id, id)) {
            return batch->key[i]->public_key;
        }
    }
    return NULL;
}

static sil_status collect_keys(struct batch *batch, struct sil_error *err)
{
    for (size_t i = 0; i < batch->n; i++) {
        size_t n;
        const struct sil_ledger_key *added = sil_entry_keys(&n, &batch->entry[i]);
        sil_status status = sil_grow(&batch->key, &batch->key_capacity,
                                     batch->n_keys + n, sizeof(void *), "keys", err);
        if (status != SIL_OK) {
            return status;
        }
        for (size_t j = 0; j < n; j++) {
            batch->key[batch->n_keys++] = &added[j];
        }
    }
    return SIL_OK;
}

static sil_status collect_jobs(struct batch *batch, const struct sil_chain *chain,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_jobs = 0;
    for (size_t i = 0; i < batch->n; i++) {
        n_jobs += 1 + batch->entry[i].n_approvals;
    }
    SIL_TRY(sil_alloc(&batch->job, n_jobs, sizeof *batch->job, "signatures", err));
    SIL_TRY(
        sil_alloc(&batch->verdict, n_jobs, sizeof *batch->verdict, "signatures", err));
    SIL_TRY(sil_alloc(&batch->known, n_jobs, sizeof *batch->known, "signatures", err));

    for (size_t i = 0; i < batch->n; i++) {
        const struct sil_entry *entry = &batch->entry[i];
        for (size_t part = 0; part <= entry->n_approvals; part++) {
            const struct sil_id *id =
                part == 0 ? &entry->curator : &entry->approvals[part - 1].key;
            batch->job[batch->n_jobs++] = (struct job){
                .entry = i, .part = part, .key = find_key(batch, chain, id)};
        }
    }

cleanup:
    return status;
}

/* Up to the first entry that cannot be taken apart: none behind it will be looked at. */
static void cut(struct batch *batch)
{
    while (batch->n < batch->n_data && batch->parsed[batch->n] == SIL_OK) {
        batch->n++;
    }
    for (size_t i = batch->n; i < batch->n_data; i++) {
        sil_entry_clear(&batch->entry[i]);
    }
}

/* Every signature, with the keys of the chain as it is and those that the batch brings. */
static sil_status judge_batch(struct batch *batch, const struct sil_chain *chain,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    cut(batch);
    SIL_TRY(collect_keys(batch, err));
    SIL_TRY(collect_jobs(batch, chain, err));
    sil_judge_all(batch->verdict, batch->n_jobs, judge_one, batch);
    for (size_t i = 0; i < batch->n_jobs; i++) {
        if (batch->verdict[i] == SIL_OK) {
            batch->known[i].is_good = true;
            (void)memcpy(batch->known[i].key, batch->job[i].key, SIL_PUBLIC_KEY_BYTES);
        }
    }

cleanup:
    return status;
}

/* The first of `left` entries, as many as a batch has. */
static sil_status batch_begin(struct batch *batch, const struct sil_bytes *data,
                              size_t left, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = left < BATCH ? left : BATCH;
    *batch = (struct batch){.data = data};
    SIL_TRY(sil_alloc(&batch->entry, n, sizeof *batch->entry, "entries", err));
    SIL_TRY(sil_alloc(&batch->leaf, n, sizeof *batch->leaf, "entries", err));
    SIL_TRY(sil_alloc(&batch->parsed, n, sizeof *batch->parsed, "entries", err));
    batch->n_data = n;

cleanup:
    return status;
}

static void batch_clear(struct batch *batch)
{
    for (size_t i = 0; i < batch->n_data; i++) {
        sil_entry_clear(&batch->entry[i]);
    }
    free(batch->entry);
    free(batch->leaf);
    free(batch->parsed);
    free(batch->job);
    free(batch->verdict);
    free(batch->known);
    free(batch->key);
    *batch = (struct batch){0};
}

/* Applying a batch. */
struct application {
    struct sil_chain *chain;
    const struct sil_id *expected;
    struct batch *batch;
    size_t *applied;
    struct sil_error *err;
    sil_status status;
};

/* Every entry that could be taken apart; then the first that could not, for its sentence.
 */
static void apply_batch(void *context)
{
    struct application *to = context;
    const struct batch *batch = to->batch;
    const struct sil_known_signature *known = batch->known;

    for (size_t i = 0; i < batch->n_data && to->status == SIL_OK; i++) {
        struct sil_entry *entry = &batch->entry[i];
        const struct sil_bytes *data = &batch->data[i];
        struct sil_step step = {.chain = to->chain,
                                .entry = entry,
                                .expected = to->expected,
                                .known = known,
                                .leaf = &batch->leaf[i]};
        if (i < batch->n) {
            known += 1 + entry->n_approvals;
            to->status = sil_step_apply(&step, data->data, data->length, to->err);
        } else {
            to->status = sil_chain_apply(to->chain, data->data, data->length,
                                         to->expected, to->err);
        }
        *to->applied += to->status == SIL_OK;
    }
}

sil_status sil_chain_load(struct sil_chain *chain, const struct sil_bytes *entries,
                          size_t n, const struct sil_id *expected, size_t *applied,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct batch now = {0};
    struct batch next = {0};
    struct application application = {
        .chain = chain, .expected = expected, .applied = applied, .err = err};

    *applied = 0;
    SIL_TRY(batch_begin(&next, entries, n, err));
    sil_judge_all(next.parsed, next.n_data, parse_one, &next);
    while (next.n_data > 0) {
        batch_clear(&now);
        now = next;
        next = (struct batch){0};
        SIL_TRY(judge_batch(&now, chain, err));
        size_t done = *applied + now.n_data;
        SIL_TRY(batch_begin(&next, entries + done, n - done, err));
        application.batch = &now;
        sil_judge_beside(next.parsed, next.n_data, parse_one, &next, apply_batch,
                         &application);
        SIL_TRY(application.status);
    }

cleanup:
    batch_clear(&now);
    batch_clear(&next);
    return status;
}
