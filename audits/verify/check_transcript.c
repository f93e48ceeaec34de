// SPDX-License-Identifier: Apache-2.0
/* The transcript against the ledger. */
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <string.h>

enum { TRANSCRIPT_MAX = 1 << 30, REPLAY_NEWEST = 3 };

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

static bool is_discovery(const struct aud_discovery *found, const struct aud_line *line)
{
    return line->mechanism == AUD_THRESHOLD && line->n_attrs == 1 &&
           line->attr[0] == found->attr &&
           mpq_equal(line->sensitivity, found->sensitivity) != 0 &&
           mpq_equal(line->parameter, found->parameter) != 0 &&
           mpq_equal(line->rho, found->rho) != 0 &&
           mpq_equal(line->delta, found->delta) != 0 &&
           mpq_equal(line->threshold, found->threshold) != 0;
}

static bool is_level(const struct aud_level *level, const struct aud_line *line)
{
    return line->mechanism != AUD_THRESHOLD && line->mechanism != AUD_EXPONENTIAL &&
           line->n_attrs == 1 && line->attr[0] == level->attr &&
           mpq_equal(line->sensitivity, level->sensitivity) != 0 &&
           mpq_equal(line->parameter, level->parameter) != 0 &&
           mpq_equal(line->rho, level->rho) != 0;
}

/* The discoveries come first, then what bins were learnt from. */
static bool is_line_at(const struct aud_transcript *transcript, size_t at,
                       const struct aud_line *line)
{
    if (at < transcript->n_found) {
        return is_discovery(&transcript->found[at], line);
    }
    at -= transcript->n_found;
    return at < transcript->n_levels
               ? is_level(&transcript->level[at], line)
               : is_line(&transcript->left[at - transcript->n_levels], line);
}

static bool has_lines(const struct aud_case *item, const struct aud_reserve *run)
{
    size_t at = 0;
    const struct aud_ledger *ledger = &item->ledger;
    size_t n =
        item->transcript.n_found + item->transcript.n_levels + item->transcript.n_left;
    for (size_t i = 0; i < ledger->n_lines; i++) {
        if (&ledger->reserve[ledger->line[i].reserve] != run) {
            continue;
        }
        if (at == n || !is_line_at(&item->transcript, at, &ledger->line[i])) {
            return false;
        }
        at++;
    }
    return at == n;
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
    if (mpq_equal(run->delta.v, transcript->discovery.v) == 0) {
        return "another delta was reserved for discovery";
    }
    if (transcript->is_replace != ledger->is_replace ||
        transcript->max_contrib != ledger->max_contrib ||
        strcmp(transcript->id_column, ledger->id_column) != 0) {
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
        "datasheet.json, datasheet.html, VERIFY.txt and the words of datapackage.json are "
        "signed and not made again here: silhouette verify does");
    return SIL_OK;
}

static void check_run(struct aud_case *item)
{
    static const char WHAT[] = "The transcript is the run that the ledger paid for";
    const struct aud_reserve *run =
        item->transcript.is_ledgered ? find_run(item) : NULL;
    const char *fault =
        run == NULL ? "the ledger has no such run" : fault_of_run(item, run);
    item->run = fault == NULL ? run : NULL;
    aud_find(&item->findings, "B5", WHAT, fault == NULL ? AUD_HOLDS : AUD_REFUTED,
             "%s%s",
             fault == NULL ? "" : "transcript.sil: ", fault == NULL ? "" : fault);
}

static sil_status read_file(struct aud_case *item, struct sil_error *err)
{
    static const char NAME[] = "transcript.sil";
    uint64_t size = 0;
    sil_status status = aud_folder_size(&size, &item->folder, NAME, err);
    if (status == SIL_OK && size > TRANSCRIPT_MAX) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED, "%s: larger than this program reads",
                        NAME);
    }
    return status == SIL_OK ? aud_folder_read(&item->transcript_bytes, &item->folder,
                                              NAME, TRANSCRIPT_MAX, err)
                            : status;
}

sil_status aud_check_transcript(struct aud_case *item, struct sil_error *err)
{
    static const char WHAT[] =
        "The transcript is well formed, each cost by its formula";
    if (item->release == NULL) {
        return SIL_OK;
    }
    sil_status status = read_file(item, err);
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
