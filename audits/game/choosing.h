// SPDX-License-Identifier: Apache-2.0
/// Is what is chosen chosen with the noise of the exponential mechanism?
#ifndef AUDIT_GAME_CHOOSING_H
#define AUDIT_GAME_CHOOSING_H

/// Among so many.
enum { AUD_CHOICES = 3 };

/// Under the claim the exponent of what is chosen has a known mean and variance in each run;
/// too little noise puts it above.
struct aud_choosing {
    double sum;      ///< of exponents of what was chosen, less their means
    double variance; ///< of it
    unsigned n;
};

/// Note a choice: by the claim, k was chosen with probability proportional to
/// exp(epsilon score[k] / 2).
void aud_choosing_add(struct aud_choosing *choosing, double epsilon,
                      const double score[AUD_CHOICES], unsigned chosen);

/// In standard deviations; 0 when nothing could have differed.
double aud_choosing_z(const struct aud_choosing *choosing);

#endif
