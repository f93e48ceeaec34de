// SPDX-License-Identifier: Apache-2.0
/* R6, N1, R1, R2: what the ledger says of this release, and of what. */
#include "base/fail.h"
#include "ledger/refuse.h"
#include "release/names.h"
#include "release/verify.h"

#include <inttypes.h>
#include <string.h>

static sil_status parse_at(struct sil_entry *out, const struct sil_verify *verify,
                           uint64_t seq, struct sil_error *err)
{
    const struct sil_bytes *bytes = &verify->exported.entry[seq];
    return sil_entry_parse(out, bytes->data, bytes->length, seq, err);
}

/* ---- R6 ---- */

/* The entry that has the statement's hash is the one, whatever the statement says; only a
 * statement that has none is looked up by the id that it names. */
static bool is_meant(const struct sil_verify *verify, const struct sil_entry *entry,
                     bool by_hash)
{
    if (by_hash) {
        return memcmp(entry->body.release.statement_sha256,
                      sil_verify_file(verify, SIL_BUNDLE_STATEMENT)->sha256,
                      SIL_HASH_BYTES) == 0;
    }
    return verify->statement_status == SIL_OK &&
           sil_id_equal(&entry->body.id, &verify->statement.release);
}

static sil_status find_entry(struct sil_verify *verify, bool by_hash,
                             struct sil_error *err)
{
    const struct sil_chain *chain = &verify->chain;
    for (size_t i = 0; i < chain->n_releases; i++) {
        struct sil_entry entry = {0};
        sil_status status = parse_at(&entry, verify, chain->release[i].seq, err);
        if (status == SIL_OK && is_meant(verify, &entry, by_hash)) {
            verify->entry = entry;
            verify->out->has_entry = true;
            verify->out->entry = entry.seq;
            sil_id_print(verify->out->release, &entry.body.id);
            return SIL_OK;
        }
        sil_entry_clear(&entry);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

static sil_status check_entry(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(find_entry(verify, true, err));
    if (!verify->out->has_entry) {
        SIL_TRY(find_entry(verify, false, err));
    }
    if (!verify->out->has_entry) {
        return sil_refuse_ledger(err, "R6",
                                 "the ledger has no entry of a release with this "
                                 "statement.json");
    }
    if (verify->statement_status != SIL_OK) {
        goto cleanup;
    }
    if (!sil_id_equal(&verify->entry.body.id, &verify->statement.release)) {
        status = sil_refuse(err, "R6", verify->entry.seq,
                            "statement.json is about another release");
    } else if (verify->entry.seq != verify->statement.size) {
        /* Were fewer allowed, runs in between could be left out of the cumulative claim. */
        status = sil_refuse(err, "R6", verify->entry.seq,
                            "statement.json is about %" PRIu64
                            " entries, and not about all before this one",
                            verify->statement.size);
    }
cleanup:
    return status;
}

/* ---- N1 ---- */

static bool is_withdrawn(const struct sil_verify *verify)
{
    const struct sil_chain *chain = &verify->chain;
    for (size_t i = 0; i < chain->n_releases; i++) {
        if (chain->release[i].seq == verify->entry.seq) {
            return chain->release[i].withdrawn;
        }
    }
    return false;
}

/* The notice, which is behind the release. */
static sil_status find_notice(struct sil_verify *verify, struct sil_error *err)
{
    for (uint64_t seq = verify->entry.seq + 1; seq < verify->exported.n; seq++) {
        struct sil_entry entry = {0};
        sil_status status = parse_at(&entry, verify, seq, err);
        if (status == SIL_OK && entry.type == SIL_ENTRY_NOTICE &&
            sil_id_equal(&entry.body.notice.release, &verify->entry.body.id)) {
            verify->out->withdrawn = strdup(entry.body.notice.reason);
            status = sil_refuse(err, "N1", seq, "the release is WITHDRAWN: %s",
                                entry.body.notice.reason);
        }
        sil_entry_clear(&entry);
        if (status != SIL_OK) {
            return status;
        }
    }
    return sil_refuse_ledger(err, "N1", "the release is WITHDRAWN");
}

/* ---- R1 ---- */

static const uint8_t *digest_of(const struct sil_verify *verify,
                                enum sil_artifact_kind kind)
{
    return kind == SIL_ARTIFACT_DATA
               ? verify->data.sha256
               : sil_verify_file(verify, sil_artifact_name(kind))->sha256;
}

static sil_status check_artifacts(const struct sil_verify *verify,
                                  struct sil_error *err)
{
    const struct sil_release_entry *release = &verify->entry.body.release;
    if (release->n_artifacts != SIL_N_ARTIFACTS) {
        return sil_refuse(err, "R1", verify->entry.seq,
                          "it names %zu files, a bundle has %d", release->n_artifacts,
                          SIL_N_ARTIFACTS);
    }
    for (int kind = 0; kind < SIL_N_ARTIFACTS; kind++) {
        const struct sil_artifact *artifact = &release->artifacts[kind];
        const char *name = sil_artifact_name((enum sil_artifact_kind)kind);
        if (strcmp(artifact->name, name) != 0) {
            return sil_refuse(err, "R1", verify->entry.seq, "it does not name %s",
                              name);
        }
        if (memcmp(artifact->sha256, digest_of(verify, (enum sil_artifact_kind)kind),
                   SIL_HASH_BYTES) != 0) {
            return sil_refuse(err, "R1", verify->entry.seq,
                              "%s is not the file that was released", name);
        }
    }
    return SIL_OK;
}

/* ---- R2 ---- */

static sil_status check_statement(struct sil_verify *verify, struct sil_error *err)
{
    const struct sil_statement *statement = &verify->statement;
    if (!is_meant(verify, &verify->entry, true)) {
        return sil_refuse(err, "R2", verify->entry.seq,
                          "statement.json is not the statement that was released");
    }
    if (verify->statement_status != SIL_OK) {
        *err = verify->statement_error;
        return verify->statement_status;
    }
    if (!sil_id_equal(&statement->ledger, &verify->chain.ledger)) {
        return sil_refuse_ledger(err, "R2", "statement.json is about another ledger");
    }
    for (int kind = 0; kind < SIL_N_ARTIFACTS; kind++) {
        if (memcmp(statement->digests.of[kind].sha256,
                   digest_of(verify, (enum sil_artifact_kind)kind),
                   SIL_HASH_BYTES) != 0) {
            return sil_refuse_ledger(err, "R2", "statement.json is about another %s",
                                     sil_artifact_name((enum sil_artifact_kind)kind));
        }
    }
    return SIL_OK;
}

static void read_statement(struct sil_verify *verify)
{
    const struct sil_bytes *text =
        &sil_verify_file(verify, SIL_BUNDLE_STATEMENT)->bytes;
    verify->statement_status =
        sil_statement_parse(&verify->statement, (const char *)text->data, text->length,
                            &verify->statement_error);
}

sil_status sil_verify_entry(struct sil_verify *verify, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_verification *out = verify->out;
    read_statement(verify);
    if (!sil_verify_holds(out, SIL_STEP_RULES)) {
        goto cleanup;
    }
    SIL_TRY(sil_verify_judge(out, SIL_STEP_ENTRY, check_entry(verify, err), err));
    if (!out->has_entry) {
        goto cleanup;
    }
    SIL_TRY(sil_verify_judge(out, SIL_STEP_WITHDRAWN,
                             is_withdrawn(verify) ? find_notice(verify, err) : SIL_OK,
                             err));
    SIL_TRY(
        sil_verify_judge(out, SIL_STEP_ARTIFACTS, check_artifacts(verify, err), err));
    SIL_TRY(
        sil_verify_judge(out, SIL_STEP_STATEMENT, check_statement(verify, err), err));
cleanup:
    return status;
}
