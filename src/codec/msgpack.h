// SPDX-License-Identifier: Apache-2.0
/// Strict MessagePack: one meaning, one encoding.
///
/// The profile allows unsigned integers, strings of printable ASCII, byte strings and
/// arrays, each in its shortest form; no maps, nil, booleans, floats, negative numbers or
/// extensions. Vectors of numbers are byte strings of little-endian int64 or IEEE 754
/// binary64. Under these rules a value has exactly one encoding, so a hash of the bytes
/// is a hash of the meaning.
#ifndef SIL_CODEC_MSGPACK_H
#define SIL_CODEC_MSGPACK_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Append one value to `out`. Errors  SIL_ERR_INTERNAL (memory; a string that is not
/// printable ASCII; a byte string or array of more than 2^32 - 1); `out` may then hold a
/// part of the value and must not be used.
SIL_MUST_USE sil_status sil_mp_put_uint(struct sil_bytes *out, uint64_t value,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_mp_put_str(struct sil_bytes *out, const char *text,
                                       struct sil_error *err);
SIL_MUST_USE sil_status sil_mp_put_bin(struct sil_bytes *out, const void *data,
                                       size_t length, struct sil_error *err);
/// An array of `n` values: the next n values appended are its elements.
SIL_MUST_USE sil_status sil_mp_put_array(struct sil_bytes *out, size_t n,
                                         struct sil_error *err);
SIL_MUST_USE sil_status sil_mp_put_i64s(struct sil_bytes *out, const int64_t *values,
                                        size_t n, struct sil_error *err);
SIL_MUST_USE sil_status sil_mp_put_f64s(struct sil_bytes *out, const double *values,
                                        size_t n, struct sil_error *err);

/// What a text may be before it is refused unread.
struct sil_mp_limits {
    size_t values;  ///< values in all, arrays included
    unsigned depth; ///< arrays within arrays; the outermost is 1; at most 16
    uint64_t uint;  ///< the largest integer; 0: any
    size_t str;     ///< bytes of a string; 0: any number
    size_t bin;     ///< bytes of a byte string; 0: any number
    size_t array;   ///< elements of an array; 0: any number
};

/// Where a text leaves the profile, and how.
struct sil_mp_offence {
    size_t at;        ///< offset of the byte
    const char *what; ///< static
    bool is_limit;    ///< it is beyond a limit; otherwise it is not the one encoding
};

/// Check every byte of `data` against the profile and the limits, without allocating.
/// False: `offence` is filled with the first offence. Pre  limits->depth <= 16.
SIL_MUST_USE bool sil_mp_scan(struct sil_mp_offence *offence, const uint8_t *data,
                              size_t length, const struct sil_mp_limits *limits);

/// A parsed text, freed with sil_mp_free. Byte strings point into the caller's bytes.
struct sil_mp_text;

/// Scan `data`, then parse it. Exactly one value, an array, with nothing behind it.
/// Errors   SIL_ERR_INPUT: the first offence and its offset. SIL_ERR_INTERNAL: memory, of
///          which no more is asked for than a fixed multiple of limits->values.
SIL_MUST_USE sil_status sil_mp_parse(struct sil_mp_text **out, const uint8_t *data,
                                     size_t length, const struct sil_mp_limits *limits,
                                     struct sil_error *err);

/// NULL is allowed.
void sil_mp_free(struct sil_mp_text *text);

/// An array being read, element by element. `what` names it in errors.
struct sil_mp_array {
    const void *items; ///< of the parser's kind
    uint32_t n;
    uint32_t next;
    const char *what;
};

/// The outermost array.
struct sil_mp_array sil_mp_root(const struct sil_mp_text *text, const char *what);

/// The next element, which must be of the kind asked for; `what` names it in errors.
/// Strings are not terminated. Errors  SIL_ERR_INPUT: there is none, or of another kind,
/// or an integer above `max`.
SIL_MUST_USE sil_status sil_mp_next_uint(uint64_t *out, struct sil_mp_array *array,
                                         uint64_t max, const char *what,
                                         struct sil_error *err);
SIL_MUST_USE sil_status sil_mp_next_str(const char **text, size_t *length,
                                        struct sil_mp_array *array, const char *what,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_mp_next_bin(const uint8_t **data, size_t *length,
                                        struct sil_mp_array *array, const char *what,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_mp_next_array(struct sil_mp_array *inner,
                                          struct sil_mp_array *array, const char *what,
                                          struct sil_error *err);

/// A vector of exactly `n` numbers into `out`.
SIL_MUST_USE sil_status sil_mp_next_i64s(int64_t *out, size_t n,
                                         struct sil_mp_array *array, const char *what,
                                         struct sil_error *err);
SIL_MUST_USE sil_status sil_mp_next_f64s(double *out, size_t n,
                                         struct sil_mp_array *array, const char *what,
                                         struct sil_error *err);

/// Nothing may be left. Errors  SIL_ERR_INPUT.
SIL_MUST_USE sil_status sil_mp_end(const struct sil_mp_array *array,
                                   struct sil_error *err);

#endif
