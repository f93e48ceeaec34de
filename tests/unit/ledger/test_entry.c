// SPDX-License-Identifier: Apache-2.0
/* Entry files: their limits, and what is refused before a parser may allocate. */
#include "body_maker.h"
#include "format_kit.h"
#include "ledger/fields.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define U(n) UINT64_C(n)

static sil_status parse(struct sil_entry *entry, const struct sil_bytes *file,
                        struct sil_error *err)
{
    return sil_entry_parse(entry, file->data, file->length, 7, err);
}

static void expect_refused(const struct sil_bytes *file, const char *id,
                           const char *name)
{
    struct sil_entry entry;
    struct sil_error err = {{0}};
    cr_expect_eq(parse(&entry, file, &err), SIL_ERR_CHECK, "%s", name);
    cr_expect(kit_refused(&err, id), "%s: %s", name, err.text);
    cr_expect_not_null(strstr(err.text, "entry 7: "), "%s: %s", name, err.text);
    sil_entry_clear(&entry);
}

static sil_status build(struct sil_bytes *out, const struct sil_entry *head,
                        const struct sil_bytes *body, struct sil_error *err)
{
    struct sil_secret_key *curator = kit_key(SEED_CURATOR);
    sil_status status = sil_entry_build(out, head, body, curator, err);
    sil_secret_key_free(curator);
    return status;
}

static struct sil_bytes make_close(void)
{
    struct sil_bytes body = {0};
    make_values(&body, "[usiis", 5, U(1), "close", 0xee, 0xb1, "done");
    return body;
}

/* ---- building ---- */

Test(entry, built_holds_what_was_given)
{
    struct sil_bytes body = make_close();
    struct sil_entry head = {.seq = 7, .time = 3600, .prev_root = {{9}}};
    struct sil_bytes file = {0};
    struct sil_entry entry;
    char curator[SIL_ID_TEXT];
    kit_fill(&head.ledger, SIL_ID_BYTES, 0xee);

    MUST(build(&file, &head, &body, NULL));
    MUST(parse(&entry, &file, NULL));

    cr_expect(sil_id_equal(&entry.ledger, &head.ledger));
    cr_expect_eq(entry.seq, 7);
    cr_expect_eq(entry.time, 3600);
    cr_expect_eq(entry.prev_root.bytes[0], 9);
    cr_expect_eq(entry.type, SIL_ENTRY_CLOSE);
    cr_expect_eq(entry.n_approvals, 0);
    cr_expect_eq(entry.body_length, body.length);
    cr_expect_arr_eq(entry.body_bytes, body.data, body.length);
    cr_expect_str_eq(entry.body.close_reason, "done");
    sil_id_print(curator, &entry.curator);
    cr_expect_str_eq(curator, "cc9d04e578efd34cc15ba6e917c59c96");
    sil_entry_clear(&entry);
    sil_bytes_clear(&file);
    sil_bytes_clear(&body);
}

Test(entry, built_twice_has_two_salts)
{
    struct sil_bytes body = make_close();
    struct sil_entry head = {.seq = 1};
    struct sil_bytes file[2] = {{0}};
    struct sil_entry entry[2];
    for (int i = 0; i < 2; i++) {
        MUST(build(&file[i], &head, &body, NULL));
        MUST(parse(&entry[i], &file[i], NULL));
    }
    cr_expect_arr_neq(entry[0].salt, entry[1].salt, 16);
    for (int i = 0; i < 2; i++) {
        sil_entry_clear(&entry[i]);
        sil_bytes_clear(&file[i]);
    }
    sil_bytes_clear(&body);
}

/* A release whose last artifact has a name of `n` bytes, and others of 512. */
static struct sil_bytes make_long(size_t n_full, size_t n)
{
    struct sil_bytes body = {0};
    char name[513] = {0};
    kit_fill(name, 512, 'x');
    make_values(&body, "[usii[[", 7, U(1), "release", 0xee, 0xb1, 0, (int)n_full + 1);
    for (size_t i = 0; i < n_full; i++) {
        make_values(&body, "[sh", 2, name, 1);
    }
    name[n] = '\0';
    make_values(&body, "[shh", 2, name, 1, 2);
    return body;
}

Test(entry, may_have_65535_bytes_and_no_more)
{
    struct sil_entry head = {.seq = 1};
    struct sil_bytes file = {0};
    struct sil_error err = {{0}};
    struct sil_bytes body = make_long(118, 300);
    MUST(build(&file, &head, &body, &err));
    size_t missing = 65535 - file.length;
    sil_bytes_clear(&body);
    cr_assert(missing < 200, "%zu", missing);

    file.length = 0;
    body = make_long(118, 300 + missing);
    cr_expect_eq(build(&file, &head, &body, &err), SIL_OK, "%s", err.text);
    cr_expect_eq(file.length, 65535);
    sil_bytes_clear(&body);

    body = make_long(118, 300 + missing + 1);
    cr_expect_eq(build(&file, &head, &body, &err), SIL_ERR_USAGE);
    cr_expect_eq(file.length, 65535, "what was there stays");
    sil_bytes_clear(&body);
    sil_bytes_clear(&file);
}

/* ---- approvals ---- */

static struct sil_approval *make_approvals(int n)
{
    struct sil_approval *approvals = calloc((size_t)n, sizeof *approvals);
    for (int i = 0; i < n; i++) {
        kit_fill(&approvals[i].key, SIL_ID_BYTES, i + 1);
        strcpy(approvals[i].signature.comment, "silhouette/v1");
    }
    return approvals;
}

static sil_status build_approved(struct sil_approval *approvals, size_t n)
{
    struct sil_bytes body = make_close();
    struct sil_bytes file = {0};
    struct sil_entry entry = {0};
    struct sil_entry head = {.seq = 1, .approvals = approvals, .n_approvals = n};
    sil_status status = build(&file, &head, &body, NULL);
    if (status == SIL_OK) {
        MUST(parse(&entry, &file, NULL));
        cr_expect_eq(entry.n_approvals, n);
        cr_expect_str_eq(entry.approvals[n - 1].signature.comment, "silhouette/v1");
    }
    sil_entry_clear(&entry);
    sil_bytes_clear(&file);
    sil_bytes_clear(&body);
    return status;
}

Test(entry, has_at_most_64_approvals_in_the_order_of_their_keys)
{
    struct sil_approval *approvals = make_approvals(65);
    struct sil_approval first = approvals[0];

    cr_expect_eq(build_approved(approvals, 64), SIL_OK);
    cr_expect_eq(build_approved(approvals, 65), SIL_ERR_USAGE);
    approvals[0] = approvals[1];
    cr_expect_eq(build_approved(approvals, 2), SIL_OK, "one key twice is not of form");
    approvals[1] = first;
    cr_expect_eq(build_approved(approvals, 2), SIL_ERR_USAGE);
    approvals[1].signature.comment[0] = '\x1b';
    cr_expect_eq(build_approved(approvals + 1, 1), SIL_ERR_USAGE, "ESC");
    free(approvals);
}

/* ---- the head ---- */

struct head_case {
    const char *name;
    uint64_t schema;
    uint64_t type;
    size_t salt; ///< bytes
    int more;    ///< elements behind the last
    sil_status status;
    const char *id;
};

static struct sil_bytes make_file(const struct head_case *c,
                                  const struct sil_bytes *body)
{
    struct sil_bytes payload = {0};
    struct sil_bytes file = {0};
    make_values(&payload, "[uiuhuubi", 10 + c->more, c->schema, 0xee, U(7), 1, U(0),
                c->type, c->salt, 2, 3);
    MUST(sil_mp_put_bin(&payload, body->data, body->length, NULL));
    make_values(&payload, "[", 0);
    if (c->more > 0) {
        make_values(&payload, "u", U(0));
    }
    make_values(&file, "[", 2);
    MUST(sil_mp_put_bin(&file, payload.data, payload.length, NULL));
    make_values(&file, "b", (size_t)64, 5);
    sil_bytes_clear(&payload);
    return file;
}

Test(entry, has_a_head_of_one_form)
{
    static const struct head_case CASES[] = {
        {"right",           1, 8,  16, 0, SIL_OK,              ""  },
        {"schema 2",        2, 8,  16, 0, SIL_ERR_UNSUPPORTED, ""  },
        {"schema 0",        0, 8,  16, 0, SIL_ERR_UNSUPPORTED, ""  },
        {"type 11",         1, 11, 16, 0, SIL_ERR_UNSUPPORTED, ""  },
        {"another type",    1, 9,  16, 0, SIL_ERR_CHECK,       "F1"},
        {"a short salt",    1, 8,  15, 0, SIL_ERR_CHECK,       "F1"},
        {"an element more", 1, 8,  16, 1, SIL_ERR_CHECK,       "F1"},
    };
    struct sil_bytes body = make_close();

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_bytes file = make_file(&CASES[i], &body);
        struct sil_entry entry;
        struct sil_error err = {{0}};
        cr_expect_eq(parse(&entry, &file, &err), CASES[i].status, "%s: %s",
                     CASES[i].name, err.text);
        cr_expect(kit_refused(&err, CASES[i].id), "%s: %s", CASES[i].name, err.text);
        sil_entry_clear(&entry);
        sil_bytes_clear(&file);
    }
    sil_bytes_clear(&body);
}

Test(entry, cut_short_or_grown_by_a_byte_is_none)
{
    for (int i = 0; i < 5; i++) {
        char name[] = "five/E0.bin";
        name[6] = (char)('0' + i);
        struct sil_bytes file = kit_file(name);
        size_t length = file.length;
        for (file.length = 0; file.length < length; file.length++) {
            expect_refused(&file, "F1", name);
        }
        MUST(sil_bytes_append(&file, "\x90", 1, NULL));
        expect_refused(&file, "F1", name);
        sil_bytes_clear(&file);
    }
}

/* ---- limits of the profile ---- */

static sil_status open_fields(const struct sil_bytes *bytes, struct sil_error *err)
{
    struct sil_mp_text *text;
    struct sil_mp_array array = {.what = "it"};
    sil_status status = sil_fields_open(&text, &array, bytes->data, bytes->length, err);
    cr_expect_eq(status == SIL_OK, text != NULL);
    sil_mp_free(text);
    return sil_fields_refuse(err, status);
}

static void expect_limit(struct sil_bytes *inside, struct sil_bytes *outside,
                         const char *name)
{
    struct sil_error err = {{0}};
    cr_expect_eq(open_fields(inside, &err), SIL_OK, "%s: %s", name, err.text);
    cr_expect_eq(open_fields(outside, &err), SIL_ERR_CHECK, "%s", name);
    cr_expect(kit_refused(&err, "F2"), "%s: %s", name, err.text);
    sil_bytes_clear(inside);
    sil_bytes_clear(outside);
}

static void put_numbers(struct sil_bytes *out, int n)
{
    make_values(out, "[", n);
    for (int i = 0; i < n; i++) {
        make_values(out, "u", U(1));
    }
}

Test(profile, limits_are_met_exactly)
{
    struct sil_bytes inside = {0};
    struct sil_bytes outside = {0};
    char text[514];

    make_values(&inside, "[u", 1, U(0x7fffffffffffffff));
    make_values(&outside, "[u", 1, U(0x8000000000000000));
    expect_limit(&inside, &outside, "an integer below 2^63");

    kit_fill(text, sizeof text, '~');
    text[513] = '\0';
    make_values(&outside, "[s", 1, text);
    text[512] = '\0';
    make_values(&inside, "[s", 1, text);
    expect_limit(&inside, &outside, "a string of 512 bytes");

    put_numbers(&inside, 4096);
    put_numbers(&outside, 4097);
    expect_limit(&inside, &outside, "an array of 4096");

    make_values(&inside, "[[[[[", 1, 1, 1, 1, 0);
    make_values(&outside, "[[[[[[", 1, 1, 1, 1, 1, 0);
    expect_limit(&inside, &outside, "five arrays in one another");

    make_values(&inside, "[b", 1, (size_t)65535 - 4, 0);
    make_values(&outside, "[b", 1, (size_t)65536 - 4, 0);
    expect_limit(&inside, &outside, "65535 bytes");
}

/* Bytes that a parser without a scanner in front would allocate for by the gigabyte, or
 * recurse into. They have to fail as refusals: were memory asked for, it would be
 * SIL_ERR_INTERNAL. */
Test(profile, bombs_are_refused_for_their_size)
{
    static const char *const BOMBS[] = {
        "ddff000000",                       /* an array of 4278190080 */
        "ddffffffff",           "dcffff",   /* of 4294967295, of 65535 */
        "91ddff000000",                     /* one level down */
        "91c6ffffffff",                     /* a byte string of 4 GiB */
        "91dbffffffff",         "91daffff", /* strings */
        "91cfffffffffffffffff",             /* 2^64 - 1 */
    };
    struct sil_bytes bytes = {0};
    struct sil_error err = {{0}};

    for (size_t i = 0; i < sizeof BOMBS / sizeof BOMBS[0]; i++) {
        make_values(&bytes, "x", BOMBS[i]);
        cr_expect_eq(open_fields(&bytes, &err), SIL_ERR_CHECK, "%s", BOMBS[i]);
        cr_expect(kit_refused(&err, "F2"), "%s: %s", BOMBS[i], err.text);
        expect_refused(&bytes, "F2", BOMBS[i]);
        bytes.length = 0;
    }
    for (int i = 0; i < 200; i++) {
        make_values(&bytes, "[", 1);
    }
    expect_refused(&bytes, "F2", "200 arrays in one another");
    sil_bytes_clear(&bytes);
}

Test(profile, longer_forms_than_the_shortest_are_refused)
{
    static const char *const FORMS[] = {
        "91cc7f",
        "91cd0001",
        "91cd00ff",
        "91ce0000ffff",
        "91cf00000000ffffffff",
        "91d90161",
        "91da000161",
        "91db0000000161",
        "91c5000100",
        "91c60000000100",
        "dc000101",
        "dd0000000101",
        "91dc0000",
        "91dd00000000",
    };
    struct sil_bytes bytes = {0};
    struct sil_error err = {{0}};
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        make_values(&bytes, "x", FORMS[i]);
        cr_expect_eq(open_fields(&bytes, &err), SIL_ERR_CHECK, "%s", FORMS[i]);
        cr_expect(kit_refused(&err, "F1"), "%s: %s", FORMS[i], err.text);
        cr_expect_not_null(strstr(err.text, "not the shortest form"), "%s: %s",
                           FORMS[i], err.text);
        bytes.length = 0;
    }
    sil_bytes_clear(&bytes);
}

Test(profile, kinds_that_have_no_place_are_refused)
{
    /* Every first byte but those of unsigned integers, strings, byte strings, arrays. */
    for (int tag = 0x80; tag <= 0xff; tag++) {
        bool is_allowed = (tag >= 0x90 && tag <= 0xbf) ||
                          (tag >= 0xc4 && tag <= 0xc6) ||
                          (tag >= 0xcc && tag <= 0xcf) || (tag >= 0xd9 && tag <= 0xdd);
        uint8_t text[24] = {0x91, (uint8_t)tag};
        struct sil_bytes bytes = {.data = text, .length = sizeof text};
        struct sil_error err = {{0}};
        cr_expect_eq(open_fields(&bytes, &err), SIL_ERR_CHECK, "%02x", tag);
        cr_expect_eq(strstr(err.text, "a kind of value that is not allowed") != NULL,
                     !is_allowed, "%02x: %s", tag, err.text);
    }
}
