// SPDX-License-Identifier: Apache-2.0
#include "internal/html.h"

/* "20 %", "3.4 %" */
static void put_percent(struct sil_page *page, double percent)
{
    sil_page_put(page, percent < 10 ? "%.1f %%" : "%.0f %%", percent);
}

static void put_same_as(struct sil_page *page, const struct sil_score *score)
{
    static const char *const WORDS[] = {[SIL_BELOW] = "less accurate than a random ",
                                        [SIL_BETWEEN] = "as accurate as a random ",
                                        [SIL_ABOVE] = "more accurate than a random "};
    if (score->n_parts == 0) {
        return;
    }
    sil_page_put(page, "<p>By this score the synthetic rows are <b>%s",
                 WORDS[score->place]);
    put_percent(page, score->same_as);
    sil_page_put(page, " subsample</b> of the true rows.</p>\n");
}

static void put_parts(struct sil_page *page, const struct sil_score *score)
{
    sil_page_table_of(
        page, &(const struct sil_page_words){
                  .kind = "parts",
                  .caption = "Scores of random parts of the true rows",
                  .heads = "<th scope=\"col\">part</th><th scope=\"col\">rows</th>"
                           "<th scope=\"col\">score</th>"});
    for (size_t p = 0; p < score->n_parts; p++) {
        sil_page_put(page,
                     "<tr><th scope=\"row\">%u %%</th><td>%zu</td><td>%.0f</td></tr>\n",
                     score->percent[p], score->n_rows[p], score->part_score[p]);
    }
    sil_page_table_end(page);
}

void sil_report_html_score(struct sil_page *page,
                           const struct sil_comparison *comparison)
{
    const struct sil_score *score = &comparison->score;
    if (score->n_marginals == 0) {
        return;
    }
    sil_page_section(page, "score", "NIST's k-marginal score");
    sil_page_put(page,
                 "<p>1000 &times; (1 &minus; mean error), the mean over all that were "
                 "compared of three columns, %zu: <b>%.0f</b> of 1000; sampling alone "
                 "%.0f.</p>\n",
                 score->n_marginals, score->score.value, score->score.reference);
    put_same_as(page, score);
    put_parts(page, score);
    sil_report_html_score_chart(page, score);
    sil_page_section_end(page);
}
