// SPDX-License-Identifier: Apache-2.0
#include "audits/cli/command.h"
#include "audits/cli/parse.h"
#include "audits/report/publish.h"
#include "audits/report/seal.h"
#include "base/fail.h"
#include "base/file.h"
#include "crypto/hash.h"

#include <sodium.h>

#include <argp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OPERANDS_MAX = 64, AUDITOR_MAX = 200 };

enum {
    KEY_OUT = 512,
    KEY_KEY,
    KEY_PASSPHRASE,
    KEY_FAIL_ON,
    KEY_BODY,
    KEY_AUDITOR,
    KEY_DATE,
    KEY_FILE,
    KEY_JSON
};

static const struct argp_option OPTIONS[] = {
    AUD_OPTION("out", KEY_OUT, "FILE",
               "The page, a name that ends in .html (required); beside it the same as "
               "JSON, its name ending in .json"),
    AUD_OPTION("key", KEY_KEY, "KEY",
               "The auditor's secret key, a file of minisign's: page and JSON get a "
               "signature each (.minisig). Without it the report says that it is not "
               "signed"),
    AUD_OPTION("passphrase-file", KEY_PASSPHRASE, "FILE",
               "The passphrase of the key is the first line of FILE (- is the standard "
               "input)"),
    AUD_OPTION(
        "fail-on", KEY_FAIL_ON, "LIMIT[,LIMIT]...",
        "What gives exit code 1: a verdict (refuted, which always does; exposed; "
        "inconclusive; default: refuted,exposed), missing=COMMAND, or a figure of "
        "attack above a limit: auc=X, difference=X, epsilon=X, identical=X. May "
        "be repeated"),
    AUD_OPTION("ledger-body", KEY_BODY, "FILE",
               "Also write the body of an audit entry for `silhouette ledger approve`: "
               "the verdict of verify and game, and a hash of the report; with --key "
               "its signature, too (FILE.minisig)"),
    AUD_OPTION("auditor", KEY_AUDITOR, "NAME", "Who made the report, for its head"),
    AUD_OPTION("date", KEY_DATE, "YYYY-MM-DD", "Default: today (UTC)"),
    AUD_OPTION("file", KEY_FILE, "FILE",
               "Also note the SHA-256 of this file (a table, the generator). May be "
               "repeated"),
    AUD_OPTION("json", KEY_JSON, NULL, "Print the JSON instead of a summary"),
    {0}};

struct arguments {
    uint64_t given;
    struct aud_report report;
    const char *operand[OPERANDS_MAX];
    size_t n_operands;
    const char *out, *key, *passphrase_file, *body;
    char json_path[PATH_MAX];
    char date[16];
    bool json;
};

/* ---- parsing ---- */

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void parse_out(struct arguments *arguments, const char *path,
                      struct argp_state *state)
{
    static const char ENDING[] = ".html";
    size_t length = strlen(path);
    size_t stem = length - (length < sizeof ENDING ? length : sizeof ENDING - 1);
    if (strcmp(path + stem, ENDING) != 0 || name_of(path)[0] == '.' ||
        length + 1 >= sizeof arguments->json_path) {
        argp_error(state, "--out must be a file whose name ends in .html, not %s",
                   path);
        return;
    }
    arguments->out = path;
    (void)snprintf(arguments->json_path, sizeof arguments->json_path, "%.*s.json",
                   (int)stem, path);
}

static void add_file(struct aud_report *report, const char *path,
                     struct argp_state *state)
{
    if (report->n_files == AUD_FILES_MAX) {
        argp_error(state, "--file can be given %d times", AUD_FILES_MAX);
        return;
    }
    report->file[report->n_files++].path = path;
}

static void check_whole(struct arguments *arguments, struct argp_state *state)
{
    if (arguments->out == NULL) {
        argp_error(state, "--out is needed");
    }
    if (arguments->n_operands == 0) {
        argp_error(state,
                   "a folder of findings, a file of them, or a bundle is needed");
    }
    if (arguments->passphrase_file != NULL && arguments->key == NULL) {
        argp_error(state, "--passphrase-file is of no use without --key");
    }
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    struct aud_report *report = &arguments->report;
    if (key != KEY_FAIL_ON && key != KEY_FILE) {
        aud_parse_once(&arguments->given, key, OPTIONS, state);
    }
    switch (key) {
    case KEY_OUT: parse_out(arguments, value, state); return 0;
    case KEY_KEY: arguments->key = value; return 0;
    case KEY_PASSPHRASE: arguments->passphrase_file = value; return 0;
    case KEY_FAIL_ON:
        if (!aud_limits_parse(&report->limits, value)) {
            argp_error(state, "--fail-on does not know such limits: %s", value);
        }
        return 0;
    case KEY_BODY: arguments->body = value; return 0;
    case KEY_AUDITOR:
        if (strlen(value) > AUDITOR_MAX) {
            argp_error(state, "--auditor is longer than %d bytes", AUDITOR_MAX);
        }
        report->auditor = value;
        return 0;
    case KEY_DATE:
        if (!aud_is_day(value)) {
            argp_error(state, "--date must be a day, as in 2026-11-22, not %s", value);
        }
        report->date = value;
        return 0;
    case KEY_FILE: add_file(report, value, state); return 0;
    case KEY_JSON: arguments->json = true; return 0;
    case ARGP_KEY_ARG:
        if (arguments->n_operands == OPERANDS_MAX) {
            argp_error(state, "at most %d inputs", OPERANDS_MAX);
        } else {
            arguments->operand[arguments->n_operands++] = value;
        }
        return 0;
    case ARGP_KEY_END: check_whole(arguments, state); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp REPORT = {
    .options = OPTIONS,
    .parser = parse,
    .args_doc = "DIR|FILE|BUNDLE...",
    .doc =
        "One document over all that was found: a page for people, which needs no "
        "statistics, no script and no network, and JSON for programs. Takes folders "
        "that attack wrote, files that verify, conform, game, attack and selftest "
        "printed with --json, and bundles, which it verifies.\vExit codes: 0 nothing "
        "that --fail-on names, 1 refuted, exposed or past a limit, 2 inconclusive or a "
        "limit without a figure, 64 wrong usage, 65 an input that is none, 70 internal "
        "error, 74 input/output."};

/* ---- gathering ---- */

/* The words of the command line, as a shell would take them. */
static sil_status note_command(struct sil_bytes *out, int argc, char **argv,
                               struct sil_error *err)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-_./=,:+@%";
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "silhouette-audit report"));
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        bool is_plain = word[0] != '\0' && strspn(word, PLAIN) == strlen(word);
        SIL_TRY(sil_bytes_printf(out, err, is_plain ? " " : " '"));
        for (; *word != '\0'; word++) {
            bool is_quote = *word == '\'';
            SIL_TRY(sil_bytes_append(out, is_quote ? "'\\''" : word, is_quote ? 4 : 1,
                                     err));
        }
        SIL_TRY(sil_bytes_printf(out, err, is_plain ? "" : "'"));
    }
    SIL_TRY(sil_bytes_append(out, "", 1, err));

cleanup:
    return status;
}

/* Is what is read under this name lost once the report is written? */
static sil_status check_kept(const struct arguments *arguments, const char *path,
                             struct sil_error *err)
{
    const char *const written[] = {arguments->out, arguments->json_path,
                                   arguments->body};
    for (size_t i = 0; path != NULL && i < 3; i++) {
        char signature[PATH_MAX];
        if (written[i] == NULL) {
            continue;
        }
        (void)snprintf(signature, sizeof signature, "%s.minisig", written[i]);
        if (sil_file_same(path, written[i]) || sil_file_same(path, signature)) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "%s is read and would be written over: the report needs "
                            "another name",
                            path);
        }
    }
    return SIL_OK;
}

/* A bundle with a file more is no longer the bundle that was signed. */
static sil_status check_outside(const struct arguments *arguments, const char *operand,
                                struct sil_error *err)
{
    char folder[PATH_MAX];
    char sums[PATH_MAX];
    const char *const written[] = {arguments->out, arguments->body};
    int length = snprintf(sums, sizeof sums, "%s/SHA256SUMS", operand);
    if (length < 0 || (size_t)length >= sizeof sums || access(sums, F_OK) != 0) {
        return SIL_OK;
    }
    for (size_t i = 0; i < 2 && written[i] != NULL; i++) {
        (void)snprintf(folder, sizeof folder, "%s", written[i]);
        char *slash = strrchr(folder, '/');
        (void)snprintf(slash == NULL ? folder : slash, 3, slash == NULL ? "." : "/.");
        if (sil_file_same(folder, operand)) {
            return sil_fail(
                err, SIL_ERR_USAGE,
                "%s would lie in a bundle that is audited: the report needs "
                "another place",
                written[i]);
        }
    }
    return SIL_OK;
}

/* What the report reads stays as it is, and a body has a name of its own. */
static sil_status check_names(const struct arguments *arguments, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_report *report = &arguments->report;
    const char *body = arguments->body;
    if (body != NULL &&
        (strcmp(body, arguments->out) == 0 || strcmp(body, arguments->json_path) == 0 ||
         sil_file_same(body, arguments->out) ||
         sil_file_same(body, arguments->json_path))) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--ledger-body needs another name than the report: %s", body);
    }
    SIL_TRY(check_kept(arguments, arguments->key, err));
    SIL_TRY(check_kept(arguments, arguments->passphrase_file, err));
    for (size_t i = 0; i < report->inputs.n; i++) {
        SIL_TRY(check_kept(arguments, report->inputs.item[i].path, err));
    }
    for (size_t i = 0; i < arguments->n_operands; i++) {
        SIL_TRY(check_outside(arguments, arguments->operand[i], err));
    }
    for (size_t i = 0; i < report->n_files; i++) {
        SIL_TRY(check_kept(arguments, report->file[i].path, err));
    }

cleanup:
    return status;
}

static sil_status gather(struct arguments *arguments, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_report *report = &arguments->report;
    for (size_t i = 0; i < arguments->n_operands; i++) {
        SIL_TRY(aud_inputs_add(&report->inputs, arguments->operand[i], err));
    }
    SIL_TRY(check_names(arguments, err));
    for (size_t i = 0; i < report->n_files; i++) {
        SIL_TRY(aud_named_file_hash(&report->file[i], err));
    }
    if (aud_report_is_private(report)) {
        report->is_salted = true;
        randombytes_buf(report->salt, sizeof report->salt);
    }
    if (report->date == NULL) {
        time_t now = time(NULL);
        struct tm day;
        (void)strftime(arguments->date, sizeof arguments->date, "%Y-%m-%d",
                       gmtime_r(&now, &day));
        report->date = arguments->date;
    }
    report->page_name = name_of(arguments->out);
    report->json_name = name_of(arguments->json_path);

cleanup:
    return status;
}

/* ---- telling ---- */

static sil_status say(const struct arguments *arguments, const struct sil_bytes *json,
                      const struct sil_bytes *comment, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    if (!arguments->json) {
        SIL_TRY(aud_report_print(&text, &arguments->report, err));
        SIL_TRY(sil_bytes_printf(&text, err, "%s\n%s\n", arguments->out,
                                 arguments->json_path));
    }
    if (!arguments->json && comment->length > 0) {
        SIL_TRY(sil_bytes_printf(
            &text, err,
            "%s\n  minisign -S -m %s -t '%s'\n  silhouette ledger approve DIR --body "
            "%s --sig %s.minisig\n",
            arguments->body, arguments->body, (const char *)comment->data,
            arguments->body, arguments->body));
    }
    status = aud_command_say(arguments->json ? json : &text, err);

cleanup:
    sil_bytes_clear(&text);
    return status;
}

static sil_status publish(struct arguments *arguments, const struct sil_secret_key *key,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes json = {0};
    struct sil_bytes comment = {0};
    const struct aud_places places = {.page = arguments->out,
                                      .json = arguments->json_path,
                                      .body = arguments->body,
                                      .key = key};
    SIL_TRY(aud_publish(&json, &comment, &arguments->report, &places, err));
    SIL_TRY(say(arguments, &json, &comment, err));

cleanup:
    sil_bytes_clear(&json);
    sil_bytes_clear(&comment);
    return status;
}

int aud_command_report(int argc, char **argv)
{
    sil_status status = SIL_OK;
    struct sil_error err = {""};
    struct sil_secret_key *key = NULL;
    struct sil_bytes command = {0};
    struct arguments arguments = {0};
    if (argp_parse(&REPORT, argc, argv, 0, NULL, &arguments) != 0) {
        return SIL_ERR_USAGE;
    }
    struct aud_report *report = &arguments.report;
    (void)signal(SIGXFSZ,
                 SIG_IGN); /* a file that may not grow is an error like others */
    SIL_TRY(sil_crypto_start(&err));
    SIL_TRY(note_command(&command, argc, argv, &err));
    report->command = (const char *)command.data;
    if (arguments.key != NULL) {
        SIL_TRY(aud_key_read(&key, arguments.key, arguments.passphrase_file, &err));
        report->is_signed = true;
        sil_secret_key_public(report->public_key, key);
        sil_secret_key_keynum(report->keynum, key);
    }
    SIL_TRY(gather(&arguments, &err));
    SIL_TRY(publish(&arguments, key, &err));
    status = aud_limits_status(&report->limits, &report->inputs);

cleanup:
    if (err.text[0] != '\0') {
        (void)fprintf(stderr, "silhouette-audit: %s\n", err.text);
    }
    sil_secret_key_free(key);
    sil_bytes_clear(&command);
    aud_inputs_clear(&report->inputs);
    return (int)status;
}
