// SPDX-License-Identifier: Apache-2.0
/* A schema text up to the first zero byte, then a text of data. Promises: parsing and
 * explaining agree; every text meets a cell of every field or drops the row; what a cell is
 * decoded to is encoded to it again. */
#include "fuzz/fuzz.h"
#include "table/schema.h"

#include <string.h>

enum { FIELDS_MAX = 16, CELLS_MAX = 64 };

static void check_cell(const struct sil_field *field, uint32_t code, uint64_t word)
{
    struct sil_bytes text = {0};
    FUZZ_REQUIRE(sil_field_decode(&text, field, code, word, NULL) == SIL_OK);
    const char *data = text.data == NULL ? "" : (const char *)text.data;
    FUZZ_REQUIRE(sil_field_encode(field, data, text.length) == code);
    FUZZ_REQUIRE(sil_field_accepts(field, data, text.length));
    sil_bytes_clear(&text);
}

static void check_field(const struct sil_field *field, uint32_t cells, const char *text,
                        size_t length)
{
    uint32_t code = sil_field_encode(field, text, length);
    FUZZ_REQUIRE(code < cells || code == SIL_CODE_DROP);
    uint32_t stride = cells / CELLS_MAX + 1;
    for (uint32_t cell = 0; cell < cells; cell += stride) {
        check_cell(field, cell, length * 0x9E3779B97F4A7C15u);
        check_cell(field, cell, UINT64_MAX);
    }
    check_cell(field, cells - 1, 0);

    struct sil_bytes line = {0};
    FUZZ_REQUIRE(sil_field_describe(&line, field, NULL) == SIL_OK);
    sil_bytes_clear(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *json = (const char *)data;
    const char *zero = size == 0 ? NULL : memchr(json, 0, size);
    size_t length = zero == NULL ? size : (size_t)(zero - json);
    const char *text = zero == NULL ? json : zero + 1;
    size_t text_length = zero == NULL ? size : size - length - 1;
    struct sil_bytes problems = {0};
    struct sil_schema *schema;
    size_t n;

    sil_status status = sil_schema_parse(&schema, json, length, NULL);
    FUZZ_REQUIRE(status == SIL_OK || status == SIL_ERR_INPUT);
    FUZZ_REQUIRE(sil_schema_explain(&problems, &n, json, length, NULL) == SIL_OK);
    FUZZ_REQUIRE((n == 0) == (status == SIL_OK));
    sil_bytes_clear(&problems);
    if (schema != NULL) {
        uint32_t n_fields = sil_schema_n_fields(schema);
        for (uint32_t i = 0; i < n_fields && i < FIELDS_MAX; i++) {
            check_field(sil_schema_field(schema, i), sil_schema_field_cells(schema, i),
                        text, text_length);
        }
    }
    sil_schema_free(schema);
    return 0;
}
