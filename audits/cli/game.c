// SPDX-License-Identifier: Apache-2.0
/* game: what a generator gives away of tables that the auditor makes. */
#include "audits/game/game.h"

#include "audits/attack/attack.h"
#include "audits/cli/command.h"
#include "audits/cli/parse.h"
#include "base/fail.h"

#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below it no number of runs that anybody makes refutes anything. */
static const double LEVEL_LEAST = 1e-9;

enum {
    RUNS = 400,
    RUNS_MAX = 1000000,
    SECONDS = 120,
    SECONDS_MAX = 86400,
    VALUES = 100,
    COLUMNS = 3,
    ROWS = 5000,
    MEGABYTES = 4096
};

enum {
    KEY_GENERATOR = 256,
    KEY_CLAIM,
    KEY_RUNS,
    KEY_TIME,
    KEY_WHITE_BOX,
    KEY_REPLACE,
    KEY_PERSON,
    KEY_LEVEL,
    KEY_SECONDS,
    KEY_MEMORY,
    KEY_COLUMNS,
    KEY_VALUES,
    KEY_ROWS,
    KEY_CHECKS,
    KEY_SEED,
    KEY_JSON
};

static const struct argp_option OPTIONS[] = {
    {.doc = "What is examined:"},
    AUD_OPTION(
        "generator", KEY_GENERATOR, "CMD",
        "The generator's command (required): words and quotes, no shell. In it {data} "
        "{schema} {out} {model} stand for files, {epsilon} {delta} for the claim, "
        "{rows} for the number of rows that is asked for. Without {out} the rows are "
        "the standard output"),
    AUD_OPTION("claim", KEY_CLAIM, "E,D",
               "What it claims: epsilon and delta (required)"),
    AUD_OPTION(
        "neighbours", KEY_REPLACE, "WORD",
        "Which tables the claim says look alike: add-remove (default) or replace-one"),
    AUD_OPTION("person", KEY_PERSON, "COLUMN:K",
               "The claim is about persons of at most K rows, whom COLUMN tells apart"),
    AUD_OPTION("white-box", KEY_WHITE_BOX, NULL,
               "{model} is a model file or a transcript of Silhouette: read it"),
    {.doc = "How it is examined:"},
    AUD_OPTION(
        "checks", KEY_CHECKS, "LIST",
        "Only these, separated by commas: metadata, randomness, canaries, selection"),
    AUD_OPTION(
        "runs", KEY_RUNS, "N",
        "At most so many runs for one check (default 400); it stops earlier when the "
        "claim is refuted"),
    AUD_OPTION("time", KEY_TIME, "T", "No new run after T seconds (default: no limit)"),
    AUD_OPTION("level", KEY_LEVEL, "P",
               "The chance at which an honest generator may be refuted (default 1e-4)"),
    AUD_OPTION("columns", KEY_COLUMNS, "N",
               "Of the tables with canaries, 2 to 8 (default 3)"),
    AUD_OPTION(
        "values", KEY_VALUES, "N",
        "Of each of their columns, and canaries in each run: a multiple of 4, up to "
        "4096 (default 100)"),
    AUD_OPTION("table-rows", KEY_ROWS, "N", "Realistic rows in them (default 5000)"),
    AUD_OPTION("seconds", KEY_SECONDS, "N", "That one run may take (default 120)"),
    AUD_OPTION("memory-mb", KEY_MEMORY, "M", "That one run may use (default 4096)"),
    AUD_OPTION(
        "seed", KEY_SEED, "HEX",
        "The auditor's dice, 64 digits, as an earlier game printed them: the same "
        "tables again"),
    AUD_OPTION("json", KEY_JSON, NULL, "Print one JSON object instead of a table"),
    {0}};

struct arguments {
    uint64_t given;
    struct aud_game *game;
    const char *command;
    struct aud_claim claim;
    bool has_seed, json;
    uint8_t seed[SIL_SEED_BYTES];
    char person[64];
};

static double parse_level(const char *text, struct argp_state *state)
{
    double level = aud_parse_real("level", text, 0.5, state);
    if (level < LEVEL_LEAST) {
        argp_error(state, "--level must be at least %g: below nothing is ever refuted",
                   LEVEL_LEAST);
    }
    return level;
}

static void parse_person(struct arguments *arguments, const char *text,
                         struct argp_state *state)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text ||
        (size_t)(colon - text) >= sizeof arguments->person ||
        strpbrk(text, "\",\n\r") != NULL) {
        argp_error(state, "--person must be a column and a number, such as id:3");
        return;
    }
    (void)snprintf(arguments->person, sizeof arguments->person, "%.*s",
                   (int)(colon - text), text);
    arguments->game->shape.person = arguments->person;
    arguments->game->shape.copies =
        (unsigned)aud_parse_number("person", colon + 1, 1, 1000, state);
}

static void parse_checks(struct aud_game *game, const char *text,
                         struct argp_state *state)
{
    static const char *const WORDS[AUD_N_GAME_PARTS] = {"metadata", "randomness",
                                                        "canaries", "selection"};
    game->parts = 0;
    if (*text == '\0') {
        argp_error(state, "--checks is empty: nothing would be examined");
    }
    while (*text != '\0') {
        size_t n = strcspn(text, ",");
        unsigned part = 0;
        while (part < AUD_N_GAME_PARTS &&
               (strlen(WORDS[part]) != n || strncmp(WORDS[part], text, n) != 0)) {
            part++;
        }
        if (part == AUD_N_GAME_PARTS) {
            argp_error(state,
                       "--checks knows metadata, randomness, canaries and selection");
            return;
        }
        game->parts |= 1U << part;
        text += n + (text[n] == ',' ? 1 : 0);
    }
}

static void parse_seed(struct arguments *arguments, const char *text,
                       struct argp_state *state)
{
    if (strlen(text) != 2 * SIL_SEED_BYTES ||
        strspn(text, "0123456789abcdef") != 2 * SIL_SEED_BYTES) {
        argp_error(state, "--seed must be 64 hexadecimal digits in lower case");
        return;
    }
    for (size_t i = 0; i < SIL_SEED_BYTES; i++) {
        const char byte[3] = {text[2 * i], text[2 * i + 1], '\0'};
        arguments->seed[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    arguments->has_seed = true;
}

static void check_whole(const struct arguments *arguments, struct argp_state *state)
{
    const struct aud_shape *shape = &arguments->game->shape;
    if (arguments->command == NULL || !arguments->claim.is_given) {
        argp_error(state, "--generator and --claim are required");
    }
    if (shape->values % 4 != 0 || shape->columns < 2) {
        argp_error(state, "--values must be a multiple of 4, --columns at least 2");
    }
    if (shape->is_pair && shape->person != NULL) {
        argp_error(state, "--person and replace-one do not go together");
    }
}

static void parse_neighbours(struct aud_game *game, const char *text,
                             struct argp_state *state)
{
    game->is_replace = strcmp(text, "replace-one") == 0;
    game->shape.is_pair = game->is_replace;
    if (!game->is_replace && strcmp(text, "add-remove") != 0) {
        argp_error(state, "--neighbours is add-remove or replace-one");
    }
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct aud_game *game = arguments->game;
    struct aud_shape *shape = &game->shape;
    struct aud_limits *limits = &game->generator.limits;
    aud_parse_once(&arguments->given, key, OPTIONS, state);
    switch (key) {
    case KEY_GENERATOR: arguments->command = value; return 0;
    case KEY_CLAIM: aud_parse_claim(&arguments->claim, value, state); return 0;
    case KEY_REPLACE: parse_neighbours(game, value, state); return 0;
    case KEY_PERSON: parse_person(arguments, value, state); return 0;
    case KEY_WHITE_BOX: game->is_white_box = true; return 0;
    case KEY_CHECKS: parse_checks(game, value, state); return 0;
    case KEY_RUNS:
        game->runs = (unsigned)aud_parse_number("runs", value, 1, RUNS_MAX, state);
        return 0;
    case KEY_TIME:
        game->seconds =
            (unsigned)aud_parse_number("time", value, 1, SECONDS_MAX, state);
        return 0;
    case KEY_LEVEL: game->level = parse_level(value, state); return 0;
    case KEY_COLUMNS:
        shape->columns = (unsigned)aud_parse_number("columns", value, 1,
                                                    AUD_WORLD_COLUMNS_MAX, state);
        return 0;
    case KEY_VALUES:
        shape->values =
            (unsigned)aud_parse_number("values", value, 1, AUD_WORLD_VALUES_MAX, state);
        return 0;
    case KEY_ROWS:
        shape->rows =
            (unsigned)aud_parse_number("table-rows", value, 1, 10000000, state);
        return 0;
    case KEY_SECONDS:
        limits->seconds =
            (unsigned)aud_parse_number("seconds", value, 1, SECONDS_MAX, state);
        return 0;
    case KEY_MEMORY:
        limits->memory = aud_parse_number("memory-mb", value, 1, 1 << 20, state) << 20;
        return 0;
    case KEY_SEED: parse_seed(arguments, value, state); return 0;
    case KEY_JSON: arguments->json = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "%s is not expected", value); return 0;
    case ARGP_KEY_END: check_whole(arguments, state); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp GAME = {
    .options = OPTIONS,
    .parser = parse,
    .doc =
        "Is a generator's claim true of what it does? Runs it many times on tables that "
        "the auditor makes, in a folder of its own each time, and holds what it writes "
        "against what was put in. Works on any program that reads a CSV file." AUD_EXIT_CODES};

static void begin_defaults(struct aud_game *game)
{
    game->findings.command = "game";
    game->runs = RUNS;
    game->level = 1e-4;
    game->parts = (1U << AUD_N_GAME_PARTS) - 1;
    game->shape = (struct aud_shape){
        .columns = COLUMNS, .values = VALUES, .rows = ROWS, .copies = 1};
    game->generator.limits = (struct aud_limits){.seconds = SECONDS,
                                                 .memory = (uint64_t)MEGABYTES << 20,
                                                 .file_bytes = (uint64_t)1 << 30,
                                                 .folder_bytes = (uint64_t)4 << 30,
                                                 .folder_files = AUD_FOLDER_FILES,
                                                 .processes = AUD_PROCESSES};
}

static sil_status print(const struct aud_game *game, bool json, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    SIL_TRY(json ? aud_game_json(&out, game, err) : aud_game_print(&out, game, err));
    status = aud_command_say(&out, err);

cleanup:
    sil_bytes_clear(&out);
    return status;
}

int aud_command_game(int argc, char **argv)
{
    sil_status status = SIL_OK;
    struct sil_error err = {""};
    struct aud_game game = {0};
    struct arguments arguments = {.game = &game};
    begin_defaults(&game);
    if (argp_parse(&GAME, argc, argv, 0, NULL, &arguments) != 0) {
        return SIL_ERR_USAGE;
    }
    game.epsilon = arguments.claim.epsilon;
    game.delta = arguments.claim.delta;
    game.generator.epsilon = arguments.claim.epsilon_text;
    game.generator.delta = arguments.claim.delta_text;
    SIL_TRY(
        aud_words_split(&game.generator.command, arguments.command, AUD_PLACES, &err));
    SIL_TRY(aud_game_begin(&game, arguments.has_seed ? arguments.seed : NULL, &err));
    SIL_TRY(aud_game_play(&game, &err));
    SIL_TRY(print(&game, arguments.json, &err));

cleanup:
    status = (sil_status)aud_command_end(status, &err, &game.findings);
    aud_game_clear(&game);
    return (int)status;
}
