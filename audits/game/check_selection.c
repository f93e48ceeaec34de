// SPDX-License-Identifier: Apache-2.0
/// White box: is what is chosen chosen with the noise that the transcript claims?
///
/// Three columns of two values, both equally often. The distance of a pair of them from
/// independence is then, to a fraction of a count, the rows where they agree less those where
/// they do not, whatever the noise of the columns did to the model. The exponential mechanism
/// chooses among the three pairs in proportion to exp(epsilon distance / 2), given that it
/// chooses a pair; how far apart the distances are is up to the auditor.
#include "audits/game/choosing.h"
#include "audits/game/judge.h"
#include "audits/game/score.h"
#include "audits/stats/special.h"
#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = AUD_CHOICES, BLOCKS = 150, BLOCK = 4, CHOICES_LEAST = 20 };

/* One pair is ahead of the two others by about so much in the exponent. There the choice
 * tells most: of the size of epsilon, and of whether the mechanism is another (permute-and-flip
 * takes the best in 0.79 of all cases, the exponential mechanism in 0.69). */
static const double AHEAD = 1.5;

struct play {
    struct aud_game *game;
    struct aud_choosing choosing;
    double epsilon; ///< of a choice, by the last transcript; 0: none yet
    unsigned n_runs;
};

/* Pair p lacks column p. A block of four rows adds four to its distance and nothing to the
 * others', and keeps every column balanced. */
static sil_status print_block(struct sil_bytes *rows, unsigned lacks,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (unsigned k = 0; k < BLOCK && status == SIL_OK; k++) {
        char row[COLUMNS];
        for (unsigned c = 0; c < COLUMNS; c++) {
            row[c] = (char)('0' + (c == lacks ? k / 2 : k % 2));
        }
        status = sil_bytes_append(rows, row, sizeof row, err);
    }
    return status;
}

static sil_status print_table(struct sil_bytes *out, const unsigned *blocks,
                              struct aud_dice *dice, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes rows = {0};
    uint32_t *order = NULL;
    for (unsigned p = 0; p < COLUMNS; p++) {
        for (unsigned k = 0; k < blocks[p]; k++) {
            SIL_TRY(print_block(&rows, p, err));
        }
    }
    const size_t n = rows.length / COLUMNS;
    SIL_TRY(sil_alloc(&order, n, sizeof *order, "rows", err));
    for (uint32_t i = 0; i < n; i++) {
        order[i] = i;
    }
    sil_words_shuffle(order, n, &dice->reader);
    SIL_TRY(sil_bytes_printf(out, err, "first,second,third\n"));
    for (size_t i = 0; i < n; i++) {
        const uint8_t *row = rows.data + (size_t)order[i] * COLUMNS;
        SIL_TRY(sil_bytes_printf(out, err, "%c,%c,%c\n", row[0], row[1], row[2]));
    }

cleanup:
    free(order);
    sil_bytes_clear(&rows);
    return status;
}

static sil_status print_schema(struct sil_bytes *out, struct sil_error *err)
{
    static const char *const NAMES[COLUMNS] = {"first", "second", "third"};
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "{\"fields\": ["));
    for (int c = 0; c < COLUMNS; c++) {
        SIL_TRY(sil_bytes_printf(out, err,
                                 "%s\n  {\"name\": \"%s\", \"type\": \"string\", "
                                 "\"constraints\": {\"required\": true}, "
                                 "\"categories\": [\"0\", \"1\"]}",
                                 c == 0 ? "" : ",", NAMES[c]));
    }
    SIL_TRY(sil_bytes_printf(out, err, "\n]}\n"));

cleanup:
    return status;
}

/* ---- the choice ---- */

/* The first choice of a transcript, if it is one of a pair. */
static const struct aud_left *first_choice(const struct aud_transcript *transcript)
{
    for (size_t i = 0; i < transcript->n_left; i++) {
        const struct aud_left *left = &transcript->left[i];
        if (left->is_choice) {
            return left->n_attrs == 2 && left->attr[1] < COLUMNS && !left->is_grouped
                       ? left
                       : NULL;
        }
        if (left->n_attrs != 1) {
            return NULL;
        }
    }
    return NULL;
}

/* Epsilon for each count of distance: pairs have the largest weight of the workload, or the
 * transcript says theirs. */
static double epsilon_of(const struct aud_left *left)
{
    double epsilon = sqrt(mpq_get_d(left->parameter));
    double weight = left->weight == 0 ? 1
                                      : ldexp((double)left->weight, 10) /
                                            mpq_get_d(left->sensitivity);
    return epsilon * weight;
}

static void count_choice(struct play *play, const struct aud_left *left,
                         const unsigned *blocks)
{
    double score[AUD_CHOICES];
    for (unsigned p = 0; p < AUD_CHOICES; p++) {
        score[p] = BLOCK * (double)blocks[p];
    }
    play->epsilon = epsilon_of(left);
    aud_choosing_add(&play->choosing, play->epsilon, score,
                     COLUMNS - left->attr[0] - left->attr[1]);
}

static void draw_blocks(unsigned *blocks, const struct play *play)
{
    const double wanted = play->epsilon > 0 ? AHEAD / (play->epsilon / 2 * BLOCK) : 0;
    for (int p = 0; p < COLUMNS; p++) {
        blocks[p] = BLOCKS;
    }
    blocks[aud_dice_below(&play->game->dice, COLUMNS)] +=
        (unsigned)fmin(fmax(round(wanted), 1), BLOCKS);
}

static sil_status choose_once(struct play *play, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_game *game = play->game;
    struct sil_bytes data = {0};
    struct sil_bytes schema = {0};
    struct aud_output output = {0};
    struct aud_transcript transcript;
    unsigned blocks[COLUMNS];
    draw_blocks(blocks, play);
    SIL_TRY(print_table(&data, blocks, &game->dice, err));
    SIL_TRY(print_schema(&schema, err));
    SIL_TRY(aud_game_generate(&output, game, &data, &schema, BLOCKS, err));
    play->n_runs++;
    if (!aud_output_is_good(&output) || output.model.length == 0) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED, "a run failed, or left no {model}");
        goto cleanup;
    }
    status = aud_game_transcript(&transcript, &output.model, err);
    const struct aud_left *left = status == SIL_OK ? first_choice(&transcript) : NULL;
    /* Under other workloads pairs are not what weighs most, and how much is not said. */
    bool is_known = left != NULL && (transcript.method == AUD_MST || left->weight > 0 ||
                                     strcmp(transcript.workload, "2") == 0);
    if (is_known) {
        count_choice(play, left, blocks);
    }
    aud_transcript_clear(&transcript);

cleanup:
    sil_bytes_clear(&data);
    sil_bytes_clear(&schema);
    aud_output_clear(&output);
    return status;
}

static void judge(const struct play *play)
{
    struct aud_game *game = play->game;
    static const char WHAT[] = "what is chosen is chosen with noise";
    if (play->choosing.n < CHOICES_LEAST || !(play->choosing.variance > 0)) {
        aud_find(
            &game->findings, "G7", WHAT, AUD_NOT_EXAMINED,
            "%u of %u runs chose a pair of columns first, with a weight that is known; it takes %d",
            play->choosing.n, play->n_runs, CHOICES_LEAST);
        return;
    }
    double z = aud_choosing_z(&play->choosing);
    double p = aud_normal_cdf(-z);
    /* Noise of a part c of what is claimed shifts z by (1/c - 1) standard deviations of the
     * exponents, about. */
    double seen =
        (aud_normal_quantile(0.99) - aud_normal_quantile(aud_check_level(game))) /
        sqrt(play->choosing.variance);
    aud_find(
        &game->findings, "G7", WHAT,
        p <= aud_check_level(game) ? AUD_REFUTED : AUD_HOLDS,
        "the better pair is chosen %+.2f standard errors more often than an epsilon of "
        "%.4g a count allows: p = %.3g, of %u choices; epsilon %.2f times as large "
        "would have been seen",
        z, play->epsilon, p, play->choosing.n, 1 + seen);
    aud_find_p(&game->findings, p);
    aud_game_figure(game, "selection", "z", z);
    aud_game_figure(game, "selection", "choices", play->choosing.n);
}

sil_status aud_game_selection(struct aud_game *game, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct play play = {.game = game};
    if (!game->is_white_box || game->is_replace || game->shape.person != NULL) {
        aud_find(&game->findings, "G7", "what is chosen is chosen with noise",
                 AUD_NOT_EXAMINED,
                 "with --white-box, under add-remove, for a claim about rows");
        return SIL_OK;
    }
    while (status == SIL_OK && play.n_runs < game->runs && aud_game_has_time(game)) {
        status = choose_once(&play, err);
    }
    if (status == SIL_ERR_INTERNAL || status == SIL_ERR_IO) {
        return status;
    }
    if (status != SIL_OK) {
        aud_find_status(&game->findings, "G7", "what is chosen is chosen with noise",
                        status, err);
    }
    judge(&play);
    return SIL_OK;
}
