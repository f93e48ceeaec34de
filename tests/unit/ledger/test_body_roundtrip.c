// SPDX-License-Identifier: Apache-2.0
/* What is written is read back, field by field, and written again to the same bytes; a
 * byte more, less or changed is refused or means something else. */
#include "format_kit.h"
#include "random_body.h"

#include <criterion/criterion.h>

#include <string.h>

static bool is_read_back(const struct sil_body *body, const struct sil_bytes *bytes)
{
    struct sil_body found;
    struct sil_bytes again = {0};
    bool same = sil_body_decode(&found, bytes->data, bytes->length, NULL) == SIL_OK &&
                same_body(body, &found) &&
                sil_body_encode(&again, &found, NULL) == SIL_OK &&
                again.length == bytes->length &&
                memcmp(again.data, bytes->data, again.length) == 0;
    sil_bytes_clear(&again);
    sil_body_clear(&found);
    return same;
}

/* Refused, or read as something that is written as these very bytes. */
static bool is_one_encoding(const struct sil_bytes *bytes)
{
    struct sil_body found;
    struct sil_error err = {{0}};
    sil_status status = sil_body_decode(&found, bytes->data, bytes->length, &err);
    bool holds = status == SIL_OK
                     ? is_read_back(&found, bytes)
                     : (status == SIL_ERR_CHECK || status == SIL_ERR_UNSUPPORTED) &&
                           strlen(err.text) > 0;
    sil_body_clear(&found);
    return holds;
}

static bool stands_alone(struct sil_bytes *bytes, struct test_random *random)
{
    bool holds = true;
    for (int i = 0; holds && i < 20; i++) {
        size_t at = test_below(random, bytes->length);
        uint8_t kept = bytes->data[at];
        bytes->data[at] ^= (uint8_t)(1 + test_below(random, 255));
        holds = is_one_encoding(bytes);
        bytes->data[at] = kept;
    }
    bytes->length--;
    holds = holds && is_one_encoding(bytes);
    bytes->length++;
    return holds;
}

static bool round_trip(struct test_random *random, void *context)
{
    unsigned *types = context;
    struct sil_body body;
    struct sil_bytes bytes = {0};
    struct sil_error err = {{0}};
    random_body(&body, random);
    sil_status status = sil_body_encode(&bytes, &body, &err);
    bool holds =
        status == SIL_OK && is_read_back(&body, &bytes) && stands_alone(&bytes, random);
    if (!holds) {
        fprintf(stderr, "a %s of %zu bytes: %s\n", sil_entry_type_name(body.type),
                bytes.length, err.text);
    }
    *types |= 1u << body.type;
    sil_bytes_clear(&bytes);
    sil_body_clear(&body);
    return holds;
}

Test(body_roundtrip, holds_for_random_bodies_of_every_type)
{
    unsigned types = 0;
    cr_expect(test_forall("bodies are read back", 2000, round_trip, &types));
    cr_expect_eq(types, (1u << 11) - 1);
}
