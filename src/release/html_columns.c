// SPDX-License-Identifier: Apache-2.0
/* A small picture of each column, and the table of how strongly columns go together. */
#include "base/fail.h"
#include "release/datasheet_html.h"
#include "release/html.h"
#include "synth/model_object.h"

/* ---- one picture ---- */

enum { WIDTH = 480, FLOOR = 150, TALLEST = 140, LABEL = 28 };

/* The part of all rows, in millionths. */
static uint64_t share(uint64_t count, uint64_t n_rows)
{
    return n_rows == 0 ? 0 : (uint64_t)((sil_u128)count * 1000000 / n_rows);
}

static uint64_t largest_share(const struct sil_picture *picture, uint64_t n_rows)
{
    uint64_t most = 1;
    for (uint32_t i = 0; i < picture->n_bars; i++) {
        uint64_t part = share(picture->bar[i].count, n_rows);
        most = part > most ? part : most;
    }
    return most;
}

/* How far any bar may be off, in millionths: no set of cells is off by more than the total
 * variation. 0: no such bound (one of groups says nothing of the values in them). */
static uint64_t reach(const struct sil_datasheet *sheet, uint32_t attr)
{
    const struct sil_error_bound *bound = sil_datasheet_bound(sheet, attr);
    bool is_of_values = bound != NULL && (bound->kind == SIL_BOUND_SUPPORTED ||
                                          bound->kind == SIL_BOUND_THEOREM);
    return is_of_values && bound->bound < SIL_ERROR_UNIT ? bound->bound : 0;
}

/* What a picture is drawn with. */
struct canvas {
    uint64_t n_rows;
    uint64_t top;   /* the share that reaches the upper edge */
    uint64_t reach; /* of the whiskers; 0: none */
    unsigned step;  /* from bar to bar */
};

static struct canvas canvas(const struct sil_datasheet *sheet, uint32_t attr)
{
    const struct sil_picture *picture = &sheet->picture[attr];
    struct canvas out = {.n_rows = sheet->record->rows->n_rows,
                         .reach = reach(sheet, attr)};
    uint64_t most = largest_share(picture, out.n_rows);
    out.top = most + (out.reach < most ? out.reach : most);
    out.step = picture->n_bars < 4 ? WIDTH / 4 : WIDTH / picture->n_bars;
    return out;
}

/* Rounded up: what there is, shows. */
static unsigned height_of(const struct canvas *canvas, uint64_t part)
{
    return part >= canvas->top
               ? TALLEST
               : (unsigned)((part * TALLEST + canvas->top - 1) / canvas->top);
}

static sil_status put_bar(struct sil_bytes *out, const struct canvas *canvas,
                          const struct sil_picture *picture, uint32_t i,
                          struct sil_error *err)
{
    const struct sil_bar *bar = &picture->bar[i];
    const uint64_t part = share(bar->count, canvas->n_rows);
    const unsigned height = height_of(canvas, part);
    const unsigned x = i * canvas->step;
    sil_status status = sil_html(
        out, err, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>",
        bar->is_apart ? "hatch" : "bar", x + 1, FLOOR - height, canvas->step - 2,
        height);
    if (status != SIL_OK || canvas->reach == 0) {
        return status;
    }
    unsigned high = height_of(canvas, part + canvas->reach);
    unsigned low = part > canvas->reach ? height_of(canvas, part - canvas->reach) : 0;
    return sil_html(out, err, "<path class=\"whisker\" d=\"M%u %uV%u\"/>",
                    x + canvas->step / 2, FLOOR - high, FLOOR - low);
}

static sil_status put_svg(struct sil_bytes *out, const struct sil_datasheet *sheet,
                          uint32_t attr, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_picture *picture = &sheet->picture[attr];
    const struct canvas drawn = canvas(sheet, attr);
    SIL_TRY(
        sil_html(out, err,
                 "<svg viewBox=\"0 0 480 154\" role=\"img\" "
                 "aria-labelledby=\"t%u d%u\"><title id=\"t%u\">Shares of the rows, "
                 "column %u</title><desc id=\"d%u\">%u bars; the highest is ",
                 attr, attr, attr, attr + 1, attr, picture->n_bars));
    SIL_TRY(sil_html_percent(out, largest_share(picture, drawn.n_rows), false, err));
    SIL_TRY(sil_html(out, err, ". The table below has the figures.</desc>"));
    for (uint32_t i = 0; i < picture->n_bars; i++) {
        SIL_TRY(put_bar(out, &drawn, picture, i, err));
    }
    SIL_TRY(sil_html(out, err,
                     "<path class=\"edge\" stroke-width=\"2\" d=\"M0 151H480\"/>"
                     "</svg>\n"));
cleanup:
    return status;
}

/* What is known of the error, in words. */
static sil_status put_reach(struct sil_bytes *out, const struct sil_datasheet *sheet,
                            uint32_t attr, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint64_t off = reach(sheet, attr);
    if (off == 0) {
        return sil_html(out, err, " No bound of the error of single values.");
    }
    SIL_TRY(sil_html(out, err, " Each bar is off by at most "));
    SIL_TRY(sil_html_percent(out, off, true, err));
    SIL_TRY(sil_html(out, err, " of all rows."));
cleanup:
    return status;
}

static sil_status put_table(struct sil_bytes *out, const struct sil_picture *picture,
                            uint64_t n_rows, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_html(
        out, err,
        "<details><summary>Figures</summary>\n<table class=\"wide\">"
        "<caption>Shares of the synthetic rows</caption><thead><tr><th scope=\"col\">Value</th>"
        "<th scope=\"col\" class=\"n\">Rows</th></tr></thead><tbody>\n"));
    for (uint32_t i = 0; i < picture->n_bars; i++) {
        const struct sil_bar *bar = &picture->bar[i];
        SIL_TRY(sil_html(out, err, "<tr><th scope=\"row\" class=\"name\"><bdi>"));
        SIL_TRY(sil_html_short(out, bar->label, LABEL, err));
        SIL_TRY(sil_html(out, err, "</bdi></th><td class=\"n\">"));
        SIL_TRY(sil_html_percent(out, share(bar->count, n_rows), false, err));
        SIL_TRY(sil_html(out, err, "</td></tr>\n"));
    }
    SIL_TRY(sil_html(out, err, "</tbody></table></details>\n"));
cleanup:
    return status;
}

static sil_status put_picture(struct sil_bytes *out, const struct sil_datasheet *sheet,
                              uint32_t attr, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_picture *picture = &sheet->picture[attr];
    const struct sil_bar *first = &picture->bar[0];
    const struct sil_bar *last = &picture->bar[picture->n_bars - 1];
    SIL_TRY(sil_html(out, err, "<figure><h3>"));
    SIL_TRY(sil_html_name(out, sil_datasheet_column(sheet, attr), err));
    SIL_TRY(sil_html(out, err, "</h3>\n"));
    SIL_TRY(put_svg(out, sheet, attr, err));
    SIL_TRY(sil_html(out, err, "<figcaption><bdi>"));
    SIL_TRY(sil_html_short(out, first->label, LABEL, err));
    if (picture->n_bars > 1) {
        SIL_TRY(sil_html(out, err, "</bdi> \xe2\x80\xa6 <bdi>"));
        SIL_TRY(sil_html_short(out, last->label, LABEL, err));
    }
    SIL_TRY(sil_html(out, err, "</bdi>; %u bar%s of %u cell%s.", picture->n_bars,
                     picture->n_bars == 1 ? "" : "s", picture->n_cells,
                     picture->n_cells == 1 ? "" : "s"));
    SIL_TRY(put_reach(out, sheet, attr, err));
    SIL_TRY(sil_html(out, err, "</figcaption>\n"));
    SIL_TRY(put_table(out, picture, sheet->record->rows->n_rows, err));
    SIL_TRY(sil_html(out, err, "</figure>\n"));
cleanup:
    return status;
}

sil_status sil_html_columns(struct sil_bytes *out, const struct sil_datasheet *sheet,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t attr = 0;
    SIL_TRY(sil_html(
        out, err,
        "<section id=\"columns\" aria-labelledby=\"columns-h\">\n"
        "<h2 id=\"columns-h\">Columns</h2>\n"
        "<p>Of the synthetic rows, not of the table: how often each column takes its "
        "values. %sHatched: no value, or several "
        "rare ones together.</p>\n<div class=\"cards\">\n",
        sil_choices_are_made(&sheet->record->choices)
            ? "Made to order: without error bars. "
            : "The upright lines are error bars: with a confidence of 95 % for the column, "
              "no share of the table lies outside them. "));
    for (; attr < sheet->n_columns && out->length < SIL_HTML_PICTURES; attr++) {
        SIL_TRY(put_picture(out, sheet, attr, err));
    }
    SIL_TRY(sil_html(out, err, "</div>\n"));
    if (attr < sheet->n_columns) {
        SIL_TRY(sil_html(out, err,
                         "<p>The first %u of %u columns are shown; datasheet.json has "
                         "all.</p>\n",
                         attr, sheet->n_columns));
    }
    SIL_TRY(sil_html(out, err, "</section>\n"));
cleanup:
    return status;
}

/* ---- association ---- */

static sil_status put_heat_row(struct sil_bytes *out, const struct sil_datasheet *sheet,
                               uint32_t i, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_association *association = &sheet->association;
    SIL_TRY(sil_html(out, err, "<tr><th scope=\"row\">%u&#160;", i + 1));
    SIL_TRY(sil_html_name(out, sil_datasheet_column(sheet, association->attr[i]), err));
    SIL_TRY(sil_html(out, err, "</th>"));
    for (uint32_t j = 0; j < association->n; j++) {
        unsigned percent = association->percent[i][j];
        SIL_TRY(i == j ? sil_html(out, err, "<td aria-label=\"itself\">\xc2\xb7</td>")
                       : sil_html(out, err, "<td class=\"h%u\">%u</td>", percent / 10,
                                  percent));
    }
    SIL_TRY(sil_html(out, err, "</tr>\n"));
cleanup:
    return status;
}

sil_status sil_html_heat_map(struct sil_bytes *out, const struct sil_datasheet *sheet,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_association *association = &sheet->association;
    char rows[SIL_COUNT_BYTES];
    sil_count_text(rows, association->n_rows);
    SIL_TRY(sil_html(
        out, err,
        "<section id=\"association\" aria-labelledby=\"association-h\">\n"
        "<h2 id=\"association-h\">Association</h2>\n"
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Association of columns\">\n<table class=\"heat\">\n"
        "<caption>How strongly columns go together in the synthetic rows: Cram\xc3\xa9r&#39;s "
        "V in hundredths, corrected for chance, of the bars above; 0: not at all, 100: one "
        "tells the other; darker is stronger. %u of %u columns, the first %s rows."
        "</caption>\n<thead><tr><th scope=\"col\">Column</th>",
        association->n, sheet->n_columns, rows));
    for (uint32_t i = 0; i < association->n; i++) {
        SIL_TRY(sil_html(out, err, "<th scope=\"col\">%u</th>", i + 1));
    }
    SIL_TRY(sil_html(out, err, "</tr></thead>\n<tbody>\n"));
    for (uint32_t i = 0; i < association->n; i++) {
        SIL_TRY(put_heat_row(out, sheet, i, err));
    }
    SIL_TRY(sil_html(out, err, "</tbody>\n</table>\n</div>\n</section>\n"));
cleanup:
    return status;
}
