// SPDX-License-Identifier: Apache-2.0
#include "chain_kit.h"

#include "base/memory.h"

#include <sodium.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(call) must((call) == SIL_OK, #call)

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "the test's own ledger: %s failed\n", what);
        abort();
    }
}

const struct sil_secret_key *kit_key(uint8_t seed)
{
    static struct sil_secret_key *keys[256];
    if (keys[seed] == NULL) {
        uint8_t bytes[SIL_KEY_SEED_BYTES];
        uint8_t keynum[SIL_KEYNUM_BYTES] = {0};
        (void)memset(bytes, seed, sizeof bytes);
        MUST(sil_crypto_start(NULL));
        MUST(sil_secret_key_of_seed(&keys[seed], bytes, keynum, NULL));
    }
    return keys[seed];
}

struct sil_id kit_key_id(uint8_t seed)
{
    struct sil_id id;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    sil_secret_key_public(public_key, kit_key(seed));
    sil_key_id(id.bytes, public_key);
    return id;
}

char *kit_text(const char *text)
{
    char *copy = strdup(text);
    must(copy != NULL, "strdup");
    return copy;
}

struct sil_ledger_key kit_ledger_key(uint8_t seed, enum sil_role role)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%s-%02x", sil_role_name(role), seed);
    struct sil_ledger_key key = {
        .role = role, .name = kit_text(name), .id = kit_key_id(seed)};
    sil_secret_key_public(key.public_key, kit_key(seed));
    (void)memcpy(key.keynum, key.id.bytes, sizeof key.keynum);
    return key;
}

struct sil_id kit_id(uint8_t byte)
{
    struct sil_id id;
    (void)memset(id.bytes, byte, sizeof id.bytes);
    return id;
}

void kit_rational(mpq_t out, const char *p_q)
{
    must(mpq_set_str(out, p_q, 10) == 0, "a rational");
    mpq_canonicalize(out);
}

void kit_init(struct kit *kit)
{
    (void)memset(kit, 0, sizeof *kit);
    sil_chain_init(&kit->chain);
    kit->time = KIT_START;
}

void kit_clear(struct kit *kit)
{
    for (size_t i = 0; i < kit->n; i++) {
        sil_bytes_clear(&kit->entry[i]);
    }
    free(kit->entry);
    sil_chain_clear(&kit->chain);
}

/* ---- drafts ---- */

struct kit_draft kit_genesis(void)
{
    static const struct {
        uint8_t seed;
        enum sil_role role;
    } KEYS[] = {
        {KIT_AUTHORITY, SIL_ROLE_AUTHORITY},
        {KIT_CURATOR,   SIL_ROLE_CURATOR  },
        {KIT_LOG,       SIL_ROLE_LOG      },
        {KIT_RELEASE,   SIL_ROLE_RELEASE  },
        {KIT_AUDITOR,   SIL_ROLE_AUDITOR  },
    };
    struct kit_draft draft = {.curator = KIT_CURATOR, .approver = {KIT_AUTHORITY}};
    sil_body_init(&draft.body, SIL_ENTRY_GENESIS);
    struct sil_genesis *genesis = &draft.body.genesis;

    draft.head.time = KIT_START;
    genesis->prefix = kit_text("example.org");
    genesis->data_label = kit_text("claims-2026");
    genesis->n_keys = sizeof KEYS / sizeof KEYS[0];
    MUST(sil_alloc(&genesis->keys, genesis->n_keys, sizeof *genesis->keys, "", NULL));
    for (size_t i = 0; i < genesis->n_keys; i++) {
        genesis->keys[i] = kit_ledger_key(KEYS[i].seed, KEYS[i].role);
    }
    genesis->thresholds = (struct sil_thresholds){1, 0};
    genesis->time_gran = KIT_HOUR;
    genesis->unit = kit_text("row");
    genesis->id_column = kit_text("");
    genesis->neighbours = SIL_ADD_REMOVE;
    genesis->max_contrib = 1;
    kit_rational(genesis->cap_rho.v, "2/1");
    kit_rational(genesis->report_delta.v, "1/1000000000");
    genesis->data_commit[0] = 7;
    genesis->tool = kit_text("silhouette");
    genesis->version = kit_text("0");
    sil_merkle_root(&draft.head.prev_root, &(struct sil_merkle){0});
    return draft;
}

static void set_texts(struct sil_body *body)
{
    switch ((int)body->type) {
    case SIL_ENTRY_GRANT: body->grant.purpose = kit_text("q3-share"); break;
    case SIL_ENTRY_AUDIT: body->audit.verdict = kit_text("not-refuted"); break;
    case SIL_ENTRY_RECOVER:
        body->recover.kind = kit_text("rebuild-checkpoint");
        body->recover.text = kit_text("a disk was lost");
        break;
    case SIL_ENTRY_CLOSE: body->close_reason = kit_text("done"); break;
    case SIL_ENTRY_NOTICE: body->notice.reason = kit_text("wrong column"); break;
    case SIL_ENTRY_DATA: body->data.note = kit_text("second half"); break;
    default: break;
    }
}

struct kit_draft kit_draft(struct kit *kit, enum sil_entry_type type)
{
    struct kit_draft draft = {.curator = KIT_CURATOR};
    sil_body_init(&draft.body, type);
    set_texts(&draft.body);
    draft.body.ledger = kit->chain.ledger;
    if (type != SIL_ENTRY_MEASURE) {
        kit->next_id++;
        (void)memcpy(draft.body.id.bytes, &kit->next_id, sizeof kit->next_id);
    }
    draft.head.ledger = kit->chain.ledger;
    draft.head.seq = kit->chain.tree.size;
    draft.head.time = kit->time;
    sil_merkle_root(&draft.head.prev_root, &kit->chain.tree);
    if (type == SIL_ENTRY_AUDIT) {
        draft.approver[0] = KIT_AUDITOR;
    } else if (type != SIL_ENTRY_RESERVE && type != SIL_ENTRY_MEASURE &&
               type != SIL_ENTRY_RELEASE) {
        draft.approver[0] = KIT_AUTHORITY;
    }
    return draft;
}

struct kit_draft kit_grant(struct kit *kit, const char *rho, const char *delta)
{
    struct kit_draft draft = kit_draft(kit, SIL_ENTRY_GRANT);
    kit_rational(draft.body.grant.rho.v, rho);
    kit_rational(draft.body.grant.delta.v, delta);
    draft.body.grant.expires = KIT_EXPIRES;
    return draft;
}

struct kit_draft kit_reserve(struct kit *kit, const struct sil_id *grant,
                             const char *rho, const char *delta)
{
    struct kit_draft draft = kit_draft(kit, SIL_ENTRY_RESERVE);
    draft.body.reserve.grant = *grant;
    kit_rational(draft.body.reserve.rho.v, rho);
    kit_rational(draft.body.reserve.delta.v, delta);
    return draft;
}

struct kit_draft kit_measure(struct kit *kit, const struct sil_id *reserve, size_t n)
{
    struct kit_draft draft = kit_draft(kit, SIL_ENTRY_MEASURE);
    struct sil_measure *measure = &draft.body.measure;
    measure->reserve = *reserve;
    measure->transcript_sha256[0] = reserve->bytes[0];
    measure->n_lines = n;
    MUST(sil_alloc(&measure->lines, n, sizeof *measure->lines, "", NULL));
    for (size_t i = 0; i < n; i++) {
        sil_spending_init(&measure->lines[i]);
    }
    return draft;
}

void kit_line(struct kit_draft *draft, size_t i, enum sil_ledger_mechanism mechanism,
              const char *sensitivity, const char *parameter, const char *rho)
{
    struct sil_spending *line = &draft->body.measure.lines[i];
    line->mechanism = mechanism;
    kit_rational(line->sensitivity, sensitivity);
    kit_rational(line->parameter, parameter);
    kit_rational(line->rho, rho);
}

struct kit_draft kit_release(struct kit *kit, const struct sil_id *reserve)
{
    struct kit_draft draft = kit_draft(kit, SIL_ENTRY_RELEASE);
    struct sil_release_entry *release = &draft.body.release;
    release->n_reserves = 1;
    release->n_artifacts = 1;
    MUST(sil_alloc(&release->reserves, 1, sizeof *release->reserves, "", NULL));
    MUST(sil_alloc(&release->artifacts, 1, sizeof *release->artifacts, "", NULL));
    release->reserves[0] = *reserve;
    release->artifacts[0].name = kit_text("data.csv");
    return draft;
}

static size_t count_seeds(const uint8_t seeds[KIT_APPROVERS_MAX])
{
    size_t n = 0;
    while (n < KIT_APPROVERS_MAX && seeds[n] != 0) {
        n++;
    }
    return n;
}

struct kit_draft kit_keyset(struct kit *kit, const struct kit_keys *keys)
{
    struct kit_draft draft = kit_draft(kit, SIL_ENTRY_KEYSET);
    struct sil_keyset *keyset = &draft.body.keyset;
    keyset->n_add = count_seeds(keys->add);
    keyset->n_revoke = count_seeds(keys->revoke);
    MUST(sil_alloc(&keyset->add, keyset->n_add, sizeof *keyset->add, "", NULL));
    MUST(
        sil_alloc(&keyset->revoke, keyset->n_revoke, sizeof *keyset->revoke, "", NULL));
    for (size_t i = 0; i < keyset->n_add; i++) {
        keyset->add[i] = kit_ledger_key(keys->add[i], keys->role);
    }
    for (size_t i = 0; i < keyset->n_revoke; i++) {
        keyset->revoke[i].key = kit_key_id(keys->revoke[i]);
        keyset->revoke[i].as_of_seq = keys->as_of;
        keyset->revoke[i].reason = kit_text("lost");
    }
    keyset->has_thresholds = keys->threshold > 0;
    keyset->thresholds = (struct sil_thresholds){keys->threshold, 0};
    return draft;
}

/* ---- signing ---- */

static int by_key(const void *a, const void *b)
{
    const struct sil_approval *left = a;
    const struct sil_approval *right = b;
    return memcmp(left->key.bytes, right->key.bytes, SIL_ID_BYTES);
}

static size_t approve(struct sil_approval approval[KIT_APPROVERS_MAX],
                      const struct kit_draft *draft, const struct sil_bytes *body)
{
    char comment[SIL_COMMENT_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < KIT_APPROVERS_MAX && draft->approver[i] != 0; i++) {
        const uint8_t seed = draft->approver[i];
        if (draft->comment != NULL) {
            (void)snprintf(comment, sizeof comment, "%s", draft->comment);
        } else if (sil_body_comment(comment, &draft->body, NULL) != SIL_OK) {
            (void)snprintf(comment, sizeof comment, "nobody approves this");
        }
        approval[n].key = kit_key_id(seed);
        sil_minisign(&approval[n].signature, kit_key(seed), body->data, body->length,
                     comment);
        approval[n].signature.signature[0] ^= draft->spoilt_approval == seed;
        n++;
    }
    qsort(approval, n, sizeof *approval, by_key);
    return n;
}

void kit_seal(struct sil_bytes *out, struct kit_draft *draft)
{
    struct sil_bytes body = {0};
    struct sil_approval approval[KIT_APPROVERS_MAX];
    const uint8_t salt[16] = {0};

    MUST(sil_body_encode(&body, &draft->body, NULL));
    if (draft->body.type == SIL_ENTRY_GENESIS &&
        sodium_is_zero(draft->head.ledger.bytes, SIL_ID_BYTES)) {
        draft->head.ledger = draft->body.ledger;
    }
    draft->head.approvals = approval;
    draft->head.n_approvals = approve(approval, draft, &body);
    MUST(sil_entry_build_salted(out, &draft->head, salt, &body, kit_key(draft->curator),
                                NULL));
    out->data[out->length - 1] ^= draft->is_spoilt ? 0x10 : 0;
    sil_bytes_clear(&body);
    sil_body_clear(&draft->body);
}

sil_status kit_apply(struct kit *kit, struct kit_draft draft, struct sil_error *err)
{
    struct sil_bytes entry = {0};
    kit_seal(&entry, &draft);
    sil_status status =
        sil_chain_apply(&kit->chain, entry.data, entry.length, NULL, err);
    if (status != SIL_OK) {
        sil_bytes_clear(&entry);
        return status;
    }
    MUST(sil_grow(&kit->entry, &kit->capacity, kit->n + 1, sizeof entry, "", NULL));
    kit->entry[kit->n++] = entry;
    return status;
}

struct sil_id kit_add(struct kit *kit, struct kit_draft draft)
{
    const struct sil_id id = draft.body.id;
    struct sil_error err = {""};
    must(kit_apply(kit, draft, &err) == SIL_OK, err.text);
    return id;
}

void kit_found(struct kit *kit)
{
    kit_init(kit);
    (void)kit_add(kit, kit_genesis());
}

/* ---- comparing ---- */

static bool grants_equal(const struct sil_chain *a, const struct sil_chain *b)
{
    for (size_t i = 0; i < a->n_grants; i++) {
        const struct sil_chain_grant *x = &a->grant[i];
        const struct sil_chain_grant *y = &b->grant[i];
        if (!sil_id_equal(&x->id, &y->id) || !mpq_equal(x->reserved.v, y->reserved.v) ||
            !mpq_equal(x->rho.v, y->rho.v)) {
            return false;
        }
    }
    return true;
}

static bool reserves_equal(const struct sil_chain *a, const struct sil_chain *b)
{
    for (size_t i = 0; i < a->n_reserves; i++) {
        const struct sil_chain_reserve *x = &a->reserve[i];
        const struct sil_chain_reserve *y = &b->reserve[i];
        if (!mpq_equal(x->measured.v, y->measured.v) ||
            x->n_measures != y->n_measures || x->n_releases != y->n_releases) {
            return false;
        }
    }
    return true;
}

static bool keys_equal(const struct sil_chain *a, const struct sil_chain *b)
{
    for (size_t i = 0; i < a->n_keys; i++) {
        const struct sil_chain_key *x = &a->key[i];
        const struct sil_chain_key *y = &b->key[i];
        if (!sil_id_equal(&x->key.id, &y->key.id) || x->from != y->from ||
            x->until != y->until || x->revoked_at != y->revoked_at ||
            x->key.role != y->key.role || strcmp(x->key.name, y->key.name) != 0) {
            return false;
        }
    }
    return true;
}

bool kit_chain_equal(const struct sil_chain *a, const struct sil_chain *b)
{
    struct sil_root x;
    struct sil_root y;
    sil_merkle_root(&x, &a->tree);
    sil_merkle_root(&y, &b->tree);
    return a->tree.size == b->tree.size && memcmp(&x, &y, sizeof x) == 0 &&
           a->last_time == b->last_time && a->closed == b->closed &&
           a->thresholds.authority == b->thresholds.authority &&
           a->n_keys == b->n_keys && a->n_makers == b->n_makers &&
           a->n_grants == b->n_grants && a->n_reserves == b->n_reserves &&
           a->n_releases == b->n_releases && a->n_data == b->n_data &&
           a->ids.n == b->ids.n && mpq_equal(a->granted.v, b->granted.v) &&
           mpq_equal(a->reserved.v, b->reserved.v) &&
           mpq_equal(a->granted_delta.v, b->granted_delta.v) &&
           mpq_equal(a->reserved_delta.v, b->reserved_delta.v) && keys_equal(a, b) &&
           grants_equal(a, b) && reserves_equal(a, b);
}

void kit_copy(struct sil_chain *out, const struct kit *kit, size_t n)
{
    sil_chain_init(out);
    for (size_t i = 0; i < n; i++) {
        MUST(
            sil_chain_apply(out, kit->entry[i].data, kit->entry[i].length, NULL, NULL));
    }
}
