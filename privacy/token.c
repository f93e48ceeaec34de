// SPDX-License-Identifier: Apache-2.0
#include "privacy/token.h"

#include "base/fail.h"
#include "privacy/cost.h"
#include "privacy/token_internal.h"

#include <sodium.h>

#include <sys/mman.h>
#include <unistd.h>

/* A token lives in a page of its own that the kernel zeroes in a forked child, where it
 * exists (Linux 4.14): the owner then reads 0, which is no process, even if the child
 * has its parent's number in another namespace. Elsewhere the owner's number alone
 * decides. */
static struct sil_token *new_page(void)
{
    void *page = mmap(NULL, sizeof(struct sil_token), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return NULL;
    }
#ifdef MADV_WIPEONFORK
    (void)madvise(page, sizeof(struct sil_token), MADV_WIPEONFORK);
#endif
    return page;
}

sil_status sil_token_new(struct sil_token **out, const struct sil_rho *cap,
                         enum sil_neighbours neighbours, uint32_t rows_per_unit,
                         bool is_ledgered, struct sil_error *err)
{
    *out = NULL;
    if (mpq_sgn(cap->v) < 0) {
        return sil_fail(err, SIL_ERR_USAGE, "a privacy budget cannot be negative");
    }
    if (rows_per_unit < 1 || rows_per_unit > SIL_MAX_ROWS_PER_UNIT) {
        return sil_fail(err, SIL_ERR_USAGE, "rows per person must be 1 to %u",
                        SIL_MAX_ROWS_PER_UNIT);
    }
    if (neighbours != SIL_ADD_REMOVE && neighbours != SIL_REPLACE_ONE) {
        return sil_fail(err, SIL_ERR_USAGE, "unknown neighbouring relation");
    }
    struct sil_token *token = new_page();
    if (token == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a token");
    }
    sil_rho_init(&token->cap);
    sil_delta_init(&token->cap_delta);
    mpq_set(token->cap.v, cap->v);
    token->neighbours = neighbours;
    token->rows_per_unit = rows_per_unit;
    token->is_ledgered = is_ledgered;
    token->owner = getpid();
    *out = token;
    return SIL_OK;
}

void sil_token_allow_discovery(struct sil_token *token, const struct sil_delta *delta)
{
    SIL_REQUIRE(!token->is_used && mpq_sgn(delta->v) >= 0);
    mpq_set(token->cap_delta.v, delta->v);
}

bool sil_token_is_ours(const struct sil_token *token)
{
    return token->owner == getpid();
}

void sil_token_free(struct sil_token *token)
{
    if (token == NULL) {
        return;
    }
    /* In a forked child the page may be zero, and the number in it none. */
    if (sil_token_is_ours(token)) {
        sil_rho_clear(&token->cap);
        sil_delta_clear(&token->cap_delta);
    }
    sodium_memzero(token, sizeof *token);
    (void)munmap(token, sizeof *token);
}
