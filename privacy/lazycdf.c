// SPDX-License-Identifier: Apache-2.0
#include "privacy/lazycdf.h"

#include "base/fail.h"
#include "base/int128.h"
#include "base/memory.h"
#include "privacy/rng_internal.h"

#include <sodium.h>

#include <stdbool.h>
#include <stdlib.h>

enum {
    GUIDE_BITS = 12,
    MEMO_BITS = 20, /* at most; 16 bytes a slot: 16 MB */
    BATCH_WORDS = 512,
    GUARD_BITS = 17, /* precision beyond the bits that a decision needs */
    MAX_PRECISION = 8192,
    MAX_INTERPOLATIONS = 6
};

/* A remembered evaluation: what floor(2^width F(k)) is. key = k + 1, and 0 when empty. */
struct memo {
    uint64_t key;
    uint64_t entry;
};

/* entry[j] belongs to k = (j + 1) step - 1, the last one to k = last. With step 1 the
 * table holds every k up to `last`; otherwise only anchors, and the k between two of them
 * are evaluated on demand and remembered. */
struct sil_lazycdf {
    struct sil_lazycdf_plan plan;
    uint64_t top;  ///< 2^width - 1, the largest entry
    uint64_t last; ///< the first k whose entry is `top`
    uint64_t step;
    size_t n_entries;
    uint64_t *entry;
    unsigned guide_shift;
    uint16_t *guide; ///< by the first bits of u: the first j that may hold it
    unsigned memo_bits;
    struct memo *memo; ///< 2^memo_bits slots; of none without gaps
};

/* floor(2^bits value) for 0 <= value <= 1, clipped below 2^bits, which F never reaches. */
static void scaled_floor(mpz_t out, mpfr_t value, unsigned long bits)
{
    mpfr_mul_2ui(value, value, bits, MPFR_RNDD); /* exact */
    mpfr_get_z(out, value, MPFR_RNDD);
    if (mpz_sizeinbase(out, 2) > bits) {
        mpz_sub_ui(out, out, 1);
    }
}

/* How many bits of F a decision is about, and the precision to evaluate it at. */
struct scale {
    unsigned long bits;
    unsigned long precision;
};

/* Both floors of 2^bits F(k): they differ when the enclosure does not decide. */
static void enclose(mpz_t floor_lo, mpz_t floor_hi, const struct sil_lazycdf *lazy,
                    uint64_t k, struct scale scale)
{
    mpfr_t lo;
    mpfr_t hi;
    mpfr_init2(lo, (mpfr_prec_t)scale.precision);
    mpfr_init2(hi, (mpfr_prec_t)scale.precision);
    lazy->plan.cdf(lo, hi, k, lazy->plan.law);
    scaled_floor(floor_lo, lo, scale.bits);
    scaled_floor(floor_hi, hi, scale.bits);
    mpfr_clear(hi);
    mpfr_clear(lo);
}

/* Precision doubles until both ends of the enclosure have one floor. That it ends is not
 * known for every law (F(k) might be a multiple of 2^-width), so it is checked. */
static uint64_t evaluate(const struct sil_lazycdf *lazy, uint64_t k)
{
    mpz_t lo;
    mpz_t hi;
    mpz_init(lo);
    mpz_init(hi);
    struct scale scale = {lazy->plan.width, lazy->plan.width + GUARD_BITS};
    enclose(lo, hi, lazy, k, scale);
    while (mpz_cmp(lo, hi) != 0) {
        scale.precision *= 2;
        SIL_REQUIRE(scale.precision <= MAX_PRECISION);
        enclose(lo, hi, lazy, k, scale);
    }
    uint64_t entry = mpz_get_ui(lo);
    mpz_clear(hi);
    mpz_clear(lo);
    return entry;
}

uint64_t sil_lazycdf_entry(struct sil_lazycdf *lazy, uint64_t k)
{
    if (lazy->step == 1 && k < lazy->n_entries) {
        return lazy->entry[k];
    }
    if (lazy->step == 1) {
        return evaluate(lazy, k);
    }
    struct memo *memo = &lazy->memo[k & (((uint64_t)1 << lazy->memo_bits) - 1)];
    if (memo->key != k + 1) {
        memo->entry = evaluate(lazy, k);
        memo->key = k + 1;
    }
    return memo->entry;
}

/* The first k whose entry is `top`: bracket it, then bisect. */
static uint64_t find_last(const struct sil_lazycdf *lazy)
{
    uint64_t below = 0; /* every k < below is known not to reach the top */
    uint64_t reaches = 1;
    while (evaluate(lazy, reaches - 1) < lazy->top) {
        below = reaches;
        SIL_REQUIRE(reaches <= UINT64_MAX / 4);
        reaches *= 2;
    }
    uint64_t last = reaches - 1;
    while (below < last) {
        uint64_t middle = below + (last - below) / 2;
        if (evaluate(lazy, middle) < lazy->top) {
            below = middle + 1;
        } else {
            last = middle;
        }
    }
    return last;
}

static uint64_t anchor(const struct sil_lazycdf *lazy, size_t j)
{
    uint64_t k = (j + 1) * lazy->step - 1;
    return k < lazy->last ? k : lazy->last;
}

static void fill(struct sil_lazycdf *lazy)
{
    uint64_t previous = 0;
    for (size_t j = 0; j < lazy->n_entries; j++) {
        lazy->entry[j] = evaluate(lazy, anchor(lazy, j));
        SIL_REQUIRE(lazy->entry[j] >= previous);
        previous = lazy->entry[j];
    }
    SIL_REQUIRE(previous == lazy->top);

    size_t j = 0;
    for (uint64_t g = 0; g <= lazy->top >> lazy->guide_shift; g++) {
        while (lazy->entry[j] < g << lazy->guide_shift) {
            j++;
        }
        lazy->guide[g] = (uint16_t)j;
    }
}

/* Room for every k that can come up, as far as that is bounded. */
static unsigned memo_bits(uint64_t last)
{
    unsigned bits = 0;
    while (bits < MEMO_BITS && last >> bits != 0) {
        bits++;
    }
    return bits;
}

sil_status sil_lazycdf_new(struct sil_lazycdf **out,
                           const struct sil_lazycdf_plan *plan, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_lazycdf *lazy = NULL;
    size_t n_remembered;

    *out = NULL;
    SIL_REQUIRE(plan->width >= 1 && plan->width <= SIL_LAZYCDF_WIDTH);
    SIL_REQUIRE(plan->max_entries >= 1 && plan->max_entries <= SIL_LAZYCDF_ENTRIES);
    if (mpfr_buildopt_tls_p() == 0) {
        return sil_fail(err, SIL_ERR_INTERNAL,
                        "this MPFR was built without thread-local storage");
    }
    SIL_TRY(sil_alloc(&lazy, 1, sizeof *lazy, "noise sampler", err));
    lazy->plan = *plan;
    lazy->top = ((uint64_t)1 << plan->width) - 1;
    lazy->last = find_last(lazy);
    lazy->step = lazy->last / plan->max_entries + 1;
    lazy->n_entries = (size_t)(lazy->last / lazy->step + 1);
    lazy->guide_shift = plan->width > GUIDE_BITS ? plan->width - GUIDE_BITS : 0;
    SIL_TRY(sil_alloc(&lazy->entry, lazy->n_entries, sizeof *lazy->entry, "noise table",
                      err));
    SIL_TRY(sil_alloc(&lazy->guide, (size_t)1 << GUIDE_BITS, sizeof *lazy->guide,
                      "noise table", err));
    lazy->memo_bits = memo_bits(lazy->last);
    n_remembered = lazy->step > 1 ? (size_t)1 << lazy->memo_bits : 0;
    SIL_TRY(
        sil_alloc(&lazy->memo, n_remembered, sizeof *lazy->memo, "noise table", err));
    fill(lazy);
    *out = lazy;
    lazy = NULL;

cleanup:
    sil_lazycdf_free(lazy);
    return status;
}

void sil_lazycdf_free(struct sil_lazycdf *lazy)
{
    if (lazy == NULL) {
        return;
    }
    /* What was evaluated on demand tells where noise fell. */
    if (lazy->memo != NULL && lazy->step > 1) {
        sodium_memzero(lazy->memo, ((size_t)1 << lazy->memo_bits) * sizeof *lazy->memo);
    }
    free(lazy->memo);
    free(lazy->guide);
    free(lazy->entry);
    free(lazy);
    mpfr_free_cache(); /* this thread's constants, which nobody else would free */
}

/* The bits of U drawn so far: U lies in [drawn, drawn + 1) / 2^bits. */
struct uniform {
    mpz_t drawn;
    unsigned long bits;
};

/* Where U lies against F(k): -1 below, 1 at or above, 0 when the bits do not tell. */
static int compare(const struct sil_lazycdf *lazy, const struct uniform *u, uint64_t k)
{
    mpz_t lo;
    mpz_t hi;
    mpz_init(lo);
    mpz_init(hi);
    enclose(lo, hi, lazy, k, (struct scale){u->bits, u->bits + 64});
    /* drawn + 1 <= lo puts U below F; drawn >= hi + 1 > 2^bits F puts it above. */
    int where = 0;
    if (mpz_cmp(u->drawn, lo) < 0) {
        where = -1;
    } else if (mpz_cmp(u->drawn, hi) > 0) {
        where = 1;
    }
    mpz_clear(hi);
    mpz_clear(lo);
    return where;
}

/* Look for the answer among the neighbours of *k; false when more bits are needed. */
static bool settle(const struct sil_lazycdf *lazy, const struct uniform *u, uint64_t *k)
{
    int where = compare(lazy, u, *k);
    while (where > 0) {
        (*k)++;
        where = compare(lazy, u, *k);
    }
    while (where < 0 && *k > 0) {
        where = compare(lazy, u, *k - 1);
        if (where < 0) {
            (*k)--;
        }
    }
    return where != 0;
}

/* The first bits did not decide: draw 64 more at a time until they do. Each round leaves
 * a probability of about 2^-64 of another. */
static uint64_t refine(const struct sil_lazycdf *lazy, struct sil_rng *rng,
                       uint64_t first, uint64_t k)
{
    struct uniform u = {.bits = lazy->plan.width};
    mpz_init_set_ui(u.drawn, first);
    do {
        mpz_mul_2exp(u.drawn, u.drawn, 64);
        mpz_add_ui(u.drawn, u.drawn, sil_rng_word(rng));
        u.bits += 64;
    } while (!settle(lazy, &u, &k));
    mpz_clear(u.drawn);
    return k;
}

/* The first k in (anchor before j, anchor j] whose entry is at least u. F is smooth, so
 * that interpolation finds it in about three evaluations; a few steps of it at most, then
 * bisection, so that no law can make this long. */
static uint64_t find_between(struct sil_lazycdf *lazy, uint64_t u, size_t j)
{
    uint64_t above = anchor(lazy, j);
    uint64_t above_entry = lazy->entry[j];
    uint64_t from = j == 0 ? 0 : anchor(lazy, j - 1) + 1; /* the answer is >= from */
    uint64_t from_entry = j == 0 ? 0 : lazy->entry[j - 1];
    for (int round = 0; from < above; round++) {
        uint64_t guess = from + (above - from) / 2;
        if (round < MAX_INTERPOLATIONS) {
            sil_u128 ahead = (sil_u128)(u - from_entry) * (above - from);
            sil_u128 all = (sil_u128)(above_entry - from_entry) + 1;
            guess = from + (uint64_t)(ahead / all);
        }
        uint64_t entry = sil_lazycdf_entry(lazy, guess);
        if (entry < u) {
            from = guess + 1;
            from_entry = entry;
        } else {
            above = guess;
            above_entry = entry;
        }
    }
    return above;
}

/* Off the fast path: the table has gaps, or the first word equals an entry. */
static uint64_t resolve(struct sil_lazycdf *lazy, struct sil_rng *rng, uint64_t u,
                        size_t j)
{
    uint64_t k = lazy->step == 1 ? j : find_between(lazy, u, j);
    return sil_lazycdf_entry(lazy, k) > u ? k : refine(lazy, rng, u, k);
}

/* One word a value: the lowest bit is the sign, the highest `width` bits begin U. */
static int64_t invert(struct sil_lazycdf *lazy, struct sil_rng *rng, uint64_t word)
{
    uint64_t u = word >> (64 - lazy->plan.width);
    size_t j = lazy->guide[u >> lazy->guide_shift];
    while (lazy->entry[j] < u) {
        j++;
    }
    uint64_t k = j;
    if (__builtin_expect(lazy->entry[j] == u || lazy->step > 1, 0)) {
        k = resolve(lazy, rng, u, j);
    }
    int64_t sign = -(int64_t)(word & 1);
    return ((int64_t)k ^ sign) - sign;
}

void sil_lazycdf_draw(struct sil_lazycdf *lazy, struct sil_rng *rng, int64_t *out,
                      size_t n)
{
    uint64_t words[BATCH_WORDS];
    while (n > 0) {
        size_t batch = n < BATCH_WORDS ? n : BATCH_WORDS;
        sil_rng_words(rng, words, batch);
        for (size_t i = 0; i < batch; i++) {
            out[i] = invert(lazy, rng, words[i]);
        }
        out += batch;
        n -= batch;
    }
    sodium_memzero(words, sizeof words);
}
