// SPDX-License-Identifier: Apache-2.0
/* The smaller parts of a bundle, against what is published and what stock tools read:
 * envelope, comment, keys, list of digests. */
#include "../ledger/format_kit.h"
#include "crypto/base64.h"
#include "ledger/chain.h"
#include "release/comment.h"
#include "release/envelope.h"
#include "release/key_files.h"
#include "release/sums.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sil_bytes bytes_of(const char *text)
{
    struct sil_bytes out = {0};
    cr_assert(zero(int, (int)sil_bytes_append(&out, text, strlen(text), NULL)));
    return out;
}

static bool is_text(const struct sil_bytes *bytes, const char *text)
{
    return bytes->length == strlen(text) &&
           memcmp(bytes->data, text, bytes->length) == 0;
}

/* ---- the envelope ---- */

static const char STATEMENT[] =
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"data.csv\","
    "\"digest\":{\"sha256\":"
    "\"492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470\"}}],"
    "\"predicateType\":\"https://example.org/dp-release/v1\",\"predicate\":{}}";
static const char SIGNATURE[] =
    "JGYs6hTyKRs1O5oLZB316ArV8/YduphSCRnnhBfKNGckFLkcOPARcSX8"
    "1hG+hz9WLrDX2m+tig4AQnv3UdQNCQ==";

static struct sil_bytes envelope_of(const char *text)
{
    struct sil_bytes statement = bytes_of(text);
    struct sil_bytes out = {0};
    struct sil_secret_key *key = kit_key(SEED_RELEASE);
    cr_assert(zero(int, (int)sil_envelope_sign(&out, &statement, key, NULL)));
    sil_secret_key_free(key);
    sil_bytes_clear(&statement);
    return out;
}

Test(envelope, signs_what_the_published_one_signs)
{
    struct sil_bytes text = envelope_of(STATEMENT);
    struct sil_envelope read;
    uint8_t signature[SIL_SIGNATURE_BYTES];
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    bool holds = false;
    struct sil_secret_key *key = kit_key(SEED_RELEASE);
    sil_secret_key_public(public_key, key);
    cr_assert(
        sil_base64_parse(signature, sizeof signature, SIGNATURE, strlen(SIGNATURE)));

    cr_assert(zero(int, (int)sil_envelope_parse(&read, (const char *)text.data,
                                                text.length, NULL)));

    cr_expect(is_text(&read.statement, STATEMENT));
    cr_expect(zero(int, memcmp(read.signature, signature, sizeof signature)));
    cr_assert(zero(int, (int)sil_envelope_verify(&holds, &read, public_key, NULL)));
    cr_expect(holds);
    read.statement.data[3] ^= 1;
    cr_assert(zero(int, (int)sil_envelope_verify(&holds, &read, public_key, NULL)));
    cr_expect(not(holds), "over another statement");
    sil_envelope_clear(&read);
    sil_secret_key_free(key);
    sil_bytes_clear(&text);
}

Test(envelope, its_message_is_the_one_of_the_specification)
{
    struct sil_bytes statement = bytes_of("hello world");
    struct sil_bytes message = {0};

    cr_assert(zero(int, (int)sil_envelope_message(&message, &statement, NULL)));

    cr_expect(
        is_text(&message, "DSSEv1 28 application/vnd.in-toto+json 11 hello world"));
    sil_bytes_clear(&message);
    sil_bytes_clear(&statement);
}

Test(envelope, no_other_byte_will_do)
{
    struct sil_bytes text = envelope_of("{\"a\": \"longer than a word\"}\n");
    size_t n_same = 0;
    for (size_t at = 0; at < text.length; at++) {
        struct sil_envelope read;
        text.data[at] ^= 1;
        sil_status status =
            sil_envelope_parse(&read, (const char *)text.data, text.length, NULL);
        n_same += status == SIL_OK;
        cr_expect(status == SIL_OK || status == SIL_ERR_INPUT);
        sil_envelope_clear(&read);
        text.data[at] ^= 1;
    }
    /* Only digits of the payload, of the key's id and of the signature can be others. */
    cr_expect(le(sz, n_same, 40 + 32 + 88));
    cr_expect(gt(sz, n_same, 40));
    sil_bytes_clear(&text);
}

Test(envelope, other_forms_of_the_same_are_refused)
{
    static const char *const CASES[] = {
        "",
        "{}",
        "[]",
        "{\"payload\": \"YQ==\", \"payloadType\": \"application/vnd.in-toto+json\", "
        "\"signatures\": []}",
        "{\"payload\": 1, \"signatures\": [{\"keyid\": \"\", \"sig\": \"\"}]}",
        "{\"payload\": \"YQ==\", \"signatures\": [{\"keyid\": "
        "\"24bfb325094cffa7cde044c697ce1f36\", \"sig\": \"YQ==\"}]}",
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_envelope read;
        sil_status status = sil_envelope_parse(&read, CASES[i], strlen(CASES[i]), NULL);
        cr_expect(eq(int, (int)status, SIL_ERR_INPUT), "%s", CASES[i]);
        sil_envelope_clear(&read);
    }
}

/* ---- the comment ---- */

Test(comment, is_that_of_the_published_signature)
{
    struct sil_bytes file = kit_file("five/artifact.minisig");
    struct sil_minisig signature;
    char comment[SIL_COMMENT_MAX + 1];
    struct sil_id ledger;
    struct sil_root root;
    kit_hex(root.bytes, sizeof root.bytes,
            "55373c0c60b06aad82237c4ffbec86661897cdda6f8c5e3a2fbf9246978bb05e");
    cr_assert(sil_id_parse(&ledger, "99ac991216020bfcca4040d04ec715d6"));
    cr_assert(zero(int, (int)sil_minisig_parse(&signature, (const char *)file.data,
                                               file.length, NULL)));

    sil_release_comment(comment, &ledger, 4, &root);

    cr_expect(zero(int, strcmp(comment, signature.comment)));
    sil_bytes_clear(&file);
}

/* ---- keys ---- */

struct shelf {
    char name[16][64];
    struct sil_bytes data[16];
    size_t n;
};

static sil_status put(void *context, const char *name, const void *data, size_t length,
                      struct sil_error *err)
{
    struct shelf *shelf = context;
    (void)snprintf(shelf->name[shelf->n], sizeof shelf->name[0], "%s", name);
    return sil_bytes_append(&shelf->data[shelf->n++], data, length, err);
}

static const struct sil_bytes *find(const struct shelf *shelf, const char *name)
{
    for (size_t i = 0; i < shelf->n; i++) {
        if (strcmp(shelf->name[i], name) == 0) {
            return &shelf->data[i];
        }
    }
    return NULL;
}

static void chain_of(struct sil_chain *chain, const char *folder, size_t n)
{
    sil_chain_init(chain);
    for (size_t i = 0; i < n; i++) {
        char name[64];
        struct sil_error err = {{0}};
        (void)snprintf(name, sizeof name, "%s/E%zu.bin", folder, i);
        struct sil_bytes entry = kit_file(name);
        cr_assert(zero(int, (int)sil_chain_apply(chain, entry.data, entry.length, NULL,
                                                 &err)),
                  "%s", err.text);
        sil_bytes_clear(&entry);
    }
}

Test(key_files, are_the_published_ones)
{
    struct sil_chain chain;
    struct shelf shelf = {.n = 0};
    struct sil_id release;
    chain_of(&chain, "five", 5);
    cr_assert(sil_id_parse(&release, "24bfb325094cffa7cde044c697ce1f36"));

    cr_assert(zero(int, (int)sil_key_files(&chain, &release, put, &shelf, NULL)));

    struct sil_bytes key = kit_file("five/release.pub");
    struct sil_bytes log = kit_file("five/log.vkey");
    struct sil_bytes authority = kit_file("five/authority.pub");
    const struct sil_bytes *file[] = {
        find(&shelf, "keys/release.pub"), find(&shelf, "keys/log.vkey"),
        find(&shelf, "keys/authority-40a948e8589c618609d82e0b829e58f1.pub"),
        find(&shelf, "keys/curator-cc9d04e578efd34cc15ba6e917c59c96.pub"),
        find(&shelf, "keys/release.pem")};
    cr_assert(eq(sz, shelf.n, 5));
    for (size_t i = 0; i < 5; i++) {
        cr_assert(file[i] != NULL, "%zu", i);
    }
    cr_expect(file[0]->length == key.length &&
              memcmp(file[0]->data, key.data, key.length) == 0);
    cr_expect(file[1]->length >= log.length &&
              memcmp(file[1]->data, log.data, log.length) == 0);
    cr_expect(file[2]->length == authority.length &&
              memcmp(file[2]->data, authority.data, authority.length) == 0);
    cr_expect(zero(int, memcmp(file[4]->data, "-----BEGIN PUBLIC KEY-----\nMCow", 31)));
    for (size_t i = 0; i < shelf.n; i++) {
        sil_bytes_clear(&shelf.data[i]);
    }
    sil_bytes_clear(&key);
    sil_bytes_clear(&log);
    sil_bytes_clear(&authority);
    sil_chain_clear(&chain);
}

Test(key_files, a_key_of_another_role_or_of_nobody_is_refused)
{
    static const char *const IDS[] = {"40a948e8589c618609d82e0b829e58f1",
                                      "cc9d04e578efd34cc15ba6e917c59c96",
                                      "00000000000000000000000000000000"};
    struct sil_chain chain;
    struct shelf shelf = {.n = 0};
    chain_of(&chain, "five", 5);
    for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++) {
        struct sil_id id;
        cr_assert(sil_id_parse(&id, IDS[i]));
        cr_expect(
            eq(int, (int)sil_key_files(&chain, &id, put, &shelf, NULL), SIL_ERR_CHECK));
    }
    cr_expect(zero(sz, shelf.n));
    sil_chain_clear(&chain);
}

/* ---- the list ---- */

Test(sums, are_lines_of_sha256sum_sorted_by_name)
{
    static const char *const NAMES[] = {"b", "a/z", "a", "B", "a.p/2"};
    struct sil_sums sums = {0};
    struct sil_bytes text = {0};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        uint8_t hash[SIL_HASH_BYTES];
        memset(hash, (int)i, sizeof hash);
        cr_assert(zero(int, (int)sil_sums_add(&sums, NAMES[i], hash, NULL)));
    }

    sil_sums_sort(&sums);
    cr_assert(zero(int, (int)sil_sums_print(&text, &sums, NULL)));

    static const struct {
        const char *name;
        char digit;
    } WANT[] = {
        {"B",     '3'},
        {"a",     '2'},
        {"a.p/2", '4'},
        {"a/z",   '1'},
        {"b",     '0'}
    };

    const char *at = (const char *)text.data;
    for (size_t i = 0; i < sizeof WANT / sizeof WANT[0]; i++) {
        cr_expect(at[0] == '0' && at[63] == WANT[i].digit);
        cr_expect(zero(int, memcmp(at + 64, "  ", 2)));
        cr_expect(zero(int, memcmp(at + 66, WANT[i].name, strlen(WANT[i].name))));
        at += 66 + strlen(WANT[i].name);
        cr_expect(eq(chr, *at++, '\n'));
    }
    cr_expect(at == (const char *)text.data + text.length);
    sil_bytes_clear(&text);
    sil_sums_clear(&sums);
}
