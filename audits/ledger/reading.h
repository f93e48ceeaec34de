// SPDX-License-Identifier: Apache-2.0
/// Taking an encoded value apart, element by element, by the form of docs/ledger-format.md.
///
/// The first thing that is wrong ends the reading: what is asked for after it gives zeros,
/// and the caller looks at the status once. Every refusal is "[RULE] sentence".
#ifndef AUDIT_LEDGER_READING_H
#define AUDIT_LEDGER_READING_H

#include "codec/msgpack.h"

#include "silhouette/status.h"

#include <gmp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUD_TEXT_MAX     512
#define AUD_RATIONAL_MAX (AUD_TEXT_MAX + 1)

/// Write "[rule] sentence" and return SIL_ERR_CHECK.
sil_status aud_refuse(struct sil_error *err, const char *rule, const char *format, ...)
    SIL_PRINTF(3, 4);

/// One value being read; how it went so far.
struct aud_reading {
    struct sil_mp_text *text;
    size_t digits; ///< of a number in a rational, at most
    sil_status status;
    struct sil_error *err;
};

/// An array in it.
struct aud_list {
    struct aud_reading *reading;
    struct sil_mp_array array;
};

struct aud_bin {
    const uint8_t *data; ///< in the caller's bytes
    size_t length;
};

/// A rational and its text, which a comment repeats.
struct aud_rational {
    mpq_t v;
    char text[AUD_RATIONAL_MAX];
};

void aud_rational_init(struct aud_rational *rational);
void aud_rational_clear(struct aud_rational *rational);

/// Check `data` against DMP1 [F1] and its limits [F2]; the outermost array. Cleared with
/// aud_reading_clear whatever the status. `out` must not move while lists are in use.
struct aud_list aud_reading_begin(struct aud_reading *out, struct aud_bin data,
                                  struct sil_error *err);

/// The same for a transcript, which has the same encoding and larger limits: beyond them
/// it is unsupported.
struct aud_list aud_reading_begin_large(struct aud_reading *out, struct aud_bin data,
                                        struct sil_error *err);
void aud_reading_clear(struct aud_reading *reading);

uint64_t aud_next_uint(struct aud_list *list);
struct aud_bin aud_next_bin(struct aud_list *list);
void aud_next_bytes(void *out, size_t length, struct aud_list *list); ///< exactly
void aud_next_text(char out[AUD_TEXT_MAX + 1], struct aud_list *list);
void aud_next_rational(struct aud_rational *out, struct aud_list *list);
void aud_next_value(mpq_t out, struct aud_list *list); ///< a rational, without its text
struct aud_list aud_next_list(struct aud_list *list);
bool aud_is_list(const struct aud_list *list); ///< the next one, which is not taken

/// A byte string of little-endian int64, `*n` of them; freed with free(), NULL on error.
int64_t *aud_next_numbers(size_t *n, struct aud_list *list);

/// The place of the next text among `n` words; anything else is refused [F1].
size_t aud_next_word(struct aud_list *list, const char *const *words, size_t n);

bool aud_has_next(const struct aud_list *list);
void aud_end(struct aud_list *list); ///< nothing may be left [F1]

/// Refuse unless `condition`; the first refusal stays.
void aud_demand(struct aud_reading *reading, bool condition, const char *rule,
                const char *sentence);

#endif
