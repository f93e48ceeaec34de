// SPDX-License-Identifier: Apache-2.0
#include "crypto/sign.h"
#include "crypto_kit.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Seeds of the published ledger (32 times one byte), made by another program. */
static const struct {
    int seed;
    const char *public_key;
    const char *id;
} KEYS[] = {
    {AUTHORITY, "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737",
     "40a948e8589c618609d82e0b829e58f1"},
    {RELEASE,   "a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f0",
     "24bfb325094cffa7cde044c697ce1f36"},
    {CURATOR,   "17cb79fb2b4120f2b1ec65e4198d6e08b28e813feb01e4a400839b85e18080ce",
     "cc9d04e578efd34cc15ba6e917c59c96"},
    {LOG,       "d759793bbc13a2819a827c76adb6fba8a49aee007f49f2d0992d99b825ad2c48",
     "2ef4e9ac7c205b9a3aa2fcb676b79248"},
};

Test(key, of_a_seed_has_the_published_public_half_and_id)
{
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        uint8_t want[SIL_PUBLIC_KEY_BYTES];
        uint8_t want_id[SIL_KEY_ID_BYTES];
        uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
        uint8_t id[SIL_KEY_ID_BYTES];
        from_hex(want, sizeof want, KEYS[i].public_key);
        from_hex(want_id, sizeof want_id, KEYS[i].id);
        seeded_public(public_key, KEYS[i].seed);
        sil_key_id(id, public_key);
        cr_expect(zero(int, memcmp(public_key, want, sizeof want)), "%zu", i);
        cr_expect(zero(int, memcmp(id, want_id, sizeof want_id)), "%zu", i);
    }
}

Test(key, new_ones_differ_and_are_numbered_by_their_id)
{
    struct sil_secret_key *key[2];
    uint8_t public_key[2][SIL_PUBLIC_KEY_BYTES];
    for (int i = 0; i < 2; i++) {
        uint8_t id[SIL_KEY_ID_BYTES];
        uint8_t keynum[SIL_KEYNUM_BYTES];
        uint8_t signature[SIL_SIGNATURE_BYTES];
        cr_assert(eq(int, sil_secret_key_new(&key[i], NULL), SIL_OK));
        sil_secret_key_public(public_key[i], key[i]);
        sil_secret_key_keynum(keynum, key[i]);
        sil_key_id(id, public_key[i]);
        cr_expect(zero(int, memcmp(id, keynum, sizeof keynum)));
        sil_sign(signature, key[i], "m", 1);
        cr_expect(sil_verify(signature, public_key[i], "m", 1));
    }
    cr_expect(ne(int, memcmp(public_key[0], public_key[1], sizeof public_key[0]), 0));
    sil_secret_key_free(key[0]);
    sil_secret_key_free(key[1]);
    sil_secret_key_free(NULL);
}

/* RFC 8032, section 7.1: seed, public key, message, signature. */
static const struct {
    const char *seed;
    const char *public_key;
    const char *message;
    const char *signature;
} RFC[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc"
     "61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "r",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e4"
     "58f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
};

Test(signature, agrees_with_rfc_8032)
{
    for (size_t i = 0; i < sizeof RFC / sizeof RFC[0]; i++) {
        uint8_t seed[SIL_KEY_SEED_BYTES];
        uint8_t want[SIL_SIGNATURE_BYTES];
        uint8_t want_public[SIL_PUBLIC_KEY_BYTES];
        uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
        uint8_t signature[SIL_SIGNATURE_BYTES];
        struct sil_secret_key *key;
        from_hex(seed, sizeof seed, RFC[i].seed);
        from_hex(want, sizeof want, RFC[i].signature);
        from_hex(want_public, sizeof want_public, RFC[i].public_key);
        cr_assert(eq(int,
                     sil_secret_key_of_seed(&key, seed, (const uint8_t[8]){0}, NULL),
                     SIL_OK));
        sil_secret_key_public(public_key, key);
        sil_sign(signature, key, RFC[i].message, strlen(RFC[i].message));
        cr_expect(zero(int, memcmp(public_key, want_public, sizeof want_public)));
        cr_expect(zero(int, memcmp(signature, want, sizeof want)));
        sil_secret_key_free(key);
    }
}

/* Entry 2 of the published ledger: array2(bin PAYLOAD, bin SIG), signed by the curator over
 * "silhouette/entry/v1\n" and the payload. */
static const char RESERVE_ENTRY[] =
    "92c4ce9a01c41099ac991216020bfcca4040d04ec715d602c42015260de3c9ddae4f68e6ccf3613a8d"
    "d1ca2ba37406aca5e7503c56e945bd7106ce6ab1467003c410a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"
    "c410cc9d04e578efd34cc15ba6e917c59c96c46a9801a772657365727665c41099ac991216020bfcca"
    "4040d04ec715d6c410b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1c410b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
    "b0b0a3312f38a3302f31c42064879f7d6b960a01909762d911a32d4582c20010c5641ee90278b644a9"
    "e3b52590c4407934e8a7db87c9875d69ebf55f43ea512446fe9f25dc40fbd726d5aa3a340092a28cb7"
    "29c824e02d5f2649c65d9f57a3deca6666179b91ecee09a44217cc4408";

Test(signature, of_a_published_entry_is_ours_to_the_byte)
{
    enum { PREFIX = 20, PAYLOAD = 0xce, PAYLOAD_AT = 3, SIGNATURE_AT = 211 };

    uint8_t entry[275];
    uint8_t message[PREFIX + PAYLOAD];
    uint8_t signature[SIL_SIGNATURE_BYTES];
    struct sil_secret_key *key = seeded_key(CURATOR);
    from_hex(entry, sizeof entry, RESERVE_ENTRY);
    (void)memcpy(message, "silhouette/entry/v1\n", PREFIX);
    (void)memcpy(message + PREFIX, entry + PAYLOAD_AT, PAYLOAD);
    sil_sign(signature, key, message, sizeof message);
    cr_expect(zero(int, memcmp(signature, entry + SIGNATURE_AT, sizeof signature)));
    sil_secret_key_free(key);
}

Test(signature, fails_with_any_bit_of_it_the_key_or_the_message_changed)
{
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t signature[SIL_SIGNATURE_BYTES];
    uint8_t message[40] = "a debit of one eighth";
    struct sil_secret_key *key = seeded_key(CURATOR);
    sil_secret_key_public(public_key, key);
    sil_sign(signature, key, message, sizeof message);
    cr_assert(sil_verify(signature, public_key, message, sizeof message));

    struct {
        uint8_t *bytes;
        size_t length;
    } part[] = {
        {signature,  sizeof signature },
        {public_key, sizeof public_key},
        {message,    sizeof message   },
    };

    for (size_t i = 0; i < 3; i++) {
        for (size_t bit = 0; bit < 8 * part[i].length; bit++) {
            part[i].bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            cr_assert(not(sil_verify(signature, public_key, message, sizeof message)),
                      "part %zu, bit %zu", i, bit);
            part[i].bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    cr_expect(not(sil_verify(signature, public_key, message, sizeof message - 1)));
    sil_secret_key_free(key);
}

/* S and S + L, the order of the group, satisfy the same equation. */
Test(signature, with_an_unreduced_half_is_refused)
{
    static const uint8_t ORDER[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t signature[SIL_SIGNATURE_BYTES];
    struct sil_secret_key *key = seeded_key(LOG);
    sil_secret_key_public(public_key, key);
    sil_sign(signature, key, "note", 4);
    cr_assert(sil_verify(signature, public_key, "note", 4));
    sodium_add(signature + 32, ORDER, sizeof ORDER);
    cr_expect(not(sil_verify(signature, public_key, "note", 4)));
    sil_secret_key_free(key);
}

/* The points of small order, in every encoding that decodes to one. Source: C2SP CCTV,
 * ed25519, README. */
static const char *const SMALL_ORDER[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

/* Under the identity as a key, R = S * B is a signature of every message, made without any
 * secret; under the others, of one in a few messages, hence several. */
Test(signature, by_a_key_of_small_order_is_refused)
{
    for (size_t i = 0; i < sizeof SMALL_ORDER / sizeof SMALL_ORDER[0]; i++) {
        uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
        uint8_t signature[SIL_SIGNATURE_BYTES] = {0};
        from_hex(public_key, sizeof public_key, SMALL_ORDER[i]);
        signature[32] = 7;
        cr_assert(zero(
            int, crypto_scalarmult_ed25519_base_noclamp(signature, signature + 32)));
        for (uint8_t message = 0; message < 64; message++) {
            cr_expect(not(sil_verify(signature, public_key, &message, 1)), "%zu", i);
        }
        (void)memcpy(signature, public_key, 32);
        signature[32] = 0;
        for (uint8_t message = 0; message < 64; message++) {
            cr_expect(not(sil_verify(signature, public_key, &message, 1)), "%zu", i);
        }
    }
}

/* Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs" (2020), the published vectors in
 * their order. Only vector 3 is accepted: key and R have a part of small order there, and
 * RFC 8032 asks nobody to look. Whoever made such a key knows its secret. */
static const struct {
    const char *message;
    const char *public_key;
    const char *signature;
    bool accepted;
} SPECCHECK[] = {
    {"8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
     "0000000000000000000000000000000000000000000000000000000000000000", false},
    {"9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43"
     "a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04", false},
    {"aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
     "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
     "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e", false},
    {"9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
     "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d", "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f"
     "87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009", true },
    {"e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
     "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d", "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512"
     "5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09", false},
    {"e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
     "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d", "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7"
     "e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405", false},
    {"85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
     "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623", "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e"
     "547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514", false},
    {"85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
     "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623", "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942"
     "7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22", false},
    {"fdaebc429f4a735932a160da1301080c13280eea8bc280d1b392c6b9e6ba3a5a",
     "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "454d370c8d9fc323a41450f8d513eafeb5b0697390c1e505a0d4ddc71f566607", false},
    {"84b698d39be126ff55fe45079e6c8bf64a0d7db6994560b4e96b7021eb39c1a1",
     "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "084d5b99c2a9463d9c8bd5026916996984eeec87ddf1d3be329006ace1b37b09", false},
};

Test(signature, at_the_edges_of_the_standard_is_judged_as_it_always_was)
{
    for (size_t i = 0; i < sizeof SPECCHECK / sizeof SPECCHECK[0]; i++) {
        uint8_t message[32];
        uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
        uint8_t signature[SIL_SIGNATURE_BYTES];
        from_hex(message, sizeof message, SPECCHECK[i].message);
        from_hex(public_key, sizeof public_key, SPECCHECK[i].public_key);
        from_hex(signature, sizeof signature, SPECCHECK[i].signature);
        cr_expect(eq(int, sil_verify(signature, public_key, message, sizeof message),
                     SPECCHECK[i].accepted),
                  "vector %zu", i);
    }
}

/* Where nothing can be locked (no limit left, and without a superuser's rights) a key must
 * work all the same and say that it is not locked. A sanitizer makes mlock do nothing and
 * succeed, hence the question to the system itself. */
Test(secrets, serve_without_the_right_to_lock_memory)
{
    static uint8_t page[4096];
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t signature[SIL_SIGNATURE_BYTES];
    const struct rlimit none = {0, 0};
    cr_assert(zero(int, setrlimit(RLIMIT_MEMLOCK, &none)));
    if (geteuid() == 0) {
        cr_assert(zero(int, setreuid(65534, 65534)));
    }
    bool can_lock = mlock(page, sizeof page) == 0;

    struct sil_secret_key *key = seeded_key(RELEASE);
    cr_expect(eq(int, sil_secret_key_is_locked(key), can_lock));
    sil_secret_key_public(public_key, key);
    sil_sign(signature, key, "m", 1);
    cr_expect(sil_verify(signature, public_key, "m", 1));
    sil_secret_key_free(key);
}

Test(secrets, stay_out_of_core_files_and_other_processes)
{
    struct rlimit limit;
    sil_secrets_harden();
    cr_assert(zero(int, getrlimit(RLIMIT_CORE, &limit)));
    cr_expect(eq(ulong, limit.rlim_cur, 0));
    cr_expect(eq(ulong, limit.rlim_max, 0));
    cr_expect(zero(int, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)));
}
