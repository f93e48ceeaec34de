// SPDX-License-Identifier: Apache-2.0
/// Releases held outside the gate, one line of a transcript each, and their encoding.
#ifndef SIL_SYNTH_RELEASE_H
#define SIL_SYNTH_RELEASE_H

#include "codec/msgpack.h"
#include "synth/transcript.h"

/// The longest text of a rational in a transcript, "p/q".
#define SIL_RATIONAL_MAX 512

void sil_release_init(struct sil_release *release);
void sil_release_clear(struct sil_release *release);

/// Append an initialised line. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_add_line(struct sil_release **out,
                                                struct sil_transcript *transcript,
                                                struct sil_error *err);

/// Rationals as canonical "p/q" text, and attribute lists.
SIL_MUST_USE sil_status sil_put_rational(struct sil_bytes *out, const mpq_t value,
                                         struct sil_error *err);
SIL_MUST_USE sil_status sil_next_rational(mpq_t out, struct sil_mp_array *array,
                                          const char *what, struct sil_error *err);
SIL_MUST_USE sil_status sil_put_clique(struct sil_bytes *out,
                                       const struct sil_clique *clique,
                                       struct sil_error *err);
SIL_MUST_USE sil_status sil_next_clique(struct sil_clique *out,
                                        struct sil_mp_array *array,
                                        const struct sil_domain *domain,
                                        struct sil_error *err);

/// Is the next string of `array` equal to `word`?
SIL_MUST_USE sil_status sil_next_word(bool *equal, struct sil_mp_array *array,
                                      const char *word, const char *what,
                                      struct sil_error *err);

/// One line: [mechanism, attributes, sensitivity, parameter, rho, delta, ...].
SIL_MUST_USE sil_status sil_put_release(struct sil_bytes *out,
                                        const struct sil_release *release,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_next_release(struct sil_release *out,
                                         struct sil_mp_array *array,
                                         const struct sil_terms *terms,
                                         const struct sil_domain *domain,
                                         struct sil_error *err);

#endif
