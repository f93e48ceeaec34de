// SPDX-License-Identifier: Apache-2.0
#include "audits/game/choosing.h"

#include <math.h>

void aud_choosing_add(struct aud_choosing *choosing, double epsilon,
                      const double score[AUD_CHOICES], unsigned chosen)
{
    double exponent[AUD_CHOICES];
    double weight = 0;
    double mean = 0;
    double square = 0;
    for (int k = 0; k < AUD_CHOICES; k++) {
        /* From the one chosen on: differences are all that counts, and they are small. */
        exponent[k] = epsilon / 2 * (score[k] - score[chosen]);
        double w = exp(exponent[k]);
        weight += w;
        mean += w * exponent[k];
        square += w * exponent[k] * exponent[k];
    }
    mean /= weight;
    choosing->sum -= mean;
    choosing->variance += square / weight - mean * mean;
    choosing->n++;
}

double aud_choosing_z(const struct aud_choosing *choosing)
{
    return choosing->variance > 0 ? choosing->sum / sqrt(choosing->variance) : 0;
}
