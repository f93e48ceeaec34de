// SPDX-License-Identifier: Apache-2.0
/// A scene: the command lines that let a generator release something ("make", in order), one
/// of the auditor's for every check that can follow, and what their places stand for unless
/// an exhibit says otherwise ("with").
///
/// In each word {zoo} is the folder of the zoo, {generator} the generator's words, {NAME}
/// what the exhibit or else the scene says of NAME; any other braces stay. A word that is
/// {generator} and nothing else becomes as many words as that has.
#ifndef AUDIT_SELFTEST_SCENE_H
#define AUDIT_SELFTEST_SCENE_H

#include "audits/run/child.h"
#include "audits/selftest/exhibit.h"

struct aud_scene {
    json_t *root; ///< owned
    const char *name;
    const struct aud_zoo *zoo;
    const struct aud_exhibit *exhibit;
};

/// The scene of an exhibit. Errors  SIL_ERR_INPUT, SIL_ERR_IO, SIL_ERR_INTERNAL (memory). Can
/// be cleared whatever the outcome.
SIL_MUST_USE sil_status aud_scene_open(struct aud_scene *out, const struct aud_zoo *zoo,
                                       const struct aud_exhibit *exhibit,
                                       struct sil_error *err);
void aud_scene_clear(struct aud_scene *scene);

/// A command line.
struct aud_line {
    char *word[AUD_WORDS_MAX + 1]; ///< owned; a NULL ends them
    size_t n;
};

void aud_line_clear(struct aud_line *line);

/// Append a copy. Errors  SIL_ERR_INPUT: too many; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_line_add(struct aud_line *line, const char *text,
                                     struct sil_error *err);

/// Append one of the scene's, filled in. Errors  SIL_ERR_INPUT: it is no list of words, or an
/// empty one; as aud_line_add.
SIL_MUST_USE sil_status aud_scene_fill(struct aud_line *line,
                                       const struct aud_scene *scene,
                                       const json_t *pattern, struct sil_error *err);

#endif
