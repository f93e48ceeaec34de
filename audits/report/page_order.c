// SPDX-License-Identifier: Apache-2.0
/* Rows that were made to order stand for nobody's population, and nothing in them says so. */
#include "audits/report/report.h"

static void put_item(struct aud_page *page, const char *words, const char *text)
{
    if (text[0] != '\0') {
        aud_page(page, "<li>%m <code>%s</code></li>\n", words, text);
    }
}

static void put_order(struct aud_page *page, const json_t *order)
{
    const json_t *shares = json_object_get(order, "rebalance");
    aud_page_markup(
        page,
        "<h3>What rows these are</h3>\n<p><strong>The rows were made to order.</strong> "
        "They are not a picture of the people whose records were used: whoever made the "
        "release chose which rows there should be.</p>\n<ul>\n");
    put_item(page, "Only rows for which this holds:", aud_text(order, "where"));
    for (size_t i = 0; i < json_array_size(shares); i++) {
        put_item(page, "Values come as often as was chosen, not as they were counted:",
                 json_string_value(json_array_get(shares, i)));
    }
    put_item(
        page,
        "An outcome was made to come equally often in all groups, whether or not it "
        "does among people (outcome | group):",
        aud_text(order, "fair"));
    aud_page_markup(
        page,
        "</ul>\n<p>Take no share, number or average of these rows for one of real "
        "people. The order itself costs no privacy if it was chosen without a look at "
        "the records; that it was, no paper can show.</p>\n");
}

void aud_page_order(struct aud_page *page, const struct aud_report *report)
{
    for (size_t i = 0; i < report->inputs.n && aud_page_has_room(page); i++) {
        const json_t *order = json_object_get(aud_report_subject(report, i), "order");
        if (json_is_object(order)) {
            put_order(page, order);
        }
    }
}
