// SPDX-License-Identifier: Apache-2.0
/* The noise of every marginal against the data, for an auditor who holds them. */
#include "audits/claim/cells.h"
#include "audits/claim/learnt.h"
#include "audits/claim/residuals.h"
#include "audits/order/meeting.h"
#include "audits/table/commitment.h"
#include "audits/table/source.h"
#include "audits/table/table.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"

#include <sodium.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DISCLOSURE_MAX = 4096 };

static const size_t LARGEST = (size_t)4 << 30;

/* Counts with noise: numerators over 2^shift. */
struct noisy_counts {
    const int64_t *count;
    size_t n;
    unsigned shift;
    double variance;
};

/* Noisy counts beside the true ones. */
static sil_status add_counts(struct aud_residuals *residuals, uint32_t at,
                             const struct noisy_counts *noisy, const uint64_t *count,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    int64_t *step = NULL;
    SIL_TRY(sil_alloc(&step, noisy->n, sizeof *step, "counts", err));
    for (size_t i = 0; i < noisy->n; i++) {
        if (__builtin_sub_overflow(noisy->count[i], (int64_t)(count[i] << noisy->shift),
                                   &step[i])) {
            step[i] = INT64_MIN; /* a noisy count that nothing honest comes near to */
        }
    }
    double sigma = sqrt(noisy->variance) * ldexp(1, (int)noisy->shift);
    status = aud_residuals_add(residuals, at, step, count, noisy->n, sigma, err);

cleanup:
    free(step);
    return status;
}

static sil_status add_line(struct aud_residuals *residuals, uint32_t at,
                           const struct aud_left *left, const struct aud_table *table,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_axes axes;
    uint64_t *count = NULL;
    const struct noisy_counts noisy = {.count = left->noisy,
                                       .n = left->n_cells,
                                       .shift = left->shift,
                                       .variance = mpq_get_d(left->parameter)};
    SIL_TRY(aud_axes_find(&axes, left, table, err));
    SIL_TRY(sil_alloc(&count, left->n_cells, sizeof *count, "counts", err));
    for (size_t row = 0; row < table->n_rows; row++) {
        count[aud_axes_cell(&axes, table, row)]++;
    }
    status = add_counts(residuals, at, &noisy, count, err);

cleanup:
    free(count);
    return status;
}

/* ---- what bins were learnt from ---- */

/* The interval, of a level, that a leaf is in; what is no leaf stands behind them. */
static size_t interval_of(const struct aud_learnt *learnt, size_t level, uint32_t cell,
                          uint32_t n_leaves)
{
    size_t low = 0;
    size_t high = learnt->n[level];
    if (cell >= n_leaves) {
        return high + (cell - n_leaves);
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        bool is_above = learnt->first[level][middle] <= cell;
        low = is_above ? middle : low;
        high = is_above ? high : middle;
    }
    return low;
}

/* Pre  the field is not settled. */
static sil_status add_tree(struct aud_residuals *residuals, uint32_t *at,
                           const struct aud_transcript *transcript, size_t attr,
                           const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_field *field = &table->field[attr];
    struct aud_learnt learnt = {0};
    uint64_t *count = NULL;
    SIL_TRY(aud_learnt_find(&learnt, transcript, attr, field, err));
    for (size_t i = 0; i < learnt.n_levels; i++) {
        const struct aud_level *level = learnt.level[i];
        const struct noisy_counts noisy = {.count = level->noisy,
                                           .n = level->n_cells,
                                           .shift = level->shift,
                                           .variance = mpq_get_d(level->parameter)};
        free(count);
        count = NULL;
        SIL_TRY(sil_alloc(&count, noisy.n, sizeof *count, "counts", err));
        for (size_t row = 0; row < table->n_rows; row++) {
            count[interval_of(&learnt, i, table->column[attr][row], field->n_plain)]++;
        }
        SIL_TRY(add_counts(residuals, (*at)++, &noisy, count, err));
    }

cleanup:
    free(count);
    aud_learnt_clear(&learnt);
    return status;
}

/* Lines behind those of the transcript's marginals. */
static sil_status find_trees(struct aud_residuals *out, const struct aud_case *item,
                             const struct aud_table *table, struct sil_error *err)
{
    uint32_t at = (uint32_t)item->transcript.n_left;
    sil_status status = SIL_OK;
    for (size_t a = 0; a < table->n_fields && status == SIL_OK; a++) {
        if (table->field[a].has_leaves) {
            status = add_tree(out, &at, &item->transcript, a, table, err);
        }
    }
    return status;
}

static sil_status find_residuals(struct aud_residuals *out, const struct aud_case *item,
                                 const struct aud_table *table, struct sil_error *err)
{
    const struct aud_transcript *transcript = &item->transcript;
    for (size_t i = 0; i < transcript->n_left; i++) {
        const struct aud_left *left = &transcript->left[i];
        sil_status status =
            left->is_choice ? SIL_OK : add_line(out, (uint32_t)i, left, table, err);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

static void note_battery(struct aud_case *item, const struct aud_battery *battery)
{
    for (int test = 0; test < AUD_N_TESTS; test++) {
        bool is_odd = battery->adjusted[test] < AUD_BATTERY_LEVEL;
        if (!battery->has_run[test]) {
            aud_find(&item->findings, "C1", aud_test_name(test), AUD_NOT_EXAMINED,
                     "too few cells for this test");
            continue;
        }
        aud_find(&item->findings, "C1", aud_test_name(test),
                 is_odd ? AUD_REFUTED : AUD_HOLDS, "p = %.3g, adjusted %.3g",
                 battery->p[test], battery->adjusted[test]);
        aud_find_p(&item->findings, battery->adjusted[test]);
    }
    aud_find(
        &item->findings, "C1", "What would have been seen", AUD_HOLDS,
        "noise of %.4g times the claimed standard deviation over %zu cells; %.3f times "
        "too little would have been seen (power 0.99)",
        battery->ratio, battery->n, battery->seen);
}

/* ---- the domain ---- */

/* A set or a range that is just that of the data looks as if it had been read from them;
 * of two values that says nothing. */
static bool is_suspect(const struct aud_field *field, const struct aud_usage *use)
{
    return use->is_exact && (!field->is_closed || field->n_plain > 2);
}

static json_t *list_of_uses(size_t *n_suspect, uint64_t *n_outside,
                            const struct aud_table *table, struct sil_error *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct aud_field *field = &table->field[i];
        struct aud_usage use;
        if (aud_field_usage(&use, field, err) != SIL_OK) {
            json_decref(list);
            return NULL;
        }
        *n_suspect += is_suspect(field, &use);
        *n_outside += use.n_outside;
        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:I, s:I, s:b, s:b}", "field", field->name,
                      "values_outside", (json_int_t)use.n_outside, "values_never_seen",
                      (json_int_t)use.n_unused, "is_just_that_of_the_data",
                      (int)use.is_exact, "looked", (int)field->was_looked_at));
    }
    return list;
}

static sil_status check_domain(struct aud_case *item, const struct aud_table *table,
                               struct sil_error *err)
{
    size_t n_suspect = 0;
    uint64_t n_outside = 0;
    json_t *list = list_of_uses(&n_suspect, &n_outside, table, err);
    if (list == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a domain");
    }
    aud_find(
        &item->findings, "D3", "The domain was not read from these data",
        n_suspect == 0 ? AUD_HOLDS : AUD_NOT_EXAMINED,
        "%zu of %zu fields have just the values or the range of the data%s; %" PRIu64
        " values lie outside their domain; each with --json",
        n_suspect, table->n_fields,
        n_suspect > 0 ? ": ask where those domains come from" : "", n_outside);
    aud_find_list(&item->findings, "domain", list);
    if (table->n_columns > table->n_fields) {
        aud_find(
            &item->findings, "D3", "Columns that are recomputed", AUD_NOT_EXAMINED,
            "%zu: what these data have there decides nothing that was released, and "
            "is not looked at",
            table->n_columns - table->n_fields);
    }
    aud_find(
        &item->findings, "D4", "Nobody has more rows than the claim allows",
        item->transcript.is_people ? AUD_HOLDS : AUD_NOT_EXAMINED,
        item->transcript.is_people
            ? "rows of a person beyond those that count were left out here, by the "
              "rule of the transcript: what was measured is compared with the rest"
            : "the unit is one row: of somebody with k rows the claim says less, k * k "
              "times the rho");
    return SIL_OK;
}

/* ---- which data ---- */

static bool parse_hex(uint8_t *out, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++) {
        unsigned byte = 0;
        if (strspn(text + 2 * i, "0123456789abcdef") < 2 ||
            sscanf(text + 2 * i, "%2x", &byte) != 1) {
            return false;
        }
        out[i] = (uint8_t)byte;
    }
    return text[2 * n] == '\0';
}

/* The key that `silhouette ledger disclose` writes. */
static sil_status read_disclosure(uint8_t key[32], const struct aud_case *item,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    json_t *root = NULL;
    char id[33];
    SIL_TRY(aud_source_read(&bytes, item->disclosure, DISCLOSURE_MAX, err));
    SIL_TRY(sil_json_parse(&root, (const char *)bytes.data, bytes.length,
                           "the disclosure", err));
    const char *kind = json_string_value(json_object_get(root, "silhouette"));
    const char *ledger = json_string_value(json_object_get(root, "ledger"));
    const char *text = json_string_value(json_object_get(root, "data_key"));
    aud_id_print(id, &item->ledger.id);
    if (kind == NULL || strcmp(kind, "disclosure/1") != 0 || text == NULL ||
        !parse_hex(key, 32, text) || ledger == NULL || strcmp(ledger, id) != 0) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "%s is no disclosure of this ledger's key", item->disclosure);
    }

cleanup:
    json_decref(root);
    sil_bytes_clear(&bytes);
    return status;
}

static sil_status check_commitment(struct aud_case *item, const struct sil_bytes *csv,
                                   struct sil_error *err)
{
    static const char WHAT[] = "These are data that the ledger covers";
    sil_status status = SIL_OK;
    uint8_t key[32];
    uint8_t commitment[32];
    bool is = false;
    if (item->disclosure == NULL) {
        aud_find(
            &item->findings, "D2", WHAT, AUD_NOT_EXAMINED,
            "that takes the key of the data commitment (--disclosure), which the "
            "owner writes with: silhouette ledger disclose; without it, where noise "
            "is refuted below, these may be other rows than the release is made of");
        return SIL_OK;
    }
    SIL_TRY(read_disclosure(key, item, err));
    SIL_TRY(aud_commitment(commitment, csv, item->delimiter, key, err));
    for (size_t i = 0; i < item->ledger.n_commitments; i++) {
        is |=
            memcmp(item->ledger.commitment[i].hash, commitment, sizeof commitment) == 0;
    }
    aud_find(&item->findings, "D2", WHAT, is ? AUD_HOLDS : AUD_REFUTED, "%s",
             is ? "" : "none of the ledger's commitments is to this table");

cleanup:
    sodium_memzero(key, sizeof key);
    return status;
}

/* Bins that were learnt are settled only when what they were learnt from was looked at. */
static sil_status check_table(struct aud_case *item, struct aud_table *table,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_residuals residuals = {0};
    struct aud_battery battery;
    SIL_TRY(find_trees(&residuals, item, table, err));
    SIL_TRY(aud_settle_found(table, &item->transcript, err));
    SIL_TRY(check_domain(item, table, err));
    SIL_TRY(aud_check_found(item, table, err));
    SIL_TRY(find_residuals(&residuals, item, table, err));
    SIL_TRY(aud_battery_run(&battery, &residuals, err));
    note_battery(item, &battery);

cleanup:
    aud_residuals_clear(&residuals);
    return status;
}

/* Rows meet the rules of the schema first, as they did before they were counted. */
static sil_status read_table(struct aud_case *item, struct aud_table *table,
                             const struct sil_bytes *csv, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_meeting meeting = {.table = NULL};
    const struct aud_whose whose = aud_whose_privacy(&item->transcript);
    SIL_TRY(aud_meeting_begin(&meeting, (const char *)item->transcript.schema.data,
                              item->transcript.schema.length, table, err));
    if (meeting.rules.n > 0) {
        table->meets = aud_meeting_row;
        table->meets_context = &meeting;
    }
    SIL_TRY(aud_table_read(table, csv, &whose, item->delimiter, err));
    if (meeting.rules.n > 0) {
        aud_find(&item->findings, "D5",
                 "Rows that break a rule meet what the schema says", AUD_HOLDS,
                 "of %" PRIu64 " rows %" PRIu64 " were dropped and %" PRIu64
                 " changed here, by the %zu rules of the schema: what was measured is "
                 "compared with the rest",
                 meeting.n_rows, meeting.n_dropped, meeting.n_changed, meeting.rules.n);
    }

cleanup:
    table->meets = NULL;
    aud_meeting_clear(&meeting);
    return status;
}

sil_status aud_check_data(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "The marginals are of these data";
    sil_status status = SIL_OK;
    struct aud_table table = {0};
    struct sil_bytes csv = {0};
    if (!item->has_transcript) {
        return SIL_OK;
    }
    SIL_TRY(aud_source_read(&csv, item->data, LARGEST, err));
    SIL_TRY(check_commitment(item, &csv, err));
    status = aud_table_begin(&table, (const char *)item->transcript.schema.data,
                             item->transcript.schema.length, err);
    if (status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED) {
        aud_find(&item->findings, "D1", WHAT,
                 status == SIL_ERR_INPUT ? AUD_REFUTED : AUD_INCONCLUSIVE,
                 "its schema cannot be read: %s", err->text);
        status = SIL_OK;
        goto cleanup;
    }
    SIL_TRY(status);
    status = read_table(item, &table, &csv, err);
    status = status == SIL_OK ? check_table(item, &table, err) : status;
    if (status == SIL_ERR_CHECK || status == SIL_ERR_UNSUPPORTED) {
        aud_find_status(&item->findings, "D1", WHAT, status, err);
        status = SIL_OK;
    }

cleanup:
    aud_table_clear(&table);
    sil_bytes_clear(&csv);
    return status;
}
