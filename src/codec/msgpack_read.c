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
    const struct sil_mp_limits *limits;
    struct sil_mp_offence *offence;
    size_t at;
    size_t values;                ///< still allowed
    unsigned depth;               ///< arrays that are open
    uint32_t left[DEPTH_MAX + 1]; ///< elements still missing in each open array
};

enum kind { KIND_UINT, KIND_STR, KIND_BIN, KIND_ARRAY };

/* A value's head: what it is, and its number (value, length or element count). */
struct head {
    enum kind kind;
    uint64_t number;
};

static bool malformed(struct scanner *s, size_t at, const char *what)
{
    *s->offence = (struct sil_mp_offence){.at = at, .what = what};
    return false;
}

static bool exceeds(struct scanner *s, size_t at, const char *what)
{
    *s->offence = (struct sil_mp_offence){.at = at, .what = what, .is_limit = true};
    return false;
}

/* Limits come before shortest forms: what is out of bounds is not looked at further. */
static bool within_limits(struct scanner *s, const struct head *head, size_t at)
{
    const uint64_t limit[] = {
        [KIND_UINT] = s->limits->uint,
        [KIND_STR] = s->limits->str,
        [KIND_BIN] = s->limits->bin,
        [KIND_ARRAY] = s->limits->array,
    };
    static const char *const WHAT[] = {
        [KIND_UINT] = "an integer that is too large",
        [KIND_STR] = "a string that is too long",
        [KIND_BIN] = "a byte string that is too long",
        [KIND_ARRAY] = "an array of too many elements",
    };
    return limit[head->kind] == 0 || head->number <= limit[head->kind] ||
           exceeds(s, at, WHAT[head->kind]);
}

/* Read `width` big-endian bytes into head->number; `least` is the smallest number that
 * needs this width, so that longer forms than necessary are refused. */
static bool wide(struct scanner *s, struct head *head, unsigned width, uint64_t least)
{
    size_t tag = s->at - 1;
    if (s->length - s->at < width) {
        return malformed(s, s->at, "the text ends inside a value");
    }
    head->number = 0;
    for (unsigned i = 0; i < width; i++) {
        head->number = head->number << 8 | s->data[s->at++];
    }
    if (!within_limits(s, head, tag)) {
        return false;
    }
    return head->number >= least || malformed(s, tag, "not the shortest form");
}

static bool read_head(struct scanner *s, struct head *head)
{
    uint8_t tag = s->data[s->at++];
    if (tag < 0x80) {
        *head = (struct head){KIND_UINT, tag};
        return within_limits(s, head, s->at - 1);
    }
    if ((tag & 0xf0) == 0x90) {
        *head = (struct head){KIND_ARRAY, tag & 0x0f};
        return within_limits(s, head, s->at - 1);
    }
    if ((tag & 0xe0) == 0xa0) {
        *head = (struct head){KIND_STR, tag & 0x1f};
        return within_limits(s, head, s->at - 1);
    }
    switch (tag) {
    case 0xc4: head->kind = KIND_BIN; return wide(s, head, 1, 0);
    case 0xc5: head->kind = KIND_BIN; return wide(s, head, 2, 1u << 8);
    case 0xc6: head->kind = KIND_BIN; return wide(s, head, 4, 1u << 16);
    case 0xcc: head->kind = KIND_UINT; return wide(s, head, 1, 1u << 7);
    case 0xcd: head->kind = KIND_UINT; return wide(s, head, 2, 1u << 8);
    case 0xce: head->kind = KIND_UINT; return wide(s, head, 4, 1u << 16);
    case 0xcf: head->kind = KIND_UINT; return wide(s, head, 8, UINT64_C(1) << 32);
    case 0xd9: head->kind = KIND_STR; return wide(s, head, 1, 1u << 5);
    case 0xda: head->kind = KIND_STR; return wide(s, head, 2, 1u << 8);
    case 0xdb: head->kind = KIND_STR; return wide(s, head, 4, 1u << 16);
    case 0xdc: head->kind = KIND_ARRAY; return wide(s, head, 2, 1u << 4);
    case 0xdd: head->kind = KIND_ARRAY; return wide(s, head, 4, 1u << 16);
    default: return malformed(s, s->at - 1, "a kind of value that is not allowed");
    }
}

static bool skip_body(struct scanner *s, const struct head *head)
{
    if (s->length - s->at < head->number) {
        return malformed(s, s->at, "a length that reaches beyond the end");
    }
    for (uint64_t i = 0; head->kind == KIND_STR && i < head->number; i++) {
        if (s->data[s->at + i] < 0x20 || s->data[s->at + i] > 0x7e) {
            return malformed(s, s->at + i, "a string byte that is not printable ASCII");
        }
    }
    s->at += head->number;
    return true;
}

static bool open_array(struct scanner *s, uint64_t n)
{
    if (s->depth == s->limits->depth) {
        return exceeds(s, s->at, "arrays nested too deeply");
    }
    if (n > s->values) {
        return exceeds(s, s->at, "too many values");
    }
    if (n > s->length - s->at) {
        return malformed(s, s->at, "an array of more elements than the text can hold");
    }
    s->left[++s->depth] = (uint32_t)n;
    return true;
}

static bool scan_value(struct scanner *s)
{
    struct head head = {KIND_UINT, 0};
    if (s->at == s->length) {
        return malformed(s, s->at, "the text ends where a value should begin");
    }
    if (s->values == 0) {
        return exceeds(s, s->at, "too many values");
    }
    s->values--;
    if (s->depth > 0) {
        s->left[s->depth]--;
    }
    if (!read_head(s, &head)) {
        return false;
    }
    if (head.kind == KIND_ARRAY) {
        if (!open_array(s, head.number)) {
            return false;
        }
    } else if (s->depth == 0) {
        return malformed(s, 0, "the outermost value is not an array");
    } else if (head.kind != KIND_UINT && !skip_body(s, &head)) {
        return false;
    }
    while (s->depth > 0 && s->left[s->depth] == 0) {
        s->depth--;
    }
    return true;
}

bool sil_mp_scan(struct sil_mp_offence *offence, const uint8_t *data, size_t length,
                 const struct sil_mp_limits *limits)
{
    struct scanner s = {.data = data,
                        .length = length,
                        .limits = limits,
                        .offence = offence,
                        .values = limits->values};
    SIL_REQUIRE(limits->depth <= DEPTH_MAX);
    do {
        if (!scan_value(&s)) {
            return false;
        }
    } while (s.depth > 0);
    return s.at == length || malformed(&s, s.at, "bytes behind the end of the value");
}

/* Under the profile a value has one encoding, which the scan has found the bytes to be:
 * packing what msgpack-c read and comparing would tell nothing new. */
sil_status sil_mp_parse(struct sil_mp_text **out, const uint8_t *data, size_t length,
                        const struct sil_mp_limits *limits, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_text *text = NULL;
    struct sil_mp_offence offence;
    size_t offset = 0;

    *out = NULL;
    if (!sil_mp_scan(&offence, data, length, limits)) {
        return sil_fail(err, SIL_ERR_INPUT, "byte %zu: %s", offence.at, offence.what);
    }
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
    if (array->next == array->n || items[array->next].type != type) {
        (void)sil_fail(err, SIL_ERR_INPUT, "%s: %s is %s", array->what, what,
                       array->next == array->n ? "missing" : "of the wrong kind");
        return SIL_ERR_INPUT;
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
