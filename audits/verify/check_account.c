// SPDX-License-Identifier: Apache-2.0
/* The generator's own account of the run (`refit --explain`, docs/explain.schema.json), held
 * against the transcript and against what is computed here. It takes a model to know which
 * candidates fit, what they scored and whether a round taught anything: that is the
 * generator's word. All else in the account must be so. */
#include "audits/claim/rows.h"
#include "audits/claim/workload.h"
#include "audits/verify/evidence.h"
#include "codec/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char WHAT[] = "The generator's account of the run is that of this one";

/* What is compared, and where: the first difference ends it. */
struct account {
    const struct aud_transcript *transcript;
    struct aud_workload workload;
    mpq_t spent; /* by the lines before */
    char fault[120];
};

static bool note(struct account *account, bool is, const char *place, size_t number,
                 const char *member)
{
    if (!is && account->fault[0] == '\0') {
        (void)snprintf(account->fault, sizeof account->fault, "%s %zu: %s", place,
                       number, member);
    }
    return is;
}

static bool is_fraction(const json_t *object, const char *key, const mpq_t wanted)
{
    const char *text = json_string_value(json_object_get(object, key));
    mpq_t said;
    mpq_init(said);
    bool is = text != NULL && strspn(text, "0123456789/") == strlen(text) &&
              mpq_set_str(said, text, 10) == 0 && mpz_sgn(mpq_denref(said)) != 0;
    if (is) {
        mpq_canonicalize(said);
        is = mpq_equal(said, wanted) != 0;
    }
    mpq_clear(said);
    return is;
}

static bool is_number(const json_t *object, const char *key, uint64_t wanted)
{
    const json_t *said = json_object_get(object, key);
    return json_is_integer(said) && json_integer_value(said) >= 0 &&
           (uint64_t)json_integer_value(said) == wanted;
}

static bool is_text(const json_t *object, const char *key, const char *wanted)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && wanted != NULL && strcmp(text, wanted) == 0;
}

/* The square of what is said, against epsilon^2. */
static bool is_root(const json_t *object, const char *key, const mpq_t square)
{
    mpq_t root;
    mpq_init(root);
    mpz_sqrt(mpq_numref(root), mpq_numref(square));
    mpz_sqrt(mpq_denref(root), mpq_denref(square));
    bool is = is_fraction(object, key, root);
    mpq_mul(root, root, root);
    is = is && mpq_equal(root, square) != 0;
    mpq_clear(root);
    return is;
}

static bool is_marginal(const json_t *object, const struct account *account,
                        const struct aud_left *left)
{
    const json_t *marginal = json_object_get(object, "marginal");
    const json_t *groups = json_object_get(object, "groups");
    bool is = json_array_size(marginal) == left->n_attrs &&
              json_array_size(groups) == left->n_attrs;
    for (size_t k = 0; k < left->n_attrs && is; k++) {
        uint64_t cells = left->group[k].length == 0
                             ? account->workload.cells[left->attr[k]]
                             : aud_n_groups(left->group[k]);
        const json_t *attr = json_array_get(marginal, k);
        const json_t *n = json_array_get(groups, k);
        is = json_is_integer(attr) && json_is_integer(n) &&
             json_integer_value(attr) == (json_int_t)left->attr[k] &&
             json_integer_value(n) == (json_int_t)cells;
    }
    return is;
}

/* ---- lines ---- */

static void check_line(struct account *account, const json_t *line, size_t i)
{
    const struct aud_left *left = &account->transcript->left[i];
    mpq_add(account->spent, account->spent, left->rho);
    note(account, is_number(line, "line", i + 1), "line", i + 1, "its number");
    note(account, is_text(line, "kind", left->is_choice ? "choose" : "measure"), "line",
         i + 1, "its kind");
    note(account, is_marginal(line, account, left), "line", i + 1, "its marginal");
    note(account, is_fraction(line, "rho", left->rho), "line", i + 1, "its cost");
    note(account, is_fraction(line, "spent", account->spent), "line", i + 1,
         "what was spent");
    note(account,
         left->is_choice ? is_root(line, "epsilon", left->parameter)
                         : is_fraction(line, "sigma_squared", left->parameter),
         "line", i + 1, "its noise");
}

static void check_lines(struct account *account, const json_t *root)
{
    const json_t *lines = json_object_get(root, "lines");
    if (!note(account, json_array_size(lines) == account->transcript->n_left, "line",
              json_array_size(lines), "is the last of the account, not of the run")) {
        return;
    }
    for (size_t i = 0; i < account->transcript->n_left; i++) {
        check_line(account, json_array_get(lines, i), i);
    }
}

/* ---- rounds ---- */

/* The tree may have as large a part of all cells as was spent of the cap. */
static uint64_t cells_allowed(const struct account *account)
{
    mpq_t part;
    mpz_t cells;
    mpq_init(part);
    mpz_init_set_ui(cells, account->transcript->max_model_mb << 17);
    mpq_div(part, account->spent, account->transcript->cap.v);
    mpz_mul(cells, cells, mpq_numref(part));
    mpz_fdiv_q(cells, cells, mpq_denref(part));
    uint64_t out = mpz_get_ui(cells);
    mpz_clear(cells);
    mpq_clear(part);
    return out;
}

/* More cells than that cannot score above 0: twice the rows over the mean noise of a cell.
 * Floating-point numbers may differ by one at the border. */
static bool is_worthwhile(const json_t *round, const struct account *account,
                          size_t line)
{
    const double root_of_two_over_pi = 0.79788456080286536;
    struct aud_transcript before = *account->transcript;
    const struct aud_left *noise = &account->transcript->left[line];
    const json_t *said = json_object_get(round, "worthwhile_cells");
    mpq_t rows;
    mpq_init(rows);
    before.n_left = line - 1;
    (void)aud_estimate_rows(rows, &before);
    double most =
        2 * mpq_get_d(rows) / (root_of_two_over_pi * sqrt(mpq_get_d(noise->parameter)));
    mpq_clear(rows);
    return json_is_integer(said) &&
           fabs((double)json_integer_value(said) - floor(fmin(most, 134217728))) <= 1;
}

/* Which of the lines it is about; 0: none that is a choice. */
static size_t line_of(const json_t *round, const struct account *account)
{
    const json_t *lines = json_object_get(round, "lines");
    json_int_t at = json_integer_value(json_array_get(lines, 0));
    bool is = at >= 1 && (uint64_t)at <= account->transcript->n_left &&
              account->transcript->left[at - 1].is_choice;
    return is ? (size_t)at : 0;
}

static void check_limits(struct account *account, const json_t *round, size_t number,
                         size_t line)
{
    const struct aud_transcript *transcript = account->transcript;
    const json_t *most = json_object_get(round, "most_cells");
    if (!json_is_null(most) && transcript->method != AUD_MST) {
        note(account, is_number(round, "most_cells", cells_allowed(account)), "round",
             number, "how many cells the tree may have");
    }
    if (transcript->method != AUD_AIM || line >= transcript->n_left) {
        return;
    }
    const struct aud_left *noise = &transcript->left[line];
    note(account, is_worthwhile(round, account, line), "round", number,
         "how many cells are worth their noise");
    note(account,
         (json_int_t)noise->n_cells <=
             json_integer_value(json_object_get(round, "worthwhile_cells")),
         "round", number, "a marginal that is not worth its noise");
}

static void check_round(struct account *account, const json_t *round, size_t number)
{
    const struct aud_transcript *transcript = account->transcript;
    size_t line = line_of(round, account);
    if (!note(account, line > 0, "round", number, "it is about no choice")) {
        return;
    }
    const struct aud_left *choice = &transcript->left[line - 1];
    mpq_sub(account->spent, transcript->cap.v, transcript->rest); /* by discoveries */
    for (size_t i = 0; i + 1 < line; i++) {
        mpq_add(account->spent, account->spent, transcript->left[i].rho);
    }
    mpq_t sensitivity;
    mpq_init(sensitivity);
    mpq_set_ui(sensitivity,
               (unsigned long)json_integer_value(json_object_get(round, "sensitivity")),
               1);
    note(account, mpq_equal(sensitivity, choice->sensitivity) != 0, "round", number,
         "the sensitivity of its candidates");
    mpq_clear(sensitivity);
    note(account, is_marginal(round, account, choice), "round", number,
         "what it chose");
    note(account, is_number(round, "allowed", choice->candidates), "round", number,
         "how many candidates it had");
    note(account, is_number(round, "chosen", choice->chosen), "round", number,
         "which of them it chose");
    uint64_t weight =
        transcript->method == AUD_MST
            ? 1
            : aud_weight(&account->workload, choice->attr, choice->n_attrs);
    note(account, is_number(round, "weight", weight), "round", number,
         "the weight of what it chose");
    check_limits(account, round, number, line);
}

/* A round that moved the model too little makes the next ones dearer. */
static void check_annealing(struct account *account, const json_t *rounds)
{
    size_t n = json_array_size(rounds);
    for (size_t i = 0; i + 1 < n; i++) {
        const json_t *round = json_array_get(rounds, i);
        const json_t *next = json_array_get(rounds, i + 1);
        bool is_last = json_is_true(json_object_get(round, "last"));
        bool goes_on =
            is_text(next, "part", json_string_value(json_object_get(round, "part")));
        note(account, is_last != goes_on, "round", i + 1, "whether it is the last");
        if (!goes_on || json_is_true(json_object_get(next, "last")) ||
            !is_text(round, "part",
                     account->transcript->method == AUD_AIM ? "rounds" : "tree")) {
            continue;
        }
        bool is_dearer =
            !json_equal(json_object_get(round, "cost"), json_object_get(next, "cost"));
        note(account, json_is_true(json_object_get(round, "annealed")) == is_dearer,
             "round", i + 1, "whether it was annealed");
    }
}

static void check_rounds(struct account *account, const json_t *root)
{
    const json_t *rounds = json_object_get(root, "rounds");
    size_t n_choices = 0;
    for (size_t i = 0; i < account->transcript->n_left; i++) {
        n_choices += account->transcript->left[i].is_choice;
    }
    if (!note(account, json_array_size(rounds) == n_choices, "round",
              json_array_size(rounds), "is the last of the account, not of the run")) {
        return;
    }
    for (size_t i = 0; i < n_choices; i++) {
        check_round(account, json_array_get(rounds, i), i + 1);
    }
    if (account->transcript->method != AUD_MST) {
        check_annealing(account, rounds);
    }
}

/* ---- the whole ---- */

static void check_terms(struct account *account, const json_t *root)
{
    const struct aud_transcript *transcript = account->transcript;
    bool is = is_text(root, "kind", "silhouette/explanation") &&
              is_text(root, "mechanism", aud_method_name(transcript->method)) &&
              is_number(root, "replay", transcript->replay) &&
              is_text(root, "neighbours",
                      transcript->is_replace ? "replace-one" : "add-remove") &&
              is_fraction(root, "epsilon", transcript->asked.v) &&
              is_fraction(root, "delta", transcript->delta.v) &&
              is_fraction(root, "cap", transcript->cap.v) &&
              is_fraction(root, "spent", transcript->spent.v) &&
              is_number(root, "most_cells", transcript->max_model_mb << 17);
    note(account, is, "line", 0, "its terms");
    const json_t *columns = json_object_get(root, "columns");
    for (size_t a = 0; a < account->workload.n; a++) {
        note(account,
             is_number(json_array_get(columns, a), "cells", account->workload.cells[a]),
             "column", a + 1, "its cells");
    }
}

sil_status aud_check_account(bool *is_one, struct aud_case *item,
                             const struct sil_bytes *text, struct sil_error *err)
{
    *is_one = false;
    struct account account = {.transcript = &item->transcript};
    json_t *root = NULL;
    sil_status status = aud_workload_find(&account.workload, &item->transcript, err);
    if (status == SIL_OK) {
        status = sil_json_parse(&root, (const char *)text->data, text->length,
                                "the account", err);
    }
    if (status != SIL_OK || !is_number(root, "version", 1)) {
        aud_workload_clear(&account.workload);
        json_decref(root);
        if (aud_is_fault(status)) {
            return status;
        }
        aud_find(&item->findings, "E2", WHAT, AUD_INCONCLUSIVE, "it cannot be read: %s",
                 status == SIL_OK ? "its version" : err->text);
        return SIL_OK;
    }
    *is_one = true;
    mpq_init(account.spent);
    mpq_sub(account.spent, item->transcript.cap.v, item->transcript.rest);
    check_terms(&account, root);
    check_lines(&account, root);
    check_rounds(&account, root);
    bool is = account.fault[0] == '\0';
    aud_find(&item->findings, "E2", WHAT, is ? AUD_HOLDS : AUD_REFUTED, "%s%s",
             is ? "" : "it differs at ",
             is ? "lines, rounds, filters and limits" : account.fault);
    mpq_clear(account.spent);
    aud_workload_clear(&account.workload);
    json_decref(root);
    return SIL_OK;
}
