// SPDX-License-Identifier: Apache-2.0
/* silhouette-audit: its commands, their options, the exit code. */
#include "audits/verify/evidence.h"
#include "base/fail.h"

#include "silhouette/version.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS = 600, SECONDS_MAX = 86400 };

enum {
    KEY_LEDGER_ID = 256,
    KEY_PINNED,
    KEY_GENERATOR,
    KEY_SECONDS,
    KEY_DATA,
    KEY_DELIMITER,
    KEY_DISCLOSURE,
    KEY_JSON
};

#define OPTION(n, k, a, text)                              \
    {                                                      \
        .name = (n), .key = (k), .arg = (a), .doc = (text) \
    }

#define LEDGER_OPTIONS                                                               \
    OPTION("ledger-id", KEY_LEDGER_ID, "LID",                                        \
           "The id that the ledger's owner has announced, 32 hexadecimal digits"),   \
        OPTION("pinned", KEY_PINNED, "CHECKPOINT",                                   \
               "A checkpoint of this ledger that was kept from earlier: the ledger " \
               "must continue it"),                                                  \
        OPTION("json", KEY_JSON, NULL, "Print one JSON object instead of a table")

static const struct argp_option VERIFY_OPTIONS[] = {
    LEDGER_OPTIONS,
    OPTION(
        "generator", KEY_GENERATOR, "PATH",
        "The program that made the release: the transcript is replayed with it, in a "
        "folder of its own, within limits of time, memory and output"),
    OPTION("seconds", KEY_SECONDS, "N",
           "How long the generator may take each time it is run (default 600)"),
    {0}};

static const struct argp_option CONFORM_OPTIONS[] = {
    LEDGER_OPTIONS,
    OPTION("data", KEY_DATA, "CSV",
           "The table that the release was made of (required)"),
    OPTION(
        "disclosure", KEY_DISCLOSURE, "FILE",
        "The key of the data commitment, as silhouette ledger disclose writes it: are "
        "these data that the ledger covers?"),
    OPTION(
        "delimiter", KEY_DELIMITER, "CHAR",
        "What separates its fields: one character, or the word tab (default: a comma)"),
    {0}};

#define EXIT_CODES                                                                         \
    "\vExit codes: 0 not refuted, 1 refuted, 2 inconclusive, 64 wrong usage, 65 an input " \
    "that is none, 70 internal error, 74 input/output."

struct arguments {
    struct aud_case *item;
    const char *bundle;
    bool json;
};

static void parse_seconds(unsigned *out, const char *text, struct argp_state *state)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 ||
        value > SECONDS_MAX) {
        argp_error(state, "--seconds must be a number from 1 to %d, not %s",
                   SECONDS_MAX, text);
    }
    *out = (unsigned)value;
}

static void parse_delimiter(char *out, const char *text, struct argp_state *state)
{
    bool is_tab = strcmp(text, "tab") == 0;
    if (!is_tab && (strlen(text) != 1 || strchr("\"\r\n", text[0]) != NULL)) {
        argp_error(state, "--delimiter must be one character or the word tab");
    }
    *out = text[0];
    if (is_tab) {
        *out = '\t';
    }
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct aud_case *item = arguments->item;
    switch (key) {
    case KEY_LEDGER_ID:
        if (strlen(value) != 32 || strspn(value, "0123456789abcdef") != 32) {
            argp_error(state,
                       "--ledger-id must be 32 hexadecimal digits in lower case");
        }
        item->expected_id = value;
        return 0;
    case KEY_PINNED: item->pinned = value; return 0;
    case KEY_GENERATOR: item->generator = value; return 0;
    case KEY_SECONDS: parse_seconds(&item->seconds, value, state); return 0;
    case KEY_DATA: item->data = value; return 0;
    case KEY_DELIMITER: parse_delimiter(&item->delimiter, value, state); return 0;
    case KEY_DISCLOSURE: item->disclosure = value; return 0;
    case KEY_JSON: arguments->json = true; return 0;
    case ARGP_KEY_ARG:
        if (arguments->bundle != NULL) {
            argp_error(state, "one bundle at a time, not also %s", value);
        }
        arguments->bundle = value;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "a bundle is missing"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp VERIFY = {
    .options = VERIFY_OPTIONS,
    .parser = parse,
    .args_doc = "BUNDLE",
    .doc =
        "Is what a bundle claims true, as far as the bundle alone can tell? Reads the "
        "folder that `silhouette release` writes, with rules, arithmetic and statistics "
        "of its own; needs no network, no data, and nothing of the program that made "
        "it." EXIT_CODES};

static const struct argp CONFORM = {
    .options = CONFORM_OPTIONS,
    .parser = parse,
    .args_doc = "BUNDLE",
    .doc =
        "For an auditor who holds the data: was the noise on every marginal what the "
        "bundle claims? The findings are computed on private data." EXIT_CODES};

static const struct command {
    const char *word;
    const char *name; ///< as help shows it
    const struct argp *argp;
    sil_status (*run)(struct aud_case *item, struct sil_error *err);
} COMMANDS[] = {
    {"verify",  "silhouette-audit verify",  &VERIFY,  aud_verify },
    {"conform", "silhouette-audit conform", &CONFORM, aud_conform},
};

enum { N_COMMANDS = sizeof COMMANDS / sizeof COMMANDS[0] };

static sil_status print(const struct aud_findings *findings, bool json,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    SIL_TRY(json ? aud_findings_json(&out, findings, err)
                 : aud_findings_print(&out, findings, err));
    if (fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0) {
        status = sil_fail_errno(err, "cannot write the standard output");
    }

cleanup:
    sil_bytes_clear(&out);
    return status;
}

static sil_status run(const struct command *command, int argc, char **argv)
{
    sil_status status = SIL_OK;
    struct sil_error err = {""};
    struct aud_case item;
    struct arguments arguments = {.item = &item};
    aud_case_init(&item);
    item.seconds = SECONDS;
    item.delimiter = ',';
    if (argp_parse(command->argp, argc, argv, 0, NULL, &arguments) != 0) {
        return SIL_ERR_USAGE;
    }
    if (command->run == aud_conform && item.data == NULL) {
        status = sil_fail(&err, SIL_ERR_USAGE, "conform needs --data CSV");
        goto cleanup;
    }
    SIL_TRY(aud_folder_open(&item.folder, arguments.bundle, &err));
    SIL_TRY(command->run(&item, &err));
    SIL_TRY(print(&item.findings, arguments.json, &err));

cleanup:
    if (status != SIL_OK) {
        (void)fprintf(stderr, "silhouette-audit: %s\n", err.text);
    } else {
        status = aud_findings_status(&item.findings);
    }
    aud_case_clear(&item);
    return status;
}

static const char USAGE[] =
    "usage: silhouette-audit verify BUNDLE [--ledger-id LID] [--pinned CHECKPOINT]\n"
    "                               [--generator PATH [--seconds N]] [--json]\n"
    "       silhouette-audit conform BUNDLE --data CSV [--disclosure FILE] [--delimiter CHAR]\n"
    "                               [--ledger-id LID] [--pinned CHECKPOINT] [--json]\n"
    "       silhouette-audit COMMAND --help | --help | --version\n";

int main(int argc, char **argv)
{
    argp_err_exit_status = SIL_ERR_USAGE;
    for (int i = 0; argc >= 2 && i < N_COMMANDS; i++) {
        if (strcmp(argv[1], COMMANDS[i].word) == 0) {
            char name[64];
            (void)snprintf(name, sizeof name, "%s", COMMANDS[i].name);
            argv[1] = name;
            return (int)run(&COMMANDS[i], argc - 1, argv + 1);
        }
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return puts("silhouette-audit " SIL_VERSION) < 0 ? SIL_ERR_IO : SIL_OK;
    }
    bool is_help = argc == 2 && strcmp(argv[1], "--help") == 0;
    (void)fputs(USAGE, is_help ? stdout : stderr);
    return is_help ? SIL_OK : SIL_ERR_USAGE;
}
