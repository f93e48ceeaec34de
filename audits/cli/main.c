// SPDX-License-Identifier: Apache-2.0
/* silhouette-audit: a command, its options, its exit code. */
#include "audits/verify/evidence.h"
#include "base/fail.h"

#include "silhouette/version.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LEDGER_ID = 256, KEY_PINNED, KEY_GENERATOR, KEY_SECONDS, KEY_JSON };

struct arguments {
    const char *bundle;
    const char *ledger_id;
    const char *pinned;
    const char *generator;
    unsigned seconds;
    bool json;
};

static const struct argp_option OPTIONS[] = {
    {"ledger-id",                                                           KEY_LEDGER_ID, "LID", 0,
     "The id that the ledger's owner has announced, 32 hexadecimal digits", 0},
    {"pinned",                                                                KEY_PINNED, "CHECKPOINT", 0,
     "A checkpoint of this ledger that was kept from earlier: the ledger must continue it",
     0},
    {"generator", KEY_GENERATOR, "PATH", 0,
     "The program that made the release: the transcript is replayed with it, in a folder "
     "of its own, within limits of time, memory and output", 0},
    {"seconds",                                                                     KEY_SECONDS, "N", 0,
     "How long the generator may take each time it is run (default 600)", 0},
    {"json",KEY_JSON, NULL, 0, "Print one JSON object instead of a table", 0},
    {0                                                                   }
};

static error_t parse_seconds(unsigned *out, const char *text, struct argp_state *state)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > 86400) {
        argp_error(state, "--seconds must be a number from 1 to 86400, not %s", text);
    }
    *out = (unsigned)value;
    return 0;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case KEY_LEDGER_ID: arguments->ledger_id = value; return 0;
    case KEY_PINNED: arguments->pinned = value; return 0;
    case KEY_GENERATOR: arguments->generator = value; return 0;
    case KEY_SECONDS: return parse_seconds(&arguments->seconds, value, state);
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
    OPTIONS,
    parse,
    "BUNDLE",
    "Is what a bundle claims true, as far as the bundle alone can tell? Reads the folder "
    "that `silhouette release` writes, with rules, arithmetic and statistics of its own; "
    "needs no network, no data, and nothing of the program that made it."
    "\vExit codes: 0 not refuted, 1 refuted, 2 inconclusive, 64 wrong usage, 65 no bundle, "
    "70 internal error, 74 input/output.",
    NULL,
    NULL,
    NULL};

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

static sil_status verify(int argc, char **argv, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct arguments arguments = {.seconds = 600};
    struct aud_case item;
    (void)argp_parse(&VERIFY, argc, argv, 0, NULL, &arguments);
    aud_case_init(&item);
    item.expected_id = arguments.ledger_id;
    item.pinned = arguments.pinned;
    item.generator = arguments.generator;
    item.seconds = arguments.seconds;
    SIL_TRY(aud_folder_open(&item.folder, arguments.bundle, err));
    SIL_TRY(aud_verify(&item, err));
    SIL_TRY(print(&item.findings, arguments.json, err));

cleanup:
    if (status != SIL_OK) {
        (void)fprintf(stderr, "silhouette-audit: %s\n", err->text);
    } else {
        status = aud_findings_status(&item.findings);
    }
    aud_case_clear(&item);
    return status;
}

static const char USAGE[] =
    "usage: silhouette-audit verify BUNDLE [--ledger-id LID] [--pinned CHECKPOINT]\n"
    "                               [--generator PATH [--seconds N]] [--json]\n"
    "       silhouette-audit --help | --version\n";

int main(int argc, char **argv)
{
    struct sil_error err = {""};
    argp_err_exit_status = SIL_ERR_USAGE;
    if (argc >= 2 && strcmp(argv[1], "verify") == 0) {
        static char name[] = "silhouette-audit verify";
        argv[1] = name;
        return (int)verify(argc - 1, argv + 1, &err);
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return puts("silhouette-audit " SIL_VERSION) < 0 ? SIL_ERR_IO : SIL_OK;
    }
    bool is_help = argc == 2 && strcmp(argv[1], "--help") == 0;
    (void)fputs(USAGE, is_help ? stdout : stderr);
    return is_help ? SIL_OK : SIL_ERR_USAGE;
}
