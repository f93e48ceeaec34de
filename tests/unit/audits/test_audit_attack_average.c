// SPDX-License-Identifier: Apache-2.0
/* How well marginals tell membership of average records, on the auditor's own scores, beside
 * the figures of independent simulations (docs/audit-attack.md).
 *
 * A population: eight columns of eight names, a Markov chain, each row of its transitions a
 * draw of Dirichlet(1/2). 1,000 members; 5,000 of the same population who are none and whom the
 * attacker also has, as the sample that he knows the population by. The generator measures the
 * seven pairs of neighbouring columns with Gaussian noise, for a third of rho, as MST does,
 * where rho is that of zCDP at (epsilon, 1e-6); takes negative counts for 0; and draws rows
 * from first to last column. Every repetition is another population.
 *
 * Seeds are fixed. SIL_TEST_MULTIPLIER=40 with --verbose prints the published table. */
#include "audits/attack/cliques.h"
#include "audits/attack/steps.h"
#include "audits/stats/special.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS = 8,
    NAMES = 8,
    PAIRS = COLUMNS - 1,
    CELLS = NAMES * NAMES,
    MEMBERS = 1000,
    OTHERS = 5000,
    POOL = MEMBERS + OTHERS,
    ROWS_MAX = 20 * MEMBERS,
    REPEATS = 10
};

enum { RATIO, LOG_RATIO, MATCHED, NOISY_COUNTS, CLOSEST, IDENTICAL, SCORES };

static const char *const NAME[SCORES] = {"ratio",     "log-ratio", "matched",
                                         "white-box", "closest",   "identical"};

/* What is drawn once: a population, its people, the noisy counts, the rows. */
struct world {
    double chain[PAIRS][NAMES][NAMES]; ///< how likely each next name is
    double start[NAMES];
    int64_t noisy[PAIRS][CELLS]; ///< over 2^SHIFT
    double model[PAIRS][NAMES][NAMES];
    double begin[NAMES];
    size_t n_rows;
    uint8_t bin[COLUMNS][POOL + ROWS_MAX];
    uint16_t code[COLUMNS][POOL + ROWS_MAX];
    uint64_t exact[POOL + ROWS_MAX];
};

enum { SHIFT = 10 };

static struct world world;
static double score[SCORES][POOL];

static double uniform(struct test_random *random)
{
    return ((double)(test_word(random) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct test_random *random)
{
    return aud_normal_quantile(uniform(random));
}

/* Squares of normal numbers, over their sum, are a draw of Dirichlet(1/2). */
static void draw_shares(double share[NAMES], struct test_random *random)
{
    double sum = 0;
    for (int i = 0; i < NAMES; i++) {
        double z = normal(random);
        share[i] = z * z;
        sum += share[i];
    }
    for (int i = 0; i < NAMES; i++) {
        share[i] /= sum;
    }
}

static uint8_t draw_name(const double share[NAMES], struct test_random *random)
{
    double rest = uniform(random);
    uint8_t i = 0;
    while (i + 1 < NAMES && rest >= share[i]) {
        rest -= share[i++];
    }
    return i;
}

static void draw_records(const double start[NAMES], double chain[PAIRS][NAMES][NAMES],
                         size_t first, size_t n, struct test_random *random)
{
    for (size_t row = first; row < first + n; row++) {
        uint8_t name = draw_name(start, random);
        world.exact[row] = 0;
        for (int c = 0; c < COLUMNS; c++) {
            name = c == 0 ? name : draw_name(chain[c - 1][name], random);
            world.bin[c][row] = name;
            world.code[c][row] = name;
            world.exact[row] = world.exact[row] * NAMES + name + 1;
        }
    }
}

static uint32_t cell_of(int pair, size_t row)
{
    return (uint32_t)world.bin[pair][row] * NAMES + world.bin[pair + 1][row];
}

/* ---- the generator ---- */

static void measure(double variance, struct test_random *random)
{
    (void)memset(world.noisy, 0, sizeof world.noisy);
    for (int pair = 0; pair < PAIRS; pair++) {
        for (size_t row = 0; row < MEMBERS; row++) {
            world.noisy[pair][cell_of(pair, row)] += 1 << SHIFT;
        }
        for (int i = 0; i < CELLS; i++) {
            world.noisy[pair][i] +=
                llround(ldexp(sqrt(variance) * normal(random), SHIFT));
        }
    }
}

/* Shares of what is not negative; where nothing is left, all are equal. */
static double to_shares(double share[NAMES], const int64_t *count)
{
    double sum = 0;
    for (int i = 0; i < NAMES; i++) {
        share[i] = count[i] > 0 ? (double)count[i] : 0;
        sum += share[i];
    }
    for (int i = 0; i < NAMES; i++) {
        share[i] = sum > 0 ? share[i] / sum : 1.0 / NAMES;
    }
    return sum;
}

static void learn(void)
{
    int64_t total[NAMES];
    for (int pair = 0; pair < PAIRS; pair++) {
        for (int a = 0; a < NAMES; a++) {
            double sum = to_shares(world.model[pair][a], &world.noisy[pair][a * NAMES]);
            total[a] = pair == 0 ? llround(sum) : total[a];
        }
    }
    (void)to_shares(world.begin, total);
}

static void make_world(double mu, size_t times, struct test_random *random)
{
    draw_shares(world.start, random);
    for (int pair = 0; pair < PAIRS; pair++) {
        for (int a = 0; a < NAMES; a++) {
            draw_shares(world.chain[pair][a], random);
        }
    }
    draw_records(world.start, world.chain, 0, POOL, random);
    measure(3 * PAIRS / (mu * mu), random);
    learn();
    world.n_rows = times * MEMBERS;
    draw_records(world.begin, world.model, POOL, world.n_rows, random);
}

/* ---- the attacks, of the auditor ---- */

struct tables {
    struct aud_column column[COLUMNS];
    uint16_t *code[AUD_WHICH][COLUMNS];
    struct aud_attack attack;
};

static void put_tables(struct tables *out)
{
    const size_t first[AUD_WHICH] = {0, MEMBERS, POOL};
    const size_t n[AUD_WHICH] = {MEMBERS, OTHERS, world.n_rows};
    *out = (struct tables){
        .attack = {.n_members = MEMBERS, .n_pool = POOL}
    };
    struct aud_tables *tables = &out->attack.tables;
    tables->column = out->column;
    tables->n_columns = COLUMNS;
    for (int c = 0; c < COLUMNS; c++) {
        out->column[c] = (struct aud_column){.n_codes = NAMES};
        out->attack.columns[c] = (uint32_t)c;
    }
    for (int t = 0; t < AUD_WHICH; t++) {
        for (int c = 0; c < COLUMNS; c++) {
            out->code[t][c] = &world.code[c][first[t]];
        }
        tables->rows[t] = (struct aud_rows){
            .n = n[t], .code = out->code[t], .exact = &world.exact[first[t]]};
    }
}

static void by_cliques(const struct aud_attack *attack, double variance)
{
    struct aud_columns of[PAIRS];
    uint8_t *bin[COLUMNS];
    struct aud_bins bins = {.n_columns = COLUMNS, .of = bin};
    struct sil_error err = {""};
    for (int c = 0; c < COLUMNS; c++) {
        bin[c] = world.bin[c];
        bins.size[c] = NAMES;
    }
    for (uint32_t pair = 0; pair < PAIRS; pair++) {
        of[pair] = (struct aud_columns){
            .column = {pair, pair + 1},
              .n = 2, .variance = variance
        };
    }
    const struct aud_cliques cliques = {.of = of, .n = PAIRS, .are_measured = true};
    double *const list[AUD_FILTERS] = {score[RATIO], score[LOG_RATIO], score[MATCHED]};
    cr_assert(eq(int, aud_cliques_score(list, attack, &cliques, &bins, &err), SIL_OK));
}

static void by_counts(double variance)
{
    static uint32_t cell[POOL];
    for (int pair = 0; pair < PAIRS; pair++) {
        uint32_t pool[CELLS] = {0};
        for (size_t row = 0; row < POOL; row++) {
            cell[row] = cell_of(pair, row);
            pool[cell[row]]++;
        }
        aud_score_noisy(score[NOISY_COUNTS],
                        &(struct aud_noisy_counts){.pool = pool,
                                                   .noisy = world.noisy[pair],
                                                   .shift = SHIFT,
                                                   .n_members = MEMBERS,
                                                   .n_pool = POOL,
                                                   .variance = variance},
                        cell, POOL);
    }
}

static void by_distance(const struct aud_attack *attack)
{
    static struct aud_near near[POOL];
    const struct aud_choice real = {AUD_TRAIN, AUD_HOLDOUT, NULL, 0};
    const struct aud_choice made = {AUD_SYNTHETIC, AUD_SYNTHETIC, NULL, 0};
    struct aud_planes pool = {0};
    struct aud_planes rows = {0};
    struct sil_error err = {""};
    cr_assert(eq(
        int,
        aud_planes_make(&pool, &attack->tables, &real, attack->columns, COLUMNS, &err),
        SIL_OK));
    cr_assert(eq(
        int,
        aud_planes_make(&rows, &attack->tables, &made, attack->columns, COLUMNS, &err),
        SIL_OK));
    aud_nearest(near, &pool, &rows, &(struct aud_search){.threads = 1});
    for (size_t i = 0; i < POOL; i++) {
        score[CLOSEST][i] = -(double)near[i].distance;
    }
    cr_assert(eq(int, aud_find_identical(score[IDENTICAL], attack, &err), SIL_OK));
    aud_planes_clear(&pool);
    aud_planes_clear(&rows);
}

static void attack_once(double auc[SCORES], double mu, size_t times,
                        struct test_random *random)
{
    static struct tables tables;
    const double variance = 3 * PAIRS / (mu * mu);
    make_world(mu, times, random);
    put_tables(&tables);
    (void)memset(score, 0, sizeof score);
    by_cliques(&tables.attack, variance);
    by_counts(variance);
    by_distance(&tables.attack);
    for (int s = 0; s < SCORES; s++) {
        aud_sort_doubles(score[s], MEMBERS);
        aud_sort_doubles(score[s] + MEMBERS, OTHERS);
        auc[s] = aud_auc(score[s], MEMBERS, score[s] + MEMBERS, OTHERS, 0.05).auc;
    }
}

/* ---- figures ---- */

/* `published`: 400 repetitions of this program. `reference`: independent simulations of the
 * same kind, whose columns, noise and number of repetitions are not known; below 0: none. */
static const struct setting {
    double epsilon, mu;
    size_t times; ///< as many rows as members
    double published[SCORES];
    double reference[SCORES];
} SETTINGS[] = {
    {1,
     0.22071, 1,
     {0.5216, 0.5241, 0.5203, 0.5335, 0.5109, 0.5008},
     {.54, .53, .54, -1, .51, .51}   },
    {4,
     0.78875, 1,
     {0.5585, 0.5594, 0.5583, 0.5820, 0.5138, 0.5020},
     {.55, .56, .56, -1, .51, .51}   },
    {10,
     1.75458, 1,
     {0.5847, 0.5860, 0.5837, 0.6164, 0.5152, 0.5024},
     {.58, .58, .58, -1, .51, .51}   },
    {100,
     9.9544,  1,
     {0.6061, 0.6052, 0.6058, 0.6564, 0.5152, 0.5024},
     {.60, .60, .59, -1, .51, .51}   },
    {10,
     1.75458, 20,
     {0.6053, 0.6043, 0.6051, 0.6160, 0.5205, 0.5135},
     {.596, .600, .596, -1, .51, .51}},
    {1000,
     39.841,  20,
     {0.6558, 0.6588, 0.6562, 0.6614, 0.5210, 0.5147},
     {.649, .656, .650, -1, .51, .51}},
};

/* A mean of repetitions and its standard error. */
struct mean {
    double value, error;
};

static struct mean mean_of(double sum, double squares, double n)
{
    double variance = (squares - sum * sum / n) / (n - 1);
    return (struct mean){sum / n, sqrt(variance / n)};
}

static void check(const struct setting *setting, const struct mean mean[SCORES])
{
    for (int s = 0; s < SCORES; s++) {
        cr_log_info("epsilon %4g, %2zu times: %-10s %.4f (%.4f)", setting->epsilon,
                    setting->times, NAME[s], mean[s].value, mean[s].error);
        cr_expect(epsilon_eq(dbl, mean[s].value, setting->published[s],
                             6 * mean[s].error + 0.003),
                  "epsilon %g, %zu times, %s: %.4f, not %.4f", setting->epsilon,
                  setting->times, NAME[s], mean[s].value, setting->published[s]);
        cr_expect(setting->reference[s] < 0 ||
                      fabs(mean[s].value - setting->reference[s]) < 0.025,
                  "epsilon %g, %zu times, %s: %.4f, elsewhere %.3f", setting->epsilon,
                  setting->times, NAME[s], mean[s].value, setting->reference[s]);
    }
}

Test(audit_attack_average, average_records_are_told_as_well_as_simulations_say)
{
    struct test_random random = {test_seed(43)};
    const size_t n = test_cases(REPEATS);
    for (size_t k = 0; k < sizeof SETTINGS / sizeof SETTINGS[0]; k++) {
        double sum[SCORES] = {0};
        double squares[SCORES] = {0};
        struct mean mean[SCORES];
        for (size_t i = 0; i < n; i++) {
            double auc[SCORES];
            attack_once(auc, SETTINGS[k].mu, SETTINGS[k].times, &random);
            for (int s = 0; s < SCORES; s++) {
                sum[s] += auc[s];
                squares[s] += auc[s] * auc[s];
            }
        }
        for (int s = 0; s < SCORES; s++) {
            mean[s] = mean_of(sum[s], squares[s], (double)n);
        }
        check(&SETTINGS[k], mean);
    }
}
