// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "synth/mosaic.h"

#include <stdlib.h>
#include <string.h>

void sil_mosaic_settings(struct sil_mosaic_settings *out, const struct sil_terms *terms)
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
    out->late = (struct sil_fraction){0, 1};
    out->copies = is_much ? 1 : 0;
    if (!is_little) {
        out->late =
            is_much ? (struct sil_fraction){1, 2} : (struct sil_fraction){3, 10};
        out->late_rounds = is_much ? 60 : 30;
    }
    out->n_parts = is_little ? FEW : ALL;
    memcpy(out->part, PARTS + (ALL - out->n_parts), out->n_parts * sizeof *PARTS);
}

/* s < limit: s^2 = 2 rho rows^2 / D^2. */
static bool is_below(const mpq_t squared, unsigned long limit)
{
    return mpq_cmp_ui(squared, limit * limit, 1) < 0;
}

void sil_mosaic_again(struct sil_fraction *out,
                      const struct sil_mosaic_settings *settings,
                      const struct sil_terms *terms, double rows)
{
    enum { FAINT = 150, WEAK = 400 };

    const double most_rows = 0x1p100; /* counts of 64 bits do not tell of as many */
    const struct sil_fraction *had = &settings->columns;
    struct sil_fraction wanted = *had;
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
    if (is_below(squared, FAINT)) {
        wanted = (struct sil_fraction){4, 5};
    } else if (is_below(squared, WEAK)) {
        wanted = (struct sil_fraction){3, 5};
    }
    uint32_t more = wanted.numerator * had->denominator;
    uint32_t less = had->numerator * wanted.denominator;
    if (more > less) {
        *out =
            (struct sil_fraction){more - less, wanted.denominator * had->denominator};
    }
    mpq_clear(scale);
    mpq_clear(squared);
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
