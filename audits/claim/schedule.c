// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/schedule.h"

#include "audits/claim/rows.h"
#include "audits/claim/walk.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

/* ---- rounds that cost what the one before did, or `factor` times as much ---- */

/* What a round is due that is planned at `cost`: all that is left, if that is less than
 * two of them. */
static void due_of(mpq_t due, const mpq_t cost, const mpq_t left)
{
    mpq_div_2exp(due, left, 1);
    mpq_set(due, mpq_cmp(due, cost) < 0 ? left : cost);
}

/* Until `walk->left` has come down to `keep`, or a measurement without a choice comes. */
static sil_status take_rounds(struct aud_walk *walk, mpq_t cost, unsigned doublings,
                              const mpq_t keep)
{
    sil_status status = SIL_OK;
    mpq_t left;
    mpq_t due;
    mpq_inits(left, due, (mpq_ptr)NULL);
    for (bool is_first = true; mpq_cmp(walk->left, keep) > 0; is_first = false) {
        const struct aud_left *choice = aud_line_at(walk, walk->at);
        const struct aud_left *noise = NULL;
        if (choice != NULL && !choice->is_choice) {
            break; /* nothing was worth its noise any more */
        }
        mpq_sub(left, walk->left, keep);
        SIL_TRY(aud_take_round(walk, &choice, &noise));
        due_of(due, cost, left);
        if (!is_first && !aud_is_round(choice, noise, due)) {
            mpq_mul_2exp(cost, cost, doublings);
            due_of(due, cost, left);
        }
        if (!aud_is_round(choice, noise, due)) {
            walk->at -= 2;
            status = aud_walk_refuse(walk, "the round has another part of the budget");
            break;
        }
    }

cleanup:
    mpq_clears(left, due, (mpq_ptr)NULL);
    return status;
}

/* ---- AIM ---- */

static sil_status check_aim(struct aud_walk *walk)
{
    sil_status status = SIL_OK;
    const size_t d = walk->workload->n;
    mpq_t cost;
    mpq_t nothing;
    mpq_inits(cost, nothing, (mpq_ptr)NULL);
    aud_share(cost, walk->transcript->rest, 9, 160 * d);
    for (size_t a = 0; a < d; a++) {
        SIL_TRY(aud_take_column(walk, a, cost));
    }
    aud_share(cost, walk->transcript->rest, 1, 16 * d);
    SIL_TRY(take_rounds(walk, cost, 2, nothing));
    if (mpq_sgn(walk->left) > 0) {
        status = aud_take_all_columns(walk);
    }

cleanup:
    mpq_clears(cost, nothing, (mpq_ptr)NULL);
    return status;
}

/* ---- MST ---- */

static size_t n_active(const struct aud_workload *workload)
{
    size_t n = 0;
    for (size_t a = 0; a < workload->n; a++) {
        n += workload->cells[a] > 1;
    }
    return n;
}

/* Pairs of at most max_cells cells that would join two components: how many there are,
 * and the place among them of this one. A column has at most 2^20 cells. */
static size_t count_open(size_t *place, const struct aud_walk *walk,
                         const size_t *component, const struct aud_left *chosen)
{
    const struct aud_workload *workload = walk->workload;
    const uint64_t *cells = workload->cells;
    const uint64_t most = walk->transcript->max_cells;
    size_t n = 0;
    *place = SIZE_MAX;
    for (size_t a = 0; a < workload->n; a++) {
        for (size_t b = a + 1; b < workload->n; b++) {
            bool is_open = component[a] != component[b] && cells[a] > 1 &&
                           cells[b] > 1 && cells[a] * cells[b] <= most;
            if (is_open && chosen->attr[0] == a && chosen->attr[1] == b) {
                *place = n;
            }
            n += is_open;
        }
    }
    return n;
}

static void join(size_t *component, size_t n, const struct aud_left *pair)
{
    size_t from = component[pair->attr[0]];
    size_t to = component[pair->attr[1]];
    for (size_t a = 0; a < n; a++) {
        component[a] = component[a] == from ? to : component[a];
    }
}

/* The number of pairs is counted for each choice: of many columns that takes too long. */
enum { COUNTED_MAX = 1000 };

/* A tree of pairs has as many cells as they have: only where that comes near to what the
 * model may have can its size have left a pair out. */
static bool may_be_full(const struct aud_walk *walk, uint64_t cells)
{
    uint64_t most = walk->transcript->max_model_mb << 17;
    return cells + walk->transcript->max_cells > most / 2;
}

/* Was it one of the pairs that could be chosen? */
static bool is_open_pair(const struct aud_walk *walk, const size_t *component,
                         const struct aud_left *choice, uint64_t cells)
{
    size_t place = 0;
    bool is_joining =
        component[choice->attr[0]] != component[choice->attr[1]] &&
        aud_cells(walk->workload, choice->attr, 2) <= walk->transcript->max_cells;
    if (!is_joining || walk->workload->n > COUNTED_MAX) {
        return is_joining;
    }
    size_t n = count_open(&place, walk, component, choice);
    bool is_place = choice->candidates == n && choice->chosen == place;
    return place != SIZE_MAX && (is_place || may_be_full(walk, cells));
}

static sil_status take_choice(struct aud_walk *walk, const mpq_t parameter,
                              size_t *component, uint64_t *cells)
{
    const struct aud_left *choice = aud_line_at(walk, walk->at);
    if (choice->n_attrs != 2 || mpq_equal(choice->parameter, parameter) == 0) {
        return aud_walk_refuse(walk,
                               "the choice of a pair has another part of the budget");
    }
    if (!is_open_pair(walk, component, choice, *cells)) {
        return aud_walk_refuse(walk, "not the pair, or not the number of pairs, that "
                                     "could be chosen");
    }
    *cells += aud_cells(walk->workload, choice->attr, 2);
    join(component, walk->workload->n, choice);
    mpq_sub(walk->left, walk->left, choice->rho);
    walk->at++;
    return SIL_OK;
}

/* The pairs in the order in which they were chosen, evenly; the last has the rest. */
static sil_status take_pairs(struct aud_walk *walk, size_t first)
{
    sil_status status = SIL_OK;
    const size_t n = walk->at - first;
    mpq_t cost;
    mpq_init(cost);
    aud_share(cost, walk->left, 1, n);
    for (size_t i = 0; i < n; i++) {
        const struct aud_left *pair = aud_line_at(walk, walk->at);
        const struct aud_left *choice = aud_line_at(walk, first + i);
        if (pair == NULL || pair->is_choice || !aud_is_same_marginal(pair, choice)) {
            status = aud_walk_refuse(walk, "the pairs come here, as they were chosen");
            break;
        }
        if (mpq_equal(pair->rho, i + 1 == n ? walk->left : cost) == 0) {
            status = aud_walk_refuse(walk, "the pair has another part of the budget");
            break;
        }
        mpq_sub(walk->left, walk->left, pair->rho);
        walk->at++;
    }
    mpq_clear(cost);
    return status;
}

static sil_status check_mst(struct aud_walk *walk)
{
    sil_status status = SIL_OK;
    const size_t d = walk->workload->n;
    const size_t active = n_active(walk->workload);
    size_t *component = NULL;
    uint64_t cells = 0;
    mpq_t cost;
    mpq_init(cost);
    if (active < 2) {
        status = aud_take_all_columns(walk);
        goto cleanup;
    }
    aud_share(cost, walk->transcript->rest, 1, 3 * d);
    for (size_t a = 0; a < d; a++) {
        SIL_TRY(aud_take_column(walk, a, cost));
    }
    SIL_TRY(sil_alloc(&component, d, sizeof *component, "columns", walk->err));
    for (size_t a = 0; a < d; a++) {
        component[a] = a;
    }
    aud_share(cost, walk->transcript->rest, 1, 3 * (active - 1));
    aud_choice_of(cost, cost);
    const size_t first = walk->at;
    while (aud_line_at(walk, walk->at) != NULL &&
           aud_line_at(walk, walk->at)->is_choice) {
        SIL_TRY(take_choice(walk, cost, component, &cells));
    }
    status = walk->at == first ? aud_take_all_columns(walk) : take_pairs(walk, first);

cleanup:
    free(component);
    mpq_clear(cost);
    return status;
}

/* ---- Mosaic ---- */

struct settings {
    unsigned long columns[2]; /* part of the cap, at first */
    unsigned long late[2];    /* part of the rest */
    size_t late_rounds;
};

/* From replay 3 on as many a column, of tables that are neither small nor wide. */
static size_t rounds_of(const struct aud_walk *walk, size_t least, size_t per_column)
{
    enum { WIDE = 40 };

    size_t n = walk->workload->n;
    bool has_more = walk->transcript->replay >= 3 && n <= WIDE;
    return has_more && per_column * n > least ? per_column * n : least;
}

static struct settings settings_of(const struct aud_walk *walk)
{
    const struct aud_transcript *transcript = walk->transcript;
    mpq_srcptr epsilon = transcript->asked.v;
    bool is_little = mpq_cmp_ui(epsilon, 3, 10) < 0;
    bool is_much = mpq_cmp_ui(epsilon, 3, 1) >= 0;
    struct settings out = {
        {2, 5 },
        {3, 10},
        rounds_of(walk, 30, 2)
    };
    if (is_little) {
        out = (struct settings){
            {transcript->replay < 3 ? 2 : 3, 5},
            {0,                              1},
            0
        };
    } else if (is_much) {
        out = (struct settings){
            {3, 10},
            {1, 2 },
            rounds_of(walk, 60, 4)
        };
    }
    return out;
}

/* The sum, over the columns, of (cells weight)^(2/3). */
static void sum_weights(mpz_t all, const struct aud_workload *workload)
{
    mpz_t weight;
    mpz_init(weight);
    mpz_set_ui(all, 0);
    for (uint32_t a = 0; a < workload->n; a++) {
        aud_two_thirds(weight, workload->cells[a], aud_weight(workload, &a, 1));
        mpz_add(all, all, weight);
    }
    mpz_clear(weight);
}

/* What a column has of that part of the budget. */
static void cost_of_column(mpq_t cost, const struct aud_walk *walk,
                           const unsigned long part[2], const mpz_t all, uint32_t a)
{
    mpz_t weight;
    mpq_t whole;
    mpz_init(weight);
    mpq_init(whole);
    aud_share(whole, walk->transcript->rest, part[0], part[1]);
    aud_two_thirds(weight, walk->workload->cells[a], aud_weight(walk->workload, &a, 1));
    aud_share_z(cost, whole, weight, all);
    mpq_clear(whole);
    mpz_clear(weight);
}

static sil_status take_weighted_columns(struct aud_walk *walk,
                                        const unsigned long part[2])
{
    sil_status status = SIL_OK;
    mpz_t all;
    mpq_t cost;
    mpz_init(all);
    mpq_init(cost);
    sum_weights(all, walk->workload);
    for (uint32_t a = 0; a < walk->workload->n && status == SIL_OK; a++) {
        cost_of_column(cost, walk, part, all, a);
        status = aud_take_column(walk, a, cost);
    }
    mpq_clear(cost);
    mpz_clear(all);
    return status;
}

/* Does the next line cost what the first column has of that part? */
static bool begins_columns(const struct aud_walk *walk, const unsigned long part[2])
{
    const struct aud_left *next = aud_line_at(walk, walk->at);
    mpz_t all;
    mpq_t cost;
    mpz_init(all);
    mpq_init(cost);
    sum_weights(all, walk->workload);
    cost_of_column(cost, walk, part, all, 0);
    bool is = part[0] > 0 && next != NULL && !next->is_choice &&
              mpq_equal(next->rho, cost) != 0;
    mpq_clear(cost);
    mpz_clear(all);
    return is;
}

/* Is s = rows / (D / sqrt(2 rho)) below the limit? D may be 0 in what no run has written. */
static bool is_weak(const struct aud_walk *walk, const mpq_t rows, unsigned long limit)
{
    mpq_t signal;
    mpq_t noise;
    mpq_inits(signal, noise, (mpq_ptr)NULL);
    mpq_mul(signal, rows, rows);
    mpq_mul(signal, signal, walk->transcript->rest);
    mpq_mul_2exp(signal, signal, 1);
    mpq_set_ui(noise, limit * limit, 1);
    mpq_mul(noise, noise, walk->transcript->left[0].sensitivity);
    bool is = mpq_cmp(signal, noise) < 0;
    mpq_clears(signal, noise, (mpq_ptr)NULL);
    return is;
}

/* From replay 3 on, columns of few rows beside the noise are measured a second time: to 4/5 of
 * the budget where s is below 150, to 3/5 below 400. The part of it that this is; 0: none. */
static void share_again(unsigned long part[2], const struct aud_walk *walk,
                        const struct settings *settings, const mpq_t rows)
{
    bool may_be = walk->transcript->replay >= 3 && walk->workload->divisor > 0 &&
                  mpq_cmp_ui(rows, 1, 1) >= 0;
    unsigned long wanted = !may_be                    ? 0
                           : is_weak(walk, rows, 150) ? 4
                           : is_weak(walk, rows, 400) ? 3
                                                      : 0;
    unsigned long more = wanted * settings->columns[1];
    unsigned long less = 5 * settings->columns[0];
    part[0] = more > less ? more - less : 0;
    part[1] = 5 * settings->columns[1];
}

/* A sum in other arithmetic than this one may lie a little below or above. */
static void move_by_millionths(mpq_t rows, long millionths)
{
    mpq_t apart;
    mpq_init(apart);
    mpq_set_si(apart, millionths, 1000000);
    mpq_canonicalize(apart);
    mpq_add(rows, rows, apart);
    mpq_clear(apart);
}

/* Where the rows lie on a limit, either side of it is right. */
static sil_status take_columns_again(struct aud_walk *walk,
                                     const struct settings *settings)
{
    sil_status status = SIL_OK;
    unsigned long part[2][2];
    mpq_t rows;
    mpq_init(rows);
    (void)aud_estimate_first(rows, walk->transcript, walk->at);
    move_by_millionths(rows, -1);
    share_again(part[0], walk, settings, rows);
    move_by_millionths(rows, 2);
    share_again(part[1], walk, settings, rows);
    const unsigned long *due = begins_columns(walk, part[1]) ? part[1] : part[0];
    bool may_be_none = part[0][0] == 0 || part[1][0] == 0;
    if (begins_columns(walk, due) || !may_be_none) {
        status = take_weighted_columns(walk, due);
    }
    mpq_clear(rows);
    return status;
}

/* A run has rounds when its columns tell of a row, and there is a marginal to measure. */
static sil_status check_rounds_come(const struct aud_walk *walk, bool has_rounds)
{
    mpq_t rows;
    mpq_init(rows);
    (void)aud_estimate_first(rows, walk->transcript, walk->at);
    move_by_millionths(rows, has_rounds ? 1 : -1);
    bool is_due = walk->workload->divisor > 0 && mpq_cmp_ui(rows, 1, 1) >= 0;
    mpq_clear(rows);
    return is_due == has_rounds
               ? SIL_OK
               : aud_walk_refuse(walk,
                                 is_due ? "the columns tell of rows: rounds come here"
                                        : "the columns tell of no row: what is left is "
                                          "theirs");
}

/* Each round of phase 3 has an even part of what is left of it. */
static sil_status take_late(struct aud_walk *walk, size_t n_rounds)
{
    sil_status status = SIL_OK;
    mpq_t due;
    mpq_init(due);
    for (size_t left = n_rounds; left > 0; left--) {
        const struct aud_left *choice = NULL;
        const struct aud_left *noise = NULL;
        aud_share(due, walk->left, 1, left);
        SIL_TRY(aud_take_round(walk, &choice, &noise));
        if (!aud_is_round(choice, noise, due)) {
            walk->at -= 2;
            status =
                aud_walk_refuse(walk, "the round past the tree has another part of the "
                                      "budget");
            break;
        }
    }

cleanup:
    mpq_clear(due);
    return status;
}

static sil_status check_mosaic(struct aud_walk *walk)
{
    sil_status status = SIL_OK;
    const struct settings settings = settings_of(walk);
    const size_t rounds = 8 * walk->workload->n;
    const struct aud_left *next = NULL;
    bool has_rounds = false;
    mpq_t late;
    mpq_t cost;
    mpq_inits(late, cost, (mpq_ptr)NULL);
    SIL_TRY(take_weighted_columns(walk, settings.columns));
    SIL_TRY(take_columns_again(walk, &settings));
    next = aud_line_at(walk, walk->at);
    has_rounds = next == NULL || next->is_choice;
    SIL_TRY(check_rounds_come(walk, has_rounds));
    if (!has_rounds) {
        status = aud_take_all_columns(walk);
        goto cleanup;
    }
    aud_share(late, walk->left, settings.late[0], settings.late[1]);
    mpq_sub(cost, walk->left, late);
    aud_share(cost, cost, 1, rounds < 256 ? rounds : 256);
    SIL_TRY(take_rounds(walk, cost, 1, late));
    status = take_late(walk, settings.late_rounds);

cleanup:
    mpq_clears(late, cost, (mpq_ptr)NULL);
    return status;
}

sil_status aud_schedule_check(const struct aud_transcript *transcript,
                              const struct aud_workload *workload,
                              struct sil_error *err)
{
    static sil_status (*const CHECKS[])(struct aud_walk *) = {
        [AUD_AIM] = check_aim,
        [AUD_MST] = check_mst,
        [AUD_INDEPENDENT] = aud_take_all_columns,
        [AUD_MOSAIC] = check_mosaic};
    struct aud_walk walk = {.transcript = transcript, .workload = workload, .err = err};
    mpq_init(walk.left);
    mpq_set(walk.left, transcript->rest);
    sil_status status = CHECKS[transcript->method](&walk);
    if (status == SIL_OK && walk.at < transcript->n_left) {
        status = aud_walk_refuse(&walk, "the run had ended");
    }
    if (status == SIL_OK && mpq_sgn(walk.left) != 0) {
        status = aud_walk_refuse(&walk, "a run spends all of its budget");
    }
    mpq_clear(walk.left);
    return status;
}
