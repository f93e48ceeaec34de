// SPDX-License-Identifier: Apache-2.0
/* The genesis and changes of keys: who may do what. */
#include "audits/ledger/rules.h"
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ROLES[] = {"authority", "curator", "log", "release",
                                    "auditor"};
static const char *const UNITS[] = {"row", "id"};
static const char *const NEIGHBOURS[] = {"add-remove", "replace-one"};
static const char *const ACCOUNTING[] = {"zcdp"};

enum { N_ROLES = 5, COUNT_DIGITS = 18 };

/* ---- keys ---- */

/* A key that stands in the list already: once more under shared roles, else never. */
static void share_key(struct aud_key *key, enum aud_role role,
                      struct aud_ledger *ledger, uint64_t seq,
                      struct aud_reading *reading)
{
    aud_demand(reading, key->from == seq, "K6",
               "it adds a key that the ledger has had");
    aud_demand(reading, (key->roles & role) == 0, "K4",
               "a key stands twice in one role");
    aud_demand(reading, ledger->is_shared, "K3", "a key has two roles");
    key->roles |= role;
    ledger->n_authorities += role == AUD_AUTHORITY;
}

static void next_key(struct aud_ledger *ledger, struct aud_list *list, uint64_t seq)
{
    struct aud_list one = aud_next_list(list);
    struct aud_reading *reading = list->reading;
    struct aud_key key = {.from = seq, .until = UINT64_MAX, .as_of = UINT64_MAX};
    char name[AUD_TEXT_MAX + 1];
    uint8_t hash[SIL_KEY_ID_BYTES];

    enum aud_role role = (enum aud_role)(1U << aud_next_word(&one, ROLES, N_ROLES));
    aud_next_text(name, &one);
    aud_next_bytes(key.public_key, sizeof key.public_key, &one);
    aud_next_bytes(key.keynum, sizeof key.keynum, &one);
    aud_end(&one);
    if (reading->status != SIL_OK) {
        return;
    }
    sil_key_id(hash, key.public_key);
    (void)memcpy(key.id.bytes, hash, sizeof key.id.bytes);
    key.roles = role;
    struct aud_key *known = aud_find_key(ledger, &key.id);
    if (known != NULL) {
        share_key(known, role, ledger, seq, reading);
        return;
    }
    reading->status = sil_grow(&ledger->key, &ledger->key_room, ledger->n_keys + 1,
                               sizeof *ledger->key, "keys", reading->err);
    if (reading->status == SIL_OK) {
        reading->status =
            aud_ids_add(&ledger->key_ids, &key.id, 1, ledger->n_keys, reading->err);
    }
    if (reading->status == SIL_OK) {
        ledger->key[ledger->n_keys++] = key;
        ledger->n_authorities += role == AUD_AUTHORITY;
    }
}

/* ---- genesis ---- */

static void read_thresholds(struct aud_ledger *ledger, struct aud_list *body)
{
    struct aud_list list = aud_next_list(body);
    ledger->authorities_needed = aud_next_uint(&list);
    ledger->witnesses_needed = aud_next_uint(&list);
    ledger->granularity = aud_next_uint(&list);
    aud_end(&list);
    aud_demand(body->reading, ledger->granularity >= 1, "F1",
               "times have no granularity");
}

static void read_people(struct aud_ledger *ledger, struct aud_list *body)
{
    struct aud_list list = aud_next_list(body);
    ledger->is_people = aud_next_word(&list, UNITS, 2) == 1;
    aud_next_text(ledger->id_column, &list);
    ledger->is_replace = aud_next_word(&list, NEIGHBOURS, 2) == 1;
    ledger->max_contrib = aud_next_uint(&list);
    aud_end(&list);
    bool has_column = ledger->id_column[0] != '\0';
    aud_demand(body->reading, has_column == ledger->is_people, "F1",
               "an id column goes with people, and only with them");
    aud_demand(body->reading,
               ledger->is_people ? ledger->max_contrib >= 1 : ledger->max_contrib == 1,
               "F1", "so many rows a unit cannot be");
    aud_demand(body->reading, ledger->max_contrib <= AUD_ROWS_OF_A_PERSON, "B4",
               "more rows of a person than can count");
}

/* "n=" and 1 to 18 digits. */
static bool is_count(const char *text)
{
    size_t digits = strspn(text + 2, "0123456789");
    return strncmp(text, "n=", 2) == 0 && digits >= 1 && digits <= COUNT_DIGITS &&
           text[2 + digits] == '\0';
}

static void read_invariants(struct aud_ledger *ledger, struct aud_list *body)
{
    struct aud_list list = aud_next_list(body);
    char text[AUD_TEXT_MAX + 1];
    char before[AUD_TEXT_MAX + 1] = "";
    while (aud_has_next(&list)) {
        aud_next_text(text, &list);
        aud_demand(body->reading, strcmp(text, before) > 0, "F1",
                   "invariants are not in order");
        bool is_number = strlen(text) > 2 && is_count(text);
        aud_demand(body->reading, !is_number || !ledger->has_count, "F1",
                   "two counts of records");
        aud_demand(body->reading,
                   !is_number || (ledger->is_replace && !ledger->is_people), "P1",
                   "a count of records where it is private");
        ledger->has_count |= is_number;
        ledger->count = is_number ? strtoull(text + 2, NULL, 10) : ledger->count;
        bool is_shared = strcmp(text, "roles-shared") == 0;
        ledger->is_shared |= is_shared;
        aud_demand(body->reading,
                   is_number || is_shared || strcmp(text, "witness-before-noise") == 0,
                   "F1", "an invariant that is none");
        (void)strcpy(before, text);
    }
}

static void read_cap(struct aud_ledger *ledger, struct aud_list *body)
{
    struct aud_list list = aud_next_list(body);
    (void)aud_next_word(&list, ACCOUNTING, 1);
    aud_next_rational(&ledger->cap, &list);
    aud_next_rational(&ledger->cap_delta, &list);
    aud_next_rational(&ledger->report_delta, &list);
    aud_end(&list);
    mpq_t sum;
    mpq_init(sum);
    mpq_add(sum, ledger->cap_delta.v, ledger->report_delta.v);
    aud_demand(body->reading, mpq_sgn(ledger->cap.v) > 0, "B1", "a cap of nothing");
    aud_demand(body->reading, mpq_sgn(ledger->report_delta.v) > 0, "F1",
               "a claim at a delta of nothing");
    aud_demand(body->reading, mpq_cmp_ui(sum, 1, 1) < 0, "B9",
               "deltas that add up to 1 or more");
    mpq_clear(sum);
}

static void read_parent(struct aud_ledger *ledger, struct aud_list *body)
{
    struct aud_list list = aud_next_list(body);
    struct aud_id parent;
    struct aud_hash root;
    if (!aud_has_next(&list)) {
        return;
    }
    ledger->has_parent = true;
    aud_next_bytes(parent.bytes, sizeof parent.bytes, &list);
    uint64_t size = aud_next_uint(&list);
    aud_next_bytes(root.bytes, sizeof root.bytes, &list);
    aud_end(&list);
    aud_demand(body->reading, size >= 1, "F1", "a parent without entries");
}

static void check_prefix(const struct aud_ledger *ledger, struct aud_reading *reading)
{
    bool is_good = ledger->prefix[0] != '\0' && strpbrk(ledger->prefix, " +") == NULL;
    aud_demand(reading, is_good, "F1", "a prefix that no note's name can begin with");
}

/* Keys stand before the invariants that say whether roles are shared, so the list of keys
 * is kept and read when both are known. */
static void read_genesis(struct aud_ledger *ledger, struct aud_list *body)
{
    uint8_t nonce[32];
    char tool[AUD_TEXT_MAX + 1];
    aud_next_bytes(nonce, sizeof nonce, body);
    aud_next_text(ledger->prefix, body);
    aud_next_text(ledger->label, body);
    struct aud_list keys = aud_next_list(body);
    read_thresholds(ledger, body);
    read_people(ledger, body);
    read_invariants(ledger, body);
    read_cap(ledger, body);
    uint8_t commitment[32];
    aud_next_bytes(commitment, sizeof commitment, body);
    read_parent(ledger, body);
    struct aud_list made_by = aud_next_list(body);
    aud_next_text(tool, &made_by);
    aud_next_text(tool, &made_by);
    aud_end(&made_by);
    aud_end(body);
    check_prefix(ledger, body->reading);
    if (body->reading->status == SIL_OK) {
        body->reading->status =
            aud_note_commitment(ledger, commitment, body->reading->err);
    }
    while (aud_has_next(&keys)) {
        next_key(ledger, &keys, 0);
    }
}

static void find_ledger_id(struct aud_ledger *ledger, const struct aud_entry *entry)
{
    uint8_t hash[SIL_HASH_BYTES];
    static const char LABEL[] = "silhouette/id/v1\n";
    const struct sil_part parts[] = {
        {LABEL,            sizeof LABEL - 1  },
        {entry->body.data, entry->body.length},
    };
    sil_sha256(hash, parts, 2);
    (void)memcpy(ledger->id.bytes, hash, sizeof ledger->id.bytes);
}

sil_status aud_apply_genesis(struct aud_ledger *ledger, struct aud_entry *entry,
                             struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_reading *reading = body->reading;
    find_ledger_id(ledger, entry);
    read_genesis(ledger, body);
    aud_demand(reading, aud_id_equal(&ledger->id, &entry->ledger), "F6",
               "its id is not that of its genesis");
    aud_demand(reading,
               ledger->authorities_needed >= 1 &&
                   ledger->authorities_needed <= ledger->n_authorities,
               "K2", "a threshold that its authorities cannot meet");
    SIL_TRY(reading->status);
    SIL_TRY(aud_check_signature(ledger, entry));
    aud_comment(entry, "cap_rho=%s cap_delta=%s", ledger->cap.text,
                ledger->cap_delta.text);
    SIL_TRY(aud_check_approvals(ledger, entry, AUD_BY_AUTHORITIES));

cleanup:
    return status;
}

/* ---- keyset ---- */

/* What the key made since `as_of` must be no grant and no release; else that is at fault. */
static void check_made(const struct aud_ledger *ledger, struct aud_entry *entry,
                       const struct aud_id *key, uint64_t as_of,
                       struct aud_reading *reading)
{
    const struct aud_key *maker_key = aud_find_key(ledger, key);
    if (maker_key == NULL || maker_key->last_grave < as_of) {
        return;
    }
    for (size_t i = 0; i < ledger->n_makers && reading->status == SIL_OK; i++) {
        const struct aud_maker *maker = &ledger->maker[i];
        if (maker->seq >= as_of && aud_id_equal(&maker->key, key)) {
            entry->at_fault = maker->seq;
            aud_demand(reading, false, "K5",
                       "a grant or a release by a key that is revoked as of it");
        }
    }
}

/* From the next entry on the key counts no more. */
static void next_revocation(struct aud_ledger *ledger, struct aud_list *list,
                            struct aud_entry *entry)
{
    const uint64_t seq = entry->seq;
    struct aud_list one = aud_next_list(list);
    struct aud_reading *reading = list->reading;
    struct aud_id id;
    char reason[AUD_TEXT_MAX + 1];
    aud_next_bytes(id.bytes, sizeof id.bytes, &one);
    uint64_t as_of = aud_next_uint(&one);
    aud_next_text(reason, &one);
    aud_end(&one);
    if (reading->status != SIL_OK) {
        return;
    }
    struct aud_key *key = aud_find_key(ledger, &id);
    bool is_live = key != NULL && key->from < seq && key->until == UINT64_MAX;
    aud_demand(reading, is_live, "K6", "it revokes a key that does not count");
    aud_demand(reading, as_of <= seq, "K5", "it revokes as of an entry yet to come");
    check_made(ledger, entry, &id, as_of, reading);
    if (is_live) {
        key->until = seq + 1;
        key->as_of = as_of;
        ledger->n_authorities -= (key->roles & AUD_AUTHORITY) != 0;
    }
}

static bool counts(const struct aud_key *key, uint64_t seq)
{
    return (key->roles & AUD_AUTHORITY) != 0 && key->from <= seq && seq < key->until;
}

/* Of the approvals, how many are by authorities before the change, and after it. */
static sil_status count_approvals(uint64_t *before, uint64_t *after,
                                  struct aud_ledger *ledger,
                                  const struct aud_entry *entry)
{
    *before = 0;
    *after = 0;
    for (size_t i = 0; i < entry->n_approvals; i++) {
        const struct aud_key *key = aud_find_key(ledger, &entry->approval[i].key);
        if (key == NULL || (key->roles & AUD_AUTHORITY) == 0) {
            return aud_refuse(entry->err, "K2", "approved by a key without that role");
        }
        if (key->until <= entry->seq) {
            return aud_refuse(entry->err, "K5", "approved by a key revoked before");
        }
        *before += key->from < entry->seq;
        *after += counts(key, entry->seq + 1);
        sil_status status = aud_check_approval(entry, i, key);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

static void read_new_thresholds(struct aud_ledger *ledger, struct aud_list *list)
{
    if (aud_has_next(list)) {
        ledger->authorities_needed = aud_next_uint(list);
        ledger->witnesses_needed = aud_next_uint(list);
        aud_end(list);
    }
}

sil_status aud_apply_keyset(struct aud_ledger *ledger, struct aud_entry *entry,
                            struct aud_list *body)
{
    sil_status status = SIL_OK;
    struct aud_reading *reading = body->reading;
    struct aud_id id;
    char text[33];
    uint64_t needed = ledger->authorities_needed;
    uint64_t before = 0;
    uint64_t after = 0;

    aud_next_bytes(id.bytes, sizeof id.bytes, body);
    struct aud_list add = aud_next_list(body);
    struct aud_list revoke = aud_next_list(body);
    struct aud_list thresholds = aud_next_list(body);
    aud_end(body);
    while (aud_has_next(&add)) {
        next_key(ledger, &add, entry->seq);
    }
    SIL_TRY(reading->status);
    SIL_TRY(aud_check_signature(ledger, entry));
    while (aud_has_next(&revoke)) {
        next_revocation(ledger, &revoke, entry);
    }
    read_new_thresholds(ledger, &thresholds);
    aud_demand(reading,
               ledger->authorities_needed >= 1 &&
                   ledger->authorities_needed <= ledger->n_authorities,
               "K6", "a threshold that the authorities after it cannot meet");
    SIL_TRY(reading->status);
    aud_id_print(text, &id);
    aud_comment(entry, "id=%s", text);
    SIL_TRY(count_approvals(&before, &after, ledger, entry));
    aud_demand(reading, before >= needed, "K6",
               "the authorities before it do not reach their threshold");
    aud_demand(reading, after >= ledger->authorities_needed, "K6",
               "the authorities after it do not reach their threshold");
    SIL_TRY(reading->status);
    SIL_TRY(aud_use_id(ledger, &id, AUD_ID_OTHER, 0, entry->err));

cleanup:
    return status;
}
