// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "cli/spec.h"
#include "codec/json.h"

#include <stdio.h>
#include <string.h>

static const struct sil_cli_option *by_letter(const struct sil_cli_spec *spec,
                                              char letter)
{
    for (size_t i = 0; i < spec->n_options; i++) {
        if (spec->options[i]->letter == letter) {
            return spec->options[i];
        }
    }
    return NULL;
}

static size_t n_abbreviated(const struct sil_cli_spec *spec, const char *name,
                            size_t length, const struct sil_cli_option **option)
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
static sil_status blame_long(const struct sil_cli_spec *spec, const char *word,
                             struct sil_error *err)
{
    size_t length = strcspn(word, "=");
    const struct sil_cli_option *option = sil_cli_spec_find(spec, word, length);
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
    const char *names[SIL_CLI_OPTIONS_MAX];
    for (size_t i = 0; i < spec->n_options; i++) {
        names[i] = spec->options[i]->name;
    }
    const char *meant = sil_json_misspelt(name, names, spec->n_options);
    if (meant != NULL) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "there is no option --%s; did you mean --%s?", name, meant);
    }
    return sil_fail(err, SIL_ERR_USAGE, "there is no option --%s", name);
}

static sil_status blame_letters(const struct sil_cli_spec *spec, const char *letters,
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

sil_status sil_cli_spec_blame(const struct sil_cli_spec *spec, const char *word,
                              struct sil_error *err)
{
    if (word == NULL || word[0] != '-') {
        return SIL_OK;
    }
    return word[1] == '-' ? blame_long(spec, word + 2, err)
                          : blame_letters(spec, word + 1, err);
}
