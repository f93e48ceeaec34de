// SPDX-License-Identifier: Apache-2.0
/// The models of tests/golden/replay, for tests of the auditor.
#ifndef TESTS_UNIT_AUDITS_GOLDEN_H
#define TESTS_UNIT_AUDITS_GOLDEN_H

#include "audits/ledger/transcript.h"

enum { GOLDEN_MODELS = 9 };

extern const char *const GOLDEN_NAMES[GOLDEN_MODELS];

/// The bytes of a model; the test ends when there are none.
void golden_load(struct sil_bytes *model, const char *name);

/// The transcript in them.
struct aud_bin golden_transcript(const struct sil_bytes *model);

#endif
