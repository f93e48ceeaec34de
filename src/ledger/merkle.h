// SPDX-License-Identifier: Apache-2.0
/// The tree over all entries. Source  RFC 6962, section 2.1; verifiers of RFC 9162, 2.1.
#ifndef SIL_LEDGER_MERKLE_H
#define SIL_LEDGER_MERKLE_H

#include "crypto/hash.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sil_root {
    uint8_t bytes[SIL_HASH_BYTES];
};

/// SHA-256(0x00 | data).
void sil_merkle_leaf(struct sil_root *out, const void *data, size_t length);

/// A tree that grows leaf by leaf, and keeps every root that it had. `{0}` is empty.
struct sil_merkle {
    uint64_t size;
    struct sil_root *leaf; ///< all leaves, owned
    size_t capacity;
    struct sil_root *root; ///< root[n - 1]: of the first n leaves; owned
    size_t root_capacity;
    struct sil_root peak[64]; ///< roots of the full subtrees, largest first
};

void sil_merkle_clear(struct sil_merkle *tree);

/// Errors   SIL_ERR_INTERNAL (memory); the tree is unchanged.
SIL_MUST_USE sil_status sil_merkle_append(struct sil_merkle *tree,
                                          const struct sil_root *leaf,
                                          struct sil_error *err);

/// The root now; SHA-256("") of an empty tree.
void sil_merkle_root(struct sil_root *out, const struct sil_merkle *tree);

/// The root of the first `size` leaves; size <= tree->size.
void sil_merkle_root_at(struct sil_root *out, const struct sil_merkle *tree,
                        uint64_t size);

/// A proof is at most 64 hashes, from the leaf up.
struct sil_merkle_proof {
    size_t n;
    struct sil_root hash[64];
};

/// That leaf `index` is in the tree of the first `size` leaves. Pre  index < size <=
/// tree->size.
void sil_merkle_prove_inclusion(struct sil_merkle_proof *out,
                                const struct sil_merkle *tree, uint64_t index,
                                uint64_t size);

/// That the tree of `old` leaves is a prefix of that of `size`. Pre  0 < old <= size.
void sil_merkle_prove_consistency(struct sil_merkle_proof *out,
                                  const struct sil_merkle *tree, uint64_t old,
                                  uint64_t size);

/// Verifiers need no tree. Surplus hashes, an index that is not below the size, and an
/// empty tree with another root than SHA-256("") are refused.
bool sil_merkle_verify_inclusion(const struct sil_merkle_proof *proof,
                                 const struct sil_root *leaf, uint64_t index,
                                 uint64_t size, const struct sil_root *root);
bool sil_merkle_verify_consistency(const struct sil_merkle_proof *proof, uint64_t old,
                                   const struct sil_root *old_root, uint64_t size,
                                   const struct sil_root *root);

#endif
