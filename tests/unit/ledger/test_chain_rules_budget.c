// SPDX-License-Identifier: Apache-2.0
/* Every rule of the budget, broken by an entry that is otherwise good: refused with the id
 * of the rule, and nothing has changed. */
#include "rules_scene.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- B: the budget ---- */

static struct kit_draft beyond_cap(struct scene *s)
{
    return scene_council(
        kit_grant(&s->kit, "3000000000000001/2000000000000000", "0/1"));
}

static struct kit_draft delta_beyond_cap(struct scene *s)
{
    return scene_council(kit_grant(&s->kit, "1/8", "1/1000000000000"));
}

static struct kit_draft beyond_grant(struct scene *s)
{
    return kit_reserve(&s->kit, &s->grant, "1000000000000001/4000000000000000", "0/1");
}

static struct kit_draft delta_beyond_grant(struct scene *s)
{
    return kit_reserve(&s->kit, &s->grant, "1/8", "1/1000000000000");
}

static struct kit_draft against_reserve(struct scene *s)
{
    return kit_reserve(&s->kit, &s->measured, "1/8", "0/1");
}

static struct kit_draft too_late(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.head.time = KIT_EXPIRES - KIT_EXPIRES % KIT_HOUR + KIT_HOUR;
    return draft;
}

static struct kit_draft line(struct scene *s, enum sil_ledger_mechanism mechanism,
                             const char *sensitivity, const char *parameter,
                             const char *rho)
{
    struct kit_draft draft = kit_measure(&s->kit, &s->unmeasured, 1);
    kit_line(&draft, 0, mechanism, sensitivity, parameter, rho);
    return draft;
}

static struct kit_draft cheap_noise(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "1/1", "2/1", "1/8");
}

static struct kit_draft dear_noise(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "1/1", "8/1", "1/8");
}

static struct kit_draft cheap_choice(struct scene *s)
{
    return line(s, SIL_SPENT_EXPONENTIAL, "1/1", "1/1", "1/9");
}

static struct kit_draft choice_of_sensitivity(struct scene *s)
{
    return line(s, SIL_SPENT_EXPONENTIAL, "1/2", "1/1", "1/4");
}

static struct kit_draft cheap_threshold(struct scene *s)
{
    return line(s, SIL_SPENT_THRESHOLD, "1/1", "4/1", "1/9");
}

static struct kit_draft no_noise(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "1/1", "0/1", "0/1");
}

static struct kit_draft noise_with_delta(struct scene *s)
{
    struct kit_draft draft = line(s, SIL_SPENT_GAUSSIAN, "1/1", "4/1", "1/8");
    kit_rational(draft.body.measure.lines[0].delta, "1/1000000");
    return draft;
}

static struct kit_draft small_sensitivity(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "1/4", "1/1", "1/8");
}

static struct kit_draft other_neighbours(struct scene *s)
{
    return line(s, SIL_SPENT_GAUSSIAN, "2/1", "8/1", "1/8");
}

static struct kit_draft threshold_sensitivity(struct scene *s)
{
    return line(s, SIL_SPENT_THRESHOLD, "1/2", "2/1", "1/8");
}

static struct kit_draft beyond_reserve(struct scene *s)
{
    struct kit_draft draft = kit_measure(&s->kit, &s->unmeasured, 2);
    kit_line(&draft, 0, SIL_SPENT_GAUSSIAN, "1/1", "5/1", "1/10");
    kit_line(&draft, 1, SIL_SPENT_GAUSSIAN, "1/1", "10/1", "1/20");
    return draft;
}

static struct kit_draft beyond_reserve_together(struct scene *s)
{
    return scene_run(&s->kit, &s->measured); /* once more, for the same transcript */
}

static struct kit_draft delta_beyond_reserve(struct scene *s)
{
    struct kit_draft draft = line(s, SIL_SPENT_THRESHOLD, "1/1", "4/1", "1/8");
    kit_rational(draft.body.measure.lines[0].delta, "1/1000000000000");
    return draft;
}

static struct kit_draft second_run(struct scene *s)
{
    struct kit_draft draft = kit_measure(&s->kit, &s->measured, 0);
    draft.body.measure.transcript_sha256[7] ^= 1;
    return draft;
}

static struct kit_draft measured_on_grant(struct scene *s)
{
    return scene_run(&s->kit, &s->grant);
}

static struct kit_draft id_of_grant(struct scene *s)
{
    struct kit_draft draft = scene_reserve(s);
    draft.body.id = s->grant;
    return draft;
}

static struct kit_draft id_of_release(struct scene *s)
{
    struct kit_draft draft = scene_grant(s);
    draft.body.id = s->release;
    return draft;
}

static struct kit_draft release_of_nothing(struct scene *s)
{
    struct kit_draft draft = kit_release(&s->kit, &s->measured);
    draft.body.release.n_reserves = 0;
    return draft;
}

static struct kit_draft release_unmeasured(struct scene *s)
{
    return kit_release(&s->kit, &s->unmeasured);
}

static struct kit_draft release_of_grant(struct scene *s)
{
    return kit_release(&s->kit, &s->grant);
}

static struct kit_draft notice_of_reserve(struct scene *s)
{
    struct kit_draft draft = scene_council(kit_draft(&s->kit, SIL_ENTRY_NOTICE));
    draft.body.notice.release = s->measured;
    return draft;
}

/* ---- after close ---- */

static struct kit_draft reserve_after_close(struct scene *s)
{
    scene_close(s);
    return scene_reserve(s);
}

static struct kit_draft grant_after_close(struct scene *s)
{
    scene_close(s);
    return scene_grant(s);
}

static struct kit_draft data_after_close(struct scene *s)
{
    scene_close(s);
    return scene_council(kit_draft(&s->kit, SIL_ENTRY_DATA));
}

static struct kit_draft keys_after_close(struct scene *s)
{
    scene_close(s);
    return scene_keys(s, (struct kit_keys){.role = SIL_ROLE_LOG, .add = {0x45}});
}

static struct kit_draft close_after_close(struct scene *s)
{
    scene_close(s);
    return scene_council(kit_draft(&s->kit, SIL_ENTRY_CLOSE));
}

#define CASE(id, broken)    \
    {                       \
#        broken, id, broken \
    }

static const struct {
    const char *name;
    const char *id;
    struct kit_draft (*draft)(struct scene *s);
} CASES[] = {
    CASE("B1", beyond_cap),           CASE("B1", delta_beyond_cap),
    CASE("B2", beyond_grant),         CASE("B2", delta_beyond_grant),
    CASE("B2", against_reserve),      CASE("B8", too_late),
    CASE("B3", cheap_noise),          CASE("B3", dear_noise),
    CASE("B3", cheap_choice),         CASE("B3", choice_of_sensitivity),
    CASE("B3", cheap_threshold),      CASE("B3", no_noise),
    CASE("B3", noise_with_delta),     CASE("B4", small_sensitivity),
    CASE("B4", other_neighbours),     CASE("B4", threshold_sensitivity),
    CASE("B5", beyond_reserve),       CASE("B5", beyond_reserve_together),
    CASE("B5", delta_beyond_reserve), CASE("B5", second_run),
    CASE("B5", measured_on_grant),    CASE("B6", id_of_grant),
    CASE("B6", id_of_release),        CASE("R6", release_of_nothing),
    CASE("R6", release_unmeasured),   CASE("R6", release_of_grant),
    CASE("R6", notice_of_reserve),    CASE("B7", reserve_after_close),
    CASE("B7", grant_after_close),    CASE("B7", data_after_close),
    CASE("B7", keys_after_close),     CASE("B7", close_after_close),
};

Test(chain_rules_budget, each_broken_alone_is_refused_by_its_id_and_changes_nothing)
{
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        scene_refuses(CASES[i].name, CASES[i].id, CASES[i].draft);
    }
}

/* The scene's own drafts are good: what a case refuses is what it spoils. */
Test(chain_rules_budget, nothing_broken_is_applied)
{
    struct scene s = {0};
    scene_set(&s);

    (void)kit_add(&s.kit, scene_grant(&s));
    (void)kit_add(&s.kit, scene_reserve(&s));
    (void)kit_add(&s.kit, scene_run(&s.kit, &s.unmeasured));
    (void)kit_add(&s.kit, kit_release(&s.kit, &s.unmeasured));
    (void)kit_add(&s.kit, scene_approved_by(scene_unaudited(&s), KIT_AUDITOR, 0, 0));
    (void)kit_add(&s.kit, scene_council(kit_draft(&s.kit, SIL_ENTRY_RECOVER)));
    (void)kit_add(&s.kit, scene_council(kit_draft(&s.kit, SIL_ENTRY_DATA)));
    struct kit_draft notice = scene_council(kit_draft(&s.kit, SIL_ENTRY_NOTICE));
    notice.body.notice.release = s.release;
    (void)kit_add(&s.kit, notice);

    cr_expect(s.kit.chain.release[0].withdrawn);
    cr_expect(not(s.kit.chain.release[1].withdrawn));
    cr_expect(eq(u64, s.kit.chain.tree.size, 14));
    kit_clear(&s.kit);
}

Test(chain_rules_budget, a_closed_ledger_ends_what_was_begun)
{
    struct scene s = {0};
    scene_set(&s);
    scene_close(&s);

    (void)kit_add(&s.kit, scene_run(&s.kit, &s.unmeasured));
    (void)kit_add(&s.kit, kit_release(&s.kit, &s.unmeasured));
    (void)kit_add(&s.kit, scene_approved_by(scene_unaudited(&s), KIT_AUDITOR, 0, 0));
    (void)kit_add(&s.kit, scene_council(kit_draft(&s.kit, SIL_ENTRY_RECOVER)));

    cr_expect(s.kit.chain.closed);
    cr_expect(eq(u64, s.kit.chain.tree.size, 11));
    kit_clear(&s.kit);
}
