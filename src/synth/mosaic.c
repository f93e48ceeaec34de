// SPDX-License-Identifier: Apache-2.0
#include "synth/mosaic.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"
#include "synth/release.h"
#include "synth/run.h"

#include <stdlib.h>
#include <string.h>

/* ---- opening and closing ---- */

static sil_status list_tables(struct sil_mosaic *m, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_clique_list *candidates = &m->terms->workload.candidates;
    SIL_TRY(sil_alloc(&m->cliques, m->domain.n_attrs + candidates->n,
                      sizeof *m->cliques, "tables", err));
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        m->cliques[m->n_cliques++] = sil_clique_single(a);
    }
    for (size_t i = 0; i < candidates->n; i++) {
        if (candidates->item[i].clique.n > 1) {
            m->cliques[m->n_cliques++] = candidates->item[i].clique;
        }
    }
cleanup:
    return status;
}

static sil_status column_init(struct sil_mosaic_column *c, uint32_t n_values,
                              const struct sil_field *field, struct sil_error *err)
{
    sil_status status = SIL_OK;
    c->column.n_values = n_values;
    c->column.n_ordered = sil_field_ordered_cells(field);
    SIL_TRY(sil_alloc(&c->y, n_values, sizeof *c->y, "a column", err));
    SIL_TRY(sil_alloc(&c->p, n_values, sizeof *c->p, "a column", err));
    SIL_TRY(sil_alloc(&c->tilt, n_values, sizeof *c->tilt, "a column", err));
    SIL_TRY(sil_alloc(&c->mass, n_values, sizeof *c->mass, "a column", err));
cleanup:
    return status;
}

sil_status sil_mosaic_new(struct sil_mosaic **out, const struct sil_terms *terms,
                          const struct sil_schema *schema, unsigned n_threads,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mosaic *m = NULL;
    uint32_t d = sil_schema_n_fields(schema);
    *out = NULL;
    SIL_TRY(sil_alloc(&m, 1, sizeof *m, "the model", err));
    m->terms = terms;
    m->n_threads = n_threads;
    SIL_TRY(sil_rule_zeros_new(&m->zeros, terms, schema, err));
    m->domain = sil_domain_with(schema, m->zeros);
    sil_mosaic_settings(&m->settings, terms, d);
    m->again = (struct sil_fraction){0, 1};
    SIL_TRY(sil_alloc(&m->columns, d, sizeof *m->columns, "columns", err));
    SIL_TRY(sil_alloc(&m->sizes, d, sizeof *m->sizes, "columns", err));
    SIL_TRY(sil_alloc(&m->of, d, sizeof *m->of, "columns", err));
    SIL_TRY(sil_alloc((void *)&m->p, d, sizeof *m->p, "columns", err));
    m->groups = (struct sil_domain){.n_attrs = d, .sizes = m->sizes};
    if (m->zeros != NULL) {
        SIL_TRY(sil_group_zeros_new(&m->group_zeros, &m->domain, err));
        m->groups.zeros = &m->group_zeros;
    }
    for (uint32_t a = 0; a < d; a++) {
        SIL_TRY(column_init(&m->columns[a], m->domain.sizes[a],
                            sil_schema_field(schema, a), err));
        m->columns[a].column.is_averaged = terms->replay >= 3;
        m->p[a] = m->columns[a].p;
    }
    SIL_TRY(list_tables(m, err));
    *out = m;
    m = NULL;
cleanup:
    sil_mosaic_free(m);
    return status;
}

void sil_mosaic_free(struct sil_mosaic *m)
{
    if (m == NULL) {
        return;
    }
    for (uint32_t a = 0; a < m->domain.n_attrs && m->columns != NULL; a++) {
        struct sil_mosaic_column *c = &m->columns[a];
        sil_levels_clear(&c->levels);
        free(c->y);
        free(c->weight);
        free(c->p);
        free(c->tilt);
        free(c->mass);
    }
    for (size_t i = 0; i < m->n_tiles; i++) {
        free(m->tiles[i].y);
        free(m->tiles[i].theta);
    }
    free(m->columns);
    free(m->sizes);
    free(m->of);
    free((void *)m->p);
    free(m->tiles);
    free(m->cliques);
    sil_gm_free(m->gm);
    sil_local_free(m->tables);
    sil_zeros_clear(&m->group_zeros);
    sil_rule_zeros_free(m->zeros);
    free(m);
}

void sil_mosaic_regroup_zeros(struct sil_mosaic *m)
{
    if (m->zeros != NULL) {
        sil_group_zeros_fill(&m->group_zeros, &m->domain, m->of);
    }
}

static sil_status foreign(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "not the lines of a run of mosaic: %s", what);
}

static double value_of(const struct sil_release *line, size_t i)
{
    return (double)line->noisy[i] / (double)(UINT64_C(1) << line->shift);
}

size_t sil_mosaic_table(const struct sil_mosaic *m, const struct sil_clique *clique)
{
    size_t low = 0;
    size_t high = m->n_cliques;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sil_clique_compare(&m->cliques[middle], clique);
        if (order == 0) {
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return m->n_cliques;
}

/* ---- phase 1 ---- */

/* The inverse-variance estimate of the rows: each column's sum has the variance of one
 * cell times their number. */
static double estimate_rows(const struct sil_mosaic *m)
{
    double precision = 0;
    double weighted = 0;
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        const struct sil_mosaic_column *c = &m->columns[a];
        double weight = 1 / (c->column.variance * (double)c->column.n_values);
        double sum = 0;
        for (uint32_t v = 0; v < c->column.n_values; v++) {
            sum += c->y[v];
        }
        precision += weight;
        weighted += weight * sum;
    }
    return weighted / precision;
}

/* The column cleaned, with what was kept of it. */
static sil_status clean(struct sil_mosaic *m, uint32_t a, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mosaic_column *c = &m->columns[a];
    const struct sil_kept *kept = sil_kept_of(m->kept, a);
    uint32_t n = c->column.n_values;
    double *y = NULL;
    SIL_TRY(sil_alloc(&y, n, sizeof *y, "a column", err));
    (void)memcpy(y, c->y, n * sizeof *y);
    if (kept != NULL) {
        free(c->weight);
        SIL_TRY(sil_alloc(&c->weight, n, sizeof *c->weight, "a column", err));
        for (uint32_t v = 0; v < n; v++) {
            c->weight[v] = 1;
        }
        sil_kept_join(y, c->weight, c->column.variance, kept);
    }
    SIL_TRY(sil_column_clean(c->p, y, c->weight, &c->column, m->total, err));
cleanup:
    free(y);
    return status;
}

/* The model's groups of a column: their numbers and the sums of the cleaned column. */
static void use_level(struct sil_mosaic *m, uint32_t a, uint8_t level)
{
    struct sil_mosaic_column *c = &m->columns[a];
    c->in_use = level;
    m->of[a] = c->levels.level[level];
    m->sizes[a] = m->of[a].n_groups;
    sil_grouped_sum(c->mass, c->p, &m->of[a], 1);
}

/* Groups of values that rules treat alike, so that the model can have the rules' zeros. */
static sil_status split_levels(struct sil_mosaic *m, uint32_t a, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *class = NULL;
    uint32_t n_classes = 0;
    SIL_TRY(sil_alloc(&class, m->domain.sizes[a], sizeof *class, "a column", err));
    SIL_TRY(sil_zero_classes(class, &n_classes, &m->domain, a, err));
    if (n_classes > 1) {
        SIL_TRY(sil_levels_split(&m->columns[a].levels, class, n_classes, err));
    }
cleanup:
    free(class);
    return status;
}

static sil_status find_levels(struct sil_mosaic *m, uint32_t a, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mosaic_column *c = &m->columns[a];
    const int64_t most = (INT64_C(1) << 62) / c->column.n_values;
    int64_t *mass = NULL;
    SIL_TRY(sil_alloc(&mass, c->column.n_values, sizeof *mass, "a column", err));
    for (uint32_t v = 0; v < c->column.n_values; v++) {
        int64_t frozen = sil_freeze(c->p[v]);
        mass[v] = frozen < most ? frozen : most; /* so that their sum is a number */
    }
    SIL_TRY(sil_levels_init(&c->levels, mass, &c->column, m->settings.part,
                            m->settings.n_parts, err));
    if (m->zeros != NULL) {
        SIL_TRY(split_levels(m, a, err));
    }
    use_level(m, a, (uint8_t)(c->levels.n - 1));
cleanup:
    free(mass);
    return status;
}

static bool are_columns(const struct sil_mosaic *m,
                        const struct sil_release *const *lines)
{
    bool are = true;
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        are = are && lines[a]->kind == SIL_RELEASE_MEASURE && lines[a]->clique.n == 1 &&
              lines[a]->clique.attr[0] == a && lines[a]->of == NULL;
    }
    return are;
}

/* All that is known of the columns is known: rows, cleaned columns, levels. */
static sil_status settle(struct sil_mosaic *m, struct sil_error *err)
{
    sil_status status = SIL_OK;
    m->rows = estimate_rows(m);
    bool has_rows = m->rows >= 1;
    m->total = has_rows ? m->rows : 1;
    m->has_columns_only = !has_rows || m->terms->workload.candidates.n == 0;
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        SIL_TRY(clean(m, a, err));
        SIL_TRY(find_levels(m, a, err));
    }
cleanup:
    return status;
}

sil_status sil_mosaic_begin(struct sil_mosaic *m,
                            const struct sil_release *const *lines,
                            struct sil_error *err)
{
    if (!are_columns(m, lines)) {
        return foreign(err, "its first lines do not measure the columns");
    }
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        struct sil_mosaic_column *c = &m->columns[a];
        c->column.variance = sil_variance(&lines[a]->sigma2);
        for (uint32_t v = 0; v < c->column.n_values; v++) {
            c->y[v] = value_of(lines[a], v);
        }
    }
    double rows = estimate_rows(m);
    if (rows >= 1 && m->terms->workload.candidates.n > 0) {
        sil_mosaic_again(&m->again, &m->settings, m->terms, rows);
    }
    return m->again.numerator > 0 ? SIL_OK : settle(m, err);
}

/* Average a further measurement of a column with what there was. */
static void join_column(struct sil_mosaic_column *c, const struct sil_release *line)
{
    double variance = sil_variance(&line->sigma2);
    double share = c->column.variance / (c->column.variance + variance);
    for (uint32_t v = 0; v < c->column.n_values; v++) {
        c->y[v] += share * (value_of(line, v) - c->y[v]);
    }
    c->column.variance *= 1 - share;
}

sil_status sil_mosaic_begin_again(struct sil_mosaic *m,
                                  const struct sil_release *const *lines,
                                  struct sil_error *err)
{
    if (!are_columns(m, lines)) {
        return foreign(err, "its columns are not measured again");
    }
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        join_column(&m->columns[a], lines[a]);
    }
    return settle(m, err);
}

size_t sil_mosaic_n_first(const struct sil_mosaic *m)
{
    return (size_t)m->domain.n_attrs * (m->again.numerator > 0 ? 2 : 1);
}

/* ---- phase 2 ---- */

/* A further measurement of a column: joined with what there was, and cleaned again. The
 * levels stay. */
static sil_status note_column(struct sil_mosaic *m, const struct sil_release *line,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mosaic_column *c = &m->columns[line->clique.attr[0]];
    if (line->of != NULL) {
        return foreign(err, "a column measured in groups");
    }
    join_column(c, line);
    SIL_TRY(clean(m, line->clique.attr[0], err));
    use_level(m, line->clique.attr[0], c->in_use);
cleanup:
    return status;
}

/* The levels of a line's groupings. */
static sil_status find_line_levels(uint8_t *level, const struct sil_mosaic *m,
                                   const struct sil_release *line,
                                   struct sil_error *err)
{
    if (line->clique.n > SIL_MOSAIC_ATTRS) {
        return foreign(err, "a marginal of too many columns");
    }
    for (uint32_t k = 0; k < line->clique.n; k++) {
        const struct sil_levels *levels = &m->columns[line->clique.attr[k]].levels;
        uint8_t at = 0;
        while (line->of != NULL && at < levels->n &&
               !sil_groupings_equal(&line->of[k], &levels->level[at], 1)) {
            at++;
        }
        if (at == levels->n) {
            return foreign(err, "groups that do not follow from its columns");
        }
        level[k] = at;
    }
    return SIL_OK;
}

static struct sil_mosaic_tile *find_tile(struct sil_mosaic *m,
                                         const struct sil_clique *clique,
                                         const uint8_t *level)
{
    for (size_t i = 0; i < m->n_tiles; i++) {
        struct sil_mosaic_tile *t = &m->tiles[i];
        if (sil_clique_compare(&t->clique, clique) == 0 &&
            memcmp(t->level, level, clique->n) == 0) {
            return t;
        }
    }
    return NULL;
}

static sil_status add_tile(struct sil_mosaic *m, const struct sil_release *line,
                           const uint8_t *level, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graph *graph = NULL;
    struct sil_mosaic_tile tile = {.clique = line->clique,
                                   .n_cells = line->n_cells,
                                   .variance = sil_variance(&line->sigma2)};
    SIL_TRY(sil_mosaic_graph(&graph, m, err));
    if (!sil_mosaic_has_room(m, graph, &line->clique, level,
                             sil_model_cells_max(m->terms))) {
        goto cleanup;
    }
    SIL_TRY(sil_grow(&m->tiles, &m->tiles_capacity, m->n_tiles + 1, sizeof *m->tiles,
                     "measurements", err));
    SIL_TRY(sil_alloc(&tile.y, tile.n_cells, sizeof *tile.y, "a measurement", err));
    SIL_TRY(
        sil_alloc(&tile.theta, tile.n_cells, sizeof *tile.theta, "a measurement", err));
    for (uint32_t k = 0; k < tile.clique.n; k++) {
        uint32_t a = tile.clique.attr[k];
        tile.level[k] = level[k];
        if (level[k] < m->columns[a].in_use) {
            use_level(m, a, level[k]);
        }
    }
    for (size_t i = 0; i < tile.n_cells; i++) {
        tile.y[i] = value_of(line, i);
    }
    m->tiles[m->n_tiles++] = tile;
    tile = (struct sil_mosaic_tile){0};
cleanup:
    sil_graph_free(graph);
    free(tile.y);
    free(tile.theta);
    return status;
}

sil_status sil_mosaic_note(struct sil_mosaic *m, const struct sil_release *line,
                           struct sil_error *err)
{
    uint8_t level[SIL_MOSAIC_ATTRS];
    if (line->clique.n == 1) {
        return note_column(m, line, err);
    }
    if (sil_mosaic_table(m, &line->clique) == m->n_cliques) {
        return foreign(err, "a marginal that has no table");
    }
    sil_status status = find_line_levels(level, m, line, err);
    if (status != SIL_OK) {
        return status;
    }
    struct sil_mosaic_tile *tile = find_tile(m, &line->clique, level);
    if (tile == NULL) {
        return add_tile(m, line, level, err);
    }
    double variance = sil_variance(&line->sigma2);
    double share = tile->variance / (tile->variance + variance);
    for (size_t i = 0; i < tile->n_cells; i++) {
        tile->y[i] += share * (value_of(line, i) - tile->y[i]);
    }
    tile->variance *= 1 - share;
    return SIL_OK;
}

/* ---- phase 3 ---- */

sil_status sil_mosaic_fill_some(struct sil_mosaic *m, const bool *wanted,
                                struct sil_error *err)
{
    if (m->tables != NULL) {
        return sil_local_refill(m->tables, wanted, m->gm, m->of, m->p, err);
    }
    return sil_local_new(&m->tables, &m->domain, m->cliques, m->n_cliques, m->gm, m->of,
                         m->p, m->n_threads, err);
}

sil_status sil_mosaic_fill(struct sil_mosaic *m, struct sil_error *err)
{
    return sil_mosaic_fill_some(m, NULL, err);
}

sil_status sil_mosaic_learn(struct sil_mosaic *m, const struct sil_release *line,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t level[SIL_MOSAIC_ATTRS];
    double *y = NULL;
    size_t table = sil_mosaic_table(m, &line->clique);
    if (table == m->n_cliques) {
        return foreign(err, "a marginal that has no table");
    }
    SIL_TRY(find_line_levels(level, m, line, err));
    if (line->clique.n == 1) {
        SIL_TRY(note_column(m, line, err));
    }
    SIL_TRY(sil_alloc(&y, line->n_cells, sizeof *y, "a measurement", err));
    for (size_t i = 0; i < line->n_cells; i++) {
        y[i] = value_of(line, i);
    }
    SIL_TRY(sil_local_learn(m->tables, table, line->of, y, sil_variance(&line->sigma2),
                            m->terms->replay >= 3, err));
cleanup:
    free(y);
    return status;
}

/* ---- a whole transcript ---- */

/* A run whose columns told of less than one row has no rounds; what was left went to the
 * columns again. Otherwise the last lines are those of phase 3, two a round. */
size_t sil_mosaic_first_late(const struct sil_mosaic *m, size_t n)
{
    size_t late = 2 * (size_t)m->settings.late_rounds;
    size_t first = sil_mosaic_n_first(m);
    return m->has_columns_only || n - first < late ? n : n - late;
}

static sil_status check_round(const struct sil_release *choice,
                              const struct sil_release *measured, struct sil_error *err)
{
    bool is_round = choice->kind == SIL_RELEASE_SELECT &&
                    measured->kind == SIL_RELEASE_MEASURE &&
                    sil_clique_compare(&choice->clique, &measured->clique) == 0 &&
                    sil_groupings_equal(choice->of, measured->of, choice->clique.n);
    return is_round ? SIL_OK : foreign(err, "what is measured is not what was chosen");
}

static sil_status read_columns(struct sil_mosaic *m, const struct sil_release *lines,
                               size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_release **first = NULL;
    uint32_t d = m->domain.n_attrs;
    if (n < d) {
        return foreign(err, "too few");
    }
    SIL_TRY(
        sil_alloc((void *)&first, 2 * (size_t)d, sizeof(void *), "the columns", err));
    for (size_t i = 0; i < 2 * (size_t)d && i < n; i++) {
        first[i] = &lines[i];
    }
    SIL_TRY(sil_mosaic_begin(m, first, err));
    if (n < sil_mosaic_n_first(m)) {
        status = foreign(err, "too few");
    } else if (m->again.numerator > 0) {
        status = sil_mosaic_begin_again(m, first + d, err);
    }
cleanup:
    free((void *)first);
    return status;
}

sil_status sil_mosaic_read(struct sil_mosaic *m, const struct sil_release *lines,
                           size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(read_columns(m, lines, n, err));
    SIL_TRY(sil_mosaic_check_costs(m, lines, n, err));
    size_t end = sil_mosaic_first_late(m, n);
    for (size_t i = sil_mosaic_n_first(m); i < end; i += m->has_columns_only ? 1 : 2) {
        const struct sil_release *measured = &lines[i];
        if (!m->has_columns_only) {
            measured++;
            if (i + 1 == end) {
                return foreign(err, "its last round is half a round");
            }
            SIL_TRY(check_round(&lines[i], measured, err));
        } else if (measured->kind != SIL_RELEASE_MEASURE || measured->clique.n != 1) {
            return foreign(err, "a run of columns only measures others");
        }
        SIL_TRY(sil_mosaic_note(m, measured, err));
    }
    sil_mosaic_regroup_zeros(m);
cleanup:
    return status;
}

void sil_mosaic_take(struct sil_mosaic *m, struct sil_graphical_model *gm)
{
    sil_gm_free(m->gm);
    m->gm = gm;
    m->is_taken = true;
}

sil_status sil_mosaic_finish(struct sil_mosaic *m, const struct sil_release *lines,
                             size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mosaic_fill(m, err));
    for (size_t i = sil_mosaic_first_late(m, n); i + 1 < n; i += 2) {
        SIL_TRY(check_round(&lines[i], &lines[i + 1], err));
        SIL_TRY(sil_mosaic_learn(m, &lines[i + 1], err));
    }
cleanup:
    return status;
}
