// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger_words.h"
#include "num/rational.h"
#include "synth/report.h"

json_t *sil_cli_rational_json(const mpq_t value)
{
    struct sil_bytes text = {0};
    json_t *string = NULL;
    if (sil_rational_print(&text, value, NULL) == SIL_OK) {
        string = json_stringn((const char *)text.data, text.length);
    }
    sil_bytes_clear(&text);
    return string;
}

static json_t *id_json(const struct sil_id *id)
{
    char text[SIL_ID_TEXT];
    sil_id_print(text, id);
    return json_string(text);
}

static json_t *hash_json(const uint8_t hash[SIL_HASH_BYTES])
{
    char text[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(text, hash);
    return json_string(text);
}

static json_t *keys_json(const struct sil_ledger_key *keys, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:o}", "role", sil_role_name(keys[i].role),
                            "name", keys[i].name, "id", id_json(&keys[i].id)));
    }
    return list;
}

static json_t *genesis_json(const struct sil_genesis *genesis)
{
    const struct sil_privacy_unit unit = sil_genesis_unit(genesis);
    json_t *parent = genesis->has_parent
                         ? json_pack("{s:o, s:I}", "ledger", id_json(&genesis->parent),
                                     "entries", (json_int_t)genesis->parent_size)
                         : json_null();
    return json_pack(
        "{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:o}", "data_label",
        genesis->data_label, "unit", sil_json_unit(&unit), "neighbours",
        genesis->neighbours == SIL_ADD_REMOVE ? "add-remove" : "replace-one", "prefix",
        genesis->prefix, "cap_rho", sil_cli_rational_json(genesis->cap_rho.v),
        "cap_delta", sil_cli_rational_json(genesis->cap_delta.v), "report_delta",
        sil_cli_rational_json(genesis->report_delta.v), "keys",
        keys_json(genesis->keys, genesis->n_keys), "authority_threshold",
        (json_int_t)genesis->thresholds.authority, "parent", parent);
}

static json_t *keyset_json(const struct sil_keyset *keyset)
{
    json_t *revoked = json_array();
    for (size_t i = 0; i < keyset->n_revoke; i++) {
        (void)json_array_append_new(
            revoked, json_pack("{s:o, s:I, s:s}", "id", id_json(&keyset->revoke[i].key),
                               "as_of_entry", (json_int_t)keyset->revoke[i].as_of_seq,
                               "reason", keyset->revoke[i].reason));
    }
    return json_pack("{s:o, s:o}", "added", keys_json(keyset->add, keyset->n_add),
                     "revoked", revoked);
}

static const char *mechanism_name(enum sil_ledger_mechanism mechanism)
{
    switch (mechanism) {
    case SIL_SPENT_GAUSSIAN: return "rounded-gaussian";
    case SIL_SPENT_EXPONENTIAL: return "exponential";
    case SIL_SPENT_THRESHOLD: return "gaussian-threshold";
    }
    return "?";
}

static json_t *measure_json(const struct sil_measure *measure)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < measure->n_lines; i++) {
        const struct sil_spending *line = &measure->lines[i];
        json_t *attrs = json_array();
        for (size_t a = 0; a < line->n_attrs; a++) {
            (void)json_array_append_new(attrs, json_integer(line->attrs[a]));
        }
        (void)json_array_append_new(
            lines, json_pack("{s:s, s:o, s:o, s:o, s:o}", "mechanism",
                             mechanism_name(line->mechanism), "attributes", attrs,
                             "sensitivity", sil_cli_rational_json(line->sensitivity),
                             "parameter", sil_cli_rational_json(line->parameter), "rho",
                             sil_cli_rational_json(line->rho)));
    }
    return json_pack("{s:o, s:o, s:o}", "reserve", id_json(&measure->reserve),
                     "transcript_sha256", hash_json(measure->transcript_sha256),
                     "mechanisms", lines);
}

static json_t *release_json(const struct sil_body *body)
{
    json_t *artifacts = json_array();
    json_t *reserves = json_array();
    for (size_t i = 0; i < body->release.n_artifacts; i++) {
        (void)json_array_append_new(
            artifacts,
            json_pack("{s:s, s:o}", "name", body->release.artifacts[i].name, "sha256",
                      hash_json(body->release.artifacts[i].sha256)));
    }
    for (size_t i = 0; i < body->release.n_reserves; i++) {
        (void)json_array_append_new(reserves, id_json(&body->release.reserves[i]));
    }
    return json_pack("{s:o, s:o, s:o, s:o}", "id", id_json(&body->id), "reserves",
                     reserves, "artifacts", artifacts, "statement_sha256",
                     hash_json(body->release.statement_sha256));
}

static json_t *body_json(const struct sil_body *body)
{
    switch (body->type) {
    case SIL_ENTRY_GENESIS: return genesis_json(&body->genesis);
    case SIL_ENTRY_KEYSET: return keyset_json(&body->keyset);
    case SIL_ENTRY_GRANT:
        return json_pack("{s:o, s:o, s:I, s:s}", "id", id_json(&body->id), "rho",
                         sil_cli_rational_json(body->grant.rho.v), "expires",
                         (json_int_t)body->grant.expires, "purpose",
                         body->grant.purpose);
    case SIL_ENTRY_RESERVE:
        return json_pack("{s:o, s:o, s:o, s:o}", "id", id_json(&body->id), "grant",
                         id_json(&body->reserve.grant), "rho",
                         sil_cli_rational_json(body->reserve.rho.v), "plan_sha256",
                         hash_json(body->reserve.plan_hash));
    case SIL_ENTRY_MEASURE: return measure_json(&body->measure);
    case SIL_ENTRY_RELEASE: return release_json(body);
    case SIL_ENTRY_AUDIT:
        return json_pack("{s:o, s:I, s:s}", "id", id_json(&body->id), "size",
                         (json_int_t)body->audit.size, "verdict", body->audit.verdict);
    case SIL_ENTRY_RECOVER:
        return json_pack("{s:o, s:s, s:s}", "id", id_json(&body->id), "kind",
                         body->recover.kind, "text", body->recover.text);
    case SIL_ENTRY_CLOSE:
        return json_pack("{s:o, s:s}", "id", id_json(&body->id), "reason",
                         body->close_reason);
    case SIL_ENTRY_NOTICE:
        return json_pack("{s:o, s:o, s:s}", "id", id_json(&body->id), "release",
                         id_json(&body->notice.release), "reason", body->notice.reason);
    case SIL_ENTRY_DATA:
        return json_pack("{s:o, s:s}", "id", id_json(&body->id), "note",
                         body->data.note);
    }
    return NULL;
}

json_t *sil_cli_entry_json(const struct sil_entry *entry)
{
    json_t *approvals = json_array();
    for (size_t i = 0; i < entry->n_approvals; i++) {
        (void)json_array_append_new(approvals, id_json(&entry->approvals[i].key));
    }
    return json_pack("{s:I, s:I, s:s, s:o, s:o, s:o}", "entry", (json_int_t)entry->seq,
                     "time", (json_int_t)entry->time, "type",
                     sil_entry_type_name(entry->type), "curator",
                     id_json(&entry->curator), "approvals", approvals, "body",
                     body_json(&entry->body));
}
