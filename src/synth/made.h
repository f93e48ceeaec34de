// SPDX-License-Identifier: Apache-2.0
/// Rows made to order: a condition and shares, worked out against one model.
///
/// The rows follow the model's law given the condition, exactly; with shares, the one nearest
/// to it (in relative entropy) whose columns have these shares. All of it is post-processing:
/// a function of the transcript and of what was asked for.
#ifndef SIL_SYNTH_MADE_H
#define SIL_SYNTH_MADE_H

#include "base/codes.h"
#include "base/words.h"
#include "crypto/row_words.h"
#include "synth/boxes.h"
#include "synth/model_object.h"
#include "synth/shares.h"

/// Parity: outcome and group are independent given the admissible columns.
struct sil_fair {
    struct sil_clique clique;  ///< of them all; of no attribute: nothing is asked for
    struct sil_clique outcome; ///< of one attribute
    struct sil_clique group;   ///< the same
    struct sil_clique given;   ///< the admissible ones
};

struct sil_made {
    const struct sil_model *model; ///< borrowed
    struct sil_condition condition;
    struct sil_shares *shares;
    size_t n_shares;
    uint32_t *attrs; ///< of the columns that condition and shares name
    struct sil_pieces *columns;
    size_t n_columns;
    struct sil_boxes boxes;
    double *tilt; ///< of each flag of a box: what shares multiply its class by
    struct sil_fair fair;
    double *fair_log; ///< logarithms of the weights that make it fair; NULL: none
    double
        fair_moved; ///< total variation distance of outcome, group and admissible columns
    double *part;   ///< of each box, in the rows to make
    double probability; ///< of the condition
};

/// Is anything asked for?
static inline bool sil_is_made(const struct sil_sample_options *options)
{
    return options->where != NULL || options->n_rebalance > 0 || options->fair != NULL;
}

/// The place of a column that condition or shares name; n_columns: they do not.
static inline size_t sil_made_column(const struct sil_made *made, uint32_t attr)
{
    size_t i = 0;
    while (i < made->n_columns && made->attrs[i] != attr) {
        i++;
    }
    return i;
}

/// The columns that are weighted together; NULL: none.
static inline const struct sil_clique *sil_made_joint(const struct sil_made *made)
{
    return made->fair.clique.n > 0 ? &made->fair.clique : NULL;
}

/// Work out options->where, options->rebalance and options->fair. Freed with sil_made_free.
/// @param[out] fault   the place of an error in the text that is at fault.
/// Errors   SIL_ERR_USAGE: not a condition or not shares, with the place; too many parts;
///          more work than an order may ask for (synth/made_work.h).
///          SIL_ERR_INPUT: the model gives what is asked for no probability. SIL_ERR_INTERNAL
///          (memory). `out` is NULL.
SIL_MUST_USE sil_status sil_made_new(struct sil_made **out,
                                     const struct sil_model *model,
                                     const struct sil_sample_options *options,
                                     struct sil_sample_fault *fault,
                                     struct sil_error *err);
void sil_made_free(struct sil_made *made);

/// The part of its cell that a piece is, in (0, 1].
static inline double sil_piece_share(const struct sil_piece *piece)
{
    return ((double)(piece->last_word - piece->first_word) + 1) * 0x1p-64;
}

/// Draw the rows, with the words of `seed`.
/// @param[out] codes   initialised by this call; freed with sil_codes_clear.
/// @param[out] piece   for each column of `made` the piece of every row, or NULL where no cell
///                     is cut; filled by this call, freed with free().
/// Errors   as sil_gm_draw.
SIL_MUST_USE sil_status sil_made_draw(struct sil_codes *codes, uint32_t **piece,
                                      const struct sil_made *made,
                                      const struct sil_draw *draw,
                                      const uint8_t seed[SIL_SEED_BYTES],
                                      struct sil_error *err);

/// Weights on the codes of column `i` in a box, into fine[codes], and what they come to on the
/// values of the model's tree, into coarse[values of the tree, at most codes].
void sil_made_weights(double *fine, double *coarse, const struct sil_made *made,
                      size_t box, size_t i);

#endif
