// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include "base/fail.h"

#include <stdio.h>
#include <string.h>

/* First words of commands of two words. */
static const char *const FAMILIES[] = {"schema", "key", "ledger"};

enum { N_FAMILIES = sizeof FAMILIES / sizeof FAMILIES[0] };

/* Calls `print` for each option of a command, those that every command takes last. */
static void each_option(const struct sil_cli_command *command,
                        void (*print)(const struct sil_cli_option *option))
{
    for (size_t g = 0; g < SIL_CLI_GROUPS && command->groups[g] != NULL; g++) {
        for (size_t i = 0; i < command->groups[g]->n; i++) {
            print(&command->groups[g]->options[i]);
        }
    }
    for (size_t i = 0; i < SIL_CLI_COMMON.n; i++) {
        print(&SIL_CLI_COMMON.options[i]);
    }
}

static bool starts_with(const char *text, const char *start, size_t length)
{
    return strncmp(text, start, length) == 0;
}

/* The first words of all commands, or the second words of those that begin with `first`;
 * each once. */
static void print_words(const struct sil_cli_command *const *commands, size_t n,
                        const char *first)
{
    size_t skip = first == NULL ? 0 : strlen(first) + 1;
    const char *before = "";
    const char *separator = "";
    for (size_t i = 0; i < n; i++) {
        const char *name = commands[i]->name;
        if (first != NULL &&
            (!starts_with(name, first, skip - 1) || name[skip - 1] != ' ')) {
            continue;
        }
        const char *word = name + skip;
        size_t length = strcspn(word, " ");
        if (!starts_with(before, word, length) || before[length] > ' ') {
            (void)printf("%s%.*s", separator, (int)length, word);
            separator = " ";
        }
        before = word;
    }
}

static void print_bash_name(const struct sil_cli_option *option)
{
    (void)printf(" --%s%s", option->name, option->argument != NULL ? "=" : "");
}

static void print_bash_choices(const struct sil_cli_option *option)
{
    if (option->kind != SIL_CLI_CHOICE) {
        return;
    }
    (void)printf("        --%s) COMPREPLY=($(compgen -W '", option->name);
    for (const struct sil_cli_choice *c = option->choices; c->word != NULL; c++) {
        (void)printf("%s%s", c == option->choices ? "" : " ", c->word);
    }
    (void)printf("' -- \"$word\")); return ;;\n");
}

static void print_bash_family(const struct sil_cli_command *const *commands, size_t n,
                              const char *family)
{
    (void)printf("    if [ \"$command\" = %s ]; then\n"
                 "        if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
                 "            COMPREPLY=($(compgen -W '",
                 family);
    print_words(commands, n, family);
    (void)printf("' -- \"$word\"))\n"
                 "            return\n"
                 "        fi\n"
                 "        command=\"%s ${COMP_WORDS[2]}\"\n"
                 "    fi\n",
                 family);
}

static void print_bash(const struct sil_cli_command *const *commands, size_t n)
{
    (void)printf(
        "# SPDX-License-Identifier: Apache-2.0\n"
        "# Completion of silhouette for bash; made by `silhouette completion bash`.\n"
        "_silhouette()\n"
        "{\n"
        "    local word=\"${COMP_WORDS[COMP_CWORD]}\" option=\"\" command\n"
        "    COMPREPLY=()\n"
        "    if [ \"$word\" = \"=\" ]; then\n"
        "        word=\"\" option=\"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
        "    elif [ \"${COMP_WORDS[COMP_CWORD - 1]}\" = \"=\" ]; then\n"
        "        option=\"${COMP_WORDS[COMP_CWORD - 2]}\"\n"
        "    else\n"
        "        option=\"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
        "    fi\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
        "        COMPREPLY=($(compgen -W '");
    print_words(commands, n, NULL);
    (void)printf(" help --help --version' -- \"$word\"))\n"
                 "        return\n"
                 "    fi\n"
                 "    command=\"${COMP_WORDS[1]}\"\n");
    for (size_t i = 0; i < N_FAMILIES; i++) {
        print_bash_family(commands, n, FAMILIES[i]);
    }
    (void)printf("    case \"$option\" in\n");
    /* synth takes every option that has a choice of words but the role of a key. */
    each_option(commands[0], print_bash_choices);
    each_option(&SIL_CLI_KEY_NEW, print_bash_choices);
    (void)printf("    esac\n"
                 "    if [[ \"$word\" != -* ]]; then\n"
                 "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
                 "        return\n"
                 "    fi\n"
                 "    case \"$command\" in\n");
    for (size_t i = 0; i < n; i++) {
        (void)printf("        '%s') option='", commands[i]->name);
        each_option(commands[i], print_bash_name);
        (void)printf("' ;;\n");
    }
    (void)printf("        *) option='' ;;\n"
                 "    esac\n"
                 "    COMPREPLY=($(compgen -W \"$option\" -- \"$word\"))\n"
                 "    [[ \"${COMPREPLY[0]-}\" == *= ]] && compopt -o nospace\n"
                 "}\n"
                 "complete -o filenames -F _silhouette silhouette\n");
}

/* In zsh's argument specifications brackets, colons, quotes and backslashes are special. */
static void print_zsh_text(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            (void)printf("'\\''");
        } else if (strchr("[]:\\", *c) != NULL) {
            (void)printf("\\%c", *c);
        } else {
            (void)putchar(*c);
        }
    }
}

static void print_zsh_option(const struct sil_cli_option *option)
{
    (void)printf(" \\\n                '--%s%s[", option->name,
                 option->argument != NULL ? "=" : "");
    print_zsh_text(option->help);
    (void)printf("]");
    if (option->argument != NULL) {
        (void)printf(":");
        print_zsh_text(option->argument);
        (void)printf(":");
    }
    if (option->kind == SIL_CLI_FILE || option->kind == SIL_CLI_LIST) {
        (void)printf("_files");
    }
    if (option->kind == SIL_CLI_CHOICE) {
        (void)printf("(");
        for (const struct sil_cli_choice *c = option->choices; c->word != NULL; c++) {
            (void)printf("%s%s", c == option->choices ? "" : " ", c->word);
        }
        (void)printf(")");
    }
    (void)printf("'");
}

static void print_zsh_family(const struct sil_cli_command *const *commands, size_t n,
                             const char *family)
{
    (void)printf("    if [[ \"$command\" == %s ]]; then\n"
                 "        if (( CURRENT == 3 )); then\n"
                 "            compadd -- ",
                 family);
    print_words(commands, n, family);
    (void)printf("\n"
                 "            return\n"
                 "        fi\n"
                 "        command=\"%s ${words[3]}\"\n"
                 "        shift words\n"
                 "        (( CURRENT-- ))\n"
                 "    fi\n",
                 family);
}

static void print_zsh(const struct sil_cli_command *const *commands, size_t n)
{
    (void)printf(
        "#compdef silhouette\n"
        "# SPDX-License-Identifier: Apache-2.0\n"
        "# Completion of silhouette for zsh; made by `silhouette completion zsh`.\n"
        "_silhouette()\n"
        "{\n"
        "    local command=\"${words[2]}\"\n"
        "    if (( CURRENT == 2 )); then\n"
        "        compadd -- ");
    print_words(commands, n, NULL);
    (void)printf(" help --help --version\n"
                 "        return\n"
                 "    fi\n");
    for (size_t i = 0; i < N_FAMILIES; i++) {
        print_zsh_family(commands, n, FAMILIES[i]);
    }
    (void)printf("    shift words\n"
                 "    (( CURRENT-- ))\n"
                 "    case \"$command\" in\n");
    for (size_t i = 0; i < n; i++) {
        (void)printf("        '%s')\n            _arguments", commands[i]->name);
        each_option(commands[i], print_zsh_option);
        if (commands[i]->operand != NULL) {
            (void)printf(" \\\n                '1:%s:_files'", commands[i]->operand);
        }
        (void)printf("\n            ;;\n");
    }
    (void)printf("    esac\n"
                 "}\n"
                 "_silhouette \"$@\"\n");
}

sil_status sil_cli_completion(const char *shell,
                              const struct sil_cli_command *const *commands, size_t n,
                              struct sil_error *err)
{
    if (strcmp(shell, "bash") == 0) {
        print_bash(commands, n);
    } else if (strcmp(shell, "zsh") == 0) {
        print_zsh(commands, n);
    } else {
        return sil_fail(err, SIL_ERR_USAGE, "completion is for bash or zsh");
    }
    if (fflush(stdout) != 0) {
        return sil_fail_errno(err, "cannot write the standard output");
    }
    return SIL_OK;
}
