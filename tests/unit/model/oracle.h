// SPDX-License-Identifier: Apache-2.0
// What the model's tests share: a generator, random cliques, the joint table by brute force.
#ifndef SIL_TESTS_MODEL_ORACLE_H
#define SIL_TESTS_MODEL_ORACLE_H

#include "model/graphical_model.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct random {
    uint64_t state;
};

// The seed of a test: its own number, or SIL_TEST_SEED; printed with the test's name.
static inline struct random random_start(const char *test, uint64_t seed)
{
    const char *chosen = getenv("SIL_TEST_SEED");
    if (chosen != NULL) {
        seed = strtoull(chosen, NULL, 10);
    }
    (void)fprintf(stderr, "%s: seed %llu\n", test, (unsigned long long)seed);
    return (struct random){seed};
}

static inline uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline uint64_t random_word(struct random *r)
{
    r->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(r->state);
}

static inline uint64_t random_below(struct random *r, uint64_t n)
{
    return random_word(r) % n;
}

static inline double random_unit(struct random *r)
{
    return (double)(random_word(r) >> 11) * 0x1p-53;
}

// Sum of twelve uniforms: near enough to a Gaussian, and without the mathematical library.
static inline double random_noise(struct random *r)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += random_unit(r);
    }
    return sum;
}

// Words for drawing rows: a hash of key, stream and position.
static inline void test_words(const void *key, uint64_t stream, uint64_t first,
                              uint64_t *out, size_t n)
{
    uint64_t start = mix(*(const uint64_t *)key + mix(stream + 1));
    for (size_t i = 0; i < n; i++) {
        out[i] = mix(start + (first + i) * UINT64_C(0x9e3779b97f4a7c15));
    }
}

// "2,0;1" is a list of cliques: {0, 2} and {1}.
static inline size_t parse_cliques(struct sil_clique *out, const char *text)
{
    size_t n = 0;
    while (*text != '\0') {
        struct sil_clique c = {0};
        while (*text != '\0' && *text != ';') {
            char *end;
            uint32_t attr = (uint32_t)strtoul(text, &end, 10);
            text = end;
            uint32_t at = c.n++;
            for (; at > 0 && c.attr[at - 1] > attr; at--) {
                c.attr[at] = c.attr[at - 1];
            }
            c.attr[at] = attr;
            text += *text == ',';
        }
        text += *text == ';';
        out[n++] = c;
    }
    return n;
}

static inline size_t all_cells(const struct sil_domain *domain)
{
    size_t cells = 1;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        cells *= domain->sizes[a];
    }
    return cells;
}

// The cell of `clique` that a cell of the whole domain falls into.
static inline size_t cell_within(const struct sil_domain *domain,
                                 const struct sil_clique *clique, size_t cell)
{
    size_t part = 0;
    size_t step = 1;
    for (uint32_t a = domain->n_attrs; a-- > 0;) {
        size_t code = cell % domain->sizes[a];
        cell /= domain->sizes[a];
        if (sil_clique_has(clique, a)) {
            part += code * step;
            step *= domain->sizes[a];
        }
    }
    return part;
}

static inline void brute_marginal(double *out, const struct sil_domain *domain,
                                  const double *joint, const struct sil_clique *clique)
{
    (void)memset(out, 0, sil_clique_cells(domain, clique) * sizeof *out);
    for (size_t cell = 0; cell < all_cells(domain); cell++) {
        out[cell_within(domain, clique, cell)] += joint[cell];
    }
}

static inline struct sil_clique clique_of_mask(const struct sil_domain *domain,
                                               uint32_t mask)
{
    struct sil_clique c = {0};
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        if ((mask >> a & 1) != 0) {
            c.attr[c.n++] = a;
        }
    }
    return c;
}

#endif
