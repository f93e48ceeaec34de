// SPDX-License-Identifier: Apache-2.0
#include "audits/game/generator.h"

#include "audits/verify/folder.h"
#include "base/fail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const AUD_PLACES[] = {"data", "schema", "epsilon", "delta",
                                  "rows", "out",    "model",   NULL};

enum {
    N_PLACES = 7,
    SAID_MAX = 1 << 20,
    INPUTS = 2,
    STREAMS = 2,
    COMMAS_MAX = 1 << 16
};

/* Of a file that is read whole. */
static const size_t READ_MAX = (size_t)256 << 20;

/* Names without folders: a program that repeats them says the same in every folder. */
static const char *const DATA = "data.csv";
static const char *const SCHEMA = "schema.json";
static const char *const ROWS = "rows.csv";
static const char *const MODEL = "model.out";

void aud_output_clear(struct aud_output *output)
{
    sil_bytes_clear(&output->rows);
    sil_bytes_clear(&output->model);
    sil_bytes_clear(&output->said);
    aud_leavings_clear(&output->others);
}

bool aud_output_is_good(const struct aud_output *output)
{
    return output->outcome.ending == AUD_EXITED && output->outcome.code == 0;
}

bool aud_makes_rows(const struct aud_generator *generator)
{
    return aud_words_have(&generator->command, "out") ||
           !aud_words_have(&generator->command, "model");
}

void aud_output_ending(char *out, size_t room, const struct aud_output *output)
{
    aud_outcome_say(out, room, &output->outcome);
}

void aud_output_complaint(char *out, size_t room, const struct aud_output *output)
{
    char line[160];
    size_t n = 0;
    const struct sil_bytes *said = &output->said;
    while (n < said->length && n < sizeof line - 1 && said->data[n] != '\n') {
        uint8_t c = said->data[n];
        line[n++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    line[n] = '\0';
    aud_output_ending(out, room, output);
    size_t used = strlen(out);
    if (n > 0) {
        (void)snprintf(out + used, room - used, ", \"%s\"", line);
    }
}

static sil_status put(const struct aud_scratch *scratch, const char *name,
                      const struct sil_bytes *bytes, struct sil_error *err)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", scratch->path, name);
    FILE *file = fopen(path, "wbx");
    if (file == NULL) {
        return sil_fail_errno(err, "cannot write %s", path);
    }
    bool is_whole = fwrite(bytes->data, 1, bytes->length, file) == bytes->length;
    return fclose(file) == 0 && is_whole ? SIL_OK
                                         : sil_fail_errno(err, "cannot write %s", path);
}

/* A file that the program has made. None, a link, a folder: empty. */
static sil_status take(struct sil_bytes *out, struct aud_output *output,
                       const struct aud_folder *folder, const char *name, size_t most)
{
    uint64_t size = 0;
    if (aud_folder_size(&size, folder, name, NULL) != SIL_OK) {
        return SIL_OK;
    }
    if (size > most) {
        output->is_oversize = true;
        return SIL_OK;
    }
    sil_status status = aud_folder_read(out, folder, name, most, NULL);
    return status == SIL_ERR_INTERNAL ? status : SIL_OK;
}

/* A line of so many fields is no row; a reader would have to remember them all. */
static bool has_endless_line(const struct sil_bytes *rows)
{
    size_t commas = 0;
    for (size_t i = 0; i < rows->length && commas <= COMMAS_MAX; i++) {
        commas = rows->data[i] == '\n' ? 0 : commas + (rows->data[i] == ',' ? 1 : 0);
    }
    return commas > COMMAS_MAX;
}

static sil_status collect(struct aud_output *out, const struct aud_generator *generator,
                          const struct aud_scratch *scratch, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_folder folder = {.fd = -1};
    bool has_out = aud_words_have(&generator->command, "out");
    const size_t most = generator->limits.file_bytes < READ_MAX
                            ? (size_t)generator->limits.file_bytes
                            : READ_MAX;
    SIL_TRY(aud_folder_open(&folder, scratch->path, err));
    size_t n = aud_folder_count(&folder);
    out->n_files = n > INPUTS + STREAMS ? n - INPUTS - STREAMS : 0;
    SIL_TRY(take(&out->rows, out, &folder, has_out ? ROWS : "out", most));
    if (has_endless_line(&out->rows)) {
        sil_bytes_clear(&out->rows);
        out->is_oversize = true;
    }
    SIL_TRY(take(&out->model, out, &folder, MODEL, most));
    SIL_TRY(take(&out->said, out, &folder, "err", SAID_MAX));
    if (has_out) {
        struct sil_bytes more = {0};
        SIL_TRY(take(&more, out, &folder, "out", SAID_MAX));
        status = sil_bytes_append(&out->said, more.data, more.length, err);
        sil_bytes_clear(&more);
        SIL_TRY(status);
    }
    const char *const known[] = {
        DATA, SCHEMA, "out", "err", MODEL, has_out ? ROWS : NULL, NULL};
    SIL_TRY(aud_leavings_read(&out->others, folder.fd, known, err));
    out->is_oversize = out->is_oversize || out->others.is_cut;

cleanup:
    aud_folder_close(&folder);
    return status == SIL_OK
               ? SIL_OK
               : sil_fail(err, status, "cannot read what the generator wrote");
}

sil_status aud_generate(struct aud_output *out, const struct aud_generator *generator,
                        const struct sil_bytes *data, const struct sil_bytes *schema,
                        uint64_t rows, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_scratch scratch = {.path = ""};
    struct aud_words words = {0};
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRIu64, rows);
    const struct aud_slot slots[N_PLACES] = {
        {AUD_PLACES[0], DATA              },
        {AUD_PLACES[1], SCHEMA            },
        {AUD_PLACES[2], generator->epsilon},
        {AUD_PLACES[3], generator->delta  },
        {AUD_PLACES[4], number            },
        {AUD_PLACES[5], ROWS              },
        {AUD_PLACES[6], MODEL             },
    };
    *out = (struct aud_output){0};
    SIL_TRY(aud_words_fill(&words, &generator->command, slots, N_PLACES, err));
    SIL_TRY(aud_scratch_make(&scratch, err));
    SIL_TRY(put(&scratch, DATA, data, err));
    SIL_TRY(put(&scratch, SCHEMA, schema, err));
    SIL_TRY(aud_run(&out->outcome, &scratch, (const char *const *)words.word,
                    &generator->limits, err));
    SIL_TRY(collect(out, generator, &scratch, err));

cleanup:
    if (status != SIL_OK) {
        aud_output_clear(out);
    }
    aud_scratch_remove(&scratch);
    aud_words_clear(&words);
    return status;
}
