// SPDX-License-Identifier: Apache-2.0
/// The sentences of the claim sheet, one function a line. They are for people who will not
/// read C, and stand in documents that a verifier writes again: a changed word is a new
/// SIL_DOCUMENTS_VERSION.
#ifndef SIL_RELEASE_CLAIM_WORDS_H
#define SIL_RELEASE_CLAIM_WORDS_H

#include "release/claim_sheet.h"

/// Append the text of a line. Errors  SIL_ERR_INTERNAL (memory).
typedef sil_status sil_say_fn(struct sil_bytes *out,
                              const struct sil_claim_sheet *sheet,
                              struct sil_error *err);

sil_say_fn sil_say_guess;
sil_say_fn sil_say_run;
sil_say_fn sil_say_so_far;
sil_say_fn sil_say_for_ever;
sil_say_fn sil_say_unit;
sil_say_fn sil_say_neighbours;
sil_say_fn sil_say_mechanisms;

sil_say_fn sil_say_public;
sil_say_fn sil_say_looked;
sil_say_fn sil_say_choices;

sil_say_fn sil_say_trust;
sil_say_fn sil_say_base;
sil_say_fn sil_say_arithmetic;
sil_say_fn sil_say_channels;
sil_say_fn sil_say_collection;
sil_say_fn sil_say_access;
sil_say_fn sil_say_bias;
sil_say_fn sil_say_limits;
sil_say_fn sil_say_replay;

#endif
