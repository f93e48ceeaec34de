// SPDX-License-Identifier: Apache-2.0
#include "model/search.h"

#include "base/fail.h"
#include "model/model.h"
#include "model/search_tables.h"

/* Proposals of a run have the attribute in common, so that its tables stay in the cache.
 * Their rows are drawn ahead. */
enum { RUN = 64, REPORT = 1 << 16 };

/* The rows of one proposal. A move changes `to`, a swap both. */
struct pair {
    uint32_t *from;
    uint32_t *to;
};

/* Two rows from one word, exactly uniform: the fraction that the first product leaves
 * gives the second number, and rejection is over both.
 * Source: Brackett-Rozinsky and Lemire 2024, "Batched Ranged Random Integer Generation". */
static struct pair draw_pair(const struct sil_search *s, struct sil_word_reader *reader)
{
    uint64_t n = s->n_rows;
    uint64_t both = n * n;
    sil_u128 first;
    sil_u128 second;
    do {
        first = (sil_u128)sil_word(reader) * n;
        second = (sil_u128)(uint64_t)first * n;
    } while ((uint64_t)second < both && (uint64_t)second < -both % both);
    return (struct pair){s->rows + (size_t)(second >> 64) * s->stride,
                         s->rows + (size_t)(first >> 64) * s->stride};
}

/* The cell of a row, its code in the face's own column taken as 0. */
static size_t base_of(const struct sil_face *face, const uint32_t *row)
{
    return face->first + (size_t)row[face->column[0]] * face->other_step[0] +
           (size_t)row[face->column[1]] * face->other_step[1];
}

static int64_t weight_of(const struct sil_search_cell *cell)
{
    return (int64_t)(cell->weight & ~SIL_NO_ROWS);
}

/* Does the objective fall when the row's code `before` becomes `after`? */
static bool is_better(const struct sil_search *s, uint32_t column, const uint32_t *row,
                      uint32_t before, uint32_t after)
{
    int64_t weights = 0;
    int64_t slope = 0;
    uint32_t flags = 0;
    for (size_t f = s->first_face[column]; f < s->first_face[column + 1]; f++) {
        const struct sil_face *face = &s->faces[f];
        size_t base = base_of(face, row);
        const struct sil_search_cell *old =
            &s->cells[base + (size_t)before * face->step];
        const struct sil_search_cell *next =
            &s->cells[base + (size_t)after * face->step];
        weights += weight_of(old) + weight_of(next);
        slope += weight_of(next) * next->diff - weight_of(old) * old->diff;
        flags |= next->weight;
    }
    return (flags & SIL_NO_ROWS) == 0 && (weights << s->unit_bits) + 2 * slope < 0;
}

static void change(const struct sil_search *s, uint32_t column, uint32_t *row,
                   uint32_t after)
{
    int32_t unit = INT32_C(1) << s->unit_bits;
    for (size_t f = s->first_face[column]; f < s->first_face[column + 1]; f++) {
        const struct sil_face *face = &s->faces[f];
        size_t base = base_of(face, row);
        s->cells[base + (size_t)row[column] * face->step].diff -= unit;
        s->cells[base + (size_t)after * face->step].diff += unit;
    }
    row[column] = after;
}

static void try_move(const struct sil_search *s, uint32_t column, struct pair pair)
{
    uint32_t before = pair.to[column];
    uint32_t after = pair.from[column];
    if (before != after && is_better(s, column, pair.to, before, after)) {
        change(s, column, pair.to, after);
    }
}

/* Does the objective fall when two rows exchange their codes `a` and `b`? In a target in
 * which they do not differ otherwise they exchange cells, and nothing changes. Elsewhere
 * the four cells are distinct. */
static bool is_better_swapped(const struct sil_search *s, uint32_t column,
                              struct pair pair)
{
    uint32_t a = pair.to[column];
    uint32_t b = pair.from[column];
    int64_t weights = 0;
    int64_t slope = 0;
    uint32_t flags = 0;
    for (size_t f = s->first_face[column]; f < s->first_face[column + 1]; f++) {
        const struct sil_face *face = &s->faces[f];
        size_t base = base_of(face, pair.to);
        size_t other = base_of(face, pair.from);
        if (base == other) {
            continue;
        }
        const struct sil_search_cell *old[2] = {
            &s->cells[base + (size_t)a * face->step],
            &s->cells[other + (size_t)b * face->step]};
        const struct sil_search_cell *next[2] = {
            &s->cells[base + (size_t)b * face->step],
            &s->cells[other + (size_t)a * face->step]};
        for (int i = 0; i < 2; i++) {
            weights += weight_of(old[i]) + weight_of(next[i]);
            slope +=
                weight_of(next[i]) * next[i]->diff - weight_of(old[i]) * old[i]->diff;
            flags |= next[i]->weight;
        }
    }
    return (flags & SIL_NO_ROWS) == 0 && (weights << s->unit_bits) + 2 * slope < 0;
}

static void try_swap(const struct sil_search *s, uint32_t column, struct pair pair)
{
    uint32_t a = pair.to[column];
    uint32_t b = pair.from[column];
    if (a != b && is_better_swapped(s, column, pair)) {
        change(s, column, pair.to, b);
        change(s, column, pair.from, a);
    }
}

typedef void try_fn(const struct sil_search *s, uint32_t column, struct pair pair);

struct stage {
    const char *name;
    try_fn *try;
    const uint32_t *columns; ///< to choose from
    uint32_t n_columns;
    uint64_t n; ///< proposals
};

static void run_stage(const struct sil_search *s, const struct stage *stage,
                      struct sil_word_reader *reader,
                      const struct sil_progress *progress)
{
    struct pair pairs[RUN];
    for (uint64_t done = 0; done < stage->n; done += RUN) {
        size_t n = stage->n - done < RUN ? stage->n - done : RUN;
        uint32_t column = stage->columns[sil_word_below(reader, stage->n_columns)];
        for (size_t i = 0; i < n; i++) {
            pairs[i] = draw_pair(s, reader);
        }
        for (size_t i = 0; i < n; i++) {
            stage->try(s, column, pairs[i]);
        }
        if (done % REPORT == 0) {
            sil_progress(progress, stage->name, done, stage->n);
        }
    }
}

sil_status sil_search(struct sil_codes *codes, const struct sil_domain *domain,
                      const struct sil_target *targets, size_t n,
                      const struct sil_search_effort *effort, struct sil_words words,
                      unsigned n_threads, const struct sil_progress *progress,
                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_search s = {0};
    const struct sil_search_targets all = {targets, n};
    if (codes->n_rows == 0 || n == 0) {
        return SIL_OK;
    }

    SIL_TRY(sil_search_init(&s, codes, domain, &all, sil_threads(n_threads), err));
    const struct stage stages[2] = {
        {"searching",  try_move, s.movable,   s.n_movable,
         s.n_movable > 0 ? effort->n_moves : 0  },
        {"exchanging", try_swap, s.swappable, s.n_swappable,
         s.n_swappable > 0 ? effort->n_swaps : 0}
    };
    for (uint32_t k = 0; k < 2; k++) {
        struct sil_word_reader reader =
            sil_word_reader(words, SIL_STREAM(SIL_STREAM_SEARCH, k));
        run_stage(&s, &stages[k], &reader, progress);
    }
    sil_search_finish(codes, &s);

cleanup:
    sil_search_clear(&s);
    return status;
}
