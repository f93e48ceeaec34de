// SPDX-License-Identifier: Apache-2.0
/// Keys on disk: files of stock minisign, one a role, and the vault, kept in a directory
/// beside the ledger: DIR.keys/ for the ledger DIR, with authority.key, curator.key,
/// log.key, release.key, auditor.key, KEY.pub beside each KEY, and `vault`.
///
/// A secret file (key, vault, file with a passphrase) is read only when it is a regular
/// file of ours with one name that nobody else may read; symbolic links are not followed.
/// The error names the file and the command that puts it right.
#ifndef SIL_LEDGER_KEYRING_H
#define SIL_LEDGER_KEYRING_H

#include "crypto/minisign.h"
#include "ledger/body.h"
#include "ledger/data_commit.h"

#include "silhouette/status.h"

#include <stdbool.h>

/* ---- passphrases ---- */

/// Where passphrases come from. One that was right is tried on the next file before
/// anybody is asked again. Lives in guarded memory, wiped at the end.
struct sil_passphrase;

/// From the first line of `file`, or, when it is NULL, asked on the terminal when one is
/// needed. Nothing is read yet; `file` is copied.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_passphrase_new(struct sil_passphrase **out,
                                           const char *file, struct sil_error *err);
void sil_passphrase_free(struct sil_passphrase *passphrase);

/* ---- key files ---- */

/// "authority.key", ...
const char *sil_key_file_name(enum sil_role role);

/// DIR.keys or, with a name, DIR.keys/NAME, beside the directory even when it is called "."
/// or ends in a slash; freed with free().
SIL_MUST_USE sil_status sil_keys_path(char **out, const char *ledger_directory,
                                      const char *name, struct sil_error *err);

/// Where watermarks are kept: `given`, or when it is NULL $XDG_STATE_HOME/silhouette, or
/// .local/state/silhouette in the home directory. Freed with free().
/// Errors   SIL_ERR_USAGE: no home directory. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_state_directory(char **out, const char *given,
                                            struct sil_error *err);

struct sil_new_key {
    const char *path;    ///< of the secret file; PATH.pub is written beside it
    bool is_unencrypted; ///< as `minisign -W`: whoever reads the file has the key
    const struct sil_kdf_cost *cost; ///< NULL: SIL_KDF_STOCK, about 7 s and 1 GiB
};

/// Make a key: PATH (0600), then PATH.pub, both durable, neither replaces a file. A new
/// passphrase comes from the file, or is asked twice.
/// @param[out] key   the key made, freed by the caller; may be NULL.
/// @param passphrase unused (and may be NULL) when unencrypted.
/// Errors   SIL_ERR_USAGE: there is such a file; an empty passphrase. SIL_ERR_INPUT: the
///          passphrase cannot be had (no terminal). SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_key_create(struct sil_secret_key **key,
                                       const struct sil_new_key *spec,
                                       struct sil_passphrase *passphrase,
                                       struct sil_error *err);

/// Read a secret key file.
/// Errors   SIL_ERR_INPUT: not safe to use, damaged, or the passphrase is wrong or cannot
///          be had. SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_key_read(struct sil_secret_key **out, const char *path,
                                     struct sil_passphrase *passphrase,
                                     struct sil_error *err);

/// Read a public key file, or take the key's own text (a file's second line), as an entry
/// of a genesis or keyset. `name` is copied. Cleared by the owner of the body it goes to.
/// Errors   SIL_ERR_INPUT, SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_ledger_key_read(struct sil_ledger_key *out,
                                            enum sil_role role, const char *name,
                                            const char *path_or_text,
                                            struct sil_error *err);

/// The same of a secret key that was read.
SIL_MUST_USE sil_status sil_ledger_key_of(struct sil_ledger_key *out,
                                          enum sil_role role, const char *name,
                                          const struct sil_secret_key *key,
                                          struct sil_error *err);

/* ---- the vault ---- */

/// Seal the key of the data commitment of a ledger into a new file (0600, durable, replaces
/// nothing): silhouette-vault/1 over DMP1 ["silhouette/vault", 1, LID, k32].
/// @param passphrase   NULL: under the empty passphrase, at the least cost.
/// Errors   SIL_ERR_USAGE: there is such a file. SIL_ERR_INPUT: no passphrase to be had.
///          SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_vault_create(const char *path, const struct sil_id *ledger,
                                         const struct sil_data_key *key,
                                         struct sil_passphrase *passphrase,
                                         struct sil_error *err);

/// Open it. Errors  SIL_ERR_INPUT: not safe to use, damaged, of another ledger, the
/// passphrase is wrong or cannot be had. SIL_ERR_IO, SIL_ERR_INTERNAL. `out` is zeros.
SIL_MUST_USE sil_status sil_vault_read(struct sil_data_key *out, const char *path,
                                       const struct sil_id *ledger,
                                       struct sil_passphrase *passphrase,
                                       struct sil_error *err);

/* ---- all keys of a ledger ---- */

/// Which files to use. NULL: those beside the ledger.
struct sil_keyring_options {
    const char *directory;                 ///< of the ledger
    const char *key[SIL_ROLE_AUDITOR + 1]; ///< by role
    const char *vault;
    const char *passphrase_file; ///< NULL: the terminal
};

/// Secrets of one ledger, each read when it is first asked for.
struct sil_keyring;

/// Reads nothing yet; the options are copied. Hardens the process (sil_secrets_harden).
SIL_MUST_USE sil_status sil_keyring_new(struct sil_keyring **out,
                                        const struct sil_keyring_options *options,
                                        struct sil_error *err);
void sil_keyring_free(struct sil_keyring *keyring);

/// The secret key of a role; borrowed. Errors  as sil_key_read.
SIL_MUST_USE sil_status sil_keyring_key(const struct sil_secret_key **out,
                                        struct sil_keyring *keyring, enum sil_role role,
                                        struct sil_error *err);

/// Could the memory of every key that was read be kept from being written to the swap?
bool sil_keyring_is_locked(const struct sil_keyring *keyring);

/// Is there a file for the role? (It may still be unusable.)
bool sil_keyring_has(const struct sil_keyring *keyring, enum sil_role role);

/// The key of the data commitment; borrowed. Errors  as sil_vault_read.
SIL_MUST_USE sil_status sil_keyring_data_key(const struct sil_data_key **out,
                                             struct sil_keyring *keyring,
                                             const struct sil_id *ledger,
                                             struct sil_error *err);

/// For what is sealed or made beside the keys; borrowed.
struct sil_passphrase *sil_keyring_passphrase(struct sil_keyring *keyring);

#endif
