// SPDX-License-Identifier: Apache-2.0
#include "audits/game/black.h"

#include "audits/table/csv.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

void aud_black_clear(struct aud_black *black)
{
    aud_tally_clear(&black->evidence.tally);
}

/* ---- from labels to canaries ---- */

struct entry {
    const char *label;
    uint32_t canary;
};

/* Of every column its labels in order, each with the canary that has it. */
struct index {
    const struct aud_world *world;
    struct entry *entry; ///< owned: columns x values
    size_t
        place[AUD_WORLD_COLUMNS_MAX]; ///< of each column, among the fields of a record
};

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->label, ((const struct entry *)b)->label);
}

static sil_status index_begin(struct index *out, const struct aud_world *world,
                              struct sil_error *err)
{
    const size_t n = world->shape.values;
    *out = (struct index){.world = world};
    sil_status status = sil_alloc(&out->entry, n * world->shape.columns,
                                  sizeof *out->entry, "labels", err);
    for (uint32_t c = 0; c < world->shape.columns && status == SIL_OK; c++) {
        struct entry *list = out->entry + c * n;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t code = aud_world_canary(world, i)[c];
            list[i] = (struct entry){world->label[c * n + code], i};
        }
        qsort(list, n, sizeof *list, compare_entries);
    }
    return status;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Blanks around a value are no other value. */
static struct aud_text trimmed(struct aud_text field)
{
    while (field.length > 0 && is_blank(field.text[0])) {
        field.text++;
        field.length--;
    }
    while (field.length > 0 && is_blank(field.text[field.length - 1])) {
        field.length--;
    }
    return field;
}

static uint32_t find_canary(const struct index *index, uint32_t column,
                            const struct aud_text *whole)
{
    const size_t n = index->world->shape.values;
    const struct aud_text field = trimmed(*whole);
    char label[AUD_LABEL];
    if (field.length >= sizeof label) {
        return NONE;
    }
    memcpy(label, field.text, field.length);
    label[field.length] = '\0';
    const struct entry key = {label, 0};
    const struct entry *found =
        bsearch(&key, index->entry + column * n, n, sizeof key, compare_entries);
    return found == NULL ? NONE : found->canary;
}

static bool is_word(const struct aud_text *field, const char *word)
{
    const struct aud_text inner = trimmed(*field);
    return inner.length == strlen(word) && memcmp(inner.text, word, inner.length) == 0;
}

static sil_status find_columns(struct index *index, const struct aud_csv *csv,
                               struct sil_error *err)
{
    for (uint32_t c = 0; c < index->world->shape.columns; c++) {
        const char *name = index->world->column[c];
        size_t k = 0;
        while (k < csv->n_fields && !is_word(&csv->field[k], name)) {
            k++;
        }
        if (k == csv->n_fields) {
            return sil_fail(err, SIL_ERR_INPUT, "the rows lack a column of the schema");
        }
        index->place[c] = k;
    }
    return SIL_OK;
}

/* ---- counts ---- */

static size_t n_counts(const struct aud_world *world)
{
    const size_t d = world->shape.columns;
    return d * (d + 1) / 2 + 1;
}

/* A row whose field in column c is the value of canary `who[c]`. */
static void count_row(double *counts, size_t n, const uint32_t *who, size_t d)
{
    size_t next = d;
    bool is_whole = who[0] != NONE;
    for (size_t a = 0; a < d; a++) {
        is_whole = is_whole && who[a] == who[0];
        if (who[a] != NONE) {
            counts[who[a] * n + a] += 1;
        }
        for (size_t b = a + 1; b < d; b++, next++) {
            if (who[a] != NONE && who[a] == who[b]) {
                counts[who[a] * n + next] += 1;
            }
        }
    }
    if (is_whole) {
        counts[who[0] * n + n - 1] += 1;
    }
}

static sil_status count_rows(double *counts, size_t *n_rows, struct index *index,
                             const struct sil_bytes *rows, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    const size_t d = index->world->shape.columns;
    bool is_end = false;
    uint32_t who[AUD_WORLD_COLUMNS_MAX];
    size_t n_known = 0;
    aud_csv_begin(&csv, rows->data, rows->length, ',');
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    SIL_TRY(find_columns(index, &csv, err));
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    while (!is_end) {
        for (uint32_t c = 0; c < d; c++) {
            who[c] = find_canary(index, c, &csv.field[index->place[c]]);
            n_known += who[c] != NONE ? 1 : 0;
        }
        count_row(counts, n_counts(index->world), who, d);
        (*n_rows)++;
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
    }
    /* In rows that cannot be read as the schema's, nothing was looked for. */
    if (2 * n_known < *n_rows * d || *n_rows == 0) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "of the %zu fields of its rows only %zu are values that the "
                          "schema lists",
                          *n_rows * d, n_known);
    }

cleanup:
    aud_csv_clear(&csv);
    return status;
}

/* Counts of the realistic rows, on the scale of the rows that were made, are taken off. */
static sil_status take_off(double *counts, const struct aud_world *world, size_t n_rows,
                           struct sil_error *err)
{
    const struct aud_shape *shape = &world->shape;
    const size_t d = shape->columns;
    const size_t n = n_counts(world);
    double *base = NULL;
    uint32_t *canary = NULL;
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&base, n * shape->values, sizeof *base, "counts", err));
    SIL_TRY(sil_alloc(&canary, d * shape->values, sizeof *canary, "canaries", err));
    for (uint32_t i = 0; i < shape->values; i++) {
        for (uint32_t c = 0; c < d; c++) {
            canary[c * shape->values + aud_world_canary(world, i)[c]] = i;
        }
    }
    for (size_t row = 0; row < shape->rows; row++) {
        uint32_t who[AUD_WORLD_COLUMNS_MAX];
        for (uint32_t c = 0; c < d; c++) {
            who[c] = canary[c * shape->values + world->base[row * d + c]];
        }
        count_row(base, n, who, d);
    }
    double scale = (shape->rows + 0.5 * shape->values) / (double)n_rows;
    for (size_t i = 0; i < n * shape->values; i++) {
        counts[i] = counts[i] * scale - base[i];
    }

cleanup:
    free(base);
    free(canary);
    return status;
}

/* ---- learning ---- */

static void learn(struct aud_moments *kind, const double *x, size_t n, bool is_in)
{
    const int k = is_in ? 1 : 0;
    kind->n[k] += 1;
    for (size_t a = 0; a < n; a++) {
        kind->sum[k][a] += x[a];
        for (size_t b = 0; b < n; b++) {
            kind->product[a][b] += x[a] * x[b];
        }
    }
}

/* Solve a w = b for a matrix that is positive definite, in place (Cholesky). */
static void solve(double a[AUD_COUNTS_MAX][AUD_COUNTS_MAX], double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            double factor = a[i][k];
            for (size_t m = i; m < n; m++) {
                a[m][i] -= a[m][k] * factor;
            }
        }
        double root = sqrt(a[i][i]);
        for (size_t m = i; m < n; m++) {
            a[m][i] /= root;
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            b[i] -= a[i][k] * b[k];
        }
        b[i] /= a[i][i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++) {
            b[i] -= a[k][i] * b[k];
        }
        b[i] /= a[i][i];
    }
}

/* Within-class covariance, and the weights that part the two means best. A little is added to
 * the diagonal: counts that never vary have no inverse. */
static void finish(struct aud_moments *kind, size_t n)
{
    double covariance[AUD_COUNTS_MAX][AUD_COUNTS_MAX];
    double factor[AUD_COUNTS_MAX][AUD_COUNTS_MAX];
    double all = kind->n[0] + kind->n[1];
    double variance = 0;
    kind->spread = 1;
    if (kind->n[0] < 2 || kind->n[1] < 2) {
        return; /* nothing learnt: all scores are 0 */
    }
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) {
            covariance[a][b] =
                (kind->product[a][b] - kind->sum[0][a] * kind->sum[0][b] / kind->n[0] -
                 kind->sum[1][a] * kind->sum[1][b] / kind->n[1]) /
                all;
        }
        covariance[a][a] = covariance[a][a] * (1 + 1e-6) + 1e-6;
        kind->weight[a] = kind->sum[1][a] / kind->n[1] - kind->sum[0][a] / kind->n[0];
    }
    memcpy(factor, covariance, sizeof factor);
    solve(factor, kind->weight, n);
    for (size_t a = 0; a < n; a++) {
        kind->middle += kind->weight[a] *
                        (kind->sum[0][a] / kind->n[0] + kind->sum[1][a] / kind->n[1]) /
                        2;
        for (size_t b = 0; b < n; b++) {
            variance += kind->weight[a] * covariance[a][b] * kind->weight[b];
        }
    }
    kind->spread = variance > 0 ? sqrt(variance) : 1;
}

static double score(const struct aud_moments *kind, const double *x, size_t n)
{
    double sum = -kind->middle;
    for (size_t a = 0; a < n; a++) {
        sum += kind->weight[a] * x[a];
    }
    return sum / kind->spread;
}

/* ---- a run ---- */

/* The counts of a canary, of a pair their difference; and whether realistic rows have its
 * values: those come first in the order of canaries. */
static size_t counts_of(double *x, const double *counts, const struct aud_world *world,
                        size_t i)
{
    const size_t n = n_counts(world);
    const size_t row = world->shape.is_pair ? 2 * i : i;
    for (size_t a = 0; a < n; a++) {
        x[a] = counts[row * n + a] -
               (world->shape.is_pair ? counts[(row + 1) * n + a] : 0);
    }
    return row < world->shape.values / 2 ? 0 : 1;
}

static sil_status use(struct aud_black *black, const double *counts,
                      const struct aud_world *world, const uint8_t *coin,
                      struct sil_error *err)
{
    double x[AUD_COUNTS_MAX];
    double *z = NULL;
    const size_t n = n_counts(world);
    sil_status status = sil_alloc(&z, world->n_canaries, sizeof *z, "scores", err);
    for (size_t i = 0; i < world->n_canaries && status == SIL_OK; i++) {
        size_t kind = counts_of(x, counts, world, i);
        z[i] = score(&black->kind[kind], x, n);
    }
    if (status == SIL_OK) {
        const struct aud_run_scores run = {
            .n = world->n_canaries,
            .z = z,
            .blind = z,
            .coin = coin,
            .tie = aud_dice_coin(&black->evidence.game->dice)};
        status = aud_tally_add(&black->evidence.tally, &run, err);
    }
    free(z);
    return status;
}

static void teach(struct aud_black *black, const double *counts,
                  const struct aud_world *world, const uint8_t *coin)
{
    double x[AUD_COUNTS_MAX];
    for (size_t i = 0; i < world->n_canaries; i++) {
        size_t kind = counts_of(x, counts, world, i);
        learn(&black->kind[kind], x, n_counts(world), coin[i] != 0);
    }
    black->n_learnt++;
}

sil_status aud_black_add(struct aud_black *black, const struct aud_world *world,
                         const uint8_t *coin, const struct sil_bytes *rows,
                         size_t learn_runs, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct index index = {0};
    double *counts = NULL;
    size_t n_rows = 0;
    SIL_TRY(index_begin(&index, world, err));
    SIL_TRY(sil_alloc(&counts, n_counts(world) * world->shape.values, sizeof *counts,
                      "counts", err));
    SIL_TRY(count_rows(counts, &n_rows, &index, rows, err));
    SIL_TRY(take_off(counts, world, n_rows > 0 ? n_rows : 1, err));
    if (black->n_learnt < learn_runs) {
        teach(black, counts, world, coin);
        goto cleanup;
    }
    if (!black->is_ready) {
        finish(&black->kind[0], n_counts(world));
        finish(&black->kind[1], n_counts(world));
        black->is_ready = true;
    }
    SIL_TRY(use(black, counts, world, coin, err));

cleanup:
    free(index.entry);
    free(counts);
    return status;
}

void aud_black_judge(struct aud_black *black)
{
    struct aud_evidence *evidence = &black->evidence;
    if (evidence->tally.n < 20) {
        aud_find(&evidence->game->findings, evidence->id, "canaries in the rows",
                 AUD_INCONCLUSIVE, "too few runs: some to learn from, some to judge");
        return;
    }
    const struct aud_estimate e = aud_tally_estimate(&evidence->tally);
    aud_judge_claim(evidence);
    aud_judge_bounds(evidence);
    aud_evidence_figure(evidence, "apart", e.apart);
    aud_evidence_figure(evidence, "apart_error", e.error);
}
