// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain_balance.h"

#include "base/fail.h"
#include "num/rational.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    DIGITS = 6,     /* of a decimal in a sentence */
    EXACT_MAX = 60, /* characters of a fraction that a person would still read */
    HOLDER_SIZE = 128,
    MOMENT_SIZE = 48
};

/* One side of an account: what it held, what of it is taken, what is asked of it. */
struct account {
    const char *holder; /* "the cap", "grant ..." */
    const char *asker;
    const char *unit; /* "rho" or "delta" */
    mpq_srcptr whole;
    mpq_srcptr used;
    mpq_srcptr asked;
};

/* The decimals of two numbers that differ may be the same: then the fractions
 * themselves, when they are short enough to be read. */
static sil_status say_exactly(struct sil_bytes *text, const mpq_t left,
                              const mpq_t asked, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes had = {0};
    struct sil_bytes wish = {0};

    SIL_TRY(sil_rational_print(&had, left, err));
    SIL_TRY(sil_rational_print(&wish, asked, err));
    if (had.length <= EXACT_MAX && wish.length <= EXACT_MAX) {
        SIL_TRY(sil_bytes_printf(text, err, " (exactly: %.*s and %.*s)",
                                 (int)had.length, (const char *)had.data,
                                 (int)wish.length, (const char *)wish.data));
    }

cleanup:
    sil_bytes_clear(&wish);
    sil_bytes_clear(&had);
    return status;
}

/* "the cap has rho 0.375 left of 0.5, and the grant asks for 0.5: 0.125 too much" */
static sil_status say_short(const struct account *account, const mpq_t left,
                            const mpq_t missing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes had = {0};
    struct sil_bytes wish = {0};
    struct sil_bytes text = {0};

    SIL_TRY(sil_rational_print_decimal(&had, left, DIGITS, SIL_ROUND_DOWN, err));
    SIL_TRY(
        sil_rational_print_decimal(&wish, account->asked, DIGITS, SIL_ROUND_DOWN, err));
    SIL_TRY(sil_bytes_printf(&text, err, "%s has %s %.*s left of ", account->holder,
                             account->unit, (int)had.length, (const char *)had.data));
    SIL_TRY(
        sil_rational_print_decimal(&text, account->whole, DIGITS, SIL_ROUND_DOWN, err));
    SIL_TRY(sil_bytes_printf(&text, err, ", and %s asks for %.*s: ", account->asker,
                             (int)wish.length, (const char *)wish.data));
    SIL_TRY(sil_rational_print_decimal(&text, missing, DIGITS, SIL_ROUND_UP, err));
    SIL_TRY(sil_bytes_printf(&text, err, " too much"));
    if (had.length == wish.length && memcmp(had.data, wish.data, had.length) == 0) {
        SIL_TRY(say_exactly(&text, left, account->asked, err));
    }
    status = sil_fail(err, SIL_ERR_BUDGET, "%.*s", (int)text.length,
                      (const char *)text.data);

cleanup:
    sil_bytes_clear(&text);
    sil_bytes_clear(&wish);
    sil_bytes_clear(&had);
    return status;
}

/* What is asked may be all that is left, and not a trace more. */
static sil_status check(const struct account *account, struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t left;
    mpq_t missing;
    mpq_inits(left, missing, NULL);

    mpq_sub(left, account->whole, account->used);
    if (mpq_cmp(account->asked, left) > 0) {
        mpq_sub(missing, account->asked, left);
        status = say_short(account, left, missing, err);
    }
    mpq_clears(missing, left, NULL);
    return status;
}

sil_status sil_balance_of_grant(const char **rule, const struct sil_chain *chain,
                                const struct sil_rho *rho,
                                const struct sil_delta *delta, struct sil_error *err)
{
    const struct sil_genesis *genesis = &chain->genesis.genesis;
    struct account account = {.holder = "the cap",
                              .asker = "the grant",
                              .unit = "rho",
                              .whole = genesis->cap_rho.v,
                              .used = chain->granted.v,
                              .asked = rho->v};

    if (chain->closed) {
        *rule = "B7";
        return sil_fail(err, SIL_ERR_BUDGET,
                        "the ledger is closed: nothing can be granted any more");
    }
    *rule = "B1";
    sil_status status = check(&account, err);
    if (status != SIL_OK) {
        return status;
    }
    account.unit = "delta";
    account.whole = genesis->cap_delta.v;
    account.used = chain->granted_delta.v;
    account.asked = delta->v;
    return check(&account, err);
}

static void print_moment(char text[MOMENT_SIZE], uint64_t seconds)
{
    struct tm moment;
    time_t when = (time_t)seconds;
    if (gmtime_r(&when, &moment) == NULL ||
        strftime(text, MOMENT_SIZE, "%Y-%m-%d %H:%M UTC", &moment) == 0) {
        (void)snprintf(text, MOMENT_SIZE, "second %" PRIu64, seconds);
    }
}

static sil_status check_expiry(const struct sil_chain_grant *grant, const char *name,
                               uint64_t time, struct sil_error *err)
{
    char end[MOMENT_SIZE];
    char now[MOMENT_SIZE];
    if (time <= grant->expires) {
        return SIL_OK;
    }
    print_moment(end, grant->expires);
    print_moment(now, time);
    return sil_fail(err, SIL_ERR_BUDGET, "%s expired on %s; the run would be dated %s",
                    name, end, now);
}

sil_status sil_balance_of_reserve(const char **rule, const struct sil_chain *chain,
                                  const struct sil_chain_grant *grant,
                                  const struct sil_request *request,
                                  struct sil_error *err)
{
    char id[SIL_ID_TEXT];
    char name[HOLDER_SIZE];
    sil_id_print(id, &grant->id);
    (void)snprintf(name, sizeof name, "grant %s (%.60s)", id, grant->purpose);
    struct account account = {.holder = name,
                              .asker = "the run",
                              .unit = "rho",
                              .whole = grant->rho.v,
                              .used = grant->reserved.v,
                              .asked = request->rho->v};

    if (chain->closed) {
        *rule = "B7";
        return sil_fail(err, SIL_ERR_BUDGET,
                        "the ledger is closed: nothing can be spent any more");
    }
    *rule = "B8";
    sil_status status = check_expiry(grant, name, request->time, err);
    if (status == SIL_OK) {
        *rule = "B2";
        status = check(&account, err);
    }
    if (status != SIL_OK) {
        return status;
    }
    account.unit = "delta";
    account.whole = grant->delta.v;
    account.used = grant->reserved_delta.v;
    account.asked = request->delta->v;
    return check(&account, err);
}

sil_status sil_chain_allows(const struct sil_chain *chain,
                            const struct sil_chain_grant *grant,
                            const struct sil_rho *rho, const struct sil_delta *delta,
                            uint64_t time, struct sil_error *err)
{
    const struct sil_request request = {.rho = rho, .delta = delta, .time = time};
    const char *rule;
    return sil_balance_of_reserve(&rule, chain, grant, &request, err);
}

sil_status sil_chain_allows_grant(const struct sil_chain *chain,
                                  const struct sil_rho *rho,
                                  const struct sil_delta *delta, struct sil_error *err)
{
    const char *rule;
    return sil_balance_of_grant(&rule, chain, rho, delta, err);
}
