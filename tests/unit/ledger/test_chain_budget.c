// SPDX-License-Identifier: Apache-2.0
/* The balance against counts in whole numbers that share nothing with it. */
#include "chain_kit.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

static bool starts_with(const struct sil_error *err, const char *id)
{
    return strncmp(err->text, id, strlen(id)) == 0;
}

/* `n` units of 1/unit, as text. */
static const char *units(char text[48], int64_t n, int64_t unit)
{
    (void)snprintf(text, 48, "%lld/%lld", (long long)n, (long long)unit);
    return text;
}

/* ---- every small case ---- */

enum { EIGHTHS = 8, CAP_EIGHTHS = 16 };

static bool grant_fits(struct kit *kit, int64_t n)
{
    char text[48];
    return kit_apply(kit, kit_grant(kit, units(text, n, EIGHTHS), "0/1"), NULL) ==
           SIL_OK;
}

static bool reserve_fits(struct kit *kit, const struct sil_id *grant, int64_t n)
{
    char text[48];
    return kit_apply(kit, kit_reserve(kit, grant, units(text, n, EIGHTHS), "0/1"),
                     NULL) == SIL_OK;
}

/* A grant of a, one of b, a reserve of r under the first, then one of what is left or one
 * more: fits exactly when whole numbers say so. */
static void small_case(int64_t a, int64_t b, int64_t r)
{
    struct kit kit;
    char text[48];
    kit_found(&kit);
    struct sil_id grant =
        kit_add(&kit, kit_grant(&kit, units(text, a, EIGHTHS), "0/1"));

    cr_expect(eq(int, grant_fits(&kit, b), a + b <= CAP_EIGHTHS), "%d + %d", (int)a,
              (int)b);
    const bool fits = reserve_fits(&kit, &grant, r);
    cr_expect(eq(int, fits, r <= a), "%d of %d", (int)r, (int)a);
    const int64_t left = fits ? a - r : a;
    cr_expect(not(reserve_fits(&kit, &grant, left + 1)), "%d of %d", (int)left + 1,
              (int)left);
    cr_expect(reserve_fits(&kit, &grant, left), "%d of %d", (int)left, (int)left);
    kit_clear(&kit);
}

Test(chain_budget, every_small_case_is_what_whole_numbers_say)
{
    static const int64_t SIZES[] = {0, 1, 2, 7, 8, 9, 15, 16};
    const size_t n = sizeof SIZES / sizeof SIZES[0];
    for (size_t i = 0; i < n * n * n; i++) {
        small_case(SIZES[i / n / n], SIZES[i / n % n], SIZES[i % n]);
    }
}

/* ---- random ledgers ---- */

/* Rho in units of 1/840 (so that sums reduce), delta in units of 1/10^9. */
enum {
    UNIT = 840,
    DELTA_UNIT = 1000000000,
    CAP = 2 * UNIT,
    CAP_DELTA = 1000,
    OPS = 40
};

struct account {
    struct sil_id id;
    int64_t rho, delta;           /* granted, or reserved */
    int64_t rho_used, delta_used; /* of it */
    uint64_t expires;
};

/* The ledger as the test counts it. */
struct books {
    struct kit kit;
    struct account grant[OPS];
    struct account reserve[OPS];
    size_t n_grants, n_reserves;
    bool closed;
    uint64_t time;
};

static int64_t total(const struct account *account, size_t n, bool of_delta)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += of_delta ? account[i].delta : account[i].rho;
    }
    return sum;
}

static bool is_units(const mpq_t value, int64_t n, int64_t unit)
{
    mpq_t wanted;
    char text[48];
    mpq_init(wanted);
    kit_rational(wanted, units(text, n, unit));
    bool same = mpq_equal(value, wanted) != 0;
    mpq_clear(wanted);
    return same;
}

static bool balances_agree(const struct books *books)
{
    const struct sil_chain *chain = &books->kit.chain;
    const int64_t granted = total(books->grant, books->n_grants, false);
    const int64_t reserved = total(books->reserve, books->n_reserves, false);
    const int64_t granted_delta = total(books->grant, books->n_grants, true);
    const int64_t reserved_delta = total(books->reserve, books->n_reserves, true);
    bool agree = is_units(chain->granted.v, granted, UNIT) &&
                 is_units(chain->reserved.v, reserved, UNIT) &&
                 is_units(chain->granted_delta.v, granted_delta, DELTA_UNIT) &&
                 is_units(chain->reserved_delta.v, reserved_delta, DELTA_UNIT) &&
                 reserved <= granted && granted <= CAP &&
                 reserved_delta <= granted_delta && granted_delta <= CAP_DELTA;
    for (size_t i = 0; i < books->n_grants && agree; i++) {
        agree = is_units(chain->grant[i].reserved.v, books->grant[i].rho_used, UNIT) &&
                is_units(chain->grant[i].reserved_delta.v, books->grant[i].delta_used,
                         DELTA_UNIT);
    }
    for (size_t i = 0; i < books->n_reserves && agree; i++) {
        agree =
            is_units(chain->reserve[i].measured.v, books->reserve[i].rho_used, UNIT);
    }
    return agree;
}

/* Apply; true when it went as foreseen: NULL, or the id of the rule. */
static bool goes(struct books *books, struct kit_draft draft, const char *foreseen)
{
    struct sil_error err = {""};
    draft.head.time = books->time;
    sil_status status = kit_apply(&books->kit, draft, &err);
    bool is_right = foreseen == NULL
                        ? status == SIL_OK
                        : status == SIL_ERR_CHECK && starts_with(&err, foreseen);
    if (!is_right) {
        (void)fprintf(stderr, "entry %zu: foreseen %s, found %s\n", books->kit.n,
                      foreseen == NULL ? "good" : foreseen, err.text);
    }
    return is_right;
}

/* Often exactly what is left, or one unit more. */
static int64_t amount(struct test_random *random, int64_t left)
{
    switch (test_below(random, 6)) {
    case 0: return left;
    case 1: return left + 1;
    case 2: return 0;
    default: return (int64_t)test_below(random, (uint64_t)left + 2);
    }
}

static bool try_grant(struct books *books, struct test_random *random)
{
    char rho[48];
    char delta[48];
    const int64_t left = CAP - total(books->grant, books->n_grants, false);
    const int64_t left_delta = CAP_DELTA - total(books->grant, books->n_grants, true);
    struct account *account = &books->grant[books->n_grants];
    *account =
        (struct account){.rho = amount(random, left / 2),
                         .delta = amount(random, left_delta / 2),
                         .expires = books->time + KIT_HOUR * test_below(random, 40)};
    struct kit_draft draft = kit_grant(&books->kit, units(rho, account->rho, UNIT),
                                       units(delta, account->delta, DELTA_UNIT));
    draft.body.grant.expires = account->expires;
    account->id = draft.body.id;

    const bool fits = account->rho <= left && account->delta <= left_delta;
    const char *foreseen = books->closed ? "[B7]" : fits ? NULL : "[B1]";
    books->n_grants += foreseen == NULL;
    return goes(books, draft, foreseen);
}

static bool try_reserve(struct books *books, struct test_random *random)
{
    char rho[48];
    char delta[48];
    struct account *grant =
        &books->grant[test_below(random, books->n_grants > 0 ? books->n_grants : 1)];
    struct account *account = &books->reserve[books->n_reserves];
    const int64_t left = grant->rho - grant->rho_used;
    const int64_t left_delta = grant->delta - grant->delta_used;
    *account = (struct account){.rho = amount(random, left),
                                .delta = amount(random, left_delta)};
    const struct sil_id nowhere = kit_id(0xee);
    struct kit_draft draft = kit_reserve(
        &books->kit, books->n_grants > 0 ? &grant->id : &nowhere,
        units(rho, account->rho, UNIT), units(delta, account->delta, DELTA_UNIT));
    account->id = draft.body.id;

    const char *foreseen = NULL;
    if (books->closed) {
        foreseen = "[B7]";
    } else if (books->n_grants > 0 && books->time > grant->expires) {
        foreseen = "[B8]";
    } else if (books->n_grants == 0 || account->rho > left ||
               account->delta > left_delta) {
        foreseen = "[B2]";
    }
    if (foreseen == NULL) {
        grant->rho_used += account->rho;
        grant->delta_used += account->delta;
        books->n_reserves++;
    }
    return goes(books, draft, foreseen);
}

/* One line of n/840: epsilon^2 = 8 n/840. */
static bool try_measure(struct books *books, struct test_random *random)
{
    char rho[48];
    char squared[48];
    if (books->n_reserves == 0) {
        return true;
    }
    struct account *reserve = &books->reserve[test_below(random, books->n_reserves)];
    const int64_t left = reserve->rho - reserve->rho_used;
    const int64_t spent = amount(random, left) + (left == 0);
    struct kit_draft draft = kit_measure(&books->kit, &reserve->id, spent > 0);
    if (spent > 0) {
        kit_line(&draft, 0, SIL_SPENT_EXPONENTIAL, "1/1",
                 units(squared, 8 * spent, UNIT), units(rho, spent, UNIT));
    }
    const char *foreseen = spent > left ? "[B5]" : NULL;
    reserve->rho_used += foreseen == NULL ? spent : 0;
    return goes(books, draft, foreseen);
}

static bool one_step(struct books *books, struct test_random *random)
{
    books->time += KIT_HOUR * test_below(random, 3);
    switch (test_below(random, 16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: return try_grant(books, random);
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
    case 10: return try_reserve(books, random);
    case 11:
        if (test_below(random, 4) == 0 && !books->closed) {
            books->closed = true;
            return goes(books, kit_draft(&books->kit, SIL_ENTRY_CLOSE), NULL);
        }
        return true;
    default: return try_measure(books, random);
    }
}

static bool random_ledger(struct test_random *random, void *context)
{
    (void)context;
    struct books books = {.time = KIT_START};
    struct kit_draft genesis = kit_genesis();
    bool holds = true;
    kit_rational(genesis.body.genesis.cap_delta.v, "1/1000000");
    kit_init(&books.kit);
    (void)kit_add(&books.kit, genesis);

    for (size_t i = 0; i < OPS && holds; i++) {
        holds = one_step(&books, random) && balances_agree(&books);
    }
    kit_clear(&books.kit);
    return holds;
}

Test(chain_budget, random_ledgers_agree_with_a_count_in_whole_numbers)
{
    cr_expect(test_forall("a random ledger", 60, random_ledger, NULL));
}

/* ---- awkward fractions ---- */

static void exact_end(const char *debit, const char *whole, const char *dust, size_t n)
{
    struct kit kit;
    struct sil_error err = {""};
    struct kit_draft genesis = kit_genesis();
    kit_rational(genesis.body.genesis.cap_rho.v, whole);
    kit_init(&kit);
    (void)kit_add(&kit, genesis);
    struct sil_id grant = kit_add(&kit, kit_grant(&kit, whole, "0/1"));

    for (size_t i = 0; i < n; i++) {
        (void)kit_add(&kit, kit_reserve(&kit, &grant, debit, "0/1"));
    }

    cr_expect(ne(int, mpq_equal(kit.chain.reserved.v, kit.chain.granted.v), 0));
    cr_expect(eq(int, kit_apply(&kit, kit_reserve(&kit, &grant, dust, "0/1"), &err),
                 SIL_ERR_CHECK));
    cr_expect(starts_with(&err, "[B2]"), "%s", err.text);
    cr_expect(
        eq(int, kit_apply(&kit, kit_grant(&kit, dust, "0/1"), &err), SIL_ERR_CHECK));
    cr_expect(starts_with(&err, "[B1]"), "%s", err.text);
    kit_clear(&kit);
}

#define DUST  "1/1000000000000000000000000000000"
#define THIRD "1000000000000000000000000000003/3000000000000000000000000000000"

/* n debits of 1/3 and a 10^-30 are the cap to the last digit, where a sum in floating
 * point would be off by more than the dust. 100,000 of them with SIL_TEST_MULTIPLIER=100. */
Test(chain_budget, a_third_and_dust_add_up_exactly)
{
    const size_t n = test_cases(1000);
    mpq_t whole;
    mpq_t count;
    mpq_inits(whole, count, NULL);
    kit_rational(whole, THIRD);
    mpq_set_ui(count, n, 1);
    mpq_mul(whole, whole, count);
    char *text = mpq_get_str(NULL, 10, whole);

    exact_end(THIRD, text, DUST, n);

    void (*release)(void *, size_t);
    mp_get_memory_functions(NULL, NULL, &release);
    release(text, strlen(text) + 1);
    mpq_clears(whole, count, NULL);
}

/* Dust is a debit like any other, and 1/2 + dust does not fit in 1/2. */
Test(chain_budget, dust_counts)
{
    exact_end(DUST, "7/1000000000000000000000000000000", DUST, 7);
    exact_end("1/2", "1/2", DUST, 1);
}
