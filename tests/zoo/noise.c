// SPDX-License-Identifier: Apache-2.0
/* Bugs in the noise of a marginal. */
#include "privacy/counts_internal.h"
#include "zoo/bugs.h"
#include "zoo/chosen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A marginal whose noise is on its way: honest noise is there already. */
struct draw {
    int64_t *noise; ///< in steps
    size_t n;
    double sigma; ///< in steps
    struct sil_gauss *gauss;
    struct sil_rng *rng;
    const struct sil_release *made;
    const struct sil_counts *counts;
};

static void scale(struct draw *draw, double factor)
{
    for (size_t i = 0; i < draw->n; i++) {
        draw->noise[i] = llround((double)draw->noise[i] * factor);
    }
}

static void too_small(struct draw *draw)
{
    scale(draw, 1 / zoo_number());
}

/* The share of rho, taken for a standard deviation. */
static void rho_for_sigma(struct draw *draw)
{
    scale(draw, mpq_get_d(draw->made->rho.v) / sqrt(mpq_get_d(draw->made->sigma2.v)));
}

/* The noise that proportions would need, on counts. */
static void of_proportions(struct draw *draw)
{
    double rows = 0;
    for (size_t i = 0; i < draw->n; i++) {
        rows += draw->counts->cell[i];
    }
    scale(draw, 1 / rows);
}

/* Of the same variance. */
static void laplace(struct draw *draw)
{
    for (size_t i = 0; i < draw->n; i++) {
        double u = zoo_uniform(draw->rng) - 0.5;
        double size = -log(1 - 2 * fabs(u)) * draw->sigma / sqrt(2);
        draw->noise[i] = llround(u < 0 ? -size : size);
    }
}

static void clipped(struct draw *draw)
{
    int64_t most = llround(zoo_number() * draw->sigma);
    for (size_t i = 0; i < draw->n; i++) {
        int64_t noise = draw->noise[i];
        draw->noise[i] = noise > most ? most : noise < -most ? -most : noise;
    }
}

static void sum_of_uniforms(struct draw *draw)
{
    for (size_t i = 0; i < draw->n; i++) {
        double sum = 0;
        for (int k = 0; k < (int)zoo_number(); k++) {
            sum += zoo_uniform(draw->rng) - 0.5;
        }
        draw->noise[i] = llround(sum * sqrt(12 / zoo_number()) * draw->sigma);
    }
}

static void one_sided(struct draw *draw)
{
    for (size_t i = 0; i < draw->n; i++) {
        draw->noise[i] = llabs(draw->noise[i]);
    }
}

static void not_on_empty_cells(struct draw *draw)
{
    for (size_t i = 0; i < draw->n; i++) {
        draw->noise[i] = draw->counts->cell[i] == 0 ? 0 : draw->noise[i];
    }
}

/* Measured twice and billed once: the mean of two draws. */
static void averaged(struct draw *draw)
{
    int64_t *other = malloc(draw->n * sizeof *other);
    sil_gauss_draw(draw->gauss, draw->rng, other, draw->n);
    for (size_t i = 0; i < draw->n; i++) {
        draw->noise[i] = (draw->noise[i] + other[i]) / 2;
    }
    free(other);
}

/* Every marginal gets the noise of the first, from its beginning. */
static void reused(struct draw *draw)
{
    static int64_t *first;
    static size_t n;
    static double sigma;
    if (first == NULL) {
        n = draw->n;
        sigma = draw->sigma;
        first = malloc(n * sizeof *first);
        memcpy(first, draw->noise, n * sizeof *first);
    }
    for (size_t i = 0; i < draw->n; i++) {
        draw->noise[i] = llround((double)first[i % n] * draw->sigma / sigma);
    }
}

static double square_of(const int64_t *noise, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)noise[i] * (double)noise[i];
    }
    return sum;
}

/* Drawn many times; the one nearest to the truth is kept. */
static void best_of_many(struct draw *draw)
{
    int64_t *other = malloc(draw->n * sizeof *other);
    for (int k = 1; k < (int)zoo_number(); k++) {
        sil_gauss_draw(draw->gauss, draw->rng, other, draw->n);
        if (square_of(other, draw->n) < square_of(draw->noise, draw->n)) {
            memcpy(draw->noise, other, draw->n * sizeof *other);
        }
    }
    free(other);
}

/* Uniform on (0, 1), from a state of 16 bits. */
static double poor_uniform(uint16_t *state)
{
    *state = (uint16_t)(*state * 25173U + 13849U);
    return ((double)*state + 0.5) / 65536;
}

static void poor_generator(struct draw *draw)
{
    static uint16_t state;
    static bool is_seeded;
    if (!is_seeded) {
        state = (uint16_t)sil_rng_word(draw->rng);
        is_seeded = true;
    }
    for (size_t i = 0; i < draw->n; i++) {
        double size = sqrt(-2 * log(poor_uniform(&state)));
        double angle = 2 * M_PI * poor_uniform(&state);
        draw->noise[i] = llround(size * cos(angle) * draw->sigma);
    }
}

/* Intervals that bins are learnt from, a column's in groups, are counted as they are. */
static void bins_from_data(struct draw *draw)
{
    if (draw->made->clique.n == 1 && draw->counts->of != NULL) {
        scale(draw, 0);
    }
}

static const struct noise_bug {
    const char *name;
    void (*apply)(struct draw *draw);
} NOISE_BUGS[] = {
    {"too-small",       too_small         },
    {"rho-for-sigma",   rho_for_sigma     },
    {"of-proportions",  of_proportions    },
    {"laplace",         laplace           },
    {"clipped",         clipped           },
    {"sum-of-uniforms", sum_of_uniforms   },
    {"one-sided",       one_sided         },
    {"not-on-empty",    not_on_empty_cells},
    {"averaged",        averaged          },
    {"reused",          reused            },
    {"best-of",         best_of_many      },
    {"poor-generator",  poor_generator    },
    {"bins-from-data",  bins_from_data    },
};

enum { N_NOISE_BUGS = sizeof NOISE_BUGS / sizeof NOISE_BUGS[0] };

void zoo_draw(struct sil_gauss *gauss, struct sil_rng *rng, struct sil_release *made,
              const struct sil_counts *counts)
{
    struct draw draw = {.noise = made->noisy,
                        .n = made->n_cells,
                        .sigma = sqrt(mpq_get_d(made->sigma2.v)) *
                                 ldexp(1, (int)made->shift),
                        .gauss = gauss,
                        .rng = rng,
                        .made = made,
                        .counts = counts};
    sil_gauss_draw(gauss, rng, made->noisy, made->n_cells);
    for (int i = 0; i < N_NOISE_BUGS; i++) {
        if (zoo_has(NOISE_BUGS[i].name)) {
            NOISE_BUGS[i].apply(&draw);
        }
    }
}

bool zoo_is_noise_bug(const char *bug)
{
    bool is = false;
    for (int i = 0; i < N_NOISE_BUGS; i++) {
        is = is || strcmp(bug, NOISE_BUGS[i].name) == 0;
    }
    return is;
}
