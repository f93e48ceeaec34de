// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "codec/msgpack.h"

#include <msgpack.h>

#include <string.h>

_Static_assert(sizeof(double) == 8, "binary64");

/* msgpack-c writes through a callback that returns 0 or an error. */
struct sink {
    struct sil_bytes *bytes;
    struct sil_error *err;
};

static int sink_write(void *data, const char *text, size_t length)
{
    struct sink *sink = data;
    return sil_bytes_append(sink->bytes, text, length, sink->err) == SIL_OK ? 0 : -1;
}

static sil_status outcome(int code)
{
    return code == 0 ? SIL_OK : SIL_ERR_INTERNAL;
}

static sil_status check_length(size_t length, struct sil_error *err)
{
    if (length > UINT32_MAX) {
        return sil_fail(err, SIL_ERR_INTERNAL,
                        "%zu elements do not fit a MessagePack "
                        "value",
                        length);
    }
    return SIL_OK;
}

sil_status sil_mp_put_uint(struct sil_bytes *out, uint64_t value, struct sil_error *err)
{
    struct sink sink = {out, err};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &sink, sink_write);
    return outcome(msgpack_pack_uint64(&packer, value));
}

sil_status sil_mp_put_str(struct sil_bytes *out, const char *text,
                          struct sil_error *err)
{
    struct sink sink = {out, err};
    msgpack_packer packer;
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e) {
            return sil_fail(err, SIL_ERR_INTERNAL,
                            "a string of the file format is not printable ASCII");
        }
    }
    if (check_length(length, err) != SIL_OK) {
        return SIL_ERR_INTERNAL;
    }
    msgpack_packer_init(&packer, &sink, sink_write);
    return outcome(msgpack_pack_str_with_body(&packer, text, length));
}

sil_status sil_mp_put_bin(struct sil_bytes *out, const void *data, size_t length,
                          struct sil_error *err)
{
    struct sink sink = {out, err};
    msgpack_packer packer;
    if (check_length(length, err) != SIL_OK) {
        return SIL_ERR_INTERNAL;
    }
    msgpack_packer_init(&packer, &sink, sink_write);
    return outcome(msgpack_pack_bin_with_body(&packer, data, length));
}

sil_status sil_mp_put_array(struct sil_bytes *out, size_t n, struct sil_error *err)
{
    struct sink sink = {out, err};
    msgpack_packer packer;
    if (check_length(n, err) != SIL_OK) {
        return SIL_ERR_INTERNAL;
    }
    msgpack_packer_init(&packer, &sink, sink_write);
    return outcome(msgpack_pack_array(&packer, n));
}

static sil_status put_vector_header(struct sil_bytes *out, size_t n,
                                    struct sil_error *err)
{
    struct sink sink = {out, err};
    msgpack_packer packer;
    if (n > UINT32_MAX / 8) {
        return check_length((size_t)UINT32_MAX + 1, err);
    }
    msgpack_packer_init(&packer, &sink, sink_write);
    return outcome(msgpack_pack_bin(&packer, 8 * n));
}

static sil_status put_word(struct sil_bytes *out, uint64_t word, struct sil_error *err)
{
    uint8_t raw[8];
    for (unsigned k = 0; k < 8; k++) {
        raw[k] = (uint8_t)(word >> (8 * k));
    }
    return sil_bytes_append(out, raw, sizeof raw, err);
}

sil_status sil_mp_put_i64s(struct sil_bytes *out, const int64_t *values, size_t n,
                           struct sil_error *err)
{
    sil_status status = put_vector_header(out, n, err);
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        status = put_word(out, (uint64_t)values[i], err);
    }
    return status;
}

sil_status sil_mp_put_f64s(struct sil_bytes *out, const double *values, size_t n,
                           struct sil_error *err)
{
    sil_status status = put_vector_header(out, n, err);
    for (size_t i = 0; i < n && status == SIL_OK; i++) {
        uint64_t word;
        memcpy(&word, &values[i], sizeof word);
        status = put_word(out, word, err);
    }
    return status;
}
