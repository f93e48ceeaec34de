// SPDX-License-Identifier: Apache-2.0
#include "audits/report/figures.h"
#include "audits/report/input.h"

#include <math.h>
#include <string.h>

/* Pixels of the drawings, before they are scaled. */
enum {
    SIZE = 300,
    LEFT = 52,
    RIGHT = 14,
    TOP = 12,
    BOTTOM = 46,
    CURVES_MOST = 12,
    STEPS = 40,
    BINS = 24,
    HISTOGRAM = 680,
    HALF = 110
};

static const double LEAST = 0.001; /* where the logarithmic axes begin */

/* ---- ROC ---- */

static double along(double rate)
{
    return log10(fmin(1, fmax(LEAST, rate)) / LEAST) / -log10(LEAST);
}

static double x_of(double rate)
{
    return LEFT + along(rate) * (SIZE - LEFT - RIGHT);
}

static double y_of(double rate)
{
    return SIZE - BOTTOM - along(rate) * (SIZE - TOP - BOTTOM);
}

static void put_axes(struct aud_page *page)
{
    static const struct {
        double rate;
        const char *text;
    } TICKS[] = {
        {0.001, "0.1&#160;%"},
        {0.01,  "1&#160;%"  },
        {0.1,   "10&#160;%" },
        {1,     "100&#160;%"}
    };

    for (size_t i = 0; i < sizeof TICKS / sizeof TICKS[0]; i++) {
        double x = x_of(TICKS[i].rate);
        double y = y_of(TICKS[i].rate);
        aud_page(page,
                 "<path class=\"grid\" d=\"M%.1f %dV%dM%d %.1fH%d\"/><text x=\"%.1f\" "
                 "y=\"%d\" text-anchor=\"middle\">%m</text><text x=\"%d\" y=\"%.1f\" "
                 "text-anchor=\"end\">%m</text>\n",
                 x, TOP, SIZE - BOTTOM, LEFT, y, SIZE - RIGHT, x, SIZE - BOTTOM + 16,
                 TICKS[i].text, LEFT - 5, y + 4, TICKS[i].text);
    }
    aud_page(
        page,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">non-members accused</text>\n"
        "<text transform=\"translate(10 %d) rotate(-90)\" text-anchor=\"middle\">"
        "members found</text>\n",
        (LEFT + SIZE - RIGHT) / 2, SIZE - 8, (TOP + SIZE - BOTTOM) / 2);
}

static void put_line(struct aud_page *page, const char *class, const json_t *points)
{
    aud_page(page, "<polyline class=\"%m\" points=\"", class);
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);
        aud_page(page, "%.1f,%.1f ", x_of(json_number_value(json_array_get(point, 0))),
                 y_of(json_number_value(json_array_get(point, 1))));
    }
    aud_page_markup(page, "\"/>\n");
}

/* The most that (epsilon, delta)-DP allows: both ways round. */
static void put_ceiling(struct aud_page *page, const json_t *claim)
{
    double epsilon = aud_real(claim, "epsilon", 0);
    double delta = aud_real(claim, "delta", 0);
    aud_page_markup(page, "<polyline class=\"ceiling\" points=\"");
    for (int i = 0; i <= STEPS; i++) {
        double fpr = pow(10, log10(LEAST) * (1 - (double)i / STEPS));
        double tpr =
            fmin(exp(epsilon) * fpr + delta, 1 - exp(-epsilon) * (1 - delta - fpr));
        aud_page(page, "%.1f,%.1f ", x_of(fpr), y_of(tpr));
    }
    aud_page_markup(page, "\"/>\n");
}

static const json_t *same_on(const json_t *attacks, const json_t *attack,
                             const char *targets)
{
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        const json_t *other = json_array_get(attacks, i);
        if (strcmp(aud_text(other, "name"), aud_text(attack, "name")) == 0 &&
            strcmp(aud_text(other, "targets"), targets) == 0) {
            return other;
        }
    }
    return NULL;
}

/* In words: what is found where 1 % are accused. */
static void describe(struct aud_page *page, const json_t *attack, const char *who)
{
    const json_t *list = json_object_get(attack, "tpr_at_fpr");
    const json_t *at = json_array_get(list, 1);
    if (at != NULL) {
        aud_page(page,
                 "%m: %s of members are found while %s of non-members are accused. ",
                 who, aud_percent(aud_real(at, "tpr", 0)).text,
                 aud_percent(aud_real(at, "fpr_reached", 0)).text);
    }
}

static void put_curve(struct aud_page *page, const json_t *content,
                      const json_t *attack, size_t number)
{
    const json_t *claim = json_object_get(content, "claim");
    const json_t *few =
        same_on(json_object_get(content, "attacks"), attack, "vulnerable");
    aud_page(
        page,
        "<figure><svg role=\"img\" viewBox=\"0 0 %d %d\" aria-labelledby=\"roc-%zu "
        "roc-%zu-d\">\n<title id=\"roc-%zu\">%s: members found against non-members "
        "accused</title>\n<desc id=\"roc-%zu-d\">",
        SIZE, SIZE, number, number, number, aud_text(attack, "name"), number);
    describe(page, attack, "Of all records");
    describe(page, few, "Of the most unusual records");
    aud_page_markup(page, "</desc>\n");
    put_axes(page);
    aud_page(page, "<path class=\"chance\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", x_of(LEAST),
             y_of(LEAST), x_of(1), y_of(1));
    if (json_is_object(claim)) {
        put_ceiling(page, claim);
    }
    put_line(page, "curve few", json_object_get(few, "roc"));
    put_line(page, "curve", json_object_get(attack, "roc"));
    aud_page(page, "</svg>\n<figcaption><strong>%s</strong>. ",
             aud_text(attack, "name"));
    describe(page, attack, "All");
    describe(page, few, "Unusual");
    aud_page_markup(page, "</figcaption></figure>\n");
}

void aud_figure_curves(struct aud_page *page, const json_t *content, size_t number)
{
    const json_t *attacks = json_object_get(content, "attacks");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(attacks) && n < CURVES_MOST; i++) {
        const json_t *attack = json_array_get(attacks, i);
        if (!aud_page_has_room(page) ||
            strcmp(aud_text(attack, "targets"), "all") != 0 ||
            json_array_size(json_object_get(attack, "roc")) == 0) {
            continue;
        }
        if (n == 0) {
            aud_page_markup(
                page,
                "<h4>Members found against non-members accused</h4>\n<p>Both axes are "
                "logarithmic, as what matters to a single person is at the left: who is "
                "found with hardly anybody accused wrongly. Solid: all records; dashed "
                "and thin: the most unusual ones; the dashed straight line is chance, "
                "which finds members and accuses non-members alike; the dotted line, "
                "where there is one, is the most that the claim allows. Of few records "
                "the left end is ragged by chance.</p>\n<div class=\"cards\">\n");
        }
        put_curve(page, content, attack, 100 * number + n++);
    }
    if (n > 0) {
        aud_page_markup(page, "</div>\n");
    }
}

/* ---- distances ---- */

/* The share of values in [from, to), by lines between quantiles; of a jump all of it. */
static double mass(const json_t *at, const json_t *values, double from, double to)
{
    double sum = 0;
    for (size_t i = 0; i + 1 < json_array_size(at); i++) {
        double share = json_number_value(json_array_get(at, i + 1)) -
                       json_number_value(json_array_get(at, i));
        double low = json_number_value(json_array_get(values, i));
        double high = json_number_value(json_array_get(values, i + 1));
        double common = fmin(high, to) - fmax(low, from);
        if (high <= low) {
            sum += low >= from && low < to ? share : 0;
        } else if (common > 0) {
            sum += share * common / (high - low);
        }
    }
    return sum;
}

static double last_of(const json_t *list)
{
    return json_number_value(json_array_get(list, json_array_size(list) - 1));
}

struct histogram {
    double share[BINS];
    double largest;
};

static struct histogram fill(const json_t *at, const json_t *values, double width)
{
    struct histogram out = {.largest = 0};
    for (int i = 0; i < BINS; i++) {
        double to = i + 1 == BINS ? (double)INFINITY : (i + 1) * width;
        out.share[i] = mass(at, values, i * width, to);
        out.largest = fmax(out.largest, out.share[i]);
    }
    return out;
}

/* Bars upwards or downwards from a line in the middle. */
static void put_bars(struct aud_page *page, const char *class,
                     const struct histogram *histogram, double scale, bool is_up)
{
    double width = (HISTOGRAM - LEFT - RIGHT) / (double)BINS;
    for (int i = 0; i < BINS; i++) {
        double height = histogram->share[i] / scale * HALF;
        aud_page(page,
                 "<rect class=\"%m\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                 "height=\"%.1f\"/>\n",
                 class, LEFT + i * width, TOP + HALF - (is_up ? height : 0), width - 1,
                 height);
    }
}

static void put_scale(struct aud_page *page, double widest, double tallest)
{
    int bottom = TOP + 2 * HALF;
    for (int i = 0; i <= 4; i++) {
        aud_page(
            page,
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f&#160;%%</text>\n",
            LEFT + i / 4.0 * (HISTOGRAM - LEFT - RIGHT), bottom + 16,
            100 * widest * i / 4);
    }
    aud_page(
        page,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><text x=\"%d\" "
        "y=\"%d\" text-anchor=\"end\">%s</text><path class=\"axis\" d=\"M%d %dH%d\"/>\n"
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">distance to the nearest "
        "synthetic row, in percent of the largest possible</text>\n",
        LEFT - 4, TOP + 8, aud_percent(tallest).text, LEFT - 4, bottom,
        aud_percent(tallest).text, LEFT, TOP + HALF, HISTOGRAM - RIGHT, HISTOGRAM / 2,
        bottom + 34);
}

static double median_of(const json_t *at, const json_t *values)
{
    size_t i = 0;
    while (i + 1 < json_array_size(at) &&
           json_number_value(json_array_get(at, i)) < 0.5) {
        i++;
    }
    return json_number_value(json_array_get(values, i));
}

void aud_figure_distances(struct aud_page *page, const json_t *content, size_t number)
{
    const json_t *distances = json_object_get(content, "distances");
    const json_t *at = json_object_get(distances, "quantiles");
    const json_t *near =
        json_object_get(json_object_get(distances, "members_to_synthetic"), "distance");
    const json_t *far = json_object_get(
        json_object_get(distances, "non_members_to_synthetic"), "distance");
    if (!json_is_object(distances) || !aud_page_has_room(page)) {
        return;
    }
    double widest = fmax(1e-3, fmax(last_of(near), last_of(far)));
    struct histogram members = fill(at, near, widest / BINS);
    struct histogram others = fill(at, far, widest / BINS);
    double tallest = fmax(1e-6, fmax(members.largest, others.largest));
    aud_page(
        page,
        "<h4>Distances</h4>\n<figure><svg role=\"img\" viewBox=\"0 0 %d %d\" "
        "aria-labelledby=\"dist-%zu dist-%zu-d\">\n<title id=\"dist-%zu\">How far "
        "records are from the nearest synthetic row</title>\n<desc "
        "id=\"dist-%zu-d\">Members above the line, non-members below. Medians: %s of "
        "members, %s of non-members. In the first bar: %s and %s.</desc>\n",
        HISTOGRAM, TOP + 2 * HALF + BOTTOM, number, number, number, number,
        aud_percent(median_of(at, near)).text, aud_percent(median_of(at, far)).text,
        aud_percent(members.share[0]).text, aud_percent(others.share[0]).text);
    put_bars(page, "member", &members, tallest, true);
    put_bars(page, "other", &others, tallest, false);
    put_scale(page, widest, tallest);
    aud_page(page,
             "</svg>\n<figcaption><span class=\"key member\">Members</span> upwards, "
             "<span class=\"key other\">non-members</span> downwards (hatched); median "
             "distance %s and %s. Height: the share of the records, drawn from %zu "
             "quantiles. A smoke alarm: members that "
             "are nearer than non-members are a bad sign; that the two look alike says "
             "nothing about other leaks.</figcaption></figure>\n",
             aud_percent(median_of(at, near)).text,
             aud_percent(median_of(at, far)).text, json_array_size(at));
}
