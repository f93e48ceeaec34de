// SPDX-License-Identifier: Apache-2.0
/* Every schema of this folder beside the problems that are found in it: NAME.json and
 * NAME.expected, which is empty for a schema that is accepted. */
#include "base/file.h"
#include "table/schema.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define FOLDER SIL_SOURCE_DIR "/tests/golden/schema/"

enum { CASES_LEAST = 30, PATH_BYTES = 1024 };

static struct sil_bytes read_file(const char *stem, size_t stem_length,
                                  const char *suffix)
{
    char path[PATH_BYTES];
    struct sil_bytes text;
    struct sil_error err;
    (void)snprintf(path, sizeof path, FOLDER "%.*s%s", (int)stem_length, stem, suffix);
    cr_assert(eq(int, sil_file_read(&text, path, 1 << 20, &err), SIL_OK), "%s",
              err.text);
    return text;
}

static void check_case(const char *stem, size_t stem_length)
{
    struct sil_bytes json = read_file(stem, stem_length, ".json");
    struct sil_bytes want = read_file(stem, stem_length, ".expected");
    struct sil_bytes found = {0};
    struct sil_schema *schema;
    struct sil_error err = {{0}};
    size_t n = 0;

    sil_status status =
        sil_schema_explain(&found, &n, (const char *)json.data, json.length, &err);
    sil_status parsed =
        sil_schema_parse(&schema, (const char *)json.data, json.length, &err);

    cr_expect(eq(int, status, SIL_OK), "%.*s", (int)stem_length, stem);
    cr_expect(
        found.length == want.length &&
            (found.length == 0 || memcmp(found.data, want.data, want.length) == 0),
        "%.*s gave\n%.*s", (int)stem_length, stem, (int)found.length,
        found.data == NULL ? "" : (const char *)found.data);
    size_t lines = 0;
    for (size_t i = 0; i < found.length; i++) {
        lines += found.data[i] == '\n';
    }
    cr_expect(eq(sz, lines, n));
    /* Parsing agrees with explaining, and its sentence is the first problem. */
    cr_expect(eq(int, parsed, n == 0 ? SIL_OK : SIL_ERR_INPUT));
    cr_expect(eq(int, schema != NULL, n == 0));
    if (n == 1) {
        cr_expect(strlen(err.text) + 1 == found.length &&
                      memcmp(err.text, found.data, found.length - 1) == 0,
                  "%s", err.text);
    }
    sil_schema_free(schema);
    sil_bytes_clear(&found);
    sil_bytes_clear(&json);
    sil_bytes_clear(&want);
}

Test(golden_schema, every_problem_is_explained_with_its_place)
{
    DIR *folder = opendir(FOLDER);
    size_t n = 0;
    cr_assert(folder != NULL);
    for (struct dirent *entry = readdir(folder); entry != NULL;
         entry = readdir(folder)) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0) {
            check_case(entry->d_name, length - 5);
            n++;
        }
    }
    (void)closedir(folder);
    cr_expect(ge(sz, n, CASES_LEAST));
}
