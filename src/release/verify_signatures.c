// SPDX-License-Identifier: Apache-2.0
/* R3, R4, R5, L3: what stock tools check as well, and the files that they need for it. */
#include "base/fail.h"
#include "crypto/minisign.h"
#include "ledger/checkpoint.h"
#include "ledger/refuse.h"
#include "ledger/survey.h"
#include "release/comment.h"
#include "release/envelope.h"
#include "release/key_files.h"
#include "release/names.h"
#include "release/verify.h"

#include <inttypes.h>
#include <string.h>

/* ---- the release key ---- */

static sil_status refuse_key(const struct sil_verify *verify, const struct sil_id *id,
                             struct sil_error *err)
{
    const struct sil_chain *chain = &verify->chain;
    for (size_t i = 0; i < chain->n_keys; i++) {
        const struct sil_chain_key *key = &chain->key[i];
        if (!sil_id_equal(&key->key.id, id)) {
            continue;
        }
        if (key->key.role != SIL_ROLE_RELEASE) {
            return sil_refuse_ledger(
                err, "R4", "%s is a key of the role %s, not of release",
                SIL_BUNDLE_RELEASE_KEY, sil_role_name(key->key.role));
        }
        return sil_refuse(err, "R4", verify->entry.seq,
                          "%s was %s when the release was entered",
                          SIL_BUNDLE_RELEASE_KEY,
                          verify->entry.seq < key->from ? "not a key yet" : "revoked");
    }
    return sil_refuse_ledger(err, "R4", "%s is no key of this ledger",
                             SIL_BUNDLE_RELEASE_KEY);
}

static sil_status find_key(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_bytes *text =
        &sil_verify_file(verify, SIL_BUNDLE_RELEASE_KEY)->bytes;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    struct sil_id id;
    SIL_TRY(sil_minisign_parse_public(public_key, keynum, (const char *)text->data,
                                      text->length, err));
    sil_key_id(id.bytes, public_key);
    verify->key =
        sil_chain_live_key(&verify->chain, &id, SIL_ROLE_RELEASE, verify->entry.seq);
    if (verify->key == NULL) {
        status = refuse_key(verify, &id, err);
    }
cleanup:
    return status == SIL_ERR_INPUT
               ? sil_fail_within(err, status, "%s", SIL_BUNDLE_RELEASE_KEY)
               : status;
}

/* What rests on the key fails as the key does. */
static sil_status need_key(const struct sil_verify *verify, struct sil_error *err)
{
    *err = verify->key_error;
    return verify->key_status;
}

/* ---- R3 ---- */

static sil_status judge_envelope(const struct sil_verify *verify,
                                 const struct sil_envelope *envelope,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_bytes *statement =
        &sil_verify_file(verify, SIL_BUNDLE_STATEMENT)->bytes;
    const struct sil_ledger_key *key = &verify->key->key;
    bool holds = false;
    if (envelope->statement.length != statement->length ||
        memcmp(envelope->statement.data, statement->data, statement->length) != 0) {
        return sil_refuse_ledger(err, "R3", "%s holds another statement than %s",
                                 SIL_BUNDLE_ENVELOPE, SIL_BUNDLE_STATEMENT);
    }
    SIL_TRY(sil_envelope_verify(&holds, envelope, key->public_key, err));
    if (!holds || !sil_id_equal(&envelope->key, &key->id)) {
        status = sil_refuse_ledger(err, "R3", "%s is not signed by the release key",
                                   SIL_BUNDLE_ENVELOPE);
    }
cleanup:
    return status;
}

static sil_status check_envelope(const struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_envelope envelope = {.statement = {0}};
    const struct sil_bytes *text = &sil_verify_file(verify, SIL_BUNDLE_ENVELOPE)->bytes;
    SIL_TRY(need_key(verify, err));
    status = sil_envelope_parse(&envelope, (const char *)text->data, text->length, err);
    if (status == SIL_ERR_INPUT) {
        status = sil_fail_within(err, status, "[R3] %s", SIL_BUNDLE_ENVELOPE);
    }
    SIL_TRY(status);
    SIL_TRY(judge_envelope(verify, &envelope, err));
cleanup:
    sil_envelope_clear(&envelope);
    return status;
}

/* ---- R4 ---- */

/* Not only what is signed: nobody may add words to the line that is not. */
static sil_status check_as_written(const struct sil_minisig *signature,
                                   const struct sil_bytes *text, const char *name,
                                   struct sil_error *err)
{
    struct sil_bytes again = {0};
    sil_status status =
        sil_minisig_print(&again, signature, SIL_SIGNATURE_COMMENT, err);
    if (status == SIL_OK && (again.length != text->length ||
                             memcmp(again.data, text->data, again.length) != 0)) {
        status = sil_refuse_ledger(err, "R4",
                                   "%s is not as release writes it: its untrusted "
                                   "comment is another",
                                   name);
    }
    sil_bytes_clear(&again);
    return status;
}

static sil_status check_signature(const struct sil_verify *verify, const char *name,
                                  const uint8_t blake512[SIL_BLAKE512_BYTES],
                                  struct sil_error *err)
{
    const struct sil_bytes *text = &sil_verify_file(verify, name)->bytes;
    const struct sil_ledger_key *key = &verify->key->key;
    struct sil_minisig signature;
    char comment[SIL_COMMENT_MAX + 1];
    sil_status status =
        sil_minisig_parse(&signature, (const char *)text->data, text->length, err);
    if (status != SIL_OK) {
        return sil_fail_within(err, status, "[R4] %s", name);
    }
    if (memcmp(signature.keynum, key->keynum, sizeof signature.keynum) != 0 ||
        !sil_minisig_verify_hashed(&signature, key->public_key, blake512)) {
        return sil_refuse_ledger(err, "R4", "%s is not a signature of the release key",
                                 name);
    }
    sil_release_comment(comment, &verify->chain.ledger, verify->entry.seq,
                        &verify->entry.prev_root);
    if (strcmp(comment, signature.comment) != 0) {
        return sil_refuse_ledger(err, "R4",
                                 "%s was made for another entry: its trusted "
                                 "comment is not '%s'",
                                 name, comment);
    }
    return check_as_written(&signature, text, name, err);
}

static sil_status check_signatures(const struct sil_verify *verify,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_bytes *statement =
        &sil_verify_file(verify, SIL_BUNDLE_STATEMENT)->bytes;
    struct sil_stream *stream = NULL;
    struct sil_stream_digests digests;
    SIL_TRY(need_key(verify, err));
    SIL_TRY(sil_stream_new(&stream, err));
    sil_stream_add(stream, statement->data, statement->length);
    sil_stream_finish(&digests, stream);
    SIL_TRY(
        check_signature(verify, SIL_BUNDLE_STATEMENT_SIGNATURE, digests.blake512, err));
    SIL_TRY(
        check_signature(verify, SIL_BUNDLE_DATA_SIGNATURE, verify->data.blake512, err));
cleanup:
    sil_stream_free(stream);
    return status;
}

/* ---- R5 ---- */

static sil_status refuse_proof(struct sil_error *err, const char *what)
{
    return sil_refuse_ledger(err, "R5", "%s: %s", SIL_BUNDLE_PROOF, what);
}

/* The checkpoint in a proof, whatever its size, must be of this very ledger. */
static sil_status check_note(struct sil_checkpoint *out,
                             const struct sil_tlog_proof *proof,
                             const struct sil_chain *chain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes note = {0};
    struct sil_root root;
    SIL_TRY(sil_bytes_append(&note, proof->checkpoint, proof->checkpoint_length, err));
    SIL_TRY(sil_checkpoint_read(out, &note, SIL_BUNDLE_PROOF, err));
    if (out->size > chain->tree.size ||
        !sil_cosigned_is_good(out, &note, out->size, chain)) {
        status = refuse_proof(err, "its checkpoint is not one of this ledger");
        goto cleanup;
    }
    sil_merkle_root_at(&root, &chain->tree, out->size);
    if (memcmp(&root, &out->root, sizeof root) != 0) {
        status = refuse_proof(err, "its checkpoint was signed over other entries");
    }
cleanup:
    sil_bytes_clear(&note);
    return status;
}

static sil_status check_proof(const struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_bytes *text = &sil_verify_file(verify, SIL_BUNDLE_PROOF)->bytes;
    const struct sil_chain *chain = &verify->chain;
    struct sil_tlog_proof proof;
    struct sil_checkpoint checkpoint;
    struct sil_bytes again = {0};
    status = sil_tlog_proof_parse(&proof, (const char *)text->data, text->length, err);
    if (status == SIL_ERR_INPUT) {
        status = refuse_proof(err, "not a proof of inclusion");
    }
    SIL_TRY(status);
    SIL_TRY(check_note(&checkpoint, &proof, chain, err));
    if (proof.index != verify->entry.seq ||
        !sil_merkle_verify_inclusion(&proof.path, &chain->tree.leaf[verify->entry.seq],
                                     proof.index, checkpoint.size, &checkpoint.root)) {
        status = refuse_proof(err, "it does not prove that the entry is there");
        goto cleanup;
    }
    SIL_TRY(sil_tlog_proof_print(&again, &proof, err));
    if (again.length != text->length ||
        memcmp(again.data, text->data, again.length) != 0) {
        status = refuse_proof(err, "there is more in it than a proof");
    }
cleanup:
    sil_bytes_clear(&again);
    return status;
}

/* ---- L3 ---- */

static sil_status compare_file(void *context, const char *name, const void *data,
                               size_t length, struct sil_error *err)
{
    const struct sil_verify *verify = context;
    for (size_t i = 0; i < verify->n_files; i++) {
        struct sil_verify_file *file = &verify->file[i];
        if (strcmp(file->file->name, name) == 0) {
            file->is_due = true;
            return sil_verify_same(file, data, length, err);
        }
    }
    return sil_fail(err, SIL_ERR_CHECK, "%s is missing", name);
}

static bool is_fixed(const char *name)
{
    const char *fixed;
    for (size_t i = 0; (fixed = sil_bundle_fixed_name(i)) != NULL; i++) {
        if (strcmp(fixed, name) == 0) {
            return true;
        }
    }
    return false;
}

static sil_status check_export(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(need_key(verify, err));
    SIL_TRY(
        sil_key_files(&verify->chain, &verify->key->key.id, compare_file, verify, err));
    SIL_TRY(sil_export_tiles(verify->exported.entry, verify->exported.n, compare_file,
                             verify, err));
    for (size_t i = 0; i < verify->n_files; i++) {
        const struct sil_verify_file *file = &verify->file[i];
        if (!file->is_due && !is_fixed(file->file->name)) {
            return sil_fail(err, SIL_ERR_CHECK,
                            "%s does not belong in a bundle of this ledger",
                            file->file->name);
        }
    }
cleanup:
    return status;
}

sil_status sil_verify_signatures(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_verification *out = verify->out;
    if (!out->has_entry) {
        goto cleanup;
    }
    verify->key_status = find_key(verify, &verify->key_error);
    SIL_TRY(sil_verify_judge(out, SIL_STEP_ENVELOPE, check_envelope(verify, err), err));
    SIL_TRY(
        sil_verify_judge(out, SIL_STEP_SIGNATURES, check_signatures(verify, err), err));
    SIL_TRY(sil_verify_judge(out, SIL_STEP_PROOF, check_proof(verify, err), err));
    SIL_TRY(sil_verify_judge(out, SIL_STEP_EXPORT, check_export(verify, err), err));
cleanup:
    return status;
}
