// SPDX-License-Identifier: Apache-2.0
/// The specification of a simulated table, ready to draw from. docs/simulate.md.
#ifndef SIL_SYNTH_SIMULATE_SPEC_H
#define SIL_SYNTH_SIMULATE_SPEC_H

#include "synth/simulate_draw.h"

#include "silhouette/status.h"

struct sil_sim_field {
    char *name;
    struct sil_sim_target target;
    unsigned decimals; ///< written
    bool is_hidden;    ///< drawn and not written
    bool is_once;      ///< drawn once an entity, not once a row
    struct sil_sim_draw draw;
    struct sil_sim_program minimum; ///< n = 0: none
    struct sil_sim_program maximum;
    bool can_miss;
    struct sil_sim_draw missing; ///< probability that the value is not written
};

/// A new value for a field, where a rule does not hold.
struct sil_sim_repair {
    size_t field;
    struct sil_sim_program value;
};

struct sil_sim_rule {
    struct sil_sim_program require;
    size_t n_repairs; ///< 0: the row is drawn again
    struct sil_sim_repair *repair;
};

struct sil_sim_spec {
    size_t n_fields;
    struct sil_sim_field *field;
    size_t n_rules;
    struct sil_sim_rule *rule;
    bool has_process;
    struct sil_sim_draw again; ///< probability of another row of the same entity
    uint64_t at_most;          ///< rows an entity
    char *missing_text;
    struct sil_sim_texts texts;
    struct sil_sim_name *name; ///< of the fields, for expressions
};

/// Errors   SIL_ERR_INPUT with the place; SIL_ERR_INTERNAL (memory). `out` is empty.
SIL_MUST_USE sil_status sil_sim_spec_parse(struct sil_sim_spec *out, const char *json,
                                           size_t length, struct sil_error *err);
void sil_sim_spec_clear(struct sil_sim_spec *spec);

#endif
