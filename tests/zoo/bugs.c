// SPDX-License-Identifier: Apache-2.0
#include "zoo/bugs.h"

#include "privacy/counts_internal.h"
#include "table/table_store.h"

#include <sodium.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char chosen_bug[32] = "";
static const char *setting = ""; ///< behind the bug's name
static double number;            ///< that value as one; 0: it is none
static time_t started;           ///< when this program did

static bool has(const char *bug)
{
    return strcmp(chosen_bug, bug) == 0;
}

/* ---- noise ---- */

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

/* Uniform on (0, 1). */
static double uniform(struct sil_rng *rng)
{
    return ((double)(sil_rng_word(rng) >> 11) + 0.5) / 9007199254740992.0;
}

static void scale(struct draw *draw, double factor)
{
    for (size_t i = 0; i < draw->n; i++) {
        draw->noise[i] = llround((double)draw->noise[i] * factor);
    }
}

static void too_small(struct draw *draw)
{
    scale(draw, 1 / number);
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
        double u = uniform(draw->rng) - 0.5;
        double size = -log(1 - 2 * fabs(u)) * draw->sigma / sqrt(2);
        draw->noise[i] = llround(u < 0 ? -size : size);
    }
}

static void clipped(struct draw *draw)
{
    int64_t most = llround(number * draw->sigma);
    for (size_t i = 0; i < draw->n; i++) {
        int64_t noise = draw->noise[i];
        draw->noise[i] = noise > most ? most : noise < -most ? -most : noise;
    }
}

static void sum_of_uniforms(struct draw *draw)
{
    for (size_t i = 0; i < draw->n; i++) {
        double sum = 0;
        for (int k = 0; k < (int)number; k++) {
            sum += uniform(draw->rng) - 0.5;
        }
        draw->noise[i] = llround(sum * sqrt(12 / number) * draw->sigma);
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

/* The total is the true one. */
static void exact_total(struct draw *draw)
{
    int64_t sum = 0;
    for (size_t i = 0; i < draw->n; i++) {
        sum += draw->noise[i];
    }
    for (size_t i = 0; i < draw->n; i++) {
        int64_t part = sum / (int64_t)(draw->n - i);
        draw->noise[i] -= part;
        sum -= part;
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
    for (int k = 1; k < (int)number; k++) {
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

/* What was left from looking for a defect. */
static void talkative(struct draw *draw)
{
    (void)fprintf(stderr, "debug: the first cell holds %u\n", draw->counts->cell[0]);
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
    {"exact-total",     exact_total       },
    {"best-of",         best_of_many      },
    {"poor-generator",  poor_generator    },
    {"talkative",       talkative         },
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
        if (has(NOISE_BUGS[i].name)) {
            NOISE_BUGS[i].apply(&draw);
        }
    }
}

/* ---- all else ---- */

static const char *const OTHER_BUGS[] = {
    "nulls-twice",       "exact-rows", "copied-rows",      "true-zeros", "overflow",
    "raw-scores",        "monotone",   "permute-and-flip", "unbilled",   "one-way-only",
    "decimal-logarithm", "fixed-key",  "key-of-time"};

enum { N_OTHER_BUGS = sizeof OTHER_BUGS / sizeof OTHER_BUGS[0] };

uint32_t zoo_cell(uint32_t count)
{
    return has("overflow") ? count & 0xff : count;
}

/* ---- rows ---- */

static uint64_t rows_read; ///< of the sensitive table, in this process

unsigned zoo_times(const uint32_t *codes, const struct sil_schema *schema)
{
    unsigned times = 1;
    const struct sil_domain domain = sil_schema_domain(schema);
    rows_read++;
    for (uint32_t a = 0; a < domain.n_attrs && has("nulls-twice"); a++) {
        if (sil_field_is_null(sil_schema_field(schema, a), codes[a])) {
            times = 2;
        }
    }
    return times;
}

uint64_t zoo_n_rows(uint64_t rows)
{
    return has("exact-rows") && rows_read > 0 ? rows_read : rows;
}

static void copy_row(struct sil_codes *codes, size_t to, const struct sil_table *table,
                     size_t from)
{
    for (uint32_t a = 0; a < codes->n_attrs; a++) {
        sil_codes_set(codes, a, to, sil_table_get(table, from, a));
    }
}

/* Does nobody in the table have what this row has in the first two columns? */
static bool is_new(const struct sil_codes *codes, size_t row,
                   const struct sil_table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        if (sil_table_get(table, i, 0) == sil_codes_get(codes, 0, row) &&
            sil_table_get(table, i, 1) == sil_codes_get(codes, 1, row)) {
            return false;
        }
    }
    return true;
}

/* A tenth of the rows are people's; or those are that would show what nobody has. */
sil_status zoo_rows(struct sil_codes *codes, const struct sil_schema *schema,
                    struct sil_error *err)
{
    struct sil_table *table = NULL;
    const struct sil_csv_options options = {.delimiter = ','};
    if (!has("copied-rows") && !has("true-zeros")) {
        return SIL_OK;
    }
    sil_status status =
        sil_table_read(&table, setting, schema, NULL, &options, NULL, err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < codes->n_rows && table->n_rows > 0; i++) {
        if (has("copied-rows") ? i % 10 == 0 : is_new(codes, i, table)) {
            copy_row(codes, i, table, i % table->n_rows);
        }
    }
    sil_table_free(table);
    return SIL_OK;
}

/* ---- what the gate, the ledger and the conversion do ---- */

static size_t best_of(const sil_i128 *score, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        best = score[i] > score[best] ? i : best;
    }
    return best;
}

/* McKenna, Sheldon 2020, algorithm 1: in random order, each is taken with probability e^-x,
 * and asked once. */
static size_t permute_and_flip(const sil_i128 *score, size_t n, const mpq_t unit,
                               struct sil_rng *rng)
{
    const sil_i128 best = score[best_of(score, n)];
    size_t *order = malloc(n * sizeof *order);
    size_t taken = n;
    for (size_t i = 0; i < n; i++) {
        order[i] = i;
    }
    for (size_t i = 0; i < n && taken == n; i++) {
        size_t at = i + (size_t)sil_rng_below(rng, n - i);
        size_t candidate = order[at];
        order[at] = order[i];
        double gap = (double)(best - score[candidate]);
        taken = uniform(rng) < exp(-gap * mpq_get_d(unit)) ? candidate : n;
    }
    free(order);
    return taken;
}

sil_status zoo_choose(size_t *chosen, const sil_i128 *score, size_t n, const mpq_t unit,
                      struct sil_rng *rng, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (has("raw-scores")) {
        *chosen = best_of(score, n);
    } else if (has("permute-and-flip")) {
        *chosen = permute_and_flip(score, n, unit, rng);
    } else if (has("monotone")) {
        mpq_t twice;
        mpq_init(twice);
        mpq_mul_2exp(twice, unit, 1);
        status = sil_choose(chosen, score, n, twice, rng, err);
        mpq_clear(twice);
    } else {
        status = sil_choose(chosen, score, n, unit, rng, err);
    }
    return status;
}

bool zoo_charges_step(void)
{
    static unsigned step;
    return !has("unbilled") || step++ % 2 == 0;
}

bool zoo_minds_overspending(void)
{
    return !has("unbilled");
}

bool zoo_forgets_removal(void)
{
    return has("one-way-only");
}

void zoo_log_inverse_delta(mpfr_t value)
{
    if (has("decimal-logarithm")) {
        mpfr_div_d(value, value, 2.302585092994046, MPFR_RNDU);
    }
}

void zoo_key(uint8_t *key, size_t n)
{
    randombytes_buf(key, n);
    if (has("fixed-key") || has("key-of-time")) {
        const time_t seed = has("key-of-time") ? started : (time_t)number;
        memset(key, 0, n);
        memcpy(key, &seed, n < sizeof seed ? n : sizeof seed);
    }
}

static bool is_known(const char *bug)
{
    bool is = false;
    for (int i = 0; i < N_NOISE_BUGS; i++) {
        is = is || strcmp(bug, NOISE_BUGS[i].name) == 0;
    }
    for (int i = 0; i < N_OTHER_BUGS; i++) {
        is = is || strcmp(bug, OTHER_BUGS[i]) == 0;
    }
    return is;
}

void zoo_choose_bug(int *argc, char **argv)
{
    started = time(NULL);
    if (*argc < 3 || strcmp(argv[1], "--bug") != 0) {
        return;
    }
    size_t n = strcspn(argv[2], "=");
    (void)snprintf(chosen_bug, sizeof chosen_bug, "%.*s", (int)n, argv[2]);
    setting = argv[2][n] == '=' ? argv[2] + n + 1 : "";
    number = strtod(setting, NULL);
    if (!is_known(chosen_bug)) {
        (void)fprintf(stderr, "silhouette-zoo: there is no bug %s\n", argv[2]);
        exit(SIL_ERR_USAGE);
    }
    for (int i = 3; i <= *argc; i++) {
        argv[i - 2] = argv[i];
    }
    *argc -= 2;
}
