// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/contrasts.h"
#include "audits/claim/convert.h"
#include "audits/ledger/transcript.h"
#include "audits/ledger/tree.h"
#include "audits/stats/special.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "support/property.h"
#include "unit/audits/golden.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- epsilon of rho ---- */

static double epsilon_of(const char *rho_text, const char *delta_text)
{
    mpq_t rho;
    mpq_t delta;
    mpfr_t low;
    mpfr_t high;
    mpq_inits(rho, delta, (mpq_ptr)NULL);
    mpfr_inits2(192, low, high, (mpfr_ptr)NULL);
    cr_assert(zero(int, mpq_set_str(rho, rho_text, 10)));
    cr_assert(zero(int, mpq_set_str(delta, delta_text, 10)));
    mpq_canonicalize(rho);
    aud_epsilon_of_rho(low, high, rho, delta);
    cr_expect(mpfr_lessequal_p(low, high));
    double value = mpfr_get_d(high, MPFR_RNDU);
    mpfr_sub(high, high, low, MPFR_RNDU);
    cr_expect(lt(dbl, mpfr_get_d(high, MPFR_RNDU), 1e-40), "the enclosure is wide");
    mpfr_clears(low, high, (mpfr_ptr)NULL);
    mpq_clears(rho, delta, (mpq_ptr)NULL);
    mpfr_free_cache();
    return value;
}

/* rho to 10 digits of what gives epsilon 1, 4, 10: computed with 50 digits elsewhere. */
Test(audit_claim, epsilon_of_rho)
{
    cr_expect(
        epsilon_eq(dbl, epsilon_of("243559704/10000000000", "1/1000000"), 1, 1e-8));
    cr_expect(
        epsilon_eq(dbl, epsilon_of("3110649549/10000000000", "1/1000000"), 4, 1e-8));
    cr_expect(
        epsilon_eq(dbl, epsilon_of("15392787639/10000000000", "1/1000000"), 10, 1e-8));
    cr_expect(
        epsilon_eq(dbl, epsilon_of("149730577/10000000000", "1/1000000000"), 1, 1e-8));
}

static enum aud_conversion claim(unsigned long numerator, unsigned long denominator)
{
    mpq_t epsilon;
    mpq_t rho;
    mpq_t delta;
    mpfr_t low;
    mpfr_t high;
    mpq_inits(epsilon, rho, delta, (mpq_ptr)NULL);
    mpq_set_ui(epsilon, numerator, denominator);
    mpq_canonicalize(epsilon);
    cr_assert(zero(int, mpq_set_str(rho, "243559704/10000000000", 10)));
    mpq_canonicalize(rho);
    mpq_set_ui(delta, 1, 1000000);
    mpfr_inits2(192, low, high, (mpfr_ptr)NULL);
    aud_epsilon_of_rho(low, high, rho, delta);
    enum aud_conversion is = aud_check_epsilon(epsilon, low);
    mpfr_clears(low, high, (mpfr_ptr)NULL);
    mpq_clears(epsilon, rho, delta, (mpq_ptr)NULL);
    mpfr_free_cache();
    return is;
}

/* That rho gives 1.00000000089. */
Test(audit_claim, a_claim_below_the_conversion_falls_short)
{
    cr_expect(eq(int, claim(1001, 1000), AUD_CONVERTS));
    cr_expect(eq(int, claim(1000000001, 1000000000), AUD_CONVERTS));
    cr_expect(eq(int, claim(999999, 1000000), AUD_FALLS_SHORT));
    cr_expect(eq(int, claim(99999999, 100000000), AUD_FALLS_SHORT));
}

/* ---- transcripts ---- */

Test(audit_claim, golden_transcripts_are_read_and_their_noise_is_as_claimed)
{
    static const char *const NAMES[] = {"aim-1",    "mst-1",        "independent-1",
                                        "mosaic-1", "mosaic-1-low", "mosaic-1-high"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct sil_bytes model;
        struct aud_transcript transcript;
        struct aud_contrasts contrasts;
        struct sil_error err = {""};
        golden_load(&model, NAMES[i]);
        cr_assert(eq(int,
                     aud_transcript_read(&transcript, golden_transcript(&model), &err),
                     SIL_OK),
                  "%s: %s", NAMES[i], err.text);
        cr_expect(eq(int, strncmp(aud_method_name(transcript.method), NAMES[i], 3), 0));
        cr_assert(eq(int, aud_contrasts_find(&contrasts, &transcript, &err), SIL_OK),
                  "%s", err.text);
        cr_expect(gt(dbl, contrasts.p, AUD_CONTRAST_LEVEL), "%s", NAMES[i]);
        aud_transcript_clear(&transcript);
        sil_bytes_clear(&model);
    }
}

/* Costs of 900 bits that have nothing in common: each sum is longer than the one before. */
Test(audit_claim, a_transcript_of_endless_costs_is_refused)
{
    struct sil_bytes bytes;
    struct aud_transcript transcript;
    struct sil_error err = {""};
    cr_assert(eq(int,
                 sil_file_read(&bytes,
                               SIL_SOURCE_DIR
                               "/tests/fuzz/corpora/audit_transcript/endless-costs",
                               1 << 20, NULL),
                 SIL_OK));
    sil_status status = aud_transcript_read(
        &transcript, (struct aud_bin){bytes.data, bytes.length}, &err);
    cr_expect(eq(int, status, SIL_ERR_CHECK));
    cr_expect(ne(ptr, strstr(err.text, "[B5] the lines add up to a number of too many"),
                 NULL),
              "%s", err.text);
    aud_transcript_clear(&transcript);
    sil_bytes_clear(&bytes);
}

/* Any bit changed gives a refusal or another transcript, never a crash; most are refused. */
Test(audit_claim, a_damaged_transcript_is_refused_or_read)
{
    struct sil_bytes model;
    golden_load(&model, "mst-1");
    struct aud_bin bin = golden_transcript(&model);
    size_t refused = 0;
    size_t tried = 0;
    for (size_t at = 0; at < bin.length; at += 3, tried++) {
        struct aud_transcript transcript;
        uint8_t *byte = model.data + (bin.data - model.data) + at;
        *byte ^= 0x01;
        sil_status status = aud_transcript_read(&transcript, bin, NULL);
        cr_expect(status == SIL_OK || status == SIL_ERR_CHECK ||
                  status == SIL_ERR_UNSUPPORTED);
        refused += status != SIL_OK;
        aud_transcript_clear(&transcript);
        *byte ^= 0x01;
    }
    cr_expect(gt(sz, refused, 20), "of %zu", tried);
    sil_bytes_clear(&model);
}

/* ---- contrasts ---- */

/* Two columns of 5 and 7 cells, each measured alone and together, with noise of a standard
 * deviation `scale` times the claimed 100 (the grid is left out: shift 0). */
struct forged {
    struct aud_transcript transcript;
    struct aud_left left[3];
};

static double normal(struct test_random *random)
{
    double u = ((double)(test_word(random) >> 11) + 0.5) / 9007199254740992.0;
    return aud_normal_quantile(u);
}

static void forge(struct forged *out, struct test_random *random, double scale)
{
    static const uint32_t ATTRS[3][2] = {
        {0},
        { 1},
        { 0, 1}
    };
    static const size_t N[3] = {5, 7, 35};
    static const double COUNT[3] = {700, 500, 100};
    *out = (struct forged){
        .transcript = {.left = out->left, .n_left = 3, .n_columns = 2}
    };
    for (size_t i = 0; i < 3; i++) {
        struct aud_left *left = &out->left[i];
        left->n_attrs = i < 2 ? 1 : 2;
        (void)memcpy(left->attr, ATTRS[i], sizeof ATTRS[i]);
        mpq_init(left->parameter);
        mpq_set_ui(left->parameter, 10000, 1);
        left->n_cells = N[i];
        left->noisy = calloc(N[i], sizeof *left->noisy);
        for (size_t k = 0; k < N[i]; k++) {
            left->noisy[k] = llround(COUNT[i] + 100 * scale * normal(random));
        }
    }
}

static struct aud_contrasts contrasts_of(struct forged *forged)
{
    struct aud_contrasts contrasts;
    cr_assert(
        eq(int, aud_contrasts_find(&contrasts, &forged->transcript, NULL), SIL_OK));
    for (size_t i = 0; i < 3; i++) {
        mpq_clear(forged->left[i].parameter);
        free(forged->left[i].noisy);
    }
    return contrasts;
}

/* 4 + 6 for the columns, 2 for the total that three marginals measure. Of 4,000 honest runs
 * the mean of the squares is the degrees of freedom within four standard errors, and the
 * p-values are uniform: at most 300 of 4,000 below 0.05 (exceeded once in 10^12). */
Test(audit_claim, honest_noise_disagrees_as_it_must)
{
    struct test_random random = {test_seed(61)};
    double sum = 0;
    size_t low = 0;
    for (int i = 0; i < 4000; i++) {
        struct forged forged;
        forge(&forged, &random, 1);
        struct aud_contrasts contrasts = contrasts_of(&forged);
        cr_assert(eq(dbl, contrasts.df, 12));
        sum += contrasts.square;
        low += contrasts.p < 0.05;
    }
    cr_expect(epsilon_eq(dbl, sum / 4000, 12, 4 * sqrt(24.0 / 4000)));
    cr_expect(le(sz, low, 300));
    cr_expect(ge(sz, low, 100));
}

Test(audit_claim, noise_of_a_hundredth_is_seen)
{
    struct test_random random = {test_seed(62)};
    struct forged forged;
    forge(&forged, &random, 0.01);
    struct aud_contrasts contrasts = contrasts_of(&forged);
    cr_expect(lt(dbl, contrasts.p, 1e-12));
    cr_expect(gt(dbl, contrasts.ratio, 20));
    cr_expect(lt(dbl, contrasts.ratio, 500));
}

/* Noise that agrees to the last digit in one number is no evidence; in two it is. */
Test(audit_claim, a_single_number_that_came_out_twice_accuses_nobody)
{
    for (size_t n = 1; n <= 2; n++) {
        int64_t noisy[2] = {57, 57};
        struct aud_left left[2] = {
            {.n_attrs = 1, .noisy = noisy, .n_cells = n},
            {.n_attrs = 1, .noisy = noisy, .n_cells = n}
        };
        struct aud_transcript transcript = {.left = left, .n_left = 2, .n_columns = 1};
        struct aud_contrasts contrasts;
        for (size_t i = 0; i < 2; i++) {
            mpq_init(left[i].parameter);
            mpq_set_ui(left[i].parameter, 10000, 1);
        }
        cr_assert(eq(int, aud_contrasts_find(&contrasts, &transcript, NULL), SIL_OK));
        cr_expect(eq(dbl, contrasts.df, (double)n));
        cr_expect(eq(int, contrasts.p < AUD_CONTRAST_LEVEL, n == 2));
        mpq_clear(left[0].parameter);
        mpq_clear(left[1].parameter);
    }
}

/* ---- the tree ---- */

static struct aud_hash by_definition(const struct aud_hash *leaf, size_t n)
{
    struct aud_hash out;
    size_t half = 1;
    if (n == 1) {
        return leaf[0];
    }
    while (2 * half < n) {
        half *= 2;
    }
    struct aud_hash left = by_definition(leaf, half);
    struct aud_hash right = by_definition(leaf + half, n - half);
    const struct sil_part parts[] = {
        {"\x01",      1       },
        {left.bytes,  AUD_HASH},
        {right.bytes, AUD_HASH}
    };
    sil_sha256(out.bytes, parts, 3);
    return out;
}

Test(audit_claim, roots_are_those_of_the_definition)
{
    enum { N = 70 };

    struct aud_hash leaf[N];
    struct aud_tree tree;
    cr_assert(eq(int, sil_crypto_start(NULL), SIL_OK));
    cr_assert(eq(int, aud_tree_begin(&tree, NULL), SIL_OK));
    for (size_t n = 0; n < N; n++) {
        leaf[n] = aud_leaf(&n, 1);
        cr_assert(eq(int, aud_tree_append(&tree, leaf[n], NULL), SIL_OK));
        struct aud_hash want = by_definition(leaf, n + 1);
        cr_expect(aud_hash_equal(&tree.root[n + 1], &want), "%zu leaves", n + 1);
    }
    aud_tree_clear(&tree);
}
