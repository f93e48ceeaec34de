// SPDX-License-Identifier: Apache-2.0
#include "format_kit.h"
#include "ledger/checkpoint.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORIGIN "example.org/silhouette/99ac991216020bfcca4040d04ec715d6"
#define ROOT_5 "u5QBYq71jeTQ7ljhkcxRoJTzmu7ZXLxDEq442sBOo0w="
#define ROOT_0 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static struct sil_checkpoint checkpoint_of_5(void)
{
    struct sil_checkpoint checkpoint = {.size = 5};
    uint8_t ledger[16];
    kit_hex(ledger, sizeof ledger, "99ac991216020bfcca4040d04ec715d6");
    MUST(sil_checkpoint_origin(checkpoint.origin, "example.org", ledger, NULL));
    kit_hex(&checkpoint.root, sizeof checkpoint.root,
            "bb940162aef58de4d0ee58e191cc51a094f39aeed95cbc4312ae38dac04ea34c");
    return checkpoint;
}

static struct sil_note_key key_named(const char *name,
                                     enum sil_note_algorithm algorithm, int seed)
{
    struct sil_note_key key;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    struct sil_secret_key *secret = kit_key(seed);
    sil_secret_key_public(public_key, secret);
    sil_secret_key_free(secret);
    MUST(sil_note_key_make(&key, name, algorithm, public_key, NULL));
    return key;
}

static bool is_file(const struct sil_bytes *bytes, const char *name)
{
    struct sil_bytes want = kit_file(name);
    bool same = want.length == bytes->length &&
                memcmp(want.data, bytes->data, want.length) == 0;
    sil_bytes_clear(&want);
    return same;
}

Test(checkpoint, signed_by_log_and_witness_is_the_published_note)
{
    struct sil_checkpoint checkpoint = checkpoint_of_5();
    struct sil_secret_key *log = kit_key(SEED_LOG);
    struct sil_secret_key *witness = kit_key(SEED_WITNESS);
    struct sil_note_key key =
        key_named("witness.example/w1", SIL_NOTE_COSIGNATURE, SEED_WITNESS);
    struct sil_bytes text = {0};
    struct sil_bytes note = {0};

    MUST(sil_checkpoint_text(&text, &checkpoint, NULL));
    MUST(sil_checkpoint_sign(&note, &checkpoint, log, NULL));
    cr_expect(is_file(&note, "five/C5.note"));
    MUST(sil_note_sign(&note, (const char *)text.data, text.length, &key, witness,
                       1790006460, NULL));
    cr_expect(is_file(&note, "five/cp5.note"));

    sil_bytes_clear(&text);
    sil_bytes_clear(&note);
    sil_secret_key_free(log);
    sil_secret_key_free(witness);
}

Test(checkpoint, that_was_signed_is_read_back)
{
    struct sil_bytes file = kit_file("five/cp5.note");
    struct sil_checkpoint want = checkpoint_of_5();
    struct sil_checkpoint found;
    struct sil_note note;
    struct sil_note_key log = key_named(ORIGIN, SIL_NOTE_ED25519, SEED_LOG);

    MUST(sil_note_parse(&note, (const char *)file.data, file.length, NULL));
    MUST(sil_checkpoint_parse(&found, &note, NULL));

    cr_expect_str_eq(found.origin, ORIGIN);
    cr_expect_eq(found.size, 5);
    cr_expect_arr_eq(&found.root, &want.root, sizeof want.root);
    cr_expect_eq(sil_note_verify(&note, &log, NULL), SIL_NOTE_GOOD);
    sil_bytes_clear(&file);
}

static sil_status parse_text(struct sil_checkpoint *out, const char *text,
                             struct sil_error *err)
{
    struct sil_note note = {.text = text, .length = strlen(text)};
    return sil_checkpoint_parse(out, &note, err);
}

Test(checkpoint, has_exactly_three_lines_in_their_one_form)
{
    static const char *const GOOD[] = {
        ORIGIN "\n5\n" ROOT_5 "\n",
        ORIGIN "\n9223372036854775807\n" ROOT_5 "\n",
        ORIGIN "\n0\n" ROOT_0 "\n",
    };

    static const struct {
        const char *name;
        const char *text;
    } BAD[] = {
        {"no root",                 ORIGIN "\n5\n"                               },
        {"a line more",             ORIGIN "\n5\n" ROOT_5 "\nmore\n"             },
        {"an empty line more",      ORIGIN "\n5\n" ROOT_5 "\n\n"                 },
        {"no end of line",          ORIGIN "\n5\n" ROOT_5                        },
        {"no origin",               "\n5\n" ROOT_5 "\n"                          },
        {"no size",                 ORIGIN "\n\n" ROOT_5 "\n"                    },
        {"a zero before the size",  ORIGIN "\n05\n" ROOT_5 "\n"                  },
        {"a sign before the size",  ORIGIN "\n+5\n" ROOT_5 "\n"                  },
        {"a blank behind the size", ORIGIN "\n5 \n" ROOT_5 "\n"                  },
        {"a size of 2^63",          ORIGIN "\n9223372036854775808\n" ROOT_5 "\n" },
        {"a size of 20 digits",     ORIGIN "\n10000000000000000000\n" ROOT_5 "\n"},
        {"CR LF",                   ORIGIN "\r\n5\r\n" ROOT_5 "\r\n"             },
        {"a root cut short",        ORIGIN "\n5\nu5QBYq71jeTQ7ljhkcxRoA==\n"     },
        {"bits that mean nothing",
         ORIGIN "\n5\nu5QBYq71jeTQ7ljhkcxRoJTzmu7ZXLxDEq442sBOo0x=\n"            },
        {"a root over nothing",     ORIGIN "\n0\n" ROOT_5 "\n"                   },
    };
    struct sil_checkpoint checkpoint;
    struct sil_error err = {{0}};

    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        cr_expect_eq(parse_text(&checkpoint, GOOD[i], &err), SIL_OK, "%zu", i);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_expect_eq(parse_text(&checkpoint, BAD[i].text, &err), SIL_ERR_CHECK, "%s",
                     BAD[i].name);
        cr_expect(kit_refused(&err, "E-CORRUPT"), "%s: %s", BAD[i].name, err.text);
        cr_expect_eq(checkpoint.size, 0, "%s", BAD[i].name);
    }
}

Test(checkpoint, origin_may_have_255_bytes_and_no_more)
{
    char origin[SIL_ORIGIN_MAX + 1];
    char prefix[300];
    const uint8_t ledger[16] = {0xab};
    struct sil_error err = {{0}};
    kit_fill(prefix, sizeof prefix, 'a');

    prefix[255 - 44] = '\0';
    cr_expect_eq(sil_checkpoint_origin(origin, prefix, ledger, &err), SIL_OK);
    cr_expect_eq(strlen(origin), 255);
    prefix[255 - 44] = 'a';
    prefix[255 - 43] = '\0';
    cr_expect_eq(sil_checkpoint_origin(origin, prefix, ledger, &err), SIL_ERR_USAGE);
    cr_expect_str_eq(origin, "");
}

/* ---- proofs for a stranger ---- */

Test(tlog_proof, of_the_release_is_the_published_file)
{
    struct sil_merkle tree = {0};
    struct sil_bytes note = kit_file("five/cp5.note");
    struct sil_bytes out = {0};
    struct sil_tlog_proof proof = {.index = 4,
                                   .checkpoint = (const char *)note.data,
                                   .checkpoint_length = note.length};
    for (int i = 0; i < 5; i++) {
        char name[32];
        struct sil_root leaf;
        (void)snprintf(name, sizeof name, "five/E%d.bin", i);
        struct sil_bytes file = kit_file(name);
        sil_merkle_leaf(&leaf, file.data, file.length);
        MUST(sil_merkle_append(&tree, &leaf, NULL));
        sil_bytes_clear(&file);
    }

    sil_merkle_prove_inclusion(&proof.path, &tree, 4, 5);
    MUST(sil_tlog_proof_print(&out, &proof, NULL));

    cr_expect(is_file(&out, "five/release.tlog-proof"));
    sil_bytes_clear(&note);
    sil_bytes_clear(&out);
    sil_merkle_clear(&tree);
}

/* All that a stranger checks but how many witnesses there are. */
static bool proves(const char *proof_name, const char *entry_name)
{
    struct sil_bytes file = kit_file(proof_name);
    struct sil_bytes entry = kit_file(entry_name);
    struct sil_note_key log = key_named(ORIGIN, SIL_NOTE_ED25519, SEED_LOG);
    struct sil_note_key witness =
        key_named("witness.example/w1", SIL_NOTE_COSIGNATURE, SEED_WITNESS);
    struct sil_tlog_proof proof;
    struct sil_note note;
    struct sil_checkpoint checkpoint;
    struct sil_root leaf;
    struct sil_error err = {{0}};
    sil_merkle_leaf(&leaf, entry.data, entry.length);
    bool good = sil_tlog_proof_parse(&proof, (const char *)file.data, file.length,
                                     &err) == SIL_OK &&
                sil_note_parse(&note, proof.checkpoint, proof.checkpoint_length,
                               &err) == SIL_OK &&
                sil_note_verify(&note, &log, NULL) == SIL_NOTE_GOOD &&
                sil_note_verify(&note, &witness, NULL) != SIL_NOTE_BAD &&
                sil_checkpoint_parse(&checkpoint, &note, &err) == SIL_OK &&
                sil_merkle_verify_inclusion(&proof.path, &leaf, proof.index,
                                            checkpoint.size, &checkpoint.root);
    sil_bytes_clear(&file);
    sil_bytes_clear(&entry);
    return good;
}

Test(tlog_proof, proves_its_entry_and_nothing_else)
{
    json_t *all = kit_vectors();
    size_t n = 0;
    size_t i;
    json_t *item;

    json_array_foreach(all, i, item)
    {
        const char *kind = json_string_value(json_object_get(item, "kind"));
        const char *id = json_string_value(json_object_get(item, "id"));
        if (strcmp(kind, "proof") != 0) {
            continue;
        }
        bool is_good = id == NULL || strcmp(id, "R5") != 0;
        cr_expect_eq(proves(json_string_value(json_object_get(item, "proof")),
                            json_string_value(json_object_get(item, "leaf"))),
                     is_good, "%s", json_string_value(json_object_get(item, "name")));
        n++;
    }

    cr_expect_geq(n, 15, "the list is shorter than it was");
    json_decref(all);
}

#define HASH ROOT_0 "\n"
#define NOTE                                                                      \
    ORIGIN                                                                        \
    "\n5\n" ROOT_5 "\n\n"                                                         \
    "\xe2\x80\x94 " ORIGIN " "                                                    \
    "hX/+6Jnsmpz4JJR+w2U15Z3054QKPpEZUrU0xak0SQzCUzOgLzkP+h6eOB/j0bmJ0ujbllgNFd8" \
    "hh/pEhW/LPqzV+wo=\n"
#define HEAD "c2sp.org/tlog-proof@v1\n"

static sil_status parse_proof(struct sil_tlog_proof *proof, const char *text)
{
    struct sil_error err = {{0}};
    sil_status status = sil_tlog_proof_parse(proof, text, strlen(text), &err);
    cr_expect_eq(status == SIL_OK, strlen(err.text) == 0, "%s", err.text);
    return status;
}

Test(tlog_proof, has_one_form)
{
    static const char *const GOOD[] = {
        HEAD "index 0\n\n" NOTE,
        HEAD "index 9223372036854775807\n" HASH HASH "\n" NOTE,
        HEAD "extra AAEC\nindex 0\n\n" NOTE,
        HEAD "extra \nindex 0\n\n" NOTE,
        HEAD "extra AA==\nindex 3\n" HASH "\n" NOTE,
    };
    static const char *const BAD[] = {
        "",
        "c2sp.org/tlog-proof@v1",
        HEAD,
        HEAD "\n" NOTE,
        HEAD "index 0\n" NOTE,
        HEAD "index 0\n" HASH NOTE,
        HEAD "index 0\n\n",
        HEAD "index 0\n\n" ORIGIN "\n5\n" ROOT_5 "\n",
        HEAD "index 00\n\n" NOTE,
        HEAD "index -1\n\n" NOTE,
        HEAD "index \n\n" NOTE,
        HEAD "index 9223372036854775808\n\n" NOTE,
        HEAD "Index 0\n\n" NOTE,
        HEAD "index 0\nAAEC\n\n" NOTE,
        HEAD "index 0\r\n\r\n" NOTE,
        HEAD "extra AAE\nindex 0\n\n" NOTE,
        HEAD "extra ====\nindex 0\n\n" NOTE,
        HEAD "extra AAEC\nextra AAEC\nindex 0\n\n" NOTE,
        HEAD "index 0\nextra AAEC\n\n" NOTE,
        HEAD "index 0\nindex 0\n\n" NOTE,
        "c2sp.org/tlog-proof@v2\nindex 0\n\n" NOTE,
        " " HEAD "index 0\n\n" NOTE,
    };
    struct sil_tlog_proof proof;

    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        cr_expect_eq(parse_proof(&proof, GOOD[i]), SIL_OK, "%zu", i);
        cr_expect_eq(proof.checkpoint_length, strlen(NOTE), "%zu", i);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_expect_eq(parse_proof(&proof, BAD[i]), SIL_ERR_INPUT, "%zu", i);
        cr_expect_null(proof.checkpoint, "%zu", i);
    }
}

Test(tlog_proof, has_at_most_64_hashes)
{
    struct sil_bytes text = {0};
    struct sil_tlog_proof proof;

    for (int n = 64; n <= 65; n++) {
        text.length = 0;
        MUST(sil_bytes_printf(&text, NULL, "%sindex 1\n", HEAD));
        for (int i = 0; i < n; i++) {
            MUST(sil_bytes_printf(&text, NULL, "%s", HASH));
        }
        MUST(sil_bytes_printf(&text, NULL, "\n%s", NOTE));
        cr_expect_eq(
            sil_tlog_proof_parse(&proof, (const char *)text.data, text.length, NULL),
            n == 64 ? SIL_OK : SIL_ERR_INPUT);
        cr_expect_eq(proof.path.n, n == 64 ? 64 : 0);
    }
    sil_bytes_clear(&text);
}

Test(tlog_proof, of_more_than_65535_bytes_is_not_looked_at)
{
    struct sil_tlog_proof proof;
    size_t length = 65536;
    char *text = malloc(length);
    struct sil_error err = {{0}};
    kit_fill(text, length, '\n');

    cr_expect_eq(sil_tlog_proof_parse(&proof, text, length, &err), SIL_ERR_INPUT);
    cr_expect_str_eq(err.text, "not a proof of inclusion: it is too long");
    free(text);
}
