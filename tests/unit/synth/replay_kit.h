// SPDX-License-Identifier: Apache-2.0
/// Transcripts of runs of which nothing else is left, and what follows from them.
#ifndef TESTS_UNIT_SYNTH_REPLAY_KIT_H
#define TESTS_UNIT_SYNTH_REPLAY_KIT_H

#include "synth/model_object.h"

/// Cells of the columns of replay_usual().
extern const uint32_t REPLAY_CELLS[5];

/// The transcript of a model, which is freed: cleared by the caller.
struct sil_bytes replay_transcript(struct sil_model *model);

/// The transcript of 2,000 rows at epsilon 3, of a fixed seed.
struct sil_bytes replay_usual(enum sil_mechanism mechanism);

/// The model that follows from a transcript, and what is told of its run; both abort the
/// test when they are refused. Freed by the caller.
struct sil_model *replay_model(const struct sil_bytes *transcript, unsigned n_threads);
char *replay_explained(const struct sil_bytes *transcript, unsigned n_threads);

#endif
