// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "ledger/body_codec.h"

#include <stdlib.h>

static sil_status put_id(struct sil_bytes *out, const struct sil_id *id,
                         struct sil_error *err)
{
    return sil_mp_put_bin(out, id->bytes, SIL_ID_BYTES, err);
}

static sil_status put_hash(struct sil_bytes *out, const uint8_t hash[SIL_HASH_BYTES],
                           struct sil_error *err)
{
    return sil_mp_put_bin(out, hash, SIL_HASH_BYTES, err);
}

/* ---- genesis and keyset ---- */

static sil_status put_keys(struct sil_bytes *out, const struct sil_ledger_key *keys,
                           size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_array(out, n, err));
    for (size_t i = 0; i < n; i++) {
        const struct sil_ledger_key *key = &keys[i];
        SIL_TRY(sil_mp_put_array(out, 4, err));
        SIL_TRY(sil_mp_put_str(out, sil_role_name(key->role), err));
        SIL_TRY(sil_put_text(out, key->name, "the name of a key", err));
        SIL_TRY(sil_mp_put_bin(out, key->public_key, sizeof key->public_key, err));
        SIL_TRY(sil_mp_put_bin(out, key->keynum, sizeof key->keynum, err));
    }
cleanup:
    return status;
}

static sil_status put_people(struct sil_bytes *out, const struct sil_genesis *genesis,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_REQUIRE((unsigned)genesis->neighbours < 2);
    SIL_TRY(sil_mp_put_array(out, 4, err));
    SIL_TRY(sil_put_text(out, genesis->unit, "the unit", err));
    SIL_TRY(sil_put_text(out, genesis->id_column, "the id column", err));
    SIL_TRY(sil_mp_put_str(out, SIL_NEIGHBOUR_NAMES[genesis->neighbours], err));
    SIL_TRY(sil_mp_put_uint(out, genesis->max_contrib, err));
    SIL_TRY(sil_mp_put_array(out, genesis->n_invariants, err));
    for (size_t i = 0; i < genesis->n_invariants; i++) {
        SIL_TRY(sil_put_text(out, genesis->invariants[i], "an invariant", err));
    }
cleanup:
    return status;
}

static sil_status put_cap(struct sil_bytes *out, const struct sil_genesis *genesis,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_array(out, 4, err));
    SIL_TRY(sil_mp_put_str(out, "zcdp", err));
    SIL_TRY(sil_put_fraction(out, genesis->cap_rho.v, err));
    SIL_TRY(sil_put_fraction(out, genesis->cap_delta.v, err));
    SIL_TRY(sil_put_fraction(out, genesis->report_delta.v, err));
cleanup:
    return status;
}

static sil_status put_parent(struct sil_bytes *out, const struct sil_genesis *genesis,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (!genesis->has_parent) {
        return sil_mp_put_array(out, 0, err);
    }
    SIL_TRY(sil_mp_put_array(out, 3, err));
    SIL_TRY(put_id(out, &genesis->parent, err));
    SIL_TRY(sil_mp_put_uint(out, genesis->parent_size, err));
    SIL_TRY(put_hash(out, genesis->parent_root.bytes, err));
cleanup:
    return status;
}

static sil_status put_genesis(struct sil_bytes *out, const struct sil_genesis *genesis,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(put_hash(out, genesis->nonce, err));
    SIL_TRY(sil_put_text(out, genesis->prefix, "the prefix", err));
    SIL_TRY(sil_put_text(out, genesis->data_label, "the data label", err));
    SIL_TRY(put_keys(out, genesis->keys, genesis->n_keys, err));
    SIL_TRY(sil_mp_put_array(out, 3, err));
    SIL_TRY(sil_mp_put_uint(out, genesis->thresholds.authority, err));
    SIL_TRY(sil_mp_put_uint(out, genesis->thresholds.witness, err));
    SIL_TRY(sil_mp_put_uint(out, genesis->time_gran, err));
    SIL_TRY(put_people(out, genesis, err));
    SIL_TRY(put_cap(out, genesis, err));
    SIL_TRY(put_hash(out, genesis->data_commit, err));
    SIL_TRY(put_parent(out, genesis, err));
    SIL_TRY(sil_mp_put_array(out, 2, err));
    SIL_TRY(sil_put_text(out, genesis->tool, "the tool", err));
    SIL_TRY(sil_put_text(out, genesis->version, "the tool's version", err));
cleanup:
    return status;
}

static sil_status put_keyset(struct sil_bytes *out, const struct sil_keyset *keyset,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(put_keys(out, keyset->add, keyset->n_add, err));
    SIL_TRY(sil_mp_put_array(out, keyset->n_revoke, err));
    for (size_t i = 0; i < keyset->n_revoke; i++) {
        SIL_TRY(sil_mp_put_array(out, 3, err));
        SIL_TRY(put_id(out, &keyset->revoke[i].key, err));
        SIL_TRY(sil_mp_put_uint(out, keyset->revoke[i].as_of_seq, err));
        SIL_TRY(sil_put_text(out, keyset->revoke[i].reason, "a reason", err));
    }
    SIL_TRY(sil_mp_put_array(out, keyset->has_thresholds ? 2 : 0, err));
    if (keyset->has_thresholds) {
        SIL_TRY(sil_mp_put_uint(out, keyset->thresholds.authority, err));
        SIL_TRY(sil_mp_put_uint(out, keyset->thresholds.witness, err));
    }
cleanup:
    return status;
}

/* ---- the budget ---- */

static sil_status put_grant(struct sil_bytes *out, const struct sil_grant *grant,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_put_fraction(out, grant->rho.v, err));
    SIL_TRY(sil_put_fraction(out, grant->delta.v, err));
    SIL_TRY(sil_mp_put_uint(out, grant->expires, err));
    SIL_TRY(sil_put_text(out, grant->purpose, "the purpose", err));
cleanup:
    return status;
}

static sil_status put_reserve(struct sil_bytes *out, const struct sil_reserve *reserve,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(put_id(out, &reserve->grant, err));
    SIL_TRY(sil_put_fraction(out, reserve->rho.v, err));
    SIL_TRY(sil_put_fraction(out, reserve->delta.v, err));
    SIL_TRY(put_hash(out, reserve->plan_hash, err));
cleanup:
    return status;
}

static sil_status put_spending(struct sil_bytes *out, const struct sil_spending *line,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    unsigned which = (unsigned)line->mechanism - SIL_SPENT_GAUSSIAN;
    bool has_threshold = line->mechanism == SIL_SPENT_THRESHOLD;
    SIL_REQUIRE(which < 3);
    SIL_TRY(sil_mp_put_array(out, has_threshold ? 7 : 6, err));
    SIL_TRY(sil_mp_put_str(out, SIL_MECHANISM_NAMES[which], err));
    SIL_TRY(sil_mp_put_array(out, line->n_attrs, err));
    for (size_t i = 0; i < line->n_attrs; i++) {
        SIL_TRY(sil_mp_put_uint(out, line->attrs[i], err));
    }
    SIL_TRY(sil_put_fraction(out, line->sensitivity, err));
    SIL_TRY(sil_put_fraction(out, line->parameter, err));
    SIL_TRY(sil_put_fraction(out, line->rho, err));
    SIL_TRY(sil_put_fraction(out, line->delta, err));
    if (has_threshold) {
        SIL_TRY(sil_put_fraction(out, line->threshold, err));
    }
cleanup:
    return status;
}

static sil_status put_measure(struct sil_bytes *out, const struct sil_measure *measure,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(put_id(out, &measure->reserve, err));
    SIL_TRY(put_hash(out, measure->transcript_sha256, err));
    SIL_TRY(sil_mp_put_array(out, measure->n_lines, err));
    for (size_t i = 0; i < measure->n_lines; i++) {
        SIL_TRY(put_spending(out, &measure->lines[i], err));
    }
cleanup:
    return status;
}

/* ---- what leaves, and what is said of it ---- */

static sil_status put_release(struct sil_bytes *out,
                              const struct sil_release_entry *release,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_array(out, release->n_reserves, err));
    for (size_t i = 0; i < release->n_reserves; i++) {
        SIL_TRY(put_id(out, &release->reserves[i], err));
    }
    SIL_TRY(sil_mp_put_array(out, release->n_artifacts, err));
    for (size_t i = 0; i < release->n_artifacts; i++) {
        SIL_TRY(sil_mp_put_array(out, 2, err));
        SIL_TRY(
            sil_put_text(out, release->artifacts[i].name, "an artifact's name", err));
        SIL_TRY(put_hash(out, release->artifacts[i].sha256, err));
    }
    SIL_TRY(put_hash(out, release->statement_sha256, err));
cleanup:
    return status;
}

static sil_status put_audit(struct sil_bytes *out, const struct sil_audit *audit,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_uint(out, audit->size, err));
    SIL_TRY(put_hash(out, audit->root.bytes, err));
    SIL_TRY(sil_put_text(out, audit->verdict, "the verdict", err));
    SIL_TRY(put_hash(out, audit->report_sha256, err));
cleanup:
    return status;
}

static sil_status put_recover(struct sil_bytes *out, const struct sil_recover *recover,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_put_text(out, recover->kind, "the kind", err));
    SIL_TRY(sil_mp_put_uint(out, recover->size, err));
    SIL_TRY(sil_mp_put_array(out, recover->n_quarantine, err));
    for (size_t i = 0; i < recover->n_quarantine; i++) {
        SIL_TRY(put_hash(out, recover->quarantine_sha256[i], err));
    }
    SIL_TRY(sil_put_text(out, recover->text, "the text", err));
cleanup:
    return status;
}

static sil_status put_notice(struct sil_bytes *out, const struct sil_notice *notice,
                             struct sil_error *err)
{
    sil_status status = put_id(out, &notice->release, err);
    return status != SIL_OK ? status
                            : sil_put_text(out, notice->reason, "the reason", err);
}

static sil_status put_data(struct sil_bytes *out, const struct sil_data_entry *data,
                           struct sil_error *err)
{
    sil_status status = put_hash(out, data->data_commit, err);
    return status != SIL_OK ? status : sil_put_text(out, data->note, "the note", err);
}

/* ---- all of it ---- */

static sil_status put_rest(struct sil_bytes *out, const struct sil_body *body,
                           struct sil_error *err)
{
    switch (body->type) {
    case SIL_ENTRY_GENESIS: return put_genesis(out, &body->genesis, err);
    case SIL_ENTRY_KEYSET: return put_keyset(out, &body->keyset, err);
    case SIL_ENTRY_GRANT: return put_grant(out, &body->grant, err);
    case SIL_ENTRY_RESERVE: return put_reserve(out, &body->reserve, err);
    case SIL_ENTRY_MEASURE: return put_measure(out, &body->measure, err);
    case SIL_ENTRY_RELEASE: return put_release(out, &body->release, err);
    case SIL_ENTRY_AUDIT: return put_audit(out, &body->audit, err);
    case SIL_ENTRY_RECOVER: return put_recover(out, &body->recover, err);
    case SIL_ENTRY_CLOSE: return sil_put_text(out, body->close_reason, "reason", err);
    case SIL_ENTRY_NOTICE: return put_notice(out, &body->notice, err);
    case SIL_ENTRY_DATA: return put_data(out, &body->data, err);
    }
    return sil_fail(err, SIL_ERR_INTERNAL, "an entry of no known type");
}

/* Elements of a body, the schema's number and the type's name included. */
static const uint8_t ARITY[SIL_ENTRY_TYPES] = {
    [SIL_ENTRY_GENESIS] = 13, [SIL_ENTRY_KEYSET] = 7,  [SIL_ENTRY_GRANT] = 8,
    [SIL_ENTRY_RESERVE] = 8,  [SIL_ENTRY_MEASURE] = 6, [SIL_ENTRY_RELEASE] = 7,
    [SIL_ENTRY_AUDIT] = 8,    [SIL_ENTRY_RECOVER] = 8, [SIL_ENTRY_CLOSE] = 5,
    [SIL_ENTRY_NOTICE] = 6,   [SIL_ENTRY_DATA] = 6};

static sil_status put_body(struct sil_bytes *out, const struct sil_body *body,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_array(out, ARITY[body->type], err));
    SIL_TRY(sil_mp_put_uint(out, SIL_BODY_SCHEMA, err));
    SIL_TRY(sil_mp_put_str(out, sil_entry_type_name(body->type), err));
    if (body->type != SIL_ENTRY_GENESIS) {
        SIL_TRY(put_id(out, &body->ledger, err));
    }
    if (body->type != SIL_ENTRY_GENESIS && body->type != SIL_ENTRY_MEASURE) {
        SIL_TRY(put_id(out, &body->id, err));
    }
    SIL_TRY(put_rest(out, body, err));
cleanup:
    return status;
}

/* The rules of every field stand once, in the reader: what it would refuse is not
 * written. */
sil_status sil_body_encode(struct sil_bytes *out, struct sil_body *body,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_body copy = {0};
    size_t start = out->length;

    SIL_REQUIRE((unsigned)body->type < SIL_ENTRY_TYPES);
    SIL_TRY(put_body(out, body, err));
    SIL_TRY(
        sil_body_read(&copy, out->data + start, out->length - start, &body->type, err));
    if (!sil_body_is_public(&copy)) {
        SIL_TRY(sil_fail(err, SIL_ERR_USAGE, SIL_PRIVATE_COUNT));
    }
    if (body->type == SIL_ENTRY_GENESIS) {
        body->ledger = copy.ledger;
    }
cleanup:
    sil_body_clear(&copy);
    if (status != SIL_OK) {
        out->length = start;
    }
    return status == SIL_OK || status == SIL_ERR_INTERNAL ? status : SIL_ERR_USAGE;
}
