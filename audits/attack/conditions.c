// SPDX-License-Identifier: Apache-2.0
/* Members and non-members must be alike but for membership. If they come from different
 * populations, or are partly the same records, any difference says nothing. */
#include "audits/attack/steps.h"
#include "audits/stats/special.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 64, SAMPLE_MAX = 10000, RELABELLINGS = 999, PLAIN = 50 };

/* ---- each column ---- */

static double column_p(const struct aud_attack *attack, size_t column)
{
    uint32_t count[2][CELLS] = {{0}};
    const struct aud_column *of = &attack->tables.column[column];
    for (int t = AUD_TRAIN; t <= AUD_HOLDOUT; t++) {
        const struct aud_rows *rows = &attack->tables.rows[t];
        for (size_t i = 0; i < rows->n; i++) {
            uint32_t code = rows->code[column][i];
            uint32_t cell = of->is_ordered && code <= AUD_GRID
                                ? code * (CELLS - 4) / (AUD_GRID + 1)
                                : code % CELLS;
            cell =
                of->is_ordered && code > AUD_GRID ? CELLS - 4 + code - AUD_GRID : cell;
            count[t][cell]++;
        }
    }
    return aud_same_law(count[0], count[1], CELLS);
}

/* Of an ordered column: are the numbers of one table larger (Mann and Whitney, two-sided)?
 * A shift that is small beside the spread moves too few rows from cell to cell to be seen
 * there. */
static sil_status shift_p(double *p, const struct aud_attack *attack, size_t column,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    double *list[2] = {NULL, NULL};
    size_t n[2] = {0, 0};
    for (int t = AUD_TRAIN; t <= AUD_HOLDOUT; t++) {
        const struct aud_rows *rows = &attack->tables.rows[t];
        SIL_TRY(sil_alloc(&list[t], rows->n, sizeof(double), "a column", err));
        for (size_t i = 0; i < rows->n; i++) {
            uint16_t code = rows->code[column][i];
            list[t][n[t]] = code;
            n[t] += code <= AUD_GRID;
        }
        aud_sort_doubles(list[t], n[t]);
    }
    *p = 1;
    if (n[0] > 0 && n[1] > 0) {
        double above = aud_auc(list[0], n[0], list[1], n[1], AUD_WITHIN).p;
        *p = 2 * fmin(above, 1 - above);
    }

cleanup:
    free(list[0]);
    free(list[1]);
    return status;
}

static sil_status check_columns(struct aud_attack *attack, struct sil_error *err)
{
    double least = 1;
    size_t worst = 0;
    size_t n_tests = 0;
    for (size_t i = 0; i < attack->tables.n_columns; i++) {
        double p = column_p(attack, i);
        double shift = 1;
        if (attack->tables.column[i].is_ordered) {
            sil_status status = shift_p(&shift, attack, i, err);
            if (status != SIL_OK) {
                return status;
            }
            n_tests++;
        }
        n_tests++;
        worst = fmin(p, shift) < least ? i : worst;
        least = fmin(least, fmin(p, shift));
    }
    double p = fmin(1, least * (double)n_tests);
    bool holds = p > AUD_DRIFTS;
    aud_note_condition(attack, "train and holdout agree column by column", holds, p,
                       holds ? "smallest in column %s"
                             : "they are not samples of one population: column %s is "
                               "distributed differently",
                       attack->tables.column[worst].name);
    return SIL_OK;
}

/* ---- all columns together ---- */

static size_t agreements(const struct aud_near *near, const uint8_t *label, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += label[i] == label[near[i].row];
    }
    return sum;
}

static void shuffle_labels(uint8_t *label, size_t n, struct aud_lots *lots)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = aud_lots_below(lots, i);
        uint8_t swap = label[i - 1];
        label[i - 1] = label[k];
        label[k] = swap;
    }
}

/* Is a record's nearest neighbour more often of its own table than under random labels?
 * Source   Schilling 1986, "Multivariate Two-Sample Tests Based on Nearest Neighbors". */
static sil_status check_neighbours(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_planes some = {0};
    struct aud_near *near = NULL;
    uint32_t *order = NULL;
    uint8_t *label = NULL;
    struct aud_lots lots = aud_lots(attack->seed, AUD_USE_DRIFT);
    struct aud_search search = aud_search_of(attack);
    const size_t n = attack->n_pool < SAMPLE_MAX ? attack->n_pool : SAMPLE_MAX;
    search.skips_self = true;
    SIL_TRY(aud_random_order(&order, attack->n_pool, &lots, err));
    const struct aud_choice choice = {AUD_TRAIN, AUD_HOLDOUT, order, n};
    SIL_TRY(aud_planes_make(&some, &attack->tables, &choice, attack->columns,
                            attack->tables.n_columns, err));
    SIL_TRY(sil_alloc(&near, n, sizeof *near, "neighbours", err));
    SIL_TRY(sil_alloc(&label, n, sizeof *label, "labels", err));
    aud_nearest(near, &some, &some, &search);
    for (size_t i = 0; i < n; i++) {
        label[i] = order[i] >= attack->n_members;
    }
    const size_t seen = agreements(near, label, n);
    size_t as_many = 0;
    for (int k = 0; k < RELABELLINGS; k++) {
        shuffle_labels(label, n, &lots);
        as_many += agreements(near, label, n) >= seen;
    }
    double p = (1 + (double)as_many) / (1 + RELABELLINGS);
    aud_note_condition(
        attack, "train and holdout agree row by row", p > AUD_DRIFTS, p,
        "%.1f %% of %zu records have their nearest neighbour in their own "
        "table",
        100 * (double)seen / (double)n, n);

cleanup:
    aud_planes_clear(&some);
    free(near);
    free(order);
    free(label);
    return status;
}

/* ---- records in both ---- */

/* A record of the pool, or how often one value is in the pool and in train. */
struct marked {
    uint64_t exact;
    bool is_member;
};

struct group {
    uint32_t all, members;
};

static int compare_marked(const void *a, const void *b)
{
    const struct marked *x = a;
    const struct marked *y = b;
    return (x->exact > y->exact) - (x->exact < y->exact);
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = a;
    const struct group *y = b;
    return x->all != y->all ? (x->all > y->all) - (x->all < y->all)
                            : (x->members > y->members) - (x->members < y->members);
}

/* Of records that occur more than once, in an order that does not depend on the hash. */
static sil_status find_groups(struct group **out, size_t *n_groups,
                              const struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct marked *list = NULL;
    const size_t n = attack->n_pool;
    SIL_TRY(sil_alloc(&list, n, sizeof *list, "records", err));
    SIL_TRY(sil_alloc(out, n / 2 + 1, sizeof **out, "records", err));
    for (size_t i = 0; i < n; i++) {
        bool is_member = i < attack->n_members;
        const struct aud_rows *rows =
            &attack->tables.rows[is_member ? AUD_TRAIN : AUD_HOLDOUT];
        list[i].exact = rows->exact[is_member ? i : i - attack->n_members];
        list[i].is_member = is_member;
    }
    qsort(list, n, sizeof *list, compare_marked);
    for (size_t i = 0, end = 0; i < n; i = end) {
        struct group group = {0, 0};
        for (end = i; end < n && list[end].exact == list[i].exact; end++) {
            group.all++;
            group.members += list[end].is_member;
        }
        if (group.all > 1) {
            (*out)[(*n_groups)++] = group;
        }
    }
    qsort(*out, *n_groups, sizeof **out, compare_groups);

cleanup:
    free(list);
    return status;
}

/* How far the members of a group are off their share, in terms of what that varies by. */
static double unevenness(const struct group *group, double members, double share)
{
    double off = members - share * group->all;
    return off * off / group->all;
}

/* The same when the members of the pool are drawn by lot: of every group in turn, without
 * putting back. */
static double by_lot(const struct group *list, size_t n,
                     const struct aud_attack *attack, struct aud_lots *lots)
{
    const double share = (double)attack->n_members / (double)attack->n_pool;
    size_t members = attack->n_members;
    size_t left = attack->n_pool;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t drawn = 0;
        for (uint32_t k = 0; k < list[i].all; k++, left--) {
            bool is_member = aud_lots_below(lots, left) < members;
            drawn += is_member;
            members -= is_member;
        }
        sum += unevenness(&list[i], (double)drawn, share);
    }
    return sum;
}

/* Are records that occur more than once dealt out to both tables more evenly than by lot? A
 * record that was put into both tables always is, however often it stands in each. Drawing
 * ends when the answer is plain. Source   Besag, Clifford 1991, "Sequential Monte Carlo
 * p-values". */
static sil_status check_overlap(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct group *list = NULL;
    size_t n = 0;
    struct aud_lots lots = aud_lots(attack->seed, AUD_USE_OVERLAP);
    const double share = (double)attack->n_members / (double)attack->n_pool;
    double seen = 0;
    size_t in_both = 0;
    int as_even = 0;
    int drawn = 0;
    SIL_TRY(find_groups(&list, &n, attack, err));
    for (size_t i = 0; i < n; i++) {
        seen += unevenness(&list[i], list[i].members, share);
        in_both += list[i].members > 0 && list[i].members < list[i].all;
    }
    for (; drawn < RELABELLINGS && as_even < PLAIN; drawn++) {
        as_even += by_lot(list, n, attack, &lots) <= seen * (1 + 1e-9);
    }
    bool can_tell = n == 0 || list[n - 1].all < attack->n_pool;
    double p =
        as_even < PLAIN ? (1.0 + as_even) / (1.0 + drawn) : (double)as_even / drawn;
    aud_note_condition(
        attack, "no record is in both train and holdout", can_tell && p > AUD_DRIFTS, p,
        can_tell ? "%zu records occur more than once, %zu of them in both "
                   "tables: is that more even than by lot?"
                 : "all records are one: nothing can be told",
        n, in_both);

cleanup:
    free(list);
    return status;
}

/* A person is told by the id, whose rows differ: what a person's rows have in common would be
 * taken for membership. */
static sil_status check_persons(struct aud_attack *attack, struct sil_error *err)
{
    size_t n = 0;
    const struct aud_persons *persons = attack->tables.persons;
    if (persons[AUD_TRAIN].row == NULL) {
        return SIL_OK;
    }
    sil_status status =
        aud_persons_in_both(&n, &persons[AUD_TRAIN], &persons[AUD_HOLDOUT], err);
    if (status == SIL_OK) {
        aud_note_condition(
            attack, "no person is in both train and holdout", n == 0, n == 0,
            "column %s: one row stands for each of %zu persons of %zu "
            "records; %zu are in both tables",
            attack->sources.id_column, attack->n_pool,
            persons[AUD_TRAIN].n_records + persons[AUD_HOLDOUT].n_records, n);
    }
    return status;
}

/* One file for both says nothing, and is hardly what was meant. */
static sil_status check_distinct(const struct aud_attack *attack, struct sil_error *err)
{
    const struct aud_rows *rows = attack->tables.rows;
    bool is_one = rows[AUD_TRAIN].n == rows[AUD_HOLDOUT].n &&
                  memcmp(rows[AUD_TRAIN].exact, rows[AUD_HOLDOUT].exact,
                         rows[AUD_TRAIN].n * sizeof *rows[AUD_TRAIN].exact) == 0;
    return is_one ? sil_fail(err, SIL_ERR_INPUT,
                             "the holdout table is the training table, row by row")
                  : SIL_OK;
}

/* One row, however often it stands there (or nothing but gaps), cannot tell many members from
 * many non-members, whomever it is of: that no attack does would be no finding. */
static void check_synthetic(struct aud_attack *attack)
{
    const struct aud_rows *rows = &attack->tables.rows[AUD_SYNTHETIC];
    size_t same = 0;
    while (same < rows->n && rows->exact[same] == rows->exact[0]) {
        same++;
    }
    bool holds = same < rows->n;
    aud_note_condition(attack, "synthetic rows differ", holds, holds,
                       holds ? "there are at least two different ones"
                             : "the synthetic table is one row, or one row repeated: "
                               "nothing can be told from it");
}

sil_status aud_step_conditions(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(check_distinct(attack, err));
    size_t others = attack->n_pool - attack->n_members;
    bool is_enough = attack->n_members >= AUD_ROWS_MIN && others >= AUD_ROWS_MIN;
    aud_note_condition(
        attack, "there are rows enough", is_enough, is_enough,
        "train and holdout must have %d records each, with an id of as many persons",
        AUD_ROWS_MIN);
    if (!is_enough) {
        return SIL_OK;
    }
    SIL_TRY(check_columns(attack, err));
    SIL_TRY(check_neighbours(attack, err));
    SIL_TRY(check_overlap(attack, err));
    SIL_TRY(check_persons(attack, err));
    check_synthetic(attack);

cleanup:
    return status;
}
