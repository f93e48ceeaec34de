// SPDX-License-Identifier: Apache-2.0
#include "table/lexicon.h"

#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"
#include "crypto/le64.h"
#include "table/room.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

static const char WHAT[] = "the values of open columns";

enum { FIRST_SLOTS = 64, KEY_BYTES = 16 };

/* More numbers than this are not given: codes of a table have 32 bits. */
static const size_t LARGEST_SIZE = (size_t)1 << 31;

struct word {
    uint64_t hash;
    size_t at; /* in the bytes */
    size_t length;
};

struct words {
    struct sil_room bytes;
    struct sil_room word;
    uint32_t *slot; /* by hash: a number and 1, or 0 */
    size_t n_slots; /* 0 or a power of two, at least twice the words */
};

struct sil_lexicon {
    uint8_t key[KEY_BYTES];
    uint32_t n_fields;
    struct words *of; /* of each field */
};

sil_status sil_lexicon_new(struct sil_lexicon **out, const struct sil_schema *schema,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_lexicon *lexicon = NULL;
    *out = NULL;
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_alloc(&lexicon, 1, sizeof *lexicon, WHAT, err));
    lexicon->n_fields = sil_schema_n_fields(schema);
    SIL_TRY(sil_alloc(&lexicon->of, lexicon->n_fields, sizeof *lexicon->of, WHAT, err));
    randombytes_buf(lexicon->key, sizeof lexicon->key);
    *out = lexicon;
    lexicon = NULL;

cleanup:
    sil_lexicon_free(lexicon);
    return status;
}

void sil_lexicon_free(struct sil_lexicon *lexicon)
{
    if (lexicon == NULL) {
        return;
    }
    for (uint32_t f = 0; lexicon->of != NULL && f < lexicon->n_fields; f++) {
        struct words *words = &lexicon->of[f];
        sil_room_wipe(&words->bytes, 1);
        sil_room_wipe(&words->word, sizeof(struct word));
        if (words->slot != NULL) {
            explicit_bzero(words->slot, words->n_slots * sizeof *words->slot);
        }
        free(words->slot);
    }
    free(lexicon->of);
    explicit_bzero(lexicon, sizeof *lexicon);
    free(lexicon);
}

static uint64_t hash_of(const struct sil_lexicon *lexicon, const char *text,
                        size_t length)
{
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part parts[] = {
        {lexicon->key, sizeof lexicon->key},
        {text,         length             },
    };
    sil_hash(hash, parts, 2);
    uint64_t word = sil_load_le64(hash);
    explicit_bzero(hash, sizeof hash);
    return word;
}

/* The slot of a text, or the free one where it belongs. Pre  there are slots. */
static size_t find_slot(const struct words *words, uint64_t hash, const char *text,
                        size_t length)
{
    const struct word *word = words->word.data;
    const char *bytes = words->bytes.data;
    size_t at = hash & (words->n_slots - 1);
    while (words->slot[at] != 0) {
        const struct word *w = &word[words->slot[at] - 1];
        if (w->hash == hash && w->length == length &&
            (length == 0 || memcmp(bytes + w->at, text, length) == 0)) {
            break;
        }
        at = (at + 1) & (words->n_slots - 1);
    }
    return at;
}

static sil_status make_slots(struct words *words, struct sil_error *err)
{
    uint32_t *slot = NULL;
    size_t n = words->n_slots == 0 ? FIRST_SLOTS : 2 * words->n_slots;
    if (2 * (words->word.n + 1) <= words->n_slots) {
        return SIL_OK;
    }
    if (words->word.n >= LARGEST_SIZE ||
        sil_alloc(&slot, n, sizeof *slot, WHAT, NULL) != SIL_OK) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: %s", WHAT);
    }
    const struct word *word = words->word.data;
    for (size_t i = 0; i < words->word.n; i++) {
        size_t at = word[i].hash & (n - 1);
        while (slot[at] != 0) {
            at = (at + 1) & (n - 1);
        }
        slot[at] = (uint32_t)i + 1;
    }
    free(words->slot); /* numbers in an order that a hash gave */
    words->slot = slot;
    words->n_slots = n;
    return SIL_OK;
}

sil_status sil_lexicon_number(uint32_t *number, struct sil_lexicon *lexicon,
                              uint32_t field, const char *text, size_t length,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct words *words = &lexicon->of[field];
    SIL_TRY(make_slots(words, err));
    uint64_t hash = hash_of(lexicon, text, length);
    size_t slot = find_slot(words, hash, text, length);
    if (words->slot[slot] == 0) {
        SIL_TRY(sil_room_make(&words->word, 1, sizeof(struct word), WHAT, err));
        SIL_TRY(sil_room_make(&words->bytes, length, 1, WHAT, err));
        ((struct word *)words->word.data)[words->word.n++] =
            (struct word){.hash = hash, .at = words->bytes.n, .length = length};
        if (length > 0) {
            (void)memcpy((char *)words->bytes.data + words->bytes.n, text, length);
        }
        words->bytes.n += length;
        words->slot[slot] = (uint32_t)words->word.n;
    }
    *number = words->slot[slot] - 1;

cleanup:
    return status;
}

size_t sil_lexicon_size(const struct sil_lexicon *lexicon, uint32_t field)
{
    return lexicon->of[field].word.n;
}

const char *sil_lexicon_text(size_t *length, const struct sil_lexicon *lexicon,
                             uint32_t field, uint32_t number)
{
    const struct words *words = &lexicon->of[field];
    const struct word *word = (const struct word *)words->word.data + number;
    *length = word->length;
    return word->length == 0 ? "" : (const char *)words->bytes.data + word->at;
}
