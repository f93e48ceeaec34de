// SPDX-License-Identifier: Apache-2.0
/* Kept runs keep the rules; after any change that leaves sums and formulas right they do
 * not. */
#include "audits/claim/schedule.h"
#include "audits/claim/walk.h"
#include "unit/audits/golden.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

typedef sil_status check_function(const struct aud_transcript *transcript,
                                  const struct aud_workload *workload,
                                  struct sil_error *err);

struct run {
    struct sil_bytes model;
    struct aud_transcript transcript;
    struct aud_workload workload;
};

static void open_run(struct run *run, const char *name)
{
    struct sil_error err = {""};
    golden_load(&run->model, name);
    cr_assert(
        eq(int,
           aud_transcript_read(&run->transcript, golden_transcript(&run->model), &err),
           SIL_OK),
        "%s: %s", name, err.text);
    cr_assert(
        eq(int, aud_workload_find(&run->workload, &run->transcript, &err), SIL_OK),
        "%s: %s", name, err.text);
}

static void close_run(struct run *run)
{
    aud_workload_clear(&run->workload);
    aud_transcript_clear(&run->transcript);
    sil_bytes_clear(&run->model);
}

static void expect_ok(const struct run *run, check_function *check, const char *name)
{
    struct sil_error err = {""};
    sil_status status = check(&run->transcript, &run->workload, &err);
    cr_expect(eq(int, status, SIL_OK), "%s: %s", name, err.text);
}

static void refuses(const struct run *run, check_function *check, const char *rule,
                    size_t line)
{
    struct sil_error err = {""};
    sil_status status = check(&run->transcript, &run->workload, &err);
    cr_expect(eq(int, status, SIL_ERR_CHECK), "line %zu: no [%s]", line + 1, rule);
    cr_expect(zero(int, strncmp(err.text + 1, rule, 2)), "line %zu: %s, not [%s]",
              line + 1, err.text, rule);
}

Test(audit_schedule, kept_runs_keep_the_rules)
{
    for (size_t i = 0; i < GOLDEN_MODELS; i++) {
        struct run run;
        open_run(&run, GOLDEN_NAMES[i]);
        expect_ok(&run, aud_schedule_check, GOLDEN_NAMES[i]);
        expect_ok(&run, aud_lines_check, GOLDEN_NAMES[i]);
        expect_ok(&run, aud_groups_check, GOLDEN_NAMES[i]);
        close_run(&run);
    }
}

/* Move half of a line's cost to the next line of its kind: the sum stays. */
static size_t next_of_kind(const struct aud_transcript *transcript, size_t i)
{
    size_t j = i + 1;
    while (j < transcript->n_left &&
           transcript->left[j].is_choice != transcript->left[i].is_choice) {
        j++;
    }
    return j;
}

static void set_cost(struct aud_left *left, const mpq_t rho)
{
    mpq_set(left->rho, rho);
    if (left->is_choice) {
        mpq_mul_2exp(left->parameter, rho, 3);
    } else {
        mpq_div(left->parameter, left->sensitivity, rho);
        mpq_div_2exp(left->parameter, left->parameter, 1);
    }
}

static void move_budget(struct run *run, size_t i, size_t j)
{
    struct aud_left *left = run->transcript.left;
    mpq_t kept[2];
    mpq_t half;
    mpq_inits(kept[0], kept[1], half, (mpq_ptr)NULL);
    mpq_set(kept[0], left[i].rho);
    mpq_set(kept[1], left[j].rho);
    mpq_div_2exp(half, left[i].rho, 1);
    set_cost(&left[i], half);
    mpq_add(half, half, kept[1]);
    set_cost(&left[j], half);
    refuses(run, aud_schedule_check, "M1", i);
    set_cost(&left[i], kept[0]);
    set_cost(&left[j], kept[1]);
    mpq_clears(kept[0], kept[1], half, (mpq_ptr)NULL);
}

Test(audit_schedule, budget_that_is_moved_is_found)
{
    for (size_t m = 0; m < GOLDEN_MODELS; m++) {
        struct run run;
        open_run(&run, GOLDEN_NAMES[m]);
        for (size_t i = 0; i < run.transcript.n_left; i++) {
            size_t j = next_of_kind(&run.transcript, i);
            if (j < run.transcript.n_left) {
                move_budget(&run, i, j);
            }
        }
        expect_ok(&run, aud_schedule_check, "put back");
        close_run(&run);
    }
}

/* A line that is left out, and its cost given to the last one. */
Test(audit_schedule, lines_that_are_left_out_or_swapped_are_found)
{
    for (size_t m = 0; m < GOLDEN_MODELS; m++) {
        struct run run;
        open_run(&run, GOLDEN_NAMES[m]);
        struct aud_left *left = run.transcript.left;
        for (size_t i = 0; i + 1 < run.transcript.n_left; i++) {
            struct aud_left kept = left[i];
            left[i] = left[i + 1];
            left[i + 1] = kept;
            refuses(&run, aud_schedule_check, "M1", i);
            left[i + 1] = left[i];
            left[i] = kept;
        }
        run.transcript.n_left--;
        refuses(&run, aud_schedule_check, "M1", run.transcript.n_left);
        run.transcript.n_left++;
        close_run(&run);
    }
}

/* A cap below the finest share is one that nobody has to pay anything under. */
Test(audit_schedule, noise_on_nothing_under_a_cap_of_next_to_nothing_is_found)
{
    for (size_t m = 0; m < GOLDEN_MODELS; m++) {
        struct run run;
        open_run(&run, GOLDEN_NAMES[m]);
        mpq_set_ui(run.transcript.rest, 1, 1);
        mpq_div_2exp(run.transcript.rest, run.transcript.rest, 200);
        for (size_t i = 0; i < run.transcript.n_left; i++) {
            mpq_set_ui(run.transcript.left[i].sensitivity, 0, 1);
            mpq_set_ui(run.transcript.left[i].rho, 0, 1);
        }
        refuses(&run, aud_schedule_check, "M1", run.transcript.n_left - 1);
        close_run(&run);
    }
}

/* ---- Mosaic: what the columns tell of decides what comes next ---- */

/* The first measurement of every column adds up to so many 128ths of a row. */
static void set_totals(struct run *run, int64_t parts)
{
    for (size_t a = 0; a < run->workload.n; a++) {
        struct aud_left *left = &run->transcript.left[a];
        (void)memset(left->noisy, 0, left->n_cells * sizeof *left->noisy);
        left->noisy[0] = parts;
        left->shift = 7;
    }
}

/* The run as if it had given to the columns all that they left, at once. */
static sil_status check_columns_only(const struct run *run)
{
    const struct aud_workload *workload = &run->workload;
    const size_t d = workload->n;
    struct aud_transcript forged = run->transcript;
    struct aud_walk walk = {.transcript = &forged, .workload = workload};
    mpz_t weight;
    mpz_t all;
    mpq_t even;
    mpq_t left;
    mpz_inits(weight, all, (mpz_ptr)NULL);
    mpq_inits(walk.left, even, left, (mpq_ptr)NULL);
    forged.n_left = 2 * d;
    forged.left = calloc(forged.n_left, sizeof *forged.left);
    cr_assert(ne(ptr, forged.left, NULL));
    mpq_set(left, forged.rest);
    for (size_t a = 0; a < d; a++) {
        forged.left[a] = forged.left[d + a] = run->transcript.left[a];
        mpq_sub(left, left, forged.left[a].rho);
        aud_two_thirds(weight, workload->cells[a], 1);
        mpz_addmul_ui(all, weight, 2);
    }
    mpq_set(walk.left, left);
    aud_share(even, left, 1, 2 * d);
    for (size_t a = 0; a < d; a++) {
        mpq_ptr cost = forged.left[d + a].rho;
        mpq_init(cost);
        aud_two_thirds(weight, workload->cells[a], 1);
        aud_share_z(cost, left, weight, all);
        mpq_add(cost, cost, even);
        mpq_set(cost, a + 1 == d ? walk.left : cost);
        mpq_sub(walk.left, walk.left, cost);
    }
    sil_status status = aud_schedule_check(&forged, workload, NULL);
    for (size_t a = 0; a < d; a++) {
        mpq_clear(forged.left[d + a].rho);
    }
    free(forged.left);
    mpq_clears(walk.left, even, left, (mpq_ptr)NULL);
    mpz_clears(weight, all, (mpz_ptr)NULL);
    return status;
}

Test(audit_schedule, rounds_come_when_the_columns_tell_of_a_row_and_only_then)
{
    static const char *const ONCE[] = {"mosaic-1", "mosaic-3-high"};
    for (size_t i = 0; i < 2; i++) {
        struct run run;
        open_run(&run, ONCE[i]);
        expect_ok(&run, aud_schedule_check, ONCE[i]);
        cr_expect(eq(int, check_columns_only(&run), SIL_ERR_CHECK));
        set_totals(&run, 0);
        refuses(&run, aud_schedule_check, "M1", run.workload.n);
        cr_expect(eq(int, check_columns_only(&run), SIL_OK));
        set_totals(&run, 127);
        refuses(&run, aud_schedule_check, "M1", run.workload.n);
        close_run(&run);
    }
}

/* The generator adds up in floating point: of a row exactly it may see a little less. */
Test(audit_schedule, on_a_limit_either_side_of_it_is_right)
{
    struct run run;
    open_run(&run, "mosaic-3-high");
    set_totals(&run, 128);
    expect_ok(&run, aud_schedule_check, "once, then rounds");
    cr_expect(eq(int, check_columns_only(&run), SIL_OK));
    set_totals(&run, 129);
    refuses(&run, aud_schedule_check, "M1", run.workload.n);
    cr_expect(eq(int, check_columns_only(&run), SIL_ERR_CHECK));
    close_run(&run);

    open_run(&run, "mosaic-3-low");
    set_totals(&run, 128);
    expect_ok(&run, aud_schedule_check, "twice, then rounds");
    set_totals(&run, 127);
    refuses(&run, aud_schedule_check, "M1", run.workload.n);
    close_run(&run);
}

Test(audit_schedule, a_choice_that_was_not_among_the_open_pairs_is_found)
{
    struct run run;
    open_run(&run, "mst-1");
    for (size_t i = 0; i < run.transcript.n_left; i++) {
        struct aud_left *left = &run.transcript.left[i];
        if (!left->is_choice) {
            continue;
        }
        left->candidates++;
        refuses(&run, aud_schedule_check, "M1", i);
        left->candidates--;
        left->chosen ^= 1;
        refuses(&run, aud_schedule_check, "M1", i);
        left->chosen ^= 1;
    }
    close_run(&run);
}

static void spoil_line(struct run *run, size_t i)
{
    struct aud_left *left = &run->transcript.left[i];
    mpq_t kept;
    mpq_init(kept);
    mpq_set(kept, left->sensitivity);
    mpq_div_2exp(left->sensitivity, left->sensitivity, 14);
    refuses(run, aud_lines_check, "M2", i);
    mpq_set(left->sensitivity, kept);
    mpq_mul_2exp(left->sensitivity, left->sensitivity, 24);
    refuses(run, aud_lines_check, "M2", i);
    mpq_set(left->sensitivity, kept);
    mpq_clear(kept);
    if (!left->is_choice) {
        left->shift ^= 1;
        refuses(run, aud_lines_check, "M2", i);
        left->shift ^= 1;
        left->n_cells--;
        refuses(run, aud_lines_check, "M2", i);
        left->n_cells++;
        return;
    }
    bool is_mst = run->transcript.method == AUD_MST;
    uint64_t weight =
        is_mst ? 1 : aud_weight(&run->workload, left->attr, left->n_attrs);
    mpq_init(kept);
    mpq_set(kept, left->sensitivity);
    mpq_set_ui(left->sensitivity, 1024 * (weight - 1), 1);
    refuses(run, aud_lines_check, "M2", i);
    mpq_set(left->sensitivity, kept);
    mpq_clear(kept);
    if (run->transcript.method == AUD_MOSAIC) {
        left->weight++;
        refuses(run, aud_lines_check, "M2", i);
        left->weight--;
    }
}

Test(audit_schedule, a_line_with_another_sensitivity_grid_or_size_is_found)
{
    for (size_t m = 0; m < GOLDEN_MODELS; m++) {
        struct run run;
        open_run(&run, GOLDEN_NAMES[m]);
        for (size_t i = 0; i < run.transcript.n_left; i++) {
            spoil_line(&run, i);
        }
        expect_ok(&run, aud_lines_check, "put back");
        close_run(&run);
    }
}

/* A copy of a grouping in which two values have changed places. */
static bool swap_values(uint8_t *copy, struct aud_bin group)
{
    (void)memcpy(copy, group.data, group.length);
    for (size_t v = 2; v < group.length; v += 2) {
        if (memcmp(copy, copy + v, 2) != 0) {
            uint8_t first[2] = {copy[0], copy[1]};
            (void)memmove(copy, copy + v, 2);
            (void)memcpy(copy + v, first, 2);
            return true;
        }
    }
    return false;
}

/* Two measurements of a column of six values, grouped so. */
static sil_status check_levels(const uint8_t *one, const uint8_t *two)
{
    uint8_t bytes[2][12] = {{0}};
    uint64_t cells = 6;
    struct aud_workload workload = {.n = 1, .cells = &cells};
    struct aud_left left[2] = {
        {.n_attrs = 1, .is_grouped = true},
        {.n_attrs = 1, .is_grouped = true}
    };
    struct aud_transcript transcript = {.left = left, .n_left = 2};
    for (size_t v = 0; v < cells; v++) {
        bytes[0][2 * v] = one[v];
        bytes[1][2 * v] = two[v];
    }
    left[0].group[0] = (struct aud_bin){bytes[0], sizeof bytes[0]};
    left[1].group[0] = (struct aud_bin){bytes[1], sizeof bytes[1]};
    return aud_groups_check(&transcript, &workload, NULL);
}

Test(audit_schedule, one_grouping_of_a_column_refines_the_other)
{
    static const uint8_t FINE[] = {0, 0, 1, 1, 2, 2};
    static const uint8_t COARSE[] = {0, 0, 1, 1, 1, 1};
    static const uint8_t RENAMED[] = {2, 2, 0, 0, 1, 1};
    static const uint8_t CROSSING[] = {0, 1, 1, 1, 1, 1};
    static const uint8_t GAP[] = {0, 0, 2, 2, 3, 3};
    static const uint8_t OWN[] = {0, 1, 2, 3, 4, 5};
    cr_expect(eq(int, check_levels(FINE, COARSE), SIL_OK));
    cr_expect(eq(int, check_levels(COARSE, FINE), SIL_OK));
    cr_expect(eq(int, check_levels(FINE, FINE), SIL_OK));
    cr_expect(eq(int, check_levels(FINE, RENAMED), SIL_OK));
    cr_expect(eq(int, check_levels(FINE, CROSSING), SIL_ERR_CHECK));
    cr_expect(eq(int, check_levels(CROSSING, FINE), SIL_ERR_CHECK));
    cr_expect(eq(int, check_levels(FINE, GAP), SIL_ERR_CHECK));
    cr_expect(eq(int, check_levels(OWN, COARSE), SIL_ERR_CHECK));
}

Test(audit_schedule, groupings_that_cross_or_leave_out_numbers_are_found)
{
    struct run run;
    size_t n_crossed = 0;
    open_run(&run, "mosaic-1");
    for (size_t i = 0; i < run.transcript.n_left; i++) {
        struct aud_left *left = &run.transcript.left[i];
        struct aud_bin kept = left->group[0];
        if (kept.length == 0) {
            continue;
        }
        uint8_t *copy = malloc(kept.length);
        cr_assert(ne(ptr, copy, NULL));
        left->group[0].data = copy;
        (void)memset(copy, 0xff, kept.length);
        refuses(&run, aud_groups_check, "M3", i);
        /* Two values that change places cross what the same column has elsewhere. */
        if (swap_values(copy, kept)) {
            n_crossed +=
                aud_groups_check(&run.transcript, &run.workload, NULL) == SIL_ERR_CHECK;
        }
        left->group[0].length -= 2;
        refuses(&run, aud_groups_check, "M3", i);
        left->group[0] = kept;
        free(copy);
    }
    cr_expect(gt(sz, n_crossed, 0));
    expect_ok(&run, aud_groups_check, "put back");
    close_run(&run);
}
