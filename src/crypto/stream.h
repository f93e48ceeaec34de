// SPDX-License-Identifier: Apache-2.0
/// Digests of bytes that come piece by piece and are never held whole: a file as large as
/// the rows that it has.
#ifndef SIL_CRYPTO_STREAM_H
#define SIL_CRYPTO_STREAM_H

#include "crypto/hash.h"

#include <stdint.h>

#define SIL_BLAKE512_BYTES 64

/// Of the same bytes: for lists of digests, and for minisign.
struct sil_stream_digests {
    uint8_t sha256[SIL_HASH_BYTES];
    uint8_t blake512[SIL_BLAKE512_BYTES];
    uint64_t bytes;
};

struct sil_stream;

/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_stream_new(struct sil_stream **out, struct sil_error *err);

/// For whoever only compares: BLAKE2b-512 alone, in a fifth of the time; `sha256` is zeros.
SIL_MUST_USE sil_status sil_stream_new_blake512(struct sil_stream **out,
                                                struct sil_error *err);
void sil_stream_free(struct sil_stream *stream);

void sil_stream_add(struct sil_stream *stream, const void *data, size_t length);

/// Of everything that was added; the stream is then at its beginning again.
void sil_stream_finish(struct sil_stream_digests *out, struct sil_stream *stream);

#endif
