// SPDX-License-Identifier: Apache-2.0
#include "zoo/bugs.h"

#include "privacy/keys_internal.h"
#include "table/table_store.h"
#include "zoo/chosen.h"

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

bool zoo_has(const char *bug)
{
    return strcmp(chosen_bug, bug) == 0;
}

double zoo_number(void)
{
    return number;
}

double zoo_uniform(struct sil_rng *rng)
{
    return ((double)(sil_rng_word(rng) >> 11) + 0.5) / 9007199254740992.0;
}

static const char *const OTHER_BUGS[] = {
    "nulls-twice",    "copied-rows",       "true-zeros",       "overflow",
    "raw-scores",     "monotone",          "permute-and-flip", "unbilled",
    "one-way-only",   "decimal-logarithm", "fixed-key",        "key-of-time",
    "uncapped",       "found-few",         "found-exactly",    "rules-ignored",
    "follows-nothing"};

enum { N_OTHER_BUGS = sizeof OTHER_BUGS / sizeof OTHER_BUGS[0] };

uint32_t zoo_cell(uint32_t count)
{
    return zoo_has("overflow") ? count & 0xff : count;
}

/* So many rows are enough to be found; or the noise of what is found is too small. */
void zoo_discover(int64_t *noisy, const struct sil_keys *keys,
                  const struct sil_discovery *made)
{
    for (size_t i = 0; i < keys->n; i++) {
        const int64_t exact = (int64_t)keys->key[i].count << made->shift;
        if (zoo_has("found-few") && keys->key[i].count >= number &&
            noisy[i] < made->threshold) {
            noisy[i] = made->threshold;
        }
        if (zoo_has("found-exactly")) {
            noisy[i] = exact + llround((double)(noisy[i] - exact) / number);
        }
    }
}

/* ---- rows ---- */

uint32_t zoo_rows_of_a_person(uint32_t most)
{
    return zoo_has("uncapped") ? UINT32_MAX : most;
}

unsigned zoo_times(const uint32_t *codes, const struct sil_schema *schema)
{
    unsigned times = 1;
    const struct sil_domain domain = sil_schema_domain(schema);
    for (uint32_t a = 0; a < domain.n_attrs && zoo_has("nulls-twice"); a++) {
        if (sil_field_is_null(sil_schema_field(schema, a), codes[a])) {
            times = 2;
        }
    }
    return times;
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

/* The first column of every second row is another row's: no rule between columns is kept. */
static void move_values(struct sil_codes *codes)
{
    for (size_t i = 0; i + 7 < codes->n_rows; i += 2) {
        sil_codes_set(codes, 0, i, sil_codes_get(codes, 0, i + 7));
    }
}

void zoo_deny(uint64_t *n_broken)
{
    *n_broken = zoo_has("rules-ignored") ? 0 : *n_broken;
}

uint32_t zoo_recomputed(uint32_t code)
{
    return zoo_has("follows-nothing") ? 0 : code;
}

/* A tenth of the rows are people's; or those are that would show what nobody has. */
sil_status zoo_rows(struct sil_codes *codes, const struct sil_schema *schema,
                    struct sil_error *err)
{
    struct sil_table *table = NULL;
    const struct sil_csv_options options = {.delimiter = ','};
    if (zoo_has("rules-ignored")) {
        move_values(codes);
    }
    if (!zoo_has("copied-rows") && !zoo_has("true-zeros")) {
        return SIL_OK;
    }
    sil_status status =
        sil_table_read(&table, setting, schema, NULL, &options, NULL, err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < codes->n_rows && table->n_rows > 0; i++) {
        if (zoo_has("copied-rows") ? i % 10 == 0 : is_new(codes, i, table)) {
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
        taken = zoo_uniform(rng) < exp(-gap * mpq_get_d(unit)) ? candidate : n;
    }
    free(order);
    return taken;
}

sil_status zoo_choose(size_t *chosen, const sil_i128 *score, size_t n, const mpq_t unit,
                      struct sil_rng *rng, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (zoo_has("raw-scores")) {
        *chosen = best_of(score, n);
    } else if (zoo_has("permute-and-flip")) {
        *chosen = permute_and_flip(score, n, unit, rng);
    } else if (zoo_has("monotone")) {
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
    return !zoo_has("unbilled") || step++ % 2 == 0;
}

bool zoo_minds_overspending(void)
{
    return !zoo_has("unbilled");
}

bool zoo_forgets_removal(void)
{
    return zoo_has("one-way-only");
}

void zoo_log_inverse_delta(mpfr_t value)
{
    if (zoo_has("decimal-logarithm")) {
        mpfr_div_d(value, value, 2.302585092994046, MPFR_RNDU);
    }
}

void zoo_key(uint8_t *key, size_t n)
{
    randombytes_buf(key, n);
    if (zoo_has("fixed-key") || zoo_has("key-of-time")) {
        const time_t seed = zoo_has("key-of-time") ? started : (time_t)number;
        memset(key, 0, n);
        memcpy(key, &seed, n < sizeof seed ? n : sizeof seed);
    }
}

static bool is_known(const char *bug)
{
    bool is = zoo_is_noise_bug(bug);
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
