// SPDX-License-Identifier: Apache-2.0
#include "audits/table/csv.h"

#include "base/fail.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void aud_csv_begin(struct aud_csv *csv, const void *data, size_t length, char delimiter)
{
    static const char MARK[] = "\xef\xbb\xbf";
    *csv = (struct aud_csv){.data = data, .length = length, .delimiter = delimiter};
    if (csv->length >= 3 && memcmp(csv->data, MARK, 3) == 0) {
        csv->at = 3;
    }
}

void aud_csv_clear(struct aud_csv *csv)
{
    free(csv->field);
    sil_bytes_clear(&csv->unquoted);
}

static sil_status bad(const struct aud_csv *csv, const char *what,
                      struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT, "record %" PRIu64 ": %s", csv->record, what);
}

/* A field in quotes: what it says goes to `unquoted`, whose bytes may still move; so its
 * place there is kept as a length until the record is whole. */
static sil_status next_quoted(struct aud_csv *csv, struct aud_text *out,
                              struct sil_error *err)
{
    const size_t begin = csv->unquoted.length;
    for (csv->at++;;) {
        size_t from = csv->at;
        while (csv->at < csv->length && csv->data[csv->at] != '"') {
            csv->at++;
        }
        if (csv->at == csv->length) {
            return bad(csv, "a quote is not closed", err);
        }
        csv->at++;
        bool is_doubled = csv->at < csv->length && csv->data[csv->at] == '"';
        size_t n = csv->at - from - (is_doubled ? 0 : 1);
        sil_status status = sil_bytes_append(&csv->unquoted, csv->data + from, n, err);
        if (status != SIL_OK) {
            return status;
        }
        if (!is_doubled) {
            break;
        }
        csv->at++;
    }
    *out = (struct aud_text){.text = NULL, .length = csv->unquoted.length - begin};
    return SIL_OK;
}

static bool ends_field(const struct aud_csv *csv)
{
    uint8_t c = csv->at < csv->length ? csv->data[csv->at] : '\n';
    return c == (uint8_t)csv->delimiter || c == '\n' ||
           (c == '\r' && csv->at + 1 < csv->length && csv->data[csv->at + 1] == '\n') ||
           (c == '\r' && csv->at + 1 == csv->length);
}

static sil_status next_field(struct aud_csv *csv, struct aud_text *out,
                             struct sil_error *err)
{
    if (csv->at < csv->length && csv->data[csv->at] == '"') {
        sil_status status = next_quoted(csv, out, err);
        if (status == SIL_OK && !ends_field(csv)) {
            status = bad(csv, "text behind a closing quote", err);
        }
        return status;
    }
    size_t from = csv->at;
    while (!ends_field(csv)) {
        if (csv->data[csv->at] == '"') {
            return bad(csv, "a quote within a field that does not begin with one", err);
        }
        csv->at++;
    }
    *out = (struct aud_text){(const char *)csv->data + from, csv->at - from};
    return SIL_OK;
}

/* Now that `unquoted` stays where it is. */
static void place_quoted(struct aud_csv *csv)
{
    /* Without a byte: all quotes of this record were around nothing. */
    const char *text = csv->unquoted.length > 0 ? (const char *)csv->unquoted.data : "";
    size_t at = 0;
    for (size_t i = 0; i < csv->n_fields; i++) {
        if (csv->field[i].text == NULL) {
            csv->field[i].text = text + at;
            at += csv->field[i].length;
        }
    }
}

static void skip_end_of_line(struct aud_csv *csv)
{
    if (csv->at < csv->length && csv->data[csv->at] == '\r') {
        csv->at++;
    }
    if (csv->at < csv->length && csv->data[csv->at] == '\n') {
        csv->at++;
    }
}

sil_status aud_csv_next(struct aud_csv *csv, bool *is_end, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t wanted = csv->n_fields;
    csv->record++;
    csv->n_fields = 0;
    csv->unquoted.length = 0;
    *is_end = csv->at >= csv->length;
    for (bool has_more = !*is_end; has_more;) {
        SIL_TRY(sil_grow(&csv->field, &csv->room, csv->n_fields + 1, sizeof *csv->field,
                         "a record", err));
        SIL_TRY(next_field(csv, &csv->field[csv->n_fields++], err));
        has_more =
            csv->at < csv->length && csv->data[csv->at] == (uint8_t)csv->delimiter;
        csv->at += has_more;
    }
    skip_end_of_line(csv);
    place_quoted(csv);
    if (!*is_end && csv->record > 1 && csv->n_fields != wanted) {
        status = bad(csv, "another number of fields than the header has", err);
    }
    if (*is_end) {
        csv->n_fields = wanted;
    }

cleanup:
    return status;
}

size_t aud_csv_first(const struct aud_csv *csv, const char *text)
{
    const size_t length = strlen(text);
    size_t at = 0;
    while (at < csv->n_fields && (csv->field[at].length != length ||
                                  memcmp(csv->field[at].text, text, length) != 0)) {
        at++;
    }
    return at;
}

sil_status aud_csv_find(size_t *place, const struct aud_csv *csv, const char *name,
                        struct sil_error *err)
{
    const size_t length = strlen(name);
    size_t found = 0;
    for (size_t i = 0; i < csv->n_fields; i++) {
        const struct aud_text *text = &csv->field[i];
        if (text->length == length && memcmp(text->text, name, length) == 0) {
            *place = i;
            found++;
        }
    }
    if (found == 0) {
        /* Which names there are is not said: a file without a header begins with a row. */
        return sil_fail(
            err, SIL_ERR_INPUT,
            "there is no column %.60s among the %zu that the first line "
            "names; letters have to be the same, large or small, and blanks",
            name, csv->n_fields);
    }
    return found == 1
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT,
                          "there are several columns %.60s; rename all but one", name);
}
