// SPDX-License-Identifier: Apache-2.0
/* A ledger from end to end: founded, granted, spent, measured, opened again. */
#include "book_kit.h"
#include "ledger/ledger.h"
#include "privacy/gate.h"
#include "privacy/token_internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct book *book;
static struct sil_error err;

static void start(void)
{
    book = book_new();
}

static void stop(void)
{
    book_free(book);
}

TestSuite(ledger, .init = start, .fini = stop);

#define MUST(call) cr_assert(eq(int, (call), SIL_OK), "%s", err.text)

static void expect_left(const struct sil_ledger *ledger, const char *granted,
                        const char *reserved)
{
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    mpq_t wanted;
    mpq_init(wanted);
    kit_rational(wanted, granted);
    cr_expect(zero(int, mpq_cmp(chain->granted.v, wanted)));
    kit_rational(wanted, reserved);
    cr_expect(zero(int, mpq_cmp(chain->reserved.v, wanted)));
    mpq_clear(wanted);
}

/* The measure entry of the run that has just reserved 1/8 with this id. */
static sil_status measure_eighth(struct sil_ledger *ledger)
{
    struct sil_measure measure = {.n_lines = 1};
    struct sil_spending line;
    const struct sil_chain *chain = sil_ledger_chain(ledger);
    sil_spending_init(&line);
    line.mechanism = SIL_SPENT_GAUSSIAN;
    kit_rational(line.sensitivity, "1/1");
    kit_rational(line.parameter, "4/1");
    kit_rational(line.rho, "1/8");
    measure.reserve = chain->reserve[chain->n_reserves - 1].id;
    measure.transcript_sha256[0] = 9;
    measure.lines = &line;
    sil_status status = sil_ledger_measure(ledger, &measure, &err);
    sil_spending_clear(&line);
    return status;
}

Test(ledger, lives_from_founding_to_a_second_opening)
{
    struct sil_token *token;
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");

    MUST(book_spend(&token, ledger, "1/8", &err));
    MUST(measure_eighth(ledger));

    cr_assert(ne(ptr, token, NULL));
    cr_expect(token->is_ledgered);
    cr_expect(zero(int, mpq_cmp_ui(token->cap.v, 1, 8)));
    cr_expect(eq(int, token->neighbours, SIL_ADD_REMOVE));
    cr_expect(eq(u32, token->rows_per_unit, 1));
    expect_left(ledger, "1/2", "1/8");
    sil_token_free(token);
    sil_ledger_close(ledger);

    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
    expect_left(ledger, "1/2", "1/8");
    cr_expect(eq(u64, sil_ledger_chain(ledger)->tree.size, 4));
    cr_expect(eq(sz, sil_ledger_chain(ledger)->reserve[0].n_measures, 1));
    cr_expect(eq(int, sil_ledger_neighbours(ledger), SIL_ADD_REMOVE));
    cr_expect(sil_ledger_entry(ledger, 3) != NULL);
    cr_expect(sil_ledger_entry(ledger, 4) == NULL);
    sil_ledger_close(ledger);
    MUST(book_open(NULL, book, SIL_LEDGER_READ, &err));
    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), 4));
    cr_expect(zero(sz, scratch_count(book_path(book, "tmp"))));
}

Test(ledger, keeps_the_copy_and_the_watermark_equal_to_the_newest_checkpoint)
{
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    const struct sil_bytes *note = sil_ledger_checkpoint_note(ledger);
    size_t length;
    char name[64];
    char hex[SIL_ID_TEXT];

    unsigned char *copy = scratch_read(book_path(book, "checkpoint"), &length);
    cr_assert(eq(sz, length, note->length));
    cr_expect(zero(int, memcmp(copy, note->data, length)));
    free(copy);

    sil_id_print(hex, &sil_ledger_chain(ledger)->ledger);
    (void)snprintf(name, sizeof name, "state/%s.watermark", hex);
    unsigned char *mark = scratch_read(scratch_path(&book->room, name), &length);
    cr_assert(eq(sz, length, note->length));
    cr_expect(zero(int, memcmp(mark, note->data, length)));
    free(mark);
    sil_ledger_close(ledger);
}

Test(ledger, spends_the_last_of_a_grant_and_not_a_grain_more)
{
    struct sil_token *token;
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    MUST(book_spend(NULL, ledger, "3/8", &err));

    cr_expect(
        eq(int, book_spend(&token, ledger, "1000001/8000000", &err), SIL_ERR_BUDGET));
    cr_expect(zero(ptr, token));
    cr_expect(eq(u64, sil_ledger_chain(ledger)->tree.size, 3), "nothing was written");
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 3));
    cr_expect(zero(sz, scratch_count(book_path(book, "tmp"))));

    MUST(book_spend(NULL, ledger, "1/8", &err));
    cr_expect(eq(int, book_spend(NULL, ledger, "1/1000000", &err), SIL_ERR_BUDGET));
    sil_ledger_close(ledger);
}

Test(ledger, asks_which_grant_when_several_have_room)
{
    struct sil_ledger *ledger = book_found(book, NULL);
    cr_expect(eq(int, book_spend(NULL, ledger, "1/8", &err), SIL_ERR_BUDGET), "none");
    (void)book_grant(ledger, "1/4");
    (void)book_grant(ledger, "1/8");

    cr_expect(eq(int, book_spend(NULL, ledger, "1/8", &err), SIL_ERR_USAGE));
    cr_expect(ne(ptr, strstr(err.text, "--grant"), NULL), "%s", err.text);

    MUST(book_spend(NULL, ledger, "1/4", &err));
    MUST(book_spend(NULL, ledger, "1/8", &err));
    sil_ledger_close(ledger);
}

Test(ledger, refuses_a_grant_above_the_cap_before_it_is_written)
{
    struct sil_ledger *ledger = book_found(book, NULL);
    struct kit_draft draft = book_draft(ledger, SIL_ENTRY_GRANT);
    kit_rational(draft.body.grant.rho.v, "2000001/1000000");
    draft.body.grant.expires = KIT_EXPIRES;

    cr_expect(eq(int, book_append(ledger, draft, &err), SIL_ERR_BUDGET));

    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 1));
    sil_ledger_close(ledger);
}

Test(ledger, writes_nothing_that_a_verifier_would_refuse)
{
    struct sil_ledger *ledger = book_found(book, NULL);
    struct kit_draft draft = book_draft(ledger, SIL_ENTRY_GRANT);
    kit_rational(draft.body.grant.rho.v, "1/2");
    draft.body.grant.expires = KIT_EXPIRES;
    draft.approver[0] = 0;

    cr_expect(eq(int, book_append(ledger, draft, &err), SIL_ERR_CHECK));
    cr_expect(ne(ptr, strstr(err.text, "[K2]"), NULL), "%s", err.text);

    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 1));
    (void)book_grant(ledger, "1/2");
    sil_ledger_close(ledger);
}

static void want_witness(struct sil_genesis *genesis)
{
    genesis->invariants = calloc(1, sizeof *genesis->invariants);
    genesis->invariants[0] = kit_text("witness-before-noise");
    genesis->n_invariants = 1;
    genesis->thresholds.witness = 1;
}

Test(ledger, gives_no_token_where_a_witness_must_come_first)
{
    struct sil_token *token;
    struct sil_ledger *ledger = book_found(book, want_witness);
    (void)book_grant(ledger, "1/2");

    cr_expect(eq(int, book_spend(&token, ledger, "1/8", &err), SIL_ERR_UNSUPPORTED));

    cr_expect(zero(ptr, token));
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 2), "and no charge");
    sil_ledger_close(ledger);
}

/* R4 */
Test(ledger, token_is_worthless_in_a_forked_child_and_opens_one_gate_only)
{
    struct sil_token *token;
    struct sil_rng *rng;
    struct sil_gate *gate;
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    MUST(book_spend(&token, ledger, "1/8", &err));

    pid_t child = fork();
    if (child == 0) {
        sil_status status = sil_rng_new(&rng, NULL);
        status = status == SIL_OK ? sil_gate_open(&gate, token, rng, NULL) : status;
        _exit((int)status);
    }
    int result = -1;
    cr_assert(eq(int, waitpid(child, &result, 0), child));
    cr_expect(eq(int, WEXITSTATUS(result), SIL_ERR_BUDGET));

    cr_assert(eq(int, sil_rng_new(&rng, NULL), SIL_OK));
    cr_assert(eq(int, sil_gate_open(&gate, token, rng, NULL), SIL_OK));
    cr_expect(sil_gate_is_ledgered(gate));
    struct sil_gate *second;
    cr_assert(eq(int, sil_rng_new(&rng, NULL), SIL_OK));
    cr_expect(eq(int, sil_gate_open(&second, token, rng, NULL), SIL_ERR_BUDGET));
    sil_gate_close(gate);
    sil_ledger_close(ledger);
}

/* ---- time ---- */

static uint64_t last_time(const struct sil_ledger *ledger)
{
    return sil_ledger_chain(ledger)->last_time;
}

Test(ledger, time_is_coarse_and_never_goes_back)
{
    book_clock = KIT_START + 7 * KIT_HOUR + 1234;
    struct sil_ledger *ledger = book_found(book, NULL);
    cr_expect(eq(u64, last_time(ledger), KIT_START + 7 * KIT_HOUR));

    book_clock -= 86400; /* C13 */
    (void)book_grant(ledger, "1/2");
    cr_expect(eq(u64, last_time(ledger), KIT_START + 7 * KIT_HOUR));

    book_clock = KIT_START + 8 * KIT_HOUR + 3599;
    MUST(book_spend(NULL, ledger, "1/8", &err));
    cr_expect(eq(u64, last_time(ledger), KIT_START + 8 * KIT_HOUR));
    sil_ledger_close(ledger);
    MUST(book_open(NULL, book, SIL_LEDGER_READ, &err));
}

Test(ledger, asks_a_person_when_the_clock_is_more_than_a_day_ahead)
{
    struct sil_ledger *ledger = book_found(book, NULL);
    book_clock = KIT_START + 86400 + KIT_HOUR;
    struct kit_draft draft = book_draft(ledger, SIL_ENTRY_DATA);
    draft.body.data.data_commit[0] = 1;

    cr_expect(eq(int, book_append(ledger, draft, &err), SIL_ERR_USAGE));

    cr_expect(ne(ptr, strstr(err.text, "--accept-clock"), NULL), "%s", err.text);
    cr_expect(ne(ptr, strstr(err.text, "2026-09-21 14:00:00 UTC"), NULL), "%s",
              err.text);
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 1));
    sil_ledger_close(ledger);

    book->place.accept_clock = true;
    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
    (void)book_grant(ledger, "1/2");
    cr_expect(eq(u64, last_time(ledger), book_clock));
    sil_ledger_close(ledger);
}

Test(ledger, does_not_ask_when_it_is_a_day_ahead_to_the_second)
{
    struct sil_ledger *ledger = book_found(book, NULL);
    book_clock = KIT_START + 86400;

    (void)book_grant(ledger, "1/2");

    cr_expect(eq(u64, last_time(ledger), KIT_START + 86400));
    sil_ledger_close(ledger);
}

/* ---- keys ---- */

Test(ledger, is_not_written_with_keys_of_others)
{
    struct sil_ledger *ledger = book_found(book, NULL);
    sil_ledger_close(ledger);

    book->signers.curator = kit_key(KIT_RELEASE);
    cr_expect(eq(int, book_open(&ledger, book, SIL_LEDGER_WRITE, &err), SIL_ERR_USAGE));
    cr_expect(zero(ptr, ledger));
    book->signers.curator = kit_key(KIT_CURATOR);
    book->signers.log = kit_key(KIT_CURATOR);
    cr_expect(eq(int, book_open(&ledger, book, SIL_LEDGER_WRITE, &err), SIL_ERR_USAGE));
    book->signers.log = NULL;
    cr_expect(eq(int, book_open(&ledger, book, SIL_LEDGER_WRITE, &err), SIL_ERR_USAGE));
    MUST(book_open(NULL, book, SIL_LEDGER_READ, &err));
}

static struct kit_draft change_log_key(const struct sil_ledger *ledger)
{
    struct kit_draft draft = book_draft(ledger, SIL_ENTRY_KEYSET);
    struct sil_keyset *keyset = &draft.body.keyset;
    keyset->add = calloc(2, sizeof *keyset->add);
    keyset->add[0] = kit_ledger_key(KIT_LOG + 1, SIL_ROLE_LOG);
    keyset->add[1] = kit_ledger_key(KIT_CURATOR + 1, SIL_ROLE_CURATOR);
    keyset->n_add = 2;
    keyset->revoke = calloc(2, sizeof *keyset->revoke);
    keyset->revoke[0] = (struct sil_revocation){
        kit_key_id(KIT_LOG), sil_ledger_chain(ledger)->tree.size, kit_text("lost")};
    keyset->revoke[1] = (struct sil_revocation){
        kit_key_id(KIT_CURATOR), sil_ledger_chain(ledger)->tree.size, kit_text("lost")};
    keyset->n_revoke = 2;
    return draft;
}

Test(ledger, goes_on_with_new_keys_when_curator_and_log_lost_theirs)
{
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    sil_ledger_close(ledger);
    book->signers = (struct sil_ledger_signers){.curator = kit_key(KIT_CURATOR + 1),
                                                .log = kit_key(KIT_LOG + 1)};
    cr_expect(eq(int, book_open(NULL, book, SIL_LEDGER_WRITE, &err), SIL_ERR_USAGE));

    book->signers.are_new = true;
    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
    MUST(book_append(ledger, change_log_key(ledger), &err));
    sil_ledger_close(ledger);

    book->signers.are_new = false;
    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
    MUST(book_spend(NULL, ledger, "1/8", &err));
    sil_ledger_close(ledger);
    MUST(book_open(NULL, book, SIL_LEDGER_READ, &err));
    book->signers = (struct sil_ledger_signers){.curator = kit_key(KIT_CURATOR),
                                                .log = kit_key(KIT_LOG)};
    cr_expect(eq(int, book_open(NULL, book, SIL_LEDGER_WRITE, &err), SIL_ERR_USAGE));
}

Test(ledger, does_not_take_a_keyset_whose_checkpoint_it_could_not_sign)
{
    struct sil_ledger *ledger = book_found(book, NULL);

    cr_expect(
        eq(int, book_append(ledger, change_log_key(ledger), &err), SIL_ERR_USAGE));

    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 1));
    sil_ledger_close(ledger);
    MUST(book_open(NULL, book, SIL_LEDGER_WRITE, &err));
}

/* ---- a long run ---- */

Test(ledger, spreads_the_lines_of_a_long_run_over_entries)
{
    enum { LINES = 2000 };
    struct sil_measure measure = {.n_lines = LINES};
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    MUST(book_spend(NULL, ledger, "1/4", &err));
    measure.reserve = sil_ledger_chain(ledger)->reserve[0].id;
    measure.lines = calloc(LINES, sizeof *measure.lines);
    for (size_t i = 0; i < LINES; i++) {
        sil_spending_init(&measure.lines[i]);
        measure.lines[i].mechanism = SIL_SPENT_EXPONENTIAL;
        kit_rational(measure.lines[i].sensitivity, "1024/1");
        kit_rational(measure.lines[i].parameter, "1/1000");
        kit_rational(measure.lines[i].rho, "1/8000");
    }

    MUST(sil_ledger_measure(ledger, &measure, &err));

    const struct sil_chain_reserve *reserve = &sil_ledger_chain(ledger)->reserve[0];
    cr_expect(gt(sz, reserve->n_measures, 1));
    cr_expect(zero(int, mpq_cmp_ui(reserve->measured.v, 1, 4)));
    for (size_t i = 0; i < LINES; i++) {
        sil_spending_clear(&measure.lines[i]);
    }
    free(measure.lines);
    sil_ledger_close(ledger);
    MUST(book_open(NULL, book, SIL_LEDGER_READ, &err));
}

Test(ledger, enters_what_a_run_of_days_measured_and_asks_no_clock)
{
    struct sil_measure measure = {0};
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    MUST(book_spend(NULL, ledger, "1/4", &err));
    measure.reserve = sil_ledger_chain(ledger)->reserve[0].id;

    book_clock = KIT_START + UINT64_C(3) * 86400;
    MUST(sil_ledger_measure(ledger, &measure, &err));

    cr_expect(eq(sz, sil_ledger_chain(ledger)->reserve[0].n_measures, 1));
    cr_expect(eq(u64, last_time(ledger), book_clock));
    book_clock += UINT64_C(3) * 86400;
    cr_expect(eq(int, book_spend(NULL, ledger, "1/8", &err), SIL_ERR_USAGE),
              "the next run is asked again");
    sil_ledger_close(ledger);
}

/* ---- founding ---- */

Test(ledger, is_not_founded_twice)
{
    struct sil_bytes body = {0};
    struct kit_draft draft = kit_genesis();
    struct sil_ledger *ledger = book_found(book, NULL);
    sil_ledger_close(ledger);
    MUST(sil_body_encode(&body, &draft.body, &err));
    struct sil_approval approval = book_approve(KIT_AUTHORITY, &body);

    cr_expect(eq(int,
                 sil_ledger_found(&ledger, &book->place, &body, &approval, 1,
                                  &book->signers, &err),
                 SIL_ERR_USAGE));

    cr_expect(zero(ptr, ledger));
    sil_bytes_clear(&body);
    sil_body_clear(&draft.body);
}

Test(ledger, leaves_no_directory_behind_a_genesis_that_breaks_a_rule)
{
    struct sil_ledger *ledger;
    struct sil_bytes body = {0};
    struct kit_draft draft = kit_genesis();
    MUST(sil_body_encode(&body, &draft.body, &err));

    cr_expect(eq(
        int,
        sil_ledger_found(&ledger, &book->place, &body, NULL, 0, &book->signers, &err),
        SIL_ERR_CHECK));

    cr_expect(not(scratch_exists(book->directory)));
    sil_bytes_clear(&body);
    sil_body_clear(&draft.body);
}

Test(ledger, of_another_id_than_expected_is_refused)
{
    struct sil_id other = {{1}};
    struct sil_ledger *ledger = book_found(book, NULL);
    struct sil_id own = sil_ledger_chain(ledger)->ledger;
    sil_ledger_close(ledger);

    MUST(
        sil_ledger_open_with(&ledger, &book->place, SIL_LEDGER_READ, NULL, &own, &err));
    sil_ledger_close(ledger);
    cr_expect(eq(int,
                 sil_ledger_open_with(&ledger, &book->place, SIL_LEDGER_READ, NULL,
                                      &other, &err),
                 SIL_ERR_CHECK));
    cr_expect(ne(ptr, strstr(err.text, "[F6]"), NULL), "%s", err.text);
}
