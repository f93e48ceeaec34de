// SPDX-License-Identifier: Apache-2.0
#include "internal/html.h"

#include <math.h>
#include <string.h>

/* Pixels of the drawings, before they are scaled. */
enum {
    WIDTH = 640,
    SCORE_HEIGHT = 250,
    LEFT = 56,
    RIGHT = 12,
    TOP = 14,
    BOTTOM = 40,
    ROW = 22,
    NAMES = 230,
    NAME_CHARACTERS = 30,
    HEAD = 26
};

/* ---- the score of parts ---- */

/* Scores are shown from a multiple of 100 below all of them up to 1000. */
static double lowest(const struct sil_score *score)
{
    double least = score->score.value;
    for (size_t p = 0; p < score->n_parts; p++) {
        double part = score->part_score[p];
        least = part < least ? part : least;
    }
    int hundreds = (int)(least / 100);
    return hundreds < 10 ? 100.0 * hundreds : 900;
}

static double at_percent(double percent)
{
    return LEFT + percent / 100 * (WIDTH - LEFT - RIGHT);
}

static double at_score(double score, double least)
{
    return TOP + (1000 - score) / (1000 - least) * (SCORE_HEIGHT - TOP - BOTTOM);
}

static void draw_axes(struct sil_page *page, double least)
{
    for (int score = 1000; score >= (int)least; score -= least < 600 ? 200 : 100) {
        double y = at_score(score, least);
        sil_page_put(page,
                     "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" "
                     "y2=\"%.1f\"/><text x=\"%d\" y=\"%.1f\" "
                     "text-anchor=\"end\">%d</text>\n",
                     LEFT, y, WIDTH - RIGHT, y, LEFT - 6, y + 4, score);
    }
    for (int percent = 0; percent <= 100; percent += 20) {
        sil_page_put(page,
                     "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n",
                     at_percent(percent), SCORE_HEIGHT - BOTTOM + 17, percent);
    }
    sil_page_put(page,
                 "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">random part of the "
                 "true rows, in percent</text>\n",
                 at_percent(50), SCORE_HEIGHT - 5);
}

static void draw_level(struct sil_page *page, const char *class, double score,
                       double least)
{
    double y = at_score(score, least);
    sil_page_put(page,
                 "<line class=\"%s\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n",
                 class, LEFT, y, WIDTH - RIGHT, y);
}

void sil_report_html_score_chart(struct sil_page *page, const struct sil_score *score)
{
    double least = lowest(score);
    sil_page_put(
        page,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-labelledby=\"score-title\">"
        "<svg role=\"img\" viewBox=\"0 0 %d %d\" "
        "aria-labelledby=\"score-title score-desc\">\n"
        "<title id=\"score-title\">k-marginal score of random parts of the "
        "true rows</title>\n<desc id=\"score-desc\">A curve through the scores "
        "of the table above, which rise with the size of the part; a level line "
        "for the synthetic rows at %.0f.</desc>\n",
        WIDTH, SCORE_HEIGHT, score->score.value);
    draw_axes(page, least);
    sil_page_put(page, "<polyline class=\"curve\" points=\"");
    for (size_t p = 0; p < score->n_parts; p++) {
        sil_page_put(page, "%.1f,%.1f ", at_percent(score->percent[p]),
                     at_score(score->part_score[p], least));
    }
    sil_page_put(page, "\"/>\n");
    for (size_t p = 0; p < score->n_parts; p++) {
        sil_page_put(page, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>\n",
                     at_percent(score->percent[p]),
                     at_score(score->part_score[p], least));
    }
    draw_level(page, "ours", score->score.value, least);
    sil_page_put(page, "</svg></div>\n");
}

/* ---- errors of columns ---- */

static double larger(double a, double b)
{
    return b > a ? b : a; /* a when b is not a number */
}

static void draw_bar(struct sil_page *page, const struct sil_comparison *comparison,
                     uint32_t column, int y, double scale)
{
    const struct sil_figure *figure = &comparison->column[column].way[1];
    sil_page_put(page, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", NAMES - 8,
                 y + 15);
    const char *name = sil_schema_field_name(comparison->schema, column);
    sil_page_text(page, name, strlen(name), NAME_CHARACTERS);
    sil_page_put(page,
                 "</text><rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%.1f\" "
                 "height=\"%d\"/>",
                 NAMES, y + 4, larger(0, figure->value) * scale, ROW - 8);
    if (!isnan(figure->reference)) {
        double x = NAMES + figure->reference * scale;
        sil_page_put(page,
                     "<line class=\"mark\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" "
                     "y2=\"%d\"/>",
                     x, y + 1, x, y + ROW - 1);
    }
    sil_page_put(page, "\n");
}

void sil_report_html_column_chart(struct sil_page *page,
                                  const struct sil_comparison *comparison,
                                  const uint32_t *column, size_t n)
{
    double most = 1e-9;
    for (size_t i = 0; i < n; i++) {
        most = larger(most, comparison->column[column[i]].way[1].value);
        most = larger(most, comparison->column[column[i]].way[1].reference);
    }
    double scale = (WIDTH - NAMES - RIGHT) / most;
    int height = HEAD + (int)n * ROW + 4;
    sil_page_put(
        page,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-labelledby=\"bars-title\">"
        "<svg role=\"img\" viewBox=\"0 0 %d %d\" "
        "aria-labelledby=\"bars-title bars-desc\">\n"
        "<title id=\"bars-title\">Mean error of the pairs with each "
        "column</title>\n<desc id=\"bars-desc\">A bar for each of %zu columns, "
        "the longest %.4f; across each bar a line where sampling alone would "
        "end it. The table below has the figures.</desc>\n"
        "<text x=\"%d\" y=\"15\">bar: synthetic rows; line: sampling alone; "
        "full width: %.4f</text>\n",
        WIDTH, height, n, most, NAMES, most);
    for (size_t i = 0; i < n; i++) {
        draw_bar(page, comparison, column[i], HEAD + (int)i * ROW, scale);
    }
    sil_page_put(page, "</svg></div>\n");
}
