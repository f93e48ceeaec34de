// SPDX-License-Identifier: Apache-2.0
/// What the commands on ledgers have in common: opening, proposing, answering.
#ifndef SIL_CLI_LEDGER_OPEN_H
#define SIL_CLI_LEDGER_OPEN_H

#include "cli/command.h"
#include "ledger/found.h"
#include "ledger/policy.h"

#include <jansson.h>

/// Refuse a name under which there is nothing, before a key is missed in its place.
/// Errors   SIL_ERR_IO.
SIL_MUST_USE sil_status sil_cli_ledger_is_there(const char *directory,
                                                struct sil_error *err);

/// Open `directory` to look at it: verified, nothing changed, no lock. Notes of the ledger
/// become warnings.
SIL_MUST_USE sil_status sil_cli_ledger_read(struct sil_ledger **out,
                                            const char *directory,
                                            const struct sil_cli_args *args,
                                            struct sil_error *err);

/// Open `directory` to append: with the keys of the options, or of DIR.keys.
SIL_MUST_USE sil_status sil_cli_ledger_write(struct sil_ledger **out,
                                             const char *directory,
                                             const struct sil_cli_args *args,
                                             struct sil_error *err);

/// Say once, when a secret key is not locked in memory, that it may reach the swap.
void sil_cli_warn_unlocked(bool is_locked);

/// Say what must be said of a ledger that was opened or made: its notes, keys in memory
/// that cannot be locked.
void sil_cli_ledger_warn(const struct sil_ledger *ledger);

/// Bring a body before the authority: with --body write it and say how it is approved;
/// else, when one approval is enough and the authority's key is in DIR.keys, approve and
/// append it at once. Its LID and a fresh id are filled in here.
SIL_MUST_USE sil_status sil_cli_propose(struct sil_body *body,
                                        const struct sil_cli_args *args,
                                        struct sil_error *err);

/// What was sent to be signed is not written over.
/// Errors   SIL_ERR_USAGE: there is such a file.
SIL_MUST_USE sil_status sil_cli_body_is_new(const char *path, struct sil_error *err);

/// Write an encoded body to --body, a new file, and answer with the commands that approve
/// it, with the keys and places that this command was given.
/// @param n_needed   how many authorities must approve.
/// Errors   SIL_ERR_USAGE: the file is there already. SIL_ERR_IO.
SIL_MUST_USE sil_status sil_cli_write_proposal(const struct sil_bytes *encoded,
                                               const struct sil_body *body,
                                               uint64_t n_needed,
                                               const struct sil_cli_args *args,
                                               struct sil_error *err);

/// Answer that an entry was appended: what it says, its number.
SIL_MUST_USE sil_status sil_cli_say_appended(const struct sil_ledger *ledger,
                                             struct sil_error *err);

/// The LID of --ledger-id; `*given` false: none was asked for.
SIL_MUST_USE sil_status sil_cli_ledger_id(struct sil_id *out, bool *given,
                                          const struct sil_cli_args *args,
                                          struct sil_error *err);

/// The grant, reserve or release whose id begins with the digits typed.
/// @param ids   what there is, `stride` bytes apart, each beginning with its id.
SIL_MUST_USE sil_status sil_cli_find_id(size_t *index, const char *digits,
                                        const void *ids, size_t n, size_t stride,
                                        const char *what, struct sil_error *err);

/// May anything be spent from this grant now: something is left, before its end, and the
/// ledger is not closed?
bool sil_cli_grant_is_open(const struct sil_chain *chain,
                           const struct sil_chain_grant *grant);

/// The grant with most left that may be spent now; NULL: none.
const struct sil_chain_grant *sil_cli_roomiest(const struct sil_chain *chain);

/// The key whose id begins with the digits typed.
SIL_MUST_USE sil_status sil_cli_find_key(size_t *index, const char *digits,
                                         const struct sil_chain *chain,
                                         struct sil_error *err);

/// A copy of a text that a body will own. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cli_copy(char **out, const char *text,
                                     struct sil_error *err);

/// The policy of --policy, or of DIR.keys/policy; NULL: neither.
SIL_MUST_USE sil_status sil_cli_policy(struct sil_policy **out, const char *directory,
                                       const struct sil_cli_args *args,
                                       struct sil_error *err);

/// The result of a command on the standard output: as JSON, taken over, with schema, ok
/// and command added; or as words.
SIL_MUST_USE sil_status sil_cli_answer(json_t *members, struct sil_bytes *words,
                                       struct sil_error *err);

/// A result that is a file of its own format: to `path`, or (NULL, "-") the standard
/// output. With --json the answer is an object: with a path it names the file, without one
/// it holds the text, under `name`.
SIL_MUST_USE sil_status sil_cli_answer_file(const char *name,
                                            const struct sil_bytes *text,
                                            const char *path, struct sil_error *err);

#endif
