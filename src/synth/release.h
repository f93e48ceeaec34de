// SPDX-License-Identifier: Apache-2.0
/// Releases held outside the gate, one line of a transcript each, and their encoding.
#ifndef SIL_SYNTH_RELEASE_H
#define SIL_SYNTH_RELEASE_H

#include "codec/msgpack.h"
#include "synth/transcript.h"

/// The longest text of a rational in a transcript, "p/q".
#define SIL_RATIONAL_MAX 512

/// Columns of a marginal of groups in a transcript.
#define SIL_GROUPED_ATTRS_MAX 3

void sil_release_init(struct sil_release *release);
void sil_release_clear(struct sil_release *release);

/// Append an initialised line. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_add_line(struct sil_release **out,
                                                struct sil_transcript *transcript,
                                                struct sil_error *err);

/// Room for the discoveries of a transcript that has none, each initialised.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_make_discoveries(
    struct sil_transcript *transcript, size_t n, struct sil_error *err);

/// Room for the levels that the terms ask for, each initialised.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_make_levels(struct sil_transcript *transcript,
                                                   struct sil_error *err);

/// The next lines, which must be the levels of the fields whose bins are to be learnt, and cost
/// what the terms say: into room of their own; the bins that follow settle the schema, and
/// what they cost is added to `sum`.
/// Errors   SIL_ERR_INPUT, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_next_levels(struct sil_transcript *out,
                                        struct sil_mp_array *lines, mpq_t sum,
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

/// Groupings of a marginal of `n` columns (NULL: not grouped), and back: `out` is in one
/// block, freed with free(), NULL when nothing is grouped. Reading allocates no more than
/// a fixed multiple of the bytes there.
/// Errors   SIL_ERR_INPUT: no partitions of the columns' values, not as they are written
///          here, of more than SIL_GROUPED_ATTRS_MAX columns. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_put_groupings(struct sil_bytes *out,
                                          const struct sil_grouping *of, uint32_t n,
                                          struct sil_error *err);
SIL_MUST_USE sil_status sil_next_groupings(struct sil_grouping **out,
                                           struct sil_mp_array *line,
                                           const struct sil_clique *clique,
                                           const struct sil_domain *domain,
                                           struct sil_error *err);

/// Are `n` groupings the same, group for group and number for number? NULL, which groups
/// nothing, is the same as NULL only. Cells of groups are told apart by those numbers.
bool sil_groupings_equal(const struct sil_grouping *a, const struct sil_grouping *b,
                         uint32_t n);

/// One line: [mechanism, attributes, sensitivity, parameter, rho, delta, ...]; with
/// groupings, and the parameters of the score, in a transcript of mosaic.
/// Errors   sil_put_release: SIL_ERR_INTERNAL (memory; groups in another mechanism's).
SIL_MUST_USE sil_status sil_put_release(struct sil_bytes *out,
                                        const struct sil_release *release,
                                        const struct sil_terms *terms,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_next_release(struct sil_release *out,
                                         struct sil_mp_array *array,
                                         const struct sil_terms *terms,
                                         const struct sil_domain *domain,
                                         struct sil_error *err);

#endif
