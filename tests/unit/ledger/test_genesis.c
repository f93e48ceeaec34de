// SPDX-License-Identifier: Apache-2.0
#include "ledger/found.h"
#include "num/rational.h"
#include "privacy/convert.h"
#include "support/temp_file.h"

#include "silhouette/version.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

enum { N_KEYS = 4 };

/* A key of each role, from seeds: nothing is random but the nonce. */
struct kit {
    struct sil_secret_key *secret[N_KEYS];
    struct sil_ledger_key key[N_KEYS];
    struct sil_founding founding;
};

static struct kit kit_open(void)
{
    static const enum sil_role ROLES[N_KEYS] = {SIL_ROLE_AUTHORITY, SIL_ROLE_CURATOR,
                                                SIL_ROLE_LOG, SIL_ROLE_AUTHORITY};

    static const char *const NAMES[N_KEYS] = {"a-1", "cur-1", "log-1", "a-2"};
    struct kit kit = {.founding = sil_founding_defaults()};
    cr_assert(eq(int, sil_crypto_start(NULL), SIL_OK));
    for (int i = 0; i < N_KEYS; i++) {
        uint8_t seed[SIL_KEY_SEED_BYTES];
        uint8_t keynum[SIL_KEYNUM_BYTES] = {(uint8_t)i};
        memset(seed, 0x11 * (i + 1), sizeof seed);
        cr_assert(eq(int, sil_secret_key_of_seed(&kit.secret[i], seed, keynum, NULL),
                     SIL_OK));
        cr_assert(
            eq(int,
               sil_ledger_key_of(&kit.key[i], ROLES[i], NAMES[i], kit.secret[i], NULL),
               SIL_OK));
    }
    kit.founding.data_label = "claims-2026";
    kit.founding.cap_epsilon = "1";
    kit.founding.cap_delta = "1e-9";
    kit.founding.n_keys = N_KEYS;
    return kit;
}

static void kit_close(struct kit *kit)
{
    for (int i = 0; i < N_KEYS; i++) {
        sil_secret_key_free(kit->secret[i]);
        free(kit->key[i].name);
    }
}

static sil_status build(struct sil_body *body, struct kit *kit, struct sil_error *err)
{
    sil_body_init(body, SIL_ENTRY_GENESIS);
    kit->founding.keys = kit->key;
    return sil_ledger_genesis_build(body, &kit->founding, err);
}

static void expect_rational(const mpq_t value, const char *text)
{
    struct sil_bytes printed = {0};
    cr_assert(eq(int, sil_rational_print(&printed, value, NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&printed, "", 1, NULL), SIL_OK));
    cr_expect(zero(int, strcmp((const char *)printed.data, text)), "%s, not %s",
              (const char *)printed.data, text);
    sil_bytes_clear(&printed);
}

/* ---- the cap ---- */

static const struct cap_case {
    const char *epsilon;
    const char *delta;
    const char *discovery; ///< NULL: not given
    const char *report_delta;
    const char *cap_delta;
} CAPS[] = {
    {"1",   "1e-9", NULL,     "1/1000000000",  "0/1"          },
    {"1",   "1e-9", "0",      "1/1000000000",  "0/1"          },
    {"1",   "1e-9", "1e-10",  "9/10000000000", "1/10000000000"},
    {"0.5", "1e-6", "0.5e-6", "1/2000000",     "1/2000000"    },
};

Test(genesis, cap_is_what_epsilon_and_the_rest_of_delta_allow)
{
    for (size_t i = 0; i < sizeof CAPS / sizeof CAPS[0]; i++) {
        struct kit kit = kit_open();
        struct sil_body body;
        struct sil_epsilon asked;
        struct sil_epsilon certified;
        struct sil_rho rho;
        struct sil_error err = {{0}};
        sil_epsilon_init(&asked);
        sil_epsilon_init(&certified);
        sil_rho_init(&rho);
        kit.founding.cap_epsilon = CAPS[i].epsilon;
        kit.founding.cap_delta = CAPS[i].delta;
        kit.founding.discovery_delta = CAPS[i].discovery;

        cr_assert(eq(int, build(&body, &kit, &err), SIL_OK), "%s", err.text);

        expect_rational(body.genesis.report_delta.v, CAPS[i].report_delta);
        expect_rational(body.genesis.cap_delta.v, CAPS[i].cap_delta);
        cr_assert(
            eq(int, sil_rational_parse(asked.v, CAPS[i].epsilon, 0, "", NULL), SIL_OK));
        cr_assert(eq(int,
                     sil_rho_of_epsilon(&rho, &asked, &body.genesis.report_delta, NULL),
                     SIL_OK));
        cr_expect(ne(int, mpq_equal(rho.v, body.genesis.cap_rho.v), 0));
        cr_assert(eq(int,
                     sil_epsilon_of_rho(&certified, &body.genesis.cap_rho,
                                        &body.genesis.report_delta, NULL),
                     SIL_OK));
        cr_expect(le(int, mpq_cmp(certified.v, asked.v), 0), "rounded up");
        sil_epsilon_clear(&asked);
        sil_epsilon_clear(&certified);
        sil_rho_clear(&rho);
        sil_body_clear(&body);
        kit_close(&kit);
    }
}

/* ---- what it says ---- */

Test(genesis, of_a_successor_protects_whom_its_parent_protected)
{
    char column[] = "patient";
    char *const columns[] = {NULL, column};
    for (int people = 0; people < 2; people++) {
        for (int says = 0; says < 2; says++) {
            struct kit kit = kit_open();
            struct sil_body body;
            struct sil_error err = {{0}};
            struct sil_chain parent = {.tree.size = 0};
            parent.genesis.genesis.id_column = columns[people];
            parent.genesis.genesis.max_contrib = people == 1 ? 7 : 1;
            parent.genesis.genesis.neighbours = SIL_REPLACE_ONE;
            kit.founding.parent = &parent;
            if (says == 1) {
                kit.founding.unit = "id:visit:2";
                kit.founding.neighbours = SIL_ADD_REMOVE;
            }

            cr_assert(eq(int, build(&body, &kit, &err), SIL_OK), "%s", err.text);

            const struct sil_genesis *g = &body.genesis;
            cr_expect(eq(str, g->id_column,
                         says == 1     ? "visit"
                         : people == 1 ? "patient"
                                       : ""));
            cr_expect(eq(str, g->unit, says + people > 0 ? "id" : "row"));
            cr_expect(eq(u64, g->max_contrib, says == 1 ? 2 : people == 1 ? 7 : 1));
            cr_expect(
                eq(int, g->neighbours, says == 1 ? SIL_ADD_REMOVE : SIL_REPLACE_ONE));
            sil_body_clear(&body);
            kit_close(&kit);
        }
    }
}

Test(genesis, says_what_was_said_and_encodes_to_a_body_that_decodes)
{
    struct kit kit = kit_open();
    struct sil_body body;
    struct sil_body again = {0};
    struct sil_bytes encoded = {0};
    struct sil_error err = {{0}};
    kit.founding.neighbours = SIL_REPLACE_ONE;
    kit.founding.thresholds = (struct sil_thresholds){.authority = 2, .witness = 3};
    kit.founding.roles_shared = true;
    kit.founding.witness_before_noise = true;
    kit.founding.data_commit[5] = 9;
    struct sil_root roots[12] = {{{0}}};
    struct sil_chain parent = {
        .ledger.bytes[3] = 7, .tree = {.root = roots, .size = 12}
    };
    parent.genesis.genesis.max_contrib = 1;
    kit.founding.parent = &parent;

    cr_assert(eq(int, build(&body, &kit, &err), SIL_OK), "%s", err.text);
    cr_assert(eq(int, sil_body_encode(&encoded, &body, &err), SIL_OK), "%s", err.text);
    cr_assert(
        eq(int, sil_body_decode(&again, encoded.data, encoded.length, &err), SIL_OK),
        "%s", err.text);

    const struct sil_genesis *g = &again.genesis;
    cr_expect(eq(int, again.type, SIL_ENTRY_GENESIS));
    cr_expect(eq(str, g->prefix, "local"));
    cr_expect(eq(str, g->data_label, "claims-2026"));
    cr_expect(eq(str, g->unit, "row"));
    cr_expect(eq(str, g->id_column, ""));
    cr_expect(eq(u64, g->max_contrib, 1));
    cr_expect(eq(int, g->neighbours, SIL_REPLACE_ONE));
    cr_expect(eq(u64, g->time_gran, 3600));
    cr_expect(eq(u64, g->thresholds.authority, 2));
    cr_expect(eq(u64, g->thresholds.witness, 3));
    cr_assert(eq(sz, g->n_invariants, 2));
    cr_expect(eq(str, g->invariants[0], "roles-shared"));
    cr_expect(eq(str, g->invariants[1], "witness-before-noise"));
    cr_expect(eq(int, g->data_commit[5], 9));
    cr_expect(g->has_parent);
    cr_expect(eq(int, g->parent.bytes[3], 7));
    cr_expect(eq(u64, g->parent_size, 12));
    cr_expect(eq(str, g->tool, "silhouette"));
    cr_expect(zero(int, strcmp(g->version, sil_version())));
    cr_assert(eq(sz, g->n_keys, N_KEYS));
    cr_expect(eq(str, g->keys[2].name, "log-1"));
    cr_expect(sil_id_equal(&g->keys[2].id, &kit.key[2].id));
    cr_expect(sil_id_equal(&body.ledger, &again.ledger));
    sil_bytes_clear(&encoded);
    sil_body_clear(&body);
    sil_body_clear(&again);
    kit_close(&kit);
}

Test(genesis, two_of_the_same_words_are_two_ledgers)
{
    struct kit kit = kit_open();
    struct sil_body one;
    struct sil_body two;
    cr_assert(eq(int, build(&one, &kit, NULL), SIL_OK));
    cr_assert(eq(int, build(&two, &kit, NULL), SIL_OK));

    cr_expect(ne(int,
                 memcmp(one.genesis.nonce, two.genesis.nonce, sizeof one.genesis.nonce),
                 0));

    sil_body_clear(&one);
    sil_body_clear(&two);
    kit_close(&kit);
}

/* ---- what is refused ---- */

static void unit_of_nobody(struct sil_founding *f)
{
    f->unit = "id:PATIENT:0";
}

static void no_label(struct sil_founding *f)
{
    f->data_label = NULL;
}

static void empty_label(struct sil_founding *f)
{
    f->data_label = "";
}

static void no_epsilon(struct sil_founding *f)
{
    f->cap_epsilon = NULL;
}

static void no_delta(struct sil_founding *f)
{
    f->cap_delta = NULL;
}

static void epsilon_zero(struct sil_founding *f)
{
    f->cap_epsilon = "0";
}

static void epsilon_huge(struct sil_founding *f)
{
    f->cap_epsilon = "10001";
}

static void epsilon_no_number(struct sil_founding *f)
{
    f->cap_epsilon = "one";
}

static void delta_one(struct sil_founding *f)
{
    f->cap_delta = "1";
}

static void delta_zero(struct sil_founding *f)
{
    f->cap_delta = "0";
}

static void all_for_discovery(struct sil_founding *f)
{
    f->discovery_delta = "1e-9";
}

static void negative_discovery(struct sil_founding *f)
{
    f->discovery_delta = "-1e-9";
}

static void unknown_neighbours(struct sil_founding *f)
{
    f->neighbours = (enum sil_neighbours)7;
}

static void no_approvals(struct sil_founding *f)
{
    f->thresholds.authority = 0;
}

static void too_many_approvals(struct sil_founding *f)
{
    f->thresholds.authority = 3;
}

static void no_log(struct sil_founding *f)
{
    f->n_keys = 2;
}

static void no_curator(struct sil_founding *f)
{
    f->n_keys = 1;
}

/* Of the kit at hand; the founding only borrows it. */
static struct sil_ledger_key *keys;

static void give_key(size_t to, size_t from)
{
    keys[to].id = keys[from].id;
    memcpy(keys[to].public_key, keys[from].public_key, sizeof keys[to].public_key);
}

static void authority_twice(struct sil_founding *f)
{
    (void)f;
    give_key(3, 0);
}

static void authority_is_the_log(struct sil_founding *f)
{
    (void)f;
    give_key(3, 2);
}

static void authority_twice_where_roles_are_shared(struct sil_founding *f)
{
    f->roles_shared = true;
    give_key(3, 0);
}

static const struct refused_case {
    const char *name;
    void (*spoil)(struct sil_founding *founding);
    sil_status status;
    const char *says;
} REFUSED[] = {
    {"a person without a row",           unit_of_nobody,                         SIL_ERR_USAGE, "1 to 1048576 rows"            },
    {"no label",                         no_label,                               SIL_ERR_USAGE, "--data-label"                 },
    {"an empty label",                   empty_label,                            SIL_ERR_USAGE, "--data-label"                 },
    {"no epsilon",                       no_epsilon,                             SIL_ERR_USAGE, "--cap-epsilon"                },
    {"no delta",                         no_delta,                               SIL_ERR_USAGE, "--cap-delta"                  },
    {"epsilon 0",                        epsilon_zero,                           SIL_ERR_USAGE, "cap-epsilon"                  },
    {"epsilon 10001",                    epsilon_huge,                           SIL_ERR_USAGE, "cap-epsilon"                  },
    {"no number",                        epsilon_no_number,                      SIL_ERR_INPUT, "cap-epsilon"                  },
    {"delta 1",                          delta_one,                              SIL_ERR_USAGE, "cap-delta"                    },
    {"delta 0",                          delta_zero,                             SIL_ERR_USAGE, "cap-delta"                    },
    {"all for discovery",                all_for_discovery,                      SIL_ERR_USAGE, "discovery-delta"              },
    {"negative discovery",               negative_discovery,                     SIL_ERR_USAGE, "discovery-delta"              },
    {"unknown neighbours",               unknown_neighbours,                     SIL_ERR_USAGE, "neighbours"                   },
    {"no approvals",                     no_approvals,                           SIL_ERR_USAGE, "threshold"                    },
    {"too many approvals",               too_many_approvals,                     SIL_ERR_USAGE, "threshold"                    },
    {"no log",                           no_log,                                 SIL_ERR_USAGE, "log"                          },
    {"no curator",                       no_curator,                             SIL_ERR_USAGE, "curator"                      },
    {"an authority twice",               authority_twice,                        SIL_ERR_USAGE,
     "a-1 and a-2 have the same key"                                                                                           },
    {"an authority with the log's key",  authority_is_the_log,                   SIL_ERR_USAGE,
     "log-1 and a-2 have the same key"                                                                                         },
    {"an authority twice, roles shared", authority_twice_where_roles_are_shared,
     SIL_ERR_USAGE,                                                                             "a-1 and a-2 have the same key"},
};

Test(genesis, one_key_in_two_roles_is_for_ledgers_that_say_so)
{
    struct kit kit = kit_open();
    struct sil_body body;
    struct sil_error err = {{0}};
    keys = kit.key;
    kit.founding.roles_shared = true;
    give_key(3, 2);

    cr_expect(eq(int, build(&body, &kit, &err), SIL_OK), "%s", err.text);

    sil_body_clear(&body);
    kit_close(&kit);
}

Test(genesis, the_unit_may_be_a_person)
{
    struct kit kit = kit_open();
    struct sil_body body;
    struct sil_error err = {{0}};
    kit.founding.unit = "id:case:no:8";

    cr_assert(eq(int, build(&body, &kit, &err), SIL_OK), "%s", err.text);

    cr_expect(eq(str, body.genesis.unit, "id"));
    cr_expect(eq(str, body.genesis.id_column, "case:no"));
    cr_expect(eq(u64, body.genesis.max_contrib, 8));
    sil_body_clear(&body);
    kit_close(&kit);
}

Test(genesis, what_cannot_be_promised_is_refused)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct kit kit = kit_open();
        struct sil_body body;
        struct sil_error err = {{0}};
        keys = kit.key;
        REFUSED[i].spoil(&kit.founding);

        cr_expect(eq(int, build(&body, &kit, &err), REFUSED[i].status), "%s: %s",
                  REFUSED[i].name, err.text);

        cr_expect(ne(ptr, strstr(err.text, REFUSED[i].says), NULL), "%s: %s",
                  REFUSED[i].name, err.text);
        sil_body_clear(&body);
        kit_close(&kit);
    }
}

/* ---- approvals ---- */

static struct sil_bytes encoded_genesis(struct kit *kit)
{
    struct sil_body body;
    struct sil_bytes encoded = {0};
    cr_assert(eq(int, build(&body, kit, NULL), SIL_OK));
    cr_assert(eq(int, sil_body_encode(&encoded, &body, NULL), SIL_OK));
    sil_body_clear(&body);
    return encoded;
}

static struct test_file signature_file(const struct sil_minisig *signature)
{
    struct sil_bytes text = {0};
    cr_assert(eq(int, sil_minisig_print(&text, signature, "signature", NULL), SIL_OK));
    struct test_file file = test_file_new(text.data, text.length);
    sil_bytes_clear(&text);
    return file;
}

Test(approvals, are_signatures_with_the_comment_of_the_body)
{
    struct kit kit = kit_open();
    struct sil_bytes body = encoded_genesis(&kit);
    struct sil_body decoded = {0};
    struct sil_approval approval;
    char comment[SIL_COMMENT_MAX + 1];
    cr_assert(eq(int, sil_body_decode(&decoded, body.data, body.length, NULL), SIL_OK));
    cr_assert(eq(int, sil_body_comment(comment, &decoded, NULL), SIL_OK));

    cr_assert(eq(int, sil_ledger_approve_with(&approval, kit.secret[3], &body, NULL),
                 SIL_OK));

    cr_expect(sil_id_equal(&approval.key, &kit.key[3].id));
    cr_expect(eq(str, approval.signature.comment, comment));
    cr_expect(sil_minisig_verify(&approval.signature, kit.key[3].public_key, body.data,
                                 body.length));
    sil_body_clear(&decoded);
    sil_bytes_clear(&body);
    kit_close(&kit);
}

Test(approvals, of_files_find_their_maker_among_the_keys)
{
    struct kit kit = kit_open();
    struct sil_bytes body = encoded_genesis(&kit);
    for (int i = 0; i < N_KEYS; i++) {
        struct sil_approval made;
        struct sil_approval read;
        struct sil_error err = {{0}};
        bool is_authority = kit.key[i].role == SIL_ROLE_AUTHORITY;
        cr_assert(eq(int, sil_ledger_approve_with(&made, kit.secret[i], &body, NULL),
                     SIL_OK));
        struct test_file file = signature_file(&made.signature);

        sil_status status = sil_approval_read(&read, file.path, &body, NULL, &err);

        cr_expect(eq(int, status, is_authority ? SIL_OK : SIL_ERR_INPUT), "%s: %s",
                  kit.key[i].name, err.text);
        cr_expect(status != SIL_OK || sil_id_equal(&read.key, &kit.key[i].id));
        test_file_remove(&file);
    }
    sil_bytes_clear(&body);
    kit_close(&kit);
}

Test(approvals, with_another_comment_say_the_right_one)
{
    struct kit kit = kit_open();
    struct sil_bytes body = encoded_genesis(&kit);
    struct sil_approval approval;
    struct sil_minisig signature;
    struct sil_error err = {{0}};
    sil_minisign(&signature, kit.secret[0], body.data, body.length, "timestamp:1");
    struct test_file file = signature_file(&signature);

    cr_expect(eq(int, sil_approval_read(&approval, file.path, &body, NULL, &err),
                 SIL_ERR_INPUT));

    cr_expect(ne(ptr, strstr(err.text, "silhouette/v1 genesis ledger="), NULL), "%s",
              err.text);
    test_file_remove(&file);
    sil_bytes_clear(&body);
    kit_close(&kit);
}

Test(approvals, of_other_bytes_are_refused)
{
    struct kit kit = kit_open();
    struct sil_bytes body = encoded_genesis(&kit);
    struct sil_bytes other = encoded_genesis(&kit);
    struct sil_approval approval;
    cr_assert(eq(int, sil_ledger_approve_with(&approval, kit.secret[0], &other, NULL),
                 SIL_OK));
    struct test_file file = signature_file(&approval.signature);

    cr_expect(eq(int, sil_approval_read(&approval, file.path, &body, NULL, NULL),
                 SIL_ERR_INPUT));

    test_file_remove(&file);
    sil_bytes_clear(&other);
    sil_bytes_clear(&body);
    kit_close(&kit);
}

Test(approvals, are_sorted_by_key)
{
    struct sil_approval list[3] = {0};
    list[0].key.bytes[0] = 9;
    list[1].key.bytes[0] = 1;
    list[2].key.bytes[0] = 5;

    sil_approvals_sort(list, 3);

    cr_expect(eq(int, list[0].key.bytes[0], 1));
    cr_expect(eq(int, list[1].key.bytes[0], 5));
    cr_expect(eq(int, list[2].key.bytes[0], 9));
}
