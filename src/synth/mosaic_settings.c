// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/scalar.h"
#include "synth/mosaic.h"

#include <stdlib.h>
#include <string.h>

/* With more columns there are more triples, farther from what a tree of their size holds; over
 * SIL_MOSAIC_WIDE the tree is a forest, which needs no more. */
uint64_t sil_mosaic_tree_mb(uint32_t n_attrs)
{
    enum { NARROW = 16, MEGABYTES = 4, MORE = 16 };

    return n_attrs <= NARROW || n_attrs > SIL_MOSAIC_WIDE ? MEGABYTES : MORE;
}

/* Rounds of phase 3 and effort of the search, as they were for all tables before replay 3,
 * and are for wide ones, of which each round goes through more tables. */
static void set_efforts(struct sil_mosaic_settings *out, bool is_much)
{
    out->late_rounds = is_much ? 60 : 30;
    out->triples = 128;
    out->steps = 2e9 / 3;
}

static void suit_efforts(struct sil_mosaic_settings *out, bool is_much,
                         uint32_t n_attrs)
{
    uint32_t rounds = (is_much ? 4 : 2) * n_attrs;
    out->late_rounds = rounds > out->late_rounds ? rounds : out->late_rounds;
    out->triples = 256;
    out->steps = 2e9;
}

void sil_mosaic_settings(struct sil_mosaic_settings *out, const struct sil_terms *terms,
                         uint32_t n_attrs)
{
    static const uint32_t PARTS[] = {96, 48, 24, 12, 6, 3};

    enum { ALL = sizeof PARTS / sizeof PARTS[0], FEW = 4 };

    /* Below 3/10 the noise is such that finer groups and late rounds only add to it. */
    bool is_little = mpq_cmp_ui(terms->epsilon.v, 3, 10) < 0;
    bool is_much = mpq_cmp_ui(terms->epsilon.v, 3, 1) >= 0;
    *out = (struct sil_mosaic_settings){0};
    out->columns = is_much ? (struct sil_fraction){3, 10} : (struct sil_fraction){2, 5};
    if (is_little && terms->replay >= 3) {
        out->columns = (struct sil_fraction){3, 5};
    }
    out->late = is_much ? (struct sil_fraction){1, 2} : (struct sil_fraction){3, 10};
    out->copies = is_much ? 1 : 0;
    set_efforts(out, is_much);
    if (terms->replay >= 3 && n_attrs <= SIL_MOSAIC_WIDE) {
        suit_efforts(out, is_much, n_attrs);
    }
    if (is_little) {
        out->late = (struct sil_fraction){0, 1};
        out->late_rounds = 0;
    }
    out->n_parts = is_little ? FEW : ALL;
    memcpy(out->part, PARTS + (ALL - out->n_parts), out->n_parts * sizeof *PARTS);
}

/* s < limit: s^2 = 2 rho rows^2 / D^2. */
static bool is_below(const mpq_t squared, unsigned long limit)
{
    return mpq_cmp_ui(squared, limit * limit, 1) < 0;
}

/* What columns are to have in all where s is below the limit: of those that it is below, the
 * first. */
static const struct strength {
    unsigned long limit;
    struct sil_fraction columns;
} STRENGTHS[] = {
    {150, {4, 5}},
    {400, {3, 5}}
};

enum { N_STRENGTHS = sizeof STRENGTHS / sizeof STRENGTHS[0] };

/* What one part is more than another; 0 / 1 when it is not. */
static struct sil_fraction part_above(const struct sil_fraction *part,
                                      const struct sil_fraction *other)
{
    uint32_t more = part->numerator * other->denominator;
    uint32_t less = other->numerator * part->denominator;
    return more > less ? (struct sil_fraction){more - less,
                                               part->denominator * other->denominator}
                       : (struct sil_fraction){0, 1};
}

void sil_mosaic_again(struct sil_fraction *out,
                      const struct sil_mosaic_settings *settings,
                      const struct sil_terms *terms, double rows)
{
    const double most_rows = 0x1p100; /* counts of 64 bits do not tell of as many */
    size_t at = 0;
    mpq_t squared;
    mpq_t scale;
    *out = (struct sil_fraction){0, 1};
    if (terms->replay < 3 || !(rows < most_rows)) {
        return;
    }
    mpq_init(squared);
    mpq_init(scale);
    mpq_set_d(squared, rows);
    mpq_mul(squared, squared, squared);
    mpq_set_ui(scale, 2, sil_terms_sensitivity_squared(terms));
    mpq_canonicalize(scale);
    mpq_mul(scale, scale, terms->rest.v);
    mpq_mul(squared, squared, scale);
    while (at < N_STRENGTHS && !is_below(squared, STRENGTHS[at].limit)) {
        at++;
    }
    if (at < N_STRENGTHS) {
        *out = part_above(&STRENGTHS[at].columns, &settings->columns);
    }
    mpq_clear(scale);
    mpq_clear(squared);
}

double sil_mosaic_again_below(const struct sil_mosaic_settings *settings,
                              const struct sil_terms *terms)
{
    unsigned long limit = 0;
    for (size_t i = 0; i < N_STRENGTHS && terms->replay >= 3; i++) {
        bool is_more =
            part_above(&STRENGTHS[i].columns, &settings->columns).numerator > 0;
        limit = is_more ? STRENGTHS[i].limit : limit;
    }
    double noise =
        (double)sil_terms_sensitivity_squared(terms) / (2 * mpq_get_d(terms->rest.v));
    return (double)limit * sil_sqrt(noise);
}

/* A candidate and its place, to be ranked and put back. */
struct ranked {
    struct sil_weighted_clique item;
    uint64_t cells;
    size_t place;
};

static int by_worth(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->item.clique.n != y->item.clique.n) {
        return x->item.clique.n < y->item.clique.n ? -1 : 1;
    }
    if (x->item.weight != y->item.weight) {
        return x->item.weight > y->item.weight ? -1 : 1;
    }
    if (x->cells != y->cells) {
        return x->cells < y->cells ? -1 : 1;
    }
    return x->place < y->place ? -1 : 1;
}

static int by_place(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    return x->place < y->place ? -1 : 1;
}

sil_status sil_mosaic_prune(struct sil_clique_list *candidates,
                            const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct ranked *ranked = NULL;
    size_t n = 0;
    uint64_t cells = 0;

    SIL_TRY(sil_alloc(&ranked, candidates->n, sizeof *ranked, "candidates", err));
    for (size_t i = 0; i < candidates->n; i++) {
        const struct sil_weighted_clique *item = &candidates->item[i];
        if (item->clique.n <= SIL_MOSAIC_ATTRS) {
            ranked[n++] =
                (struct ranked){.item = *item,
                                .cells = sil_clique_cells(domain, &item->clique),
                                .place = i};
        }
    }
    qsort(ranked, n, sizeof *ranked, by_worth);
    size_t kept = 0;
    while (kept < n && (ranked[kept].item.clique.n == 1 ||
                        cells + ranked[kept].cells <= SIL_MOSAIC_TABLE_CELLS)) {
        cells += ranked[kept++].cells;
    }
    qsort(ranked, kept, sizeof *ranked, by_place);
    for (size_t i = 0; i < kept; i++) {
        candidates->item[i] = ranked[i].item;
    }
    candidates->n = kept;
cleanup:
    free(ranked);
    return status;
}
