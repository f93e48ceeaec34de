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

/* Of all rows together: so many a row on the whole, and some more. A transcript may be
 * anybody's. */
enum { TRIES_A_ROW = 64, TRIES_MORE = 1 << 17 };

/* The values of an attribute by their groups, so that a try need not read them all. */
struct by_group {
    size_t *first;   ///< of each group, and the end
    uint32_t *value; ///< of a group in ascending order
    double *reached; ///< weight of the group's values up to this one
};

struct worker {
    struct sil_codes *codes;
    const struct sil_domain *domain;
    const struct sil_grouping *of;
    struct by_group *by_group; ///< of attributes that some table names
    struct sil_word_reader reader;
    uint64_t n_tries;
    uint32_t *now;   ///< codes of the row, by attribute
    uint32_t *trial; ///< the same, changed
    bool *is_named;  ///< of each attribute: by some table
};

static sil_status sort_values(struct by_group *out, const struct sil_grouping *of,
                              const double *column, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&out->first, (size_t)of->n_groups + 1, sizeof *out->first,
                      "the rows", err));
    SIL_TRY(sil_alloc(&out->value, of->n_values, sizeof *out->value, "the rows", err));
    SIL_TRY(
        sil_alloc(&out->reached, of->n_values, sizeof *out->reached, "the rows", err));
    for (uint32_t v = 0; v < of->n_values; v++) {
        out->first[sil_group_of(of, v) + 1]++;
    }
    for (uint32_t g = 0; g < of->n_groups; g++) {
        out->first[g + 1] += out->first[g];
    }
    /* Each group's first moves to its end as it fills, which is the next one's first. */
    for (uint32_t v = 0; v < of->n_values; v++) {
        out->value[out->first[sil_group_of(of, v)]++] = v;
    }
    for (uint32_t g = of->n_groups; g > 0; g--) {
        out->first[g] = out->first[g - 1];
    }
    out->first[0] = 0;
    for (uint32_t g = 0; g < of->n_groups; g++) {
        double all = 0;
        for (size_t i = out->first[g]; i < out->first[g + 1]; i++) {
            all += column[out->value[i]];
            out->reached[i] = all;
        }
    }

cleanup:
    return status;
}

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
    const struct by_group *by = &w->by_group[attr];
    uint32_t group = sil_group_of(&w->of[attr], code);
    size_t low = by->first[group];
    size_t end = by->first[group + 1];
    size_t high = end;
    double wanted = sil_word_unit(&w->reader) * by->reached[end - 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by->reached[middle] > wanted) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low < end ? by->value[low] : code;
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
    uint64_t most = (uint64_t)TRIES_A_ROW * w->codes->n_rows + TRIES_MORE;
    for (uint32_t a = 0; a < w->domain->n_attrs; a++) {
        w->now[a] = sil_codes_get(w->codes, a, row);
    }
    const struct sil_zero_table *zero = find_zero(w, w->now);
    bool is_mended = zero == NULL;
    int n = w->n_tries < most ? VALUES + GROUPS + CELLS + TABLES + ROWS : 0;
    for (int t = 0; !is_mended && t < n; t++) {
        w->n_tries++;
        change(w, zero, t);
        is_mended = find_zero(w, w->trial) == NULL;
    }
    for (uint32_t a = 0; zero != NULL && is_mended && a < w->domain->n_attrs; a++) {
        sil_codes_set(w->codes, a, row, w->trial[a]);
    }
}

static sil_status prepare(struct worker *w, const double *const *column,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = w->domain->n_attrs;
    SIL_TRY(sil_alloc(&w->now, n, sizeof *w->now, "the rows", err));
    SIL_TRY(sil_alloc(&w->trial, n, sizeof *w->trial, "the rows", err));
    SIL_TRY(sil_alloc(&w->is_named, n, sizeof *w->is_named, "the rows", err));
    SIL_TRY(sil_alloc(&w->by_group, n, sizeof *w->by_group, "the rows", err));
    for (size_t i = 0; i < w->domain->zeros->n; i++) {
        const struct sil_clique *clique = &w->domain->zeros->table[i].clique;
        for (uint32_t k = 0; k < clique->n; k++) {
            w->is_named[clique->attr[k]] = true;
        }
    }
    for (uint32_t a = 0; a < n; a++) {
        if (w->is_named[a]) {
            SIL_TRY(sort_values(&w->by_group[a], &w->of[a], column[a], err));
        }
    }

cleanup:
    return status;
}

static void clear(struct worker *w)
{
    for (uint32_t a = 0; w->by_group != NULL && a < w->domain->n_attrs; a++) {
        free(w->by_group[a].first);
        free(w->by_group[a].value);
        free(w->by_group[a].reached);
    }
    free(w->by_group);
    free(w->now);
    free(w->trial);
    free(w->is_named);
}

sil_status sil_leave_zeros(struct sil_codes *codes, const struct sil_domain *domain,
                           const struct sil_grouping *of, const double *const *column,
                           struct sil_words words, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct worker w = {.codes = codes,
                       .domain = domain,
                       .of = of,
                       .reader =
                           sil_word_reader(words, SIL_STREAM(SIL_STREAM_RULES, 1))};
    if (domain->zeros == NULL || domain->zeros->n == 0) {
        return SIL_OK;
    }
    SIL_TRY(prepare(&w, column, err));
    for (size_t row = 0; row < codes->n_rows; row++) {
        mend(&w, row);
    }

cleanup:
    clear(&w);
    return status;
}
