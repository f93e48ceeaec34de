// SPDX-License-Identifier: Apache-2.0
/* Attribute inference: a value guessed from the other columns of a person's record. What can
 * be guessed of non-members as well is what the population is like, and no leak; only the
 * difference is. */
#include "audits/attack/bins.h"
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TARGETS = 2000, NEAR = AUD_GRID / 20 };

struct guessing {
    struct aud_attack *attack;
    struct aud_bins bins;
    bool is_known[AUD_COLUMNS_MAX];
    uint32_t *list; ///< of the pool
    size_t n;
    double *success;
};

/* The columns that help to guess `secret`. */
static size_t helpers(uint32_t *out, const struct guessing *g, uint32_t secret)
{
    size_t n = 0;
    for (uint32_t i = 0; i < g->attack->tables.n_columns; i++) {
        if (i != secret && (g->attack->n_aux == 0 || g->is_known[i])) {
            out[n++] = i;
        }
    }
    return n;
}

/* ---- by the nearest row ---- */

static bool is_right(const struct aud_column *column, uint32_t guess, uint32_t truth)
{
    if (column->is_ordered && guess <= AUD_GRID && truth <= AUD_GRID) {
        return (guess > truth ? guess - truth : truth - guess) <= NEAR;
    }
    return guess == truth;
}

static sil_status by_nearest(struct guessing *g, uint32_t secret,
                             const uint32_t *columns, size_t n_columns,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_near *near = NULL;
    struct aud_planes queries = {0};
    struct aud_planes rows = {0};
    uint32_t *order = NULL;
    const struct aud_tables *tables = &g->attack->tables;
    struct aud_lots lots = aud_lots(g->attack->seed, AUD_USE_NEAREST);
    const struct aud_search search = aud_search_of(g->attack);
    const struct aud_choice targets = {AUD_TRAIN, AUD_HOLDOUT, g->list, g->n};
    /* In random order, so that the first of many ties is any. */
    SIL_TRY(aud_random_order(&order, tables->rows[AUD_SYNTHETIC].n, &lots, err));
    const struct aud_choice synthetic = {AUD_SYNTHETIC, AUD_SYNTHETIC, order,
                                         tables->rows[AUD_SYNTHETIC].n};
    SIL_TRY(aud_planes_make(&queries, tables, &targets, columns, n_columns, err));
    SIL_TRY(aud_planes_make(&rows, tables, &synthetic, columns, n_columns, err));
    SIL_TRY(sil_alloc(&near, g->n, sizeof *near, "neighbours", err));
    aud_nearest(near, &queries, &rows, &search);
    for (size_t i = 0; i < g->n; i++) {
        uint32_t guess = aud_choice_code(tables, &synthetic, secret, near[i].row);
        uint32_t truth = aud_choice_code(tables, &targets, secret, i);
        g->success[i] = is_right(&tables->column[secret], guess, truth);
    }

cleanup:
    aud_planes_clear(&queries);
    aud_planes_clear(&rows);
    free(near);
    free(order);
    return status;
}

/* ---- by pairs of columns ---- */

/* log P[helper | secret], with half a row in every cell, in the synthetic table. */
static void tabulate(double *table, const struct guessing *g, uint32_t secret,
                     uint32_t helper)
{
    const struct aud_bins *bins = &g->bins;
    const uint32_t n_secret = bins->size[secret];
    const uint32_t n_helper = bins->size[helper];
    const size_t n_rows = g->attack->tables.rows[AUD_SYNTHETIC].n;
    for (size_t cell = 0; cell < (size_t)n_secret * n_helper; cell++) {
        table[cell] = 0.5;
    }
    for (size_t i = g->attack->n_pool; i < g->attack->n_pool + n_rows; i++) {
        table[(size_t)bins->of[helper][i] * n_secret + bins->of[secret][i]] += 1;
    }
    for (uint32_t v = 0; v < n_secret; v++) {
        double sum = 0;
        for (uint32_t h = 0; h < n_helper; h++) {
            sum += table[(size_t)h * n_secret + v];
        }
        for (uint32_t h = 0; h < n_helper; h++) {
            double *cell = &table[(size_t)h * n_secret + v];
            *cell = log(*cell / sum);
        }
    }
}

/* log P[secret] in the synthetic table; which is the most frequent. */
static uint32_t tabulate_secret(double *table, const struct guessing *g,
                                uint32_t secret)
{
    const uint32_t n = g->bins.size[secret];
    const size_t n_rows = g->attack->tables.rows[AUD_SYNTHETIC].n;
    uint32_t most = 0;
    for (uint32_t v = 0; v < n; v++) {
        table[v] = 0.5;
    }
    for (size_t i = g->attack->n_pool; i < g->attack->n_pool + n_rows; i++) {
        table[g->bins.of[secret][i]] += 1;
    }
    for (uint32_t v = 0; v < n; v++) {
        most = table[v] > table[most] ? v : most;
        table[v] = log(table[v] / ((double)n_rows + 0.5 * n));
    }
    return most;
}

static sil_status by_pairs(double *baseline, struct guessing *g, uint32_t secret,
                           const uint32_t *columns, size_t n_columns,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    double *evidence = NULL;
    double *table = NULL;
    double first[UINT8_MAX + 1];
    const uint32_t n = g->bins.size[secret];
    size_t frequent = 0;
    uint32_t most = tabulate_secret(first, g, secret);
    SIL_TRY(sil_alloc(&evidence, g->n * n, sizeof *evidence, "guesses", err));
    SIL_TRY(
        sil_alloc(&table, (size_t)n * (UINT8_MAX + 1), sizeof *table, "guesses", err));
    for (size_t i = 0; i < g->n * n; i++) {
        evidence[i] = first[i % n];
    }
    for (size_t k = 0; k < n_columns; k++) {
        tabulate(table, g, secret, columns[k]);
        for (size_t i = 0; i < g->n * n; i++) {
            size_t helper = g->bins.of[columns[k]][g->list[i / n]];
            evidence[i] += table[helper * n + i % n];
        }
    }
    for (size_t i = 0; i < g->n; i++) {
        uint32_t guess = 0;
        for (uint32_t v = 1; v < n; v++) {
            guess = evidence[i * n + v] > evidence[i * n + guess] ? v : guess;
        }
        uint32_t truth = g->bins.of[secret][g->list[i]];
        g->success[i] = guess == truth;
        frequent += truth == most;
    }
    *baseline = (double)frequent / (double)g->n;

cleanup:
    free(evidence);
    free(table);
    return status;
}

/* ---- each secret ---- */

static struct aud_result *new_result(struct guessing *g, const char *how,
                                     const char *secret, const char *targets)
{
    char name[40];
    (void)snprintf(name, sizeof name, "%s: %.20s", how, secret);
    return aud_new_result(g->attack, "attribute-inference", name, targets);
}

static sil_status guess(struct guessing *g, uint32_t secret, const char *targets,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_result *result = NULL;
    uint32_t columns[AUD_COLUMNS_MAX];
    double baseline = 0;
    const char *name = g->attack->tables.column[secret].name;
    const size_t n_columns = helpers(columns, g, secret);
    if (n_columns == 0) {
        return SIL_OK;
    }
    SIL_TRY(by_pairs(&baseline, g, secret, columns, n_columns, err));
    result = new_result(g, "by-pairs", name, targets);
    result->baseline = baseline;
    (void)snprintf(
        result->detail, sizeof result->detail,
        "%.64s from %zu other columns, each with the secret in one marginal of "
        "the synthetic rows; the baseline is its most frequent value",
        name, n_columns);
    SIL_TRY(aud_judge_rates(g->attack, result, g->list, g->success, g->n, err));
    SIL_TRY(by_nearest(g, secret, columns, n_columns, err));
    result = new_result(g, "by-nearest-row", name, targets);
    result->baseline = baseline;
    (void)snprintf(
        result->detail, sizeof result->detail,
        "%.64s from the synthetic row that is nearest in %zu other columns%s", name,
        n_columns,
        g->attack->tables.column[secret].is_ordered
            ? "; right is within 5 % of the range"
            : "");
    SIL_TRY(aud_judge_rates(g->attack, result, g->list, g->success, g->n, err));

cleanup:
    return status;
}

static sil_status guess_all(struct guessing *g, const char *targets,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_attack *attack = g->attack;
    const size_t n =
        attack->n_sensitive > 0 ? attack->n_sensitive : attack->tables.n_columns;
    size_t done = 0;
    free(g->success);
    g->success = NULL;
    SIL_TRY(sil_alloc(&g->success, g->n, sizeof *g->success, "guesses", err));
    for (size_t i = 0; i < n && done < AUD_GUESSED_MAX; i++) {
        size_t secret = attack->n_sensitive > 0
                            ? aud_tables_find(&attack->tables, attack->sensitive[i])
                            : i;
        if (secret == attack->tables.n_columns) {
            status = sil_fail(err, SIL_ERR_INPUT, "there is no column %s to guess",
                              attack->sensitive[i]);
            goto cleanup;
        }
        if (attack->tables.column[secret].n_codes > 1) {
            SIL_TRY(guess(g, (uint32_t)secret, targets, err));
            done++;
        }
    }

cleanup:
    return status;
}

/* Some records; of columns that were asked for, also the vulnerable ones. */
sil_status aud_step_guesses(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct guessing g = {.attack = attack};
    SIL_TRY(aud_known_columns(g.is_known, attack, err));
    SIL_TRY(aud_bins_make(&g.bins, &attack->tables, attack->seed, err));
    SIL_TRY(aud_pick_targets(&g.list, &g.n, attack, TARGETS, AUD_USE_GUESSES, err));
    SIL_TRY(guess_all(&g, "random", err));
    if (attack->n_sensitive > 0) {
        free(g.list);
        g.n = attack->n_vulnerable;
        SIL_TRY(sil_alloc(&g.list, g.n, sizeof *g.list, "targets", err));
        for (size_t i = 0; i < g.n; i++) {
            g.list[i] = attack->vulnerable[i];
        }
        SIL_TRY(guess_all(&g, "vulnerable", err));
    }

cleanup:
    aud_bins_clear(&g.bins);
    free(g.list);
    free(g.success);
    return status;
}
