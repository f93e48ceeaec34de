// SPDX-License-Identifier: Apache-2.0
/* Rows made to order, held against the order row by row: no generator is needed for that. What
 * parity asks of them cannot be seen in rows. */
#include "audits/claim/discovery.h"
#include "audits/order/order.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char CONDITION[] = "Every row meets the condition that was ordered";
static const char SHARES[] = "Rebalanced columns have the shares that were ordered";

/* data.csv is read whole; and what a value takes to be read, in comparisons of two. */
static const size_t LARGEST = (size_t)1 << 30;

enum { VALUE_STEPS = 64 };

static const double STEPS_MAX = 0x1p33;

struct order {
    struct aud_table table; ///< its fields alone
    struct aud_condition condition;
    struct aud_portions portions[AUD_REBALANCED_MAX];
    size_t n_portions;
    bool *is_asked;          ///< of each field
    size_t *place;           ///< of each field in a record
    struct aud_shown *shown; ///< of each field
    uint8_t *work;
    uint64_t n_rows;
    uint64_t first_bad; ///< record; 0: none
};

/* ---- reading the order ---- */

static sil_status read_texts(struct order *o, const struct aud_case *item,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *where = aud_statement_text(item, "predicate/rows/made_to_order/where");
    const json_t *list =
        aud_statement_at(item, "predicate/rows/made_to_order/rebalance");
    if (json_is_string(aud_statement_at(item, "predicate/rows/made_to_order/where"))) {
        SIL_TRY(aud_condition_read(&o->condition, where, &o->table, err));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct aud_portions *portions = &o->portions[o->n_portions++];
        SIL_TRY(aud_portions_read(portions, json_string_value(json_array_get(list, i)),
                                  &o->table, err));
        for (size_t k = 0; k + 1 < o->n_portions; k++) {
            if (o->portions[k].field == portions->field) {
                return sil_fail(err, SIL_ERR_CHECK, "a column is rebalanced twice");
            }
        }
    }

cleanup:
    return status;
}

static sil_status prepare(struct order *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t n = o->table.n_columns;
    SIL_TRY(sil_alloc(&o->is_asked, n, sizeof *o->is_asked, "an order", err));
    SIL_TRY(sil_alloc(&o->place, n, sizeof *o->place, "an order", err));
    SIL_TRY(sil_alloc(&o->shown, n, sizeof *o->shown, "an order", err));
    SIL_TRY(sil_alloc(&o->work, o->condition.n_steps, 1, "an order", err));
    for (size_t i = 0; i < n; i++) {
        mpq_init(o->shown[i].value);
    }
    for (size_t i = 0; i < o->condition.n_asked; i++) {
        o->is_asked[o->condition.asked[i].field] = true;
    }
    for (size_t i = 0; i < o->n_portions; i++) {
        o->is_asked[o->portions[i].field] = true;
    }

cleanup:
    return status;
}

static void clear(struct order *o)
{
    for (size_t i = 0; o->shown != NULL && i < o->table.n_columns; i++) {
        mpq_clear(o->shown[i].value);
    }
    for (size_t i = 0; i < o->n_portions; i++) {
        aud_portions_clear(&o->portions[i]);
    }
    aud_condition_clear(&o->condition);
    aud_table_clear(&o->table);
    free(o->is_asked);
    free(o->place);
    free(o->shown);
    free(o->work);
}

/* ---- the rows ---- */

/* Steps that the rows take at most. */
static double steps_of(const struct order *o, double n_records)
{
    double steps = (double)o->condition.n_steps;
    for (size_t i = 0; i < o->condition.n_asked; i++) {
        steps += (double)o->condition.asked[i].n_values;
    }
    for (size_t i = 0; i < o->table.n_columns; i++) {
        steps += o->is_asked[i] ? VALUE_STEPS : 0;
    }
    for (size_t i = 0; i < o->n_portions; i++) {
        steps += 2 * (double)o->portions[i].n;
    }
    return n_records * steps;
}

static sil_status find_columns(struct order *o, const struct aud_csv *csv,
                               struct sil_error *err)
{
    for (size_t i = 0; i < o->table.n_columns; i++) {
        const char *name = o->table.field[i].name;
        o->place[i] = aud_csv_first(csv, name);
        if (o->is_asked[i] && o->place[i] == csv->n_fields) {
            return sil_fail(err, SIL_ERR_CHECK, "data.csv has no column %.60s", name);
        }
    }
    return SIL_OK;
}

static void take_row(struct order *o, const struct aud_csv *csv)
{
    bool is_row = true;
    for (size_t i = 0; i < o->table.n_columns; i++) {
        if (o->is_asked[i]) {
            const struct aud_text *text = &csv->field[o->place[i]];
            aud_shown_read(&o->shown[i], &o->table.field[i], text->text, text->length);
            is_row = is_row && o->shown[i].kind != AUD_SHOWS_NOTHING;
        }
    }
    o->n_rows++;
    if (o->first_bad == 0 &&
        !(is_row && aud_condition_holds(&o->condition, o->shown, o->work))) {
        o->first_bad = csv->record;
    }
    for (size_t i = 0; i < o->n_portions; i++) {
        aud_portions_count(&o->portions[i], &o->shown[o->portions[i].field]);
    }
}

static sil_status take_rows(struct order *o, const struct sil_bytes *bytes,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    bool is_end = false;
    aud_csv_begin(&csv, bytes->data, bytes->length, ',');
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    SIL_TRY(find_columns(o, &csv, err));
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    while (!is_end) {
        take_row(o, &csv);
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
    }

cleanup:
    aud_csv_clear(&csv);
    return status;
}

/* ---- what came of it ---- */

/* docs/rounding.md: farther than 4 sqrt(n) + 16 of n rows from what was ordered at most once
 * in 10^13, as independent draws. */
static bool is_near(uint64_t n, double share, uint64_t n_rows)
{
    double all = (double)n_rows;
    return fabs((double)n - share * all) <= 4 * sqrt(all) + 16;
}

/* The first share that the rows have not; the rest of a column stands behind its values. */
static bool find_far(const struct order *o, const struct aud_portions **portions,
                     double *share, uint64_t *n)
{
    for (size_t i = 0; i < o->n_portions; i++) {
        *portions = &o->portions[i];
        double rest = 1;
        for (size_t k = 0; k < (*portions)->n; k++) {
            *share = mpq_get_d((*portions)->portion[k].share);
            *n = (*portions)->portion[k].n;
            rest -= *share;
            if (!is_near(*n, *share, o->n_rows)) {
                return true;
            }
        }
        *share = rest;
        *n = (*portions)->n_rest;
        if (!is_near(*n, rest, o->n_rows)) {
            return true;
        }
    }
    return false;
}

/* Why honest rows could be so far off; NULL: they could not. */
static const char *excuse_of(const struct aud_case *item, const struct order *o)
{
    if (item->transcript.replay == 1) {
        return "honest rows of replay 1 that are few beside the cells of the model can be "
               "so far off";
    }
    return o->table.has_rules ? "rows that break a rule of the schema are changed"
                              : NULL;
}

static void note_far(struct aud_case *item, const struct order *o,
                     const struct aud_portions *portions, double share, uint64_t n)
{
    const char *excuse = excuse_of(item, o);
    aud_find(&item->findings, "R9", SHARES,
             excuse == NULL ? AUD_REFUTED : AUD_INCONCLUSIVE,
             "of %.60s a share of %.9g was ordered, and %" PRIu64 " of %" PRIu64
             " rows have it; %s%s",
             o->table.field[portions->field].name, share, n, o->n_rows,
             excuse == NULL ? "honest rows are no farther off than 4 sqrt(n) + 16 of n "
                              "rows, but for once in 10^13"
                            : excuse,
             excuse == NULL ? "" : ": drawing them again decides (--generator)");
}

static void note(struct aud_case *item, const struct order *o)
{
    const struct aud_portions *portions = NULL;
    double share = 0;
    uint64_t n = 0;
    if (o->condition.n_steps > 0 && o->first_bad > 0) {
        aud_find(&item->findings, "R9", CONDITION, AUD_REFUTED,
                 "record %" PRIu64 " of data.csv does not", o->first_bad);
    } else if (o->condition.n_steps > 0) {
        aud_find(&item->findings, "R9", CONDITION, AUD_HOLDS, "%s", "");
    }
    if (o->n_portions > 0 && find_far(o, &portions, &share, &n)) {
        note_far(item, o, portions, share, n);
    } else if (o->n_portions > 0) {
        aud_find(&item->findings, "R9", SHARES, AUD_HOLDS, "%s", "");
    }
}

static sil_status check(struct aud_case *item, struct order *o, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes csv = {0};
    uint64_t n_records = 0;
    uint64_t size = 0;
    SIL_TRY(aud_table_begin(&o->table, (const char *)item->transcript.schema.data,
                            item->transcript.schema.length, err));
    aud_discovery_tell(&o->table, &item->transcript);
    SIL_TRY(read_texts(o, item, err));
    SIL_TRY(prepare(o, err));
    SIL_TRY(aud_folder_records(&n_records, &item->folder, "data.csv", err));
    SIL_TRY(aud_folder_size(&size, &item->folder, "data.csv", err));
    if (size > LARGEST || steps_of(o, (double)n_records) > STEPS_MAX) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "data.csv is too large to be held against the order here");
        goto cleanup;
    }
    SIL_TRY(aud_folder_read(&csv, &item->folder, "data.csv", LARGEST, err));
    SIL_TRY(take_rows(o, &csv, err));
    note(item, o);

cleanup:
    sil_bytes_clear(&csv);
    return status;
}

sil_status aud_check_order(struct aud_case *item, struct sil_error *err)
{
    struct order order = {.n_rows = 0};
    const json_t *said = aud_statement_at(item, "predicate/rows/made_to_order");
    if (!item->has_transcript || item->run == NULL || said == NULL ||
        !aud_is_order(said)) {
        return SIL_OK; /* what is wrong then was noted */
    }
    sil_status status = check(item, &order, err);
    clear(&order);
    if (aud_is_fault(status)) {
        return status;
    }
    if (status != SIL_OK) {
        aud_find_status(&item->findings, "R9", CONDITION, status, err);
    }
    return SIL_OK;
}
