// SPDX-License-Identifier: Apache-2.0
/// What the compiler of expressions shares with its lexer and with the evaluation.
#ifndef SIL_SYNTH_SIMULATE_EXPR_INTERNAL_H
#define SIL_SYNTH_SIMULATE_EXPR_INTERNAL_H

#include "synth/simulate_expr.h"

/// The most values that evaluation keeps at a time; the compiler sees to it.
enum { SIL_SIM_STACK_MAX = 256 };

enum sil_sim_code {
    SIL_SIM_OP_CONSTANT,
    SIL_SIM_OP_LOAD,
    SIL_SIM_OP_ADD,
    SIL_SIM_OP_SUBTRACT,
    SIL_SIM_OP_MULTIPLY,
    SIL_SIM_OP_DIVIDE,
    SIL_SIM_OP_NEGATE,
    SIL_SIM_OP_EQUAL,
    SIL_SIM_OP_UNEQUAL,
    SIL_SIM_OP_LESS,
    SIL_SIM_OP_LESS_EQUAL,
    SIL_SIM_OP_GREATER,
    SIL_SIM_OP_GREATER_EQUAL,
    SIL_SIM_OP_AND,
    SIL_SIM_OP_OR,
    SIL_SIM_OP_NOT,
    SIL_SIM_OP_IF,
    SIL_SIM_OP_MIN,
    SIL_SIM_OP_MAX,
    SIL_SIM_OP_ABS,
    SIL_SIM_OP_FLOOR,
    SIL_SIM_OP_ROUND,
    SIL_SIM_OP_YEAR,
    SIL_SIM_OP_MONTH,
    SIL_SIM_OP_WEEKDAY
};

struct sil_sim_op {
    enum sil_sim_code code;
    int64_t argument; ///< of SIL_SIM_OP_CONSTANT the value, of SIL_SIM_OP_LOAD the slot
};

enum sil_sim_token_kind {
    SIL_SIM_TOKEN_END,
    SIL_SIM_TOKEN_NUMBER,
    SIL_SIM_TOKEN_DATE,
    SIL_SIM_TOKEN_TEXT,
    SIL_SIM_TOKEN_NAME,
    SIL_SIM_TOKEN_SIGN
};

struct sil_sim_token {
    enum sil_sim_token_kind kind;
    const char *start;
    size_t length;
    int64_t value; ///< of a number or a date
};

/// Reads an expression word by word.
struct sil_sim_lexer {
    const char *text;
    const char *place;          ///< of the expression, for errors
    const char *at;             ///< behind the word
    struct sil_sim_token token; ///< the word
    struct sil_error *err;
};

/// Read the next word into lexer->token. Errors  SIL_ERR_INPUT: not a word.
SIL_MUST_USE sil_status sil_sim_advance(struct sil_sim_lexer *lexer);

/// Is the word this name or sign? (A quoted text never is.)
bool sil_sim_is_word(const struct sil_sim_token *token, const char *word);

/// Fail with SIL_ERR_INPUT at the word.
SIL_MUST_USE sil_status sil_sim_refuse(const struct sil_sim_lexer *lexer,
                                       const char *reason);

#endif
