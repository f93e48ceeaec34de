// SPDX-License-Identifier: Apache-2.0
/* How small a violation the auditor sees: exact powers, as docs/audit-power.md prints them,
 * and the gates of its selftest. */
#include "audits/selftest/museum.h"
#include "audits/stats/bounds.h"
#include "audits/stats/special.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LEVEL = 0.05;

/* Is this a line of the document? */
static bool is_documented(const char *line)
{
    static char text[1 << 17];
    FILE *file = fopen(SIL_SOURCE_DIR "/docs/audit-power.md", "r");
    size_t n = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
    const char *at = strstr(text, line);
    return at != NULL && (at == text || at[-1] == '\n') && at[strlen(line)] == '\n';
}

Test(audit_power, gates_are_quantiles)
{
    cr_expect(eq(uint, aud_gate(200, 0.05), 21));
    cr_expect(eq(uint, aud_gate(1000, 0.05), 73));
    cr_expect(eq(uint, aud_gate(1000, 0.01), 21));
    cr_expect(eq(uint, aud_gate(2000, 0.05), 131));
    cr_expect(eq(uint, aud_gate(200, 0.001), 3));
}

/* ---- many runs, one canary in each ---- */

/* P[Bin(n, p) = k]. */
static double probability(uint64_t k, uint64_t n, double p)
{
    return exp(aud_log_choose((double)n, (double)k) + (double)k * log(p) +
               (double)(n - k) * log1p(-p));
}

/* The probability that mu is refuted with n runs on either side, when the scores are a
 * distance `truth` apart and the threshold lies between: the sum over all counts of hits and
 * alarms within eight standard deviations, of which no more than 10^-14 is left out. */
static double power(double mu, double truth, uint64_t n)
{
    const double hit = aud_normal_cdf(truth / 2);
    const double far = 8 * sqrt((double)n * hit * (1 - hit)) + 8;
    const double middle = (double)n * hit;
    const uint64_t low = middle > far ? (uint64_t)(middle - far) : 0;
    const uint64_t high = middle + far < (double)n ? (uint64_t)(middle + far) : n;
    double sum = 0;
    double above = 0; /* of non-alarms from `m` on */
    uint64_t m = high + 1;
    for (uint64_t h = low; h <= high; h++) {
        /* The more hits, the fewer runs without an alarm are needed. */
        struct aud_guesses guesses = {h, n, 0, n};
        for (; m > low; m--) {
            guesses.alarms = n - (m - 1);
            if (aud_mu_lower(&guesses, LEVEL) <= mu) {
                break;
            }
            above += probability(m - 1, n, hit);
        }
        sum += probability(h, n, hit) * above;
    }
    return sum;
}

/* Powers of simulations, 400 repetitions each, and what they are called. */
static const struct {
    const char *claim;
    double mu;
    const char *fault;
    double factor;
    unsigned n;
    double simulated;
} POWERS[] = {
    {"epsilon 1", 0.2207, "2",       2,       1000,  0.88 },
    {"epsilon 1", 0.2207, "2",       2,       2000,  1    },
    {"epsilon 1", 0.2207, "sqrt(2)", M_SQRT2, 2000,  0.33 },
    {"epsilon 1", 0.2207, "sqrt(2)", M_SQRT2, 5000,  0.76 },
    {"epsilon 1", 0.2207, "sqrt(2)", M_SQRT2, 10000, 0.985},
    {"epsilon 1", 0.2207, "1.25",    1.25,    10000, 0.66 },
    {"epsilon 1", 0.2207, "1.25",    1.25,    20000, 0.945},
    {"epsilon 4", 0.7888, "sqrt(2)", M_SQRT2, 500,   0.885},
    {"epsilon 4", 0.7888, "sqrt(2)", M_SQRT2, 1000,  1    },
    {"epsilon 1", 0.2207, "1",       1,       10000, 0    },
    {"epsilon 4", 0.7888, "1",       1,       1000,  0    },
};

Test(audit_power, of_many_runs)
{
    for (size_t i = 0; i < sizeof POWERS / sizeof POWERS[0]; i++) {
        char line[120];
        double exact =
            power(POWERS[i].mu, POWERS[i].mu * POWERS[i].factor, POWERS[i].n);
        /* Four standard errors of the simulation, and the honest ones within 0.0075. */
        double slack = 4 * sqrt(fmax(exact * (1 - exact), 0.002) / 400);
        cr_expect(le(dbl, fabs(exact - POWERS[i].simulated), slack), "row %zu: %.4f", i,
                  exact);
        (void)snprintf(line, sizeof line, "| %s | %.4f | %s | %u | %.3f |",
                       POWERS[i].claim, POWERS[i].mu, POWERS[i].fault, POWERS[i].n,
                       exact);
        cr_expect(is_documented(line), "docs/audit-power.md lacks: %s", line);
        cr_expect(POWERS[i].factor > 1 || exact <= 0.0075, "%.4f", exact);
    }
}

/* ---- residuals ---- */

/* The fewest cells of which the sum of squares, two-sided at 10^-3, sees noise that is too
 * small by this factor with power 0.99. */
static unsigned cells_needed(double factor)
{
    double low = 1;
    double high = 1e7;
    while (high - low > 1) {
        double n = floor((low + high) / 2);
        double seen = sqrt(aud_chi2_quantile(0.99, n) / aud_chi2_quantile(0.0005, n));
        *(seen <= factor ? &high : &low) = n;
    }
    return (unsigned)high;
}

Test(audit_power, of_residuals)
{
    static const struct {
        const char *text;
        double factor;
        double simulated;
    } ROWS[] = {
        {"1.01",    1.01,    166000},
        {"1.02",    1.02,    43800 },
        {"1.05",    1.05,    7155  },
        {"1.1",     1.1,     1880  },
        {"1.25",    1.25,    333   },
        {"sqrt(2)", M_SQRT2, 139   },
        {"2",       2,       40    }
    };

    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char line[120];
        unsigned n = cells_needed(ROWS[i].factor);
        cr_expect(le(dbl, n, 1.1 * ROWS[i].simulated), "%s: %u", ROWS[i].text, n);
        cr_expect(ge(dbl, n, 0.8 * ROWS[i].simulated), "%s: %u", ROWS[i].text, n);
        (void)snprintf(line, sizeof line, "| %s | %u |", ROWS[i].text, n);
        cr_expect(is_documented(line), "docs/audit-power.md lacks: %s", line);
    }
}
