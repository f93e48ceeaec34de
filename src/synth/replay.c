// SPDX-License-Identifier: Apache-2.0
#include "synth/replay.h"

#include "base/fail.h"
#include "num/rational.h"
#include "privacy/cost.h"
#include "synth/release.h"

#include <inttypes.h>

void sil_replay_init(struct sil_replay *out, const struct sil_transcript *transcript,
                     struct sil_explanation *explanation)
{
    *out = (struct sil_replay){.transcript = transcript, .explanation = explanation};
    sil_rho_init(&out->spent);
    for (size_t i = 0; i < transcript->n_discoveries; i++) {
        mpq_add(out->spent.v, out->spent.v, transcript->discovery[i].rho.v);
    }
    for (size_t i = 0; i < transcript->n_levels; i++) {
        mpq_add(out->spent.v, out->spent.v, transcript->level[i].rho.v);
    }
}

void sil_replay_clear(struct sil_replay *replay)
{
    sil_rho_clear(&replay->spent);
}

/* ---- what differs ---- */

static sil_status differs(const struct sil_replay *replay, const char *what,
                          struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_CHECK, "line %zu: %s", replay->next + 1, what);
}

static sil_status differs_in_number(const struct sil_replay *replay, const char *what,
                                    uint64_t said, uint64_t due, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_CHECK,
                    "line %zu: %s is %" PRIu64 ", and the mechanism has %" PRIu64
                    " here",
                    replay->next + 1, what, said, due);
}

static sil_status differs_in_fraction(const struct sil_replay *replay, const char *what,
                                      const mpq_t said, const mpq_t due,
                                      struct sil_error *err)
{
    struct sil_bytes text = {0};
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(&text, err, "%s is ", what));
    SIL_TRY(sil_rational_print(&text, said, err));
    SIL_TRY(sil_bytes_printf(&text, err, ", and the mechanism has "));
    SIL_TRY(sil_rational_print(&text, due, err));
    SIL_TRY(sil_bytes_append(&text, " here", sizeof " here", err));
    status = differs(replay, (const char *)text.data, err);
cleanup:
    sil_bytes_clear(&text);
    return status;
}

/* The next line, which must be of this kind. */
static sil_status next_line(const struct sil_release **out,
                            const struct sil_replay *replay, enum sil_release_kind kind,
                            struct sil_error *err)
{
    if (replay->next == replay->transcript->n_lines) {
        return differs(replay, "there is none, and the mechanism goes on", err);
    }
    *out = &replay->transcript->line[replay->next];
    if ((*out)->kind != kind) {
        return differs(replay,
                       kind == SIL_RELEASE_MEASURE
                           ? "a choice, where the mechanism measures"
                           : "a measurement, where the mechanism chooses",
                       err);
    }
    return SIL_OK;
}

static sil_status check_marginal(const struct sil_replay *replay,
                                 const struct sil_release *line,
                                 const struct sil_counts *counts, struct sil_error *err)
{
    if (sil_clique_compare(&line->clique, sil_counts_clique(counts)) != 0) {
        return differs(replay, "not the marginal that the mechanism has here", err);
    }
    if (!sil_groupings_equal(line->of, sil_counts_groupings(counts), line->clique.n)) {
        return differs(replay, "not the groups that the mechanism has here", err);
    }
    return SIL_OK;
}

static void take_line(struct sil_replay *replay, const struct sil_release *line)
{
    mpq_add(replay->spent.v, replay->spent.v, line->rho.v);
    replay->next++;
}

/* ---- the calls ---- */

static sil_status measure(void *of, const struct sil_counts *counts,
                          const struct sil_sigma2 *sigma2,
                          const struct sil_release **release, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_replay *replay = of;
    const struct sil_release *line = NULL;
    SIL_TRY(next_line(&line, replay, SIL_RELEASE_MEASURE, err));
    SIL_TRY(check_marginal(replay, line, counts, err));
    if (mpq_equal(line->sigma2.v, sigma2->v) == 0) {
        status = differs_in_fraction(replay, "sigma squared", line->sigma2.v, sigma2->v,
                                     err);
        goto cleanup;
    }
    take_line(replay, line);
    sil_explain_measured(replay->explanation, line, &replay->spent);
    if (release != NULL) {
        *release = line;
    }
cleanup:
    return status;
}

/* How far any score moves between neighbours: what the heaviest candidate makes of it. */
static uint64_t score_sensitivity(const struct sil_replay *replay,
                                  const struct sil_candidate *candidates, size_t n)
{
    uint32_t heaviest = 0;
    for (size_t i = 0; i < n; i++) {
        heaviest = candidates[i].weight > heaviest ? candidates[i].weight : heaviest;
    }
    return (sil_terms_sensitivity(&replay->transcript->terms) << SIL_SCORE_BITS) *
           heaviest;
}

/* Only a transcript of mosaic says how the one chosen was scored. */
static sil_status check_score(const struct sil_replay *replay,
                              const struct sil_release *line,
                              const struct sil_candidate *chosen, struct sil_error *err)
{
    if (replay->transcript->terms.mechanism != SIL_MOSAIC) {
        return SIL_OK;
    }
    if (line->weight != chosen->weight) {
        return differs_in_number(replay, "the weight of the one chosen", line->weight,
                                 chosen->weight, err);
    }
    if (line->penalty != chosen->penalty) {
        return differs_in_number(replay, "the penalty of the one chosen",
                                 (uint64_t)line->penalty, (uint64_t)chosen->penalty,
                                 err);
    }
    return SIL_OK;
}

static sil_status check_choice(const struct sil_replay *replay,
                               const struct sil_release *line,
                               const struct sil_candidate *candidates, size_t n,
                               const struct sil_epsilon *epsilon, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t moves = score_sensitivity(replay, candidates, n);
    if (mpq_equal(line->epsilon.v, epsilon->v) == 0) {
        return differs_in_fraction(replay, "the epsilon of the choice", line->epsilon.v,
                                   epsilon->v, err);
    }
    if (line->n_candidates != n) {
        return differs_in_number(replay, "the number of candidates", line->n_candidates,
                                 n, err);
    }
    if (line->sensitivity != moves) {
        return differs_in_number(replay, "the sensitivity of the score",
                                 line->sensitivity, moves, err);
    }
    SIL_TRY(check_marginal(replay, line, candidates[line->chosen].counts, err));
    SIL_TRY(check_score(replay, line, &candidates[line->chosen], err));
cleanup:
    return status;
}

static sil_status select_one(void *of, const struct sil_candidate *candidates, size_t n,
                             const struct sil_epsilon *epsilon, size_t *chosen,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_replay *replay = of;
    const struct sil_release *line = NULL;
    SIL_TRY(next_line(&line, replay, SIL_RELEASE_SELECT, err));
    SIL_TRY(check_choice(replay, line, candidates, n, epsilon, err));
    take_line(replay, line);
    sil_explain_chosen(replay->explanation, line, candidates, &replay->spent);
    *chosen = line->chosen;
cleanup:
    return status;
}

static void spent(struct sil_rho *out, const void *of)
{
    const struct sil_replay *replay = of;
    mpq_set(out->v, replay->spent.v);
}

static void remaining(struct sil_rho *out, const void *of)
{
    const struct sil_replay *replay = of;
    mpq_sub(out->v, replay->transcript->terms.cap.v, replay->spent.v);
}

static uint64_t sensitivity_squared(const void *of)
{
    const struct sil_replay *replay = of;
    return sil_terms_sensitivity_squared(&replay->transcript->terms);
}

struct sil_source sil_source_of_replay(struct sil_replay *replay)
{
    static const struct sil_source_calls CALLS = {
        .measure = measure,
        .select = select_one,
        .spent = spent,
        .remaining = remaining,
        .sensitivity_squared = sensitivity_squared,
    };
    return (struct sil_source){.calls = &CALLS, .of = replay};
}

sil_status sil_replay_end(const struct sil_replay *replay, struct sil_error *err)
{
    return replay->next == replay->transcript->n_lines
               ? SIL_OK
               : differs(replay, "the mechanism has ended before it", err);
}
