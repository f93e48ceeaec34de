// SPDX-License-Identifier: Apache-2.0
/* Every state that a directory can be found in, built by hand, and what is made of it: the
 * table of recovery of docs/ledger-format.md. */
#include "book_kit.h"
#include "ledger/ledger.h"
#include "ledger/refuse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct book *book;
static struct sil_error err;
static char mark[160]; /* the watermark's path */

#define MUST(call) cr_assert(eq(int, (call), SIL_OK), "%s", err.text)

/* Four entries: genesis, grant of 1/2, two reserves of 1/8. */
static void start(void)
{
    char hex[SIL_ID_TEXT];
    book = book_new();
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    MUST(book_spend(NULL, ledger, "1/8", &err));
    MUST(book_spend(NULL, ledger, "1/8", &err));
    sil_id_print(hex, &sil_ledger_chain(ledger)->ledger);
    (void)snprintf(mark, sizeof mark, "%s/%s.watermark", book->state, hex);
    sil_ledger_close(ledger);
}

static void stop(void)
{
    book_free(book);
}

TestSuite(recovery, .init = start, .fini = stop);

/* ---- spoiling ---- */

static const char *numbered(const char *folder, int number)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s/%012d", folder, number);
    return book_path(book, name);
}

static void drop(const char *folder, int number)
{
    cr_assert(zero(int, unlink(numbered(folder, number))));
}

static void copy(const char *from, const char *to, mode_t mode)
{
    size_t length;
    unsigned char *data = scratch_read(from, &length);
    cr_assert(ne(ptr, data, NULL));
    scratch_write(to, data, length, mode);
    free(data);
}

/* The watermark as it was at a size; 0: none. */
static void lower_watermark(int size)
{
    if (size == 0) {
        cr_assert(zero(int, unlink(mark)));
    } else {
        copy(numbered("checkpoints", size), mark, 0600);
    }
}

/* Flip a bit of a file; from the end when `at` is negative. */
static void flip(const char *path, long at)
{
    size_t length;
    struct stat info;
    cr_assert(zero(int, stat(path, &info)));
    unsigned char *data = scratch_read(path, &length);
    cr_assert(ne(ptr, data, NULL));
    data[at < 0 ? (long)length + at : at] ^= 1;
    scratch_write(path, data, length, info.st_mode & 07777);
    free(data);
}

static void copy_tree(const char *from, const char *to)
{
    char command[256];
    (void)snprintf(command, sizeof command, "cp -a %s %s", from, to);
    cr_assert(zero(int, system(command)));
}

/* ---- expecting ---- */

/* Reader and writer refuse with the same id, and the writer leaves everything in place. */
static void expect_refusal(const char *id, const char *word)
{
    static const enum sil_ledger_access BOTH[] = {SIL_LEDGER_READ, SIL_LEDGER_WRITE};

    const size_t n_entries = scratch_count(book_path(book, "entries"));
    const size_t n_checkpoints = scratch_count(book_path(book, "checkpoints"));
    for (size_t i = 0; i < 2; i++) {
        char found[16];
        cr_expect(eq(int, book_open(NULL, book, BOTH[i], &err), SIL_ERR_CHECK), "%s",
                  err.text);
        sil_refusal_id(found, &err);
        cr_expect(eq(str, found, (char *)(uintptr_t)id), "%s", err.text);
        cr_expect(ne(ptr, strstr(err.text, word), NULL), "%s", err.text);
    }
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), n_entries));
    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), n_checkpoints));
}

static bool has_note(const struct sil_ledger *ledger, const char *word)
{
    for (size_t i = 0; i < sil_ledger_n_notes(ledger); i++) {
        if (strstr(sil_ledger_note(ledger, i), word) != NULL) {
            return true;
        }
    }
    return false;
}

static void expect_reserved(const struct sil_ledger *ledger, unsigned long eighths)
{
    cr_expect(zero(int, mpq_cmp_ui(sil_ledger_chain(ledger)->reserved.v, eighths, 8)));
}

static struct sil_ledger *must_open(enum sil_ledger_access access)
{
    struct sil_ledger *ledger;
    MUST(book_open(&ledger, book, access, &err));
    return ledger;
}

static ino_t inode_of(const char *path)
{
    struct stat info;
    cr_assert(zero(int, stat(path, &info)));
    return info.st_ino;
}

/* ---- m = c ---- */

Test(recovery, of_a_crash_before_the_link_cleans_up_and_charges_nothing)
{
    scratch_write(book_path(book, "tmp/0123"), "half an ent", 11, 0600);

    struct sil_ledger *ledger = must_open(SIL_LEDGER_READ);
    cr_expect(eq(sz, scratch_count(book_path(book, "tmp")), 1),
              "a reader changes nothing");
    sil_ledger_close(ledger);

    ledger = must_open(SIL_LEDGER_WRITE);
    cr_expect(zero(sz, scratch_count(book_path(book, "tmp"))));
    expect_reserved(ledger, 2);
    cr_expect(not(has_note(ledger, "rolled forward")));
    sil_ledger_close(ledger);
}

Test(recovery, puts_the_copy_of_the_checkpoint_right)
{
    size_t length;
    for (int missing = 0; missing < 2; missing++) {
        if (missing) {
            cr_assert(zero(int, unlink(book_path(book, "checkpoint"))));
        } else {
            copy(numbered("checkpoints", 2), book_path(book, "checkpoint"), 0644);
        }
        struct sil_ledger *ledger = must_open(SIL_LEDGER_READ);
        cr_expect(has_note(ledger, "[W2]"));
        sil_ledger_close(ledger);

        ledger = must_open(SIL_LEDGER_WRITE);
        const struct sil_bytes *note = sil_ledger_checkpoint_note(ledger);
        unsigned char *data = scratch_read(book_path(book, "checkpoint"), &length);
        cr_assert(eq(sz, length, note->length));
        cr_expect(zero(int, memcmp(data, note->data, length)));
        free(data);
        sil_ledger_close(ledger);
    }
}

/* ---- m = c + 1 ---- */

static void leave_uncovered(void)
{
    lower_watermark(3);
    drop("checkpoints", 4);
}

Test(recovery, reports_an_uncovered_entry_to_a_reader_and_counts_it)
{
    leave_uncovered();

    struct sil_ledger *ledger = must_open(SIL_LEDGER_READ);

    cr_expect(has_note(ledger, "[F3] entry 3 is not yet covered"));
    expect_reserved(ledger, 2);
    sil_ledger_close(ledger);
    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), 3));
}

Test(recovery, rolls_an_uncovered_entry_forward_by_writing_it_again)
{
    size_t length;
    size_t before_length;
    unsigned char *before = scratch_read(numbered("checkpoints", 4), &before_length);
    ino_t inode = inode_of(numbered("entries", 3));
    leave_uncovered();
    /* C14: the crash left the temporary name as well */
    cr_assert(zero(int, link(numbered("entries", 3), book_path(book, "tmp/left"))));

    struct sil_ledger *ledger = must_open(SIL_LEDGER_WRITE);

    expect_reserved(ledger, 2);
    cr_expect(has_note(ledger, "rolled forward"));
    cr_expect(ne(u64, inode_of(numbered("entries", 3)), inode), "written again");
    cr_expect(zero(sz, scratch_count(book_path(book, "tmp"))));
    unsigned char *after = scratch_read(numbered("checkpoints", 4), &length);
    cr_assert(eq(sz, length, before_length));
    cr_expect(zero(int, memcmp(after, before, length)),
              "the same bytes, whoever signs");
    free(after);
    after = scratch_read(mark, &length);
    cr_assert(eq(sz, length, before_length));
    cr_expect(zero(int, memcmp(after, before, length)), "and the watermark is raised");
    free(after);
    free(before);
    sil_ledger_close(ledger);

    ledger = must_open(SIL_LEDGER_WRITE);
    cr_expect(not(has_note(ledger, "rolled forward")), "once");
    sil_ledger_close(ledger);
}

Test(recovery, of_a_crash_within_founding_rolls_forward)
{
    for (int i = 1; i <= 3; i++) {
        drop("entries", i);
    }
    for (int i = 1; i <= 4; i++) {
        drop("checkpoints", i);
    }
    cr_assert(zero(int, unlink(book_path(book, "checkpoint"))));
    lower_watermark(0);

    struct sil_ledger *ledger = must_open(SIL_LEDGER_WRITE);

    cr_expect(has_note(ledger, "entry 0 was rolled forward"));
    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), 1));
    cr_expect(scratch_exists(mark));
    sil_ledger_close(ledger);
}

/* ---- what was acknowledged and is gone ---- */

Test(recovery, refuses_when_acknowledged_entries_are_gone)
{
    drop("entries", 3); /* T1 */

    expect_refusal("E-LOST", "entry 3");
}

Test(recovery, refuses_a_ledger_that_was_set_back_behind_its_watermark)
{
    drop("entries", 3);
    drop("checkpoints", 4); /* T1, T2 */

    expect_refusal("E-ROLLBACK", "set back");

    /* Without a watermark nothing tells: this is what witnesses are for. */
    book->place.state = NULL;
    struct sil_ledger *ledger = must_open(SIL_LEDGER_READ);
    cr_expect(has_note(ledger, "no watermark is kept"));
    sil_ledger_close(ledger);
}

Test(recovery, refuses_more_entries_than_checkpoints_and_one)
{
    lower_watermark(2);
    drop("checkpoints", 4);
    drop("checkpoints", 3);

    expect_refusal("E-ROLLBACK", "4 entries and only 2 checkpoints");
}

Test(recovery, refuses_a_ledger_without_any_checkpoint)
{
    lower_watermark(0);
    for (int i = 1; i <= 4; i++) {
        drop("checkpoints", i);
    }

    expect_refusal("E-ROLLBACK", "checkpoint 1 is missing");
}

Test(recovery, refuses_a_missing_or_changed_checkpoint_below_the_newest)
{
    copy(numbered("checkpoints", 2), scratch_path(&book->room, "kept"), 0444);
    drop("checkpoints", 2);
    lower_watermark(1);
    expect_refusal("E-ROLLBACK", "checkpoint 2");

    copy(scratch_path(&book->room, "kept"), numbered("checkpoints", 2), 0444);
    flip(numbered("checkpoints", 2), -3);
    expect_refusal("E-ROLLBACK", "checkpoint 2");

    copy(numbered("checkpoints", 3), numbered("checkpoints", 2), 0444);
    expect_refusal("E-ROLLBACK", "checkpoint 2");
}

Test(recovery, refuses_a_changed_newest_checkpoint)
{
    flip(numbered("checkpoints", 4), 70);

    expect_refusal("E-ROLLBACK", "checkpoint 4");
}

Test(recovery, remembers_what_this_process_saw)
{
    struct sil_ledger *ledger = must_open(SIL_LEDGER_WRITE);
    drop("entries", 3);
    drop("checkpoints", 4);
    lower_watermark(0);

    cr_expect(eq(int, book_spend(NULL, ledger, "1/8", &err), SIL_ERR_CHECK));

    cr_expect(ne(ptr, strstr(err.text, "[E-ROLLBACK]"), NULL), "%s", err.text);
    sil_ledger_close(ledger);
}

/* ---- entries that are wrong ---- */

Test(recovery, names_an_acknowledged_entry_that_was_changed)
{
    flip(numbered("entries", 2), -1); /* T3 */
    expect_refusal("E-TAMPER", "[K1] entry 2");
    flip(numbered("entries", 2), -1);

    flip(numbered("entries", 0), -1);
    expect_refusal("E-TAMPER", "[K1] entry 0");
    flip(numbered("entries", 0), -1);

    flip(numbered("entries", 1), 0);
    expect_refusal("E-CORRUPT", "entry 1");
}

Test(recovery, names_an_entry_that_is_missing_below_others)
{
    drop("entries", 1);

    expect_refusal("E-CORRUPT", "entry 1 is missing");
}

Test(recovery, refuses_entries_out_of_order)
{
    copy(numbered("entries", 2), scratch_path(&book->room, "kept"), 0444);
    copy(numbered("entries", 3), numbered("entries", 2), 0444);
    expect_refusal("E-TAMPER", "[F5] entry 2"); /* T5: twice the same */

    copy(scratch_path(&book->room, "kept"), numbered("entries", 3), 0444);
    expect_refusal("E-TAMPER", "[F5] entry 2"); /* swapped */
}

/* ---- two histories ---- */

/* A second history from three entries on; `fork` is its directory. */
static void make_fork(char fork[64])
{
    struct book other = *book;
    struct sil_ledger *ledger;
    (void)snprintf(fork, 64, "%s/fork", book->room.path);
    copy_tree(book->directory, fork);
    other.place.directory = fork;
    other.place.state = NULL;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/entries/000000000003", fork);
    cr_assert(zero(int, unlink(path)));
    (void)snprintf(path, sizeof path, "%s/checkpoints/000000000004", fork);
    cr_assert(zero(int, unlink(path)));
    MUST(book_open(&ledger, &other, SIL_LEDGER_WRITE, &err));
    MUST(book_spend(NULL, ledger, "1/8", &err));
    sil_ledger_close(ledger);
}

Test(recovery, tells_a_fork_from_a_checkpoint_over_other_entries)
{
    char fork[64];
    char path[128];
    make_fork(fork);
    (void)snprintf(path, sizeof path, "%s/checkpoints/000000000004", fork);
    copy(path, numbered("checkpoints", 4), 0444);

    expect_refusal("E-FORK", "size 4"); /* T4 */
}

Test(recovery, tells_a_fork_from_a_watermark_over_other_entries)
{
    char fork[64];
    char path[128];
    make_fork(fork);
    (void)snprintf(path, sizeof path, "%s/checkpoints/000000000004", fork);
    copy(path, mark, 0600);

    expect_refusal("E-FORK", "size 4");
}

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

Test(recovery, sets_a_torn_entry_aside_when_the_authority_says_so)
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

Test(recovery, touches_nothing_without_the_authority)
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

Test(recovery, does_what_was_approved_and_nothing_else)
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

Test(recovery, is_finished_by_a_second_call_when_the_first_was_killed)
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

Test(recovery, is_not_proposed_for_a_ledger_that_opens)
{
    cr_expect(eq(int,
                 sil_ledger_propose_recovery(&proposal, &book->place, "why not", &err),
                 SIL_ERR_USAGE));
    sil_body_clear(&proposal);
}

Test(recovery, is_not_proposed_for_what_only_a_copy_can_bring_back)
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

Test(recovery, signs_checkpoints_anew_that_the_watermark_remembers)
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

Test(recovery, signs_nothing_anew_that_nobody_remembers)
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

Test(recovery, signs_checkpoints_anew_that_a_witness_remembers)
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
