// SPDX-License-Identifier: Apache-2.0
#include "audits/game/grain.h"

#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So far behind its name a number may stand: quotes, a colon, blanks. */
enum { REACH = 16 };

bool aud_is_fine(double value)
{
    double steps = ldexp(value, 53);
    return fabs(value) > 0 && fabs(value) < 0.5 && fabs(steps - rint(steps)) > 0;
}

/* A word of the text that means something: the label of a value that only a canary has, or the
 * name of a column. */
struct name {
    const char *text;
    uint32_t column;
    uint32_t canary; ///< COLUMN: it is the column itself
};

#define COLUMN UINT32_MAX

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* Which canary has a code, in columns x values; only those apart from realistic rows count. */
struct book {
    const struct aud_world *world;
    struct name *name; ///< owned, sorted
    size_t n;
    uint32_t *canary; ///< owned
};

static sil_status book_begin(struct book *out, const struct aud_world *world,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_shape *shape = &world->shape;
    const size_t n = (size_t)shape->columns * shape->values;
    *out = (struct book){.world = world};
    SIL_TRY(sil_alloc(&out->canary, n, sizeof *out->canary, "canaries", err));
    SIL_TRY(sil_alloc(&out->name, n + shape->columns, sizeof *out->name, "names", err));
    for (uint32_t c = 0; c < shape->columns; c++) {
        for (uint32_t i = 0; i < shape->values; i++) {
            uint32_t code = aud_world_canary(world, i)[c];
            size_t at = (size_t)c * shape->values + code;
            out->canary[at] = i;
            if (i >= shape->values / 2) {
                out->name[out->n++] = (struct name){world->label[at], c, i};
            }
        }
        out->name[out->n++] = (struct name){world->column[c], c, COLUMN};
    }
    qsort(out->name, out->n, sizeof *out->name, compare_names);

cleanup:
    return status;
}

static void note(struct aud_grain *grain, bool is_in, double value)
{
    bool says_out = aud_is_fine(value);
    grain->numbers++;
    *(is_in ? &grain->guesses.negatives : &grain->guesses.positives) += 1;
    *(is_in ? &grain->guesses.alarms : &grain->guesses.hits) += says_out ? 1 : 0;
}

/* The next number of a list, or behind its name; where it ends, or NULL. */
static const char *next_number(double *out, const char *p)
{
    const char *first = p + strspn(p, "\"':=,;[( \t\r\n");
    const char *digit = *first == '-' ? first + 1 : first;
    char *end = NULL;
    if (first - p > REACH || *digit < '0' || *digit > '9') {
        return NULL;
    }
    *out = strtod(first, &end);
    return end;
}

/* A list of exactly as many numbers as the column has values. */
static void read_list(struct aud_grain *grain, const struct book *book, uint32_t column,
                      const uint8_t *coin, const char *text)
{
    const struct aud_shape *shape = &book->world->shape;
    const char *p = text;
    double value = 0;
    size_t n = 0;
    while (n <= shape->values && (p = next_number(&value, p)) != NULL) {
        n++;
    }
    p = n == shape->values ? text : NULL;
    for (uint32_t code = 0; p != NULL && code < shape->values; code++) {
        uint32_t i = book->canary[(size_t)column * shape->values + code];
        p = next_number(&value, p);
        if (i >= shape->values / 2) {
            note(grain, coin[i] != 0, value);
        }
    }
}

static void read_name(struct aud_grain *grain, const struct book *book,
                      const uint8_t *coin, const char *word, const char *behind)
{
    const struct name key = {.text = word};
    double value = 0;
    const struct name *found =
        bsearch(&key, book->name, book->n, sizeof key, compare_names);
    if (found == NULL) {
        return;
    }
    if (found->canary == COLUMN) {
        read_list(grain, book, found->column, coin, behind);
    } else if (next_number(&value, behind) != NULL) {
        note(grain, coin[found->canary] != 0, value);
    }
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

sil_status aud_grain_add(struct aud_grain *grain, const struct aud_world *world,
                         const uint8_t *coin, const struct sil_bytes *model,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    struct book book = {0};
    char word[AUD_LABEL];
    SIL_TRY(book_begin(&book, world, err));
    SIL_TRY(sil_bytes_append(&text, model->data, model->length, err));
    SIL_TRY(sil_bytes_append(&text, "", 1, err));
    /* A zero byte ends it: then it was no text. */
    for (const char *p = (const char *)text.data; *p != '\0';) {
        size_t length = 0;
        while (is_letter(p[length])) {
            length++;
        }
        if (length > 0 && length < sizeof word) {
            memcpy(word, p, length);
            word[length] = '\0';
            read_name(grain, &book, coin, word, p + length);
        }
        p += length > 0 ? length : 1;
    }

cleanup:
    free(book.name);
    free(book.canary);
    sil_bytes_clear(&text);
    return status;
}

void aud_grain_judge(const struct aud_grain *grain, struct aud_game *game)
{
    static const char WHAT[] = "the last digits of noisy counts";
    const struct aud_guesses *guesses = &grain->guesses;
    if (game->is_white_box) {
        aud_find(&game->findings, "G8", WHAT, AUD_HOLDS,
                 "a transcript holds integers over a power of two, whatever the count");
        return;
    }
    if (grain->numbers == 0) {
        aud_find(
            &game->findings, "G8", WHAT, AUD_NOT_EXAMINED,
            "no number in {model} stands behind the label of a value, no list behind "
            "the name of a column");
        return;
    }
    double sure = aud_epsilon_lower(guesses, game->delta, aud_check_level(game));
    double epsilon = aud_epsilon_lower(guesses, game->delta, AUD_BOUND_LEVEL);
    aud_find(
        &game->findings, "G8", WHAT,
        sure > game->epsilon                         ? AUD_REFUTED
        : guesses->hits > 20 && guesses->alarms == 0 ? AUD_INCONCLUSIVE
                                                     : AUD_HOLDS,
        "finer than 2^-53 near zero: %" PRIu64 " of %" PRIu64 " counts of 0, %" PRIu64
        " of %" PRIu64
        " counts of 1; epsilon at least %.3f (95 %%), if noise is independent between "
        "cells",
        guesses->hits, guesses->positives, guesses->alarms, guesses->negatives,
        epsilon);
    aud_game_figure(game, "digits", "epsilon_lower", epsilon);
}
