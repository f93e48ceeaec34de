// SPDX-License-Identifier: Apache-2.0
#include "privacy/cost.h"
#include "privacy/token_internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <sys/wait.h>
#include <unistd.h>

static sil_status new_token(struct sil_token **out, long cap,
                            enum sil_neighbours neighbours, uint32_t rows)
{
    struct sil_rho rho;
    sil_rho_init(&rho);
    mpq_set_si(rho.v, cap, 1);
    sil_status status = sil_token_new(out, &rho, neighbours, rows, true, NULL);
    sil_rho_clear(&rho);
    return status;
}

Test(token, carries_its_cap_relation_and_mark)
{
    struct sil_token *token;

    cr_assert(eq(int, new_token(&token, 3, SIL_REPLACE_ONE, 7), SIL_OK));

    cr_expect(zero(int, mpq_cmp_ui(token->cap.v, 3, 1)));
    cr_expect(eq(int, token->neighbours, SIL_REPLACE_ONE));
    cr_expect(eq(u32, token->rows_per_unit, 7));
    cr_expect(token->is_ledgered);
    cr_expect(not(token->is_used));
    cr_expect(sil_token_is_ours(token));
    sil_token_free(token);
}

Test(token, is_refused_with_a_negative_cap_or_an_impossible_number_of_rows)
{
    struct sil_token *token;

    cr_expect(eq(int, new_token(&token, -1, SIL_ADD_REMOVE, 1), SIL_ERR_USAGE));
    cr_expect(zero(ptr, token));
    cr_expect(eq(int, new_token(&token, 1, SIL_ADD_REMOVE, 0), SIL_ERR_USAGE));
    cr_expect(eq(int, new_token(&token, 1, SIL_ADD_REMOVE, SIL_MAX_ROWS_PER_UNIT + 1),
                 SIL_ERR_USAGE));
    cr_expect(eq(int, new_token(&token, 1, (enum sil_neighbours)7, 1), SIL_ERR_USAGE));
}

Test(token, belongs_to_no_forked_child)
{
    struct sil_token *token;
    cr_assert(eq(int, new_token(&token, 1, SIL_ADD_REMOVE, 1), SIL_OK));

    pid_t child = fork();
    if (child == 0) {
        int seen = sil_token_is_ours(token) ? 1 : 0;
        sil_token_free(token);
        _exit(seen);
    }
    int result = -1;
    cr_assert(eq(int, waitpid(child, &result, 0), child));

    cr_assert(zero(int, result), "the child owned it");
    cr_expect(sil_token_is_ours(token), "the parent still owns it");
    sil_token_free(token);
}

Test(token, may_be_freed_when_it_never_was)
{
    sil_token_free(NULL);
}
