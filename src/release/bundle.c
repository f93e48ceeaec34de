// SPDX-License-Identifier: Apache-2.0
#include "release/bundle.h"

#include "base/fail.h"
#include "base/memory.h"
#include "release/bundle_tar.h"
#include "release/comment.h"
#include "release/export.h"
#include "release/key_files.h"
#include "release/names.h"
#include "release/packing.h"
#include "synth/model_object.h"
#include "synth/sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Documents are about the ledger as it was: when another process writes before the entry
 * does, they are made anew. */
enum { ATTEMPTS = 8 };

/* Of a tar file: headers, padding, what proves the entry, and the tiles' hashes. */
enum { TAR_BYTES_MORE = 1 << 20 };

/* ---- the entry ---- */

static sil_status fill_entry(struct sil_body *body, const struct packing *packing,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_release_entry *entry = &body->release;
    body->ledger = packing->record.chain->ledger;
    body->id = packing->record.id;
    SIL_TRY(sil_alloc(&entry->reserves, 1, sizeof *entry->reserves, "an entry", err));
    entry->n_reserves = 1;
    entry->reserves[0] = packing->record.reserve->id;
    SIL_TRY(sil_alloc(&entry->artifacts, SIL_N_ARTIFACTS, sizeof *entry->artifacts,
                      "an entry", err));
    entry->n_artifacts = SIL_N_ARTIFACTS;
    for (int kind = 0; kind < SIL_N_ARTIFACTS; kind++) {
        struct sil_artifact *artifact = &entry->artifacts[kind];
        artifact->name = strdup(sil_artifact_name((enum sil_artifact_kind)kind));
        if (artifact->name == NULL) {
            status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: an entry");
            goto cleanup;
        }
        (void)memcpy(artifact->sha256, packing->digests.of[kind].sha256,
                     sizeof artifact->sha256);
    }
    sil_sha256(entry->statement_sha256,
               &(struct sil_part){packing->statement.data, packing->statement.length},
               1);

cleanup:
    return status;
}

/* From here on the ledger knows of the release: as the entry behind those that the
 * statement is about, or not at all. */
static sil_status append_entry(struct packing *packing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes encoded = {0};
    struct sil_body body;
    sil_body_init(&body, SIL_ENTRY_RELEASE);
    SIL_TRY(fill_entry(&body, packing, err));
    SIL_TRY(sil_body_encode(&encoded, &body, err));
    packing->bundle->seq = packing->record.size;
    SIL_TRY(sil_ledger_append_at(packing->bundle->ledger, &encoded,
                                 packing->bundle->seq, &packing->is_late, err));

cleanup:
    sil_body_clear(&body);
    sil_bytes_clear(&encoded);
    return status;
}

/* ---- what proves the entry ---- */

static sil_status add_signature(struct packing *packing, const char *name,
                                const uint8_t blake512[SIL_BLAKE512_BYTES],
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_chain *chain = sil_ledger_chain(packing->bundle->ledger);
    const uint64_t seq = packing->bundle->seq;
    struct sil_bytes text = {0};
    struct sil_minisig signature;
    struct sil_root root;
    char comment[SIL_COMMENT_MAX + 1];

    sil_merkle_root_at(&root, &chain->tree, seq);
    sil_release_comment(comment, &chain->ledger, seq, &root);
    sil_minisign_hashed(&signature, packing->bundle->key, blake512, comment);
    SIL_TRY(sil_minisig_print(&text, &signature, SIL_SIGNATURE_COMMENT, err));
    SIL_TRY(sil_packing_take(packing, name, text.data, text.length, err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

static sil_status add_signatures(struct packing *packing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_stream_digests digests;
    SIL_TRY(
        add_signature(packing, SIL_BUNDLE_DATA_SIGNATURE, packing->data.blake512, err));
    sil_stream_add(packing->stream, packing->statement.data, packing->statement.length);
    sil_stream_finish(&digests, packing->stream);
    SIL_TRY(
        add_signature(packing, SIL_BUNDLE_STATEMENT_SIGNATURE, digests.blake512, err));

cleanup:
    return status;
}

static sil_status add_proof(struct packing *packing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_ledger *ledger = packing->bundle->ledger;
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    const struct sil_bytes *note = sil_ledger_checkpoint_note(ledger);
    struct sil_bytes text = {0};
    struct sil_tlog_proof proof = {.index = packing->bundle->seq,
                                   .checkpoint = (const char *)note->data,
                                   .checkpoint_length = note->length};
    sil_merkle_prove_inclusion(&proof.path, &chain->tree, proof.index,
                               chain->tree.size);
    SIL_TRY(sil_tlog_proof_print(&text, &proof, err));
    SIL_TRY(sil_packing_take(packing, SIL_BUNDLE_PROOF, text.data, text.length, err));
    SIL_TRY(sil_packing_take(packing, SIL_BUNDLE_CHECKPOINT, note->data, note->length,
                             err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

static sil_status add_ledger(struct packing *packing, struct sil_error *err)
{
    const struct sil_ledger *ledger = packing->bundle->ledger;
    uint64_t size = sil_ledger_chain(ledger)->tree.size;
    return sil_export_tiles(sil_ledger_entry(ledger, 0), size, sil_packing_take,
                            packing, err);
}

static sil_status add_sums(struct packing *packing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    sil_sums_sort(&packing->sums);
    SIL_TRY(sil_sums_print(&text, &packing->sums, err));
    SIL_TRY(
        sil_folder_add(packing->folder, SIL_BUNDLE_SUMS, text.data, text.length, err));
    packing->bundle->n_files++;
    packing->bundle->n_bytes += text.length;

cleanup:
    sil_bytes_clear(&text);
    return status;
}

/* ---- all of it ---- */

/* What the ledger knows the key as, of which it is no live release key. */
static sil_status refuse_key(const struct sil_id *id, const struct sil_bundle *bundle,
                             struct sil_error *err)
{
    const struct sil_chain *chain = sil_ledger_chain(bundle->ledger);
    const char *directory = sil_ledger_where(bundle->ledger)->directory;
    char found[64] = "is not in the ledger";
    for (size_t i = 0; i < chain->n_keys; i++) {
        const struct sil_chain_key *key = &chain->key[i];
        if (!sil_id_equal(&key->key.id, id)) {
            continue;
        }
        if (key->key.role == SIL_ROLE_RELEASE) {
            (void)snprintf(found, sizeof found, "was revoked by entry %" PRIu64,
                           key->revoked_at);
        } else {
            (void)snprintf(found, sizeof found, "is there for the role %s",
                           sil_role_name(key->key.role));
        }
    }
    return sil_fail(
        err, SIL_ERR_USAGE,
        "the key given is not a live release key of %s: it %s, and the role "
        "release is needed (%s.keys/release.key, if you have not moved it); "
        "to make one: silhouette key new --role release --out KEY, then "
        "silhouette ledger rotate %s --role release --add KEY.pub",
        directory, found, directory, directory);
}

static sil_status find_key(struct sil_id *id, const struct sil_bundle *bundle,
                           struct sil_error *err)
{
    const struct sil_chain *chain = sil_ledger_chain(bundle->ledger);
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    sil_secret_key_public(public_key, bundle->key);
    sil_key_id(id->bytes, public_key);
    return sil_chain_live_key(chain, id, SIL_ROLE_RELEASE, chain->tree.size) != NULL
               ? SIL_OK
               : refuse_key(id, bundle, err);
}

/* Everything that the ledger's entry will cite. */
static sil_status prepare(struct packing *packing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bundle *bundle = packing->bundle;
    struct sil_sample_options options = sil_choices_options(&bundle->choices);
    options.n_threads = bundle->n_threads;
    options.progress = bundle->progress;
    options.report = &bundle->report;
    options.fault = bundle->fault;

    SIL_TRY(
        sil_rows_draw(&packing->rows, &packing->parts, bundle->model, &options, err));
    SIL_TRY(sil_rows_judge(packing->parts, &options, err));
    bundle->choices.n_rows = packing->rows.n_rows;
    sil_id_random(&bundle->id);
    packing->has_record = true;
    SIL_TRY(sil_record_make(&packing->record, bundle->model, &packing->rows,
                            sil_ledger_chain(bundle->ledger), &bundle->id,
                            &bundle->choices, &bundle->report, err));
    SIL_TRY(sil_packing_artifacts(packing, err));
    SIL_TRY(sil_packing_statement(packing, err));

cleanup:
    return status;
}

static sil_status finish(struct packing *packing, const struct sil_id *key,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_chain *chain = sil_ledger_chain(packing->bundle->ledger);
    SIL_TRY(sil_key_files(chain, key, sil_packing_take, packing, err));
    SIL_TRY(add_signatures(packing, err));
    SIL_TRY(add_proof(packing, err));
    SIL_TRY(add_ledger(packing, err));
    SIL_TRY(add_sums(packing, err));
    struct sil_folder *folder = packing->folder;
    if (packing->bundle->is_tar) {
        SIL_TRY(sil_folder_release(folder, SIL_BUNDLE_TAR, err));
        SIL_TRY(sil_bundle_tar(folder, &packing->sums, err));
    }
    packing->folder = NULL;
    SIL_TRY(packing->bundle->is_tar
                ? sil_folder_commit_file(folder, SIL_BUNDLE_TAR, err)
                : sil_folder_commit(folder, err));

cleanup:
    return status;
}

/* A tar file is written when everything else is there, behind the entry: whether there is
 * room for a second time all of it is found out before. */
static sil_status reserve_room(struct packing *packing, struct sil_error *err)
{
    const struct sil_bundle *bundle = packing->bundle;
    const uint64_t size = sil_ledger_chain(bundle->ledger)->tree.size;
    uint64_t bytes = bundle->n_bytes + TAR_BYTES_MORE;
    if (!bundle->is_tar) {
        return SIL_OK;
    }
    for (uint64_t i = 0; i < size; i++) {
        bytes += sil_ledger_entry(bundle->ledger, i)->length;
    }
    return sil_folder_reserve(packing->folder, SIL_BUNDLE_TAR, bytes, err);
}

/* `*is_late`: nothing came of it, and another attempt may do better. */
static sil_status write_once(struct sil_bundle *bundle, bool *is_late,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct packing packing = {.bundle = bundle};
    struct sil_id key;

    bundle->n_files = 0;
    bundle->n_bytes = 0;
    SIL_TRY(sil_model_check_ledger(bundle->model, bundle->ledger, err));
    SIL_TRY(find_key(&key, bundle, err));
    SIL_TRY(sil_folder_open(&packing.folder, bundle->path, err));
    SIL_TRY(sil_stream_new(&packing.stream, err));
    SIL_TRY(prepare(&packing, err));
    SIL_TRY(reserve_room(&packing, err));
    SIL_TRY(sil_folder_claim(packing.folder, err));
    SIL_TRY(append_entry(&packing, err));
    status = finish(&packing, &key, err);
    if (status != SIL_OK) {
        status = sil_fail_within(err, status,
                                 "the release is entry %" PRIu64
                                 " of the ledger, but there is no bundle; "
                                 "running again makes another release, at no cost",
                                 bundle->seq);
    }

cleanup:
    *is_late = packing.is_late;
    sil_packing_clear(&packing);
    return status;
}

sil_status sil_bundle_write(struct sil_bundle *bundle, struct sil_error *err)
{
    bool is_late = true;
    sil_status status = SIL_OK;
    for (int i = 0; i < ATTEMPTS && is_late; i++) {
        status = write_once(bundle, &is_late, err);
    }
    return status;
}
