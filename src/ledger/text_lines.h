// SPDX-License-Identifier: Apache-2.0
/// Texts of lines that end in LF: checkpoints, proofs.
#ifndef SIL_LEDGER_TEXT_LINES_H
#define SIL_LEDGER_TEXT_LINES_H

#include "ledger/merkle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What is left of a text.
struct sil_text {
    const char *at;
    size_t length;
};

/// Take one line, without its LF, from the front; false when none ends in LF.
bool sil_text_line(struct sil_text *line, struct sil_text *rest);

/// Take `prefix` from the front; false, and nothing taken, when it is not there.
bool sil_text_skip(struct sil_text *line, const char *prefix);

/// A decimal number below 2^63 in its one form: no sign, no zero in front.
bool sil_text_number(uint64_t *out, const struct sil_text *line);

/// The base64 of 32 bytes.
bool sil_text_root(struct sil_root *out, const struct sil_text *line);

#endif
