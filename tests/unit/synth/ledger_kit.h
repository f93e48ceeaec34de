// SPDX-License-Identifier: Apache-2.0
/// A quickstart ledger in a directory of its own, and fits that spend from it.
#ifndef TESTS_UNIT_SYNTH_LEDGER_KIT_H
#define TESTS_UNIT_SYNTH_LEDGER_KIT_H

#include "ledger/found.h"
#include "support/temp_dir.h"
#include "synth/model_object.h"
#include "synth_kit.h"

/// Cells of the columns of the kit's tables.
extern const uint32_t KIT_CELLS[3];

struct ledger_kit {
    struct test_dir dir;
    struct test_path ledger_path;
    struct test_path state_path;
    struct sil_ledger *ledger;
    struct sil_schema *schema;
    struct test_file table;
    struct test_file other; ///< another table of the same schema
};

/// A quickstart ledger: cap epsilon 1, delta 1e-9, no data yet.
struct ledger_kit ledger_kit_open(enum sil_neighbours neighbours);
void ledger_kit_close(struct ledger_kit *kit);

/// Close the ledger and open it again as the public header does.
void ledger_kit_reopen(struct ledger_kit *kit);

/// The options of a fit that spends `epsilon` from the kit's ledger, of independent
/// columns; delta is the ledger's.
struct sil_fit_options ledger_kit_options(const struct ledger_kit *kit,
                                          const char *epsilon);

/// Fit the table at `path` with noise from a fixed seed.
sil_status ledger_kit_fit(struct sil_model **out, const struct ledger_kit *kit,
                          const char *path, const struct sil_fit_options *options,
                          struct sil_error *err);

/// The same of the kit's table; aborts the test when it fails.
struct sil_model *ledger_kit_model(const struct ledger_kit *kit, const char *epsilon);

/// Entries in the ledger's directory on disk.
uint64_t ledger_kit_entries(const struct ledger_kit *kit);

#endif
