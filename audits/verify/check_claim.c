// SPDX-License-Identifier: Apache-2.0
/* Epsilon of what was reserved, and noise of what was measured: without the data. */
#include "audits/claim/contrasts.h"
#include "audits/claim/convert.h"
#include "audits/stats/bounds.h"
#include "audits/table/field.h"
#include "audits/verify/evidence.h"

#include <math.h>
#include <string.h>

enum { LINES_MAX = 2000 };

/* Relative: what a double loses on the way. */
static const double HOCKEY_SLACK = 1e-9;

/* ---- epsilon ---- */

static void check_conversion(struct aud_case *item, const char *what,
                             const mpq_t epsilon, const mpq_t rho, const mpq_t delta)
{
    mpfr_t low;
    mpfr_t high;
    if (mpq_sgn(rho) <= 0 || mpq_sgn(delta) <= 0 || mpq_cmp_ui(delta, 1, 1) >= 0) {
        aud_find(&item->findings, "B9", what, AUD_REFUTED, "no such rho or delta");
        return;
    }
    mpfr_inits2(192, low, high, (mpfr_ptr)NULL);
    aud_epsilon_of_rho(low, high, rho, delta);
    bool is = aud_check_epsilon(epsilon, low) == AUD_CONVERTS;
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

/* What was reserved in the entries that the statement is about: all before its own. */
void aud_reserved_before(mpq_t sum, const struct aud_case *item)
{
    mpq_set_ui(sum, 0, 1);
    for (size_t i = 0; i < item->ledger.n_reserves; i++) {
        if (item->ledger.reserve[i].seq < item->release->seq) {
            mpq_add(sum, sum, item->ledger.reserve[i].rho.v);
        }
    }
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

/* Noise whose variances were fixed in advance is one Gaussian mechanism, of which the
 * trade-off is known exactly: mu^2 is the sum of D^2 / sigma^2, also where a later
 * measurement was chosen by earlier results. Rounding comes after the noise. Source  Dong,
 * Roth, Su 2022, theorem 4 and corollaries 1 and 2. */
static void check_hockey_stick(struct aud_case *item)
{
    static const char WHAT[] =
        "It covers the exact divergence of noise fixed in advance";
    const struct aud_transcript *transcript = &item->transcript;
    if (transcript->method != AUD_INDEPENDENT) {
        const char *why =
            transcript->method == AUD_MST
                ? "the pairs were chosen privately: of choices this program "
                  "composes rho only"
                : "how much noise a round has depends on what was seen "
                  "before: rho composes so, a divergence does not";
        aud_find(&item->findings, "B9", WHAT, AUD_NOT_EXAMINED, "%s", why);
        return;
    }
    double mu = sqrt(2 * mpq_get_d(transcript->spent.v));
    double exact = aud_gdp_epsilon(mu, mpq_get_d(transcript->zcdp_delta));
    bool is = mpq_get_d(transcript->epsilon.v) >= exact * (1 - HOCKEY_SLACK);
    aud_find(
        &item->findings, "B9", WHAT, is ? AUD_HOLDS : AUD_REFUTED,
        "claimed %.9g; the run is exactly %.6g-GDP, and so epsilon %.6g at this delta",
        mpq_get_d(transcript->epsilon.v), mu, exact);
}

sil_status aud_check_claim(struct aud_case *item, struct sil_error *err)
{
    const struct aud_transcript *transcript = &item->transcript;
    const struct aud_ledger *ledger = &item->ledger;
    (void)err;
    if (item->run == NULL) {
        return SIL_OK;
    }
    check_conversion(item, "The run's epsilon follows from its rho",
                     transcript->epsilon.v, transcript->cap.v, transcript->zcdp_delta);
    check_printed(item, "The epsilon that is printed for the run does",
                  "predicate/claim/epsilon", transcript->cap.v, transcript->zcdp_delta);
    check_hockey_stick(item);
    mpq_t reserved;
    mpq_init(reserved);
    aud_reserved_before(reserved, item);
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
    if (item->run == NULL) {
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
    if (contrasts.df < AUD_CONTRAST_DF) {
        aud_find(&item->findings, "N1", WHAT, AUD_NOT_EXAMINED,
                 contrasts.df < 1 ? "no two marginals measure the same"
                                  : "two marginals measure a single number twice: too "
                                    "little to tell noise by");
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
