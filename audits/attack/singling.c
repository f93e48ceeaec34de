// SPDX-License-Identifier: Apache-2.0
/* Singling out: a predicate that fits exactly one synthetic row may fit exactly one person.
 *
 * A person is isolated when some predicate fits him and nobody else of the whole pool. The
 * predicates come from the synthetic rows, and who is isolated does not depend on who was a
 * member; so under exchangeability the members among the isolated are hypergeometric, and
 * Fisher's test is exact. (Had isolation been asked of members and non-members apart, a
 * record that fits many predicates would hide everybody of its own side: persons would not
 * be independent.) */
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

struct hunt {
    const struct aud_attack *attack;
    struct aud_lots lots;
    uint16_t middle[AUD_COLUMNS_MAX];
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
static size_t count(const struct predicate *predicate, const struct aud_rows *rows,
                    size_t *which)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->n && n < MANY; i++) {
        if (fits(predicate, rows, (uint32_t)i)) {
            *which = i;
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
    size_t wanted = 1 + aud_lots_below(&hunt->lots, PARTS_MAX);
    uint32_t row = aud_lots_below(&hunt->lots, rows->n);
    for (size_t i = 0; i < wanted; i++) {
        uint32_t column = aud_lots_below(&hunt->lots, tables->n_columns);
        row = is_mixed ? aud_lots_below(&hunt->lots, rows->n) : row;
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

/* Note whom of the pool it fits, if it is one only. */
static void isolate(double *is_isolated, const struct predicate *predicate,
                    const struct aud_attack *attack)
{
    size_t member = 0;
    size_t other = 0;
    size_t n = count(predicate, &attack->tables.rows[AUD_TRAIN], &member);
    bool is_member = n > 0;
    if (n < MANY) {
        n += count(predicate, &attack->tables.rows[AUD_HOLDOUT], &other);
    }
    if (n == 1) {
        is_isolated[is_member ? member : attack->n_members + other] = 1;
    }
}

/* Of members, by as many predicates that are no rows. */
static sil_status guessed_rate(double *out, struct hunt *hunt, struct sil_error *err)
{
    const struct aud_attack *attack = hunt->attack;
    double *is_isolated = NULL;
    double sum = 0;
    sil_status status =
        sil_alloc(&is_isolated, attack->n_pool, sizeof *is_isolated, "records", err);
    for (int i = 0; status == SIL_OK && i < PREDICATES; i++) {
        struct predicate predicate = invent(hunt, true);
        isolate(is_isolated, &predicate, attack);
    }
    for (size_t i = 0; status == SIL_OK && i < attack->n_members; i++) {
        sum += is_isolated[i];
    }
    *out = sum / (double)attack->n_members;
    free(is_isolated);
    return status;
}

sil_status aud_step_singling(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct hunt hunt = {.attack = attack,
                        .lots = aud_lots(attack->seed, AUD_USE_PREDICATES)};
    const struct aud_rows *synthetic = &attack->tables.rows[AUD_SYNTHETIC];
    double *is_isolated = NULL;
    size_t who = 0;
    size_t tried = 0;
    SIL_TRY(find_middles(&hunt, err));
    SIL_TRY(
        sil_alloc(&is_isolated, attack->n_pool, sizeof *is_isolated, "records", err));
    for (int i = 0; i < ATTEMPTS && tried < PREDICATES; i++) {
        struct predicate predicate = invent(&hunt, false);
        if (count(&predicate, synthetic, &who) == 1) {
            isolate(is_isolated, &predicate, attack);
            tried++;
        }
    }
    struct aud_result *result =
        aud_new_result(attack, "singling-out", "predicates", "all");
    SIL_TRY(guessed_rate(&result->baseline, &hunt, err));
    (void)snprintf(result->detail, sizeof result->detail,
                   "%zu predicates of one to five columns that fit one synthetic row: "
                   "who is the only one of members and non-members that one fits?",
                   tried);
    SIL_TRY(aud_judge_rates(attack, result, NULL, is_isolated, attack->n_pool, err));

cleanup:
    free(is_isolated);
    return status;
}
