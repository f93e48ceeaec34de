// SPDX-License-Identifier: Apache-2.0
/// The command line tool: finds the command, parses its words, runs it, reports.
#include "base/fail.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/parse.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "codec/json.h"
#include "model/isa.h"

#include "silhouette/version.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole surface of the tool, in the order in which help prints it. */
static const struct sil_cli_command *const COMMANDS[] = {
    &SIL_CLI_SYNTH,
    &SIL_CLI_FIT,
    &SIL_CLI_SAMPLE,
    &SIL_CLI_PLAN,
    &SIL_CLI_INSPECT,
    &SIL_CLI_REFIT,
    &SIL_CLI_RELEASE,
    &SIL_CLI_VERIFY,
    &SIL_CLI_SIMULATE,
    &SIL_CLI_REPORT,
    &SIL_CLI_SCHEMA_CHECK,
    &SIL_CLI_SCHEMA_DRAFT,
    &SIL_CLI_SCHEMA_IMPORT,
    &SIL_CLI_SCHEMA_ENCODE,
    &SIL_CLI_KEY_NEW,
    &SIL_CLI_KEY_SHOW,
    &SIL_CLI_LEDGER_QUICKSTART,
    &SIL_CLI_LEDGER_INIT,
    &SIL_CLI_LEDGER_GRANT,
    &SIL_CLI_LEDGER_APPROVE,
    &SIL_CLI_LEDGER_STATUS,
    &SIL_CLI_LEDGER_LOG,
    &SIL_CLI_LEDGER_VERIFY,
    &SIL_CLI_LEDGER_PROVE,
    &SIL_CLI_LEDGER_COSIGN,
    &SIL_CLI_LEDGER_ROTATE,
    &SIL_CLI_LEDGER_REVOKE,
    &SIL_CLI_LEDGER_RECOVER,
    &SIL_CLI_LEDGER_CLOSE,
    &SIL_CLI_LEDGER_NOTICE,
    &SIL_CLI_LEDGER_DATA,
    &SIL_CLI_LEDGER_DISCLOSE,
};

enum { N_COMMANDS = sizeof COMMANDS / sizeof COMMANDS[0], NAME_BYTES = 64 };

/* Options that may stand before the command: they take no value. */
static const char *const EARLY[] = {"--quiet", "-q",        "--json", "--help",
                                    "-h",      "--version", "-V"};

static const struct sil_cli_command *find(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(COMMANDS[i]->name, name) == 0) {
            return COMMANDS[i];
        }
    }
    return NULL;
}

/* Is `word` the first of two words of a command? */
static bool is_family(const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const char *name = COMMANDS[i]->name;
        if (length > 0 && strncmp(name, word, length) == 0 && name[length] == ' ') {
            return true;
        }
    }
    return false;
}

/* All commands, or those of a family. */
static sil_status print_overview(const char *family, struct sil_error *err)
{
    const char *first = family == NULL ? "" : family;
    const char *gap = family == NULL ? "" : " ";
    size_t length = strlen(first);
    (void)printf("Usage: silhouette%s%s COMMAND [OPTION...]\n", gap, first);
    if (family == NULL) {
        (void)printf(
            "Synthetic tables under differential privacy.\n"
            "\n"
            "Example:\n"
            "  silhouette synth --data patients.csv --schema patients.json \\\n"
            "    --epsilon 1 --delta 1e-9 --out synthetic.csv\n");
    }
    (void)printf("\nCommands:\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strncmp(COMMANDS[i]->name, first, length) == 0) {
            (void)printf("  %-18s %s\n", COMMANDS[i]->name, COMMANDS[i]->summary);
        }
    }
    (void)printf(
        "\n"
        "`silhouette%s%s COMMAND --help' explains a command; every command takes "
        "--quiet,\n"
        "--json, --help and --version, and `-' for a standard stream.\n"
        "Exit status: 0 done, 1 a check failed, 2 unsupported, 64 usage, 65 bad "
        "input,\n"
        "70 internal error, 74 input or output failed, 77 budget refused.\n",
        gap, first);
    return fflush(stdout) == 0
               ? SIL_OK
               : sil_fail_errno(err, "cannot write the standard output");
}

static sil_status print_version(bool json, struct sil_error *err)
{
    (void)printf(json ? "{\"schema\":1,\"ok\":true,\"version\":\"%s\"}\n"
                      : "silhouette %s\n",
                 sil_version());
    return fflush(stdout) == 0
               ? SIL_OK
               : sil_fail_errno(err, "cannot write the standard output");
}

static sil_status refuse_unknown(const char *name, struct sil_error *err)
{
    const char *names[N_COMMANDS + 4] = {
        [N_COMMANDS] = "schema", "key", "ledger", "help"};
    for (size_t i = 0; i < N_COMMANDS; i++) {
        names[i] = COMMANDS[i]->name;
    }
    const char *meant = sil_json_misspelt(name, names, N_COMMANDS + 4);
    if (meant != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "'%.40s' is not a command; did you mean '%s'?", name, meant);
    }
    return sil_fail(err, SIL_ERR_USAGE, "'%.40s' is not a command", name);
}

static bool is_early(const char *word)
{
    for (size_t i = 0; i < sizeof EARLY / sizeof EARLY[0]; i++) {
        if (strcmp(word, EARLY[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Before anything else is known: an error in the options themselves is JSON too. */
static bool has_word(int argc, char **argv, const char *a, const char *b)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], a) == 0 || strcmp(argv[i], b) == 0) {
            return true;
        }
    }
    return false;
}

static void remove_word(int *argc, char **argv, int i)
{
    for (; i < *argc; i++) {
        argv[i] = argv[i + 1];
    }
    *argc -= 1;
}

/* Take the one or two words of a command out of the line. `name` is what they say, also
 * when there is no such command. */
static void take_name(char name[NAME_BYTES], int *argc, char **argv)
{
    int at = 1;
    name[0] = '\0';
    while (at < *argc && is_early(argv[at])) {
        at++;
    }
    if (at >= *argc) {
        return;
    }
    (void)snprintf(name, NAME_BYTES, "%s", argv[at]);
    remove_word(argc, argv, at);
    if (is_family(name) && at < *argc && argv[at][0] != '-') {
        size_t used = strlen(name);
        (void)snprintf(name + used, NAME_BYTES - used, " %s", argv[at]);
        remove_word(argc, argv, at);
    }
}

static sil_status select_isa(struct sil_error *err)
{
    /* Read before any thread is started. */
    const char *isa = getenv("SIL_ISA"); // NOLINT(concurrency-mt-unsafe)
    return isa == NULL || isa[0] == '\0' ? SIL_OK : sil_isa_select(isa, err);
}

static sil_status run(const struct sil_cli_command *command, int argc, char **argv,
                      struct sil_error *err)
{
    struct sil_cli_args args = {0};
    sil_status status = sil_cli_parse(&args, command, argc, argv, err);
    if (status == SIL_OK && args.help) {
        return sil_cli_help(command, err);
    }
    if (status == SIL_OK && args.version) {
        return print_version(args.json, err);
    }
    if (status == SIL_OK) {
        status = select_isa(err);
    }
    return status == SIL_OK ? command->run(&args, err) : status;
}

static sil_status run_help(int argc, char **argv, struct sil_error *err)
{
    char topic[NAME_BYTES];
    take_name(topic, &argc, argv);
    const struct sil_cli_command *command = find(topic);
    if (command != NULL) {
        return sil_cli_help(command, err);
    }
    if (topic[0] == '\0' || is_family(topic)) {
        return print_overview(topic[0] == '\0' ? NULL : topic, err);
    }
    return refuse_unknown(topic, err);
}

/* The words that are no command: nothing at all, options alone, help, completion. */
static sil_status run_other(const char *name, int argc, char **argv,
                            struct sil_error *err)
{
    if (name[0] == '-') {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the command comes before its options: '%.40s'", name);
    }
    if (strcmp(name, "help") == 0) {
        return run_help(argc, argv, err);
    }
    if (strcmp(name, "completion") == 0) {
        return sil_cli_completion(argc > 1 ? argv[1] : "", COMMANDS, N_COMMANDS, err);
    }
    if (name[0] != '\0' && !is_family(name)) {
        return refuse_unknown(name, err);
    }
    return has_word(argc, argv, "--version", "-V")
               ? print_version(has_word(argc, argv, "--json", "--json"), err)
               : print_overview(name[0] == '\0' ? NULL : name, err);
}

/* Tables of megabytes come and go by the thousand: keep their pages instead of asking the
 * system for cleared ones each time, which took a fifth of a fit. */
static void keep_pages(void)
{
    enum { LARGEST_KEPT = 32 << 20, KEPT = 1 << 30 };

    (void)mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT);
}

int main(int argc, char **argv)
{
    struct sil_error err = {{0}};
    char name[NAME_BYTES];

    keep_pages();
    sil_status status = sil_cli_hold_streams(&err);
    sil_cli_catch_signals();
    bool json = has_word(argc, argv, "--json", "--json");
    take_name(name, &argc, argv);
    const struct sil_cli_command *command = find(name);
    sil_cli_report_style(command == NULL ? "" : name, json);
    if (status == SIL_OK) {
        status = command != NULL ? run(command, argc, argv, &err)
                                 : run_other(name, argc, argv, &err);
    }
    sil_cli_progress_clear();
    if (status != SIL_OK) {
        sil_cli_report_error(status, &err);
    }
    return (int)status;
}
