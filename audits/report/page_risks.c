// SPDX-License-Identifier: Apache-2.0
/* What could be learnt from the rows, under the headings of WP29, members beside
 * non-members. */
#include "audits/report/figures.h"
#include "audits/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *family;
    const char *criterion;
    const char *asks;
} CRITERIA[] = {
    {"singling-out",        "Singling out", "can one person be picked out?"             },
    {"linkability",         "Linkability",  "can two records of one person be joined?"  },
    {"attribute-inference", "Inference",    "can a value be guessed from the others?"   },
    {"distance",            "Copies",       "does a synthetic row repeat a real record?"}
};

enum { N_CRITERIA = sizeof CRITERIA / sizeof CRITERIA[0] };

static bool is_of(const json_t *attack, const char *family)
{
    return strcmp(aud_text(attack, "family"), family) == 0;
}

static void put_share(struct aud_page *page, double share)
{
    if (isfinite(share)) {
        aud_page(page, "<td class=\"n\">%s</td>", aud_percent(share).text);
    } else {
        aud_page_markup(page, "<td class=\"n\">\xe2\x80\x93</td>");
    }
}

static double end_of(const json_t *object, const char *key, size_t end)
{
    const json_t *value = json_array_get(json_object_get(object, key), end);
    return json_is_number(value) ? json_number_value(value) : AUD_NONE;
}

static void put_worst(struct aud_page *page, const json_t *attack)
{
    const json_t *worst = json_object_get(attack, "worst_subgroup");
    if (!json_is_object(worst)) {
        aud_page_markup(page, "<td>\xe2\x80\x93</td>");
        return;
    }
    aud_page(page, "<td class=\"x\">%s: ", aud_text(worst, "where"));
    if (json_is_object(json_object_get(attack, "rates"))) {
        aud_page(page, "%s against %s",
                 aud_percent(aud_real(worst, "member_mean", 0)).text,
                 aud_percent(aud_real(worst, "non_member_mean", 0)).text);
    } else {
        aud_page(page, "mean score %.4g against %.4g",
                 aud_real(worst, "member_mean", 0),
                 aud_real(worst, "non_member_mean", 0));
    }
    aud_page(page, " (p %.2g)</td>", aud_real(worst, "p", 1));
}

static void put_verdict(struct aud_page *page, const json_t *attack)
{
    const char *verdict = aud_text(attack, "verdict");
    bool is_bad = strcmp(verdict, "refuted") == 0 || strcmp(verdict, "exposed") == 0;
    aud_page(page, "<td class=\"w%m\">%s</td></tr>\n", is_bad ? " alarm" : "", verdict);
}

/* ---- successes ---- */

static void put_rated(struct aud_page *page, const char *criterion,
                      const json_t *attack)
{
    const json_t *rates = json_object_get(attack, "rates");
    aud_page(page, "<tr><td>%m</td><th scope=\"row\">%s</th><td>%s</td>", criterion,
             aud_text(attack, "name"), aud_text(attack, "targets"));
    put_share(page, aud_real(rates, "members", AUD_NONE));
    put_share(page, aud_real(rates, "non_members", AUD_NONE));
    put_share(page, aud_real(rates, "baseline", AUD_NONE));
    aud_page(page, "<td class=\"n\">%s</td><td class=\"n\">%s to %s</td>",
             aud_percent(aud_real(rates, "difference", 0)).text,
             aud_percent(end_of(rates, "interval", 0)).text,
             aud_percent(end_of(rates, "interval", 1)).text);
    put_worst(page, attack);
    put_verdict(page, attack);
}

static void put_rates(struct aud_page *page, const json_t *attacks, size_t number)
{
    char id[32];
    size_t left_out = 0;
    (void)snprintf(id, sizeof id, "t-criteria-%zu", number);
    aud_page_table(
        page, id,
        "The three criteria of the Article 29 Working Party, and copies: in how many "
        "cases the attack succeeds. The risk is the difference; what non-members show is "
        "what anybody could know of the population.",
        "<th scope=\"col\">Criterion</th><th scope=\"col\">Attack</th><th scope=\"col\">"
        "On</th><th scope=\"col\" class=\"n\">Members</th><th scope=\"col\" class=\"n\">"
        "Non-members</th><th scope=\"col\" class=\"n\">Without the rows</th>"
        "<th scope=\"col\" class=\"n\">Difference</th><th scope=\"col\" class=\"n\">95&nbsp;%"
        " interval</th><th scope=\"col\">Worst subgroup</th><th scope=\"col\">Result</th>");
    for (size_t c = 0; c < N_CRITERIA; c++) {
        for (size_t i = 0; i < json_array_size(attacks); i++) {
            const json_t *attack = json_array_get(attacks, i);
            if (!is_of(attack, CRITERIA[c].family) ||
                !json_is_object(json_object_get(attack, "rates"))) {
                continue;
            }
            if (aud_page_has_room(page)) {
                put_rated(page, CRITERIA[c].criterion, attack);
            } else {
                left_out++;
            }
        }
    }
    aud_page_end_table(page);
    aud_page_left_out(page, left_out);
}

/* ---- membership ---- */

static void put_at(struct aud_page *page, const json_t *attack)
{
    const json_t *list = json_object_get(attack, "tpr_at_fpr");
    for (size_t i = 0; i < 3; i++) {
        const json_t *at = json_array_get(list, i);
        double ceiling = aud_real(at, "ceiling", AUD_NONE);
        if (at == NULL) {
            aud_page_markup(page, "<td class=\"n\">\xe2\x80\x93</td>");
            continue;
        }
        aud_page(page, "<td class=\"n\">%s of members, %s of non-members",
                 aud_percent(aud_real(at, "tpr", 0)).text,
                 aud_percent(aud_real(at, "fpr_reached", 0)).text);
        if (isfinite(ceiling)) {
            aud_page(page, " (allowed: %s)", aud_percent(ceiling).text);
        }
        aud_page_markup(page, "</td>");
    }
}

static void put_scored(struct aud_page *page, const json_t *attack)
{
    double ceiling = aud_real(json_object_get(attack, "ceiling"), "auc", AUD_NONE);
    aud_page(
        page,
        "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"n\">%.3f [%.3f, %.3f]",
        aud_text(attack, "name"), aud_text(attack, "targets"),
        aud_real(attack, "auc", AUD_NONE), end_of(attack, "auc_interval", 0),
        end_of(attack, "auc_interval", 1));
    if (isfinite(ceiling)) {
        aud_page(page, " (allowed: %.3f)", ceiling);
    }
    aud_page_markup(page, "</td>");
    put_at(page, attack);
    put_worst(page, attack);
    put_verdict(page, attack);
}

static void put_membership(struct aud_page *page, const json_t *attacks, size_t number)
{
    char id[32];
    size_t left_out = 0;
    (void)snprintf(id, sizeof id, "t-membership-%zu", number);
    aud_page_table(
        page, id,
        "Was this person among those whose data were used? AUC is how often a member is "
        "ranked above a non-member: 0.5 is what a coin does, 1 is always. Then: how many "
        "members are found when so few non-members are accused. An attack called white-box "
        "saw the noisy counts of the transcript; the others saw rows.",
        "<th scope=\"col\">Attack</th><th scope=\"col\">On</th><th scope=\"col\" "
        "class=\"n\">AUC and 95&nbsp;% interval</th><th scope=\"col\" class=\"n\">At "
        "0.1&nbsp;% false alarms</th><th scope=\"col\" class=\"n\">At 1&nbsp;%</th>"
        "<th scope=\"col\" class=\"n\">At 10&nbsp;%</th><th scope=\"col\">Worst "
        "subgroup</th><th scope=\"col\">Result</th>");
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        const json_t *attack = json_array_get(attacks, i);
        if (!json_is_number(json_object_get(attack, "auc"))) {
            continue;
        }
        if (aud_page_has_room(page)) {
            put_scored(page, attack);
        } else {
            left_out++;
        }
    }
    aud_page_end_table(page);
    aud_page_left_out(page, left_out);
}

/* ---- largest and average ---- */

struct excess {
    double sum, largest;
    size_t n;
    const json_t *worst;
};

static void note(struct excess *excess, const json_t *attack, double value)
{
    if (isfinite(value)) {
        excess->sum += value;
        if (excess->n++ == 0 || value > excess->largest) {
            excess->largest = value;
            excess->worst = attack;
        }
    }
}

/* An AUC of 0.5 is no excess, 1 the most there is. */
static double excess_of(const json_t *attack)
{
    const json_t *rates = json_object_get(attack, "rates");
    return json_is_object(rates) ? aud_real(rates, "difference", AUD_NONE)
                                 : 2 * aud_real(attack, "auc", AUD_NONE) - 1;
}

static void put_excess(struct aud_page *page, const char *criterion, const char *asks,
                       const struct excess *excess)
{
    if (excess->n == 0) {
        aud_page(page,
                 "<tr><th scope=\"row\">%m</th><td>%m</td><td colspan=\"3\">not "
                 "examined</td></tr>\n",
                 criterion, asks);
        return;
    }
    aud_page(page,
             "<tr><th scope=\"row\">%m</th><td>%m</td><td class=\"n\">%s</td><td>%s "
             "(%s)</td><td class=\"n\">%s</td></tr>\n",
             criterion, asks, aud_percent(excess->largest).text,
             aud_text(excess->worst, "name"), aud_text(excess->worst, "targets"),
             aud_percent(excess->sum / (double)excess->n).text);
}

static void put_largest(struct aud_page *page, const json_t *attacks, size_t number)
{
    char id[32];
    (void)snprintf(id, sizeof id, "t-largest-%zu", number);
    aud_page_table(
        page, id,
        "Largest and average risk of each criterion: by how much more often an "
        "attack succeeds on members than on non-members. The largest of many "
        "is above 0 by chance alone; the tests say whether it is more than "
        "that.",
        "<th scope=\"col\">Criterion</th><th scope=\"col\">Asks</th>"
        "<th scope=\"col\" class=\"n\">Largest</th><th scope=\"col\">By</th>"
        "<th scope=\"col\" class=\"n\">Average of the attacks</th>");
    for (size_t c = 0; c <= N_CRITERIA; c++) {
        bool is_last = c == N_CRITERIA;
        struct excess excess = {0};
        for (size_t i = 0; i < json_array_size(attacks); i++) {
            const json_t *attack = json_array_get(attacks, i);
            if (is_of(attack, is_last ? "membership" : CRITERIA[c].family)) {
                note(&excess, attack, excess_of(attack));
            }
        }
        put_excess(page, is_last ? "Membership" : CRITERIA[c].criterion,
                   is_last ? "can it be told whose data were used?" : CRITERIA[c].asks,
                   &excess);
    }
    aud_page_end_table(page);
}

void aud_page_risks(struct aud_page *page, const struct aud_report *report)
{
    size_t n = 0;
    aud_page_section(page, "risks", "What could be learnt from the rows");
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        const json_t *attacks = json_object_get(input->content, "attacks");
        if (input->layer != AUD_RISK) {
            continue;
        }
        if (!aud_page_has_room(page)) {
            aud_page_left_out(page, report->inputs.n - i);
            break;
        }
        aud_page(page,
                 "<h3>%s</h3>\n<p><em>Members</em> are records that the generator "
                 "was given, <em>non-members</em> records of the same population "
                 "that it was not.</p>\n",
                 input->path);
        put_largest(page, attacks, ++n);
        put_rates(page, attacks, n);
        aud_figure_rates(page, attacks, n);
        put_membership(page, attacks, n);
        aud_figure_auc(page, attacks, n);
        aud_figure_curves(page, input->content, n);
        aud_figure_distances(page, input->content, n);
    }
    if (n == 0) {
        aud_page_markup(page, "<p>No attack was among the inputs: the rows themselves "
                              "were not examined.</p>\n");
    }
    aud_page_end_section(page);
}
