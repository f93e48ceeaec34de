// SPDX-License-Identifier: Apache-2.0
/// The tree over all entries. Source  RFC 6962, section 2.1; RFC 9162, section 2.1.3.2.
#ifndef AUDIT_LEDGER_TREE_H
#define AUDIT_LEDGER_TREE_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUD_HASH 32

struct aud_hash {
    uint8_t bytes[AUD_HASH];
};

/// SHA-256(00 | data).
struct aud_hash aud_leaf(const void *data, size_t length);

/// A tree that grows, with the root that it had at every size. `{0}` is not a tree: begin
/// with aud_tree_begin.
struct aud_tree {
    uint64_t size;
    struct aud_hash
        full[64];          ///< roots of its full subtrees, of 2^i leaves where bit i is
    struct aud_hash *root; ///< of 0 .. size leaves; owned
    size_t capacity;
};

/// Errors   SIL_ERR_INTERNAL (memory), and so below.
SIL_MUST_USE sil_status aud_tree_begin(struct aud_tree *tree, struct sil_error *err);
void aud_tree_clear(struct aud_tree *tree);
SIL_MUST_USE sil_status aud_tree_append(struct aud_tree *tree, struct aud_hash leaf,
                                        struct sil_error *err);

/// Do the hashes of a proof lead from leaf `index` of `size` to the root, none left over?
bool aud_leads_to(const struct aud_hash *root, struct aud_hash leaf, uint64_t index,
                  uint64_t size, const struct aud_hash *path, size_t n);

bool aud_hash_equal(const struct aud_hash *a, const struct aud_hash *b);

#endif
