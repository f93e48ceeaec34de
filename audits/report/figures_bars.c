// SPDX-License-Identifier: Apache-2.0
#include "audits/report/figures.h"
#include "audits/report/input.h"
#include "audits/stats/bounds.h"

#include <math.h>
#include <string.h>

/* Pixels of the drawings, before they are scaled. */
enum {
    WIDTH = 680,
    NAMES = 250,
    RIGHT = 62,
    TOP = 8,
    BOTTOM = 34,
    ROW = 34,
    BAR = 12,
    NAME_CHARACTERS = 36,
    ROWS_MOST = 40
};

static const double LEVEL = 0.025; /* one-sided, of intervals at 95 % */

static double at(double share)
{
    return NAMES + fmin(1, fmax(0, share)) * (WIDTH - NAMES - RIGHT);
}

static void begin(struct aud_page *page, const char *kind, size_t number,
                  const char *title, double height)
{
    aud_page(
        page,
        "<figure><svg role=\"img\" viewBox=\"0 0 %d %.0f\" aria-labelledby=\"%m-%zu "
        "%m-%zu-d\">\n<title id=\"%m-%zu\">%m</title>\n<desc id=\"%m-%zu-d\">",
        WIDTH, height, kind, number, kind, number, kind, number, title, kind, number);
}

static void put_axis(struct aud_page *page, double height, const char *what)
{
    for (int i = 0; i <= 4; i++) {
        aud_page(
            page,
            "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.0f\"/>"
            "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%d&#160;%%</text>\n",
            at(i / 4.0), at(i / 4.0), TOP, height - BOTTOM, at(i / 4.0),
            height - BOTTOM + 14, 25 * i);
    }
    aud_page(page, "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%m</text>\n",
             at(0.5), height - 4, what);
}

static void put_name(struct aud_page *page, const json_t *attack, double y,
                     bool with_targets)
{
    aud_page(page, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", NAMES - 8, y);
    aud_page_text(page, aud_text(attack, "name"), NAME_CHARACTERS);
    if (with_targets) {
        aud_page(page, ", %s", aud_text(attack, "targets"));
    }
    aud_page_markup(page, "</text>\n");
}

static void put_whisker(struct aud_page *page, double low, double high, double y)
{
    aud_page(page, "<path class=\"whisker\" d=\"M%.1f %.1fv6m0-3H%.1fm0-3v6\"/>\n",
             at(low), y - 3, at(high));
}

/* ---- successes ---- */

static bool is_rated(const json_t *attack)
{
    const json_t *rates = json_object_get(attack, "rates");
    return json_is_number(json_object_get(rates, "members")) &&
           json_is_number(json_object_get(rates, "non_members"));
}

static bool is_scored(const json_t *attack)
{
    return json_is_number(json_object_get(attack, "auc"));
}

static size_t count(const json_t *attacks, bool (*is)(const json_t *))
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        n += is(json_array_get(attacks, i));
    }
    return n < ROWS_MOST ? n : ROWS_MOST;
}

static void put_bar(struct aud_page *page, const char *class, double rate, uint64_t of,
                    double y)
{
    uint64_t hits = (uint64_t)llround(rate * (double)of);
    aud_page(page,
             "<rect class=\"%m\" x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>\n",
             class, NAMES, y, at(rate) - NAMES, BAR);
    if (of > 0 && hits <= of) {
        put_whisker(page, aud_cp_lower(hits, of, LEVEL), aud_cp_upper(hits, of, LEVEL),
                    y + BAR / 2.0);
    }
    aud_page(page, "<text class=\"value\" x=\"%d\" y=\"%.1f\">%s</text>\n",
             WIDTH - RIGHT + 8, y + BAR - 2, aud_percent(rate).text);
}

static void put_pair(struct aud_page *page, const json_t *attack, double y)
{
    const json_t *rates = json_object_get(attack, "rates");
    put_name(page, attack, y + BAR + 4, false);
    put_bar(page, "member", aud_real(rates, "members", 0),
            (uint64_t)aud_real(attack, "members", 0), y);
    put_bar(page, "other", aud_real(rates, "non_members", 0),
            (uint64_t)aud_real(attack, "non_members", 0), y + BAR + 1);
}

void aud_figure_rates(struct aud_page *page, const json_t *attacks, size_t number)
{
    size_t n = count(attacks, is_rated);
    double height = TOP + (double)n * ROW + BOTTOM;
    if (n == 0 || !aud_page_has_room(page)) {
        return;
    }
    begin(page, "rates", number, "How often each attack succeeds", height);
    aud_page(page,
             "Two bars for each of %zu attacks, for members above and for "
             "non-members below, with intervals; the figures are those of the table "
             "above.</desc>\n",
             n);
    put_axis(page, height, "successes, in percent");
    size_t row = 0;
    for (size_t i = 0; i < json_array_size(attacks) && row < n; i++) {
        const json_t *attack = json_array_get(attacks, i);
        if (is_rated(attack)) {
            put_pair(page, attack, TOP + 4 + (double)row++ * ROW);
        }
    }
    aud_page_markup(
        page, "</svg>\n<figcaption>Successes on <span class=\"key member\">members"
              "</span> (upper bar) and on <span class=\"key other\">non-members"
              "</span> (lower, hatched), with 95&nbsp;% intervals (Clopper-Pearson). "
              "Where both bars are alike, the rows give nothing away by this "
              "attack.</figcaption></figure>\n");
}

/* ---- AUC ---- */

static void put_auc(struct aud_page *page, const json_t *attack, double y)
{
    const json_t *interval = json_object_get(attack, "auc_interval");
    double auc = aud_real(attack, "auc", 0.5);
    double ceiling = aud_real(json_object_get(attack, "ceiling"), "auc", AUD_NONE);
    put_name(page, attack, y + 4, true);
    if (json_array_size(interval) == 2) {
        put_whisker(page, json_number_value(json_array_get(interval, 0)),
                    json_number_value(json_array_get(interval, 1)), y);
    }
    aud_page(page, "<circle class=\"member\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n",
             at(auc), y);
    if (isfinite(ceiling)) {
        aud_page(page, "<path class=\"ceiling\" d=\"M%.1f %.1fv12\"/>\n", at(ceiling),
                 y - 6);
    }
    aud_page(page, "<text class=\"value\" x=\"%d\" y=\"%.1f\">%.1f&#160;%%</text>\n",
             WIDTH - RIGHT + 8, y + 4, 100 * auc);
}

void aud_figure_auc(struct aud_page *page, const json_t *attacks, size_t number)
{
    enum { AUC_ROW = 20 };

    size_t n = count(attacks, is_scored);
    double height = TOP + 6 + (double)n * AUC_ROW + BOTTOM;
    if (n == 0 || !aud_page_has_room(page)) {
        return;
    }
    begin(page, "auc", number, "How often a member is told from a non-member", height);
    aud_page(page,
             "A point with its interval for each of %zu membership attacks, beside "
             "an upright line at 50 percent, which is a coin; the figures are those "
             "of the table above.</desc>\n",
             n);
    put_axis(page, height, "of one member and one non-member, the right one is picked");
    aud_page(page, "<path class=\"chance\" d=\"M%.1f %dV%.0f\"/>\n", at(0.5), TOP,
             height - BOTTOM);
    size_t row = 0;
    for (size_t i = 0; i < json_array_size(attacks) && row < n; i++) {
        const json_t *attack = json_array_get(attacks, i);
        if (is_scored(attack)) {
            put_auc(page, attack, TOP + 12 + (double)row++ * AUC_ROW);
        }
    }
    aud_page_markup(
        page, "</svg>\n<figcaption>AUC with its 95&nbsp;% interval. The dashed line "
              "is a coin: at it, members and non-members look the same. A dotted "
              "mark is the most that the claim allows.</figcaption></figure>\n");
}
