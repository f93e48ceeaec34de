// SPDX-License-Identifier: Apache-2.0
#include "synth/learning.h"

#include "base/fail.h"
#include "base/int128.h"
#include "base/memory.h"
#include "privacy/gauss.h"

#include <stdlib.h>

/* Constants of the tree: parts of every replay number. */
enum {
    TOP = 128,         ///< intervals of the first level, at most
    BRANCH = 64,       ///< parts that an interval is cut into, at most
    SPLIT_PART = 4,    ///< of a bin's share: with so much of it an interval is cut
    CELLS_MAX = 32768, ///< intervals of a level; what would make more is not cut
    BINS_PER_WANTED = 2,
    CLEAR = 4,      ///< standard deviations: a count above is clear of its noise
    LOST_PART = 4,  ///< of that: a count below may be nothing else;
    FAINT_PART = 2, ///< where others stand out, below so much
    TRUST = 256,    ///< units in which counts are trusted
    WEIGHT_BITS = 44
};

unsigned sil_tree_levels(const struct sil_field *field)
{
    uint32_t top = sil_field_n_leaves(field);
    unsigned levels = 1;
    for (; top > TOP; levels++) {
        top = (top + BRANCH - 1) / BRANCH;
    }
    SIL_REQUIRE(levels <= SIL_TREE_LEVELS_MAX);
    return levels;
}

uint32_t sil_tree_bins_max(const struct sil_field *field)
{
    return BINS_PER_WANTED * sil_field_bins_wanted(field);
}

/* Leaves of an interval of a level, where the grid of the level alone decides. */
static uint32_t width_of(const struct sil_learning *learning, unsigned level)
{
    uint32_t width = 1;
    for (unsigned l = level + 1; l < learning->n_levels; l++) {
        width *= BRANCH;
    }
    return width;
}

/* The smallest integer whose square is at least 16 sigma^2 4^shift. */
static int64_t clear_of_noise(const struct sil_sigma2 *sigma2)
{
    mpz_t square;
    mpz_t root;
    mpz_inits(square, root, NULL);
    mpz_mul_2exp(square, mpq_numref(sigma2->v), 4 + 2 * sil_gauss_shift_of(sigma2));
    mpz_cdiv_q(square, square, mpq_denref(sigma2->v));
    mpz_sqrt(root, square);
    mpz_submul(square, root, root);
    if (mpz_sgn(square) > 0) {
        mpz_add_ui(root, root, 1);
    }
    int64_t clear = mpz_get_si(root); /* the gate's sigma^2 is at most 10^12 */
    mpz_clears(square, root, NULL);
    return clear;
}

sil_status sil_learning_begin(struct sil_learning *out, const struct sil_field *field,
                              const struct sil_sigma2 *sigma2, struct sil_error *err)
{
    uint32_t n_leaves = sil_field_n_leaves(field);
    *out = (struct sil_learning){.field = field,
                                 .n_levels = sil_tree_levels(field),
                                 .n_extra = sil_field_n_extra(field),
                                 .clear = clear_of_noise(sigma2)};
    uint32_t width = width_of(out, 0);
    out->n = (n_leaves + width - 1) / width;
    sil_status status = sil_alloc(&out->first, out->n, sizeof *out->first, "bins", err);
    if (status == SIL_OK) {
        status = sil_alloc(&out->weight, out->n, sizeof *out->weight, "bins", err);
    }
    for (uint32_t i = 0; status == SIL_OK && i < out->n; i++) {
        out->first[i] = i * width;
    }
    return status;
}

static void free_intervals(struct sil_learning *learning)
{
    free(learning->first);
    free(learning->cut);
    free(learning->weight);
}

void sil_learning_clear(struct sil_learning *learning)
{
    free_intervals(learning);
    free(learning->bin);
    *learning = (struct sil_learning){0};
}

uint32_t sil_learning_cells(const struct sil_learning *learning)
{
    return learning->n + learning->n_extra;
}

uint32_t sil_learning_n_codes(const struct sil_learning *learning)
{
    return sil_field_n_leaves(learning->field) + learning->n_extra;
}

/* The leaf behind the last one of an interval. */
static uint32_t end_of(const struct sil_learning *learning, uint32_t i)
{
    return i + 1 < learning->n ? learning->first[i + 1]
                               : sil_field_n_leaves(learning->field);
}

void sil_learning_group(uint32_t *group, const struct sil_learning *learning)
{
    uint32_t n_leaves = sil_field_n_leaves(learning->field);
    for (uint32_t i = 0; i < learning->n; i++) {
        for (uint32_t leaf = learning->first[i]; leaf < end_of(learning, i); leaf++) {
            group[leaf] = i;
        }
    }
    for (uint32_t k = 0; k < learning->n_extra; k++) {
        group[n_leaves + k] = learning->n + k;
    }
}

/* ---- how heavy the intervals are ---- */

/* A count without what only a saturated sum can be, so that all that follows fits 128 bits. */
static sil_i128 limited(int64_t noisy)
{
    const int64_t most = (INT64_C(1) << WEIGHT_BITS) - 1;
    return noisy > most ? most : noisy < -most ? -most : noisy;
}

/* Counts that are lost in their noise weigh next to nothing: it is not taken for rows. */
static sil_i128 clear_count(const struct sil_learning *learning, int64_t noisy,
                            int part)
{
    sil_i128 count = limited(noisy);
    return count * part >= learning->clear ? count : 1;
}

static uint64_t weight_of(sil_i128 weight)
{
    return weight < 1 ? 1 : (uint64_t)weight;
}

/* An interval that was cut, now `from` to `to`. */
struct family {
    uint32_t from, to;
    sil_i128 leaves;
    sil_i128 weight; ///< before
};

/* What an interval would weigh if its leaves were as heavy as all others. */
static sil_i128 even_share(const struct sil_learning *learning,
                           const struct family *family, uint32_t i)
{
    return family->weight * (end_of(learning, i) - learning->first[i]) / family->leaves;
}

static bool has_peak(const struct sil_learning *learning, const struct family *family,
                     const int64_t *noisy)
{
    bool has = false;
    for (uint32_t i = family->from; i < family->to && !has; i++) {
        sil_i128 off = limited(noisy[i]) - even_share(learning, family, i);
        has = off >= learning->clear;
    }
    return has;
}

/* One that stands out: the family's weight goes to those that are clear of noise. */
static void share_by_counts(uint64_t *weight, const struct sil_learning *learning,
                            const struct family *family, const int64_t *noisy)
{
    sil_i128 sum = 0;
    for (uint32_t i = family->from; i < family->to; i++) {
        sum += clear_count(learning, noisy[i], FAINT_PART);
    }
    for (uint32_t i = family->from; i < family->to; i++) {
        sil_i128 count = clear_count(learning, noisy[i], FAINT_PART);
        weight[i] = weight_of(family->weight * count / sum);
    }
}

/* None does: even shares, moved towards the counts by the part of their squared distance that
 * noise does not explain. Source: James and Stein 1961, "Estimation with Quadratic Loss". */
static void share_by_leaves(uint64_t *weight, const struct sil_learning *learning,
                            const struct family *family, const int64_t *noisy)
{
    const sil_i128 clear = learning->clear;
    sil_i128 squares = 1;
    for (uint32_t i = family->from; i < family->to; i++) {
        sil_i128 off = limited(noisy[i]) - even_share(learning, family, i);
        squares += off * off;
    }
    sil_i128 noise = (family->to - family->from) * clear * clear / (CLEAR * CLEAR);
    sil_i128 trust = noise < squares ? (squares - noise) * TRUST / squares : 0;
    for (uint32_t i = family->from; i < family->to; i++) {
        sil_i128 even = even_share(learning, family, i);
        weight[i] = weight_of(even + (limited(noisy[i]) - even) * trust / TRUST);
    }
}

/* The weights of all intervals, after the first level; of the others before that there is
 * none. `weight[i]` has what the interval that i was cut from had. */
static void weigh(uint64_t *weight, const struct sil_learning *learning,
                  const int64_t *noisy)
{
    for (uint32_t i = 0; i < learning->n;) {
        struct family family = {.from = i, .weight = (sil_i128)weight[i]};
        uint32_t cut = learning->cut == NULL ? 1 : learning->cut[i];
        family.to = i + cut;
        family.leaves = end_of(learning, family.to - 1) - learning->first[i];
        if (learning->level == 0) {
            weight[i] = weight_of(clear_count(learning, noisy[i], LOST_PART));
        } else if (cut == 1) {
            sil_i128 sum = family.weight * learning->level + limited(noisy[i]);
            weight[i] = weight_of(sum / (learning->level + 1));
        } else if (has_peak(learning, &family, noisy)) {
            share_by_counts(weight, learning, &family, noisy);
        } else {
            share_by_leaves(weight, learning, &family, noisy);
        }
        i = family.to;
    }
}

/* ---- decisions ---- */

static sil_i128 sum_of(const struct sil_learning *learning)
{
    sil_i128 sum = 0;
    for (uint32_t i = 0; i < learning->n; i++) {
        sum += learning->weight[i];
    }
    return sum;
}

/* Is a weight clear of noise, and `parts` such weights at least all there is? */
static bool holds(const struct sil_learning *learning, sil_i128 weight, uint32_t parts,
                  sil_i128 sum)
{
    return weight >= learning->clear && weight * parts >= sum;
}

/* Leaves of the parts that an interval is cut into: those of the next level's grid, and more
 * in one that was left whole before, so that there are BRANCH parts at most. */
static uint32_t width_within(const struct sil_learning *learning, uint32_t i)
{
    uint32_t width = width_of(learning, learning->level + 1);
    uint32_t n_leaves = end_of(learning, i) - learning->first[i];
    uint32_t least = (n_leaves + BRANCH - 1) / BRANCH;
    return width > least ? width : least;
}

/* The intervals of the next level, each with the weight of what it was cut from, and, where
 * a cut begins, in how many. */
static uint32_t split(uint32_t *first, uint32_t *cut, uint64_t *weight,
                      const struct sil_learning *learning)
{
    const uint32_t parts = SPLIT_PART * sil_field_bins_wanted(learning->field);
    const sil_i128 sum = sum_of(learning);
    uint32_t n = 0;
    for (uint32_t i = 0; i < learning->n; i++) {
        uint32_t before = n;
        uint32_t after = learning->n - i - 1; /* at least so many are still to come */
        bool is_cut = n + BRANCH + after <= CELLS_MAX &&
                      holds(learning, learning->weight[i], parts, sum);
        uint32_t end = is_cut ? end_of(learning, i) : learning->first[i] + 1;
        uint32_t width = width_within(learning, i);
        for (uint32_t leaf = learning->first[i]; leaf < end; leaf += width) {
            SIL_REQUIRE(n < CELLS_MAX);
            weight[n] = learning->weight[i];
            first[n++] = leaf;
        }
        cut[before] = n - before;
    }
    return n;
}

/* Is a bin of weight `sum_so_far` that ends here nearer to its share than with `next`? */
static bool is_full(const struct sil_learning *learning, sil_i128 so_far, sil_i128 next,
                    sil_i128 sum)
{
    const sil_i128 wanted = sil_field_bins_wanted(learning->field);
    return so_far >= learning->clear && (2 * so_far + next) * wanted >= 2 * sum;
}

/* The bins, of which `bin` has room for as many as there are intervals. */
static uint32_t join(uint32_t *bin, const struct sil_learning *learning)
{
    const uint32_t wanted = sil_field_bins_wanted(learning->field);
    const sil_i128 sum = sum_of(learning);
    const uint32_t most = sil_tree_bins_max(learning->field);
    sil_i128 so_far = 0;
    uint32_t n = 0;
    bool is_over = true; /* the next interval begins another bin */
    for (uint32_t i = 0; i < learning->n; i++) {
        bool is_leaf = end_of(learning, i) - learning->first[i] == 1;
        bool is_alone = is_leaf && holds(learning, learning->weight[i], wanted, sum);
        if (n == 0 || (n < most && (is_over || is_alone))) {
            bin[n++] = i;
            so_far = 0;
        }
        so_far += learning->weight[i];
        sil_i128 next = i + 1 < learning->n ? learning->weight[i + 1] : 0;
        is_over = is_alone || is_full(learning, so_far, next, sum);
    }
    return n;
}

static sil_status cut_again(struct sil_learning *learning, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *first = NULL;
    uint32_t *cut = NULL;
    uint64_t *weight = NULL;
    SIL_TRY(sil_alloc(&first, CELLS_MAX, sizeof *first, "bins", err));
    SIL_TRY(sil_alloc(&cut, CELLS_MAX, sizeof *cut, "bins", err));
    SIL_TRY(sil_alloc(&weight, CELLS_MAX, sizeof *weight, "bins", err));
    uint32_t n = split(first, cut, weight, learning);
    free_intervals(learning);
    learning->first = first;
    learning->cut = cut;
    learning->weight = weight;
    learning->n = n;
    return SIL_OK;

cleanup:
    free(first);
    free(cut);
    free(weight);
    return status;
}

sil_status sil_learning_take(struct sil_learning *learning, const int64_t *noisy,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    weigh(learning->weight, learning, noisy);
    if (learning->level + 1 < learning->n_levels) {
        SIL_TRY(cut_again(learning, err));
    } else {
        SIL_TRY(
            sil_alloc(&learning->bin, learning->n, sizeof *learning->bin, "bins", err));
        learning->n_bins = join(learning->bin, learning);
    }
    learning->level++;

cleanup:
    return status;
}

struct sil_learnt sil_learning_result(const struct sil_learning *learning)
{
    return (struct sil_learnt){.n = learning->n_bins,
                               .first = learning->bin,
                               .n_parts = learning->n,
                               .leaf = learning->first,
                               .weight = learning->weight};
}
