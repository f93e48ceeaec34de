// SPDX-License-Identifier: Apache-2.0
#include "synth/zeros.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/graphical_model.h"
#include "table/rules.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "the rules";

/* A schema may be anybody's. */
static const uint64_t WORK_MAX = (uint64_t)1 << 31;

struct builder {
    const struct sil_rules *rules;
    const struct sil_terms *terms;
    struct sil_domain domain;
    struct sil_rule_zeros *out;
    uint64_t n_cells; ///< of all tables
    uint64_t work;    ///< nodes of conditions that were looked at for them
};

/* Columns of one cell are in no clique of two or more. */
static struct sil_clique clique_of(const struct builder *b, const struct sil_rule *rule)
{
    struct sil_clique clique = {0};
    for (size_t k = 0; k < rule->n_columns; k++) {
        uint32_t attr = b->rules->column[rule->column[k]].attr;
        if (b->domain.sizes[attr] > 1) {
            clique.attr[clique.n++] = attr;
        }
    }
    return clique;
}

/* The codes of cell `cell` of a clique, by attribute. */
static void codes_at(uint32_t *codes, const struct sil_domain *domain,
                     const struct sil_clique *clique, uint64_t cell)
{
    for (uint32_t k = clique->n; k-- > 0;) {
        uint32_t size = domain->sizes[clique->attr[k]];
        codes[clique->attr[k]] = (uint32_t)(cell % size);
        cell /= size;
    }
}

/* Whether a row is possible in any of the cells that the rule excludes, which is asked of
 * each cell by its codes. */
static bool exclude(uint8_t *allowed, const struct builder *b,
                    const struct sil_rule *rule, const struct sil_clique *clique,
                    uint32_t *codes)
{
    bool excludes = false;
    uint64_t n = sil_clique_cells(&b->domain, clique);
    for (uint64_t cell = 0; cell < n; cell++) {
        codes_at(codes, &b->domain, clique, cell);
        allowed[cell] = sil_rule_judge_cells(b->rules, rule, codes) != SIL_RULE_BROKEN;
        excludes = excludes || !allowed[cell];
    }
    return excludes;
}

/* ---- room in the model ---- */

static sil_status has_room(bool *has, const struct builder *b, struct sil_error *err)
{
    struct sil_domain domain = b->domain;
    struct sil_graph *graph = NULL;
    uint64_t most = sil_model_cells_max(b->terms) / SIL_ZEROS_PART;
    domain.zeros = &b->out->zeros;
    sil_status status = sil_graph_new(&graph, &domain, err);
    *has = status == SIL_OK && sil_graph_tree_cells(graph, NULL, most) <= most;
    sil_graph_free(graph);
    return status == SIL_ERR_USAGE ? SIL_OK : status; /* a node of too many columns */
}

static struct sil_zero_table *find_table(const struct builder *b,
                                         const struct sil_clique *clique)
{
    struct sil_zeros *zeros = &b->out->zeros;
    size_t i = 0;
    while (i < zeros->n && sil_clique_compare(&zeros->table[i].clique, clique) != 0) {
        i++;
    }
    return i < zeros->n ? &zeros->table[i] : NULL;
}

static bool is_small(struct builder *b, const struct sil_rule *rule,
                     const struct sil_clique *clique)
{
    uint64_t n = sil_clique_cells(&b->domain, clique);
    if (n > b->terms->max_cells || n > SIL_ZEROS_CELLS_MAX ||
        b->n_cells + n > SIL_ZEROS_ALL_CELLS_MAX) {
        return false;
    }
    uint64_t work = n * rule->most_pieces *
                    (1 + rule->when.condition.n_nodes + rule->then.condition.n_nodes);
    bool is = b->work + work <= WORK_MAX;
    b->work += is ? work : 0;
    return is;
}

/* The table of a rule joins one of the same columns, or those there are. */
static sil_status take_table(bool *is_in, struct builder *b,
                             const struct sil_clique *clique, uint8_t **allowed,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_zeros *zeros = &b->out->zeros;
    struct sil_zero_table *same = find_table(b, clique);
    uint64_t n = sil_clique_cells(&b->domain, clique);
    if (same != NULL) {
        for (uint64_t cell = 0; cell < n; cell++) {
            same->allowed[cell] &= (*allowed)[cell];
        }
        *is_in = true;
        return SIL_OK;
    }
    zeros->table[zeros->n++] = (struct sil_zero_table){*clique, *allowed};
    SIL_TRY(has_room(is_in, b, err));
    if (*is_in) {
        b->n_cells += n;
        *allowed = NULL;
    } else {
        zeros->n--;
    }

cleanup:
    if (status != SIL_OK) {
        zeros->n--;
    }
    return status;
}

static sil_status add_rule(struct builder *b, size_t i, uint32_t *codes,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_rule *rule = &b->rules->rule[i];
    struct sil_clique clique = clique_of(b, rule);
    uint8_t *allowed = NULL;
    bool is_in = clique.n == 0; /* one cell, which some row keeps the rule in */
    if (clique.n > 0 && is_small(b, rule, &clique)) {
        SIL_TRY(
            sil_alloc(&allowed, sil_clique_cells(&b->domain, &clique), 1, WHAT, err));
        if (exclude(allowed, b, rule, &clique, codes)) {
            SIL_TRY(take_table(&is_in, b, &clique, &allowed, err));
        } else {
            is_in = true;
        }
    }
    if (!is_in) {
        b->out->left_out[b->out->n_left_out++] = i;
    }

cleanup:
    free(allowed);
    return status;
}

sil_status sil_rule_zeros_new(struct sil_rule_zeros **out,
                              const struct sil_terms *terms,
                              const struct sil_schema *schema, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rules *rules = NULL;
    struct sil_rule_zeros *zeros = NULL;
    uint32_t *codes = NULL;
    *out = NULL;
    SIL_TRY(sil_rules_new(&rules, schema, err));
    if (rules == NULL) {
        return SIL_OK;
    }
    SIL_TRY(sil_alloc(&zeros, 1, sizeof *zeros, WHAT, err));
    struct builder b = {rules, terms, sil_schema_domain(schema), zeros, 0, 0};
    SIL_TRY(sil_alloc(&codes, b.domain.n_attrs, sizeof *codes, WHAT, err));
    SIL_TRY(sil_alloc(&zeros->zeros.table, rules->n, sizeof *zeros->zeros.table, WHAT,
                      err));
    SIL_TRY(sil_alloc(&zeros->left_out, rules->n, sizeof *zeros->left_out, WHAT, err));
    for (size_t i = 0; i < rules->n; i++) {
        SIL_TRY(add_rule(&b, i, codes, err));
    }
    *out = zeros;
    zeros = NULL;

cleanup:
    free(codes);
    sil_rules_free(rules);
    sil_rule_zeros_free(zeros);
    return status;
}

void sil_zeros_clear(struct sil_zeros *zeros)
{
    for (size_t i = 0; i < zeros->n; i++) {
        free(zeros->table[i].allowed);
    }
    free(zeros->table);
    *zeros = (struct sil_zeros){0};
}

void sil_rule_zeros_free(struct sil_rule_zeros *zeros)
{
    if (zeros != NULL) {
        sil_zeros_clear(&zeros->zeros);
        free(zeros->left_out);
        free(zeros);
    }
}

struct sil_domain sil_domain_with(const struct sil_schema *schema,
                                  const struct sil_rule_zeros *zeros)
{
    struct sil_domain domain = sil_schema_domain(schema);
    domain.zeros = zeros != NULL ? &zeros->zeros : NULL;
    return domain;
}

/* ---- classes of values ---- */

/* Are two values of the attribute at place `k` of the clique excluded alike? */
static bool are_alike(const struct sil_zero_table *table,
                      const struct sil_domain *domain, uint32_t k, uint32_t u,
                      uint32_t v)
{
    size_t size = domain->sizes[table->clique.attr[k]];
    size_t inner = 1;
    for (uint32_t i = k + 1; i < table->clique.n; i++) {
        inner *= domain->sizes[table->clique.attr[i]];
    }
    size_t n_outer = sil_clique_cells(domain, &table->clique) / (size * inner);
    bool are = true;
    for (size_t outer = 0; are && outer < n_outer; outer++) {
        const uint8_t *slab = table->allowed + outer * size * inner;
        are = memcmp(slab + u * inner, slab + v * inner, inner) == 0;
    }
    return are;
}

/* Split the classes by a table; false, with nothing done, when there would be too many. */
static bool split_classes(uint32_t *class, uint32_t *n_classes, uint32_t *split,
                          const struct sil_zero_table *table,
                          const struct sil_domain *domain, uint32_t k)
{
    uint32_t n = domain->sizes[table->clique.attr[k]];
    uint32_t first[SIL_ZERO_CLASSES];
    uint32_t n_found = 0;
    for (uint32_t v = 0; v < n; v++) {
        uint32_t c = 0;
        while (c < n_found && !(class[first[c]] == class[v] &&
                                are_alike(table, domain, k, first[c], v))) {
            c++;
        }
        if (c == SIL_ZERO_CLASSES) {
            return false;
        }
        if (c == n_found) {
            first[n_found++] = v;
        }
        split[v] = c;
    }
    (void)memcpy(class, split, n * sizeof *class);
    *n_classes = n_found;
    return true;
}

sil_status sil_zero_classes(uint32_t *class, uint32_t *n_classes,
                            const struct sil_domain *domain, uint32_t attr,
                            struct sil_error *err)
{
    uint32_t *split = NULL;
    uint32_t n = domain->sizes[attr];
    sil_status status = sil_alloc(&split, n, sizeof *split, WHAT, err);
    *n_classes = 1;
    (void)memset(class, 0, n * sizeof *class);
    for (size_t i = 0; status == SIL_OK && i < domain->zeros->n; i++) {
        const struct sil_zero_table *table = &domain->zeros->table[i];
        uint32_t k = 0;
        while (k < table->clique.n && table->clique.attr[k] != attr) {
            k++;
        }
        if (k < table->clique.n) {
            (void)split_classes(class, n_classes, split, table, domain, k);
        }
    }
    free(split);
    return status;
}

/* ---- over groups ---- */

sil_status sil_group_zeros_new(struct sil_zeros *out, const struct sil_domain *domain,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = domain->zeros->n;
    *out = (struct sil_zeros){0};
    SIL_TRY(sil_alloc(&out->table, n, sizeof *out->table, WHAT, err));
    for (size_t i = 0; i < n; i++) {
        const struct sil_clique *clique = &domain->zeros->table[i].clique;
        struct sil_zero_table *table = &out->table[out->n++];
        table->clique = *clique;
        SIL_TRY(
            sil_alloc(&table->allowed, sil_clique_cells(domain, clique), 1, WHAT, err));
    }

cleanup:
    return status;
}

static void fill_table(struct sil_zero_table *out, const struct sil_zero_table *values,
                       const struct sil_domain *domain, const struct sil_grouping *of)
{
    const struct sil_clique *clique = &values->clique;
    uint64_t n = sil_clique_cells(domain, clique);
    (void)memset(out->allowed, 0, n);
    for (uint64_t cell = 0; cell < n; cell++) {
        uint64_t left = cell;
        uint64_t at = 0;
        uint64_t step = 1;
        for (uint32_t k = clique->n; k-- > 0;) {
            uint32_t attr = clique->attr[k];
            at +=
                step * sil_group_of(&of[attr], (uint32_t)(left % domain->sizes[attr]));
            left /= domain->sizes[attr];
            step *= of[attr].n_groups;
        }
        out->allowed[at] |= values->allowed[cell];
    }
}

void sil_group_zeros_fill(struct sil_zeros *out, const struct sil_domain *domain,
                          const struct sil_grouping *of)
{
    for (size_t i = 0; i < out->n; i++) {
        fill_table(&out->table[i], &domain->zeros->table[i], domain, of);
    }
}
