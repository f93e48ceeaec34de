// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "table/code_cache.h"
#include "table/columns.h"
#include "table/people.h"
#include "table/rules.h"
#include "table/table_store.h"

#include <stdlib.h>
#include <string.h>

/* Every row meets the same steps whatever stands in the others: its texts become codes, one
 * by one, it is kept or, by one of its own codes, dropped, and its codes meet the rules.
 * `rules` is NULL where there are none. */
static bool encode_row(uint32_t *codes, struct sil_code_cache *cache,
                       const struct sil_columns *columns, const struct sil_rules *rules,
                       const struct sil_csv_field *text)
{
    bool keep = true;
    for (size_t c = 0; c < columns->n; c++) {
        uint32_t f = columns->field[c];
        if (f != SIL_COLUMN_EXTRA) {
            codes[f] = sil_code_cache_encode(cache, f, text[c].text, text[c].length);
            keep = keep && codes[f] != SIL_CODE_DROP;
        }
    }
    return keep && (rules == NULL || sil_rules_map_row(rules, codes));
}

/* Texts of open fields that may turn out to be values: their place in the lexicon. */
static sil_status keep_texts(uint32_t *codes, struct sil_table *table,
                             const struct sil_columns *columns,
                             const struct sil_csv_field *text, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t c = 0; c < columns->n; c++) {
        uint32_t f = columns->field[c];
        if (f == SIL_COLUMN_EXTRA || table->cells[f] == 0 ||
            !sil_field_may_find(sil_schema_field(columns->schema, f), text[c].text,
                                text[c].length)) {
            continue;
        }
        uint32_t number = 0;
        SIL_TRY(sil_lexicon_number(&number, table->lexicon, f, text[c].text,
                                   text[c].length, err));
        codes[f] = table->cells[f] + number;
    }

cleanup:
    return status;
}

/* A row that its codes do not drop. `people` is NULL where every row counts. */
static sil_status take_row(struct sil_table *table, struct sil_people *people,
                           const struct sil_columns *columns,
                           const struct sil_csv_field *text, uint32_t *codes,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_row = true;
    if (people != NULL) {
        const struct sil_csv_field *id = &text[columns->id];
        SIL_TRY(sil_people_add(&is_row, people, id->text, id->length, err));
    }
    if (is_row && table->lexicon != NULL) {
        SIL_TRY(keep_texts(codes, table, columns, text, err));
    }
    if (is_row) {
        SIL_TRY(sil_table_add_row(table, codes, err));
    }

cleanup:
    return status;
}

static sil_status read_rows(struct sil_table *table, struct sil_people *people,
                            struct sil_columns *columns,
                            const struct sil_progress *progress, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_csv_field *text;
    struct sil_code_cache *cache = NULL;
    struct sil_rules *rules = NULL;
    uint32_t *codes = NULL;
    uint64_t reported = 0;
    uint64_t size = sil_csv_size(columns->reader);

    SIL_TRY(sil_alloc(&codes, table->n_attrs, sizeof *codes, "a row", err));
    SIL_TRY(sil_code_cache_new(&cache, columns->schema, err));
    SIL_TRY(sil_rules_new(&rules, columns->schema, err));
    SIL_TRY(sil_columns_next(columns, &text, err));
    while (text != NULL) {
        if (encode_row(codes, cache, columns, rules, text)) {
            SIL_TRY(take_row(table, people, columns, text, codes, err));
        }
        uint64_t bytes = sil_csv_bytes(columns->reader);
        if (bytes != reported) { /* once a buffer, not once a row */
            sil_progress(progress, "reading", bytes, size);
            reported = bytes;
        }
        SIL_TRY(sil_columns_next(columns, &text, err));
    }

cleanup:
    sil_code_cache_free(cache);
    sil_rules_free(rules);
    if (codes != NULL) {
        explicit_bzero(codes, table->n_attrs * sizeof *codes);
    }
    free(codes);
    return status;
}

sil_status sil_table_read(struct sil_table **out, const char *csv_path,
                          const struct sil_schema *schema,
                          const struct sil_people_rule *rule,
                          const struct sil_csv_options *options,
                          const struct sil_progress *progress, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_table *table = NULL;
    struct sil_people *people = NULL;
    struct sil_columns columns = {0};
    *out = NULL;

    SIL_TRY(sil_columns_open(&columns, csv_path, schema,
                             rule == NULL ? NULL : rule->id_column, options, err));
    if (rule != NULL) {
        SIL_TRY(sil_people_new(&people, rule, err));
    }
    SIL_TRY(sil_table_new_open(&table, schema, err));
    free(table->order);
    table->order = columns.order;
    table->n_columns = sil_schema_n_columns(schema);
    columns.order = NULL;
    SIL_TRY(read_rows(table, people, &columns, progress, err));
    if (people != NULL) {
        SIL_TRY(sil_people_cap(people, table, err));
    }
    *out = table;
    table = NULL;

cleanup:
    sil_people_free(people);
    sil_table_free(table);
    sil_columns_close(&columns);
    return status;
}
