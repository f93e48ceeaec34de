// SPDX-License-Identifier: Apache-2.0
/* Rows of groups that were opened value by value can be where no row may be: their groups
 * allow it, their values do not. */
#include "base/fail.h"
#include "base/memory.h"
#include "synth/zeros.h"

#include <stdlib.h>

/* Tries of a row: one value anew in its group, all of a table's, one of another row, all of a
 * table's, all that tables name. */
enum { VALUES = 64, GROUPS = 64, CELLS = 64, TABLES = 64, ROWS = 256 };

struct worker {
    struct sil_codes *codes;
    const struct sil_domain *domain;
    const struct sil_grouping *of;
    const double *const *column;
    struct sil_word_reader reader;
    uint32_t *now;   ///< codes of the row, by attribute
    uint32_t *trial; ///< the same, changed
    bool *is_named;  ///< of each attribute: by some table
};

static bool is_in(const struct sil_zero_table *table, const struct sil_domain *domain,
                  const uint32_t *codes)
{
    size_t cell = 0;
    for (uint32_t k = 0; k < table->clique.n; k++) {
        uint32_t attr = table->clique.attr[k];
        cell = cell * domain->sizes[attr] + codes[attr];
    }
    return table->allowed[cell] == 0;
}

/* The first table that has a zero there; NULL: none has. */
static const struct sil_zero_table *find_zero(const struct worker *w,
                                              const uint32_t *codes)
{
    const struct sil_zeros *zeros = w->domain->zeros;
    for (size_t i = 0; i < zeros->n; i++) {
        if (is_in(&zeros->table[i], w->domain, codes)) {
            return &zeros->table[i];
        }
    }
    return NULL;
}

/* A value of the same group, in proportion to the column. */
static uint32_t draw_value(struct worker *w, uint32_t attr, uint32_t code)
{
    const struct sil_grouping *of = &w->of[attr];
    uint32_t group = sil_group_of(of, code);
    double all = 0;
    for (uint32_t v = 0; v < of->n_values; v++) {
        all += sil_group_of(of, v) == group ? w->column[attr][v] : 0;
    }
    double wanted = sil_word_unit(&w->reader) * all;
    double reached = 0;
    for (uint32_t v = 0; v < of->n_values; v++) {
        reached += sil_group_of(of, v) == group ? w->column[attr][v] : 0;
        if (reached > wanted) {
            return v;
        }
    }
    return code;
}

static void change(struct worker *w, const struct sil_zero_table *table, int t)
{
    const struct sil_clique *clique = &table->clique;
    uint32_t chosen = clique->attr[sil_word_below(&w->reader, clique->n)];
    size_t donor = sil_word_below(&w->reader, w->codes->n_rows);
    for (uint32_t a = 0; a < w->domain->n_attrs; a++) {
        w->trial[a] = w->now[a];
        bool is_of_table = sil_clique_has(clique, a);
        if (t < VALUES ? a == chosen : t < VALUES + GROUPS && is_of_table) {
            w->trial[a] = draw_value(w, a, w->now[a]);
        } else if (t >= VALUES + GROUPS) {
            int rest = t - VALUES - GROUPS;
            bool is_taken = rest < CELLS            ? a == chosen
                            : rest < CELLS + TABLES ? is_of_table
                                                    : w->is_named[a];
            w->trial[a] = is_taken ? sil_codes_get(w->codes, a, donor) : w->now[a];
        }
    }
}

/* A row that stays where it is is met again when all rows are drawn. */
static void mend(struct worker *w, size_t row)
{
    for (uint32_t a = 0; a < w->domain->n_attrs; a++) {
        w->now[a] = sil_codes_get(w->codes, a, row);
    }
    const struct sil_zero_table *zero = find_zero(w, w->now);
    bool is_mended = zero == NULL;
    for (int t = 0; !is_mended && t < VALUES + GROUPS + CELLS + TABLES + ROWS; t++) {
        change(w, zero, t);
        is_mended = find_zero(w, w->trial) == NULL;
    }
    for (uint32_t a = 0; zero != NULL && is_mended && a < w->domain->n_attrs; a++) {
        sil_codes_set(w->codes, a, row, w->trial[a]);
    }
}

sil_status sil_leave_zeros(struct sil_codes *codes, const struct sil_domain *domain,
                           const struct sil_grouping *of, const double *const *column,
                           struct sil_words words, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct worker w = {.codes = codes,
                       .domain = domain,
                       .of = of,
                       .column = column,
                       .reader =
                           sil_word_reader(words, SIL_STREAM(SIL_STREAM_RULES, 1))};
    if (domain->zeros == NULL || domain->zeros->n == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_alloc(&w.now, domain->n_attrs, sizeof *w.now, "the rows", err));
    SIL_TRY(sil_alloc(&w.trial, domain->n_attrs, sizeof *w.trial, "the rows", err));
    SIL_TRY(
        sil_alloc(&w.is_named, domain->n_attrs, sizeof *w.is_named, "the rows", err));
    for (size_t i = 0; i < domain->zeros->n; i++) {
        const struct sil_clique *clique = &domain->zeros->table[i].clique;
        for (uint32_t k = 0; k < clique->n; k++) {
            w.is_named[clique->attr[k]] = true;
        }
    }
    for (size_t row = 0; row < codes->n_rows; row++) {
        mend(&w, row);
    }

cleanup:
    free(w.now);
    free(w.trial);
    free(w.is_named);
    return status;
}
