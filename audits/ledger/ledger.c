// SPDX-License-Identifier: Apache-2.0
#include "audits/ledger/ledger.h"

#include "audits/ledger/rules.h"
#include "base/fail.h"
#include "base/memory.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char SIGNED_PREFIX[] = "silhouette/entry/v1\n";

const char *const AUD_TYPE_NAMES[AUD_N_TYPES] = {
    "genesis", "keyset",  "grant", "reserve", "measure", "release",
    "audit",   "recover", "close", "notice",  "data"};

static aud_rule *const RULES[AUD_N_TYPES] = {
    aud_apply_genesis, aud_apply_keyset,  aud_apply_grant, aud_apply_reserve,
    aud_apply_measure, aud_apply_release, aud_apply_audit, aud_apply_recover,
    aud_apply_close,   aud_apply_notice,  aud_apply_data};

/* ---- the state ---- */

sil_status aud_ledger_begin(struct aud_ledger *ledger, struct sil_error *err)
{
    *ledger = (struct aud_ledger){0};
    aud_ids_begin(&ledger->ids);
    aud_ids_begin(&ledger->key_ids);
    aud_rational_init(&ledger->cap);
    aud_rational_init(&ledger->cap_delta);
    aud_rational_init(&ledger->report_delta);
    mpq_inits(ledger->granted, ledger->granted_delta, ledger->reserved, (mpq_ptr)NULL);
    return aud_tree_begin(&ledger->tree, err);
}

static void clear_lists(struct aud_ledger *ledger)
{
    for (size_t i = 0; i < ledger->n_grants; i++) {
        struct aud_grant *grant = &ledger->grant[i];
        aud_rational_clear(&grant->rho);
        aud_rational_clear(&grant->delta);
        mpq_clears(grant->reserved, grant->reserved_delta, (mpq_ptr)NULL);
    }
    for (size_t i = 0; i < ledger->n_reserves; i++) {
        struct aud_reserve *reserve = &ledger->reserve[i];
        aud_rational_clear(&reserve->rho);
        aud_rational_clear(&reserve->delta);
        mpq_clears(reserve->measured, reserve->measured_delta, (mpq_ptr)NULL);
    }
    for (size_t i = 0; i < ledger->n_releases; i++) {
        free(ledger->release[i].reserve);
        free(ledger->release[i].artifact);
    }
    for (size_t i = 0; i < ledger->n_lines; i++) {
        struct aud_line *line = &ledger->line[i];
        mpq_clears(line->sensitivity, line->parameter, line->rho, line->delta,
                   line->threshold, (mpq_ptr)NULL);
        free(line->attr);
    }
}

void aud_ledger_clear(struct aud_ledger *ledger)
{
    clear_lists(ledger);
    free(ledger->key);
    free(ledger->grant);
    free(ledger->reserve);
    free(ledger->release);
    free(ledger->line);
    free(ledger->maker);
    aud_ids_clear(&ledger->ids);
    aud_ids_clear(&ledger->key_ids);
    free(ledger->commitment);
    aud_tree_clear(&ledger->tree);
    aud_rational_clear(&ledger->cap);
    aud_rational_clear(&ledger->cap_delta);
    aud_rational_clear(&ledger->report_delta);
    mpq_clears(ledger->granted, ledger->granted_delta, ledger->reserved, (mpq_ptr)NULL);
    *ledger = (struct aud_ledger){0};
}

sil_status aud_note_commitment(struct aud_ledger *ledger, const uint8_t commitment[32],
                               struct sil_error *err)
{
    static const uint8_t NOTHING[32] = {0};
    if (memcmp(commitment, NOTHING, sizeof NOTHING) == 0) {
        return SIL_OK;
    }
    sil_status status =
        sil_grow(&ledger->commitment, &ledger->commitment_room,
                 ledger->n_commitments + 1, sizeof *ledger->commitment, "data", err);
    if (status == SIL_OK) {
        struct aud_commitment *kept = &ledger->commitment[ledger->n_commitments++];
        (void)memcpy(kept->hash, commitment, sizeof kept->hash);
        kept->seq = ledger->tree.size;
    }
    return status;
}

sil_status aud_use_id(struct aud_ledger *ledger, const struct aud_id *id,
                      enum aud_kind kind, size_t at, struct sil_error *err)
{
    return aud_ids_find(&ledger->ids, id) == NULL
               ? aud_ids_add(&ledger->ids, id, kind, at, err)
               : aud_refuse(err, "B6", "its id was used before");
}

size_t aud_find_id(const struct aud_ledger *ledger, enum aud_kind kind,
                   const struct aud_id *id)
{
    const struct aud_place *place = aud_ids_find(&ledger->ids, id);
    return place != NULL && place->kind == kind ? place->at : SIZE_MAX;
}

struct aud_key *aud_find_key(const struct aud_ledger *ledger, const struct aud_id *id)
{
    const struct aud_place *place = aud_ids_find(&ledger->key_ids, id);
    return place == NULL ? NULL : &ledger->key[place->at];
}

void aud_comment(struct aud_entry *entry, const char *format, ...)
{
    char ledger[33];
    va_list arguments;
    const size_t room = sizeof entry->comment;
    aud_id_print(ledger, &entry->ledger);
    int n = snprintf(entry->comment, room, "silhouette/v1 %s ledger=%s ",
                     AUD_TYPE_NAMES[entry->type], ledger);
    va_start(arguments, format);
    int more = vsnprintf(entry->comment + n, room - (size_t)n, format, arguments);
    va_end(arguments);
    if (more < 0 || (size_t)n + (size_t)more >= room) {
        /* No comment can say it, so none is right: a byte that no comment has. */
        (void)strcpy(entry->comment, "\x01");
    }
}

/* ---- signatures ---- */

const struct aud_key *aud_live_key(const struct aud_ledger *ledger,
                                   const struct aud_id *id, enum aud_role role,
                                   uint64_t seq)
{
    const struct aud_key *key = aud_find_key(ledger, id);
    bool is =
        key != NULL && (key->roles & role) != 0 && key->from <= seq && seq < key->until;
    return is ? key : NULL;
}

static bool was_revoked(const struct aud_ledger *ledger, const struct aud_id *id,
                        uint64_t seq)
{
    const struct aud_key *key = aud_find_key(ledger, id);
    return key != NULL && key->until <= seq;
}

sil_status aud_check_signature(const struct aud_ledger *ledger,
                               const struct aud_entry *entry)
{
    sil_status status = SIL_OK;
    struct sil_bytes message = {0};
    const struct aud_key *key =
        aud_live_key(ledger, &entry->curator, AUD_CURATOR, entry->seq);
    if (key == NULL && was_revoked(ledger, &entry->curator, entry->seq)) {
        return aud_refuse(entry->err, "K5", "signed by a key revoked before");
    }
    if (key == NULL) {
        return aud_refuse(entry->err, "K1", "signed by none of the curators");
    }
    SIL_TRY(sil_bytes_append(&message, SIGNED_PREFIX, sizeof SIGNED_PREFIX - 1,
                             entry->err));
    SIL_TRY(sil_bytes_append(&message, entry->payload.data, entry->payload.length,
                             entry->err));
    if (!sil_verify(entry->signature, key->public_key, message.data, message.length)) {
        status = aud_refuse(entry->err, "K1", "the curator's signature does not hold");
    }

cleanup:
    sil_bytes_clear(&message);
    return status;
}

sil_status aud_check_approval(const struct aud_entry *entry, size_t i,
                              const struct aud_key *key)
{
    const struct sil_minisig *signature = &entry->approval[i].signature;
    if (!sil_minisig_verify(signature, key->public_key, entry->body.data,
                            entry->body.length)) {
        return aud_refuse(entry->err, "K2", "an approval does not verify");
    }
    if (strcmp(signature->comment, entry->comment) != 0) {
        return aud_refuse(entry->err, "R4",
                          "an approval's comment says something else");
    }
    return SIL_OK;
}

sil_status aud_check_approvals(const struct aud_ledger *ledger,
                               const struct aud_entry *entry,
                               enum aud_approvers approvers)
{
    const enum aud_role role =
        approvers == AUD_BY_AUDITOR ? AUD_AUDITOR : AUD_AUTHORITY;
    const uint64_t most = approvers == AUD_BY_AUTHORITIES ? AUD_APPROVALS_MAX
                          : approvers == AUD_BY_AUDITOR   ? 1
                                                          : 0;
    const uint64_t least =
        approvers == AUD_BY_AUTHORITIES ? ledger->authorities_needed : most;
    if (entry->n_approvals < least || entry->n_approvals > most) {
        return aud_refuse(entry->err, "K2",
                          "%zu approvals where %" PRIu64 " are needed",
                          entry->n_approvals, least);
    }
    for (size_t i = 0; i < entry->n_approvals; i++) {
        const struct aud_id *id = &entry->approval[i].key;
        const struct aud_key *key = aud_live_key(ledger, id, role, entry->seq);
        if (key == NULL && was_revoked(ledger, id, entry->seq)) {
            return aud_refuse(entry->err, "K5", "approved by a key revoked before");
        }
        if (key == NULL) {
            return aud_refuse(entry->err, "K2", "approved by a key without that role");
        }
        sil_status status = aud_check_approval(entry, i, key);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

/* ---- an entry ---- */

static void next_approval(struct aud_entry *entry, struct aud_list *list)
{
    struct aud_list one = aud_next_list(list);
    struct aud_approval *approval = &entry->approval[entry->n_approvals];
    char comment[AUD_TEXT_MAX + 1];
    aud_next_bytes(approval->key.bytes, sizeof approval->key.bytes, &one);
    aud_next_bytes(approval->signature.signature, SIL_SIGNATURE_BYTES, &one);
    aud_next_bytes(approval->signature.global, SIL_SIGNATURE_BYTES, &one);
    aud_next_text(comment, &one);
    aud_end(&one);
    (void)snprintf(approval->signature.comment, sizeof approval->signature.comment,
                   "%s", comment);
    if (list->reading->status == SIL_OK && entry->n_approvals > 0) {
        int order = memcmp(approval[-1].key.bytes, approval->key.bytes,
                           sizeof approval->key.bytes);
        aud_demand(list->reading, order != 0, "K4", "one key approves twice");
        aud_demand(list->reading, order < 0, "F1", "approvals are not in order");
    }
    entry->n_approvals++;
}

static void next_approvals(struct aud_entry *entry, struct aud_list *payload)
{
    struct aud_list list = aud_next_list(payload);
    struct aud_reading *reading = payload->reading;
    if (reading->status != SIL_OK) {
        return;
    }
    reading->status = sil_alloc(&entry->approval, list.array.n, sizeof *entry->approval,
                                "approvals", entry->err);
    while (aud_has_next(&list)) {
        next_approval(entry, &list);
    }
}

/* Everything but the body; `entry->seq` is the number it must have. */
static sil_status read_payload(struct aud_entry *entry, const struct aud_ledger *ledger)
{
    struct aud_reading reading;
    struct aud_list payload = aud_reading_begin(&reading, entry->payload, entry->err);
    struct aud_hash before;
    uint8_t salt[16];

    uint64_t version = aud_next_uint(&payload);
    if (reading.status == SIL_OK && version != 1) {
        reading.status = sil_fail(entry->err, SIL_ERR_UNSUPPORTED,
                                  "an entry of version %" PRIu64, version);
    }
    aud_next_bytes(entry->ledger.bytes, sizeof entry->ledger.bytes, &payload);
    uint64_t seq = aud_next_uint(&payload);
    aud_next_bytes(before.bytes, sizeof before.bytes, &payload);
    entry->time = aud_next_uint(&payload);
    entry->type = aud_next_uint(&payload);
    aud_next_bytes(salt, sizeof salt, &payload);
    aud_next_bytes(entry->curator.bytes, sizeof entry->curator.bytes, &payload);
    entry->body = aud_next_bin(&payload);
    next_approvals(entry, &payload);
    aud_end(&payload);

    aud_demand(&reading, entry->seq == 0 || aud_id_equal(&entry->ledger, &ledger->id),
               "F6", "it belongs to another ledger");
    aud_demand(&reading, seq == entry->seq, "F5", "it carries another number");
    aud_demand(&reading, (entry->type == AUD_TYPE_GENESIS) == (entry->seq == 0), "F5",
               "a genesis stands first, and nowhere else");
    aud_demand(&reading, aud_hash_equal(&before, &ledger->tree.root[entry->seq]), "F4",
               "it continues other entries than these");
    aud_reading_clear(&reading);
    return reading.status;
}

/* The genesis fixes the granularity, and is checked once it is read. */
static sil_status check_time(const struct aud_ledger *ledger,
                             const struct aud_entry *entry)
{
    if (entry->time % ledger->granularity != 0) {
        return aud_refuse(entry->err, "F7", "its time is finer than the granularity");
    }
    if (entry->time < ledger->last_time) {
        return aud_refuse(entry->err, "F7", "its time lies before the last entry's");
    }
    return SIL_OK;
}

/* Schema, word, and LID of a body whose type is known. */
static void begin_body(struct aud_list *body, const struct aud_ledger *ledger,
                       struct aud_entry *entry)
{
    uint64_t schema = aud_next_uint(body);
    struct aud_reading *reading = body->reading;
    if (reading->status == SIL_OK && schema != 1) {
        /* Only a curator may know more than this program. */
        bool is_unsigned = entry->type == AUD_TYPE_KEYSET;
        reading->status = is_unsigned ? aud_check_signature(ledger, entry) : SIL_OK;
    }
    if (reading->status == SIL_OK && schema != 1) {
        reading->status = sil_fail(entry->err, SIL_ERR_UNSUPPORTED,
                                   "a body of schema %" PRIu64, schema);
        return;
    }
    (void)aud_next_word(body, &AUD_TYPE_NAMES[entry->type], 1);
    if (entry->type != AUD_TYPE_GENESIS) {
        struct aud_id id;
        aud_next_bytes(id.bytes, sizeof id.bytes, body);
        aud_demand(reading, aud_id_equal(&id, &entry->ledger), "F6",
                   "its body belongs to another ledger");
    }
}

/* After a close nothing comes that spends or changes who may. */
static bool may_follow_close(uint64_t type)
{
    return type == AUD_TYPE_MEASURE || type == AUD_TYPE_RELEASE ||
           type == AUD_TYPE_AUDIT || type == AUD_TYPE_RECOVER ||
           type == AUD_TYPE_NOTICE;
}

static sil_status apply_body(struct aud_ledger *ledger, struct aud_entry *entry)
{
    struct aud_reading reading;
    struct aud_list body = aud_reading_begin(&reading, entry->body, entry->err);
    begin_body(&body, ledger, entry);
    aud_demand(&reading, !ledger->is_closed || may_follow_close(entry->type), "B7",
               "the ledger is closed");
    if (reading.status == SIL_OK) {
        reading.status = RULES[entry->type](ledger, entry, &body);
    }
    aud_reading_clear(&reading);
    return reading.status;
}

static sil_status note_maker(struct aud_ledger *ledger, const struct aud_id *id,
                             const struct aud_entry *entry)
{
    bool is_grave = entry->type == AUD_TYPE_GRANT || entry->type == AUD_TYPE_RELEASE;
    struct aud_key *key = aud_find_key(ledger, id);
    if (!is_grave || key == NULL) {
        return SIL_OK;
    }
    sil_status status =
        sil_grow(&ledger->maker, &ledger->maker_room, ledger->n_makers + 1,
                 sizeof *ledger->maker, "makers", entry->err);
    if (status == SIL_OK) {
        ledger->maker[ledger->n_makers++] = (struct aud_maker){*id, entry->seq};
        key->last_grave = entry->seq;
    }
    return status;
}

/* Who made it, when it is a grant or a release. */
static sil_status note_makers(struct aud_ledger *ledger, const struct aud_entry *entry)
{
    sil_status status = note_maker(ledger, &entry->curator, entry);
    for (size_t i = 0; i < entry->n_approvals && status == SIL_OK; i++) {
        status = note_maker(ledger, &entry->approval[i].key, entry);
    }
    return status;
}

static sil_status apply(struct aud_ledger *ledger, struct aud_entry *entry)
{
    sil_status status = SIL_OK;
    bool signs_itself =
        entry->type == AUD_TYPE_GENESIS || entry->type == AUD_TYPE_KEYSET;
    if (!signs_itself) {
        SIL_TRY(aud_check_signature(ledger, entry));
    }
    if (entry->type >= AUD_N_TYPES) {
        return sil_fail(entry->err, SIL_ERR_UNSUPPORTED, "an entry of type %" PRIu64,
                        entry->type);
    }
    if (entry->seq > 0) {
        SIL_TRY(check_time(ledger, entry));
    }
    SIL_TRY(apply_body(ledger, entry));
    SIL_TRY(entry->seq == 0 ? check_time(ledger, entry) : SIL_OK);
    SIL_TRY(note_makers(ledger, entry));
    ledger->last_time = entry->time;

cleanup:
    return status;
}

static sil_status read_envelope(struct aud_entry *entry, const void *data,
                                size_t length)
{
    struct aud_reading reading;
    struct aud_list list =
        aud_reading_begin(&reading, (struct aud_bin){data, length}, entry->err);
    entry->payload = aud_next_bin(&list);
    aud_next_bytes(entry->signature, sizeof entry->signature, &list);
    aud_end(&list);
    aud_reading_clear(&reading);
    return reading.status;
}

sil_status aud_ledger_apply(struct aud_ledger *ledger, const void *data, size_t length,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint64_t seq = ledger->tree.size;
    struct aud_entry entry = {.seq = seq, .at_fault = seq, .err = err};

    SIL_TRY(read_envelope(&entry, data, length));
    SIL_TRY(read_payload(&entry, ledger));
    SIL_TRY(apply(ledger, &entry));
    SIL_TRY(aud_tree_append(&ledger->tree, aud_leaf(data, length), err));

cleanup:
    free(entry.approval);
    return status == SIL_OK
               ? SIL_OK
               : sil_fail_within(err, status, "entry %" PRIu64, entry.at_fault);
}
