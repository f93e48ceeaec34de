// SPDX-License-Identifier: Apache-2.0
#include "base/int128.h"
#include "privacy/rng.h"
#include "privacy/rng_internal.h"
#include "support/chi_square.h"
#include "support/seeded_rng.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sodium.h>

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_A_BUFFER = (SIL_RNG_BUFFER_BYTES - SIL_RNG_KEY_BYTES) / 8 };

/* The stream written down a second time: the first 32 bytes of each block of ChaCha20
 * output make the next key, the rest are the words. */
static void expected_words(uint64_t *out, size_t n_buffers)
{
    static uint8_t block[SIL_RNG_BUFFER_BYTES];
    uint8_t key[SIL_RNG_KEY_BYTES] = {7};
    uint8_t nonce[8] = {0};
    for (size_t i = 0; i < n_buffers; i++) {
        crypto_stream_chacha20(block, sizeof block, nonce, key);
        memcpy(key, block, sizeof key);
        memcpy(out + i * WORDS_A_BUFFER, block + sizeof key, WORDS_A_BUFFER * 8);
    }
}

Test(rng, words_are_the_chacha20_stream_with_key_erasure)
{
    static uint64_t want[3 * WORDS_A_BUFFER];
    struct sil_rng *rng = seeded_rng(7);
    expected_words(want, 3);

    size_t n_equal = 0;
    for (size_t i = 0; i < 3 * WORDS_A_BUFFER; i++) {
        n_equal += sil_rng_word(rng) == want[i];
    }

    cr_expect(eq(sz, n_equal, 3 * WORDS_A_BUFFER));
    sil_rng_free(rng);
}

Test(rng, words_in_bulk_are_the_words_one_by_one)
{
    static uint64_t bulk[2 * WORDS_A_BUFFER];
    struct sil_rng *rng = seeded_rng(11);
    struct sil_rng *twin = seeded_rng(11);

    sil_rng_words(rng, bulk, 5);
    sil_rng_words(rng, bulk + 5, 2 * WORDS_A_BUFFER - 5);

    size_t n_equal = 0;
    for (size_t i = 0; i < 2 * WORDS_A_BUFFER; i++) {
        n_equal += sil_rng_word(twin) == bulk[i];
    }
    cr_expect(eq(sz, n_equal, 2 * WORDS_A_BUFFER));
    sil_rng_free(twin);
    sil_rng_free(rng);
}

Test(rng, nothing_handed_out_stays_in_memory)
{
    struct sil_rng *rng = seeded_rng(3);
    uint8_t key_before[SIL_RNG_KEY_BYTES];
    memcpy(key_before, rng->key, sizeof key_before);

    for (int i = 0; i < 100; i++) {
        (void)sil_rng_word(rng);
    }

    cr_expect(ne(int, memcmp(rng->key, key_before, sizeof key_before), 0));
    cr_expect(eq(sz, rng->used, SIL_RNG_KEY_BYTES + 800));
    cr_expect(eq(int, sodium_is_zero(rng->buffer, rng->used), 1));
    cr_expect(eq(int, sodium_is_zero(rng->buffer + rng->used, 64), 0));
    sil_rng_free(rng);
}

Test(rng, two_generators_from_the_system_differ)
{
    struct sil_rng *a = NULL;
    struct sil_rng *b = NULL;
    cr_assert(eq(int, sil_rng_new(&a, NULL), SIL_OK));
    cr_assert(eq(int, sil_rng_new(&b, NULL), SIL_OK));

    cr_expect(ne(u64, sil_rng_word(a), sil_rng_word(b)));

    sil_rng_free(b);
    sil_rng_free(a);
}

Test(rng, a_fresh_key_comes_from_the_system_now_and_then)
{
    struct sil_rng *rng = seeded_rng(5);
    struct sil_rng *twin = seeded_rng(5);
    rng->refills = (uint64_t)1 << 20;

    cr_expect(ne(u64, sil_rng_word(rng), sil_rng_word(twin)));

    cr_expect(eq(u64, rng->refills, 1));
    sil_rng_free(twin);
    sil_rng_free(rng);
}

/* What a forked child draws next, from a buffer that it inherited half used. */
static void draw_in_child(struct sil_rng *rng, uint64_t *words, size_t n)
{
    int ends[2];
    cr_assert(zero(int, pipe(ends)));
    pid_t child = fork();
    cr_assert(ge(int, child, 0));
    if (child == 0) {
        sil_rng_words(rng, words, n);
        ssize_t written = write(ends[1], words, n * sizeof *words);
        _exit(written == (ssize_t)(n * sizeof *words) ? 0 : 1);
    }
    cr_assert(eq(int, (int)read(ends[0], words, n * sizeof *words),
                 (int)(n * sizeof *words)));
    int outcome = 0;
    cr_assert(eq(int, waitpid(child, &outcome, 0), child));
    cr_assert(zero(int, outcome));
    close(ends[0]);
    close(ends[1]);
}

static size_t n_common(const uint64_t *a, const uint64_t *b, size_t n)
{
    size_t common = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            common += a[i] == b[j];
        }
    }
    return common;
}

static void expect_fork_safe(struct sil_rng *rng)
{
    uint64_t first_child[64];
    uint64_t second_child[64];
    uint64_t parent[64];
    struct sil_rng *twin = seeded_rng(9);
    (void)sil_rng_word(rng);
    (void)sil_rng_word(twin);

    draw_in_child(rng, first_child, 64);
    draw_in_child(rng, second_child, 64);
    sil_rng_words(rng, parent, 64);

    cr_expect(zero(sz, n_common(first_child, parent, 64)));
    cr_expect(zero(sz, n_common(second_child, parent, 64)));
    cr_expect(zero(sz, n_common(first_child, second_child, 64)));
    uint64_t undisturbed[64];
    sil_rng_words(twin, undisturbed, 64);
    cr_expect(zero(int, memcmp(parent, undisturbed, sizeof parent)),
              "a child disturbed its parent's stream");
    sil_rng_free(twin);
}

Test(rng, a_forked_child_shares_no_word_with_its_parent)
{
    struct sil_rng *rng = seeded_rng(9);
    expect_fork_safe(rng);
    sil_rng_free(rng);
}

Test(rng, a_forked_child_is_noticed_without_help_of_the_kernel)
{
    struct sil_rng *rng = seeded_rng(9);
    if (rng->mark != NULL) {
        (void)munmap(rng->mark, 4096);
        rng->mark = NULL;
    }
    expect_fork_safe(rng);
    sil_rng_free(rng);
}

#ifdef MADV_WIPEONFORK
Test(rng, the_kernel_marks_a_fork_even_when_the_process_number_is_the_same)
{
    struct sil_rng *rng = seeded_rng(9);
    struct sil_rng *twin = seeded_rng(9);
    if (rng->mark == NULL) {
        cr_skip("this kernel has no MADV_WIPEONFORK");
    }
    *(volatile uint64_t *)rng->mark = 0; /* what a child in a new namespace sees */

    cr_expect(ne(u64, sil_rng_word(rng), sil_rng_word(twin)));

    cr_expect(eq(u64, *(volatile uint64_t *)rng->mark, 1));
    sil_rng_free(twin);
    sil_rng_free(rng);
}
#endif

Test(rng, bits_are_those_of_words_lowest_first_and_do_not_survive_a_new_key)
{
    uint64_t word = 0x123456789abcdef1U;
    struct sil_rng *rng = scripted_rng(&word, 1);

    uint64_t collected = 0;
    for (int i = 0; i < 63; i++) {
        collected |= (uint64_t)sil_rng_bit(rng) << i;
    }

    cr_expect(eq(u64, collected, word));
    uint8_t key[SIL_RNG_KEY_BYTES] = {1};
    sil_rng_rekey(rng, key);
    cr_expect(zero(uint, rng->pool_bits));
    sil_rng_free(rng);
}

/* For n just above 2^63 half of all words are refused: a wrong threshold shows at once. */
Test(rng, below_refuses_exactly_the_words_that_would_tip_the_scale)
{
    uint64_t n = ((uint64_t)1 << 63) + 1;
    /* product = word * n; refused are low halves below 2^64 mod n = 2^63 - 1. */
    uint64_t words[] = {0, 1, 2, 3, UINT64_MAX};
    struct sil_rng *rng = scripted_rng(words, 5);
    uint64_t want[3];
    size_t n_want = 0;
    for (size_t i = 0; i < 5; i++) {
        sil_u128 product = (sil_u128)words[i] * n;
        if ((uint64_t)product >= ((uint64_t)1 << 63) - 1 && n_want < 3) {
            want[n_want++] = (uint64_t)(product >> 64);
        }
    }
    cr_assert(ge(sz, n_want, 2));

    for (size_t i = 0; i < n_want; i++) {
        cr_expect(eq(u64, sil_rng_below(rng, n), want[i]));
    }
    sil_rng_free(rng);
}

Test(rng, below_is_uniform)
{
    static const uint64_t BOUNDS[] = {1, 2, 3, 7, 10, 100};
    struct sil_rng *rng = seeded_rng(0xb0);

    for (size_t b = 0; b < sizeof BOUNDS / sizeof BOUNDS[0]; b++) {
        uint64_t count[101] = {0};
        double probability[100];
        for (size_t i = 0; i < 200000; i++) {
            uint64_t value = sil_rng_below(rng, BOUNDS[b]);
            cr_assert(lt(u64, value, BOUNDS[b]));
            count[value]++;
        }
        for (size_t i = 0; i < BOUNDS[b]; i++) {
            probability[i] = 1.0 / (double)BOUNDS[b];
        }
        if (BOUNDS[b] > 1) {
            cr_expect(chi_square_passes(
                "below", chi_square_fit(count, probability, BOUNDS[b] - 1)));
        }
    }
    sil_rng_free(rng);
}
