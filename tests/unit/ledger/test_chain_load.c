// SPDX-License-Identifier: Apache-2.0
/* Loading many entries at once is applying them one by one, for good ledgers and for any
 * damage: as many entries, the same state, the same sentence. */
#include "chain_kit.h"
#include "ledger/signatures.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

enum { N_RUNS = 24, N_CORRUPTIONS = 200 };

static struct kit kit;

/* Grants, runs, releases, a new curator who signs the second half: more signatures than
 * are judged on one thread. */
static void setup(void)
{
    uint8_t curator = KIT_CURATOR;
    kit_found(&kit);
    struct sil_id grant = kit_add(&kit, kit_grant(&kit, "2/1", "0/1"));
    for (size_t i = 0; i < N_RUNS; i++) {
        if (i == N_RUNS / 2) {
            (void)kit_add(&kit, kit_keyset(&kit, &(struct kit_keys){
                                                     .role = SIL_ROLE_CURATOR,
                                                     .add = {0x34},
                                                     .revoke = {KIT_CURATOR},
                                                     .as_of = kit.chain.tree.size}));
            curator = 0x34;
        }
        struct kit_draft draft = kit_reserve(&kit, &grant, "1/24", "0/1");
        draft.curator = curator;
        struct sil_id reserve = kit_add(&kit, draft);
        draft = kit_measure(&kit, &reserve, 1);
        draft.curator = curator;
        kit_line(&draft, 0, SIL_SPENT_EXPONENTIAL, "1/1", "1/5", "1/40");
        (void)kit_add(&kit, draft);
        draft = kit_release(&kit, &reserve);
        draft.curator = curator;
        (void)kit_add(&kit, draft);
    }
    cr_assert(gt(sz, kit.n, SIL_JUDGE_PARALLEL_MIN));
}

static void teardown(void)
{
    kit_clear(&kit);
}

TestSuite(chain_load, .init = setup, .fini = teardown);

static size_t apply_each(struct sil_chain *chain, const struct sil_bytes *entry,
                         size_t n, sil_status *status, struct sil_error *err)
{
    size_t applied = 0;
    *status = SIL_OK;
    while (applied < n && *status == SIL_OK) {
        *status = sil_chain_apply(chain, entry[applied].data, entry[applied].length,
                                  NULL, err);
        applied += *status == SIL_OK;
    }
    return applied;
}

/* Both ways from the state after the first `from` entries. */
static bool agree(const struct sil_bytes *entry, size_t n, size_t from)
{
    struct sil_chain one;
    struct sil_chain all;
    struct sil_error err_one = {""};
    struct sil_error err_all = {""};
    sil_status status;
    size_t loaded;
    kit_copy(&one, &kit, from);
    kit_copy(&all, &kit, from);

    size_t applied = apply_each(&one, entry + from, n - from, &status, &err_one);
    sil_status together =
        sil_chain_load(&all, entry + from, n - from, NULL, &loaded, &err_all);

    bool same = together == status && loaded == applied &&
                strcmp(err_one.text, err_all.text) == 0 && kit_chain_equal(&one, &all);
    if (!same) {
        (void)fprintf(stderr, "one by one: %zu, %s\ntogether: %zu, %s\n", applied,
                      err_one.text, loaded, err_all.text);
    }
    sil_chain_clear(&one);
    sil_chain_clear(&all);
    return same;
}

Test(chain_load, good_entries_give_the_state_of_one_by_one)
{
    cr_expect(agree(kit.entry, kit.n, 0));
    cr_expect(agree(kit.entry, kit.n, 1));
    cr_expect(agree(kit.entry, kit.n, kit.n - 3));
    cr_expect(agree(kit.entry, kit.n, kit.n));
}

static void flip(struct sil_bytes *entry, struct test_random *random)
{
    entry->data[test_below(random, entry->length)] ^=
        (uint8_t)(1U << test_below(random, 8));
}

/* A bit, a cut, an exchange, a repetition, two bits in two entries; then it is put back. */
static bool one_corruption(struct test_random *random, void *context)
{
    (void)context;
    struct sil_bytes entry[160];
    struct sil_bytes spoilt[2] = {{0}, {0}};
    size_t at[2];
    (void)memcpy(entry, kit.entry, kit.n * sizeof *entry);
    for (size_t i = 0; i < 2; i++) {
        at[i] = (size_t)test_below(random, kit.n);
        cr_assert(eq(int,
                     sil_bytes_append(&spoilt[i], kit.entry[at[i]].data,
                                      kit.entry[at[i]].length, NULL),
                     SIL_OK));
    }

    switch (test_below(random, 4)) {
    case 0:
        flip(&spoilt[0], random);
        entry[at[0]] = spoilt[0];
        break;
    case 1:
        spoilt[0].length = (size_t)test_below(random, spoilt[0].length);
        entry[at[0]] = spoilt[0];
        break;
    case 2:
        entry[at[0]] = kit.entry[at[1]];
        entry[at[1]] = kit.entry[at[0]];
        break;
    default:
        flip(&spoilt[0], random);
        flip(&spoilt[1], random);
        entry[at[0]] = spoilt[0];
        entry[at[1]] = spoilt[1];
    }
    bool same = agree(entry, kit.n, (size_t)test_below(random, 2));
    sil_bytes_clear(&spoilt[0]);
    sil_bytes_clear(&spoilt[1]);
    return same;
}

Test(chain_load, damaged_entries_give_the_sentence_of_one_by_one)
{
    cr_assert(lt(sz, kit.n, 160));
    cr_expect(test_forall("one corruption", N_CORRUPTIONS, one_corruption, NULL));
}

/* A signature that is wrong far ahead of a rule that is broken is what gets reported, and
 * the other way round. */
Test(chain_load, reports_the_first_fault_whatever_its_kind)
{
    struct sil_bytes entry[160];
    struct sil_bytes spoilt = {0};
    (void)memcpy(entry, kit.entry, kit.n * sizeof *entry);
    cr_assert(
        eq(int, sil_bytes_append(&spoilt, kit.entry[9].data, kit.entry[9].length, NULL),
           SIL_OK));
    spoilt.data[spoilt.length - 1] ^= 0x10;
    entry[9] = spoilt;
    entry[20] = kit.entry[19];
    struct sil_chain chain;
    struct sil_error err = {""};
    size_t applied;
    sil_chain_init(&chain);

    sil_status status = sil_chain_load(&chain, entry, kit.n, NULL, &applied, &err);

    cr_expect(eq(int, status, SIL_ERR_CHECK));
    cr_expect(eq(sz, applied, 9));
    cr_expect(zero(int, strncmp(err.text, "[K1] entry 9:", 13)), "%s", err.text);
    cr_expect(eq(u64, chain.tree.size, 9));
    sil_chain_clear(&chain);
    sil_bytes_clear(&spoilt);
}

Test(chain_load, nothing_loads_nothing)
{
    struct sil_chain chain;
    size_t applied = 7;
    sil_chain_init(&chain);

    cr_expect(eq(int, sil_chain_load(&chain, NULL, 0, NULL, &applied, NULL), SIL_OK));

    cr_expect(zero(sz, applied));
    cr_expect(zero(u64, chain.tree.size));
    sil_chain_clear(&chain);
}

/* ---- more than a batch ---- */

enum { N_LONG = 700 }; /* two batches and a part of a third */

static void setup_long(void)
{
    struct sil_id reserve = {{0}};
    kit_found(&kit);
    struct sil_id grant = kit_add(&kit, kit_grant(&kit, "1/1", "0/1"));
    while (kit.n < N_LONG) {
        if (kit.n % 2 == 0) {
            reserve = kit_add(&kit, kit_reserve(&kit, &grant, "1/1000", "0/1"));
        } else {
            struct kit_draft draft = kit_measure(&kit, &reserve, 1);
            kit_line(&draft, 0, SIL_SPENT_EXPONENTIAL, "1/1", "1/200", "1/1600");
            (void)kit_add(&kit, draft);
        }
    }
}

TestSuite(chain_load_long, .init = setup_long, .fini = teardown);

Test(chain_load_long, batches_give_the_state_of_one_by_one)
{
    cr_expect(agree(kit.entry, kit.n, 0));
    cr_expect(agree(kit.entry, kit.n, 3));
}

/* In the last and the first entries of batches and far from both: what is wrong with one
 * entry is found whatever was made of those behind it meanwhile. */
Test(chain_load_long, a_fault_at_the_edge_of_a_batch_is_that_of_one_by_one)
{
    static const size_t FAULTS[] = {0, 254, 255, 256, 257, 511, 512, N_LONG - 1};
    struct sil_bytes entry[N_LONG];
    (void)memcpy(entry, kit.entry, sizeof entry);

    for (size_t k = 0; k < sizeof FAULTS / sizeof FAULTS[0]; k++) {
        const size_t i = FAULTS[k];
        struct sil_bytes whole = entry[i];

        entry[i].length--; /* cannot be taken apart */
        cr_expect(agree(entry, N_LONG, 0), "entry %zu cut", i);
        entry[i] = whole;

        entry[i].data[whole.length - 1] ^= 1; /* its signature */
        cr_expect(agree(entry, N_LONG, 0), "entry %zu spoilt", i);
        entry[i].data[whole.length - 1] ^= 1;
    }
}

/* ---- judging ---- */

static sil_status judge_odd(void *context, size_t i)
{
    ((size_t *)context)[i]++;
    return i % 2 == 0 ? SIL_OK : SIL_ERR_CHECK;
}

Test(signatures, each_is_judged_once_and_in_its_place)
{
    static const size_t SIZES[] = {0, 1, SIL_JUDGE_PARALLEL_MIN - 1,
                                   SIL_JUDGE_PARALLEL_MIN, 1001};
    for (size_t k = 0; k < sizeof SIZES / sizeof SIZES[0]; k++) {
        sil_status verdict[1001];
        size_t times[1001] = {0};

        sil_judge_all(verdict, SIZES[k], judge_odd, times);

        for (size_t i = 0; i < SIZES[k]; i++) {
            cr_assert(eq(sz, times[i], 1));
            cr_assert(eq(int, verdict[i], i % 2 == 0 ? SIL_OK : SIL_ERR_CHECK));
        }
    }
}

static void count_up(void *context)
{
    ++*(size_t *)context;
}

Test(signatures, work_beside_is_done_once_and_changes_no_verdict)
{
    static const size_t SIZES[] = {0, SIL_JUDGE_PARALLEL_MIN - 1,
                                   SIL_JUDGE_PARALLEL_MIN, 1001};
    for (size_t k = 0; k < sizeof SIZES / sizeof SIZES[0]; k++) {
        sil_status verdict[1001];
        size_t times[1001] = {0};
        size_t work = 0;

        sil_judge_beside(verdict, SIZES[k], judge_odd, times, count_up, &work);

        cr_assert(eq(sz, work, 1));
        for (size_t i = 0; i < SIZES[k]; i++) {
            cr_assert(eq(sz, times[i], 1));
            cr_assert(eq(int, verdict[i], i % 2 == 0 ? SIL_OK : SIL_ERR_CHECK));
        }
    }
}
