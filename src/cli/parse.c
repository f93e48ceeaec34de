// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include "base/fail.h"
#include "cli/spec.h"
#include "cli/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct parse {
    const struct sil_cli_spec *spec;
    struct sil_cli_args *args;
    const struct sil_cli_option *list; ///< the list that the last option began
    struct sil_error *err;
    sil_status status;
};

/* argp gives this back to its caller and prints nothing. */
static const error_t STOP = ECANCELED;

/* getopt says nothing but "no": the word it stopped at is the one before `next`, or, inside
 * a cluster of letters, the one at `next`. */
static void explain_refusal(struct parse *parse, const struct argp_state *state)
{
    if (parse->status != SIL_OK || parse->args->help || parse->args->version) {
        return;
    }
    parse->status =
        sil_cli_spec_blame(parse->spec, state->argv[state->next - 1], parse->err);
    if (parse->status == SIL_OK && state->next < state->argc) {
        parse->status =
            sil_cli_spec_blame(parse->spec, state->argv[state->next], parse->err);
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
    if (parse->args->operand != NULL && parse->list != NULL) {
        /* "--sig A B": what follows a list belongs to it. */
        parse->status = sil_cli_value_store(parse->args, parse->list, word, parse->err);
        return parse->status == SIL_OK ? 0 : STOP;
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

/* Which of two values was meant cannot be known; a flag may be said twice. */
static error_t take_option(struct parse *parse, const struct sil_cli_option *option,
                           const char *text)
{
    bool repeats = option->kind == SIL_CLI_FLAG || option->kind == SIL_CLI_LIST ||
                   option->kind == SIL_CLI_TEXTS;
    parse->list = option->kind == SIL_CLI_LIST ? option : NULL;
    if (!repeats && sil_cli_value_given(parse->args, option)) {
        parse->status = sil_fail(parse->err, SIL_ERR_USAGE,
                                 "--%s is given twice: give it once", option->name);
        return STOP;
    }
    parse->status = sil_cli_value_store(parse->args, option, text, parse->err);
    bool ends = parse->args->help || parse->args->version;
    return parse->status != SIL_OK || ends ? STOP : 0;
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
        if (key == sil_cli_spec_key(parse->spec, i)) {
            return take_option(parse, parse->spec->options[i], text);
        }
    }
    return ARGP_ERR_UNKNOWN;
}

static struct argp make_argp(const struct sil_cli_spec *spec)
{
    return (struct argp){.options = spec->entries,
                         .parser = on_word,
                         .args_doc = spec->arguments,
                         .doc = spec->text};
}

static sil_status check_required(const struct sil_cli_spec *spec,
                                 const struct sil_cli_args *args, struct sil_error *err)
{
    const struct sil_cli_command *command = spec->command;
    for (size_t i = 0; command->required[i] != NULL; i++) {
        const char *name = command->required[i];
        const struct sil_cli_option *option =
            sil_cli_spec_find(spec, name, strlen(name));
        if (sil_cli_value_given(args, option)) {
            continue;
        }
        return sil_fail(err, SIL_ERR_USAGE, "--%s is missing: give --%s=%s", name, name,
                        option->argument);
    }
    if (command->operand != NULL && args->operand == NULL &&
        !command->operand_is_optional) {
        return sil_fail(err, SIL_ERR_USAGE, "%s is missing", command->operand);
    }
    return SIL_OK;
}

sil_status sil_cli_parse(struct sil_cli_args *args,
                         const struct sil_cli_command *command, int argc, char **argv,
                         struct sil_error *err)
{
    struct sil_cli_spec spec;
    sil_cli_spec_make(&spec, command);
    struct argp argp = make_argp(&spec);
    struct parse parse = {.spec = &spec, .args = args, .err = err};

    /* argp reads and permutes words: there is one thread yet. */
    error_t code = argp_parse(
        &argp, argc, argv, // NOLINT(concurrency-mt-unsafe)
        ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP | ARGP_IN_ORDER, NULL, &parse);
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
    struct sil_cli_spec spec;
    sil_cli_spec_make(&spec, command);
    struct argp argp = make_argp(&spec);

    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread yet
    argp_help(&argp, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC,
              spec.name);
    if (fflush(stdout) != 0) {
        return sil_fail_errno(err, "cannot write the standard output");
    }
    return SIL_OK;
}
