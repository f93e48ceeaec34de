// SPDX-License-Identifier: Apache-2.0
/* The statement, member by member: all that ledger and transcript determine is made again
 * and compared; what its author could choose must be one of the choices that there are. */
#include "audits/claim/printed.h"
#include "audits/claim/rows.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define URN "urn:uuid:dd795cff-89fe-4e4a-8529-bc2e281a5ac2#"

/* Of rows of the model as it is, and of rows made to order. */
enum { DOCUMENTS_PLAIN = 1, DOCUMENTS_MADE = 2, PATH_ROOM = 160, REBALANCED_MOST = 16 };

static const char WHAT[] = "The statement repeats what ledger and transcript say";

/* ---- values; NULL: no memory, which whoever packs them notices ---- */

typedef sil_status print_function(struct sil_bytes *out, const mpq_t value,
                                  struct sil_error *err);

static json_t *json_of(print_function *print, const mpq_t value)
{
    struct sil_bytes text = {0};
    json_t *json = NULL;
    if (print(&text, value, NULL) == SIL_OK) {
        json = json_stringn((const char *)text.data, text.length);
    }
    sil_bytes_clear(&text);
    return json;
}

static json_t *exact(const mpq_t value)
{
    return json_of(aud_print_rational, value);
}

static json_t *decimal(const mpq_t value)
{
    return json_of(aud_print_decimal, value);
}

static json_t *hex_of(const uint8_t hash[AUD_HASH])
{
    char text[2 * AUD_HASH + 1];
    sil_hash_hex(text, hash);
    return json_string(text);
}

static json_t *id_of(const struct aud_id *id)
{
    char text[33];
    aud_id_print(text, id);
    return json_string(text);
}

/* What the statement says there itself: it is checked elsewhere. */
static json_t *as_said(const struct aud_case *item, const char *path)
{
    const json_t *said = aud_statement_at(item, path);
    return said == NULL ? json_true() : json_deep_copy(said);
}

/* ---- its parts ---- */

static json_t *subjects(const struct aud_release *release)
{
    json_t *list = json_array();
    for (size_t i = 0; i < release->n_artifacts; i++) {
        (void)json_array_append_new(
            list, json_pack("{s:s, s:{s:o}}", "name", release->artifact[i].name,
                            "digest", "sha256", hex_of(release->artifact[i].sha256)));
    }
    return list;
}

static json_t *artifact(const struct aud_release *release, const char *name)
{
    for (size_t i = 0; i < release->n_artifacts; i++) {
        if (strcmp(release->artifact[i].name, name) == 0) {
            return json_pack("{s:s, s:{s:o}}", "name", name, "digest", "sha256",
                             hex_of(release->artifact[i].sha256));
        }
    }
    return json_null(); /* such an entry was refuted before */
}

static const char *neighbours(const struct aud_ledger *ledger)
{
    return ledger->is_replace ? "replace-one" : "add-remove";
}

static json_t *cumulative(const struct aud_case *item)
{
    const struct aud_ledger *ledger = &item->ledger;
    mpq_t reserved;
    mpq_t delta;
    mpq_inits(reserved, delta, (mpq_ptr)NULL);
    aud_reserved_before(reserved, item);
    mpq_add(delta, ledger->report_delta.v, ledger->cap_delta.v);
    json_t *json =
        json_pack("{s:o, s:{s:o, s:o}, s:{s:o, s:o}}", "delta", decimal(delta),
                  "reserved", "rho", exact(reserved), "epsilon",
                  as_said(item, "predicate/claim/cumulative/reserved/epsilon"), "cap",
                  "rho", exact(ledger->cap.v), "epsilon",
                  as_said(item, "predicate/claim/cumulative/cap/epsilon"));
    mpq_clears(reserved, delta, (mpq_ptr)NULL);
    return json;
}

static json_t *unit(const struct aud_transcript *transcript)
{
    return transcript->is_people ? json_sprintf("id:%s:%" PRIu64, transcript->id_column,
                                                transcript->max_contrib)
                                 : json_string("row");
}

static json_t *claim(const struct aud_case *item)
{
    const struct aud_transcript *transcript = &item->transcript;
    mpq_t before;
    mpq_init(before);
    mpq_sub(before, transcript->reserved.v, transcript->cap.v);
    json_t *json = json_pack(
        "{s:o, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "unit", unit(transcript),
        "neighbours", neighbours(&item->ledger), "definition", "zCDP", "rho",
        exact(transcript->cap.v), "epsilon", decimal(transcript->epsilon.v), "delta",
        decimal(transcript->delta.v), "conversion",
        "Canonne, Kamath, Steinke 2020, proposition 12, every operation rounded "
        "outward",
        "spent_before", exact(before), "spent_after", exact(transcript->reserved.v),
        "cumulative", cumulative(item));
    mpq_clear(before);
    return json;
}

static json_t *place(const struct aud_case *item)
{
    const struct aud_ledger *ledger = &item->ledger;
    const uint64_t size = item->release->seq;
    char id[33];
    char origin[AUD_TEXT_MAX + 64];
    aud_id_print(id, &ledger->id);
    (void)snprintf(origin, sizeof origin, "%s/silhouette/%s", ledger->prefix, id);
    return json_pack(
        "{s:s, s:s, s:I, s:o, s:o, s:o}", "id", id, "origin", origin, "size",
        (json_int_t)size, "root", hex_of(ledger->tree.root[size].bytes), "reserve",
        id_of(&item->transcript.reserve), "release", id_of(&item->release->id));
}

/* The commitments that the ledger had made before the release. */
static json_t *table(const struct aud_ledger *ledger, uint64_t size)
{
    char id[33];
    json_t *commitments = json_array();
    aud_id_print(id, &ledger->id);
    for (size_t i = 0; i < ledger->n_commitments; i++) {
        if (ledger->commitment[i].seq < size) {
            (void)json_array_append_new(commitments,
                                        hex_of(ledger->commitment[i].hash));
        }
    }
    return json_pack("{s:s, s:s+, s:{s:s, s:o}}", "name", ledger->label, "uri",
                     URN "table/", id, "annotations", "commitment",
                     "keyed BLAKE2b-256, one of the ledger's", "commitments",
                     commitments);
}

static json_t *definition(const struct aud_case *item)
{
    const struct aud_transcript *transcript = &item->transcript;
    json_t *external =
        json_pack("{s:s, s:s, s:o, s:o, s:s, s:o}", "mechanism",
                  aud_method_name(transcript->method), "workload", transcript->workload,
                  "epsilon", exact(transcript->asked.v), "delta",
                  exact(transcript->delta.v), "neighbours", neighbours(&item->ledger),
                  "plan_sha256", hex_of(item->run->plan));
    return json_pack("{s:s, s:o, s:{s:I}, s:[o, o, o]}", "buildType",
                     URN "synthetic-rows/v1", "externalParameters", external,
                     "internalParameters", "replay", (json_int_t)transcript->replay,
                     "resolvedDependencies", table(&item->ledger, item->release->seq),
                     artifact(item->release, "schema.json"),
                     artifact(item->release, "transcript.sil"));
}

/* NULL: the rows are the model's as it is. */
static const json_t *order_of(const struct aud_case *item)
{
    return aud_statement_at(item, "predicate/rows/made_to_order");
}

/* What is said of the schema's rules: check R10 counts. */
static const json_t *rules_of(const struct aud_case *item)
{
    return aud_statement_at(item, "predicate/rows/rules");
}

static bool are_rules(const json_t *rules)
{
    static const char *const KEYS[] = {"declared", "rows_that_violate", "rows_redrawn",
                                       "rows_changed"};
    bool are = json_object_size(rules) == sizeof KEYS / sizeof KEYS[0];
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        const json_t *n = json_object_get(rules, KEYS[i]);
        are = are && json_is_integer(n) && json_integer_value(n) >= 0;
    }
    return are;
}

static json_t *rows_of(const struct aud_case *item)
{
    json_t *rows =
        json_pack("{s:o, s:o, s:o, s:o}", "n", as_said(item, "predicate/rows/n"),
                  "n_chosen_by", as_said(item, "predicate/rows/n_chosen_by"), "seed",
                  as_said(item, "predicate/rows/seed"), "seed_chosen_by",
                  as_said(item, "predicate/rows/seed_chosen_by"));
    if (order_of(item) != NULL) {
        (void)json_object_set_new(rows, "made_to_order",
                                  as_said(item, "predicate/rows/made_to_order"));
    }
    if (rules_of(item) != NULL) {
        (void)json_object_set_new(rows, "rules", as_said(item, "predicate/rows/rules"));
    }
    return rows;
}

static json_t *expected(const struct aud_case *item)
{
    int documents = order_of(item) != NULL ? DOCUMENTS_MADE : DOCUMENTS_PLAIN;
    json_t *details =
        json_pack("{s:{s:s}, s:{s:o}}", "builder", "id", URN "silhouette", "metadata",
                  "invocationId", id_of(&item->transcript.reserve));
    json_t *predicate =
        json_pack("{s:i, s:I, s:o, s:o, s:o, s:o, s:o}", "documents", documents,
                  "replay", (json_int_t)item->transcript.replay, "claim", claim(item),
                  "ledger", place(item), "rows", rows_of(item), "buildDefinition",
                  definition(item), "runDetails", details);
    return json_pack("{s:s, s:o, s:s, s:o}", "_type", "https://in-toto.io/Statement/v1",
                     "subject", subjects(item->release), "predicateType",
                     URN "silhouette-release/v1", "predicate", predicate);
}

/* ---- the first difference ---- */

static bool differs(char path[PATH_ROOM], json_t *said, json_t *wanted);

static void extend(char path[PATH_ROOM], size_t from, const char *format, ...)
    SIL_PRINTF(3, 4);

static void extend(char path[PATH_ROOM], size_t from, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(path + from, PATH_ROOM - from, format, arguments);
    va_end(arguments);
}

static bool members_differ(char path[PATH_ROOM], json_t *said, json_t *wanted)
{
    const char *key = NULL;
    json_t *member = NULL;
    size_t from = strlen(path);
    json_object_foreach(wanted, key, member)
    {
        extend(path, from, "/%s", key);
        if (differs(path, json_object_get(said, key), member)) {
            return true;
        }
    }
    json_object_foreach(said, key, member)
    {
        extend(path, from, "/%s", key);
        if (json_object_get(wanted, key) == NULL) {
            return true;
        }
    }
    path[from] = '\0';
    return false;
}

static bool elements_differ(char path[PATH_ROOM], json_t *said, json_t *wanted)
{
    size_t from = strlen(path);
    if (json_array_size(said) != json_array_size(wanted)) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        extend(path, from, "/%zu", i);
        if (differs(path, json_array_get(said, i), json_array_get(wanted, i))) {
            return true;
        }
    }
    path[from] = '\0';
    return false;
}

/* `path` then leads to what differs. */
static bool differs(char path[PATH_ROOM], json_t *said, json_t *wanted)
{
    if (said == NULL || json_typeof(said) != json_typeof(wanted)) {
        return true;
    }
    if (json_is_object(wanted)) {
        return members_differ(path, said, wanted);
    }
    return json_is_array(wanted) ? elements_differ(path, said, wanted)
                                 : json_equal(said, wanted) == 0;
}

/* ---- what could be chosen ---- */

static bool is_seed(const char *text)
{
    char again[24];
    uint64_t seed = 0;
    (void)sscanf(text, "%20" SCNu64, &seed);
    (void)snprintf(again, sizeof again, "%" PRIu64, seed);
    return strcmp(again, text) == 0;
}

bool aud_is_order(const json_t *order)
{
    const json_t *where = json_object_get(order, "where");
    const json_t *fair = json_object_get(order, "fair");
    const json_t *shares = json_object_get(order, "rebalance");
    bool is =
        json_object_size(order) == 3 && json_is_array(shares) &&
        json_array_size(shares) <= REBALANCED_MOST &&
        (json_is_string(where) || json_is_null(where)) &&
        (json_is_string(fair) || json_is_null(fair)) &&
        (json_is_string(where) || json_is_string(fair) || json_array_size(shares) > 0);
    for (size_t i = 0; i < json_array_size(shares); i++) {
        is = is && json_is_string(json_array_get(shares, i));
    }
    return is;
}

/* Of rows made to order the estimate counts those that are meant: at most all. */
static bool may_be_estimate(const struct aud_case *item, uint64_t n)
{
    mpq_t estimate;
    mpq_init(estimate);
    (void)aud_estimate_rows(estimate, &item->transcript);
    bool is_less = mpq_cmp_ui(estimate, n, 1) >= 0;
    mpq_clear(estimate);
    return aud_is_estimate(&item->transcript, n) || (order_of(item) != NULL && is_less);
}

/* A number of rows is the private estimate, or the operator's; a seed follows from the
 * transcript, or is the operator's. */
static const char *fault_of_choices(const struct aud_case *item, uint64_t n_records)
{
    const json_t *n = aud_statement_at(item, "predicate/rows/n");
    const char *n_by = aud_statement_text(item, "predicate/rows/n_chosen_by");
    const json_t *seed = aud_statement_at(item, "predicate/rows/seed");
    const char *seed_by = aud_statement_text(item, "predicate/rows/seed_chosen_by");
    bool is_estimate = strcmp(n_by, "private estimate") == 0;
    if (!json_is_integer(n) || json_integer_value(n) < 1) {
        return "/predicate/rows/n";
    }
    if (n_records != (uint64_t)json_integer_value(n) + 1) {
        return "/predicate/rows/n: data.csv has another number of rows";
    }
    if (!is_estimate && strcmp(n_by, "operator") != 0) {
        return "/predicate/rows/n_chosen_by";
    }
    if (order_of(item) != NULL && !aud_is_order(order_of(item))) {
        return "/predicate/rows/made_to_order";
    }
    if (rules_of(item) != NULL && !are_rules(rules_of(item))) {
        return "/predicate/rows/rules";
    }
    if (is_estimate && !may_be_estimate(item, (uint64_t)json_integer_value(n))) {
        return "/predicate/rows/n: the measurements estimate another number";
    }
    bool follows = json_is_null(seed) && strcmp(seed_by, "transcript") == 0;
    bool is_chosen = json_is_string(seed) && strcmp(seed_by, "operator") == 0 &&
                     is_seed(json_string_value(seed));
    return follows || is_chosen ? NULL : "/predicate/rows/seed";
}

sil_status aud_check_statement(struct aud_case *item, struct sil_error *err)
{
    char path[PATH_ROOM] = "";
    uint64_t n_records = 0;
    if (item->run == NULL) {
        return SIL_OK;
    }
    const json_t *documents = aud_statement_at(item, "predicate/documents");
    if (json_integer_value(documents) > DOCUMENTS_MADE) {
        aud_find(&item->findings, "R7", WHAT, AUD_INCONCLUSIVE,
                 "its documents are of a version that this program does not know");
        return SIL_OK;
    }
    /* What is wrong with the file itself was found before: then it has 0 records. */
    sil_status status = aud_folder_records(&n_records, &item->folder, "data.csv", err);
    if (aud_is_fault(status)) {
        return status;
    }
    json_t *wanted = expected(item);
    if (wanted == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a statement");
    }
    const char *fault = differs(path, item->statement, wanted)
                            ? path
                            : fault_of_choices(item, n_records);
    json_decref(wanted);
    aud_find(&item->findings, "R7", WHAT, fault == NULL ? AUD_HOLDS : AUD_REFUTED,
             "%s%s", fault == NULL ? "" : "statement.json says something else at ",
             fault == NULL ? "" : fault);
    return SIL_OK;
}
