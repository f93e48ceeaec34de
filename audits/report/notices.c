// SPDX-License-Identifier: Apache-2.0
/* Are all parts of a report about one release and one promise? Who reads a page takes that
 * for granted, so where they are not, it is said first. */
#include "audits/report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const json_t *subject_of(const struct aud_report *report, size_t i)
{
    return json_object_get(report->inputs.item[i].content, "subject");
}

/* The claim of the first release. */
const json_t *aud_report_claim(const struct aud_report *report)
{
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *claim = json_object_get(subject_of(report, i), "claim");
        if (json_is_object(claim)) {
            return claim;
        }
    }
    return NULL;
}

/* Is it the SHA-256 of the rows of one of the releases? */
static bool is_released(const struct aud_report *report, const char *sha256)
{
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *files = json_object_get(subject_of(report, i), "files");
        for (size_t k = 0; k < json_array_size(files); k++) {
            const json_t *file = json_array_get(files, k);
            if (strcmp(aud_text(file, "name"), "data.csv") == 0 &&
                strcmp(aud_text(file, "sha256"), sha256) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool has_release(const struct aud_report *report)
{
    bool has = false;
    for (size_t i = 0; i < report->inputs.n; i++) {
        has |= json_is_array(json_object_get(subject_of(report, i), "files"));
    }
    return has;
}

/* Of two releases the ids differ. */
static bool are_several(const struct aud_report *report)
{
    const char *first = NULL;
    for (size_t i = 0; i < report->inputs.n; i++) {
        const char *id = aud_text(subject_of(report, i), "release");
        if (id[0] != '\0' && first != NULL && strcmp(id, first) != 0) {
            return true;
        }
        first = id[0] != '\0' ? id : first;
    }
    return false;
}

/* As a decimal of six digits, rounded up, and as a double. */
static bool are_equal(const char *decimal, double value)
{
    double told = strtod(decimal, NULL);
    return fabs(told - value) <= 1e-5 * fabs(told);
}

static bool is_same(const json_t *a, const json_t *b, const char *key)
{
    double first = aud_real(a, key, -1);
    return fabs(first - aud_real(b, key, -1)) <= 1e-5 * fabs(first);
}

static bool is_claimed(const json_t *claim, const json_t *tested)
{
    return are_equal(aud_text(claim, "epsilon"), aud_real(tested, "epsilon", -1)) &&
           are_equal(aud_text(claim, "delta"), aud_real(tested, "delta", -1));
}

static void note_promise(json_t *list, const char *what, const json_t *claim,
                         const json_t *tested)
{
    if (claim != NULL && json_is_object(tested) && !is_claimed(claim, tested)) {
        (void)json_array_append_new(
            list, json_sprintf("%s held against epsilon %.6g and delta %.6g, and the "
                               "release claims epsilon %.20s and delta %.20s.",
                               what, aud_real(tested, "epsilon", 0),
                               aud_real(tested, "delta", 0), aud_text(claim, "epsilon"),
                               aud_text(claim, "delta")));
    }
}

/* What an input was held against; NULL: nothing. */
static const json_t *tested_by(const struct aud_input *input)
{
    const json_t *tested = input->layer == AUD_GAME_LAYER ? input->content
                           : input->layer == AUD_RISK
                               ? json_object_get(input->content, "claim")
                               : NULL;
    return json_is_object(tested) ? tested : NULL;
}

/* Where no release claims anything, parts can still be held against different promises. */
static void note_apart(json_t *list, const struct aud_report *report)
{
    const json_t *first = NULL;
    for (size_t i = 0; i < report->inputs.n; i++) {
        const json_t *tested = tested_by(&report->inputs.item[i]);
        if (first != NULL && tested != NULL &&
            !(is_same(first, tested, "epsilon") && is_same(first, tested, "delta"))) {
            (void)json_array_append_new(
                list,
                json_sprintf("Parts were held against different promises: epsilon %.6g "
                             "and delta %.6g, and epsilon %.6g and delta %.6g.",
                             aud_real(first, "epsilon", 0), aud_real(first, "delta", 0),
                             aud_real(tested, "epsilon", 0),
                             aud_real(tested, "delta", 0)));
            return;
        }
        first = first == NULL ? tested : first;
    }
}

/* One of a person's records, or all of them? */
static void note_unit(json_t *list, const json_t *claim, const json_t *content)
{
    bool is_person = strcmp(aud_text(claim, "unit"), "person") == 0;
    bool is_attacked = aud_text(content, "person")[0] != '\0';
    if (claim == NULL || is_person == is_attacked) {
        return;
    }
    (void)json_array_append_new(
        list, json_string(
                  is_person ? "The release promises something about all records of a "
                              "person, and the attacks took every record for a person."
                            : "The release promises something about one record, and "
                              "the attacks were on persons with all their records."));
}

json_t *aud_report_notices(const struct aud_report *report)
{
    json_t *list = json_array();
    const json_t *claim = aud_report_claim(report);
    bool is_other = false;
    for (size_t i = 0; i < report->inputs.n; i++) {
        const struct aud_input *input = &report->inputs.item[i];
        const json_t *content = input->content;
        if (input->layer == AUD_GAME_LAYER) {
            note_promise(list, "The program was", claim, content);
        }
        if (input->layer == AUD_RISK) {
            const char *rows = aud_text(json_object_get(content, "files"), "synthetic");
            is_other |= has_release(report) && !is_released(report, rows);
            note_unit(list, claim, content);
            note_promise(list, "The attacks were", claim,
                         json_object_get(content, "claim"));
        }
    }
    if (claim == NULL) {
        note_apart(list, report);
    }
    if (is_other) {
        (void)json_array_append_new(
            list, json_string("The rows that were attacked are not the rows of the "
                              "release whose papers were looked at."));
    }
    if (are_several(report)) {
        (void)json_array_append_new(
            list, json_string("The inputs are about more than one release."));
    }
    return list;
}
