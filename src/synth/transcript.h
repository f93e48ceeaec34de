// SPDX-License-Identifier: Apache-2.0
/// The transcript: the terms of a run and everything that left through its gate, in order.
///
/// Model and rows are functions of the transcript (and a seed); so is every word of the
/// claim. docs/model-format.md gives the bytes.
#ifndef SIL_SYNTH_TRANSCRIPT_H
#define SIL_SYNTH_TRANSCRIPT_H

#include "base/bytes.h"
#include "crypto/hash.h"
#include "model/rounding.h"
#include "privacy/gate.h"
#include "synth/kept.h"
#include "synth/measurements.h"
#include "synth/stamp.h"
#include "synth/terms.h"
#include "table/table.h"

#include <stdbool.h>

#define SIL_TRANSCRIPT_VERSION 1

struct sil_transcript {
    struct sil_schema
        *schema;     ///< owned; of a run that is over its open fields are settled
    uint32_t *order; ///< owned: fields in the order of the file's columns
    struct sil_terms terms;
    bool is_ledgered;
    struct sil_stamp stamp; ///< of a ledgered one
    struct sil_discovery
        *discovery; ///< owned: one of each open field, before the lines
    size_t n_discoveries;
    struct sil_release *level; ///< owned: what bins were learnt from, before the lines
    size_t n_levels;
    struct sil_release *line; ///< owned, with its values
    size_t n_lines;
    size_t capacity;
    struct sil_rho spent;
};

/// An empty transcript, to be cleared.
void sil_transcript_init(struct sil_transcript *transcript);
void sil_transcript_clear(struct sil_transcript *transcript);

/// Take all of `from`, which is empty afterwards. Pre  `out` is empty.
void sil_transcript_move(struct sil_transcript *out, struct sil_transcript *from);

/// Note in which order the columns stand in the table's file: rows are written in that
/// order. Pre  the schema is there.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_note_order(struct sil_transcript *transcript,
                                                  const struct sil_table *table,
                                                  struct sil_error *err);

/// Copy the gate's log and what it spent.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_record(struct sil_transcript *transcript,
                                              const struct sil_gate *gate,
                                              struct sil_error *err);

/// Append the encoding of the plan as it stands in the transcript: what a reserve fixes by
/// its hash. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_encode_plan(
    struct sil_bytes *out, const struct sil_transcript *transcript,
    struct sil_error *err);

/// SHA-256 of that encoding. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_plan_hash(
    uint8_t hash[SIL_HASH_BYTES], const struct sil_transcript *transcript,
    struct sil_error *err);

/// Append the one encoding. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_encode(struct sil_bytes *out,
                                              const struct sil_transcript *transcript,
                                              struct sil_error *err);

/// Decode into an initialised transcript. Every cost is recomputed and compared, their sum
/// with what is spent and with the cap, the certified epsilon with cap and delta.
/// Errors   SIL_ERR_INPUT: damaged or contradictory. SIL_ERR_UNSUPPORTED: a version, a
///          replay number or a kind of release that this program lacks. SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_transcript_decode(struct sil_transcript *out,
                                              const uint8_t *data, size_t length,
                                              struct sil_error *err);

/// BLAKE2b-256("silhouette/transcript/v1\n" | encoding).
void sil_transcript_hash(uint8_t hash[SIL_HASH_BYTES],
                         const struct sil_bytes *encoding);

/// How rows are drawn from a model: all that replay numbers differ in once it is there.
struct sil_row_recipe {
    enum sil_row_rounding rounding;
    bool has_slopes; ///< values within a bin follow the bins beside it
};

/// The recipe of the transcript's replay number. The one place where a number becomes a
/// recipe.
struct sil_row_recipe sil_transcript_rows(const struct sil_transcript *transcript);

/// All measurements, in the order of the lines. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_measurements(
    struct sil_measurements *out, const struct sil_transcript *transcript,
    struct sil_error *err);

/// What was kept of open columns, as far as its replay number uses that; freed with
/// sil_kept_clear. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_transcript_kept(struct sil_kept_list *out,
                                            const struct sil_transcript *transcript,
                                            struct sil_error *err);

#endif
