// SPDX-License-Identifier: Apache-2.0
/// A scene: the command lines that let a generator release something ("make", in order), and
/// one of the auditor's for every check that can follow.
///
/// In each word {zoo} stands for the folder of the zoo and {generator} for the generator's
/// words; a word that is {generator} and nothing else becomes as many words as it has.
#ifndef AUDIT_SELFTEST_SCENE_H
#define AUDIT_SELFTEST_SCENE_H

#include "audits/run/child.h"
#include "audits/selftest/exhibit.h"

struct aud_line {
    char *word[AUD_WORDS_MAX + 1]; ///< owned; a NULL ends them
    size_t n;
};

void aud_line_clear(struct aud_line *line);

/// Append a copy. Errors  SIL_ERR_INPUT: too many; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_line_add(struct aud_line *line, const char *text,
                                     struct sil_error *err);

/// The scene of an exhibit; freed with json_decref. Errors  SIL_ERR_INPUT, SIL_ERR_IO,
/// SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_scene_read(json_t **out, const struct aud_zoo *zoo,
                                       const struct aud_exhibit *exhibit,
                                       struct sil_error *err);

/// Append a command line of the scene, filled in. Errors  as aud_line_add.
SIL_MUST_USE sil_status aud_scene_line(struct aud_line *line, const json_t *pattern,
                                       const struct aud_zoo *zoo,
                                       const struct aud_exhibit *exhibit,
                                       struct sil_error *err);

#endif
