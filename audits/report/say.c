// SPDX-License-Identifier: Apache-2.0
/* What was found, in sentences for somebody who knows no statistics. */
#include "audits/report/report.h"
#include "audits/report/shape.h"

#include <math.h>
#include <string.h>

/* ---- verify, conform, game ---- */

struct counts {
    size_t holds, refuted, open, unexamined;
    const json_t *first; ///< what the verdict rests on
};

static struct counts count(const json_t *content)
{
    struct counts counts = {0};
    const json_t *list = json_object_get(content, "findings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *finding = json_array_get(list, i);
        const char *verdict = aud_text(finding, "verdict");
        bool is_refuted = strcmp(verdict, "refuted") == 0;
        bool is_open = strcmp(verdict, "inconclusive") == 0;
        counts.first = (is_refuted && counts.refuted == 0) ||
                               (is_open && counts.refuted + counts.open == 0)
                           ? finding
                           : counts.first;
        counts.refuted += is_refuted;
        counts.open += is_open;
        counts.holds += strcmp(verdict, "holds") == 0;
        counts.unexamined += strcmp(verdict, "not-examined") == 0;
    }
    return counts;
}

static void say_evidence(struct aud_page *page, const json_t *finding)
{
    aud_page(page, " <q class=\"said\">%s: %s", aud_text(finding, "id"),
             aud_text(finding, "check"));
    const char *detail = aud_text(finding, "detail");
    aud_page(page, "%m%s</q>", detail[0] == '\0' ? "" : " \xe2\x80\x94 ", detail);
}

/* The checks that a layer is there for: conform and game look at papers, too, or at whether
 * the program runs. */
static bool is_of_layer(const json_t *finding, enum aud_layer layer)
{
    const char *id = aud_text(finding, "id");
    switch ((int)layer) {
    case AUD_NOISE: return id[0] == 'C';
    case AUD_GAME_LAYER: return strcmp(id, "G0") != 0;
    default: return true;
    }
}

static bool has_own(const struct aud_input *input)
{
    const json_t *list = json_object_get(input->content, "findings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *finding = json_array_get(list, i);
        if (strcmp(aud_text(finding, "verdict"), "holds") == 0 &&
            is_of_layer(finding, input->layer)) {
            return true;
        }
    }
    return false;
}

/* What papers that agree with each other do not show. */
static void say_reservations(struct aud_page *page, const json_t *content)
{
    static const char *const OUTSIDE[] = {"looked at", "unexplained"};
    const json_t *findings = json_object_get(content, "findings");
    const json_t *inputs = json_object_get(content, "inputs");
    size_t outside = 0;
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *finding = json_array_get(findings, i);
        if (strcmp(aud_text(finding, "id"), "F6") == 0 &&
            strcmp(aud_text(finding, "verdict"), "not-examined") == 0) {
            aud_page_markup(
                page, " Not checked: whether the ledger, the signed account on which "
                      "the papers rest, is the one that its owner announced. Papers "
                      "that rest on another one could look the same.");
        }
    }
    for (size_t i = 0; i < json_array_size(inputs); i++) {
        outside += aud_word_of(json_array_get(inputs, i), "source", OUTSIDE, 2) < 2;
    }
    if (outside > 0) {
        aud_page(
            page,
            " %zu of the inputs beside the records %m chosen after a look at them, or "
            "nobody explains how: the promise does not cover that.",
            outside, outside == 1 ? "was" : "were");
    }
}

static void say_kept(struct aud_page *page, const struct aud_input *input,
                     const struct counts *counts)
{
    static const char *const KEPT[] = {
        "The papers contradict neither each other nor the rules for such papers.",
        "This test saw no difference between the errors in the measurements and those "
        "that are claimed.",
        ("On tables that the auditor made up, the program gave away no more than is "
         "promised, as far as this test sees.")};

    aud_page(page, "<p>%m %zu checks of this claim found no fault",
             has_own(input) ? KEPT[input->layer]
                            : "What this claim is about could not be tested.",
             counts->holds);
    if (counts->unexamined > 0) {
        aud_page(page, "; %zu more could not be made with what the auditor was given",
                 counts->unexamined);
    }
    aud_page_markup(page, "; <a href=\"#tests\">Tests</a> lists them.");
    if (input->layer == AUD_PAPERS) {
        say_reservations(page, input->content);
    }
    aud_page_markup(page, "</p>\n");
}

static void say_findings(struct aud_page *page, const struct aud_input *input)
{
    static const char *const REFUTED[] = {
        "Something that the release says about itself is not so.",
        "The noise in the release is not the noise that is claimed.",
        "The program does not keep the promise that is made for it."};

    struct counts counts = count(input->content);
    bool is_bad = input->word == AUD_W_REFUTED;
    if (!is_bad && input->word != AUD_W_INCONCLUSIVE) {
        say_kept(page, input, &counts);
        return;
    }
    bool is_own = is_of_layer(counts.first, input->layer);
    size_t n = is_bad ? counts.refuted : counts.open;
    aud_page(page, "<p>%m%m%m ", is_bad ? "<strong>" : "",
             is_bad ? REFUTED[is_own ? input->layer : AUD_PAPERS]
                    : "No decision is possible, neither for nor against.",
             is_bad ? "</strong>" : "");
    if (n > 1) {
        aud_page(page, "%zu checks %m. The first:", n,
                 is_bad ? "fail" : "could not be decided");
    } else {
        aud_page(page, "One check %m:", is_bad ? "fails" : "could not be decided");
    }
    say_evidence(page, counts.first);
    aud_page_markup(page, "</p>\n");
}

/* How much the program showed of what it claims, as the game bounded it. */
static void say_game(struct aud_page *page, const json_t *content)
{
    const json_t *figures = json_object_get(content, "figures");
    double claimed = aud_real(content, "epsilon", AUD_NONE);
    double lower = AUD_NONE;
    static const char *const WAYS[] = {"transcripts", "rows", "digits"};
    for (size_t i = 0; i < sizeof WAYS / sizeof WAYS[0]; i++) {
        const json_t *of = json_object_get(figures, WAYS[i]);
        lower = fmax(lower, aud_real(of, "epsilon_lower", AUD_NONE));
    }
    aud_page(page,
             "<p class=\"aside\">The promise that was tested: epsilon %.4g, delta "
             "%.3g; %.0f runs of the program.",
             claimed, aud_real(content, "delta", AUD_NONE),
             aud_real(content, "runs", 0));
    if (isfinite(lower)) {
        aud_page(
            page,
            " Playing against it proved an epsilon of at least %.2f; more than %.4g "
            "would break the promise.",
            lower, claimed);
    }
    aud_page_markup(page, "</p>\n");
}

/* ---- selftest ---- */

static void say_selftest(struct aud_page *page, const struct aud_input *input)
{
    static const char *const RESULTS[] = {"caught", "missed", "cleared", "accused",
                                          "unshown"};
    size_t n[6] = {0};
    const json_t *list = json_object_get(input->content, "exhibits");
    for (size_t i = 0; i < json_array_size(list); i++) {
        n[aud_word_of(json_array_get(list, i), "result", RESULTS, 5)]++;
    }
    aud_page(
        page,
        "<p>The auditing program was tried on programs that are known to be broken: "
        "it found %zu of %zu out. Of %zu that are known to be right it accused "
        "%zu.</p>\n",
        n[0], n[0] + n[1], n[2] + n[3], n[3]);
}

/* ---- all ---- */

void aud_say_layer(struct aud_page *page, const struct aud_report *report,
                   enum aud_layer layer)
{
    size_t of_layer = 0;
    for (size_t i = 0; i < report->inputs.n; i++) {
        of_layer += report->inputs.item[i].layer == layer;
    }
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        if (input->layer != layer) {
            continue;
        }
        if (of_layer > 1) {
            aud_page(page, "<p class=\"aside\">From %s: %m</p>\n", input->path,
                     aud_word_text(input->word));
        }
        if (layer == AUD_RISK) {
            aud_say_attacks(page, input);
        } else if (layer == AUD_SELF) {
            say_selftest(page, input);
        } else {
            say_findings(page, input);
        }
        if (layer == AUD_GAME_LAYER) {
            say_game(page, input->content);
        }
    }
    if (of_layer == 0) {
        aud_page_markup(page, "<p>This was not looked at, so nothing is known of "
                              "it.</p>\n");
    }
}
