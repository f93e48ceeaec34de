// SPDX-License-Identifier: Apache-2.0
/* The tree against published roots and proofs, against a recursive reading of RFC 6962,
 * and every proof of every tree of up to 64 leaves against all that it does not prove. */
#include "format_kit.h"

#include <criterion/criterion.h>

#include <string.h>

enum { LEAVES_MAX = 64 };

/* The inputs and roots that implementations of RFC 6962 share. */
static const char *const INPUTS[8] = {"",
                                      "00",
                                      "10",
                                      "2021",
                                      "3031",
                                      "40414243",
                                      "5051525354555657",
                                      "606162636465666768696a6b6c6d6e6f"};
static const char *const ROOTS[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

static struct sil_root leaf_of(const char *hex)
{
    uint8_t data[64];
    struct sil_root leaf;
    kit_hex(data, strlen(hex) / 2, hex);
    sil_merkle_leaf(&leaf, data, strlen(hex) / 2);
    return leaf;
}

static void append(struct sil_merkle *tree, const struct sil_root *leaf)
{
    MUST(sil_merkle_append(tree, leaf, NULL));
}

static void make_published(struct sil_merkle *tree)
{
    for (int i = 0; i < 8; i++) {
        struct sil_root leaf = leaf_of(INPUTS[i]);
        append(tree, &leaf);
    }
}

static bool is_hash(const struct sil_root *root, const char *hex)
{
    struct sil_root want;
    kit_hex(&want, sizeof want, hex);
    return memcmp(root, &want, sizeof want) == 0;
}

/* Leaves that are the numbers 0, 1, 2 ... */
static void make_numbers(struct sil_merkle *tree, uint8_t n)
{
    struct sil_root leaf;
    for (uint8_t i = 0; i < n; i++) {
        sil_merkle_leaf(&leaf, &i, 1);
        append(tree, &leaf);
    }
}

Test(merkle, roots_are_the_published_ones)
{
    struct sil_merkle tree = {0};
    struct sil_root root;

    sil_merkle_root(&root, &tree);
    cr_expect(is_hash(&root, ROOTS[0]));
    for (int i = 0; i < 8; i++) {
        struct sil_root leaf = leaf_of(INPUTS[i]);
        append(&tree, &leaf);
        sil_merkle_root(&root, &tree);
        cr_expect(is_hash(&root, ROOTS[i + 1]), "%d leaves", i + 1);
    }

    for (unsigned n = 0; n <= 8; n++) {
        sil_merkle_root_at(&root, &tree, n);
        cr_expect(is_hash(&root, ROOTS[n]), "the first %u", n);
    }
    sil_merkle_clear(&tree);
}

Test(merkle, an_empty_leaf_is_not_an_empty_tree)
{
    struct sil_root leaf = leaf_of("");
    cr_expect(!is_hash(&leaf, ROOTS[0]));
    leaf = leaf_of("00");
    cr_expect(is_hash(
        &leaf, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"));
}

/* NULL ends a list of hashes. */
static void check_proof(const struct sil_merkle_proof *proof, const char *const *hashes,
                        const char *name)
{
    size_t n = 0;
    for (; hashes[n] != NULL; n++) {
        cr_assert_lt(n, proof->n, "%s", name);
        cr_expect(is_hash(&proof->hash[n], hashes[n]), "%s: hash %zu", name, n);
    }
    cr_expect_eq(n, proof->n, "%s", name);
}

#define H_CA "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define H_D3 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"

Test(merkle, proofs_are_the_published_ones)
{
    struct sil_merkle tree = {0};
    struct sil_merkle_proof proof;
    make_published(&tree);

    sil_merkle_prove_inclusion(&proof, &tree, 5, 8);
    check_proof(&proof,
                (const char *const[]){
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    H_CA, H_D3, NULL},
                "leaf 5 of 8");
    sil_merkle_prove_consistency(&proof, &tree, 6, 8);
    check_proof(&proof,
                (const char *const[]){
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    H_CA, H_D3, NULL},
                "6 of 8");
    sil_merkle_prove_consistency(&proof, &tree, 4, 8);
    check_proof(
        &proof,
        (const char *const[]){
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4", NULL},
        "4 of 8");
    sil_merkle_prove_consistency(&proof, &tree, 3, 7);
    check_proof(&proof,
                (const char *const[]){
                    "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
                    "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                    "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e",
                    NULL},
                "3 of 7");
    sil_merkle_clear(&tree);
}

/* ---- another route: the definition of RFC 6962, as it stands there ---- */

static void recursive_root(struct sil_root *out, const struct sil_root *leaf, size_t n)
{
    uint8_t node[1 + 2 * SIL_HASH_BYTES] = {1};
    size_t k = 1;
    if (n == 1) {
        *out = leaf[0];
        return;
    }
    while (2 * k < n) {
        k *= 2;
    }
    recursive_root((struct sil_root *)(node + 1), leaf, k);
    recursive_root((struct sil_root *)(node + 1 + SIL_HASH_BYTES), leaf + k, n - k);
    sil_sha256(out->bytes, &(struct sil_part){node, sizeof node}, 1);
}

Test(merkle, roots_follow_the_definition)
{
    struct sil_merkle tree = {0};
    struct sil_root want;
    struct sil_root root;
    make_numbers(&tree, 200);

    for (size_t n = 1; n <= 200; n++) {
        recursive_root(&want, tree.leaf, n);
        sil_merkle_root_at(&root, &tree, n);
        cr_expect_arr_eq(&root, &want, sizeof root, "%zu leaves", n);
    }
    recursive_root(&want, tree.leaf, 200);
    sil_merkle_root(&root, &tree);
    cr_expect_arr_eq(&root, &want, sizeof root);
    sil_merkle_clear(&tree);
}

/* ---- every proof of small trees ---- */

/* Every leaf at every index; hashes missing, too many, changed; another size. */
static size_t count_accepted(const struct sil_merkle_proof *proof,
                             const struct sil_merkle *tree, uint64_t index,
                             uint64_t size, const struct sil_root *root)
{
    size_t accepted = 0;
    const struct sil_root *leaf = &tree->leaf[index];
    for (uint64_t other = 0; other < size + 2; other++) {
        accepted += sil_merkle_verify_inclusion(proof, leaf, other, size, root);
        if (other < size && other != index) {
            accepted += sil_merkle_verify_inclusion(proof, &tree->leaf[other], index,
                                                    size, root);
        }
    }
    struct sil_merkle_proof spoilt = *proof;
    for (size_t i = 0; i < proof->n; i++) {
        spoilt.hash[i].bytes[31] ^= 1;
        accepted += sil_merkle_verify_inclusion(&spoilt, leaf, index, size, root);
        spoilt.hash[i].bytes[31] ^= 1;
    }
    spoilt.n++;
    spoilt.hash[proof->n] = *leaf;
    accepted += sil_merkle_verify_inclusion(&spoilt, leaf, index, size, root);
    for (spoilt.n = 0; spoilt.n < proof->n; spoilt.n++) {
        accepted += sil_merkle_verify_inclusion(&spoilt, leaf, index, size, root);
    }
    return accepted;
}

Test(merkle, inclusion_is_proved_for_its_leaf_and_index_only)
{
    struct sil_merkle tree = {0};
    struct sil_merkle_proof proof;
    struct sil_root root;
    make_numbers(&tree, LEAVES_MAX);

    for (uint64_t size = 1; size <= LEAVES_MAX; size++) {
        sil_merkle_root_at(&root, &tree, size);
        for (uint64_t index = 0; index < size; index++) {
            sil_merkle_prove_inclusion(&proof, &tree, index, size);
            cr_expect(sil_merkle_verify_inclusion(&proof, &tree.leaf[index], index,
                                                  size, &root),
                      "%d of %d", (int)index, (int)size);
            cr_expect_eq(count_accepted(&proof, &tree, index, size, &root), 1,
                         "%d of %d", (int)index, (int)size);
        }
    }
    sil_merkle_clear(&tree);
}

/* Every other pair of sizes up to 64 with their true roots, and spoilt hashes. */
static size_t count_consistent(const struct sil_merkle_proof *proof,
                               const struct sil_root *roots, uint64_t old,
                               uint64_t size)
{
    size_t accepted = 0;
    for (uint64_t other = 0; other <= LEAVES_MAX; other++) {
        accepted += sil_merkle_verify_consistency(proof, other, &roots[other], size,
                                                  &roots[size]);
        accepted += sil_merkle_verify_consistency(proof, old, &roots[old], other,
                                                  &roots[other]);
        accepted += sil_merkle_verify_consistency(proof, old, &roots[other], size,
                                                  &roots[size]);
    }
    struct sil_merkle_proof spoilt = *proof;
    for (size_t i = 0; i < proof->n; i++) {
        spoilt.hash[i].bytes[0] ^= 0x80;
        accepted += sil_merkle_verify_consistency(&spoilt, old, &roots[old], size,
                                                  &roots[size]);
        spoilt.hash[i].bytes[0] ^= 0x80;
    }
    spoilt.n++;
    spoilt.hash[proof->n] = roots[1];
    accepted +=
        sil_merkle_verify_consistency(&spoilt, old, &roots[old], size, &roots[size]);
    for (spoilt.n = 0; spoilt.n < proof->n; spoilt.n++) {
        accepted += sil_merkle_verify_consistency(&spoilt, old, &roots[old], size,
                                                  &roots[size]);
    }
    return accepted;
}

Test(merkle, consistency_is_proved_for_its_two_sizes_only)
{
    struct sil_merkle tree = {0};
    struct sil_merkle_proof proof;
    struct sil_root roots[LEAVES_MAX + 1];
    make_numbers(&tree, LEAVES_MAX);
    for (uint64_t size = 0; size <= LEAVES_MAX; size++) {
        sil_merkle_root_at(&roots[size], &tree, size);
    }

    for (uint64_t size = 2; size <= LEAVES_MAX; size++) {
        for (uint64_t old = 1; old < size; old++) {
            sil_merkle_prove_consistency(&proof, &tree, old, size);
            /* Each of the three walks over the sizes meets the true pair once. */
            cr_expect_eq(count_consistent(&proof, roots, old, size), 3, "%d to %d",
                         (int)old, (int)size);
        }
    }
    sil_merkle_clear(&tree);
}

Test(merkle, a_tree_is_consistent_with_itself_by_no_hash_at_all)
{
    struct sil_merkle tree = {0};
    struct sil_merkle_proof proof = {0};
    struct sil_root root;
    struct sil_root other = leaf_of("00");
    make_published(&tree);
    sil_merkle_root(&root, &tree);

    cr_expect(sil_merkle_verify_consistency(&proof, 8, &root, 8, &root));
    cr_expect(!sil_merkle_verify_consistency(&proof, 8, &other, 8, &root));
    cr_expect(!sil_merkle_verify_consistency(&proof, 8, &root, 7, &root));
    sil_merkle_prove_consistency(&proof, &tree, 8, 8);
    cr_expect_eq(proof.n, 0);
    proof.n = 1;
    proof.hash[0] = other;
    cr_expect(!sil_merkle_verify_consistency(&proof, 8, &root, 8, &root));
    sil_merkle_clear(&tree);
}

Test(merkle, an_empty_tree_has_one_root)
{
    struct sil_merkle_proof proof = {0};
    struct sil_root empty;
    struct sil_root leaf = leaf_of("00");
    kit_hex(&empty, sizeof empty, ROOTS[0]);

    cr_expect(sil_merkle_verify_consistency(&proof, 0, &empty, 0, &empty));
    cr_expect(sil_merkle_verify_consistency(&proof, 0, &empty, 1, &leaf));
    cr_expect(!sil_merkle_verify_consistency(&proof, 0, &leaf, 1, &leaf));
    cr_expect(!sil_merkle_verify_consistency(&proof, 0, &leaf, 0, &leaf));
    cr_expect(!sil_merkle_verify_inclusion(&proof, &leaf, 0, 0, &leaf));
    cr_expect(sil_merkle_verify_inclusion(&proof, &leaf, 0, 1, &leaf));
    proof.n = 1;
    cr_expect(!sil_merkle_verify_consistency(&proof, 0, &empty, 1, &leaf));
}

Test(merkle, sizes_near_the_largest_do_not_confuse_a_verifier)
{
    struct sil_merkle_proof proof = {.n = 64};
    struct sil_root leaf = leaf_of("00");

    cr_expect(
        !sil_merkle_verify_inclusion(&proof, &leaf, UINT64_MAX, UINT64_MAX, &leaf));
    cr_expect(
        !sil_merkle_verify_inclusion(&proof, &leaf, UINT64_MAX - 1, UINT64_MAX, &leaf));
    cr_expect(!sil_merkle_verify_consistency(&proof, UINT64_MAX - 1, &leaf, UINT64_MAX,
                                             &leaf));
    cr_expect(!sil_merkle_verify_consistency(&proof, UINT64_C(1) << 63, &leaf,
                                             UINT64_MAX, &leaf));
}
