// SPDX-License-Identifier: Apache-2.0
#include "cli/summary.h"

#include "base/fail.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "synth/reached.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The summary says nothing that `inspect` does not: it is made from the same text. */
struct facts {
    json_t *root;
    const char *mechanism;
    const char *answers; ///< what a question is put to: the "model" or the "rows"
    const char *epsilon;
    const char *delta;
    int ledgered;
    size_t n_measured;
    size_t n_chosen;
};

static sil_status find_facts(struct facts *facts, const struct sil_model *model,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *text = NULL;
    json_t *releases = NULL;
    json_t *release = NULL;
    size_t i = 0;
    *facts = (struct facts){0};

    SIL_TRY(sil_model_inspect(&text, model, true, err));
    facts->root = json_loads(text, 0, NULL);
    if (json_unpack(facts->root, "{s:{s:s, s:s, s:b}, s:{s:s}, s:{s:s}, s:o}", "claim",
                    "epsilon", &facts->epsilon, "delta", &facts->delta, "ledgered",
                    &facts->ledgered, "plan", "mechanism", &facts->mechanism, "answers",
                    "from", &facts->answers, "releases", &releases) != 0) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the summary");
        goto cleanup;
    }
    json_array_foreach(releases, i, release)
    {
        bool is_choice = json_object_get(release, "candidates") != NULL;
        facts->n_chosen += is_choice ? 1 : 0;
        bool is_discovery = json_object_get(release, "found") != NULL ||
                            json_object_get(release, "intervals") != NULL;
        facts->n_measured += is_choice || is_discovery ? 0 : 1;
    }

cleanup:
    free(text);
    return status;
}

static const char *place_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "the standard output" : path;
}

static void print_next(const char *model_path, bool is_ledgered)
{
    if (model_path == NULL || strcmp(model_path, "-") == 0) {
        sil_cli_say(
            "Next time --model-out=FILE keeps the model: more rows cost nothing");
        return;
    }
    sil_cli_say(
        "Next      silhouette inspect %s   (what was measured, what is claimed)",
        model_path);
    sil_cli_say("          silhouette sample --model %s --out MORE.csv   (at no cost)",
                model_path);
    if (is_ledgered) {
        sil_cli_say(
            "          silhouette release --model %s --ledger DIR --out BUNDLE   "
            "(to hand over)",
            model_path);
    }
}

static void print_words(const struct sil_cli_done *done, const struct facts *facts)
{
    sil_cli_say_wrapped("Claim     %s", sil_model_claim(done->model));
    sil_cli_say("Measured  marginals: %zu, of which chosen by their need: %zu (%s)",
                facts->n_measured, facts->n_chosen, facts->mechanism);
    if (done->is_refit) {
        sil_cli_say("Spent     nothing: the run was paid for when it was made");
    } else {
        sil_cli_say("Spent     epsilon %s at delta %s, %s", facts->epsilon,
                    facts->delta,
                    facts->ledgered ? "debited in the ledger" : "UNLEDGERED");
    }
    if (done->rows_path != NULL) {
        sil_cli_say("Rows      %" PRIu64 " to %s", done->n_rows,
                    place_name(done->rows_path));
        sil_cli_say_rules(&done->drawn);
    }
    if (done->model_path != NULL) {
        sil_cli_say("Model     %s", place_name(done->model_path));
    }
    if (strcmp(facts->answers, "rows") == 0) {
        sil_cli_say(
            "Answers   come from rows: no single model has them (inspect says why)");
    }
    print_next(done->model_path, facts->ledgered != 0);
}

static void print_json(const struct sil_cli_done *done, const struct facts *facts)
{
    json_t *rows =
        done->rows_path == NULL ? json_null() : sil_cli_report_text(done->rows_path);
    json_t *model =
        done->model_path == NULL ? json_null() : sil_cli_report_text(done->model_path);
    sil_cli_report_object(json_pack(
        "{s:o, s:s, s:s, s:b, s:s, s:I, s:I, s:I, s:o, s:o, s:o*}", "claim",
        sil_cli_report_text(sil_model_claim(done->model)), "epsilon", facts->epsilon,
        "delta", facts->delta, "ledgered", facts->ledgered, "mechanism",
        facts->mechanism, "n_measured", (json_int_t)facts->n_measured, "n_chosen",
        (json_int_t)facts->n_chosen, "rows", (json_int_t)done->n_rows, "rows_file",
        rows, "model_file", model, "rules", sil_cli_json_rules(&done->drawn)));
}

sil_status sil_cli_summarise(const struct sil_cli_done *done, bool quiet,
                             struct sil_error *err)
{
    struct facts facts;
    sil_cli_progress_clear();
    for (size_t i = 0; i < sil_model_n_warnings(done->model); i++) {
        sil_cli_report_warning(sil_model_warning(done->model, i));
    }
    sil_status status = quiet ? SIL_OK : find_facts(&facts, done->model, err);
    if (quiet || status != SIL_OK) {
        return status;
    }
    if (sil_cli_report_is_json()) {
        print_json(done, &facts);
    } else {
        print_words(done, &facts);
    }
    json_decref(facts.root);
    return SIL_OK;
}

static bool is_made(const struct sil_cli_order *order)
{
    return order->where != NULL || order->n_rebalance > 0 || order->fair != NULL;
}

json_t *sil_cli_json_order(const struct sil_cli_order *order)
{
    if (!is_made(order)) {
        return json_null();
    }
    json_t *shares = json_array();
    for (size_t i = 0; shares != NULL && i < order->n_rebalance; i++) {
        (void)json_array_append_new(shares, sil_cli_report_text(order->rebalance[i]));
    }
    return json_pack(
        "{s:o, s:f, s:o, s:o, s:f}", "where",
        order->where == NULL ? json_null() : sil_cli_report_text(order->where),
        "probability", order->probability, "rebalance", shares, "fair",
        order->fair == NULL ? json_null() : sil_cli_report_text(order->fair), "moved",
        order->moved);
}

void sil_cli_say_order(const struct sil_cli_order *order)
{
    if (order->where != NULL) {
        sil_cli_say_wrapped("To order  where %s", order->where);
        sil_cli_say("          which the model gives a probability of %.4g",
                    order->probability);
    }
    for (size_t i = 0; i < order->n_rebalance; i++) {
        sil_cli_say_wrapped("To order  %s", order->rebalance[i]);
    }
    if (order->fair != NULL) {
        sil_cli_say_wrapped("To order  parity of %s", order->fair);
        sil_cli_say("          which changes %.2f %% of the rows in these columns",
                    100 * order->moved);
    }
    if (is_made(order)) {
        sil_cli_say_wrapped("          These rows are made to order: they stand for no "
                            "population, and what was measured does not bound their "
                            "error");
    }
}

json_t *sil_cli_json_rules(const struct sil_sample_report *drawn)
{
    if (drawn->n_rules == 0) {
        return NULL;
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "declared",
                     (json_int_t)drawn->n_rules, "rows", (json_int_t)drawn->n_rows,
                     "rows_that_violate", (json_int_t)drawn->n_broken, "rows_redrawn",
                     (json_int_t)drawn->n_redrawn, "rows_changed",
                     (json_int_t)drawn->n_changed);
}

static void warn_missed(const struct sil_sample_report *drawn, size_t i)
{
    struct sil_bytes text = {0};
    struct sil_error err;
    sil_status status = sil_bytes_printf(&text, &err, "the rows miss a share: ");
    if (status == SIL_OK) {
        status = sil_missed_say(&text, &drawn->missed[i], drawn->n_rows, &err);
    }
    if (status == SIL_OK && drawn->n_changed > 0) {
        status = sil_bytes_printf(&text, &err, "; rows were changed to keep the rules");
    }
    if (status == SIL_OK) {
        status = sil_bytes_append(&text, "", 1, &err);
    }
    sil_cli_report_warning(status == SIL_OK ? (const char *)text.data
                                            : "the rows miss a share");
    sil_bytes_clear(&text);
}

void sil_cli_warn_rows(const struct sil_sample_report *drawn)
{
    char text[160];
    for (size_t i = 0; i < drawn->n_missed && i < SIL_MISSED_MAX; i++) {
        warn_missed(drawn, i);
    }
    if (drawn->n_missed > SIL_MISSED_MAX) {
        (void)snprintf(text, sizeof text, "the rows miss %" PRIu64 " shares in all",
                       drawn->n_missed);
        sil_cli_report_warning(text);
    }
    if (drawn->n_broken > 0) {
        (void)snprintf(text, sizeof text,
                       "%" PRIu64 " of %" PRIu64
                       " rows violate a rule of the schema and "
                       "could not be changed to keep it",
                       drawn->n_broken, drawn->n_rows);
        sil_cli_report_warning(text);
    }
}

void sil_cli_say_rules(const struct sil_sample_report *drawn)
{
    if (drawn->n_rules > 0) {
        sil_cli_say("Rules     %" PRIu64 " of %" PRIu64 " rows violate one of %" PRIu64
                    " (values of %" PRIu64 " were drawn again, cells of %" PRIu64
                    " changed)",
                    drawn->n_broken, drawn->n_rows, drawn->n_rules, drawn->n_redrawn,
                    drawn->n_changed);
    }
}

void sil_cli_summarise_sample(const struct sil_cli_done *done, bool quiet)
{
    sil_cli_progress_clear();
    sil_cli_warn_rows(&done->drawn);
    if (quiet) {
        return;
    }
    if (sil_cli_report_is_json()) {
        sil_cli_report_object(json_pack(
            "{s:o, s:I, s:o, s:o, s:o, s:o*}", "claim",
            sil_cli_report_text(sil_model_claim(done->model)), "rows",
            (json_int_t)done->n_rows, "rows_file", sil_cli_report_text(done->rows_path),
            "model_file", sil_cli_report_text(done->model_path), "made_to_order",
            sil_cli_json_order(&done->order), "rules",
            sil_cli_json_rules(&done->drawn)));
        return;
    }
    sil_cli_say("Rows      %" PRIu64 " to %s", done->n_rows,
                place_name(done->rows_path));
    sil_cli_say_rules(&done->drawn);
    sil_cli_say_order(&done->order);
    sil_cli_say("Spent     nothing: the model was paid for when it was fitted");
}
