// SPDX-License-Identifier: Apache-2.0
/* Digests of streams against those of whole texts, and minisign over a known digest. */
#include "crypto/minisign.h"
#include "crypto/stream.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sodium.h>

#include <string.h>

enum { BYTES = 5000 };

static uint8_t text[BYTES];

static void fill(void)
{
    cr_assert(zero(int, (int)sil_crypto_start(NULL)));
    for (size_t i = 0; i < BYTES; i++) {
        text[i] = (uint8_t)(i * i >> 3);
    }
}

TestSuite(stream, .init = fill);

static void expect_digests(const struct sil_stream_digests *digests, size_t length)
{
    uint8_t sha256[SIL_HASH_BYTES];
    uint8_t blake512[SIL_BLAKE512_BYTES];
    sil_sha256(sha256, &(struct sil_part){text, length}, 1);
    (void)crypto_generichash(blake512, sizeof blake512, text, length, NULL, 0);
    cr_expect(zero(int, memcmp(digests->sha256, sha256, sizeof sha256)), "%zu", length);
    cr_expect(zero(int, memcmp(digests->blake512, blake512, sizeof blake512)), "%zu",
              length);
    cr_expect(eq(u64, digests->bytes, length));
}

Test(stream, pieces_have_the_digests_of_the_whole)
{
    static const size_t PIECES[] = {1, 63, 64, 65, 127, 128, 129, 4999, BYTES};
    struct sil_stream *stream = NULL;
    cr_assert(zero(int, (int)sil_stream_new(&stream, NULL)));
    for (size_t k = 0; k < sizeof PIECES / sizeof PIECES[0]; k++) {
        struct sil_stream_digests digests;
        for (size_t at = 0; at < BYTES; at += PIECES[k]) {
            size_t left = BYTES - at;
            sil_stream_add(stream, text + at, left < PIECES[k] ? left : PIECES[k]);
        }
        sil_stream_finish(&digests, stream);
        expect_digests(&digests, BYTES);
    }
    sil_stream_free(stream);
}

Test(stream, one_digest_alone_is_that_of_both)
{
    struct sil_stream *both = NULL;
    struct sil_stream *one = NULL;
    cr_assert(zero(int, (int)sil_stream_new(&both, NULL)));
    cr_assert(zero(int, (int)sil_stream_new_blake512(&one, NULL)));
    for (size_t length = 0; length < BYTES; length += 1234) {
        static const uint8_t ZEROS[SIL_HASH_BYTES];
        struct sil_stream_digests want;
        struct sil_stream_digests got;
        sil_stream_add(both, text, length);
        sil_stream_add(one, text, length);
        sil_stream_finish(&want, both);
        sil_stream_finish(&got, one);
        cr_expect(zero(int, memcmp(got.blake512, want.blake512, SIL_BLAKE512_BYTES)));
        cr_expect(zero(int, memcmp(got.sha256, ZEROS, SIL_HASH_BYTES)));
        cr_expect(eq(u64, got.bytes, length));
    }
    sil_stream_free(both);
    sil_stream_free(one);
}

Test(stream, begins_anew_when_it_was_finished)
{
    struct sil_stream *stream = NULL;
    struct sil_stream_digests digests;
    cr_assert(zero(int, (int)sil_stream_new(&stream, NULL)));

    sil_stream_finish(&digests, stream);
    expect_digests(&digests, 0);
    sil_stream_add(stream, text, 17);
    sil_stream_finish(&digests, stream);
    expect_digests(&digests, 17);
    sil_stream_finish(&digests, stream);
    expect_digests(&digests, 0);
    sil_stream_free(stream);
}

Test(stream, minisign_signs_a_digest_as_it_signs_the_file)
{
    static const uint8_t SEED[SIL_KEY_SEED_BYTES] = {7};
    static const uint8_t KEYNUM[SIL_KEYNUM_BYTES] = {9};
    struct sil_secret_key *key = NULL;
    struct sil_stream *stream = NULL;
    struct sil_stream_digests digests;
    struct sil_minisig whole;
    struct sil_minisig hashed;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    cr_assert(zero(int, (int)sil_secret_key_of_seed(&key, SEED, KEYNUM, NULL)));
    cr_assert(zero(int, (int)sil_stream_new(&stream, NULL)));
    sil_secret_key_public(public_key, key);
    sil_stream_add(stream, text, BYTES);
    sil_stream_finish(&digests, stream);

    sil_minisign(&whole, key, text, BYTES, "what it is");
    sil_minisign_hashed(&hashed, key, digests.blake512, "what it is");

    cr_expect(zero(int, memcmp(&whole, &hashed, sizeof whole)));
    cr_expect(sil_minisig_verify(&hashed, public_key, text, BYTES));
    cr_expect(sil_minisig_verify_hashed(&whole, public_key, digests.blake512));
    digests.blake512[63] ^= 1;
    cr_expect(not(sil_minisig_verify_hashed(&whole, public_key, digests.blake512)));
    sil_stream_free(stream);
    sil_secret_key_free(key);
}
