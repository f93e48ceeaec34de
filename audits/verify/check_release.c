// SPDX-License-Identifier: Apache-2.0
/* The files of the bundle against the ledger's entry about them. */
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "crypto/minisign.h"
#include "crypto/note.h"

#include <sodium.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char PAYLOAD_TYPE[] = "application/vnd.in-toto+json";

enum { STATEMENT_MAX = 1 << 20, ENVELOPE_MAX = 2 << 20, PROOF_MAX = 65535 };

/* What a release is made of, in the order of its entry; and what else the folder holds. */
static const char *const ARTIFACTS[] = {
    "data.csv",       "schema.json",      "transcript.sil", "datasheet.json",
    "datasheet.html", "datapackage.json", "VERIFY.txt"};
static const char *const OTHERS[] = {"statement.json",     "statement.dsse.json",
                                     "data.csv.minisig",   "statement.json.minisig",
                                     "release.tlog-proof", "ledger/checkpoint"};

enum {
    N_ARTIFACTS = sizeof ARTIFACTS / sizeof ARTIFACTS[0],
    N_OTHERS = sizeof OTHERS / sizeof OTHERS[0]
};

/* ---- the statement, and its release ---- */

static const struct aud_release *find_release(const struct aud_case *item)
{
    const char *wanted = aud_statement_text(item, "predicate/ledger/release");
    for (size_t i = 0; item->has_ledger && i < item->ledger.n_releases; i++) {
        char id[33];
        aud_id_print(id, &item->ledger.release[i].id);
        if (strcmp(id, wanted) == 0) {
            return &item->ledger.release[i];
        }
    }
    return NULL;
}

static sil_status load_statement(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "The statement is the one that the ledger knows";
    uint8_t hash[32];
    sil_status status = aud_folder_read(&item->statement_bytes, &item->folder,
                                        "statement.json", STATEMENT_MAX, err);
    if (status == SIL_OK) {
        status =
            sil_json_parse(&item->statement, (const char *)item->statement_bytes.data,
                           item->statement_bytes.length, "statement.json", err);
    }
    if (aud_is_fault(status)) {
        return status;
    }
    if (status != SIL_OK) {
        aud_find_status(&item->findings, "R2", WHAT, status, err);
        return SIL_OK;
    }
    item->release = find_release(item);
    const struct sil_part part = {item->statement_bytes.data,
                                  item->statement_bytes.length};
    sil_sha256(hash, &part, 1);
    if (item->release == NULL) {
        aud_find(&item->findings, "R6", WHAT, AUD_REFUTED,
                 "the ledger has no release of that id");
        return SIL_OK;
    }
    bool is = memcmp(hash, item->release->statement, sizeof hash) == 0;
    aud_find(&item->findings, "R2", WHAT, is ? AUD_HOLDS : AUD_REFUTED,
             is ? "entry %" PRIu64
                : "entry %" PRIu64 " has another hash of statement.json",
             item->release->seq);
    if (item->release->is_withdrawn) {
        aud_find(&item->findings, "R6", "The release stands", AUD_REFUTED,
                 "a notice in the ledger has withdrawn it");
    }
    return SIL_OK;
}

/* ---- R1: the artifacts ---- */

static bool has_all_artifacts(const struct aud_release *release)
{
    bool has = release->n_artifacts == N_ARTIFACTS;
    for (size_t i = 0; i < N_ARTIFACTS && has; i++) {
        has = strcmp(release->artifact[i].name, ARTIFACTS[i]) == 0;
    }
    return has;
}

static sil_status check_artifacts(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "Every file is the one that the ledger knows";
    const struct aud_release *release = item->release;
    if (!has_all_artifacts(release)) {
        aud_find(&item->findings, "R1", WHAT, AUD_REFUTED,
                 "its entry does not list the %d files of a release", N_ARTIFACTS);
        return SIL_OK;
    }
    for (size_t i = 0; i < release->n_artifacts; i++) {
        uint8_t sha256[32];
        uint8_t blake2b[64];
        const char *name = release->artifact[i].name;
        sil_status status =
            aud_folder_digest(sha256, blake2b, &item->folder, name, err);
        if (aud_is_fault(status)) {
            return status;
        }
        bool is = status == SIL_OK &&
                  memcmp(sha256, release->artifact[i].sha256, sizeof sha256) == 0;
        if (!is) {
            aud_find(&item->findings, "R1", WHAT, AUD_REFUTED, "%s: %s", name,
                     status == SIL_OK ? "another hash" : err->text);
            return SIL_OK;
        }
    }
    aud_find(&item->findings, "R1", WHAT, AUD_HOLDS, "%zu files", release->n_artifacts);
    return SIL_OK;
}

/* ---- R3, R4: signatures of the release key ---- */

/* Every key that could release when the entry was made. */
static bool signed_by_release_key(const struct aud_case *item, const uint8_t *signature,
                                  const void *message, size_t length)
{
    bool is = false;
    for (size_t i = 0; i < item->ledger.n_keys; i++) {
        const struct aud_key *key = &item->ledger.key[i];
        bool counts =
            (key->roles & AUD_RELEASE) != 0 && key->from <= item->release->seq &&
            item->release->seq < key->until && item->release->seq < key->as_of;
        is |= counts && sil_verify(signature, key->public_key, message, length);
    }
    return is;
}

static sil_status envelope_holds(bool *holds, const struct aud_case *item,
                                 const struct sil_bytes *envelope,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *root = NULL;
    const char *type = NULL;
    const char *payload = NULL;
    const char *signature = NULL;
    uint8_t bytes[SIL_SIGNATURE_BYTES];
    struct sil_bytes message = {0};
    struct sil_bytes encoded = {0};
    *holds = false;
    if (sil_json_parse(&root, (const char *)envelope->data, envelope->length, "",
                       NULL) != SIL_OK ||
        json_unpack(root, "{s:s, s:s, s:[{s:s}]}", "payload", &payload, "payloadType",
                    &type, "signatures", "sig", &signature) != 0) {
        goto cleanup;
    }
    SIL_TRY(sil_base64_print(&encoded, item->statement_bytes.data,
                             item->statement_bytes.length, err));
    bool is_same = encoded.length == strlen(payload) &&
                   memcmp(encoded.data, payload, encoded.length) == 0;
    SIL_TRY(sil_bytes_printf(&message, err, "DSSEv1 %zu %s %zu ", strlen(PAYLOAD_TYPE),
                             PAYLOAD_TYPE, item->statement_bytes.length));
    SIL_TRY(sil_bytes_append(&message, item->statement_bytes.data,
                             item->statement_bytes.length, err));
    *holds = is_same && strcmp(type, PAYLOAD_TYPE) == 0 &&
             sil_base64_parse(bytes, sizeof bytes, signature, strlen(signature)) &&
             signed_by_release_key(item, bytes, message.data, message.length);

cleanup:
    sil_bytes_clear(&message);
    sil_bytes_clear(&encoded);
    json_decref(root);
    return status;
}

static sil_status check_envelope(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "The envelope signs this statement";
    struct sil_bytes envelope = {0};
    bool holds = false;
    sil_status status = aud_folder_read(&envelope, &item->folder, "statement.dsse.json",
                                        ENVELOPE_MAX, err);
    if (status == SIL_OK) {
        status = envelope_holds(&holds, item, &envelope, err);
    }
    sil_bytes_clear(&envelope);
    if (aud_is_fault(status)) {
        return status;
    }
    aud_find(&item->findings, "R3", WHAT, holds ? AUD_HOLDS : AUD_REFUTED, "%s",
             holds ? "" : "statement.dsse.json: missing, or not by a release key");
    return SIL_OK;
}

/* The comment must say which entry, and which tree was before it. */
static void wanted_comment(char out[SIL_COMMENT_MAX + 1], const struct aud_case *item)
{
    char id[33];
    char root[65];
    aud_id_print(id, &item->ledger.id);
    sil_hash_hex(root, item->ledger.tree.root[item->release->seq].bytes);
    (void)snprintf(out, SIL_COMMENT_MAX + 1,
                   "silhouette/v1 release ledger=%s entry=%" PRIu64 " root=%s", id,
                   item->release->seq, root);
}

static sil_status check_minisig(struct aud_case *item, const char *name,
                                struct sil_error *err)
{
    char what[96];
    char file[64];
    char comment[SIL_COMMENT_MAX + 1];
    uint8_t sha256[32];
    uint8_t blake2b[64];
    uint8_t global[SIL_SIGNATURE_BYTES + SIL_COMMENT_MAX];
    struct sil_minisig signature;
    struct sil_bytes bytes = {0};
    (void)snprintf(what, sizeof what, "%s is signed for this entry", name);
    (void)snprintf(file, sizeof file, "%s.minisig", name);
    sil_status status =
        aud_folder_read(&bytes, &item->folder, file, SIL_MINISIG_FILE_MAX, err);
    if (status == SIL_OK) {
        status =
            sil_minisig_parse(&signature, (const char *)bytes.data, bytes.length, err);
    }
    sil_bytes_clear(&bytes);
    if (status == SIL_OK) {
        status = aud_folder_digest(sha256, blake2b, &item->folder, name, err);
    }
    if (aud_is_fault(status)) {
        return status;
    }
    if (status != SIL_OK) {
        aud_find(&item->findings, "R4", what, AUD_REFUTED, "%s", err->text);
        return SIL_OK;
    }
    wanted_comment(comment, item);
    size_t n = strlen(signature.comment);
    (void)memcpy(global, signature.signature, SIL_SIGNATURE_BYTES);
    (void)memcpy(global + SIL_SIGNATURE_BYTES, signature.comment, n);
    bool is =
        signed_by_release_key(item, signature.signature, blake2b, sizeof blake2b) &&
        signed_by_release_key(item, signature.global, global, SIL_SIGNATURE_BYTES + n);
    bool says = strcmp(signature.comment, comment) == 0;
    aud_find(&item->findings, "R4", what, is && says ? AUD_HOLDS : AUD_REFUTED, "%s",
             !is     ? "not by a release key that counts"
             : !says ? "its trusted comment names another entry"
                     : "");
    return SIL_OK;
}

/* ---- R5: the proof ---- */

/* "c2sp.org/tlog-proof@v1", "index N", a hash a line, a blank line, the checkpoint. */
static bool proof_holds(const struct aud_case *item, const char *text)
{
    static const char HEAD[] = "c2sp.org/tlog-proof@v1\nindex ";
    struct aud_hash path[64];
    size_t n = 0;
    uint64_t index = 0;
    int used = 0;
    const struct aud_tree *tree = &item->ledger.tree;
    if (strncmp(text, HEAD, sizeof HEAD - 1) != 0) {
        return false;
    }
    text += sizeof HEAD - 1;
    if (sscanf(text, "%" SCNu64 "%n", &index, &used) != 1 || text[used] != '\n') {
        return false;
    }
    for (text += used + 1; text[0] != '\n' && n < 64; text += strcspn(text, "\n") + 1) {
        size_t length = strcspn(text, "\n");
        if (text[length] == '\0' ||
            !sil_base64_parse(path[n++].bytes, AUD_HASH, text, length)) {
            return false;
        }
    }
    bool is_same =
        text[0] == '\n' && strlen(text + 1) == item->checkpoint.length &&
        memcmp(text + 1, item->checkpoint.data, item->checkpoint.length) == 0;
    return is_same && index == item->release->seq &&
           aud_leads_to(&tree->root[tree->size], item->leaf[index], index, tree->size,
                        path, n);
}

static sil_status check_proof(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "The proof leads from the entry to the checkpoint";
    struct sil_bytes bytes = {0};
    sil_status status =
        aud_folder_read(&bytes, &item->folder, "release.tlog-proof", PROOF_MAX, err);
    if (status == SIL_OK) {
        status = sil_bytes_append(&bytes, "", 1, err);
    }
    bool holds = status == SIL_OK &&
                 strlen((const char *)bytes.data) + 1 == bytes.length &&
                 proof_holds(item, (const char *)bytes.data);
    sil_bytes_clear(&bytes);
    if (aud_is_fault(status)) {
        return status;
    }
    aud_find(&item->findings, "R5", WHAT, holds ? AUD_HOLDS : AUD_REFUTED, "%s",
             holds ? ""
                   : "release.tlog-proof: missing, or of another entry or checkpoint");
    return SIL_OK;
}

/* ---- SHA256SUMS: everything that the folder is said to hold ---- */

/* "HEX  NAME": names ascend, so that none comes twice. */
static bool read_sum(char name[256], const char *line)
{
    size_t length = strcspn(line, "\n");
    char before[256];
    (void)strcpy(before, name);
    if (length < 67 || length > 66 + 255 || strncmp(line + 64, "  ", 2) != 0) {
        return false;
    }
    (void)memcpy(name, line + 66, length - 66);
    name[length - 66] = '\0';
    return strcmp(before, name) < 0;
}

static sil_status check_sum(bool *is, const struct aud_case *item, const char *name,
                            const char *line, struct sil_error *err)
{
    uint8_t sha256[32];
    uint8_t blake2b[64];
    char hex[65];
    *is = false;
    sil_status status = aud_folder_digest(sha256, blake2b, &item->folder, name, err);
    if (status == SIL_OK) {
        sil_hash_hex(hex, sha256);
        *is = strncmp(hex, line, 64) == 0;
    }
    return aud_is_fault(status) ? status : SIL_OK;
}

static size_t count_known(const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < N_ARTIFACTS; i++) {
        n += strcmp(name, ARTIFACTS[i]) == 0;
    }
    for (size_t i = 0; i < N_OTHERS; i++) {
        n += strcmp(name, OTHERS[i]) == 0;
    }
    return n;
}

static sil_status check_lines(bool *is, char name[256], size_t *n, size_t *n_known,
                              const struct aud_case *item, const char *line,
                              struct sil_error *err)
{
    *is = true;
    while (*is && line[0] != '\0') {
        *is = read_sum(name, line);
        sil_status status = *is ? check_sum(is, item, name, line, err) : SIL_OK;
        if (status != SIL_OK) {
            return status;
        }
        size_t known = count_known(name);
        *is = *is && (known > 0 || strncmp(name, "keys/", 5) == 0 ||
                      strncmp(name, "ledger/tile/", 12) == 0);
        *n_known += known;
        (*n)++;
        line += strcspn(line, "\n");
        line += line[0] == '\n' ? 1 : 0;
    }
    return SIL_OK;
}

static sil_status check_sums(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "SHA256SUMS agrees with the files of the folder";
    struct sil_bytes sums = {0};
    char name[256] = "";
    size_t n = 0;
    size_t n_known = 0;
    bool is = false;
    sil_status status =
        aud_folder_read(&sums, &item->folder, "SHA256SUMS", STATEMENT_MAX, err);
    if (status == SIL_OK) {
        status = sil_bytes_append(&sums, "", 1, err);
    }
    if (status == SIL_OK && memchr(sums.data, 0, sums.length - 1) == NULL) {
        status =
            check_lines(&is, name, &n, &n_known, item, (const char *)sums.data, err);
    }
    sil_bytes_clear(&sums);
    if (aud_is_fault(status)) {
        return status;
    }
    if (status != SIL_OK) {
        aud_find(&item->findings, "S1", WHAT, AUD_REFUTED, "%s", err->text);
    } else if (!is) {
        aud_find(
            &item->findings, "S1", WHAT, AUD_REFUTED,
            "line %zu (%s): not of a release, not in order, missing, or another hash",
            n, name);
    } else {
        bool has_all = n_known == N_ARTIFACTS + N_OTHERS;
        bool has_more = aud_folder_count(&item->folder) != n + 1;
        aud_find(&item->findings, "S1", WHAT,
                 has_all && !has_more ? AUD_HOLDS : AUD_REFUTED, "%zu files%s", n,
                 !has_all   ? ", and not all that a release has"
                 : has_more ? " are listed, and the folder holds others"
                            : "");
    }
    return SIL_OK;
}

sil_status aud_check_release(struct aud_case *item, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(check_sums(item, err));
    if (!item->has_ledger) {
        return SIL_OK;
    }
    SIL_TRY(load_statement(item, err));
    if (item->release == NULL) {
        return SIL_OK;
    }
    SIL_TRY(check_artifacts(item, err));
    SIL_TRY(check_envelope(item, err));
    SIL_TRY(check_minisig(item, "data.csv", err));
    SIL_TRY(check_minisig(item, "statement.json", err));
    SIL_TRY(check_proof(item, err));

cleanup:
    return status;
}
