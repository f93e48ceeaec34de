// SPDX-License-Identifier: Apache-2.0
/* What is said of rows that do not depend on who was a member: nothing, but for false alarms
 * at the stated level. And of those that do. */
#include "audits/attack/bins.h"
#include "audits/attack/steps.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

enum {
    TRIES = 150,
    FRONT = 60,
    BULK = 180,
    COLUMNS = 2,
    ROWS_MAX = 2 * (FRONT + BULK)
};

/* Tables of two columns of numbers. */
struct made {
    struct aud_attack attack;
    struct aud_column column[COLUMNS];
    uint16_t *list[AUD_WHICH][COLUMNS];
    uint64_t exact[AUD_WHICH][ROWS_MAX];
};

static void begin(struct made *made, uint64_t seed)
{
    *made = (struct made){
        .attack = {.seed = seed, .threads = 1}
    };
    struct aud_tables *tables = &made->attack.tables;
    tables->column = made->column;
    tables->n_columns = COLUMNS;
    for (size_t i = 0; i < COLUMNS; i++) {
        made->attack.columns[i] = (uint32_t)i;
        made->column[i] = (struct aud_column){.is_ordered = true, .n_codes = AUD_CODES};
        for (int t = 0; t < AUD_WHICH; t++) {
            made->list[t][i] = calloc(ROWS_MAX, sizeof(uint16_t));
        }
    }
    for (int t = 0; t < AUD_WHICH; t++) {
        tables->rows[t].code = made->list[t];
        tables->rows[t].exact = made->exact[t];
    }
}

static void end(struct made *made)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        for (int t = 0; t < AUD_WHICH; t++) {
            free(made->list[t][i]);
        }
    }
}

static void add(struct made *made, int which, uint32_t a, uint32_t b)
{
    struct aud_rows *rows = &made->attack.tables.rows[which];
    rows->code[0][rows->n] = (uint16_t)a;
    rows->code[1][rows->n] = (uint16_t)b;
    rows->exact[rows->n] = (uint64_t)a << 32 | b;
    rows->n++;
}

/* Each to train or holdout by a coin, and `is_told` members, or else everybody, to the
 * synthetic rows: on the front nobody is above another in both columns. */
static void deal(struct made *made, struct test_random *random, bool is_told)
{
    for (uint32_t i = 0; i < FRONT + BULK; i++) {
        bool is_front = i < FRONT;
        uint32_t a = is_front ? 100 + i : (uint32_t)(test_word(random) % 100);
        uint32_t b = is_front ? 100 + FRONT - i : (uint32_t)(test_word(random) % 100);
        int which = test_word(random) >> 63 ? AUD_TRAIN : AUD_HOLDOUT;
        add(made, which, a, b);
        if (is_told ? which == AUD_TRAIN : is_front) {
            add(made, AUD_SYNTHETIC, a, b);
        } else if (!is_told) {
            add(made, AUD_SYNTHETIC, (uint32_t)(test_word(random) % 100),
                (uint32_t)(test_word(random) % 100));
        }
    }
}

static void run(struct made *made,
                sil_status (*step)(struct aud_attack *, struct sil_error *))
{
    struct sil_error err = {""};
    struct aud_attack *attack = &made->attack;
    attack->n_members = attack->tables.rows[AUD_TRAIN].n;
    attack->n_pool = attack->n_members + attack->tables.rows[AUD_HOLDOUT].n;
    sil_status status = step(attack, &err);
    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
}

/* One record above all others fits every predicate: it hides everybody of its own side, but
 * its side is one coin and not many. Level 0.01 a try; more than the limit happens once in a
 * million runs of other seeds. */
Test(audit_attack_null, predicates_are_no_evidence_where_rows_are_independent)
{
    for (uint32_t outliers = 0; outliers < 3; outliers++) {
        uint64_t accused = 0;
        for (uint64_t seed = 0; seed < TRIES; seed++) {
            struct made made;
            struct test_random random = {1000 * outliers + seed};
            begin(&made, seed);
            deal(&made, &random, false);
            for (uint32_t i = 0; i < outliers; i++) {
                int which = test_word(&random) >> 63 ? AUD_TRAIN : AUD_HOLDOUT;
                add(&made, which, 1000 + i, 1000 + i);
            }
            run(&made, aud_step_singling);
            accused += made.attack.result[0].p <= AUD_ACCUSES;
            end(&made);
        }
        cr_expect(gt(dbl, aud_binomial_above(accused, TRIES, AUD_ACCUSES), 1e-6),
                  "%u outliers: %llu accused of %d", outliers,
                  (unsigned long long)accused, TRIES);
    }
}

Test(audit_attack_null, predicates_tell_members_that_were_released)
{
    struct made made;
    struct test_random random = {7};
    begin(&made, 7);
    deal(&made, &random, true);
    run(&made, aud_step_singling);
    const struct aud_result *result = &made.attack.result[0];
    cr_expect(lt(dbl, result->p, 1e-6));
    cr_expect(gt(u64, result->hits, 2 * result->alarms));
    cr_expect(eq(u64, result->members, made.attack.n_members));
    cr_expect(eq(u64, result->non_members, made.attack.n_pool - made.attack.n_members));
    end(&made);
}

/* Of few values, every one many times: in both tables by chance, and that is no reason to say
 * that people are in both. The same level and limit. */
Test(audit_attack_null, repeated_records_are_no_overlap)
{
    uint64_t refused = 0;
    for (uint64_t seed = 0; seed < TRIES; seed++) {
        struct made made;
        struct test_random random = {5000 + seed};
        begin(&made, seed);
        for (int i = 0; i < FRONT + BULK; i++) {
            int which = test_word(&random) % 3 == 0 ? AUD_TRAIN : AUD_HOLDOUT;
            add(&made, which, (uint32_t)(test_word(&random) % 9),
                (uint32_t)(test_word(&random) % 9));
        }
        run(&made, aud_step_conditions);
        cr_assert(eq(sz, made.attack.n_conditions, 5));
        refused += !made.attack.condition[3].holds;
        end(&made);
    }
    cr_expect(gt(dbl, aud_binomial_above(refused, TRIES, AUD_DRIFTS), 1e-6),
              "%llu of %d", (unsigned long long)refused, TRIES);
}

/* However often each of them stands in either table. */
Test(audit_attack_null, records_in_both_tables_are_seen)
{
    for (int times = 1; times <= 4; times++) {
        struct made made;
        struct test_random random = {6000 + (uint64_t)times};
        begin(&made, 1);
        for (int i = 0; i < 40; i++) {
            uint32_t a = (uint32_t)(test_word(&random) % 1000);
            for (int k = 0; k < times; k++) {
                add(&made, AUD_TRAIN, a, (uint32_t)i);
                add(&made, AUD_HOLDOUT, a, (uint32_t)i);
            }
            add(&made, AUD_HOLDOUT, a, 50);
        }
        run(&made, aud_step_conditions);
        cr_expect(not(made.attack.condition[3].holds), "%d times: p = %g", times,
                  made.attack.condition[3].p);
        end(&made);
    }
}

static size_t members_of(const struct aud_attack *attack, const uint32_t *list,
                         size_t n)
{
    size_t members = 0;
    for (size_t i = 0; i < n; i++) {
        members += list[i] < attack->n_members;
    }
    return members;
}

/* 40 stand alone, and all others in one place: who of these fills the hundred is a lot, not
 * whoever comes first. 15 members more or less are four deviations. */
Test(audit_attack_null, of_records_equally_alone_members_are_no_first_choice)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct made made;
        begin(&made, seed);
        for (uint32_t i = 0; i < FRONT + BULK; i++) {
            uint32_t at = i < 20 ? 3000 * (i + 1) : 100;
            add(&made, AUD_TRAIN, at, 1);
            add(&made, AUD_HOLDOUT, at, at == 100 ? 1 : 60000);
        }
        run(&made, aud_step_targets);
        const struct aud_attack *attack = &made.attack;
        size_t members = members_of(attack, attack->vulnerable, attack->n_vulnerable);
        cr_expect(eq(sz, attack->n_vulnerable, 100));
        cr_expect(ge(sz, members, 35));
        cr_expect(le(sz, members, 65));
        free(made.attack.vulnerable);
        free(made.attack.random);
        end(&made);
    }
}

/* 200 names, of which members have the first 100; the last is more frequent than all others.
 * Which of the rest keep to themselves is a lot: 94 of 199, 20 more or less are four
 * deviations. */
Test(audit_attack_null, names_that_members_have_are_told_apart_no_sooner)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct made made;
        struct sil_error err = {""};
        struct aud_bins bins;
        size_t kept[2] = {0, 0};
        begin(&made, seed);
        made.column[0] = (struct aud_column){.n_codes = 200};
        for (uint32_t i = 0; i < 100; i++) {
            add(&made, AUD_TRAIN, i, 1);
            add(&made, AUD_HOLDOUT, 100 + i, 1);
            add(&made, AUD_HOLDOUT, 199, 1);
        }
        sil_status status = aud_bins_make(&bins, &made.attack.tables, seed, &err);
        cr_assert(eq(int, status, SIL_OK), "%s", err.text);
        cr_expect(eq(u32, bins.size[0], AUD_NAME_BINS));
        for (size_t i = 0; i < 100; i++) {
            kept[0] += bins.of[0][i] < AUD_NAME_BINS - 1;
            kept[1] += bins.of[0][100 + 2 * i] < AUD_NAME_BINS - 1;
        }
        cr_expect(eq(sz, kept[0] + kept[1], AUD_NAME_BINS - 1));
        cr_expect(ge(sz, kept[0], 27));
        cr_expect(le(sz, kept[0], 67));
        cr_expect(eq(int, bins.of[0][101], 0), "the most frequent name");
        aud_bins_clear(&bins);
        end(&made);
    }
}
