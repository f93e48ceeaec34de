// SPDX-License-Identifier: Apache-2.0
/* Identical rows and distances to closest records: smoke alarms. They see copies and near
 * copies; that they are silent says nothing about other leaks. */
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHARE_MAX = 20000,
    BASELINE_MAX = 5000,
    RELABELLINGS_MIN = 999,
    RELABELLINGS_MAX = 9999,
    PLAIN = 50,
    QUANTILES = 11,
    MEDIAN = 6
};

static const double AT[QUANTILES] = {0, .001, .01, .05, .1, .25, .5, .75, .9, .99, 1};

/* ---- identical rows ---- */

static int compare_keys(const void *a, const void *b)
{
    uint64_t x;
    uint64_t y;
    (void)memcpy(&x, a, sizeof x);
    (void)memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

struct records {
    const uint64_t *key;
    size_t n;
};

/* Who copies a person's record need not have copied the one that stands for the person. */
static struct records all_of(const struct aud_rows *rows)
{
    return rows->every != NULL ? (struct records){rows->every, rows->n_every}
                               : (struct records){rows->exact, rows->n};
}

static sil_status sorted_keys(uint64_t **out, const struct aud_rows *rows,
                              struct sil_error *err)
{
    const struct records all = all_of(rows);
    sil_status status = sil_alloc(out, all.n, sizeof **out, "rows", err);
    if (status == SIL_OK) {
        (void)memcpy(*out, all.key, all.n * sizeof **out);
        qsort(*out, all.n, sizeof **out, compare_keys);
    }
    return status;
}

/* How many of `a` are identical to one of `b`, which is sorted. */
static size_t count_identical(const struct records *a, const uint64_t *b, size_t n_b)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        n += bsearch(&a->key[i], b, n_b, sizeof *b, compare_keys) != NULL;
    }
    return n;
}

static sil_status note_shares(struct aud_attack *attack, uint64_t *const key[AUD_WHICH],
                              struct sil_error *err)
{
    const struct aud_rows *rows = attack->tables.rows;

    static const struct {
        const char *name;
        enum aud_which of, in;
    } SHARES[] = {
        {"synthetic_in_train",   AUD_SYNTHETIC, AUD_TRAIN    },
        {"synthetic_in_holdout", AUD_SYNTHETIC, AUD_HOLDOUT  },
        {"train_in_synthetic",   AUD_TRAIN,     AUD_SYNTHETIC},
        {"holdout_in_synthetic", AUD_HOLDOUT,   AUD_SYNTHETIC},
        {"train_in_holdout",     AUD_TRAIN,     AUD_HOLDOUT  }
    };

    json_t *all = json_object();
    int failed = 0;
    for (size_t i = 0; i < sizeof SHARES / sizeof SHARES[0]; i++) {
        const struct records of = all_of(&rows[SHARES[i].of]);
        size_t same =
            count_identical(&of, key[SHARES[i].in], all_of(&rows[SHARES[i].in]).n);
        failed |= json_object_set_new(
            all, SHARES[i].name,
            json_pack("{s:I, s:I, s:f}", "rows", (json_int_t)same, "of",
                      (json_int_t)of.n, "share", (double)same / (double)of.n));
    }
    failed |= json_object_set_new(attack->distances, "identical", all);
    return failed != 0 ? sil_fail(err, SIL_ERR_INTERNAL, "out of memory: findings")
                       : SIL_OK;
}

sil_status aud_find_identical(double *out, const struct aud_attack *attack,
                              struct sil_error *err)
{
    uint64_t *made = NULL;
    const struct aud_rows *rows = attack->tables.rows;
    const size_t n_made = rows[AUD_SYNTHETIC].n;
    sil_status status = sorted_keys(&made, &rows[AUD_SYNTHETIC], err);
    for (size_t i = 0; status == SIL_OK && i < attack->n_pool; i++) {
        const uint64_t *exact = i < attack->n_members
                                    ? &rows[AUD_TRAIN].exact[i]
                                    : &rows[AUD_HOLDOUT].exact[i - attack->n_members];
        out[i] = bsearch(exact, made, n_made, sizeof *exact, compare_keys) != NULL;
    }
    free(made);
    return status;
}

static sil_status identical(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t *key[AUD_WHICH] = {NULL};
    double *success = NULL;
    const struct aud_rows *rows = attack->tables.rows;
    for (int t = 0; t < AUD_WHICH; t++) {
        SIL_TRY(sorted_keys(&key[t], &rows[t], err));
    }
    SIL_TRY(note_shares(attack, key, err));
    SIL_TRY(sil_alloc(&success, attack->n_pool, sizeof *success, "rows", err));
    SIL_TRY(aud_find_identical(success, attack, err));
    struct aud_result *result =
        aud_new_result(attack, "distance", "identical-match", "all");
    (void)snprintf(result->detail, sizeof result->detail,
                   "records that a synthetic row repeats in every column");
    SIL_TRY(aud_judge_rates(attack, result, NULL, success, attack->n_pool, err));

cleanup:
    for (int t = 0; t < AUD_WHICH; t++) {
        free(key[t]);
    }
    free(success);
    return status;
}

/* ---- nearer to members or to non-members ---- */

/* Twice the number of synthetic rows that are nearer to a member, ties one. */
static size_t twice_nearer(const struct aud_ties *ties, size_t n, const uint8_t *label)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t others = 0;
        for (size_t k = 0; k < ties[i].n; k++) {
            others += label[ties[i].row[k]];
        }
        sum += others == 0 ? 2 : others < ties[i].n;
    }
    return sum;
}

/* So many that a p-value can be small beside those of all other attacks; fewer where one is
 * a long walk. */
#define LABELS_MAX ((size_t)1 << 31)

static size_t most_relabellings(size_t n_pool)
{
    size_t n = LABELS_MAX / n_pool;
    n = n < RELABELLINGS_MAX ? n : RELABELLINGS_MAX;
    return n > RELABELLINGS_MIN ? n : RELABELLINGS_MIN;
}

/* Drawing ends when the answer is plain. Source   Besag, Clifford 1991, "Sequential Monte
 * Carlo p-values". */
static void relabel(struct aud_result *result, const struct aud_ties *ties, size_t n,
                    uint8_t *label, size_t n_pool, struct aud_lots *lots)
{
    const size_t seen = twice_nearer(ties, n, label);
    const size_t most = most_relabellings(n_pool);
    size_t as_many = 0;
    size_t drawn = 0;
    double sum = 0;
    for (; drawn < most && as_many < PLAIN; drawn++) {
        for (size_t i = n_pool; i > 1; i--) {
            size_t j = aud_lots_below(lots, i);
            uint8_t swap = label[i - 1];
            label[i - 1] = label[j];
            label[j] = swap;
        }
        size_t now = twice_nearer(ties, n, label);
        as_many += now >= seen;
        sum += (double)now;
    }
    result->is_tested = true;
    result->p = as_many < PLAIN ? (1 + (double)as_many) / (1 + (double)drawn)
                                : (double)as_many / (double)drawn;
    (void)snprintf(
        result->detail, sizeof result->detail,
        "%.4f of %zu synthetic rows are nearer to a member than to any "
        "non-member (ties one half); %.4f on average when members are drawn by "
        "lot",
        (double)seen / (2.0 * (double)n), n, sum / (double)drawn / (2.0 * (double)n));
}

static sil_status nearer_share(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_planes pool = {0};
    struct aud_planes rows = {0};
    struct aud_ties *ties = NULL;
    uint32_t *order = NULL;
    uint32_t *chosen = NULL;
    uint8_t *label = NULL;
    struct aud_lots lots = aud_lots(attack->seed, AUD_USE_SHARE);
    const struct aud_search search = aud_search_of(attack);
    const size_t n_rows = attack->tables.rows[AUD_SYNTHETIC].n;
    const size_t n = n_rows < SHARE_MAX ? n_rows : SHARE_MAX;
    /* The pool in random order: of many ties the first that are kept are any. */
    SIL_TRY(aud_random_order(&order, attack->n_pool, &lots, err));
    SIL_TRY(aud_random_order(&chosen, n_rows, &lots, err));
    const struct aud_choice real = {AUD_TRAIN, AUD_HOLDOUT, order, attack->n_pool};
    const struct aud_choice some = {AUD_SYNTHETIC, AUD_SYNTHETIC, chosen, n};
    SIL_TRY(aud_planes_make(&pool, &attack->tables, &real, attack->columns,
                            attack->tables.n_columns, err));
    SIL_TRY(aud_planes_make(&rows, &attack->tables, &some, attack->columns,
                            attack->tables.n_columns, err));
    SIL_TRY(sil_alloc(&ties, n, sizeof *ties, "neighbours", err));
    SIL_TRY(sil_alloc(&label, attack->n_pool, sizeof *label, "labels", err));
    aud_nearest_ties(ties, &rows, &pool, &search);
    for (size_t i = 0; i < attack->n_pool; i++) {
        label[i] = order[i] >= attack->n_members;
    }
    struct aud_result *result =
        aud_new_result(attack, "distance", "nearer-to-members", "all");
    result->members = attack->n_members;
    result->non_members = attack->n_pool - attack->n_members;
    relabel(result, ties, n, label, attack->n_pool, &lots);

cleanup:
    aud_planes_clear(&pool);
    aud_planes_clear(&rows);
    free(ties);
    free(order);
    free(chosen);
    free(label);
    return status;
}

/* ---- quantiles ---- */

/* Of the distances, as shares of the largest possible, and of the ratios of nearest to
 * second nearest. */
static sil_status note_quantiles(struct aud_attack *attack, const char *name,
                                 const struct aud_near *near, size_t n,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    double *list = NULL;
    const double unit = AUD_STEPS * (double)attack->tables.n_columns;
    json_t *distance = json_array();
    json_t *ratio = json_array();
    int failed = 0;
    SIL_TRY(sil_alloc(&list, n, sizeof *list, "distances", err));
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            double second = aud_near_second(&near[i]);
            list[i] = pass == 0 ? near[i].distance / unit
                                : (1e-8 + near[i].distance) / (1e-8 + second);
        }
        aud_sort_doubles(list, n);
        for (size_t q = 0; q < QUANTILES; q++) {
            double value = list[(size_t)(AT[q] * (double)(n - 1))];
            failed |=
                json_array_append_new(pass == 0 ? distance : ratio, json_real(value));
        }
    }
    failed |= json_object_set_new(attack->distances, name,
                                  json_pack("{s:I, s:O, s:O}", "rows", (json_int_t)n,
                                            "distance", distance, "ratio", ratio));
    if (failed != 0) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: findings");
    }

cleanup:
    json_decref(distance);
    json_decref(ratio);
    free(list);
    return status;
}

/* From rows to as many members as non-members, so that the figures can be compared. */
static sil_status from_rows(struct aud_attack *attack, const struct aud_planes *rows,
                            const char *const name[2], struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_near *near = NULL;
    struct aud_planes real = {0};
    uint32_t *order = NULL;
    const struct aud_search search = aud_search_of(attack);
    const struct aud_rows *table = attack->tables.rows;
    const size_t a = table[AUD_TRAIN].n;
    const size_t b = table[AUD_HOLDOUT].n;
    SIL_TRY(sil_alloc(&near, rows->n_rows, sizeof *near, "neighbours", err));
    for (unsigned t = AUD_TRAIN; t <= (unsigned)AUD_HOLDOUT; t++) {
        struct aud_lots lots = aud_lots(attack->seed, AUD_USE_EQUAL);
        free(order);
        order = NULL;
        SIL_TRY(aud_random_order(&order, table[t].n, &lots, err));
        const struct aud_choice equal = {(enum aud_which)t, (enum aud_which)t, order,
                                         a < b ? a : b};
        aud_planes_clear(&real);
        SIL_TRY(aud_planes_make(&real, &attack->tables, &equal, attack->columns,
                                attack->tables.n_columns, err));
        aud_nearest(near, rows, &real, &search);
        SIL_TRY(note_quantiles(attack, name[t], near, rows->n_rows, err));
    }

cleanup:
    aud_planes_clear(&real);
    free(near);
    free(order);
    return status;
}

static sil_status quantiles(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    static const char *const OF_ROWS[] = {"synthetic_to_train", "synthetic_to_holdout"};
    static const char *const OF_DICE[] = {"random_to_train", "random_to_holdout"};
    struct aud_planes rows = {0};
    uint32_t *chosen = NULL;
    struct aud_lots lots = aud_lots(attack->seed, AUD_USE_BASELINE);
    const size_t n_rows = attack->tables.rows[AUD_SYNTHETIC].n;
    const size_t n = n_rows < BASELINE_MAX ? n_rows : BASELINE_MAX;
    SIL_TRY(aud_random_order(&chosen, n_rows, &lots, err));
    const struct aud_choice some = {AUD_SYNTHETIC, AUD_SYNTHETIC, chosen, n};
    SIL_TRY(aud_planes_make(&rows, &attack->tables, &some, attack->columns,
                            attack->tables.n_columns, err));
    SIL_TRY(from_rows(attack, &rows, OF_ROWS, err));
    aud_planes_clear(&rows);
    SIL_TRY(aud_planes_random(&rows, &attack->tables, attack->columns, n,
                              aud_lots_bits(&lots), err));
    SIL_TRY(from_rows(attack, &rows, OF_DICE, err));
    SIL_TRY(note_quantiles(attack, "members_to_synthetic", attack->near,
                           attack->n_members, err));
    SIL_TRY(note_quantiles(attack, "non_members_to_synthetic",
                           attack->near + attack->n_members,
                           attack->n_pool - attack->n_members, err));

cleanup:
    aud_planes_clear(&rows);
    free(chosen);
    return status;
}

static double median_of(const struct aud_attack *attack, const char *name)
{
    const json_t *spread = json_object_get(attack->distances, name);
    const json_t *list = json_object_get(spread, "distance");
    return json_real_value(json_array_get(list, MEDIAN));
}

/* How near to real rows the synthetic ones are, beside rows of random values. */
static sil_status against_random(struct aud_attack *attack, struct sil_error *err)
{
    json_t *out = json_object();
    int failed = 0;
    for (int t = 0; t < 2; t++) {
        const char *side = t == 0 ? "train" : "holdout";
        double random =
            median_of(attack, t == 0 ? "random_to_train" : "random_to_holdout");
        double made =
            median_of(attack, t == 0 ? "synthetic_to_train" : "synthetic_to_holdout");
        failed |= json_object_set_new(
            out, side, random > 0 ? json_real(made / random) : json_null());
    }
    failed |= json_object_set_new(attack->distances, "medians_beside_random", out);
    return failed != 0 ? sil_fail(err, SIL_ERR_INTERNAL, "out of memory: findings")
                       : SIL_OK;
}

sil_status aud_step_distances(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *at = json_array();
    int failed = 0;
    attack->distances = json_object();
    for (size_t q = 0; q < QUANTILES; q++) {
        failed |= json_array_append_new(at, json_real(AT[q]));
    }
    failed |= json_object_set_new(attack->distances, "quantiles", at);
    if (failed != 0) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: findings");
    }
    SIL_TRY(identical(attack, err));
    SIL_TRY(nearer_share(attack, err));
    SIL_TRY(quantiles(attack, err));
    SIL_TRY(against_random(attack, err));

cleanup:
    return status;
}
