// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "codec/msgpack.h"

#include <msgpack.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

struct sil_mp_text {
    msgpack_unpacked tree;
};

/* ---- the scanner: every byte is judged before the parser may allocate ---- */

struct scanner {
    const uint8_t *data;
    size_t length;
    size_t at;
    size_t values; ///< still allowed
    unsigned max_depth;
    unsigned depth;               ///< arrays that are open
    uint32_t left[DEPTH_MAX + 1]; ///< elements still missing in each open array
};

enum kind { KIND_UINT, KIND_STR, KIND_BIN, KIND_ARRAY };

/* A value's head: what it is, and its number (value, length or element count). */
struct head {
    enum kind kind;
    uint64_t number;
};

static sil_status offence(size_t at, const char *what, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT, "byte %zu: %s", at, what);
}

/* Read `width` big-endian bytes into head->number; `least` is the smallest number that
 * needs this width, so that longer forms than necessary are refused. */
static sil_status wide(struct head *head, struct scanner *s, unsigned width,
                       uint64_t least, struct sil_error *err)
{
    uint64_t number = 0;
    if (s->length - s->at < width) {
        return offence(s->at, "the text ends inside a value", err);
    }
    for (unsigned i = 0; i < width; i++) {
        number = number << 8 | s->data[s->at++];
    }
    head->number = number;
    if (number < least) {
        return offence(s->at - width - 1, "not the shortest form", err);
    }
    return SIL_OK;
}

static sil_status read_head(struct head *head, struct scanner *s, struct sil_error *err)
{
    uint8_t tag = s->data[s->at++];
    if (tag < 0x80) {
        *head = (struct head){KIND_UINT, tag};
        return SIL_OK;
    }
    if ((tag & 0xf0) == 0x90) {
        *head = (struct head){KIND_ARRAY, tag & 0x0f};
        return SIL_OK;
    }
    if ((tag & 0xe0) == 0xa0) {
        *head = (struct head){KIND_STR, tag & 0x1f};
        return SIL_OK;
    }
    switch (tag) {
    case 0xc4: head->kind = KIND_BIN; return wide(head, s, 1, 0, err);
    case 0xc5: head->kind = KIND_BIN; return wide(head, s, 2, 1u << 8, err);
    case 0xc6: head->kind = KIND_BIN; return wide(head, s, 4, 1u << 16, err);
    case 0xcc: head->kind = KIND_UINT; return wide(head, s, 1, 1u << 7, err);
    case 0xcd: head->kind = KIND_UINT; return wide(head, s, 2, 1u << 8, err);
    case 0xce: head->kind = KIND_UINT; return wide(head, s, 4, 1u << 16, err);
    case 0xcf: head->kind = KIND_UINT; return wide(head, s, 8, UINT64_C(1) << 32, err);
    case 0xd9: head->kind = KIND_STR; return wide(head, s, 1, 1u << 5, err);
    case 0xda: head->kind = KIND_STR; return wide(head, s, 2, 1u << 8, err);
    case 0xdb: head->kind = KIND_STR; return wide(head, s, 4, 1u << 16, err);
    case 0xdc: head->kind = KIND_ARRAY; return wide(head, s, 2, 1u << 4, err);
    case 0xdd: head->kind = KIND_ARRAY; return wide(head, s, 4, 1u << 16, err);
    default: return offence(s->at - 1, "a kind of value that is not allowed", err);
    }
}

static sil_status skip_body(struct scanner *s, const struct head *head,
                            struct sil_error *err)
{
    if (s->length - s->at < head->number) {
        return offence(s->at, "a length that reaches beyond the end", err);
    }
    if (head->kind == KIND_STR) {
        for (uint64_t i = 0; i < head->number; i++) {
            if (s->data[s->at + i] < 0x20 || s->data[s->at + i] > 0x7e) {
                return offence(s->at + i, "a string byte that is not printable ASCII",
                               err);
            }
        }
    }
    s->at += head->number;
    return SIL_OK;
}

static sil_status open_array(struct scanner *s, uint64_t n, struct sil_error *err)
{
    if (s->depth == s->max_depth) {
        return offence(s->at, "arrays nested too deeply", err);
    }
    if (n > s->values || n > s->length - s->at) {
        return offence(s->at, "an array of more elements than the text can hold", err);
    }
    s->left[++s->depth] = (uint32_t)n;
    return SIL_OK;
}

static sil_status scan_value(struct scanner *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct head head = {KIND_UINT, 0};
    if (s->at == s->length) {
        return offence(s->at, "the text ends where a value should begin", err);
    }
    if (s->values == 0) {
        return offence(s->at, "too many values", err);
    }
    s->values--;
    if (s->depth > 0) {
        s->left[s->depth]--;
    }
    SIL_TRY(read_head(&head, s, err));
    if (head.kind == KIND_ARRAY) {
        SIL_TRY(open_array(s, head.number, err));
    } else if (s->depth == 0) {
        SIL_TRY(offence(0, "the outermost value is not an array", err));
    } else if (head.kind != KIND_UINT) {
        SIL_TRY(skip_body(s, &head, err));
    }
    while (s->depth > 0 && s->left[s->depth] == 0) {
        s->depth--;
    }
cleanup:
    return status;
}

static sil_status scan(const uint8_t *data, size_t length,
                       const struct sil_mp_limits *limits, struct sil_error *err)
{
    struct scanner s = {.data = data,
                        .length = length,
                        .values = limits->values,
                        .max_depth = limits->depth};
    sil_status status = SIL_OK;
    do {
        status = scan_value(&s, err);
    } while (status == SIL_OK && s.depth > 0);
    if (status == SIL_OK && s.at != length) {
        return offence(s.at, "bytes behind the end of the value", err);
    }
    return status;
}

sil_status sil_mp_parse(struct sil_mp_text **out, const uint8_t *data, size_t length,
                        const struct sil_mp_limits *limits, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_text *text = NULL;
    size_t offset = 0;

    *out = NULL;
    SIL_REQUIRE(limits->depth <= DEPTH_MAX);
    SIL_TRY(scan(data, length, limits, err));
    SIL_TRY(sil_alloc(&text, 1, sizeof *text, "a MessagePack text", err));
    msgpack_unpacked_init(&text->tree);
    if (msgpack_unpack_next(&text->tree, (const char *)data, length, &offset) !=
            MSGPACK_UNPACK_SUCCESS ||
        offset != length) {
        status =
            sil_fail(err, SIL_ERR_INTERNAL, "out of memory for a MessagePack text");
        goto cleanup;
    }
    *out = text;
    text = NULL;
cleanup:
    sil_mp_free(text);
    return status;
}

void sil_mp_free(struct sil_mp_text *text)
{
    if (text != NULL) {
        msgpack_unpacked_destroy(&text->tree);
        free(text);
    }
}

/* ---- reading the tree ---- */

struct sil_mp_array sil_mp_root(const struct sil_mp_text *text, const char *what)
{
    const msgpack_object_array *root = &text->tree.data.via.array;
    return (struct sil_mp_array){.items = root->ptr, .n = root->size, .what = what};
}

/* `*item`, NULL before, stays so on error. */
static sil_status next(const msgpack_object **item, struct sil_mp_array *array,
                       msgpack_object_type type, const char *what,
                       struct sil_error *err)
{
    const msgpack_object *items = array->items;
    if (array->next == array->n) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: %s is missing", array->what, what);
    }
    if (items[array->next].type != type) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: %s is of the wrong kind", array->what,
                        what);
    }
    *item = &items[array->next++];
    return SIL_OK;
}

sil_status sil_mp_next_uint(uint64_t *out, struct sil_mp_array *array, uint64_t max,
                            const char *what, struct sil_error *err)
{
    const msgpack_object *item = NULL;
    sil_status status = next(&item, array, MSGPACK_OBJECT_POSITIVE_INTEGER, what, err);
    if (item == NULL) {
        return status;
    }
    if (item->via.u64 > max) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: %s is above %" PRIu64, array->what,
                        what, max);
    }
    *out = item->via.u64;
    return SIL_OK;
}

sil_status sil_mp_next_str(const char **text, size_t *length,
                           struct sil_mp_array *array, const char *what,
                           struct sil_error *err)
{
    const msgpack_object *item = NULL;
    sil_status status = next(&item, array, MSGPACK_OBJECT_STR, what, err);
    if (item != NULL) {
        *text = item->via.str.ptr;
        *length = item->via.str.size;
    }
    return status;
}

sil_status sil_mp_next_bin(const uint8_t **data, size_t *length,
                           struct sil_mp_array *array, const char *what,
                           struct sil_error *err)
{
    const msgpack_object *item = NULL;
    sil_status status = next(&item, array, MSGPACK_OBJECT_BIN, what, err);
    if (item != NULL) {
        *data = (const uint8_t *)item->via.bin.ptr;
        *length = item->via.bin.size;
    }
    return status;
}

sil_status sil_mp_next_array(struct sil_mp_array *inner, struct sil_mp_array *array,
                             const char *what, struct sil_error *err)
{
    const msgpack_object *item = NULL;
    sil_status status = next(&item, array, MSGPACK_OBJECT_ARRAY, what, err);
    if (item != NULL) {
        *inner = (struct sil_mp_array){
            .items = item->via.array.ptr, .n = item->via.array.size, .what = what};
    }
    return status;
}

static uint64_t word_at(const uint8_t *raw)
{
    uint64_t word = 0;
    for (unsigned k = 8; k-- > 0;) {
        word = word << 8 | raw[k];
    }
    return word;
}

static sil_status next_vector(const uint8_t **raw, size_t n, struct sil_mp_array *array,
                              const char *what, struct sil_error *err)
{
    size_t length = 0;
    sil_status status = sil_mp_next_bin(raw, &length, array, what, err);
    if (status == SIL_OK && (length % 8 != 0 || length / 8 != n)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: %s has not %zu numbers", array->what,
                        what, n);
    }
    return status;
}

sil_status sil_mp_next_i64s(int64_t *out, size_t n, struct sil_mp_array *array,
                            const char *what, struct sil_error *err)
{
    const uint8_t *raw = NULL;
    sil_status status = next_vector(&raw, n, array, what, err);
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        uint64_t word = word_at(raw + 8 * i);
        memcpy(&out[i], &word, sizeof word);
    }
    return status;
}

sil_status sil_mp_next_f64s(double *out, size_t n, struct sil_mp_array *array,
                            const char *what, struct sil_error *err)
{
    const uint8_t *raw = NULL;
    sil_status status = next_vector(&raw, n, array, what, err);
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        uint64_t word = word_at(raw + 8 * i);
        memcpy(&out[i], &word, sizeof word);
    }
    return status;
}

sil_status sil_mp_end(const struct sil_mp_array *array, struct sil_error *err)
{
    if (array->next != array->n) {
        return sil_fail(err, SIL_ERR_INPUT, "%s has elements too many", array->what);
    }
    return SIL_OK;
}
