// SPDX-License-Identifier: Apache-2.0
#include "internal/marginals.h"

#include "base/int128.h"
#include "base/memory.h"
#include "internal/resample.h"

#include <stdlib.h>

/* n over k, for k up to 3: exact, and below 2^96 for any number of columns. */
static uint64_t choose(uint64_t n, uint32_t k)
{
    sil_u128 product = 1;
    for (uint32_t i = 0; i < k; i++) {
        product = n < k ? 0 : product * (n - i) / (i + 1);
    }
    return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

/* The next in canonical order; the caller knows how many there are. */
static void advance(struct sil_clique *clique, uint32_t n_attrs)
{
    uint32_t i = clique->n;
    while (i-- > 0) {
        if (clique->attr[i] + (clique->n - i) < n_attrs) {
            clique->attr[i]++;
            for (uint32_t j = i + 1; j < clique->n; j++) {
                clique->attr[j] = clique->attr[j - 1] + 1;
            }
            return;
        }
    }
}

static void take_all(struct sil_clique *out, size_t n, const struct sil_domain *domain,
                     uint32_t k)
{
    struct sil_clique next = {.n = k};
    for (uint32_t i = 0; i < k; i++) {
        next.attr[i] = i;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = next;
        advance(&next, domain->n_attrs);
    }
}

static int compare(const void *a, const void *b)
{
    return sil_clique_compare(a, b);
}

/* k different columns: those that are not, are drawn again together, so that every set is
 * as likely as any other. */
static struct sil_clique draw(struct sil_word_reader *reader, uint32_t k,
                              uint32_t n_attrs)
{
    struct sil_clique clique;
    do {
        clique = (struct sil_clique){0};
        for (uint32_t i = 0; i < k; i++) {
            struct sil_clique one =
                sil_clique_single((uint32_t)sil_word_below(reader, n_attrs));
            (void)sil_clique_unite(&clique, &clique, &one);
        }
    } while (clique.n < k);
    return clique;
}

/* Draw, sort, strike out what is there twice, until all are different. There are more than
 * `n` to draw from, so it ends. */
static void take_sample(struct sil_clique *out, size_t n,
                        const struct sil_domain *domain, uint32_t k)
{
    struct sil_word_reader reader = sil_report_words(SIL_REPORT_STREAM_MARGINALS + k);
    size_t n_taken = 0;
    while (n_taken < n) {
        for (size_t i = n_taken; i < n; i++) {
            out[i] = draw(&reader, k, domain->n_attrs);
        }
        qsort(out, n, sizeof *out, compare);
        n_taken = 1;
        for (size_t i = 1; i < n; i++) {
            if (sil_clique_compare(&out[i], &out[n_taken - 1]) != 0) {
                out[n_taken++] = out[i];
            }
        }
    }
}

sil_status sil_marginals_choose(struct sil_marginals *out,
                                const struct sil_domain *domain, uint32_t k,
                                size_t most, struct sil_error *err)
{
    *out = (struct sil_marginals){.n_all = choose(domain->n_attrs, k)};
    out->is_sample = out->n_all > most;
    size_t n = out->is_sample ? most : (size_t)out->n_all;
    sil_status status =
        sil_alloc(&out->clique, n, sizeof *out->clique, "the marginals", err);
    if (status != SIL_OK) {
        *out = (struct sil_marginals){0};
        return status;
    }
    if (out->is_sample) {
        take_sample(out->clique, n, domain, k);
    } else {
        take_all(out->clique, n, domain, k);
    }
    for (size_t i = 0; i < n; i++) {
        if (sil_clique_cells(domain, &out->clique[i]) <= SIL_REPORT_CELLS_MAX) {
            out->clique[out->n++] = out->clique[i];
        }
    }
    out->n_too_large = n - out->n;
    return SIL_OK;
}

void sil_marginals_clear(struct sil_marginals *marginals)
{
    free(marginals->clique);
    *marginals = (struct sil_marginals){0};
}
