// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "codec/json.h"
#include "table/field.h"
#include "table/table_store.h"

#include <inttypes.h>
#include <string.h>

enum { FLUSH_BYTES = 1 << 16 };

/* Hand a buffer of lines over once it is large enough to be worth a call. */
static sil_status flush(struct sil_output *output, struct sil_bytes *lines,
                        size_t at_least, struct sil_error *err)
{
    if (lines->length == 0 || lines->length < at_least) {
        return SIL_OK;
    }
    sil_status status = sil_output_write(output, lines->data, lines->length, err);
    lines->length = 0;
    return status;
}

static sil_status add_header(struct sil_bytes *lines, const struct sil_schema *schema,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = sil_schema_n_fields(schema);

    for (uint32_t f = 0; f < n; f++) {
        const char *name = sil_schema_field_name(schema, f);
        SIL_TRY(sil_csv_append(lines, name, strlen(name), ',', err));
        SIL_TRY(sil_bytes_append(lines, f + 1 < n ? "," : "\n", 1, err));
    }

cleanup:
    return status;
}

static sil_status write_rows(struct sil_output *output, const struct sil_table *table,
                             const struct sil_schema *schema, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes lines = {0};

    SIL_TRY(add_header(&lines, schema, err));
    for (size_t r = 0; r < table->n_rows; r++) {
        for (uint32_t a = 0; a < table->n_attrs; a++) {
            SIL_TRY(sil_bytes_printf(&lines, err, "%" PRIu32 "%c",
                                     sil_table_get(table, r, a),
                                     a + 1 < table->n_attrs ? ',' : '\n'));
        }
        SIL_TRY(flush(output, &lines, FLUSH_BYTES, err));
    }
    SIL_TRY(flush(output, &lines, 0, err));

cleanup:
    if (lines.data != NULL) {
        explicit_bzero(lines.data, lines.capacity);
    }
    sil_bytes_clear(&lines);
    return status;
}

static sil_status write_domain(struct sil_output *output,
                               const struct sil_schema *schema, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes json = {0};
    uint32_t n = sil_schema_n_fields(schema);

    SIL_TRY(sil_bytes_append(&json, "{\n", 2, err));
    for (uint32_t f = 0; f < n; f++) {
        const char *name = sil_schema_field_name(schema, f);
        SIL_TRY(sil_bytes_append(&json, "  ", 2, err));
        SIL_TRY(sil_json_append_string(&json, name, strlen(name), err));
        SIL_TRY(sil_bytes_printf(&json, err, ": %" PRIu32 "%s\n",
                                 sil_schema_field_cells(schema, f),
                                 f + 1 < n ? "," : ""));
    }
    SIL_TRY(sil_bytes_append(&json, "}\n", 2, err));
    SIL_TRY(sil_output_write(output, json.data, json.length, err));

cleanup:
    sil_bytes_clear(&json);
    return status;
}

sil_status sil_table_write_codes(struct sil_output *codes_csv,
                                 struct sil_output *domain_json,
                                 const struct sil_table *table,
                                 const struct sil_schema *schema, struct sil_error *err)
{
    if (table->lexicon != NULL) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "the schema has an open field; what codes its values have is "
                        "not known before they are discovered");
    }
    for (uint32_t f = 0; f < sil_schema_n_fields(schema); f++) {
        if (sil_field_has_leaves(sil_schema_field(schema, f))) {
            return sil_fail(err, SIL_ERR_UNSUPPORTED,
                            "the schema has a field with private bins, which are not "
                            "known before they are learnt");
        }
    }
    sil_status status = write_rows(codes_csv, table, schema, err);
    return status == SIL_OK ? write_domain(domain_json, schema, err) : status;
}
