// SPDX-License-Identifier: Apache-2.0
#include "privacy/rng.h"

#include "base/fail.h"
#include "base/int128.h"
#include "privacy/rng_internal.h"

#include <sodium.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Backtracking resistance comes from the erased key; a fresh key from the operating
 * system now and then also recovers from a state that was read out. */
static const uint64_t REFILLS_A_KEY = (uint64_t)1 << 20;

static const size_t MARK_BYTES = 4096;

/* Everything here that could fail has failed in sil_rng_new already. */
static void rekey_from_system(struct sil_rng *rng)
{
    uint8_t key[SIL_RNG_KEY_BYTES];
    randombytes_buf(key, sizeof key);
    sil_rng_rekey(rng, key);
    sodium_memzero(key, sizeof key);
}

void sil_rng_rekey(struct sil_rng *rng, const uint8_t key[SIL_RNG_KEY_BYTES])
{
    memcpy(rng->key, key, SIL_RNG_KEY_BYTES);
    sodium_memzero(rng->buffer, sizeof rng->buffer);
    rng->used = sizeof rng->buffer;
    rng->refills = 0;
    rng->pool = 0;
    rng->pool_bits = 0;
    rng->owner = getpid();
}

/* A page that reads as 0 in a child, or NULL. A child that shares memory (vfork, a
 * thread) shares the state as well and needs no mark. */
static void *new_mark(void)
{
#ifdef MADV_WIPEONFORK
    void *page = mmap(NULL, MARK_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return NULL;
    }
    if (madvise(page, MARK_BYTES, MADV_WIPEONFORK) != 0) {
        (void)munmap(page, MARK_BYTES);
        return NULL;
    }
    *(volatile uint64_t *)page = 1;
    return page;
#else
    return NULL;
#endif
}

static void free_mark(void *mark)
{
    if (mark != NULL) {
        (void)munmap(mark, MARK_BYTES);
    }
}

sil_status sil_rng_new(struct sil_rng **out, struct sil_error *err)
{
    *out = NULL;
    if (sodium_init() < 0) {
        return sil_fail(err, SIL_ERR_INTERNAL, "libsodium cannot start");
    }
    struct sil_rng *rng = sodium_malloc(sizeof *rng);
    if (rng == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "no memory for the random generator");
    }
    rng->mark = new_mark();
    rekey_from_system(rng);
    *out = rng;
    return SIL_OK;
}

void sil_rng_free(struct sil_rng *rng)
{
    if (rng != NULL) {
        free_mark(rng->mark);
        sodium_free(rng);
    }
}

/* After fork, parent and child hold the same key and buffer; the child must not use a
 * byte of either. The mark costs a load and sees every fork; the process number costs a
 * system call, so with a mark it is asked for once a buffer only. */
static void leave_parent(struct sil_rng *rng)
{
    if (rng->mark != NULL && *(const volatile uint64_t *)rng->mark == 0) {
        free_mark(rng->mark);
        rng->mark = new_mark();
        rekey_from_system(rng);
    } else if (rng->mark == NULL && getpid() != rng->owner) {
        rekey_from_system(rng);
    }
}

/* Fast key erasure: the first bytes of the stream replace the key that made it. */
static void refill(struct sil_rng *rng)
{
    static const uint8_t NONCE[crypto_stream_chacha20_NONCEBYTES] = {0};

    if (getpid() != rng->owner || rng->refills == REFILLS_A_KEY) {
        rekey_from_system(rng);
    }
    SIL_REQUIRE(
        crypto_stream_chacha20(rng->buffer, sizeof rng->buffer, NONCE, rng->key) == 0);
    memcpy(rng->key, rng->buffer, sizeof rng->key);
    sodium_memzero(rng->buffer, sizeof rng->key);
    rng->used = sizeof rng->key;
    rng->refills++;
}

void sil_rng_words(struct sil_rng *rng, uint64_t *out, size_t n)
{
    leave_parent(rng);
    while (n > 0) {
        if (rng->used == sizeof rng->buffer) {
            refill(rng);
        }
        size_t ready = (sizeof rng->buffer - rng->used) / sizeof *out;
        size_t taken = n < ready ? n : ready;
        memcpy(out, rng->buffer + rng->used, taken * sizeof *out);
        sodium_memzero(rng->buffer + rng->used, taken * sizeof *out);
        rng->used += taken * sizeof *out;
        out += taken;
        n -= taken;
    }
}

uint64_t sil_rng_word(struct sil_rng *rng)
{
    uint64_t word;
    sil_rng_words(rng, &word, 1);
    return word;
}

unsigned sil_rng_bit(struct sil_rng *rng)
{
    leave_parent(rng);
    if (rng->pool_bits == 0) {
        rng->pool = sil_rng_word(rng);
        rng->pool_bits = 64;
    }
    unsigned bit = (unsigned)(rng->pool & 1);
    rng->pool >>= 1;
    rng->pool_bits--;
    return bit;
}

/* The product of a word w and n is n * 2^64 * (w / 2^64): its high half is the answer,
 * once the 2^64 mod n low halves are refused that make some answers one word too wide. */
uint64_t sil_rng_below(struct sil_rng *rng, uint64_t n)
{
    SIL_REQUIRE(n > 0);
    sil_u128 product = (sil_u128)sil_rng_word(rng) * n;
    if ((uint64_t)product < n) {
        uint64_t refused = (UINT64_MAX - n + 1) % n;
        while ((uint64_t)product < refused) {
            product = (sil_u128)sil_rng_word(rng) * n;
        }
    }
    return (uint64_t)(product >> 64);
}
