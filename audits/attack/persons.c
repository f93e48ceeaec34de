// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/persons.h"

#include "audits/table/csv.h"
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

static const char OF_ID[] = "silhouette-audit attack, person, version 1\n";
static const char OF_ROW[] = "silhouette-audit attack, row of a person, version 1\n";

/* A record: whose it is, and its place among the rows of that person. */
struct line {
    uint64_t id;
    uint64_t lot;
    uint32_t record;
};

static uint64_t first_bits(const struct sil_part *parts, size_t n)
{
    uint8_t hash[SIL_HASH_BYTES];
    uint64_t bits = 0;
    sil_hash(hash, parts, n);
    for (size_t i = 0; i < sizeof bits; i++) {
        bits |= (uint64_t)hash[i] << 8 * i;
    }
    return bits;
}

static uint64_t hash_id(const struct aud_text *id)
{
    const struct sil_part parts[] = {
        {OF_ID,    sizeof OF_ID - 1},
        {id->text, id->length      }
    };
    return id->length == 0 ? 0 : first_bits(parts, 2);
}

/* Of the values of a record, by a chain over its fields. */
static uint64_t draw_lot(const struct aud_csv *csv, uint64_t seed)
{
    uint64_t lot = seed;
    for (size_t i = 0; i < csv->n_fields; i++) {
        const struct sil_part parts[] = {
            {OF_ROW,             sizeof OF_ROW - 1   },
            {&lot,               sizeof lot          },
            {csv->field[i].text, csv->field[i].length}
        };
        lot = first_bits(parts, 3);
    }
    return lot;
}

static int compare_lines(const void *left, const void *right)
{
    const struct line *a = left;
    const struct line *b = right;
    if (a->id != b->id) {
        return a->id < b->id ? -1 : 1;
    }
    if (a->lot != b->lot) {
        return a->lot < b->lot ? -1 : 1;
    }
    return (a->record > b->record) - (a->record < b->record);
}

static sil_status read_lines(struct line **out, size_t *n,
                             const struct sil_bytes *bytes, char delimiter,
                             const char *id_column, uint64_t seed,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    size_t place = 0;
    size_t room = 0;
    bool is_end = false;
    aud_csv_begin(&csv, bytes->data, bytes->length, delimiter);
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    SIL_TRY(aud_csv_find(&place, &csv, id_column, err));
    for (*n = 0;; ++*n) {
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        SIL_TRY(sil_grow(out, &room, *n + 1, sizeof **out, "records", err));
        (*out)[*n] = (struct line){.id = hash_id(&csv.field[place]),
                                   .lot = draw_lot(&csv, seed),
                                   .record = (uint32_t)*n};
    }
    if (*n >= UINT32_MAX) {
        status = sil_fail(err, SIL_ERR_INPUT, "there are too many rows");
    }

cleanup:
    aud_csv_clear(&csv);
    return status;
}

/* The first line of each person stands for it: first by record, then by row. */
static void choose(struct aud_persons *out, const struct line *line, size_t n)
{
    const struct line *first = line;
    for (size_t i = 0; i < n; i++) {
        bool is_other = line[i].id == 0 || line[i].id != first->id;
        first = is_other ? &line[i] : first;
        out->row[line[i].record] = first->record;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (out->row[i] == i) {
            out->record[out->n_rows++] = i;
        }
    }
}

static int compare_records(const void *left, const void *right)
{
    uint32_t a;
    uint32_t b;
    (void)memcpy(&a, left, sizeof a);
    (void)memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

static void number_rows(struct aud_persons *out, const struct line *line)
{
    for (size_t i = 0; i < out->n_records; i++) {
        const uint32_t *at = bsearch(&out->row[i], out->record, out->n_rows,
                                     sizeof *out->record, compare_records);
        out->row[i] = (uint32_t)(at - out->record);
    }
    for (size_t i = 0; i < out->n_records; i++) {
        out->id[out->row[line[i].record]] = line[i].id;
    }
}

sil_status aud_persons_find(struct aud_persons *out, const struct sil_bytes *csv,
                            char delimiter, const char *id_column, uint64_t seed,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct line *line = NULL;
    size_t n = 0;
    *out = (struct aud_persons){0};
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(read_lines(&line, &n, csv, delimiter, id_column, seed, err));
    SIL_TRY(sil_alloc(&out->row, n, sizeof *out->row, "persons", err));
    SIL_TRY(sil_alloc(&out->record, n, sizeof *out->record, "persons", err));
    SIL_TRY(sil_alloc(&out->id, n, sizeof *out->id, "persons", err));
    out->n_records = n;
    if (n > 0) {
        qsort(line, n, sizeof *line, compare_lines);
        choose(out, line, n);
        number_rows(out, line);
    }

cleanup:
    free(line);
    return status;
}

void aud_persons_clear(struct aud_persons *persons)
{
    free(persons->row);
    free(persons->record);
    free(persons->id);
    *persons = (struct aud_persons){0};
}

static int compare_ids(const void *left, const void *right)
{
    uint64_t a;
    uint64_t b;
    (void)memcpy(&a, left, sizeof a);
    (void)memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

sil_status aud_persons_in_both(size_t *out, const struct aud_persons *a,
                               const struct aud_persons *b, struct sil_error *err)
{
    uint64_t *sorted = NULL;
    *out = 0;
    sil_status status = sil_alloc(&sorted, a->n_rows, sizeof *sorted, "persons", err);
    if (status == SIL_OK && a->n_rows > 0) {
        (void)memcpy(sorted, a->id, a->n_rows * sizeof *sorted);
        qsort(sorted, a->n_rows, sizeof *sorted, compare_ids);
    }
    for (size_t i = 0; status == SIL_OK && a->n_rows > 0 && i < b->n_rows; i++) {
        *out += b->id[i] != 0 && bsearch(&b->id[i], sorted, a->n_rows, sizeof *sorted,
                                         compare_ids) != NULL;
    }
    free(sorted);
    return status;
}
