// SPDX-License-Identifier: Apache-2.0
/* Bodies that are refused, each by the id of its rule. */
#include "body_maker.h"
#include "format_kit.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define U(n) UINT64_C(n)

static void expect_refused(struct sil_bytes *bytes, const char *id, const char *name)
{
    struct sil_body body;
    struct sil_error err = {{0}};
    cr_expect_eq(sil_body_decode(&body, bytes->data, bytes->length, &err),
                 SIL_ERR_CHECK, "%s", name);
    cr_expect(kit_refused(&err, id), "%s: %s", name, err.text);
    sil_body_clear(&body); /* empty, and may be cleared all the same */
    sil_bytes_clear(bytes);
}

static void make_grant(struct sil_bytes *bytes, const char *rho)
{
    make_values(bytes, "[usiissus", 8, U(1), "grant", 0xee, 0xb0, rho, "0/1", U(9),
                "p");
}

static const char DIGITS_160[] = "1234567890123456789012345678901234567890"
                                 "1234567890123456789012345678901234567890"
                                 "1234567890123456789012345678901234567890"
                                 "1234567890123456789012345678901234567891";

Test(body_refusal, a_rational_has_one_text)
{
    static const char *const GOOD[] = {
        "0/1", "1/1", "1/2", "2/1", "10/9", "9/10", "1/36893488147419103232"};
    static const char *const BAD[] = {"",
                                      "1",
                                      "/",
                                      "1/",
                                      "/2",
                                      "0/2",
                                      "0/0",
                                      "1/0",
                                      "00/1",
                                      "01/8",
                                      "1/08",
                                      "2/16",
                                      "+1/2",
                                      "-1/2",
                                      "1/-2",
                                      " 1/2",
                                      "1/2 ",
                                      "1 /2",
                                      "1/ 2",
                                      "1//2",
                                      "1/2/",
                                      "1/2/3",
                                      "0.5",
                                      "1e1/2",
                                      "0x1/2",
                                      "1/2a",
                                      "a/2",
                                      "6/4",
                                      "0/10",
                                      "2/36893488147419103232",
                                      "18446744073709551615/36893488147419103230"};
    struct sil_bytes bytes = {0};
    struct sil_body body;

    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        make_grant(&bytes, GOOD[i]);
        read_body(&body, &bytes);
        sil_body_clear(&body);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        make_grant(&bytes, BAD[i]);
        expect_refused(&bytes, "F1", BAD[i]);
    }
}

Test(body_refusal, a_rational_has_at_most_160_digits_a_side)
{
    char text[600];
    struct sil_bytes bytes = {0};
    struct sil_body body;

    (void)snprintf(text, sizeof text, "%s/1", DIGITS_160);
    make_grant(&bytes, text);
    read_body(&body, &bytes);
    sil_body_clear(&body);
    (void)snprintf(text, sizeof text, "1/%s", DIGITS_160);
    make_grant(&bytes, text);
    read_body(&body, &bytes);
    sil_body_clear(&body);

    (void)snprintf(text, sizeof text, "%s1/1", DIGITS_160);
    make_grant(&bytes, text);
    expect_refused(&bytes, "F2", "161 digits above");
    (void)snprintf(text, sizeof text, "1/%s1", DIGITS_160);
    make_grant(&bytes, text);
    expect_refused(&bytes, "F2", "161 digits below");
}

Test(body_refusal, a_rational_of_a_million_digits_is_not_looked_at)
{
    size_t n = 1000000;
    char *text = malloc(n + 1);
    struct sil_bytes bytes = {0};
    kit_fill(text, n, '1');
    text[n] = '\0';
    make_grant(&bytes, text);
    expect_refused(&bytes, "F2", "a million digits");
    free(text);
}

static const char *const ROW[3] = {"row", "", "add-remove"};

static void check_genesis(struct sil_bytes *bytes, const char *id, const char *name)
{
    struct sil_body body;
    if (id != NULL) {
        expect_refused(bytes, id, name);
        return;
    }
    read_body(&body, bytes);
    sil_body_clear(&body);
}

Test(body_refusal, a_prefix_begins_the_name_of_a_note)
{
    char longest[300];
    static const char *const NONE[2] = {NULL};

    static const struct {
        const char *prefix;
        const char *id;
    } CASES[] = {
        {"example.org/a", NULL},
        {"a",             NULL},
        {"",              "F1"},
        {"a b",           "F1"},
        {"a+b",           "F1"},
    };
    struct sil_bytes bytes = {0};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        make_genesis(&bytes, CASES[i].prefix, ROW, 1, NONE);
        check_genesis(&bytes, CASES[i].id, CASES[i].prefix);
    }

    /* "/silhouette/" and 32 digits follow, and a name has 255 bytes. */
    kit_fill(longest, sizeof longest, 'a');
    longest[212] = '\0';
    make_genesis(&bytes, longest, ROW, 1, NONE);
    check_genesis(&bytes, "F2", "212 bytes");
    longest[211] = '\0';
    make_genesis(&bytes, longest, ROW, 1, NONE);
    check_genesis(&bytes, NULL, "211 bytes");
}

Test(body_refusal, a_unit_is_a_row_or_some_rows_of_an_id)
{
    static const struct {
        const char *people[3];
        uint64_t rows;
        const char *id;
    } CASES[] = {
        {{"row", "", "add-remove"},  1, NULL},
        {{"id", "c", "replace-one"}, 1, NULL},
        {{"id", "c", "add-remove"},  9, NULL},
        {{"id", "c", "add-remove"},  0, "F1"},
        {{"id", "", "add-remove"},   9, "F1"},
        {{"row", "c", "add-remove"}, 1, "F1"},
        {{"row", "", "add-remove"},  0, "F1"},
        {{"row", "", "add-remove"},  2, "F1"},
        {{"rows", "", "add-remove"}, 1, "F1"},
        {{"", "", "add-remove"},     1, "F1"},
        {{"row", "", "replace"},     1, "F1"},
    };
    struct sil_bytes bytes = {0};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        make_genesis(&bytes, "a", CASES[i].people, CASES[i].rows,
                     (const char *const[2]){NULL});
        check_genesis(&bytes, CASES[i].id, CASES[i].people[0]);
    }
}

#define REPLACE "replace-one"
#define ADD     "add-remove"

static const struct {
    const char *unit;
    const char *neighbours;
    const char *invariants[2];
    const char *id; ///< NULL: good
} INVARIANTS[] = {
    {"row", ADD,     {"roles-shared"},                         NULL},
    {"row", ADD,     {"roles-shared", "witness-before-noise"}, NULL},
    {"row", ADD,     {"witness-before-noise", "roles-shared"}, "F1"},
    {"row", ADD,     {"roles-shared", "roles-shared"},         "F1"},
    {"row", ADD,     {"noiseless"},                            "F1"},
    {"row", ADD,     {""},                                     "F1"},
    {"row", REPLACE, {"n=10"},                                 NULL},
    {"row", REPLACE, {"n=10", "roles-shared"},                 NULL},
    {"row", REPLACE, {"n=999999999999999999"},                 NULL},
    {"row", REPLACE, {"n=1000000000000000000"},                "F1"},
    {"row", REPLACE, {"n=0"},                                  "F1"},
    {"row", REPLACE, {"n="},                                   "F1"},
    {"row", REPLACE, {"n=01"},                                 "F1"},
    {"row", REPLACE, {"n=1x"},                                 "F1"},
    {"row", REPLACE, {"n=1", "n=2"},                           "F1"},
    {"row", ADD,     {"n=10"},                                 "P1"},
    {"id",  REPLACE, {"n=10"},                                 "P1"},
};

Test(body_refusal, invariants_ascend_and_count_only_what_is_public)
{
    for (size_t i = 0; i < sizeof INVARIANTS / sizeof INVARIANTS[0]; i++) {
        struct sil_bytes bytes = {0};
        const char *id_column = INVARIANTS[i].unit[0] == 'i' ? "c" : "";
        const char *const people[] = {INVARIANTS[i].unit, id_column,
                                      INVARIANTS[i].neighbours};
        make_genesis(&bytes, "a", people, 1, INVARIANTS[i].invariants);
        check_genesis(&bytes, INVARIANTS[i].id, INVARIANTS[i].invariants[0]);
    }
}

Test(body_refusal, genesis_has_a_delta_a_granularity_and_a_parent_with_entries)
{
    struct sil_bytes bytes = {0};
    make_values(&bytes, "[ushss[[uuu[sssu[", 13, U(1), "genesis", 0x10, "a", "l", 0, 3,
                U(1), U(0), U(3600), 4, "row", "", "add-remove", U(1), 0);
    make_values(&bytes, "[ssssh[[ss", 4, "zcdp", "1/1", "0/1", "0/1", 0x11, 0, 2, "t",
                "v");
    expect_refused(&bytes, "F1", "a delta of 0");
    make_values(&bytes, "[ushss[[uuu[sssu[", 13, U(1), "genesis", 0x10, "a", "l", 0, 3,
                U(1), U(0), U(0), 4, "row", "", "add-remove", U(1), 0);
    make_values(&bytes, "[ssssh[[ss", 4, "zcdp", "1/1", "0/1", "1/9", 0x11, 0, 2, "t",
                "v");
    expect_refused(&bytes, "F1", "a granularity of 0");
    make_values(&bytes, "[ushss[[uuu[sssu[", 13, U(1), "genesis", 0x10, "a", "l", 0, 3,
                U(1), U(0), U(1), 4, "row", "", "add-remove", U(1), 0);
    make_values(&bytes, "[ssssh[iuh[ss", 4, "zcdp", "1/1", "0/1", "1/9", 0x11, 3, 0x12,
                U(0), 0x13, 2, "t", "v");
    expect_refused(&bytes, "F1", "a parent without entries");
    make_values(&bytes, "[ushss[[uuu[sssu[", 13, U(1), "genesis", 0x10, "a", "l", 0, 3,
                U(1), U(0), U(1), 4, "row", "", "add-remove", U(1), 0);
    make_values(&bytes, "[ssssh[[ss", 4, "pure", "1/1", "0/1", "1/9", 0x11, 0, 2, "t",
                "v");
    expect_refused(&bytes, "F1", "other accounting");
}

Test(body_refusal, columns_of_a_mechanism_ascend)
{
    struct sil_bytes bytes = {0};
    const char *form = "[usiih[[s[uussss";
    make_values(&bytes, form, 6, U(1), "measure", 0xee, 0xb1, 0x41, 1, 6, "exponential",
                2, U(3), U(3), "1/1", "1/1", "1/8", "0/1");
    expect_refused(&bytes, "F1", "a column twice");
    make_values(&bytes, form, 6, U(1), "measure", 0xee, 0xb1, 0x41, 1, 6, "exponential",
                2, U(3), U(2), "1/1", "1/1", "1/8", "0/1");
    expect_refused(&bytes, "F1", "columns that descend");
    make_values(&bytes, form, 6, U(1), "measure", 0xee, 0xb1, 0x41, 1, 6, "exponential",
                2, U(3), U(4294967296), "1/1", "1/1", "1/8", "0/1");
    expect_refused(&bytes, "F2", "column 2^32");
    make_values(&bytes, form, 6, U(1), "measure", 0xee, 0xb1, 0x41, 1, 6, "laplace", 2,
                U(3), U(4), "1/1", "1/1", "1/8", "0/1");
    expect_refused(&bytes, "F1", "another mechanism");
    make_values(&bytes, "[usiih[[s[sssss", 6, U(1), "measure", 0xee, 0xb1, 0x41, 1, 7,
                "exponential", 0, "1/1", "1/1", "1/8", "0/1", "1/1");
    expect_refused(&bytes, "F1", "a threshold too many");
    make_values(&bytes, "[usiih[[s[ssss", 6, U(1), "measure", 0xee, 0xb1, 0x41, 1, 6,
                "gaussian-threshold", 0, "1/1", "1/1", "1/2", "0/1");
    expect_refused(&bytes, "F1", "a threshold that lacks");
}

Test(body_refusal, words_of_closed_sets_are_the_only_ones)
{
    struct sil_bytes bytes = {0};
    make_values(&bytes, "[usiiuhsh", 8, U(1), "audit", 0xee, 0xb1, U(1), 1, "fine", 2);
    expect_refused(&bytes, "F1", "verdict");
    make_values(&bytes, "[usiisu[s", 8, U(1), "recover", 0xee, 0xb1, "undo", U(1), 0,
                "");
    expect_refused(&bytes, "F1", "kind");
    make_values(&bytes, "[usii[[sshb[[", 7, U(1), "keyset", 0xee, 0xb1, 1, 4, "witness",
                "w", 1, (size_t)8, 2, 0, 0);
    expect_refused(&bytes, "F1", "role");
    make_values(&bytes, "[usii[[sshb[[", 7, U(1), "keyset", 0xee, 0xb1, 1, 4, "log",
                "l", 1, (size_t)9, 2, 0, 0);
    expect_refused(&bytes, "F1", "a key number of 9 bytes");
    make_values(&bytes, "[usii[[[uuu", 7, U(1), "keyset", 0xee, 0xb1, 0, 0, 3, U(1),
                U(1), U(1));
    expect_refused(&bytes, "F1", "three thresholds");
}

Test(body_refusal, has_as_many_elements_as_its_type_says)
{
    struct sil_bytes bytes = {0};
    make_values(&bytes, "[usii", 4, U(1), "close", 0xee, 0xb1);
    expect_refused(&bytes, "F1", "one lacks");
    make_values(&bytes, "[usiiss", 6, U(1), "close", 0xee, 0xb1, "a", "b");
    expect_refused(&bytes, "F1", "one too many");
    make_values(&bytes, "[usiiu", 5, U(1), "close", 0xee, 0xb1, U(1));
    expect_refused(&bytes, "F1", "of another kind");
    make_values(&bytes, "[usbis", 5, U(1), "close", (size_t)15, 0xee, 0xb1, "a");
    expect_refused(&bytes, "F1", "an id of 15 bytes");
    make_values(&bytes, "s", "close");
    expect_refused(&bytes, "F1", "no array");
    make_values(&bytes, "[", 0);
    expect_refused(&bytes, "F1", "an empty array");
}

Test(body_refusal, of_another_schema_or_type_is_not_supported)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;
    make_values(&bytes, "[usiis", 5, U(2), "close", 0xee, 0xb1, "a");
    cr_expect_eq(sil_body_decode(&body, bytes.data, bytes.length, NULL),
                 SIL_ERR_UNSUPPORTED);
    sil_bytes_clear(&bytes);
    make_values(&bytes, "[usiis", 5, U(1), "delegate", 0xee, 0xb1, "a");
    cr_expect_eq(sil_body_decode(&body, bytes.data, bytes.length, NULL),
                 SIL_ERR_UNSUPPORTED);
    sil_bytes_clear(&bytes);
}

Test(body_refusal, names_cannot_steer_a_terminal)
{
    /* A string of three bytes, one of which is not printable ASCII. */
    static const char *const TEXTS[] = {"a3611b62", "a3610a62", "a3610062", "a3617f62",
                                        "a361c3a9"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct sil_bytes bytes = {0};
        make_values(&bytes, "[usiix", 5, U(1), "close", 0xee, 0xb1, TEXTS[i]);
        expect_refused(&bytes, "F1", TEXTS[i]);
    }
}

Test(body_refusal, refusals_name_the_place)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;
    struct sil_error err = {{0}};
    make_grant(&bytes, "2/16");
    cr_expect_eq(sil_body_decode(&body, bytes.data, bytes.length, &err), SIL_ERR_CHECK);
    cr_expect_str_eq(err.text, "[F1] grant: rho is not in lowest terms");
    bytes.data[1] = 0xc0;
    cr_expect_eq(sil_body_decode(&body, bytes.data, bytes.length, &err), SIL_ERR_CHECK);
    cr_expect_str_eq(err.text,
                     "[F1] the body: byte 1: a kind of value that is not allowed");
    sil_bytes_clear(&bytes);
}
