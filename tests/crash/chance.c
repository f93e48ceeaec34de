// SPDX-License-Identifier: Apache-2.0
#include "stage.h"

#include <sodium.h>

#include <string.h>

static uint64_t seed;
static uint64_t position;

static const char *name(void)
{
    return "seeded";
}

static void fill(void *const buffer, const size_t size)
{
    uint8_t key[randombytes_SEEDBYTES] = {0};
    memcpy(key, &seed, sizeof seed);
    memcpy(key + sizeof seed, &position, sizeof position);
    position++;
    randombytes_buf_deterministic(buffer, size, key);
}

static uint32_t word(void)
{
    uint32_t value;
    fill(&value, sizeof value);
    return value;
}

void chance_start(uint64_t new_seed)
{
    static struct randombytes_implementation seeded = {
        .implementation_name = name, .random = word, .buf = fill};
    seed = new_seed;
    position = 0;
    (void)randombytes_set_implementation(&seeded);
}

uint64_t chance_now(void)
{
    return position;
}

void chance_resume(uint64_t to)
{
    position = to;
}
