// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "synth/simulate_expr_internal.h"

#include <stdlib.h>
#include <string.h>

enum { OPS_MAX = 4096, DEPTH_MAX = 48 };

/* A stack machine's program on its way, with the lexer one word ahead. */
struct compiler {
    struct sil_sim_lexer lexer;
    const struct sil_sim_scope *scope;
    struct sil_sim_op *op;
    size_t n;
    size_t capacity;
    int depth;
    int stack; ///< values that the ops so far leave
};

static sil_status expect(struct compiler *c, const char *sign)
{
    if (!sil_sim_is_word(&c->lexer.token, sign)) {
        char reason[64] = "expected ";
        (void)strncat(reason, sign, sizeof reason - sizeof "expected ");
        return sil_sim_refuse(&c->lexer, reason);
    }
    return sil_sim_advance(&c->lexer);
}

/* Append an operation that takes `takes` values and leaves one. */
static sil_status emit(struct compiler *c, enum sil_sim_code code, int64_t argument,
                       int takes)
{
    sil_status status = SIL_OK;
    c->stack += 1 - takes;
    if (c->n == OPS_MAX || c->stack > SIL_SIM_STACK_MAX) {
        return sil_sim_refuse(&c->lexer, "the expression is too long");
    }
    SIL_TRY(sil_grow(&c->op, &c->capacity, c->n + 1, sizeof *c->op, "an expression",
                     c->lexer.err));
    c->op[c->n++] = (struct sil_sim_op){code, argument};

cleanup:
    return status;
}

static sil_status parse(struct compiler *c, int precedence, enum sil_sim_type *type);

static sil_status parse_text(struct compiler *c, enum sil_sim_type *type)
{
    sil_status status = SIL_OK;
    int64_t number = 0;
    SIL_TRY(sil_sim_intern(&number, c->scope->texts, c->lexer.token.start,
                           c->lexer.token.length, c->lexer.err));
    SIL_TRY(emit(c, SIL_SIM_OP_CONSTANT, number, 0));
    *type = SIL_SIM_TEXT;
    status = sil_sim_advance(&c->lexer);

cleanup:
    return status;
}

static sil_status load_field(struct compiler *c, bool previous, enum sil_sim_type *type)
{
    const struct sil_sim_scope *scope = c->scope;
    for (size_t i = 0; i < scope->n_fields; i++) {
        if (!sil_sim_is_word(&c->lexer.token, scope->field[i].name)) {
            continue;
        }
        if (i >= scope->n_visible && !previous) {
            return sil_sim_refuse(&c->lexer,
                                  "this field is declared later and has no value yet");
        }
        *type = scope->field[i].type;
        sil_status status = emit(c, SIL_SIM_OP_LOAD,
                                 (int64_t)(i + (previous ? scope->n_fields : 0)), 0);
        return status == SIL_OK ? sil_sim_advance(&c->lexer) : status;
    }
    return sil_sim_refuse(&c->lexer, "there is no field or function of this name");
}

static sil_status parse_name(struct compiler *c, enum sil_sim_type *type)
{
    static const char *const SPECIAL[SIL_SIM_SPECIALS] = {"entity", "event", "row"};
    sil_status status = SIL_OK;
    if (sil_sim_is_word(&c->lexer.token, "previous") && *c->lexer.at == '.') {
        SIL_TRY(sil_sim_advance(&c->lexer));
        SIL_TRY(sil_sim_advance(&c->lexer));
        return load_field(c, true, type);
    }
    for (size_t i = 0; i < SIL_SIM_SPECIALS; i++) {
        if (sil_sim_is_word(&c->lexer.token, SPECIAL[i])) {
            *type = SIL_SIM_NUMBER;
            SIL_TRY(emit(c, SIL_SIM_OP_LOAD, (int64_t)(2 * c->scope->n_fields + i), 0));
            return sil_sim_advance(&c->lexer);
        }
    }
    status = load_field(c, false, type);

cleanup:
    return status;
}

/* The type letters of arguments and result: n number, d date, t truth; x any type but
 * truth and o number or date, the same wherever the letter stands. */
static const struct function {
    const char *name;
    const char *types;
    enum sil_sim_code code;
} FUNCTIONS[] = {
    {"if",      "txxx", SIL_SIM_OP_IF     },
    {"min",     "ooo",  SIL_SIM_OP_MIN    },
    {"max",     "ooo",  SIL_SIM_OP_MAX    },
    {"abs",     "nn",   SIL_SIM_OP_ABS    },
    {"floor",   "nn",   SIL_SIM_OP_FLOOR  },
    {"round",   "nn",   SIL_SIM_OP_ROUND  },
    {"year",    "dn",   SIL_SIM_OP_YEAR   },
    {"month",   "dn",   SIL_SIM_OP_MONTH  },
    {"weekday", "dn",   SIL_SIM_OP_WEEKDAY},
};

static const struct function *find_function(const struct compiler *c)
{
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++) {
        if (*c->lexer.at == '(' &&
            sil_sim_is_word(&c->lexer.token, FUNCTIONS[i].name)) {
            return &FUNCTIONS[i];
        }
    }
    return NULL;
}

static bool fits(char letter, enum sil_sim_type type, enum sil_sim_type *any,
                 bool *any_known)
{
    switch (letter) {
    case 'n': return type == SIL_SIM_NUMBER;
    case 'd': return type == SIL_SIM_DATE;
    case 't': return type == SIL_SIM_TRUTH;
    default: break;
    }
    if (!*any_known) {
        *any = type;
        *any_known = true;
    }
    return type == *any && type != SIL_SIM_TRUTH &&
           !(letter == 'o' && type == SIL_SIM_TEXT);
}

static sil_status parse_call(struct compiler *c, const struct function *function,
                             enum sil_sim_type *type)
{
    sil_status status = SIL_OK;
    enum sil_sim_type any = SIL_SIM_NUMBER;
    bool any_known = false;
    int n_arguments = (int)strlen(function->types) - 1;
    SIL_TRY(sil_sim_advance(&c->lexer));
    for (int i = 0; i < n_arguments; i++) {
        enum sil_sim_type argument = SIL_SIM_NUMBER;
        SIL_TRY(expect(c, i == 0 ? "(" : ","));
        SIL_TRY(parse(c, 0, &argument));
        if (!fits(function->types[i], argument, &any, &any_known)) {
            return sil_sim_refuse(&c->lexer,
                                  "the argument before this place has the wrong type");
        }
    }
    SIL_TRY(expect(c, ")"));
    SIL_TRY(emit(c, function->code, 0, n_arguments));
    *type = function->types[n_arguments] == 'n' ? SIL_SIM_NUMBER : any;

cleanup:
    return status;
}

static sil_status parse_constant(struct compiler *c, enum sil_sim_type *type)
{
    sil_status status = SIL_OK;
    *type = c->lexer.token.kind == SIL_SIM_TOKEN_DATE ? SIL_SIM_DATE : SIL_SIM_NUMBER;
    SIL_TRY(emit(c, SIL_SIM_OP_CONSTANT, c->lexer.token.value, 0));
    status = sil_sim_advance(&c->lexer);

cleanup:
    return status;
}

static sil_status parse_prefix(struct compiler *c, enum sil_sim_code code,
                               int precedence, enum sil_sim_type *type)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_sim_advance(&c->lexer));
    SIL_TRY(parse(c, precedence, type));
    if (*type != (code == SIL_SIM_OP_NOT ? SIL_SIM_TRUTH : SIL_SIM_NUMBER)) {
        return sil_sim_refuse(&c->lexer,
                              "what stands before this place has the wrong type");
    }
    status = emit(c, code, 0, 1);

cleanup:
    return status;
}

enum {
    BIND_OR = 1,
    BIND_AND,
    BIND_NOT,
    BIND_COMPARE,
    BIND_SUM,
    BIND_PRODUCT,
    BIND_MINUS
};

static sil_status parse_primary(struct compiler *c, enum sil_sim_type *type)
{
    sil_status status = SIL_OK;
    const struct function *function = find_function(c);
    if (function != NULL) {
        return parse_call(c, function, type);
    }
    if (sil_sim_is_word(&c->lexer.token, "not")) {
        return parse_prefix(c, SIL_SIM_OP_NOT, BIND_NOT, type);
    }
    if (sil_sim_is_word(&c->lexer.token, "-")) {
        return parse_prefix(c, SIL_SIM_OP_NEGATE, BIND_MINUS, type);
    }
    if (sil_sim_is_word(&c->lexer.token, "(")) {
        SIL_TRY(sil_sim_advance(&c->lexer));
        SIL_TRY(parse(c, 0, type));
        return expect(c, ")");
    }
    switch (c->lexer.token.kind) {
    case SIL_SIM_TOKEN_NUMBER:
    case SIL_SIM_TOKEN_DATE: return parse_constant(c, type);
    case SIL_SIM_TOKEN_TEXT: return parse_text(c, type);
    case SIL_SIM_TOKEN_NAME: return parse_name(c, type);
    case SIL_SIM_TOKEN_END:
        return sil_sim_refuse(&c->lexer, "the expression ends too early");
    case SIL_SIM_TOKEN_SIGN: break;
    }
    status = sil_sim_refuse(&c->lexer, "a value is expected here");

cleanup:
    return status;
}

static const struct binary {
    const char *sign;
    int precedence;
    enum sil_sim_code code;
} BINARIES[] = {
    {"or",  BIND_OR,      SIL_SIM_OP_OR           },
    {"and", BIND_AND,     SIL_SIM_OP_AND          },
    {"=",   BIND_COMPARE, SIL_SIM_OP_EQUAL        },
    {"!=",  BIND_COMPARE, SIL_SIM_OP_UNEQUAL      },
    {"<",   BIND_COMPARE, SIL_SIM_OP_LESS         },
    {"<=",  BIND_COMPARE, SIL_SIM_OP_LESS_EQUAL   },
    {">",   BIND_COMPARE, SIL_SIM_OP_GREATER      },
    {">=",  BIND_COMPARE, SIL_SIM_OP_GREATER_EQUAL},
    {"+",   BIND_SUM,     SIL_SIM_OP_ADD          },
    {"-",   BIND_SUM,     SIL_SIM_OP_SUBTRACT     },
    {"*",   BIND_PRODUCT, SIL_SIM_OP_MULTIPLY     },
    {"/",   BIND_PRODUCT, SIL_SIM_OP_DIVIDE       },
};

static const struct binary *find_binary(const struct sil_sim_token *token)
{
    for (size_t i = 0; i < sizeof BINARIES / sizeof BINARIES[0]; i++) {
        if (sil_sim_is_word(token, BINARIES[i].sign)) {
            return &BINARIES[i];
        }
    }
    return NULL;
}

/* The type of `left binary right` into *left; false when it has none. */
static bool combine(const struct binary *binary, enum sil_sim_type *left,
                    enum sil_sim_type right)
{
    enum sil_sim_type type = *left;
    if (binary->precedence <= BIND_AND) {
        return type == SIL_SIM_TRUTH && right == SIL_SIM_TRUTH;
    }
    if (binary->precedence == BIND_COMPARE) {
        bool is_order =
            binary->code != SIL_SIM_OP_EQUAL && binary->code != SIL_SIM_OP_UNEQUAL;
        *left = SIL_SIM_TRUTH;
        return type == right && type != SIL_SIM_TRUTH &&
               !(is_order && type == SIL_SIM_TEXT);
    }
    if (binary->precedence == BIND_SUM && type == SIL_SIM_DATE) {
        *left = right == SIL_SIM_DATE ? SIL_SIM_NUMBER : SIL_SIM_DATE;
        return right == SIL_SIM_NUMBER ||
               (right == SIL_SIM_DATE && binary->code == SIL_SIM_OP_SUBTRACT);
    }
    return type == SIL_SIM_NUMBER && right == SIL_SIM_NUMBER;
}

/* Precedence climbing: a value, then every operator that binds tighter than
 * `precedence`. The recursion is bounded by DEPTH_MAX. */
static sil_status parse(struct compiler *c, int precedence, enum sil_sim_type *type)
{
    sil_status status = SIL_OK;
    if (++c->depth > DEPTH_MAX) {
        return sil_sim_refuse(&c->lexer, "nested too deeply");
    }
    SIL_TRY(parse_primary(c, type));
    for (const struct binary *binary = find_binary(&c->lexer.token);
         binary != NULL && binary->precedence > precedence;
         binary = find_binary(&c->lexer.token)) {
        enum sil_sim_type right = SIL_SIM_NUMBER;
        struct sil_sim_token sign = c->lexer.token;
        SIL_TRY(sil_sim_advance(&c->lexer));
        SIL_TRY(parse(c, binary->precedence, &right));
        if (!combine(binary, type, right)) {
            c->lexer.token = sign;
            return sil_sim_refuse(&c->lexer,
                                  "the two sides of this operator do not go together");
        }
        SIL_TRY(emit(c, binary->code, 0, 2));
    }
    c->depth--;

cleanup:
    return status;
}

sil_status sil_sim_compile(struct sil_sim_program *out, const char *text,
                           const char *place, const struct sil_sim_scope *scope,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct compiler c = {
        .lexer = {.text = text, .place = place, .at = text, .err = err},
        .scope = scope
    };
    enum sil_sim_type type = SIL_SIM_NUMBER;
    *out = (struct sil_sim_program){0};

    SIL_TRY(sil_sim_advance(&c.lexer));
    SIL_TRY(parse(&c, 0, &type));
    if (c.lexer.token.kind != SIL_SIM_TOKEN_END) {
        status = sil_sim_refuse(&c.lexer, "an operator is expected here");
        goto cleanup;
    }
    *out = (struct sil_sim_program){.op = c.op, .n = c.n, .type = type};
    c.op = NULL;

cleanup:
    free(c.op);
    return status;
}

void sil_sim_program_clear(struct sil_sim_program *program)
{
    free(program->op);
    *program = (struct sil_sim_program){0};
}
