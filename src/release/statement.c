// SPDX-License-Identifier: Apache-2.0
/* The statement, written. Its members and their order: docs/bundle-format.md. Numbers that
 * carry the claim are texts: a reader that keeps numbers in binary fractions must not
 * change them. */
#include "release/statement.h"

#include "base/fail.h"
#include "codec/json.h"
#include "release/documents.h"
#include "release/statement_parts.h"
#include "synth/model_object.h"
#include "synth/report.h"

#include <inttypes.h>
#include <stdio.h>

static const char CONVERSION[] =
    "Canonne, Kamath, Steinke 2020, proposition 12, every operation rounded outward";

json_t *sil_statement_hex(const uint8_t hash[SIL_HASH_BYTES])
{
    char hex[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(hex, hash);
    return json_string(hex);
}

json_t *sil_statement_id(const struct sil_id *id)
{
    char text[SIL_ID_TEXT];
    sil_id_print(text, id);
    return json_string(text);
}

static json_t *json_digest(const struct sil_digests *digests,
                           enum sil_artifact_kind kind)
{
    return json_pack("{s:s, s:{s:o}}", "name", sil_artifact_name(kind), "digest",
                     "sha256", sil_statement_hex(digests->of[kind].sha256));
}

static json_t *json_subjects(const struct sil_digests *digests)
{
    json_t *subjects = json_array();
    for (int kind = 0; kind < SIL_N_ARTIFACTS; kind++) {
        if (json_array_append_new(
                subjects, json_digest(digests, (enum sil_artifact_kind)kind)) != 0) {
            json_decref(subjects);
            return NULL;
        }
    }
    return subjects;
}

/* ---- the claim ---- */

static json_t *json_bound(const struct sil_bound *bound)
{
    return json_pack("{s:o, s:o}", "rho", sil_json_rational(bound->rho.v), "epsilon",
                     sil_json_rounded(bound->epsilon.v));
}

json_t *sil_statement_claim(const struct sil_record *record)
{
    const struct sil_terms *terms = &record->model->transcript.terms;
    const struct sil_cumulative *all = &record->cumulative;
    json_t *cumulative =
        json_pack("{s:o, s:o, s:o}", "delta", sil_json_rounded(all->delta.v),
                  "reserved", json_bound(&all->reserved), "cap", json_bound(&all->cap));
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "unit",
                     sil_json_unit(&terms->unit), "neighbours",
                     sil_neighbours_name(terms->neighbours), "definition", "zCDP",
                     "rho", sil_json_rational(record->reserve->rho.v), "epsilon",
                     sil_json_rounded(terms->certified.v), "delta",
                     sil_json_rounded(terms->delta.v), "conversion", CONVERSION,
                     "spent_before", sil_json_rational(record->before.v), "spent_after",
                     sil_json_rational(record->after.v), "cumulative", cumulative);
}

static json_t *json_ledger(const struct sil_record *record)
{
    return json_pack("{s:o, s:s, s:I, s:o, s:o, s:o}", "id",
                     sil_statement_id(&record->chain->ledger), "origin", record->origin,
                     "size", (json_int_t)record->size, "root",
                     sil_statement_hex(record->root.bytes), "reserve",
                     sil_statement_id(&record->reserve->id), "release",
                     sil_statement_id(&record->id));
}

/* ---- what was chosen ---- */

json_t *sil_statement_order(const struct sil_choices *choices)
{
    json_t *shares = json_array();
    for (size_t i = 0; i < choices->n_rebalance; i++) {
        if (json_array_append_new(shares, json_string(choices->rebalance[i])) != 0) {
            json_decref(shares);
            return NULL;
        }
    }
    return json_pack("{s:s?, s:o, s:s?}", "where", choices->where, "rebalance", shares,
                     "fair", choices->fair);
}

json_t *sil_statement_rules(const struct sil_sample_report *drawn)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "declared", (json_int_t)drawn->n_rules,
                     "rows_that_violate", (json_int_t)drawn->n_broken, "rows_redrawn",
                     (json_int_t)drawn->n_redrawn, "rows_changed",
                     (json_int_t)drawn->n_changed);
}

static json_t *json_rows(const struct sil_record *record)
{
    const struct sil_choices *choices = &record->choices;
    char seed[24];
    (void)snprintf(seed, sizeof seed, "%" PRIu64, choices->seed);
    json_t *json =
        json_pack("{s:I, s:s, s:s?, s:s}", "n", (json_int_t)choices->n_rows,
                  "n_chosen_by", choices->has_rows ? SIL_BY_OPERATOR : SIL_BY_ESTIMATE,
                  "seed", choices->has_seed ? seed : NULL, "seed_chosen_by",
                  choices->has_seed ? SIL_BY_OPERATOR : SIL_BY_TRANSCRIPT);
    if (sil_choices_are_made(choices) &&
        json_object_set_new(json, "made_to_order", sil_statement_order(choices)) != 0) {
        json_decref(json);
        return NULL;
    }
    if (record->drawn.n_rules > 0 &&
        json_object_set_new(json, "rules", sil_statement_rules(&record->drawn)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* ---- how it was made, in SLSA's words ---- */

/* The table itself: the commitment is keyed, and no digest of it, so that nobody can try
 * tables against it. */
static json_t *json_table(const struct sil_chain *chain)
{
    char id[SIL_ID_TEXT];
    json_t *commitments = json_array();
    sil_id_print(id, &chain->ledger);
    for (size_t i = 0; i < chain->n_data; i++) {
        if (json_array_append_new(commitments,
                                  sil_statement_hex(chain->data_commit[i])) != 0) {
            json_decref(commitments);
            return NULL;
        }
    }
    return json_pack(
        "{s:s, s:s+, s:{s:s, s:o}}", "name", chain->genesis.genesis.data_label, "uri",
        SIL_PREDICATE_URN "#table/", id, "annotations", "commitment",
        "keyed BLAKE2b-256, one of the ledger's", "commitments", commitments);
}

static json_t *json_definition(const struct sil_record *record,
                               const struct sil_digests *digests)
{
    const struct sil_terms *terms = &record->model->transcript.terms;
    json_t *external =
        json_pack("{s:s, s:s, s:o, s:o, s:s, s:o}", "mechanism",
                  sil_mechanism_name(terms->mechanism), "workload",
                  terms->workload_name, "epsilon", sil_json_rational(terms->epsilon.v),
                  "delta", sil_json_rational(terms->delta.v), "neighbours",
                  sil_neighbours_name(terms->neighbours), "plan_sha256",
                  sil_statement_hex(record->reserve->plan_hash));
    json_t *dependencies = json_pack("[o, o, o]", json_table(record->chain),
                                     json_digest(digests, SIL_ARTIFACT_SCHEMA),
                                     json_digest(digests, SIL_ARTIFACT_TRANSCRIPT));
    return json_pack("{s:s, s:o, s:{s:i}, s:o}", "buildType",
                     SIL_PREDICATE_URN "#synthetic-rows/v1", "externalParameters",
                     external, "internalParameters", "replay",
                     (int)record->model->transcript.terms.replay,
                     "resolvedDependencies", dependencies);
}

static json_t *json_details(const struct sil_record *record)
{
    return json_pack("{s:{s:s}, s:{s:o}}", "builder", "id",
                     SIL_PREDICATE_URN "#silhouette", "metadata", "invocationId",
                     sil_statement_id(&record->reserve->id));
}

static json_t *json_statement(const struct sil_record *record,
                              const struct sil_digests *digests)
{
    json_t *predicate =
        json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o}", "documents",
                  sil_documents_version(&record->choices), "replay",
                  (int)record->model->transcript.terms.replay, "claim",
                  sil_statement_claim(record), "ledger", json_ledger(record), "rows",
                  json_rows(record), "buildDefinition",
                  json_definition(record, digests), "runDetails", json_details(record));
    return json_pack("{s:s, s:o, s:s, s:o}", "_type", SIL_STATEMENT_TYPE, "subject",
                     json_subjects(digests), "predicateType", SIL_PREDICATE_TYPE,
                     "predicate", predicate);
}

sil_status sil_statement_json(struct sil_bytes *out, const struct sil_record *record,
                              const struct sil_digests *digests, struct sil_error *err)
{
    json_t *statement = json_statement(record, digests);
    sil_status status = statement != NULL ? sil_json_dump(out, statement, err)
                                          : sil_fail(err, SIL_ERR_INTERNAL,
                                                     "out of memory: the statement");
    json_decref(statement);
    return status;
}
