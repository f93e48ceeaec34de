// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"
#include "internal/html.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* However wide the table is, the page stays below a megabyte. */
enum { COLUMNS_SHOWN = 250, BARS_SHOWN = 30 };

/* What columns are sorted by: the error of their pairs, of a single one its own. */
struct ranked {
    double error;
    uint32_t column;
};

static int compare(const void *a, const void *b)
{
    const struct ranked *first = a;
    const struct ranked *second = b;
    if (first->error < second->error || first->error > second->error) {
        return first->error < second->error ? 1 : -1;
    }
    return first->column < second->column ? -1 : 1;
}

static double error_of(const struct sil_column_figures *column)
{
    double pairs = column->way[1].value;
    double alone = column->way[0].value;
    return !isnan(pairs) ? pairs : isnan(alone) ? -1 : alone;
}

/* All columns, the furthest off first. */
static sil_status rank(uint32_t **out, const struct sil_comparison *comparison,
                       struct sil_error *err)
{
    uint32_t n = comparison->domain.n_attrs;
    struct ranked *ranked = NULL;
    sil_status status = sil_alloc(&ranked, n, sizeof *ranked, "the columns", err);
    if (status == SIL_OK) {
        status = sil_alloc(out, n, sizeof **out, "the columns", err);
    }
    for (uint32_t a = 0; status == SIL_OK && a < n; a++) {
        ranked[a] = (struct ranked){error_of(&comparison->column[a]), a};
    }
    if (status == SIL_OK) {
        qsort(ranked, n, sizeof *ranked, compare);
        for (uint32_t i = 0; i < n; i++) {
            (*out)[i] = ranked[i].column;
        }
    }
    free(ranked);
    return status;
}

static void put_row(struct sil_page *page, const struct sil_comparison *comparison,
                    uint32_t column)
{
    const struct sil_column_figures *figures = &comparison->column[column];
    sil_page_put(page, "<tr><th scope=\"row\">");
    sil_page_column(page, comparison, column);
    sil_page_put(page, "</th>");
    sil_page_count(page, comparison->domain.sizes[column]);
    for (size_t k = 0; k < SIL_REPORT_WAYS; k++) {
        sil_page_figure(page, &figures->way[k]);
    }
    sil_page_put(page, "</tr>\n");
}

static void put_table(struct sil_page *page, const struct sil_comparison *comparison,
                      const uint32_t *column)
{
    uint32_t n = comparison->domain.n_attrs;
    uint32_t shown = n < COLUMNS_SHOWN ? n : COLUMNS_SHOWN;
    sil_page_table_of(
        page,
        &(const struct sil_page_words){
            .kind = "columns",
            .caption =
                "Mean error of the marginals with each column, and what sampling "
                "alone would give",
            .heads = "<th scope=\"col\">column</th><th scope=\"col\">cells</th>"
                     "<th scope=\"col\">alone</th><th scope=\"col\">sampling</th>"
                     "<th scope=\"col\">pairs</th><th scope=\"col\">sampling</th>"
                     "<th scope=\"col\">threes</th><th scope=\"col\">sampling</th>"});
    for (uint32_t i = 0; i < shown; i++) {
        put_row(page, comparison, column[i]);
    }
    sil_page_table_end(page);
    if (shown < n) {
        sil_page_put(page,
                     "<p>The %" PRIu32 " columns that are furthest off, of %" PRIu32
                     "; report.json has all.</p>\n",
                     shown, n);
    }
}

void sil_report_html_columns(struct sil_page *page,
                             const struct sil_comparison *comparison)
{
    uint32_t *column = NULL;
    uint32_t n = comparison->domain.n_attrs;
    if (page->status == SIL_OK) {
        page->status = rank(&column, comparison, page->err);
    }
    if (page->status == SIL_OK) {
        sil_page_section(page, "by-column", "Errors by column");
        if (n > 1) {
            sil_report_html_column_chart(page, comparison, column,
                                         n < BARS_SHOWN ? n : BARS_SHOWN);
        }
        put_table(page, comparison, column);
        sil_page_section_end(page);
    }
    free(column);
}
