// SPDX-License-Identifier: Apache-2.0
#include "audits/game/world.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Kinds of people in the realistic rows, each with favourite values of its own. */
enum { KINDS = 8 };

static void draw_word(char *out, struct aud_dice *dice, unsigned syllables)
{
    static const char FIRST[] = "bdfgklmnprstvz";
    static const char SECOND[] = "aeiou";
    for (unsigned i = 0; i < syllables; i++) {
        *out++ = FIRST[aud_dice_below(dice, sizeof FIRST - 1)];
        *out++ = SECOND[aud_dice_below(dice, sizeof SECOND - 1)];
    }
    *out = '\0';
}

static int compare_labels(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether all labels of a column differ. */
static bool is_distinct(const struct aud_world *world, uint32_t column,
                        const char **sorted)
{
    const uint32_t n = world->shape.values;
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = world->label[(size_t)column * n + i];
    }
    qsort(sorted, n, sizeof *sorted, compare_labels);
    for (uint32_t i = 1; i < n; i++) {
        if (strcmp(sorted[i - 1], sorted[i]) == 0) {
            return false;
        }
    }
    return true;
}

static sil_status draw_labels(struct aud_world *world, struct aud_dice *dice,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_shape *shape = &world->shape;
    const char **sorted = NULL;
    SIL_TRY(sil_alloc(&sorted, shape->values, sizeof *sorted, "labels", err));
    for (uint32_t c = 0; c < shape->columns; c++) {
        draw_word(world->column[c], dice, 3);
        world->column[c][0] = (char)('a' + c); /* no two columns have one name */
        do {
            for (uint32_t i = 0; i < shape->values; i++) {
                draw_word(world->label[(size_t)c * shape->values + i], dice, 5);
            }
        } while (!is_distinct(world, c, sorted));
    }

cleanup:
    free(sorted);
    return status;
}

/* Values come in an order of each column's own; the first half of it is for realistic rows,
 * and canary i has the value at place i of every order. */
static void draw_rows(struct aud_world *world, uint32_t *order, struct aud_dice *dice)
{
    const struct aud_shape *shape = &world->shape;
    const uint32_t n = shape->values;
    const uint32_t common = n / 2;
    uint32_t start[KINDS];
    for (uint32_t c = 0; c < shape->columns; c++) {
        for (uint32_t i = 0; i < n; i++) {
            order[i] = i;
        }
        sil_words_shuffle(order, n, &dice->reader);
        for (uint32_t i = 0; i < n; i++) {
            world->canary[(size_t)i * shape->columns + c] = order[i];
        }
        for (size_t kind = 0; kind < KINDS; kind++) {
            start[kind] = aud_dice_below(dice, common);
        }
        for (size_t row = 0; row < shape->rows; row++) {
            double u = aud_dice_unit(dice);
            uint32_t far = (uint32_t)(u * u * u * common);
            /* The kind of a row is a function of its number: rows are put in another order
             * before anyone sees them. */
            world->base[row * shape->columns + c] =
                order[(start[row % KINDS] + far) % common];
        }
    }
}

sil_status aud_world_make(struct aud_world *out, const struct aud_shape *shape,
                          struct aud_dice *dice, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *order = NULL;
    const size_t n = (size_t)shape->columns * shape->values;
    *out = (struct aud_world){.shape = *shape};
    out->n_canaries = shape->is_pair ? shape->values / 2 : shape->values;
    SIL_TRY(sil_alloc(&out->label, n, sizeof *out->label, "labels", err));
    SIL_TRY(sil_alloc(&out->canary, n, sizeof *out->canary, "canaries", err));
    SIL_TRY(sil_alloc(&out->base, (size_t)shape->rows * shape->columns,
                      sizeof *out->base, "rows", err));
    SIL_TRY(sil_alloc(&order, shape->values, sizeof *order, "values", err));
    SIL_TRY(draw_labels(out, dice, err));
    draw_rows(out, order, dice);

cleanup:
    free(order);
    if (status != SIL_OK) {
        aud_world_clear(out);
    }
    return status;
}

void aud_world_clear(struct aud_world *world)
{
    free(world->label);
    free(world->base);
    free(world->canary);
    *world = (struct aud_world){0};
}

size_t aud_world_count(const struct aud_world *world, const uint32_t *codes,
                       uint32_t columns)
{
    const uint32_t d = world->shape.columns;
    size_t n = 0;
    for (size_t row = 0; row < world->shape.rows; row++) {
        bool agrees = true;
        for (uint32_t c = 0; c < d && agrees; c++) {
            agrees = (columns >> c & 1) == 0 || world->base[row * d + c] == codes[c];
        }
        n += agrees ? 1 : 0;
    }
    return n;
}

/* ---- as files ---- */

sil_status aud_world_schema(struct sil_bytes *out, const struct aud_world *world,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_shape *shape = &world->shape;
    SIL_TRY(sil_bytes_printf(out, err, "{\"fields\": ["));
    for (uint32_t c = 0; c < shape->columns; c++) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "%s\n  {\"name\": \"%s\", \"type\": \"string\",\n"
                                 "   \"constraints\": {\"required\": true},\n"
                                 "   \"categories\": [",
                                 c == 0 ? "" : ",", world->column[c]));
        for (uint32_t i = 0; i < shape->values; i++) {
            SIL_TRY(sil_bytes_printf(out, err, "%s\"%s\"", i == 0 ? "" : ", ",
                                     world->label[(size_t)c * shape->values + i]));
        }
        SIL_TRY(sil_bytes_printf(out, err, "]}"));
    }
    SIL_TRY(sil_bytes_printf(out, err, "\n]}\n"));

cleanup:
    return status;
}

static sil_status print_row(struct sil_bytes *out, const struct aud_world *world,
                            const uint32_t *codes, size_t person, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_shape *shape = &world->shape;
    if (shape->person != NULL) {
        SIL_TRY(sil_bytes_printf(out, err, "%zu,", person));
    }
    for (uint32_t c = 0; c < shape->columns; c++) {
        SIL_TRY(sil_bytes_printf(out, err, "%s%s",
                                 world->label[(size_t)c * shape->values + codes[c]],
                                 c + 1 == shape->columns ? "\n" : ","));
    }

cleanup:
    return status;
}

/* How often a canary that is in the table stands there. */
static uint32_t rows_of_one(const struct aud_shape *shape)
{
    return shape->copies * (shape->person == NULL ? 1 : AUD_EXCESS);
}

/* Which rows the table has: numbers below shape.rows are realistic ones, then come canaries. */
static size_t choose_rows(uint32_t *row, const struct aud_world *world,
                          const uint8_t *coin)
{
    const struct aud_shape *shape = &world->shape;
    size_t n = 0;
    for (uint32_t i = 0; i < shape->rows; i++) {
        row[n++] = i;
    }
    for (uint32_t i = 0; i < world->n_canaries; i++) {
        uint32_t which = shape->is_pair ? 2 * i + (coin[i] != 0 ? 0 : 1) : i;
        bool is_in = shape->is_pair || coin[i] != 0;
        for (uint32_t k = 0; is_in && k < rows_of_one(shape); k++) {
            row[n++] = shape->rows + which;
        }
    }
    return n;
}

static sil_status print_rows(struct sil_bytes *out, const struct aud_world *world,
                             const uint32_t *row, size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_shape *shape = &world->shape;
    if (shape->person != NULL) {
        SIL_TRY(sil_bytes_printf(out, err, "%s,", shape->person));
    }
    for (uint32_t c = 0; c < shape->columns; c++) {
        SIL_TRY(sil_bytes_printf(out, err, "%s%s", world->column[c],
                                 c + 1 == shape->columns ? "\n" : ","));
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t *codes = row[i] < shape->rows
                                    ? world->base + (size_t)row[i] * shape->columns
                                    : aud_world_canary(world, row[i] - shape->rows);
        SIL_TRY(print_row(out, world, codes, row[i], err));
    }

cleanup:
    return status;
}

sil_status aud_world_table(struct sil_bytes *out, const struct aud_world *world,
                           const uint8_t *coin, struct aud_dice *dice,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *row = NULL;
    const size_t most =
        world->shape.rows + world->n_canaries * (size_t)rows_of_one(&world->shape);
    SIL_TRY(sil_alloc(&row, most, sizeof *row, "rows", err));
    size_t n = choose_rows(row, world, coin);
    sil_words_shuffle(row, n, &dice->reader);
    SIL_TRY(print_rows(out, world, row, n, err));

cleanup:
    free(row);
    return status;
}
