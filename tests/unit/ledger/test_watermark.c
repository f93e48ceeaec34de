// SPDX-License-Identifier: Apache-2.0
#include "ledger/store.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t LEDGER[16] = {0xab, 1, 2, 3};
#define FILE_NAME "ab010203000000000000000000000000.watermark"

static struct scratch room;

static void start(void)
{
    room = scratch_new();
}

static void stop(void)
{
    scratch_remove(&room);
}

TestSuite(watermark, .init = start, .fini = stop);

static sil_status write_words(const char *state, const char *words)
{
    struct sil_bytes data = {.data = (uint8_t *)(uintptr_t)words,
                             .length = strlen(words)};
    return sil_watermark_write(&SIL_FS_POSIX, state, LEDGER, &data, NULL);
}

static sil_status read_words(char words[32], bool *present, const char *state)
{
    struct sil_bytes data;
    sil_status status =
        sil_watermark_read(&data, present, &SIL_FS_POSIX, state, LEDGER, NULL);
    (void)snprintf(words, 32, "%.*s", (int)data.length,
                   data.data == NULL ? "" : (const char *)data.data);
    sil_bytes_clear(&data);
    return status;
}

Test(watermark, is_the_last_that_was_written_in_a_directory_that_was_made_for_it)
{
    const char *state = scratch_path(&room, "a/b/c");
    char words[32];
    bool present;
    cr_assert(eq(int, read_words(words, &present, state), SIL_OK));
    cr_expect(not(present));

    cr_assert(eq(int, write_words(state, "five"), SIL_OK));
    cr_assert(eq(int, write_words(state, "six"), SIL_OK));

    cr_assert(eq(int, read_words(words, &present, state), SIL_OK));
    cr_expect(present);
    cr_expect(eq(str, words, "six"));
    cr_expect(eq(sz, scratch_count(state), 1), "no temporary file is left");
}

Test(watermark, of_another_ledger_is_not_seen)
{
    static const uint8_t OTHER[16] = {1};
    const char *state = scratch_path(&room, "state");
    struct sil_bytes data;
    bool present = true;
    cr_assert(eq(int, write_words(state, "five"), SIL_OK));

    cr_assert(eq(int,
                 sil_watermark_read(&data, &present, &SIL_FS_POSIX, state, OTHER, NULL),
                 SIL_OK));

    cr_expect(not(present));
}

Test(watermark, removes_what_a_killed_write_left_and_nothing_else)
{
    const char *state = scratch_path(&room, "state");
    cr_assert(zero(int, mkdir(state, 0700)));
    scratch_write(scratch_path(&room, "state/" FILE_NAME ".0123"), "half", 4, 0600);
    scratch_write(scratch_path(&room, "state/other"), "x", 1, 0600);

    cr_assert(eq(int, write_words(state, "five"), SIL_OK));

    cr_expect(eq(sz, scratch_count(state), 2));
    cr_expect(scratch_exists(scratch_path(&room, "state/other")));
}

Test(watermark, is_refused_when_others_could_have_changed_it)
{
    const char *state = scratch_path(&room, "state");
    const char *file = scratch_path(&room, "state/" FILE_NAME);
    char words[32];
    bool present;
    cr_assert(eq(int, write_words(state, "five"), SIL_OK));

    cr_assert(zero(int, chmod(file, 0666)));
    cr_expect(eq(int, read_words(words, &present, state), SIL_ERR_INPUT));
    cr_assert(zero(int, chmod(file, 0600)));
    cr_assert(zero(int, link(file, scratch_path(&room, "twin"))));
    cr_expect(eq(int, read_words(words, &present, state), SIL_ERR_INPUT));
    cr_assert(zero(int, unlink(scratch_path(&room, "twin"))));
    cr_expect(eq(int, read_words(words, &present, state), SIL_OK));

    cr_assert(zero(int, chmod(state, 0777)));
    cr_expect(eq(int, read_words(words, &present, state), SIL_ERR_INPUT));
    cr_expect(eq(int, write_words(state, "six"), SIL_ERR_INPUT));
}
