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

sil_status sil_html_accuracy(struct sil_bytes *out, const struct sil_datasheet *sheet,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_html(out, err,
                     "<section id=\"accuracy\" aria-labelledby=\"accuracy-h\">\n"
                     "<h2 id=\"accuracy-h\">Accuracy</h2>\n"
                     "<p>Computed from what was released anyway: it costs no privacy, "
                     "and reads no row of the table.</p>\n"));
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
