// SPDX-License-Identifier: Apache-2.0
/// What a run does with the ledger that it spends from: the table is admitted, the budget
/// reserved, what was measured entered.
#ifndef SIL_SYNTH_DEBIT_H
#define SIL_SYNTH_DEBIT_H

#include "ledger/data_commit.h"
#include "privacy/token.h"
#include "synth/transcript.h"

#include "silhouette/model.h"

/// Is it clear what to spend from? Exactly one of a ledger, one to be made, and the word
/// that there is none.
/// Errors   SIL_ERR_USAGE.
SIL_MUST_USE sil_status sil_debit_check(const struct sil_fit_options *options,
                                        struct sil_error *err);

/// Does the run spend from a ledger, one that is there or one to be made?
bool sil_debit_is_ledgered(const struct sil_fit_options *options);

/// Make the ledger of `options` when it is to be made: from then on options->ledger is
/// there. To be called when nothing is left that could be refused without it.
/// @param terms   of the run.
/// Errors   those of the maker. SIL_ERR_USAGE: it has another unit or other neighbours.
SIL_MUST_USE sil_status sil_debit_open(struct sil_fit_options *options,
                                       const struct sil_terms *terms,
                                       struct sil_error *err);

/// The commitment to the table that was just read, whose digest this uses up, must be one
/// that the ledger covers (sil_ledger_admit).
/// Errors   SIL_ERR_INPUT: it is not. SIL_ERR_USAGE: opened without its keys. As
///          sil_ledger_append.
SIL_MUST_USE sil_status sil_debit_admit(struct sil_ledger *ledger,
                                        struct sil_data_digest *digest,
                                        struct sil_error *err);

/// The token for a run of this transcript, whose terms and plan are there. With a ledger
/// the whole cap of the terms is reserved and durable when this returns, under the hash of
/// the plan; `reserve` is then its id.
/// Errors   as sil_ledger_reserve: nothing was reserved, or (SIL_ERR_IO) it may have been.
SIL_MUST_USE sil_status sil_debit_reserve(struct sil_token **out,
                                          struct sil_id *reserve,
                                          const struct sil_transcript *transcript,
                                          const struct sil_fit_options *options,
                                          struct sil_error *err);

/// Enter what left through the gate, line by line, and the SHA-256 of the transcript.
/// @param encoding   of the transcript, byte for byte as it will be published.
/// Errors   as sil_ledger_measure.
SIL_MUST_USE sil_status sil_debit_measure(struct sil_ledger *ledger,
                                          const struct sil_transcript *transcript,
                                          const struct sil_bytes *encoding,
                                          struct sil_error *err);

/// A line of a transcript as the line of a measure entry that it must be. `out` is
/// initialised and cleared by the caller. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_spending_of_release(struct sil_spending *out,
                                                const struct sil_release *release,
                                                struct sil_error *err);

/// All lines of a transcript as those of the measure entry: its discoveries, then what was
/// measured and chosen. As above.
size_t sil_debit_n_lines(const struct sil_transcript *transcript);
SIL_MUST_USE sil_status sil_debit_line(struct sil_spending *out,
                                       const struct sil_transcript *transcript,
                                       size_t i, struct sil_error *err);

#endif
