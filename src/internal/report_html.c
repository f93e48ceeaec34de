// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "internal/documents.h"
#include "internal/html.h"
#include "synth/model_object.h"

#include "silhouette/version.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The notice is above every page in print; there is one on screen at the top, and one in
 * each section. Contrast of all text is above 7:1. */
static const char STYLE[] =
    "<style>\n"
    ":root{color-scheme:light}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:#fff;color:#1a1a1a;font:16px/1.5 system-ui,sans-serif}\n"
    "main,footer{max-width:60rem;margin:0 auto;padding:0 1rem 2rem}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:1.5rem 0 .5rem}\n"
    "h2{font-size:1.25rem;line-height:1.3;margin:2.5rem 0 0}\n"
    "p,dl,ul{max-width:45rem}\n"
    ".banner{background:#7a0016;color:#fff;font-weight:bold;text-align:center;"
    "padding:.6rem 1rem;position:sticky;top:0;z-index:1}\n"
    ".notice{color:#7a0016;font-size:.8rem;font-weight:bold;margin:.1rem 0 .8rem}\n"
    ".warning{border-left:.3rem solid #7a0016;padding:.1rem 0 .1rem .8rem}\n"
    ".hash{overflow-wrap:anywhere}\n"
    "dl.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));"
    "gap:.8rem;max-width:none}\n"
    "dl.key div{border:1px solid #767676;border-radius:.3rem;padding:.6rem .8rem}\n"
    "dl.key dt{font-size:.9rem}\n"
    "dl.key dd{margin:0;font-size:1.5rem;font-weight:bold;line-height:1.3}\n"
    "dl.key dd+dd{font-size:.9rem;font-weight:normal;color:#404040}\n"
    ".scroll{overflow-x:auto;margin:0 0 1.2rem}\n"
    "table{border-collapse:collapse;font-size:.9rem;"
    "font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;padding:.2rem 0;"
    "max-width:min(45rem,calc(100vw - 2rem))}\n"
    "th,td{padding:.25rem .6rem;text-align:right;vertical-align:top;"
    "border-bottom:1px solid #b8b8b8}\n"
    "thead th{border-bottom:2px solid #1a1a1a;vertical-align:bottom}\n"
    "th:first-child{text-align:left;overflow-wrap:anywhere;min-width:9rem}\n"
    "tbody th{font-weight:normal}\n"
    "svg{display:block;width:100%;min-width:30rem;max-width:40rem;height:auto;"
    "font:13px system-ui,sans-serif}\n"
    ".grid{stroke:#c4c4c4}\n"
    ".curve{fill:none;stroke:#555;stroke-width:2}\n"
    "circle{fill:#555}\n"
    ".ours{stroke:#7a0016;stroke-width:2.5}\n"
    ".bar{fill:#2f6ba8}\n"
    ".mark{stroke:#1a1a1a;stroke-width:2.5}\n"
    "@media screen and (max-width:30rem){\n"
    ".banner{font-size:.8rem;padding:.3rem .6rem}\n"
    "table{font-size:.8rem}\n"
    "th,td{padding:.25rem .35rem}\n"
    "th:first-child{min-width:6.5rem}\n"
    "}\n"
    "@media print{\n"
    "@page{margin:18mm 14mm;@top-center{content:\"" SIL_REPORT_NOTICE
    "\";color:#7a0016;font:bold 9pt system-ui,sans-serif}}\n"
    "body{font-size:10pt}\n"
    ".banner{position:static}\n"
    ".scroll{overflow:visible}\n"
    "main,footer{max-width:none;padding:0}\n"
    "svg{min-width:0;max-width:150mm}\n"
    "table{font-size:8.5pt}\n"
    "th,td{padding:.15rem .4rem}\n"
    "tr,svg,dl.key div{break-inside:avoid}\n"
    "h2,.notice,caption{break-after:avoid}\n"
    "}\n"
    "</style>\n";

/* ---- what was compared ---- */

static void put_synthetic(struct sil_page *page, const struct sil_comparison *c)
{
    sil_page_put(page, "<li>Synthetic rows: %zu, ", c->synthetic.codes.n_rows);
    if (c->from_file) {
        sil_page_put(page,
                     "from a file of %" PRIu64 " rows, of which %" PRIu64
                     " were dropped by the schema's policies.</li>\n",
                     c->synthetic.n_read, c->synthetic.n_dropped);
        return;
    }
    sil_page_put(page, "drawn from the model, their number %s, ",
                 c->sample.n_rows > 0 ? "the operator's choice"
                                      : "the private estimate");
    if (c->sample.has_seed) {
        sil_page_put(page, "with the seed %" PRIu64 ", the operator's choice.</li>\n",
                     c->sample.seed);
    } else {
        sil_page_put(page, "with the seed that follows from the transcript.</li>\n");
    }
}

/* What the cap leaves out is an error of the synthetic rows like any other. */
static void put_unit(struct sil_page *page, const struct sil_privacy_unit *unit)
{
    if (unit->id_column != NULL) {
        sil_page_put(page,
                     "<li>The model counts %" PRIu32 " rows of a person; the true rows "
                     "are all rows of everybody.</li>\n",
                     unit->rows);
    }
}

static void put_sources(struct sil_page *page, const struct sil_comparison *c)
{
    const char *claim = sil_model_claim(c->model);
    sil_page_put(page,
                 "<ul>\n<li>True rows: %zu, of %" PRIu64 " read, %" PRIu64
                 " dropped by the schema's policies.</li>\n",
                 c->truth.codes.n_rows, c->truth.n_read, c->truth.n_dropped);
    put_unit(page, &c->model->transcript.terms.unit);
    put_synthetic(page, c);
    sil_page_put(page, "<li class=\"hash\">Model: %s, transcript ",
                 sil_mechanism_name(c->model->transcript.terms.mechanism));
    for (size_t i = 0; i < SIL_HASH_BYTES; i++) {
        sil_page_put(page, "%02x", c->model->hash[i]);
    }
    sil_page_put(page, ".</li>\n</ul>\n<details><summary>What the model's claim says, "
                       "which does not cover this report</summary>\n<p>");
    sil_page_text(page, claim, strlen(claim), SIZE_MAX);
    sil_page_put(page, "</p></details>\n");
}

/* ---- the figures that count ---- */

static void put_key(struct sil_page *page, const char *name,
                    const struct sil_figure *figure)
{
    if (!isnan(figure->value)) {
        sil_page_put(
            page, "<div><dt>%s</dt><dd>%.4f</dd><dd>sampling alone: %.4f</dd></div>\n",
            name, figure->value, figure->reference);
    }
}

static void put_summary(struct sil_page *page, const struct sil_comparison *c)
{
    const struct sil_score *score = &c->score;
    sil_page_section(page, "summary", "In short");
    sil_page_put(page, "<dl class=\"key\">\n");
    put_key(page, "Mean error of single columns", &c->way[0].mean);
    put_key(page, "Mean error of pairs", &c->way[1].mean);
    put_key(page, "Mean error of three columns", &c->way[2].mean);
    if (score->n_marginals > 0) {
        sil_page_put(page,
                     "<div><dt>k-marginal score, of 1000</dt><dd>%.0f</dd><dd>sampling "
                     "alone: %.0f</dd></div>\n",
                     score->score.value, score->score.reference);
    }
    sil_page_put(
        page,
        "</dl>\n"
        "<p>The <b>error</b> of a marginal is the total variation distance between the "
        "shares of the true and of the synthetic rows in its cells: half of the sum of "
        "all differences, 0 for equal shares, 1 for shares that have no cell in "
        "common.</p>\n"
        "<p><b>Sampling alone</b> is the reference beside every figure: the same for %d "
        "tables of as many rows as the synthetic one, drawn at random from the true "
        "rows, with replacement; the mean of these. Rows that follow the true table "
        "exactly, but are other people's, would be about so far off. Synthetic rows may "
        "be nearer than that: a model rounds where people scatter.</p>\n",
        SIL_RESAMPLES);
    sil_page_section_end(page);
}

static void put_way(struct sil_page *page, uint32_t k, const struct sil_way *way)
{
    sil_page_put(page, "<tr><th scope=\"row\">%" PRIu32 "</th>", k);
    sil_page_count(page, way->n_all);
    sil_page_put(page, "<td>%zu%s</td>", way->n_compared,
                 way->is_sample ? " (a sample)" : "");
    sil_page_count(page, way->n_mean);
    sil_page_figure(page, &way->mean);
    sil_page_figure(page, &way->most);
    sil_page_put(page, "</tr>\n");
}

static void put_ways(struct sil_page *page, const struct sil_comparison *c)
{
    sil_page_section(page, "marginals", "Errors of marginals");
    sil_page_table_of(
        page,
        &(const struct sil_page_words){
            .kind = "ways",
            .caption = "Mean and largest error by number of columns",
            .heads = "<th scope=\"col\">columns</th><th scope=\"col\">marginals</th>"
                     "<th scope=\"col\">compared</th><th scope=\"col\">in the mean</th>"
                     "<th scope=\"col\">mean error</th><th scope=\"col\">sampling</th>"
                     "<th scope=\"col\">largest</th><th scope=\"col\">sampling</th>"});
    for (uint32_t k = 0; k < SIL_REPORT_WAYS; k++) {
        put_way(page, k + 1, &c->way[k]);
    }
    sil_page_table_end(page);
    sil_page_put(page,
                 "<p>In the mean are marginals of at most %d cells; compared are those "
                 "of at most %" PRIu64
                 ". Where there are too many, a sample is compared "
                 "that follows from the schema alone.</p>\n",
                 SIL_REPORT_MEAN_CELLS, SIL_REPORT_CELLS_MAX);
    sil_page_section_end(page);
}

/* ---- what the policies did ---- */

static void put_outsiders(struct sil_page *page, const struct sil_comparison *c,
                          uint32_t column, const struct sil_outsiders *outside)
{
    sil_page_put(page, "<tr><th scope=\"row\">");
    sil_page_column(page, c, column);
    sil_page_put(page, "</th>");
    sil_page_count(page, outside->moved);
    sil_page_count(page, outside->other);
    sil_page_count(page, outside->null);
    sil_page_count(page, outside->dropped);
    sil_page_put(page, "</tr>\n");
}

static bool has_any(const struct sil_outsiders *outside)
{
    return (outside->moved | outside->other | outside->null | outside->dropped) > 0;
}

static void put_policy_table(struct sil_page *page, const struct sil_comparison *c,
                             const struct sil_rows *rows, const char *kind,
                             const char *caption)
{
    enum { SHOWN = 250 };

    uint32_t n = 0;
    for (uint32_t a = 0; a < c->domain.n_attrs; a++) {
        if (!has_any(&rows->outside[a]) || ++n > SHOWN) {
            continue;
        }
        if (n == 1) {
            sil_page_table_of(
                page,
                &(const struct sil_page_words){
                    .kind = kind,
                    .caption = caption,
                    .heads =
                        "<th scope=\"col\">column</th>"
                        "<th scope=\"col\">moved to the nearest bin</th>"
                        "<th scope=\"col\">became other</th><th scope=\"col\">became null</th>"
                        "<th scope=\"col\">row dropped</th>"});
        }
        put_outsiders(page, c, a, &rows->outside[a]);
    }
    if (n > 0) {
        sil_page_table_end(page);
    }
    if (n > SHOWN) {
        sil_page_put(page, "<p>Of %" PRIu32 " columns; report.json has all.</p>\n", n);
    }
    if (n == 0) {
        sil_page_put(page, "<p>%s: none.</p>\n", caption);
    }
}

static void put_policies(struct sil_page *page, const struct sil_comparison *c)
{
    sil_page_section(page, "policies", "What the schema's policies changed");
    sil_page_put(page, "<p>The model was fitted to rows after these changes, and this "
                       "report compares with the rows after them.</p>\n");
    put_policy_table(page, c, &c->truth, "true-policies",
                     "Values of the true table outside their declared domain");
    if (c->from_file) {
        put_policy_table(page, c, &c->synthetic, "synthetic-policies",
                         "Values of the synthetic file outside their declared domain");
    }
    sil_page_section_end(page);
}

/* ---- the whole ---- */

static void put_page(struct sil_page *page, const struct sil_comparison *c)
{
    sil_page_put(page, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
                       "<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, "
                       "initial-scale=1\">\n"
                       "<meta name=\"robots\" content=\"noindex\">\n"
                       "<title>INTERNAL report: synthetic rows against the true "
                       "table</title>\n");
    sil_page_markup(page, STYLE);
    sil_page_put(
        page,
        "</head>\n<body>\n"
        "<div class=\"banner\" role=\"note\">" SIL_REPORT_NOTICE "</div>\n"
        "<main>\n<h1>Synthetic rows against the true table</h1>\n"
        "<p class=\"warning\">For the operator's eyes. Do not choose by it: " SIL_REPORT_WARNING
        ".</p>\n");
    put_sources(page, c);
    put_summary(page, c);
    sil_report_html_score(page, c);
    put_ways(page, c);
    sil_report_html_groups(page, c);
    sil_report_html_columns(page, c);
    sil_report_html_worst(page, c);
    put_policies(page, c);
    sil_page_put(page,
                 "</main>\n<footer><p class=\"notice\">" SIL_REPORT_NOTICE "</p>\n"
                 "<p>silhouette %s. The same figures for programs: "
                 "report.json.</p></footer>\n</body>\n</html>\n",
                 sil_version());
}

sil_status sil_report_html(struct sil_bytes *out,
                           const struct sil_comparison *comparison,
                           struct sil_error *err)
{
    struct sil_page page = {.out = out, .err = err};
    put_page(&page, comparison);
    return page.status;
}
