// SPDX-License-Identifier: Apache-2.0
#include "model/axes.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

/* Sort attributes by size; equal sizes keep their order. Insertion would be quadratic on
 * wide tables, so runs are merged. */
static void sort_by_size(uint32_t *attr, uint32_t *spare, const uint32_t *sizes,
                         size_t n)
{
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t start = 0; start < n; start += 2 * run) {
            size_t middle = start + run < n ? start + run : n;
            size_t end = start + 2 * run < n ? start + 2 * run : n;
            size_t a = start;
            size_t b = middle;
            for (size_t i = start; i < end; i++) {
                bool from_a =
                    b == end || (a < middle && sizes[attr[a]] <= sizes[attr[b]]);
                spare[i] = from_a ? attr[a++] : attr[b++];
            }
        }
        for (size_t i = 0; i < n; i++) {
            attr[i] = spare[i];
        }
    }
}

sil_status sil_axes_init(struct sil_axes *axes, const struct sil_domain *domain,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = domain->n_attrs;
    *axes = (struct sil_axes){0};

    SIL_TRY(sil_alloc(&axes->rank_of, n, sizeof *axes->rank_of, "a domain", err));
    SIL_TRY(sil_alloc(&axes->attr_of, n, sizeof *axes->attr_of, "a domain", err));
    SIL_TRY(sil_alloc(&axes->sizes, n, 2 * sizeof *axes->sizes, "a domain", err));
    for (uint32_t a = 0; a < n; a++) {
        axes->sizes[a] = domain->sizes[a];
        axes->attr_of[a] = a;
    }
    sort_by_size(axes->attr_of, axes->rank_of, axes->sizes, n);
    for (uint32_t r = 0; r < n; r++) {
        axes->rank_of[axes->attr_of[r]] = r;
        axes->sizes[n + r] = axes->sizes[axes->attr_of[r]];
    }
    axes->outer = (struct sil_domain){domain->n_attrs, axes->sizes, domain->zeros};
    axes->inner = (struct sil_domain){domain->n_attrs, axes->sizes + n, NULL};

cleanup:
    if (status != SIL_OK) {
        sil_axes_clear(axes);
    }
    return status;
}

void sil_axes_clear(struct sil_axes *axes)
{
    free(axes->rank_of);
    free(axes->attr_of);
    free(axes->sizes);
    *axes = (struct sil_axes){0};
}

static struct sil_clique translate(const struct sil_clique *from, const uint32_t *names)
{
    struct sil_clique to = {.n = from->n};
    for (uint32_t i = 0; i < from->n; i++) {
        uint32_t name = names[from->attr[i]];
        uint32_t at = i;
        for (; at > 0 && to.attr[at - 1] > name; at--) {
            to.attr[at] = to.attr[at - 1];
        }
        to.attr[at] = name;
    }
    return to;
}

struct sil_clique sil_axes_inward(const struct sil_axes *axes,
                                  const struct sil_clique *outer)
{
    return translate(outer, axes->rank_of);
}

struct sil_clique sil_axes_outward(const struct sil_axes *axes,
                                   const struct sil_clique *inner)
{
    return translate(inner, axes->attr_of);
}

/* Go through our table in order; `at` follows in theirs. */
static void turn(double *ours, double *theirs, const struct sil_axes *axes,
                 const struct sil_clique *outer, bool inward)
{
    struct sil_clique inner = sil_axes_inward(axes, outer);
    size_t stride[SIL_CLIQUE_MAX] = {0};
    size_t index[SIL_CLIQUE_MAX] = {0};
    size_t step = 1;
    for (uint32_t i = outer->n; i-- > 0;) {
        for (uint32_t k = 0; k < inner.n; k++) {
            if (axes->attr_of[inner.attr[k]] == outer->attr[i]) {
                stride[k] = step;
            }
        }
        step *= axes->outer.sizes[outer->attr[i]];
    }

    size_t at = 0;
    for (size_t cell = 0; cell < step; cell++) {
        if (inward) {
            ours[cell] = theirs[at];
        } else {
            theirs[at] = ours[cell];
        }
        uint32_t k = inner.n;
        while (k > 0 && index[k - 1] + 1 == axes->inner.sizes[inner.attr[k - 1]]) {
            k--;
            at -= index[k] * stride[k];
            index[k] = 0;
        }
        if (k > 0) {
            index[k - 1]++;
            at += stride[k - 1];
        }
    }
}

void sil_axes_turn_in(double *ours, const struct sil_axes *axes,
                      const struct sil_clique *outer, const double *theirs)
{
    turn(ours, (double *)(uintptr_t)theirs, axes, outer, true);
}

void sil_axes_turn_out(double *theirs, const struct sil_axes *axes,
                       const struct sil_clique *outer, const double *ours)
{
    turn((double *)(uintptr_t)ours, theirs, axes, outer, false);
}
