// SPDX-License-Identifier: Apache-2.0
#include "table/code_cache.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_LOG2 = 6, ///< of a field, each the home of the texts that hash to it
    SLOTS = 1 << SLOTS_LOG2,
    TEXT_MAX = 16
};

/* Together with the length, `head` and `tail` are the whole text. */
struct slot {
    uint64_t head;
    uint64_t tail;
    uint32_t length_and_1; ///< 0: nothing is kept here
    uint32_t code;
};

struct sil_code_cache {
    const struct sil_schema *schema; ///< borrowed
    size_t n_slots;
    struct slot *slots; ///< SLOTS for the first field, then for the second, ...
};

sil_status sil_code_cache_new(struct sil_code_cache **out,
                              const struct sil_schema *schema, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_code_cache *cache = NULL;
    *out = NULL;

    SIL_TRY(sil_alloc(&cache, 1, sizeof *cache, "a cache of codes", err));
    cache->schema = schema;
    cache->n_slots = (size_t)sil_schema_n_fields(schema) * SLOTS;
    SIL_TRY(sil_alloc(&cache->slots, cache->n_slots, sizeof *cache->slots,
                      "a cache of codes", err));
    *out = cache;
    cache = NULL;

cleanup:
    sil_code_cache_free(cache);
    return status;
}

void sil_code_cache_free(struct sil_code_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    if (cache->slots != NULL) {
        explicit_bzero(cache->slots, cache->n_slots * sizeof *cache->slots);
    }
    free(cache->slots);
    free(cache);
}

static uint64_t load_8(const char *text)
{
    uint64_t word;
    (void)memcpy(&word, text, sizeof word);
    return word;
}

static uint64_t load_4(const char *text)
{
    uint32_t word;
    (void)memcpy(&word, text, sizeof word);
    return word;
}

/* Loads of a fixed size that overlap in the middle, and nothing beyond the text. */
static struct slot pack(const char *text, size_t length)
{
    struct slot key = {.length_and_1 = (uint32_t)length + 1};
    if (length >= 8) {
        key.head = load_8(text);
        key.tail = load_8(text + length - 8);
    } else if (length >= 4) {
        key.head = load_4(text);
        key.tail = load_4(text + length - 4);
    } else if (length > 0) {
        key.head = (uint8_t)text[0];
        key.tail = (uint64_t)(uint8_t)text[length / 2] << 8 | (uint8_t)text[length - 1];
    }
    return key;
}

static size_t slot_of(const struct slot *key)
{
    /* Odd constants of many bits: the golden ratio's and pi's. */
    uint64_t mixed = (key->head ^ key->length_and_1) * UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 32 ^ key->tail) * UINT64_C(0x243F6A8885A308D3);
    return (size_t)(mixed >> (64 - SLOTS_LOG2));
}

uint32_t sil_code_cache_encode(struct sil_code_cache *cache, uint32_t field,
                               const char *text, size_t length)
{
    if (length > TEXT_MAX) {
        return sil_field_encode(sil_schema_field(cache->schema, field), text, length);
    }
    struct slot key = pack(text, length);
    struct slot *slot = &cache->slots[(size_t)field * SLOTS + slot_of(&key)];
    if (slot->length_and_1 != key.length_and_1 || slot->head != key.head ||
        slot->tail != key.tail) {
        key.code =
            sil_field_encode(sil_schema_field(cache->schema, field), text, length);
        *slot = key;
    }
    return slot->code;
}
