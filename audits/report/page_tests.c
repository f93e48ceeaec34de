// SPDX-License-Identifier: Apache-2.0
/* Every test that was made: what it asked, what came out. */
#include "audits/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *model; ///< what the one who tests knows and can do
    const char *null;  ///< what is supposed until it is refuted
} MODELS[AUD_N_LAYERS] = {
    {"holds the release and its ledger, and nothing else",
     "every statement of the release is true"                                 },
    {"holds the release and the private records",
     "what was added to every count is independent noise of the stated size"  },
    {"runs the program as often as he likes, on tables that he makes himself",
     "the program keeps the claimed epsilon and delta on these tables"        },
    {"knows all real records and the synthetic rows, but not which records were used",
     "the synthetic rows look the same to people who were in and who were not"},
    {"makes programs with known bugs",
     "the auditor tells broken programs from right ones"                      }
};

static void put_p(struct aud_page *page, double p)
{
    if (!isfinite(p)) {
        aud_page_markup(page, "<td class=\"n\">\xe2\x80\x93</td>");
    } else if (p >= 0.001) {
        aud_page(page, "<td class=\"n\">%.3f</td>", p);
    } else {
        aud_page(page, "<td class=\"n\">%.1g</td>", p);
    }
}

static const char *class_of(const char *verdict)
{
    bool is_bad = strcmp(verdict, "refuted") == 0 || strcmp(verdict, "exposed") == 0;
    return is_bad ? " alarm" : "";
}

static void put_findings(struct aud_page *page, const struct aud_input *input,
                         const char *id)
{
    size_t left_out = 0;
    const json_t *list = json_object_get(input->content, "findings");
    aud_page_table(page, id,
                   "Each check, what came of it, and the words of the program.",
                   "<th scope=\"col\">Id</th><th scope=\"col\">Check</th>"
                   "<th scope=\"col\">Result</th><th scope=\"col\" class=\"n\">p</th>"
                   "<th scope=\"col\">What was seen</th>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *finding = json_array_get(list, i);
        const char *verdict = aud_text(finding, "verdict");
        if (!aud_page_has_room(page)) {
            left_out++;
            continue;
        }
        aud_page(page,
                 "<tr><td>%s</td><th scope=\"row\">%s</th><td class=\"w%m\">%s</td>",
                 aud_text(finding, "id"), aud_text(finding, "check"), class_of(verdict),
                 verdict);
        put_p(page, aud_real(finding, "p", AUD_NONE));
        aud_page(page, "<td class=\"x\">%s</td></tr>\n", aud_text(finding, "detail"));
    }
    aud_page_end_table(page);
    aud_page_left_out(page, left_out);
}

/* ---- attacks ---- */

static void put_conditions(struct aud_page *page, const struct aud_input *input,
                           const char *id)
{
    const json_t *list = json_object_get(input->content, "conditions");
    aud_page_table(page, id,
                   "What must hold before a difference between members and non-members "
                   "means anything.",
                   "<th scope=\"col\">Condition</th><th scope=\"col\">Holds</th>"
                   "<th scope=\"col\" class=\"n\">p</th><th scope=\"col\">What was "
                   "seen</th>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *condition = json_array_get(list, i);
        bool holds = json_is_true(json_object_get(condition, "holds"));
        aud_page(page, "<tr><th scope=\"row\">%s</th><td class=\"w%m\">%m</td>",
                 aud_text(condition, "what"), holds ? "" : " alarm",
                 holds ? "yes" : "no");
        put_p(page, aud_real(condition, "p", AUD_NONE));
        aud_page(page, "<td class=\"x\">%s</td></tr>\n", aud_text(condition, "detail"));
    }
    aud_page_end_table(page);
}

static void put_bound(struct aud_page *page, const json_t *attack)
{
    const json_t *bound = json_object_get(attack, "epsilon");
    double coins = aud_real(bound, "by_coins", AUD_NONE);
    double allowed = aud_real(json_object_get(attack, "ceiling"), "epsilon", AUD_NONE);
    if (!json_is_object(bound)) {
        aud_page_markup(page, "<td>\xe2\x80\x93</td>");
        return;
    }
    aud_page(page, "<td>%.3g%m; at most %.3g could have been seen",
             isfinite(coins) ? coins : aud_real(bound, "lower", 0),
             isfinite(coins) ? " (by coins)" : " (an indication)",
             aud_real(bound, "most_provable", 0));
    if (isfinite(allowed)) {
        aud_page(page, "; claimed %.4g", allowed);
    }
    aud_page_markup(page, "</td>");
}

static void put_attacks(struct aud_page *page, const struct aud_input *input,
                        const char *id)
{
    size_t left_out = 0;
    const json_t *list = json_object_get(input->content, "attacks");
    aud_page_table(
        page, id,
        "Each attack as a test: p is how likely so large a difference is by "
        "chance alone, adjusted for the number of attacks (Holm); epsilon is "
        "the least that what was seen allows (95&nbsp;%).",
        "<th scope=\"col\">Attack</th><th scope=\"col\">On</th>"
        "<th scope=\"col\">Result</th><th scope=\"col\" class=\"n\">Members"
        "</th><th scope=\"col\" class=\"n\">Non-members</th><th scope=\"col\" "
        "class=\"n\">p</th><th scope=\"col\">Epsilon at least</th>"
        "<th scope=\"col\">How it works</th>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *attack = json_array_get(list, i);
        const char *verdict = aud_text(attack, "verdict");
        if (!aud_page_has_room(page)) {
            left_out++;
            continue;
        }
        aud_page(page,
                 "<tr><th scope=\"row\">%s</th><td>%s</td><td class=\"w%m\">%s</td>"
                 "<td class=\"n\">%.0f</td><td class=\"n\">%.0f</td>",
                 aud_text(attack, "name"), aud_text(attack, "targets"),
                 class_of(verdict), verdict, aud_real(attack, "members", 0),
                 aud_real(attack, "non_members", 0));
        put_p(page, aud_real(attack, "p_adjusted", AUD_NONE));
        put_bound(page, attack);
        aud_page(page, "<td class=\"x\">%s</td></tr>\n", aud_text(attack, "detail"));
    }
    aud_page_end_table(page);
    aud_page_left_out(page, left_out);
}

/* ---- selftest ---- */

static void put_exhibits(struct aud_page *page, const struct aud_input *input,
                         const char *id)
{
    size_t left_out = 0;
    const json_t *list = json_object_get(input->content, "exhibits");
    aud_page_table(
        page, id,
        "Broken programs are caught or missed, right ones cleared or accused.",
        "<th scope=\"col\">Exhibit</th><th scope=\"col\">Result</th>"
        "<th scope=\"col\">What was seen</th>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *exhibit = json_array_get(list, i);
        if (!aud_page_has_room(page)) {
            left_out++;
            continue;
        }
        aud_page(
            page,
            "<tr><th scope=\"row\">%s</th><td class=\"w\">%s</td><td class=\"x\">%s</td></tr>\n",
            aud_text(exhibit, "id"), aud_text(exhibit, "result"),
            aud_text(exhibit, "detail"));
    }
    aud_page_end_table(page);
    aud_page_left_out(page, left_out);
}

void aud_page_tests(struct aud_page *page, const struct aud_report *report)
{
    aud_page_section(page, "tests", "Tests");
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        char id[32];
        if (!aud_page_has_room(page)) {
            aud_page_left_out(page, report->inputs.n - i);
            break;
        }
        (void)snprintf(id, sizeof id, "t-tests-%zu", i + 1);
        aud_page(
            page,
            "<h3>%m: %s</h3>\n<p>The one who tests %m. Supposed until it is refuted: "
            "%m.</p>\n",
            aud_layer_name(input->layer), input->path, MODELS[input->layer].model,
            MODELS[input->layer].null);
        if (input->layer == AUD_RISK) {
            char of[64];
            (void)snprintf(of, sizeof of, "%s-conditions", id);
            put_conditions(page, input, of);
            put_attacks(page, input, id);
        } else if (input->layer == AUD_SELF) {
            put_exhibits(page, input, id);
        } else {
            put_findings(page, input, id);
        }
    }
    aud_page_end_section(page);
}
