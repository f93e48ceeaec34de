// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/scores.h"

#include "audits/stats/special.h"

#include <math.h>

/* SplitMix64. */
double aud_die(uint64_t i)
{
    uint64_t word = (i + 1) * 0x9e3779b97f4a7c15U;
    word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9U;
    word = (word ^ word >> 27) * 0x94d049bb133111ebU;
    return ((double)((word ^ word >> 31) >> 11) + 0.5) / 9007199254740992.0;
}

double aud_two_sided(double below, double above)
{
    double least = below < above ? below : above;
    return 2 * least < 1 ? 2 * least : 1;
}

double aud_p_of_squares(const double *z, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += z[i] * z[i];
    }
    return aud_two_sided(aud_chi2_below(sum, (double)n),
                         aud_chi2_above(sum, (double)n));
}

double aud_p_of_oddest(const double *z, const uint32_t *line, size_t n)
{
    double least = 1;
    size_t n_lines = 0;
    for (size_t from = 0, to = 0; from < n; from = to) {
        while (to < n && line[to] == line[from]) {
            to++;
        }
        double p = aud_p_of_squares(z + from, to - from);
        least = p < least ? p : least;
        n_lines++;
    }
    return least * (double)n_lines < 1 ? least * (double)n_lines : 1;
}

double aud_p_of_mean(const double *z, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += z[i];
    }
    double far = fabs(sum) / sqrt((double)n);
    return 2 * aud_normal_cdf(-far);
}
