// SPDX-License-Identifier: Apache-2.0
/// Which bug was chosen.
#ifndef SIL_TEST_ZOO_CHOSEN_H
#define SIL_TEST_ZOO_CHOSEN_H

#include "privacy/rng.h"

#include <stdbool.h>

bool zoo_has(const char *bug);

/// The number behind its name; 0: there is none.
double zoo_number(void);

/// Is there such a bug among those of the noise?
bool zoo_is_noise_bug(const char *bug);

/// Uniform on (0, 1), to 53 bits.
double zoo_uniform(struct sil_rng *rng);

#endif
