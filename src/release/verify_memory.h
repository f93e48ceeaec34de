// SPDX-License-Identifier: Apache-2.0
/// How much memory replaying a release takes, told from what its transcript declares before
/// anything is allocated for it: a transcript of a few kilobytes can ask for any amount.
#ifndef SIL_RELEASE_VERIFY_MEMORY_H
#define SIL_RELEASE_VERIFY_MEMORY_H

#include "release/record.h"
#include "synth/transcript.h"

/// At most so many bytes; UINT64_MAX: beyond counting.
/// @param transcript   its workload gets its candidates.
/// @param length   of its encoding.
/// @param choices   how many rows, and whether they are made to order.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_replay_memory(uint64_t *bytes,
                                          struct sil_transcript *transcript,
                                          size_t length,
                                          const struct sil_choices *choices,
                                          struct sil_error *err);

#endif
