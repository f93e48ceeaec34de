// SPDX-License-Identifier: Apache-2.0
/// The expressions of a simulation: `if(age < 18 and sex = 'F', 0.2, 0.1)`.
///
/// Values are numbers (in millionths), dates (days since 1970-01-01, in millionths), texts
/// and truths. Types are checked when an expression is compiled; evaluation is total: it
/// cannot fail, loop or allocate. docs/simulate.md describes the language for people.
#ifndef SIL_SYNTH_SIMULATE_EXPR_H
#define SIL_SYNTH_SIMULATE_EXPR_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sil_sim_type { SIL_SIM_NUMBER, SIL_SIM_DATE, SIL_SIM_TEXT, SIL_SIM_TRUTH };

/// Texts by number, each once; number 0 is the empty text.
struct sil_sim_texts {
    char **text;
    size_t n;
    size_t capacity;
};

/// The number of the text of `length` bytes, added when it is new.
/// Errors   SIL_ERR_INPUT: too many. SIL_ERR_INTERNAL: memory.
SIL_MUST_USE sil_status sil_sim_intern(int64_t *number, struct sil_sim_texts *texts,
                                       const char *text, size_t length,
                                       struct sil_error *err);
void sil_sim_texts_clear(struct sil_sim_texts *texts);

/// What a name stands for: a slot of the values that evaluation reads.
struct sil_sim_name {
    const char *name;
    enum sil_sim_type type;
};

/// The names an expression may use. Slots: field i is slot i; its value in the entity's
/// previous row is slot n_fields + i; then come entity, event and row.
struct sil_sim_scope {
    const struct sil_sim_name *field;
    size_t n_fields;
    size_t n_visible; ///< fields from here on have no value yet
    struct sil_sim_texts *texts;
};

enum { SIL_SIM_ENTITY, SIL_SIM_EVENT, SIL_SIM_ROW, SIL_SIM_SPECIALS };

/// A compiled expression; `{0}` is none.
struct sil_sim_program {
    struct sil_sim_op *op;
    size_t n;
    enum sil_sim_type type;
};

/// Compile `text`. @param place   where it stands, for the error.
/// Errors   SIL_ERR_INPUT with the place and the column; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_sim_compile(struct sil_sim_program *out, const char *text,
                                        const char *place,
                                        const struct sil_sim_scope *scope,
                                        struct sil_error *err);
void sil_sim_program_clear(struct sil_sim_program *program);

/// The value over `slots` (2 n_fields + SIL_SIM_SPECIALS of them). A truth is 0 or 1.
int64_t sil_sim_eval(const struct sil_sim_program *program, const int64_t *slots);

#endif
