// SPDX-License-Identifier: Apache-2.0
#include "synth/release.h"

#include "base/fail.h"
#include "base/memory.h"
#include "num/rational.h"
#include "privacy/cost.h"
#include "privacy/gauss.h"

#include <string.h>

static const char GAUSSIAN[] = "rounded-gaussian";
static const char EXPONENTIAL[] = "exponential";

/* Values of a line; how many more there are where marginals can be grouped. */
enum { LINE_VALUES = 8, MORE_OF_MEASURE = 1, MORE_OF_SELECT = 4, LARGEST_SHIFT = 16 };

static const unsigned long LARGEST_SIGMA2 = 1000000000000;
static const uint64_t LARGEST_WEIGHT = (uint64_t)1 << 20;
static const uint64_t LARGEST_PENALTY = (uint64_t)1 << 62;

/* Does the mechanism measure groups? Its lines then tell of each marginal how it is
 * grouped, and of each selection how it was scored. */
static bool has_groups(const struct sil_terms *terms)
{
    return terms->mechanism == SIL_MOSAIC;
}

sil_status sil_put_rational(struct sil_bytes *out, const mpq_t value,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    SIL_TRY(sil_rational_print(&text, value, err));
    SIL_TRY(sil_bytes_append(&text, "", 1, err));
    SIL_TRY(sil_mp_put_str(out, (const char *)text.data, err));
cleanup:
    sil_bytes_clear(&text);
    return status;
}

sil_status sil_next_rational(mpq_t out, struct sil_mp_array *array, const char *what,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes again = {0};
    char copy[SIL_RATIONAL_MAX + 1];
    const char *text = NULL;
    size_t length = 0;

    SIL_TRY(sil_mp_next_str(&text, &length, array, what, err));
    if (length > SIL_RATIONAL_MAX) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s: %s has too many digits", array->what,
                          what);
        goto cleanup;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    SIL_TRY(sil_rational_parse(out, copy, 1, what, err));
    SIL_TRY(sil_rational_print(&again, out, err));
    if (mpq_sgn(out) < 0 || again.length != length ||
        memcmp(again.data, text, length) != 0) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s: %s is not in lowest terms \"p/q\"",
                          array->what, what);
    }
cleanup:
    sil_bytes_clear(&again);
    return status;
}

sil_status sil_next_word(bool *equal, struct sil_mp_array *array, const char *word,
                         const char *what, struct sil_error *err)
{
    const char *text = NULL;
    size_t length = 0;
    sil_status status = sil_mp_next_str(&text, &length, array, what, err);
    if (status == SIL_OK) {
        *equal = length == strlen(word) && memcmp(text, word, length) == 0;
    }
    return status;
}

static sil_status put_uint_rational(struct sil_bytes *out, uint64_t value,
                                    struct sil_error *err)
{
    mpq_t rational;
    mpq_init(rational);
    mpq_set_ui(rational, value, 1);
    sil_status status = sil_put_rational(out, rational, err);
    mpq_clear(rational);
    return status;
}

static sil_status put_measure(struct sil_bytes *out, const struct sil_release *release,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_uint(out, release->shift, err));
    SIL_TRY(sil_mp_put_i64s(out, release->noisy, release->n_cells, err));
cleanup:
    return status;
}

static sil_status put_select(struct sil_bytes *out, const struct sil_release *release,
                             const struct sil_terms *terms, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_uint(out, release->n_candidates, err));
    SIL_TRY(sil_mp_put_uint(out, release->chosen, err));
    if (has_groups(terms)) {
        SIL_TRY(sil_mp_put_uint(out, release->weight, err));
        SIL_TRY(sil_mp_put_uint(out, (uint64_t)release->penalty, err));
        SIL_TRY(sil_mp_put_uint(out, SIL_SCORE_BITS, err));
    }
cleanup:
    return status;
}

/* The variance of noise, or the parameter of a choice, squared. */
static sil_status put_parameter(struct sil_bytes *out,
                                const struct sil_release *release,
                                struct sil_error *err)
{
    if (release->kind == SIL_RELEASE_MEASURE) {
        return sil_put_rational(out, release->sigma2.v, err);
    }
    mpq_t squared;
    mpq_init(squared);
    mpq_mul(squared, release->epsilon.v, release->epsilon.v);
    sil_status status = sil_put_rational(out, squared, err);
    mpq_clear(squared);
    return status;
}

static uint32_t line_values(const struct sil_terms *terms, bool measures)
{
    uint32_t more = measures ? MORE_OF_MEASURE : MORE_OF_SELECT;
    return LINE_VALUES + (has_groups(terms) ? more : 0);
}

sil_status sil_put_release(struct sil_bytes *out, const struct sil_release *release,
                           const struct sil_terms *terms, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool measures = release->kind == SIL_RELEASE_MEASURE;
    if (release->of != NULL && !has_groups(terms)) {
        return sil_fail(err, SIL_ERR_INTERNAL,
                        "a marginal of groups by a mechanism that has none");
    }
    SIL_TRY(sil_mp_put_array(out, line_values(terms, measures), err));
    SIL_TRY(sil_mp_put_str(out, measures ? GAUSSIAN : EXPONENTIAL, err));
    SIL_TRY(sil_put_clique(out, &release->clique, err));
    SIL_TRY(put_uint_rational(out, release->sensitivity, err));
    SIL_TRY(put_parameter(out, release, err));
    SIL_TRY(sil_put_rational(out, release->rho.v, err));
    SIL_TRY(put_uint_rational(out, 0, err));
    if (has_groups(terms)) {
        SIL_TRY(sil_put_groupings(out, release->of, release->clique.n, err));
    }
    SIL_TRY(measures ? put_measure(out, release, err)
                     : put_select(out, release, terms, err));
cleanup:
    return status;
}

/* ---- reading ---- */

static sil_status contradiction(struct sil_error *err, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "a release contradicts itself: %s", what);
}

static sil_status next_kind(struct sil_release *out, struct sil_mp_array *line,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_gaussian = false;
    bool is_exponential = false;
    SIL_TRY(sil_next_word(&is_gaussian, line, GAUSSIAN, "the mechanism", err));
    line->next--;
    SIL_TRY(sil_next_word(&is_exponential, line, EXPONENTIAL, "the mechanism", err));
    if (!is_gaussian && !is_exponential) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED,
                          "a release by a mechanism that this version does not know");
        goto cleanup;
    }
    out->kind = is_gaussian ? SIL_RELEASE_MEASURE : SIL_RELEASE_SELECT;
cleanup:
    return status;
}

static sil_status next_sensitivity(struct sil_release *out, struct sil_mp_array *line,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t value;
    mpq_init(value);
    SIL_TRY(sil_next_rational(value, line, "the sensitivity", err));
    if (mpz_cmp_ui(mpq_denref(value), 1) != 0 || mpq_sgn(value) == 0 ||
        !mpz_fits_ulong_p(mpq_numref(value))) {
        status = contradiction(err, "its sensitivity is not a positive integer");
        goto cleanup;
    }
    out->sensitivity = mpz_get_ui(mpq_numref(value));
cleanup:
    mpq_clear(value);
    return status;
}

/* The gate draws noise of no other variance: 2^-40 to 10^12. */
static bool is_drawn(const struct sil_sigma2 *sigma2)
{
    mpq_t least;
    mpq_init(least);
    mpq_set_ui(least, 1, 1);
    mpq_div_2exp(least, least, 40);
    bool is_large = mpq_cmp(sigma2->v, least) >= 0;
    mpq_clear(least);
    return is_large && mpq_cmp_ui(sigma2->v, LARGEST_SIGMA2, 1) <= 0;
}

static sil_status next_measure(struct sil_release *out, struct sil_mp_array *line,
                               const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t shift = 0;
    uint64_t cells = sil_clique_cells(domain, &out->clique);
    if (cells > SIL_WORKLOAD_CELLS_MAX) {
        return contradiction(err, "its marginal has too many cells");
    }
    if (out->of != NULL) {
        cells = sil_grouped_cells(out->of, out->clique.n);
    }
    if (!is_drawn(&out->sigma2)) {
        return contradiction(err, "no noise has its variance");
    }
    SIL_TRY(sil_mp_next_uint(&shift, line, LARGEST_SHIFT, "the shift", err));
    if (shift != sil_gauss_shift_of(&out->sigma2)) {
        return contradiction(err, "its shift does not follow from its variance");
    }
    out->shift = (unsigned)shift;
    out->n_cells = cells;
    SIL_TRY(sil_alloc(&out->noisy, cells, sizeof *out->noisy, "a transcript", err));
    SIL_TRY(sil_mp_next_i64s(out->noisy, cells, line, "the noisy counts", err));
cleanup:
    return status;
}

/* 2^b D1, what a weight of 1 makes of the sensitivity of a score. */
static uint64_t score_unit(const struct sil_terms *terms)
{
    return sil_terms_sensitivity(terms) << SIL_SCORE_BITS;
}

/* That times a weight which a candidate can have; of pairs in mst it is 1. */
static bool is_score_sensitivity(const struct sil_release *release,
                                 const struct sil_terms *terms)
{
    uint64_t unit = score_unit(terms);
    uint64_t weight = release->sensitivity / unit;
    bool is_weighted = terms->mechanism == SIL_AIM || terms->mechanism == SIL_MOSAIC;
    uint64_t largest = is_weighted ? LARGEST_WEIGHT : 1;
    return release->sensitivity % unit == 0 && weight >= 1 && weight <= largest;
}

/* How the one chosen was scored: its weight is one of those that the sensitivity is for. */
static sil_status next_score(struct sil_release *out, struct sil_mp_array *line,
                             const struct sil_terms *terms, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t most = out->sensitivity / score_unit(terms);
    uint64_t weight = 0;
    uint64_t penalty = 0;
    uint64_t bits = 0;
    SIL_TRY(sil_mp_next_uint(&weight, line, LARGEST_WEIGHT, "the weight", err));
    SIL_TRY(sil_mp_next_uint(&penalty, line, LARGEST_PENALTY, "the penalty", err));
    SIL_TRY(sil_mp_next_uint(&bits, line, UINT32_MAX, "the bits of a score", err));
    if (weight == 0 || weight > most) {
        return contradiction(err, "its weight is not one that its sensitivity covers");
    }
    if (bits != SIL_SCORE_BITS) {
        return contradiction(err, "its score is in other units than a gate's");
    }
    out->weight = (uint32_t)weight;
    out->penalty = (int64_t)penalty;
cleanup:
    return status;
}

static sil_status next_select(struct sil_release *out, struct sil_mp_array *line,
                              const struct sil_terms *terms, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t n = 0;
    uint64_t chosen = 0;
    SIL_TRY(sil_mp_next_uint(&n, line, UINT32_MAX, "the number of candidates", err));
    SIL_TRY(sil_mp_next_uint(&chosen, line, UINT32_MAX, "the choice", err));
    if (chosen >= n) {
        return contradiction(err, "its choice is not a candidate");
    }
    out->n_candidates = n;
    out->chosen = chosen;
    if (has_groups(terms)) {
        SIL_TRY(next_score(out, line, terms, err));
    }
cleanup:
    return status;
}

/* The parameter of a choice is written squared; its root is rational by construction. */
static sil_status take_parameter(struct sil_release *out, const mpq_t parameter,
                                 const struct sil_terms *terms, struct sil_error *err)
{
    struct sil_rho cost;
    bool agrees = false;
    if (mpq_sgn(parameter) == 0) {
        return contradiction(err, "its parameter is 0");
    }
    mpq_init(cost.v);
    if (out->kind == SIL_RELEASE_MEASURE) {
        mpq_set(out->sigma2.v, parameter);
        sil_cost_of_noise(&cost, out->sensitivity, &out->sigma2);
        agrees = out->sensitivity == sil_terms_sensitivity_squared(terms);
    } else {
        mpz_sqrt(mpq_numref(out->epsilon.v), mpq_numref(parameter));
        mpz_sqrt(mpq_denref(out->epsilon.v), mpq_denref(parameter));
        mpq_mul(cost.v, out->epsilon.v, out->epsilon.v);
        agrees = mpq_equal(cost.v, parameter) != 0 && is_score_sensitivity(out, terms);
        sil_cost_of_choice(&cost, &out->epsilon);
    }
    agrees = agrees && mpq_equal(cost.v, out->rho.v) != 0;
    mpq_clear(cost.v);
    return agrees ? SIL_OK
                  : contradiction(err, "its cost is not that of its parameter");
}

sil_status sil_next_release(struct sil_release *out, struct sil_mp_array *array,
                            const struct sil_terms *terms,
                            const struct sil_domain *domain, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mp_array line;
    mpq_t parameter;
    mpq_t delta;
    mpq_inits(parameter, delta, NULL);

    SIL_TRY(sil_mp_next_array(&line, array, "a release", err));
    SIL_TRY(next_kind(out, &line, err));
    SIL_TRY(sil_next_clique(&out->clique, &line, domain, err));
    SIL_TRY(next_sensitivity(out, &line, err));
    SIL_TRY(sil_next_rational(parameter, &line, "the parameter", err));
    SIL_TRY(sil_next_rational(out->rho.v, &line, "the cost", err));
    SIL_TRY(sil_next_rational(delta, &line, "delta", err));
    if (mpq_sgn(delta) != 0) {
        status = contradiction(err, "its delta is not 0");
        goto cleanup;
    }
    SIL_TRY(take_parameter(out, parameter, terms, err));
    if (has_groups(terms)) {
        SIL_TRY(sil_next_groupings(&out->of, &line, &out->clique, domain, err));
    }
    SIL_TRY(out->kind == SIL_RELEASE_MEASURE ? next_measure(out, &line, domain, err)
                                             : next_select(out, &line, terms, err));
    SIL_TRY(sil_mp_end(&line, err));
cleanup:
    mpq_clears(parameter, delta, NULL);
    return status;
}
