// SPDX-License-Identifier: Apache-2.0
/* F4 to F7: an entry's place among the others. And what a genesis, an audit and a recovery
 * say about the ledger as a whole, which nothing else would contradict. */
#include "ledger/chain_internal.h"
#include "ledger/refuse.h"
#include "privacy/cost.h"

#include <inttypes.h>
#include <string.h>

static sil_status refuse_ledger(const struct sil_step *step, const char *where,
                                const struct sil_id *found, const struct sil_id *wanted,
                                struct sil_error *err)
{
    char other[SIL_ID_TEXT];
    char own[SIL_ID_TEXT];
    sil_id_print(other, found);
    sil_id_print(own, wanted);
    return sil_refuse(err, "F6", step->chain->tree.size,
                      "%s belongs to ledger %s, not to %s", where, other, own);
}

/* Which needs nothing of the body. */
static sil_status check_position(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_entry *entry = step->entry;
    const struct sil_chain *chain = step->chain;
    const uint64_t seq = chain->tree.size;
    const struct sil_id *wanted = seq > 0 ? &chain->ledger : step->expected;
    struct sil_root root;

    if (entry->seq != seq) {
        return sil_refuse(err, "F5", seq,
                          "it is numbered %" PRIu64 ": moved, copied or inserted",
                          entry->seq);
    }
    if (wanted != NULL && !sil_id_equal(&entry->ledger, wanted)) {
        return refuse_ledger(step, "it", &entry->ledger, wanted, err);
    }
    sil_merkle_root(&root, &chain->tree);
    if (memcmp(&root, &entry->prev_root, sizeof root) != 0) {
        return sil_refuse(err, "F4", seq,
                          "it was written after other entries than those before it");
    }
    return SIL_OK;
}

static sil_status check_place(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_entry *entry = step->entry;
    const uint64_t seq = step->chain->tree.size;
    sil_status status = check_position(step, err);
    if (status != SIL_OK) {
        return status;
    }
    if ((entry->type == SIL_ENTRY_GENESIS) != (seq == 0)) {
        return sil_refuse(err, "F5", seq,
                          "a ledger begins with a genesis and has no other");
    }
    if (!sil_id_equal(&entry->ledger, &entry->body.ledger)) {
        return refuse_ledger(step, "its body", &entry->body.ledger, &entry->ledger,
                             err);
    }
    return SIL_OK;
}

static sil_status check_time(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_chain *chain = step->chain;
    const struct sil_body *genesis =
        chain->tree.size > 0 ? &chain->genesis : &step->entry->body;
    const uint64_t grain = genesis->genesis.time_gran;

    if (step->entry->time % grain != 0) {
        return sil_refuse(err, "F7", chain->tree.size,
                          "its time is not a multiple of %" PRIu64 " seconds", grain);
    }
    if (step->entry->time < chain->last_time) {
        return sil_refuse(err, "F7", chain->tree.size,
                          "it is earlier than the entry before it");
    }
    return SIL_OK;
}

/* What no field says alone, and the most rows whose sensitivity fits in 64 bits. */
static sil_status check_genesis(const struct sil_genesis *genesis,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t delta;
    mpq_init(delta);
    mpq_add(delta, genesis->cap_delta.v, genesis->report_delta.v);

    if (genesis->max_contrib > SIL_MAX_ROWS_PER_UNIT) {
        status = sil_refuse(err, "B4", 0, "a person has at most %u rows",
                            SIL_MAX_ROWS_PER_UNIT);
    } else if (mpq_sgn(genesis->cap_rho.v) == 0) {
        status = sil_refuse(err, "B1", 0, "the cap of rho is 0");
    } else if (mpq_cmp_ui(delta, 1, 1) >= 0) {
        status = sil_refuse(err, "B9", 0,
                            "the deltas of reports and of discovery are not below 1 "
                            "together");
    }
    mpq_clear(delta);
    return status;
}

static sil_status check_audit(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_audit *audit = &step->entry->body.audit;
    const struct sil_merkle *tree = &step->chain->tree;
    struct sil_root root;

    if (audit->size > tree->size) {
        return sil_refuse(err, "F4", tree->size,
                          "it audits %" PRIu64 " entries, more than there were",
                          audit->size);
    }
    sil_merkle_root_at(&root, tree, audit->size);
    if (memcmp(&root, &audit->root, sizeof root) != 0) {
        return sil_refuse(err, "F4", tree->size, "it audits other entries than these");
    }
    return SIL_OK;
}

static sil_status check_recover(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_recover *recover = &step->entry->body.recover;
    return recover->size <= step->chain->tree.size
               ? SIL_OK
               : sil_refuse(err, "F5", step->chain->tree.size,
                            "it recovers a ledger of %" PRIu64 " entries, more than "
                            "there were",
                            recover->size);
}

sil_status sil_step_check_form(const struct sil_step *step, struct sil_error *err)
{
    sil_status status = check_place(step, err);
    if (status == SIL_OK) {
        status = check_time(step, err);
    }
    if (status != SIL_OK) {
        return status;
    }

    switch ((int)step->entry->type) {
    case SIL_ENTRY_GENESIS: return check_genesis(&step->entry->body.genesis, err);
    case SIL_ENTRY_AUDIT: return check_audit(step, err);
    case SIL_ENTRY_RECOVER: return check_recover(step, err);
    default: return SIL_OK;
    }
}

sil_status sil_step_check_unread(const struct sil_step *step, struct sil_error *err)
{
    if (step->chain->tree.size == 0) {
        return SIL_OK; /* no key is known yet that could contradict it */
    }
    sil_status status = check_position(step, err);
    return status == SIL_OK ? sil_step_check_curator(step, err) : status;
}
