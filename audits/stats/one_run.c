// SPDX-License-Identifier: Apache-2.0
#include "audits/stats/one_run.h"

#include "audits/stats/special.h"

#include <math.h>

enum { BISECTIONS = 100, PLAYERS = 16 };

static const double EPSILON_MAX = 100;
static const double MU_MAX = 64;

/* ---- (epsilon, delta) ---- */

static double log_binomial(double k, double n, double epsilon)
{
    /* ln q and ln (1 - q) of q = e^epsilon / (1 + e^epsilon), without forming q. */
    double log_q = -log1p(exp(-epsilon));
    return aud_log_choose(n, k) + n * log_q - (n - k) * epsilon;
}

/* P[B >= v]: terms fall off quickly above the mode, and are added from the smallest. */
static double tail(double v, double n, double epsilon)
{
    double sum = 0;
    for (double k = n; k >= v; k--) {
        sum += exp(log_binomial(k, n, epsilon));
    }
    return sum < 1 ? sum : 1;
}

double aud_one_run_p(const struct aud_one_run *run, double epsilon, double delta)
{
    const double n = (double)run->guesses;
    const double v = (double)run->right;
    double sum = 0;
    double most = 0;
    for (double i = 1; delta > 0 && i <= v; i++) {
        sum += exp(log_binomial(v - i, n, epsilon));
        most = sum / i > most ? sum / i : most;
    }
    double p = tail(v, n, epsilon) + 2 * (double)run->canaries * delta * most;
    return p < 1 ? p : 1;
}

double aud_one_run_epsilon(const struct aud_one_run *run, double delta, double alpha)
{
    double low = 0;
    double high = EPSILON_MAX;
    if (aud_one_run_p(run, 0, delta) > alpha) {
        return 0;
    }
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = low + 0.5 * (high - low);
        if (aud_one_run_p(run, middle, delta) < alpha) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- mu-GDP ---- */

static double blown_up(double x, double mu)
{
    return aud_normal_cdf(aud_normal_quantile(x) - mu);
}

bool aud_one_run_refutes_mu(const struct aud_one_run *run, double mu, double alpha)
{
    const double all = (double)run->guesses;
    const double m = (double)run->canaries;
    const double v = (double)run->right;
    double r = alpha * v / m;
    double h = alpha * (all - v) / m;
    for (double i = v - 1; i >= 0 && i < all; i--) {
        double next = fmax(h, blown_up(r, mu));
        if (next <= h) {
            break;
        }
        r = fmin(1, r + i / (all - i) * (next - h));
        h = next;
    }
    return r + h > all / m;
}

double aud_one_run_mu(const struct aud_one_run *run, double alpha)
{
    double low = 0;
    double high = MU_MAX;
    if (!aud_one_run_refutes_mu(run, 0, alpha)) {
        return 0;
    }
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = low + 0.5 * (high - low);
        if (aud_one_run_refutes_mu(run, middle, alpha)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- by betting ---- */

void aud_wager_begin(struct aud_wager *wager, double epsilon, double delta)
{
    double decay = exp(-epsilon);
    wager->q = (1 + delta * decay) / (1 + decay);
    for (int i = 0; i < PLAYERS; i++) {
        wager->wealth[i] = 1;
    }
}

/* Stakes from 1/16 of the most to all but a sixteenth of it: no wealth ever reaches 0. */
void aud_wager_trial(struct aud_wager *wager, bool is_right)
{
    for (int i = 0; i < PLAYERS; i++) {
        double stake = (i + 0.5) / PLAYERS / wager->q;
        wager->wealth[i] *= 1 + stake * ((is_right ? 1 : 0) - wager->q);
    }
}

double aud_wager_wealth(const struct aud_wager *wager)
{
    double sum = 0;
    for (int i = 0; i < PLAYERS; i++) {
        sum += wager->wealth[i];
    }
    return sum / PLAYERS;
}
