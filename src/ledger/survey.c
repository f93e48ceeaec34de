// SPDX-License-Identifier: Apache-2.0
#include "ledger/survey.h"

#include "base/fail.h"
#include "base/memory.h"
#include "ledger/refuse.h"
#include "ledger/survey_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void sil_survey_clear(struct sil_survey *survey)
{
    for (size_t i = 0; i < survey->n_entries; i++) {
        sil_bytes_clear(&survey->entry[i]);
    }
    for (size_t i = 0; i < survey->n_checkpoints; i++) {
        sil_bytes_clear(&survey->checkpoint[i].note);
    }
    free(survey->entry_number);
    free(survey->entry);
    free(survey->checkpoint);
    if (survey->has_chain) {
        sil_chain_clear(&survey->chain);
    }
    *survey = (struct sil_survey){0};
}

/* ---- looking ---- */

static sil_status read_entries(struct sil_survey *survey, struct sil_store *store,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = 0;
    SIL_TRY(sil_store_numbers(&survey->entry_number, &survey->n_entry_numbers, store,
                              SIL_STORE_ENTRY, err));
    while (n < survey->n_entry_numbers && survey->entry_number[n] == n) {
        n++;
    }
    SIL_TRY(sil_alloc(&survey->entry, n, sizeof *survey->entry, "entries", err));
    survey->n_entries = n;
    SIL_TRY(sil_store_read_all(survey->entry, store, SIL_STORE_ENTRY,
                               survey->entry_number, n, err));

cleanup:
    return status;
}

/* What the rules refuse is noted; what the machine refuses is an error. */
static sil_status apply_entries(struct sil_survey *survey,
                                const struct sil_id *expected, struct sil_error *err)
{
    size_t applied = 0;
    sil_status status = sil_chain_load(&survey->chain, survey->entry, survey->n_entries,
                                       expected, &applied, &survey->refusal);
    if (status == SIL_OK || status == SIL_ERR_CHECK || status == SIL_ERR_UNSUPPORTED) {
        survey->refusal_status = status;
        return SIL_OK;
    }
    return sil_fail(err, status, "%s", survey->refusal.text);
}

static sil_status read_watermark(struct sil_survey *survey, const struct sil_fs *fs,
                                 const char *state, const struct sil_id *expected,
                                 struct sil_error *err)
{
    const struct sil_id *ledger =
        survey->chain.tree.size > 0 ? &survey->chain.ledger : expected;
    struct sil_bytes note = {0};
    bool present = false;
    if (state == NULL || ledger == NULL) {
        return SIL_OK;
    }
    sil_status status =
        sil_watermark_read(&note, &present, fs, state, ledger->bytes, err);
    if (status == SIL_OK && present) {
        status = sil_checkpoint_read(&survey->watermark, &note, "the watermark", err);
    }
    sil_bytes_clear(&note);
    return status;
}

/* ---- the table ---- */

static bool is_damaged(const struct sil_survey *survey)
{
    return survey->refusal_status != SIL_OK;
}

/* c. When entry m is damaged, the keys that signed later checkpoints may be in it: what
 * cannot be judged counts, so that the entry is blamed and not the checkpoints. */
static uint64_t count_covered(const struct sil_survey *survey)
{
    const uint64_t m = survey->chain.tree.size;
    uint64_t covered = 0;
    for (size_t i = 0; i < survey->n_checkpoints; i++) {
        const struct sil_found_checkpoint *found = &survey->checkpoint[i];
        bool counts = found->is_good || (is_damaged(survey) && found->number > m);
        if (found->number != covered + 1 || !counts) {
            break;
        }
        covered++;
    }
    return covered;
}

static uint64_t highest_checkpoint(const struct sil_survey *survey)
{
    return survey->n_checkpoints == 0
               ? 0
               : survey->checkpoint[survey->n_checkpoints - 1].number;
}

static enum sil_finding classify(const struct sil_survey *survey, uint64_t known)
{
    const uint64_t m = survey->chain.tree.size;
    const uint64_t c = survey->covered;
    if (survey->refusal_status == SIL_ERR_UNSUPPORTED) {
        return SIL_FOUND_UNSUPPORTED;
    }
    if (known > c) {
        return SIL_FOUND_BEHIND;
    }
    if (survey->fork > 0) {
        return SIL_FOUND_FORK;
    }
    if (survey->n_entry_numbers > survey->n_entries) {
        return SIL_FOUND_GAP;
    }
    if (m < c) {
        return is_damaged(survey) ? SIL_FOUND_DAMAGED : SIL_FOUND_LOST;
    }
    if (c < highest_checkpoint(survey) || (c == 0 && m > 1)) {
        return SIL_FOUND_UNSIGNED;
    }
    if (survey->n_entries > c + 1) {
        return SIL_FOUND_AHEAD;
    }
    if (is_damaged(survey)) {
        return SIL_FOUND_GARBAGE;
    }
    if (m == 0) {
        return SIL_FOUND_EMPTY;
    }
    return m == c ? SIL_FOUND_FINE : SIL_FOUND_UNCOVERED;
}

sil_status sil_survey_take(struct sil_survey *out, struct sil_store *store,
                           const struct sil_fs *fs, const char *state,
                           const struct sil_survey_hints *hints, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t *number = NULL;
    size_t n = 0;
    *out = (struct sil_survey){.has_chain = true};
    sil_chain_init(&out->chain);
    /* Checkpoints are listed first: a reader without the lock then sees at least the
     * entries that they cover. */
    SIL_TRY(sil_store_numbers(&number, &n, store, SIL_STORE_CHECKPOINT, err));
    SIL_TRY(read_entries(out, store, err));
    SIL_TRY(apply_entries(out, hints->expected, err));
    SIL_TRY(sil_survey_checkpoints(out, store, number, n, err));
    SIL_TRY(read_watermark(out, fs, state, hints->expected, err));
    sil_survey_find_fork(out, hints->observed);
    out->covered = count_covered(out);
    uint64_t known = out->watermark.size;
    if (hints->observed != NULL && hints->observed->size > known) {
        known = hints->observed->size;
    }
    out->finding = classify(out, known);

cleanup:
    free(number);
    return status;
}

/* ---- what to say ---- */

/* F1 and F2: not an entry at all. The rest: an entry, but not the one that was there. */
static sil_status refuse_entry(const struct sil_survey *survey, const char *what,
                               struct sil_error *err)
{
    char id[16];
    sil_refusal_id(id, &survey->refusal);
    if (survey->chain.tree.size == 0 && strcmp(id, "F6") == 0) {
        /* Another ledger than the one that was asked for, and perhaps a sound one. */
        return sil_fail(err, SIL_ERR_CHECK, "%s", survey->refusal.text);
    }
    bool is_form = strcmp(id, "F1") == 0 || strcmp(id, "F2") == 0;
    return sil_refuse_ledger(err, is_form ? "E-CORRUPT" : "E-TAMPER",
                             "entry %" PRIu64 " %s: %s", survey->chain.tree.size, what,
                             survey->refusal.text);
}

static sil_status refuse_rollback(const struct sil_survey *survey,
                                  struct sil_error *err)
{
    const uint64_t c = survey->covered;
    switch ((int)survey->finding) {
    case SIL_FOUND_BEHIND:
        return sil_refuse_ledger(err, "E-ROLLBACK",
                                 "the ledger is valid up to checkpoint %" PRIu64
                                 ", and was seen with a later "
                                 "one: it was set back or checkpoint %" PRIu64
                                 " was changed; restore it",
                                 c, c + 1);
    case SIL_FOUND_UNSIGNED:
        return sil_refuse_ledger(err, "E-ROLLBACK",
                                 "checkpoint %" PRIu64
                                 " is missing, or is not one that "
                                 "a log key of the ledger signed; restore it, or see "
                                 "`ledger recover`",
                                 c + 1);
    default:
        return sil_refuse_ledger(err, "E-ROLLBACK",
                                 "there are %zu entries and only %" PRIu64
                                 " checkpoints: checkpoints were lost or removed; "
                                 "restore them, or see `ledger recover`",
                                 survey->n_entries, c);
    }
}

static sil_status refuse_gap(const struct sil_survey *survey, struct sil_error *err)
{
    return sil_refuse_ledger(
        err, "E-CORRUPT",
        "entry %zu is missing and entry %" PRIu64 " exists: restore it",
        survey->n_entries, survey->entry_number[survey->n_entries]);
}

sil_status sil_survey_judge(const struct sil_survey *survey, struct sil_error *err)
{
    switch (survey->finding) {
    case SIL_FOUND_FINE:
    case SIL_FOUND_UNCOVERED: return SIL_OK;
    case SIL_FOUND_UNSUPPORTED:
        return sil_fail(err, SIL_ERR_UNSUPPORTED, "%s", survey->refusal.text);
    case SIL_FOUND_FORK:
        return sil_refuse_ledger(err, "E-FORK",
                                 "a checkpoint of size %" PRIu64
                                 " was signed over other "
                                 "entries than these: two histories exist; keep both "
                                 "and ask who made them",
                                 survey->fork);
    case SIL_FOUND_GAP: return refuse_gap(survey, err);
    case SIL_FOUND_DAMAGED:
        return refuse_entry(survey, "is not what was acknowledged", err);
    case SIL_FOUND_LOST:
        return sil_refuse_ledger(err, "E-LOST",
                                 "%" PRIu64
                                 " entries were acknowledged and entry %" PRIu64
                                 " is not there: restore it",
                                 survey->covered, survey->chain.tree.size);
    case SIL_FOUND_GARBAGE:
        return refuse_entry(survey,
                            "was never acknowledged and cannot be used (`ledger "
                            "recover` sets it aside)",
                            err);
    case SIL_FOUND_EMPTY:
        return sil_fail(err, SIL_ERR_INPUT,
                        "the ledger has no entry: its founding was not finished; "
                        "found it again");
    case SIL_FOUND_BEHIND:
    case SIL_FOUND_UNSIGNED:
    case SIL_FOUND_AHEAD: break;
    }
    return refuse_rollback(survey, err);
}
