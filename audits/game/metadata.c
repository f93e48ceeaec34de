// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* memmem */
#include "audits/game/metadata.h"

#include "audits/table/csv.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const NAMES[AUD_N_FEATURES] = {
    "how it ends",
    "what it says",
    "how many files it writes",
    "how further files are called",
    "what further files hold",
    "the names of columns",
    "the number of rows",
    "which values occur",
    "which columns have empty fields",
    "the digits of the largest number",
    "the size of the rows",
    "the size of the model",
    "the rows, byte for byte",
    "the model, byte for byte",
};

const char *aud_feature_name(enum aud_feature feature)
{
    return NAMES[feature];
}

static bool has(const struct sil_bytes *bytes, const char *token)
{
    return bytes->length > 0 &&
           memmem(bytes->data, bytes->length, token, strlen(token)) != NULL;
}

bool aud_output_has(const struct aud_output *output, const char *token)
{
    return has(&output->rows, token) || has(&output->model, token) ||
           has(&output->said, token) || has(&output->others.text, token);
}

/* ---- the values of a table ---- */

/* A set of digests: open addressing, at most half full. */
struct set {
    uint64_t *item; ///< owned; 0: none
    size_t n, room;
};

static size_t place(const struct set *set, uint64_t value)
{
    size_t i = value % set->room;
    while (set->item[i] != 0 && set->item[i] != value) {
        i = (i + 1) % set->room;
    }
    return i;
}

static sil_status insert(struct set *set, uint64_t value, struct sil_error *err)
{
    if (2 * (set->n + 1) > set->room) {
        struct set larger = {.room = set->room == 0 ? 256 : 4 * set->room};
        sil_status status =
            sil_alloc(&larger.item, larger.room, sizeof *larger.item, "values", err);
        if (status != SIL_OK) {
            return status;
        }
        for (size_t i = 0; i < set->room; i++) {
            if (set->item[i] != 0) {
                larger.item[place(&larger, set->item[i])] = set->item[i];
            }
        }
        larger.n = set->n;
        free(set->item);
        *set = larger;
    }
    size_t at = place(set, value);
    set->n += set->item[at] == 0 ? 1 : 0;
    set->item[at] = value;
    return SIL_OK;
}

/* How many digits a number has before its point; 0: it is none. */
static uint64_t digits_of(const struct aud_text *field)
{
    char text[32] = "";
    char *end = NULL;
    if (field->length == 0 || field->length >= sizeof text) {
        return 0;
    }
    memcpy(text, field->text, field->length);
    double value = fabs(strtod(text, &end));
    return *end == '\0' && value >= 1 && isfinite(value) ? 1 + (uint64_t)log10(value)
                                                         : 0;
}

static sil_status note_field(struct aud_features *out, struct set *set, size_t column,
                             const struct aud_text *field, struct sil_error *err)
{
    uint64_t digits = digits_of(field);
    if (digits > out->value[AUD_DIGITS]) {
        out->value[AUD_DIGITS] = digits;
    }
    if (field->length == 0) {
        out->value[AUD_NULLS] |= (uint64_t)1 << (column % 64);
    }
    /* The field and its column as one number, which is not 0. */
    uint64_t value =
        aud_short_digest(field->text, field->length) + column * 0x9e3779b97f4a7c15U;
    return insert(set, value == 0 ? 1 : value, err);
}

static sil_status read_table(struct aud_features *out, const struct sil_bytes *rows,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    struct set set = {0};
    bool is_end = false;
    aud_csv_begin(&csv, rows->data, rows->length, ',');
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    for (size_t i = 0; i < csv.n_fields && !is_end; i++) {
        out->value[AUD_HEADER] =
            out->value[AUD_HEADER] * 31 +
            aud_short_digest(csv.field[i].text, csv.field[i].length);
    }
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    while (!is_end) {
        out->value[AUD_ROWS]++;
        for (size_t i = 0; i < csv.n_fields; i++) {
            SIL_TRY(note_field(out, &set, i, &csv.field[i], err));
        }
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
    }
    for (size_t i = 0; i < set.room; i++) {
        out->value[AUD_VALUES] += set.item[i];
    }
    out->is_table = true;

cleanup:
    free(set.item);
    aud_csv_clear(&csv);
    return status;
}

sil_status aud_features_of(struct aud_features *out, const struct aud_output *output,
                           struct sil_error *err)
{
    *out = (struct aud_features){0};
    out->value[AUD_ENDING] =
        ((uint64_t)output->outcome.ending << 32) + (uint32_t)output->outcome.code;
    out->value[AUD_SAID] = aud_short_digest(output->said.data, output->said.length);
    out->value[AUD_FILES] = output->n_files;
    out->value[AUD_NAMES] = output->others.names;
    out->value[AUD_OTHERS] = output->others.contents;
    out->value[AUD_WIDTH] = output->rows.length;
    out->value[AUD_MODEL] = output->model.length;
    out->value[AUD_ROWS_BYTES] =
        aud_short_digest(output->rows.data, output->rows.length);
    out->value[AUD_MODEL_BYTES] =
        aud_short_digest(output->model.data, output->model.length);
    if (output->rows.length == 0) {
        return SIL_OK;
    }
    sil_status status = read_table(out, &output->rows, err);
    /* What is no table is compared as bytes only. */
    return status == SIL_ERR_INTERNAL ? status : SIL_OK;
}
