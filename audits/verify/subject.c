// SPDX-License-Identifier: Apache-2.0
/* What a bundle is and claims, for whoever reads the findings without it: as this program
 * read it in ledger and transcript, whether or not the findings bear it out. */
#include "audits/claim/guess.h"
#include "audits/claim/printed.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <math.h>

enum { STAGES_MAX = 4000 };

static json_t *text_of(sil_status (*print)(struct sil_bytes *, const mpq_t,
                                           struct sil_error *),
                       const mpq_t value)
{
    struct sil_bytes text = {0};
    json_t *json = NULL;
    if (print(&text, value, NULL) == SIL_OK) {
        json = json_stringn((const char *)text.data, text.length);
    }
    sil_bytes_clear(&text);
    return json;
}

static json_t *hex_of(const uint8_t hash[SIL_HASH_BYTES])
{
    char text[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(text, hash);
    return json_string(text);
}

static json_t *ledger_of(const struct aud_case *item)
{
    const struct aud_tree *tree = &item->ledger.tree;
    char id[33];
    aud_id_print(id, &item->ledger.id);
    return json_pack("{s:s, s:s, s:I, s:o}", "id", id, "label", item->ledger.label,
                     "size", (json_int_t)tree->size, "root",
                     hex_of(tree->root[tree->size].bytes));
}

static json_t *claim_of(const struct aud_case *item)
{
    const struct aud_transcript *transcript = &item->transcript;
    /* rho holds except with the probability that discoveries may fail with */
    double run = aud_guess_of_rho(mpq_get_d(transcript->cap.v)) +
                 mpq_get_d(transcript->discovery.v) / 2;
    double ever = aud_guess_of_rho(mpq_get_d(item->ledger.cap.v)) +
                  mpq_get_d(item->ledger.cap_delta.v) / 2;
    return json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:I, s:f, s:f}", "epsilon",
                     text_of(aud_print_decimal, transcript->epsilon.v), "delta",
                     text_of(aud_print_decimal, transcript->delta.v), "rho",
                     text_of(aud_print_rational, transcript->cap.v), "spent",
                     text_of(aud_print_rational, transcript->spent.v), "mechanism",
                     aud_method_name(transcript->method), "neighbours",
                     transcript->is_replace ? "replace-one" : "add-remove", "unit",
                     transcript->is_people ? "person" : "row", "rows",
                     (json_int_t)transcript->max_contrib, "guess", fmin(1, run),
                     "guess_for_ever", fmin(1, ever));
}

/* ---- stages: lines of the transcript in a row that are alike ---- */

static bool are_alike(const struct aud_left *a, const struct aud_left *b)
{
    return a->is_choice == b->is_choice && a->n_attrs == b->n_attrs &&
           mpq_equal(a->sensitivity, b->sensitivity) != 0;
}

static json_t *stage(const struct aud_left *first, size_t n)
{
    double least = mpq_get_d(first->parameter);
    double most = least;
    mpq_t rho;
    mpq_init(rho);
    for (size_t i = 0; i < n; i++) {
        double parameter = mpq_get_d(first[i].parameter);
        least = fmin(least, parameter);
        most = fmax(most, parameter);
        mpq_add(rho, rho, first[i].rho);
    }
    json_t *json =
        json_pack("{s:s, s:I, s:I, s:o, s:f, s:f, s:f}", "mechanism",
                  first->is_choice ? "choice" : "noise", "columns",
                  (json_int_t)first->n_attrs, "lines", (json_int_t)n, "sensitivity",
                  text_of(aud_print_rational, first->sensitivity), "least", sqrt(least),
                  "most", sqrt(most), "rho", mpq_get_d(rho));
    mpq_clear(rho);
    return json;
}

/* What discovered the values of one open field. */
static json_t *discovery(const struct aud_discovery *found)
{
    double deviation = sqrt(mpq_get_d(found->parameter));
    return json_pack("{s:s, s:I, s:I, s:o, s:f, s:f, s:f, s:f}", "mechanism",
                     "discovery", "columns", (json_int_t)1, "lines", (json_int_t)1,
                     "sensitivity", text_of(aud_print_rational, found->sensitivity),
                     "least", deviation, "most", deviation, "rho",
                     mpq_get_d(found->rho), "delta", mpq_get_d(found->delta));
}

/* A level of the tree that bins of a field were learnt from. */
static json_t *learning(const struct aud_level *level)
{
    double deviation = sqrt(mpq_get_d(level->parameter));
    return json_pack("{s:s, s:I, s:I, s:o, s:f, s:f, s:f}", "mechanism", "bins",
                     "columns", (json_int_t)1, "lines", (json_int_t)1, "sensitivity",
                     text_of(aud_print_rational, level->sensitivity), "least",
                     deviation, "most", deviation, "rho", mpq_get_d(level->rho));
}

static json_t *stages(const struct aud_transcript *transcript)
{
    json_t *list = json_array();
    for (size_t i = 0; i < transcript->n_found && i + 1 < STAGES_MAX; i++) {
        (void)json_array_append_new(list, discovery(&transcript->found[i]));
    }
    for (size_t i = 0;
         i < transcript->n_levels && json_array_size(list) + 1 < STAGES_MAX; i++) {
        (void)json_array_append_new(list, learning(&transcript->level[i]));
    }
    for (size_t i = 0; i < transcript->n_left;) {
        size_t n = 1;
        bool is_last = json_array_size(list) + 1 == STAGES_MAX;
        while (i + n < transcript->n_left &&
               (is_last || are_alike(&transcript->left[i], &transcript->left[i + n]))) {
            n++;
        }
        (void)json_array_append_new(list, stage(&transcript->left[i], n));
        i += n;
    }
    return list;
}

static json_t *files_of(const struct aud_release *release)
{
    json_t *list = json_array();
    for (size_t i = 0; i < release->n_artifacts; i++) {
        (void)json_array_append_new(
            list, json_pack("{s:s, s:o}", "name", release->artifact[i].name, "sha256",
                            hex_of(release->artifact[i].sha256)));
    }
    (void)json_array_append_new(list, json_pack("{s:s, s:o}", "name", "statement.json",
                                                "sha256", hex_of(release->statement)));
    return list;
}

/* What the rows were made for, where it is of the form that a statement has it in; NULL: they
 * are the model's as it is, or the statement was refuted. */
static json_t *order_of(const struct aud_case *item)
{
    const json_t *order = aud_statement_at(item, "predicate/rows/made_to_order");
    return order != NULL && aud_is_order(order) ? json_deep_copy(order) : NULL;
}

sil_status aud_note_subject(struct aud_case *item, struct sil_error *err)
{
    json_t *subject = json_object();
    int failed = subject == NULL ? -1 : 0;
    if (item->has_ledger) {
        failed |= json_object_set_new(subject, "ledger", ledger_of(item));
    }
    if (item->release != NULL) {
        char id[33];
        aud_id_print(id, &item->release->id);
        failed |= json_object_set_new(subject, "release", json_string(id));
        failed |= json_object_set_new(subject, "withdrawn",
                                      json_boolean(item->release->is_withdrawn));
        failed |= json_object_set_new(subject, "files", files_of(item->release));
        json_t *order = order_of(item);
        failed |= order == NULL ? 0 : json_object_set_new(subject, "order", order);
    }
    if (item->run != NULL) {
        failed |= json_object_set_new(subject, "claim", claim_of(item));
        failed |= json_object_set_new(subject, "stages", stages(&item->transcript));
    }
    if (failed != 0) {
        json_decref(subject);
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the subject");
    }
    aud_find_list(&item->findings, "subject", subject);
    return SIL_OK;
}
