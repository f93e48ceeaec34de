// SPDX-License-Identifier: Apache-2.0
/* Bodies: what each element means, what is not written, what an authority is shown. */
#include "body_maker.h"
#include "format_kit.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define U(n)  UINT64_C(n)
#define U_MAX UINT64_C(0x7fffffffffffffff)

static bool is_filled(const void *data, size_t n, int byte)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != (uint8_t)byte) {
            return false;
        }
    }
    return true;
}

static void check_heading(const struct sil_body *body, enum sil_entry_type type, int id)
{
    cr_expect_eq(body->type, type);
    cr_expect(is_filled(&body->ledger, SIL_ID_BYTES, 0xee));
    cr_expect(is_filled(&body->id, SIL_ID_BYTES, id));
}

/* ---- the meaning of elements; genesis to release: test_entry_vectors.c ---- */

Test(body, keyset_adds_revokes_and_sets_thresholds)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;
    make_values(&bytes, "[usii", 7, U(1), "keyset", 0xee, 0xb1);
    make_values(&bytes, "[[sshb", 1, 4, "auditor", "eyes", 0x21, (size_t)8, 0x22);
    make_values(&bytes, "[[ius[ius", 2, 3, 0x31, U(5), "lost", 3, 0x32, U_MAX, "");
    make_values(&bytes, "[uu", 2, U(3), U(2));

    read_body(&body, &bytes);

    const struct sil_keyset *keyset = &body.keyset;
    check_heading(&body, SIL_ENTRY_KEYSET, 0xb1);
    cr_assert_eq(keyset->n_add, 1);
    cr_expect_eq(keyset->add[0].role, SIL_ROLE_AUDITOR);
    cr_expect_str_eq(keyset->add[0].name, "eyes");
    cr_expect(is_filled(keyset->add[0].public_key, 32, 0x21));
    cr_expect(is_filled(keyset->add[0].keynum, 8, 0x22));
    cr_assert_eq(keyset->n_revoke, 2);
    cr_expect(is_filled(&keyset->revoke[0].key, SIL_ID_BYTES, 0x31));
    cr_expect_eq(keyset->revoke[0].as_of_seq, 5);
    cr_expect_str_eq(keyset->revoke[0].reason, "lost");
    cr_expect_eq(keyset->revoke[1].as_of_seq, INT64_MAX);
    cr_expect_str_eq(keyset->revoke[1].reason, "");
    cr_expect(keyset->has_thresholds);
    cr_expect_eq(keyset->thresholds.authority, 3);
    cr_expect_eq(keyset->thresholds.witness, 2);
    sil_body_clear(&body);
}

Test(body, keyset_without_thresholds_leaves_them)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;
    make_values(&bytes, "[usii[[[", 7, U(1), "keyset", 0xee, 0xb1, 0, 0, 0);
    read_body(&body, &bytes);
    cr_expect(!body.keyset.has_thresholds);
    cr_expect_eq(body.keyset.n_add + body.keyset.n_revoke, 0);
    sil_body_clear(&body);
}

Test(body, key_ids_are_computed)
{
    struct sil_bytes file = kit_file("five/E0.bin");
    struct sil_entry entry;
    char id[SIL_ID_TEXT];
    MUST(sil_entry_parse(&entry, file.data, file.length, 0, NULL));
    cr_assert_eq(entry.body.genesis.n_keys, 4);
    sil_id_print(id, &entry.body.genesis.keys[2].id);
    cr_expect_str_eq(id, "2ef4e9ac7c205b9a3aa2fcb676b79248");
    sil_entry_clear(&entry);
    sil_bytes_clear(&file);
}

Test(body, genesis_may_name_its_parent)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;
    make_values(&bytes, "[ushss[[uuu", 13, U(1), "genesis", 0x10, "a.b", "label", 0, 3,
                U(1), U(2), U(60));
    make_values(&bytes, "[sssu[ss[ssss", 4, "id", "person", "replace-one", U(7), 2,
                "roles-shared", "witness-before-noise", 4, "zcdp", "5/3", "1/7", "1/9");
    make_values(&bytes, "h[iuh[ss", 0x11, 3, 0x12, U(9), 0x13, 2, "tool", "2");

    read_body(&body, &bytes);

    const struct sil_genesis *genesis = &body.genesis;
    cr_expect_eq(genesis->thresholds.witness, 2);
    cr_expect_eq(genesis->time_gran, 60);
    cr_expect_str_eq(genesis->unit, "id");
    cr_expect_str_eq(genesis->id_column, "person");
    cr_expect_eq(genesis->neighbours, SIL_REPLACE_ONE);
    cr_expect_eq(genesis->max_contrib, 7);
    cr_assert_eq(genesis->n_invariants, 2);
    cr_expect_str_eq(genesis->invariants[1], "witness-before-noise");
    cr_expect_eq(mpq_cmp_ui(genesis->cap_rho.v, 5, 3), 0);
    cr_expect_eq(mpq_cmp_ui(genesis->cap_delta.v, 1, 7), 0);
    cr_expect_eq(mpq_cmp_ui(genesis->report_delta.v, 1, 9), 0);
    cr_expect(genesis->has_parent);
    cr_expect(is_filled(&genesis->parent, SIL_ID_BYTES, 0x12));
    cr_expect_eq(genesis->parent_size, 9);
    cr_expect(is_filled(&genesis->parent_root, 32, 0x13));
    cr_expect(is_filled(genesis->data_commit, 32, 0x11));
    cr_expect_str_eq(genesis->version, "2");
    sil_body_clear(&body);
}

Test(body, measure_of_a_threshold_has_a_seventh_element)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;
    make_values(&bytes, "[usiih[", 6, U(1), "measure", 0xee, 0xb1, 0x41, 1);
    make_values(&bytes, "[s[uusssss", 7, "gaussian-threshold", 2, U(0), U(4294967295),
                "1/1", "9/2", "1/9", "1/1000", "40/3");

    read_body(&body, &bytes);

    const struct sil_spending *line = &body.measure.lines[0];
    check_heading(&body, SIL_ENTRY_MEASURE, 0);
    cr_expect(is_filled(&body.measure.reserve, SIL_ID_BYTES, 0xb1));
    cr_expect_eq(line->mechanism, SIL_SPENT_THRESHOLD);
    cr_expect(line->n_attrs == 2 && line->attrs[1] == UINT32_MAX);
    cr_expect_eq(mpq_cmp_ui(line->parameter, 9, 2), 0);
    cr_expect_eq(mpq_cmp_ui(line->rho, 1, 9), 0);
    cr_expect_eq(mpq_cmp_ui(line->delta, 1, 1000), 0);
    cr_expect_eq(mpq_cmp_ui(line->threshold, 40, 3), 0);
    sil_body_clear(&body);
}

Test(body, audit_recover_close_notice_and_data_say_what_they_say)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;

    make_values(&bytes, "[usiiuhsh", 8, U(1), "audit", 0xee, 0xb1, U(12), 0x51,
                "inconclusive", 0x52);
    read_body(&body, &bytes);
    check_heading(&body, SIL_ENTRY_AUDIT, 0xb1);
    cr_expect_eq(body.audit.size, 12);
    cr_expect(is_filled(&body.audit.root, 32, 0x51));
    cr_expect_str_eq(body.audit.verdict, "inconclusive");
    cr_expect(is_filled(body.audit.report_sha256, 32, 0x52));
    sil_body_clear(&body);

    make_values(&bytes, "[usiisu[hhs", 8, U(1), "recover", 0xee, 0xb2, "quarantine",
                U(3), 2, 0x61, 0x62, "a disk died");
    read_body(&body, &bytes);
    check_heading(&body, SIL_ENTRY_RECOVER, 0xb2);
    cr_expect_str_eq(body.recover.kind, "quarantine");
    cr_expect_eq(body.recover.size, 3);
    cr_assert_eq(body.recover.n_quarantine, 2);
    cr_expect(is_filled(body.recover.quarantine_sha256[1], 32, 0x62));
    cr_expect_str_eq(body.recover.text, "a disk died");
    sil_body_clear(&body);

    make_values(&bytes, "[usiis", 5, U(1), "close", 0xee, 0xb3, "all is said");
    read_body(&body, &bytes);
    check_heading(&body, SIL_ENTRY_CLOSE, 0xb3);
    cr_expect_str_eq(body.close_reason, "all is said");
    sil_body_clear(&body);

    make_values(&bytes, "[usiiis", 6, U(1), "notice", 0xee, 0xb4, 0x71, "wrong file");
    read_body(&body, &bytes);
    check_heading(&body, SIL_ENTRY_NOTICE, 0xb4);
    cr_expect(is_filled(&body.notice.release, SIL_ID_BYTES, 0x71));
    cr_expect_str_eq(body.notice.reason, "wrong file");
    sil_body_clear(&body);

    make_values(&bytes, "[usiihs", 6, U(1), "data", 0xee, 0xb5, 0x72, "May");
    read_body(&body, &bytes);
    check_heading(&body, SIL_ENTRY_DATA, 0xb5);
    cr_expect(is_filled(body.data.data_commit, 32, 0x72));
    cr_expect_str_eq(body.data.note, "May");
    sil_body_clear(&body);
}

/* ---- writing ---- */

static sil_status encode(struct sil_body *body, struct sil_error *err)
{
    struct sil_bytes out = {0};
    MUST(sil_bytes_append(&out, "before", 6, NULL));
    sil_status status = sil_body_encode(&out, body, err);
    cr_expect(status == SIL_OK || out.length == 6, "what was written stays");
    sil_bytes_clear(&out);
    return status;
}

Test(body, is_not_written_when_it_could_not_be_read)
{
    struct sil_body body;
    struct sil_error err = {{0}};
    char text[600];

    sil_body_init(&body, SIL_ENTRY_GRANT);
    body.grant.purpose = strdup("caf\xc3\xa9");
    cr_expect_eq(encode(&body, &err), SIL_ERR_USAGE);
    cr_expect_str_eq(err.text, "the purpose is not printable ASCII");
    body.grant.purpose[3] = '\0';
    cr_expect_eq(encode(&body, &err), SIL_OK);

    kit_fill(text, sizeof text, 'x');
    text[513] = '\0';
    free(body.grant.purpose);
    body.grant.purpose = strdup(text);
    cr_expect_eq(encode(&body, &err), SIL_ERR_USAGE, "a text of 513 bytes");
    body.grant.purpose[512] = '\0';
    cr_expect_eq(encode(&body, &err), SIL_OK, "a text of 512 bytes: %s", err.text);

    body.grant.expires = U_MAX + 1;
    cr_expect_eq(encode(&body, &err), SIL_ERR_USAGE, "2^63");
    body.grant.expires = U_MAX;
    cr_expect_eq(encode(&body, &err), SIL_OK, "2^63 - 1");
    mpq_set_si(body.grant.rho.v, -1, 2);
    cr_expect_eq(encode(&body, &err), SIL_ERR_USAGE, "a negative rho");
    mpz_set_ui(mpq_numref(body.grant.rho.v), 2);
    mpz_set_ui(mpq_denref(body.grant.rho.v), 4);
    cr_expect_eq(encode(&body, &err), SIL_ERR_USAGE, "2/4");
    mpq_set_ui(body.grant.rho.v, 1, 1);
    mpz_ui_pow_ui(mpq_numref(body.grant.rho.v), 10, 160);
    cr_expect_eq(encode(&body, &err), SIL_ERR_USAGE, "161 digits");
    mpz_sub_ui(mpq_numref(body.grant.rho.v), mpq_numref(body.grant.rho.v), 1);
    cr_expect_eq(encode(&body, &err), SIL_OK, "160 digits");
    sil_body_clear(&body);
}

Test(body, that_says_a_private_count_is_not_written)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;
    struct sil_error err = {{0}};
    make_genesis(&bytes, "a", (const char *const[]){"row", "", "replace-one"}, 1,
                 (const char *const[]){"n=10", NULL});
    read_body(&body, &bytes);
    cr_expect_eq(encode(&body, &err), SIL_OK);
    body.genesis.neighbours = SIL_ADD_REMOVE;
    cr_expect_eq(encode(&body, &err), SIL_ERR_USAGE);
    sil_body_clear(&body);
}

Test(body, of_a_genesis_gives_the_ledgers_id)
{
    struct sil_bytes bytes = {0};
    struct sil_body body;
    struct sil_bytes again = {0};
    struct sil_id id;
    make_genesis(&bytes, "a", (const char *const[]){"row", "", "add-remove"}, 1,
                 (const char *const[]){NULL, NULL});
    sil_ledger_id(&id, bytes.data, bytes.length);
    read_body(&body, &bytes);
    cr_expect(sil_id_equal(&id, &body.ledger));

    kit_fill(&body.ledger, SIL_ID_BYTES, 0);
    MUST(sil_body_encode(&again, &body, NULL));

    cr_expect(sil_id_equal(&id, &body.ledger));
    sil_bytes_clear(&again);
    sil_body_clear(&body);
}

/* ---- what an authority is shown ---- */

#define ID(digits) digits digits digits digits digits digits digits digits
#define B1         ID("b1b1")
#define EE         ID("eeee")

static void check_comment(struct sil_bytes *bytes, const char *want)
{
    struct sil_body body;
    char comment[SIL_COMMENT_MAX + 1];
    read_body(&body, bytes);
    cr_expect_eq(sil_body_comment(comment, &body, NULL), SIL_OK);
    cr_expect_str_eq(comment, want);
    sil_body_clear(&body);
}

Test(comment, is_rendered_from_the_body)
{
    struct sil_bytes bytes = {0};
    make_values(&bytes, "[usiissus", 8, U(1), "grant", 0xee, 0xb1, "2/1", "1/1000",
                U(9), "rho=1/2");
    check_comment(&bytes,
                  "silhouette/v1 grant ledger=" EE " id=" B1 " rho=2/1 delta=1/1000");
    make_values(&bytes, "[usii[[[", 7, U(1), "keyset", 0xee, 0xb1, 0, 0, 0);
    check_comment(&bytes, "silhouette/v1 keyset ledger=" EE " id=" B1);
    make_values(&bytes, "[usiis", 5, U(1), "close", 0xee, 0xb1, "id=0");
    check_comment(&bytes, "silhouette/v1 close ledger=" EE " id=" B1);
    make_values(&bytes, "[usiisu[s", 8, U(1), "recover", 0xee, 0xb1,
                "rebuild-checkpoint", U(7), 0, "text");
    check_comment(&bytes, "silhouette/v1 recover ledger=" EE " id=" B1
                          " kind=rebuild-checkpoint size=7");
    make_values(&bytes, "[usiiuhsh", 8, U(1), "audit", 0xee, 0xb1, U(12), 1,
                "not-refuted", 2);
    check_comment(&bytes, "silhouette/v1 audit ledger=" EE " id=" B1
                          " size=12 verdict=not-refuted");
    make_values(&bytes, "[usiiis", 6, U(1), "notice", 0xee, 0xb1, 0xcc, "why");
    check_comment(&bytes,
                  "silhouette/v1 notice ledger=" EE " id=" B1 " release=" ID("cccc"));
    make_values(&bytes, "[usiihs", 6, U(1), "data", 0xee, 0xb1, 0xdd, "why");
    check_comment(&bytes, "silhouette/v1 data ledger=" EE " id=" B1
                          " commit=" ID("dddd") ID("dddd"));
}

Test(comment, of_what_nobody_approves_does_not_exist)
{
    static const enum sil_entry_type TYPES[] = {SIL_ENTRY_RESERVE, SIL_ENTRY_MEASURE,
                                                SIL_ENTRY_RELEASE};

    char comment[SIL_COMMENT_MAX + 1];
    for (size_t i = 0; i < 3; i++) {
        struct sil_body body;
        sil_body_init(&body, TYPES[i]);
        cr_expect_eq(sil_body_comment(comment, &body, NULL), SIL_ERR_INTERNAL);
        cr_expect_str_eq(comment, "");
        sil_body_clear(&body);
    }
}

Test(comment, that_would_be_too_long_is_no_comment)
{
    struct sil_body body;
    char comment[SIL_COMMENT_MAX + 1];
    struct sil_error err = {{0}};
    sil_body_init(&body, SIL_ENTRY_GRANT);
    /* Two rationals of 160 digits a side fill more than 512 bytes. */
    mpz_ui_pow_ui(mpq_numref(body.grant.rho.v), 10, 159);
    mpz_add_ui(mpq_denref(body.grant.rho.v), mpq_numref(body.grant.rho.v), 1);
    mpq_set(body.grant.delta.v, body.grant.rho.v);
    cr_expect_eq(sil_body_comment(comment, &body, &err), SIL_ERR_CHECK);
    cr_expect(kit_refused(&err, "R4"), "%s", err.text);
    cr_expect_str_eq(comment, "");
    sil_body_clear(&body);
}

/* ---- ids and names ---- */

Test(id, is_32_hex_digits_in_lower_case)
{
    static const char *const BAD[] = {"",
                                      "00112233445566778899aabbccddeef",
                                      "00112233445566778899aabbccddeeff0",
                                      "00112233445566778899AABBCCDDEEFF",
                                      "00112233445566778899aabbccddeefg",
                                      " 0112233445566778899aabbccddeeff"};
    struct sil_id id;
    char text[SIL_ID_TEXT];
    cr_assert(sil_id_parse(&id, "00112233445566778899aabbccddeeff"));
    cr_expect_eq(id.bytes[15], 0xff);
    cr_expect_eq(id.bytes[1], 0x11);
    sil_id_print(text, &id);
    cr_expect_str_eq(text, "00112233445566778899aabbccddeeff");
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_expect(!sil_id_parse(&id, BAD[i]), "%s", BAD[i]);
        cr_expect_eq(id.bytes[15], 0xff, "unchanged");
    }
}

Test(id, is_fresh_each_time)
{
    struct sil_id a;
    struct sil_id b;
    sil_id_random(&a);
    sil_id_random(&b);
    cr_expect(!sil_id_equal(&a, &b));
    cr_expect(sil_id_equal(&a, &a));
}

Test(names, of_roles_and_types_go_both_ways)
{
    for (int role = SIL_ROLE_AUTHORITY; role <= SIL_ROLE_AUDITOR; role++) {
        const char *name = sil_role_name((enum sil_role)role);
        cr_expect_eq(sil_role_named(name, strlen(name)), (enum sil_role)role);
        cr_expect_eq(sil_role_named(name, strlen(name) - 1), (enum sil_role)0);
    }
    cr_expect_eq(sil_role_named("witness", 7), (enum sil_role)0);
    cr_expect_str_eq(sil_entry_type_name(SIL_ENTRY_GENESIS), "genesis");
    cr_expect_str_eq(sil_entry_type_name(SIL_ENTRY_DATA), "data");
}

Test(body, of_zeros_may_be_cleared)
{
    struct sil_body body = {0};
    struct sil_entry entry = {0};
    sil_body_clear(&body);
    sil_body_clear(&body);
    sil_entry_clear(&entry);
    for (int type = 0; type < 11; type++) {
        sil_body_init(&body, (enum sil_entry_type)type);
        cr_expect_eq(body.type, (enum sil_entry_type)type);
        sil_body_clear(&body);
        sil_body_clear(&body);
    }
}
