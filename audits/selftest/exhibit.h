// SPDX-License-Identifier: Apache-2.0
/// The zoo as its files declare it: generators of synthetic tables, broken ones and right
/// ones, and which check must refute each of the broken.
///
/// A zoo is a folder: exhibits/NAME.json, one a generator; scenes/NAME.json, how a generator
/// is made to release something and how that is audited; and what these run.
#ifndef AUDIT_SELFTEST_EXHIBIT_H
#define AUDIT_SELFTEST_EXHIBIT_H

#include "silhouette/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct aud_exhibit {
    json_t *root;            ///< owned; all else is in it
    const char *id;          ///< "B2"
    const char *title;       ///< what is wrong with it, or what it is
    const char *where;       ///< where that happened in the world; "": a right one
    const json_t *generator; ///< words
    const json_t *with;      ///< what the scene's places stand for, by name; NULL
    const char *scene;
    const char *check;     ///< the auditor's command
    const char *rule;      ///< id of the finding that must refute it; NULL: a right one
    const char *rule_says; ///< which of these findings; NULL: any
    const char *answer;    ///< the verdict on a right one
    const char *lacks;     ///< the check that there is not; NULL: there is one
};

struct aud_zoo {
    char *path; ///< absolute
    struct aud_exhibit *item;
    size_t n;
    size_t room;
};

static inline bool aud_exhibit_is_broken(const struct aud_exhibit *exhibit)
{
    return exhibit->rule != NULL;
}

/// Is it a list of texts, and not an empty one?
bool aud_is_words(const json_t *list);

/// Every exhibit of a folder, in the order of their files' names.
/// Errors   SIL_ERR_INPUT: no zoo, or a declaration that is none; SIL_ERR_IO;
///          SIL_ERR_INTERNAL (memory). `out` can be cleared whatever the outcome.
SIL_MUST_USE sil_status aud_zoo_open(struct aud_zoo *out, const char *path,
                                     struct sil_error *err);
void aud_zoo_clear(struct aud_zoo *zoo);

#endif
