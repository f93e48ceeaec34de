// SPDX-License-Identifier: Apache-2.0
/* The transcript against the ledger, and what is claimed against both. */
#include "audits/claim/contrasts.h"
#include "audits/claim/convert.h"
#include "audits/table/field.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    TRANSCRIPT_MAX = 1 << 30,
    REPLAY_NEWEST = 1,
    DOCUMENTS_NEWEST = 1,
    LINES_MAX = 2000
};

#define BUILD "predicate/buildDefinition/externalParameters/"

static const char STATEMENT_TYPE[] = "https://in-toto.io/Statement/v1";
static const char PREDICATE_TYPE[] =
    "urn:uuid:dd795cff-89fe-4e4a-8529-bc2e281a5ac2#silhouette-release/v1";

/* ---- the transcript and its run ---- */

static const struct aud_reserve *find_run(const struct aud_case *item)
{
    for (size_t i = 0; i < item->ledger.n_reserves; i++) {
        if (aud_id_equal(&item->ledger.reserve[i].id, &item->transcript.reserve)) {
            return &item->ledger.reserve[i];
        }
    }
    return NULL;
}

static bool cites(const struct aud_release *release, const struct aud_ledger *ledger,
                  const struct aud_reserve *run)
{
    bool does = false;
    for (size_t i = 0; i < release->n_reserves; i++) {
        does |= &ledger->reserve[release->reserve[i]] == run;
    }
    return does;
}

static bool has_hash(const uint8_t wanted[32], struct aud_bin data)
{
    uint8_t hash[32];
    const struct sil_part part = {data.data, data.length};
    sil_sha256(hash, &part, 1);
    return memcmp(hash, wanted, sizeof hash) == 0;
}

/* Line by line: mechanism, columns, sensitivity, parameter, cost. */
static bool is_line(const struct aud_left *left, const struct aud_line *line)
{
    bool is = (line->mechanism == AUD_EXPONENTIAL) == left->is_choice &&
              line->mechanism != AUD_THRESHOLD && line->n_attrs == left->n_attrs &&
              mpq_equal(line->sensitivity, left->sensitivity) != 0 &&
              mpq_equal(line->parameter, left->parameter) != 0 &&
              mpq_equal(line->rho, left->rho) != 0;
    for (size_t i = 0; i < left->n_attrs && is; i++) {
        is = line->attr[i] == left->attr[i];
    }
    return is;
}

static bool has_lines(const struct aud_case *item, const struct aud_reserve *run)
{
    size_t at = 0;
    const struct aud_ledger *ledger = &item->ledger;
    for (size_t i = 0; i < ledger->n_lines; i++) {
        if (&ledger->reserve[ledger->line[i].reserve] != run) {
            continue;
        }
        if (at == item->transcript.n_left ||
            !is_line(&item->transcript.left[at], &ledger->line[i])) {
            return false;
        }
        at++;
    }
    return at == item->transcript.n_left;
}

/* What all runs up to this one have reserved. */
static bool has_reserved(const struct aud_case *item, const struct aud_reserve *run)
{
    mpq_t sum;
    mpq_init(sum);
    for (size_t i = 0; i < item->ledger.n_reserves; i++) {
        if (item->ledger.reserve[i].seq <= run->seq) {
            mpq_add(sum, sum, item->ledger.reserve[i].rho.v);
        }
    }
    bool has = mpq_equal(sum, item->transcript.reserved.v) != 0;
    mpq_clear(sum);
    return has;
}

/* The rest of its stamp. */
static bool has_terms(const struct aud_transcript *transcript,
                      const struct aud_ledger *ledger)
{
    return aud_id_equal(&transcript->ledger, &ledger->id) &&
           mpq_equal(transcript->cap_rho.v, ledger->cap.v) != 0 &&
           mpq_equal(transcript->cap_delta.v, ledger->cap_delta.v) != 0 &&
           mpq_equal(transcript->report_delta.v, ledger->report_delta.v) != 0 &&
           strcmp(transcript->label, ledger->label) == 0 &&
           transcript->is_shared == ledger->is_shared;
}

static const char *fault_of_run(const struct aud_case *item,
                                const struct aud_reserve *run)
{
    const struct aud_transcript *transcript = &item->transcript;
    const struct aud_ledger *ledger = &item->ledger;
    const struct aud_bin whole = {item->transcript_bytes.data,
                                  item->transcript_bytes.length};
    if (item->release->n_reserves != 1 || !cites(item->release, ledger, run)) {
        return "the release cites another run, or more than this one";
    }
    if (!has_terms(transcript, ledger)) {
        return "it says another cap, delta, label or roles than the ledger";
    }
    if (run->n_measures == 0 || !has_hash(run->transcript, whole)) {
        return "the run had another transcript";
    }
    if (!has_hash(run->plan, transcript->plan)) {
        return "another plan was reserved for";
    }
    if (mpq_equal(run->rho.v, transcript->cap.v) == 0) {
        return "another budget was reserved";
    }
    if (transcript->is_replace != ledger->is_replace || ledger->is_people) {
        return "its unit or its neighbours are not the ledger's";
    }
    if (transcript->size != run->seq + 1 ||
        !aud_hash_equal(&transcript->root, &ledger->tree.root[run->seq + 1])) {
        return "it names another place in the ledger";
    }
    if (!has_reserved(item, run)) {
        return "it says another sum of what was reserved";
    }
    return has_lines(item, run) ? NULL
                                : "a mechanism or its cost was entered as another";
}

static sil_status check_schema(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "schema.json is the transcript's";
    struct sil_bytes bytes = {0};
    const struct aud_bin *schema = &item->transcript.schema;
    sil_status status =
        aud_folder_read(&bytes, &item->folder, "schema.json", schema->length, err);
    bool is = status == SIL_OK && bytes.length == schema->length &&
              memcmp(bytes.data, schema->data, bytes.length) == 0;
    sil_bytes_clear(&bytes);
    if (aud_is_fault(status)) {
        return status;
    }
    aud_find(&item->findings, "R7", WHAT, is ? AUD_HOLDS : AUD_REFUTED, "%s",
             is ? "" : "schema.json: missing, or another one");
    aud_find(
        &item->findings, "R7", "So do the documents for people", AUD_NOT_EXAMINED,
        "datasheet.json, datasheet.html, datapackage.json and VERIFY.txt are signed "
        "and not made again here: silhouette verify does");
    return SIL_OK;
}

static void check_run(struct aud_case *item)
{
    static const char WHAT[] = "The transcript is the run that the ledger paid for";
    const struct aud_reserve *run =
        item->transcript.is_ledgered ? find_run(item) : NULL;
    const char *fault =
        run == NULL ? "the ledger has no such run" : fault_of_run(item, run);
    item->has_run = fault == NULL;
    aud_find(&item->findings, "B5", WHAT, fault == NULL ? AUD_HOLDS : AUD_REFUTED,
             "%s%s",
             fault == NULL ? "" : "transcript.sil: ", fault == NULL ? "" : fault);
}

sil_status aud_check_transcript(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] =
        "The transcript is well formed, each cost by its formula";
    if (item->release == NULL) {
        return SIL_OK;
    }
    sil_status status = aud_folder_read(&item->transcript_bytes, &item->folder,
                                        "transcript.sil", TRANSCRIPT_MAX, err);
    if (status == SIL_OK) {
        const struct aud_bin bin = {item->transcript_bytes.data,
                                    item->transcript_bytes.length};
        item->has_transcript = true;
        status = aud_transcript_read(&item->transcript, bin, err);
    }
    if (aud_is_fault(status)) {
        return status;
    }
    if (status == SIL_OK && item->transcript.replay > REPLAY_NEWEST) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED, "a transcript of replay %" PRIu64,
                          item->transcript.replay);
    }
    aud_find_status(&item->findings, "F1", WHAT, status, err);
    if (status == SIL_OK) {
        check_run(item);
        return check_schema(item, err);
    }
    if (item->has_transcript) {
        aud_transcript_clear(&item->transcript);
        item->has_transcript = false;
    }
    return SIL_OK;
}

/* ---- what is claimed ---- */

static void check_conversion(struct aud_case *item, const char *what,
                             const mpq_t epsilon, const mpq_t rho, const mpq_t delta)
{
    mpfr_t low;
    mpfr_t high;
    if (mpq_sgn(rho) <= 0 || mpq_sgn(delta) <= 0 || mpq_cmp_ui(delta, 1, 1) >= 0) {
        aud_find(&item->findings, "B9", what, AUD_REFUTED, "no such rho or delta");
        return;
    }
    mpfr_inits2(128, low, high, (mpfr_ptr)NULL);
    aud_epsilon_of_rho(low, high, rho, delta);
    bool is = aud_check_epsilon(epsilon, rho, delta) == AUD_CONVERTS;
    aud_find(&item->findings, "B9", what, is ? AUD_HOLDS : AUD_REFUTED,
             "claimed %.9g; by Renyi orders %.9g", mpq_get_d(epsilon),
             mpfr_get_d(high, MPFR_RNDU));
    mpfr_clears(low, high, (mpfr_ptr)NULL);
}

/* "p/q", or a decimal, perhaps with an exponent; false: neither. */
static bool parse_number(mpq_t out, const char *text)
{
    if (strchr(text, '/') == NULL) {
        return aud_parse_value(out, AUD_NUMBER, '.', text);
    }
    bool is = strspn(text, "0123456789/") == strlen(text) &&
              mpq_set_str(out, text, 10) == 0 && mpz_sgn(mpq_denref(out)) != 0;
    if (is) {
        mpq_canonicalize(out);
    }
    return is;
}

/* Does the statement say this rational, exactly? */
static bool says(const struct aud_case *item, const char *path, const mpq_t value)
{
    mpq_t said;
    mpq_init(said);
    bool is = parse_number(said, aud_statement_text(item, path)) &&
              mpq_equal(said, value) != 0;
    mpq_clear(said);
    return is;
}

static bool says_text(const struct aud_case *item, const char *path, const char *text)
{
    return strcmp(aud_statement_text(item, path), text) == 0;
}

static bool says_id(const struct aud_case *item, const char *path,
                    const struct aud_id *id)
{
    char text[33];
    aud_id_print(text, id);
    return says_text(item, path, text);
}

static bool says_hash(const struct aud_case *item, const char *path,
                      const uint8_t hash[AUD_HASH])
{
    char text[2 * AUD_HASH + 1];
    sil_hash_hex(text, hash);
    return says_text(item, path, text);
}

/* What was reserved in the entries that the statement is about: all before its own. */
static void reserved_before(mpq_t sum, const struct aud_case *item)
{
    mpq_set_ui(sum, 0, 1);
    for (size_t i = 0; i < item->ledger.n_reserves; i++) {
        if (item->ledger.reserve[i].seq < item->release->seq) {
            mpq_add(sum, sum, item->ledger.reserve[i].rho.v);
        }
    }
}

/* The first figure that is not what ledger and transcript say; NULL: all are. */
static const char *fault_of_figures(const struct aud_case *item)
{
    const struct aud_ledger *ledger = &item->ledger;
    const struct aud_transcript *transcript = &item->transcript;
    mpq_t before;
    mpq_t reserved;
    mpq_t delta;
    mpq_inits(before, reserved, delta, (mpq_ptr)NULL);
    mpq_sub(before, transcript->reserved.v, transcript->cap.v);
    reserved_before(reserved, item);
    mpq_add(delta, ledger->report_delta.v, ledger->cap_delta.v);

    const struct figure {
        const char *path;
        mpq_srcptr value;
    } figures[] = {
        {"predicate/claim/rho",                     transcript->cap.v     },
        {"predicate/claim/delta",                   transcript->delta.v   },
        {"predicate/claim/spent_before",            before                },
        {"predicate/claim/spent_after",             transcript->reserved.v},
        {BUILD "epsilon",                           transcript->asked.v   },
        {BUILD "delta",                             transcript->delta.v   },
        {"predicate/claim/cumulative/delta",        delta                 },
        {"predicate/claim/cumulative/reserved/rho", reserved              },
        {"predicate/claim/cumulative/cap/rho",      ledger->cap.v         },
    };

    const char *fault = NULL;
    for (size_t i = 0; i < sizeof figures / sizeof figures[0] && fault == NULL; i++) {
        fault = says(item, figures[i].path, figures[i].value) ? NULL : figures[i].path;
    }
    mpq_clears(before, reserved, delta, (mpq_ptr)NULL);
    return fault;
}

/* The same of words, ids and hashes. */
static const char *fault_of_words(const struct aud_case *item)
{
    const struct aud_ledger *ledger = &item->ledger;
    const uint64_t size = item->release->seq;
    const json_t *said = aud_statement_at(item, "predicate/ledger/size");
    char id[33];
    char origin[AUD_TEXT_MAX + 64];
    aud_id_print(id, &ledger->id);
    (void)snprintf(origin, sizeof origin, "%s/silhouette/%s", ledger->prefix, id);

    const struct word {
        const char *path;
        bool is;
    } words[] = {
        {"_type",                      says_text(item,                          "_type",                      STATEMENT_TYPE)                          },
        {"predicateType",              says_text(item,                          "predicateType",              PREDICATE_TYPE)                          },
        {"predicate/claim/unit",       says_text(item,                          "predicate/claim/unit",       "row")                                   },
        {"predicate/claim/definition",
         says_text(item,                                                        "predicate/claim/definition", "zCDP")                                  },
        {"predicate/claim/neighbours",
         says_text(item,                                                        "predicate/claim/neighbours",
         ledger->is_replace ? "replace-one" : "add-remove")                                                                                            },
        {BUILD "neighbours",
         says_text(item,                                                        BUILD "neighbours",
         ledger->is_replace ? "replace-one" : "add-remove")                                                                                            },
        {BUILD "mechanism",
         says_text(item,                                                        BUILD "mechanism",            aud_method_name(item->transcript.method))},
        {BUILD "workload",
         says_text(item,                                                        BUILD "workload",             item->transcript.workload)               },
        {BUILD "plan_sha256",
         says_hash(item,                                                        BUILD "plan_sha256",          find_run(item)->plan)                    },
        {"predicate/ledger/id",        says_text(item,                          "predicate/ledger/id",        id)                                      },
        {"predicate/ledger/origin",    says_text(item,                          "predicate/ledger/origin",    origin)                                  },
        {"predicate/ledger/size",
         json_is_integer(said) && json_integer_value(said) == (json_int_t)size},
        {"predicate/ledger/root",
         says_hash(item,              "predicate/ledger/root",                             ledger->tree.root[size].bytes)                                               },
        {"predicate/ledger/reserve",
         says_id(item,               "predicate/ledger/reserve", &item->transcript.reserve)},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!words[i].is) {
            return words[i].path;
        }
    }
    return NULL;
}

/* Its subjects are the release's artifacts, in order. */
static const char *fault_of_subjects(const struct aud_case *item)
{
    const json_t *subjects = aud_statement_at(item, "subject");
    bool is = json_array_size(subjects) == item->release->n_artifacts;
    for (size_t i = 0; i < item->release->n_artifacts && is; i++) {
        const struct aud_artifact *artifact = &item->release->artifact[i];
        const json_t *subject = json_array_get(subjects, i);
        const char *name = json_string_value(json_object_get(subject, "name"));
        const char *sha256 = json_string_value(
            json_object_get(json_object_get(subject, "digest"), "sha256"));
        char hex[65];
        sil_hash_hex(hex, artifact->sha256);
        is = name != NULL && sha256 != NULL && strcmp(name, artifact->name) == 0 &&
             strcmp(sha256, hex) == 0;
    }
    return is ? NULL : "subject";
}

static void check_statement(struct aud_case *item)
{
    static const char WHAT[] = "The statement repeats what ledger and transcript say";
    const json_t *documents = aud_statement_at(item, "predicate/documents");
    const json_t *replay = aud_statement_at(item, "predicate/replay");
    if (json_integer_value(documents) > DOCUMENTS_NEWEST) {
        aud_find(&item->findings, "R7", WHAT, AUD_INCONCLUSIVE,
                 "its documents are of a version that this program does not know");
        return;
    }
    const char *fault = fault_of_figures(item);
    fault = fault != NULL ? fault : fault_of_words(item);
    fault = fault != NULL ? fault : fault_of_subjects(item);
    if (fault == NULL &&
        (json_integer_value(documents) != DOCUMENTS_NEWEST ||
         json_integer_value(replay) != (json_int_t)item->transcript.replay)) {
        fault = "predicate/documents or predicate/replay";
    }
    aud_find(&item->findings, "R7", WHAT, fault == NULL ? AUD_HOLDS : AUD_REFUTED,
             "%s%s", fault == NULL ? "" : "statement.json says something else at ",
             fault == NULL ? "" : fault);
}

/* Epsilon as the statement prints it; its delta was compared. */
static void check_printed(struct aud_case *item, const char *what, const char *at,
                          const mpq_t rho, const mpq_t delta)
{
    mpq_t epsilon;
    mpq_init(epsilon);
    if (parse_number(epsilon, aud_statement_text(item, at))) {
        check_conversion(item, what, epsilon, rho, delta);
    } else {
        aud_find(&item->findings, "R7", what, AUD_REFUTED, "statement.json: no %s", at);
    }
    mpq_clear(epsilon);
}

sil_status aud_check_claim(struct aud_case *item, struct sil_error *err)
{
    const struct aud_transcript *transcript = &item->transcript;
    const struct aud_ledger *ledger = &item->ledger;
    (void)err;
    if (!item->has_run) {
        return SIL_OK;
    }
    check_statement(item);
    check_conversion(item, "The run's epsilon follows from its rho",
                     transcript->epsilon.v, transcript->cap.v, transcript->delta.v);
    check_printed(item, "The epsilon that is printed for the run does",
                  "predicate/claim/epsilon", transcript->cap.v, transcript->delta.v);
    mpq_t reserved;
    mpq_init(reserved);
    reserved_before(reserved, item);
    check_printed(item, "The epsilon that is printed for all runs so far does",
                  "predicate/claim/cumulative/reserved/epsilon", reserved,
                  ledger->report_delta.v);
    mpq_clear(reserved);
    check_printed(item, "The epsilon that is printed for the whole ledger does",
                  "predicate/claim/cumulative/cap/epsilon", ledger->cap.v,
                  ledger->report_delta.v);
    return SIL_OK;
}

/* ---- the noise, without the data ---- */

sil_status aud_check_noise(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] = "Noisy marginals disagree as the noise must";
    struct aud_contrasts contrasts;
    if (!item->has_run) {
        return SIL_OK;
    }
    if (item->transcript.n_left > LINES_MAX) {
        aud_find(&item->findings, "N1", WHAT, AUD_NOT_EXAMINED,
                 "more than %d lines, which is more than this check compares",
                 LINES_MAX);
        return SIL_OK;
    }
    sil_status status = aud_contrasts_find(&contrasts, &item->transcript, err);
    if (aud_is_fault(status)) {
        return status;
    }
    if (status != SIL_OK) {
        aud_find_status(&item->findings, "N1", WHAT, status, err);
        return SIL_OK;
    }
    if (contrasts.df < 1) {
        aud_find(&item->findings, "N1", WHAT, AUD_NOT_EXAMINED,
                 "no two marginals measure the same");
        return SIL_OK;
    }
    bool is_odd = contrasts.p < AUD_CONTRAST_LEVEL;
    aud_find(
        &item->findings, "N1", WHAT, is_odd ? AUD_INCONCLUSIVE : AUD_HOLDS,
        "%s%.3g times the claimed noise over %.0f degrees of freedom, p = %.2g; noise "
        "%.2f times too small would have been seen (power 0.99); finds defects, not "
        "liars",
        is_odd ? "noise looks too small: " : "", 1 / contrasts.ratio, contrasts.df,
        contrasts.p, contrasts.seen);
    aud_find_p(&item->findings, contrasts.p);
    return SIL_OK;
}
