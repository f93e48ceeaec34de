// SPDX-License-Identifier: Apache-2.0
/* Thousands of states hold the same entries: each signature is verified once. Takes the place
 * of libsodium's function by the linker's option --wrap, and asks it. */
#include <sodium.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SLOTS = 1 << 14, KEY_BYTES = 16 };

struct answer {
    uint8_t key[KEY_BYTES];
    bool is_known;
    int value;
};

int __real_crypto_sign_verify_detached(const unsigned char *signature,
                                       const unsigned char *message,
                                       unsigned long long length,
                                       const unsigned char *public_key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature,
                                       const unsigned char *message,
                                       unsigned long long length,
                                       const unsigned char *public_key);

/* The question, all of it: two that differ have two keys but for a chance of 2^-64. */
static void make_key(uint8_t key[KEY_BYTES], const unsigned char *signature,
                     const unsigned char *message, unsigned long long length,
                     const unsigned char *public_key)
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, KEY_BYTES);
    (void)crypto_generichash_update(&state, signature, crypto_sign_BYTES);
    (void)crypto_generichash_update(&state, public_key, crypto_sign_PUBLICKEYBYTES);
    (void)crypto_generichash_update(&state, message, length);
    (void)crypto_generichash_final(&state, key, KEY_BYTES);
}

int __wrap_crypto_sign_verify_detached(const unsigned char *signature,
                                       const unsigned char *message,
                                       unsigned long long length,
                                       const unsigned char *public_key)
{
    static struct answer answers[SLOTS];
    uint8_t key[KEY_BYTES];
    make_key(key, signature, message, length, public_key);
    /* One thread asks: there are fewer entries than would be worth more. */
    struct answer *answer = &answers[(key[0] | key[1] << 8) % SLOTS];
    if (!answer->is_known || memcmp(answer->key, key, KEY_BYTES) != 0) {
        memcpy(answer->key, key, KEY_BYTES);
        answer->value =
            __real_crypto_sign_verify_detached(signature, message, length, public_key);
        answer->is_known = true;
    }
    return answer->value;
}
