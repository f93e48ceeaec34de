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
    return aud_transcript_read(out, data, err);
}

void aud_scores_clear(struct aud_scores *scores)
{
    free(scores->z);
    free(scores->mu);
    *scores = (struct aud_scores){0};
}

/* One marginal, as cells of the world's rows. */
struct marginal {
    const struct aud_left *left;
    size_t size[AUD_CLIQUE_MAX];
    uint32_t *base;  ///< owned: realistic rows of each cell
    uint32_t *users; ///< owned: canaries of each cell
};

static void marginal_clear(struct marginal *marginal)
{
    free(marginal->base);
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
    *out = (struct marginal){.left = left};
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

static sil_status count(struct marginal *marginal, const struct aud_world *world,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t d = world->shape.columns;
    const size_t n_rows = world->shape.values;
    SIL_TRY(sil_alloc(&marginal->base, marginal->left->n_cells, sizeof *marginal->base,
                      "counts", err));
    SIL_TRY(sil_alloc(&marginal->users, marginal->left->n_cells,
                      sizeof *marginal->users, "counts", err));
    for (size_t row = 0; row < world->shape.rows; row++) {
        marginal->base[cell_of(marginal, world->base + row * d)]++;
    }
    for (size_t i = 0; i < n_rows; i++) {
        marginal->users[cell_of(marginal, aud_world_canary(world, i))]++;
    }

cleanup:
    return status;
}

/* What is left in the cell when realistic rows and the mean of other canaries are gone, and
 * its weight. */
static double residual(double *weight, const struct marginal *marginal,
                       const struct aud_world *world, size_t row)
{
    const struct aud_left *left = marginal->left;
    size_t cell = cell_of(marginal, aud_world_canary(world, row));
    double others = (marginal->users[cell] - 1) * (double)world->shape.copies;
    *weight = 1 / (mpq_get_d(left->parameter) + others * world->shape.copies / 4);
    return ldexp((double)left->noisy[cell], -(int)left->shift) - marginal->base[cell] -
           others / 2;
}

/* Sums over marginals. */
struct sums {
    struct aud_scores *scores; ///< z: weight times residual; mu: weight times D^2
    double *gain;              ///< of each canary: weights
};

/* What one marginal says of a canary, and its weight: of a pair the difference of two cells, of
 * which one holds it. In one cell they cancel. */
static double said_of(double *gain, const struct marginal *marginal,
                      const struct aud_world *world, size_t i)
{
    if (!world->shape.is_pair) {
        return residual(gain, marginal, world, i);
    }
    double weight[2];
    const uint32_t *first = aud_world_canary(world, 2 * i);
    const uint32_t *second = aud_world_canary(world, 2 * i + 1);
    double r = residual(&weight[0], marginal, world, 2 * i) -
               residual(&weight[1], marginal, world, 2 * i + 1);
    bool is_same = cell_of(marginal, first) == cell_of(marginal, second);
    *gain = is_same ? 0 : fmin(weight[0], weight[1]);
    return r;
}

static void add(struct sums *sums, const struct marginal *marginal,
                const struct aud_world *world)
{
    struct aud_scores *scores = sums->scores;
    const double squared = mpq_get_d(marginal->left->sensitivity);
    for (size_t i = 0; i < scores->n; i++) {
        double gain = 0;
        double r = said_of(&gain, marginal, world, i);
        scores->z[i] += gain * r;
        scores->mu[i] += gain * squared;
        sums->gain[i] += gain;
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

static void normalise(const struct sums *sums, const struct aud_shape *shape)
{
    struct aud_scores *scores = sums->scores;
    for (size_t i = 0; i < scores->n; i++) {
        scores->z[i] = centred(scores->z[i], sums->gain[i], shape);
        scores->mu[i] = sqrt(scores->mu[i]);
    }
}

sil_status aud_scores_make(struct aud_scores *out, const struct aud_world *world,
                           const struct aud_transcript *transcript,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct marginal marginal = {0};
    struct sums sums = {.scores = out};
    *out = (struct aud_scores){.n = world->n_canaries};
    SIL_TRY(sil_alloc(&out->z, out->n, sizeof *out->z, "scores", err));
    SIL_TRY(sil_alloc(&out->mu, out->n, sizeof *out->mu, "scores", err));
    SIL_TRY(sil_alloc(&sums.gain, out->n, sizeof *sums.gain, "scores", err));
    for (size_t i = 0; i < transcript->n_left; i++) {
        if (!transcript->left[i].is_choice) {
            SIL_TRY(find_axes(&marginal, &transcript->left[i], world, err));
            SIL_TRY(count(&marginal, world, err));
            add(&sums, &marginal, world);
            marginal_clear(&marginal);
        }
    }
    normalise(&sums, &world->shape);

cleanup:
    marginal_clear(&marginal);
    free(sums.gain);
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
    SIL_TRY(find_axes(&marginal, left, world, err));
    SIL_TRY(count(&marginal, world, err));
    SIL_TRY(sil_alloc(out, left->n_cells, sizeof **out, "counts", err));
    for (size_t i = 0; i < left->n_cells; i++) {
        (*out)[i] = marginal.base[i];
    }
    for (size_t i = 0; i < world->n_canaries; i++) {
        size_t row = world->shape.is_pair ? 2 * i + (coin[i] != 0 ? 0 : 1) : i;
        bool is_in = world->shape.is_pair || coin[i] != 0;
        (*out)[cell_of(&marginal, aud_world_canary(world, row))] +=
            is_in ? world->shape.copies : 0;
    }

cleanup:
    marginal_clear(&marginal);
    return status;
}
