// SPDX-License-Identifier: Apache-2.0
/// What of an output can be compared between neighbouring tables without knowing anything about
/// the generator.
#ifndef AUDIT_GAME_METADATA_H
#define AUDIT_GAME_METADATA_H

#include "audits/game/generator.h"

enum aud_feature {
    AUD_ENDING,
    AUD_SAID,       ///< a digest of what it said
    AUD_FILES,      ///< how many
    AUD_NAMES,      ///< a digest of the names of those that it was not asked for
    AUD_OTHERS,     ///< and of what they hold
    AUD_HEADER,     ///< a digest of the first record
    AUD_ROWS,       ///< records behind the first
    AUD_VALUES,     ///< a digest of the sets of values, by column
    AUD_NULLS,      ///< columns with an empty field
    AUD_DIGITS,     ///< of the whole part of the largest number
    AUD_WIDTH,      ///< size of the rows
    AUD_MODEL,      ///< size of the model
    AUD_ROWS_BYTES, ///< digests of the files
    AUD_MODEL_BYTES,
    AUD_N_FEATURES
};

const char *aud_feature_name(enum aud_feature feature);

struct aud_features {
    uint64_t value[AUD_N_FEATURES];
    bool is_table;   ///< the rows are a CSV text
    bool has_secret; ///< set by who knows of one: it occurs in what was made
};

/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_features_of(struct aud_features *out,
                                        const struct aud_output *output,
                                        struct sil_error *err);

/// Does `token` occur anywhere in what was written or said?
bool aud_output_has(const struct aud_output *output, const char *token);

#endif
