// SPDX-License-Identifier: Apache-2.0
/* The first page: what was asked, what was found, and what the words mean. */
#include "audits/claim/guess.h"
#include "audits/report/report.h"

#include <math.h>
#include <string.h>

/* What is claimed, so that a verdict is about the claim and not about a question. */
static const char *const CLAIMS[AUD_N_LAYERS] = {
    "The papers that come with the rows tell the truth",
    "The random errors (the noise) that hide each single person were really added",
    "The program that made the rows keeps its promise when it is tested",
    "The rows do not give away the people they were made from",
    "The auditing program finds what it should"};

static const char *const MEANINGS[AUD_N_WORDS] = {
    "nobody looked", "no fault was found, which is no proof", "it could not be decided",
    "an attack made for this test succeeded", "it is false"};

static const char *const CLASSES[AUD_N_WORDS] = {"none", "kept", "open", "bad", "bad"};

/* Told by shape as well as by colour. */
static const char *const SIGNS[AUD_N_WORDS] = {"\xe2\x80\x93", "\xe2\x97\x8f", "?",
                                               "\xe2\x96\xb2", "\xe2\x9c\x95"};

/* Attacks are held against a promise where there is one. */
static const char *claim_of(const struct aud_report *report, enum aud_layer layer)
{
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *claim = json_object_get(report->inputs.item[i].content, "claim");
        if (layer == AUD_RISK && json_is_object(claim)) {
            return "The rows give away no more about people than is promised";
        }
    }
    return CLAIMS[layer];
}

static const char *meaning_of(const struct aud_report *report, enum aud_layer layer,
                              enum aud_word word)
{
    return layer == AUD_RISK && word == AUD_W_NOT_REFUTED &&
                   aud_count_allowed(report) > 0
               ? "attacks succeed, within what is promised"
               : MEANINGS[word];
}

/* The auditing program's own is among them only where it was tried. */
static int n_claims(const struct aud_report *report)
{
    bool is_tried = aud_report_word(report, AUD_SELF) != AUD_W_NOT_EXAMINED;
    return is_tried ? AUD_N_LAYERS : AUD_SELF;
}

static void put_layer(struct aud_page *page, const struct aud_report *report,
                      enum aud_layer layer)
{
    enum aud_word word = aud_report_word(report, layer);
    aud_page(
        page,
        "<div class=\"layer %m\">\n<h3><span class=\"claim\">Claim %d of %d</span> "
        "%m</h3>\n<p class=\"verdict\"><span aria-hidden=\"true\">%m</span> %m"
        "<span class=\"meaning\">: %m</span></p>\n",
        CLASSES[word], (int)layer + 1, n_claims(report), claim_of(report, layer),
        SIGNS[word], aud_word_text(word), meaning_of(report, layer, word));
    aud_say_layer(page, report, layer);
    if (aud_layer_is_private(layer) && word != AUD_W_NOT_EXAMINED) {
        aud_page_markup(page,
                        "<p class=\"aside\">Computed from private records.</p>\n");
    }
    aud_page_markup(page, "</div>\n");
}

static void put_words(struct aud_page *page)
{
    aud_page_markup(
        page,
        "<h3>What the answers mean</h3>\n<dl class=\"words\">\n"
        "<dt>REFUTED</dt><dd>The claim is false, and there is evidence for it.</dd>\n"
        "<dt>EXPOSED</dt><dd>An attack that the auditor made as a test learned more about "
        "people whose data were used than about others: more than luck explains and, "
        "where something is promised, more than that allows. It shows what a stranger "
        "could do with the rows, not that anybody did.</dd>\n"
        "<dt>NOT REFUTED</dt><dd>Faults were looked for, and none was found. There may "
        "be some all the same.</dd>\n"
        "<dt>INCONCLUSIVE</dt><dd>It could not be decided. Take it for neither a good "
        "nor a bad sign.</dd>\n"
        "<dt>NOT EXAMINED</dt><dd>Nobody looked: neither a good nor a bad sign.</dd>\n</dl>\n"
        "<p>The answers are not added up to one mark, and none of them makes up for "
        "another. Whether the rows may be handed out is for people to decide, with the "
        "whole of this report before them.</p>\n");
}

/* ---- the promise ---- */

/* "at most 60.5 times in 100", rounded up: a bound must not be rounded down. */
static void put_times(struct aud_page *page, double share)
{
    if (share < 0.999) {
        aud_page(page, "<strong>at most %.1f times in 100</strong>",
                 ceil(1000 * share - 1e-9) / 10);
    } else {
        aud_page_markup(page,
                        "<strong>possibly always</strong>, which protects next to "
                        "nothing");
    }
}

/* Whose record it is about, and what is not known of it. */
static void put_secret(struct aud_page *page, const json_t *claim)
{
    bool is_replace = strcmp(aud_text(claim, "neighbours"), "replace-one") == 0;
    bool is_person = strcmp(aud_text(claim, "unit"), "person") == 0;
    if (is_person) {
        aud_page(page, "%m of one certain person (at most %.0f of them)",
                 is_replace ? "which of two sets of records" : "whether the records",
                 aud_real(claim, "rows", 1));
    } else {
        aud_page_markup(page, is_replace ? "which of two records"
                                         : "whether one certain record");
    }
    aud_page_markup(page, is_person ? " were used" : " was used");
}

static void put_claimed(struct aud_page *page, const json_t *claim)
{
    aud_page(
        page,
        "<p>Whoever made the release promises <em>differential privacy</em> with "
        "epsilon %s and delta %s. In words: suppose that somebody knows everything "
        "except ",
        aud_text(claim, "epsilon"), aud_text(claim, "delta"));
    put_secret(page, claim);
    aud_page_markup(page,
                    ". By tossing a coin he would be right 50 times in 100. After "
                    "this release, whichever record it is and whatever else he "
                    "knows, he is right ");
    put_times(page, aud_real(claim, "guess", 1));
    double ever = aud_real(claim, "guess_for_ever", AUD_NONE);
    if (isfinite(ever)) {
        aud_page_markup(page, "; after everything that may ever be released of these "
                              "data under the same budget ");
        put_times(page, ever);
    }
    aud_page_markup(page, ". The claims above are what this rests on.</p>\n");
}

/* Without papers there is what the program, or the attacks, were held against. */
static void put_tested(struct aud_page *page, const struct aud_report *report)
{
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        const json_t *tested = input->layer == AUD_GAME_LAYER
                                   ? input->content
                                   : json_object_get(input->content, "claim");
        double epsilon = aud_real(tested, "epsilon", AUD_NONE);
        double delta = aud_real(tested, "delta", AUD_NONE);
        if (isfinite(epsilon) && isfinite(delta)) {
            aud_page(
                page,
                "<p>No papers with a promise were given. The auditor measured by "
                "<em>differential privacy</em> with epsilon %.6g and delta %.6g. In "
                "words: suppose that somebody knows everything except "
                "whether one certain record was used. By tossing a coin he would be "
                "right 50 times in 100. If the promise holds, whichever record it is and "
                "whatever else he knows, he is right ",
                epsilon, delta);
            put_times(page, aud_guess_of_epsilon(epsilon, delta));
            aud_page_markup(page, ".</p>\n");
            return;
        }
    }
    aud_page_markup(page,
                    "<p>None of the inputs of this report brings a promise with it "
                    "that could be put into words here.</p>\n");
}

static void put_promise(struct aud_page *page, const struct aud_report *report)
{
    const json_t *claim = aud_report_claim(report);
    aud_page_markup(page, "<h3>What is promised</h3>\n");
    if (claim != NULL) {
        put_claimed(page, claim);
    } else {
        put_tested(page, report);
    }
}

/* ---- the head ---- */

static void put_notices(struct aud_page *page, const struct aud_report *report)
{
    if (aud_report_is_private(report)) {
        aud_page_markup(
            page, "<p class=\"notice\"><strong>Confidential.</strong> Parts of this "
                  "report were computed from the private records, and its figures may "
                  "tell something of them. It is for those alone who may see the "
                  "records; publish no part of it. A report for the public can be made "
                  "of claims 1 and 3, and is silent on the others.</p>\n");
    }
    if (!report->is_signed) {
        aud_page_markup(
            page,
            "<p class=\"notice\"><strong>This report is not signed.</strong> "
            "So nothing proves who made it, or that nobody changed it since.</p>\n");
    }
}

static void put_mismatches(struct aud_page *page, const struct aud_report *report)
{
    json_t *list = aud_report_notices(report);
    if (json_array_size(list) > 0) {
        aud_page_markup(page, "<div class=\"notice\"><strong>Not all parts of this "
                              "report are about the same thing.</strong><ul>\n");
        for (size_t i = 0; i < json_array_size(list); i++) {
            aud_page(page, "<li>%s</li>\n", json_string_value(json_array_get(list, i)));
        }
        aud_page_markup(page, "</ul></div>\n");
    }
    json_decref(list);
}

static void put_head(struct aud_page *page, const struct aud_report *report)
{
    const json_t *ledger = aud_report_ledger(report);
    const char *label = aud_text(ledger, "label");
    aud_page_markup(page,
                    "<header>\n<p class=\"kind\">Audit of a synthetic data set</p>\n"
                    "<h1>");
    if (label[0] != '\0') {
        aud_page(page, "What an audit found about \xe2\x80\x9c%s\xe2\x80\x9d", label);
    } else {
        aud_page_markup(page, "What an audit found");
    }
    aud_page(page, "</h1>\n<p class=\"kind\">Report of %s%m%s</p>\n", report->date,
             report->auditor == NULL ? "" : " \xc2\xb7 by ",
             report->auditor == NULL ? "" : report->auditor);
    put_notices(page, report);
    put_mismatches(page, report);
    aud_page_markup(page, "</header>\n");
}

/* All answers at a glance: the boxes with what was seen may be long. */
static void put_answers(struct aud_page *page, const struct aud_report *report)
{
    aud_page_markup(page, "<ol class=\"answers\">\n");
    for (int i = 0; i < n_claims(report); i++) {
        enum aud_word word = aud_report_word(report, (enum aud_layer)i);
        aud_page(page, "<li>%m: <strong class=\"%m\">%m</strong></li>\n",
                 claim_of(report, (enum aud_layer)i), CLASSES[word],
                 aud_word_text(word));
    }
    aud_page_markup(page, "</ol>\n");
}

/* Was the file named before? */
static bool is_told(const struct aud_report *report, size_t end, const char *digest)
{
    for (size_t i = 0; i < end; i++) {
        const json_t *files = json_object_get(report->inputs.item[i].content, "files");
        if (strcmp(aud_text(files, "synthetic"), digest) == 0) {
            return true;
        }
    }
    return false;
}

/* Which rows were attacked: by what anybody can compute of the file. */
static void put_subject(struct aud_page *page, const struct aud_report *report)
{
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *files = json_object_get(report->inputs.item[i].content, "files");
        const char *digest = aud_text(files, "synthetic");
        if (digest[0] != '\0' && !is_told(report, i, digest)) {
            aud_page(page,
                     "<p class=\"aside\">The rows that were attacked: the file with "
                     "the SHA-256 fingerprint %s.</p>\n",
                     digest);
        }
    }
}

void aud_page_first(struct aud_page *page, const struct aud_report *report)
{
    put_head(page, report);
    aud_page_markup(page, "<main id=\"main\">\n");
    aud_page_section(page, "found", "What was found");
    aud_page_markup(
        page, "<p>A synthetic data set is a table of made-up rows: a program has read "
              "the records of real people and written rows that resemble them. "
              "Whoever hands them out makes the claims in this list. The auditor "
              "tried to show that each is false; the words in capitals say what came "
              "of that. All attacks were the auditor's own tests.</p>\n");
    put_answers(page, report);
    put_subject(page, report);
    put_words(page);
    aud_page_markup(page, "<h3>What was seen</h3>\n<div class=\"layers\">\n");
    for (int i = 0; i < n_claims(report); i++) {
        put_layer(page, report, (enum aud_layer)i);
    }
    aud_page_markup(page, "</div>\n");
    aud_page_order(page, report);
    put_promise(page, report);
    aud_page_end_section(page);
}
