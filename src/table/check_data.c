// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "table/columns.h"
#include "table/table.h"

#include <inttypes.h>

/* The place and the reason; the reason is the same for every value it is true of. */
static sil_status add_line(struct sil_bytes *out, const struct sil_columns *columns,
                           uint32_t field, const char *reason, struct sil_error *err)
{
    return sil_bytes_printf(
        out, err, "record %" PRIu64 " (line %" PRIu64 "), field \"%.80s\": %s\n",
        sil_csv_record(columns->reader), sil_csv_line(columns->reader),
        sil_schema_field_name(columns->schema, field), reason);
}

static sil_status check_record(struct sil_bytes *out, uint64_t *n_problems,
                               const struct sil_columns *columns,
                               const struct sil_csv_field *text, size_t limit,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;

    for (size_t c = 0; c < columns->n; c++) {
        uint32_t f = columns->field[c];
        if (f == SIL_COLUMN_EXTRA) {
            continue;
        }
        const char *reason = sil_field_complaint(sil_schema_field(columns->schema, f),
                                                 text[c].text, text[c].length);
        if (reason != NULL && (*n_problems)++ < limit) {
            SIL_TRY(add_line(out, columns, f, reason, err));
        }
    }

cleanup:
    return status;
}

sil_status sil_schema_check_data(struct sil_bytes *out, uint64_t *n_problems,
                                 const char *csv_path, const struct sil_schema *schema,
                                 const struct sil_csv_options *options, size_t limit,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_columns columns = {0};
    const struct sil_csv_field *text;
    *n_problems = 0;

    SIL_TRY(sil_columns_open(&columns, csv_path, schema, NULL, options, err));
    SIL_TRY(sil_columns_next(&columns, &text, err));
    while (text != NULL) {
        SIL_TRY(check_record(out, n_problems, &columns, text, limit, err));
        SIL_TRY(sil_columns_next(&columns, &text, err));
    }

cleanup:
    sil_columns_close(&columns);
    return status;
}
