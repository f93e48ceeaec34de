// SPDX-License-Identifier: Apache-2.0
/// Does a ledger bear out what a transcript says of it?
#ifndef SIL_SYNTH_CHECK_LEDGER_H
#define SIL_SYNTH_CHECK_LEDGER_H

#include "base/bytes.h"
#include "ledger/chain.h"
#include "synth/transcript.h"

/// A ledger that was verified, wherever its entries are: a folder, the export in a bundle.
struct sil_ledger_view {
    const struct sil_chain *chain;
    /// The bytes of entry `seq` of the chain. Borrowed.
    const struct sil_bytes *(*entry)(const void *context, uint64_t seq);
    const void *context;
};

/// The stamp, the reserve and its plan, the transcript's hash, every mechanism and its cost
/// against the entries.
/// @param encoding   the transcript's bytes.
/// Errors   SIL_ERR_CHECK: not borne out, with what differs. SIL_ERR_USAGE: the transcript
///          is UNLEDGERED. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_check_ledger(
    const struct sil_transcript *transcript, const struct sil_bytes *encoding,
    const struct sil_ledger_view *ledger, struct sil_error *err);

#endif
