// SPDX-License-Identifier: Apache-2.0
#include "synth/simulate_expr_internal.h"
#include "synth/simulate_fixed.h"

#include <stdlib.h>

static int64_t date_part(int64_t date, enum sil_sim_code code)
{
    int32_t days = sil_days_of_micro(date);
    int year = 0;
    int month = 0;
    if (code == SIL_SIM_OP_WEEKDAY) {
        /* 1970-01-01 was a Thursday; Monday is 1. */
        return (((days + 3) % 7 + 7) % 7 + 1) * SIL_MICRO;
    }
    sil_month_of_days(days, &year, &month);
    return (code == SIL_SIM_OP_YEAR ? year : month) * SIL_MICRO;
}

static int64_t apply_one(enum sil_sim_code code, int64_t a)
{
    switch ((int)code) {
    case SIL_SIM_OP_NEGATE: return -a;
    case SIL_SIM_OP_NOT: return a == 0;
    case SIL_SIM_OP_ABS: return a < 0 ? -a : a;
    case SIL_SIM_OP_FLOOR: return sil_micro_floor(a, SIL_MICRO);
    case SIL_SIM_OP_ROUND: return sil_micro_round(a, SIL_MICRO);
    default: return date_part(a, code);
    }
}

static int64_t apply_two(enum sil_sim_code code, int64_t a, int64_t b)
{
    switch ((int)code) {
    case SIL_SIM_OP_ADD: return sil_micro_add(a, b);
    case SIL_SIM_OP_SUBTRACT: return sil_micro_add(a, -b);
    case SIL_SIM_OP_MULTIPLY: return sil_micro_mul(a, b);
    case SIL_SIM_OP_DIVIDE: return sil_micro_div(a, b);
    case SIL_SIM_OP_EQUAL: return a == b;
    case SIL_SIM_OP_UNEQUAL: return a != b;
    case SIL_SIM_OP_LESS: return a < b;
    case SIL_SIM_OP_LESS_EQUAL: return a <= b;
    case SIL_SIM_OP_GREATER: return a > b;
    case SIL_SIM_OP_GREATER_EQUAL: return a >= b;
    case SIL_SIM_OP_AND: return a & b;
    case SIL_SIM_OP_OR: return a | b;
    case SIL_SIM_OP_MIN: return a < b ? a : b;
    default: return a > b ? a : b;
    }
}

static int arity(enum sil_sim_code code)
{
    switch ((int)code) {
    case SIL_SIM_OP_CONSTANT:
    case SIL_SIM_OP_LOAD: return 0;
    case SIL_SIM_OP_NEGATE:
    case SIL_SIM_OP_NOT:
    case SIL_SIM_OP_ABS:
    case SIL_SIM_OP_FLOOR:
    case SIL_SIM_OP_ROUND:
    case SIL_SIM_OP_YEAR:
    case SIL_SIM_OP_MONTH:
    case SIL_SIM_OP_WEEKDAY: return 1;
    case SIL_SIM_OP_IF: return 3;
    default: return 2;
    }
}

int64_t sil_sim_eval(const struct sil_sim_program *program, const int64_t *slots)
{
    int64_t stack[SIL_SIM_STACK_MAX];
    int64_t *top = stack; /* one past the last value */
    for (size_t i = 0; i < program->n; i++) {
        const struct sil_sim_op *op = &program->op[i];
        switch (arity(op->code)) {
        case 0:
            *top++ = op->code == SIL_SIM_OP_LOAD ? slots[op->argument] : op->argument;
            break;
        case 1: top[-1] = apply_one(op->code, top[-1]); break;
        case 2:
            top--;
            top[-1] = apply_two(op->code, top[-1], top[0]);
            break;
        default:
            top -= 2;
            top[-1] = top[-1] != 0 ? top[0] : top[1];
            break;
        }
    }
    return top[-1];
}
