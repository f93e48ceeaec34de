// SPDX-License-Identifier: Apache-2.0
/// Text that people read: no byte of a name steers their terminal, no line runs over.
#ifndef SIL_CLI_WORDS_H
#define SIL_CLI_WORDS_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>

/// Put '?' in the place of every control byte: below 0x20 (a newline only when not
/// `keep_lines`), 0x7f, and U+0080 to U+009F in UTF-8.
void sil_cli_blunt(char *text, size_t length, bool keep_lines);

/// Append the lines of `text`, those of more than 79 columns folded at blanks. What is
/// folded continues below the text behind its label ("claim        ..."), two columns
/// further in when the line is indented, else at the margin.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cli_wrap(struct sil_bytes *out, const char *text,
                                     size_t length, struct sil_error *err);

/// Print one line to the standard error, control bytes in it as '?'. Without memory for
/// it nothing is printed.
void sil_cli_say(const char *format, ...) SIL_PRINTF(1, 2);

/// The same, folded as by sil_cli_wrap.
void sil_cli_say_wrapped(const char *format, ...) SIL_PRINTF(1, 2);

#endif
