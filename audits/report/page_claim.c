// SPDX-License-Identifier: Apache-2.0
/* How the promise adds up, and what went in besides the rows. */
#include "audits/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put_claim(struct aud_page *page, const json_t *claim)
{
    double rows = aud_real(claim, "rows", 1);
    bool is_replace = strcmp(aud_text(claim, "neighbours"), "replace-one") == 0;
    bool is_person = strcmp(aud_text(claim, "unit"), "person") == 0;
    aud_page(
        page,
        "<p>Claimed: epsilon <strong>%s</strong> at delta <strong>%s</strong>, which "
        "is the conversion of rho = <code>%s</code> (zero-concentrated differential "
        "privacy), of which <code>%s</code> was spent. Mechanism: %s. Protected: ",
        aud_text(claim, "epsilon"), aud_text(claim, "delta"), aud_text(claim, "rho"),
        aud_text(claim, "spent"), aud_text(claim, "mechanism"));
    if (is_person) {
        aud_page(page, "one person with at most %.0f rows", rows);
    } else {
        aud_page_markup(page, "one row, which is one person only where nobody has two");
    }
    aud_page(page, "; tables that differ by %m.</p>\n",
             is_replace ? "exchanging that for another (replace-one)"
                        : "having that or not (add-remove)");
}

static void put_stages(struct aud_page *page, const json_t *stages, size_t number)
{
    char id[32];
    double sum = 0;
    size_t left_out = 0;
    (void)snprintf(id, sizeof id, "t-stages-%zu", number);
    aud_page_table(
        page, id,
        "What was spent, stage by stage: neighbouring lines of the transcript that are "
        "alike, together.",
        "<th scope=\"col\">Stage</th><th scope=\"col\">Of columns</th><th scope=\"col\" "
        "class=\"n\">Lines</th><th scope=\"col\">Sensitivity</th><th scope=\"col\">"
        "Size of the noise, or epsilon of a choice</th><th scope=\"col\" "
        "class=\"n\">rho</th>");
    for (size_t i = 0; i < json_array_size(stages); i++) {
        const json_t *stage = json_array_get(stages, i);
        bool is_choice = strcmp(aud_text(stage, "mechanism"), "choice") == 0;
        bool is_found = strcmp(aud_text(stage, "mechanism"), "discovery") == 0;
        bool is_bins = strcmp(aud_text(stage, "mechanism"), "bins") == 0;
        double least = aud_real(stage, "least", 0);
        double most = aud_real(stage, "most", 0);
        sum += aud_real(stage, "rho", 0);
        if (!aud_page_has_room(page)) {
            left_out++;
            continue;
        }
        aud_page(
            page,
            "<tr><th scope=\"row\">%m</th><td>%.0f</td><td class=\"n\">%.0f</td>"
            "<td>%m%s</td><td>%m %.5g",
            is_choice  ? "private choice"
            : is_found ? "discovery of values"
            : is_bins  ? "noisy counts of intervals, to learn bins"
                       : "noisy counts",
            aud_real(stage, "columns", 0), aud_real(stage, "lines", 0),
            is_choice ? "of a score: " : "squared: ", aud_text(stage, "sensitivity"),
            is_choice ? "epsilon" : "standard deviation", least);
        if (most > least) {
            aud_page(page, " to %.5g", most);
        }
        if (is_found) {
            aud_page(page, ", and delta %.3g", aud_real(stage, "delta", 0));
        }
        aud_page(page, "</td><td class=\"n\">%.8f</td></tr>\n",
                 aud_real(stage, "rho", 0));
    }
    aud_page(page,
             "<tr><th scope=\"row\" colspan=\"5\">Sum (rounded)</th>"
             "<td class=\"n\">%.8f</td></tr>\n",
             sum);
    aud_page_end_table(page);
    aud_page_left_out(page, left_out);
}

/* ---- public inputs ---- */

static void put_public(struct aud_page *page, const json_t *inputs, size_t number)
{
    char id[32];
    size_t left_out = 0;
    (void)snprintf(id, sizeof id, "t-public-%zu", number);
    aud_page_table(page, id,
                   "Everything that went in besides the rows, and where it came from.",
                   "<th scope=\"col\">Input</th><th scope=\"col\">Name</th>"
                   "<th scope=\"col\">Source</th><th scope=\"col\">How</th>");
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        const json_t *input = json_array_get(inputs, i);
        const char *source = aud_text(input, "source");
        bool is_good = strcmp(source, "public") == 0 ||
                       strcmp(source, "differentially private") == 0;
        if (!aud_page_has_room(page)) {
            left_out++;
            continue;
        }
        aud_page(
            page,
            "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"w%m\">%m%s</td><td>%s</td>"
            "</tr>\n",
            aud_text(input, "input"), aud_text(input, "name"), is_good ? "" : " alarm",
            is_good ? "" : "\xe2\x96\xb2 ", source, aud_text(input, "how"));
    }
    aud_page_end_table(page);
    aud_page_left_out(page, left_out);
}

/* Of each input of the report that has one. */
static size_t for_each(struct aud_page *page, const struct aud_report *report,
                       bool is_public)
{
    size_t n = 0;
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *content = report->inputs.item[i].content;
        const json_t *subject = aud_report_subject(report, i);
        const json_t *claim = json_object_get(subject, "claim");
        const json_t *inputs = json_object_get(content, "inputs");
        if (!aud_page_has_room(page)) {
            aud_page_left_out(page, 1);
        } else if (is_public && json_is_array(inputs)) {
            put_public(page, inputs, ++n);
        } else if (!is_public && json_is_object(claim)) {
            put_claim(page, claim);
            put_stages(page, json_object_get(subject, "stages"), ++n);
        }
    }
    return n;
}

void aud_page_claim(struct aud_page *page, const struct aud_report *report)
{
    aud_page_section(page, "claim", "How the promise adds up");
    if (for_each(page, report, false) == 0) {
        aud_page_markup(page,
                        "<p>No transcript was among the inputs, so there is nothing "
                        "to add up.</p>\n");
    } else {
        aud_page_markup(
            page,
            "<p>Every cost follows from its sensitivity and its noise: rho is "
            "sensitivity squared over twice the variance, and epsilon squared over "
            "8 of a choice. The sum must not exceed what the ledger reserved, and "
            "the conversion from rho to epsilon is recomputed; the tests below "
            "(B3, B5, B9) say whether both hold.</p>\n");
    }
    aud_page_end_section(page);
    aud_page_section(page, "public", "Public inputs");
    aud_page_markup(
        page, "<p>A promise about rows says nothing of what went in beside them. "
              "What was looked at in the data, or what nobody explains, is outside "
              "the promise.</p>\n");
    if (for_each(page, report, true) == 0) {
        aud_page_markup(page, "<p>No list of them was among the inputs.</p>\n");
    }
    aud_page_end_section(page);
}
