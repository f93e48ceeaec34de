// SPDX-License-Identifier: Apache-2.0
/* Discovery through the gate: what it releases, what it costs, and that a call which is
 * refused leaves nothing. The law is tested in tests/property/test_discovery_law.c. */
#include "privacy/gauss.h"
#include "privacy/keys_internal.h"
#include "privacy/threshold.h"
#include "unit/privacy/gate_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>

enum { SEED = 20261122, N_KEYS = 5 };

static void free_mpfr_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(discovery, .fini = free_mpfr_caches);

static const struct sil_key KEYS[N_KEYS] = {
    {.text = "",         .length = 0, .count = 900  },
    {.text = "a",        .length = 1, .count = 1    },
    {.text = "a\0b",     .length = 3, .count = 40   },
    {.text = "ab",       .length = 2, .count = 70000},
    {.text = "\xc3\xa4", .length = 2, .count = 1    },
};

static struct sil_keys *keys_of(const struct sil_key *key, size_t n)
{
    struct sil_keys *keys;
    cr_assert(zero(int, sil_keys_new(&keys, 3, n, NULL)));
    memcpy(keys->key, key, n * sizeof *key);
    return keys;
}

static struct sil_delta delta_of(const char *text)
{
    struct sil_delta delta;
    sil_delta_init(&delta);
    kit_set(delta.v, text);
    return delta;
}

/* A gate that may discover for `delta` in all. */
static struct kit open_for(const char *cap, const char *delta_text, uint32_t rows,
                           enum sil_neighbours neighbours)
{
    struct kit kit;
    struct sil_rho rho;
    struct sil_delta delta = delta_of(delta_text);
    sil_rho_init(&rho);
    kit_set(rho.v, cap);
    kit.rng = seeded_rng(SEED);
    cr_assert(zero(int, sil_token_new(&kit.token, &rho, neighbours, rows, true, NULL)));
    sil_token_allow_discovery(kit.token, &delta);
    cr_assert(zero(int, sil_gate_open(&kit.gate, kit.token, kit.rng, NULL)));
    sil_rho_clear(&rho);
    sil_delta_clear(&delta);
    return kit;
}

static sil_status discover(struct kit *kit, const char *sigma2_text,
                           const char *delta_text, const struct sil_discovery **out)
{
    struct sil_keys *keys = keys_of(KEYS, N_KEYS);
    struct sil_sigma2 sigma2 = kit_sigma2(sigma2_text);
    struct sil_delta delta = delta_of(delta_text);
    sil_status status = sil_gate_discover(kit->gate, keys, &sigma2, &delta, out, NULL);
    sil_delta_clear(&delta);
    sil_sigma2_clear(&sigma2);
    sil_keys_free(keys);
    return status;
}

/* What must come out: count plus the sampler's noise where that is not below T. */
static void expect_found(const struct sil_discovery *got)
{
    struct sil_gauss *gauss;
    struct sil_rng *rng = seeded_rng(SEED);
    int64_t noise[N_KEYS];
    size_t n = 0;
    cr_assert(zero(int, sil_gauss_new(&gauss, &got->sigma2, N_KEYS, NULL)));
    sil_gauss_draw(gauss, rng, noise, N_KEYS);
    for (size_t i = 0; i < N_KEYS; i++) {
        int64_t noisy = ((int64_t)KEYS[i].count << got->shift) + noise[i];
        if (noisy < got->threshold) {
            continue;
        }
        cr_assert(lt(sz, n, got->n));
        cr_expect(eq(i64, got->found[n].noisy, noisy));
        cr_assert(eq(sz, got->found[n].length, KEYS[i].length));
        cr_expect(zero(int, memcmp(got->found[n].text, KEYS[i].text, KEYS[i].length)));
        n++;
    }
    cr_expect(eq(sz, got->n, n));
    sil_gauss_free(gauss);
    sil_rng_free(rng);
}

Test(discovery, releases_what_is_not_below_the_threshold_in_the_order_of_bytes)
{
    struct kit kit = open_for("1", "1/1000", 1, SIL_ADD_REMOVE);
    const struct sil_discovery *got = NULL;
    int64_t threshold = 0;

    cr_assert(zero(int, discover(&kit, "25", "1/1000", &got)));

    cr_expect(eq(u32, got->attr, 3));
    cr_expect(eq(u64, got->sensitivity, 1));
    cr_assert(zero(
        int, sil_threshold_of_delta(&threshold, &got->sigma2, 1, &got->delta, NULL)));
    cr_expect(eq(i64, got->threshold, threshold));
    cr_expect(eq(sz, got->n, 3));
    expect_found(got);
    cr_expect(eq(int, kit_has_spent(kit.gate, "1/50"), 1));
    cr_expect(eq(sz, sil_gate_n_discoveries(kit.gate), 1));
    cr_expect(eq(sz, sil_gate_n_releases(kit.gate), 0));
    sil_gate_close(kit.gate);
}

Test(discovery, costs_and_threshold_are_those_of_neighbours_and_rows)
{
    struct kit kit = open_for("10", "1/10", 3, SIL_REPLACE_ONE);
    const struct sil_discovery *got = NULL;
    int64_t threshold = 0;

    cr_assert(zero(int, discover(&kit, "25", "1/10", &got)));

    cr_expect(eq(u64, got->sensitivity, 18));
    cr_expect(eq(int, kit_has_spent(kit.gate, "9/25"), 1));
    cr_assert(zero(
        int, sil_threshold_of_delta(&threshold, &got->sigma2, 3, &got->delta, NULL)));
    cr_expect(eq(i64, got->threshold, threshold));
    sil_gate_close(kit.gate);
}

static const struct {
    const char *cap;
    const char *allowed;
    const char *sigma2;
    const char *delta;
    sil_status status;
} REFUSED[] = {
    {"1",     "0",      "25",               "1/1000", SIL_ERR_BUDGET}, /* none allowed */
    {"1",     "1/1001", "25",               "1/1000", SIL_ERR_BUDGET},
    {"1/51",  "1/1000", "25",               "1/1000", SIL_ERR_BUDGET}, /* rho */
    {"1",     "1/1000", "25",               "0",      SIL_ERR_USAGE },
    {"1",     "1",      "25",               "1/2",    SIL_ERR_USAGE },
    {"10000", "1/1000", "1/99999999999999", "1/1000", SIL_ERR_USAGE },
};

Test(discovery, that_is_refused_draws_nothing_and_changes_nothing)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct kit kit =
            open_for(REFUSED[i].cap, REFUSED[i].allowed, 1, SIL_ADD_REMOVE);
        const struct sil_discovery *got = NULL;

        cr_expect(eq(int, discover(&kit, REFUSED[i].sigma2, REFUSED[i].delta, &got),
                     REFUSED[i].status),
                  "case %zu", i);

        cr_expect(zero(int, got != NULL));
        cr_expect(eq(sz, sil_gate_n_discoveries(kit.gate), 0));
        cr_expect(eq(int, kit_has_spent(kit.gate, "0"), 1));
        cr_expect(eq(int, kit_drew_nothing(&kit, SEED), 1));
        sil_gate_close(kit.gate);
    }
}

Test(discovery, adds_its_delta_to_those_before)
{
    struct kit kit = open_for("1", "2/1000", 1, SIL_ADD_REMOVE);
    cr_expect(zero(int, discover(&kit, "25", "1/1000", NULL)));
    cr_expect(zero(int, discover(&kit, "25", "1/1000", NULL)));
    cr_expect(eq(int, discover(&kit, "25", "1/1000000", NULL), SIL_ERR_BUDGET));
    cr_expect(eq(int, kit_has_spent(kit.gate, "1/25"), 1));
    sil_gate_close(kit.gate);
}

Test(discovery, comes_before_all_else)
{
    static const uint32_t CELLS[] = {1, 2};
    struct kit kit = open_for("1", "1/1000", 1, SIL_ADD_REMOVE);
    struct sil_counts *counts = kit_counts(2, CELLS, 2);
    struct sil_sigma2 sigma2 = kit_sigma2("25");
    cr_assert(zero(int, sil_gate_measure(kit.gate, counts, &sigma2, NULL, NULL)));
    cr_expect(eq(int, discover(&kit, "25", "1/1000", NULL), SIL_ERR_USAGE));
    cr_expect(eq(int, kit_has_spent(kit.gate, "1/50"), 1));
    sil_sigma2_clear(&sigma2);
    sil_counts_free(counts);
    sil_gate_close(kit.gate);
}

Test(discovery, of_no_values_finds_none_and_is_paid_for)
{
    struct kit kit = open_for("1", "1/1000", 1, SIL_ADD_REMOVE);
    struct sil_keys *keys = keys_of(KEYS, 0);
    struct sil_sigma2 sigma2 = kit_sigma2("25");
    struct sil_delta delta = delta_of("1/1000");
    const struct sil_discovery *got = NULL;
    cr_assert(
        zero(int, sil_gate_discover(kit.gate, keys, &sigma2, &delta, &got, NULL)));
    cr_expect(zero(sz, got->n));
    cr_expect(eq(int, kit_has_spent(kit.gate, "1/50"), 1));
    sil_delta_clear(&delta);
    sil_sigma2_clear(&sigma2);
    sil_keys_free(keys);
    sil_gate_close(kit.gate);
}

Test(discovery, takes_keys_that_are_there_once_and_in_order)
{
    const struct sil_key twice[] = {KEYS[1], KEYS[1]};
    const struct sil_key turned[] = {KEYS[3], KEYS[1]};
    const struct sil_key absent[] = {
        {.text = "z", .length = 1, .count = 0}
    };
    struct sil_keys *good = keys_of(KEYS, N_KEYS);
    struct sil_keys *bad[] = {keys_of(twice, 2), keys_of(turned, 2),
                              keys_of(absent, 1)};
    cr_expect(eq(int, sil_keys_are_in_order(good), 1));
    for (size_t i = 0; i < 3; i++) {
        cr_expect(zero(int, sil_keys_are_in_order(bad[i])), "case %zu", i);
        sil_keys_free(bad[i]);
    }
    sil_keys_free(good);
}
