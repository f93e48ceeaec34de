// SPDX-License-Identifier: Apache-2.0
#include "model/search.h"

#include "base/fail.h"
#include "model/model.h"
#include "model/search_copies.h"
#include "model/search_run.h"

/* Proposals between two reports of progress. */
enum { REPORT = 1 << 16 };

/* The cell of a row, its code in the face's own column taken as 0. */
static struct sil_search_cell *base_of(const struct sil_search *s,
                                       const struct sil_face *face, const uint32_t *row)
{
    return s->cells + face->first + (size_t)row[face->column[0]] * face->other_step[0] +
           (size_t)row[face->column[1]] * face->other_step[1];
}

/* Does the objective fall when the row gets another code, and may it have that one? */
static bool is_better(const struct sil_search *s, uint32_t column, const uint32_t *row,
                      uint32_t after)
{
    int64_t change = 0;
    uint32_t flags = 0;
    for (size_t f = s->first_face[column]; f < s->first_face[column + 1]; f++) {
        const struct sil_face *face = &s->faces[f];
        const struct sil_search_cell *base = base_of(s, face, row);
        struct sil_search_cell old = base[(size_t)row[column] * face->step];
        struct sil_search_cell next = base[(size_t)after * face->step];
        change +=
            sil_search_less(old, s->unit_bits) + sil_search_more(next, s->unit_bits);
        flags |= next.weight;
    }
    return (flags & SIL_NO_ROWS) == 0 && change < 0;
}

static void give(const struct sil_search *s, uint32_t column, size_t row,
                 uint32_t after)
{
    int32_t unit = INT32_C(1) << s->unit_bits;
    uint32_t *codes = s->rows + row * s->stride;
    for (size_t f = s->first_face[column]; f < s->first_face[column + 1]; f++) {
        const struct sil_face *face = &s->faces[f];
        struct sil_search_cell *base = base_of(s, face, codes);
        base[(size_t)codes[column] * face->step].diff -= unit;
        base[(size_t)after * face->step].diff += unit;
    }
    codes[column] = after;
    sil_codes_set(s->codes, s->attr[column], row, after);
}

static void try_move(const struct sil_search *s, uint32_t column, size_t to,
                     size_t from)
{
    uint32_t after = s->rows[from * s->stride + column];
    if (is_better(s, column, s->rows + to * s->stride, after)) {
        give(s, column, to, after);
    }
}

/* The same for two rows that exchange their codes; see model/search_run.c. */
static bool is_better_swapped(const struct sil_search *s, uint32_t column,
                              const uint32_t *to, const uint32_t *from)
{
    unsigned bits = s->unit_bits;
    int64_t change = 0;
    uint32_t flags = 0;
    for (size_t f = s->first_face[column]; f < s->first_face[column + 1]; f++) {
        const struct sil_face *face = &s->faces[f];
        const struct sil_search_cell *base[2] = {base_of(s, face, to),
                                                 base_of(s, face, from)};
        size_t before = (size_t)to[column] * face->step;
        size_t after = (size_t)from[column] * face->step;
        if (base[0] != base[1]) {
            change += sil_search_less(base[0][before], bits) +
                      sil_search_more(base[0][after], bits) +
                      sil_search_less(base[1][after], bits) +
                      sil_search_more(base[1][before], bits);
            flags |= base[0][after].weight | base[1][before].weight;
        }
    }
    return (flags & SIL_NO_ROWS) == 0 && change < 0;
}

static void try_swap(const struct sil_search *s, uint32_t column, size_t to,
                     size_t from)
{
    uint32_t before = s->rows[to * s->stride + column];
    uint32_t after = s->rows[from * s->stride + column];
    if (is_better_swapped(s, column, s->rows + to * s->stride,
                          s->rows + from * s->stride)) {
        give(s, column, to, after);
        give(s, column, from, before);
    }
}

/* Moves or swaps. */
struct stage {
    const char *name;
    bool is_swap;
    void (*try)(const struct sil_search *s, uint32_t column, size_t to, size_t from);
    const uint32_t *columns; ///< to choose from
    uint32_t n_columns;
    uint64_t first; ///< proposal
    uint64_t n;     ///< proposals, those before the first included
};

static void run_stage(const struct sil_search *s, struct sil_search_run *run,
                      const struct stage *stage, struct sil_word_reader *reader,
                      const struct sil_progress *progress)
{
    uint64_t total = stage->n_columns > 0 ? stage->n : 0;
    run->is_swap = stage->is_swap;
    for (uint64_t done = stage->first; done < total; done += SIL_SEARCH_RUN) {
        size_t n = total - done < SIL_SEARCH_RUN ? total - done : SIL_SEARCH_RUN;
        if (done % REPORT == 0) {
            sil_progress(progress, stage->name, done, total);
        }
        run->column = stage->columns[sil_word_below(reader, stage->n_columns)];
        sil_search_draw(run, s, n, reader);
        sil_search_screen(run, s);
        for (size_t i = 0; i < run->n; i++) {
            if (run->change[i] < 0) {
                stage->try(s, run->column, run->to[i], run->from[i]);
            }
        }
    }
}

enum { MOVES, SWAPS, COPIES }; /* streams of words */

static void improve(const struct sil_search *s, struct sil_search_run *run,
                    const struct sil_search_whole *whole,
                    const struct sil_search_effort *effort, struct sil_words words,
                    const struct sil_progress *progress)
{
    struct sil_word_reader reader[] = {
        sil_word_reader(words, SIL_STREAM(SIL_STREAM_SEARCH, MOVES)),
        sil_word_reader(words, SIL_STREAM(SIL_STREAM_SEARCH, SWAPS)),
        sil_word_reader(words, SIL_STREAM(SIL_STREAM_SEARCH, COPIES))};
    uint64_t half = effort->n_moves / (UINT64_C(2) * SIL_SEARCH_RUN) * SIL_SEARCH_RUN;
    struct stage moves = {"moving values", false, try_move, s->movable,
                          s->n_movable,    0,     half};
    const struct stage swaps = {"exchanging values", true, try_swap,       s->swappable,
                                s->n_swappable,      0,    effort->n_swaps};

    run_stage(s, run, &moves, &reader[MOVES], progress);
    sil_search_copies(whole, effort->n_copies, &reader[COPIES]);
    moves.first = half;
    moves.n = effort->n_moves;
    run_stage(s, run, &moves, &reader[MOVES], progress);
    run_stage(s, run, &swaps, &reader[SWAPS], progress);
}

sil_status sil_search(struct sil_codes *codes, const struct sil_domain *domain,
                      const struct sil_target *targets, size_t n,
                      const struct sil_search_effort *effort, struct sil_words words,
                      unsigned n_threads, const struct sil_progress *progress,
                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_search s = {0};
    struct sil_search_run *run = NULL;
    struct sil_search_whole *whole = NULL;
    const struct sil_search_targets all = {targets, n};
    if (codes->n_rows == 0 || n == 0) {
        return SIL_OK;
    }

    SIL_TRY(sil_search_init(&s, codes, domain, &all, sil_threads(n_threads), err));
    SIL_TRY(sil_search_run_new(&run, &s, err));
    SIL_TRY(sil_search_whole_new(&whole, &s, err));
    improve(&s, run, whole, effort, words, progress);

cleanup:
    sil_search_whole_free(whole);
    sil_search_run_free(run);
    sil_search_clear(&s);
    return status;
}
