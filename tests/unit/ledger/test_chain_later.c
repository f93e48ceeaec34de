// SPDX-License-Identifier: Apache-2.0
/* Entries of a later program: unsupported when a live curator signed them in their place,
 * and refused like any other damage when not. */
#include "chain_kit.h"
#include "codec/msgpack.h"
#include "ledger/refuse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

enum { VERSION = 1, SCHEMA = 1, LATER_TYPE = 11 };

static struct kit kit;

static void setup(void)
{
    kit_found(&kit);
}

static void teardown(void)
{
    kit_clear(&kit);
}

TestSuite(chain_later, .init = setup, .fini = teardown);

#define MUST(call) cr_assert(eq(int, (call), SIL_OK))

/* What differs from an entry with a body of type 11 that the curator signed in its place. */
struct later {
    const char *name;
    bool is_version;  /* the payload is of a later version, too */
    bool is_schema;   /* not the type, the schema of the body is a later one */
    uint8_t curator;  /* seed of the key that signs; 0: the curator's */
    uint8_t seq;      /* added to the number */
    uint8_t ledger;   /* xor on the ledger's id */
    uint8_t root;     /* xor on the previous root */
    bool is_spoilt;   /* a wrong bit in the signature */
    const char *rule; /* that refuses it; "": it is unsupported */
};

static uint8_t signer(const struct later *c)
{
    return c->curator != 0 ? c->curator : KIT_CURATOR;
}

static void put_body(struct sil_bytes *out, const struct later *c)
{
    MUST(sil_mp_put_array(out, 3, NULL));
    MUST(sil_mp_put_uint(out, c->is_schema ? SCHEMA + 1 : SCHEMA, NULL));
    MUST(sil_mp_put_str(out, c->is_schema ? "grant" : "lease", NULL));
    MUST(sil_mp_put_bin(out, kit.chain.ledger.bytes, SIL_ID_BYTES, NULL));
}

static void put_payload(struct sil_bytes *out, const struct later *c,
                        const struct sil_bytes *body)
{
    static const uint8_t SALT[16] = {3};
    struct sil_id ledger = kit.chain.ledger;
    struct sil_id curator = kit_key_id(signer(c));
    struct sil_root root;
    sil_merkle_root(&root, &kit.chain.tree);
    ledger.bytes[0] ^= c->ledger;
    root.bytes[0] ^= c->root;
    MUST(sil_mp_put_array(out, 10, NULL));
    MUST(sil_mp_put_uint(out, c->is_version ? VERSION + 1 : VERSION, NULL));
    MUST(sil_mp_put_bin(out, ledger.bytes, SIL_ID_BYTES, NULL));
    MUST(sil_mp_put_uint(out, kit.chain.tree.size + c->seq, NULL));
    MUST(sil_mp_put_bin(out, root.bytes, SIL_HASH_BYTES, NULL));
    MUST(sil_mp_put_uint(out, kit.time, NULL));
    MUST(sil_mp_put_uint(out, c->is_schema ? SIL_ENTRY_GRANT : LATER_TYPE, NULL));
    MUST(sil_mp_put_bin(out, SALT, sizeof SALT, NULL));
    MUST(sil_mp_put_bin(out, curator.bytes, SIL_ID_BYTES, NULL));
    MUST(sil_mp_put_bin(out, body->data, body->length, NULL));
    MUST(sil_mp_put_array(out, 0, NULL));
}

static struct sil_bytes make_entry(const struct later *c)
{
    struct sil_bytes body = {0};
    struct sil_bytes payload = {0};
    struct sil_bytes message = {0};
    struct sil_bytes file = {0};
    uint8_t signature[SIL_SIGNATURE_BYTES];
    put_body(&body, c);
    put_payload(&payload, c, &body);
    MUST(sil_entry_message(&message, payload.data, payload.length, NULL));
    sil_sign(signature, kit_key(signer(c)), message.data, message.length);
    signature[9] ^= c->is_spoilt;
    MUST(sil_mp_put_array(&file, 2, NULL));
    MUST(sil_mp_put_bin(&file, payload.data, payload.length, NULL));
    MUST(sil_mp_put_bin(&file, signature, sizeof signature, NULL));
    sil_bytes_clear(&body);
    sil_bytes_clear(&payload);
    sil_bytes_clear(&message);
    return file;
}

static void check(const struct later *c)
{
    struct sil_bytes file = make_entry(c);
    struct sil_error one = {""};
    struct sil_error all = {""};
    char rule[16];
    size_t applied = 7;
    const sil_status wanted =
        strlen(c->rule) == 0 ? SIL_ERR_UNSUPPORTED : SIL_ERR_CHECK;

    sil_status status = sil_chain_apply(&kit.chain, file.data, file.length, NULL, &one);

    cr_expect(eq(int, status, wanted), "%s: %s", c->name, one.text);
    sil_refusal_id(rule, &one);
    cr_expect(eq(str, rule, (char *)(uintptr_t)c->rule), "%s: %s", c->name, one.text);
    cr_expect(eq(u64, kit.chain.tree.size, 1), "%s: the chain is as before", c->name);
    cr_expect(
        eq(int, sil_chain_load(&kit.chain, &file, 1, NULL, &applied, &all), wanted));
    cr_expect(eq(str, one.text, all.text), "%s: many at once", c->name);
    cr_expect(zero(sz, applied), "%s", c->name);
    sil_bytes_clear(&file);
}

Test(chain_later, is_unsupported_only_where_a_live_curator_signed_it)
{
    /* Of another version is another form as a whole: who signed it cannot be read. */
    static const struct later CASES[] = {
        {"a type",                      false, false, 0,             0, 0, 0, false, ""  },
        {"a schema of bodies",          false, true,  0,             0, 0, 0, false, ""  },
        {"a type, not signed",          false, false, 0,             0, 0, 0, true,  "K1"},
        {"a schema, not signed",        false, true,  0,             0, 0, 0, true,  "K1"},
        {"a type, by a stranger",       false, false, 0x77,          0, 0, 0, false, "K1"},
        {"a type, by the authority",    false, false, KIT_AUTHORITY, 0, 0, 0, false, "K1"},
        {"a type, in another place",    false, false, 0,             1, 0, 0, false, "F5"},
        {"a type, of another ledger",   false, false, 0,             0, 1, 0, false, "F6"},
        {"a type, after other entries", false, false, 0,             0, 0, 1, false, "F4"},
        {"a version, not signed",       true,  false, 0,             0, 0, 0, true,  ""  },
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        check(&CASES[i]);
    }
}
