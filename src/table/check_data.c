// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "table/columns.h"
#include "table/field.h"
#include "table/recomputed.h"
#include "table/rules.h"
#include "table/table.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const WHAT = "a table to check";

struct checker {
    struct sil_columns columns;
    struct sil_rules *rules;           ///< NULL: none
    uint64_t *n_broken;                ///< rows, of each rule
    uint64_t *n_other;                 ///< rows, of each recomputed column
    uint32_t *codes;                   ///< of a row
    const struct sil_csv_field **text; ///< of a row, of each column of the schema
};

/* The place and the reason; the reason is the same for every value it is true of. */
static sil_status add_line(struct sil_bytes *out, const struct sil_columns *columns,
                           uint32_t field, const char *reason, struct sil_error *err)
{
    return sil_bytes_printf(
        out, err, "record %" PRIu64 " (line %" PRIu64 "), field \"%.80s\": %s\n",
        sil_csv_record(columns->reader), sil_csv_line(columns->reader),
        sil_schema_field_name(columns->schema, field), reason);
}

static sil_status check_values(struct sil_bytes *out, uint64_t *n_problems,
                               const struct checker *k, size_t limit,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_columns *columns = &k->columns;
    const uint32_t n_fields = sil_schema_n_fields(columns->schema);

    for (size_t c = 0; c < columns->n; c++) {
        uint32_t f = columns->field[c];
        if (f >= n_fields) {
            continue;
        }
        const char *reason = sil_field_complaint(sil_schema_field(columns->schema, f),
                                                 k->text[f]->text, k->text[f]->length);
        if (reason != NULL && (*n_problems)++ < limit) {
            SIL_TRY(add_line(out, columns, f, reason, err));
        }
    }

cleanup:
    return status;
}

/* ---- rules ---- */

/* A row that a value drops is held against no rule. */
static void check_rules(struct checker *k)
{
    const struct sil_schema *schema = k->columns.schema;
    bool is_row = k->rules != NULL;
    for (uint32_t f = 0; is_row && f < sil_schema_n_fields(schema); f++) {
        k->codes[f] = sil_field_encode(sil_schema_field(schema, f), k->text[f]->text,
                                       k->text[f]->length);
        is_row = k->codes[f] != SIL_CODE_DROP;
    }
    for (size_t i = 0; is_row && i < k->rules->n; i++) {
        k->n_broken[i] += sil_rule_judge_cells(k->rules, &k->rules->rule[i],
                                               k->codes) == SIL_RULE_BROKEN;
    }
}

/* ---- recomputed columns ---- */

/* A value as it stands in the table; false: it is none that the schema lists. */
static bool show(struct sil_shown *out, const struct sil_field *field,
                 const struct sil_csv_field *text)
{
    struct sil_scaled scaled = {.floor = 0};
    if (!sil_field_accepts(field, text->text, text->length) ||
        sil_field_may_find(field, text->text, text->length)) {
        return false;
    }
    out->code = sil_field_encode(field, text->text, text->length);
    bool is_bin = !field->is_closed && out->code != field->null_code &&
                  out->code != field->other_code;
    if (is_bin && !sil_field_scale(&scaled, field, text->text, text->length)) {
        return false;
    }
    out->value = scaled.floor;
    return true;
}

/* Is another value there than the one that follows? Of values outside their domain nobody
 * can say. */
static bool is_other(const struct checker *k, const struct sil_recomputed *recomputed)
{
    const struct sil_schema *schema = k->columns.schema;
    const struct sil_field *to = sil_schema_field(schema, recomputed->attr);
    struct sil_shown shown[SIL_RECOMPUTED_SOURCES];
    struct sil_shown there = {.code = 0};
    sil_i128 value = 0;
    for (size_t i = 0; i < recomputed->n_sources; i++) {
        const uint32_t source = recomputed->source[i];
        if (!show(&shown[i], sil_schema_field(schema, source), k->text[source])) {
            return false;
        }
    }
    uint32_t code = sil_recomputed_code(&value, recomputed, schema, shown);
    bool is_bin = !to->is_closed && code < to->bins.n;
    return !show(&there, to, k->text[recomputed->attr]) || there.code != code ||
           (is_bin && there.value != value);
}

static void check_recomputed(struct checker *k)
{
    const struct sil_schema *schema = k->columns.schema;
    const uint32_t n = sil_schema_n_fields(schema);
    for (uint32_t c = n; c < sil_schema_n_columns(schema); c++) {
        k->n_other[c - n] += is_other(k, sil_schema_recomputed(schema, c));
    }
}

/* ---- the table ---- */

static sil_status open_checker(struct checker *k, const char *csv_path,
                               const struct sil_schema *schema,
                               const struct sil_csv_options *options,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint32_t n = sil_schema_n_columns(schema);
    SIL_TRY(sil_columns_open(&k->columns, csv_path, schema, NULL, options, err));
    SIL_TRY(sil_rules_new(&k->rules, schema, err));
    SIL_TRY(sil_alloc(&k->n_broken, k->rules == NULL ? 0 : k->rules->n,
                      sizeof *k->n_broken, WHAT, err));
    SIL_TRY(sil_alloc(&k->n_other, n, sizeof *k->n_other, WHAT, err));
    SIL_TRY(sil_alloc(&k->codes, n, sizeof *k->codes, WHAT, err));
    SIL_TRY(sil_alloc((void *)&k->text, n, sizeof *k->text, WHAT, err));

cleanup:
    return status;
}

static void close_checker(struct checker *k)
{
    sil_columns_close(&k->columns);
    sil_rules_free(k->rules);
    free(k->n_broken);
    free(k->n_other);
    free(k->codes);
    free((void *)k->text);
}

static sil_status check_rows(struct sil_bytes *out, uint64_t *n_problems,
                             struct checker *k, size_t limit, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_csv_field *text;
    SIL_TRY(sil_columns_next(&k->columns, &text, err));
    while (text != NULL) {
        for (uint32_t c = 0; c < sil_schema_n_columns(k->columns.schema); c++) {
            k->text[c] = &text[k->columns.place[c]];
        }
        SIL_TRY(check_values(out, n_problems, k, limit, err));
        check_rules(k);
        check_recomputed(k);
        SIL_TRY(sil_columns_next(&k->columns, &text, err));
    }

cleanup:
    return status;
}

/* A line for each rule that rows do not keep. */
static sil_status add_counts(struct sil_bytes *out, uint64_t *n_problems,
                             const struct checker *k, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_schema *schema = k->columns.schema;
    const uint32_t n = sil_schema_n_fields(schema);
    for (size_t i = 0; k->rules != NULL && i < k->rules->n; i++) {
        const struct sil_rule *rule = &k->rules->rule[i];
        if (k->n_broken[i] > 0) {
            SIL_TRY(sil_bytes_printf(
                out, err, "%s (%.200s): rows that break it: %" PRIu64 "; %.200s\n",
                rule->place, rule->said, k->n_broken[i], rule->meets));
            ++*n_problems;
        }
    }
    for (uint32_t c = n; c < sil_schema_n_columns(schema); c++) {
        if (k->n_other[c - n] > 0) {
            SIL_TRY(sil_bytes_printf(out, err,
                                     "%.200s: rows with another value: %" PRIu64
                                     "; none is looked at when a model is fitted\n",
                                     sil_schema_recomputed(schema, c)->said,
                                     k->n_other[c - n]));
            ++*n_problems;
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
    struct checker k = {.rules = NULL};
    *n_problems = 0;
    SIL_TRY(open_checker(&k, csv_path, schema, options, err));
    SIL_TRY(check_rows(out, n_problems, &k, limit, err));
    SIL_TRY(add_counts(out, n_problems, &k, err));

cleanup:
    close_checker(&k);
    return status;
}
