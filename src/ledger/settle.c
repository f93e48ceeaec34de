// SPDX-License-Identifier: Apache-2.0
/* Verifying what is on disk, and finishing what a crash or a paused process left. */
#include "base/fail.h"
#include "ledger/ledger_internal.h"
#include "ledger/refuse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKS = 100, LOOK_MILLISECONDS = 10 };

void sil_ledger_adopt(struct sil_ledger *ledger, struct sil_survey *survey)
{
    for (size_t i = 0; i < ledger->n_entries; i++) {
        sil_bytes_clear(&ledger->entry[i]);
    }
    free(ledger->entry);
    ledger->entry = survey->entry;
    ledger->n_entries = survey->n_entries;
    ledger->entry_capacity = survey->n_entries;
    survey->entry = NULL;
    survey->n_entries = 0;

    sil_chain_clear(&ledger->chain);
    ledger->chain = survey->chain;
    survey->has_chain = false;

    sil_bytes_clear(&ledger->note);
    ledger->observed = (struct sil_checkpoint){0};
    if (survey->covered > 0) {
        struct sil_found_checkpoint *newest = &survey->checkpoint[survey->covered - 1];
        ledger->note = newest->note;
        ledger->observed = newest->parsed;
        newest->note = (struct sil_bytes){0};
    }
    sil_survey_clear(survey);
}

static sil_status take(struct sil_survey *out, struct sil_ledger *ledger,
                       struct sil_error *err)
{
    const struct sil_survey_hints hints = {
        .expected = ledger->has_expected ? &ledger->expected : NULL,
        .observed = &ledger->observed};
    return sil_survey_take(out, ledger->store, ledger->place.fs, ledger->state, &hints,
                           err);
}

/* Has a checkpoint come or gone since the survey? What it found may then be two states in
 * one, and no verdict. A reader has no lock; a writer's may not hold. */
static sil_status is_stale(bool *stale, const struct sil_survey *survey,
                           struct sil_store *store, struct sil_error *err)
{
    uint64_t *number;
    size_t n;
    sil_status status =
        sil_store_numbers(&number, &n, store, SIL_STORE_CHECKPOINT, err);
    *stale = n != survey->n_checkpoints;
    for (size_t i = 0; i < n && !*stale; i++) {
        *stale = number[i] != survey->checkpoint[i].number;
    }
    free(number);
    return status;
}

sil_status sil_ledger_survey(struct sil_survey *out, struct sil_ledger *ledger,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool stale = true;
    *out = (struct sil_survey){0};
    for (int i = 0; i < LOOKS && stale; i++) {
        if (i > 0) {
            ledger->place.fs->wait(ledger->place.fs->self, LOOK_MILLISECONDS);
        }
        sil_survey_clear(out);
        SIL_TRY(take(out, ledger, err));
        SIL_TRY(is_stale(&stale, out, ledger->store, err));
    }
    if (stale) {
        status = sil_fail(err, SIL_ERR_IO, "%s is written to all the time: try again",
                          ledger->directory);
    }

cleanup:
    return status;
}

/* ---- for a reader ---- */

static sil_status note_what_is_left(struct sil_ledger *ledger,
                                    const struct sil_bytes *head, bool has_head,
                                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (ledger->chain.tree.size > ledger->observed.size) {
        SIL_TRY(
            sil_ledger_add_note(ledger, err,
                                "[F3] entry %" PRIu64 " is not yet covered by a "
                                "checkpoint: a commit is going on, or was cut short "
                                "and will be finished by the next one that writes",
                                ledger->chain.tree.size - 1));
    }
    if (!has_head || head->length != ledger->note.length ||
        memcmp(head->data, ledger->note.data, head->length) != 0) {
        SIL_TRY(sil_ledger_add_note(ledger, err,
                                    "[W2] the file `checkpoint` is not a copy of the "
                                    "newest checkpoint; the next one that writes puts "
                                    "it right"));
    }

cleanup:
    return status;
}

sil_status sil_ledger_look(struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_survey survey;
    struct sil_bytes head = {0};
    bool has_head = false;
    SIL_TRY(sil_ledger_survey(&survey, ledger, err));
    SIL_TRY(sil_survey_judge(&survey, err));
    sil_ledger_adopt(ledger, &survey);
    SIL_TRY(sil_store_head(&head, &has_head, ledger->store, err));
    SIL_TRY(note_what_is_left(ledger, &head, has_head, err));

cleanup:
    sil_bytes_clear(&head);
    sil_survey_clear(&survey);
    return status;
}

/* ---- for a writer ---- */

static bool same_bytes(const struct sil_bytes *a, const struct sil_bytes *b)
{
    return a->length == b->length &&
           (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

/* The checkpoint that is there already was made by somebody who finished this commit for
 * us: the same bytes, or, when two log keys are live, the other key's word for the same
 * root. Anything else is a second history. */
static sil_status take_existing(struct sil_bytes *note, struct sil_ledger *ledger,
                                const struct sil_checkpoint *ours,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes theirs = {0};
    struct sil_checkpoint parsed;
    SIL_TRY(
        sil_store_read(&theirs, ledger->store, SIL_STORE_CHECKPOINT, ours->size, err));
    if (!same_bytes(&theirs, note) &&
        !(sil_checkpoint_is_good(&parsed, &theirs, ours->size, &ledger->chain) &&
          memcmp(&parsed.root, &ours->root, sizeof ours->root) == 0)) {
        status = sil_refuse_ledger(err, "E-FORK",
                                   "checkpoint %" PRIu64 " was published by somebody "
                                   "else over other entries: nothing was spent here",
                                   ours->size);
        goto cleanup;
    }
    sil_bytes_clear(note);
    *note = theirs;
    theirs = (struct sil_bytes){0};

cleanup:
    sil_bytes_clear(&theirs);
    return status;
}

/* Never lowered: another process may have gone on while this one slept. */
static sil_status raise_watermark(const struct sil_ledger *ledger,
                                  const struct sil_bytes *note, uint64_t size,
                                  struct sil_error *err)
{
    const struct sil_fs *fs = ledger->place.fs;
    const uint8_t *id = ledger->chain.ledger.bytes;
    struct sil_bytes bytes = {0};
    struct sil_checkpoint before = {0};
    bool present = false;
    if (ledger->state == NULL) {
        return SIL_OK;
    }
    sil_status status =
        sil_watermark_read(&bytes, &present, fs, ledger->state, id, err);
    if (status == SIL_OK && present) {
        status = sil_checkpoint_read(&before, &bytes, "the watermark", err);
    }
    if (status == SIL_OK && before.size < size) {
        status = sil_watermark_write(fs, ledger->state, id, note, err);
    }
    sil_bytes_clear(&bytes);
    return status;
}

/* Is the log key of this handle one that may sign a checkpoint of this size? */
static bool may_sign(const struct sil_ledger *ledger, uint64_t size)
{
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    struct sil_id id;
    sil_secret_key_public(public_key, ledger->signers.log);
    sil_key_id(id.bytes, public_key);
    for (size_t i = 0; i < ledger->chain.n_keys; i++) {
        const struct sil_chain_key *key = &ledger->chain.key[i];
        if (key->key.role == SIL_ROLE_LOG && sil_id_equal(&key->key.id, &id) &&
            sil_chain_key_covers(key, size)) {
            return true;
        }
    }
    return false;
}

sil_status sil_ledger_check_log(const struct sil_ledger *ledger, uint64_t size,
                                struct sil_error *err)
{
    if (!may_sign(ledger, size)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "checkpoint %" PRIu64 " must be signed by a log key that is "
                        "live then, and the key given is not",
                        size);
    }
    return SIL_OK;
}

sil_status sil_ledger_cover(struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes note = {0};
    struct sil_checkpoint checkpoint = {.size = ledger->chain.tree.size};
    bool existed = false;
    sil_merkle_root(&checkpoint.root, &ledger->chain.tree);
    SIL_TRY(sil_ledger_check_log(ledger, checkpoint.size, err));
    SIL_TRY(sil_chain_origin(checkpoint.origin, &ledger->chain, err));
    SIL_TRY(sil_checkpoint_sign(&note, &checkpoint, ledger->signers.log, err));
    SIL_TRY(sil_store_publish(&existed, ledger->store, SIL_STORE_CHECKPOINT,
                              checkpoint.size, &note, err));
    if (existed) {
        SIL_TRY(take_existing(&note, ledger, &checkpoint, err));
    }
    SIL_TRY(sil_store_set_head(ledger->store, &note, err));
    SIL_TRY(raise_watermark(ledger, &note, checkpoint.size, err));
    /* Nothing below can fail. */
    sil_bytes_clear(&ledger->note);
    ledger->note = note;
    ledger->observed = checkpoint;
    note = (struct sil_bytes){0};

cleanup:
    sil_bytes_clear(&note);
    if (status != SIL_OK) {
        ledger->is_spent = true;
    }
    return status;
}

/* Entry c is published, and whoever published it was cut short. It is charged. Its bytes
 * may be in memory only, and the failure of the fsync that should have told is reported
 * once, to another process: so they are written again. */
static sil_status roll_forward(struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint64_t seq = ledger->chain.tree.size - 1;
    SIL_TRY(sil_ledger_check_log(ledger, seq + 1, err));
    SIL_TRY(sil_store_rewrite(ledger->store, SIL_STORE_ENTRY, seq, &ledger->entry[seq],
                              err));
    SIL_TRY(sil_ledger_cover(ledger, err));
    SIL_TRY(sil_ledger_add_note(ledger, err,
                                "[F3] entry %" PRIu64 " was rolled forward: its commit "
                                "had been cut short; what it charged is spent",
                                seq));

cleanup:
    return status;
}

/* The copy of the newest checkpoint is the last that a commit writes here. When it is
 * stale, a commit may have been cut short behind the link of its checkpoint, and what an
 * fsync then failed to make durable no later one will: it is written again, like entries. */
static sil_status refresh_head(struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes head = {0};
    bool present = false;
    SIL_TRY(sil_store_head(&head, &present, ledger->store, err));
    if (present && same_bytes(&head, &ledger->note)) {
        goto cleanup;
    }
    SIL_TRY(sil_store_rewrite(ledger->store, SIL_STORE_CHECKPOINT,
                              ledger->observed.size, &ledger->note, err));
    SIL_TRY(sil_store_set_head(ledger->store, &ledger->note, err));

cleanup:
    sil_bytes_clear(&head);
    return status;
}

sil_status sil_ledger_settle(struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_survey survey = {0};
    SIL_TRY(sil_store_clean(ledger->store, err));
    SIL_TRY(sil_ledger_survey(&survey, ledger, err));
    SIL_TRY(sil_survey_judge(&survey, err));
    sil_ledger_adopt(ledger, &survey);
    if (ledger->chain.tree.size > ledger->observed.size) {
        SIL_TRY(roll_forward(ledger, err));
    } else {
        SIL_TRY(refresh_head(ledger, err));
    }

cleanup:
    sil_survey_clear(&survey);
    return status;
}
