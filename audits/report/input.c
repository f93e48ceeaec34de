// SPDX-License-Identifier: Apache-2.0
#include "audits/report/input.h"

#include "audits/table/source.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "crypto/hash.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *aud_layer_name(enum aud_layer layer)
{
    static const char *const NAMES[AUD_N_LAYERS] = {"verify", "conform", "game",
                                                    "attack", "selftest"};
    return NAMES[layer];
}

const char *aud_word_text(enum aud_word word)
{
    static const char *const WORDS[AUD_N_WORDS] = {
        "NOT EXAMINED", "NOT REFUTED", "INCONCLUSIVE", "EXPOSED", "REFUTED"};
    return WORDS[word];
}

bool aud_layer_is_private(enum aud_layer layer)
{
    return layer == AUD_NOISE || layer == AUD_RISK;
}

double aud_real(const json_t *object, const char *key, double otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

const char *aud_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

void aud_inputs_clear(struct aud_inputs *inputs)
{
    for (size_t i = 0; i < inputs->n; i++) {
        json_decref(inputs->item[i].content);
        free(inputs->item[i].path);
    }
    *inputs = (struct aud_inputs){.n = 0};
}

sil_status aud_parse_content(json_t **out, enum aud_layer *layer, enum aud_word *word,
                             const char *text, size_t length, struct sil_error *err)
{
    json_error_t error;
    *out = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (*out == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "no JSON: line %d: %s", error.line,
                        error.text);
    }
    sil_status status = aud_check_content(layer, word, *out, err);
    if (status != SIL_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return status;
}

/* Room for another; its path is kept. */
static sil_status begin(struct aud_input **out, struct aud_inputs *inputs,
                        const char *path, struct sil_error *err)
{
    if (inputs->n == AUD_INPUTS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "more than %d findings for one report",
                        AUD_INPUTS_MAX);
    }
    struct aud_input *input = &inputs->item[inputs->n];
    *input = (struct aud_input){.path = strdup(path)};
    if (input->path == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a path");
    }
    inputs->n++;
    *out = input;
    return SIL_OK;
}

static sil_status add_text(struct aud_input *input, const struct sil_bytes *text,
                           struct sil_error *err)
{
    sil_status status = aud_parse_content(&input->content, &input->layer, &input->word,
                                          (const char *)text->data, text->length, err);
    return status == SIL_OK ? status : sil_fail_within(err, status, "%s", input->path);
}

static sil_status add_file(struct aud_inputs *inputs, const char *path,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_input *input = NULL;
    struct sil_bytes text = {0};
    SIL_TRY(begin(&input, inputs, path, err));
    SIL_TRY(aud_source_read(&text, path, AUD_INPUT_BYTES_MAX, err));
    SIL_TRY(add_text(input, &text, err));
    sil_sha256(input->sha256,
               &(struct sil_part){.data = text.data, .length = text.length}, 1);
    input->has_hash = true;

cleanup:
    sil_bytes_clear(&text);
    return status;
}

/* ---- bundles ---- */

/* The same as the command verify, without its options. */
static sil_status verify(struct sil_bytes *json, const char *path,
                         struct sil_error *err)
{
    struct aud_case item;
    aud_case_init(&item);
    item.findings.command = "verify";
    sil_status status = aud_folder_open(&item.folder, path, err);
    if (status == SIL_ERR_CHECK) {
        aud_find_status(&item.findings, "S1", "The bundle is a folder or a tar file",
                        status, err);
        status = SIL_OK;
    } else {
        SIL_TRY(status);
        SIL_TRY(aud_verify(&item, err));
    }
    SIL_TRY(aud_findings_json(json, &item.findings, err));

cleanup:
    aud_case_clear(&item);
    return status;
}

static sil_status add_bundle(struct aud_inputs *inputs, const char *path,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_input *input = NULL;
    struct sil_bytes json = {0};
    SIL_TRY(begin(&input, inputs, path, err));
    SIL_TRY(verify(&json, path, err));
    SIL_TRY(add_text(input, &json, err));
    input->is_bundle = true;

cleanup:
    sil_bytes_clear(&json);
    return status;
}

/* ---- what is it? ---- */

static bool is_there(char path[PATH_MAX], const char *folder, const char *name)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX && access(path, F_OK) == 0;
}

/* A pipe would be waited for. */
static bool is_regular(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static bool is_bundle(const char *folder)
{
    char path[PATH_MAX];
    return is_there(path, folder, "statement.json") ||
           is_there(path, folder, "SHA256SUMS") || is_there(path, folder, "ledger");
}

/* What attack wrote, or a bundle; findings that lie in a bundle were put there by whoever made
 * it. The findings of other commands are read where they are named themselves: a folder that
 * somebody hands over as a bundle must not be able to bring its own verdict along. */
static sil_status add_folder(struct aud_inputs *inputs, const char *folder,
                             struct sil_error *err)
{
    char path[PATH_MAX];
    bool has_findings = is_there(path, folder, "attack.json");
    bool holds_bundle = is_bundle(folder);
    if (holds_bundle && has_findings) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s is a bundle with findings in it, which its maker may have "
                        "written: take them out",
                        folder);
    }
    if (holds_bundle) {
        return add_bundle(inputs, folder, err);
    }
    if (has_findings && !is_regular(path)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is not a regular file", path);
    }
    return has_findings
               ? add_file(inputs, path, err)
               : sil_fail(err, SIL_ERR_INPUT,
                          "%s is neither a bundle nor a folder that attack wrote; name "
                          "the files of other findings themselves",
                          folder);
}

/* A file that begins as a JSON object does, blanks aside. */
static bool begins_object(const char *path)
{
    char text[64] = "";
    FILE *file = fopen(path, "rbe");
    size_t n = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    if (file != NULL) {
        (void)fclose(file);
    }
    return n > 0 && text[strspn(text, " \t\r\n")] == '{';
}

sil_status aud_inputs_add(struct aud_inputs *inputs, const char *path,
                          struct sil_error *err)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        return sil_fail_errno(err, "cannot read %s", path);
    }
    if (S_ISDIR(about.st_mode)) {
        return add_folder(inputs, path, err);
    }
    if (!S_ISREG(about.st_mode)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is neither a file nor a folder", path);
    }
    return begins_object(path) ? add_file(inputs, path, err)
                               : add_bundle(inputs, path, err);
}
