// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/split.h"

#include "audits/cli/command.h"
#include "audits/cli/parse.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

enum { KEY_DATA = 512, KEY_ID, KEY_OUT, KEY_DELIMITER };

static const struct argp_option OPTIONS[] = {
    AUD_OPTION("data", KEY_DATA, "CSV", "The table to split"),
    AUD_OPTION("id", KEY_ID, "COLUMN",
               "Says whose a record is: one coin for all records of a person"),
    AUD_OPTION("out", KEY_OUT, "DIR", "A folder to be made for the two halves"),
    AUD_OPTION("delimiter", KEY_DELIMITER, "CHAR",
               "One character, or the word tab (default: a comma)"),
    {0}};

struct arguments {
    uint64_t given;
    const char *data, *id_column, *out;
    char delimiter;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    aud_parse_once(&arguments->given, key, OPTIONS, state);
    switch (key) {
    case KEY_DATA: arguments->data = value; return 0;
    case KEY_ID: arguments->id_column = value; return 0;
    case KEY_OUT: arguments->out = value; return 0;
    case KEY_DELIMITER:
        arguments->delimiter = aud_parse_delimiter(value, state);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "nothing is expected here: %s", value);
        return 0;
    case ARGP_KEY_END:
        if (arguments->data == NULL || arguments->out == NULL) {
            argp_error(state, "--data and --out are needed");
        }
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp SPLIT = {
    .options = OPTIONS,
    .parser = parse,
    .doc =
        "Toss a coin for every record, or every person: heads go to the generator (train.csv), tails stay "
        "(holdout.csv). Publish commitment.json before the generator runs, keep "
        "secret.json; `silhouette-audit attack --split DIR` then bounds epsilon "
        "rigorously.\vExit codes: 0 done, 64 wrong usage, 65 an input that is none, 70 internal "
        "error, 74 input/output."};

int aud_command_split(int argc, char **argv)
{
    struct sil_error err = {""};
    struct aud_split split;
    struct arguments arguments = {.delimiter = ','};
    if (argp_parse(&SPLIT, argc, argv, 0, NULL, &arguments) != 0) {
        return SIL_ERR_USAGE;
    }
    (void)umask(077); /* both halves are private, and so is the secret */
    sil_status status = aud_split_make(&split, arguments.data, arguments.id_column,
                                       arguments.delimiter, arguments.out, &err);
    if (status != SIL_OK) {
        (void)fprintf(stderr, "silhouette-audit: %s\n", err.text);
        return (int)status;
    }
    bool is_said = printf("%" PRIu64 " records for the generator, %" PRIu64
                          " held back\ncommitment %s\n",
                          split.train, split.holdout, split.commitment) > 0;
    return is_said && fflush(stdout) == 0 ? SIL_OK : SIL_ERR_IO;
}
