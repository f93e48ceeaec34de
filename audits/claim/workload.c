// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/workload.h"

#include "audits/claim/learnt.h"
#include "audits/table/table.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 8 };

static const uint64_t MOST_COMBINATIONS = (uint64_t)1 << 24;
static const uint64_t WEIGHT_MAX = (uint64_t)1 << 20;

void aud_workload_clear(struct aud_workload *workload)
{
    free(workload->cells);
    free(workload->of_attr);
    *workload = (struct aud_workload){0};
}

uint64_t aud_cells(const struct aud_workload *workload, const uint32_t *attr, size_t n)
{
    uint64_t cells = 1;
    for (size_t i = 0; i < n; i++) {
        if (__builtin_mul_overflow(cells, workload->cells[attr[i]], &cells)) {
            return UINT64_MAX;
        }
    }
    return cells;
}

static uint64_t sum_of(const struct aud_workload *workload, const uint32_t *attr,
                       size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += workload->of_attr[attr[i]];
    }
    return sum;
}

uint64_t aud_weight(const struct aud_workload *workload, const uint32_t *attr, size_t n)
{
    if (workload->divisor == 0) {
        return 1;
    }
    uint64_t weight = sum_of(workload, attr, n) / workload->divisor;
    if (workload->largest > WEIGHT_MAX) {
        weight = weight * WEIGHT_MAX / workload->largest;
    }
    return weight == 0 ? 1 : weight;
}

/* ---- the marginals ---- */

/* The columns of each marginal, one after the other. */
typedef void visit_function(struct aud_workload *out, const uint32_t *attr, size_t n,
                            uint64_t weight);

static void add_weight(struct aud_workload *out, const uint32_t *attr, size_t n,
                       uint64_t weight)
{
    for (size_t i = 0; i < n; i++) {
        out->of_attr[attr[i]] += weight;
    }
}

/* A candidate is heaviest when it is a whole marginal. */
static void note_largest(struct aud_workload *out, const uint32_t *attr, size_t n,
                         uint64_t weight)
{
    (void)weight;
    uint64_t sum = sum_of(out, attr, n) / out->divisor;
    out->largest = sum > out->largest ? sum : out->largest;
}

/* The next combination of k places below n; false at the end. */
static bool next_combination(size_t *place, size_t k, size_t n)
{
    size_t i = k;
    while (i > 0 && place[i - 1] == n - k + i - 1) {
        i--;
    }
    if (i == 0) {
        return false;
    }
    place[i - 1]++;
    for (; i < k; i++) {
        place[i] = place[i - 1] + 1;
    }
    return true;
}

/* Every marginal of k columns with at most max_cells cells; false: too many. */
static bool visit_combinations(struct aud_workload *out, visit_function *visit,
                               const uint32_t *active, const size_t shape[2],
                               uint64_t max_cells)
{
    size_t place[COLUMNS_MAX];
    size_t n = shape[0];
    size_t k = shape[1] < n ? shape[1] : n;
    uint64_t looked_at = 0;
    for (size_t i = 0; i < k; i++) {
        place[i] = i;
    }
    do {
        uint32_t attr[COLUMNS_MAX];
        for (size_t i = 0; i < k; i++) {
            attr[i] = active[place[i]];
        }
        if (k > 0 && aud_cells(out, attr, k) <= max_cells) {
            visit(out, attr, k, 1);
        }
        if (++looked_at > MOST_COMBINATIONS) {
            return false;
        }
    } while (next_combination(place, k, n));
    return true;
}

static sil_status visit_all(struct aud_workload *out, visit_function *visit,
                            const struct aud_transcript *transcript,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *active = NULL;
    size_t shape[2] = {0, 0};
    for (size_t i = 0; i < transcript->n_wanted; i++) {
        const struct aud_wanted *wanted = &transcript->wanted[i];
        visit(out, wanted->attr, wanted->n_attrs, wanted->weight);
    }
    if (strcmp(transcript->workload, "file") == 0) {
        return SIL_OK;
    }
    shape[1] = (size_t)(transcript->workload[0] - '0');
    if (strlen(transcript->workload) != 1 || shape[1] < 1 || shape[1] > COLUMNS_MAX ||
        transcript->n_wanted > 0) {
        return aud_refuse(err, "M1", "a workload that is none");
    }
    SIL_TRY(sil_alloc(&active, out->n, sizeof *active, "columns", err));
    for (uint32_t a = 0; a < out->n; a++) {
        if (out->cells[a] > 1) {
            active[shape[0]++] = a;
        }
    }
    if (!visit_combinations(out, visit, active, shape, transcript->max_cells)) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "a workload of more combinations than are looked at");
    }

cleanup:
    free(active);
    return status;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Cells of a field whose bins were learnt, in the place of those of its leaves. */
static sil_status count_bins(uint64_t *cells, const struct aud_transcript *transcript,
                             size_t attr, const struct aud_field *field,
                             struct sil_error *err)
{
    struct aud_learnt learnt = {0};
    sil_status status = aud_learnt_find(&learnt, transcript, attr, field, err);
    *cells = *cells - field->n_plain + learnt.n_bins;
    aud_learnt_clear(&learnt);
    return status;
}

static sil_status find_cells(struct aud_workload *out,
                             const struct aud_transcript *transcript,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_table table = {0};
    status = aud_table_begin(&table, (const char *)transcript->schema.data,
                             transcript->schema.length, err);
    if (status == SIL_ERR_INPUT ||
        (status == SIL_OK && table.n_fields != transcript->n_columns)) {
        status = aud_refuse(err, "M1", "a schema that this program cannot read");
    }
    SIL_TRY(status);
    out->n = table.n_fields;
    SIL_TRY(sil_alloc(&out->cells, out->n, sizeof *out->cells, "columns", err));
    SIL_TRY(sil_alloc(&out->of_attr, out->n, sizeof *out->of_attr, "columns", err));
    for (size_t a = 0; a < out->n; a++) {
        out->cells[a] = table.field[a].n_cells;
        if (table.field[a].wanted > 0) {
            SIL_TRY(count_bins(&out->cells[a], transcript, a, &table.field[a], err));
        }
    }
    for (size_t i = 0; i < transcript->n_found; i++) {
        out->cells[transcript->found[i].attr] += transcript->found[i].n_values;
    }

cleanup:
    aud_table_clear(&table);
    return status;
}

sil_status aud_workload_find(struct aud_workload *out,
                             const struct aud_transcript *transcript,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct aud_workload){0};
    SIL_TRY(find_cells(out, transcript, err));
    SIL_TRY(visit_all(out, add_weight, transcript, err));
    for (size_t a = 0; a < out->n; a++) {
        out->divisor = common_divisor(out->divisor, out->of_attr[a]);
    }
    if (out->divisor > 0) {
        SIL_TRY(visit_all(out, note_largest, transcript, err));
    }

cleanup:
    return status;
}
