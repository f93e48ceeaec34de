// SPDX-License-Identifier: Apache-2.0
/* The rows of data.csv held against the rules between columns that the schema declares, and
 * the count against what the statement says of it: no generator is needed for that. */
#include "audits/claim/discovery.h"
#include "audits/order/rules.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char RULES[] = "Rows break the schema's rules as often as is said";

/* data.csv is read whole; and what a value takes to be read, in comparisons of two. */
static const size_t LARGEST = (size_t)1 << 30;

enum { VALUE_STEPS = 64 };

static const double STEPS_MAX = 0x1p33;

struct held {
    struct aud_table table; ///< its fields alone
    struct aud_rules rules;
    bool *is_named;          ///< of each field
    size_t *place;           ///< of each field in a record
    struct aud_shown *shown; ///< of each field
    uint8_t *work;
    uint64_t n_rows;
    uint64_t n_broken;
    uint64_t first_bad; ///< record; 0: none
};

/* ---- opening and closing ---- */

static void name_fields(struct held *h, const struct aud_condition *condition)
{
    for (size_t i = 0; i < condition->n_asked; i++) {
        h->is_named[condition->asked[i].field] = true;
    }
}

static sil_status prepare(struct held *h, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t n = h->table.n_fields;
    SIL_TRY(sil_alloc(&h->is_named, n, sizeof *h->is_named, "the rules", err));
    SIL_TRY(sil_alloc(&h->place, n, sizeof *h->place, "the rules", err));
    SIL_TRY(sil_alloc(&h->shown, n, sizeof *h->shown, "the rules", err));
    SIL_TRY(sil_alloc(&h->work, h->rules.most_steps, 1, "the rules", err));
    for (size_t i = 0; i < n; i++) {
        mpq_init(h->shown[i].value);
    }
    for (size_t i = 0; i < h->rules.n; i++) {
        const struct aud_rule *rule = &h->rules.rule[i];
        name_fields(h, &rule->when);
        name_fields(h, &rule->then);
        for (size_t k = 0; k < 2 && rule->is_order; k++) {
            h->is_named[rule->field[k]] = true;
        }
    }

cleanup:
    return status;
}

static void clear(struct held *h)
{
    for (size_t i = 0; h->shown != NULL && i < h->table.n_fields; i++) {
        mpq_clear(h->shown[i].value);
    }
    aud_rules_clear(&h->rules);
    aud_table_clear(&h->table);
    free(h->is_named);
    free(h->place);
    free(h->shown);
    free(h->work);
}

/* ---- the rows ---- */

static double steps_of_condition(const struct aud_condition *condition)
{
    double steps = (double)condition->n_steps;
    for (size_t i = 0; i < condition->n_asked; i++) {
        steps += (double)condition->asked[i].n_values;
    }
    return steps;
}

/* Steps that a row takes at most. */
static double steps_of(const struct held *h)
{
    double steps = 0;
    for (size_t i = 0; i < h->rules.n; i++) {
        steps += 1 + steps_of_condition(&h->rules.rule[i].when) +
                 steps_of_condition(&h->rules.rule[i].then);
    }
    for (size_t i = 0; i < h->table.n_fields; i++) {
        steps += h->is_named[i] ? VALUE_STEPS : 0;
    }
    return steps;
}

static sil_status find_columns(struct held *h, const struct aud_csv *csv,
                               struct sil_error *err)
{
    for (size_t i = 0; i < h->table.n_fields; i++) {
        const char *name = h->table.field[i].name;
        h->place[i] = aud_csv_first(csv, name);
        if (h->is_named[i] && h->place[i] == csv->n_fields) {
            return sil_fail(err, SIL_ERR_CHECK, "data.csv has no column %.60s", name);
        }
    }
    return SIL_OK;
}

/* A text that is no value of its field breaks whatever speaks of it. */
static void take_row(struct held *h, const struct aud_csv *csv)
{
    bool breaks = false;
    for (size_t i = 0; i < h->table.n_fields; i++) {
        if (h->is_named[i]) {
            const struct aud_text *text = &csv->field[h->place[i]];
            aud_shown_read(&h->shown[i], &h->table.field[i], text->text, text->length);
            breaks = breaks || h->shown[i].kind == AUD_SHOWS_NOTHING;
        }
    }
    for (size_t i = 0; !breaks && i < h->rules.n; i++) {
        breaks = aud_rule_breaks(&h->rules.rule[i], h->shown, h->work);
    }
    h->n_rows++;
    h->n_broken += breaks;
    if (breaks && h->first_bad == 0) {
        h->first_bad = csv->record;
    }
}

static sil_status take_rows(struct held *h, const struct sil_bytes *bytes,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    bool is_end = false;
    aud_csv_begin(&csv, bytes->data, bytes->length, ',');
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    SIL_TRY(find_columns(h, &csv, err));
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    while (!is_end) {
        take_row(h, &csv);
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
    }

cleanup:
    aud_csv_clear(&csv);
    return status;
}

/* ---- what came of it ---- */

static bool is_said(const struct aud_case *item, const char *path, uint64_t n)
{
    const json_t *said = aud_statement_at(item, path);
    return json_is_integer(said) && json_integer_value(said) >= 0 &&
           (uint64_t)json_integer_value(said) == n;
}

static void note(struct aud_case *item, const struct held *h)
{
    if (aud_statement_at(item, "predicate/rows/rules") == NULL) {
        aud_find(&item->findings, "R10", RULES, AUD_REFUTED,
                 "the schema has %zu rules, and statement.json does not say how many "
                 "rows break one",
                 h->rules.n);
    } else if (!is_said(item, "predicate/rows/rules/declared", h->rules.n)) {
        aud_find(&item->findings, "R10", RULES, AUD_REFUTED,
                 "statement.json counts other rules than the %zu of the schema",
                 h->rules.n);
    } else if (!is_said(item, "predicate/rows/rules/rows_that_violate", h->n_broken)) {
        aud_find(&item->findings, "R10", RULES, AUD_REFUTED,
                 "%" PRIu64 " of %" PRIu64
                 " rows break a rule of the schema, the first record %" PRIu64
                 " of data.csv (0: none); statement.json says another number",
                 h->n_broken, h->n_rows, h->first_bad);
    } else {
        aud_find(&item->findings, "R10", RULES, AUD_HOLDS,
                 "%" PRIu64 " of %" PRIu64 " rows break one of %zu rules", h->n_broken,
                 h->n_rows, h->rules.n);
    }
}

static sil_status check(struct aud_case *item, struct held *h, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes csv = {0};
    uint64_t n_records = 0;
    uint64_t size = 0;
    const char *schema = (const char *)item->transcript.schema.data;
    size_t length = item->transcript.schema.length;
    SIL_TRY(aud_table_begin(&h->table, schema, length, err));
    aud_discovery_tell(&h->table, &item->transcript);
    SIL_TRY(aud_rules_read(&h->rules, schema, length, &h->table, err));
    if (h->rules.n == 0) {
        if (aud_statement_at(item, "predicate/rows/rules") != NULL) {
            aud_find(&item->findings, "R10", RULES, AUD_REFUTED,
                     "statement.json speaks of rules, and the schema has none");
        }
        return SIL_OK;
    }
    SIL_TRY(prepare(h, err));
    SIL_TRY(aud_folder_records(&n_records, &item->folder, "data.csv", err));
    SIL_TRY(aud_folder_size(&size, &item->folder, "data.csv", err));
    if (size > LARGEST || (double)n_records * steps_of(h) > STEPS_MAX) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "data.csv is too large to be held against the rules here");
        goto cleanup;
    }
    SIL_TRY(aud_folder_read(&csv, &item->folder, "data.csv", LARGEST, err));
    SIL_TRY(take_rows(h, &csv, err));
    note(item, h);

cleanup:
    sil_bytes_clear(&csv);
    return status;
}

sil_status aud_check_rules(struct aud_case *item, struct sil_error *err)
{
    struct held held = {.n_rows = 0};
    if (!item->has_transcript || item->run == NULL || item->statement == NULL) {
        return SIL_OK; /* what is wrong then was noted */
    }
    sil_status status = check(item, &held, err);
    clear(&held);
    if (aud_is_fault(status)) {
        return status;
    }
    if (status != SIL_OK) {
        aud_find_status(&item->findings, "R10", RULES, status, err);
    }
    return SIL_OK;
}
