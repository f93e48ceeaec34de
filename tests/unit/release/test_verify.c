// SPDX-License-Identifier: Apache-2.0
/* Publishers who lie: every signature of these bundles is good, and every digest right, but
 * one thing is not what follows from the rest. Each lie fails the one check that is there
 * for it, or is said to be from a newer program. The functions that a publisher calls are
 * wrapped (see CMakeLists.txt) to lie while he publishes, and honest while we verify. */
#include "../synth/ledger_kit.h"
#include "ledger/keyring.h"
#include "release/bundle.h"
#include "release/comment.h"
#include "release/documents.h"
#include "synth/sample.h"
#include "table/schema.h"

#include "silhouette/release.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

enum lie {
    HONEST,
    SHEET_JSON,
    SHEET_HTML,
    PACKAGE,
    INSTRUCTIONS,
    STATEMENT,
    NEWER_DOCUMENTS,
    OTHER_VALUE,
    MORE_ROWS,
    OTHER_SCHEMA,
    OTHER_ENTRY,
    OTHER_PROOF,
    OTHER_RUN,
    OTHER_STATEMENT_HASH,
    OTHER_ARTIFACT_HASH,
    FEWER_ARTIFACTS,
    OTHER_ID,
    LATER_ENTRY,
    NEWER_TRANSCRIPT,
    NEWER_REPLAY,
    WRONG_ESTIMATE,
    MADE_TO_ORDER, ///< honestly; then in other words than those that the rows are made for
    OTHER_CONDITION,
    OTHER_SHARES,
    NO_CONDITION,
    WRONG_ESTIMATE_OF_ORDER
};

static struct {
    enum lie lie;
    struct sil_id other_run;
    const struct ledger_kit *kit;
} publisher;

/* ---- what a publisher calls ---- */

#define WRAP(type, name, ...)        \
    type __real_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__)

static sil_status lie_in(struct sil_bytes *out, sil_status status, enum lie lie)
{
    return status == SIL_OK && publisher.lie == lie
               ? sil_bytes_append(out, "\n", 1, NULL)
               : status;
}

WRAP(sil_status, sil_datasheet_json, struct sil_bytes *out,
     const struct sil_datasheet *sheet, struct sil_error *err)
{
    return lie_in(out, __real_sil_datasheet_json(out, sheet, err), SHEET_JSON);
}

WRAP(sil_status, sil_datasheet_html, struct sil_bytes *out,
     const struct sil_datasheet *sheet, struct sil_error *err)
{
    return lie_in(out, __real_sil_datasheet_html(out, sheet, err), SHEET_HTML);
}

WRAP(sil_status, sil_datapackage_json, struct sil_bytes *out,
     const struct sil_record *record, const struct sil_digests *digests,
     struct sil_error *err)
{
    return lie_in(out, __real_sil_datapackage_json(out, record, digests, err), PACKAGE);
}

WRAP(sil_status, sil_instructions, struct sil_bytes *out,
     const struct sil_record *record, struct sil_error *err)
{
    return lie_in(out, __real_sil_instructions(out, record, err), INSTRUCTIONS);
}

/* Of the same length, the first of them. */
static void replace(struct sil_bytes *text, const char *old, const char *new)
{
    size_t length = strlen(old);
    for (size_t at = 0; at + length <= text->length; at++) {
        if (memcmp(text->data + at, old, length) == 0) {
            (void)memcpy(text->data + at, new, length);
            return;
        }
    }
    cr_fail("no %s", old);
}

WRAP(sil_status, sil_statement_json, struct sil_bytes *out,
     const struct sil_record *record, const struct sil_digests *digests,
     struct sil_error *err)
{
    sil_status status = __real_sil_statement_json(out, record, digests, err);
    if (publisher.lie == NEWER_DOCUMENTS) {
        replace(out, "\"documents\": 1", "\"documents\": 9");
    }
    if (publisher.lie == OTHER_CONDITION) {
        replace(out, "c0 >= 1", "c0 >= 0");
    }
    if (publisher.lie == OTHER_SHARES) {
        replace(out, "c1=0:0.5", "c1=0:0.6");
    }
    if (publisher.lie == NO_CONDITION) {
        replace(out, "c0 >= 1", "c9 >= 1");
    }
    return lie_in(out, status, STATEMENT);
}

WRAP(sil_status, sil_rows_write, struct sil_output *output,
     const struct sil_codes *codes, const struct sil_parts *parts,
     const struct sil_model *model, const struct sil_sample_options *options,
     struct sil_error *err)
{
    uint32_t code = sil_codes_get(codes, 0, 7);
    struct sil_codes other = *codes; /* the columns are shared, and put right again */
    if (publisher.lie == OTHER_VALUE) {
        sil_codes_set(&other, 0, 7, code == 0 ? 1 : 0);
    }
    sil_status status =
        __real_sil_rows_write(output, codes, parts, model, options, err);
    sil_codes_set(&other, 0, 7, code);
    return status == SIL_OK && publisher.lie == MORE_ROWS
               ? sil_output_write(output, "x\n", 2, err)
               : status;
}

WRAP(void, sil_schema_text, const char **json, size_t *length,
     const struct sil_schema *schema)
{
    static char other[4096];
    __real_sil_schema_text(json, length, schema);
    if (publisher.lie == OTHER_SCHEMA) {
        cr_assert(lt(sz, *length, sizeof other));
        (void)memcpy(other, *json, *length);
        other[(*length)++] = '\n';
        *json = other;
    }
}

WRAP(void, sil_release_comment, char comment[SIL_COMMENT_MAX + 1],
     const struct sil_id *ledger, uint64_t seq, const struct sil_root *root)
{
    __real_sil_release_comment(comment, ledger,
                               publisher.lie == OTHER_ENTRY ? seq - 1 : seq, root);
}

WRAP(void, sil_merkle_prove_inclusion, struct sil_merkle_proof *out,
     const struct sil_merkle *tree, uint64_t index, uint64_t size)
{
    __real_sil_merkle_prove_inclusion(out, tree,
                                      publisher.lie == OTHER_PROOF ? 0 : index, size);
}

WRAP(sil_status, sil_tlog_proof_print, struct sil_bytes *out,
     const struct sil_tlog_proof *proof, struct sil_error *err)
{
    struct sil_tlog_proof other = *proof;
    other.index = publisher.lie == OTHER_PROOF ? 0 : proof->index;
    return __real_sil_tlog_proof_print(out, &other, err);
}

WRAP(sil_status, sil_model_check_ledger, const struct sil_model *model,
     const struct sil_ledger *ledger, struct sil_error *err)
{
    return publisher.lie == HONEST ? __real_sil_model_check_ledger(model, ledger, err)
                                   : SIL_OK;
}

static void lie_in_entry(struct sil_body *body)
{
    struct sil_release_entry *release = &body->release;
    if (publisher.lie == OTHER_RUN) {
        release->reserves[0] = publisher.other_run;
    } else if (publisher.lie == OTHER_STATEMENT_HASH) {
        release->statement_sha256[0] ^= 1;
    } else if (publisher.lie == OTHER_ARTIFACT_HASH) {
        release->artifacts[SIL_ARTIFACT_SHEET_HTML].sha256[31] ^= 1;
    } else if (publisher.lie == FEWER_ARTIFACTS) {
        free(release->artifacts[--release->n_artifacts].name);
    } else if (publisher.lie == OTHER_ID) {
        body->id.bytes[3] ^= 1;
    }
}

WRAP(sil_status, sil_body_encode, struct sil_bytes *out, struct sil_body *body,
     struct sil_error *err)
{
    if (body->type == SIL_ENTRY_RELEASE) {
        lie_in_entry(body);
    }
    return __real_sil_body_encode(out, body, err);
}

/* A run that the statement does not count comes between it and its entry. */
WRAP(sil_status, sil_ledger_append_at, struct sil_ledger *ledger,
     const struct sil_bytes *body, uint64_t size, bool *is_late, struct sil_error *err)
{
    if (publisher.lie != LATER_ENTRY) {
        return __real_sil_ledger_append_at(ledger, body, size, is_late, err);
    }
    *is_late = false;
    sil_model_free(ledger_kit_model(publisher.kit, "0.1"));
    return sil_ledger_append(ledger, body, NULL, 0, NULL, err);
}

/* ---- publishing and verifying ---- */

static void publish(const struct ledger_kit *kit, struct sil_model *model,
                    const char *path, enum lie lie)
{
    struct sil_error err = {{0}};
    const struct sil_secret_key *key = NULL;
    struct sil_bundle bundle = {.ledger = kit->ledger, .model = model, .path = path};
    bundle.n_threads = 1;
    cr_assert(eq(int,
                 sil_keyring_key(&key, sil_ledger_keyring(kit->ledger),
                                 SIL_ROLE_RELEASE, &err),
                 SIL_OK),
              "%s", err.text);
    bundle.key = key;
    publisher.kit = kit;
    static const char *const SHARES[] = {"c1=0:0.5"};
    if (lie == WRONG_ESTIMATE || lie == WRONG_ESTIMATE_OF_ORDER) {
        bundle.choices.n_rows = sil_model_rows(model) + 1;
    }
    if (lie == OTHER_CONDITION) { /* with which there would be another number of rows */
        bundle.choices.has_rows = true;
        bundle.choices.n_rows = 60;
    }
    if (lie >= MADE_TO_ORDER) {
        bundle.choices.where = "c0 >= 1";
        bundle.choices.rebalance = SHARES;
        bundle.choices.n_rebalance = 1;
    }
    publisher.lie = lie;
    sil_status status = sil_bundle_write(&bundle, &err);
    publisher.lie = HONEST;
    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
}

/* " R1 V1": the ids with a result. */
static void list_ids(char text[256], const struct sil_verification *verification,
                     enum sil_verify_result result)
{
    text[0] = '\0';
    for (size_t i = 0; i < sil_verification_n_checks(verification); i++) {
        struct sil_verify_check check = sil_verification_check(verification, i);
        if (check.result == result) {
            (void)strcat(strcat(text, " "), check.id);
        }
    }
}

static void expect_results(const char *path, const char *failed,
                           const char *unsupported)
{
    struct sil_verification *verification = NULL;
    struct sil_verify_options options = sil_verify_defaults();
    struct sil_error err = {{0}};
    char ids[256];
    options.n_threads = 1;
    cr_assert(eq(int, sil_release_verify(&verification, path, &options, &err), SIL_OK),
              "%s", err.text);
    sil_status verdict = sil_verification_verdict(verification, &err);
    list_ids(ids, verification, SIL_VERIFY_FAILED);
    cr_expect(zero(int, strcmp(ids, failed)), "failed:%s, expected:%s (%s)", ids,
              failed, err.text);
    list_ids(ids, verification, SIL_VERIFY_UNSUPPORTED);
    cr_expect(zero(int, strcmp(ids, unsupported)), "unsupported:%s, expected:%s", ids,
              unsupported);
    cr_expect(eq(int, verdict,
                 failed[0] != '\0'        ? SIL_ERR_CHECK
                 : unsupported[0] != '\0' ? SIL_ERR_UNSUPPORTED
                                          : SIL_OK));
    sil_verification_free(verification);
}

static void expect_lie(enum lie lie, const char *failed, const char *unsupported)
{
    struct ledger_kit kit = ledger_kit_open(SIL_ADD_REMOVE);
    struct sil_model *other = ledger_kit_model(&kit, "0.25");
    struct sil_model *model = ledger_kit_model(&kit, "0.5");
    struct test_path path = test_dir_path(&kit.dir, "bundle");
    publisher.other_run = other->transcript.stamp.reserve;
    /* "silhouette/transcript" and its head take 23 bytes, then come the two numbers. */
    model->encoding.data[23] += lie == NEWER_TRANSCRIPT ? 1 : 0;
    model->encoding.data[24] += lie == NEWER_REPLAY ? 50 : 0;
    publish(&kit, model, path.text, lie);
    expect_results(path.text, failed, unsupported);
    sil_model_free(model);
    sil_model_free(other);
    ledger_kit_close(&kit);
}

Test(verify, believes_an_honest_publisher)
{
    expect_lie(HONEST, "", "");
}

Test(verify, makes_rows_to_order_again)
{
    expect_lie(MADE_TO_ORDER, "", "");
    expect_lie(OTHER_CONDITION, " V1 C2 C3", "");
    expect_lie(OTHER_SHARES, " V1 C2 C3", "");
    expect_lie(NO_CONDITION, " V1", "");
    expect_lie(WRONG_ESTIMATE_OF_ORDER, " V1", "");
}

Test(verify, compares_every_document)
{
    expect_lie(SHEET_JSON, " C2", "");
    expect_lie(SHEET_HTML, " C3", "");
    expect_lie(PACKAGE, " C4", "");
    expect_lie(INSTRUCTIONS, " C5", "");
    expect_lie(STATEMENT, " C6", "");
}

Test(verify, replays_the_rows)
{
    expect_lie(OTHER_VALUE, " V1", "");
    expect_lie(MORE_ROWS, " V1", "");
    expect_lie(WRONG_ESTIMATE, " V1", "");
}

Test(verify, compares_the_schema)
{
    expect_lie(OTHER_SCHEMA, " C1", "");
}

Test(verify, ties_signature_and_proof_to_the_entry)
{
    expect_lie(OTHER_ENTRY, " R4", "");
    expect_lie(OTHER_PROOF, " R5", "");
}

Test(verify, ties_the_entry_to_run_statement_and_files)
{
    expect_lie(OTHER_RUN, " R7", "");
    expect_lie(OTHER_STATEMENT_HASH, " R2", "");
    expect_lie(OTHER_ARTIFACT_HASH, " R1", "");
    expect_lie(FEWER_ARTIFACTS, " R1", "");
    expect_lie(OTHER_ID, " R6", "");
}

/* Signatures and proof, too, are for the entry that should have been. */
Test(verify, wants_every_run_before_the_entry_in_the_claim)
{
    expect_lie(LATER_ENTRY, " R6 R4 R5", "");
}

Test(verify, does_not_refute_what_a_newer_program_wrote)
{
    expect_lie(NEWER_TRANSCRIPT, "", " T1");
    expect_lie(NEWER_REPLAY, "", " T1");
    expect_lie(NEWER_DOCUMENTS, "", " R2 V1");
}

Test(verify, refuses_options_that_cannot_be)
{
    struct sil_verification *verification = NULL;
    struct sil_verify_options options = sil_verify_defaults();
    options.ledger_id = "abc";
    cr_expect(
        eq(int, sil_release_verify(&verification, "x", &options, NULL), SIL_ERR_USAGE));
    options = sil_verify_defaults();
    options.memory_mb = 1;
    cr_expect(
        eq(int, sil_release_verify(&verification, "x", &options, NULL), SIL_ERR_USAGE));
    options = sil_verify_defaults();
    options.struct_size = 1;
    cr_expect(
        eq(int, sil_release_verify(&verification, "x", &options, NULL), SIL_ERR_USAGE));
    cr_expect(verification == NULL);
    sil_verification_free(NULL);
}
