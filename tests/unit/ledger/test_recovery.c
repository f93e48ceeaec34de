// SPDX-License-Identifier: Apache-2.0
/* Every state that a directory can be found in, built by hand, and what is made of it: the
 * table of recovery of docs/ledger-format.md. */
#include "ledger/store.h"
#include "spoil_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(recovery, .init = spoil_start, .fini = spoil_stop);

static void copy_tree(const char *from, const char *to)
{
    char command[256];
    (void)snprintf(command, sizeof command, "cp -a %s %s", from, to);
    cr_assert(zero(int, system(command)));
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

/* ---- the rest of the table ---- */

Test(recovery, blames_a_changed_keyset_and_not_the_checkpoints_by_its_keys)
{
    struct sil_ledger *ledger = must_open(SIL_LEDGER_WRITE);
    struct kit_draft draft = book_draft(ledger, SIL_ENTRY_KEYSET);
    struct sil_keyset *keyset = &draft.body.keyset;
    keyset->add = calloc(1, sizeof *keyset->add);
    keyset->add[0] = kit_ledger_key(KIT_LOG + 1, SIL_ROLE_LOG);
    keyset->n_add = 1;
    MUST(book_append(ledger, draft, &err));
    sil_ledger_close(ledger);
    book->signers.log = kit_key(KIT_LOG + 1);
    ledger = must_open(SIL_LEDGER_WRITE);
    MUST(book_spend(NULL, ledger, "1/8", &err));
    sil_ledger_close(ledger);

    flip(numbered("entries", 4), -1);

    expect_refusal("E-TAMPER", "[K1] entry 4");
}

Test(recovery, refuses_a_watermark_that_is_no_checkpoint)
{
    scratch_write(mark, "42\n", 3, 0600);

    expect_refusal("E-CORRUPT", "the watermark");
}

Test(recovery, does_not_judge_an_entry_of_a_version_that_it_does_not_know)
{
    enum { SCHEMA = 4 }; /* array of 2, bin with its length, array of 10, then 1 */

    size_t length;
    unsigned char *data = scratch_read(numbered("entries", 3), &length);
    cr_assert(eq(int, data[SCHEMA], 1));
    data[SCHEMA] = 2;
    scratch_write(numbered("entries", 3), data, length, 0444);
    free(data);

    cr_expect(
        eq(int, book_open(NULL, book, SIL_LEDGER_READ, &err), SIL_ERR_UNSUPPORTED),
        "%s", err.text);
}

Test(recovery, of_a_founding_without_an_entry_is_to_found_again)
{
    struct sil_store *store;
    struct book *other = book_new();
    MUST(sil_store_create(&store, &SIL_FS_POSIX, other->directory, &err));
    sil_store_close(store);

    cr_expect(eq(int, book_open(NULL, other, SIL_LEDGER_WRITE, &err), SIL_ERR_INPUT));

    sil_ledger_close(book_found(other, NULL));
    MUST(book_open(NULL, other, SIL_LEDGER_READ, &err));
    book_free(other);
}
