// SPDX-License-Identifier: Apache-2.0
/// Canaries in the rows that a generator makes, whatever it is.
///
/// Counted are the rows that have a canary's value in each column, its values in each pair of
/// columns, and all of them. How much each count tells is learnt from the first runs (Fisher's
/// linear discriminant, for canaries among realistic values and for those apart), and fixed;
/// the other runs are judged by it.
#ifndef AUDIT_GAME_BLACK_H
#define AUDIT_GAME_BLACK_H

#include "audits/game/judge.h"
#include "audits/game/world.h"

enum { AUD_COUNTS_MAX = AUD_WORLD_COLUMNS_MAX * (AUD_WORLD_COLUMNS_MAX + 1) / 2 + 1 };

/// What was learnt of one kind of canaries: moments of counts, of those out and in.
struct aud_moments {
    double n[2];
    double sum[2][AUD_COUNTS_MAX];
    double product[AUD_COUNTS_MAX][AUD_COUNTS_MAX];
    double weight[AUD_COUNTS_MAX]; ///< of the score, when all is learnt
    double middle;                 ///< the score between the two means
    double spread;                 ///< its standard deviation
};

struct aud_black {
    struct aud_evidence evidence;
    struct aud_moments kind[2];
    size_t n_learnt; ///< runs
    bool is_ready;
};

/// Add a run; one of the first `learn` teaches. Errors  SIL_ERR_INPUT: the rows are no table of
/// the schema's columns, there are none, or most of their fields are no values of the schema.
/// SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_black_add(struct aud_black *black,
                                      const struct aud_world *world,
                                      const uint8_t *coin, const struct sil_bytes *rows,
                                      size_t learn, struct sil_error *err);

/// Note the findings.
void aud_black_judge(struct aud_black *black);
void aud_black_clear(struct aud_black *black);

#endif
