// SPDX-License-Identifier: Apache-2.0
/* The protocol by which a ledger grows (docs/ledger-format.md, commit). */
#include "base/fail.h"
#include "ledger/ledger_internal.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { CLOCK_SLACK = 86400, RESTARTS = 1000, TIME_TEXT = 32 };

/* ---- time ---- */

static uint64_t floored(uint64_t time, uint64_t granularity)
{
    return time - time % granularity;
}

static void print_time(char text[TIME_TEXT], uint64_t time)
{
    struct tm parts;
    time_t seconds = (time_t)time;
    text[0] = '\0';
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(text, TIME_TEXT, "%Y-%m-%d %H:%M:%S UTC", &parts);
    }
}

/* Coarse, since the time of a run tells how much it had to count; never before the last
 * entry's, whatever the clock says; and not far ahead of it without a person's word, since
 * every later entry would have to be as late. */
static sil_status entry_time(uint64_t *out, const struct sil_ledger *ledger,
                             struct sil_error *err)
{
    const struct sil_fs *fs = ledger->place.fs;
    const uint64_t last = ledger->chain.last_time;
    uint64_t time = floored(fs->now(fs->self), ledger->chain.genesis.genesis.time_gran);
    *out = time > last ? time : last;
    if (*out - last > CLOCK_SLACK && !ledger->place.accept_clock) {
        char now[TIME_TEXT];
        char then[TIME_TEXT];
        print_time(now, time);
        print_time(then, last);
        return sil_fail(err, SIL_ERR_USAGE,
                        "the clock says %s, more than a day after the last entry (%s): "
                        "if the clock is right, say so with --accept-clock",
                        now, then);
    }
    return SIL_OK;
}

/* ---- one entry ---- */

/* Build, sign and apply to the handle's chain an entry with this body. */
static sil_status build(struct sil_bytes *entry, struct sil_ledger *ledger,
                        const struct sil_bytes *body, const struct sil_draft *draft,
                        uint64_t time, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_approval approvals[SIL_APPROVALS_MAX];
    struct sil_entry head = {.seq = ledger->chain.tree.size, .time = time};
    if (draft->n_approvals > SIL_APPROVALS_MAX) {
        return sil_fail(err, SIL_ERR_USAGE, "an entry has at most %d approvals",
                        SIL_APPROVALS_MAX);
    }
    /* The entry does not own its approvals here, and its builder only reads them. */
    for (size_t i = 0; i < draft->n_approvals; i++) {
        approvals[i] = draft->approvals[i];
    }
    head.approvals = approvals;
    head.n_approvals = draft->n_approvals;
    sil_merkle_root(&head.prev_root, &ledger->chain.tree);
    if (head.seq == 0) {
        sil_ledger_id(&head.ledger, body->data, body->length);
    } else {
        head.ledger = ledger->chain.ledger;
    }
    SIL_TRY(sil_entry_build(entry, &head, body, ledger->signers.curator, err));
    SIL_TRY(sil_ledger_make_room(ledger, err));
    /* By the rules that a verifier uses; nothing is written that it would refuse. */
    SIL_TRY(sil_chain_apply(&ledger->chain, entry->data, entry->length,
                            ledger->has_expected ? &ledger->expected : NULL, err));

cleanup:
    return status;
}

/* The chain of the handle has an entry that the disk has not. */
static sil_status publish(bool *existed, struct sil_ledger *ledger,
                          struct sil_bytes *entry, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint64_t seq = ledger->chain.tree.size - 1;
    *existed = false;
    /* The entry may have changed the keys: its checkpoint must be possible. */
    SIL_TRY(sil_ledger_check_log(ledger, seq + 1, err));
    SIL_TRY(
        sil_store_publish(existed, ledger->store, SIL_STORE_ENTRY, seq, entry, err));

cleanup:
    return status;
}

static sil_status prepare(struct sil_bytes *entry, struct sil_ledger *ledger,
                          const struct sil_draft *draft, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes body = {0};
    uint64_t time = 0;
    SIL_TRY(entry_time(&time, ledger, err));
    SIL_TRY(draft->fill(&body, draft->context, ledger, time, err));
    SIL_TRY(build(entry, ledger, &body, draft, time, err));

cleanup:
    sil_bytes_clear(&body);
    return status;
}

sil_status sil_ledger_rehearse(struct sil_ledger *ledger, const struct sil_draft *draft,
                               struct sil_error *err)
{
    struct sil_bytes entry = {0};
    sil_status status = prepare(&entry, ledger, draft, err);
    sil_bytes_clear(&entry);
    return status;
}

/* One entry on a settled ledger. `*existed`: another process was faster. */
static sil_status commit_one(bool *existed, struct sil_ledger *ledger,
                             const struct sil_draft *draft, struct sil_error *err)
{
    struct sil_bytes entry = {0};
    sil_status status = prepare(&entry, ledger, draft, err);
    if (status != SIL_OK) {
        sil_bytes_clear(&entry);
        return status;
    }
    SIL_TRY(publish(existed, ledger, &entry, err));
    if (!*existed) {
        ledger->entry[ledger->n_entries++] = entry;
        entry = (struct sil_bytes){0};
        SIL_TRY(sil_ledger_cover(ledger, err));
    }

cleanup:
    sil_bytes_clear(&entry);
    if (status != SIL_OK) {
        ledger->is_spent = true;
    }
    return status;
}

/* ---- the protocol ---- */

sil_status sil_ledger_commit_locked(struct sil_ledger *ledger,
                                    const struct sil_draft *draft, uint64_t *seq,
                                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool existed = true;
    /* Only where the lock does not hold can another process be faster. */
    for (int i = 0; i < RESTARTS && existed; i++) {
        SIL_TRY(sil_ledger_settle(ledger, err));
        SIL_TRY(commit_one(&existed, ledger, draft, err));
    }
    if (existed) {
        ledger->is_spent = true;
        status =
            sil_fail(err, SIL_ERR_IO,
                     "%s is written to by others all the time, in spite of the lock",
                     ledger->directory);
        goto cleanup;
    }
    if (seq != NULL) {
        *seq = ledger->chain.tree.size - 1;
    }

cleanup:
    return status;
}

sil_status sil_ledger_commit(struct sil_ledger *ledger, const struct sil_draft *draft,
                             uint64_t *seq, struct sil_error *err)
{
    sil_status status = sil_ledger_check_writable(ledger, err);
    if (status == SIL_OK) {
        status = sil_store_lock(ledger->store, ledger->place.lock_seconds, err);
    }
    if (status != SIL_OK) {
        return status;
    }
    status = sil_ledger_commit_locked(ledger, draft, seq, err);
    sil_store_unlock(ledger->store);
    return status;
}

/* ---- appending what is given ---- */

/* The budget is looked at first, for a sentence that says what is left. */
static sil_status check_budget(const struct sil_body *body,
                               const struct sil_ledger *ledger, uint64_t time,
                               struct sil_error *err)
{
    const struct sil_chain *chain = &ledger->chain;
    if (body->type == SIL_ENTRY_GRANT) {
        return sil_chain_allows_grant(chain, &body->grant.rho, &body->grant.delta, err);
    }
    if (body->type == SIL_ENTRY_RESERVE) {
        const struct sil_chain_grant *grant =
            sil_chain_find_grant(chain, &body->reserve.grant);
        return grant == NULL ? SIL_OK
                             : sil_chain_allows(chain, grant, &body->reserve.rho,
                                                &body->reserve.delta, time, err);
    }
    return SIL_OK;
}

static sil_status give(struct sil_bytes *out, const void *context,
                       const struct sil_ledger *ledger, uint64_t time,
                       struct sil_error *err)
{
    const struct sil_bytes *given = context;
    struct sil_body body;
    sil_status status = sil_body_decode(&body, given->data, given->length, err);
    if (status == SIL_OK) {
        status = check_budget(&body, ledger, time, err);
        sil_body_clear(&body);
    }
    if (status == SIL_OK) {
        status = sil_bytes_append(out, given->data, given->length, err);
    }
    return status;
}

struct sil_draft sil_ledger_draft(const struct sil_bytes *body,
                                  const struct sil_approval *approvals, size_t n)
{
    return (struct sil_draft){
        .fill = give, .context = body, .approvals = approvals, .n_approvals = n};
}

sil_status sil_ledger_append(struct sil_ledger *ledger, const struct sil_bytes *body,
                             const struct sil_approval *approvals, size_t n,
                             uint64_t *seq, struct sil_error *err)
{
    const struct sil_draft draft = sil_ledger_draft(body, approvals, n);
    return sil_ledger_commit(ledger, &draft, seq, err);
}

/* ---- the first entry ---- */

static sil_status found_entry(struct sil_ledger *ledger, struct sil_bytes *entry,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool existed = false;
    SIL_TRY(sil_store_create(&ledger->store, ledger->place.fs, ledger->directory, err));
    SIL_TRY(sil_store_lock(ledger->store, ledger->place.lock_seconds, err));
    SIL_TRY(sil_store_clean(ledger->store, err));
    SIL_TRY(publish(&existed, ledger, entry, err));
    if (existed) {
        status =
            sil_fail(err, SIL_ERR_USAGE, "%s is a ledger already", ledger->directory);
        goto cleanup;
    }
    ledger->entry[ledger->n_entries++] = *entry;
    *entry = (struct sil_bytes){0};
    SIL_TRY(sil_ledger_cover(ledger, err));

cleanup:
    if (ledger->store != NULL) {
        sil_store_unlock(ledger->store);
    }
    return status;
}

sil_status sil_ledger_found( // NOLINT(readability-function-size)
    struct sil_ledger **out, const struct sil_ledger_place *place,
    const struct sil_bytes *body, const struct sil_approval *approvals, size_t n,
    const struct sil_ledger_signers *signers, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_bytes entry = {0};
    struct sil_body genesis;
    const struct sil_draft draft = {.approvals = approvals, .n_approvals = n};
    *out = NULL;
    sil_body_init(&genesis, SIL_ENTRY_CLOSE);
    SIL_TRY(sil_ledger_new(&ledger, place, SIL_LEDGER_WRITE, signers, err));
    SIL_TRY(sil_body_decode(&genesis, body->data, body->length, err));
    if (genesis.type != SIL_ENTRY_GENESIS) {
        status = sil_fail(err, SIL_ERR_USAGE, "a ledger begins with a genesis");
        goto cleanup;
    }
    const struct sil_fs *fs = ledger->place.fs;
    uint64_t time = floored(fs->now(fs->self), genesis.genesis.time_gran);
    SIL_TRY(build(&entry, ledger, body, &draft, time, err));
    /* Valid: only now is anything made on disk. */
    SIL_TRY(found_entry(ledger, &entry, err));
    SIL_TRY(sil_ledger_note_standing(ledger, err));
    *out = ledger;
    ledger = NULL;

cleanup:
    sil_body_clear(&genesis);
    sil_bytes_clear(&entry);
    sil_ledger_close(ledger);
    return status;
}
