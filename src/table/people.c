// SPDX-License-Identifier: Apache-2.0
/* Who each row belongs to is a number that stands for the bytes of an id; the rows of those
 * who have more than count are gathered and told apart by hashes. Everything here is as
 * private as the rows: memory is never handed back unwiped. */
#include "table/people.h"

#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"
#include "crypto/le64.h"
#include "table/room.h"

#include <stdlib.h>
#include <string.h>

static const char LABEL[] = "silhouette/people/v1\n";
static const char WHAT[] = "the people of a table";

/* The owner of a row that is its own person's. */
#define NOBODY_ELSE UINT32_MAX

/* In place of the code of a text that is not listed; no cell has it. */
#define OPEN_TEXT UINT32_MAX

enum { FIRST_ROOM = 64 };

struct person {
    uint64_t hash;
    size_t at; /* in the ids */
    size_t length;
    uint32_t n_rows;
};

struct sil_people {
    const struct sil_people_rule *rule;
    struct sil_room ids;    /* of bytes */
    struct sil_room person; /* of struct person */
    struct sil_room owner;  /* of uint32_t: of each row a person, or NOBODY_ELSE */
    uint32_t *slot;         /* by hash: a person's number and 1, or 0 */
    size_t n_slots;         /* 0 or a power of two, at least twice the people */
};

sil_status sil_people_new(struct sil_people **out, const struct sil_people_rule *rule,
                          struct sil_error *err)
{
    sil_status status = sil_alloc(out, 1, sizeof **out, "the people of a table", err);
    if (status == SIL_OK) {
        (*out)->rule = rule;
    }
    return status;
}

void sil_people_free(struct sil_people *people)
{
    if (people == NULL) {
        return;
    }
    sil_room_wipe(&people->ids, 1);
    sil_room_wipe(&people->person, sizeof(struct person));
    sil_room_wipe(&people->owner, sizeof(uint32_t));
    if (people->slot != NULL) {
        explicit_bzero(people->slot, people->n_slots * sizeof *people->slot);
    }
    free(people->slot);
    free(people);
}

/* ---- whose a row is ---- */

/* The salt is not known to who wrote the ids: nobody can make them collide. */
static uint64_t hash_of(const struct sil_people *people, const char *id, size_t length)
{
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part parts[] = {
        {people->rule->salt, sizeof people->rule->salt},
        {id,                 length                   }
    };
    sil_hash(hash, parts, 2);
    uint64_t word = sil_load_le64(hash);
    explicit_bzero(hash, sizeof hash);
    return word;
}

/* The slot of an id, or the free one where it belongs. Pre  there are slots. */
static size_t find_slot(const struct sil_people *people, uint64_t hash, const char *id,
                        size_t length)
{
    const struct person *person = people->person.data;
    const char *ids = people->ids.data;
    size_t at = hash & (people->n_slots - 1);
    while (people->slot[at] != 0) {
        const struct person *p = &person[people->slot[at] - 1];
        if (p->hash == hash && p->length == length &&
            (length == 0 || memcmp(ids + p->at, id, length) == 0)) {
            break;
        }
        at = (at + 1) & (people->n_slots - 1);
    }
    return at;
}

static sil_status make_slots(struct sil_people *people, struct sil_error *err)
{
    size_t n = people->n_slots == 0 ? FIRST_ROOM : 2 * people->n_slots;
    uint32_t *slot = NULL;
    if (2 * (people->person.n + 1) <= people->n_slots) {
        return SIL_OK;
    }
    if (sil_alloc(&slot, n, sizeof *slot, "the people of a table", NULL) != SIL_OK) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the people of a table");
    }
    const struct person *person = people->person.data;
    for (size_t i = 0; i < people->person.n; i++) {
        size_t at = person[i].hash & (n - 1);
        while (slot[at] != 0) {
            at = (at + 1) & (n - 1);
        }
        slot[at] = (uint32_t)i + 1;
    }
    free(people->slot); /* numbers in an order that a hash gave */
    people->slot = slot;
    people->n_slots = n;
    return SIL_OK;
}

static sil_status find_person(uint32_t *out, struct sil_people *people, const char *id,
                              size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(make_slots(people, err));
    uint64_t hash = hash_of(people, id, length);
    size_t slot = find_slot(people, hash, id, length);
    if (people->slot[slot] == 0) {
        SIL_TRY(sil_room_make(&people->person, 1, sizeof(struct person), WHAT, err));
        SIL_TRY(sil_room_make(&people->ids, length, 1, WHAT, err));
        struct person *person = people->person.data;
        person[people->person.n++] =
            (struct person){.hash = hash, .at = people->ids.n, .length = length};
        if (length > 0) {
            (void)memcpy((char *)people->ids.data + people->ids.n, id, length);
        }
        people->ids.n += length;
        people->slot[slot] = (uint32_t)people->person.n;
    }
    *out = people->slot[slot] - 1;

cleanup:
    return status;
}

sil_status sil_people_add(bool *is_row, struct sil_people *people, const char *id,
                          size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t owner = NOBODY_ELSE;
    *is_row = length > 0 || !people->rule->drops_missing;
    if (!*is_row) {
        return SIL_OK;
    }
    SIL_TRY(sil_room_make(&people->owner, 1, sizeof owner, WHAT, err));
    if (length > 0) {
        SIL_TRY(find_person(&owner, people, id, length, err));
        ((struct person *)people->person.data)[owner].n_rows++;
    }
    ((uint32_t *)people->owner.data)[people->owner.n++] = owner;

cleanup:
    return status;
}

/* ---- which rows count ---- */

/* A row of somebody who has too many; the hash is first of the codes alone, which finds
 * copies, then the one that decides. */
struct candidate {
    uint8_t hash[SIL_HASH_BYTES];
    uint32_t row;
};

struct capping {
    const struct sil_people *people;
    const struct sil_table *table;
    uint8_t *keeps;              /* of each row */
    uint32_t *row;               /* of those who have too many, person by person */
    struct candidate *candidate; /* room for the rows of whoever has the most */
    uint8_t *codes;              /* of one row */
};

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    int order = memcmp(a->hash, b->hash, sizeof a->hash);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static void store_le32(uint8_t out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

/* A text of an open column stands behind the codes: what number it has in the table depends
 * on other people's rows. */
static struct sil_part codes_of(const struct capping *capping, uint32_t row)
{
    const struct sil_table *table = capping->table;
    uint8_t *end = capping->codes + (size_t)4 * table->n_attrs;
    for (uint32_t a = 0; a < table->n_attrs; a++) {
        uint32_t code = sil_table_get(table, row, a);
        const char *text = NULL;
        size_t length = 0;
        if (sil_table_open_text(&text, &length, table, a, code)) {
            code = OPEN_TEXT;
            sil_store_le64(end, length);
            (void)memcpy(end + 8, text, length);
            end += 8 + length;
        }
        store_le32(capping->codes + (size_t)4 * a, code);
    }
    return (struct sil_part){capping->codes, (size_t)(end - capping->codes)};
}

/* Bytes of one row's codes and texts at most. */
static size_t row_bytes(const struct sil_table *table)
{
    size_t bytes = (size_t)4 * table->n_attrs;
    for (uint32_t a = 0; table->lexicon != NULL && a < table->n_attrs; a++) {
        bytes += table->cells[a] > 0 ? 8 + SIL_OPEN_BYTES_MAX : 0;
    }
    return bytes;
}

static void hash_row(struct candidate *out, const struct capping *capping,
                     const struct person *person, uint32_t copy)
{
    const struct sil_people *people = capping->people;
    uint8_t length[8];
    uint8_t number[4];
    sil_store_le64(length, person->length);
    store_le32(number, copy);
    const struct sil_part parts[] = {
        {LABEL,                                       sizeof LABEL - 1         },
        {people->rule->salt,                          sizeof people->rule->salt},
        {length,                                      sizeof length            },
        {(const char *)people->ids.data + person->at, person->length           },
        codes_of(capping, out->row),
        {number,                                      sizeof number            }
    };
    sil_hash(out->hash, parts, sizeof parts / sizeof parts[0]);
}

/* Number the copies: sorted by the hash of their codes alone, equal rows lie together. */
static void hash_rows(const struct capping *capping, const struct person *person)
{
    struct candidate *candidate = capping->candidate;
    uint8_t before[SIL_HASH_BYTES] = {0};
    uint32_t copy = 0;
    for (uint32_t i = 0; i < person->n_rows; i++) {
        struct sil_part codes = codes_of(capping, candidate[i].row);
        sil_hash(candidate[i].hash, &codes, 1);
    }
    qsort(candidate, person->n_rows, sizeof *candidate, compare_candidates);
    for (uint32_t i = 0; i < person->n_rows; i++) {
        bool is_copy = i > 0 && memcmp(candidate[i].hash, before, sizeof before) == 0;
        copy = is_copy ? copy + 1 : 0;
        (void)memcpy(before, candidate[i].hash, sizeof before);
        hash_row(&candidate[i], capping, person, copy);
    }
}

static void cap_person(const struct capping *capping, const struct person *person,
                       const uint32_t *row)
{
    for (uint32_t i = 0; i < person->n_rows; i++) {
        capping->candidate[i].row = row[i];
    }
    hash_rows(capping, person);
    qsort(capping->candidate, person->n_rows, sizeof *capping->candidate,
          compare_candidates);
    for (uint32_t i = capping->people->rule->rows; i < person->n_rows; i++) {
        capping->keeps[capping->candidate[i].row] = false;
    }
}

/* Lay the rows of those who have too many beside each other, and cap one after the other.
 * `place` has where the rows of each begin. */
static void cap_all(const struct capping *capping, size_t *place)
{
    const struct sil_people *people = capping->people;
    const struct person *person = people->person.data;
    const uint32_t *owner = people->owner.data;
    for (size_t r = 0; r < people->owner.n; r++) {
        if (owner[r] != NOBODY_ELSE && person[owner[r]].n_rows > people->rule->rows) {
            capping->row[place[owner[r]]++] = (uint32_t)r;
        }
    }
    for (size_t p = 0; p < people->person.n; p++) {
        if (person[p].n_rows > people->rule->rows) {
            cap_person(capping, &person[p], capping->row + place[p] - person[p].n_rows);
        }
    }
}

/* Where the rows of each person with too many begin, and how many they are. */
static void find_places(size_t *place, size_t *n_rows, uint32_t *most,
                        const struct sil_people *people)
{
    const struct person *person = people->person.data;
    *n_rows = 0;
    *most = 0;
    for (size_t p = 0; p < people->person.n; p++) {
        place[p] = *n_rows;
        if (person[p].n_rows > people->rule->rows) {
            *n_rows += person[p].n_rows;
            *most = person[p].n_rows > *most ? person[p].n_rows : *most;
        }
    }
}

static void wipe_and_free(void *data, size_t bytes)
{
    if (data != NULL) {
        explicit_bzero(data, bytes);
    }
    free(data);
}

sil_status sil_people_cap(struct sil_people *people, struct sil_table *table,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct capping capping = {.people = people, .table = table};
    size_t *place = NULL;
    size_t n_rows = 0;
    uint32_t most = 0;
    size_t code_bytes = row_bytes(table);

    SIL_REQUIRE(people->owner.n == table->n_rows);
    SIL_TRY(sil_alloc(&place, people->person.n, sizeof *place, "people", NULL));
    find_places(place, &n_rows, &most, people);
    SIL_TRY(sil_alloc(&capping.keeps, table->n_rows, 1, "people", NULL));
    SIL_TRY(sil_alloc(&capping.row, n_rows, sizeof *capping.row, "people", NULL));
    SIL_TRY(
        sil_alloc(&capping.candidate, most, sizeof *capping.candidate, "people", NULL));
    SIL_TRY(sil_alloc(&capping.codes, code_bytes, 1, "people", NULL));
    (void)memset(capping.keeps, true, table->n_rows);
    cap_all(&capping, place);
    sil_table_keep(table, capping.keeps);

cleanup:
    wipe_and_free(place, people->person.n * sizeof *place);
    wipe_and_free(capping.keeps, capping.keeps == NULL ? 0 : people->owner.n);
    wipe_and_free(capping.row, n_rows * sizeof *capping.row);
    wipe_and_free(capping.candidate, most * sizeof *capping.candidate);
    wipe_and_free(capping.codes, code_bytes);
    return status == SIL_OK ? SIL_OK
                            : sil_fail(err, SIL_ERR_INTERNAL,
                                       "out of memory: the people of a table");
}
