// SPDX-License-Identifier: Apache-2.0
/* Box by box: each is drawn as rows of the model are, from words of its own, and its rows are
 * dealt to random places among all. */
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"
#include "crypto/le64.h"
#include "crypto/row_words.h"
#include "model/floating.h"
#include "model/search.h"
#include "model/tilt.h"
#include "synth/made.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "the rows";

/* Numbers of SIL_STREAM_MADE. */
enum { DEAL, SHUFFLE, PARTS };

struct maker {
    const struct sil_made *made;
    const struct sil_draw *draw; ///< of all rows
    struct sil_codes *codes;     ///< the same
    uint32_t **piece;            ///< the same
    uint32_t *place;             ///< of the rows of the box at hand
    struct sil_tilt *tilt;
    double **fine;
    double **coarse;
    double **column; ///< of Mosaic: the weights with which its groups are opened
    uint32_t *work;  ///< two numbers a row
    struct sil_error *err;
};

/* Words of a box: of the first, those of the seed itself. */
static void seed_of_box(uint8_t out[SIL_SEED_BYTES], const uint8_t seed[SIL_SEED_BYTES],
                        size_t box)
{
    uint8_t number[8];
    if (box == 0) {
        (void)memcpy(out, seed, SIL_SEED_BYTES);
        return;
    }
    sil_store_le64(number, box);
    sil_hash(out,
             (const struct sil_part[]){
                 {"box",  3             },
                 {seed,   SIL_SEED_BYTES},
                 {number, sizeof number }
    },
             3);
}

/* ---- the rows of one box ---- */

/* How Mosaic's groups are opened: by the proportions of their values, times the weights. A
 * group that no row is in keeps its own. */
static void weigh_opening(struct maker *m, size_t i)
{
    const struct sil_mosaic *mosaic = m->made->model->mosaic;
    uint32_t attr = m->made->attrs[i];
    for (uint32_t code = 0; code < m->made->columns[i].n_codes; code++) {
        bool is_in = m->coarse[i][sil_group_of(&mosaic->of[attr], code)] > 0;
        m->column[i][code] = mosaic->p[attr][code] * (is_in ? m->fine[i][code] : 1);
    }
}

static sil_status open_groups(struct maker *m, struct sil_codes *rows,
                              struct sil_codes *groups, const struct sil_draw *draw)
{
    sil_status status = SIL_OK;
    const struct sil_mosaic *mosaic = m->made->model->mosaic;
    const double **column = NULL;
    SIL_TRY(sil_alloc((void *)&column, mosaic->domain.n_attrs, sizeof *column, WHAT,
                      m->err));
    for (uint32_t a = 0; a < mosaic->domain.n_attrs; a++) {
        column[a] = mosaic->p[a];
    }
    for (size_t i = 0; i < m->made->n_columns; i++) {
        weigh_opening(m, i);
        column[m->made->attrs[i]] = m->column[i];
    }
    SIL_TRY(sil_open_groups(rows, groups, &mosaic->domain, mosaic->of, column, draw,
                            m->err));
    status =
        sil_leave_zeros(rows, &mosaic->domain, mosaic->of, column, draw->words, m->err);

cleanup:
    free((void *)column);
    return status;
}

static sil_status draw_box(struct maker *m, struct sil_codes *rows, size_t box,
                           const struct sil_draw *draw)
{
    sil_status status = SIL_OK;
    struct sil_codes groups = {0};
    *rows = (struct sil_codes){0};
    for (size_t i = 0; i < m->made->n_columns; i++) {
        sil_made_weights(m->fine[i], m->coarse[i], m->made, box, i);
    }
    (void)sil_tilt_set(m->tilt, (const double *const *)m->coarse, m->made->fair_log);
    SIL_TRY(sil_gm_draw(&groups, sil_tilt_model(m->tilt), draw, m->err));
    if (m->made->model->mosaic == NULL) {
        *rows = groups;
        groups = (struct sil_codes){0};
        return SIL_OK;
    }
    status = open_groups(m, rows, &groups, draw);

cleanup:
    sil_codes_clear(&groups);
    return status;
}

/* ---- parts of cells ---- */

/* A cell that is cut, in a box. */
struct cut {
    const struct maker *m;
    size_t box;
    size_t i; ///< its column
    uint32_t code;
};

/* What a piece weighs in its cell: all pieces of the cell weigh m->fine[i][code]. */
static double piece_weight(const struct cut *cut, size_t at)
{
    const struct sil_made *made = cut->m->made;
    const struct sil_piece *piece = &made->columns[cut->i].piece[at];
    const double *tilt = made->tilt + made->boxes.base[cut->i];
    bool is_in = sil_box_allows(&made->boxes, cut->box, cut->i, piece->class);
    return is_in ? sil_piece_share(piece) * tilt[piece->class] : 0;
}

/* Replay 1: by one uniform number. */
static void share_systematically(const struct cut *cut, struct sil_dealing *dealing)
{
    const struct sil_pieces *p = &cut->m->made->columns[cut->i];
    double all = cut->m->fine[cut->i][cut->code];
    double start = sil_word_unit(dealing->reader);
    double reached = 0;
    for (size_t at = p->first_of[cut->code]; at < p->first_of[cut->code + 1]; at++) {
        /* All of the weight is reached at the last piece that has some. */
        reached += piece_weight(cut, at);
        size_t end = (size_t)(reached / all * (double)dealing->n + start);
        while (dealing->n_dealt < end && dealing->n_dealt < dealing->n) {
            sil_deal_row(dealing, (uint32_t)at);
        }
    }
}

static void share_pairwise(const struct cut *cut, struct sil_dealing *dealing)
{
    const struct sil_pieces *p = &cut->m->made->columns[cut->i];
    double all = cut->m->fine[cut->i][cut->code];
    struct sil_rest rest = {0};
    for (size_t at = p->first_of[cut->code]; at < p->first_of[cut->code + 1]; at++) {
        double share = piece_weight(cut, at) / all;
        sil_deal(dealing, &rest, (uint32_t)at, share * (double)dealing->n);
    }
    sil_deal_last(dealing, &rest);
}

/* The pieces of the rows of a cell: in proportion to their weights, in random order. */
static void share_out(const struct cut *cut, struct sil_dealing *dealing)
{
    if (cut->m->draw->rounding == SIL_ROWS_SYSTEMATIC) {
        share_systematically(cut, dealing);
    } else {
        share_pairwise(cut, dealing);
    }
    sil_words_shuffle(dealing->cell, dealing->n, dealing->reader);
}

/* Rows in the order of their cells. */
static void sort_rows(uint32_t *row, size_t *first, const struct sil_codes *rows,
                      uint32_t attr, uint32_t n_codes)
{
    (void)memset(first, 0, ((size_t)n_codes + 2) * sizeof *first);
    for (size_t r = 0; r < rows->n_rows; r++) {
        first[sil_codes_get(rows, attr, r) + 2]++;
    }
    for (size_t code = 2; code <= n_codes; code++) {
        first[code + 1] += first[code];
    }
    for (size_t r = 0; r < rows->n_rows; r++) {
        row[first[sil_codes_get(rows, attr, r) + 1]++] = (uint32_t)r;
    }
}

static sil_status draw_pieces(struct maker *m, const struct sil_codes *rows, size_t box,
                              size_t i, struct sil_words words)
{
    sil_status status = SIL_OK;
    const struct sil_pieces *p = &m->made->columns[i];
    uint32_t *row = m->work;
    uint32_t *dealt = m->work + rows->n_rows;
    size_t *first = NULL;
    struct sil_word_reader reader =
        sil_word_reader(words, SIL_STREAM(SIL_STREAM_MADE, PARTS + (uint64_t)p->attr));
    SIL_TRY(sil_alloc(&first, (size_t)p->n_codes + 2, sizeof *first, WHAT, m->err));
    sort_rows(row, first, rows, p->attr, p->n_codes);
    for (uint32_t code = 0; code < p->n_codes; code++) {
        size_t k = first[code + 1] - first[code];
        for (size_t r = 0; r < k; r++) {
            dealt[r] = (uint32_t)p->first_of[code];
        }
        if (sil_pieces_cut(p, code) && k > 0) {
            share_out(&(struct cut){m, box, i, code},
                      &(struct sil_dealing){dealt, k, 0, &reader});
        }
        for (size_t r = 0; r < k; r++) {
            m->piece[i][m->place[row[first[code] + r]]] = dealt[r];
        }
    }

cleanup:
    free(first);
    return status;
}

static sil_status make_box(struct maker *m, size_t box, size_t n_rows,
                           const uint8_t seed[SIL_SEED_BYTES])
{
    sil_status status = SIL_OK;
    struct sil_codes rows = {0};
    uint8_t own[SIL_SEED_BYTES];
    struct sil_draw draw = *m->draw;
    draw.n_rows = n_rows;
    draw.words.key = own;
    seed_of_box(own, seed, box);
    SIL_TRY(draw_box(m, &rows, box, &draw));
    for (uint32_t a = 0; a < rows.n_attrs; a++) {
        for (size_t r = 0; r < n_rows; r++) {
            sil_codes_set(m->codes, a, m->place[r], sil_codes_get(&rows, a, r));
        }
    }
    for (size_t i = 0; i < m->made->n_columns; i++) {
        if (m->piece[i] != NULL) {
            SIL_TRY(draw_pieces(m, &rows, box, i, draw.words));
        }
    }

cleanup:
    sil_codes_clear(&rows);
    return status;
}

/* ---- all ---- */

static bool is_cut(const struct sil_pieces *p)
{
    return p->n > p->n_codes;
}

static sil_status prepare(struct maker *m)
{
    sil_status status = SIL_OK;
    const struct sil_made *made = m->made;
    size_t n = made->n_columns;
    size_t n_rows = m->draw->n_rows;
    SIL_TRY(sil_alloc((void *)&m->fine, n, sizeof *m->fine, WHAT, m->err));
    SIL_TRY(sil_alloc((void *)&m->coarse, n, sizeof *m->coarse, WHAT, m->err));
    SIL_TRY(sil_alloc((void *)&m->column, n, sizeof *m->column, WHAT, m->err));
    for (size_t i = 0; i < n; i++) {
        size_t n_codes = made->columns[i].n_codes;
        SIL_TRY(sil_alloc(&m->fine[i], n_codes, sizeof **m->fine, WHAT, m->err));
        SIL_TRY(sil_alloc(&m->coarse[i], n_codes, sizeof **m->coarse, WHAT, m->err));
        SIL_TRY(sil_alloc(&m->column[i], n_codes, sizeof **m->column, WHAT, m->err));
        if (is_cut(&made->columns[i])) {
            SIL_TRY(sil_alloc(&m->piece[i], n_rows, sizeof **m->piece, WHAT, m->err));
        }
    }
    SIL_TRY(sil_alloc(&m->work, 2 * n_rows, sizeof *m->work, WHAT, m->err));
    SIL_TRY(sil_codes_init(m->codes, &made->model->domain, n_rows, m->err));
    status = sil_tilt_new(&m->tilt, sil_model_tree(made->model), made->attrs, n,
                          sil_made_joint(made), m->draw->n_threads, m->err);

cleanup:
    return status;
}

static void clear(struct maker *m)
{
    for (size_t i = 0; i < m->made->n_columns; i++) {
        double **const lists[] = {m->fine, m->coarse, m->column};
        for (size_t k = 0; k < 3; k++) {
            if (lists[k] != NULL) {
                free(lists[k][i]);
            }
        }
    }
    free((void *)m->fine);
    free((void *)m->coarse);
    free((void *)m->column);
    free(m->work);
    sil_tilt_free(m->tilt);
}

/* Replay 1: by one uniform number. */
static void share_boxes_systematically(const struct maker *m, double all,
                                       struct sil_dealing *dealing)
{
    double start = sil_word_unit(dealing->reader);
    double reached = 0;
    for (size_t b = 0; b < m->made->boxes.n; b++) {
        reached += m->made->part[b]; /* all of it at the last box that has a part */
        size_t end = (size_t)(reached / all * (double)dealing->n + start);
        while (dealing->n_dealt < end && dealing->n_dealt < dealing->n) {
            sil_deal_row(dealing, (uint32_t)b);
        }
    }
}

static void share_boxes_pairwise(const struct maker *m, double all,
                                 struct sil_dealing *dealing)
{
    struct sil_rest rest = {0};
    for (size_t b = 0; b < m->made->boxes.n; b++) {
        sil_deal(dealing, &rest, (uint32_t)b,
                 m->made->part[b] / all * (double)dealing->n);
    }
    sil_deal_last(dealing, &rest);
}

/* Rows of each box: the whole part of what it expects or one more. */
static void count_rows(size_t *n_rows, const struct maker *m,
                       struct sil_word_reader *reader)
{
    struct sil_dealing dealing = {m->work, m->draw->n_rows, 0, reader};
    double all = 0;
    for (size_t b = 0; b < m->made->boxes.n; b++) {
        all += m->made->part[b];
    }
    if (m->draw->rounding == SIL_ROWS_SYSTEMATIC) {
        share_boxes_systematically(m, all, &dealing);
    } else {
        share_boxes_pairwise(m, all, &dealing);
    }
    for (size_t row = 0; row < dealing.n_dealt; row++) {
        n_rows[dealing.cell[row]]++;
    }
}

static sil_status make_boxes(struct maker *m, uint32_t *order,
                             const uint8_t seed[SIL_SEED_BYTES])
{
    sil_status status = SIL_OK;
    size_t n_rows[SIL_BOXES_MAX] = {0};
    const struct sil_words words = m->draw->words;
    struct sil_word_reader deal =
        sil_word_reader(words, SIL_STREAM(SIL_STREAM_MADE, DEAL));
    struct sil_word_reader shuffle =
        sil_word_reader(words, SIL_STREAM(SIL_STREAM_MADE, SHUFFLE));
    for (size_t r = 0; r < m->draw->n_rows; r++) {
        order[r] = (uint32_t)r;
    }
    if (m->made->boxes.n > 1) {
        sil_words_shuffle(order, m->draw->n_rows, &shuffle);
    }
    count_rows(n_rows, m, &deal);
    m->place = order;
    for (size_t b = 0; b < m->made->boxes.n; b++) {
        if (n_rows[b] > 0) {
            SIL_TRY(make_box(m, b, n_rows[b], seed));
            m->place += n_rows[b];
        }
    }

cleanup:
    return status;
}

sil_status sil_made_draw(struct sil_codes *codes, uint32_t **piece,
                         const struct sil_made *made, const struct sil_draw *draw,
                         const uint8_t seed[SIL_SEED_BYTES], struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *order = NULL;
    unsigned before = sil_floating_enter();
    struct maker m = {
        .made = made, .draw = draw, .codes = codes, .piece = piece, .err = err};
    *codes = (struct sil_codes){0};

    SIL_TRY(prepare(&m));
    SIL_TRY(sil_alloc(&order, draw->n_rows, sizeof *order, WHAT, err));
    status = make_boxes(&m, order, seed);

cleanup:
    free(order);
    clear(&m);
    if (status != SIL_OK) {
        sil_codes_clear(codes);
    }
    sil_floating_leave(before);
    return status;
}
