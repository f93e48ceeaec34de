// SPDX-License-Identifier: Apache-2.0
/// Fields of entries in the one encoding (DMP1): read from an array, appended to bytes.
///
/// Readers fail with a plain sentence that names the place, and a status that says which
/// rule it breaks: SIL_ERR_INPUT is F1 (not the one encoding), SIL_ERR_CHECK is F2 (beyond
/// a limit); sil_fields_refuse puts the rule's id in front. SIL_ERR_UNSUPPORTED and
/// SIL_ERR_INTERNAL (memory) are what they are.
#ifndef SIL_LEDGER_FIELDS_H
#define SIL_LEDGER_FIELDS_H

#include "codec/msgpack.h"
#include "ledger/body.h"

/// The integers of entries end at 2^63 - 1.
#define SIL_LEDGER_UINT_MAX ((uint64_t)INT64_MAX)

/// Check the bytes against profile and limits, and parse them; freed with sil_mp_free.
/// `array` is the outermost one; its name is set by the caller and used in errors.
SIL_MUST_USE sil_status sil_fields_open(struct sil_mp_text **text,
                                        struct sil_mp_array *array, const uint8_t *data,
                                        size_t length, struct sil_error *err);

/// Make a refusal of a reader's failure: "[F1] sentence". Other statuses pass unchanged.
sil_status sil_fields_refuse(struct sil_error *err, sil_status status);

SIL_MUST_USE sil_status sil_next_number(uint64_t *out, struct sil_mp_array *array,
                                        const char *what, struct sil_error *err);
/// At least 1.
SIL_MUST_USE sil_status sil_next_count(uint64_t *out, struct sil_mp_array *array,
                                       const char *what, struct sil_error *err);
/// Exactly `n` bytes.
SIL_MUST_USE sil_status sil_next_bytes(void *out, size_t n, struct sil_mp_array *array,
                                       const char *what, struct sil_error *err);
SIL_MUST_USE sil_status sil_next_id(struct sil_id *out, struct sil_mp_array *array,
                                    const char *what, struct sil_error *err);
SIL_MUST_USE sil_status sil_next_hash(uint8_t out[SIL_HASH_BYTES],
                                      struct sil_mp_array *array, const char *what,
                                      struct sil_error *err);
/// A copy, freed with free().
SIL_MUST_USE sil_status sil_next_text(char **out, struct sil_mp_array *array,
                                      const char *what, struct sil_error *err);
/// Into an initialised rational: "p/q" in lowest terms, at most 160 digits a side.
SIL_MUST_USE sil_status sil_next_fraction(mpq_t out, struct sil_mp_array *array,
                                          const char *what, struct sil_error *err);
/// One of `n` words; `*out` is its index.
SIL_MUST_USE sil_status sil_next_name(size_t *out, const char *const *words, size_t n,
                                      struct sil_mp_array *array, const char *what,
                                      struct sil_error *err);
/// An array of `n` elements.
SIL_MUST_USE sil_status sil_next_tuple(struct sil_mp_array *inner, uint32_t n,
                                       struct sil_mp_array *array, const char *what,
                                       struct sil_error *err);
/// An array of any length: zeroed elements of `size` bytes for it into `out`, freed with
/// free().
SIL_MUST_USE sil_status sil_next_list(struct sil_mp_array *inner, void *out,
                                      size_t size, struct sil_mp_array *array,
                                      const char *what, struct sil_error *err);

/// Appended in lowest terms. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_put_fraction(struct sil_bytes *out, const mpq_t value,
                                         struct sil_error *err);
/// NULL is "". Errors  SIL_ERR_USAGE: not printable ASCII; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_put_text(struct sil_bytes *out, const char *text,
                                     const char *what, struct sil_error *err);

#endif
