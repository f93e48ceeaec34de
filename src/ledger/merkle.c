// SPDX-License-Identifier: Apache-2.0
#include "ledger/merkle.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The prefixes keep a leaf from being taken for a node, and the other way round. */
static const uint8_t LEAF = 0x00;
static const uint8_t NODE = 0x01;

void sil_merkle_leaf(struct sil_root *out, const void *data, size_t length)
{
    const struct sil_part parts[] = {
        {&LEAF, 1     },
        {data,  length},
    };
    sil_sha256(out->bytes, parts, 2);
}

static void hash_node(struct sil_root *out, const struct sil_root *left,
                      const struct sil_root *right)
{
    const struct sil_part parts[] = {
        {&NODE,        1             },
        {left->bytes,  SIL_HASH_BYTES},
        {right->bytes, SIL_HASH_BYTES},
    };
    sil_sha256(out->bytes, parts, 3);
}

static bool same_root(const struct sil_root *a, const struct sil_root *b)
{
    return memcmp(a->bytes, b->bytes, SIL_HASH_BYTES) == 0;
}

static unsigned count_bits(uint64_t word)
{
    return (unsigned)__builtin_popcountll(word);
}

/* A tree of n leaves is one full subtree for each 1 bit of n: its peaks, largest first.
 * Append leaf number n: it joins the smallest peak for each trailing 1 bit of n. */
static void push_leaf(struct sil_root *peak, uint64_t n, const struct sil_root *leaf)
{
    unsigned top = count_bits(n);
    peak[top] = *leaf;
    for (; (n & 1) != 0; n >>= 1) {
        top--;
        hash_node(&peak[top], &peak[top], &peak[top + 1]);
    }
}

/* The root of n > 0 leaves from their peaks: from the smallest up. */
static void join_peaks(struct sil_root *out, const struct sil_root *peak, uint64_t n)
{
    unsigned top = count_bits(n);
    struct sil_root root = peak[--top];
    while (top-- > 0) {
        hash_node(&root, &peak[top], &root);
    }
    *out = root;
}

/* The root of leaves[from .. to), at least one. */
static void root_of(struct sil_root *out, const struct sil_merkle *tree, uint64_t from,
                    uint64_t to)
{
    struct sil_root peak[64];
    for (uint64_t i = from; i < to; i++) {
        push_leaf(peak, i - from, &tree->leaf[i]);
    }
    join_peaks(out, peak, to - from);
}

void sil_merkle_clear(struct sil_merkle *tree)
{
    free(tree->leaf);
    free(tree->root);
    *tree = (struct sil_merkle){0};
}

sil_status sil_merkle_append(struct sil_merkle *tree, const struct sil_root *leaf,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t need = 0;
    if (!sil_add_size(&need, tree->size, 1)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the leaves of a tree");
    }
    SIL_TRY(sil_grow(&tree->leaf, &tree->capacity, need, sizeof *tree->leaf,
                     "the leaves of a tree", err));
    SIL_TRY(sil_grow(&tree->root, &tree->root_capacity, need, sizeof *tree->root,
                     "the roots of a tree", err));
    tree->leaf[tree->size] = *leaf;
    push_leaf(tree->peak, tree->size, leaf);
    tree->size++;
    join_peaks(&tree->root[tree->size - 1], tree->peak, tree->size);
cleanup:
    return status;
}

void sil_merkle_root(struct sil_root *out, const struct sil_merkle *tree)
{
    sil_merkle_root_at(out, tree, tree->size);
}

void sil_merkle_root_at(struct sil_root *out, const struct sil_merkle *tree,
                        uint64_t size)
{
    SIL_REQUIRE(size <= tree->size);
    if (size == 0) {
        sil_sha256(out->bytes, NULL, 0);
    } else {
        *out = tree->root[size - 1];
    }
}

/* ---- proofs: walk from the root down, then turn the hashes round ---- */

/* The size of the left subtree of n > 1 leaves: the largest power of 2 below n. */
static uint64_t left_size(uint64_t n)
{
    return UINT64_C(1) << (63 - (unsigned)__builtin_clzll(n - 1));
}

static void push_root(struct sil_merkle_proof *proof, const struct sil_merkle *tree,
                      uint64_t from, uint64_t to)
{
    SIL_REQUIRE(proof->n < sizeof proof->hash / sizeof proof->hash[0]);
    root_of(&proof->hash[proof->n++], tree, from, to);
}

static void turn_round(struct sil_merkle_proof *proof)
{
    for (size_t i = 0; i < proof->n / 2; i++) {
        struct sil_root other = proof->hash[proof->n - 1 - i];
        proof->hash[proof->n - 1 - i] = proof->hash[i];
        proof->hash[i] = other;
    }
}

void sil_merkle_prove_inclusion(struct sil_merkle_proof *out,
                                const struct sil_merkle *tree, uint64_t index,
                                uint64_t size)
{
    SIL_REQUIRE(index < size && size <= tree->size);
    uint64_t from = 0;
    uint64_t to = size;
    out->n = 0;
    while (to - from > 1) {
        uint64_t middle = from + left_size(to - from);
        if (index < middle) {
            push_root(out, tree, middle, to);
            to = middle;
        } else {
            push_root(out, tree, from, middle);
            from = middle;
        }
    }
    turn_round(out);
}

void sil_merkle_prove_consistency(struct sil_merkle_proof *out,
                                  const struct sil_merkle *tree, uint64_t old,
                                  uint64_t size)
{
    SIL_REQUIRE(0 < old && old <= size && size <= tree->size);
    uint64_t from = 0;
    uint64_t to = size;
    out->n = 0;
    while (to != old) {
        uint64_t middle = from + left_size(to - from);
        if (old <= middle) {
            push_root(out, tree, middle, to);
            to = middle;
        } else {
            push_root(out, tree, from, middle);
            from = middle;
        }
    }
    /* A subtree that begins at leaf 0 is the whole old tree: its root is known. */
    if (from > 0) {
        push_root(out, tree, from, to);
    }
    turn_round(out);
}

/* ---- verifiers: RFC 9162, 2.1.3.2 and 2.1.4.2; fn and sn as there ---- */

static void go_up(uint64_t *fn, uint64_t *sn)
{
    *fn >>= 1;
    *sn >>= 1;
}

/* Does the next hash of a proof stand left of the node fn? Goes on to where the hash behind
 * it belongs: nodes on the right edge have no sibling on some levels. */
static bool next_is_left(uint64_t *fn, uint64_t *sn)
{
    bool is_left = (*fn & 1) != 0 || *fn == *sn;
    while (is_left && (*fn & 1) == 0 && *fn != 0) {
        go_up(fn, sn);
    }
    go_up(fn, sn);
    return is_left;
}

bool sil_merkle_verify_inclusion(const struct sil_merkle_proof *proof,
                                 const struct sil_root *leaf, uint64_t index,
                                 uint64_t size, const struct sil_root *root)
{
    if (index >= size) {
        return false;
    }
    uint64_t fn = index;
    uint64_t sn = size - 1;
    struct sil_root r = *leaf;
    for (size_t i = 0; i < proof->n; i++) {
        if (sn == 0) {
            return false;
        }
        if (next_is_left(&fn, &sn)) {
            hash_node(&r, &proof->hash[i], &r);
        } else {
            hash_node(&r, &r, &proof->hash[i]);
        }
    }
    return sn == 0 && same_root(&r, root);
}

/* 0 < old < size. */
static bool verify_growth(const struct sil_merkle_proof *proof, uint64_t old,
                          const struct sil_root *old_root, uint64_t size,
                          const struct sil_root *root)
{
    bool old_is_full = (old & (old - 1)) == 0;
    size_t next = old_is_full ? 0 : 1;
    if (proof->n == 0) {
        return false;
    }
    uint64_t fn = old - 1;
    uint64_t sn = size - 1;
    while ((fn & 1) != 0) {
        go_up(&fn, &sn);
    }
    struct sil_root fr = old_is_full ? *old_root : proof->hash[0];
    struct sil_root sr = fr;
    for (; next < proof->n; next++) {
        const struct sil_root *c = &proof->hash[next];
        if (sn == 0) {
            return false;
        }
        if (next_is_left(&fn, &sn)) {
            hash_node(&fr, c, &fr);
            hash_node(&sr, c, &sr);
        } else {
            hash_node(&sr, &sr, c);
        }
    }
    return sn == 0 && same_root(&fr, old_root) && same_root(&sr, root);
}

static bool is_possible(uint64_t size, const struct sil_root *root)
{
    struct sil_root empty;
    sil_sha256(empty.bytes, NULL, 0);
    return size > 0 || same_root(root, &empty);
}

bool sil_merkle_verify_consistency(const struct sil_merkle_proof *proof, uint64_t old,
                                   const struct sil_root *old_root, uint64_t size,
                                   const struct sil_root *root)
{
    if (old > size || !is_possible(old, old_root) || !is_possible(size, root)) {
        return false;
    }
    if (old == size) {
        return proof->n == 0 && same_root(old_root, root);
    }
    if (old == 0) {
        return proof->n == 0;
    }
    return verify_growth(proof, old, old_root, size, root);
}
