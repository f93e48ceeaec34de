// SPDX-License-Identifier: Apache-2.0
/// A record for tests of the datasheets: a model of a small table with noise from a seed,
/// charged to a ledger in memory whose keys are made from seeds. Every byte of it is the
/// same each time.
#ifndef TESTS_UNIT_RELEASE_SHEET_KIT_H
#define TESTS_UNIT_RELEASE_SHEET_KIT_H

#include "../ledger/chain_kit.h"
#include "release/record.h"

#include "silhouette/model.h"

struct sheet_setup {
    const char *schema; ///< JSON
    const char *table;  ///< CSV
    enum sil_mechanism mechanism;
    enum sil_neighbours neighbours;
    const char *purpose;        ///< of the grant; NULL: the kit's
    struct sil_choices choices; ///< n_rows 0: the private estimate
    size_t n_runs_before;       ///< that reserved 1/1000 each, and measured nothing
    const char *cap_delta;      ///< what discovery may add; NULL: nothing
    bool is_shared;
    unsigned n_threads;
};

/// A table of 200 rows with an ordered column, one of words with nulls, and one that was
/// declared after looking.
extern const char SHEET_SCHEMA[];
struct sheet_setup sheet_setup(void);

struct sheet_kit {
    struct kit ledger;
    struct sil_model *model;
    struct sil_codes rows;
    struct sil_record record;
};

/// Aborts the test when it cannot.
struct sheet_kit *sheet_kit_new(const struct sheet_setup *setup);
void sheet_kit_free(struct sheet_kit *kit);

#endif
