// SPDX-License-Identifier: Apache-2.0
/// A command line with places to fill in, taken apart without a shell.
#ifndef AUDIT_GAME_WORDS_H
#define AUDIT_GAME_WORDS_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>

struct aud_words {
    char **word; ///< owned, and a NULL behind the last
    size_t n;
};

/// What stands in the place of `{name}`.
struct aud_slot {
    const char *name;
    const char *text;
};

/// Split at blanks. Quotes of either kind hold a word together, a backslash outside of
/// single quotes takes the next character as it is; nothing else means anything. The first
/// word, when it has no slash, is looked for in PATH; any word with a slash that names an
/// existing file is made absolute, because the program runs in a folder of its own.
/// Errors   SIL_ERR_USAGE: nothing, an open quote, more than AUD_WORDS_MAX words, a program
///          that is not there, a place in braces that is none of `names` (NULL at their end). SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_words_split(struct aud_words *out, const char *command,
                                        const char *const *names,
                                        struct sil_error *err);

/// A copy with the places filled in. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_words_fill(struct aud_words *out,
                                       const struct aud_words *pattern,
                                       const struct aud_slot *slots, size_t n,
                                       struct sil_error *err);
void aud_words_clear(struct aud_words *words);

/// Does any word have `{name}` in it?
bool aud_words_have(const struct aud_words *words, const char *name);

#endif
