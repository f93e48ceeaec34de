// SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger.h"

#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"
#include "ledger/ledger_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCK_SECONDS = 30, NOTE_BYTES = 512 };

struct sil_ledger_place sil_ledger_place(const char *directory)
{
    return (struct sil_ledger_place){
        .directory = directory, .fs = &SIL_FS_POSIX, .lock_seconds = LOCK_SECONDS};
}

static sil_status copy_text(char **out, const char *text, struct sil_error *err)
{
    *out = text == NULL ? NULL : strdup(text);
    if (text != NULL && *out == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a path");
    }
    return SIL_OK;
}

sil_status sil_ledger_new(struct sil_ledger **out, const struct sil_ledger_place *place,
                          enum sil_ledger_access access,
                          const struct sil_ledger_signers *signers,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    *out = NULL;
    if (access == SIL_LEDGER_WRITE &&
        (signers == NULL || signers->curator == NULL || signers->log == NULL)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "writing to a ledger needs the curator's and the log's key");
    }
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_alloc(&ledger, 1, sizeof *ledger, "a ledger", err));
    sil_chain_init(&ledger->chain);
    SIL_TRY(copy_text(&ledger->directory, place->directory, err));
    SIL_TRY(copy_text(&ledger->state, place->state, err));
    ledger->place = *place;
    ledger->place.directory = ledger->directory;
    ledger->place.state = ledger->state;
    if (ledger->place.fs == NULL) {
        ledger->place.fs = &SIL_FS_POSIX;
    }
    ledger->access = access;
    if (signers != NULL) {
        ledger->signers = *signers;
    }
    *out = ledger;
    ledger = NULL;

cleanup:
    sil_ledger_close(ledger);
    return status;
}

void sil_ledger_close(struct sil_ledger *ledger)
{
    if (ledger == NULL) {
        return;
    }
    sil_store_close(ledger->store);
    sil_chain_clear(&ledger->chain);
    for (size_t i = 0; i < ledger->n_entries; i++) {
        sil_bytes_clear(&ledger->entry[i]);
    }
    free(ledger->entry);
    sil_bytes_clear(&ledger->note);
    for (size_t i = 0; i < ledger->n_notes; i++) {
        free(ledger->notes[i]);
    }
    free((void *)ledger->notes);
    free(ledger->directory);
    free(ledger->state);
    if (ledger->release != NULL) {
        ledger->release(ledger->owned);
    }
    free(ledger);
}

/* ---- opening ---- */

/* What was true when the ledger was opened and is no failure. */
sil_status sil_ledger_note_standing(struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (sil_store_is_volatile(ledger->store)) {
        SIL_TRY(sil_ledger_add_note(
            ledger, err,
            "[D8] %s is on a file system that may forget what was made durable (tmpfs or "
            "overlay): keep ledgers on a disk",
            ledger->directory));
    }
    if (ledger->state == NULL) {
        SIL_TRY(
            sil_ledger_add_note(ledger, err,
                                "[E-ROLLBACK] no watermark is kept: a ledger that "
                                "is set back to an older copy will not be noticed"));
    }
    if (ledger->chain.thresholds.witness == 0) {
        SIL_TRY(sil_ledger_add_note(ledger, err,
                                    "[W1] no witness is asked for: claims are "
                                    "unwitnessed"));
    }
    if (sil_chain_has_invariant(&ledger->chain, "roles-shared")) {
        SIL_TRY(sil_ledger_add_note(ledger, err,
                                    "[K3] one key may hold several roles "
                                    "(roles-shared): one person can create budget and "
                                    "spend it"));
    }

cleanup:
    return status;
}

/* The keys must be live for the entry that comes next, unless it is the one that will
 * make them so. */
static sil_status check_signers(const struct sil_ledger *ledger, struct sil_error *err)
{
    static const enum sil_role ROLES[] = {SIL_ROLE_CURATOR, SIL_ROLE_LOG};
    const struct sil_secret_key *keys[] = {ledger->signers.curator,
                                           ledger->signers.log};
    for (size_t i = 0; i < 2 && !ledger->signers.are_new; i++) {
        uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
        struct sil_id id;
        sil_secret_key_public(public_key, keys[i]);
        sil_key_id(id.bytes, public_key);
        if (sil_chain_live_key(&ledger->chain, &id, ROLES[i],
                               ledger->chain.tree.size) == NULL) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "the key given as the %s's is not a live %s key of %s",
                            sil_role_name(ROLES[i]), sil_role_name(ROLES[i]),
                            ledger->directory);
        }
    }
    return SIL_OK;
}

static sil_status settle_locked(struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = sil_store_lock(ledger->store, ledger->place.lock_seconds, err);
    if (status == SIL_OK) {
        status = sil_ledger_settle(ledger, err);
        sil_store_unlock(ledger->store);
    }
    return status;
}

sil_status sil_ledger_open_with(struct sil_ledger **out,
                                const struct sil_ledger_place *place,
                                enum sil_ledger_access access,
                                const struct sil_ledger_signers *signers,
                                const struct sil_id *expected, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    *out = NULL;
    SIL_TRY(sil_ledger_new(&ledger, place, access, signers, err));
    SIL_REQUIRE(ledger != NULL);
    if (expected != NULL) {
        ledger->has_expected = true;
        ledger->expected = *expected;
    }
    SIL_TRY(
        access == SIL_LEDGER_WRITE
            ? sil_store_open(&ledger->store, ledger->place.fs, ledger->directory, err)
            : sil_store_open_copy(&ledger->store, ledger->place.fs, ledger->directory,
                                  err));
    if (access == SIL_LEDGER_WRITE) {
        SIL_TRY(settle_locked(ledger, err));
        SIL_TRY(check_signers(ledger, err));
    } else {
        SIL_TRY(sil_ledger_look(ledger, err));
    }
    SIL_TRY(sil_ledger_note_standing(ledger, err));
    *out = ledger;
    ledger = NULL;

cleanup:
    sil_ledger_close(ledger);
    return status;
}

/* ---- keeping ---- */

sil_status sil_ledger_make_room(struct sil_ledger *ledger, struct sil_error *err)
{
    return sil_grow(&ledger->entry, &ledger->entry_capacity, ledger->n_entries + 1,
                    sizeof *ledger->entry, "entries", err);
}

sil_status sil_ledger_add_note(struct sil_ledger *ledger, struct sil_error *err,
                               const char *format, ...)
{
    char text[NOTE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sil_status status = sil_grow(&ledger->notes, &ledger->note_capacity,
                                 ledger->n_notes + 1, sizeof(char *), "notes", err);
    if (status == SIL_OK) {
        status = copy_text(&ledger->notes[ledger->n_notes], text, err);
    }
    if (status == SIL_OK) {
        ledger->n_notes++;
    }
    return status;
}

sil_status sil_ledger_check_writable(const struct sil_ledger *ledger,
                                     struct sil_error *err)
{
    if (ledger->access != SIL_LEDGER_WRITE) {
        return sil_fail(err, SIL_ERR_USAGE, "%s was opened for reading",
                        ledger->directory);
    }
    if (ledger->is_spent) {
        return sil_fail(err, SIL_ERR_IO,
                        "a commit to %s was cut short: it must be opened anew",
                        ledger->directory);
    }
    return SIL_OK;
}

void sil_ledger_own(struct sil_ledger *ledger, void *owned, void (*release)(void *))
{
    SIL_REQUIRE(ledger->release == NULL);
    ledger->owned = owned;
    ledger->release = release;
}

/* ---- looking ---- */

void *sil_ledger_owned(const struct sil_ledger *ledger)
{
    return ledger->owned;
}

const struct sil_chain *sil_ledger_chain(const struct sil_ledger *ledger)
{
    return &ledger->chain;
}

enum sil_neighbours sil_ledger_neighbours(const struct sil_ledger *ledger)
{
    return ledger->chain.genesis.genesis.neighbours;
}

uint64_t sil_ledger_covered(const struct sil_ledger *ledger)
{
    return ledger->observed.size;
}

const struct sil_bytes *sil_ledger_checkpoint_note(const struct sil_ledger *ledger)
{
    return &ledger->note;
}

const struct sil_bytes *sil_ledger_entry(const struct sil_ledger *ledger, uint64_t seq)
{
    return seq < ledger->n_entries ? &ledger->entry[seq] : NULL;
}

const struct sil_ledger_place *sil_ledger_where(const struct sil_ledger *ledger)
{
    return &ledger->place;
}

size_t sil_ledger_n_notes(const struct sil_ledger *ledger)
{
    return ledger->n_notes;
}

const char *sil_ledger_note(const struct sil_ledger *ledger, size_t i)
{
    return i < ledger->n_notes ? ledger->notes[i] : NULL;
}
