// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/contrasts.h"

#include "audits/stats/special.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPLIT_MAX = 8 }; /* marginals of more columns have too many effects to list */

static const double POWER = 0.99;

/* What is known of an effect: the weighted mean of all that measured it. */
struct effect {
    uint32_t attr[SPLIT_MAX];
    struct aud_bin group[SPLIT_MAX];
    size_t n_attrs;
    size_t n_cells;
    double dimension; ///< product of (cells - 1) over its columns
    double weight;
    double *mean; ///< owned
    size_t n_measured;
};

struct effects {
    struct effect *item;
    size_t n, capacity;
};

/* A marginal with the sizes of its axes. */
struct table {
    const struct aud_left *left;
    size_t size[AUD_CLIQUE_MAX];
};

static void effects_clear(struct effects *effects)
{
    for (size_t i = 0; i < effects->n; i++) {
        free(effects->item[i].mean);
    }
    free(effects->item);
}

/* ---- sizes ---- */

/* Cells of each column: those of a measurement of it alone, not grouped. */
static sil_status find_sizes(size_t *size, const struct aud_transcript *transcript,
                             struct sil_error *err)
{
    for (size_t i = 0; i < transcript->n_left; i++) {
        const struct aud_left *left = &transcript->left[i];
        if (left->is_choice || left->n_attrs != 1 || left->group[0].length > 0) {
            continue;
        }
        size_t *known = &size[left->attr[0]];
        if (*known != 0 && *known != left->n_cells) {
            return aud_refuse(err, "F1", "a column has two numbers of cells");
        }
        *known = left->n_cells;
    }
    return SIL_OK;
}

static sil_status find_table(struct table *out, const struct aud_left *left,
                             const size_t *size, struct sil_error *err)
{
    size_t cells = 1;
    out->left = left;
    for (size_t k = 0; k < left->n_attrs; k++) {
        out->size[k] = left->group[k].length > 0 ? aud_n_groups(left->group[k])
                                                 : size[left->attr[k]];
        if (!sil_mul_size(&cells, cells, out->size[k])) {
            return aud_refuse(err, "F1", "a marginal has too many cells");
        }
    }
    if (cells != left->n_cells || cells == 0) {
        return aud_refuse(
            err, "F1", "a marginal has another number of cells than its columns give");
    }
    return SIL_OK;
}

/* ---- one effect of one marginal ---- */

/* Sum the table over the columns that are not in `subset`; the cells that stay. */
static void sum_out(double *out, size_t n_cells, const struct table *table,
                    unsigned subset)
{
    const struct aud_left *left = table->left;
    const double scale = ldexp(1, -(int)left->shift);
    size_t at[AUD_CLIQUE_MAX] = {0};
    (void)memset(out, 0, n_cells * sizeof *out);
    for (size_t i = 0; i < left->n_cells; i++) {
        size_t cell = 0;
        for (size_t k = 0; k < left->n_attrs; k++) {
            if ((subset >> k & 1) != 0) {
                cell = cell * table->size[k] + at[k];
            }
        }
        out[cell] += (double)left->noisy[i] * scale;
        for (size_t k = left->n_attrs; k-- > 0 && ++at[k] == table->size[k];) {
            at[k] = 0;
        }
    }
}

/* Take its mean from every line of cells along one axis of `size`, `stride` apart. */
static void centre(double *cell, size_t n_cells, size_t size, size_t stride)
{
    for (size_t start = 0; start < n_cells; start++) {
        if (start / stride % size != 0) {
            continue;
        }
        double sum = 0;
        for (size_t j = 0; j < size; j++) {
            sum += cell[start + j * stride];
        }
        for (size_t j = 0; j < size; j++) {
            cell[start + j * stride] -= sum / (double)size;
        }
    }
}

static void centre_all(double *cell, size_t n_cells, const struct table *table,
                       unsigned subset)
{
    size_t stride = 1;
    for (size_t k = table->left->n_attrs; k-- > 0;) {
        if ((subset >> k & 1) != 0) {
            centre(cell, n_cells, table->size[k], stride);
            stride *= table->size[k];
        }
    }
}

/* ---- effects ---- */

static bool same_bytes(struct aud_bin a, struct aud_bin b)
{
    return a.length == b.length &&
           (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static bool is_effect(const struct effect *effect, const struct effect *wanted)
{
    bool is = effect->n_attrs == wanted->n_attrs;
    for (size_t k = 0; k < effect->n_attrs && is; k++) {
        is = effect->attr[k] == wanted->attr[k] &&
             same_bytes(effect->group[k], wanted->group[k]);
    }
    return is;
}

/* Which effect `subset` of the table is, and how many of its cells are summed for one. */
static double name_effect(struct effect *out, const struct table *table,
                          unsigned subset)
{
    double summed = 1;
    *out = (struct effect){.n_cells = 1, .dimension = 1};
    for (size_t k = 0; k < table->left->n_attrs; k++) {
        if ((subset >> k & 1) == 0) {
            summed *= (double)table->size[k];
            continue;
        }
        out->attr[out->n_attrs] = table->left->attr[k];
        out->group[out->n_attrs++] = table->left->group[k];
        out->n_cells *= table->size[k];
        out->dimension *= (double)(table->size[k] - 1);
    }
    return summed;
}

static sil_status find_effect(struct effect **out, struct effects *effects,
                              const struct effect *wanted, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < effects->n; i++) {
        if (is_effect(&effects->item[i], wanted)) {
            *out = &effects->item[i];
            return SIL_OK;
        }
    }
    SIL_TRY(sil_grow(&effects->item, &effects->capacity, effects->n + 1,
                     sizeof *effects->item, "effects", err));
    *out = &effects->item[effects->n];
    **out = *wanted;
    SIL_TRY(sil_alloc(&(*out)->mean, wanted->n_cells, sizeof(double), "effects", err));
    effects->n++;

cleanup:
    return status;
}

/* Move the mean towards what was measured; by how much it had to is the contrast. */
static void note(struct aud_contrasts *out, struct effect *effect, const double *cell,
                 double weight)
{
    double square = 0;
    double share = weight / (effect->weight + weight);
    for (size_t i = 0; i < effect->n_cells; i++) {
        double apart = cell[i] - effect->mean[i];
        square += apart * apart;
        effect->mean[i] += share * apart;
    }
    if (effect->n_measured > 0) {
        out->square += square * effect->weight * share;
        out->df += effect->dimension;
    }
    effect->weight += weight;
    effect->n_measured++;
}

static sil_status note_table(struct aud_contrasts *out, struct effects *effects,
                             const struct table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    double *cell = NULL;
    const double variance = mpq_get_d(table->left->parameter);
    SIL_TRY(sil_alloc(&cell, table->left->n_cells, sizeof *cell, "a marginal", err));
    for (unsigned subset = 0; subset < 1U << table->left->n_attrs; subset++) {
        struct effect wanted;
        struct effect *effect = NULL;
        double summed = name_effect(&wanted, table, subset);
        SIL_TRY(find_effect(&effect, effects, &wanted, err));
        sum_out(cell, wanted.n_cells, table, subset);
        centre_all(cell, wanted.n_cells, table, subset);
        note(out, effect, cell, 1 / (variance * summed));
    }
    out->used++;

cleanup:
    free(cell);
    return status;
}

static void conclude(struct aud_contrasts *out)
{
    if (out->df < AUD_CONTRAST_DF) {
        out->p = 1;
        return;
    }
    out->p = aud_chi2_below(out->square, out->df);
    out->ratio = sqrt(out->df / out->square);
    out->seen = sqrt(aud_chi2_quantile(POWER, out->df) /
                     aud_chi2_quantile(AUD_CONTRAST_LEVEL, out->df));
}

sil_status aud_contrasts_find(struct aud_contrasts *out,
                              const struct aud_transcript *transcript,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct effects effects = {0};
    size_t *size = NULL;
    *out = (struct aud_contrasts){0};
    SIL_TRY(sil_alloc(&size, transcript->n_columns, sizeof *size, "columns", err));
    SIL_TRY(find_sizes(size, transcript, err));
    for (size_t i = 0; i < transcript->n_left; i++) {
        struct table table;
        const struct aud_left *left = &transcript->left[i];
        if (left->is_choice || left->n_attrs > SPLIT_MAX) {
            continue;
        }
        SIL_TRY(find_table(&table, left, size, err));
        SIL_TRY(note_table(out, &effects, &table, err));
    }
    conclude(out);

cleanup:
    effects_clear(&effects);
    free(size);
    return status;
}
