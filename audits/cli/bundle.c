// SPDX-License-Identifier: Apache-2.0
/* verify and conform: what is asked of one bundle. */
#include "audits/cli/command.h"
#include "audits/cli/parse.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECONDS = 600, SECONDS_MAX = 86400 };

enum {
    KEY_LEDGER_ID = 256,
    KEY_PINNED,
    KEY_POLICY,
    KEY_AGAINST,
    KEY_GENERATOR,
    KEY_SECONDS,
    KEY_DATA,
    KEY_DELIMITER,
    KEY_DISCLOSURE,
    KEY_JSON
};

#define LEDGER_OPTIONS                                                                 \
    AUD_OPTION("ledger-id", KEY_LEDGER_ID, "LID",                                      \
               "The id that the ledger's owner has announced, 32 hexadecimal digits"), \
        AUD_OPTION(                                                                    \
            "pinned", KEY_PINNED, "CHECKPOINT",                                        \
            "A checkpoint of this ledger that was kept from earlier: the ledger "      \
            "must continue it"),                                                       \
        AUD_OPTION("policy", KEY_POLICY, "FILE",                                       \
                   "Whose cosignatures count, as a C2SP tlog-policy; they stand in "   \
                   "the checkpoint that --pinned names"),                              \
        AUD_OPTION("against", KEY_AGAINST, "BUNDLE",                                   \
                   "Another release, perhaps of the same data: its noise must be "     \
                   "other noise. May be given up to 16 times"),                        \
        AUD_OPTION("json", KEY_JSON, NULL, "Print one JSON object instead of a table")

static const struct argp_option VERIFY_OPTIONS[] = {
    LEDGER_OPTIONS,
    AUD_OPTION(
        "generator", KEY_GENERATOR, "PATH",
        "The program that made the release: the transcript is replayed with it, in a "
        "folder of its own, within limits of time, memory and output"),
    AUD_OPTION("seconds", KEY_SECONDS, "N",
               "How long the generator may take each time it is run (default 600)"),
    {0}};

static const struct argp_option CONFORM_OPTIONS[] = {
    LEDGER_OPTIONS,
    AUD_OPTION("data", KEY_DATA, "CSV",
               "The table that the release was made of (required)"),
    AUD_OPTION(
        "disclosure", KEY_DISCLOSURE, "FILE",
        "The key of the data commitment, as silhouette ledger disclose writes it: are "
        "these data that the ledger covers?"),
    AUD_OPTION(
        "delimiter", KEY_DELIMITER, "CHAR",
        "What separates its fields: one character, or the word tab (default: a comma)"),
    {0}};

struct arguments {
    const struct argp_option *options;
    uint64_t given;
    struct aud_case *item;
    const char *bundle;
    bool json;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct aud_case *item = arguments->item;
    if (key != KEY_AGAINST) {
        aud_parse_once(&arguments->given, key, arguments->options, state);
    }
    switch (key) {
    case KEY_LEDGER_ID:
        if (strlen(value) != 32 || strspn(value, "0123456789abcdef") != 32) {
            argp_error(state,
                       "--ledger-id must be 32 hexadecimal digits in lower case");
        }
        item->expected_id = value;
        return 0;
    case KEY_PINNED: item->pinned = value; return 0;
    case KEY_POLICY: item->policy = value; return 0;
    case KEY_AGAINST:
        if (item->n_against == AUD_AGAINST_MAX) {
            argp_error(state, "--against can be given %d times", AUD_AGAINST_MAX);
        }
        item->against[item->n_against++] = value;
        return 0;
    case KEY_GENERATOR: item->generator = value; return 0;
    case KEY_SECONDS:
        item->seconds =
            (unsigned)aud_parse_number("seconds", value, 1, SECONDS_MAX, state);
        return 0;
    case KEY_DATA: item->data = value; return 0;
    case KEY_DELIMITER: item->delimiter = aud_parse_delimiter(value, state); return 0;
    case KEY_DISCLOSURE: item->disclosure = value; return 0;
    case KEY_JSON: arguments->json = true; return 0;
    case ARGP_KEY_ARG:
        if (arguments->bundle != NULL) {
            argp_error(state, "one bundle at a time, not also %s", value);
        }
        arguments->bundle = value;
        return 0;
    case ARGP_KEY_END:
        if (item->generator == NULL && aud_parse_has(arguments->given, KEY_SECONDS)) {
            argp_error(state,
                       "--seconds is of no use without --generator: it is not run");
        }
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
        "it." AUD_EXIT_CODES};

static const struct argp CONFORM = {
    .options = CONFORM_OPTIONS,
    .parser = parse,
    .args_doc = "BUNDLE",
    .doc =
        "For an auditor who holds the data: was the noise on every marginal what the "
        "bundle claims? The findings are computed on private data." AUD_EXIT_CODES};

/// Parse, open the bundle, do the checks, print.
static int run(const struct argp *argp, int argc, char **argv,
               sil_status (*check)(struct aud_case *, struct sil_error *))
{
    sil_status status = SIL_OK;
    struct sil_error err = {""};
    struct aud_case item;
    struct arguments arguments = {.options = argp->options, .item = &item};
    aud_case_init(&item);
    item.findings.command = check == aud_verify ? "verify" : "conform";
    item.seconds = SECONDS;
    item.delimiter = ',';
    if (argp_parse(argp, argc, argv, 0, NULL, &arguments) != 0) {
        return SIL_ERR_USAGE;
    }
    if (check == aud_conform && item.data == NULL) {
        status = sil_fail(&err, SIL_ERR_USAGE, "conform needs --data CSV");
        goto cleanup;
    }
    status = aud_folder_open(&item.folder, arguments.bundle, &err);
    if (status == SIL_ERR_CHECK) {
        aud_find_status(&item.findings, "S1", "The bundle is a folder or a tar file",
                        status, &err);
    } else {
        SIL_TRY(status);
        SIL_TRY(check(&item, &err));
    }
    SIL_TRY(aud_command_print(&item.findings, arguments.json, &err));

cleanup:
    status = (sil_status)aud_command_end(status, &err, &item.findings);
    aud_case_clear(&item);
    return (int)status;
}

int aud_command_verify(int argc, char **argv)
{
    return run(&VERIFY, argc, argv, aud_verify);
}

int aud_command_conform(int argc, char **argv)
{
    return run(&CONFORM, argc, argv, aud_conform);
}
