// SPDX-License-Identifier: Apache-2.0
/* Policies of witnesses: the published ones, groups by brute force, every way to be wrong. */
#include "format_kit.h"
#include "ledger/checkpoint.h"
#include "ledger/policy.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

/* One hour after the published cosignatures. */
static const uint64_t NOW = 1790010060;

static sil_status judge(struct sil_policy_verdict *out, const char *policy_text,
                        size_t policy_length, const struct sil_bytes *note,
                        struct sil_error *err)
{
    struct sil_policy *policy = NULL;
    sil_status status = sil_policy_parse(&policy, policy_text, policy_length, err);
    if (status == SIL_OK) {
        status = sil_policy_judge(out, policy, (const char *)note->data, note->length,
                                  NOW, err);
    }
    sil_policy_free(policy);
    return status;
}

Test(policy, published_policies_are_judged_as_the_second_verifier_does)
{
    json_t *vectors = kit_vectors();
    size_t n = 0;
    size_t i = 0;
    json_t *vector = NULL;
    json_array_foreach(vectors, i, vector)
    {
        const char *kind = json_string_value(json_object_get(vector, "kind"));
        const char *name = json_string_value(json_object_get(vector, "name"));
        /* The second verifier warns of a future time; here it is not counted. */
        if (strcmp(kind, "policy") != 0 || strcmp(name, "policy-future") == 0) {
            continue;
        }
        struct sil_bytes policy =
            kit_file(json_string_value(json_object_get(vector, "policy")));
        struct sil_bytes note =
            kit_file(json_string_value(json_object_get(vector, "note")));
        struct sil_policy_verdict verdict = {0};
        struct sil_error err = {{0}};
        sil_status status =
            judge(&verdict, (const char *)policy.data, policy.length, &note, &err);
        const char *expected = json_string_value(json_object_get(vector, "expected"));
        bool accepted = status == SIL_OK && verdict.quorum;
        cr_expect(eq(int, accepted, strcmp(expected, "accept") == 0), "%s: %s", name,
                  err.text);
        sil_bytes_clear(&policy);
        sil_bytes_clear(&note);
        n++;
    }
    cr_expect(gt(sz, n, 10));
    json_decref(vectors);
}

/* ---- groups ---- */

enum { N_WITNESSES = 4 };

static struct sil_secret_key *witness_key(int i)
{
    return kit_key(SEED_WITNESS + 1 + i);
}

static void print_witness(char *line, size_t size, int i)
{
    struct sil_secret_key *secret = witness_key(i);
    struct sil_note_key key;
    struct sil_bytes text = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    char name[16];
    (void)snprintf(name, sizeof name, "w%d.example", i);
    sil_secret_key_public(public_key, secret);
    MUST(sil_note_key_make(&key, name, SIL_NOTE_COSIGNATURE, public_key, NULL));
    MUST(sil_note_key_print(&text, &key, NULL));
    (void)snprintf(line, size, "witness w%d %.*s\n", i, (int)text.length, text.data);
    sil_bytes_clear(&text);
    sil_secret_key_free(secret);
}

static void cosign(struct sil_bytes *note, size_t text_length, int i, uint64_t time)
{
    struct sil_secret_key *secret = witness_key(i);
    struct sil_note_key key;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    char name[16];
    char text[512];
    (void)snprintf(name, sizeof name, "w%d.example", i);
    memcpy(text, note->data, text_length);
    sil_secret_key_public(public_key, secret);
    MUST(sil_note_key_make(&key, name, SIL_NOTE_COSIGNATURE, public_key, NULL));
    MUST(sil_note_sign(note, text, text_length, &key, secret, time, NULL));
    sil_secret_key_free(secret);
}

/* The published checkpoint with the cosignatures of the witnesses in `mask`. */
static struct sil_bytes note_by(unsigned mask, uint64_t time)
{
    struct sil_bytes published = kit_file("five/C5.note");
    struct sil_bytes note = {0};
    const char *blank = strstr((const char *)published.data, "\n\n");
    size_t text_length = (size_t)(blank - (const char *)published.data) + 1;
    MUST(sil_bytes_append(&note, published.data, published.length, NULL));
    for (int i = 0; i < N_WITNESSES; i++) {
        if ((mask >> i & 1) != 0) {
            cosign(&note, text_length, i, time);
        }
    }
    sil_bytes_clear(&published);
    return note;
}

static const char LOG[] = "log example.org/silhouette/99ac991216020bfcca4040d04ec715d6"
                          "+857ffee8+AddZeTu8E6KBmoJ8dq22+6ikmu4Af0ny0JktmbglrSxI\n";

static size_t write_policy(char *text, size_t size, const char *rest)
{
    (void)snprintf(text, size, "# who is believed\n\n%s", LOG);
    for (int i = 0; i < N_WITNESSES; i++) {
        size_t used = strlen(text);
        print_witness(text + used, size - used, i);
    }
    size_t used = strlen(text);
    (void)snprintf(text + used, size - used, "%s", rest);
    return strlen(text);
}

/* (w0 and w1), or any two of w1, w2, w3: decided apart from the code under test. */
static bool expected_quorum(unsigned mask)
{
    bool w0 = mask & 1;
    bool w1 = mask & 2;
    bool w2 = mask & 4;
    bool w3 = mask & 8;
    return (w0 && w1) || (int)w1 + (int)w2 + (int)w3 >= 2;
}

Test(policy, groups_of_groups_for_every_set_of_witnesses)
{
    char text[4096];
    size_t length = write_policy(text, sizeof text,
                                 "group both all w0 w1\ngroup two 2 w1 w2 w3\n"
                                 "group either any both two\nquorum either\n");
    for (unsigned mask = 0; mask < 1U << N_WITNESSES; mask++) {
        struct sil_bytes note = note_by(mask, NOW - 60);
        struct sil_policy_verdict verdict = {0};
        MUST(judge(&verdict, text, length, &note, NULL));
        cr_expect(eq(int, verdict.quorum, expected_quorum(mask)), "mask %u", mask);
        cr_expect(eq(sz, verdict.n_witnesses, (size_t)__builtin_popcount(mask)));
        cr_expect(eq(u64, verdict.newest, mask == 0 ? 0 : NOW - 60));
        sil_bytes_clear(&note);
    }
}

Test(policy, a_cosignature_from_the_future_counts_for_nothing)
{
    char text[4096];
    size_t length = write_policy(text, sizeof text, "quorum w0\n");

    const struct {
        uint64_t time;
        bool counts;
    } cases[] = {
        {NOW + 86400,     true },
        {NOW + 86401,     false},
        {NOW + 864000000, false},
        {0,               true }
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sil_bytes note = note_by(1, cases[i].time);
        struct sil_policy_verdict verdict = {0};
        MUST(judge(&verdict, text, length, &note, NULL));
        cr_expect(eq(int, verdict.quorum, cases[i].counts));
        sil_bytes_clear(&note);
    }
}

Test(policy, a_known_witness_whose_signature_fails_rejects_the_note)
{
    char text[4096];
    struct sil_error err = {{0}};
    struct sil_policy_verdict verdict;
    size_t length = write_policy(text, sizeof text, "quorum none\n");
    struct sil_bytes note = note_by(3, NOW);
    /* The time is signed too: change its last digit in the base64 of the last line. */
    note.data[note.length - 40] ^= 1;
    cr_expect(eq(int, judge(&verdict, text, length, &note, &err), SIL_ERR_CHECK));
    cr_expect(kit_refused(&err, "W1"));
    sil_bytes_clear(&note);
}

Test(policy, a_checkpoint_by_another_log_is_refused)
{
    char text[4096];
    struct sil_error err = {{0}};
    struct sil_policy_verdict verdict;
    struct sil_bytes note = note_by(1, NOW);
    cr_expect(
        eq(int, judge(&verdict, "quorum none\n", 12, &note, &err), SIL_ERR_CHECK));
    cr_expect(kit_refused(&err, "W1"));
    size_t length = write_policy(text, sizeof text, "quorum none\n");
    note.data[strlen("example.org/silhouette/99ac991216020bfcca4040d04ec715d6\n")] =
        '6';
    cr_expect(eq(int, judge(&verdict, text, length, &note, &err), SIL_ERR_CHECK));
    sil_bytes_clear(&note);
}

Test(policy, every_way_to_be_wrong_is_named_with_its_line)
{
    static const struct {
        const char *rest;
        const char *says;
    } CASES[] = {
        {"",                                   "no quorum"  },
        {"quorum none\nquorum none\n",         "already"    },
        {"quorum w9\n",                        "not defined"},
        {"quorum\n",                           "quorum NAME"},
        {"quorum w0 w1\n",                     "quorum NAME"},
        {"group g 1 w0 w9\nquorum g\n",        "not defined"},
        {"group g 0 w0\nquorum g\n",           "how many"   },
        {"group g 3 w0 w1\nquorum g\n",        "how many"   },
        {"group g 01 w0 w1\nquorum g\n",       "how many"   },
        {"group g 1\nquorum g\n",              "group NAME" },
        {"group g 2 w0 w0\nquorum g\n",        "named twice"},
        {"group w0 1 w1\nquorum w0\n",         "taken"      },
        {"group none 1 w1\nquorum none\n",     "not a name" },
        {"group g 1 g\nquorum g\n",            "not defined"},
        {"witness w9 nonsense\nquorum none\n", "line 8"     },
        {"log nonsense\nquorum none\n",        "line 8"     },
        {"believe w0\nquorum none\n",          "begins with"},
        {"quorum none",                        "newline"    },
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[4096];
        struct sil_error err = {{0}};
        struct sil_policy *policy = NULL;
        size_t length = write_policy(text, sizeof text, CASES[i].rest);
        cr_expect(
            eq(int, sil_policy_parse(&policy, text, length, &err), SIL_ERR_INPUT));
        cr_expect(strstr(err.text, CASES[i].says) != NULL, "%s: %s", CASES[i].rest,
                  err.text);
        cr_expect(eq(ptr, policy, NULL));
    }
}

Test(policy, one_key_under_two_names_would_count_twice)
{
    char text[4096];
    char line[256];
    char rest[512];
    struct sil_error err = {{0}};
    struct sil_policy *policy = NULL;
    print_witness(line, sizeof line, 2);
    (void)snprintf(rest, sizeof rest, "witness other%squorum none\n",
                   line + strlen("witness w2"));
    size_t length = write_policy(text, sizeof text, rest);
    cr_expect(eq(int, sil_policy_parse(&policy, text, length, &err), SIL_ERR_INPUT));
    cr_expect(strstr(err.text, "count twice") != NULL);
}

Test(policy, a_text_that_is_too_long_is_refused_unread)
{
    static char text[SIL_POLICY_BYTES_MAX + 1];
    struct sil_policy *policy = NULL;
    memset(text, '\n', sizeof text);
    cr_expect(
        eq(int, sil_policy_parse(&policy, text, sizeof text, NULL), SIL_ERR_INPUT));
}
