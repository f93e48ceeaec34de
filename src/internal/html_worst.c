// SPDX-License-Identifier: Apache-2.0
#include "internal/html.h"
#include "internal/label.h"

#include <inttypes.h>
#include <math.h>

static const char CELL_HEADS[] =
    "<th scope=\"col\">cell</th><th scope=\"col\">true rows</th>"
    "<th scope=\"col\">synthetic rows</th>"
    "<th scope=\"col\">synthetic less true share</th>"
    "<th scope=\"col\">sampling, up or down</th>";

static void put_cell(struct sil_page *page, const struct sil_comparison *comparison,
                     const struct sil_clique *clique, const struct sil_off_cell *cell)
{
    uint32_t code[SIL_CLIQUE_MAX];
    sil_cell_codes(code, cell->cell, &comparison->domain, clique);
    sil_page_put(page, "<tr><th scope=\"row\">");
    for (uint32_t i = 0; i < clique->n; i++) {
        sil_page_put(page, "%s", i == 0 ? "" : ", ");
        sil_page_label(page, comparison, clique->attr[i], code[i]);
    }
    sil_page_put(page, "</th>");
    sil_page_count(page, cell->n_true);
    sil_page_count(page, cell->n_synthetic);
    sil_page_share(page, cell->difference.value, true);
    sil_page_share(page, cell->difference.reference, false);
    sil_page_put(page, "</tr>\n");
}

static void put_marginal(struct sil_page *page, const struct sil_comparison *comparison,
                         const char *kind, size_t number,
                         const struct sil_off_marginal *marginal)
{
    sil_page_table(page, kind, number);
    sil_page_put(page, "%zu. <b>", number);
    sil_page_clique(page, comparison, &marginal->clique);
    sil_page_put(page, "</b>: error %.4f, sampling alone %.4f",
                 marginal->distance.value, marginal->distance.reference);
    sil_page_table_heads(page, CELL_HEADS);
    for (size_t k = 0; k < marginal->n_cells; k++) {
        put_cell(page, comparison, &marginal->clique, &marginal->cell[k]);
    }
    sil_page_table_end(page);
}

static void put_list(struct sil_page *page, const struct sil_comparison *comparison,
                     const char *kind, const struct sil_off_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        put_marginal(page, comparison, kind, i + 1, &list->item[i]);
    }
}

void sil_report_html_worst(struct sil_page *page,
                           const struct sil_comparison *comparison)
{
    sil_page_section(page, "worst-columns", "The columns that are furthest off");
    sil_page_put(page, "<p>Each with its cells that are furthest off.</p>\n");
    put_list(page, comparison, "column", &comparison->columns);
    sil_page_section_end(page);
    if (comparison->pairs.n > 0) {
        sil_page_section(page, "worst-pairs", "The pairs that are furthest off");
        put_list(page, comparison, "pair", &comparison->pairs);
        sil_page_section_end(page);
    }
}

static void put_group(struct sil_page *page, const struct sil_comparison *comparison,
                      uint32_t column, const struct sil_group *group)
{
    sil_page_put(page, "<tr><th scope=\"row\">");
    sil_page_label(page, comparison, column, group->code);
    sil_page_put(page, "</th>");
    sil_page_count(page, group->n_true);
    sil_page_count(page, group->n_synthetic);
    sil_page_share(page, group->share.value, true);
    sil_page_share(page, group->share.reference, false);
    sil_page_figure(page, &group->distance[0]);
    sil_page_figure(page, &group->distance[1]);
    sil_page_put(page, "</tr>\n");
}

static void put_grouping(struct sil_page *page, const struct sil_comparison *comparison,
                         size_t number, const struct sil_group_list *list)
{
    sil_page_table(page, "group", number);
    sil_page_put(page, "By <b>");
    sil_page_column(page, comparison, list->column);
    sil_page_put(page, "</b>: how many rows, and the mean error of the other columns "
                       "and their pairs within");
    sil_page_table_heads(page,
                         "<th scope=\"col\">group</th><th scope=\"col\">true rows</th>"
                         "<th scope=\"col\">synthetic rows</th>"
                         "<th scope=\"col\">synthetic less true share</th>"
                         "<th scope=\"col\">sampling, up or down</th>"
                         "<th scope=\"col\">columns</th><th scope=\"col\">sampling</th>"
                         "<th scope=\"col\">pairs</th><th scope=\"col\">sampling</th>");
    for (size_t g = 0; g < list->n; g++) {
        put_group(page, comparison, list->column, &list->group[g]);
    }
    sil_page_table_end(page);
}

void sil_report_html_groups(struct sil_page *page,
                            const struct sil_comparison *comparison)
{
    if (comparison->n_groupings == 0) {
        return;
    }
    sil_page_section(page, "groups", "Within groups");
    sil_page_put(page,
                 "<p>A small group is measured from few rows: its error is larger by "
                 "sampling alone. What counts is how far it is above that, in a small "
                 "group beside a large one. A dash: no rows to compare.</p>\n");
    for (size_t i = 0; i < comparison->n_groupings; i++) {
        put_grouping(page, comparison, i + 1, &comparison->grouping[i]);
    }
    sil_page_section_end(page);
}
