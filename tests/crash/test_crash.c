// SPDX-License-Identifier: Apache-2.0
/* A power cut at any point of any operation of a ledger. */
#include "explore.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>

#include <stdio.h>

struct run {
    struct explorer *explorer;
    struct stage stage;
    struct scene scene;
};

static void cut(void *context, const struct sim_disk *disk)
{
    struct run *run = context;
    explore(run->explorer, disk, &run->stage.told);
}

static void walk(struct run *run)
{
    struct sil_error err = {{0}};
    const struct workload *workload = run->scene.workload;
    sim_disk_on_change(run->stage.disk, cut, run);
    cut(run, run->stage.disk);
    for (size_t i = 0; i < STEPS_MAX && workload->step[i] != NULL; i++) {
        cr_assert(eq(int, workload->step[i](&run->stage, &err), SIL_OK), "%s",
                  err.text);
        /* From here on it is acknowledged. */
        cut(run, run->stage.disk);
    }
    sim_disk_on_change(run->stage.disk, NULL, NULL);
}

static void print_tally(const char *name, bool lose_state, const struct tally *t)
{
    (void)printf(
        "crash: %-20s %-16s %4zu points %7zu states %5zu different: %5zu as they "
        "are, %4zu rolled forward, %3zu no ledger yet, %3zu refused; %7zu states "
        "of a second cut\n",
        name, lose_state ? "watermark lost" : "", t->points, t->states, t->unique,
        t->complete, t->rolled, t->unfounded, t->refused, t->second);
    (void)fflush(stdout);
}

static void cut_everywhere(const struct workload *workload, bool lose_state)
{
    struct run run = {.scene = scene_new(workload)};
    run.stage = scene_enter(&run.scene);
    run.explorer = explorer_new(&run.scene, lose_state);
    walk(&run);
    print_tally(workload->name, lose_state, explorer_tally(run.explorer));
    explorer_free(run.explorer);
    stage_leave(&run.stage);
    scene_clear(&run.scene);
}

/* Each test is a process of its own, which the number of a workload reaches. */
static struct criterion_test_params each_workload(void)
{
    static size_t number[N_WORKLOADS];
    for (size_t i = 0; i < N_WORKLOADS; i++) {
        number[i] = i;
    }
    return cr_make_param_array(size_t, number, N_WORKLOADS);
}

ParameterizedTestParameters(crash, leaves_what_opens_with_all_that_was_acknowledged)
{
    return each_workload();
}

ParameterizedTest(size_t *i, crash, leaves_what_opens_with_all_that_was_acknowledged)
{
    cut_everywhere(&WORKLOADS[*i], false);
}

ParameterizedTestParameters(crash, with_the_watermark_lost_leaves_it_as_well)
{
    return each_workload();
}

ParameterizedTest(size_t *i, crash, with_the_watermark_lost_leaves_it_as_well)
{
    cut_everywhere(&WORKLOADS[*i], true);
}
