// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "privacy/choose.h"
#include "privacy/cost.h"
#include "privacy/counts_internal.h"
#include "privacy/gate_internal.h"
#include "privacy/score.h"
#include "privacy/token_internal.h"

#include <sodium.h>

#include <stdlib.h>

static void release_free(struct sil_release *release)
{
    if (release != NULL) {
        sil_epsilon_clear(&release->epsilon);
        sil_sigma2_clear(&release->sigma2);
        sil_rho_clear(&release->rho);
        free(release->noisy);
        free(release->of);
        free(release);
    }
}

/* A release that is not in the log yet, and a place for it there: what follows the
 * charge must not need memory. */
static sil_status release_prepare(struct sil_release **out, struct sil_gate *gate,
                                  enum sil_release_kind kind, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_release *release = NULL;
    *out = NULL;
    SIL_TRY(sil_grow(&gate->releases, &gate->capacity, gate->n_releases + 1,
                     sizeof(void *), "the log of releases", err));
    SIL_TRY(sil_alloc(&release, 1, sizeof *release, "a release", err));
    release->kind = kind;
    sil_rho_init(&release->rho);
    sil_sigma2_init(&release->sigma2);
    sil_epsilon_init(&release->epsilon);
    *out = release;

cleanup:
    return status;
}

/* Room for the groupings of any of the counts: which of them will be released is not known
 * before the charge. */
static sil_status make_room(struct sil_release *release,
                            const struct sil_counts *counts, size_t *room,
                            struct sil_error *err)
{
    size_t size =
        counts->of == NULL ? 0 : sil_groupings_size(counts->of, counts->clique.n);
    if (size <= *room) {
        return SIL_OK;
    }
    free(release->of);
    *room = size;
    return sil_alloc(&release->of, 1, size, "the groupings of a release", err);
}

/* What of the counts is public: the marginal, and how it is grouped. */
static void name_marginal(struct sil_release *release, const struct sil_counts *counts)
{
    release->clique = counts->clique;
    if (counts->of != NULL) {
        sil_groupings_copy(release->of, counts->of, counts->clique.n);
    } else {
        free(release->of);
        release->of = NULL;
    }
}

static const struct sil_release *release_publish(struct sil_gate *gate,
                                                 struct sil_release *release)
{
    gate->releases[gate->n_releases++] = release;
    return release;
}

sil_status sil_gate_check_owner(const struct sil_gate *gate, struct sil_error *err)
{
    if (!sil_token_is_ours(gate->token)) {
        return sil_fail(err, SIL_ERR_BUDGET,
                        "the privacy budget belongs to another process");
    }
    return SIL_OK;
}

sil_status sil_gate_open(struct sil_gate **out, struct sil_token *token,
                         struct sil_rng *rng, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_gate *gate = NULL;
    *out = NULL;

    if (!sil_token_is_ours(token)) {
        status = sil_fail(err, SIL_ERR_BUDGET,
                          "the privacy budget belongs to another process");
        goto cleanup;
    }
    if (token->is_used) {
        /* The token stays with the gate that it opened. */
        token = NULL;
        status = sil_fail(err, SIL_ERR_BUDGET, "the privacy budget is in use already");
        goto cleanup;
    }
    SIL_TRY(sil_alloc(&gate, 1, sizeof *gate, "the gate", err));
    token->is_used = true;
    sil_filter_init(&gate->filter, &token->cap, &token->cap_delta);
    gate->token = token;
    gate->neighbours = token->neighbours;
    gate->rows_per_unit = token->rows_per_unit;
    gate->is_ledgered = token->is_ledgered;
    gate->rng = rng;
    *out = gate;
    return SIL_OK;

cleanup:
    sil_token_free(token);
    sil_rng_free(rng);
    return status;
}

static void sampler_clear(struct sil_gate_sampler *sampler)
{
    if (sampler->gauss != NULL) {
        sil_gauss_free(sampler->gauss);
        sil_sigma2_clear(&sampler->sigma2);
        sampler->gauss = NULL;
    }
}

void sil_gate_close(struct sil_gate *gate)
{
    if (gate == NULL) {
        return;
    }
    for (size_t i = 0; i < gate->n_releases; i++) {
        release_free(gate->releases[i]);
    }
    free((void *)gate->releases);
    for (size_t i = 0; i < gate->n_discoveries; i++) {
        sil_discovery_free(gate->discoveries[i]);
    }
    free((void *)gate->discoveries);
    for (size_t i = 0; i < SIL_GATE_SAMPLERS; i++) {
        sampler_clear(&gate->samplers[i]);
    }
    sil_filter_clear(&gate->filter);
    sil_rng_free(gate->rng);
    sil_token_free(gate->token);
    free(gate);
}

sil_status sil_gate_find_sampler(struct sil_gauss **out, struct sil_gate *gate,
                                 const struct sil_sigma2 *sigma2, size_t n_draws,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_gauss *gauss = NULL;
    for (size_t i = 0; i < SIL_GATE_SAMPLERS; i++) {
        const struct sil_gate_sampler *known = &gate->samplers[i];
        if (known->gauss != NULL && mpq_equal(known->sigma2.v, sigma2->v) != 0) {
            *out = known->gauss;
            return SIL_OK;
        }
    }

    SIL_TRY(sil_gauss_new(&gauss, sigma2, n_draws, err));
    struct sil_gate_sampler *place = &gate->samplers[gate->next_sampler];
    gate->next_sampler = (gate->next_sampler + 1) % SIL_GATE_SAMPLERS;
    sampler_clear(place);
    sil_sigma2_init(&place->sigma2);
    mpq_set(place->sigma2.v, sigma2->v);
    place->gauss = gauss;
    *out = gauss;

cleanup:
    return status;
}

int64_t sil_gate_add_count(int64_t noise, uint32_t count, unsigned shift)
{
    int64_t sum;
    if (__builtin_add_overflow(noise, (int64_t)count << shift, &sum)) {
        return INT64_MAX;
    }
    return sum;
}

sil_status sil_gate_measure(struct sil_gate *gate, const struct sil_counts *counts,
                            const struct sil_sigma2 *sigma2,
                            const struct sil_release **release, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_release *made = NULL;
    struct sil_gauss *gauss;
    size_t room = 0;

    /* All that can fail: owner, range of sigma2, memory. */
    SIL_TRY(sil_gate_check_owner(gate, err));
    SIL_TRY(sil_gate_find_sampler(&gauss, gate, sigma2, counts->n_cells, err));
    SIL_TRY(release_prepare(&made, gate, SIL_RELEASE_MEASURE, err));
    SIL_TRY(sil_alloc_aligned(&made->noisy, counts->n_cells, sizeof *made->noisy,
                              "a noisy marginal", err));
    SIL_TRY(make_room(made, counts, &room, err));
    name_marginal(made, counts);
    made->n_cells = counts->n_cells;
    made->shift = sil_gauss_shift(gauss);
    mpq_set(made->sigma2.v, sigma2->v);
    made->sensitivity = sil_gate_sensitivity_squared(gate);
    sil_cost_of_noise(&made->rho, made->sensitivity, sigma2);

    /* Paid for first; then all the noise, before a count is read; then the sum, in
     * place, so that noise and count are never apart in what stays behind. */
    SIL_TRY(sil_filter_charge(&gate->filter, &made->rho, err));
    sil_gauss_draw(gauss, gate->rng, made->noisy, made->n_cells);
    for (size_t i = 0; i < made->n_cells; i++) {
        made->noisy[i] =
            sil_gate_add_count(made->noisy[i], counts->cell[i], made->shift);
    }
    const struct sil_release *published = release_publish(gate, made);
    made = NULL;
    if (release != NULL) {
        *release = published;
    }

cleanup:
    release_free(made);
    return status;
}

/* epsilon / (2 Delta), what a unit of score is worth in the exponent. */
static void score_scale(mpq_t out, const struct sil_epsilon *epsilon,
                        uint64_t sensitivity)
{
    mpq_set_ui(out, sensitivity, 1);
    mpq_div(out, epsilon->v, out);
    mpq_div_2exp(out, out, 1);
}

sil_status sil_gate_select(struct sil_gate *gate,
                           const struct sil_candidate *candidates, size_t n,
                           const struct sil_epsilon *epsilon, size_t *chosen,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_release *made = NULL;
    sil_i128 *score = NULL;
    size_t room = 0;
    mpq_t scale;
    mpq_init(scale);

    /* All that can fail: owner, ranges, memory. */
    SIL_TRY(sil_gate_check_owner(gate, err));
    SIL_TRY(sil_candidates_check(candidates, n, err));
    if (mpq_sgn(epsilon->v) <= 0) {
        status =
            sil_fail(err, SIL_ERR_USAGE, "the epsilon of a choice must be positive");
        goto cleanup;
    }
    SIL_TRY(release_prepare(&made, gate, SIL_RELEASE_SELECT, err));
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(make_room(made, candidates[i].counts, &room, err));
    }
    SIL_TRY(sil_alloc(&score, n, sizeof *score, "the scores of a selection", err));
    made->n_candidates = n;
    made->sensitivity = sil_score_sensitivity(
        candidates, n, sil_marginal_sensitivity(gate->neighbours, gate->rows_per_unit));
    mpq_set(made->epsilon.v, epsilon->v);
    sil_cost_of_choice(&made->rho, epsilon);
    score_scale(scale, epsilon, made->sensitivity);

    /* Paid for first; should the choice still fail, nothing was released and the
     * charge stands. */
    SIL_TRY(sil_filter_charge(&gate->filter, &made->rho, err));
    for (size_t i = 0; i < n; i++) {
        score[i] = sil_candidate_score(&candidates[i]);
    }
    SIL_TRY(sil_choose(&made->chosen, score, n, scale, gate->rng, err));
    const struct sil_candidate *winner = &candidates[made->chosen];
    name_marginal(made, winner->counts);
    made->weight = winner->weight;
    made->penalty = winner->penalty;
    *chosen = made->chosen;
    (void)release_publish(gate, made);
    made = NULL;

cleanup:
    if (score != NULL) {
        sodium_memzero(score, n * sizeof *score);
        free(score);
    }
    mpq_clear(scale);
    release_free(made);
    return status;
}

void sil_gate_cap(struct sil_rho *out, const struct sil_gate *gate)
{
    mpq_set(out->v, gate->filter.cap.v);
}

void sil_gate_spent(struct sil_rho *out, const struct sil_gate *gate)
{
    mpq_set(out->v, gate->filter.spent.v);
}

void sil_gate_remaining(struct sil_rho *out, const struct sil_gate *gate)
{
    sil_filter_remaining(out, &gate->filter);
}

uint64_t sil_gate_sensitivity_squared(const struct sil_gate *gate)
{
    return sil_marginal_sensitivity_squared(gate->neighbours, gate->rows_per_unit);
}

bool sil_gate_is_ledgered(const struct sil_gate *gate)
{
    return gate->is_ledgered;
}

enum sil_neighbours sil_gate_neighbours(const struct sil_gate *gate)
{
    return gate->neighbours;
}

size_t sil_gate_n_releases(const struct sil_gate *gate)
{
    return gate->n_releases;
}

const struct sil_release *sil_gate_release(const struct sil_gate *gate, size_t i)
{
    SIL_REQUIRE(i < gate->n_releases);
    return gate->releases[i];
}
