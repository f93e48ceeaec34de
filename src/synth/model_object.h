// SPDX-License-Identifier: Apache-2.0
/// The inside of a model: the transcript, and what follows from it.
#ifndef SIL_SYNTH_MODEL_OBJECT_H
#define SIL_SYNTH_MODEL_OBJECT_H

#include "base/bytes.h"
#include "model/graphical_model.h"
#include "privacy/rng.h"
#include "synth/kept.h"
#include "synth/mosaic.h"
#include "synth/transcript.h"
#include "synth/zeros.h"

#include "silhouette/model.h"

/// Bytes of a model file: MessagePack cannot hold a byte string of more.
#define SIL_MODEL_FILE_MAX ((size_t)UINT32_MAX)

struct sil_model {
    struct sil_transcript transcript;
    struct sil_bytes encoding; ///< of the transcript, as hashed
    uint8_t hash[SIL_HASH_BYTES];
    struct sil_rule_zeros *zeros;   ///< of the schema's rules; NULL: it has none
    struct sil_kept_list kept;      ///< of open columns
    struct sil_domain domain;       ///< with them
    struct sil_graphical_model *gm; ///< NULL under mosaic
    struct sil_mosaic *mosaic;      ///< NULL but under mosaic
    double total;                   ///< that the model is scaled to
    uint64_t rows;                  ///< total rounded, at least 1
    unsigned n_threads;
    struct sil_bytes claim; ///< terminated text

    struct sil_text_list {
        char **text;
        size_t n;
        size_t capacity;
    } warnings;
};

/// An empty model, to be freed. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_model_new(struct sil_model **out, unsigned n_threads,
                                      struct sil_error *err);

/// Derive everything but the graphical model from the transcript: encoding and hash (when
/// there is none yet), row estimate, claim, warnings. `rows` is the unrounded estimate.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_model_derive(struct sil_model *model,
                                         struct sil_error *err);

/// The graphical model, and its domain: that of the table or, under mosaic, groups of it.
const struct sil_graphical_model *sil_model_tree(const struct sil_model *model);
const struct sil_domain *sil_model_tree_domain(const struct sil_model *model);

/// Fit the published model to the transcript. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_model_refit(struct sil_model *model, struct sil_error *err);

/// Would the tree of these marginals stay within what the plan says of max_model_mb? A file
/// of a few kilobytes can name marginals whose tree would fill any memory, and no run
/// within the plan has measured those.
/// Errors   SIL_ERR_INPUT: it would not. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_model_check_size(const struct sil_model *model,
                                             const struct sil_clique *cliques, size_t n,
                                             struct sil_error *err);

/// The model that was fitted when this transcript was written: decoded, then fitted anew.
/// Errors   SIL_ERR_INPUT: damaged or contradictory. SIL_ERR_UNSUPPORTED: a version, a
///          replay number or a mechanism that this program lacks. SIL_ERR_INTERNAL
///          (memory). `out` is NULL.
SIL_MUST_USE sil_status sil_model_of_transcript(struct sil_model **out,
                                                const uint8_t *data, size_t length,
                                                unsigned n_threads,
                                                struct sil_error *err);

/// The same of a transcript that has been decoded from these bytes already. It is taken, and
/// is empty afterwards.
SIL_MUST_USE sil_status sil_model_of_decoded(struct sil_model **out,
                                             struct sil_transcript *transcript,
                                             const uint8_t *data, size_t length,
                                             unsigned n_threads, struct sil_error *err);

/// sil_model_fit with a noise generator of the caller's (NULL: one keyed by the operating
/// system once the table is read): for tests. Takes `rng`.
SIL_MUST_USE sil_status sil_model_fit_with(struct sil_model **out, const char *csv_path,
                                           const struct sil_schema *schema,
                                           const struct sil_fit_options *options,
                                           struct sil_rng *rng, struct sil_error *err);

/// The bytes of a model file, and a model from them.
SIL_MUST_USE sil_status sil_model_encode(struct sil_bytes *out,
                                         const struct sil_model *model,
                                         struct sil_error *err);
SIL_MUST_USE sil_status sil_model_decode(struct sil_model **out, const uint8_t *data,
                                         size_t length, unsigned n_threads,
                                         struct sil_error *err);

/// Append the transcript that is in the bytes of a model file, about which no more is known
/// afterwards than that its checksum holds. Errors  as sil_model_decode.
SIL_MUST_USE sil_status sil_model_file_transcript(struct sil_bytes *out,
                                                  const uint8_t *data, size_t length,
                                                  struct sil_error *err);

/// Fill `claim`, and `warnings` from schema, budget and released values only.
/// @param ledger   what a ledgered transcript's stamp claims.
SIL_MUST_USE sil_status sil_claim_write(struct sil_model *model,
                                        const struct sil_cumulative *ledger,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_warnings_find(struct sil_model *model,
                                          const struct sil_cumulative *ledger,
                                          const struct sil_measurements *measurements,
                                          double rows, struct sil_error *err);

/// The seed of copy `copy` of the rows: BLAKE2b-256(hash | copy, 8 bytes LE).
void sil_model_seed(uint8_t *seed, const struct sil_model *model, uint64_t copy);

#endif
