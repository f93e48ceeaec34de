// SPDX-License-Identifier: Apache-2.0
/* What attacks found, in sentences for somebody who knows no statistics. */
#include "audits/report/report.h"
#include "audits/report/shape.h"

#include <math.h>
#include <string.h>

static double proven(const json_t *attack)
{
    return aud_real(json_object_get(attack, "epsilon"), "lower", 0);
}

static bool is_stronger(const json_t *a, const json_t *b)
{
    static const char *const WORDS[] = {"exposed", "refuted"};
    if (b == NULL) {
        return true;
    }
    bool accuses = aud_word_of(a, "verdict", WORDS, 2) < 2;
    if (accuses != (aud_word_of(b, "verdict", WORDS, 2) < 2)) {
        return accuses;
    }
    double more = proven(a) - proven(b);
    return accuses && fabs(more) > 0
               ? more > 0
               : aud_real(a, "p_adjusted", 2) < aud_real(b, "p_adjusted", 2);
}

/* The attack that says most: of those that accuse the one that proves the largest epsilon,
 * else of all the least p-value. */
static const json_t *strongest(const json_t *attacks)
{
    const json_t *best = NULL;
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        const json_t *attack = json_array_get(attacks, i);
        bool has_figure = json_is_number(json_object_get(attack, "auc")) ||
                          json_is_object(json_object_get(attack, "rates"));
        if (has_figure && is_stronger(attack, best)) {
            best = attack;
        }
    }
    return best;
}

/* The rate of false alarms at which more members are found than the promise allows, beyond
 * what the interval leaves to chance; NULL: there is none. */
static const json_t *exceeding(const json_t *attack)
{
    const json_t *list = json_object_get(attack, "tpr_at_fpr");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *at = json_array_get(list, i);
        const json_t *least = json_array_get(json_object_get(at, "interval"), 0);
        if (json_number_value(least) > aud_real(at, "ceiling", 1)) {
            return at;
        }
    }
    return NULL;
}

static void say_found(struct aud_page *page, const json_t *at)
{
    aud_page(
        page,
        "While it takes %s of the people whose data were not used for people whose "
        "data were, it finds <strong>%s</strong> of those whose data were. The "
        "promise allows %s.",
        aud_percent(aud_real(at, "fpr_reached", 0)).text,
        aud_percent(aud_real(at, "tpr", 0)).text,
        aud_percent(aud_real(at, "ceiling", 1)).text);
}

static void say_scored(struct aud_page *page, const json_t *attack)
{
    const json_t *at = exceeding(attack);
    if (at != NULL) {
        say_found(page, at);
        return;
    }
    double allowed = aud_real(json_object_get(attack, "ceiling"), "auc", AUD_NONE);
    bool is_few = strcmp(aud_text(attack, "targets"), "vulnerable") == 0;
    aud_page(
        page,
        "Shown the record of one person whose data were used and of one whose were "
        "not%m, it says which is which and is right <strong>%.1f times in "
        "100</strong>. Tossing a coin is right 50 times in 100",
        is_few ? " (both of the most unusual kind)" : "",
        100 * aud_real(attack, "auc", 0.5));
    if (aud_real(attack, "p_adjusted", 1) > 0.01) {
        aud_page_markup(page, ", and luck alone may explain the gap");
    } else if (isfinite(allowed)) {
        /* The rho behind a claim of ours allows less: "What is promised" says how much. */
        aud_page(page, "; epsilon and delta alone would allow %.1f", 100 * allowed);
    }
    aud_page_markup(page, ".");
}

static void say_rated(struct aud_page *page, const json_t *attack)
{
    static const char *const FAMILIES[] = {"singling-out", "linkability",
                                           "attribute-inference", "distance"};
    static const char *const DONE[] = {
        "A description taken from the synthetic rows fits one single real person",
        "The two halves of a person's record can be put together again through the "
        "synthetic rows",
        "Something that was not known about a person is guessed right from the synthetic "
        "rows",
        "A person's whole record stands word for word in the synthetic rows", ""};
    const json_t *rates = json_object_get(attack, "rates");
    size_t family = aud_word_of(attack, "family", FAMILIES, 4);
    aud_page(page,
             "%m for <strong>%s</strong> of the people whose data were used, and for "
             "<strong>%s</strong> of people whose data were not.",
             DONE[family], aud_percent(aud_real(rates, "members", 0)).text,
             aud_percent(aud_real(rates, "non_members", 0)).text);
    aud_page_markup(page, " Only the difference counts against the rows.");
}

static void say_strongest(struct aud_page *page, const json_t *attack)
{
    static const char *const ACCUSING[] = {"exposed", "refuted"};
    if (attack == NULL) {
        return;
    }
    aud_page(page, " The %m result is that of the attack <q class=\"said\">%s</q>: ",
             aud_word_of(attack, "verdict", ACCUSING, 2) < 2 ? "worst" : "clearest",
             aud_text(attack, "name"));
    if (strncmp(aud_text(attack, "name"), "white-box", strlen("white-box")) == 0) {
        aud_page_markup(page,
                        "It saw the noisy counts of the transcript, which say more "
                        "than the rows. ");
    }
    if (json_is_object(json_object_get(attack, "rates"))) {
        say_rated(page, attack);
    } else {
        say_scored(page, attack);
    }
}

/* Attacks that do better on members, though no more so than the claim allows. */
static size_t count_allowed(const json_t *attacks)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        const json_t *attack = json_array_get(attacks, i);
        n += strcmp(aud_text(attack, "verdict"), "not-refuted") == 0 &&
             aud_real(attack, "p_adjusted", 1) <= 0.01;
    }
    return n;
}

size_t aud_count_allowed(const struct aud_report *report)
{
    size_t n = 0;
    for (size_t i = 0; i < report->inputs.n; i++) {
        n += count_allowed(json_object_get(report->inputs.item[i].content, "attacks"));
    }
    return n;
}

static size_t count_word(const json_t *attacks, const char *word)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        n += strcmp(aud_text(json_array_get(attacks, i), "verdict"), word) == 0;
    }
    return n;
}

static const json_t *first_unmet(const json_t *conditions)
{
    for (size_t i = 0; i < json_array_size(conditions); i++) {
        const json_t *condition = json_array_get(conditions, i);
        if (!json_is_true(json_object_get(condition, "holds"))) {
            return condition;
        }
    }
    return NULL;
}

static void say_undecided(struct aud_page *page, const json_t *content)
{
    const json_t *unmet = first_unmet(json_object_get(content, "conditions"));
    aud_page_markup(
        page, "<p>No decision is possible, neither for nor against: the people whose "
              "data were used and the people whose were not could not be compared "
              "fairly, so a difference between them would mean nothing.");
    if (unmet != NULL) {
        aud_page(page,
                 " What ought to hold and does not: <q class=\"said\">%s \xe2\x80\x94 "
                 "%s</q>",
                 aud_text(unmet, "what"), aud_text(unmet, "detail"));
    }
    aud_page_markup(page, "</p>\n");
}

/* Without coins the two groups may differ by themselves: no claim is refuted by that. */
static void say_exposed(struct aud_page *page, const json_t *content, size_t n_exposed,
                        size_t n)
{
    bool is_promised = json_is_object(json_object_get(content, "claim"));
    aud_page(
        page,
        "<p><strong>The rows give away %m about the people they were made "
        "from.</strong> By more than luck%m, %zu of %zu attacks find out whose data "
        "were used. One would be enough.",
        is_promised ? "more than is promised" : "something",
        is_promised ? ", and by more than the promise allows" : "", n_exposed, n);
    if (is_promised) {
        aud_page_markup(
            page, " That is strong evidence, but no proof of a broken promise: nothing "
                  "shows that lots decided whose data were used, so that the two "
                  "groups of people may have differed before.");
    }
}

void aud_say_attacks(struct aud_page *page, const struct aud_input *input)
{
    const json_t *attacks = json_object_get(input->content, "attacks");
    size_t n = json_array_size(attacks);
    size_t allowed = count_allowed(attacks);
    switch ((int)input->word) {
    case AUD_W_REFUTED:
        aud_page(page,
                 "<p><strong>An attacker learns more than the promise allows.</strong> "
                 "%zu of %zu attacks prove it; who was in the data had been decided by "
                 "coins, so that chance and choice are ruled out.",
                 count_word(attacks, "refuted"), n);
        break;
    case AUD_W_EXPOSED:
        say_exposed(page, input->content, count_word(attacks, "exposed"), n);
        break;
    case AUD_W_INCONCLUSIVE: say_undecided(page, input->content); return;
    default:
        if (allowed > 0) {
            aud_page(page,
                     "<p>%zu of %zu attacks do better on people whose data were used "
                     "than on people whose data were not, but not by more than the "
                     "promise allows.",
                     allowed, n);
        } else {
            aud_page(
                page,
                "<p>None of %zu attacks could tell people whose data were used from "
                "people whose data were not, beyond chance. Other attacks than "
                "these may.",
                n);
        }
    }
    say_strongest(page, strongest(attacks));
    aud_page_markup(page, "</p>\n");
}
