// SPDX-License-Identifier: Apache-2.0
/// What a command of the tool is: a name, a table of options, a function.
///
/// Help, usage errors and shell completions are all made from these tables, so that none
/// of them can drift from what the parser accepts.
#ifndef SIL_CLI_COMMAND_H
#define SIL_CLI_COMMAND_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sil_cli_count {
    bool given;
    uint64_t value;
};

/// Values of an option that may be given several times.
enum { SIL_CLI_LIST_MAX = 16 };

struct sil_cli_list {
    const char *item[SIL_CLI_LIST_MAX];
    size_t n;
};

/// What the commands on ledgers and keys, and fit with a ledger, add.
struct sil_cli_ledger_args {
    const char *directory; ///< --ledger of synth, fit, inspect
    const char *state;
    const char *curator;
    const char *log;
    const char *vault;
    const char *passphrase_file;
    const char *grant;
    const char *data_label;
    const char *cap_epsilon;
    const char *cap_delta;
    const char *discovery_delta;
    const char *unit;
    const char *prefix;
    const char *parent;
    const char *rho;
    const char *purpose;
    const char *expires;
    const char *body;
    const char *reason;
    const char *policy;
    const char *pinned;
    const char *ledger_id;
    const char *request;
    const char *add;
    const char *add_csv;
    const char *key;
    const char *name;
    const char *release;
    const char *from;
    struct sil_cli_list authority;
    struct sil_cli_list auditor;
    struct sil_cli_list release_key;
    struct sil_cli_list signature;
    struct sil_cli_list revoke;
    struct sil_cli_count threshold;
    struct sil_cli_count witnesses;
    struct sil_cli_count entry;
    struct sil_cli_count old_size;
    int role; ///< enum sil_role, or SIL_CLI_ROLE_WITNESS; 0: not given
    bool unencrypted;
    bool accept_clock;
};

/// What the command line said. One structure serves all commands; a command reads the
/// members that its tables name.
struct sil_cli_args {
    const char *operand; ///< the argument that is not an option; NULL: none
    const char *data;
    const char *schema;
    const char *epsilon;
    const char *delta;
    const char *workload;
    const char *target_error;
    const char *model;
    const char *transcript;
    const char *model_out;
    const char *out;
    const char *domain;
    const char *synthetic;
    const char *mbi;
    int mechanism;  ///< enum sil_mechanism; 0: not given
    int neighbours; ///< enum sil_neighbours + 1; 0: not given
    bool drop_missing_ids;
    char delimiter; ///< 0: not given
    struct sil_cli_count max_cells;
    struct sil_cli_count max_model_mb;
    struct sil_cli_count rows;
    struct sil_cli_count rows_guess;
    struct sil_cli_count seed;
    struct sil_cli_count threads;
    struct sil_cli_count memory_mb;
    struct sil_cli_count limit;
    struct sil_cli_list groups;
    const char *where;
    struct sil_cli_list rebalance;
    const char *fair;
    struct sil_cli_ledger_args ledger;
    bool ignore_extra_columns;
    bool no_ledger;
    bool explain;
    bool look;
    bool tar;
    bool json;
    bool quiet;
    bool help;
    bool version;
};

enum sil_cli_kind {
    SIL_CLI_FLAG,     ///< bool; takes no value
    SIL_CLI_DECIMAL,  ///< const char *, the text of a decimal number
    SIL_CLI_FILE,     ///< const char *, the name of a file or "-"
    SIL_CLI_TEXT,     ///< const char *, any text but the empty one
    SIL_CLI_LIST,     ///< struct sil_cli_list, names of files; may be given again
    SIL_CLI_TEXTS,    ///< the same of any texts, one each time
    SIL_CLI_COUNT,    ///< struct sil_cli_count, from `least` to `most`
    SIL_CLI_CHOICE,   ///< int, one of `choices`
    SIL_CLI_CHARACTER ///< char, one byte or the word "tab"
};

struct sil_cli_choice {
    const char *word;
    int value; ///< never 0
};

struct sil_cli_option {
    const char *name;     ///< without the two dashes
    const char *argument; ///< what help calls the value; NULL for a flag
    const char *help;
    size_t member; ///< offsetof(struct sil_cli_args, ...)
    enum sil_cli_kind kind;
    char letter; ///< of the short form; 0: none
    uint64_t least;
    uint64_t most;
    const struct sil_cli_choice *choices; ///< ends with a NULL word
};

/// Options that belong together under one heading of the help text.
struct sil_cli_group {
    const char *title; ///< NULL: continues the group before it
    const struct sil_cli_option *options;
    size_t n;
};

#define SIL_CLI_GROUP(title, table)                          \
    {                                                        \
        (title), (table), sizeof(table) / sizeof((table)[0]) \
    }

enum { SIL_CLI_GROUPS = 12, SIL_CLI_REQUIRED = 8 };

struct sil_cli_command {
    const char *name;    ///< as typed: "synth", "schema check"
    const char *summary; ///< one line for the list of commands
    const char *about;   ///< what it reads, does, writes
    const char *examples;
    const char *operand; ///< NULL: takes none
    bool operand_is_optional;
    const char *required[SIL_CLI_REQUIRED]; ///< names of options; ends with NULL
    const struct sil_cli_group *groups[SIL_CLI_GROUPS]; ///< ends with NULL
    sil_status (*run)(const struct sil_cli_args *args, struct sil_error *err);
};

/// Options that every command takes.
extern const struct sil_cli_group SIL_CLI_COMMON;

extern const struct sil_cli_command SIL_CLI_SYNTH;
extern const struct sil_cli_command SIL_CLI_FIT;
extern const struct sil_cli_command SIL_CLI_SAMPLE;
extern const struct sil_cli_command SIL_CLI_PLAN;
extern const struct sil_cli_command SIL_CLI_INSPECT;
extern const struct sil_cli_command SIL_CLI_REFIT;
extern const struct sil_cli_command SIL_CLI_RELEASE;
extern const struct sil_cli_command SIL_CLI_VERIFY;
extern const struct sil_cli_command SIL_CLI_SIMULATE;
extern const struct sil_cli_command SIL_CLI_REPORT;
extern const struct sil_cli_command SIL_CLI_SCHEMA_CHECK;
extern const struct sil_cli_command SIL_CLI_SCHEMA_DRAFT;
extern const struct sil_cli_command SIL_CLI_SCHEMA_IMPORT;
extern const struct sil_cli_command SIL_CLI_SCHEMA_ENCODE;
extern const struct sil_cli_command SIL_CLI_KEY_NEW;
extern const struct sil_cli_command SIL_CLI_KEY_SHOW;
extern const struct sil_cli_command SIL_CLI_LEDGER_QUICKSTART;
extern const struct sil_cli_command SIL_CLI_LEDGER_INIT;
extern const struct sil_cli_command SIL_CLI_LEDGER_GRANT;
extern const struct sil_cli_command SIL_CLI_LEDGER_APPROVE;
extern const struct sil_cli_command SIL_CLI_LEDGER_STATUS;
extern const struct sil_cli_command SIL_CLI_LEDGER_LOG;
extern const struct sil_cli_command SIL_CLI_LEDGER_VERIFY;
extern const struct sil_cli_command SIL_CLI_LEDGER_PROVE;
extern const struct sil_cli_command SIL_CLI_LEDGER_COSIGN;
extern const struct sil_cli_command SIL_CLI_LEDGER_ROTATE;
extern const struct sil_cli_command SIL_CLI_LEDGER_REVOKE;
extern const struct sil_cli_command SIL_CLI_LEDGER_RECOVER;
extern const struct sil_cli_command SIL_CLI_LEDGER_CLOSE;
extern const struct sil_cli_command SIL_CLI_LEDGER_NOTICE;
extern const struct sil_cli_command SIL_CLI_LEDGER_DATA;
extern const struct sil_cli_command SIL_CLI_LEDGER_DISCLOSE;

#endif
