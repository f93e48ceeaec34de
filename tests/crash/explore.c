// SPDX-License-Identifier: Apache-2.0
#include "explore.h"

#include "ledger/refuse.h"
#include "ledger/survey.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1 << 15 };

/* What was found out about a state. */
struct verdict {
    uint64_t hash;
    bool is_known;
    bool is_deep; /* a second power cut was looked at too */
    sil_status status;
    char id[16];
    bool is_rolled;
    struct promise says;
    uint64_t mark; /* size of the watermark before anything was opened */
};

struct explorer {
    const struct scene *scene;
    bool lose_state;
    struct verdict slot[SLOTS];
    size_t n_slots;
    struct tally tally;
};

struct explorer *explorer_new(const struct scene *scene, bool lose_state)
{
    struct explorer *explorer = calloc(1, sizeof *explorer);
    cr_assert(ne(ptr, explorer, NULL));
    explorer->scene = scene;
    explorer->lose_state = lose_state;
    return explorer;
}

void explorer_free(struct explorer *explorer)
{
    free(explorer);
}

const struct tally *explorer_tally(const struct explorer *explorer)
{
    return &explorer->tally;
}

static struct verdict *slot_of(struct explorer *explorer, uint64_t hash)
{
    size_t i = hash % SLOTS;
    while (explorer->slot[i].is_known && explorer->slot[i].hash != hash) {
        i = (i + 1) % SLOTS;
    }
    return &explorer->slot[i];
}

/* ---- one state ---- */

static bool is_founding(const struct scene *scene)
{
    return scene->told.entries == 0;
}

static bool has_note(const struct sil_ledger *ledger, const char *word)
{
    for (size_t i = 0; i < sil_ledger_n_notes(ledger); i++) {
        if (strstr(sil_ledger_note(ledger, i), word) != NULL) {
            return true;
        }
    }
    return false;
}

static uint64_t watermark_size(struct sim_disk *disk)
{
    struct sil_error err = {{0}};
    struct sil_bytes note = {0};
    struct sil_checkpoint mark = {0};
    bool present = false;
    sil_status status = sil_watermark_read(&note, &present, sim_disk_fs(disk), "/state",
                                           stage_ledger_id()->bytes, &err);
    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
    if (present) {
        status = sil_checkpoint_read(&mark, &note, "the watermark", &err);
        cr_assert(eq(int, status, SIL_OK), "%s", err.text);
    }
    sil_bytes_clear(&note);
    return mark.size;
}

/* Another entry: a small grant fits always. */
static void append(struct sil_ledger *ledger)
{
    struct sil_error err = {{0}};
    const struct promise before = stage_says(ledger);
    struct kit_draft draft = book_draft(ledger, SIL_ENTRY_GRANT);
    kit_rational(draft.body.grant.rho.v, "1/1000");
    draft.body.grant.expires = KIT_EXPIRES;
    sil_status status = book_append(ledger, draft, &err);
    cr_assert(eq(int, status, SIL_OK), "a later append: %s", err.text);
    const struct promise after = stage_says(ledger);
    cr_assert(eq(u64, after.entries, before.entries + 1));
    cr_assert(eq(ulong, after.eighths, before.eighths));
}

static void expect_as_before(struct sil_ledger *ledger, const struct promise *before)
{
    const struct promise now = stage_says(ledger);
    cr_assert(eq(u64, now.entries, before->entries));
    cr_assert(eq(ulong, now.eighths, before->eighths));
}

/* What was opened once opens again, finds nothing to do, and takes an entry. */
static void expect_usable(struct sim_disk *disk, const struct promise *says)
{
    struct sil_error err = {{0}};
    struct sil_ledger *ledger;
    const uint64_t hash = sim_disk_hash(disk);
    cr_assert(zero(sz, sim_disk_count(disk, "/book/tmp")), "tmp is clean");
    cr_assert(eq(int, stage_enter(&ledger, disk, &err), SIL_OK), "%s", err.text);
    cr_assert(eq(u64, sim_disk_hash(disk), hash), "opening again changes nothing");
    cr_assert(not(has_note(ledger, "rolled forward")));
    expect_as_before(ledger, says);
    append(ledger);
    sil_ledger_close(ledger);
    cr_assert(eq(int, stage_enter(&ledger, disk, &err), SIL_OK), "%s", err.text);
    cr_assert(eq(u64, stage_says(ledger).entries, says->entries + 1));
    sil_ledger_close(ledger);
}

/* A second call finishes what the first began. */
static void expect_curable(struct sim_disk *disk, const struct scene *scene)
{
    struct sil_error err = {{0}};
    struct stage stage = stage_on(disk);
    stage.recovery = scene->recovery;
    step_fn *step = is_founding(scene) ? stage_found : stage_recover;
    cr_assert(eq(int, step(&stage, &err), SIL_OK), "a second call: %s", err.text);
    cr_assert(ge(ulong, stage.told.eighths, scene->told.eighths));
    cr_assert(eq(u64, stage.told.entries, scene->told.entries + 1));
    stage_clear(&stage);
    expect_usable(disk, &stage.told);
}

/* Without the watermark nobody remembers the checkpoints that were lost. */
static bool is_beyond_help(const struct explorer *explorer)
{
    return explorer->lose_state && explorer->scene->workload->refused != NULL &&
           strcmp(explorer->scene->workload->refused, "E-ROLLBACK") == 0;
}

static void open_state(struct explorer *explorer, struct verdict *verdict,
                       const struct sim_disk *state)
{
    struct sil_error err = {{0}};
    struct sil_ledger *ledger;
    struct sim_disk *disk = sim_disk_clone(state);
    verdict->mark = watermark_size(disk);
    verdict->status = stage_enter(&ledger, disk, &err);
    if (verdict->status == SIL_OK) {
        verdict->is_rolled = has_note(ledger, "rolled forward");
        verdict->says = stage_says(ledger);
        sil_ledger_close(ledger);
        expect_usable(disk, &verdict->says);
    } else {
        const char *foreseen = explorer->scene->workload->refused;
        sil_refusal_id(verdict->id, &err);
        bool is_foreseen = foreseen == NULL
                               ? is_founding(explorer->scene) && verdict->id[0] == '\0'
                               : strcmp(verdict->id, foreseen) == 0;
        cr_assert(is_foreseen, "a state is refused: %s", err.text);
        if (!is_beyond_help(explorer)) {
            expect_curable(disk, explorer->scene);
        }
    }
    sim_disk_free(disk);
}

static const struct verdict *judge(struct explorer *explorer,
                                   const struct sim_disk *state)
{
    uint64_t hash = sim_disk_hash(state);
    struct verdict *verdict = slot_of(explorer, hash);
    if (!verdict->is_known) {
        cr_assert(lt(sz, ++explorer->n_slots, SLOTS / 2));
        *verdict = (struct verdict){.hash = hash, .is_known = true};
        open_state(explorer, verdict, state);
    }
    return verdict;
}

/* ---- a second power cut, during the recovery ---- */

struct again {
    struct explorer *explorer;
    const struct verdict *first;
};

static void check_again(void *context, const struct sim_disk *state)
{
    const struct again *again = context;
    const struct verdict *first = again->first;
    const struct verdict *second = judge(again->explorer, state);
    again->explorer->tally.second++;
    cr_assert(eq(int, second->status, first->status));
    cr_assert(zero(int, strcmp(second->id, first->id)));
    cr_assert(eq(u64, second->says.entries, first->says.entries));
    cr_assert(eq(ulong, second->says.eighths, first->says.eighths));
    cr_assert(ge(u64, second->mark, first->mark));
}

static void cut_again(void *context, const struct sim_disk *disk)
{
    const uint64_t position = chance_now();
    (void)sim_disk_crash(disk, check_again, context);
    chance_resume(position);
}

static void look_deeper(struct explorer *explorer, const struct verdict *verdict,
                        const struct sim_disk *state)
{
    struct sil_error err = {{0}};
    struct sil_ledger *ledger;
    struct sim_disk *disk = sim_disk_clone(state);
    struct again again = {explorer, verdict};
    sim_disk_on_change(disk, cut_again, &again);
    cr_assert(eq(int, stage_enter(&ledger, disk, &err), verdict->status));
    sil_ledger_close(ledger);
    sim_disk_free(disk);
}

/* ---- all states ---- */

struct look {
    struct explorer *explorer;
    const struct promise *told;
};

static void count(struct tally *tally, const struct verdict *verdict,
                  const struct scene *scene)
{
    tally->unique++;
    if (verdict->status == SIL_OK) {
        tally->rolled += verdict->is_rolled ? 1 : 0;
        tally->complete += verdict->is_rolled ? 0 : 1;
    } else {
        tally->unfounded += is_founding(scene) ? 1 : 0;
        tally->refused += is_founding(scene) ? 0 : 1;
    }
}

static void keep_promise(const struct verdict *verdict, const struct promise *told,
                         const struct scene *scene)
{
    const bool is_news = told->entries > scene->told.entries;
    if (verdict->status != SIL_OK) {
        cr_assert(not(is_news), "acknowledged and refused");
        return;
    }
    /* What was rolled forward had no checkpoint, and so was not acknowledged. */
    const uint64_t covered =
        verdict->says.entries - (verdict->is_rolled && is_news ? 1 : 0);
    cr_assert(ge(u64, covered, told->entries), "acknowledged and not there");
    cr_assert(ge(ulong, verdict->says.eighths, told->eighths));
}

static void check(void *context, const struct sim_disk *image)
{
    const struct look *look = context;
    struct explorer *explorer = look->explorer;
    const struct promise *told = look->told;
    struct sim_disk *state = sim_disk_clone(image);
    if (explorer->lose_state) {
        sim_disk_lose(state, "/state");
    }
    /* Not const: only here is more found out about it. */
    struct verdict *verdict = slot_of(explorer, judge(explorer, state)->hash);
    if (!verdict->is_deep) {
        verdict->is_deep = true;
        count(&explorer->tally, verdict, explorer->scene);
        if (!explorer->lose_state) {
            look_deeper(explorer, verdict, state);
        }
    }
    keep_promise(verdict, told, explorer->scene);
    if (!explorer->lose_state) {
        cr_assert(ge(u64, verdict->mark, told->entries), "the watermark is behind");
    }
    sim_disk_free(state);
}

void explore(struct explorer *explorer, const struct sim_disk *disk,
             const struct promise *told)
{
    struct look look = {explorer, told};
    const uint64_t position = chance_now();
    explorer->tally.points++;
    explorer->tally.states += sim_disk_crash(disk, check, &look);
    chance_resume(position);
}

/* ---- without a power cut ---- */

void go_on(struct stage *stage, const struct scene *scene)
{
    struct sil_error err = {{0}};
    stage_clear(stage);
    sil_status status = stage_enter(&stage->ledger, stage->disk, &err);
    if (status != SIL_OK && is_founding(scene)) {
        status = stage_found(stage, &err);
    } else if (status != SIL_OK && scene->recovery.length > 0) {
        status = stage_recover(stage, &err);
    }
    cr_assert(eq(int, status, SIL_OK), "going on: %s", err.text);
    append(stage->ledger);
    stage->told = stage_says(stage->ledger);
}
