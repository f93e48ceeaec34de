// SPDX-License-Identifier: Apache-2.0
#include "release/error_pairs.h"

#include "base/fail.h"
#include "base/memory.h"
#include "release/error_bounds.h"

#include <stdlib.h>

/* Rows times pairs at most so many, but always so many pairs. */
static const uint64_t COUNTS_MAX = 1000000000;
static const uint64_t PAIRS_ALWAYS = 256;

static bool is_small(const struct sil_domain *domain, uint32_t a, uint32_t b)
{
    return (uint64_t)domain->sizes[a] * domain->sizes[b] <= SIL_ERROR_CELLS_MAX;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

struct keys {
    uint64_t *item; ///< pairs as numbers, in canonical order
    size_t n;
    size_t capacity;
};

static sil_status add_keys(struct keys *keys, const struct sil_release *line,
                           const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_clique *c = &line->clique;
    size_t most = (size_t)c->n * c->n;
    SIL_TRY(sil_grow(&keys->item, &keys->capacity, keys->n + most, sizeof *keys->item,
                     "pairs", err));
    for (uint32_t i = 0; i < c->n; i++) {
        for (uint32_t k = i + 1; k < c->n; k++) {
            if (is_small(domain, c->attr[i], c->attr[k])) {
                keys->item[keys->n++] = (uint64_t)c->attr[i] << 32 | c->attr[k];
            }
        }
    }
cleanup:
    return status;
}

/* The small pairs that a measurement contains, each once. */
static sil_status measured_pairs(struct keys *keys, const struct sil_model *model,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_transcript *transcript = &model->transcript;
    for (size_t i = 0; i < transcript->n_lines; i++) {
        if (transcript->line[i].kind == SIL_RELEASE_MEASURE) {
            SIL_TRY(add_keys(keys, &transcript->line[i], &model->domain, err));
        }
    }
    if (keys->n > 0) {
        qsort(keys->item, keys->n, sizeof *keys->item, by_key);
        size_t n = 1;
        for (size_t i = 1; i < keys->n; i++) {
            if (keys->item[i] != keys->item[n - 1]) {
                keys->item[n++] = keys->item[i];
            }
        }
        keys->n = n;
    }
cleanup:
    return status;
}

static size_t most_pairs(size_t n_rows)
{
    uint64_t most = COUNTS_MAX / n_rows;
    most = most > PAIRS_ALWAYS ? most : PAIRS_ALWAYS;
    return most < SIL_ERROR_PAIRS_MAX ? (size_t)most : SIL_ERROR_PAIRS_MAX;
}

/* The pairs in canonical order: how far the measured ones are, and what is left to take. */
struct walk {
    const struct keys *keys;
    size_t next;       ///< of the keys
    size_t n_measured; ///< keys that are taken
    size_t n_others;   ///< other pairs that may still be taken
};

static bool is_taken(struct walk *w, uint32_t a, uint32_t b)
{
    const struct keys *keys = w->keys;
    if (w->next < keys->n && keys->item[w->next] == ((uint64_t)a << 32 | b)) {
        return w->next++ < w->n_measured;
    }
    bool is_taken = w->n_others > 0;
    w->n_others -= is_taken;
    return is_taken;
}

sil_status sil_error_pairs(struct sil_error_pairs_left *left,
                           const struct sil_model *model, size_t n_rows,
                           sil_status (*add)(void *context,
                                             const struct sil_clique *pair,
                                             struct sil_error *err),
                           void *context, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct keys keys = {0};
    size_t most = most_pairs(n_rows);
    uint32_t d = model->domain.n_attrs;
    *left = (struct sil_error_pairs_left){0};
    SIL_TRY(measured_pairs(&keys, model, err));
    struct walk walk = {.keys = &keys, .n_measured = keys.n < most ? keys.n : most};
    walk.n_others = most - walk.n_measured;
    for (uint32_t a = 0; a < d; a++) {
        for (uint32_t b = a + 1; b < d; b++) {
            bool is_one = is_small(&model->domain, a, b);
            bool is_wanted = is_one && is_taken(&walk, a, b);
            left->n_large += !is_one;
            left->n_left_out += is_one && !is_wanted;
            if (is_wanted) {
                const struct sil_clique pair = {
                    .n = 2, .attr = {a, b}
                };
                SIL_TRY(add(context, &pair, err));
            }
        }
    }
cleanup:
    free(keys.item);
    return status;
}
