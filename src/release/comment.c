// SPDX-License-Identifier: Apache-2.0
#include "release/comment.h"

#include "crypto/hash.h"

#include <inttypes.h>
#include <stdio.h>

void sil_release_comment(char comment[SIL_COMMENT_MAX + 1], const struct sil_id *ledger,
                         uint64_t seq, const struct sil_root *root)
{
    char id[SIL_ID_TEXT];
    char hex[2 * SIL_HASH_BYTES + 1];
    sil_id_print(id, ledger);
    sil_hash_hex(hex, root->bytes);
    (void)snprintf(comment, SIL_COMMENT_MAX + 1,
                   "silhouette/v1 release ledger=%s entry=%" PRIu64 " root=%s", id, seq,
                   hex);
}
