// SPDX-License-Identifier: Apache-2.0
/* Each operation of each workload fails once, and a process is killed at any point: the
 * error is clean, the handle is spent, the next process goes on; and a power cut after
 * either finds what was acknowledged. */
#include "explore.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kind {
    struct sim_fault fault;
    bool reads_too; /* else operations that write only */
};

static const struct kind KINDS[] = {
    {{0, EIO, SIM_NOTHING},    true },
    {{0, EINTR, SIM_NOTHING},  true },
    {{0, ENOSPC, SIM_NOTHING}, false},
    {{0, EIO, SIM_DONE},       false},
    {{0, 0, SIM_SHORT},        false},
};

struct sweep {
    struct scene scene;
    struct explorer *explorer;
    size_t n_faults;
    size_t n_errors;
    size_t n_kills;
};

/* Each test is a process of its own, which the number of a workload reaches. */
static struct criterion_test_params each_workload(void)
{
    static size_t number[N_WORKLOADS];
    for (size_t i = 0; i < N_WORKLOADS; i++) {
        number[i] = i;
    }
    return cr_make_param_array(size_t, number, N_WORKLOADS);
}

/* A commit is the same for every entry: ./check takes each kind of workload once, and a
 * SIL_TEST_MULTIPLIER above 1 all. */
static bool is_chosen(size_t i)
{
    static const char *const KINDS_OF[] = {"found", "reserve", "recover: quarantine",
                                           "recover: rebuild"};
    const char *multiplier = getenv("SIL_TEST_MULTIPLIER");
    bool is_chosen = multiplier != NULL && atoi(multiplier) > 1;
    for (size_t k = 0; k < sizeof KINDS_OF / sizeof KINDS_OF[0]; k++) {
        is_chosen = is_chosen || strcmp(KINDS_OF[k], WORKLOADS[i].name) == 0;
    }
    return is_chosen;
}

/* ---- one fault ---- */

static sil_status walk(struct stage *stage, const struct workload *workload,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < STEPS_MAX && workload->step[i] != NULL && status == SIL_OK;
         i++) {
        status = workload->step[i](stage, err);
    }
    return status;
}

/* After a write that failed nothing more is taken. */
static void expect_spent(struct stage *stage)
{
    struct sil_error err = {{0}};
    const uint64_t hash = sim_disk_hash(stage->disk);
    cr_assert(eq(int, stage_grant(stage, &err), SIL_ERR_IO), "%s", err.text);
    cr_assert(ne(ptr, strstr(err.text, "opened anew"), NULL), "%s", err.text);
    cr_assert(eq(u64, sim_disk_hash(stage->disk), hash));
}

/* Another process goes on, on the same machine; then the power is cut. */
static void leave_to_another(struct sweep *sweep, const struct sim_disk *disk,
                             bool cut_power, bool is_forgetful)
{
    struct stage other = stage_on(sim_disk_clone(disk));
    const uint64_t position = chance_now();
    other.recovery = sweep->scene.recovery;
    if (sweep->scene.told.entries == 0 && is_forgetful) {
        /* The limit of docs/ledger-tests.md: folders whose fsync failed are not made
         * again by a second founding. */
        sim_disk_settle(other.disk);
    }
    chance_start(3);
    go_on(&other, &sweep->scene);
    if (cut_power) {
        explore(sweep->explorer, other.disk, &other.told);
    }
    stage_leave(&other);
    chance_start(2);
    chance_resume(position);
}

/* False: there are fewer operations. */
static bool fail_once(struct sweep *sweep, const struct kind *kind, size_t at)
{
    struct sil_error err = {{0}};
    struct stage stage = scene_enter(&sweep->scene);
    struct sim_fault fault = kind->fault;
    fault.at = at;
    sim_disk_fail(stage.disk, &fault);
    sil_status status = walk(&stage, sweep->scene.workload, &err);
    const char *failed = sim_disk_failed(stage.disk);
    const bool is_write = sim_disk_failed_writing(stage.disk);
    const bool is_over = sim_disk_n_operations(stage.disk) <= at;
    if (failed != NULL && (is_write || kind->reads_too)) {
        sweep->n_faults++;
        sweep->n_errors += status != SIL_OK ? 1 : 0;
        cr_assert(status == SIL_OK || status == SIL_ERR_IO, "%s: %d: %s", failed,
                  (int)status, err.text);
        if (status != SIL_OK && is_write && stage.ledger != NULL &&
            strcmp(failed, "unlink") != 0) {
            expect_spent(&stage);
        }
        if (is_write) {
            explore(sweep->explorer, stage.disk, &stage.told);
        }
        stage_clear(&stage);
        leave_to_another(sweep, stage.disk, is_write, strcmp(failed, "sync") == 0);
    }
    stage_leave(&stage);
    return !is_over;
}

ParameterizedTestParameters(faults, leave_what_the_next_process_goes_on_with)
{
    return each_workload();
}

ParameterizedTest(size_t *i, faults, leave_what_the_next_process_goes_on_with)
{
    if (!is_chosen(*i)) {
        return;
    }
    struct sweep sweep = {.scene = scene_new(&WORKLOADS[*i])};
    sweep.explorer = explorer_new(&sweep.scene, false);
    for (size_t k = 0; k < sizeof KINDS / sizeof KINDS[0]; k++) {
        for (size_t at = 0; fail_once(&sweep, &KINDS[k], at); at++) {
        }
    }
    const struct tally *tally = explorer_tally(sweep.explorer);
    (void)printf("faults: %-20s %5zu injected, %5zu errors; then power cuts: %6zu "
                 "states, %4zu different\n",
                 WORKLOADS[*i].name, sweep.n_faults, sweep.n_errors, tally->states,
                 tally->unique);
    (void)fflush(stdout);
    explorer_free(sweep.explorer);
    scene_clear(&sweep.scene);
}

/* ---- killed ---- */

static void kill_here(void *context, const struct sim_disk *disk)
{
    struct sweep *sweep = context;
    sweep->n_kills++;
    leave_to_another(sweep, disk, true, false);
}

ParameterizedTestParameters(kills, leave_what_the_next_process_goes_on_with)
{
    return each_workload();
}

ParameterizedTest(size_t *i, kills, leave_what_the_next_process_goes_on_with)
{
    struct sil_error err = {{0}};
    struct sweep sweep = {.scene = scene_new(&WORKLOADS[*i])};
    sweep.explorer = explorer_new(&sweep.scene, false);
    struct stage stage = scene_enter(&sweep.scene);
    sim_disk_on_change(stage.disk, kill_here, &sweep);
    cr_assert(eq(int, walk(&stage, sweep.scene.workload, &err), SIL_OK), "%s",
              err.text);
    const struct tally *tally = explorer_tally(sweep.explorer);
    (void)printf("kills: %-20s %4zu; then power cuts: %6zu states, %4zu different\n",
                 WORKLOADS[*i].name, sweep.n_kills, tally->states, tally->unique);
    (void)fflush(stdout);
    stage_leave(&stage);
    explorer_free(sweep.explorer);
    scene_clear(&sweep.scene);
}
