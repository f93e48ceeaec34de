// SPDX-License-Identifier: Apache-2.0
#include "base/words.h"
#include "crypto/hash.h"
#include "crypto/row_words.h"
#include "crypto/stream.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static void hash_to_hex(char hex[65], const struct sil_part *parts, size_t n)
{
    uint8_t hash[SIL_HASH_BYTES];
    sil_hash(hash, parts, n);
    sil_hash_hex(hex, hash);
}

/* Expected values: Python's hashlib.blake2b(digest_size=32). */
Test(hash, agrees_with_an_independent_blake2b)
{
    char hex[65];
    hash_to_hex(hex,
                (struct sil_part[]){
                    {"abc", 3}
    },
                1);
    cr_expect(eq(str, hex,
                 "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"));
}

Test(hash, reads_its_parts_one_after_the_other)
{
    char whole[65];
    char parts[65];
    hash_to_hex(whole,
                (struct sil_part[]){
                    {"abcdef", 6}
    },
                1);
    hash_to_hex(parts,
                (struct sil_part[]){
                    {"ab",   2},
                    {"",     0},
                    {"cdef", 4}
    },
                3);
    cr_expect(eq(str, whole, parts));
}

/* FIPS 180-2, B.2: the message of 56 letters, here in three pieces. */
Test(hash, a_stream_takes_pieces_and_counts_them)
{
    struct sil_stream *stream = NULL;
    struct sil_stream_digests digests;
    char hex[65];
    cr_assert(eq(int, sil_stream_new(&stream, NULL), SIL_OK));
    sil_stream_add(stream, "abcdbcdecdefdefgefghfghighij", 28);
    sil_stream_add(stream, "", 0);
    sil_stream_add(stream, "hijkijkljklmklmnlmnomnopnopq", 28);
    sil_stream_finish(&digests, stream);
    sil_hash_hex(hex, digests.sha256);
    cr_expect(eq(str, hex,
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    cr_expect(eq(u64, digests.bytes, 56));
    sil_stream_free(stream);
}

Test(seed, of_an_integer_is_the_hash_of_its_little_endian_bytes)
{
    uint8_t seed[SIL_SEED_BYTES];
    char hex[65];
    sil_seed_of_integer(seed, 7);
    sil_hash_hex(hex, seed);
    cr_expect(eq(str, hex,
                 "f8061206cc5344076619eb7ecb941d2a375f6b64e0be86b649f698e0880c68d5"));
}

/* ChaCha20, 20 rounds, all-zero key and nonce: the key stream of RFC 7539, A.1, vector 1,
 * whose block counter 0 and nonce 0 mean the same in the 64-bit-nonce variant. */
Test(row_words, are_the_chacha20_key_stream)
{
    const uint8_t key[SIL_SEED_BYTES] = {0};
    uint64_t words[8];
    sil_row_words(key, 0, 0, words, 8);
    cr_expect(eq(u64, words[0], 0x903df1a0ade0b876ULL));
    cr_expect(eq(u64, words[1], 0x28bd8653e56a5d40ULL));
}

Test(row_words, do_not_depend_on_how_they_are_asked_for)
{
    const uint8_t key[SIL_SEED_BYTES] = {1, 2, 3};
    uint64_t whole[256];
    sil_row_words(key, 5, 0, whole, 256);
    for (size_t first = 0; first < 256; first += 8) {
        uint64_t part[8];
        sil_row_words(key, 5, first, part, 8);
        cr_expect(zero(int, memcmp(part, whole + first, sizeof part)));
    }
}

Test(row_words, differ_between_streams_and_keys)
{
    const uint8_t key[SIL_SEED_BYTES] = {1};
    const uint8_t other_key[SIL_SEED_BYTES] = {2};
    uint64_t a[8];
    uint64_t b[8];
    uint64_t c[8];
    sil_row_words(key, 0, 0, a, 8);
    sil_row_words(key, 1, 0, b, 8);
    sil_row_words(other_key, 0, 0, c, 8);
    cr_expect(ne(int, memcmp(a, b, sizeof a), 0));
    cr_expect(ne(int, memcmp(a, c, sizeof a), 0));
}

Test(word_reader, gives_the_stream_in_order)
{
    const uint8_t key[SIL_SEED_BYTES] = {9};
    uint64_t whole[200];
    sil_row_words(key, 3, 0, whole, 200);
    struct sil_word_reader reader =
        sil_word_reader((struct sil_words){sil_row_words, key}, 3);
    for (size_t i = 0; i < 200; i++) {
        cr_expect(eq(u64, sil_word(&reader), whole[i]));
    }
}

/* 60,000 draws below 6: chi-square with 5 degrees of freedom; 41.8 has a tail of 6.5e-8.
 * The key is fixed, so the test gives the same answer for ever. */
Test(word_reader, below_is_uniform)
{
    const uint8_t key[SIL_SEED_BYTES] = {4};
    struct sil_word_reader reader =
        sil_word_reader((struct sil_words){sil_row_words, key}, 0);
    double counts[6] = {0};
    for (int i = 0; i < 60000; i++) {
        uint64_t draw = sil_word_below(&reader, 6);
        cr_assert(lt(u64, draw, 6));
        counts[draw] += 1;
    }
    double chi2 = 0;
    for (int k = 0; k < 6; k++) {
        chi2 += (counts[k] - 10000) * (counts[k] - 10000) / 10000;
    }
    cr_expect(lt(dbl, chi2, 41.8));
}
