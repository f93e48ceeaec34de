// SPDX-License-Identifier: Apache-2.0
#include "model/search_run.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"

#include <stdlib.h>
#include <string.h>

sil_status sil_search_run_new(struct sil_search_run **out, const struct sil_search *s,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = (size_t)s->n_columns * SIL_SEARCH_RUN;
    struct sil_search_run *run = NULL;
    SIL_TRY(sil_alloc(&run, 1, sizeof *run, "the search", err));
    SIL_TRY(sil_alloc_aligned(&run->to_codes, n, sizeof(uint32_t), "the search", err));
    SIL_TRY(
        sil_alloc_aligned(&run->from_codes, n, sizeof(uint32_t), "the search", err));
    SIL_TRY(
        sil_alloc(&run->spread_for, s->n_columns, sizeof(uint64_t), "the search", err));

cleanup:
    if (status != SIL_OK) {
        sil_search_run_free(run);
        run = NULL;
    }
    *out = run;
    return status;
}

void sil_search_run_free(struct sil_search_run *run)
{
    if (run != NULL) {
        free(run->to_codes);
        free(run->from_codes);
        free(run->spread_for);
        free(run);
    }
}

/* The fraction that the first product leaves gives the second number, and rejection is over
 * both. Source: Brackett-Rozinsky and Lemire 2024, "Batched Ranged Random Integer
 * Generation". */
void sil_search_pair(uint32_t *to, uint32_t *from, uint64_t n,
                     struct sil_word_reader *reader)
{
    uint64_t both = n * n;
    sil_u128 first;
    sil_u128 second;
    do {
        first = (sil_u128)sil_word(reader) * n;
        second = (sil_u128)(uint64_t)first * n;
    } while ((uint64_t)second < both && (uint64_t)second < -both % both);
    *to = (uint32_t)(first >> 64);
    *from = (uint32_t)(second >> 64);
}

static void spread_column(struct sil_search_run *run, const struct sil_search *s,
                          uint32_t column)
{
    const uint32_t *rows = s->rows + column;
    uint32_t *to = run->to_codes + (size_t)column * SIL_SEARCH_RUN;
    uint32_t *from = run->from_codes + (size_t)column * SIL_SEARCH_RUN;
    for (size_t i = 0; i < run->n; i++) {
        to[i] = rows[run->to[i] * s->stride];
    }
    for (size_t i = 0; run->is_swap && i < run->n; i++) {
        from[i] = rows[run->from[i] * s->stride];
    }
}

/* The codes of the columns that the run's targets have besides its own, once each. */
static void spread(struct sil_search_run *run, const struct sil_search *s)
{
    run->number++;
    for (size_t f = s->first_face[run->column]; f < s->first_face[run->column + 1];
         f++) {
        for (int k = 0; k < 2; k++) {
            uint32_t column = s->faces[f].column[k];
            if (run->spread_for[column] != run->number) {
                run->spread_for[column] = run->number;
                spread_column(run, s, column);
            }
        }
    }
}

void sil_search_draw(struct sil_search_run *run, const struct sil_search *s, size_t n,
                     struct sil_word_reader *reader)
{
    uint32_t attr = s->attr[run->column];
    size_t width = s->codes->width[attr];
    const char *column = s->codes->column[attr];
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        sil_search_pair(&run->to[i], &run->from[i], s->n_rows, reader);
        __builtin_prefetch(column + run->to[i] * width);
        __builtin_prefetch(column + run->from[i] * width);
    }
    for (size_t i = 0; i < n; i++) {
        size_t to = run->to[i];
        size_t from = run->from[i];
        uint32_t before = sil_codes_get(s->codes, attr, to);
        uint32_t after = sil_codes_get(s->codes, attr, from);
        run->to[kept] = (uint32_t)to;
        run->from[kept] = (uint32_t)from;
        run->before[kept] = before;
        run->after[kept] = after;
        if (before != after) {
            kept++;
            __builtin_prefetch(s->rows + to * s->stride);
            __builtin_prefetch(s->rows + (run->is_swap ? from : to) * s->stride);
        }
    }
    run->n = kept;
    spread(run, s);
}

/* The cells of all proposals in one target, fetched from memory while those of the target
 * before it are weighed. In a target in which the rows of a swap do not differ otherwise
 * they exchange cells and nothing changes: that is the empty cell 0. Elsewhere the four
 * cells are distinct. */
static void locate(struct sil_search_run *run, const struct sil_search *s, size_t f)
{
    const struct sil_face *face = &s->faces[f];
    const uint32_t step[3] = {face->other_step[0], face->other_step[1], face->step};
    size_t one = (size_t)face->column[0] * SIL_SEARCH_RUN;
    size_t two = (size_t)face->column[1] * SIL_SEARCH_RUN;
    uint32_t(*cell)[SIL_SEARCH_RUN] = run->cell[f % 2];
    for (int k = 0; k < (run->is_swap ? 4 : 2); k++) {
        const uint32_t *codes = k < 2 ? run->to_codes : run->from_codes;
        const uint32_t *own = k == 0 || k == 3 ? run->before : run->after;
        const uint32_t *const code[3] = {codes + one, codes + two, own};
        sil_kernels()->locate(cell[k], face->first, code, step, run->n);
    }
    for (size_t i = 0; i < run->n; i++) {
        __builtin_prefetch(&s->cells[cell[0][i]]);
        __builtin_prefetch(&s->cells[cell[1][i]]);
    }
    for (size_t i = 0; run->is_swap && i < run->n; i++) {
        uint32_t keep = cell[0][i] != cell[3][i] ? UINT32_MAX : 0;
        for (int k = 0; k < 4; k++) {
            cell[k][i] &= keep;
        }
        __builtin_prefetch(&s->cells[cell[2][i]]);
        __builtin_prefetch(&s->cells[cell[3][i]]);
    }
}

static void weigh(struct sil_search_run *run, const struct sil_search *s, size_t f)
{
    uint32_t(*cell)[SIL_SEARCH_RUN] = run->cell[f % 2];
    for (int k = 0; k < (run->is_swap ? 4 : 2); k += 2) {
        sil_kernels()->weigh(run->change, s->cells, cell[k], cell[k + 1], s->unit_bits,
                             run->n);
    }
}

/* Target by target, so that one table at a time is in the cache. */
void sil_search_screen(struct sil_search_run *run, const struct sil_search *s)
{
    size_t first = s->first_face[run->column];
    size_t end = s->first_face[run->column + 1];
    (void)memset(run->change, 0, run->n * sizeof *run->change);
    locate(run, s, first);
    for (size_t f = first; f < end; f++) {
        if (f + 1 < end) {
            locate(run, s, f + 1);
        }
        weigh(run, s, f);
    }
}
