// SPDX-License-Identifier: Apache-2.0
/* Singling out: a predicate that fits exactly one synthetic row may fit exactly one person.
 *
 * The predicates are tried on equally many members and non-members. A person counts once,
 * whichever predicates isolate him: then predicates that isolate on one side only are of
 * different persons, and under exchangeability each is of a member with probability one
 * half (McNemar). */
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

enum { PREDICATES = 2000, ATTEMPTS = 100000, PARTS_MAX = 5, MANY = 2 };

struct part {
    uint32_t column;

    enum { IS, AT_LEAST, AT_MOST } how;

    uint16_t code;
};

struct predicate {
    struct part part[PARTS_MAX];
    size_t n;
};

/* Rows of one side, and who of them has been isolated before. */
struct side {
    const struct aud_rows *rows;
    uint32_t *list; ///< NULL: all rows
    size_t n;
    bool *is_known;
};

struct hunt {
    const struct aud_attack *attack;
    struct aud_dice dice;
    uint16_t middle[AUD_COLUMNS_MAX];
    struct side side[AUD_WHICH];
};

static bool fits(const struct predicate *predicate, const struct aud_rows *rows,
                 uint32_t row)
{
    for (size_t i = 0; i < predicate->n; i++) {
        const struct part *part = &predicate->part[i];
        uint16_t code = rows->code[part->column][row];
        bool is_number = code <= AUD_GRID;
        bool is = part->how == IS         ? code == part->code
                  : part->how == AT_LEAST ? is_number && code >= part->code
                                          : is_number && code <= part->code;
        if (!is) {
            return false;
        }
    }
    return true;
}

/* How many rows fit, up to MANY, and the last of them. */
static size_t count(const struct predicate *predicate, const struct side *side,
                    uint32_t *which)
{
    size_t n = 0;
    for (size_t i = 0; i < side->n && n < MANY; i++) {
        uint32_t row = side->list != NULL ? side->list[i] : (uint32_t)i;
        if (fits(predicate, side->rows, row)) {
            *which = row;
            n++;
        }
    }
    return n;
}

static int compare_codes(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

static sil_status find_middles(struct hunt *hunt, struct sil_error *err)
{
    uint16_t *list = NULL;
    const struct aud_rows *rows = &hunt->attack->tables.rows[AUD_SYNTHETIC];
    sil_status status = sil_alloc(&list, rows->n, sizeof *list, "a column", err);
    for (size_t i = 0; status == SIL_OK && i < hunt->attack->tables.n_columns; i++) {
        for (size_t row = 0; row < rows->n; row++) {
            list[row] = rows->code[i][row];
        }
        qsort(list, rows->n, sizeof *list, compare_codes);
        hunt->middle[i] = list[rows->n / 2];
    }
    free(list);
    return status;
}

/* One to five columns of a synthetic row; with `is_mixed` each of another row, which is what
 * somebody could guess who knows single columns only. */
static struct predicate invent(struct hunt *hunt, bool is_mixed)
{
    struct predicate out = {.n = 0};
    const struct aud_tables *tables = &hunt->attack->tables;
    const struct aud_rows *rows = &tables->rows[AUD_SYNTHETIC];
    size_t wanted = 1 + aud_dice_below(&hunt->dice, PARTS_MAX);
    uint32_t row = aud_dice_below(&hunt->dice, rows->n);
    for (size_t i = 0; i < wanted; i++) {
        uint32_t column = aud_dice_below(&hunt->dice, tables->n_columns);
        row = is_mixed ? aud_dice_below(&hunt->dice, rows->n) : row;
        uint16_t code = rows->code[column][row];
        struct part part = {column, IS, code};
        if (tables->column[column].is_ordered && code <= AUD_GRID) {
            part.how = code > hunt->middle[column] ? AT_LEAST : AT_MOST;
        }
        bool is_new = true;
        for (size_t k = 0; k < out.n; k++) {
            is_new = is_new && out.part[k].column != column;
        }
        if (is_new) {
            out.part[out.n++] = part;
        }
    }
    return out;
}

static bool isolates(const struct predicate *predicate, struct side *side)
{
    uint32_t who = 0;
    if (count(predicate, side, &who) != 1 || side->is_known[who]) {
        return false;
    }
    side->is_known[who] = true;
    return true;
}

static sil_status prepare(struct hunt *hunt, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_rows *rows = hunt->attack->tables.rows;
    const size_t a = rows[AUD_TRAIN].n;
    const size_t b = rows[AUD_HOLDOUT].n;
    hunt->dice = aud_dice(hunt->attack->seed, AUD_USE_PREDICATES);
    hunt->side[AUD_SYNTHETIC] =
        (struct side){.rows = &rows[AUD_SYNTHETIC], .n = rows[AUD_SYNTHETIC].n};
    for (int t = AUD_TRAIN; t <= AUD_HOLDOUT; t++) {
        struct side *side = &hunt->side[t];
        *side = (struct side){.rows = &rows[t], .n = a < b ? a : b};
        SIL_TRY(aud_random_order(&side->list, rows[t].n, &hunt->dice, err));
        SIL_TRY(sil_alloc(&side->is_known, rows[t].n, sizeof(bool), "records", err));
    }
    SIL_TRY(find_middles(hunt, err));

cleanup:
    return status;
}

/* On one side, without the others' memory of who is known. */
static double guessed_rate(struct hunt *hunt)
{
    size_t hits = 0;
    uint32_t who = 0;
    for (int i = 0; i < PREDICATES; i++) {
        struct predicate predicate = invent(hunt, true);
        hits += count(&predicate, &hunt->side[AUD_TRAIN], &who) == 1;
    }
    return (double)hits / PREDICATES;
}

sil_status aud_step_singling(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct hunt hunt = {.attack = attack};
    uint64_t only[2] = {0, 0};
    uint32_t who = 0;
    SIL_TRY(prepare(&hunt, err));
    struct aud_result *result =
        aud_new_result(attack, "singling-out", "predicates", "all");
    for (int i = 0; i < ATTEMPTS && result->members < PREDICATES; i++) {
        struct predicate predicate = invent(&hunt, false);
        if (count(&predicate, &hunt.side[AUD_SYNTHETIC], &who) == 1) {
            bool is_member = isolates(&predicate, &hunt.side[AUD_TRAIN]);
            bool is_other = isolates(&predicate, &hunt.side[AUD_HOLDOUT]);
            result->members++;
            result->hits += is_member;
            result->alarms += is_other;
            only[0] += is_member && !is_other;
            only[1] += is_other && !is_member;
        }
    }
    result->non_members = result->members;
    result->baseline = guessed_rate(&hunt);
    aud_judge_tries(attack, result);
    result->p = aud_mcnemar(only[0], only[1]);
    (void)snprintf(
        result->detail, sizeof result->detail,
        "predicates of one to five columns that fit one synthetic row, tried on "
        "%zu members and as many non-members; %llu isolate a member only, %llu a "
        "non-member only",
        hunt.side[AUD_TRAIN].n, (unsigned long long)only[0],
        (unsigned long long)only[1]);

cleanup:
    for (int t = 0; t < AUD_WHICH; t++) {
        free(hunt.side[t].list);
        free(hunt.side[t].is_known);
    }
    return status;
}
