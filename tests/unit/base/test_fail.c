// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

Test(fail, returns_the_status_and_writes_the_sentence)
{
    struct sil_error err;
    cr_expect(eq(int, sil_fail(&err, SIL_ERR_INPUT, "column %d", 3), SIL_ERR_INPUT));
    cr_expect(eq(str, err.text, "column 3"));
}

Test(fail, accepts_no_error)
{
    cr_expect(eq(int, sil_fail(NULL, SIL_ERR_IO, "x"), SIL_ERR_IO));
    cr_expect(eq(int, sil_fail_errno(NULL, "x"), SIL_ERR_IO));
    cr_expect(eq(int, sil_fail_within(NULL, SIL_ERR_IO, "x"), SIL_ERR_IO));
}

Test(fail, errno_gives_the_reason)
{
    struct sil_error err;
    errno = ENOENT;
    cr_expect(eq(int, sil_fail_errno(&err, "cannot open %s", "a"), SIL_ERR_IO));
    cr_expect(eq(str, err.text, "cannot open a: No such file or directory"));
}

Test(fail, within_puts_the_context_in_front)
{
    struct sil_error err;
    (void)sil_fail(&err, SIL_ERR_INPUT, "no bins");
    cr_expect(eq(int, sil_fail_within(&err, SIL_ERR_INPUT, "field %s", "age"),
                 SIL_ERR_INPUT));
    cr_expect(eq(str, err.text, "field age: no bins"));
}

Test(fail, cuts_a_sentence_that_is_too_long)
{
    struct sil_error err;
    char name[2000];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    (void)sil_fail(&err, SIL_ERR_INPUT, "%s", name);
    cr_expect(eq(sz, strlen(err.text), sizeof err.text - 1));
    (void)sil_fail_within(&err, SIL_ERR_INPUT, "%s", name);
    cr_expect(eq(sz, strlen(err.text), sizeof err.text - 1));
}

Test(fail, control_bytes_of_names_do_not_reach_a_terminal)
{
    struct sil_error err;
    (void)sil_fail(&err, SIL_ERR_INPUT, "column \"%s\"",
                   "\033[31ma\177\a\n\xc2\x9b\xc3\xa9");
    cr_expect(eq(str, err.text, "column \"?[31ma?????\xc3\xa9\""));
    (void)sil_fail_within(&err, SIL_ERR_INPUT, "%s", "\033");
    cr_expect(eq(chr, err.text[0], '?'));
    errno = ENOENT;
    (void)sil_fail_errno(&err, "%s", "\033");
    cr_expect(eq(chr, err.text[0], '?'));
}

Test(fail, require_aborts, .signal = SIGABRT)
{
    SIL_REQUIRE(errno == -12345);
}
