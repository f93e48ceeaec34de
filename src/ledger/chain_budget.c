// SPDX-License-Identifier: Apache-2.0
/* B1, B2, B6 to B8 and R6: what may be granted, spent and released. Balances are exact, and
 * each rule that refuses an entry is also the answer to "would it fit?". */
#include "ledger/chain_balance.h"
#include "ledger/chain_internal.h"
#include "ledger/refuse.h"

#include <string.h>

/* Taken ids are not given out again, whatever they name: an approval is for one body. */
static sil_status check_id(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_body *body = &step->entry->body;
    const struct sil_id_slot *taken = sil_id_index_find(&step->chain->ids, &body->id);

    if (body->type == SIL_ENTRY_GENESIS || body->type == SIL_ENTRY_MEASURE ||
        taken == NULL) {
        return SIL_OK;
    }
    char id[SIL_ID_TEXT];
    sil_id_print(id, &body->id);
    return sil_refuse(err, "B6", step->chain->tree.size,
                      "id %s was used before, by a %s entry", id,
                      sil_entry_type_name(taken->type));
}

/* What a closed ledger still takes: the end of what was begun, and words about it. */
static bool outlives_close(enum sil_entry_type type)
{
    return type == SIL_ENTRY_MEASURE || type == SIL_ENTRY_RELEASE ||
           type == SIL_ENTRY_AUDIT || type == SIL_ENTRY_NOTICE ||
           type == SIL_ENTRY_RECOVER;
}

static sil_status check_open(const struct sil_step *step, struct sil_error *err)
{
    if (!step->chain->closed || outlives_close(step->entry->type)) {
        return SIL_OK;
    }
    return sil_refuse(err, "B7", step->chain->tree.size,
                      "the ledger is closed: no %s may follow",
                      sil_entry_type_name(step->entry->type));
}

static sil_status check_grant(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_grant *grant = &step->entry->body.grant;
    struct sil_error why;
    const char *rule;
    sil_status status =
        sil_balance_of_grant(&rule, step->chain, &grant->rho, &grant->delta, &why);

    return status == SIL_ERR_BUDGET
               ? sil_refuse(err, rule, step->chain->tree.size, "%s", why.text)
               : status;
}

static sil_status check_reserve(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_reserve *reserve = &step->entry->body.reserve;
    const struct sil_chain_grant *grant =
        sil_chain_find_grant(step->chain, &reserve->grant);
    if (grant == NULL) {
        return sil_refuse(err, "B2", step->chain->tree.size,
                          "it cites a grant that does not exist");
    }

    const struct sil_request request = {
        .rho = &reserve->rho, .delta = &reserve->delta, .time = step->entry->time};
    struct sil_error why;
    const char *rule;
    sil_status status =
        sil_balance_of_reserve(&rule, step->chain, grant, &request, &why);
    return status == SIL_ERR_BUDGET
               ? sil_refuse(err, rule, step->chain->tree.size, "%s", why.text)
               : status;
}

static sil_status check_release(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_release_entry *release = &step->entry->body.release;
    const uint64_t seq = step->chain->tree.size;

    if (release->n_reserves == 0 || release->n_artifacts == 0) {
        return sil_refuse(err, "R6", seq, "it releases nothing, or on no reserve");
    }
    for (size_t i = 0; i < release->n_reserves; i++) {
        const struct sil_chain_reserve *reserve =
            sil_chain_find_reserve(step->chain, &release->reserves[i]);
        char id[SIL_ID_TEXT];
        sil_id_print(id, &release->reserves[i]);
        if (reserve == NULL) {
            return sil_refuse(err, "R6", seq, "reserve %s does not exist", id);
        }
        if (reserve->n_measures == 0) {
            return sil_refuse(err, "R6", seq, "nothing was measured under reserve %s",
                              id);
        }
    }
    return SIL_OK;
}

static sil_status check_notice(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_id_slot *slot =
        sil_id_index_find(&step->chain->ids, &step->entry->body.notice.release);
    return slot != NULL && slot->type == SIL_ENTRY_RELEASE
               ? SIL_OK
               : sil_refuse(err, "R6", step->chain->tree.size,
                            "it withdraws a release that does not exist");
}

sil_status sil_step_check_budget(const struct sil_step *step, struct sil_error *err)
{
    sil_status status = check_id(step, err);
    if (status == SIL_OK) {
        status = check_open(step, err);
    }
    if (status != SIL_OK) {
        return status;
    }

    switch ((int)step->entry->type) {
    case SIL_ENTRY_GRANT: return check_grant(step, err);
    case SIL_ENTRY_RESERVE: return check_reserve(step, err);
    case SIL_ENTRY_MEASURE: return sil_step_check_measure(step, err);
    case SIL_ENTRY_RELEASE: return check_release(step, err);
    case SIL_ENTRY_NOTICE: return check_notice(step, err);
    default: return SIL_OK;
    }
}
