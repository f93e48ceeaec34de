// SPDX-License-Identifier: Apache-2.0
/* The columns of data.csv that follow from others of their row, worked out once more. */
#include "audits/claim/discovery.h"
#include "audits/order/recomputed.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char FOLLOW[] = "Recomputed columns follow from the others of their row";

/* data.csv is read whole; and what a value takes to be read, in comparisons of two. */
static const size_t LARGEST = (size_t)1 << 30;

static const double VALUE_STEPS = 64;
static const double STEPS_MAX = 0x1p33;

struct held {
    struct aud_table table; ///< its fields alone
    struct aud_recomputing recomputing;
    size_t *place; ///< of each column of the schema in a record
    uint64_t n_rows;
    uint64_t n_broken;
    uint64_t first_bad; ///< record; 0: none
    size_t first_field; ///< of it
};

/* Steps that a row takes at most. */
static double steps_of(const struct held *h)
{
    double steps = 0;
    for (size_t i = 0; i < h->recomputing.n; i++) {
        const struct aud_recomputed *item = &h->recomputing.item[i];
        steps += VALUE_STEPS * (1 + (double)aud_recomputed_n_from(item));
    }
    return steps;
}

static sil_status find_columns(struct held *h, const struct aud_csv *csv,
                               struct sil_error *err)
{
    for (size_t i = 0; i < h->table.n_columns; i++) {
        const char *name = h->table.field[i].name;
        h->place[i] = aud_csv_first(csv, name);
        if (h->place[i] == csv->n_fields) {
            return sil_fail(err, SIL_ERR_CHECK, "data.csv has no column %.60s", name);
        }
    }
    return SIL_OK;
}

static void take_row(struct held *h, const struct aud_csv *csv)
{
    bool is_good = true;
    for (size_t i = 0; i < h->recomputing.n && is_good; i++) {
        const struct aud_recomputed *item = &h->recomputing.item[i];
        struct aud_text from[AUD_SUM_MAX];
        for (size_t k = 0; k < aud_recomputed_n_from(item); k++) {
            from[k] = csv->field[h->place[aud_recomputed_from(item, k)]];
        }
        is_good = aud_recomputed_follows(&h->recomputing, i, &h->table, from,
                                         &csv->field[h->place[item->to]]);
        if (!is_good && h->first_bad == 0) {
            h->first_bad = csv->record;
            h->first_field = item->to;
        }
    }
    h->n_rows++;
    h->n_broken += !is_good;
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

static void note(struct aud_case *item, const struct held *h)
{
    if (h->n_broken == 0) {
        aud_find(&item->findings, "R11", FOLLOW, AUD_HOLDS,
                 "%zu columns of %" PRIu64 " rows", h->recomputing.n, h->n_rows);
        return;
    }
    aud_find(&item->findings, "R11", FOLLOW, AUD_REFUTED,
             "%" PRIu64 " of %" PRIu64
             " rows have another value than the schema says, the first %.60s of record "
             "%" PRIu64 " of data.csv",
             h->n_broken, h->n_rows, h->table.field[h->first_field].name, h->first_bad);
}

static sil_status check_rows(struct aud_case *item, struct held *h,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes csv = {0};
    uint64_t n_records = 0;
    uint64_t size = 0;
    SIL_TRY(sil_alloc(&h->place, h->table.n_columns, sizeof *h->place, "columns", err));
    SIL_TRY(aud_folder_records(&n_records, &item->folder, "data.csv", err));
    SIL_TRY(aud_folder_size(&size, &item->folder, "data.csv", err));
    if (size > LARGEST || (double)n_records * steps_of(h) > STEPS_MAX) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "data.csv is too large to be recomputed here");
        goto cleanup;
    }
    SIL_TRY(aud_folder_read(&csv, &item->folder, "data.csv", LARGEST, err));
    SIL_TRY(take_rows(h, &csv, err));
    note(item, h);

cleanup:
    free(h->place);
    sil_bytes_clear(&csv);
    return status;
}

static sil_status check(struct aud_case *item, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct held h = {.n_rows = 0};
    const char *schema = (const char *)item->transcript.schema.data;
    size_t length = item->transcript.schema.length;
    SIL_TRY(aud_table_begin(&h.table, schema, length, err));
    aud_discovery_tell(&h.table, &item->transcript);
    status = aud_recomputing_read(&h.recomputing, schema, length, &h.table, err);
    if (status == SIL_OK && h.recomputing.n > 0) {
        status = check_rows(item, &h, err);
    }
    aud_recomputing_clear(&h.recomputing);

cleanup:
    aud_table_clear(&h.table);
    return status;
}

sil_status aud_check_recomputed(struct aud_case *item, struct sil_error *err)
{
    if (!item->has_transcript || item->run == NULL || item->statement == NULL) {
        return SIL_OK; /* what is wrong then was noted */
    }
    sil_status status = check(item, err);
    if (aud_is_fault(status)) {
        return status;
    }
    if (status != SIL_OK) {
        aud_find_status(&item->findings, "R11", FOLLOW, status, err);
    }
    return SIL_OK;
}
