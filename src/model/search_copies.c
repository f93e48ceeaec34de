// SPDX-License-Identifier: Apache-2.0
#include "model/search_copies.h"

#include "base/fail.h"
#include "base/int128.h"
#include "base/memory.h"
#include "model/search_run.h"

#include <stdlib.h>
#include <string.h>

struct place {
    size_t first;
    uint32_t column[3];
    uint32_t step[3]; ///< 0: the target has not so many attributes
};

struct sil_search_whole {
    const struct sil_search *s;
    struct place *places;
    size_t n;
};

/* A target is seen from each of its attributes: one of these views is its lowest one's. */
static bool is_lowest(const struct sil_face *face, uint32_t column)
{
    return (face->other_step[0] == 0 || face->column[0] > column) &&
           (face->other_step[1] == 0 || face->column[1] > column);
}

static void list_targets(struct sil_search_whole *whole)
{
    const struct sil_search *s = whole->s;
    for (uint32_t column = 0; column < s->n_columns; column++) {
        for (size_t f = s->first_face[column]; f < s->first_face[column + 1]; f++) {
            const struct sil_face *face = &s->faces[f];
            if (is_lowest(face, column)) {
                whole->places[whole->n++] = (struct place){
                    face->first,
                    {column,     face->column[0],     face->column[1]    },
                    {face->step, face->other_step[0], face->other_step[1]}
                };
            }
        }
    }
}

sil_status sil_search_whole_new(struct sil_search_whole **out,
                                const struct sil_search *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_search_whole *whole = NULL;
    size_t n_faces = s->first_face[s->n_columns];
    SIL_TRY(sil_alloc(&whole, 1, sizeof *whole, "the search", err));
    whole->s = s;
    SIL_TRY(
        sil_alloc(&whole->places, n_faces, sizeof *whole->places, "the search", err));
    list_targets(whole);
cleanup:
    if (status != SIL_OK) {
        sil_search_whole_free(whole);
        whole = NULL;
    }
    *out = whole;
    return status;
}

void sil_search_whole_free(struct sil_search_whole *whole)
{
    if (whole != NULL) {
        free(whole->places);
        free(whole);
    }
}

static struct sil_search_cell *cell_of(const struct sil_search *s,
                                       const struct place *place, const uint32_t *row)
{
    return s->cells + place->first + (size_t)row[place->column[0]] * place->step[0] +
           (size_t)row[place->column[1]] * place->step[1] +
           (size_t)row[place->column[2]] * place->step[2];
}

/* All targets together can leave 64 bits, which those of one attribute cannot. */
static bool is_better(const struct sil_search_whole *w, const uint32_t *to,
                      const uint32_t *from)
{
    unsigned bits = w->s->unit_bits;
    sil_i128 change = 0;
    uint32_t flags = 0;
    for (size_t i = 0; i < w->n; i++) {
        const struct sil_search_cell *old = cell_of(w->s, &w->places[i], to);
        const struct sil_search_cell *next = cell_of(w->s, &w->places[i], from);
        if (old != next) {
            change += sil_search_less(*old, bits);
            change += sil_search_more(*next, bits);
            flags |= next->weight;
        }
    }
    return (flags & SIL_NO_ROWS) == 0 && change < 0;
}

static void copy(const struct sil_search_whole *w, size_t to, size_t from)
{
    const struct sil_search *s = w->s;
    int32_t unit = INT32_C(1) << s->unit_bits;
    uint32_t *row = s->rows + to * s->stride;
    const uint32_t *other = s->rows + from * s->stride;
    for (size_t i = 0; i < w->n; i++) {
        cell_of(s, &w->places[i], row)->diff -= unit;
        cell_of(s, &w->places[i], other)->diff += unit;
    }
    memcpy(row, other, s->n_columns * sizeof *row);
    for (uint32_t column = 0; column < s->n_columns; column++) {
        sil_codes_set(s->codes, s->attr[column], to, row[column]);
    }
}

void sil_search_copies(const struct sil_search_whole *whole, uint64_t n,
                       struct sil_word_reader *reader)
{
    const struct sil_search *s = whole->s;
    for (uint64_t i = 0; i < n; i++) {
        uint32_t to;
        uint32_t from;
        sil_search_pair(&to, &from, s->n_rows, reader);
        if (is_better(whole, s->rows + to * s->stride, s->rows + from * s->stride)) {
            copy(whole, to, from);
        }
    }
}
