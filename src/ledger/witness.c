// SPDX-License-Identifier: Apache-2.0
#include "ledger/witness.h"

#include "base/fail.h"
#include "crypto/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/fs_file.h"
#include "ledger/refuse.h"
#include "ledger/store.h"
#include "ledger/text_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char LOCK[] = "witness.lock";

enum { LOCK_TRIES = 300, LOCK_MILLISECONDS = 100, MODE_LOCK = 0600 };

/* ---- the owner's side ---- */

sil_status sil_witness_request(struct sil_bytes *out, const struct sil_ledger *ledger,
                               uint64_t old, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_merkle_proof proof = {0};
    const struct sil_merkle *tree = &sil_ledger_chain(ledger)->tree;
    const struct sil_bytes *note = sil_ledger_checkpoint_note(ledger);
    /* Of the checkpoint, not of the tree: an entry may stand there uncovered. */
    const uint64_t size = sil_ledger_covered(ledger);
    if (old > size) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the witness cannot have seen %" PRIu64
                        " entries: the ledger has checkpoints up to %" PRIu64,
                        old, size);
    }
    if (old > 0) {
        sil_merkle_prove_consistency(&proof, tree, old, size);
    }
    SIL_TRY(sil_bytes_printf(out, err, "old %" PRIu64 "\n", old));
    for (size_t i = 0; i < proof.n; i++) {
        SIL_TRY(sil_base64_print(out, proof.hash[i].bytes, SIL_HASH_BYTES, err));
        SIL_TRY(sil_bytes_append(out, "\n", 1, err));
    }
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));
    SIL_TRY(sil_bytes_append(out, note->data, note->length, err));
cleanup:
    return status;
}

/* ---- the request, taken apart ---- */

struct request {
    uint64_t old;
    struct sil_merkle_proof proof;
    struct sil_text text; ///< the signed note
    struct sil_note note;
    struct sil_checkpoint checkpoint;
};

static sil_status bad_request(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "not a request to cosign: %s", what);
}

static sil_status parse_request(struct request *out, const char *data, size_t length,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_text line;
    out->text = (struct sil_text){data, length};
    if (!sil_text_line(&line, &out->text) || !sil_text_skip(&line, "old ") ||
        !sil_text_number(&out->old, &line)) {
        return bad_request(err, "it does not begin with `old N'");
    }
    out->proof.n = 0;
    for (;;) {
        if (!sil_text_line(&line, &out->text)) {
            return bad_request(err, "it has no checkpoint");
        }
        if (line.length == 0) {
            break;
        }
        if (out->proof.n == 63 ||
            !sil_text_root(&out->proof.hash[out->proof.n++], &line)) {
            return bad_request(err, "a line of the proof is not a hash");
        }
    }
    SIL_TRY(sil_note_parse(&out->note, out->text.at, out->text.length, err));
    status = sil_checkpoint_parse(&out->checkpoint, &out->note, err);
    if (status == SIL_ERR_CHECK) {
        return bad_request(err, "its checkpoint cannot be read");
    }
cleanup:
    return status;
}

static sil_status check_signature(const struct request *request,
                                  const struct sil_policy *logs, struct sil_error *err)
{
    const struct sil_note_key *log = sil_policy_log(logs, request->checkpoint.origin);
    if (log == NULL) {
        return sil_refuse_ledger(err, "404", "%s is not a ledger that is watched here",
                                 request->checkpoint.origin);
    }
    if (sil_note_verify(&request->note, log, NULL) != SIL_NOTE_GOOD) {
        return sil_refuse_ledger(err, "403",
                                 "the checkpoint is not signed by the log of %s",
                                 request->checkpoint.origin);
    }
    return SIL_OK;
}

/* ---- what the witness remembers ---- */

/* One file an origin and witness: several witnesses may share a machine. */
static void state_id(uint8_t id[SIL_ID_BYTES], const char *origin, const char *name)
{
    static const char PREFIX[] = "silhouette/witness/v1\n";
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part parts[] = {
        {PREFIX, sizeof PREFIX - 1},
        {name,   strlen(name)     },
        {"\n",   1                },
        {origin, strlen(origin)   }
    };
    sil_sha256(hash, parts, 4);
    memcpy(id, hash, SIL_ID_BYTES);
}

static sil_status read_last(struct sil_checkpoint *out, const char *state,
                            const uint8_t id[SIL_ID_BYTES], struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    struct sil_note note;
    bool present = false;
    *out = (struct sil_checkpoint){0};
    SIL_TRY(sil_watermark_read(&bytes, &present, &SIL_FS_POSIX, state, id, err));
    if (present) {
        SIL_TRY(sil_note_parse(&note, (const char *)bytes.data, bytes.length, err));
        SIL_TRY(sil_checkpoint_parse(out, &note, err));
    }
cleanup:
    sil_bytes_clear(&bytes);
    return status;
}

/* The order of the checks is that of the protocol: what was seen last decides first. */
static sil_status check_growth(const struct request *request,
                               const struct sil_checkpoint *last, struct sil_error *err)
{
    const struct sil_checkpoint *next = &request->checkpoint;
    if (request->old > next->size) {
        return bad_request(err, "`old' is above the size of its checkpoint");
    }
    if (request->old != last->size) {
        return sil_refuse_ledger(err, "409",
                                 "the last checkpoint seen here has %" PRIu64
                                 " entries, not %" PRIu64
                                 ": ask again with --old=%" PRIu64,
                                 last->size, request->old, last->size);
    }
    bool grows =
        last->size == 0
            ? request->proof.n == 0
            : sil_merkle_verify_consistency(&request->proof, last->size, &last->root,
                                            next->size, &next->root);
    return grows ? SIL_OK
                 : sil_refuse_ledger(err, "422",
                                     "the ledger has not grown from the %" PRIu64
                                     " entries seen here: there are two histories",
                                     last->size);
}

static sil_status lock_state(int *lock, const char *state, struct sil_error *err)
{
    const struct sil_fs *fs = &SIL_FS_POSIX;
    int directory = -1;
    sil_status status = sil_fs_make_path(fs, state, err);
    *lock = -1;
    if (status == SIL_OK) {
        status = sil_fs_enter(&directory, fs, AT_FDCWD, state, state, err);
    }
    if (status != SIL_OK) {
        return status;
    }
    *lock = fs->create_file(fs->self, directory, LOCK, MODE_LOCK);
    if (*lock < 0 && errno == EEXIST) {
        *lock = fs->open_file(fs->self, directory, LOCK, O_RDWR);
    }
    (void)fs->close(fs->self, directory);
    int tries = 0;
    while (*lock >= 0 && fs->lock(fs->self, *lock) != 0) {
        if ((errno != EAGAIN && errno != EACCES) || ++tries == LOCK_TRIES) {
            return sil_fail_errno(err, "cannot lock %s/%s", state, LOCK);
        }
        fs->wait(fs->self, LOCK_MILLISECONDS);
    }
    return *lock >= 0 ? SIL_OK : sil_fail_errno(err, "cannot open %s/%s", state, LOCK);
}

sil_status sil_witness_cosign(struct sil_bytes *out, const char *data, size_t length,
                              const struct sil_policy *logs,
                              const struct sil_note_key *key,
                              const struct sil_secret_key *secret, const char *state,
                              uint64_t now, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct request request;
    struct sil_checkpoint last;
    uint8_t id[SIL_ID_BYTES];
    int lock = -1;

    SIL_TRY(parse_request(&request, data, length, err));
    SIL_TRY(check_signature(&request, logs, err));
    state_id(id, request.checkpoint.origin, key->name);
    SIL_TRY(lock_state(&lock, state, err));
    SIL_TRY(read_last(&last, state, id, err));
    SIL_TRY(check_growth(&request, &last, err));
    /* Remembered before it is said: a witness that forgets could say two things. */
    const struct sil_bytes note = {.data = (uint8_t *)(uintptr_t)request.text.at,
                                   .length = request.text.length};
    SIL_TRY(sil_watermark_write(&SIL_FS_POSIX, state, id, &note, err));
    SIL_TRY(sil_note_sign(out, request.note.text, request.note.length, key, secret, now,
                          err));
cleanup:
    if (lock >= 0) {
        (void)SIL_FS_POSIX.close(SIL_FS_POSIX.self, lock);
    }
    return status;
}
