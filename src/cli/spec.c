// SPDX-License-Identifier: Apache-2.0
#include "cli/spec.h"

#include <stdio.h>
#include <string.h>

/* Above every letter: options without a short form. */
enum { FIRST_KEY = 256 };

int sil_cli_spec_key(const struct sil_cli_spec *spec, size_t i)
{
    char letter = spec->options[i]->letter;
    return letter != '\0' ? (unsigned char)letter : FIRST_KEY + (int)i;
}

static void add_group(struct sil_cli_spec *spec, const struct sil_cli_group *group,
                      int *number)
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
                                 .key = sil_cli_spec_key(spec, spec->n_options),
                                 .arg = option->argument,
                                 .doc = option->help,
                                 .group = *number};
        spec->n_options++;
    }
}

const struct sil_cli_option *sil_cli_spec_find(const struct sil_cli_spec *spec,
                                               const char *name, size_t length)
{
    for (size_t i = 0; i < spec->n_options; i++) {
        const char *other = spec->options[i]->name;
        if (strncmp(other, name, length) == 0 && other[length] == '\0') {
            return spec->options[i];
        }
    }
    return NULL;
}

static void append(char *text, const char *piece)
{
    size_t used = strlen(text);
    (void)snprintf(text + used, SIL_CLI_TEXT_BYTES - used, "%s", piece);
}

/* What must be given stands in the usage line: "--data=CSV --schema=JSON". */
static void write_arguments(struct sil_cli_spec *spec)
{
    const struct sil_cli_command *command = spec->command;
    for (size_t i = 0; command->required[i] != NULL; i++) {
        const char *name = command->required[i];
        const struct sil_cli_option *option =
            sil_cli_spec_find(spec, name, strlen(name));
        append(spec->arguments, i == 0 ? "--" : " --");
        append(spec->arguments, name);
        if (option->argument != NULL) {
            append(spec->arguments, "=");
            append(spec->arguments, option->argument);
        }
    }
    if (command->operand != NULL) {
        append(spec->arguments, spec->arguments[0] == '\0' ? "" : " ");
        append(spec->arguments, command->operand_is_optional ? "[" : "");
        append(spec->arguments, command->operand);
        append(spec->arguments, command->operand_is_optional ? "]" : "");
    }
}

static void write_text(struct sil_cli_spec *spec)
{
    append(spec->text, spec->command->about);
    append(spec->text, "\n\nExamples:\n");
    append(spec->text, spec->command->examples);
    /* argp prints what follows \v below the options. */
    append(spec->text, "\n\vExit status: 0 done, 1 a check failed, 2 unsupported, 64 "
                       "usage, 65 bad input, 70 internal error, 74 input or output "
                       "failed, 77 budget refused.");
}

void sil_cli_spec_make(struct sil_cli_spec *spec, const struct sil_cli_command *command)
{
    int number = 0;
    *spec = (struct sil_cli_spec){.command = command};
    for (size_t i = 0; i < SIL_CLI_GROUPS && command->groups[i] != NULL; i++) {
        add_group(spec, command->groups[i], &number);
    }
    add_group(spec, &SIL_CLI_COMMON, &number);
    write_arguments(spec);
    write_text(spec);
    (void)snprintf(spec->name, sizeof spec->name, "silhouette %s", command->name);
}
