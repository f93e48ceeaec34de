// SPDX-License-Identifier: Apache-2.0
/* What differs always between neighbouring tables: how the generator ends, what it says, how
 * many rows it makes, which values. The commonest real violation of all. */
#include "audits/game/game.h"
#include "audits/game/judge.h"
#include "audits/game/metadata.h"
#include "audits/game/neighbours.h"
#include "base/fail.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EXPLORE = 3, FEW = 20, RUNS_LONGEST = 1000000 };

/* That a secret occurs somewhere by chance, for each byte: 15 digits, the first of nine. */
static const double SECRET_CHANCE = 1.2e-15;

static const char *const KINDS[AUD_N_EXTRAS] = {
    "one row more",
    "one row with a category that is none",
    "one row with a number far out",
    "one row with empty fields",
};

static const char *const KEYS[AUD_N_EXTRAS] = {"row", "category", "number", "missing"};

/* ---- looking for what differs ---- */

struct search {
    struct aud_game *game;
    struct aud_neighbours table;
    struct sil_bytes schema;
    struct aud_features without[EXPLORE];
    struct aud_features with[AUD_N_EXTRAS][EXPLORE];
    unsigned tokens[AUD_N_EXTRAS]; ///< runs in which the secret came out
    double bytes;                  ///< the most that any of them wrote
    bool has_control, is_oversize;
    unsigned gaps;          ///< enum aud_gap, of all runs
    char ending[256];       ///< of the first run
    bool is_short;          ///< there was no time for all runs
    bool is_good, is_empty; ///< is_empty: some run left nothing to compare
};

/* No row behind a header, or no model where the command makes only that. */
static bool is_nothing(const struct search *search, const struct aud_features *features)
{
    return aud_makes_rows(&search->game->generator)
               ? !features->is_table || features->value[AUD_ROWS] == 0
               : features->value[AUD_MODEL] == 0;
}

static void note_output(struct search *search, const struct aud_output *output)
{
    double bytes = (double)output->rows.length + (double)output->model.length +
                   (double)output->said.length + (double)output->others.text.length;
    search->bytes = fmax(search->bytes, bytes);
    search->gaps |= output->outcome.gaps;
    search->is_oversize = search->is_oversize || output->is_oversize;
    for (size_t i = 0; i < output->said.length; i++) {
        uint8_t c = output->said.data[i];
        search->has_control =
            search->has_control || (c < 0x20 && c != '\n' && c != '\t' && c != '\r');
    }
}

static sil_status run_once(struct aud_features *out, struct search *search,
                           enum aud_extra kind, bool is_with, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes data = {0};
    struct aud_output output = {0};
    struct aud_game *game = search->game;
    SIL_TRY(aud_neighbours_table(&data, &search->table, kind, is_with, err));
    SIL_TRY(aud_game_generate(&output, game, &data, &search->schema,
                              search->table.n_rows, err));
    SIL_TRY(aud_features_of(out, &output, err));
    note_output(search, &output);
    search->is_empty = search->is_empty || is_nothing(search, out);
    if (search->ending[0] == '\0') {
        search->is_good = aud_output_is_good(&output);
        (search->is_good ? aud_output_ending : aud_output_complaint)(
            search->ending, sizeof search->ending, &output);
    }
    const char *token = kind == AUD_CATEGORY ? search->table.category
                        : kind == AUD_LARGE  ? search->table.number
                                             : NULL;
    out->has_secret = token != NULL && aud_output_has(&output, token);

cleanup:
    sil_bytes_clear(&data);
    aud_output_clear(&output);
    return status;
}

static sil_status explore(struct search *search, struct sil_error *err)
{
    sil_status status = SIL_OK;
    /* Of what fails the first time nothing is compared: it is not run again. */
    bool is_over = false;
    for (int i = 0; i < EXPLORE && !search->is_short && !is_over; i++) {
        SIL_TRY(run_once(&search->without[i], search, AUD_ORDINARY, false, err));
        for (int kind = 0; kind < AUD_N_EXTRAS && search->is_good; kind++) {
            search->is_short = !aud_game_has_time(search->game);
            if (search->is_short) {
                break;
            }
            struct aud_features *seen = &search->with[kind][i];
            SIL_TRY(run_once(seen, search, (enum aud_extra)kind, true, err));
            search->tokens[kind] += seen->has_secret ? 1 : 0;
        }
        is_over = !search->is_good;
    }

cleanup:
    return status;
}

static bool is_constant(const struct aud_features *runs, int feature)
{
    bool is = true;
    for (int i = 1; i < EXPLORE; i++) {
        is = is && runs[i].value[feature] == runs[0].value[feature];
    }
    return is;
}

static bool differs_always(const struct search *search, enum aud_extra kind,
                           int feature)
{
    return is_constant(search->without, feature) &&
           is_constant(search->with[kind], feature) &&
           search->without[0].value[feature] != search->with[kind][0].value[feature];
}

/* A secret that nobody could guess came out: by the claim as likely as
 * e^epsilon P[it occurs in what was made without it] + delta, in every run. */
static void judge_token(const struct search *search, enum aud_extra kind)
{
    struct aud_game *game = search->game;
    const char *what = kind == AUD_CATEGORY ? "unlisted categories stay in"
                                            : "numbers beyond the bounds stay in";
    const unsigned t = search->tokens[kind];
    double once = exp(game->epsilon) * search->bytes * SECRET_CHANCE + game->delta;
    double p = t == 0 ? 1 : fmin(1, EXPLORE * pow(fmin(once, 1), t));
    bool is_refuted = p <= aud_check_level(game);
    aud_find(&game->findings, "G1", what,
             is_refuted ? AUD_REFUTED
             : t > 0    ? AUD_INCONCLUSIVE
                        : AUD_HOLDS,
             "a secret that one row had came out in %u of %d runs: p = %.3g", t,
             EXPLORE, p);
    aud_find_p(&game->findings, p);
}

/* ---- making sure ---- */

/* The level is shared by all features of all kinds, whether or not they are bet on. */
static double level_of(const struct aud_game *game)
{
    return aud_check_level(game) / (AUD_N_EXTRAS * AUD_N_FEATURES);
}

/* How many runs without a wrong guess it takes. */
static unsigned runs_needed(const struct aud_game *game)
{
    struct aud_wager wager;
    unsigned n = 0;
    aud_wager_begin(&wager, game->epsilon, game->delta);
    while (n < RUNS_LONGEST && aud_wager_wealth(&wager) < 1 / level_of(game)) {
        aud_wager_trial(&wager, true);
        n++;
    }
    return n;
}

struct bet {
    int feature;
    struct aud_wager wager;
    struct aud_guesses guesses;
    unsigned right, n;
    bool is_over;
};

static void bet_once(struct bet *bet, const struct search *search, enum aud_extra kind,
                     const struct aud_features *seen, bool is_with)
{
    uint64_t value = seen->value[bet->feature];
    bool is_like_with = value == search->with[kind][0].value[bet->feature];
    bool is_like_without = value == search->without[0].value[bet->feature];
    bool guess =
        is_like_with || (!is_like_without && aud_dice_coin(&search->game->dice));
    aud_wager_trial(&bet->wager, guess == is_with);
    bet->n++;
    bet->right += guess == is_with ? 1 : 0;
    *(is_with ? &bet->guesses.positives : &bet->guesses.negatives) += 1;
    *(is_with ? &bet->guesses.hits : &bet->guesses.alarms) += guess ? 1 : 0;
}

static void judge_bet(const struct search *search, enum aud_extra kind,
                      const struct bet *bet)
{
    struct aud_game *game = search->game;
    double wealth = aud_wager_wealth(&bet->wager);
    double ratio = aud_epsilon_lower(&bet->guesses, game->delta, AUD_BOUND_LEVEL);
    bool is_refuted = wealth >= 1 / level_of(game);
    bool is_always = bet->right == bet->n;
    char what[96];
    char hint[64] = "";
    if (!is_refuted && is_always) {
        (void)snprintf(hint, sizeof hint, "; it takes --runs %u to be sure",
                       runs_needed(game));
    }
    (void)snprintf(what, sizeof what, "%s: %s", KINDS[kind],
                   aud_feature_name((enum aud_feature)bet->feature));
    aud_find(
        &game->findings, "G1", what,
        is_refuted  ? AUD_REFUTED
        : is_always ? AUD_INCONCLUSIVE
                    : AUD_HOLDS,
        "tells the tables apart in %u of %u runs: epsilon at least %.3f (95 %%; ceiling "
        "of these runs %.3f); p = %.3g%s",
        bet->right, bet->n, ratio, aud_epsilon_ceiling(bet->n / 2, AUD_BOUND_LEVEL),
        fmin(1, 1 / wealth), hint);
    aud_find_p(&game->findings, fmin(1, 1 / wealth));
    aud_game_figure(game, "G1", KEYS[kind], ratio);
}

/* What differs always. What one ordinary row changes is not asked again of other rows. */
static size_t find_bets(struct bet *bets, const struct search *search,
                        enum aud_extra kind)
{
    size_t n = 0;
    for (int f = 0; f < AUD_N_FEATURES; f++) {
        bool is_known = kind != AUD_ORDINARY && differs_always(search, AUD_ORDINARY, f);
        if (!is_known && differs_always(search, kind, f)) {
            bets[n] = (struct bet){.feature = f};
            aud_wager_begin(&bets[n++].wager, search->game->epsilon,
                            search->game->delta);
        }
    }
    return n;
}

/* Bet on all of them in one more run; how many are still open. */
static size_t bet_on_all(struct bet *bets, size_t n, const struct search *search,
                         enum aud_extra kind, const struct aud_features *seen,
                         bool is_with)
{
    size_t n_open = 0;
    for (size_t i = 0; i < n; i++) {
        struct bet *bet = &bets[i];
        if (!bet->is_over) {
            bet_once(bet, search, kind, seen, is_with);
            bet->is_over =
                aud_wager_wealth(&bet->wager) >= 1 / level_of(search->game) ||
                (bet->n >= FEW && 4 * bet->right < 3 * bet->n);
        }
        n_open += bet->is_over ? 0 : 1;
    }
    return n_open;
}

static sil_status make_sure(struct search *search, enum aud_extra kind,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_game *game = search->game;
    struct bet bets[AUD_N_FEATURES];
    const size_t n = find_bets(bets, search, kind);
    /* Where no runs of this number can tell, a few show that the difference is no chance. */
    const unsigned most = runs_needed(game) <= game->runs ? game->runs : FEW;
    size_t n_open = n;
    for (unsigned run = 0; run < most && n_open > 0 && aud_game_has_time(game); run++) {
        struct aud_features seen;
        bool is_with = aud_dice_coin(&game->dice);
        SIL_TRY(run_once(&seen, search, kind, is_with, err));
        n_open = bet_on_all(bets, n, search, kind, &seen, is_with);
    }
    for (size_t i = 0; i < n; i++) {
        judge_bet(search, kind, &bets[i]);
    }
    if (n == 0) {
        aud_find(&game->findings, "G1", KINDS[kind], AUD_HOLDS,
                 "nothing%s of %d things compared differs always",
                 kind == AUD_ORDINARY ? "" : " more", AUD_N_FEATURES);
    }

cleanup:
    return status;
}

static void judge_manners(const struct search *search)
{
    struct aud_findings *findings = &search->game->findings;
    bool is_odd = !search->is_good || search->is_oversize || search->is_empty;
    const char *empty = !search->is_empty ? ""
                        : aud_makes_rows(&search->game->generator)
                            ? "; it leaves no rows that can be read"
                            : "; it leaves no {model} that can be read";
    char gaps[300];
    aud_gaps_say(gaps, sizeof gaps, search->gaps);
    aud_find(findings, "G0", "it runs, within limits of time, memory and output",
             is_odd ? AUD_INCONCLUSIVE : AUD_HOLDS, "%s%s%s%s%s%s", search->ending,
             empty,
             search->is_oversize ? "; a file is larger than the limit or cannot be read"
                                 : "",
             search->gaps != 0 ? "; " : "", gaps,
             search->has_control ? "; it prints control characters, which are not shown"
                                 : "");
}

sil_status aud_game_metadata(struct aud_game *game, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct search search = {.game = game};
    aud_neighbours_draw(&search.table, &game->dice);
    search.table.person = game->shape.person;
    search.table.is_replace = game->is_replace;
    SIL_TRY(aud_neighbours_schema(&search.schema, &search.table, err));
    SIL_TRY(explore(&search, err));
    judge_manners(&search);
    if (search.is_short) {
        aud_find(&game->findings, "G1", "neighbouring tables", AUD_INCONCLUSIVE,
                 "there was no time for %d runs on each", EXPLORE);
    }
    for (int kind = 0; kind < AUD_N_EXTRAS && search.is_good && !search.is_short;
         kind++) {
        SIL_TRY(make_sure(&search, (enum aud_extra)kind, err));
    }
    if (search.is_good) {
        judge_token(&search, AUD_CATEGORY);
        judge_token(&search, AUD_LARGE);
    }

cleanup:
    sil_bytes_clear(&search.schema);
    return status;
}
