// SPDX-License-Identifier: Apache-2.0
#include "base/clique.h"

uint64_t sil_clique_cells(const struct sil_domain *domain, const struct sil_clique *c)
{
    uint64_t cells = 1;
    for (uint32_t i = 0; i < c->n; i++) {
        if (__builtin_mul_overflow(cells, (uint64_t)domain->sizes[c->attr[i]],
                                   &cells)) {
            return UINT64_MAX;
        }
    }
    return cells;
}

int sil_clique_compare(const struct sil_clique *a, const struct sil_clique *b)
{
    if (a->n != b->n) {
        return a->n < b->n ? -1 : 1;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->attr[i] != b->attr[i]) {
            return a->attr[i] < b->attr[i] ? -1 : 1;
        }
    }
    return 0;
}

bool sil_clique_contains(const struct sil_clique *whole, const struct sil_clique *part)
{
    uint32_t i = 0;
    for (uint32_t k = 0; k < part->n; k++) {
        while (i < whole->n && whole->attr[i] < part->attr[k]) {
            i++;
        }
        if (i == whole->n || whole->attr[i] != part->attr[k]) {
            return false;
        }
    }
    return true;
}

bool sil_clique_has(const struct sil_clique *c, uint32_t attr)
{
    for (uint32_t i = 0; i < c->n; i++) {
        if (c->attr[i] == attr) {
            return true;
        }
    }
    return false;
}

struct sil_clique sil_clique_intersect(const struct sil_clique *a,
                                       const struct sil_clique *b)
{
    struct sil_clique common = {0};
    for (uint32_t i = 0; i < a->n; i++) {
        if (sil_clique_has(b, a->attr[i])) {
            common.attr[common.n++] = a->attr[i];
        }
    }
    return common;
}

struct sil_clique sil_clique_subtract(const struct sil_clique *a,
                                      const struct sil_clique *b)
{
    struct sil_clique rest = {0};
    for (uint32_t i = 0; i < a->n; i++) {
        if (!sil_clique_has(b, a->attr[i])) {
            rest.attr[rest.n++] = a->attr[i];
        }
    }
    return rest;
}

bool sil_clique_unite(struct sil_clique *out, const struct sil_clique *a,
                      const struct sil_clique *b)
{
    struct sil_clique all = {0};
    uint32_t i = 0;
    uint32_t k = 0;
    while (i < a->n || k < b->n) {
        if (all.n == SIL_CLIQUE_MAX) {
            return false;
        }
        bool from_a = k == b->n || (i < a->n && a->attr[i] <= b->attr[k]);
        uint32_t next = from_a ? a->attr[i] : b->attr[k];
        i += i < a->n && a->attr[i] == next;
        k += k < b->n && b->attr[k] == next;
        all.attr[all.n++] = next;
    }
    *out = all;
    return true;
}

struct sil_clique sil_clique_single(uint32_t attr)
{
    return (struct sil_clique){.n = 1, .attr = {attr}};
}
