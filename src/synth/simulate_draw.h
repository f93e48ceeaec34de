// SPDX-License-Identifier: Apache-2.0
/// How a simulated value comes about: a distribution, or a table of distributions.
#ifndef SIL_SYNTH_SIMULATE_DRAW_H
#define SIL_SYNTH_SIMULATE_DRAW_H

#include "base/words.h"
#include "synth/simulate_expr.h"

#include "silhouette/status.h"

#include <jansson.h>

enum sil_sim_draw_kind {
    SIL_SIM_VALUE,     ///< a
    SIL_SIM_WEIGHTS,   ///< outcome[i] with probability proportional to a weight
    SIL_SIM_UNIFORM,   ///< the multiples of the quantum from a to b
    SIL_SIM_NORMAL,    ///< mean a, standard deviation b
    SIL_SIM_LOGNORMAL, ///< median a, standard deviation of the logarithm b
    SIL_SIM_GEOMETRIC, ///< mean a
    SIL_SIM_POISSON,   ///< mean a
    SIL_SIM_BY,        ///< branch i when the text in `slot` is outcome[i]
    SIL_SIM_CASES      ///< the first branch whose `when` holds
};

/// `{0}` is empty.
struct sil_sim_draw {
    enum sil_sim_draw_kind kind;
    struct sil_sim_program a;
    struct sil_sim_program b;
    size_t n; ///< outcomes, or branches without `otherwise`
    int64_t *outcome;
    uint64_t *cumulative; ///< of the weights: sums up to and with outcome i
    size_t slot;
    struct sil_sim_program *when;
    struct sil_sim_draw *branch; ///< n of them, then `otherwise`
    bool has_otherwise;
};

/// What a draw is for.
struct sil_sim_target {
    enum sil_sim_type type;
    int64_t quantum; ///< of numbers and dates, in millionths
};

/// Build a draw from JSON; `place` says where it stands, for errors.
/// Errors   SIL_ERR_INPUT with the place; SIL_ERR_INTERNAL (memory). `out` is empty.
SIL_MUST_USE sil_status sil_sim_draw_parse(struct sil_sim_draw *out, json_t *json,
                                           const char *place,
                                           const struct sil_sim_target *target,
                                           const struct sil_sim_scope *scope,
                                           struct sil_error *err);

/// Compile a JSON number or the text of an expression, which must have the type.
/// Errors   as sil_sim_draw_parse.
SIL_MUST_USE sil_status sil_sim_expr_parse(struct sil_sim_program *out, json_t *json,
                                           const char *place, enum sil_sim_type type,
                                           const struct sil_sim_scope *scope,
                                           struct sil_error *err);

void sil_sim_draw_clear(struct sil_sim_draw *draw);

/// Draw a value; numbers and dates come rounded to the quantum.
/// Errors   SIL_ERR_INPUT: no branch fits, or a parameter came out impossible.
SIL_MUST_USE sil_status sil_sim_draw_value(
    int64_t *out, const struct sil_sim_draw *draw, const struct sil_sim_target *target,
    const int64_t *slots, struct sil_word_reader *reader, struct sil_error *err);

/// What a draw of a probability is for.
extern const struct sil_sim_target SIL_SIM_PROBABILITY;

/// True with the probability that `draw` gives. Errors  as sil_sim_draw_value.
SIL_MUST_USE sil_status sil_sim_chance(bool *out, const struct sil_sim_draw *draw,
                                       const int64_t *slots,
                                       struct sil_word_reader *reader,
                                       struct sil_error *err);

/// Round to the quantum, as draws do. Dates stay within the years 1 to 9999.
int64_t sil_sim_to_target(int64_t value, const struct sil_sim_target *target);

#endif
