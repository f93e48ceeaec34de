// SPDX-License-Identifier: Apache-2.0
/* The bytes of written rows. The same codes and words must give the same file in every
 * version that keeps the `replay` number: a verifier draws the rows again. The files were
 * recorded when every value was printed in 128-bit arithmetic. */
#include "base/file.h"
#include "support/property.h"
#include "table/table.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#define FOLDER SIL_SOURCE_DIR "/tests/golden/rows/"

enum { N_ROWS = 150, PATH_BYTES = 1024 };

#define MUST(call) cr_assert(zero(int, (call)))

static void draw(const void *key, uint64_t stream, uint64_t first, uint64_t *out,
                 size_t n)
{
    (void)key;
    for (size_t i = 0; i < n; i++) {
        struct test_random random = {.state = stream << 32 ^ (first + i)};
        out[i] = test_edge_word(&random);
    }
}

static struct sil_codes make_codes(const struct sil_schema *schema)
{
    struct sil_domain domain = sil_schema_domain(schema);
    struct sil_codes codes;
    MUST(sil_codes_init(&codes, &domain, N_ROWS, NULL));
    for (uint32_t a = 0; a < codes.n_attrs; a++) {
        for (size_t r = 0; r < codes.n_rows; r++) {
            sil_codes_set(&codes, a, r, (uint32_t)(r % domain.sizes[a]));
        }
    }
    return codes;
}

/* What was written stays in the build folder, to look at and to record from. */
static void write_rows(const char *path, char delimiter)
{
    struct sil_words words = {.draw = draw};
    struct sil_csv_options options = {.delimiter = delimiter};
    struct sil_output *output;
    struct sil_schema *schema;
    MUST(sil_schema_read(&schema, FOLDER "rows.schema.json", NULL));
    struct sil_codes codes = make_codes(schema);
    MUST(sil_output_open(&output, path, 0600, NULL));
    MUST(sil_codes_write_csv(output, &codes, schema, NULL, words, &options, NULL, 2,
                             NULL));
    MUST(sil_output_commit(output, NULL));
    sil_codes_clear(&codes);
    sil_schema_free(schema);
}

static const struct golden {
    const char *file;
    char delimiter;
} GOLDENS[] = {
    {"comma.csv", ','},
    {"dash.csv",  '-'}, /* dates and negative numbers want quotes */
    {"one.csv",   '1'}, /* a delimiter that is a digit */
};

Test(golden_rows, are_the_recorded_bytes)
{
    for (size_t i = 0; i < sizeof GOLDENS / sizeof GOLDENS[0]; i++) {
        char path[PATH_BYTES];
        struct sil_bytes want;
        struct sil_bytes got;

        (void)snprintf(path, sizeof path, "%s%s", FOLDER, GOLDENS[i].file);
        MUST(sil_file_read(&want, path, (size_t)1 << 20, NULL));
        (void)snprintf(path, sizeof path, "%s/%s", SIL_BINARY_DIR, GOLDENS[i].file);
        write_rows(path, GOLDENS[i].delimiter);
        MUST(sil_file_read(&got, path, (size_t)1 << 20, NULL));

        cr_expect(got.length == want.length &&
                      memcmp(got.data, want.data, want.length) == 0,
                  "%s differs from the recorded file", path);
        sil_bytes_clear(&want);
        sil_bytes_clear(&got);
    }
}
