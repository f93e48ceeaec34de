// SPDX-License-Identifier: Apache-2.0
/* Does everything after the noise follow from the transcript? The program that made the
 * release is asked to do it again, with the transcript alone. */
#include "audits/run/child.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "codec/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL_MB_MAX = 2048, ROOM_MB = 64, WORDS_MAX = 1 << 20, ORDER_WORDS_MAX = 18 };

static const char SAME_ROWS[] = "The rows follow from the transcript alone";
static const char SAME_CHOICES[] = "An honest run decides as the transcript says";

/* Nothing that it writes need be larger than the model that the plan allows, twice, and the
 * rows that are there. */
static struct aud_limits limits_of(const struct aud_case *item)
{
    const uint64_t megabyte = (uint64_t)1 << 20;
    uint64_t model_mb = item->transcript.max_model_mb;
    model_mb = model_mb < MODEL_MB_MAX ? model_mb : MODEL_MB_MAX;
    return (struct aud_limits){.seconds = item->seconds,
                               .memory = (uint64_t)4 << 30,
                               .is_closed = true,
                               .file_bytes = (2 * model_mb + ROOM_MB) * megabyte,
                               .folder_bytes = (4 * model_mb + ROOM_MB) * megabyte,
                               .folder_files = AUD_FOLDER_FILES,
                               .processes = AUD_PROCESSES};
}

/* How the program that makes releases begins what it says. */
static const char OWN_WORDS[] = "silhouette ";

/* Where the line of that begins in which it says what is wrong, or the text. */
static const char *find_words(const char *text)
{
    const char *line = text;
    while (strncmp(line, OWN_WORDS, strlen(OWN_WORDS)) != 0) {
        line = strchr(line, '\n');
        if (line == NULL) {
            return text;
        }
        line++;
    }
    return line;
}

/* That line of what the program wrote to its standard error, if that is still a file. */
static void last_words(char *out, size_t size, const struct aud_scratch *scratch)
{
    struct aud_folder folder = {.fd = -1};
    struct sil_bytes bytes = {0};
    out[0] = '\0';
    if (aud_folder_open(&folder, scratch->path, NULL) == SIL_OK &&
        aud_folder_read(&bytes, &folder, "err", WORDS_MAX, NULL) == SIL_OK &&
        sil_bytes_append(&bytes, "", 1, NULL) == SIL_OK) {
        const char *line = find_words((const char *)bytes.data);
        (void)snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
    }
    sil_bytes_clear(&bytes);
    aud_folder_close(&folder);
}

/* Note why it did not do what it was asked to; 2 is its word for "not my version". 1 is its
 * word for what cannot have been an honest run, and of every other program for anything: a
 * script that fails accuses nobody. */
static void note_failure(struct aud_case *item, const char *what,
                         const struct aud_scratch *scratch,
                         const struct aud_outcome *outcome)
{
    char said[200];
    last_words(said, sizeof said, scratch);
    if (outcome->ending == AUD_TIMED_OUT) {
        aud_find(&item->findings, "E1", what, AUD_INCONCLUSIVE,
                 "the generator did not end within %u seconds", item->seconds);
    } else if (outcome->ending != AUD_EXITED) {
        char how[200];
        aud_outcome_say(how, sizeof how, outcome);
        aud_find(&item->findings, "E1", what, AUD_INCONCLUSIVE, "the generator %s %s",
                 outcome->has_signal ? "was" : "ended with", how);
    } else {
        bool is_its = strncmp(said, OWN_WORDS, strlen(OWN_WORDS)) == 0;
        bool accuses = outcome->code == SIL_ERR_CHECK && is_its;
        aud_find(&item->findings, "E1", what, accuses ? AUD_REFUTED : AUD_INCONCLUSIVE,
                 "the generator ended with %d%s%s%s", outcome->code,
                 is_its ? ""
                        : ", and not with words of silhouette: is it that program?",
                 said[0] == '\0' ? "" : ": ", said);
    }
}

static sil_status put_transcript(const struct aud_case *item,
                                 const struct aud_scratch *scratch,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;
    char path[sizeof scratch->path + 20];
    (void)snprintf(path, sizeof path, "%s/transcript.sil", scratch->path);
    SIL_TRY(sil_output_open(&output, path, 0600, err));
    SIL_TRY(sil_output_write(output, item->transcript_bytes.data,
                             item->transcript_bytes.length, err));
    status = sil_output_commit(output, err);
    output = NULL;

cleanup:
    sil_output_abandon(output);
    return status;
}

static sil_status same_file(struct aud_case *item, const struct aud_scratch *scratch,
                            struct sil_error *err)
{
    uint8_t theirs[32];
    uint8_t again[32];
    uint8_t unused[64];
    struct aud_folder folder = {.fd = -1};
    sil_status status = SIL_OK;
    SIL_TRY(aud_folder_open(&folder, scratch->path, err));
    status = aud_folder_digest(again, unused, &folder, "data.csv", err);
    if (status == SIL_OK) {
        status = aud_folder_digest(theirs, unused, &item->folder, "data.csv", err);
    }
    if (status == SIL_ERR_INPUT) {
        aud_find(&item->findings, "E1", SAME_ROWS, AUD_INCONCLUSIVE,
                 "there are no rows to compare: %s", err->text);
        status = SIL_OK;
        goto cleanup;
    }
    SIL_TRY(status);
    bool is = memcmp(theirs, again, sizeof theirs) == 0;
    aud_find(&item->findings, "E1", SAME_ROWS, is ? AUD_HOLDS : AUD_REFUTED, "%s",
             is ? "byte for byte"
                : "the generator draws other rows from this transcript and seed");

cleanup:
    aud_folder_close(&folder);
    return status;
}

/* The words of a command, of which those of rows made to order are made here. */
struct command {
    const char *word[12 + ORDER_WORDS_MAX + 1];
    size_t n;
    char *made[ORDER_WORDS_MAX];
    size_t n_made;
};

static sil_status add_text(struct command *command, const char *option,
                           const json_t *text, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t length = strlen(option) + json_string_length(text) + 1;
    if (!json_is_string(text) || command->n_made == ORDER_WORDS_MAX) {
        return SIL_OK; /* the statement was found at fault before */
    }
    char **made = &command->made[command->n_made];
    SIL_TRY(sil_alloc(made, length, 1, "a command", err));
    (void)snprintf(*made, length, "%s%s", option, json_string_value(text));
    command->word[command->n++] = *made;
    command->n_made++;

cleanup:
    return status;
}

static sil_status add_order(struct command *command, const struct aud_case *item,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *order = aud_statement_at(item, "predicate/rows/made_to_order");
    const json_t *shares = json_object_get(order, "rebalance");
    SIL_TRY(add_text(command, "--where=", json_object_get(order, "where"), err));
    SIL_TRY(add_text(command, "--fair=", json_object_get(order, "fair"), err));
    for (size_t i = 0; i < json_array_size(shares); i++) {
        SIL_TRY(add_text(command, "--rebalance=", json_array_get(shares, i), err));
    }

cleanup:
    return status;
}

static void clear_command(struct command *command)
{
    for (size_t i = 0; i < command->n_made; i++) {
        free(command->made[i]);
    }
}

static sil_status sample(struct aud_case *item, const struct aud_scratch *scratch,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_outcome outcome;
    struct aud_limits limits = limits_of(item);
    uint64_t bytes = 0;
    char rows[24];
    const char *seed = aud_statement_text(item, "predicate/rows/seed");
    (void)snprintf(rows, sizeof rows, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(aud_statement_at(item, "predicate/rows/n")));
    struct command command = {
        .word = {item->generator, "sample", "--model", "again.model", "--rows", rows,
                 "--out", "data.csv", "--quiet"},
        .n = 9
    };
    if (seed[0] != '\0') {
        command.word[command.n++] = "--seed";
        command.word[command.n++] = seed;
    }
    SIL_TRY(add_order(&command, item, err));
    if (aud_folder_size(&bytes, &item->folder, "data.csv", err) != SIL_OK) {
        bytes = 0; /* what is wrong with it was found before */
    }
    limits.file_bytes += bytes;
    SIL_TRY(aud_run(&outcome, scratch, command.word, &limits, err));
    if (outcome.ending != AUD_EXITED || outcome.code != 0) {
        note_failure(item, SAME_ROWS, scratch, &outcome);
        goto cleanup;
    }
    status = same_file(item, scratch, err);
    if (outcome.gaps != 0) {
        char gaps[300];
        aud_gaps_say(gaps, sizeof gaps, outcome.gaps);
        aud_find(&item->findings, "E1", "The generator ran on its own",
                 AUD_NOT_EXAMINED, "%s", gaps);
    }

cleanup:
    clear_command(&command);
    return status;
}

/* What it wrote to its standard output: a file that may be as large as it liked. */
static sil_status read_account(struct aud_case *item, const struct aud_scratch *scratch,
                               struct sil_error *err)
{
    bool has_one = false;
    struct aud_folder folder = {.fd = -1};
    struct sil_bytes text = {0};
    sil_status status = aud_folder_open(&folder, scratch->path, err);
    if (status == SIL_OK) {
        status = aud_folder_read(&text, &folder, "out", SIL_JSON_BYTES_MAX, err);
    }
    if (!aud_is_fault(status)) {
        status = aud_check_account(&has_one, item, &text, err); /* empty: it is none */
    }
    aud_find(
        &item->findings, "E1", SAME_CHOICES, has_one ? AUD_HOLDS : AUD_INCONCLUSIVE,
        "%s",
        has_one
            ? "every candidate, filter and last round, by the generator's own account"
            : "the generator ended with 0 and gave no account of the run");
    sil_bytes_clear(&text);
    aud_folder_close(&folder);
    return status;
}

sil_status aud_check_replay(struct aud_case *item, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_scratch scratch = {.path = ""};
    struct aud_outcome outcome;
    const struct aud_limits limits = limits_of(item);
    if (!item->has_transcript) {
        return SIL_OK;
    }
    if (item->generator == NULL) {
        aud_find(&item->findings, "E1", SAME_ROWS, AUD_NOT_EXAMINED,
                 "no program to do it again with was given (--generator)");
        return SIL_OK;
    }
    SIL_TRY(aud_scratch_make(&scratch, err));
    SIL_TRY(put_transcript(item, &scratch, err));
    const char *const words[] = {item->generator,  "refit", "--transcript",
                                 "transcript.sil", "--out", "again.model",
                                 "--explain",      NULL};
    SIL_TRY(aud_run(&outcome, &scratch, words, &limits, err));
    if (outcome.ending != AUD_EXITED || outcome.code != 0) {
        note_failure(item, SAME_CHOICES, &scratch, &outcome);
        goto cleanup;
    }
    SIL_TRY(read_account(item, &scratch, err));
    SIL_TRY(sample(item, &scratch, err));

cleanup:
    aud_scratch_remove(&scratch);
    return status;
}
