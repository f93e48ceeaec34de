// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "ledger/body_codec.h"
#include "ledger/refuse.h"

#include <stdlib.h>
#include <string.h>

/* Every list is allocated zeroed and its length set at once: a body that was read in part
 * is cleared like any other. */

/* ---- the budget ---- */

static sil_status next_grant(struct sil_grant *grant, struct sil_mp_array *body,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_next_fraction(grant->rho.v, body, "rho", err));
    SIL_TRY(sil_next_fraction(grant->delta.v, body, "delta", err));
    SIL_TRY(sil_next_number(&grant->expires, body, "the expiry", err));
    SIL_TRY(sil_next_text(&grant->purpose, body, "the purpose", err));
cleanup:
    return status;
}

static sil_status next_reserve(struct sil_reserve *reserve, struct sil_mp_array *body,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_next_id(&reserve->grant, body, "the grant", err));
    SIL_TRY(sil_next_fraction(reserve->rho.v, body, "rho", err));
    SIL_TRY(sil_next_fraction(reserve->delta.v, body, "delta", err));
    SIL_TRY(sil_next_hash(reserve->plan_hash, body, "the hash of the plan", err));
cleanup:
    return status;
}

static sil_status next_attrs(struct sil_spending *line, struct sil_mp_array *tuple,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    SIL_TRY(
        sil_next_list(&list, &line->attrs, sizeof *line->attrs, tuple, "columns", err));
    line->n_attrs = list.n;
    for (size_t i = 0; i < line->n_attrs; i++) {
        uint64_t column = 0;
        SIL_TRY(sil_next_number(&column, &list, "a column", err));
        if (column > UINT32_MAX) {
            SIL_TRY(sil_fail(err, SIL_ERR_CHECK, "columns: a column is too large"));
        }
        line->attrs[i] = (uint32_t)column;
        if (i > 0 && line->attrs[i - 1] >= line->attrs[i]) {
            SIL_TRY(sil_fail(err, SIL_ERR_INPUT, "columns are not ascending"));
        }
    }
cleanup:
    return status;
}

static sil_status next_spending(struct sil_spending *line, struct sil_mp_array *lines,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    size_t which = 0;
    SIL_TRY(sil_mp_next_array(&tuple, lines, "a mechanism", err));
    SIL_TRY(sil_next_name(&which, SIL_MECHANISM_NAMES, 3, &tuple, "the name", err));
    line->mechanism = (enum sil_ledger_mechanism)(SIL_SPENT_GAUSSIAN + which);
    SIL_TRY(next_attrs(line, &tuple, err));
    SIL_TRY(sil_next_fraction(line->sensitivity, &tuple, "the sensitivity", err));
    SIL_TRY(sil_next_fraction(line->parameter, &tuple, "the parameter", err));
    SIL_TRY(sil_next_fraction(line->rho, &tuple, "rho", err));
    SIL_TRY(sil_next_fraction(line->delta, &tuple, "delta", err));
    if (line->mechanism == SIL_SPENT_THRESHOLD) {
        SIL_TRY(sil_next_fraction(line->threshold, &tuple, "the threshold", err));
    }
    SIL_TRY(sil_mp_end(&tuple, err));
cleanup:
    return status;
}

static sil_status next_measure(struct sil_measure *measure, struct sil_mp_array *body,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    SIL_TRY(sil_next_id(&measure->reserve, body, "the reserve", err));
    SIL_TRY(sil_next_hash(measure->transcript_sha256, body,
                          "the hash of the transcript", err));
    SIL_TRY(sil_next_list(&list, &measure->lines, sizeof *measure->lines, body,
                          "mechanisms", err));
    for (size_t i = 0; i < list.n; i++) {
        sil_spending_init(&measure->lines[i]);
        measure->n_lines = i + 1;
        SIL_TRY(next_spending(&measure->lines[i], &list, err));
    }
cleanup:
    return status;
}

/* ---- what leaves, and what is said of it ---- */

static sil_status next_artifact(struct sil_artifact *out, struct sil_mp_array *list,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array tuple;
    SIL_TRY(sil_next_tuple(&tuple, 2, list, "an artifact", err));
    SIL_TRY(sil_next_text(&out->name, &tuple, "the name", err));
    SIL_TRY(sil_next_hash(out->sha256, &tuple, "the hash", err));
cleanup:
    return status;
}

static sil_status next_release(struct sil_release_entry *release,
                               struct sil_mp_array *body, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    SIL_TRY(sil_next_list(&list, &release->reserves, sizeof *release->reserves, body,
                          "reserves", err));
    release->n_reserves = list.n;
    for (size_t i = 0; i < release->n_reserves; i++) {
        SIL_TRY(sil_next_id(&release->reserves[i], &list, "a reserve", err));
    }
    SIL_TRY(sil_next_list(&list, &release->artifacts, sizeof *release->artifacts, body,
                          "artifacts", err));
    release->n_artifacts = list.n;
    for (size_t i = 0; i < release->n_artifacts; i++) {
        SIL_TRY(next_artifact(&release->artifacts[i], &list, err));
    }
    SIL_TRY(sil_next_hash(release->statement_sha256, body, "the hash of the statement",
                          err));
cleanup:
    return status;
}

/* Read a word of a closed set that a body keeps as text. */
static sil_status next_choice(char **out, const char *const *words, size_t n,
                              struct sil_mp_array *body, const char *what,
                              struct sil_error *err)
{
    struct sil_mp_array again = *body;
    size_t which = 0;
    sil_status status = sil_next_name(&which, words, n, body, what, err);
    return status != SIL_OK ? status : sil_next_text(out, &again, what, err);
}

static sil_status next_audit(struct sil_audit *audit, struct sil_mp_array *body,
                             struct sil_error *err)
{
    static const char *const VERDICTS[] = {"refuted", "not-refuted", "inconclusive"};
    sil_status status = SIL_OK;
    SIL_TRY(sil_next_number(&audit->size, body, "the size", err));
    SIL_TRY(sil_next_hash(audit->root.bytes, body, "the root", err));
    SIL_TRY(next_choice(&audit->verdict, VERDICTS, 3, body, "the verdict", err));
    SIL_TRY(sil_next_hash(audit->report_sha256, body, "the hash of the report", err));
cleanup:
    return status;
}

static sil_status next_recover(struct sil_recover *recover, struct sil_mp_array *body,
                               struct sil_error *err)
{
    static const char *const KINDS[] = {"quarantine", "rebuild-checkpoint"};
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    SIL_TRY(next_choice(&recover->kind, KINDS, 2, body, "the kind", err));
    SIL_TRY(sil_next_number(&recover->size, body, "the size", err));
    SIL_TRY(sil_next_list(&list, &recover->quarantine_sha256,
                          sizeof *recover->quarantine_sha256, body, "quarantine", err));
    recover->n_quarantine = list.n;
    for (size_t i = 0; i < recover->n_quarantine; i++) {
        SIL_TRY(sil_next_hash(recover->quarantine_sha256[i], &list, "a hash", err));
    }
    SIL_TRY(sil_next_text(&recover->text, body, "the text", err));
cleanup:
    return status;
}

static sil_status next_notice(struct sil_notice *notice, struct sil_mp_array *body,
                              struct sil_error *err)
{
    sil_status status = sil_next_id(&notice->release, body, "the release", err);
    return status != SIL_OK ? status
                            : sil_next_text(&notice->reason, body, "the reason", err);
}

static sil_status next_data(struct sil_data_entry *data, struct sil_mp_array *body,
                            struct sil_error *err)
{
    sil_status status = sil_next_hash(data->data_commit, body, "the commitment", err);
    return status != SIL_OK ? status
                            : sil_next_text(&data->note, body, "the note", err);
}

/* ---- all of it ---- */

static sil_status next_rest(struct sil_body *out, struct sil_mp_array *body,
                            struct sil_error *err)
{
    switch (out->type) {
    case SIL_ENTRY_GENESIS: return sil_next_genesis(&out->genesis, body, err);
    case SIL_ENTRY_KEYSET: return sil_next_keyset(&out->keyset, body, err);
    case SIL_ENTRY_GRANT: return next_grant(&out->grant, body, err);
    case SIL_ENTRY_RESERVE: return next_reserve(&out->reserve, body, err);
    case SIL_ENTRY_MEASURE: return next_measure(&out->measure, body, err);
    case SIL_ENTRY_RELEASE: return next_release(&out->release, body, err);
    case SIL_ENTRY_AUDIT: return next_audit(&out->audit, body, err);
    case SIL_ENTRY_RECOVER: return next_recover(&out->recover, body, err);
    case SIL_ENTRY_CLOSE:
        return sil_next_text(&out->close_reason, body, "the reason", err);
    case SIL_ENTRY_NOTICE: return next_notice(&out->notice, body, err);
    case SIL_ENTRY_DATA: return next_data(&out->data, body, err);
    }
    return sil_fail(err, SIL_ERR_INTERNAL, "an entry of no known type");
}

/* The schema's number and the type's name. A body in an entry has the type that the entry
 * says; elsewhere a name that is not known may be one of a later version. */
static sil_status next_type(enum sil_entry_type *out, struct sil_mp_array *body,
                            const enum sil_entry_type *expected, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t schema = 0;
    const char *text = NULL;
    size_t length = 0;
    size_t which = 0;
    SIL_TRY(sil_next_number(&schema, body, "the schema", err));
    if (schema != SIL_BODY_SCHEMA) {
        SIL_TRY(sil_fail(err, SIL_ERR_UNSUPPORTED,
                         "a body of a schema that this program lacks"));
    }
    SIL_TRY(sil_mp_next_str(&text, &length, body, "the type", err));
    while (which < SIL_ENTRY_TYPES &&
           (strlen(SIL_TYPE_NAMES[which]) != length ||
            memcmp(SIL_TYPE_NAMES[which], text, length) != 0)) {
        which++;
    }
    if (expected != NULL && which != (size_t)*expected) {
        SIL_TRY(
            sil_fail(err, SIL_ERR_INPUT, "the body is of another type than the entry"));
    }
    if (which == SIL_ENTRY_TYPES) {
        SIL_TRY(sil_fail(err, SIL_ERR_UNSUPPORTED,
                         "a body of a type that this program lacks"));
    }
    *out = (enum sil_entry_type)which;
cleanup:
    return status;
}

sil_status sil_body_read(struct sil_body *out, const uint8_t *data, size_t length,
                         const enum sil_entry_type *type, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_text *text = NULL;
    struct sil_mp_array body = {.what = "the body"};
    enum sil_entry_type found = SIL_ENTRY_GENESIS;

    (void)memset(out, 0, sizeof *out);
    SIL_TRY(sil_fields_open(&text, &body, data, length, err));
    SIL_TRY(next_type(&found, &body, type, err));
    body.what = sil_entry_type_name(found);
    sil_body_init(out, found);
    if (found == SIL_ENTRY_GENESIS) {
        sil_ledger_id(&out->ledger, data, length);
    } else {
        SIL_TRY(sil_next_id(&out->ledger, &body, "the ledger", err));
    }
    if (found != SIL_ENTRY_GENESIS && found != SIL_ENTRY_MEASURE) {
        SIL_TRY(sil_next_id(&out->id, &body, "the id", err));
    }
    SIL_TRY(next_rest(out, &body, err));
    SIL_TRY(sil_mp_end(&body, err));
cleanup:
    sil_mp_free(text);
    if (status != SIL_OK) {
        sil_body_clear(out);
    }
    return status;
}

sil_status sil_body_decode(struct sil_body *out, const uint8_t *data, size_t length,
                           struct sil_error *err)
{
    sil_status status =
        sil_fields_refuse(err, sil_body_read(out, data, length, NULL, err));
    if (status == SIL_OK && !sil_body_is_public(out)) {
        sil_body_clear(out);
        status = sil_refuse_ledger(err, "P1", SIL_PRIVATE_COUNT);
    }
    return status;
}
