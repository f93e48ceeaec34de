// SPDX-License-Identifier: Apache-2.0
#include "audits/game/score.h"

#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

sil_status aud_game_transcript(struct aud_transcript *out,
                               const struct sil_bytes *model, struct sil_error *err)
{
    static const char *const KIND[] = {"silhouette/model"};
    struct aud_reading reading;
    struct aud_bin data = {model->data, model->length};
    struct aud_list list = aud_reading_begin_large(&reading, data, NULL);
    (void)aud_next_word(&list, KIND, 1);
    bool is_first = aud_next_uint(&list) == 1;
    struct aud_bin inside = aud_next_bin(&list);
    /* Whatever is no model of version 1 must be a transcript; that is refused in its place. */
    if (reading.status == SIL_OK && is_first) {
        data = inside;
    }
    aud_reading_clear(&reading);
    sil_status status = aud_transcript_read(out, data, err);
    /* What is no transcript refutes no claim. */
    bool is_none = status == SIL_ERR_CHECK && strncmp(err->text, "[F1]", 4) == 0;
    return is_none ? SIL_ERR_UNSUPPORTED : status;
}

void aud_scores_clear(struct aud_scores *scores)
{
    free(scores->z);
    free(scores->blind);
    free(scores->mu);
    *scores = (struct aud_scores){0};
}

/* One marginal, as cells of the world's rows. */
struct marginal {
    const struct aud_left *left;
    size_t size[AUD_CLIQUE_MAX];
    const struct aud_world *world;
    const uint8_t *coin;
    uint32_t *base;  ///< owned: realistic rows of each cell
    uint32_t *here;  ///< owned: rows of canaries that are in it
    uint32_t *users; ///< owned: canaries that have it, in or not
};

static void marginal_clear(struct marginal *marginal)
{
    free(marginal->base);
    free(marginal->here);
    free(marginal->users);
    *marginal = (struct marginal){0};
}

static size_t cell_of(const struct marginal *marginal, const uint32_t *codes)
{
    size_t cell = 0;
    for (size_t k = 0; k < marginal->left->n_attrs; k++) {
        const struct aud_bin *group = &marginal->left->group[k];
        uint32_t value = codes[marginal->left->attr[k]];
        size_t part = group->length == 0 ? value
                                         : (size_t)group->data[2 * value] |
                                               (size_t)group->data[2 * value + 1] << 8;
        cell = cell * marginal->size[k] + part;
    }
    return cell;
}

static sil_status find_axes(struct marginal *out, const struct aud_left *left,
                            const struct aud_world *world, struct sil_error *err)
{
    size_t cells = 1;
    bool is_good = true;
    *out = (struct marginal){.left = left, .world = world};
    for (size_t k = 0; k < left->n_attrs && is_good; k++) {
        size_t length = left->group[k].length;
        is_good = left->attr[k] < world->shape.columns &&
                  (length == 0 || length == 2 * (size_t)world->shape.values);
        out->size[k] = length == 0 ? world->shape.values : aud_n_groups(left->group[k]);
        is_good = is_good && sil_mul_size(&cells, cells, out->size[k]);
    }
    return is_good && cells == left->n_cells
               ? SIL_OK
               : aud_refuse(err, "D1",
                            "a marginal has other cells than the schema gives");
}

/* Is a row of the canaries in the table? Of a pair, the first one at 1. */
static bool is_in(const struct marginal *marginal, size_t row)
{
    return marginal->world->shape.is_pair
               ? (marginal->coin[row / 2] != 0) == (row % 2 == 0)
               : marginal->coin[row] != 0;
}

static sil_status count(struct marginal *marginal, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_world *world = marginal->world;
    const size_t n_cells = marginal->left->n_cells;
    SIL_TRY(sil_alloc(&marginal->base, n_cells, sizeof *marginal->base, "counts", err));
    SIL_TRY(sil_alloc(&marginal->here, n_cells, sizeof *marginal->here, "counts", err));
    SIL_TRY(
        sil_alloc(&marginal->users, n_cells, sizeof *marginal->users, "counts", err));
    for (size_t row = 0; row < world->shape.rows; row++) {
        marginal->base[cell_of(marginal, world->base + row * world->shape.columns)]++;
    }
    for (size_t row = 0; row < world->shape.values; row++) {
        size_t cell = cell_of(marginal, aud_world_canary(world, row));
        marginal->here[cell] += is_in(marginal, row) ? world->shape.copies : 0;
        marginal->users[cell]++;
    }

cleanup:
    return status;
}

/* What somebody sees of a canary in one marginal. */
struct view {
    double residual; ///< of mean 0 without it, `copies` with it
    double weight;   ///< over its variance
};

static struct view view_of(const struct marginal *marginal, size_t row, bool is_blind)
{
    const struct aud_left *left = marginal->left;
    const double copies = marginal->world->shape.copies;
    const size_t cell = cell_of(marginal, aud_world_canary(marginal->world, row));
    double variance = mpq_get_d(left->parameter);
    double others = marginal->here[cell] - (is_in(marginal, row) ? copies : 0);
    if (is_blind) {
        /* Half a canary each to who does not know them. */
        double most = (marginal->users[cell] - 1) * copies;
        others = most / 2;
        variance += most * copies / 4;
    }
    double rest = ldexp((double)left->noisy[cell], -(int)left->shift) -
                  marginal->base[cell] - others;
    return (struct view){.residual = rest, .weight = 1 / variance};
}

/* Of a pair the difference of two cells, of which one holds it. In one cell they cancel. */
static struct view view_of_canary(const struct marginal *marginal, size_t i,
                                  bool is_blind)
{
    const struct aud_world *world = marginal->world;
    if (!world->shape.is_pair) {
        return view_of(marginal, i, is_blind);
    }
    struct view first = view_of(marginal, 2 * i, is_blind);
    const struct view second = view_of(marginal, 2 * i + 1, is_blind);
    bool is_same = cell_of(marginal, aud_world_canary(world, 2 * i)) ==
                   cell_of(marginal, aud_world_canary(world, 2 * i + 1));
    first.residual -= second.residual;
    first.weight = is_same ? 0 : fmin(first.weight, second.weight);
    return first;
}

/* Sums over marginals, of weights times residuals and of weights. */
struct sums {
    double *gain[2]; ///< owned: who knows the others; who does not
};

static void add(struct aud_scores *scores, struct sums *sums,
                const struct marginal *marginal)
{
    const double squared = mpq_get_d(marginal->left->sensitivity);
    for (size_t i = 0; i < scores->n; i++) {
        const struct view seen = view_of_canary(marginal, i, false);
        const struct view blind = view_of_canary(marginal, i, true);
        scores->z[i] += seen.weight * seen.residual;
        scores->mu[i] += seen.weight * squared;
        scores->blind[i] += blind.weight * blind.residual;
        sums->gain[0][i] += seen.weight;
        sums->gain[1][i] += blind.weight;
    }
}

/* A sum of residuals of mean 0 or `copies`, of weights that add up to `gain`: its variance is
 * `gain`. Of a pair the variance is twice that, and the means are -copies and copies. */
static double centred(double sum, double gain, const struct aud_shape *shape)
{
    double sd = sqrt(gain * (shape->is_pair ? 2 : 1));
    double centre = shape->is_pair ? 0 : gain * shape->copies / 2;
    return sd > 0 ? (sum - centre) / sd : 0;
}

static sil_status normalise(struct aud_scores *scores, const struct sums *sums,
                            const struct aud_shape *shape, struct sil_error *err)
{
    bool is_finite = true;
    for (size_t i = 0; i < scores->n; i++) {
        scores->z[i] = centred(scores->z[i], sums->gain[0][i], shape);
        scores->blind[i] = centred(scores->blind[i], sums->gain[1][i], shape);
        scores->mu[i] = sqrt(scores->mu[i]);
        is_finite = is_finite && isfinite(scores->z[i]) && isfinite(scores->blind[i]) &&
                    isfinite(scores->mu[i]);
    }
    return is_finite ? SIL_OK
                     : aud_refuse(err, "B3", "a variance that no noise can have");
}

static sil_status find_marginal(struct marginal *out, const struct aud_left *left,
                                const struct aud_world *world, const uint8_t *coin,
                                struct sil_error *err)
{
    sil_status status = find_axes(out, left, world, err);
    out->coin = coin;
    return status == SIL_OK ? count(out, err) : status;
}

sil_status aud_scores_make(struct aud_scores *out, const struct aud_world *world,
                           const struct aud_transcript *transcript, const uint8_t *coin,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct marginal marginal = {0};
    struct sums sums = {
        {NULL, NULL}
    };
    *out = (struct aud_scores){.n = world->n_canaries};
    SIL_TRY(sil_alloc(&out->z, out->n, sizeof *out->z, "scores", err));
    SIL_TRY(sil_alloc(&out->blind, out->n, sizeof *out->blind, "scores", err));
    SIL_TRY(sil_alloc(&out->mu, out->n, sizeof *out->mu, "scores", err));
    SIL_TRY(sil_alloc(&sums.gain[0], out->n, sizeof *sums.gain[0], "scores", err));
    SIL_TRY(sil_alloc(&sums.gain[1], out->n, sizeof *sums.gain[1], "scores", err));
    for (size_t i = 0; i < transcript->n_left; i++) {
        if (!transcript->left[i].is_choice) {
            SIL_TRY(find_marginal(&marginal, &transcript->left[i], world, coin, err));
            add(out, &sums, &marginal);
            marginal_clear(&marginal);
        }
    }
    SIL_TRY(normalise(out, &sums, &world->shape, err));

cleanup:
    marginal_clear(&marginal);
    free(sums.gain[0]);
    free(sums.gain[1]);
    if (status != SIL_OK) {
        aud_scores_clear(out);
    }
    return status;
}

sil_status aud_true_counts(uint64_t **out, const struct aud_left *left,
                           const struct aud_world *world, const uint8_t *coin,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct marginal marginal = {0};
    *out = NULL;
    SIL_TRY(find_marginal(&marginal, left, world, coin, err));
    SIL_TRY(sil_alloc(out, left->n_cells, sizeof **out, "counts", err));
    for (size_t i = 0; i < left->n_cells; i++) {
        (*out)[i] = (uint64_t)marginal.base[i] + marginal.here[i];
    }

cleanup:
    marginal_clear(&marginal);
    return status;
}
