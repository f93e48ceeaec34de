// SPDX-License-Identifier: Apache-2.0
/* What an authority must approve: setting aside an entry that was never acknowledged, and
 * signing checkpoints anew that were lost while a watermark or a witness remembers them. */
#include "base/fail.h"
#include "base/memory.h"
#include "ledger/ledger_internal.h"
#include "ledger/refuse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_name(enum sil_recovery kind)
{
    return kind == SIL_RECOVER_QUARANTINE ? "quarantine" : "rebuild-checkpoint";
}

/* ---- what a ledger needs ---- */

struct plan {
    enum sil_recovery kind;
    uint64_t covered; /* c */
    uint64_t entries; /* m */
    uint64_t *number; /* of the files to set aside: one entry, or checkpoints */
    uint8_t (*sha256)[SIL_HASH_BYTES];
    size_t n;
};

static void plan_clear(struct plan *plan)
{
    free(plan->number);
    free(plan->sha256);
    *plan = (struct plan){0};
}

static void plan_file(struct plan *plan, uint64_t number, const struct sil_bytes *data)
{
    const struct sil_part part = {data->data, data->length};
    sil_sha256(plan->sha256[plan->n], &part, 1);
    plan->number[plan->n++] = number;
}

static sil_status plan_room(struct plan *plan, size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&plan->number, n, sizeof *plan->number, "a recovery", err));
    SIL_TRY(sil_alloc(&plan->sha256, n, sizeof *plan->sha256, "a recovery", err));

cleanup:
    return status;
}

/* Did a witness see the tree of the first `size` entries? */
static sil_status is_cosigned(bool *out, const struct sil_survey *survey,
                              struct sil_store *store, uint64_t size,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t *number = NULL;
    struct sil_bytes note = {0};
    size_t n = 0;
    *out = false;
    SIL_TRY(sil_store_numbers(&number, &n, store, SIL_STORE_COSIGNED, err));
    for (size_t i = 0; i < n && !*out; i++) {
        struct sil_checkpoint seen;
        struct sil_root root;
        if (number[i] != size) {
            continue;
        }
        SIL_TRY(sil_store_read(&note, store, SIL_STORE_COSIGNED, size, err));
        sil_merkle_root_at(&root, &survey->chain.tree, size);
        *out = sil_cosigned_is_good(&seen, &note, size, &survey->chain) &&
               memcmp(&seen.root, &root, sizeof root) == 0;
    }

cleanup:
    sil_bytes_clear(&note);
    free(number);
    return status;
}

/* Checkpoints may be signed anew when somebody remembers a tree that holds all entries, or
 * all but the last, which is then a commit that was cut short. */
static sil_status is_remembered(bool *out, const struct sil_survey *survey,
                                struct sil_store *store, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint64_t m = survey->chain.tree.size;
    /* No fork was found: what the watermark says of at most m entries is true. */
    *out = survey->watermark.size == m ||
           (survey->watermark.size > 0 && survey->watermark.size + 1 == m);
    for (uint64_t size = m; size > 0 && size + 1 >= m && !*out; size--) {
        SIL_TRY(is_cosigned(out, survey, store, size, err));
    }

cleanup:
    return status;
}

static sil_status plan_quarantine(struct plan *plan, const struct sil_survey *survey,
                                  struct sil_error *err)
{
    sil_status status = plan_room(plan, 1, err);
    if (status == SIL_OK) {
        plan->kind = SIL_RECOVER_QUARANTINE;
        plan_file(plan, plan->covered, &survey->entry[plan->covered]);
    }
    return status;
}

static sil_status plan_rebuild(struct plan *plan, const struct sil_survey *survey,
                               struct sil_store *store, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool remembered = false;
    SIL_TRY(is_remembered(&remembered, survey, store, err));
    if (!remembered) {
        status =
            sil_refuse_ledger(err, "E-ROLLBACK",
                              "checkpoints after %" PRIu64 " are missing or invalid, "
                              "and neither a watermark nor a cosigned checkpoint "
                              "says that these %" PRIu64 " entries are all: restore "
                              "the checkpoints",
                              plan->covered, plan->entries);
        goto cleanup;
    }
    SIL_TRY(plan_room(plan, survey->n_checkpoints, err));
    plan->kind = SIL_RECOVER_REBUILD;
    for (size_t i = 0; i < survey->n_checkpoints; i++) {
        const struct sil_found_checkpoint *found = &survey->checkpoint[i];
        if (!found->is_good) {
            plan_file(plan, found->number, &found->note);
        }
    }

cleanup:
    return status;
}

/* Errors   SIL_ERR_USAGE: nothing to do. SIL_ERR_CHECK: beyond help. */
static sil_status make_plan(struct plan *plan, const struct sil_survey *survey,
                            struct sil_store *store, struct sil_error *err)
{
    const enum sil_finding finding = survey->finding;
    *plan =
        (struct plan){.covered = survey->covered, .entries = survey->chain.tree.size};
    if (finding == SIL_FOUND_FINE || finding == SIL_FOUND_UNCOVERED) {
        return sil_fail(err, SIL_ERR_USAGE, "the ledger opens: nothing to recover");
    }
    if (finding == SIL_FOUND_GARBAGE && plan->entries > 0) {
        return plan_quarantine(plan, survey, err);
    }
    bool is_whole = survey->n_entries == survey->n_entry_numbers &&
                    survey->refusal_status == SIL_OK && survey->fork == 0;
    bool is_missing = finding == SIL_FOUND_BEHIND || finding == SIL_FOUND_UNSIGNED ||
                      finding == SIL_FOUND_AHEAD;
    if (is_whole && is_missing && plan->entries > plan->covered) {
        return plan_rebuild(plan, survey, store, err);
    }
    sil_status status = sil_survey_judge(survey, err);
    return status == SIL_OK ? SIL_ERR_CHECK : status;
}

/* ---- proposing ---- */

static sil_status fill_body(struct sil_body *out, const struct plan *plan,
                            const struct sil_id *ledger, const char *text,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_recover *recover = &out->recover;
    out->ledger = *ledger;
    sil_id_random(&out->id);
    recover->size = plan->covered;
    recover->kind = strdup(kind_name(plan->kind));
    recover->text = strdup(text);
    if (recover->kind == NULL || recover->text == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a recovery");
    }
    SIL_TRY(sil_alloc(&recover->quarantine_sha256, plan->n,
                      sizeof *recover->quarantine_sha256, "a recovery", err));
    if (plan->n > 0) {
        (void)memcpy(recover->quarantine_sha256, plan->sha256,
                     plan->n * sizeof *plan->sha256);
    }
    recover->n_quarantine = plan->n;

cleanup:
    return status;
}

sil_status sil_ledger_propose_recovery(struct sil_body *out,
                                       const struct sil_ledger_place *place,
                                       const char *text, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_survey survey = {0};
    struct plan plan = {0};
    sil_body_init(out, SIL_ENTRY_RECOVER);
    SIL_TRY(sil_ledger_new(&ledger, place, SIL_LEDGER_READ, NULL, err));
    SIL_TRY(sil_store_open(&ledger->store, ledger->place.fs, ledger->directory, err));
    SIL_TRY(sil_ledger_survey(&survey, ledger, err));
    SIL_TRY(make_plan(&plan, &survey, ledger->store, err));
    SIL_TRY(fill_body(out, &plan, &survey.chain.ledger, text, err));

cleanup:
    plan_clear(&plan);
    sil_survey_clear(&survey);
    sil_ledger_close(ledger);
    return status;
}

/* ---- carrying out ---- */

static bool is_listed(const struct sil_recover *approved, const uint8_t *sha256)
{
    for (size_t i = 0; i < approved->n_quarantine; i++) {
        if (memcmp(approved->quarantine_sha256[i], sha256, SIL_HASH_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* Is what was approved what must be done? A call that was killed may have done a part of
 * it: less may be left than was approved, never more. */
static sil_status check_approved(const struct plan *plan,
                                 const struct sil_recover *approved,
                                 struct sil_error *err)
{
    bool matches = strcmp(approved->kind, kind_name(plan->kind)) == 0 &&
                   approved->size <= plan->covered;
    for (size_t i = 0; i < plan->n; i++) {
        matches = matches && is_listed(approved, plan->sha256[i]);
    }
    return matches
               ? SIL_OK
               : sil_fail(err, SIL_ERR_CHECK,
                          "what was approved is not what this ledger needs: propose "
                          "the recovery again");
}

/* Nothing is left to do but to say so: a call was killed behind its last step. */
static sil_status check_done(const struct sil_survey *survey,
                             const struct sil_recover *approved, struct sil_error *err)
{
    bool is_quarantine = strcmp(approved->kind, kind_name(SIL_RECOVER_QUARANTINE)) == 0;
    if (is_quarantine ? approved->size == survey->covered
                      : approved->size < survey->covered) {
        return SIL_OK;
    }
    return sil_fail(err, SIL_ERR_USAGE, "the ledger opens: nothing to recover");
}

/* The keys for all that will be signed, before anything is touched. */
static sil_status check_log_keys(const struct sil_ledger *ledger,
                                 const struct plan *plan, struct sil_error *err)
{
    for (uint64_t size = plan->covered + 1;
         plan->kind == SIL_RECOVER_REBUILD && size <= plan->entries; size++) {
        sil_status status = sil_ledger_check_log(ledger, size, err);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

/* A good one that is there was made by a call that was cut short: it stays, and is written
 * again, since its name may not be durable. */
static sil_status sign_anew(struct sil_ledger *ledger, uint64_t size,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes note = {0};
    struct sil_checkpoint checkpoint = {.size = size};
    bool existed;
    sil_merkle_root_at(&checkpoint.root, &ledger->chain.tree, size);
    SIL_TRY(sil_chain_origin(checkpoint.origin, &ledger->chain, err));
    SIL_TRY(sil_checkpoint_sign(&note, &checkpoint, ledger->signers.log, err));
    SIL_TRY(sil_store_publish(&existed, ledger->store, SIL_STORE_CHECKPOINT, size,
                              &note, err));
    if (existed) {
        sil_bytes_clear(&note);
        SIL_TRY(sil_store_read(&note, ledger->store, SIL_STORE_CHECKPOINT, size, err));
        SIL_TRY(
            sil_store_rewrite(ledger->store, SIL_STORE_CHECKPOINT, size, &note, err));
    }

cleanup:
    sil_bytes_clear(&note);
    return status;
}

/* `from`: how many checkpoints were good when the recovery was approved. */
static sil_status rebuild(struct sil_ledger *ledger, const struct plan *plan,
                          uint64_t from, struct sil_error *err)
{
    sil_status status = SIL_OK;
    /* Stale until the commit that follows: should this be cut short, whoever comes next
     * writes the newest checkpoint again. */
    SIL_TRY(sil_store_set_head(ledger->store, &ledger->note, err));
    for (uint64_t size = from + 1; size <= plan->entries; size++) {
        SIL_TRY(sign_anew(ledger, size, err));
    }

cleanup:
    return status;
}

static sil_status carry_out(struct sil_ledger *ledger, const struct plan *plan,
                            const struct sil_recover *approved, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const enum sil_store_kind kind =
        plan->kind == SIL_RECOVER_QUARANTINE ? SIL_STORE_ENTRY : SIL_STORE_CHECKPOINT;
    for (size_t i = 0; i < plan->n; i++) {
        SIL_TRY(sil_store_quarantine(ledger->store, kind, plan->number[i], err));
    }
    if (plan->kind == SIL_RECOVER_REBUILD) {
        SIL_TRY(rebuild(ledger, plan, approved->size, err));
    }

cleanup:
    return status;
}

/* The survey's good entries as the handle's, without what is behind them. */
static void adopt_good(struct sil_ledger *ledger, struct sil_survey *survey)
{
    while (survey->n_entries > survey->chain.tree.size) {
        sil_bytes_clear(&survey->entry[--survey->n_entries]);
    }
    sil_ledger_adopt(ledger, survey);
}

static sil_status recover_locked(struct sil_ledger *ledger,
                                 const struct sil_recover *approved,
                                 const struct sil_draft *draft, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_survey survey = {0};
    struct plan plan = {0};
    SIL_TRY(sil_store_clean(ledger->store, err));
    SIL_TRY(sil_ledger_survey(&survey, ledger, err));
    if (sil_survey_judge(&survey, NULL) == SIL_OK) {
        SIL_TRY(check_done(&survey, approved, err));
    } else {
        SIL_TRY(make_plan(&plan, &survey, ledger->store, err));
        SIL_TRY(check_approved(&plan, approved, err));
        adopt_good(ledger, &survey);
        SIL_TRY(check_log_keys(ledger, &plan, err));
        /* The approvals are judged before anything is moved or signed. */
        SIL_TRY(sil_ledger_rehearse(ledger, draft, err));
        SIL_TRY(carry_out(ledger, &plan, approved, err));
    }
    SIL_TRY(sil_ledger_commit_locked(ledger, draft, NULL, err));

cleanup:
    plan_clear(&plan);
    sil_survey_clear(&survey);
    return status;
}

sil_status sil_ledger_recover( // NOLINT(readability-function-size)
    struct sil_ledger **out, const struct sil_ledger_place *place,
    const struct sil_bytes *body, const struct sil_approval *approvals, size_t n,
    const struct sil_ledger_signers *signers, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_body decoded;
    const struct sil_draft draft = sil_ledger_draft(body, approvals, n);
    *out = NULL;
    sil_body_init(&decoded, SIL_ENTRY_CLOSE);
    SIL_TRY(sil_ledger_new(&ledger, place, SIL_LEDGER_WRITE, signers, err));
    SIL_TRY(sil_body_decode(&decoded, body->data, body->length, err));
    if (decoded.type != SIL_ENTRY_RECOVER) {
        status = sil_fail(err, SIL_ERR_USAGE, "what was approved is not a recovery");
        goto cleanup;
    }
    SIL_TRY(sil_store_open(&ledger->store, ledger->place.fs, ledger->directory, err));
    SIL_TRY(sil_store_lock(ledger->store, ledger->place.lock_seconds, err));
    SIL_TRY(recover_locked(ledger, &decoded.recover, &draft, err));
    sil_store_unlock(ledger->store);
    SIL_TRY(sil_ledger_note_standing(ledger, err));
    *out = ledger;
    ledger = NULL;

cleanup:
    sil_body_clear(&decoded);
    sil_ledger_close(ledger);
    return status;
}
