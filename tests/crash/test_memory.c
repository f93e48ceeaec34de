// SPDX-License-Identifier: Apache-2.0
/* Memory runs out at any allocation of a call that writes: the error is clean, and the ledger
 * is as it was, or charged. The allocations are those of Silhouette itself, which the
 * linker's option --wrap brings here; GMP ends the process by design, and libsodium
 * allocates for keys only, which are there. */
#include "explore.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
void *__real_mmap(void *at, size_t size, int rights, int flags, int file, off_t from);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
void *__wrap_mmap(void *at, size_t size, int rights, int flags, int file, off_t from);

static bool has_no_pages;

static struct {
    bool is_armed;
    bool is_for_good; /* all that follow fail as well */
    size_t left;      /* good ones before the first that fails */
    size_t n_failed;
} shortage;

static bool runs_out(void)
{
    if (!shortage.is_armed || shortage.left > 0) {
        shortage.left -= shortage.is_armed ? 1 : 0;
        return false;
    }
    shortage.is_armed = shortage.is_for_good;
    shortage.n_failed++;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return runs_out() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return runs_out() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return runs_out() ? NULL : __real_realloc(memory, size);
}

char *__wrap_strdup(const char *text)
{
    return runs_out() ? NULL : __real_strdup(text);
}

/* Tokens live in pages of their own. */
void *__wrap_mmap(void *at, size_t size, int rights, int flags, int file, off_t from)
{
    return has_no_pages ? MAP_FAILED : __real_mmap(at, size, rights, flags, file, from);
}

/* ---- calls, with all that they are given made before ---- */

struct call {
    struct sil_bytes body;
    struct sil_approval approval;
    struct sil_rho rho;
    struct sil_measure measure;
    struct sil_spending line;
};

typedef sil_status call_fn(struct stage *stage, const struct call *call,
                           struct sil_error *err);

static sil_status found(struct stage *stage, const struct call *call,
                        struct sil_error *err)
{
    return sil_ledger_found(&stage->ledger, &stage->book.place, &call->body,
                            &call->approval, 1, &stage->book.signers, err);
}

static sil_status enter(struct stage *stage, struct sil_error *err)
{
    return sil_ledger_open_with(&stage->ledger, &stage->book.place, SIL_LEDGER_WRITE,
                                &stage->book.signers, NULL, err);
}

static sil_status grant(struct stage *stage, const struct call *call,
                        struct sil_error *err)
{
    sil_status status = enter(stage, err);
    return status != SIL_OK ? status
                            : sil_ledger_append(stage->ledger, &call->body,
                                                &call->approval, 1, NULL, err);
}

static sil_status reserve(struct stage *stage, const struct call *call,
                          struct sil_error *err)
{
    static const uint8_t PLAN[32] = {1};
    struct sil_token *token = NULL;
    struct sil_id id;
    sil_status status = enter(stage, err);
    if (status == SIL_OK) {
        status = sil_ledger_reserve(
            &token, &id, stage->ledger, NULL,
            &(struct sil_debit){.rho = &call->rho, .plan_hash = PLAN}, err);
        cr_assert(eq(int, token != NULL, status == SIL_OK));
    }
    sil_token_free(token);
    return status;
}

static sil_status measure(struct stage *stage, const struct call *call,
                          struct sil_error *err)
{
    sil_status status = enter(stage, err);
    return status != SIL_OK ? status
                            : sil_ledger_measure(stage->ledger, &call->measure, err);
}

/* ---- the sweep ---- */

static void make_grant(struct call *call)
{
    struct kit empty;
    kit_init(&empty);
    struct kit_draft draft = kit_grant(&empty, "1/2", "0/1");
    draft.body.ledger = *stage_ledger_id();
    sil_id_random(&draft.body.id);
    cr_assert(eq(int, sil_body_encode(&call->body, &draft.body, NULL), SIL_OK));
    sil_body_clear(&draft.body);
    kit_clear(&empty);
}

static void make_genesis(struct call *call)
{
    struct kit_draft draft = kit_genesis();
    cr_assert(eq(int, sil_body_encode(&call->body, &draft.body, NULL), SIL_OK));
    sil_body_clear(&draft.body);
}

/* The measure entry of the one reserve that the scene's ledger has. */
static void make_measure(struct call *call, const struct scene *scene)
{
    struct sil_error err = {{0}};
    struct sil_ledger *ledger;
    struct sim_disk *disk = sim_disk_clone(scene->disk);
    cr_assert(eq(int, stage_enter(&ledger, disk, &err), SIL_OK));
    sil_spending_init(&call->line);
    call->line.mechanism = SIL_SPENT_GAUSSIAN;
    kit_rational(call->line.sensitivity, "1/1");
    kit_rational(call->line.parameter, "4/1");
    kit_rational(call->line.rho, "1/8");
    call->measure = (struct sil_measure){.n_lines = 1, .lines = &call->line};
    call->measure.reserve = sil_ledger_chain(ledger)->reserve[0].id;
    sil_ledger_close(ledger);
    sim_disk_free(disk);
}

struct sweep {
    struct scene scene;
    struct explorer *explorer;
    struct call call;
    call_fn *make;
    size_t n_failed;
    size_t n_errors;
};

static void leave_to_another(struct sweep *sweep, const struct stage *stage)
{
    struct stage other = stage_on(sim_disk_clone(stage->disk));
    explore(sweep->explorer, stage->disk, &stage->told);
    chance_start(3);
    go_on(&other, &sweep->scene);
    explore(sweep->explorer, other.disk, &other.told);
    stage_leave(&other);
}

static bool run_short(struct sweep *sweep, size_t at, bool for_good)
{
    struct sil_error err = {{0}};
    struct stage stage = scene_enter(&sweep->scene);
    shortage.left = at;
    shortage.n_failed = 0;
    shortage.is_for_good = for_good;
    shortage.is_armed = true;
    sil_status status = sweep->make(&stage, &sweep->call, &err);
    shortage.is_armed = false;
    const bool is_over = shortage.n_failed == 0;
    if (!is_over) {
        cr_assert(status == SIL_OK || status == SIL_ERR_INTERNAL,
                  "allocation %zu: %d: %s", at, (int)status, err.text);
        sweep->n_failed++;
        sweep->n_errors += status != SIL_OK ? 1 : 0;
        if (status == SIL_OK) {
            stage.told = stage_says(stage.ledger);
        }
        stage_clear(&stage);
        leave_to_another(sweep, &stage);
    }
    stage_leave(&stage);
    return !is_over;
}

static void sweep_all(struct sweep *sweep, const char *name)
{
    sweep->explorer = explorer_new(&sweep->scene, true);
    for (int for_good = 0; for_good < 2; for_good++) {
        for (size_t at = 0; run_short(sweep, at, for_good != 0); at++) {
        }
    }
    const struct tally *tally = explorer_tally(sweep->explorer);
    (void)printf(
        "memory: %-8s %5zu shortages, %5zu errors; then power cuts: %6zu states, "
        "%4zu different\n",
        name, sweep->n_failed, sweep->n_errors, tally->states, tally->unique);
    (void)fflush(stdout);
    explorer_free(sweep->explorer);
    sil_bytes_clear(&sweep->call.body);
    scene_clear(&sweep->scene);
}

static struct scene scene_named(const char *name)
{
    size_t i = 0;
    while (strcmp(WORKLOADS[i].name, name) != 0) {
        i++;
    }
    return scene_new(&WORKLOADS[i]);
}

Test(memory, that_runs_out_while_founding_leaves_what_can_be_founded)
{
    struct sweep sweep = {.scene = scene_named("found"), .make = found};
    make_genesis(&sweep.call);
    sweep.call.approval = book_approve(KIT_AUTHORITY, &sweep.call.body);
    sweep_all(&sweep, "found");
}

Test(memory, that_runs_out_while_granting_leaves_a_sound_ledger)
{
    struct sweep sweep = {.scene = scene_named("grant"), .make = grant};
    make_grant(&sweep.call);
    sweep.call.approval = book_approve(KIT_AUTHORITY, &sweep.call.body);
    sweep_all(&sweep, "grant");
}

Test(memory, that_runs_out_while_reserving_gives_no_token)
{
    struct sweep sweep = {.scene = scene_named("reserve"), .make = reserve};
    sil_rho_init(&sweep.call.rho);
    kit_rational(sweep.call.rho.v, "1/8");
    sweep_all(&sweep, "reserve");
    sil_rho_clear(&sweep.call.rho);
}

Test(memory, that_runs_out_behind_the_debit_is_said_to_have_cost_it)
{
    struct scene scene = scene_named("reserve");
    struct stage stage = scene_enter(&scene);
    struct call call = {0};
    struct sil_error err = {{0}};
    sil_rho_init(&call.rho);
    kit_rational(call.rho.v, "1/8");

    has_no_pages = true;
    sil_status status = reserve(&stage, &call, &err);
    has_no_pages = false;

    cr_expect(eq(int, status, SIL_ERR_INTERNAL));
    cr_expect(ne(ptr, strstr(err.text, "the budget of this run is spent"), NULL), "%s",
              err.text);
    cr_expect(eq(sz, sil_ledger_chain(stage.ledger)->n_reserves, 1));
    sil_rho_clear(&call.rho);
    stage_leave(&stage);
    scene_clear(&scene);
}

Test(memory, that_runs_out_while_measuring_leaves_a_sound_ledger)
{
    struct sweep sweep = {.scene = scene_named("measure"), .make = measure};
    make_measure(&sweep.call, &sweep.scene);
    sweep_all(&sweep, "measure");
    sil_spending_clear(&sweep.call.line);
}
