// SPDX-License-Identifier: Apache-2.0
/// The bugs of the zoo's generator, one at a time: `silhouette-zoo --bug NAME[=VALUE] ...`
/// is the product's program but for what hooks.txt replaces by calls of these. Without a bug
/// every one does what the lines did that it stands for.
#ifndef SIL_TEST_ZOO_BUGS_H
#define SIL_TEST_ZOO_BUGS_H

#include "base/codes.h"
#include "privacy/choose.h"
#include "privacy/counts.h"
#include "privacy/gate.h"
#include "privacy/gauss.h"
#include "privacy/rng.h"
#include "table/schema.h"

#include <mpfr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Take the bug off the command line. An unknown one ends the program (exit code 64).
void zoo_choose_bug(int *argc, char **argv);

/// The noise of a marginal, in the steps of its grid, into `made->noisy`.
void zoo_draw(struct sil_gauss *gauss, struct sil_rng *rng, struct sil_release *made,
              const struct sil_counts *counts);

/// The noisy counts of the texts that rows have, one a key, before the threshold.
void zoo_discover(int64_t *noisy, const struct sil_keys *keys,
                  const struct sil_discovery *made);

/// A cell as it is counted.
uint32_t zoo_cell(uint32_t count);

/// How often a row of the table is counted.
unsigned zoo_times(const uint32_t *codes, const struct sil_schema *schema);

/// How many rows of a person count.
uint32_t zoo_rows_of_a_person(uint32_t most);

/// The rows that were drawn.
sil_status zoo_rows(struct sil_codes *codes, const struct sil_schema *schema,
                    struct sil_error *err);

/// How many rows break a rule.
void zoo_deny(uint64_t *n_broken);

/// The cell of a recomputed column.
uint32_t zoo_recomputed(uint32_t code);

/// As sil_choose.
sil_status zoo_choose(size_t *chosen, const sil_i128 *score, size_t n,
                      const mpq_t scale, struct sil_rng *rng, struct sil_error *err);

/// Is this step added to what was spent?
bool zoo_charges_step(void);

/// Does the ledger refuse a run that measured more than it had reserved?
bool zoo_minds_overspending(void);

/// Does replace-one count as adding a row only?
bool zoo_forgets_removal(void);

/// ln(1 / delta), as the conversion takes it.
void zoo_log_inverse_delta(mpfr_t value);

/// The key of the noise.
void zoo_key(uint8_t *key, size_t n);

#endif
