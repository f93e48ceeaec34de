// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "codec/msgpack.h"
#include "ledger/fields.h"
#include "synth/discovery.h"
#include "synth/discovery_bins.h"
#include "synth/release.h"
#include "synth/transcript.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char KIND[] = "silhouette/transcript";
static const char ROW[] = "row";
static const char PERSON[] = "id";
static const char *const MISSING_IDS[] = {"own", "drop"};

enum {
    TRANSCRIPT_VALUES = 8,
    PLAN_VALUES = 10,
    MECHANISM_PLACE = 2,
    PERSON_VALUES = 5,
    CLAIM_VALUES = 3,
    DEPTH = 5
};

/* Far above what a run can release, far below what would hurt to hold. */
static const size_t LARGEST_TRANSCRIPT_VALUES = (size_t)1 << 23;

/* ---- encoding ---- */

static bool has_file(const struct sil_terms *terms)
{
    return strcmp(terms->workload_name, SIL_WORKLOAD_IS_FILE) == 0;
}

/* All marginals of k columns follow from k and the cap on cells; only those of a file are
 * spelled out. */
static sil_status put_marginals(struct sil_bytes *out, const struct sil_terms *terms,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_clique_list *list = &terms->workload.marginals;
    size_t n = has_file(terms) ? list->n : 0;
    SIL_TRY(sil_mp_put_array(out, n, err));
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(sil_mp_put_array(out, 2, err));
        SIL_TRY(sil_put_clique(out, &list->item[i].clique, err));
        SIL_TRY(sil_mp_put_uint(out, list->item[i].weight, err));
    }
cleanup:
    return status;
}

static sil_status put_order(struct sil_bytes *out,
                            const struct sil_transcript *transcript,
                            struct sil_error *err)
{
    uint32_t n = sil_schema_n_columns(transcript->schema);
    sil_status status = sil_mp_put_array(out, n, err);
    for (uint32_t i = 0; i < n && status == SIL_OK; i++) {
        status = sil_mp_put_uint(out, transcript->order[i], err);
    }
    return status;
}

/* "row", or ["id", column, K, what a missing id means, salt]. */
static sil_status put_unit(struct sil_bytes *out, const struct sil_terms *terms,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (terms->unit.id_column == NULL) {
        return sil_mp_put_str(out, ROW, err);
    }
    SIL_TRY(sil_mp_put_array(out, PERSON_VALUES, err));
    SIL_TRY(sil_mp_put_str(out, PERSON, err));
    SIL_TRY(sil_mp_put_str(out, terms->unit.id_column, err));
    SIL_TRY(sil_mp_put_uint(out, terms->unit.rows, err));
    SIL_TRY(sil_mp_put_str(out, MISSING_IDS[terms->drops_missing_ids], err));
    SIL_TRY(sil_mp_put_bin(out, terms->people_salt.bytes,
                           sizeof terms->people_salt.bytes, err));
cleanup:
    return status;
}

sil_status sil_transcript_encode_plan(struct sil_bytes *out,
                                      const struct sil_transcript *transcript,
                                      struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_terms *terms = &transcript->terms;
    const char *json = NULL;
    size_t length = 0;
    sil_schema_text(&json, &length, transcript->schema);
    SIL_TRY(sil_mp_put_array(out, PLAN_VALUES + (terms->n_open > 0), err));
    SIL_TRY(sil_mp_put_bin(out, json, length, err));
    SIL_TRY(put_order(out, transcript, err));
    SIL_TRY(sil_mp_put_str(out, sil_mechanism_name(terms->mechanism), err));
    SIL_TRY(sil_mp_put_str(out, terms->workload_name, err));
    SIL_TRY(put_marginals(out, terms, err));
    SIL_TRY(sil_mp_put_uint(out, terms->max_cells, err));
    SIL_TRY(sil_mp_put_uint(out, terms->max_model_mb, err));
    SIL_TRY(put_unit(out, terms, err));
    SIL_TRY(sil_mp_put_str(out, sil_neighbours_name(terms->neighbours), err));
    SIL_TRY(sil_put_rational(out, terms->epsilon.v, err));
    if (terms->n_open > 0) {
        SIL_TRY(sil_put_rational(out, terms->discovery.v, err));
    }
cleanup:
    return status;
}

sil_status sil_transcript_encode(struct sil_bytes *out,
                                 const struct sil_transcript *transcript,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_terms *terms = &transcript->terms;
    SIL_TRY(sil_mp_put_array(out, TRANSCRIPT_VALUES, err));
    SIL_TRY(sil_mp_put_str(out, KIND, err));
    SIL_TRY(sil_mp_put_uint(out, SIL_TRANSCRIPT_VERSION, err));
    SIL_TRY(sil_mp_put_uint(out, transcript->terms.replay, err));
    SIL_TRY(transcript->is_ledgered ? sil_put_stamp(out, &transcript->stamp, err)
                                    : sil_mp_put_str(out, "UNLEDGERED", err));
    SIL_TRY(sil_transcript_encode_plan(out, transcript, err));
    SIL_TRY(sil_mp_put_array(out, CLAIM_VALUES, err));
    SIL_TRY(sil_put_rational(out, terms->cap.v, err));
    SIL_TRY(sil_put_rational(out, terms->delta.v, err));
    SIL_TRY(sil_put_rational(out, terms->certified.v, err));
    SIL_TRY(sil_put_rational(out, transcript->spent.v, err));
    SIL_TRY(sil_mp_put_array(
        out, transcript->n_discoveries + transcript->n_levels + transcript->n_lines,
        err));
    for (size_t i = 0; i < transcript->n_discoveries; i++) {
        SIL_TRY(sil_put_discovery(out, &transcript->discovery[i], err));
    }
    for (size_t i = 0; i < transcript->n_levels; i++) {
        SIL_TRY(sil_put_level(out, &transcript->level[i], err));
    }
    for (size_t i = 0; i < transcript->n_lines; i++) {
        SIL_TRY(sil_put_release(out, &transcript->line[i], terms, err));
    }
cleanup:
    return status;
}

/* ---- decoding ---- */

static sil_status contradiction(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "the transcript contradicts itself: %s", what);
}

/* A model file is what people have at hand. */
static sil_status next_name(struct sil_mp_array *array, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_kind = false;
    bool is_model = false;
    SIL_TRY(sil_next_word(&is_kind, array, KIND, "its name", err));
    array->next--;
    SIL_TRY(sil_next_word(&is_model, array, "silhouette/model", "its name", err));
    if (!is_kind) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          is_model ? "a model, and not the transcript that it holds"
                                   : "not a transcript");
    }
cleanup:
    return status;
}

static sil_status next_header(struct sil_transcript *out, struct sil_mp_array *array,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t version = 0;
    uint64_t replay = 0;

    SIL_TRY(next_name(array, err));
    SIL_TRY(sil_mp_next_uint(&version, array, UINT32_MAX, "the version", err));
    SIL_TRY(sil_mp_next_uint(&replay, array, UINT32_MAX, "the replay number", err));
    if (version != SIL_TRANSCRIPT_VERSION) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "a transcript of version %" PRIu64
                        "; this program knows version %d",
                        version, SIL_TRANSCRIPT_VERSION);
    }
    out->terms.replay = (uint32_t)replay;
    SIL_TRY(sil_next_stamp(&out->stamp, &out->is_ledgered, array, err));
cleanup:
    return status;
}

static sil_status next_schema(struct sil_transcript *out, struct sil_mp_array *plan,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint8_t *json = NULL;
    size_t length = 0;
    SIL_TRY(sil_mp_next_bin(&json, &length, plan, "the schema", err));
    SIL_TRY(sil_schema_parse(&out->schema, (const char *)json, length, err));
cleanup:
    return status;
}

/* Each column once. */
static sil_status next_order(struct sil_transcript *out, struct sil_mp_array *plan,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array order;
    uint8_t *seen = NULL;
    uint32_t n = sil_schema_n_columns(out->schema);
    SIL_TRY(sil_mp_next_array(&order, plan, "the order of columns", err));
    if (order.n != n) {
        status =
            contradiction(err, "the order of its columns is not one of its fields");
        goto cleanup;
    }
    SIL_TRY(sil_alloc(&seen, n, 1, "the order of columns", err));
    SIL_TRY(sil_alloc(&out->order, n, sizeof *out->order, "the order of columns", err));
    for (uint32_t i = 0; i < n; i++) {
        uint64_t field = 0;
        SIL_TRY(sil_mp_next_uint(&field, &order, n - 1, "a column", err));
        if (seen[field]++ != 0) {
            status = contradiction(err, "a column stands twice in its order");
            goto cleanup;
        }
        out->order[i] = (uint32_t)field;
    }
cleanup:
    free(seen);
    return status;
}

static sil_status next_marginals(struct sil_terms *terms, struct sil_mp_array *plan,
                                 const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array list;
    SIL_TRY(sil_mp_next_array(&list, plan, "the workload", err));
    if (list.n > 0 && !has_file(terms)) {
        return contradiction(err, "a workload by number that lists marginals");
    }
    for (uint32_t i = 0; i < list.n; i++) {
        struct sil_mp_array pair;
        struct sil_clique clique;
        uint64_t weight = 0;
        SIL_TRY(sil_mp_next_array(&pair, &list, "a marginal of the workload", err));
        SIL_TRY(sil_next_clique(&clique, &pair, domain, err));
        SIL_TRY(sil_mp_next_uint(&weight, &pair, 1U << 20, "its weight", err));
        SIL_TRY(sil_mp_end(&pair, err));
        if (weight == 0) {
            return contradiction(err, "a marginal of its workload weighs nothing");
        }
        SIL_TRY(sil_clique_list_add(&terms->workload.marginals, &clique,
                                    (uint32_t)weight, err));
    }
cleanup:
    return status;
}

static sil_status next_workload(struct sil_terms *terms, struct sil_mp_array *plan,
                                const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *text = NULL;
    size_t length = 0;
    SIL_TRY(sil_mp_next_str(&text, &length, plan, "the name of the workload", err));
    if (length >= sizeof terms->workload_name) {
        return sil_fail(err, SIL_ERR_INPUT, "the plan names no workload");
    }
    memcpy(terms->workload_name, text, length);
    bool is_number =
        length == 1 && text[0] >= '1' && text[0] <= '0' + SIL_WORKLOAD_ATTRS_MAX;
    if (!is_number && !has_file(terms)) {
        return sil_fail(err, SIL_ERR_INPUT, "the plan names no workload");
    }
    SIL_TRY(next_marginals(terms, plan, domain, err));
cleanup:
    return status;
}

static sil_status next_missing_ids(struct sil_terms *terms, struct sil_mp_array *person,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_own = false;
    SIL_TRY(sil_next_word(&is_own, person, MISSING_IDS[false], "missing ids", err));
    person->next--;
    SIL_TRY(sil_next_word(&terms->drops_missing_ids, person, MISSING_IDS[true],
                          "missing ids", err));
    if (!is_own && !terms->drops_missing_ids) {
        status = contradiction(err, "nothing says whose a row without an id is");
    }
cleanup:
    return status;
}

static sil_status next_person(struct sil_terms *terms, struct sil_mp_array *person,
                              const struct sil_schema *schema, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_person = false;
    char *column = NULL;
    uint64_t rows = 0;
    const uint8_t *salt = NULL;
    size_t length = 0;
    SIL_TRY(sil_next_word(&is_person, person, PERSON, "the unit of privacy", err));
    if (!is_person) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "a unit of privacy that this version does not know");
    }
    SIL_TRY(sil_next_text(&column, person, "the id column", err));
    SIL_TRY(sil_mp_next_uint(&rows, person, UINT32_MAX, "rows of a person", err));
    SIL_TRY(next_missing_ids(terms, person, err));
    SIL_TRY(sil_mp_next_bin(&salt, &length, person, "the salt", err));
    SIL_TRY(sil_mp_end(person, err));
    if (length != sizeof terms->people_salt.bytes || column[0] == '\0' ||
        sil_schema_find(schema, column, strlen(column)) != UINT32_MAX ||
        sil_privacy_unit_set(&terms->unit, column, rows, NULL) != SIL_OK) {
        status = contradiction(err, "its unit of privacy cannot be");
        goto cleanup;
    }
    (void)memcpy(terms->people_salt.bytes, salt, length);
cleanup:
    free(column);
    return status;
}

static sil_status next_unit(struct sil_terms *terms, struct sil_mp_array *plan,
                            const struct sil_schema *schema, struct sil_error *err)
{
    struct sil_mp_array person;
    struct sil_mp_array ahead = *plan;
    bool is_row = false;
    if (sil_mp_next_array(&person, &ahead, "the unit of privacy", NULL) == SIL_OK) {
        *plan = ahead;
        return next_person(terms, &person, schema, err);
    }
    sil_status status = sil_next_word(&is_row, plan, ROW, "the unit of privacy", err);
    if (status == SIL_OK && !is_row) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "a unit of privacy that this version does not know");
    }
    return status;
}

static sil_status next_neighbours(struct sil_terms *terms, struct sil_mp_array *plan,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_replace = false;
    bool is_add = false;
    SIL_TRY(sil_next_word(&is_replace, plan, sil_neighbours_name(SIL_REPLACE_ONE),
                          "the neighbours", err));
    plan->next--;
    SIL_TRY(sil_next_word(&is_add, plan, sil_neighbours_name(SIL_ADD_REMOVE),
                          "the neighbours", err));
    if (!is_replace && !is_add) {
        return sil_fail(err, SIL_ERR_INPUT, "the plan names no neighbours");
    }
    terms->neighbours = is_replace ? SIL_REPLACE_ONE : SIL_ADD_REMOVE;
cleanup:
    return status;
}

/* Before all else of the plan: a newer recipe may have a newer schema, too. The numbers are
 * each mechanism's own. */
static sil_status find_mechanism(struct sil_transcript *out, struct sil_mp_array plan,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_terms *terms = &out->terms;
    const char *name = NULL;
    size_t length = 0;
    plan.next = MECHANISM_PLACE;
    SIL_TRY(sil_mp_next_str(&name, &length, &plan, "the mechanism", err));
    terms->mechanism = sil_mechanism_named(name, length);
    if (terms->mechanism == 0) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "a mechanism that this version does not know");
    }
    uint32_t newest = sil_mechanism_replay(terms->mechanism);
    if (out->terms.replay > newest) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "a transcript of %s with replay number %" PRIu32
                        "; this program knows %s up to replay number %" PRIu32,
                        sil_mechanism_name(terms->mechanism), out->terms.replay,
                        sil_mechanism_name(terms->mechanism), newest);
    }
    if (out->terms.replay == 0) {
        return contradiction(err, "there is no replay number 0");
    }
cleanup:
    return status;
}

static sil_status next_plan(struct sil_transcript *out, struct sil_mp_array *array,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_terms *terms = &out->terms;
    struct sil_mp_array plan;

    SIL_TRY(sil_mp_next_array(&plan, array, "the plan", err));
    SIL_TRY(find_mechanism(out, plan, err));
    SIL_TRY(next_schema(out, &plan, err));
    SIL_TRY(next_order(out, &plan, err));
    struct sil_domain domain = sil_schema_domain(out->schema);
    plan.next++; /* the mechanism */
    SIL_TRY(next_workload(terms, &plan, &domain, err));
    SIL_TRY(sil_mp_next_uint(&terms->max_cells, &plan, UINT64_MAX, "max-cells", err));
    SIL_TRY(
        sil_mp_next_uint(&terms->max_model_mb, &plan, 1U << 20, "max-model-mb", err));
    SIL_TRY(next_unit(terms, &plan, out->schema, err));
    SIL_TRY(next_neighbours(terms, &plan, err));
    SIL_TRY(sil_next_rational(terms->epsilon.v, &plan, "epsilon", err));
    sil_terms_note_fields(terms, out->schema);
    if (terms->n_open > 0) {
        SIL_TRY(sil_next_rational(terms->discovery.v, &plan, "discovery-delta", err));
    }
    SIL_TRY(sil_mp_end(&plan, err));
    SIL_TRY(sil_terms_check(terms, err));
cleanup:
    return status;
}

static sil_status next_claim(struct sil_terms *terms, struct sil_mp_array *array,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array claim;
    struct sil_epsilon again;
    struct sil_delta delta;
    struct sil_rho each;
    mpq_init(again.v);
    sil_delta_init(&delta);
    sil_rho_init(&each);
    SIL_TRY(sil_mp_next_array(&claim, array, "the claim", err));
    SIL_TRY(sil_next_rational(terms->cap.v, &claim, "the cap", err));
    SIL_TRY(sil_next_rational(terms->delta.v, &claim, "delta", err));
    SIL_TRY(sil_next_rational(terms->certified.v, &claim, "epsilon", err));
    SIL_TRY(sil_mp_end(&claim, err));
    if (mpq_sgn(terms->delta.v) <= 0 || mpq_cmp_ui(terms->delta.v, 1, 1) >= 0) {
        status = contradiction(err, "delta is not between 0 and 1");
        goto cleanup;
    }
    if (terms->n_open > 0 && (mpq_sgn(terms->discovery.v) <= 0 ||
                              mpq_cmp(terms->discovery.v, terms->delta.v) >= 0)) {
        status = contradiction(err, "the delta of discovery is no part of delta");
        goto cleanup;
    }
    sil_terms_zcdp_delta(&delta, terms);
    sil_terms_split_cap(&each, &terms->rest, terms, &terms->cap);
    SIL_TRY(sil_certify(&again, &terms->cap, &delta, &terms->epsilon, err));
    if (mpq_equal(again.v, terms->certified.v) == 0) {
        status = contradiction(err, "its epsilon does not follow from rho and delta");
    }
cleanup:
    sil_rho_clear(&each);
    sil_delta_clear(&delta);
    mpq_clear(again.v);
    return status;
}

/* Every mechanism measures every column, alone or with others. */
static sil_status check_columns(const struct sil_transcript *transcript,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = sil_schema_n_fields(transcript->schema);
    uint32_t n_measured = 0;
    bool *is_measured = NULL;
    SIL_TRY(sil_alloc(&is_measured, n, sizeof *is_measured, "the columns", err));
    for (size_t i = 0; i < transcript->n_lines; i++) {
        const struct sil_release *line = &transcript->line[i];
        for (uint32_t k = 0; line->kind == SIL_RELEASE_MEASURE && k < line->clique.n;
             k++) {
            bool *is_known = &is_measured[line->clique.attr[k]];
            n_measured += !*is_known;
            *is_known = true;
        }
    }
    if (n_measured < n) {
        status = contradiction(err, "a column was never measured");
    }
cleanup:
    free(is_measured);
    return status;
}

/* The run's cap is a part of what was reserved with it. */
static sil_status check_stamp(const struct sil_transcript *transcript,
                              struct sil_error *err)
{
    if (transcript->is_ledgered &&
        mpq_cmp(transcript->terms.cap.v, transcript->stamp.reserved.v) > 0) {
        return contradiction(err, "its cap is more than was reserved in the ledger");
    }
    return SIL_OK;
}

/* What was found comes first, field by field, and completes the schema. */
static sil_status next_discoveries(struct sil_transcript *out,
                                   struct sil_mp_array *lines, mpq_t sum,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t i = 0;
    SIL_TRY(sil_transcript_make_discoveries(out, out->terms.n_open, err));
    for (uint32_t f = 0; f < sil_schema_n_fields(out->schema); f++) {
        if (!sil_field_is_open(sil_schema_field(out->schema, f))) {
            continue;
        }
        struct sil_discovery *found = &out->discovery[i++];
        SIL_TRY(sil_next_discovery(found, lines, f, &out->terms, err));
        SIL_TRY(sil_schema_settle(out->schema, f, found->found, found->n, err));
        mpq_add(sum, sum, found->rho.v);
    }
cleanup:
    return status;
}

static sil_status next_lines(struct sil_transcript *out, struct sil_mp_array *array,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array lines;
    mpq_t sum;
    mpq_init(sum);
    SIL_TRY(sil_mp_next_array(&lines, array, "the releases", err));
    SIL_TRY(next_discoveries(out, &lines, sum, err));
    SIL_TRY(sil_next_levels(out, &lines, sum, err));
    struct sil_domain domain = sil_schema_domain(out->schema);
    for (uint32_t i = lines.next; i < lines.n; i++) {
        struct sil_release *line = NULL;
        SIL_TRY(sil_transcript_add_line(&line, out, err));
        status = sil_next_release(line, &lines, &out->terms, &domain, err);
        if (status != SIL_OK) {
            status = sil_fail_within(err, status, "line %" PRIu32, i + 1);
            goto cleanup;
        }
        mpq_add(sum, sum, line->rho.v);
    }
    if (mpq_equal(sum, out->spent.v) == 0 ||
        mpq_cmp(out->spent.v, out->terms.cap.v) > 0) {
        status = contradiction(err, "the costs do not add up to what was spent, or "
                                    "exceed the cap");
        goto cleanup;
    }
    SIL_TRY(check_columns(out, err));
cleanup:
    mpq_clear(sum);
    return status;
}

sil_status sil_transcript_decode(struct sil_transcript *out, const uint8_t *data,
                                 size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_mp_limits limits = {.values = LARGEST_TRANSCRIPT_VALUES,
                                         .depth = DEPTH};
    struct sil_mp_text *text = NULL;

    status = sil_mp_parse(&text, data, length, &limits, err);
    if (status != SIL_OK) {
        status = sil_fail_within(err, status, "damaged, or not a transcript");
        goto cleanup;
    }
    struct sil_mp_array array = sil_mp_root(text, "the transcript");
    SIL_TRY(next_header(out, &array, err));
    SIL_TRY(next_plan(out, &array, err));
    SIL_TRY(next_claim(&out->terms, &array, err));
    SIL_TRY(check_stamp(out, err));
    SIL_TRY(sil_next_rational(out->spent.v, &array, "what was spent", err));
    SIL_TRY(next_lines(out, &array, err));
    SIL_TRY(sil_mp_end(&array, err));
cleanup:
    sil_mp_free(text);
    return status;
}
