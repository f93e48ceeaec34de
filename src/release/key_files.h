// SPDX-License-Identifier: Apache-2.0
/// The public keys in a bundle. They prove nothing by themselves: each must be in the
/// ledger, whose id the reader knows from elsewhere.
#ifndef SIL_RELEASE_KEY_FILES_H
#define SIL_RELEASE_KEY_FILES_H

#include "ledger/chain.h"
#include "release/names.h"

/// Hand out keys/: release.pub (minisign's form) and release.pem (for openssl) of the key
/// `release`; log.vkey (a note key) of the live log key; and of every live authority,
/// curator and auditor ROLE-KID.pub. Live at the chain's last entry.
/// Errors   SIL_ERR_CHECK: `release` is no live release key, or no log key is live. Those
///          of the sink; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_key_files(const struct sil_chain *chain,
                                      const struct sil_id *release,
                                      sil_bundle_sink *sink, void *context,
                                      struct sil_error *err);

#endif
