// SPDX-License-Identifier: Apache-2.0
#include "crypto/stream.h"

#include "base/memory.h"

#include <sodium.h>

#include <stdbool.h>
#include <stdlib.h>

struct sil_stream {
    crypto_generichash_state blake512; /* first: it must be aligned to 64 bytes */
    crypto_hash_sha256_state sha256;
    bool has_sha256;
    uint64_t bytes;
};

static void start(struct sil_stream *stream)
{
    (void)crypto_hash_sha256_init(&stream->sha256);
    (void)crypto_generichash_init(&stream->blake512, NULL, 0, SIL_BLAKE512_BYTES);
    stream->bytes = 0;
}

static sil_status stream_new(struct sil_stream **out, bool has_sha256,
                             struct sil_error *err)
{
    sil_status status = sil_alloc_aligned(out, 1, sizeof **out, "a digest", err);
    if (status == SIL_OK) {
        (*out)->has_sha256 = has_sha256;
        start(*out);
    }
    return status;
}

sil_status sil_stream_new(struct sil_stream **out, struct sil_error *err)
{
    return stream_new(out, true, err);
}

sil_status sil_stream_new_blake512(struct sil_stream **out, struct sil_error *err)
{
    return stream_new(out, false, err);
}

void sil_stream_free(struct sil_stream *stream)
{
    free(stream);
}

void sil_stream_add(struct sil_stream *stream, const void *data, size_t length)
{
    if (stream->has_sha256) {
        (void)crypto_hash_sha256_update(&stream->sha256, data, length);
    }
    (void)crypto_generichash_update(&stream->blake512, data, length);
    stream->bytes += length;
}

void sil_stream_finish(struct sil_stream_digests *out, struct sil_stream *stream)
{
    *out = (struct sil_stream_digests){.bytes = stream->bytes};
    if (stream->has_sha256) {
        (void)crypto_hash_sha256_final(&stream->sha256, out->sha256);
    }
    (void)crypto_generichash_final(&stream->blake512, out->blake512,
                                   SIL_BLAKE512_BYTES);
    start(stream);
}
