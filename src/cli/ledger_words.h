// SPDX-License-Identifier: Apache-2.0
/// Entries of a ledger in the words of whoever answers for the data.
#ifndef SIL_CLI_LEDGER_WORDS_H
#define SIL_CLI_LEDGER_WORDS_H

#include "base/bytes.h"
#include "ledger/chain.h"

#include <gmp.h>

#include <jansson.h>

enum { SIL_CLI_UTC_BYTES = 32, SIL_CLI_NUMBER_BYTES = 64 };

/// "2026-11-22 05:00 UTC"; years beyond 9999 as "later than the year 9999".
void sil_cli_utc(char text[SIL_CLI_UTC_BYTES], uint64_t seconds);

/// Seconds from "2027-01-31" (its last second) or "2027-01-31T12:00Z".
/// Errors   SIL_ERR_USAGE, naming `option`: no date, or one that is past.
SIL_MUST_USE sil_status sil_cli_utc_parse(uint64_t *seconds, const char *text,
                                          const char *option, struct sil_error *err);

/// A rational for people: a decimal of at most 6 digits, rounded up (what is spent) or
/// down (what is left).
void sil_cli_number(char text[SIL_CLI_NUMBER_BYTES], const mpq_t value, bool up);

/// The exact "p/q" as a JSON string; NULL without memory.
json_t *sil_cli_rational_json(const mpq_t value);

/// The first 8 digits of an id: enough for people, and every command takes them.
void sil_cli_short_id(char text[9], const struct sil_id *id);

/// Append what an entry says, the lines behind the first indented.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cli_entry_words(struct sil_bytes *out,
                                            const struct sil_entry *entry,
                                            const struct sil_chain *chain,
                                            struct sil_error *err);

/// Append what a body says, before it is an entry.
SIL_MUST_USE sil_status sil_cli_body_words(struct sil_bytes *out,
                                           const struct sil_body *body,
                                           struct sil_error *err);

/// The same for programs; NULL without memory.
json_t *sil_cli_entry_json(const struct sil_entry *entry);

#endif
