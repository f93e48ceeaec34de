// SPDX-License-Identifier: Apache-2.0
#include "ledger/unledgered.h"
#include "privacy/gate.h"
#include "privacy/token_internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct sil_token *half_a_rho(enum sil_neighbours neighbours)
{
    struct sil_token *token;
    struct sil_rho cap;
    sil_rho_init(&cap);
    mpq_set_ui(cap.v, 1, 2);
    cr_assert(
        eq(int, sil_token_unledgered(&token, &cap, NULL, neighbours, 1, NULL), SIL_OK));
    sil_rho_clear(&cap);
    return token;
}

Test(unledgered, token_says_that_no_ledger_stands_behind_it)
{
    struct sil_token *token = half_a_rho(SIL_REPLACE_ONE);

    cr_expect(not(token->is_ledgered));
    cr_expect(eq(int, token->neighbours, SIL_REPLACE_ONE));
    cr_expect(eq(u32, token->rows_per_unit, 1));
    cr_expect(zero(int, mpq_cmp_ui(token->cap.v, 1, 2)));
    sil_token_free(token);
}

Test(unledgered, mark_reaches_the_gate)
{
    struct sil_gate *gate;
    struct sil_rng *rng;
    cr_assert(eq(int, sil_rng_new(&rng, NULL), SIL_OK));

    cr_assert(
        eq(int, sil_gate_open(&gate, half_a_rho(SIL_ADD_REMOVE), rng, NULL), SIL_OK));

    cr_expect(not(sil_gate_is_ledgered(gate)));
    sil_gate_close(gate);
}
