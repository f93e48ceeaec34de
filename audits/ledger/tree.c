// SPDX-License-Identifier: Apache-2.0
#include "audits/ledger/tree.h"

#include "base/memory.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

static struct aud_hash node(const struct aud_hash *left, const struct aud_hash *right)
{
    struct aud_hash out;
    const struct sil_part parts[] = {
        {"\x01",       1       },
        {left->bytes,  AUD_HASH},
        {right->bytes, AUD_HASH},
    };
    sil_sha256(out.bytes, parts, 3);
    return out;
}

struct aud_hash aud_leaf(const void *data, size_t length)
{
    struct aud_hash out;
    const struct sil_part parts[] = {
        {"\x00", 1     },
        {data,   length},
    };
    sil_sha256(out.bytes, parts, 2);
    return out;
}

/* Larger subtrees stand on the left: join them from the smallest on. */
static struct aud_hash join(const struct aud_tree *tree)
{
    struct aud_hash out;
    unsigned i = 0;
    while ((tree->size >> i & 1) == 0) {
        i++;
    }
    out = tree->full[i];
    for (i++; i < 64; i++) {
        if ((tree->size >> i & 1) != 0) {
            out = node(&tree->full[i], &out);
        }
    }
    return out;
}

sil_status aud_tree_begin(struct aud_tree *tree, struct sil_error *err)
{
    *tree = (struct aud_tree){0};
    sil_status status =
        sil_grow(&tree->root, &tree->capacity, 1, sizeof *tree->root, "a tree", err);
    if (status == SIL_OK) {
        sil_sha256(tree->root[0].bytes, NULL, 0);
    }
    return status;
}

void aud_tree_clear(struct aud_tree *tree)
{
    free(tree->root);
    *tree = (struct aud_tree){0};
}

sil_status aud_tree_append(struct aud_tree *tree, struct aud_hash leaf,
                           struct sil_error *err)
{
    sil_status status = sil_grow(&tree->root, &tree->capacity, tree->size + 2,
                                 sizeof *tree->root, "a tree", err);
    if (status != SIL_OK) {
        return status;
    }
    unsigned i = 0;
    for (; (tree->size >> i & 1) != 0; i++) {
        leaf = node(&tree->full[i], &leaf);
    }
    tree->full[i] = leaf;
    tree->size++;
    tree->root[tree->size] = join(tree);
    return SIL_OK;
}

bool aud_leads_to(const struct aud_hash *root, struct aud_hash leaf, uint64_t index,
                  uint64_t size, const struct aud_hash *path, size_t n)
{
    uint64_t last = size - 1;
    if (index >= size) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (last == 0) {
            return false;
        }
        if ((index & 1) != 0 || index == last) {
            leaf = node(&path[i], &leaf);
            while ((index & 1) == 0 && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else {
            leaf = node(&leaf, &path[i]);
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && aud_hash_equal(&leaf, root);
}

bool aud_hash_equal(const struct aud_hash *a, const struct aud_hash *b)
{
    return memcmp(a->bytes, b->bytes, AUD_HASH) == 0;
}
