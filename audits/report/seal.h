// SPDX-License-Identifier: Apache-2.0
/// Signing what the auditor writes, with the auditor's key.
#ifndef AUDIT_REPORT_SEAL_H
#define AUDIT_REPORT_SEAL_H

#include "base/bytes.h"
#include "crypto/minisign.h"

/// Read a secret key file of minisign's that nobody else may read. The passphrase is the first
/// line of `passphrase_file` ("-": of the standard input); NULL: the key has none.
/// Errors   SIL_ERR_INPUT: no key, readable by others, a passphrase that is missing or wrong.
///          SIL_ERR_IO, SIL_ERR_INTERNAL. `out` is NULL then.
SIL_MUST_USE sil_status aud_key_read(struct sil_secret_key **out, const char *path,
                                     const char *passphrase_file,
                                     struct sil_error *err);

/// Append the signature file of `data`. Bytes of `comment`, which is trusted, that are not
/// printable ASCII become '?'. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_seal(struct sil_bytes *out,
                                 const struct sil_secret_key *key,
                                 const struct sil_bytes *data, const char *comment,
                                 struct sil_error *err);

#endif
