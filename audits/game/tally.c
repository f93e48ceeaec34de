// SPDX-License-Identifier: Apache-2.0
#include "audits/game/tally.h"

#include "audits/stats/special.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BISECTIONS = 60, PLAYERS = 4 };

static const double STAKES[PLAYERS] = {0.25, 0.5, 0.75, 1};

void aud_tally_clear(struct aud_tally *tally)
{
    free(tally->trial);
    free(tally->share);
    *tally = (struct aud_tally){0};
}

sil_status aud_tally_add(struct aud_tally *tally, const struct aud_run_scores *run,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t right = 0;
    if (run->n == 0) {
        return SIL_OK;
    }
    status = sil_grow(&tally->trial, &tally->room, tally->n + run->n,
                      sizeof *tally->trial, "trials", err);
    if (status == SIL_OK) {
        status = sil_grow(&tally->share, &tally->run_room, tally->n_runs + 1,
                          sizeof *tally->share, "runs", err);
    }
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < run->n; i++) {
        bool is_in = run->coin[i] != 0;
        bool guess = run->tie ? run->z[i] >= 0 : run->z[i] > 0;
        right += guess == is_in ? 1 : 0;
        tally->trial[tally->n + i] = (struct aud_trial){
            .score = (float)run->z[i], .blind = (float)run->blind[i], .is_in = is_in};
        tally->mu_sum += run->mu == NULL ? 0 : run->mu[i];
    }
    tally->n += run->n;
    tally->share[tally->n_runs++] = (double)right / (double)run->n;
    return SIL_OK;
}

struct aud_estimate aud_tally_estimate(const struct aud_tally *tally)
{
    double sum[2] = {0, 0};
    double square[2] = {0, 0};
    double n[2] = {0, 0};
    for (size_t i = 0; i < tally->n; i++) {
        int k = tally->trial[i].is_in ? 1 : 0;
        double z = (double)tally->trial[i].score;
        n[k]++;
        sum[k] += z;
        square[k] += z * z;
    }
    struct aud_estimate out = {0};
    if (n[0] < 2 || n[1] < 2) {
        return out;
    }
    double all = n[0] + n[1];
    double rest =
        square[0] - sum[0] * sum[0] / n[0] + square[1] - sum[1] * sum[1] / n[1];
    out.implied = tally->mu_sum / all;
    out.apart = sum[1] / n[1] - sum[0] / n[0];
    out.error = sqrt(rest / (all - 2) * (1 / n[0] + 1 / n[1]));
    return out;
}

struct aud_guesses aud_tally_guesses(const struct aud_tally *tally)
{
    struct aud_guesses out = {0};
    for (size_t i = 0; i < tally->n; i++) {
        bool guess = tally->trial[i].score > 0;
        *(tally->trial[i].is_in ? &out.positives : &out.negatives) += 1;
        *(tally->trial[i].is_in ? &out.hits : &out.alarms) += guess ? 1 : 0;
    }
    return out;
}

static int by_blind_score(const void *a, const void *b)
{
    float x = ((const struct aud_trial *)a)->blind;
    float y = ((const struct aud_trial *)b)->blind;
    return (x > y) - (x < y);
}

struct aud_one_run aud_tally_extremes(struct aud_tally *tally)
{
    /* Among equal scores the order must not come from the coins; it comes from the order of the
     * canaries, as far as qsort keeps it, and that from labels that were drawn. */
    const size_t side = tally->n / 20;
    struct aud_one_run out = {.canaries = tally->n, .guesses = 2 * side};
    qsort(tally->trial, tally->n, sizeof *tally->trial, by_blind_score);
    for (size_t i = 0; i < side; i++) {
        out.right += tally->trial[i].is_in ? 0 : 1;
        out.right += tally->trial[tally->n - 1 - i].is_in ? 1 : 0;
    }
    return out;
}

/* ---- by betting ---- */

/* ln of the wealth after all, and the most that it ever was. */
static double log_wealth(const double *x, size_t n, double mean, double *most)
{
    double player[PLAYERS] = {0};
    double now = 0;
    *most = 0;
    for (size_t i = 0; i < n; i++) {
        double top = -HUGE_VAL;
        double sum = 0;
        for (int k = 0; k < PLAYERS; k++) {
            player[k] += log1p(STAKES[k] * (x[i] / mean - 1));
            top = fmax(top, player[k]);
        }
        for (int k = 0; k < PLAYERS && top > -HUGE_VAL; k++) {
            sum += exp(player[k] - top);
        }
        now = top + log(sum / PLAYERS);
        *most = fmax(*most, now);
    }
    return now;
}

double aud_mean_wealth(const double *x, size_t n, double mean)
{
    double most = 0;
    return exp(fmin(log_wealth(x, n, mean, &most), 700));
}

double aud_mean_lower(const double *x, size_t n, double alpha)
{
    double low = 0;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = 0.5 * (low + high);
        double most = 0;
        (void)log_wealth(x, n, middle, &most);
        if (most >= -log(alpha)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

double aud_share_mu(double share)
{
    return share <= 0.5 ? 0 : 2 * aud_normal_quantile(share);
}

double aud_share_epsilon(double share, double delta)
{
    return share >= 1 ? HUGE_VAL : fmax(0, log(fmax(share - delta, 0) / (1 - share)));
}
