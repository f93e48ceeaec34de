// SPDX-License-Identifier: Apache-2.0
/* How accurate the rows are, as far as the released values tell; rules kept; limits. */
#include "base/fail.h"
#include "release/datasheet_html.h"
#include "release/html.h"
#include "synth/model_object.h"
#include "synth/report.h"

/* ---- what was measured ---- */

static sil_status put_marginal(struct sil_bytes *out, const struct sil_datasheet *sheet,
                               const struct sil_clique *clique, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (uint32_t k = 0; k < clique->n; k++) {
        SIL_TRY(sil_html(out, err, k == 0 ? "" : " \xc3\x97 "));
        SIL_TRY(sil_html_name(out, sil_datasheet_column(sheet, clique->attr[k]), err));
    }
cleanup:
    return status;
}

static sil_status put_measurement(struct sil_bytes *out,
                                  const struct sil_datasheet *sheet, size_t i,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_release *line = &sheet->record->model->transcript.line[i];
    char cells[SIL_COUNT_BYTES];
    sil_count_text(cells, line->n_cells);
    SIL_TRY(sil_html(out, err, "<tr><th scope=\"row\" class=\"name\">"));
    SIL_TRY(put_marginal(out, sheet, &line->clique, err));
    SIL_TRY(sil_html(out, err, "%s</th><td class=\"n\">%s</td><td class=\"n\">",
                     line->of == NULL ? "" : " (groups of values)", cells));
    SIL_TRY(sil_print_deviation(out, &line->sigma2, err));
    SIL_TRY(sil_html(out, err, "</td><td class=\"n\">"));
    SIL_TRY(sil_print_epsilon(out, line->rho.v, err));
    SIL_TRY(sil_html(out, err, "</td></tr>\n"));
cleanup:
    return status;
}

static sil_status put_measurements(struct sil_bytes *out,
                                   const struct sil_datasheet *sheet,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_transcript *transcript = &sheet->record->model->transcript;
    size_t shown = 0;
    SIL_TRY(sil_html(
        out, err,
        "<h3>Noise of every measured marginal</h3>\n"
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Noise of every measured marginal\">\n<table class=\"wide\">\n"
        "<caption>Normal noise was added to each count of these marginals.</caption>\n"
        "<thead><tr><th scope=\"col\">Marginal</th><th scope=\"col\" class=\"n\">Cells"
        "</th><th scope=\"col\" class=\"n\">Standard deviation, rows</th>"
        "<th scope=\"col\" class=\"n\">rho</th></tr></thead>\n<tbody>\n"));
    for (size_t i = 0; i < transcript->n_lines && out->length < SIL_HTML_MEASURED;
         i++) {
        if (transcript->line[i].kind == SIL_RELEASE_MEASURE) {
            SIL_TRY(put_measurement(out, sheet, i, err));
            shown++;
        }
    }
    SIL_TRY(sil_html(out, err, "</tbody>\n</table>\n</div>\n"));
    if (shown < sheet->claim.noise.n) {
        SIL_TRY(sil_html(out, err,
                         "<p>The first %zu of %zu are shown; datasheet.json has all."
                         "</p>\n",
                         shown, sheet->claim.noise.n));
    }
cleanup:
    return status;
}

/* ---- how far off ---- */

/* Where the bound comes from; a bound of groups says nothing of the values in them. */
static sil_status put_kind(struct sil_bytes *out, const struct sil_error_bound *bound,
                           struct sil_error *err)
{
    switch (bound->kind) {
    case SIL_BOUND_SUPPORTED: return sil_html(out, err, "measured");
    case SIL_BOUND_THEOREM: return sil_html(out, err, "AIM&#39;s theorem");
    case SIL_BOUND_GROUPED:
        return bound->clique.n > 1
                   ? sil_html(out, err, "measured in %u \xc3\x97 %u groups",
                              bound->value[0], bound->value[1])
                   : sil_html(out, err, "measured in %u groups", bound->value[0]);
    case SIL_BOUND_NONE: break;
    }
    return sil_html(out, err, "not measured");
}

/* A distance is at most 1: a bound that is no less says nothing, which is not the same as
 * that there is none. */
static sil_status put_figure(struct sil_bytes *out, enum sil_bound_kind kind,
                             uint32_t bound, struct sil_error *err)
{
    if (bound < SIL_ERROR_UNIT) {
        return sil_html_percent(out, bound, true, err);
    }
    return sil_html(out, err,
                    kind == SIL_BOUND_NONE ? "no bound" : "no bound below 100 %%");
}

static sil_status put_bound(struct sil_bytes *out, const struct sil_datasheet *sheet,
                            const struct sil_error_bound *bound, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_html(out, err, "<tr><th scope=\"row\" class=\"name\">"));
    SIL_TRY(put_marginal(out, sheet, &bound->clique, err));
    SIL_TRY(sil_html(out, err, "</th><td>"));
    SIL_TRY(put_kind(out, bound, err));
    SIL_TRY(sil_html(out, err, "</td><td class=\"n\">"));
    SIL_TRY(put_figure(out, bound->kind, bound->bound, err));
    SIL_TRY(sil_html(out, err, "</td><td class=\"n\">"));
    SIL_TRY(put_figure(out, bound->kind, bound->proved, err));
    SIL_TRY(sil_html(out, err, "</td><td class=\"n\">"));
    if (mpq_sgn(bound->sigma2.v) > 0) {
        SIL_TRY(sil_print_deviation(out, &bound->sigma2, err));
    }
    SIL_TRY(sil_html(out, err, "</td></tr>\n"));
cleanup:
    return status;
}

static sil_status put_shown(struct sil_bytes *out,
                            const struct sil_error_bounds *bounds, size_t shown,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (shown < bounds->n) {
        SIL_TRY(sil_html(out, err,
                         "<p>The first %zu of %zu are shown; datasheet.json has all."
                         "</p>\n",
                         shown, bounds->n));
    }
    if (bounds->n_large + bounds->n_left_out > 0) {
        SIL_TRY(
            sil_html(out, err,
                     "<p>Not looked at, and without a bound: %lu pairs of more than "
                     "%d cells, and %lu of too many pairs.</p>\n",
                     (unsigned long)bounds->n_large, SIL_ERROR_CELLS_MAX,
                     (unsigned long)bounds->n_left_out));
    }
cleanup:
    return status;
}

static sil_status put_bounds(struct sil_bytes *out, const struct sil_datasheet *sheet,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_error_bounds *bounds = &sheet->record->bounds;
    size_t i = 0;
    SIL_TRY(sil_html(
        out, err,
        "<h3>How far off columns and pairs may be</h3>\n"
        "<p>The error of a marginal is the total variation distance between the shares "
        "of its cells here and in the table: the share of rows that would have to "
        "change. Each bound holds with a confidence of 95 %%. The first column of bounds "
        "is calibrated on tables for which the truth is known, or proved where that is "
        "less; the second is proved. Where values were measured in groups, the bound is of "
        "the groups; what was not measured is bounded by what AIM chose in its place. "
        "Where it says no bound, nothing that was released tells; no bound below 100 %%: "
        "what was released tells too little.</p>\n"
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Bounds of errors\">\n<table class=\"wide\">\n"
        "<caption>Bounds of the error, columns first, then pairs.</caption>\n"
        "<thead><tr><th scope=\"col\">Marginal</th><th scope=\"col\">From</th>"
        "<th scope=\"col\" class=\"n\">Off by at most</th>"
        "<th scope=\"col\" class=\"n\">Proved</th>"
        "<th scope=\"col\" class=\"n\">Noise of a cell, rows</th></tr></thead>\n<tbody>"
        "\n"));
    for (; i < bounds->n && out->length < SIL_HTML_ERRORS; i++) {
        SIL_TRY(put_bound(out, sheet, &bounds->item[i], err));
    }
    SIL_TRY(sil_html(out, err, "</tbody>\n</table>\n</div>\n"));
    SIL_TRY(put_shown(out, bounds, i, err));
cleanup:
    return status;
}

sil_status sil_html_accuracy(struct sil_bytes *out, const struct sil_datasheet *sheet,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_html(out, err,
                     "<section id=\"accuracy\" aria-labelledby=\"accuracy-h\">\n"
                     "<h2 id=\"accuracy-h\">Accuracy</h2>\n"
                     "<p>Computed from what was released anyway: it costs no privacy, "
                     "and reads no row of the table.</p>\n"));
    SIL_TRY(
        sil_choices_are_made(&sheet->record->choices)
            ? sil_html(out, err,
                       "<h3>How far off columns and pairs may be</h3>\n<p>No bound is "
                       "given. The rows are made to order, and what was measured is "
                       "of the table as a whole: the error of these rows is not "
                       "bounded by it.</p>\n")
            : put_bounds(out, sheet, err));
    SIL_TRY(put_measurements(out, sheet, err));
    SIL_TRY(sil_html(out, err, "</section>\n"));
cleanup:
    return status;
}

/* ---- rules kept, limits ---- */

static sil_status put_warnings(struct sil_bytes *out, const struct sil_model *model,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = sil_model_n_warnings(model);
    if (n == 0) {
        return sil_html(out, err, "<p>The program had nothing to warn of.</p>\n");
    }
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(sil_html(out, err,
                         "<p class=\"warn\"><strong>Warning.</strong> %s.</p>\n",
                         sil_model_warning(model, i)));
    }
cleanup:
    return status;
}

sil_status sil_html_limits(struct sil_bytes *out, const struct sil_datasheet *sheet,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_html(
        out, err,
        "<section id=\"rules\" aria-labelledby=\"rules-h\">\n"
        "<h2 id=\"rules-h\">Rules kept</h2>\n"
        "<p>Every value of every row is one that the schema declares, in its column, in "
        "the form it declares; a column that may not be null never is. The schema is "
        "schema.json in the bundle.</p>\n</section>\n"
        "<section id=\"limits\" aria-labelledby=\"limits-h\">\n"
        "<h2 id=\"limits-h\">Known limits</h2>\n"));
    SIL_TRY(put_warnings(out, sheet->record->model, err));
    SIL_TRY(sil_html(
        out, err,
        "<ul>\n<li>A figure from these rows is an estimate. Where a bound stands above, "
        "the truth may be that far away; where it says no bound, anything is possible."
        "</li>\n<li>Do not use these rows to decide about a person.</li>\n"
        "<li>Small groups are the least accurate. A combination of values that occurs "
        "here may not occur in the table, and the other way round.</li>\n"
        "<li>More rows than the table had are no more evidence than it was.</li>\n"
        "<li><strong>The transcript is an attacker&#39;s best input: it is inside the "
        "guarantee, but share it with care.</strong> It is what anybody needs to compute "
        "these rows again, and holds all noisy counts.</li>\n</ul>\n</section>\n"));
cleanup:
    return status;
}
