// SPDX-License-Identifier: Apache-2.0
#include "ledger/refuse.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <string.h>

Test(refuse, names_rule_entry_and_reason)
{
    struct sil_error err;
    char id[16];

    cr_expect_eq(sil_refuse(&err, "F4", 3, "%s %d", "root", 1), SIL_ERR_CHECK);
    cr_expect_str_eq(err.text, "[F4] entry 3: root 1");
    sil_refusal_id(id, &err);
    cr_expect_str_eq(id, "F4");

    cr_expect_eq(sil_refuse(&err, "B2", UINT64_MAX, "spent"), SIL_ERR_CHECK);
    cr_expect_str_eq(err.text, "[B2] entry 18446744073709551615: spent");

    cr_expect_eq(sil_refuse_ledger(&err, "E-ROLLBACK", "%s", "older"), SIL_ERR_CHECK);
    cr_expect_str_eq(err.text, "[E-ROLLBACK] older");
    sil_refusal_id(id, &err);
    cr_expect_str_eq(id, "E-ROLLBACK");
}

Test(refuse, needs_no_place_for_the_sentence)
{
    cr_expect_eq(sil_refuse(NULL, "F1", 0, "x"), SIL_ERR_CHECK);
    cr_expect_eq(sil_refuse_ledger(NULL, "F1", "x"), SIL_ERR_CHECK);
}

Test(refuse, cannot_steer_a_terminal)
{
    struct sil_error err;
    sil_refuse(&err, "F1", 0, "name %s", "\x1b[2Jx\n");
    cr_expect_str_eq(err.text, "[F1] entry 0: name ?[2Jx?");
}

Test(refuse, finds_no_id_where_there_is_none)
{
    static const char *const TEXTS[] = {
        "", "no id", "[", "[F1", "x [F1] y", "[an id of too many letters] x"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct sil_error err = {{0}};
        char id[16] = "before";
        strcpy(err.text, TEXTS[i]);
        sil_refusal_id(id, &err);
        cr_expect_str_eq(id, "", "%s", TEXTS[i]);
    }
}

Test(refuse, cuts_what_is_too_long)
{
    struct sil_error err;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    sil_refuse(&err, "F1", 0, "%s", text);
    cr_expect_eq(strlen(err.text), sizeof err.text - 1);
}
