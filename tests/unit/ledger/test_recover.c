// SPDX-License-Identifier: Apache-2.0
/* What an authority must approve: an entry set aside, checkpoints signed anew. */
#include "spoil_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(recover, .init = spoil_start, .fini = spoil_stop);

/* ---- an entry that was never acknowledged, and is none ---- */

static struct sil_body proposal;

static struct sil_bytes proposed(void)
{
    struct sil_bytes body = {0};
    MUST(sil_ledger_propose_recovery(&proposal, &book->place, "power was lost", &err));
    MUST(sil_body_encode(&body, &proposal, &err));
    return body;
}

static sil_status carry_out(struct sil_ledger **out, const struct sil_bytes *body)
{
    struct sil_approval approval = book_approve(KIT_AUTHORITY, body);
    return sil_ledger_recover(out, &book->place, body, &approval, 1, &book->signers,
                              &err);
}

Test(recover, sets_a_torn_entry_aside_when_the_authority_says_so)
{
    struct sil_ledger *ledger;
    scratch_write(numbered("entries", 4), "", 0, 0444); /* C10 */
    expect_refusal("E-CORRUPT", "entry 4");
    cr_expect(scratch_exists(numbered("entries", 4)), "never deleted by itself");

    struct sil_bytes body = proposed();
    cr_expect(eq(str, proposal.recover.kind, "quarantine"));
    cr_expect(eq(u64, proposal.recover.size, 4));
    cr_expect(eq(sz, proposal.recover.n_quarantine, 1));
    MUST(carry_out(&ledger, &body));

    cr_expect(eq(u64, sil_ledger_chain(ledger)->tree.size, 5), "the recover entry");
    expect_reserved(ledger, 2);
    cr_expect(eq(sz, scratch_count(book_path(book, "quarantine")), 1));
    MUST(book_spend(NULL, ledger, "1/8", &err));
    sil_ledger_close(ledger);
    sil_bytes_clear(&body);
    sil_body_clear(&proposal);
    sil_ledger_close(must_open(SIL_LEDGER_READ));
}

Test(recover, touches_nothing_without_the_authority)
{
    struct sil_ledger *ledger;
    scratch_write(numbered("entries", 4), "x", 1, 0444);
    struct sil_bytes body = proposed();

    sil_status status =
        sil_ledger_recover(&ledger, &book->place, &body, NULL, 0, &book->signers, &err);

    cr_expect(eq(int, status, SIL_ERR_CHECK));
    cr_expect(ne(ptr, strstr(err.text, "[K2]"), NULL), "%s", err.text);
    cr_expect(zero(ptr, ledger));
    cr_expect(scratch_exists(numbered("entries", 4)));
    cr_expect(zero(sz, scratch_count(book_path(book, "quarantine"))));
    sil_bytes_clear(&body);
    sil_body_clear(&proposal);
}

Test(recover, does_what_was_approved_and_nothing_else)
{
    struct sil_ledger *ledger;
    scratch_write(numbered("entries", 4), "x", 1, 0444);
    struct sil_bytes body = proposed();
    scratch_write(numbered("entries", 4), "y", 1, 0444);

    cr_expect(eq(int, carry_out(&ledger, &body), SIL_ERR_CHECK));

    cr_expect(scratch_exists(numbered("entries", 4)));
    sil_bytes_clear(&body);
    sil_body_clear(&proposal);
}

Test(recover, is_finished_by_a_second_call_when_the_first_was_killed)
{
    struct sil_ledger *ledger;
    scratch_write(numbered("entries", 4), "x", 1, 0444);
    struct sil_bytes body = proposed();
    cr_assert(
        zero(int, rename(numbered("entries", 4), book_path(book, "quarantine/x"))));

    MUST(carry_out(&ledger, &body));

    cr_expect(eq(u64, sil_ledger_chain(ledger)->tree.size, 5));
    sil_ledger_close(ledger);
    cr_expect(eq(int, carry_out(&ledger, &body), SIL_ERR_USAGE), "and not by a third");
    sil_bytes_clear(&body);
    sil_body_clear(&proposal);
}

Test(recover, is_not_proposed_for_a_ledger_that_opens)
{
    cr_expect(eq(int,
                 sil_ledger_propose_recovery(&proposal, &book->place, "why not", &err),
                 SIL_ERR_USAGE));
    sil_body_clear(&proposal);
}

Test(recover, is_not_proposed_for_what_only_a_copy_can_bring_back)
{
    drop("entries", 3);
    cr_expect(eq(int,
                 sil_ledger_propose_recovery(&proposal, &book->place, "please", &err),
                 SIL_ERR_CHECK));
    cr_expect(ne(ptr, strstr(err.text, "[E-LOST]"), NULL), "%s", err.text);
    sil_body_clear(&proposal);
}

/* ---- checkpoints that were lost ---- */

static void lose_checkpoints(void)
{
    drop("checkpoints", 2);
    drop("checkpoints", 3);
    flip(numbered("checkpoints", 4), 5);
}

Test(recover, signs_checkpoints_anew_that_the_watermark_remembers)
{
    struct sil_ledger *ledger;
    lose_checkpoints();
    expect_refusal("E-ROLLBACK", "checkpoint 2");

    struct sil_bytes body = proposed();
    cr_expect(eq(str, proposal.recover.kind, "rebuild-checkpoint"));
    cr_expect(eq(u64, proposal.recover.size, 1));
    cr_expect(eq(sz, proposal.recover.n_quarantine, 1), "the damaged one");
    MUST(carry_out(&ledger, &body));

    cr_expect(eq(u64, sil_ledger_chain(ledger)->tree.size, 5));
    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), 5));
    cr_expect(eq(sz, scratch_count(book_path(book, "quarantine")), 1));
    sil_ledger_close(ledger);
    sil_bytes_clear(&body);
    sil_body_clear(&proposal);
    sil_ledger_close(must_open(SIL_LEDGER_READ));
}

Test(recover, signs_nothing_anew_that_nobody_remembers)
{
    lower_watermark(2);
    lose_checkpoints();

    cr_expect(eq(int,
                 sil_ledger_propose_recovery(&proposal, &book->place, "please", &err),
                 SIL_ERR_CHECK));
    cr_expect(ne(ptr, strstr(err.text, "neither a watermark nor a cosigned"), NULL),
              "%s", err.text);
    sil_body_clear(&proposal);
}

Test(recover, signs_checkpoints_anew_that_a_witness_remembers)
{
    struct sil_ledger *ledger;
    copy(numbered("checkpoints", 4), numbered("cosigned", 4), 0444);
    lower_watermark(1);
    lose_checkpoints();

    struct sil_bytes body = proposed();
    MUST(carry_out(&ledger, &body));

    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), 5));
    sil_ledger_close(ledger);
    sil_bytes_clear(&body);
    sil_body_clear(&proposal);
}
