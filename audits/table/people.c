// SPDX-License-Identifier: Apache-2.0
#include "audits/table/people.h"

#include "audits/table/table.h"
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

sil_status aud_people_note(struct aud_people *people, const char *id, size_t length,
                           size_t row, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_grow(&people->owner, &people->room, people->n + 1,
                     sizeof *people->owner, "people", err));
    people->owner[people->n++] =
        (struct aud_owner){.at = people->ids.length, .length = length, .row = row};
    SIL_TRY(sil_bytes_append(&people->ids, id, length, err));

cleanup:
    return status;
}

void aud_people_clear(struct aud_people *people)
{
    sil_bytes_clear(&people->ids);
    free(people->owner);
    *people = (struct aud_people){0};
}

/* In the place of a cell that is not known yet. */
#define OPEN_TEXT UINT32_MAX

/* What sorting compares: the id, or a hash. */
struct line {
    const uint8_t *id;
    size_t length;
    uint8_t hash[SIL_HASH_BYTES];
    size_t row;
};

static int by_person(const void *left, const void *right)
{
    const struct line *a = left;
    const struct line *b = right;
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = shorter == 0 ? 0 : memcmp(a->id, b->id, shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int by_hash(const void *left, const void *right)
{
    const struct line *a = left;
    const struct line *b = right;
    return memcmp(a->hash, b->hash, sizeof a->hash);
}

/* ---- the rows of one person ---- */

struct choosing {
    const struct aud_whose *whose;
    const struct aud_table *table;
    bool *is_left_out;
    struct sil_bytes message;
};

static sil_status append_number(struct sil_bytes *out, uint64_t value, size_t n_bytes,
                                struct sil_error *err)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < n_bytes; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    return sil_bytes_append(out, bytes, n_bytes, err);
}

/* The cells of a row, behind what is in the message, and the texts of those that are not
 * known yet, behind all of them. */
static sil_status append_cells(struct choosing *choosing, size_t row,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes *message = &choosing->message;
    const struct aud_table *table = choosing->table;
    for (size_t i = 0; i < table->n_fields; i++) {
        uint32_t cell = table->column[i][row];
        bool is_unlisted = aud_field_unlisted(&table->field[i], cell) != NULL;
        SIL_TRY(append_number(message, is_unlisted ? OPEN_TEXT : cell, 4, err));
    }
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct aud_unlisted *unlisted =
            aud_field_unlisted(&table->field[i], table->column[i][row]);
        if (unlisted != NULL) {
            SIL_TRY(append_number(message, unlisted->length, 8, err));
            SIL_TRY(sil_bytes_append(message, unlisted->text, unlisted->length, err));
        }
    }

cleanup:
    return status;
}

static void hash_message(struct line *line, struct choosing *choosing)
{
    struct sil_part whole = {choosing->message.data, choosing->message.length};
    sil_hash(line->hash, &whole, 1);
    choosing->message.length = 0;
}

static sil_status hash_copy(struct line *line, struct choosing *choosing, uint64_t copy,
                            struct sil_error *err)
{
    static const char LABEL[] = "silhouette/people/v1\n";
    sil_status status = SIL_OK;
    struct sil_bytes *message = &choosing->message;
    SIL_TRY(sil_bytes_append(message, LABEL, strlen(LABEL), err));
    SIL_TRY(sil_bytes_append(message, choosing->whose->salt,
                             sizeof choosing->whose->salt, err));
    SIL_TRY(append_number(message, line->length, 8, err));
    SIL_TRY(sil_bytes_append(message, line->id, line->length, err));
    SIL_TRY(append_cells(choosing, line->row, err));
    SIL_TRY(append_number(message, copy, 4, err));
    hash_message(line, choosing);

cleanup:
    return status;
}

static sil_status choose(struct choosing *choosing, struct line *line, size_t n,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t alike[SIL_HASH_BYTES];
    uint64_t copy = 0;
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(append_cells(choosing, line[i].row, err));
        hash_message(&line[i], choosing);
    }
    qsort(line, n, sizeof *line, by_hash);
    for (size_t i = 0; i < n; i++) {
        bool is_copy = i > 0 && memcmp(line[i].hash, alike, sizeof alike) == 0;
        copy = is_copy ? copy + 1 : 0;
        (void)memcpy(alike, line[i].hash, sizeof alike);
        SIL_TRY(hash_copy(&line[i], choosing, copy, err));
    }
    qsort(line, n, sizeof *line, by_hash);
    for (size_t i = (size_t)choosing->whose->most; i < n; i++) {
        choosing->is_left_out[line[i].row] = true;
    }

cleanup:
    return status;
}

sil_status aud_people_choose(bool *is_left_out, struct aud_people *people,
                             const struct aud_whose *whose,
                             const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct line *line = NULL;
    struct choosing choosing = {
        .whose = whose, .table = table, .is_left_out = is_left_out};
    SIL_TRY(sil_alloc(&line, people->n, sizeof *line, "people", err));
    for (size_t i = 0; i < people->n; i++) {
        const struct aud_owner *owner = &people->owner[i];
        line[i] = (struct line){.id = people->ids.data + owner->at,
                                .length = owner->length,
                                .row = owner->row};
    }
    qsort(line, people->n, sizeof *line, by_person);
    for (size_t first = 0, end = 0; first < people->n; first = end) {
        while (end < people->n && by_person(&line[first], &line[end]) == 0) {
            end++;
        }
        if (end - first > whose->most) {
            SIL_TRY(choose(&choosing, &line[first], end - first, err));
        }
    }

cleanup:
    sil_bytes_clear(&choosing.message);
    free(line);
    return status;
}
