// SPDX-License-Identifier: Apache-2.0
/* Noise that was used twice. A marginal that was measured twice, in one run or in two, gives
 * the same number in a cell hardly ever: with independent noise of standard deviations s and
 * t, in steps of the grid, at most once in sqrt(2 pi (s^2 + t^2)) cells, whatever the data
 * are. How many cells agree is then held against a Poisson law that is at least as wide. */
#include "audits/claim/walk.h"
#include "audits/verify/evidence.h"
#include "base/fail.h"

#include <math.h>
#include <string.h>

static const char WHAT[] = "What was measured twice has noise of its own each time";

enum { LINES_MAX = 2000, TRANSCRIPT_MAX = 1 << 30 };

/* Held against the probability of so many cells that agree, a bound on it. */
static const double LEVEL = 1e-9;
static const double TWO_PI = 6.283185307179586;

struct twice {
    size_t n_cells; ///< of marginals that were measured twice
    size_t n_agree;
    double expected; ///< at most
};

static void add_pair(struct twice *twice, const struct aud_left *a,
                     const struct aud_left *b)
{
    bool are_same = !a->is_choice && !b->is_choice && a->shift == b->shift &&
                    a->n_cells == b->n_cells && aud_is_same_marginal(a, b);
    if (!are_same) {
        return;
    }
    double variance = mpq_get_d(a->parameter) + mpq_get_d(b->parameter);
    double rate = 1 / sqrt(TWO_PI * ldexp(variance, 2 * (int)a->shift));
    twice->n_cells += a->n_cells;
    /* The grid is no continuum: a tenth more than the density says is plenty. */
    twice->expected += fmin(1.1 * rate, 1) * (double)a->n_cells;
    for (size_t i = 0; i < a->n_cells; i++) {
        twice->n_agree += a->noisy[i] == b->noisy[i];
    }
}

static void add_within(struct twice *twice, const struct aud_transcript *transcript)
{
    for (size_t i = 0; i < transcript->n_left; i++) {
        for (size_t j = i + 1; j < transcript->n_left; j++) {
            add_pair(twice, &transcript->left[i], &transcript->left[j]);
        }
    }
}

static void add_across(struct twice *twice, const struct aud_transcript *a,
                       const struct aud_transcript *b)
{
    for (size_t i = 0; i < a->n_left; i++) {
        for (size_t j = 0; j < b->n_left; j++) {
            add_pair(twice, &a->left[i], &b->left[j]);
        }
    }
}

/* A bound on the probability of so many events of a Poisson law, or of a narrower sum. */
static double tail(double n, double expected)
{
    return n <= expected ? 1 : exp(n - expected - n * log(n / expected));
}

static void note(struct aud_case *item, const struct twice *twice, const char *where)
{
    double p = twice->n_agree == 0 ? 1 : tail((double)twice->n_agree, twice->expected);
    if (twice->n_cells == 0) {
        aud_find(&item->findings, "N2", WHAT, AUD_NOT_EXAMINED,
                 "%s: no marginal was measured twice", where);
        return;
    }
    aud_find(&item->findings, "N2", WHAT, p < LEVEL ? AUD_REFUTED : AUD_HOLDS,
             "%s: %zu of %zu cells agree; %.3g or fewer would, p at most %.2g", where,
             twice->n_agree, twice->n_cells, twice->expected, p);
}

/* The other bundle is the auditor's own to bring: what cannot be read is bad input. */
static sil_status compare_with(struct aud_case *item, const char *path,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_folder folder = {.fd = -1};
    struct sil_bytes bytes = {0};
    struct aud_transcript other = {.n_left = 0};
    struct twice twice = {0};
    bool has_other = false;
    SIL_TRY(aud_folder_open(&folder, path, err));
    SIL_TRY(aud_folder_read(&bytes, &folder, "transcript.sil", TRANSCRIPT_MAX, err));
    has_other = true;
    SIL_TRY(
        aud_transcript_read(&other, (struct aud_bin){bytes.data, bytes.length}, err));
    bool is_same_run =
        other.is_ledgered && aud_id_equal(&other.reserve, &item->transcript.reserve);
    if (is_same_run) {
        aud_find(&item->findings, "N2", WHAT, AUD_NOT_EXAMINED,
                 "%s: a release of the same run, and so of the same noise", path);
    } else if (other.n_left <= LINES_MAX) {
        add_across(&twice, &item->transcript, &other);
        note(item, &twice, path);
    }

cleanup:
    if (has_other) {
        aud_transcript_clear(&other);
    }
    sil_bytes_clear(&bytes);
    aud_folder_close(&folder);
    return status == SIL_OK || aud_is_fault(status)
               ? status
               : sil_fail_within(err, SIL_ERR_INPUT, "%s", path);
}

sil_status aud_check_twice(struct aud_case *item, struct sil_error *err)
{
    struct twice twice = {0};
    if (!item->has_transcript || item->transcript.n_left > LINES_MAX) {
        return SIL_OK;
    }
    add_within(&twice, &item->transcript);
    note(item, &twice, "within the run");
    for (size_t i = 0; i < item->n_against; i++) {
        sil_status status = compare_with(item, item->against[i], err);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}
