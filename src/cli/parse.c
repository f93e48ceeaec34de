// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include "base/fail.h"
#include "cli/nearest.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    OPTIONS_MAX = 40,
    ENTRIES_MAX = OPTIONS_MAX + SIL_CLI_GROUPS + 2,
    FIRST_KEY = 256, /* above every letter: options without a short form */
    TEXT_BYTES = 4096
};

/* The tables of one command in the shape that argp wants. */
struct spec {
    const struct sil_cli_command *command;
    const struct sil_cli_option *options[OPTIONS_MAX];
    size_t n_options;
    struct argp_option entries[ENTRIES_MAX];
    size_t n_entries;
    char arguments[TEXT_BYTES];
    char text[TEXT_BYTES];
    char name[64];
};

struct parse {
    const struct spec *spec;
    struct sil_cli_args *args;
    struct sil_error *err;
    sil_status status;
};

/* argp gives this back to its caller and prints nothing. */
static const error_t STOP = ECANCELED;

static int key_of(const struct spec *spec, size_t i)
{
    char letter = spec->options[i]->letter;
    return letter != '\0' ? (unsigned char)letter : FIRST_KEY + (int)i;
}

static void add_group(struct spec *spec, const struct sil_cli_group *group, int *number)
{
    if (group->title != NULL) {
        *number += 1;
        spec->entries[spec->n_entries++] =
            (struct argp_option){.doc = group->title, .group = *number};
    }
    for (size_t i = 0; i < group->n; i++) {
        const struct sil_cli_option *option = &group->options[i];
        spec->options[spec->n_options] = option;
        spec->entries[spec->n_entries++] =
            (struct argp_option){.name = option->name,
                                 .key = key_of(spec, spec->n_options),
                                 .arg = option->argument,
                                 .doc = option->help,
                                 .group = *number};
        spec->n_options++;
    }
}

static const struct sil_cli_option *by_name(const struct spec *spec, const char *name,
                                            size_t length)
{
    for (size_t i = 0; i < spec->n_options; i++) {
        const char *other = spec->options[i]->name;
        if (strncmp(other, name, length) == 0 && other[length] == '\0') {
            return spec->options[i];
        }
    }
    return NULL;
}

static const struct sil_cli_option *by_letter(const struct spec *spec, char letter)
{
    for (size_t i = 0; i < spec->n_options; i++) {
        if (spec->options[i]->letter == letter) {
            return spec->options[i];
        }
    }
    return NULL;
}

static void append(char *text, const char *piece)
{
    size_t used = strlen(text);
    (void)snprintf(text + used, TEXT_BYTES - used, "%s", piece);
}

/* What must be given stands in the usage line: "--data=CSV --schema=JSON". */
static void write_arguments(struct spec *spec)
{
    const struct sil_cli_command *command = spec->command;
    for (size_t i = 0; command->required[i] != NULL; i++) {
        const char *name = command->required[i];
        const struct sil_cli_option *option = by_name(spec, name, strlen(name));
        append(spec->arguments, i == 0 ? "--" : " --");
        append(spec->arguments, name);
        if (option->argument != NULL) {
            append(spec->arguments, "=");
            append(spec->arguments, option->argument);
        }
    }
    if (command->operand != NULL) {
        append(spec->arguments, spec->arguments[0] == '\0' ? "" : " ");
        append(spec->arguments, command->operand);
    }
}

static void write_text(struct spec *spec)
{
    append(spec->text, spec->command->about);
    append(spec->text, "\n\nExamples:\n");
    append(spec->text, spec->command->examples);
    /* argp prints what follows \v below the options. */
    append(spec->text, "\n\vExit status: 0 done, 1 a check failed, 2 unsupported, 64 "
                       "usage, 65 bad input, 70 internal error, 74 input or output "
                       "failed, 77 budget refused.");
}

static void make_spec(struct spec *spec, const struct sil_cli_command *command)
{
    int number = 0;
    *spec = (struct spec){.command = command};
    for (size_t i = 0; i < SIL_CLI_GROUPS && command->groups[i] != NULL; i++) {
        add_group(spec, command->groups[i], &number);
    }
    add_group(spec, &SIL_CLI_COMMON, &number);
    write_arguments(spec);
    write_text(spec);
    (void)snprintf(spec->name, sizeof spec->name, "silhouette %s", command->name);
}

static sil_status parse_count(struct sil_cli_count *out,
                              const struct sil_cli_option *option, const char *text,
                              struct sil_error *err)
{
    uint64_t value = 0;
    bool fits = text[0] != '\0';
    for (const char *c = text; *c != '\0' && fits; c++) {
        unsigned digit = (unsigned)(unsigned char)*c - '0';
        fits = digit < 10 && !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_add_overflow(value, digit, &value);
    }
    if (!fits || value < option->least || value > option->most) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--%s: '%.40s' is not a whole number from %" PRIu64
                        " to %" PRIu64,
                        option->name, text, option->least, option->most);
    }
    *out = (struct sil_cli_count){.given = true, .value = value};
    return SIL_OK;
}

static sil_status parse_choice(int *out, const struct sil_cli_option *option,
                               const char *text, struct sil_error *err)
{
    struct sil_cli_nearest nearest = {.word = text};
    char words[128] = "";
    for (const struct sil_cli_choice *c = option->choices; c->word != NULL; c++) {
        if (strcmp(c->word, text) == 0) {
            *out = c->value;
            return SIL_OK;
        }
        sil_cli_nearest_try(&nearest, c->word);
        size_t used = strlen(words);
        (void)snprintf(words + used, sizeof words - used, "%s%s", used == 0 ? "" : ", ",
                       c->word);
    }
    if (nearest.best != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--%s: '%.40s' is none of: %s; did you mean '%s'?",
                        option->name, text, words, nearest.best);
    }
    return sil_fail(err, SIL_ERR_USAGE, "--%s: '%.40s' is none of: %s", option->name,
                    text, words);
}

static sil_status parse_character(char *out, const struct sil_cli_option *option,
                                  const char *text, struct sil_error *err)
{
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0) {
        *out = '\t';
        return SIL_OK;
    }
    if (strlen(text) != 1) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--%s: '%.40s' is neither one character nor the word tab",
                        option->name, text);
    }
    *out = text[0];
    return SIL_OK;
}

static sil_status store(struct sil_cli_args *args, const struct sil_cli_option *option,
                        const char *text, struct sil_error *err)
{
    void *member = (char *)args + option->member;
    switch (option->kind) {
    case SIL_CLI_FLAG: *(bool *)member = true; return SIL_OK;
    case SIL_CLI_TEXT: *(const char **)member = text; return SIL_OK;
    case SIL_CLI_FILE:
        if (text[0] == '\0') {
            return sil_fail(err, SIL_ERR_USAGE, "--%s: the file name is empty",
                            option->name);
        }
        *(const char **)member = text;
        return SIL_OK;
    case SIL_CLI_COUNT: return parse_count(member, option, text, err);
    case SIL_CLI_CHOICE: return parse_choice(member, option, text, err);
    case SIL_CLI_CHARACTER: return parse_character(member, option, text, err);
    }
    return SIL_OK;
}

static size_t n_abbreviated(const struct spec *spec, const char *name, size_t length,
                            const struct sil_cli_option **option)
{
    size_t n = 0;
    for (size_t i = 0; i < spec->n_options; i++) {
        if (strncmp(spec->options[i]->name, name, length) == 0) {
            *option = spec->options[i];
            n++;
        }
    }
    return n;
}

/* Why getopt refused "--name" or "--name=value"; SIL_OK when it is not to blame. */
static sil_status blame_long(const struct spec *spec, const char *word,
                             struct sil_error *err)
{
    size_t length = strcspn(word, "=");
    const struct sil_cli_option *option = by_name(spec, word, length);
    size_t n = option != NULL ? 1 : n_abbreviated(spec, word, length, &option);
    if (n > 1) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--%.*s is short for several options: write it out",
                        (int)length, word);
    }
    if (n == 1 && option->argument != NULL && word[length] == '\0') {
        return sil_fail(err, SIL_ERR_USAGE, "--%s needs a value: --%s=%s", option->name,
                        option->name, option->argument);
    }
    if (n == 1 && option->argument == NULL && word[length] == '=') {
        return sil_fail(err, SIL_ERR_USAGE, "--%s takes no value", option->name);
    }
    if (n == 1) {
        return SIL_OK;
    }

    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", (int)length, word);
    struct sil_cli_nearest nearest = {.word = name};
    for (size_t i = 0; i < spec->n_options; i++) {
        sil_cli_nearest_try(&nearest, spec->options[i]->name);
    }
    if (nearest.best != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "there is no option --%s; did you mean --%s?", name,
                        nearest.best);
    }
    return sil_fail(err, SIL_ERR_USAGE, "there is no option --%s", name);
}

static sil_status blame_letters(const struct spec *spec, const char *letters,
                                struct sil_error *err)
{
    for (const char *c = letters; *c != '\0'; c++) {
        const struct sil_cli_option *option = by_letter(spec, *c);
        if (option == NULL) {
            return sil_fail(err, SIL_ERR_USAGE, "there is no option -%c", *c);
        }
        if (option->argument != NULL) {
            return c[1] != '\0'
                       ? SIL_OK
                       : sil_fail(err, SIL_ERR_USAGE, "-%c needs a value: -%c %s", *c,
                                  *c, option->argument);
        }
    }
    return SIL_OK;
}

static sil_status blame(const struct spec *spec, const char *word,
                        struct sil_error *err)
{
    if (word == NULL || word[0] != '-') {
        return SIL_OK;
    }
    return word[1] == '-' ? blame_long(spec, word + 2, err)
                          : blame_letters(spec, word + 1, err);
}

/* getopt says nothing but "no": the word it stopped at is the one before `next`, or, inside
 * a cluster of letters, the one at `next`. */
static void explain_refusal(struct parse *parse, const struct argp_state *state)
{
    if (parse->status != SIL_OK || parse->args->help || parse->args->version) {
        return;
    }
    parse->status = blame(parse->spec, state->argv[state->next - 1], parse->err);
    if (parse->status == SIL_OK && state->next < state->argc) {
        parse->status = blame(parse->spec, state->argv[state->next], parse->err);
    }
    if (parse->status == SIL_OK) {
        parse->status =
            sil_fail(parse->err, SIL_ERR_USAGE, "the options cannot be understood");
    }
}

static error_t take_operand(struct parse *parse, const char *word)
{
    const char *operand = parse->spec->command->operand;
    if (operand == NULL) {
        parse->status =
            sil_fail(parse->err, SIL_ERR_USAGE,
                     "'%.80s' is not expected: everything is given by options", word);
        return STOP;
    }
    if (parse->args->operand != NULL) {
        parse->status =
            sil_fail(parse->err, SIL_ERR_USAGE,
                     "'%.80s' is one too many: one %s is expected", word, operand);
        return STOP;
    }
    parse->args->operand = word;
    return 0;
}

static error_t on_word(int key, char *text, struct argp_state *state)
{
    struct parse *parse = state->input;
    if (key == ARGP_KEY_ARG) {
        return take_operand(parse, text);
    }
    if (key == ARGP_KEY_ERROR) {
        explain_refusal(parse, state);
        return 0;
    }
    for (size_t i = 0; i < parse->spec->n_options; i++) {
        if (key == key_of(parse->spec, i)) {
            parse->status =
                store(parse->args, parse->spec->options[i], text, parse->err);
            bool ends = parse->args->help || parse->args->version;
            return parse->status != SIL_OK || ends ? STOP : 0;
        }
    }
    return ARGP_ERR_UNKNOWN;
}

/* argp would add a note on arguments of short options: the list shows them. */
static char *filter_help(int key, const char *text, void *input)
{
    (void)input;

    union {
        const char *borrowed;
        char *given_back; /* argp frees it only if it is another string */
    } same = {.borrowed = text};

    return key == ARGP_KEY_HELP_DUP_ARGS_NOTE ? NULL : same.given_back;
}

static struct argp make_argp(const struct spec *spec)
{
    return (struct argp){.options = spec->entries,
                         .parser = on_word,
                         .args_doc = spec->arguments,
                         .doc = spec->text,
                         .help_filter = filter_help};
}

static bool was_given(const struct sil_cli_args *args,
                      const struct sil_cli_option *option)
{
    const void *member = (const char *)args + option->member;
    switch (option->kind) {
    case SIL_CLI_FLAG: return *(const bool *)member;
    case SIL_CLI_TEXT:
    case SIL_CLI_FILE: return *(const char *const *)member != NULL;
    case SIL_CLI_COUNT: return ((const struct sil_cli_count *)member)->given;
    case SIL_CLI_CHOICE: return *(const int *)member != 0;
    case SIL_CLI_CHARACTER: return *(const char *)member != '\0';
    }
    return false;
}

static sil_status check_required(const struct spec *spec,
                                 const struct sil_cli_args *args, struct sil_error *err)
{
    const struct sil_cli_command *command = spec->command;
    for (size_t i = 0; command->required[i] != NULL; i++) {
        const char *name = command->required[i];
        const struct sil_cli_option *option = by_name(spec, name, strlen(name));
        if (was_given(args, option)) {
            continue;
        }
        if (option->member == offsetof(struct sil_cli_args, no_ledger)) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "this version has no ledger to record the budget in: say "
                            "--no-ledger to spend it unrecorded; the model is then "
                            "stamped UNLEDGERED");
        }
        return sil_fail(err, SIL_ERR_USAGE, "--%s is missing: --%s=%s", name, name,
                        option->argument);
    }
    if (command->operand != NULL && args->operand == NULL) {
        return sil_fail(err, SIL_ERR_USAGE, "%s is missing", command->operand);
    }
    return SIL_OK;
}

sil_status sil_cli_parse(struct sil_cli_args *args,
                         const struct sil_cli_command *command, int argc, char **argv,
                         struct sil_error *err)
{
    struct spec spec;
    make_spec(&spec, command);
    struct argp argp = make_argp(&spec);
    struct parse parse = {.spec = &spec, .args = args, .err = err};

    error_t code = argp_parse(&argp, argc, argv,
                              ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &parse);
    if (parse.status != SIL_OK || args->help || args->version) {
        return parse.status;
    }
    if (code != 0) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the options");
    }
    return check_required(&spec, args, err);
}

sil_status sil_cli_help(const struct sil_cli_command *command, struct sil_error *err)
{
    struct spec spec;
    make_spec(&spec, command);
    struct argp argp = make_argp(&spec);

    argp_help(&argp, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC,
              spec.name);
    if (fflush(stdout) != 0) {
        return sil_fail_errno(err, "cannot write the standard output");
    }
    return SIL_OK;
}
