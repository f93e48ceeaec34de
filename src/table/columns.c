// SPDX-License-Identifier: Apache-2.0
#include "table/columns.h"

#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static sil_status refuse_missing(const struct sil_columns *columns,
                                 struct sil_error *err)
{
    enum { NAMED_MAX = 4 };

    sil_status status = SIL_OK;
    struct sil_bytes names = {0};
    size_t n = 0;
    uint32_t n_fields = sil_schema_n_columns(columns->schema);

    for (uint32_t f = 0; f < n_fields; f++) {
        bool missing = columns->place[f] == SIL_COLUMN_EXTRA;
        n += missing;
        if (missing && n <= NAMED_MAX) {
            SIL_TRY(sil_bytes_printf(&names, err, "%s\"%.60s\"", n > 1 ? ", " : "",
                                     sil_schema_field_name(columns->schema, f)));
        }
    }
    if (n > NAMED_MAX) {
        SIL_TRY(sil_bytes_printf(&names, err, " and %zu more", n - NAMED_MAX));
    }
    status = sil_fail(err, SIL_ERR_INPUT, "%s: the header lacks %.*s%s", columns->path,
                      (int)names.length, (const char *)names.data,
                      n == n_fields ? "; is there a header, and is the delimiter right?"
                                    : "");

cleanup:
    sil_bytes_clear(&names);
    return status;
}

/* Is column `c` the one that tells people apart? */
static sil_status match_id(bool *is_id, struct sil_columns *columns, size_t c,
                           const char *id_column, const struct sil_csv_field *name,
                           struct sil_error *err)
{
    *is_id = id_column != NULL && strlen(id_column) == name->length &&
             memcmp(id_column, name->text, name->length) == 0;
    if (*is_id && columns->id != SIZE_MAX) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s: the header has the id column \"%.80s\" twice, in columns "
                        "%zu and %zu",
                        columns->path, id_column, columns->id + 1, c + 1);
    }
    if (*is_id) {
        columns->id = c;
    }
    return SIL_OK;
}

/* Column `c` of the header carries `name`. */
static sil_status match(struct sil_columns *columns, size_t c,
                        const struct sil_csv_field *name, struct sil_error *err)
{
    uint32_t field = sil_schema_find(columns->schema, name->text, name->length);

    columns->field[c] = field;
    if (field == SIL_COLUMN_EXTRA) {
        return SIL_OK;
    }
    if (columns->place[field] != SIL_COLUMN_EXTRA) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s: the header has \"%.80s\" twice, in columns %" PRIu32
                        " and %zu",
                        columns->path, sil_schema_field_name(columns->schema, field),
                        columns->place[field] + 1, c + 1);
    }
    columns->place[field] = (uint32_t)c;
    return SIL_OK;
}

static sil_status read_header(struct sil_columns *columns, const char *id_column,
                              bool ignore_extra, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_csv_field *name;
    uint32_t n_fields = sil_schema_n_columns(columns->schema);
    size_t n_found = 0;
    size_t n_extra = 0;
    size_t first_extra = 0;

    SIL_TRY(sil_csv_next(columns->reader, &name, &columns->n, err));
    if (columns->n == 0) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s is empty: it needs a header with the schema's names",
                          columns->path);
        goto cleanup;
    }
    SIL_TRY(sil_alloc(&columns->field, columns->n, sizeof *columns->field,
                      "the columns of a file", err));
    SIL_TRY(sil_alloc(&columns->order, n_fields, sizeof *columns->order,
                      "the columns of a file", err));
    SIL_TRY(sil_alloc(&columns->place, n_fields, sizeof *columns->place,
                      "the columns of a file", err));
    for (uint32_t f = 0; f < n_fields; f++) {
        columns->place[f] = SIL_COLUMN_EXTRA;
    }
    for (size_t c = 0; c < columns->n; c++) {
        bool is_id = false;
        SIL_TRY(match(columns, c, &name[c], err));
        SIL_TRY(match_id(&is_id, columns, c, id_column, &name[c], err));
        bool is_field = columns->field[c] != SIL_COLUMN_EXTRA;
        bool extra = !is_field && !is_id;
        first_extra = extra && n_extra == 0 ? c + 1 : first_extra;
        n_extra += extra;
        if (is_field) {
            columns->order[n_found++] = columns->field[c];
        }
        if (columns->field[c] >= sil_schema_n_fields(columns->schema)) {
            columns->field[c] = SIL_COLUMN_EXTRA;
        }
    }
    if (n_found < n_fields) {
        status = refuse_missing(columns, err);
    } else if (id_column != NULL && columns->id == SIZE_MAX) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s: the header lacks the id column \"%.80s\", which tells "
                          "people apart",
                          columns->path, id_column);
    } else if (n_extra > 0 && !ignore_extra) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s: the schema lacks %zu of the columns, the first of them "
                          "column %zu; add them to the schema or ignore extra columns "
                          "(--ignore-extra-columns)",
                          columns->path, n_extra, first_extra);
    }

cleanup:
    return status;
}

sil_status sil_columns_open(struct sil_columns *out, const char *path,
                            const struct sil_schema *schema, const char *id_column,
                            const struct sil_csv_options *options,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_columns columns = {.path = path, .schema = schema, .id = SIZE_MAX};
    *out = (struct sil_columns){0};

    SIL_TRY(sil_csv_open(&columns.reader, path, options, err));
    SIL_TRY(read_header(&columns, id_column, options->ignore_extra_columns, err));
    *out = columns;
    columns = (struct sil_columns){0};

cleanup:
    sil_columns_close(&columns);
    return status;
}

sil_status sil_columns_next(struct sil_columns *columns,
                            const struct sil_csv_field **text, struct sil_error *err)
{
    size_t n;
    sil_status status = sil_csv_next(columns->reader, text, &n, err);
    if (status != SIL_OK || n == 0 || n == columns->n) {
        return status;
    }
    return sil_fail(
        err, SIL_ERR_INPUT,
        "%s: record %" PRIu64 " (line %" PRIu64 "): %zu field%s, the header has %zu%s",
        columns->path, sil_csv_record(columns->reader), sil_csv_line(columns->reader),
        n, n == 1 ? "" : "s", columns->n, n == 1 ? " (a blank line?)" : "");
}

void sil_columns_close(struct sil_columns *columns)
{
    sil_csv_close(columns->reader);
    free(columns->field);
    free(columns->order);
    free(columns->place);
    *columns = (struct sil_columns){0};
}
