// SPDX-License-Identifier: Apache-2.0
/* Ledgers that another program made: rebuilt from their fields, read and written again,
 * and spoilt in one place each. */
#include "format_kit.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static const char LID[] = "99ac991216020bfcca4040d04ec715d6";

static void check_hash(const void *hash, size_t n, const char *hex, const char *what)
{
    uint8_t want[64];
    kit_hex(want, n, hex);
    cr_expect_arr_eq(hash, want, n, "%s", what);
}

/* ---- the five entries, from the fields that are published ---- */

static struct sil_ledger_key key_of(int seed, enum sil_role role, const char *name)
{
    struct sil_ledger_key out = {.role = role, .name = strdup(name)};
    struct sil_secret_key *key = kit_key(seed);
    sil_secret_key_public(out.public_key, key);
    sil_secret_key_keynum(out.keynum, key);
    sil_secret_key_free(key);
    return out;
}

static void make_genesis(struct sil_body *body)
{
    struct sil_genesis *genesis = &body->genesis;
    sil_body_init(body, SIL_ENTRY_GENESIS);
    for (unsigned i = 0; i < sizeof genesis->nonce; i++) {
        genesis->nonce[i] = (uint8_t)i;
    }
    genesis->prefix = strdup("example.org");
    genesis->data_label = strdup("claims-2026");
    genesis->keys = calloc(4, sizeof *genesis->keys);
    genesis->n_keys = 4;
    genesis->keys[0] = key_of(SEED_AUTHORITY, SIL_ROLE_AUTHORITY, "auth-1");
    genesis->keys[1] = key_of(SEED_CURATOR, SIL_ROLE_CURATOR, "cur-1");
    genesis->keys[2] = key_of(SEED_LOG, SIL_ROLE_LOG, "log-1");
    genesis->keys[3] = key_of(SEED_RELEASE, SIL_ROLE_RELEASE, "rel-1");
    genesis->thresholds = (struct sil_thresholds){.authority = 1, .witness = 0};
    genesis->time_gran = 3600;
    genesis->unit = strdup("row");
    genesis->neighbours = SIL_ADD_REMOVE;
    genesis->max_contrib = 1;
    mpq_set_ui(genesis->cap_rho.v, 2, 1);
    mpq_set_ui(genesis->report_delta.v, 1, 1000000000);
    kit_sha256(genesis->data_commit, "data commitment placeholder");
    genesis->tool = strdup("silhouette");
    genesis->version = strdup("0.1.0");
}

static void make_grant(struct sil_body *body)
{
    sil_body_init(body, SIL_ENTRY_GRANT);
    kit_fill(&body->id, SIL_ID_BYTES, 0xb0);
    mpq_set_ui(body->grant.rho.v, 1, 2);
    body->grant.expires = 0x6c9279f0;
    body->grant.purpose = strdup("q3-share");
}

static void make_reserve(struct sil_body *body)
{
    sil_body_init(body, SIL_ENTRY_RESERVE);
    kit_fill(&body->id, SIL_ID_BYTES, 0xb1);
    kit_fill(&body->reserve.grant, SIL_ID_BYTES, 0xb0);
    mpq_set_ui(body->reserve.rho.v, 1, 8);
    kit_sha256(body->reserve.plan_hash, "plan");
}

static void make_line(struct sil_spending *line, enum sil_ledger_mechanism mechanism)
{
    sil_spending_init(line);
    line->mechanism = mechanism;
    line->attrs = calloc(2, sizeof *line->attrs);
    line->attrs[1] = 3;
    line->n_attrs = 2;
    mpq_set_ui(line->sensitivity, 1, 1);
}

static void make_measure(struct sil_body *body)
{
    struct sil_measure *measure = &body->measure;
    sil_body_init(body, SIL_ENTRY_MEASURE);
    kit_fill(&measure->reserve, SIL_ID_BYTES, 0xb1);
    kit_sha256(measure->transcript_sha256, "transcript");
    measure->lines = calloc(2, sizeof *measure->lines);
    measure->n_lines = 2;
    make_line(&measure->lines[0], SIL_SPENT_EXPONENTIAL);
    mpq_set_ui(measure->lines[0].parameter, 1, 5);
    mpq_set_ui(measure->lines[0].rho, 1, 40);
    make_line(&measure->lines[1], SIL_SPENT_GAUSSIAN);
    mpq_set_ui(measure->lines[1].parameter, 5, 1);
    mpq_set_ui(measure->lines[1].rho, 1, 10);
}

static void make_release(struct sil_body *body)
{
    struct sil_release_entry *release = &body->release;
    sil_body_init(body, SIL_ENTRY_RELEASE);
    kit_fill(&body->id, SIL_ID_BYTES, 0xb2);
    release->reserves = calloc(1, sizeof *release->reserves);
    release->n_reserves = 1;
    kit_fill(release->reserves, SIL_ID_BYTES, 0xb1);
    release->artifacts = calloc(1, sizeof *release->artifacts);
    release->n_artifacts = 1;
    release->artifacts[0].name = strdup("data.csv");
    kit_sha256(release->artifacts[0].sha256, "a,b\n1,2\n");
    kit_sha256(release->statement_sha256, "statement");
}

static const struct five {
    void (*make)(struct sil_body *body);
    uint64_t time;
    size_t entry_length;
    const char *comment; ///< NULL: nobody approves
} FIVE[5] = {
    {make_genesis, 1789999200, 820, "cap_rho=2/1 cap_delta=0/1"},
    {make_grant,   1790002800, 502,
     "id=b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0 rho=1/2 delta=0/1"   },
    {make_reserve, 1790002800, 275, NULL                       },
    {make_measure, 1790002800, 321, NULL                       },
    {make_release, 1790006400, 313, NULL                       },
};

static const char *const LEAVES[5] = {
    "e9eda27d174303b34bc75125bb9601fcea1302bdfe2f2de2c00df0422970b269",
    "92020ef8235881e251ee24789f8fc6038f8ee35cbce2474ea4a1c34535c9c76f",
    "2dcbf5e60c9e5bab702904e8985da976b9c687310e8af00c610bfb93945074fe",
    "89dba08c9ab866b7a34c6ef85b1f59ae31aa888b60e12ad107ad000a52ef98fe",
    "805a234c010702b28d2883c2de9fe0c37c53aa64d15a3c9d99d686b5f2048c99"};
/* Of the tree with this entry. */
static const char *const ROOTS[5] = {
    "e9eda27d174303b34bc75125bb9601fcea1302bdfe2f2de2c00df0422970b269",
    "15260de3c9ddae4f68e6ccf3613a8dd1ca2ba37406aca5e7503c56e945bd7106",
    "941186438ee009906ddbe531ae4eecb0b6aae2e54ccb2fdf2fd04b97f87355a0",
    "55373c0c60b06aad82237c4ffbec86661897cdda6f8c5e3a2fbf9246978bb05e",
    "bb940162aef58de4d0ee58e191cc51a094f39aeed95cbc4312ae38dac04ea34c"};

/* The authority's approval as the published comment has it. */
static struct sil_approval approve(const struct sil_body *body,
                                   const struct sil_bytes *encoded, const char *details)
{
    struct sil_approval approval = {.key = {{0}}};
    struct sil_secret_key *authority = kit_key(SEED_AUTHORITY);
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    char comment[SIL_COMMENT_MAX + 1];
    char want[SIL_COMMENT_MAX + 1];

    MUST(sil_body_comment(comment, body, NULL));
    (void)snprintf(want, sizeof want, "silhouette/v1 %s ledger=%s %s",
                   sil_entry_type_name(body->type), LID, details);
    cr_expect_str_eq(comment, want);
    sil_secret_key_public(public_key, authority);
    sil_key_id(approval.key.bytes, public_key);
    sil_minisign(&approval.signature, authority, encoded->data, encoded->length,
                 comment);
    sil_secret_key_free(authority);
    return approval;
}

/* Build entry i behind those that are in the tree; the LID goes from one to the next. */
static struct sil_bytes build(int i, struct sil_id *lid, const struct sil_merkle *tree)
{
    const struct five *five = &FIVE[i];
    struct sil_body body;
    struct sil_bytes encoded = {0};
    struct sil_bytes out = {0};
    struct sil_entry head = {.seq = (uint64_t)i, .time = five->time};
    struct sil_approval approval;
    struct sil_error err = {{0}};
    uint8_t salt[16];
    struct sil_secret_key *curator = kit_key(SEED_CURATOR);

    five->make(&body);
    body.ledger = *lid;
    cr_assert_eq(sil_body_encode(&encoded, &body, &err), SIL_OK, "%s", err.text);
    *lid = body.ledger;
    head.ledger = body.ledger;
    sil_merkle_root(&head.prev_root, tree);
    if (five->comment != NULL) {
        approval = approve(&body, &encoded, five->comment);
        head.approvals = &approval;
        head.n_approvals = 1;
    }
    kit_fill(salt, sizeof salt, 0xa0 + i);
    cr_assert_eq(sil_entry_build_salted(&out, &head, salt, &encoded, curator, &err),
                 SIL_OK, "%s", err.text);
    sil_secret_key_free(curator);
    sil_bytes_clear(&encoded);
    sil_body_clear(&body);
    return out;
}

Test(entry_vectors, five_entries_are_rebuilt_from_their_fields)
{
    struct sil_merkle tree = {0};
    struct sil_id lid = {{0}};
    struct sil_root root;

    for (int i = 0; i < 5; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "five/E%d.bin", i);
        struct sil_bytes want = kit_file(name);
        struct sil_bytes built = build(i, &lid, &tree);

        cr_expect_eq(built.length, FIVE[i].entry_length, "E%d", i);
        cr_assert_eq(built.length, want.length, "E%d", i);
        cr_expect_arr_eq(built.data, want.data, want.length, "E%d", i);
        sil_merkle_leaf(&root, built.data, built.length);
        check_hash(&root, sizeof root, LEAVES[i], name);
        MUST(sil_merkle_append(&tree, &root, NULL));
        sil_merkle_root(&root, &tree);
        check_hash(&root, sizeof root, ROOTS[i], name);
        sil_bytes_clear(&want);
        sil_bytes_clear(&built);
    }
    char text[SIL_ID_TEXT];
    sil_id_print(text, &lid);
    cr_expect_str_eq(text, LID);
    sil_merkle_clear(&tree);
}

Test(entry_vectors, a_signature_is_the_curators_over_prefix_and_payload)
{
    struct sil_bytes file = kit_file("five/E2.bin");
    struct sil_bytes message = {0};
    struct sil_entry entry;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    MUST(sil_entry_parse(&entry, file.data, file.length, 2, NULL));

    MUST(sil_entry_message(&message, entry.payload, entry.payload_length, NULL));

    kit_hex(public_key, sizeof public_key,
            "17cb79fb2b4120f2b1ec65e4198d6e08b28e813feb01e4a400839b85e18080ce");
    cr_expect(sil_verify(entry.signature, public_key, message.data, message.length));
    cr_expect_arr_eq(message.data, "silhouette/entry/v1\n", 20);
    check_hash(entry.curator.bytes, SIL_ID_BYTES, "cc9d04e578efd34cc15ba6e917c59c96",
               "the curator");
    sil_bytes_clear(&message);
    sil_entry_clear(&entry);
    sil_bytes_clear(&file);
}

/* The folder of 256 entries that logs are exported as: length and bytes of each entry, and
 * the leaves. */
Test(entry_vectors, tiles_of_the_five_have_the_published_hashes)
{
    struct sil_bytes bundle = {0};
    struct sil_bytes leaves = {0};
    uint8_t hash[SIL_HASH_BYTES];

    for (int i = 0; i < 5; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "five/E%d.bin", i);
        struct sil_bytes file = kit_file(name);
        const uint8_t length[] = {(uint8_t)(file.length >> 8), (uint8_t)file.length};
        struct sil_root leaf;
        sil_merkle_leaf(&leaf, file.data, file.length);
        MUST(sil_bytes_append(&bundle, length, 2, NULL));
        MUST(sil_bytes_append(&bundle, file.data, file.length, NULL));
        MUST(sil_bytes_append(&leaves, leaf.bytes, sizeof leaf.bytes, NULL));
        sil_bytes_clear(&file);
    }

    cr_expect_eq(bundle.length, 2241);
    sil_sha256(hash, &(struct sil_part){bundle.data, bundle.length}, 1);
    check_hash(hash, sizeof hash,
               "62029a82b484f74f3cc858c24683dd93f0abe8e5340be847fc681aa23d8b30c9",
               "entries");
    sil_sha256(hash, &(struct sil_part){leaves.data, leaves.length}, 1);
    check_hash(hash, sizeof hash,
               "d24d71a7ed571d6e40002fad7f682118ff403eaba44c414b4b3abf8f3dc937f7",
               "leaves");
    sil_bytes_clear(&bundle);
    sil_bytes_clear(&leaves);
}

/* ---- every ledger of the list ---- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

static bool is_ledger(const json_t *item)
{
    return strcmp(text_of(item, "kind"), "ledger") == 0;
}

static void check_written_again(const struct sil_entry *entry, const char *name)
{
    struct sil_bytes again = {0};
    struct sil_body copy = entry->body;
    MUST(sil_body_encode(&again, &copy, NULL));
    cr_assert_eq(again.length, entry->body_length, "%s", name);
    cr_expect_arr_eq(again.data, entry->body_bytes, again.length, "%s", name);
    sil_bytes_clear(&again);
}

static void check_comment(const struct sil_entry *entry, const char *name)
{
    char comment[SIL_COMMENT_MAX + 1];
    for (size_t i = 0; i < entry->n_approvals; i++) {
        MUST(sil_body_comment(comment, &entry->body, NULL));
        cr_expect_str_eq(comment, entry->approvals[i].signature.comment, "%s", name);
    }
}

static unsigned read_ledger(const json_t *item)
{
    unsigned types = 0;
    size_t i;
    json_t *entry_name;
    json_array_foreach(json_object_get(item, "entries"), i, entry_name)
    {
        const char *name = json_string_value(entry_name);
        struct sil_bytes file = kit_file(name);
        struct sil_entry entry;
        struct sil_error err = {{0}};
        cr_assert_eq(sil_entry_parse(&entry, file.data, file.length, i, &err), SIL_OK,
                     "%s: %s", name, err.text);
        check_written_again(&entry, name);
        check_comment(&entry, name);
        types |= 1u << entry.type;
        sil_entry_clear(&entry);
        sil_bytes_clear(&file);
    }
    return types;
}

Test(entry_vectors, good_ledgers_are_read_and_written_again)
{
    json_t *all = kit_vectors();
    unsigned types = 0;
    size_t i;
    json_t *item;

    json_array_foreach(all, i, item)
    {
        if (is_ledger(item) && strcmp(text_of(item, "expected"), "accept") == 0) {
            types |= read_ledger(item);
        }
    }

    cr_expect_eq(types, (1u << 11) - 1, "some type has no vector");
    json_decref(all);
}

/* What reading an entry alone can find: its form, and what it must not say. */
static bool is_of_form(const char *id)
{
    return strcmp(id, "F1") == 0 || strcmp(id, "F2") == 0 || strcmp(id, "P1") == 0;
}

static void check_bad(const json_t *item, size_t place)
{
    const char *name = text_of(item, "name");
    const char *id = text_of(item, "id");
    const char *file_name =
        json_string_value(json_array_get(json_object_get(item, "entries"), place));
    struct sil_bytes file = kit_file(file_name);
    struct sil_entry entry;
    struct sil_error err = {{0}};

    sil_status status = sil_entry_parse(&entry, file.data, file.length, place, &err);

    if (strcmp(text_of(item, "expected"), "unsupported") == 0) {
        cr_expect_eq(status, SIL_ERR_UNSUPPORTED, "%s: %s", name, err.text);
    } else if (is_of_form(id)) {
        cr_expect_eq(status, SIL_ERR_CHECK, "%s", name);
        cr_expect(kit_refused(&err, id), "%s: %s", name, err.text);
    } else {
        cr_expect_eq(status, SIL_OK, "%s: %s", name, err.text);
    }
    sil_entry_clear(&entry);
    sil_bytes_clear(&file);
}

Test(entry_vectors, spoilt_entries_are_refused_by_the_id_of_their_rule)
{
    json_t *all = kit_vectors();
    size_t n = 0;
    size_t i;
    json_t *item;

    json_array_foreach(all, i, item)
    {
        const json_t *place = json_object_get(item, "entry");
        if (is_ledger(item) && json_is_integer(place)) {
            check_bad(item, (size_t)json_integer_value(place));
            n++;
        }
    }

    cr_expect_gt(n, 100, "the list is shorter than it was");
    json_decref(all);
}
