// SPDX-License-Identifier: Apache-2.0
/* Two passes over the three files, which are held in memory: the first looks what is in the
 * columns, the second gives every value its code. */
#include "audits/attack/tables.h"

#include "audits/attack/look.h"
#include "audits/table/source.h"
#include "audits/table/table.h"
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SCHEMA_BYTES_MAX = 1 << 24 };

static const char *const NAMES[] = {"the training table", "the holdout table",
                                    "the synthetic table"};

const char *aud_which_name(enum aud_which which)
{
    return NAMES[which];
}

struct reading {
    struct aud_tables *out;
    const struct aud_sources *sources;
    struct sil_bytes bytes[AUD_WHICH];
    size_t *place[AUD_WHICH]; ///< where the file has each column
    struct aud_look *look;
    struct aud_table schema;
    uint64_t secret[2];
    uint64_t
        *ignored; ///< hashes of the names of columns that are left out, of all tables
    size_t n_ignored, ignored_room;
};

static void clear(struct reading *reading)
{
    for (size_t i = 0; reading->look != NULL && i < reading->out->n_columns; i++) {
        aud_look_clear(&reading->look[i]);
    }
    free(reading->look);
    free(reading->ignored);
    for (int t = 0; t < AUD_WHICH; t++) {
        sil_bytes_clear(&reading->bytes[t]);
        free(reading->place[t]);
    }
    aud_table_clear(&reading->schema);
}

void aud_tables_clear(struct aud_tables *tables)
{
    for (size_t i = 0; tables->column != NULL && i < tables->n_columns; i++) {
        free(tables->column[i].name);
        for (size_t k = 0; k < AUD_LABELS; k++) {
            free(tables->column[i].label[k]);
        }
    }
    free(tables->column);
    aud_persons_clear(&tables->persons[AUD_TRAIN]);
    aud_persons_clear(&tables->persons[AUD_HOLDOUT]);
    for (int t = 0; t < AUD_WHICH; t++) {
        struct aud_rows *rows = &tables->rows[t];
        for (size_t i = 0; rows->code != NULL && i < tables->n_columns; i++) {
            free(rows->code[i]);
        }
        free(rows->code);
        free(rows->exact);
        free(rows->every);
    }
    *tables = (struct aud_tables){0};
}

size_t aud_tables_find(const struct aud_tables *tables, const char *name)
{
    size_t i = 0;
    while (i < tables->n_columns && strcmp(tables->column[i].name, name) != 0) {
        i++;
    }
    return i;
}

void aud_tables_say(char *out, size_t size, const struct aud_tables *tables,
                    size_t column, uint32_t code)
{
    const struct aud_column *of = &tables->column[column];
    if (of->is_ordered && code <= AUD_GRID) {
        double value = of->low + (of->high - of->low) * code / AUD_GRID;
        (void)snprintf(out, size, "%.6g", value);
    } else if (!of->is_ordered && code < AUD_LABELS && of->label[code] != NULL) {
        (void)snprintf(out, size, "%s", of->label[code]);
    } else {
        (void)snprintf(out, size, "%s", of->is_ordered ? "no number" : "a rare one");
    }
}

/* ---- headers ---- */

static sil_status check_delimiter(const struct aud_csv *csv, const char *what,
                                  struct sil_error *err)
{
    static const char OTHERS[] = ",;\t|";
    const struct aud_text *name = &csv->field[0];
    for (size_t i = 0; csv->n_fields == 1 && i < sizeof OTHERS - 1; i++) {
        if (OTHERS[i] != csv->delimiter &&
            memchr(name->text, OTHERS[i], name->length) != NULL) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "%s has one column, in whose name another delimiter is: "
                            "does --delimiter fit?",
                            what);
        }
    }
    return SIL_OK;
}

static sil_status take_name(struct reading *reading, const char *text, size_t length,
                            struct sil_error *err)
{
    struct aud_tables *out = reading->out;
    sil_status status = SIL_OK;
    if (out->n_columns == AUD_COLUMNS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "more than %d columns", AUD_COLUMNS_MAX);
    }
    struct aud_column *column = &out->column[out->n_columns];
    SIL_TRY(sil_alloc(&column->name, length + 1, 1, "a column", err));
    (void)memcpy(column->name, text, length);
    if (strlen(column->name) != length ||
        aud_tables_find(out, column->name) != out->n_columns) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "two columns have one name, or a name that is none");
    }
    out->n_columns++;

cleanup:
    return status;
}

static bool is_id(const struct aud_sources *sources, const char *name, size_t length)
{
    const char *id = sources->id_column;
    return id != NULL && strlen(id) == length && memcmp(id, name, length) == 0;
}

/* The columns are those of the schema, or else those of the training table; the id is none. */
static sil_status take_columns(struct reading *reading, const struct aud_csv *csv,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_tables *out = reading->out;
    const struct aud_table *schema = &reading->schema;
    SIL_TRY(
        sil_alloc(&out->column, AUD_COLUMNS_MAX, sizeof *out->column, "columns", err));
    SIL_TRY(sil_alloc(&reading->look, AUD_COLUMNS_MAX, sizeof *reading->look, "columns",
                      err));
    size_t n = schema->n_fields > 0 ? schema->n_fields : csv->n_fields;
    for (size_t i = 0; i < n; i++) {
        const struct aud_field *field = schema->n_fields > 0 ? &schema->field[i] : NULL;
        const char *name = field != NULL ? field->name : csv->field[i].text;
        size_t length = field != NULL ? strlen(name) : csv->field[i].length;
        struct aud_look *look = &reading->look[out->n_columns];
        if (is_id(reading->sources, name, length)) {
            continue;
        }
        SIL_TRY(take_name(reading, name, length, err));
        look->field = field;
        look->low = 1; /* above `high`: nothing yet */
    }
    if (out->n_columns == 0) {
        status = sil_fail(err, SIL_ERR_INPUT, "there is no column but the id");
    }

cleanup:
    return status;
}

/* Columns that are none of the tables': their names are counted once. */
static sil_status note_ignored(struct reading *reading, enum aud_which which,
                               const struct aud_csv *csv, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t hash[SIL_HASH_BYTES];
    bool *is_taken = NULL;
    SIL_TRY(sil_alloc(&is_taken, csv->n_fields, sizeof *is_taken, "columns", err));
    for (size_t i = 0; i < reading->out->n_columns; i++) {
        is_taken[reading->place[which][i]] = true;
    }
    for (size_t i = 0; i < csv->n_fields; i++) {
        const struct aud_text *name = &csv->field[i];
        if (is_taken[i] || is_id(reading->sources, name->text, name->length)) {
            continue;
        }
        SIL_TRY(sil_grow(&reading->ignored, &reading->ignored_room,
                         reading->n_ignored + 1, sizeof *reading->ignored, "columns",
                         err));
        sil_hash(hash, &(struct sil_part){name->text, name->length}, 1);
        (void)memcpy(&reading->ignored[reading->n_ignored++], hash,
                     sizeof *reading->ignored);
    }

cleanup:
    free(is_taken);
    return status;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static size_t count_ignored(struct reading *reading)
{
    uint64_t *ignored = reading->ignored;
    size_t n = 0;
    if (reading->n_ignored > 0) {
        qsort(ignored, reading->n_ignored, sizeof *ignored, compare);
    }
    for (size_t i = 0; i < reading->n_ignored; i++) {
        n += i == 0 || ignored[i] != ignored[i - 1];
    }
    return n;
}

static sil_status place_columns(struct reading *reading, enum aud_which which,
                                const struct aud_csv *csv, struct sil_error *err)
{
    const struct aud_tables *out = reading->out;
    sil_status status = sil_alloc(&reading->place[which], out->n_columns,
                                  sizeof *reading->place[which], "columns", err);
    for (size_t i = 0; status == SIL_OK && i < out->n_columns; i++) {
        status = aud_csv_find(&reading->place[which][i], csv, out->column[i].name, err);
    }
    return status == SIL_OK ? note_ignored(reading, which, csv, err) : status;
}

static sil_status open_table(struct aud_csv *csv, struct reading *reading,
                             enum aud_which which, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_bytes *bytes = &reading->bytes[which];
    bool is_end = false;
    aud_csv_begin(csv, bytes->data, bytes->length, reading->sources->delimiter);
    SIL_TRY(aud_csv_next(csv, &is_end, err));
    if (is_end) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is empty", NAMES[which]);
    }
    SIL_TRY(check_delimiter(csv, NAMES[which], err));
    if (which == AUD_TRAIN && reading->out->column == NULL) {
        SIL_TRY(take_columns(reading, csv, err));
    }
    if (reading->place[which] == NULL) {
        SIL_TRY(place_columns(reading, which, csv, err));
    }

cleanup:
    return status;
}

/* ---- the two passes ---- */

/* Does a record of a table stand for its person? */
static bool stands(const struct reading *reading, enum aud_which which, size_t record)
{
    const struct aud_persons *persons = &reading->out->persons[which];
    return which == AUD_SYNTHETIC || persons->row == NULL ||
           persons->record[persons->row[record]] == record;
}

static const char *source_of(const struct reading *reading, enum aud_which which)
{
    return which == AUD_SYNTHETIC && reading->sources->made != NULL
               ? "the rows of a shadow run"
               : reading->sources->path[which];
}

static sil_status look_at(struct reading *reading, enum aud_which which,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv = {0};
    struct aud_tables *out = reading->out;
    bool is_end = false;
    SIL_TRY(open_table(&csv, reading, which, err));
    for (size_t record = 0;; record++) {
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        if (!stands(reading, which, record)) {
            continue;
        }
        for (size_t i = 0; i < out->n_columns; i++) {
            struct aud_look *look = &reading->look[i];
            const struct aud_text *text = &csv.field[reading->place[which][i]];
            struct aud_value value = aud_value_of(look, text, reading->secret);
            SIL_TRY(aud_look_note(look, which, &value, text, err));
        }
        out->rows[which].n++;
    }
    if (out->rows[which].n == 0 || out->rows[which].n >= UINT32_MAX / AUD_WHICH) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s has %s rows", NAMES[which],
                          out->rows[which].n == 0 ? "no" : "too many");
    }

cleanup:
    aud_csv_clear(&csv);
    return status == SIL_ERR_INPUT
               ? sil_fail_within(err, status, "%s", source_of(reading, which))
               : status;
}

static sil_status allocate(struct aud_rows *rows, size_t n_columns,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&rows->exact, rows->n, sizeof *rows->exact, "a table", err));
    SIL_TRY(sil_alloc(&rows->code, n_columns, sizeof *rows->code, "a table", err));
    for (size_t i = 0; i < n_columns; i++) {
        SIL_TRY(
            sil_alloc(&rows->code[i], rows->n, sizeof **rows->code, "a table", err));
    }

cleanup:
    return status;
}

static sil_status encode(struct reading *reading, enum aud_which which,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv = {0};
    struct aud_tables *out = reading->out;
    struct aud_rows *rows = &out->rows[which];
    bool is_end = false;
    SIL_TRY(allocate(rows, out->n_columns, err));
    if (which != AUD_SYNTHETIC && out->persons[which].row != NULL) {
        rows->n_every = out->persons[which].n_records;
        SIL_TRY(sil_alloc(&rows->every, rows->n_every, sizeof *rows->every, "a table",
                          err));
    }
    SIL_TRY(open_table(&csv, reading, which, err));
    for (size_t row = 0, record = 0;; record++) {
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        const bool is_row = stands(reading, which, record);
        uint64_t exact = 0;
        for (size_t i = 0; i < out->n_columns; i++) {
            const struct aud_look *look = &reading->look[i];
            const struct aud_text *text = &csv.field[reading->place[which][i]];
            struct aud_value value = aud_value_of(look, text, reading->secret);
            exact = (exact ^ value.key) * 0x9e3779b97f4a7c15U;
            exact ^= exact >> 29;
            if (is_row) {
                rows->code[i][row] =
                    (uint16_t)aud_look_code(look, &out->column[i], &value);
            }
        }
        if (rows->every != NULL) {
            rows->every[record] = exact;
        }
        if (is_row) {
            rows->exact[row++] = exact;
        }
    }

cleanup:
    aud_csv_clear(&csv);
    return status;
}

static sil_status read_files(struct reading *reading, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes schema = {0};
    size_t left = AUD_BYTES_MAX;
    const struct sil_bytes *made = reading->sources->made;
    for (int t = 0; t < AUD_WHICH; t++) {
        struct sil_bytes *bytes = &reading->bytes[t];
        if (t == AUD_SYNTHETIC && made != NULL) {
            SIL_TRY(sil_bytes_append(bytes, made->data, made->length, err));
        } else {
            SIL_TRY(aud_source_read(bytes, reading->sources->path[t], left, err));
        }
        left -= bytes->length < left ? bytes->length : left;
        sil_sha256(reading->out->sha256[t],
                   &(struct sil_part){.data = bytes->data, .length = bytes->length}, 1);
    }
    if (reading->sources->schema != NULL) {
        SIL_TRY(
            aud_source_read(&schema, reading->sources->schema, SCHEMA_BYTES_MAX, err));
        SIL_TRY(aud_table_begin(&reading->schema, (const char *)schema.data,
                                schema.length, err));
    }
    if (getrandom(reading->secret, sizeof reading->secret, 0) !=
        sizeof reading->secret) {
        status = sil_fail_errno(err, "the system gives no random bytes");
    }

cleanup:
    sil_bytes_clear(&schema);
    return status;
}

static sil_status find_persons(struct reading *reading, struct sil_error *err)
{
    const struct aud_sources *sources = reading->sources;
    sil_status status = SIL_OK;
    for (int t = AUD_TRAIN; sources->id_column != NULL && t <= AUD_HOLDOUT; t++) {
        status = aud_persons_find(&reading->out->persons[t], &reading->bytes[t],
                                  sources->delimiter, sources->id_column, sources->seed,
                                  err);
        if (status != SIL_OK) {
            return status == SIL_ERR_INPUT
                       ? sil_fail_within(err, status, "%s", sources->path[t])
                       : status;
        }
    }
    return SIL_OK;
}

sil_status aud_tables_read(struct aud_tables *out, const struct aud_sources *sources,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct reading reading = {.out = out, .sources = sources};
    *out = (struct aud_tables){0};
    SIL_TRY(read_files(&reading, err));
    SIL_TRY(find_persons(&reading, err));
    for (int t = 0; t < AUD_WHICH; t++) {
        SIL_TRY(look_at(&reading, (enum aud_which)t, err));
    }
    out->n_ignored = count_ignored(&reading);
    for (size_t i = 0; i < out->n_columns; i++) {
        SIL_TRY(aud_look_decide(&out->column[i], &reading.look[i], err));
    }
    for (int t = 0; t < AUD_WHICH; t++) {
        SIL_TRY(encode(&reading, (enum aud_which)t, err));
    }

cleanup:
    clear(&reading);
    return status;
}
