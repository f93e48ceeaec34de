// SPDX-License-Identifier: Apache-2.0
/// JSON from people, strictly: a thin skin over jansson.
///
/// Refused with line and column: anything jansson refuses (not UTF-8, trailing commas,
/// integers beyond 64 bits), duplicate keys, texts above SIL_JSON_BYTES_MAX, nesting above
/// SIL_JSON_DEPTH_MAX, and numbers with a point or an exponent that a binary double cannot
/// hold exactly enough to print back (more than 15 significant digits, or an exponent
/// beyond 100). What is left is exact: sil_json_decimal gives back the decimal that was
/// written. Longer numbers are written as strings, which are accepted wherever a number is.
#ifndef SIL_CODEC_JSON_H
#define SIL_CODEC_JSON_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <jansson.h>
#include <stddef.h>

#define SIL_JSON_BYTES_MAX ((size_t)1 << 24)
#define SIL_JSON_DEPTH_MAX 64

/// Room for any decimal that sil_json_decimal makes of a JSON number.
#define SIL_JSON_DECIMAL_BYTES 32

/// Parse a text (a byte order mark is skipped); freed with json_decref.
/// @param what   names the text in the error ("the schema").
/// Errors   SIL_ERR_INPUT with line and column, or that the text is empty;
///          SIL_ERR_INTERNAL (memory). `out` is NULL.
SIL_MUST_USE sil_status sil_json_parse(json_t **out, const char *text, size_t length,
                                       const char *what, struct sil_error *err);

/// The exact decimal text of a JSON number, or the text of a JSON string as it stands.
/// @param buffer   used for numbers; the result points into it or into `value`.
/// @return   NULL when `value` is neither a number nor a string.
const char *sil_json_decimal(const json_t *value, char buffer[SIL_JSON_DECIMAL_BYTES]);

/// Every key of `object` must be one of the `n` names. The error names the key and, when
/// one of the names is close, asks whether that was meant.
/// @param place   where the object stands ("fields[2].silhouette").
/// Errors   SIL_ERR_INPUT.
SIL_MUST_USE sil_status sil_json_check_keys(json_t *object, const char *place,
                                            const char *const *names, size_t n,
                                            struct sil_error *err);

/// The name of the list that `word` is a likely misspelling of (at most two letters
/// changed, left out, added or swapped, and more than half of it right), or NULL; a word
/// of the list itself gives NULL.
const char *sil_json_misspelt(const char *word, const char *const *names, size_t n);

/// Append `value`, indented by two blanks, keys in the order they were set, and a newline.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_json_dump(struct sil_bytes *out, const json_t *value,
                                      struct sil_error *err);

/// Append a JSON string literal with its quotes.
/// Errors   SIL_ERR_INPUT: not UTF-8. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_json_append_string(struct sil_bytes *out, const char *text,
                                               size_t length, struct sil_error *err);

#endif
