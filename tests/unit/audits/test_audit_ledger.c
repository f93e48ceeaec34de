// SPDX-License-Identifier: Apache-2.0
/* The auditor's reading of a ledger against the vectors, which were made by neither of the
 * two programs in C. */
#include "audits/ledger/ledger.h"
#include "base/file.h"
#include "crypto/hash.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define FOLDER SIL_SOURCE_DIR "/tests/vectors/ledger/data/"

enum { FEWEST_VECTORS = 150 };

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

/* Vectors about files in a directory say something about entries only when all are there. */
static bool is_about_entries(const json_t *vector)
{
    bool is = strcmp(text_of(vector, "kind"), "ledger") == 0 &&
              strncmp(text_of(vector, "name"), "directory-", 10) != 0;
    return is;
}

static sil_status apply_file(struct aud_ledger *ledger, const char *name,
                             struct sil_error *err)
{
    struct sil_bytes bytes = {0};
    char path[400];
    (void)snprintf(path, sizeof path, "%s%s", FOLDER, name);
    cr_assert(eq(int, sil_file_read(&bytes, path, 1 << 20, err), SIL_OK), "%s", path);
    sil_status status = aud_ledger_apply(ledger, bytes.data, bytes.length, err);
    sil_bytes_clear(&bytes);
    return status;
}

static void expect_refusal(const json_t *vector, sil_status status,
                           const struct sil_error *err)
{
    const char *name = text_of(vector, "name");
    char want[64];
    (void)snprintf(want, sizeof want, "entry %" JSON_INTEGER_FORMAT ": [%s]",
                   json_integer_value(json_object_get(vector, "entry")),
                   text_of(vector, "id"));
    cr_expect(eq(int, status, SIL_ERR_CHECK), "%s: %s", name, err->text);
    cr_expect(eq(int, strncmp(err->text, want, strlen(want)), 0), "%s: %s, not %s",
              name, err->text, want);
}

static void check_vector(const json_t *vector)
{
    struct aud_ledger ledger;
    struct sil_error err = {""};
    const json_t *entries = json_object_get(vector, "entries");
    const char *expected = text_of(vector, "expected");
    sil_status status = aud_ledger_begin(&ledger, &err);
    for (size_t i = 0; i < json_array_size(entries) && status == SIL_OK; i++) {
        status =
            apply_file(&ledger, json_string_value(json_array_get(entries, i)), &err);
    }
    if (strcmp(expected, "refuse") == 0) {
        expect_refusal(vector, status, &err);
    } else {
        sil_status want =
            strcmp(expected, "accept") == 0 ? SIL_OK : SIL_ERR_UNSUPPORTED;
        cr_expect(eq(int, status, want), "%s: %s", text_of(vector, "name"), err.text);
    }
    aud_ledger_clear(&ledger);
}

Test(audit_ledger, the_vectors_are_accepted_and_refused_by_their_rules)
{
    size_t n = 0;
    json_t *all = json_load_file(FOLDER "vectors.json", 0, NULL);
    cr_assert(ne(ptr, all, NULL));
    cr_assert(eq(int, sil_crypto_start(NULL), SIL_OK));
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *vector = json_array_get(all, i);
        if (is_about_entries(vector)) {
            check_vector(vector);
            n++;
        }
    }
    cr_expect(ge(sz, n, FEWEST_VECTORS));
    json_decref(all);
}
