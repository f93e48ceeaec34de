// SPDX-License-Identifier: Apache-2.0
/* The pieces of the game: command lines, tables with canaries, what a transcript says of
 * them, and bounds that an honest generator exceeds no more often than is said. */
#include "audits/game/choosing.h"
#include "audits/game/grain.h"
#include "audits/game/score.h"
#include "audits/game/tally.h"
#include "audits/game/words.h"
#include "audits/game/world.h"
#include "audits/stats/special.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double unit(struct test_random *random)
{
    return ((double)(test_word(random) >> 11) + 0.5) / 9007199254740992.0;
}

/* Box and Muller 1958. */
static double normal(struct test_random *random)
{
    double radius = sqrt(-2 * log(unit(random)));
    return radius * cos(6.283185307179586 * unit(random));
}

/* ---- command lines ---- */

static const char *const NAMES[] = {"data", "out", NULL};

static const struct words_case {
    const char *command;
    const char *word[5]; ///< from the second on
    size_t n;            ///< 0: refused
} WORDS[] = {
    {"/bin/echo a  b\tc",               {"a", "b", "c"},          4},
    {"/bin/echo 'a b' \"c 'd'\" e\\ f", {"a b", "c 'd'", "e f"},  4},
    {"/bin/echo '' \"\"",               {"", ""},                 3},
    {"/bin/echo $HOME `id` ; a|b >c",   {"$HOME", "`id`", ";"},   6},
    {"/bin/echo x{data}y{out}",         {"x{data}y{out}"},        2},
    {"/bin/echo {} {1} { a}",           {"{}", "{1}", "{", "a}"}, 5},
    {"/bin/echo 'a",                    {NULL},                   0},
    {"",                                {NULL},                   0},
    {"  ",                              {NULL},                   0},
    {"/bin/echo {rows}",                {NULL},                   0},
    {"/nowhere/at/all a",               {NULL},                   0},
    {"no-such-program-anywhere",        {NULL},                   0},
};

Test(audit_game, commands_are_taken_apart_without_a_shell)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        struct aud_words words;
        struct sil_error err = {""};
        sil_status status = aud_words_split(&words, WORDS[i].command, NAMES, &err);

        cr_expect(eq(int, status, WORDS[i].n > 0 ? SIL_OK : SIL_ERR_USAGE), "%s",
                  WORDS[i].command);
        cr_expect(eq(sz, words.n, WORDS[i].n), "%s", WORDS[i].command);
        for (size_t k = 0; k < 5 && WORDS[i].word[k] != NULL && k + 1 < words.n; k++) {
            cr_expect(strcmp(words.word[k + 1], WORDS[i].word[k]) == 0, "%s",
                      words.word[k + 1]);
        }
        aud_words_clear(&words);
    }
}

Test(audit_game, more_words_than_a_program_is_given_are_refused)
{
    char command[512] = "/bin/echo";
    struct aud_words words;
    for (int i = 0; i < 40; i++) {
        strcat(command, " a");
    }

    cr_expect(eq(int, aud_words_split(&words, command, NAMES, NULL), SIL_ERR_USAGE));
}

Test(audit_game, places_are_filled_and_nothing_else)
{
    struct aud_words pattern, words;
    const struct aud_slot slots[] = {
        {"data", "a file;{out}"},
        {"out",  ""            },
    };
    cr_assert(
        eq(int,
           aud_words_split(&pattern, "/bin/echo -d={data}, {out} {dat} '{data}'",
                           (const char *const[]){"data", "out", "dat", NULL}, NULL),
           SIL_OK));
    cr_expect(aud_words_have(&pattern, "out"));
    cr_expect(not(aud_words_have(&pattern, "ou")));

    cr_assert(eq(int, aud_words_fill(&words, &pattern, slots, 2, NULL), SIL_OK));

    cr_expect(eq(str, words.word[1], "-d=a file;{out},"));
    cr_expect(eq(str, words.word[2], ""));
    cr_expect(eq(str, words.word[3], "{dat}"));
    cr_expect(eq(str, words.word[4], "a file;{out}"));
    aud_words_clear(&pattern);
    aud_words_clear(&words);
}

/* ---- tables ---- */

static struct aud_dice new_dice(uint8_t first)
{
    uint8_t seed[SIL_SEED_BYTES] = {first};
    struct aud_dice dice;
    aud_dice_begin(&dice, seed);
    return dice;
}

static void make_world(struct aud_world *out, const struct aud_shape *shape,
                       uint8_t seed)
{
    uint8_t bytes[SIL_SEED_BYTES] = {seed};
    struct aud_dice dice;
    aud_dice_begin(&dice, bytes);
    cr_assert(eq(int, aud_world_make(out, shape, &dice, NULL), SIL_OK));
}

Test(audit_game, every_canary_has_a_value_of_its_own_in_every_column)
{
    const struct aud_shape shape = {
        .columns = 4, .values = 40, .rows = 500, .copies = 1};
    struct aud_world world;
    make_world(&world, &shape, 1);
    for (uint32_t c = 0; c < shape.columns; c++) {
        bool is_used[40] = {false};
        for (size_t i = 0; i < shape.values; i++) {
            uint32_t code = aud_world_canary(&world, i)[c];
            cr_expect(lt(u32, code, shape.values));
            cr_expect(not(is_used[code]));
            is_used[code] = true;
            /* The first half lies among realistic rows, the second where there are none. */
            cr_expect(i < 20 || aud_world_count(&world, aud_world_canary(&world, i),
                                                1U << c) == 0);
        }
    }
    aud_world_clear(&world);
}

static size_t count_lines(const struct sil_bytes *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->length; i++) {
        n += text->data[i] == '\n';
    }
    return n;
}

Test(audit_game, a_coin_puts_its_canary_in)
{
    const struct aud_shape shapes[] = {
        {.columns = 2, .values = 8, .rows = 30,  .copies = 1    },
        { .columns = 2, .values = 8,  .rows = 30, .copies = 3,  .person = "id"},
        { .columns = 2, .values = 8,  .rows = 30, .copies = 1, .is_pair = true},
    };
    const size_t lines[] = {1 + 30 + 3, 1 + 30 + 27, 1 + 30 + 4};
    const uint8_t coin[8] = {1, 0, 1, 0, 0, 1, 0, 0};
    for (size_t k = 0; k < 3; k++) {
        struct aud_world world;
        struct sil_bytes text = {0};
        struct aud_dice dice = new_dice(9);
        dice.reader.words.key = dice.seed;
        make_world(&world, &shapes[k], 2);

        cr_assert(eq(int, aud_world_table(&text, &world, coin, &dice, NULL), SIL_OK));

        cr_expect(eq(sz, count_lines(&text), lines[k]));
        sil_bytes_clear(&text);
        aud_world_clear(&world);
    }
}

/* ---- what a transcript says ---- */

enum { VALUES = 8, COLUMNS = 2 };

/* One measurement of the first column, or of the pair, in `groups` groups a column. */
struct line {
    struct aud_left left;
    uint8_t groups[2 * VALUES];
    int64_t noisy[VALUES * VALUES];
};

static void make_line(struct line *out, const struct aud_world *world,
                      const uint8_t *coin, size_t n_attrs, unsigned groups)
{
    uint64_t *truth = NULL;
    *out = (struct line){
        .left = {.n_attrs = n_attrs, .attr = {0, 1}, .shift = 3}
    };
    mpq_inits(out->left.sensitivity, out->left.parameter, out->left.rho, (mpq_ptr)NULL);
    mpq_set_ui(out->left.sensitivity, 1, 1);
    mpq_set_ui(out->left.parameter, 4, 1);
    unsigned size = groups == 0 ? VALUES : groups;
    for (unsigned v = 0; v < VALUES; v++) {
        out->groups[2 * v] = (uint8_t)(groups == 0 ? 0 : v % groups);
    }
    for (size_t k = 0; k < n_attrs; k++) {
        out->left.group[k] =
            (struct aud_bin){out->groups, groups == 0 ? 0 : 2 * VALUES};
    }
    out->left.n_cells = n_attrs == 1 ? size : (size_t)size * size;
    out->left.noisy = out->noisy;
    cr_assert(eq(int, aud_true_counts(&truth, &out->left, world, coin, NULL), SIL_OK));
    for (size_t i = 0; i < out->left.n_cells; i++) {
        out->noisy[i] = (int64_t)(truth[i] << 3);
    }
    free(truth);
}

static void clear_line(struct line *line)
{
    mpq_clears(line->left.sensitivity, line->left.parameter, line->left.rho,
               (mpq_ptr)NULL);
}

static const uint8_t COIN[VALUES] = {1, 0, 0, 1, 1, 0, 1, 0};

static struct aud_scores score(const struct aud_world *world, struct aud_left *left,
                               size_t n)
{
    struct aud_scores scores;
    const struct aud_transcript transcript = {
        .left = left, .n_left = n, .n_columns = COLUMNS};
    cr_assert(
        eq(int, aud_scores_make(&scores, world, &transcript, COIN, NULL), SIL_OK));
    return scores;
}

/* Without noise every score is its own mean: half of mu, on the side of the coin. */
Test(audit_game, a_score_is_off_by_half_of_mu)
{
    const struct aud_shape shape = {
        .columns = COLUMNS, .values = VALUES, .rows = 50, .copies = 1};
    struct aud_world world;
    struct line one, pair;
    make_world(&world, &shape, 3);
    make_line(&one, &world, COIN, 1, 0);
    make_line(&pair, &world, COIN, 2, 0);
    struct aud_left lines[] = {one.left, pair.left};

    struct aud_scores scores = score(&world, lines, 2);

    for (size_t i = 0; i < VALUES; i++) {
        double mu = sqrt(2.0 / 4);
        cr_expect(epsilon_eq(dbl, scores.mu[i], mu, 1e-12));
        cr_expect(epsilon_eq(dbl, scores.z[i], COIN[i] ? mu / 2 : -mu / 2, 1e-12));
        cr_expect(epsilon_eq(dbl, scores.blind[i], scores.z[i], 1e-12));
    }
    aud_scores_clear(&scores);
    clear_line(&one);
    clear_line(&pair);
    aud_world_clear(&world);
}

/* Replace-one: two cells, of which one has the row. A transcript that claims sensitivity 1
 * there implies sqrt(2) too little. */
Test(audit_game, a_pair_moves_two_cells)
{
    const struct aud_shape shape = {
        .columns = COLUMNS, .values = VALUES, .rows = 50, .copies = 1, .is_pair = true};
    struct aud_world world;
    struct line one;
    make_world(&world, &shape, 4);
    make_line(&one, &world, COIN, 1, 0);

    struct aud_scores scores = score(&world, &one.left, 1);

    for (size_t i = 0; i < VALUES / 2; i++) {
        double mu = sqrt(2.0 / 4);
        cr_expect(epsilon_eq(dbl, scores.mu[i], sqrt(1.0 / 4), 1e-12));
        cr_expect(epsilon_eq(dbl, scores.z[i], COIN[i] ? mu / 2 : -mu / 2, 1e-12));
    }
    aud_scores_clear(&scores);
    clear_line(&one);
    aud_world_clear(&world);
}

Test(audit_game, a_person_moves_a_cell_by_all_his_rows)
{
    const struct aud_shape shape = {
        .columns = COLUMNS, .values = VALUES, .rows = 50, .copies = 3, .person = "id"};
    struct aud_world world;
    struct line one;
    make_world(&world, &shape, 5);
    make_line(&one, &world, COIN, 1, 0);

    struct aud_scores scores = score(&world, &one.left, 1);

    cr_expect(epsilon_eq(dbl, scores.mu[0], 0.5, 1e-12));
    cr_expect(epsilon_eq(dbl, scores.z[0], 0.75, 1e-12));
    cr_expect(epsilon_eq(dbl, scores.z[1], -0.75, 1e-12));
    aud_scores_clear(&scores);
    clear_line(&one);
    aud_world_clear(&world);
}

/* In a coarse cell the others are known exactly, or half a row each. */
Test(audit_game, canaries_of_one_coarse_cell_do_not_hide_each_other)
{
    const struct aud_shape shape = {
        .columns = COLUMNS, .values = VALUES, .rows = 50, .copies = 1};
    struct aud_world world;
    struct line coarse;
    make_world(&world, &shape, 6);
    make_line(&coarse, &world, COIN, 1, 2);

    struct aud_scores scores = score(&world, &coarse.left, 1);

    for (size_t i = 0; i < VALUES; i++) {
        cr_expect(epsilon_eq(dbl, scores.mu[i], 0.5, 1e-12));
        cr_expect(epsilon_eq(dbl, scores.z[i], COIN[i] ? 0.25 : -0.25, 1e-12));
        /* Three others in the cell: their mean is taken off, their variance is added. */
        double in_cell = 0;
        for (size_t k = 0; k < VALUES; k++) {
            bool is_same = aud_world_canary(&world, k)[0] % 2 ==
                           aud_world_canary(&world, i)[0] % 2;
            in_cell += is_same && COIN[k] ? 1 : 0;
        }
        double sd = sqrt(4 + 3.0 / 4);
        cr_expect(epsilon_eq(dbl, scores.blind[i], (in_cell - 1.5 - 0.5) / sd, 1e-12));
    }
    aud_scores_clear(&scores);
    clear_line(&coarse);
    aud_world_clear(&world);
}

Test(audit_game, marginals_of_other_cells_are_refused)
{
    const struct aud_shape shape = {
        .columns = COLUMNS, .values = VALUES, .rows = 50, .copies = 1};
    struct aud_world world;
    struct line one;
    struct aud_scores scores;
    struct aud_transcript transcript = {.n_left = 1};
    make_world(&world, &shape, 7);
    make_line(&one, &world, COIN, 1, 0);
    transcript.left = &one.left;

    one.left.n_cells = VALUES - 1;
    cr_expect(eq(int, aud_scores_make(&scores, &world, &transcript, COIN, NULL),
                 SIL_ERR_CHECK));
    one.left.n_cells = VALUES;
    one.left.attr[0] = COLUMNS;
    cr_expect(eq(int, aud_scores_make(&scores, &world, &transcript, COIN, NULL),
                 SIL_ERR_CHECK));
    clear_line(&one);
    aud_world_clear(&world);
}

/* ---- bounds ---- */

/* A run of m canaries whose scores are normal, mu apart. */
static void add_run(struct aud_tally *tally, size_t m, double mu,
                    struct test_random *random)
{
    double z[256], implied[256];
    uint8_t coin[256];
    for (size_t i = 0; i < m; i++) {
        coin[i] = (uint8_t)(test_word(random) >> 63);
        z[i] = (coin[i] != 0 ? mu : -mu) / 2 + normal(random);
        implied[i] = mu;
    }
    const struct aud_run_scores run = {
        .n = m, .z = z, .blind = z, .mu = implied, .coin = coin};
    cr_assert(eq(int, aud_tally_add(tally, &run, NULL), SIL_OK));
}

Test(audit_game, the_distance_of_two_means_is_found)
{
    struct test_random random = {31};
    struct aud_tally tally = {0};
    for (int i = 0; i < 200; i++) {
        add_run(&tally, 100, 0.7, &random);
    }

    struct aud_estimate e = aud_tally_estimate(&tally);

    cr_expect(epsilon_eq(dbl, e.implied, 0.7, 1e-12));
    cr_expect(epsilon_eq(dbl, e.error, 2 / sqrt(20000), 3e-4));
    cr_expect(lt(dbl, fabs(e.apart - 0.7), 5 * e.error));
    aud_tally_clear(&tally);
}

/* x every time: of the four players the one who stakes all has (x / mean)^n. */
Test(audit_game, a_bet_on_a_constant_is_known_exactly)
{
    const double x[] = {0.75, 0.75};
    double players[] = {1.125 * 1.125, 1.25 * 1.25, 1.375 * 1.375, 1.5 * 1.5};
    double want = (players[0] + players[1] + players[2] + players[3]) / 4;

    cr_expect(epsilon_eq(dbl, aud_mean_wealth(x, 2, 0.5), want, 1e-12));
    cr_expect(epsilon_eq(dbl, aud_mean_wealth(x, 2, 0.75), 1, 1e-12));
}

Test(audit_game, shares_and_claims_correspond)
{
    cr_expect(epsilon_eq(dbl, aud_share_mu(aud_normal_cdf(0.35)), 0.7, 1e-9));
    cr_expect(epsilon_eq(dbl, aud_share_mu(0.4), 0, 0));
    double q = (exp(2) + 1e-3) / (1 + exp(2));
    cr_expect(epsilon_eq(dbl, aud_share_epsilon(q, 1e-3), 2, 1e-9));
    cr_expect(epsilon_eq(dbl, aud_share_epsilon(0.3, 0), 0, 0));
}

/* At level 0.05 more than 21 of 200 are wrong once in 1,000 times when each is wrong 0.05 of
 * the time; and the bound is worth something: 0.9 of the truth in most. */
Test(audit_game, the_lower_bound_is_rarely_above_the_truth)
{
    const double mu = 1;
    int n_above = 0;
    int n_close = 0;
    for (uint64_t rep = 0; rep < 200; rep++) {
        struct test_random random = {1000 + rep};
        struct aud_tally tally = {0};
        for (int i = 0; i < 300; i++) {
            add_run(&tally, 40, mu, &random);
        }
        double lower = aud_share_mu(aud_mean_lower(tally.share, tally.n_runs, 0.05));
        n_above += lower > mu;
        n_close += lower > 0.9 * mu;
        aud_tally_clear(&tally);
    }

    cr_expect(le(int, n_above, 21));
    cr_expect(ge(int, n_close, 150));
}

/* Rare runs that give everything away are within (epsilon, delta) only when rare enough; the
 * bet knows no independence within a run. */
Test(audit_game, a_bet_assumes_nothing_within_a_run)
{
    int n_refuted = 0;
    for (uint64_t rep = 0; rep < 400; rep++) {
        struct test_random random = {5000 + rep};
        double share[200];
        for (int i = 0; i < 200; i++) {
            /* All right with probability 1/4, else all wrong or right alike: mean 5/8. */
            bool is_open = test_word(&random) % 4 == 0;
            share[i] = is_open || test_word(&random) % 2 == 0 ? 1 : 0;
        }
        n_refuted += aud_mean_lower(share, 200, 0.05) > 0.625;
    }

    cr_expect(le(int, n_refuted, 36)); /* 99.9 % of Binomial(400, 0.05) */
}

Test(audit_game, equal_scores_are_not_guessed_by_their_coins)
{
    struct aud_tally tally = {0};
    const double z[4] = {0, 0, 0, 0};
    const uint8_t coin[4] = {1, 1, 0, 1};
    for (int i = 0; i < 2; i++) {
        const struct aud_run_scores run = {
            .n = 4, .z = z, .blind = z, .coin = coin, .tie = i == 0};
        cr_assert(eq(int, aud_tally_add(&tally, &run, NULL), SIL_OK));
    }

    cr_expect(epsilon_eq(dbl, tally.share[0], 0.75, 0));
    cr_expect(epsilon_eq(dbl, tally.share[1], 0.25, 0));
    aud_tally_clear(&tally);
}

/* ---- choices ---- */

/* Choose by the exponential mechanism at `epsilon`, or always the best at 0, and hold it
 * against a claim of 0.5. */
static double choose(double epsilon, uint64_t seed)
{
    struct test_random random = {seed};
    struct aud_choosing choosing = {0};
    for (int run = 0; run < 200; run++) {
        double score[AUD_CHOICES], key[AUD_CHOICES];
        unsigned chosen = 0;
        for (unsigned k = 0; k < AUD_CHOICES; k++) {
            score[k] = 1000 + 4 * (double)test_below(&random, 4);
            /* The largest of exponents with Gumbel's noise is drawn by the mechanism. */
            double gumbel = -log(-log(unit(&random)));
            key[k] = epsilon > 0 ? epsilon / 2 * score[k] + gumbel : score[k];
            chosen = key[k] > key[chosen] ? k : chosen;
        }
        aud_choosing_add(&choosing, 0.5, score, chosen);
    }
    return aud_choosing_z(&choosing);
}

Test(audit_game, choices_with_less_noise_than_claimed_are_seen)
{
    double square = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        double z = choose(0.5, 100 + seed);
        square += z * z;
        cr_expect(lt(dbl, z, 5));
    }
    /* Chi-squared with 100 degrees of freedom lies between these with probability 1 - 10^-5. */
    cr_expect(gt(dbl, square, 48));
    cr_expect(lt(dbl, square, 173));
    cr_expect(gt(dbl, choose(1, 7), 5));
    cr_expect(gt(dbl, choose(0, 7), 5));
}

/* ---- the last digits ---- */

Test(audit_game, what_was_added_to_one_is_never_fine)
{
    struct test_random random = {77};
    int n_fine = 0;
    for (int i = 0; i < 200000; i++) {
        double noise = 10 * normal(&random);
        cr_assert(not(aud_is_fine(1 + noise)));
        n_fine += aud_is_fine(noise);
    }
    cr_expect(not(aud_is_fine(0)));
    cr_expect(not(aud_is_fine(0.25)));
    cr_expect(gt(int, n_fine, 4000));
}
