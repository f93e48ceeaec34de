// SPDX-License-Identifier: Apache-2.0
/* The debit, and what a run says it spent. */
#include "base/fail.h"
#include "ledger/ledger_internal.h"
#include "privacy/cost.h"
#include "privacy/token_internal.h"

#include <string.h>

/* What an entry file holds besides the body: lengths, ids, root, salt, signature. */
enum { ENTRY_OVERHEAD = 512 };

struct debit {
    const struct sil_id *grant; /* NULL: to be found */
    const struct sil_debit *asked;
    struct sil_id *reserve; /* of the last draft */
    bool *is_ambiguous;     /* more than one grant would do */
};

/* ---- which grant ---- */

static bool has_room(const struct sil_chain_grant *grant, const struct sil_debit *asked,
                     uint64_t time)
{
    struct sil_rho left;
    struct sil_delta left_delta;
    sil_rho_init(&left);
    sil_delta_init(&left_delta);
    sil_chain_grant_left(&left, &left_delta, grant);
    bool fits = time <= grant->expires && mpq_cmp(asked->rho->v, left.v) <= 0 &&
                (asked->delta == NULL || mpq_cmp(asked->delta->v, left_delta.v) <= 0);
    sil_rho_clear(&left);
    sil_delta_clear(&left_delta);
    return fits;
}

static sil_status find_named(const struct sil_chain_grant **out,
                             const struct sil_chain *chain, const struct sil_id *id,
                             struct sil_error *err)
{
    *out = sil_chain_find_grant(chain, id);
    if (*out == NULL) {
        char text[SIL_ID_TEXT];
        sil_id_print(text, id);
        return sil_fail(err, SIL_ERR_USAGE, "the ledger has no grant %s", text);
    }
    return SIL_OK;
}

/* The one with room. With none, the newest, whose refusal says what is left. */
static sil_status find_grant(const struct sil_chain_grant **out,
                             const struct sil_chain *chain, const struct debit *debit,
                             uint64_t time, struct sil_error *err)
{
    size_t n_fitting = 0;
    *out = NULL;
    if (chain->n_grants == 0) {
        return sil_fail(err, SIL_ERR_BUDGET,
                        "the ledger has no grant yet: ask its authority for one "
                        "(`silhouette ledger grant`)");
    }
    for (size_t i = 0; i < chain->n_grants; i++) {
        if (has_room(&chain->grant[i], debit->asked, time)) {
            n_fitting++;
            *out = &chain->grant[i];
        }
    }
    if (n_fitting > 1) {
        *debit->is_ambiguous = true;
        return sil_fail(err, SIL_ERR_USAGE,
                        "%zu grants have room for this: say which, with --grant",
                        n_fitting);
    }
    if (*out == NULL) {
        *out = &chain->grant[chain->n_grants - 1];
    }
    return SIL_OK;
}

/* ---- the entry ---- */

static sil_status fill_reserve(struct sil_bytes *out, const void *context,
                               const struct sil_ledger *ledger, uint64_t time,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct debit *debit = context;
    const struct sil_chain *chain = &ledger->chain;
    const struct sil_chain_grant *grant = NULL;
    struct sil_body body;
    sil_body_init(&body, SIL_ENTRY_RESERVE);
    if (debit->grant != NULL) {
        SIL_TRY(find_named(&grant, chain, debit->grant, err));
    } else {
        SIL_TRY(find_grant(&grant, chain, debit, time, err));
    }
    SIL_REQUIRE(grant != NULL);
    if (debit->asked->delta != NULL) {
        mpq_set(body.reserve.delta.v, debit->asked->delta->v);
    }
    SIL_TRY(sil_chain_allows(chain, grant, debit->asked->rho, &body.reserve.delta, time,
                             err));

    /* Fresh each time: a copy of this machine that spends as well has another id. */
    sil_id_random(debit->reserve);
    body.id = *debit->reserve;
    body.ledger = chain->ledger;
    body.reserve.grant = grant->id;
    mpq_set(body.reserve.rho.v, debit->asked->rho->v);
    (void)memcpy(body.reserve.plan_hash, debit->asked->plan_hash,
                 sizeof body.reserve.plan_hash);
    SIL_TRY(sil_body_encode(out, &body, err));

cleanup:
    sil_body_clear(&body);
    return status;
}

static sil_status check_kind(const struct sil_ledger *ledger, struct sil_error *err)
{
    if (sil_chain_has_invariant(&ledger->chain, "witness-before-noise")) {
        return sil_fail(
            err, SIL_ERR_UNSUPPORTED,
            "the ledger wants a witness's signature before any noise, which "
            "this version cannot wait for");
    }
    return SIL_OK;
}

sil_status sil_ledger_reserve(struct sil_token **out, struct sil_id *reserve,
                              struct sil_ledger *ledger, const struct sil_id *grant,
                              const struct sil_debit *asked, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_id id = {0};
    const struct debit debit = {.grant = grant,
                                .asked = asked,
                                .reserve = &id,
                                .is_ambiguous = &ledger->wants_grant};
    const struct sil_draft draft = {.fill = fill_reserve, .context = &debit};
    *out = NULL;
    *reserve = (struct sil_id){0};
    ledger->wants_grant = false;
    SIL_TRY(sil_ledger_check_writable(ledger, err));
    SIL_TRY(check_kind(ledger, err));
    SIL_TRY(sil_ledger_commit(ledger, &draft, NULL, err));
    /* Entry, checkpoint and watermark are durable: only now may noise exist. Should this
     * fail, the charge stands, and must be said. */
    status =
        sil_token_new(out, asked->rho, ledger->chain.genesis.genesis.neighbours,
                      (uint32_t)ledger->chain.genesis.genesis.max_contrib, true, err);
    SIL_TRY(status == SIL_OK ? SIL_OK
                             : sil_fail_within(err, status,
                                               "the budget of this run is spent, and "
                                               "nothing came of it"));
    if (asked->delta != NULL) {
        sil_token_allow_discovery(*out, asked->delta);
    }
    *reserve = id;

cleanup:
    return status;
}

bool sil_ledger_wants_grant(const struct sil_ledger *ledger)
{
    return ledger->wants_grant;
}

/* ---- measure ---- */

/* As many of the lines from `first` on as one entry can hold. What is too large to encode
 * is a usage error like any other: it is halved until it fits, or one line is left. */
static sil_status encode_some(struct sil_bytes *out, size_t *n,
                              const struct sil_ledger *ledger,
                              const struct sil_measure *measure, size_t first,
                              struct sil_error *err)
{
    size_t some = measure->n_lines - first;
    some = some < SIL_LEDGER_ARRAY_MAX ? some : SIL_LEDGER_ARRAY_MAX;
    for (;; some /= 2) {
        struct sil_body body = {.type = SIL_ENTRY_MEASURE,
                                .ledger = ledger->chain.ledger,
                                .measure = *measure};
        body.measure.lines = some == 0 ? NULL : measure->lines + first;
        body.measure.n_lines = some;
        sil_bytes_clear(out);
        sil_status status = sil_body_encode(out, &body, err);
        bool fits = out->length + ENTRY_OVERHEAD <= SIL_ENTRY_BYTES_MAX;
        *n = some;
        if (some <= 1 || (status == SIL_OK ? fits : status != SIL_ERR_USAGE)) {
            return status;
        }
    }
}

/* All parts, appended or only encoded. */
static sil_status measure_parts(struct sil_ledger *ledger,
                                const struct sil_measure *measure, bool is_rehearsal,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes body = {0};
    size_t done = 0;
    do {
        size_t n = 0;
        status = encode_some(&body, &n, ledger, measure, done, err);
        if (status == SIL_OK && !is_rehearsal) {
            status = sil_ledger_append(ledger, &body, NULL, 0, NULL, err);
        }
        done += n;
    } while (status == SIL_OK && done < measure->n_lines);
    sil_bytes_clear(&body);
    return status;
}

sil_status sil_ledger_measure(struct sil_ledger *ledger,
                              const struct sil_measure *measure, struct sil_error *err)
{
    /* A line that cannot be encoded must not leave half a run. */
    sil_status status = measure_parts(ledger, measure, true, err);
    if (status != SIL_OK) {
        return status;
    }
    /* The reserve was dated by a clock that a person believes, and a run may take days or
     * sleep through them: to ask now would lose what was paid for. */
    const bool accept_clock = ledger->place.accept_clock;
    ledger->place.accept_clock = true;
    status = measure_parts(ledger, measure, false, err);
    ledger->place.accept_clock = accept_clock;
    return status;
}
