// SPDX-License-Identifier: Apache-2.0
/// The problems of a schema text, one a line, collected instead of stopping at the first.
#ifndef SIL_TABLE_PROBLEMS_H
#define SIL_TABLE_PROBLEMS_H

#include "base/bytes.h"

struct sil_problems {
    struct sil_bytes text;
    size_t n;
};

/// Take a failure that is the schema's fault (SIL_ERR_INPUT, the sentence in `err`) as a
/// line "place: sentence", or "sentence" when `place` is empty, and give SIL_OK; pass
/// everything else on.
SIL_MUST_USE sil_status sil_problems_take(struct sil_problems *problems,
                                          const char *place, sil_status status,
                                          struct sil_error *err);

#endif
