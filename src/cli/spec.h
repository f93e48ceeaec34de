// SPDX-License-Identifier: Apache-2.0
/// The tables of one command in the shape that argp wants.
#ifndef SIL_CLI_SPEC_H
#define SIL_CLI_SPEC_H

#include "cli/command.h"

#include <argp.h>

enum {
    SIL_CLI_OPTIONS_MAX = 40,
    SIL_CLI_ENTRIES_MAX = SIL_CLI_OPTIONS_MAX + SIL_CLI_GROUPS + 2,
    SIL_CLI_TEXT_BYTES = 4096
};

struct sil_cli_spec {
    const struct sil_cli_command *command;
    const struct sil_cli_option *options[SIL_CLI_OPTIONS_MAX];
    size_t n_options;
    struct argp_option entries[SIL_CLI_ENTRIES_MAX];
    size_t n_entries;
    char arguments[SIL_CLI_TEXT_BYTES];
    char text[SIL_CLI_TEXT_BYTES];
    char name[64]; ///< "silhouette synth"
};

void sil_cli_spec_make(struct sil_cli_spec *spec,
                       const struct sil_cli_command *command);

/// What argp calls option `i`: its letter, or a number above all letters.
int sil_cli_spec_key(const struct sil_cli_spec *spec, size_t i);

/// The option of that name; NULL when there is none.
const struct sil_cli_option *sil_cli_spec_find(const struct sil_cli_spec *spec,
                                               const char *name, size_t length);

/// Why getopt refused `word`: an option unknown, ambiguous, without its value, or with one
/// too many. SIL_OK, and no sentence, when the word is not to blame.
sil_status sil_cli_spec_blame(const struct sil_cli_spec *spec, const char *word,
                              struct sil_error *err);

#endif
