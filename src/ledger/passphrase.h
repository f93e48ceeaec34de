// SPDX-License-Identifier: Apache-2.0
/// Passphrases, for the files of this layer that open keys and vaults. See keyring.h.
#ifndef SIL_LEDGER_PASSPHRASE_H
#define SIL_LEDGER_PASSPHRASE_H

#include "ledger/keyring.h"

#define SIL_PASSPHRASE_MAX 1023 ///< bytes

/// The one that is known already, to be tried before anybody is asked; NULL: none yet.
/// Valid until the next call of sil_passphrase_get.
const char *sil_passphrase_known(const struct sil_passphrase *passphrase);

/// Get it: from the file (which gives one passphrase, ever), else from the terminal,
/// `twice` when it is a new one.
/// @param path   of the file that it is for, named in the question and in errors.
/// Errors   SIL_ERR_INPUT: there is no terminal, no passphrase was given, the two differ,
///          or the one in the file is known and was wrong. SIL_ERR_USAGE: an empty new
///          one. SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_passphrase_get(const char **text,
                                           struct sil_passphrase *passphrase,
                                           const char *path, bool twice,
                                           struct sil_error *err);

/// Ask on the controlling terminal without echo; the terminal is as before afterwards, also
/// when a signal ends or stops the process meanwhile.
/// @param line   room for SIL_PASSPHRASE_MAX + 1 bytes; terminated.
/// Errors   SIL_ERR_INPUT: no terminal, no line, too long, interrupted.
SIL_MUST_USE sil_status sil_terminal_ask(char *line, const char *question,
                                         struct sil_error *err);

#endif
