// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/attack.h"

#include "audits/cli/command.h"
#include "audits/cli/parse.h"
#include "base/fail.h"
#include "base/file.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MAX = 64, THREADS_MAX = 256, SHADOWS = 16, SHADOWS_MAX = 1000 };

enum { SECONDS = 600, SECONDS_MAX = 86400, MEGABYTES = 4096 };

enum {
    KEY_TRAIN = 512,
    KEY_HOLDOUT,
    KEY_SYNTHETIC,
    KEY_SCHEMA,
    KEY_ID,
    KEY_SENSITIVE,
    KEY_AUX,
    KEY_CLAIM,
    KEY_TRANSCRIPT,
    KEY_SPLIT,
    KEY_GENERATOR,
    KEY_SHADOWS,
    KEY_SECONDS,
    KEY_MEMORY,
    KEY_SEED,
    KEY_THREADS,
    KEY_DELIMITER,
    KEY_OUT,
    KEY_JSON
};

static const struct argp_option OPTIONS[] = {
    AUD_OPTION("train", KEY_TRAIN, "CSV", "The rows that the generator was given"),
    AUD_OPTION("holdout", KEY_HOLDOUT, "CSV",
               "Rows of the same population that it was not given"),
    AUD_OPTION("synthetic", KEY_SYNTHETIC, "CSV", "The rows that it made"),
    AUD_OPTION(
        "schema", KEY_SCHEMA, "JSON",
        "Kinds and bounds of the columns (default: inferred from all three tables)"),
    AUD_OPTION("id", KEY_ID, "COLUMN",
               "Says whose a row is: one row of each person is attacked (default: the "
               "column that the split or the transcript names)"),
    AUD_OPTION(
        "sensitive", KEY_SENSITIVE, "COLUMN",
        "A column that an attacker wants to know; may be repeated (default: each)"),
    AUD_OPTION("aux", KEY_AUX, "COLUMN",
               "A column that he knows; may be repeated (default: all others)"),
    AUD_OPTION("claim", KEY_CLAIM, "EPSILON,DELTA",
               "What is claimed: an attack is then held against what that allows"),
    AUD_OPTION(
        "transcript", KEY_TRANSCRIPT, "FILE",
        "Of the run: its marginals are attacked instead of all low-order ones, and its noisy counts themselves"),
    AUD_OPTION(
        "generator", KEY_GENERATOR, "COMMAND",
        "How the rows were made, with {data} {schema} {epsilon} {delta} {rows} {out} in "
        "the places of files and figures: it is run on other halves of the records"),
    AUD_OPTION("shadows", KEY_SHADOWS, "N", "How many such runs (default 16)"),
    AUD_OPTION("seconds", KEY_SECONDS, "N", "That one of them may take (default 600)"),
    AUD_OPTION("memory-mb", KEY_MEMORY, "M", "That one of them may use (default 4096)"),
    AUD_OPTION(
        "split", KEY_SPLIT, "DIR",
        "The folder of `silhouette-audit split` that train and holdout come from: "
        "attacks then bound epsilon rigorously"),
    AUD_OPTION(
        "seed", KEY_SEED, "N",
        "Repeat the random choices of an earlier run (default: drawn, and told)"),
    AUD_OPTION("threads", KEY_THREADS, "N", "Default: as many as processors"),
    AUD_OPTION("delimiter", KEY_DELIMITER, "CHAR",
               "One character, or the word tab (default: a comma)"),
    AUD_OPTION("out", KEY_OUT, "DIR", "Where attack.json is written; made if need be"),
    AUD_OPTION("json", KEY_JSON, NULL, "Print the same JSON instead of a table"),
    {0}};

struct arguments {
    uint64_t given;
    struct aud_attack attack;
    const char *sensitive[AUD_GUESSED_MAX], *aux[NAMES_MAX];
    bool has_seed, json;
};

static void add_name(const char **list, size_t *n, size_t most, const char *name,
                     struct argp_state *state)
{
    for (size_t i = 0; i < *n; i++) {
        if (strcmp(list[i], name) == 0) {
            argp_error(state, "a column is named twice: %s", name);
            return;
        }
    }
    if (*n == most) {
        argp_error(state, "at most %zu columns can be named so", most);
    } else {
        list[(*n)++] = name;
    }
}

/* What is read more than once. */
static void expect_file(const char *path, struct argp_state *state)
{
    struct stat info;
    if (path == NULL) {
        return;
    }
    bool is_stream =
        stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
    if (is_stream || strcmp(path, "-") == 0) {
        argp_error(state, "%s is read more than once: give a file, not a pipe", path);
    }
}

/* The coins, the noisy counts of a transcript and every shadow run take another look at both
 * tables. */
static void expect_files(const struct aud_attack *attack, struct argp_state *state)
{
    const struct aud_sources *sources = &attack->sources;
    if (attack->split != NULL || attack->transcript != NULL ||
        attack->generator != NULL) {
        expect_file(sources->path[AUD_TRAIN], state);
        expect_file(sources->path[AUD_HOLDOUT], state);
    }
    expect_file(attack->transcript, state);
    expect_file(attack->generator != NULL ? sources->schema : NULL, state);
}

static void check_all(const struct arguments *arguments, struct argp_state *state)
{
    const struct aud_attack *attack = &arguments->attack;
    const struct aud_sources *sources = &attack->sources;
    bool is_about_runs = aud_parse_has(arguments->given, KEY_SHADOWS) ||
                         aud_parse_has(arguments->given, KEY_SECONDS) ||
                         aud_parse_has(arguments->given, KEY_MEMORY);
    if (sources->path[AUD_TRAIN] == NULL || sources->path[AUD_HOLDOUT] == NULL ||
        sources->path[AUD_SYNTHETIC] == NULL || attack->out == NULL) {
        argp_error(state, "--train, --holdout, --synthetic and --out are needed");
    } else if (attack->split != NULL && sources->id_column != NULL) {
        argp_error(state, "--split says itself whose the coins are: leave --id out");
    } else if (is_about_runs && attack->generator == NULL) {
        argp_error(state, "--shadows, --seconds and --memory-mb are of no use without "
                          "--generator: it is not run");
    } else {
        expect_files(attack, state);
    }
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct aud_attack *attack = &arguments->attack;
    if (key != KEY_SENSITIVE && key != KEY_AUX) {
        aud_parse_once(&arguments->given, key, OPTIONS, state);
    }
    switch (key) {
    case KEY_TRAIN: attack->sources.path[AUD_TRAIN] = value; return 0;
    case KEY_HOLDOUT: attack->sources.path[AUD_HOLDOUT] = value; return 0;
    case KEY_SYNTHETIC: attack->sources.path[AUD_SYNTHETIC] = value; return 0;
    case KEY_SCHEMA: attack->sources.schema = value; return 0;
    case KEY_ID: attack->sources.id_column = value; return 0;
    case KEY_SENSITIVE:
        add_name(arguments->sensitive, &attack->n_sensitive, AUD_GUESSED_MAX, value,
                 state);
        return 0;
    case KEY_AUX:
        add_name(arguments->aux, &attack->n_aux, NAMES_MAX, value, state);
        return 0;
    case KEY_CLAIM: aud_parse_claim(&attack->claim, value, state); return 0;
    case KEY_TRANSCRIPT: attack->transcript = value; return 0;
    case KEY_GENERATOR: attack->generator = value; return 0;
    case KEY_SHADOWS:
        attack->shadows =
            (unsigned)aud_parse_number("shadows", value, 2, SHADOWS_MAX, state);
        return 0;
    case KEY_SECONDS:
        attack->limits.seconds =
            (unsigned)aud_parse_number("seconds", value, 1, SECONDS_MAX, state);
        return 0;
    case KEY_MEMORY:
        attack->limits.memory = aud_parse_number("memory-mb", value, 1, 1 << 20, state)
                                << 20;
        return 0;
    case KEY_SPLIT: attack->split = value; return 0;
    case KEY_SEED:
        attack->seed = aud_parse_number("seed", value, 0, INT64_MAX, state);
        arguments->has_seed = true;
        return 0;
    case KEY_THREADS:
        attack->threads =
            (unsigned)aud_parse_number("threads", value, 1, THREADS_MAX, state);
        return 0;
    case KEY_DELIMITER:
        attack->sources.delimiter = aud_parse_delimiter(value, state);
        return 0;
    case KEY_OUT: attack->out = value; return 0;
    case KEY_JSON: arguments->json = true; return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "nothing is expected here: %s", value);
        return 0;
    case ARGP_KEY_END: check_all(arguments, state); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp ATTACK = {
    .options = OPTIONS,
    .parser = parse,
    .doc =
        "What could an attacker learn from synthetic rows about the records that they "
        "were made of? Attacks members, which the generator was given, and non-members, "
        "which it was not. The findings are computed on private "
        "data.\vExit codes: 0 nothing found, 1 exposed or refuted, 2 inconclusive, 64 wrong "
        "usage, 65 an input that is none, 70 internal error, 74 input/output."};

/* On a terminal: what is done of the search at hand. */
static void show(void *context, size_t done, size_t all)
{
    size_t *shown = context;
    size_t percent = 100 * done / all;
    if (percent != *shown) {
        *shown = percent;
        (void)fprintf(stderr,
                      percent == 100 ? "\r                    \r"
                                     : "\rcomparing: %3zu %%",
                      percent);
    }
}

static sil_status open_file(struct sil_output **output, const char *folder,
                            struct sil_error *err)
{
    char path[PATH_MAX];
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return sil_fail_errno(err, "cannot make %s", folder);
    }
    int length = snprintf(path, sizeof path, "%s/attack.json", folder);
    if (length < 0 || (size_t)length >= sizeof path) {
        return sil_fail(err, SIL_ERR_USAGE, "the name of the folder is too long");
    }
    return sil_output_open(output, path, 0600, err);
}

/* A folder that takes no file is found out before hours of attacks, not after. */
static sil_status try_folder(const char *folder, struct sil_error *err)
{
    struct sil_output *output = NULL;
    sil_status status = open_file(&output, folder, err);
    sil_output_abandon(output);
    return status;
}

static sil_status write_file(const struct sil_bytes *json, const char *folder,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;
    SIL_TRY(open_file(&output, folder, err));
    status = sil_output_write(output, json->data, json->length, err);
    if (status != SIL_OK) {
        sil_output_abandon(output);
        goto cleanup;
    }
    status = sil_output_commit(output, err);

cleanup:
    return status;
}

static sil_status tell(const struct arguments *arguments, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes json = {0};
    struct sil_bytes text = {0};
    SIL_TRY(aud_attack_json(&json, &arguments->attack, err));
    SIL_TRY(write_file(&json, arguments->attack.out, err));
    if (!arguments->json) {
        SIL_TRY(aud_attack_print(&text, &arguments->attack, err));
    }
    const struct sil_bytes *out = arguments->json ? &json : &text;
    status = aud_command_say(out, err);

cleanup:
    sil_bytes_clear(&json);
    sil_bytes_clear(&text);
    return status;
}

static sil_status prepare(struct arguments *arguments, struct sil_error *err)
{
    struct aud_attack *attack = &arguments->attack;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    attack->sensitive = arguments->sensitive;
    attack->aux = arguments->aux;
    if (attack->threads == 0) {
        attack->threads = processors < 1             ? 1
                          : processors > THREADS_MAX ? THREADS_MAX
                                                     : (unsigned)processors;
    }
    if (!arguments->has_seed) {
        if (getrandom(&attack->seed, sizeof attack->seed, 0) != sizeof attack->seed) {
            return sil_fail_errno(err, "the system gives no random bytes");
        }
        attack->seed >>= 16; /* short enough to be typed again */
    }
    return SIL_OK;
}

int aud_command_attack(int argc, char **argv)
{
    sil_status status = SIL_OK;
    struct sil_error err = {""};
    struct arguments arguments = {
        .attack = {.sources = {.delimiter = ','},
                   .shadows = SHADOWS,
                   .limits = {.seconds = SECONDS,
                              .memory = (uint64_t)MEGABYTES << 20,
                              .file_bytes = AUD_BYTES_MAX,
                              .folder_bytes = 4 * AUD_BYTES_MAX,
                              .folder_files = AUD_FOLDER_FILES,
                              .processes = AUD_PROCESSES}}
    };
    size_t shown = 100;
    if (argp_parse(&ATTACK, argc, argv, 0, NULL, &arguments) != 0) {
        return SIL_ERR_USAGE;
    }
    if (isatty(STDERR_FILENO) != 0) {
        arguments.attack.progress = show;
        arguments.attack.context = &shown;
    }
    SIL_TRY(prepare(&arguments, &err));
    SIL_TRY(try_folder(arguments.attack.out, &err));
    SIL_TRY(aud_attack_run(&arguments.attack, &err));
    SIL_TRY(tell(&arguments, &err));
    status = aud_attack_status(&arguments.attack);

cleanup:
    if (err.text[0] != '\0') {
        (void)fprintf(stderr, "silhouette-audit: %s\n", err.text);
    }
    aud_attack_clear(&arguments.attack);
    return (int)status;
}
