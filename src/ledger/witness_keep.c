// SPDX-License-Identifier: Apache-2.0
/* Where the owner of a ledger keeps what witnesses sent back: cosigned/N. */
#include "base/fail.h"
#include "ledger/ledger_internal.h"
#include "ledger/refuse.h"
#include "ledger/text_lines.h"
#include "ledger/witness.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static sil_status has_number(bool *out, struct sil_store *store, uint64_t number,
                             struct sil_error *err)
{
    uint64_t *numbers = NULL;
    size_t n = 0;
    sil_status status = sil_store_numbers(&numbers, &n, store, SIL_STORE_COSIGNED, err);
    *out = false;
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        *out = *out || numbers[i] == number;
    }
    free(numbers);
    return status;
}

/* Is the line there already, byte for byte? */
static bool has_line(const struct sil_bytes *note, const struct sil_text *line)
{
    struct sil_text rest = {(const char *)note->data, note->length};
    struct sil_text other;
    while (sil_text_line(&other, &rest)) {
        if (other.length == line->length &&
            memcmp(other.at, line->at, line->length) == 0) {
            return true;
        }
    }
    return false;
}

/* The note with this one line more must verify under a witness of the policy. */
static sil_status check_line(const struct sil_text *line, const struct sil_bytes *base,
                             const struct sil_policy *policy, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes note = {0};
    struct sil_note parsed;
    bool is_good = false;

    SIL_TRY(sil_bytes_append(&note, base->data, base->length, err));
    SIL_TRY(sil_bytes_append(&note, line->at, line->length, err));
    SIL_TRY(sil_bytes_append(&note, "\n", 1, err));
    SIL_TRY(sil_note_parse(&parsed, (const char *)note.data, note.length, err));
    for (size_t i = 0; i < sil_policy_n_witnesses(policy); i++) {
        is_good = is_good || sil_note_verify(&parsed, sil_policy_witness(policy, i),
                                             NULL) == SIL_NOTE_GOOD;
    }
    if (!is_good) {
        status =
            sil_refuse_ledger(err, "W1",
                              "no witness of the policy made this cosignature "
                              "over a checkpoint of this ledger; nothing was kept");
    }
cleanup:
    sil_bytes_clear(&note);
    return status;
}

static sil_status add_lines(struct sil_bytes *note, const struct sil_bytes *checkpoint,
                            const struct sil_policy *policy, struct sil_text lines,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_text line;
    while (sil_text_line(&line, &lines)) {
        SIL_TRY(check_line(&line, checkpoint, policy, err));
        if (!has_line(note, &line)) {
            SIL_TRY(sil_bytes_append(note, line.at, line.length, err));
            SIL_TRY(sil_bytes_append(note, "\n", 1, err));
        }
    }
    if (lines.length > 0) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the last cosignature does not end with a newline");
    }
cleanup:
    return status;
}

sil_status sil_witness_keep(struct sil_ledger *ledger, const struct sil_policy *policy,
                            const char *lines, size_t length, uint64_t size,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes checkpoint = {0};
    struct sil_bytes note = {0};
    bool is_there = false;

    SIL_TRY(sil_ledger_check_writable(ledger, err));
    SIL_TRY(sil_store_lock(ledger->store, ledger->place.lock_seconds, err));
    SIL_TRY(
        sil_store_read(&checkpoint, ledger->store, SIL_STORE_CHECKPOINT, size, err));
    SIL_TRY(has_number(&is_there, ledger->store, size, err));
    SIL_TRY(is_there
                ? sil_store_read(&note, ledger->store, SIL_STORE_COSIGNED, size, err)
                : sil_bytes_append(&note, checkpoint.data, checkpoint.length, err));
    SIL_TRY(
        add_lines(&note, &checkpoint, policy, (struct sil_text){lines, length}, err));
    SIL_TRY(is_there
                ? sil_store_rewrite(ledger->store, SIL_STORE_COSIGNED, size, &note, err)
                : sil_store_publish(&is_there, ledger->store, SIL_STORE_COSIGNED, size,
                                    &note, err));
cleanup:
    sil_store_unlock(ledger->store);
    sil_bytes_clear(&checkpoint);
    sil_bytes_clear(&note);
    return status;
}

/* Witnesses sign what the log signed: the file is the checkpoint and lines behind it. */
static sil_status check_base(const struct sil_bytes *note, uint64_t size,
                             const struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes checkpoint = {0};
    SIL_TRY(
        sil_store_read(&checkpoint, ledger->store, SIL_STORE_CHECKPOINT, size, err));
    if (note->length < checkpoint.length ||
        memcmp(note->data, checkpoint.data, checkpoint.length) != 0) {
        status = sil_refuse_ledger(err, "E-FORK",
                                   "cosigned/%" PRIu64 " is not checkpoints/%" PRIu64
                                   " with cosignatures: witnesses saw another history",
                                   size, size);
    }
cleanup:
    sil_bytes_clear(&checkpoint);
    return status;
}

sil_status sil_witness_newest(struct sil_bytes *out, uint64_t *size,
                              const struct sil_ledger *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes note = {0};
    uint64_t *numbers = NULL;
    size_t n = 0;
    uint64_t whole = sil_ledger_chain(ledger)->tree.size;
    *size = 0;
    SIL_TRY(sil_store_numbers(&numbers, &n, ledger->store, SIL_STORE_COSIGNED, err));
    for (size_t i = 0; i < n; i++) {
        *size = numbers[i] <= whole ? numbers[i] : *size;
    }
    if (*size > 0) {
        SIL_TRY(sil_store_read(&note, ledger->store, SIL_STORE_COSIGNED, *size, err));
        SIL_TRY(check_base(&note, *size, ledger, err));
        SIL_TRY(sil_bytes_append(out, note.data, note.length, err));
    }
cleanup:
    sil_bytes_clear(&note);
    free(numbers);
    return status;
}
