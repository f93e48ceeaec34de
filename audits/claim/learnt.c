// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/learnt.h"

#include "audits/claim/walk.h"
#include "audits/table/table.h"
#include "base/fail.h"
#include "base/int128.h"
#include "base/memory.h"

#include <stdlib.h>

enum {
    SHARE = 20,
    TOP = 128,
    BRANCH = 64,
    CUT_PART = 4,
    INTERVALS_MAX = 32768,
    FAR = 4, /* standard deviations */
    TRUST = 256,
    LARGEST_BITS = 44
};

static sil_status refuse(struct sil_error *err, const struct aud_field *field,
                         const char *what)
{
    return aud_refuse(err, "M5", "bins of %.80s: %s", field->name, what);
}

static size_t levels_of(const struct aud_field *field)
{
    size_t n = 1;
    for (size_t top = field->n_plain; top > TOP; n++) {
        top = (top + BRANCH - 1) / BRANCH;
    }
    return n;
}

/* ---- one field's tree ---- */

/* An interval of leaves, and what is thought to be in it, in steps of the noise. */
struct interval {
    uint32_t first, end;
    sil_i128 weight;
    size_t
        kin; /* how many it was cut with, itself included; 0: not the first of them */
};

struct tree {
    const struct aud_field *field;
    struct interval *of;
    size_t n;
    size_t level;
    sil_i128 far;    /* four standard deviations, rounded up */
    uint32_t stride; /* leaves of an interval of this level's grid */
};

/* The least integer not below 4 sigma 2^shift. */
static sil_i128 far_of(const struct aud_level *level)
{
    mpq_t square;
    mpz_t root;
    mpz_t ceiling;
    mpq_init(square);
    mpz_inits(root, ceiling, (mpz_ptr)NULL);
    mpq_set_ui(square, FAR * FAR, 1);
    mpq_mul(square, square, level->parameter);
    mpq_mul_2exp(square, square, 2 * level->shift);
    mpz_cdiv_q(ceiling, mpq_numref(square), mpq_denref(square));
    mpz_sqrt(root, ceiling);
    mpz_add_ui(root, root, mpz_perfect_square_p(ceiling) == 0);
    bool is_drawn = mpz_sizeinbase(root, 2) <= LARGEST_BITS; /* else by no gate */
    sil_i128 far = is_drawn ? mpz_get_si(root) : (int64_t)1 << LARGEST_BITS;
    mpz_clears(root, ceiling, (mpz_ptr)NULL);
    mpq_clear(square);
    return far;
}

static sil_i128 count_of(const struct aud_level *level, size_t i)
{
    const int64_t most = ((int64_t)1 << LARGEST_BITS) - 1;
    int64_t count = level->noisy[i];
    return count > most ? most : count < -most ? -most : count;
}

/* A count below so many standard deviations is taken for nothing. */
static sil_i128 visible(const struct tree *tree, sil_i128 count, int deviations)
{
    return FAR * count >= deviations * tree->far ? count : 1;
}

static sil_i128 at_least_one(sil_i128 weight)
{
    return weight < 1 ? 1 : weight;
}

/* Kin: the weight of what they were cut from goes to them by what is seen of each, if one
 * of them is far above its part of the leaves; else by leaves, shrunk towards the counts. */
static void divide(struct interval *kin, size_t n, const struct tree *tree,
                   const struct aud_level *level, size_t at)
{
    const sil_i128 whole = kin[0].weight;
    const sil_i128 leaves = kin[n - 1].end - kin[0].first;
    sil_i128 seen = 0;
    sil_i128 squares = 1;
    bool is_peaked = false;
    for (size_t i = 0; i < n; i++) {
        sil_i128 part = whole * (kin[i].end - kin[i].first) / leaves;
        sil_i128 apart = count_of(level, at + i) - part;
        is_peaked |= apart >= tree->far;
        squares += apart * apart;
        seen += visible(tree, count_of(level, at + i), 2);
    }
    sil_i128 by_noise = (sil_i128)n * tree->far * tree->far / (FAR * FAR);
    sil_i128 trust = squares > by_noise ? (squares - by_noise) * TRUST / squares : 0;
    for (size_t i = 0; i < n; i++) {
        sil_i128 part = whole * (kin[i].end - kin[i].first) / leaves;
        sil_i128 count = count_of(level, at + i);
        sil_i128 weight = is_peaked ? whole * visible(tree, count, 2) / seen
                                    : part + (count - part) * trust / TRUST;
        kin[i].weight = at_least_one(weight);
    }
}

static void weigh(struct tree *tree, const struct aud_level *level)
{
    for (size_t i = 0; i < tree->n;) {
        struct interval *here = &tree->of[i];
        size_t n = here->kin;
        if (tree->level == 0) {
            here->weight = at_least_one(visible(tree, count_of(level, i), 1));
        } else if (n == 1) {
            sil_i128 sum = here->weight * (sil_i128)tree->level + count_of(level, i);
            here->weight = at_least_one(sum / ((sil_i128)tree->level + 1));
        } else {
            divide(here, n, tree, level, i);
        }
        i += n;
    }
}

static sil_i128 total(const struct tree *tree)
{
    sil_i128 sum = 0;
    for (size_t i = 0; i < tree->n; i++) {
        sum += tree->of[i].weight;
    }
    return sum;
}

/* Intervals that weigh a quarter of a bin's share, clearly, are cut: by the next grid, but
 * into no more than BRANCH. */
static sil_status cut(struct tree *tree, struct sil_error *err)
{
    struct interval *cut = NULL;
    const sil_i128 sum = total(tree);
    size_t n = 0;
    sil_status status = sil_alloc(&cut, INTERVALS_MAX, sizeof *cut, "bins", err);
    if (status != SIL_OK) {
        return status;
    }
    tree->stride /= BRANCH;
    for (size_t i = 0; i < tree->n; i++) {
        struct interval whole = tree->of[i];
        bool is_cut = n + BRANCH + (tree->n - i - 1) <= INTERVALS_MAX &&
                      whole.weight >= tree->far &&
                      whole.weight * CUT_PART * tree->field->wanted >= sum;
        uint32_t step = whole.end - whole.first;
        uint32_t fine = (step - 1) / BRANCH + 1;
        if (is_cut) {
            step = fine > tree->stride ? fine : tree->stride;
        }
        size_t eldest = n;
        for (uint32_t leaf = whole.first; leaf < whole.end; leaf += step) {
            bool is_end = whole.end - leaf <= step;
            cut[n++] = (struct interval){.first = leaf,
                                         .end = is_end ? whole.end : leaf + step,
                                         .weight = whole.weight};
        }
        cut[eldest].kin = n - eldest;
    }
    free(tree->of);
    tree->of = cut;
    tree->n = n;
    return SIL_OK;
}

/* From the left: a bin ends where it is nearer to its share than it would be with the next
 * interval; a leaf that has a share is a bin. */
static sil_status join(struct aud_learnt *out, const struct tree *tree,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    const sil_i128 wanted = tree->field->wanted;
    const sil_i128 sum = total(tree);
    sil_i128 weight = 0;
    bool begins = true;
    SIL_TRY(sil_alloc(&out->bin, tree->n, sizeof *out->bin, "bins", err));
    for (size_t i = 0; i < tree->n; i++) {
        const struct interval *here = &tree->of[i];
        sil_i128 next = i + 1 < tree->n ? here[1].weight : 0;
        bool is_alone = here->end - here->first == 1 && here->weight >= tree->far &&
                        here->weight * wanted >= sum;
        bool has_room = out->n_bins < 2 * (size_t)wanted;
        if (i == 0 || (has_room && (begins || is_alone))) {
            out->bin[out->n_bins++] = here->first;
            weight = 0;
        }
        weight += here->weight;
        begins = is_alone ||
                 (weight >= tree->far && (2 * weight + next) * wanted >= 2 * sum);
    }

cleanup:
    return status;
}

static sil_status plant(struct tree *tree, const struct aud_field *field, size_t levels,
                        struct sil_error *err)
{
    uint32_t stride = 1;
    for (size_t i = 1; i < levels; i++) {
        stride *= BRANCH;
    }
    *tree = (struct tree){.field = field, .stride = stride};
    tree->n = (field->n_plain + stride - 1) / stride;
    sil_status status = sil_alloc(&tree->of, tree->n, sizeof *tree->of, "bins", err);
    for (size_t i = 0; i < tree->n && status == SIL_OK; i++) {
        uint32_t first = (uint32_t)i * stride;
        bool is_end = field->n_plain - first <= stride;
        tree->of[i] = (struct interval){
            .first = first, .end = is_end ? field->n_plain : first + stride, .kin = 1};
    }
    return status;
}

static sil_status take_level(struct aud_learnt *out, struct tree *tree,
                             const struct aud_level *level, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_field *field = tree->field;
    size_t n_cells = tree->n + (field->n_cells - field->n_plain);
    if (level->n_cells != n_cells) {
        return refuse(err, field, "a level counts other intervals than its tree has");
    }
    SIL_TRY(
        sil_alloc(&out->first[tree->level], tree->n, sizeof(uint32_t), "bins", err));
    for (size_t i = 0; i < tree->n; i++) {
        out->first[tree->level][i] = tree->of[i].first;
    }
    out->n[tree->level] = tree->n;
    out->level[tree->level] = level;
    tree->far = far_of(level);
    weigh(tree, level);

cleanup:
    return status;
}

/* Bins begin at declared atoms and behind them, too. */
static sil_status cut_atoms(struct aud_learnt *out, const struct aud_field *field,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *bin = NULL;
    size_t n = 0;
    size_t next = 0;
    SIL_TRY(
        sil_alloc(&bin, out->n_bins + 2 * field->n_atoms, sizeof *bin, "bins", err));
    for (size_t a = 0; a <= field->n_atoms; a++) {
        uint32_t atom = a < field->n_atoms ? field->atom[a] : field->n_plain;
        for (; next < out->n_bins && out->bin[next] <= atom; next++) {
            if (n == 0 || bin[n - 1] < out->bin[next]) {
                bin[n++] = out->bin[next];
            }
        }
        for (uint32_t leaf = atom; leaf <= atom + 1 && leaf < field->n_plain; leaf++) {
            if (n == 0 || bin[n - 1] < leaf) {
                bin[n++] = leaf;
            }
        }
    }
    free(out->bin);
    out->bin = bin;
    out->n_bins = n;

cleanup:
    return status;
}

/* The first level of a field; NULL: there is none, or fewer than its tree has. */
static const struct aud_level *find_levels(const struct aud_transcript *transcript,
                                           size_t attr, size_t levels)
{
    size_t at = 0;
    while (at < transcript->n_levels && transcript->level[at].attr != attr) {
        at++;
    }
    bool has = at + levels <= transcript->n_levels;
    for (size_t i = 0; i < levels && has; i++) {
        has = transcript->level[at + i].attr == attr;
    }
    return has ? &transcript->level[at] : NULL;
}

sil_status aud_learnt_find(struct aud_learnt *out,
                           const struct aud_transcript *transcript, size_t attr,
                           const struct aud_field *field, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct tree tree = {0};
    const size_t levels = levels_of(field);
    const struct aud_level *level = find_levels(transcript, attr, levels);
    *out = (struct aud_learnt){.n_levels = levels};
    if (level == NULL) {
        return refuse(err, field, "they were not learnt, or from too few levels");
    }
    SIL_TRY(plant(&tree, field, levels, err));
    for (; tree.level < levels; tree.level++) {
        SIL_TRY(take_level(out, &tree, &level[tree.level], err));
        if (tree.level + 1 < levels) {
            SIL_TRY(cut(&tree, err));
        }
    }
    SIL_TRY(join(out, &tree, err));
    status = cut_atoms(out, field, err);

cleanup:
    free(tree.of);
    return status;
}

void aud_learnt_clear(struct aud_learnt *learnt)
{
    for (size_t i = 0; i < AUD_TREE_LEVELS; i++) {
        free(learnt->first[i]);
    }
    free(learnt->bin);
    *learnt = (struct aud_learnt){0};
}

/* ---- the cost ---- */

static sil_status check_level(const struct aud_level *level,
                              const struct aud_transcript *transcript,
                              const struct aud_field *field, size_t n_fields,
                              struct sil_error *err)
{
    const char *what = NULL;
    mpq_t due;
    mpq_init(due);
    uint64_t squared = transcript->max_contrib * transcript->max_contrib *
                       (transcript->is_replace ? 2 : 1);
    aud_share(due, transcript->cap.v, 1, SHARE * n_fields * levels_of(field));
    if (mpq_equal(level->rho, due) == 0) {
        what = "a level's rho is not its share of a twentieth of the cap";
    }
    if (mpq_cmp_ui(level->sensitivity, squared, 1) != 0) {
        what = "counts of intervals move by another distance";
    }
    if (level->shift != aud_shift_of(level->parameter)) {
        what = "noise of this size is drawn on another grid";
    }
    mpq_clear(due);
    return what == NULL ? SIL_OK : refuse(err, field, what);
}

static sil_status check_field(size_t *at, const struct aud_transcript *transcript,
                              const struct aud_field *field, size_t attr,
                              size_t n_fields, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_learnt learnt = {0};
    SIL_TRY(aud_learnt_find(&learnt, transcript, attr, field, err));
    for (size_t i = 0; i < learnt.n_levels; i++) {
        if (learnt.level[i] != &transcript->level[*at]) {
            status = refuse(err, field, "its levels are not where they belong");
            goto cleanup;
        }
        SIL_TRY(check_level(learnt.level[i], transcript, field, n_fields, err));
        (*at)++;
    }

cleanup:
    aud_learnt_clear(&learnt);
    return status;
}

sil_status aud_learnt_check(const struct aud_transcript *transcript,
                            const struct aud_workload *workload, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_table table = {0};
    size_t n_fields = 0;
    size_t at = 0;
    (void)workload;
    SIL_TRY(aud_table_begin(&table, (const char *)transcript->schema.data,
                            transcript->schema.length, err));
    for (size_t a = 0; a < table.n_fields; a++) {
        n_fields += table.field[a].wanted > 0;
    }
    for (size_t a = 0; a < table.n_fields; a++) {
        if (table.field[a].wanted > 0) {
            SIL_TRY(check_field(&at, transcript, &table.field[a], a, n_fields, err));
        }
    }
    if (at != transcript->n_levels) {
        status = aud_refuse(err, "M5", "levels of a field without private bins");
    }

cleanup:
    aud_table_clear(&table);
    return status;
}
