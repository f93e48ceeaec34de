// SPDX-License-Identifier: Apache-2.0
/// The comments of a released file's signature: docs/ledger-format.md, "Released files and
/// proofs".
#ifndef SIL_RELEASE_COMMENT_H
#define SIL_RELEASE_COMMENT_H

#include "crypto/minisign.h"
#include "ledger/body.h"

/// The untrusted comment, which nobody signs: one, so that nobody can say something there.
#define SIL_SIGNATURE_COMMENT "signature of a silhouette release"

/// "silhouette/v1 release ledger=LID entry=SEQ root=HEX", terminated: SEQ is the number of
/// the release's entry, `root` its prev_root.
void sil_release_comment(char comment[SIL_COMMENT_MAX + 1], const struct sil_id *ledger,
                         uint64_t seq, const struct sil_root *root);

#endif
