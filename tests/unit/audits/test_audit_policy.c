// SPDX-License-Identifier: Apache-2.0
/* The auditor's reading of policies against the vectors, which neither program made. */
#include "audits/ledger/checkpoint.h"
#include "audits/ledger/policy.h"
#include "base/file.h"
#include "crypto/hash.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define FOLDER SIL_SOURCE_DIR "/tests/vectors/ledger/data/"

enum { FEWEST_VECTORS = 12 };

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

static void read_file(struct sil_bytes *out, const char *name)
{
    char path[400];
    (void)snprintf(path, sizeof path, "%s%s", FOLDER, name);
    *out = (struct sil_bytes){0};
    cr_assert(eq(int, sil_file_read(out, path, 1 << 16, NULL), SIL_OK), "%s", path);
}

static void check_vector(const json_t *vector)
{
    struct sil_bytes policy;
    struct sil_bytes bytes;
    struct aud_checkpoint checkpoint;
    struct aud_policy_verdict verdict;
    struct sil_error err = {""};
    const json_t *now = json_object_get(vector, "now");
    read_file(&policy, text_of(vector, "policy"));
    read_file(&bytes, text_of(vector, "note"));
    cr_assert(aud_checkpoint_parse(&checkpoint, &bytes), "%s", text_of(vector, "note"));
    sil_status status = aud_policy_judge(
        &verdict, &policy, &checkpoint.note, checkpoint.origin,
        now == NULL ? UINT32_MAX : (uint64_t)json_integer_value(now), &err);
    bool is_good =
        status == SIL_OK && verdict.has_log && verdict.has_quorum && !verdict.is_spoilt;
    cr_expect(eq(int, is_good, strcmp(text_of(vector, "expected"), "accept") == 0),
              "%s: %s", text_of(vector, "name"), err.text);
    bool warns = json_object_get(vector, "warns") != NULL;
    cr_expect(eq(int, status == SIL_OK && verdict.n_early > 0, warns), "%s",
              text_of(vector, "name"));
    sil_bytes_clear(&policy);
    sil_bytes_clear(&bytes);
}

Test(audit_policy, the_vectors_are_judged_as_they_say)
{
    size_t n = 0;
    json_t *all = json_load_file(FOLDER "vectors.json", 0, NULL);
    cr_assert(ne(ptr, all, NULL));
    cr_assert(eq(int, sil_crypto_start(NULL), SIL_OK));
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *vector = json_array_get(all, i);
        if (strcmp(text_of(vector, "kind"), "policy") == 0) {
            check_vector(vector);
            n++;
        }
    }
    cr_expect(ge(sz, n, FEWEST_VECTORS));
    json_decref(all);
}

static sil_status judge(const char *policy)
{
    struct sil_note note = {.text = "x\n", .length = 2};
    struct aud_policy_verdict verdict;
    struct sil_bytes text = {0};
    cr_assert(eq(int, sil_bytes_append(&text, policy, strlen(policy), NULL), SIL_OK));
    sil_status status = aud_policy_judge(&verdict, &text, &note, "x", 0, NULL);
    sil_bytes_clear(&text);
    return status;
}

Test(audit_policy, what_is_no_policy_is_bad_input)
{
    static const char *const BAD[] = {
        "",
        "quorum none",
        "\n",
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum x\n",
        "witness w\nquorum none\n",
        "witness w x+00000000+AA==\nquorum none\n",
        "log\nquorum none\n",
        "group g any\nquorum none\n",
        "group g any w\nquorum none\n",
        "other\nquorum none\n",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_expect(eq(int, judge(BAD[i]), SIL_ERR_INPUT), "%s", BAD[i]);
    }
    cr_expect(eq(int, judge("# nothing\n\n \t\nquorum none\n"), SIL_OK));
}
