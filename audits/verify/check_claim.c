// SPDX-License-Identifier: Apache-2.0
/* The transcript against the ledger, and what is claimed against both. */
#include "audits/claim/contrasts.h"
#include "audits/claim/convert.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { TRANSCRIPT_MAX = 1 << 30, REPLAY_NEWEST = 1 };

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

static const char *fault_of_run(const struct aud_case *item,
                                const struct aud_reserve *run)
{
    const struct aud_transcript *transcript = &item->transcript;
    const struct aud_ledger *ledger = &item->ledger;
    const struct aud_bin whole = {item->transcript_bytes.data,
                                  item->transcript_bytes.length};
    if (!cites(item->release, ledger, run)) {
        return "the release does not cite the transcript's run";
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

static void check_run(struct aud_case *item)
{
    static const char WHAT[] = "The transcript is the run that the ledger paid for";
    const struct aud_reserve *run =
        item->transcript.is_ledgered ? find_run(item) : NULL;
    const char *fault =
        run == NULL ? "the ledger has no such run" : fault_of_run(item, run);
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
    } else if (item->has_transcript) {
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

/* "p/q", or a decimal; false: neither. */
static bool parse_number(mpq_t out, const char *text)
{
    const char *point = strchr(text, '.');
    char digits[256];
    size_t n = strlen(text);
    if (n == 0 || n >= sizeof digits || strspn(text, "0123456789./") != n) {
        return false;
    }
    (void)strcpy(digits, text);
    size_t places = 0;
    if (point != NULL) {
        places = n - (size_t)(point - text) - 1;
        (void)memmove(digits + (point - text), point + 1, places + 1);
    }
    if (mpq_set_str(out, digits, 10) != 0 || mpz_sgn(mpq_denref(out)) == 0) {
        return false;
    }
    mpz_t ten;
    mpz_init(ten);
    mpz_ui_pow_ui(ten, 10, places);
    mpz_mul(mpq_denref(out), mpq_denref(out), ten);
    mpq_canonicalize(out);
    mpz_clear(ten);
    return true;
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

/* A copy of the claim that is not what ledger and transcript say. */
static const char *fault_of_statement(const struct aud_case *item)
{
    const struct aud_ledger *ledger = &item->ledger;
    const struct aud_transcript *transcript = &item->transcript;
    const struct aud_reserve *run = find_run(item);
    const char *fault = NULL;
    mpq_t before;
    if (run == NULL) {
        return "it has no run";
    }
    mpq_init(before);
    mpq_sub(before, transcript->reserved.v, run->rho.v);
    if (!says(item, "predicate/claim/rho", run->rho.v)) {
        fault = "rho";
    } else if (!says(item, "predicate/claim/spent_before", before)) {
        fault = "spent_before";
    } else if (!says(item, "predicate/claim/spent_after", transcript->reserved.v)) {
        fault = "spent_after";
    } else if (!says(item, "predicate/claim/cumulative/cap/rho", ledger->cap.v)) {
        fault = "the cap";
    } else if (strcmp(aud_statement_text(item, "predicate/claim/neighbours"),
                      ledger->is_replace ? "replace-one" : "add-remove") != 0) {
        fault = "the neighbours";
    } else if (strcmp(aud_statement_text(item, "predicate/claim/unit"), "row") != 0) {
        fault = "the unit";
    }
    mpq_clear(before);
    return fault;
}

/* Epsilon as the statement prints it, at the delta that it prints. */
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
    if (!item->has_transcript) {
        return SIL_OK;
    }
    const char *fault = fault_of_statement(item);
    aud_find(&item->findings, "R7", "The statement repeats what the ledger says",
             fault == NULL ? AUD_HOLDS : AUD_REFUTED, "%s%s",
             fault == NULL ? "" : "statement.json says another value of ",
             fault == NULL ? "" : fault);
    check_conversion(item, "The run's epsilon follows from its rho",
                     transcript->epsilon.v, transcript->cap.v, transcript->delta.v);
    check_printed(item, "The epsilon that is printed for the run does",
                  "predicate/claim/epsilon", transcript->cap.v, transcript->delta.v);
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
    if (!item->has_transcript) {
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
    return SIL_OK;
}
