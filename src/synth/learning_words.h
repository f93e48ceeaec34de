// SPDX-License-Identifier: Apache-2.0
/// What is said of bins that are learnt: before a run, and of one that is over.
#ifndef SIL_SYNTH_LEARNING_WORDS_H
#define SIL_SYNTH_LEARNING_WORDS_H

#include "synth/transcript.h"

#include <jansson.h>

/// Each appends nothing where no bins are to be learnt. Errors  SIL_ERR_INTERNAL (memory).

/// A paragraph of a plan.
SIL_MUST_USE sil_status sil_learning_say_plan(struct sil_bytes *out,
                                              const struct sil_terms *terms,
                                              struct sil_error *err);

/// A clause of a claim, and one of the mechanisms of a claim sheet.
SIL_MUST_USE sil_status sil_learning_say_claim(struct sil_bytes *out,
                                               const struct sil_transcript *transcript,
                                               struct sil_error *err);
SIL_MUST_USE sil_status sil_learning_say_noise(struct sil_bytes *out,
                                               const struct sil_transcript *transcript,
                                               struct sil_error *err);

/// A line for each level, as of other things that left.
SIL_MUST_USE sil_status sil_learning_say_levels(struct sil_bytes *out,
                                                const struct sil_transcript *transcript,
                                                struct sil_error *err);

/// The same for programs; NULL: no memory.
json_t *sil_learning_json_plan(const struct sil_terms *terms);
json_t *sil_learning_json_level(const struct sil_transcript *transcript, size_t i);

#endif
